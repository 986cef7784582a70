//! Outcomes against brute force, and the laws that hold between runs.

use std::collections::BTreeSet;
use std::iter::repeat_n;

use arigatoni::arigatoni::Config;
use arigatoni::arigatoni::config::{Search, Start};
use arigatoni::discovery::config::{
    Disconnection, DisconnectionMode, Placement, Poisson, Population, Units,
};
use arigatoni::discovery::theory::chances::at_least;
use arigatoni::parameters::number::{BoundedCount, Count, Fraction, Mean};
use arigatoni::simulation::network::Fidelity;

use super::oracle::{self, Request, World};
use crate::support::{config, export, metric, run, t100};

const SEARCHES: [Search; 2] = [Search::Selective, Search::Exhaustive];
const UNITS: [Units; 3] = [Units::Gcus, Units::Gbus, Units::All];

fn observed(config: &Config, seed: u64) -> (World, Vec<Request>) {
    let run = run(t100(), config, seed, Fidelity::Path);
    assert_eq!(
        metric(&run, "deadline_hits"),
        Some(0.0),
        "exact statements need none"
    );
    let world = World::parse(&export(t100(), &run, "world"));
    (world, oracle::requests(&export(t100(), &run, "requests")))
}

fn disconnect(rate: f64, units: Units) -> Disconnection {
    Disconnection {
        rate: Fraction(rate),
        units,
        ..Disconnection::default()
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn with_certain_agreement_every_outcome_is_what_brute_force_says() {
    let mut decided = [0; 3];
    for search in SEARCHES {
        for units in UNITS {
            for (rate, instances, placement) in [
                (0.0, 1, Placement::EveryRouter),
                (0.15, 2, Placement::EveryRouter),
                (0.4, 1, Placement::Domains),
                (0.4, 5, Placement::EveryRouter),
                (1.0, 1, Placement::EveryRouter),
            ] {
                let mut config = config();
                config.own.search = search;
                config.world.acceptance_probability = Fraction(1.0);
                config.world.disconnection = disconnect(rate, units);
                config.world.brokers.placement = placement.clone();
                config.world.gcus_per_broker = Population::Fixed(BoundedCount(2));
                config.world.services.density = Some(Fraction(0.05));
                config.world.requests.instances = Some(Count(instances));
                let (world, requests) = observed(&config, 5);
                for request in &requests {
                    let able = world.able_in_tree(request);
                    let expected = match () {
                        () if !world.is_connected(request.gcu) => "local",
                        () if able.len() >= instances as usize => "accepted",
                        () => "rejected",
                    };
                    assert_eq!(request.outcome, expected);
                    decided[["local", "accepted", "rejected"]
                        .iter()
                        .position(|&o| o == expected)
                        .unwrap()] += 1;
                    let distinct: BTreeSet<_> = request.providers.iter().collect();
                    let used = if expected == "accepted" {
                        instances as usize
                    } else {
                        0
                    };
                    assert_eq!((request.providers.len(), distinct.len()), (used, used));
                    assert!(
                        request
                            .providers
                            .iter()
                            .all(|provider| able.contains(provider))
                    );
                    assert_eq!(request.latency_ns.is_none(), expected == "local");
                    assert_eq!(request.messages == 0, expected == "local");
                }
            }
        }
    }
    assert!(
        decided.iter().all(|&count| count > 500),
        "every outcome occurs: {decided:?}"
    );
}

#[test]
fn exhaustive_search_finds_the_nearest_in_the_lowest_colony_and_back() {
    for (rate, placement) in [
        (0.0, Placement::EveryRouter),
        (0.2, Placement::EveryRouter),
        (0.1, Placement::Domains),
    ] {
        let mut config = config();
        config.own.search = Search::Exhaustive;
        config.world.acceptance_probability = Fraction(1.0);
        config.world.disconnection = disconnect(rate, Units::All);
        config.world.brokers.placement = placement.clone();
        config.world.gcus_per_broker = Population::Fixed(BoundedCount(3));
        config.world.services.density = Some(Fraction(0.02));
        let (world, requests) = observed(&config, 11);
        let distances = world.distances();
        let mut accepted = 0;
        for request in requests
            .iter()
            .filter(|request| request.outcome == "accepted")
        {
            accepted += 1;
            let nearest = world.nearest_in_lowest_colony(request, &distances).unwrap();
            assert_eq!(request.latency_ns, Some(2 * nearest));
        }
        assert!(accepted > 100, "{accepted}");
    }
}

#[test]
fn acceptance_by_chance_agrees_with_the_binomial() {
    for (search, instances) in [(Search::Selective, 1), (Search::Exhaustive, 2)] {
        let mut config = config();
        config.own.search = search;
        config.world.acceptance_probability = Fraction(0.6);
        config.world.disconnection = disconnect(0.3, Units::All);
        config.world.requests.count = Some(Count(4000));
        config.world.requests.instances = Some(Count(instances));
        let (world, requests) = observed(&config, 3);
        let (mut mean, mut variance, mut accepted) = (0.0, 0.0, 0.0);
        for request in &requests {
            if world.is_connected(request.gcu) {
                let m = world.able_in_tree(request).len();
                let p = at_least(instances, repeat_n(0.6, m));
                mean += p;
                variance += p * (1.0 - p);
            }
            accepted += f64::from(u8::from(request.outcome == "accepted"));
        }
        let z = (accepted - mean) / f64::sqrt(variance);
        assert!(
            z.abs() < 4.0,
            "accepted {accepted}, expected {mean}, z = {z}"
        );
    }
}

fn accepted(config: &Config) -> BTreeSet<usize> {
    let (_, requests) = observed(config, 21);
    let accepted = |(id, request): (usize, Request)| (request.outcome == "accepted").then_some(id);
    requests
        .into_iter()
        .enumerate()
        .filter_map(accepted)
        .collect()
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn both_searches_accept_the_same_requests_and_more_disconnection_accepts_no_more() {
    for instances in [1, 2, 4] {
        for units in UNITS {
            let mut before: Option<BTreeSet<usize>> = None;
            for rate in [0.0, 0.1, 0.35, 0.7, 1.0] {
                let mut config = config();
                config.world.disconnection = disconnect(rate, units);
                config.world.requests.instances = Some(Count(instances));
                let [selective, exhaustive] = SEARCHES.map(|search| {
                    config.own.search = search;
                    accepted(&config)
                });
                assert_eq!(
                    selective, exhaustive,
                    "k = {instances}, δ = {rate}, {units:?}"
                );
                if let Some(before) = &before {
                    assert!(
                        selective.is_subset(before),
                        "k = {instances}, δ = {rate}, {units:?}"
                    );
                }
                before = Some(selective);
            }
        }
    }
}

#[test]
fn more_computers_a_broker_leave_the_earlier_ones_as_they_were() {
    let worlds = [1, 3].map(|count| {
        let mut config = config();
        config.world.gcus_per_broker = Population::Fixed(BoundedCount(count));
        let run = run(t100(), &config, 2, Fidelity::Path);
        let world: serde_json::Value =
            serde_json::from_str(&export(t100(), &run, "world")).unwrap();
        world["gcus"].as_array().unwrap().clone()
    });
    assert_eq!([worlds[0].len(), worlds[1].len()], [100, 300]);
    for (id, computer) in worlds[0].iter().enumerate() {
        let same = &worlds[1][3 * id];
        for member in ["gbu", "access_ns", "offers"] {
            assert_eq!(computer[member], same[member]);
        }
    }
}

#[test]
fn registering_by_messages_and_directly_end_in_the_same_tables() {
    for (placement, population) in [
        (Placement::EveryRouter, Population::Fixed(BoundedCount(2))),
        (
            Placement::Domains,
            Population::Poisson(Poisson { poisson: Mean(3.0) }),
        ),
    ] {
        let runs = [Start::Direct, Start::Messages].map(|start| {
            let mut config = config();
            config.own.start = start;
            config.world.brokers.placement = placement.clone();
            config.world.gcus_per_broker = population;
            run(t100(), &config, 4, Fidelity::Path)
        });
        let [direct, messages] = &runs;
        for (one, other) in direct.system.gbus().iter().zip(messages.system.gbus()) {
            assert_eq!(one.table(), other.table());
        }
        assert_eq!(
            direct.totals, messages.totals,
            "and the requests fare alike"
        );
    }
}

#[test]
fn path_and_hop_fidelity_have_one_fingerprint() {
    for mode in [DisconnectionMode::Unregister, DisconnectionMode::Crash] {
        for search in SEARCHES {
            let mut config = config();
            config.own.search = search;
            config.world.disconnection = disconnect(0.2, Units::All);
            config.world.disconnection.mode = mode;
            config.world.requests.instances = Some(Count(2));
            let path = run(t100(), &config, 8, Fidelity::Path);
            let hop = run(t100(), &config, 8, Fidelity::Hop);
            assert_eq!(path.totals, hop.totals);
            assert_eq!(
                export(t100(), &path, "requests"),
                export(t100(), &hop, "requests")
            );
        }
    }
}

#[test]
fn whoever_crashes_every_request_ends() {
    for (rate, units) in [
        (0.1, Units::All),
        (0.5, Units::Gbus),
        (0.9, Units::All),
        (1.0, Units::All),
    ] {
        let mut config = config();
        config.world.disconnection = disconnect(rate, units);
        config.world.disconnection.mode = DisconnectionMode::Crash;
        let run = run(t100(), &config, 8, Fidelity::Path);
        let text = export(t100(), &run, "requests");
        let requests = oracle::requests(&text);
        assert_eq!(requests.len(), 400);
        let issued = metric(&run, "issued").unwrap();
        let local = requests
            .iter()
            .filter(|request| request.outcome == "local")
            .count() as f64;
        assert_eq!(metric(&run, "issued_connected"), Some(issued - local));
    }
}
