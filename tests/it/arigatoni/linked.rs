//! Linked colonies, against brute force: the overlay is a graph, and a query goes on over every edge.

use std::collections::BTreeSet;

use arigatoni::arigatoni::config::{ColonyLinks, Search, Start};
use arigatoni::arigatoni::{Arigatoni, Config};
use arigatoni::discovery::config::{DisconnectionMode, Placement, Population, Units};
use arigatoni::parameters::Parameters;
use arigatoni::parameters::number::{BoundedCount, Count, Fraction, Sites};
use arigatoni::simulation::Run;
use arigatoni::simulation::network::Fidelity;
use arigatoni::system::Observed as _;
use serde_json::json;

use super::oracle::{self, World};
use crate::support::{config, export, metric, run, t100};

fn linked(count: u32) -> Config {
    let mut config = config();
    config.world.acceptance_probability = Fraction(1.0);
    config.world.gcus_per_broker = Population::Fixed(BoundedCount(2));
    config.world.services.density = Some(Fraction(0.03));
    config.world.requests.count = Some(Count(200));
    config.own.colony_links = Some(ColonyLinks {
        count: Sites(count),
        up: None,
        down: None,
    });
    config
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn with_certain_agreement_a_request_is_accepted_if_enough_are_reached() {
    let mut rescued = 0;
    for search in [Search::Selective, Search::Exhaustive] {
        for (links, rate, units, instances, placement) in [
            (0, 0.3, Units::All, 1, Placement::EveryRouter),
            (5, 0.15, Units::Gbus, 2, Placement::EveryRouter),
            (40, 0.6, Units::Gbus, 1, Placement::EveryRouter),
            (40, 0.4, Units::All, 5, Placement::Domains),
            (100, 1.0, Units::Gbus, 3, Placement::EveryRouter),
        ] {
            let mut config = linked(links);
            config.own.search = search;
            config.world.disconnection.rate = Fraction(rate);
            config.world.disconnection.units = units;
            config.world.brokers.placement = placement;
            config.world.requests.instances = Some(Count(instances));
            let run = run(t100(), &config, 5, Fidelity::Path);
            assert_eq!(metric(&run, "deadline_hits"), Some(0.0));
            let world = World::parse(&export(t100(), &run, "world"));
            for request in oracle::requests(&export(t100(), &run, "requests")) {
                let able = world.offering_in_graph(request.gcu, &[request.service]);
                let expected = match () {
                    () if !world.is_connected(request.gcu) => "local",
                    () if able.len() >= instances as usize => "accepted",
                    () => "rejected",
                };
                assert_eq!(
                    request.outcome, expected,
                    "{links} links, δ = {rate}, k = {instances}"
                );
                let distinct: BTreeSet<_> = request.providers.iter().collect();
                assert_eq!(
                    distinct.len(),
                    request.providers.len(),
                    "nobody is reserved twice"
                );
                assert!(
                    request
                        .providers
                        .iter()
                        .all(|provider| able.contains(provider))
                );
                let in_tree = world.able_in_tree(&request).len();
                rescued += usize::from(expected == "accepted" && in_tree < instances as usize);
            }
            let by_link = metric(&run, "rescued_ratio");
            assert_eq!(by_link.is_some(), metric(&run, "accepted") > Some(0.0));
            assert!(links > 0 || by_link == Some(0.0), "{by_link:?}");
        }
    }
    assert!(rescued > 100, "{rescued}");
}

/// The same where brokers crash: these lose their links as well, and their members have nobody to ask.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn with_certain_agreement_those_behind_crashed_brokers_are_not_reached() {
    let mut outcomes = BTreeSet::new();
    for search in [Search::Selective, Search::Exhaustive] {
        for (links, rate, units) in [
            (0, 0.2, Units::Gbus),
            (40, 0.3, Units::Gbus),
            (60, 0.4, Units::All),
        ] {
            let mut config = linked(links);
            config.own.search = search;
            config.world.disconnection.mode = DisconnectionMode::Crash;
            config.world.disconnection.rate = Fraction(rate);
            config.world.disconnection.units = units;
            let run = run(t100(), &config, 7, Fidelity::Path);
            assert_eq!(metric(&run, "deadline_hits"), Some(0.0));
            let mut world = World::parse(&export(t100(), &run, "world"));
            world.crashed = true;
            for request in oracle::requests(&export(t100(), &run, "requests")) {
                let able = world.offering_in_graph(request.gcu, &[request.service]);
                let able = able.into_iter().filter(|gcu| world.has_leader(*gcu));
                let expected = match () {
                    () if !world.is_connected(request.gcu) => "local",
                    () if world.has_leader(request.gcu) && able.count() > 0 => "accepted",
                    () => "rejected",
                };
                assert_eq!(request.outcome, expected, "{links} links, δ = {rate}");
                outcomes.insert(expected);
            }
        }
    }
    assert_eq!(outcomes.len(), 3);
}

/// The sums of the columns of a table of one run.
fn sums(run: &Run<Arigatoni>, table: &str) -> Vec<f64> {
    let place = Arigatoni::DETAILS.iter().position(|it| it.name == table);
    let rows = &run.system.report(&run.measures, run.totals).details[place.unwrap()];
    let mut sums = vec![0.0; Arigatoni::DETAILS[place.unwrap()].columns.len()];
    for row in rows {
        for (sum, cell) in sums.iter_mut().zip(row) {
            *sum += cell.number().unwrap_or_default();
        }
    }
    sums
}

/// Who is found by a colony that the tree does not reach any more is rescued, and nobody else: where brokers unregister, and
/// where they crash, by which their subcolonies are cut off as well.
#[test]
fn rescues_are_those_of_other_pieces_of_the_tree() {
    let unregister = DisconnectionMode::Unregister;
    for (mode, rate) in [
        (unregister, 0.0),
        (unregister, 0.4),
        (unregister, 0.8),
        (DisconnectionMode::Crash, 0.2),
        (DisconnectionMode::Crash, 0.4),
    ] {
        let mut config = linked(40);
        config.world.disconnection.mode = mode;
        config.world.disconnection.rate = Fraction(rate);
        config.world.disconnection.units = Units::Gbus;
        let run = run(t100(), &config, 5, Fidelity::Path);
        let mut world = World::parse(&export(t100(), &run, "world"));
        let (mut accepted, mut levels) = (0, 0);
        // By an oracle that cuts above those who have gone only, and by one that cuts where brokers have crashed as well.
        let mut rescued = [0, 0];
        for request in oracle::requests(&export(t100(), &run, "requests")) {
            let Some(&first) = request.providers.first() else {
                continue;
            };
            accepted += 1;
            levels += usize::from(request.outcome == "accepted");
            for (count, crashed) in rescued.iter_mut().zip([false, mode != unregister]) {
                world.crashed = crashed;
                *count += usize::from(!world.able_in_tree(&request).contains(&first));
            }
        }
        assert_eq!(accepted, levels);
        let [without, rescued] = rescued;
        assert_eq!(without < rescued, mode != unregister, "{without} {rescued}");
        let by_level = sums(&run, "rescue_levels");
        assert_eq!(by_level[1] as usize, accepted);
        assert_eq!(by_level[3] as usize, rescued, "δ = {rate}");
        let by_link = metric(&run, "rescued_ratio").unwrap() * accepted as f64;
        assert!((by_level[2] - by_link).abs() < 1e-6);
        assert!((by_level[4] * accepted as f64 - rescued as f64).abs() < 1e-6);
        let by_domain = sums(&run, "rescues");
        assert_eq!(by_domain[2..], by_level[2..4]);
        assert_eq!(rescued > 10, rate > 0.0, "{rescued}");
    }
}

#[test]
fn pairs_are_of_different_domains_and_those_of_fewer_are_among_those_of_more() {
    let pairs = |count| {
        let run = run(t100(), &linked(count), 5, Fidelity::Path);
        World::parse(&export(t100(), &run, "world"))
    };
    let [few, many] = [7, 60].map(pairs);
    assert_eq!(few.linked[..], many.linked[..7]);
    let brokers = many.domains_and_parents();
    for &(one, other) in &many.linked {
        assert!(one < other);
        let ((own, above), (others, above_other)) = (brokers[one], brokers[other]);
        assert_ne!(own, others);
        assert!(above != Some(other) && above_other != Some(one));
    }
    let distinct: BTreeSet<_> = many.linked.iter().collect();
    assert_eq!(distinct.len(), 60);
}

/// A graph is searched alike in both fidelities, and by messages as well as directly.
#[test]
fn a_graph_has_one_fingerprint() {
    let fingerprint = |start, fidelity| {
        let mut config = linked(30);
        config.own.start = start;
        config.world.disconnection.rate = Fraction(0.3);
        let changing = json!({"count": 30, "up": 2, "down": {"exponential": {"mean_s": 1}}});
        config.own.colony_links = serde_json::from_value(changing).unwrap();
        run(t100(), &config, 8, fidelity).totals
    };
    let first = fingerprint(Start::Direct, Fidelity::Path);
    assert_eq!(first, fingerprint(Start::Direct, Fidelity::Hop));
    assert_eq!(first, fingerprint(Start::Messages, Fidelity::Path));
}

/// Links change nothing as long as the tree finds everything; where it does not, more are found.
#[test]
fn more_links_accept_no_less() {
    let accepted = |count| {
        let mut config = linked(count);
        config.world.disconnection.rate = Fraction(0.7);
        config.world.disconnection.units = Units::Gbus;
        let run = run(t100(), &config, 3, Fidelity::Path);
        metric(&run, "accepted").unwrap()
    };
    let [none, some, many] = [0, 20, 80].map(accepted);
    assert!(none < some && some < many, "{none} {some} {many}");
}

/// Who asks the root first asks in a tree, and none is left if no colonies are linked.
#[test]
fn no_links_leave_the_root_first() {
    let totals = |links: bool| {
        let mut config = linked(0);
        config.own.search = Search::RootFirst;
        config.world.disconnection.rate = Fraction(0.2);
        config.world.disconnection.units = Units::All;
        config.own.colony_links = config.own.colony_links.filter(|_| links);
        let run = run(t100(), &config, 3, Fidelity::Path);
        (run.totals, metric(&run, "accepted"))
    };
    assert_eq!(totals(true), totals(false));
}

/// An elected leader leads colonies that were beside its own: a query goes on to them as well, whether units migrate or
/// not.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn elections_hide_no_providers_behind_links() {
    let members = json!({
        "gcus_per_broker": 1,
        "services": {"density": 0.03},
        "acceptance_probability": 1,
        "election": true,
        "colony_links": {"count": 6},
        "disconnection": {"rate": 0.3, "units": "gbus"},
        "detection": {"heartbeat_ms": 2000, "timeout_ms": 2000, "misses": 2},
        "faults": {"root": true, "at": [
            {"unit": "gbu/53", "crash_s": 1},
            {"unit": "gbu/24", "crash_s": 1},
            {"unit": "gbu/44", "crash_s": 1},
        ]},
        "requests": {"count": 150, "rate_per_s": 3},
    });
    let accepted = |members| {
        let config = Config::read(members, "").unwrap();
        let run = run(t100(), &config, 24, Fidelity::Path);
        assert!(metric(&run, "elections_won") > Some(0.0));
        metric(&run, "accepted")
    };
    let mut waiting = members.clone();
    waiting["migration"] = json!({"to": "none"});
    let [alone, with_migration] = [&members, &waiting].map(accepted);
    assert_eq!(alone, with_migration);
    assert!(alone > Some(0.0));
}
