//! Requests of several parts, against brute force.

use std::collections::{BTreeMap, BTreeSet};

use arigatoni::arigatoni::config::Search;
use arigatoni::arigatoni::{Arigatoni, Config};
use arigatoni::discovery::config::{
    Config as DiscoveryConfig, DisconnectionMode, PartOfRequest, Population, Requests, Units,
};
use arigatoni::measure::Cell;
use arigatoni::parameters::Parameters;
use arigatoni::parameters::number::{BoundedCount, Count, DurationMs, Fraction, Positive};
use arigatoni::rivals::{Central, Chord, Finder, Flooding, RandomWalk, Synapse, System};
use arigatoni::simulation::Run;
use arigatoni::simulation::network::Fidelity;
use arigatoni::system::{self, Observed};
use serde_json::{Value, json};

use super::oracle::World;
use crate::support::{config, export, metric, run, run_of, t100};

/// A world with few offers, in which every request asks for `parts`, and one computer gives up to `each`.
fn scarce(parts: &Value, each: u32) -> Config {
    let mut config = config();
    config.world.gcus_per_broker = Population::Fixed(BoundedCount(2));
    config.world.services.count = Some(BoundedCount(6));
    config.world.services.density = Some(Fraction(0.05));
    config.world.services.instances = Count(each);
    config.world.disconnection.rate = Fraction(0.1);
    config.world.acceptance_probability = Fraction(1.0);
    config.world.requests.instances = None;
    config.world.requests.all = serde_json::from_value(parts.clone()).unwrap();
    config.world.requests.distinct = each == 1;
    config
}

/// A row of `requests.csv`.
struct Row {
    gcu: usize,
    cells: BTreeMap<String, String>,
    /// By part.
    providers: Vec<Vec<usize>>,
}

impl Row {
    fn is(&self, outcome: &str) -> bool {
        self.cells["outcome"] == outcome
    }

    fn number(&self, name: &str) -> Option<usize> {
        self.cells[name].parse().ok()
    }
}

/// What an outsider reads of a run.
fn read<S: system::System>(run: &Run<S>) -> (World, Vec<Row>) {
    let world = World::parse(&export(t100(), run, "world"));
    let text = export(t100(), run, "requests");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows = reader.deserialize::<BTreeMap<String, String>>().map(|row| {
        let cells = row.unwrap();
        let list = |text: &str| -> Vec<usize> {
            let listed = text.split(';').filter(|id| !id.is_empty());
            listed.map(|id| id.parse().unwrap()).collect()
        };
        Row {
            gcu: cells["gcu"].parse().unwrap(),
            providers: cells["providers"].split('+').map(list).collect(),
            cells,
        }
    });
    (world, rows.collect())
}

/// Nothing is left of any request.
fn assert_idle(run: &Run<Arigatoni>) {
    let (gcus, gbus) = (run.system.gcus(), run.system.gbus());
    assert!(gcus.iter().all(|gcu| gcu.slots_held() == 0));
    assert!(gcus.iter().all(|gcu| gcu.requests_open() == 0));
    assert!(gbus.iter().all(|gbu| gbu.searches_open() == 0));
    assert_eq!(metric(run, "completed"), metric(run, "accepted"));
}

fn service(part: &PartOfRequest) -> u64 {
    part.service.unwrap().0.into()
}

fn parts_of(requests: &Requests) -> &[PartOfRequest] {
    requests.all.as_deref().unwrap()
}

/// Checks a request against the computers that can serve each part, and says what has become of it.
fn assert_found(
    row: &Row,
    (world, parts, each): (&World, &[PartOfRequest], u32),
    able: impl Fn(usize) -> Vec<usize>,
) -> &'static str {
    let able: Vec<Vec<usize>> = (0..parts.len()).map(able).collect();
    let found = |(part, able): (&PartOfRequest, &Vec<usize>)| {
        let there = able.len() * each as usize;
        there.min(part.instances.0 as usize)
    };
    let mut all = parts.iter().zip(&able);
    let accepted = all.all(|(part, able)| found((part, able)) >= part.enough() as usize);
    if !accepted {
        assert!(row.is("rejected"), "{:?}", row.cells);
        assert_eq!(row.cells["providers"], "");
        assert_eq!([row.number("level"), row.number("hops")], [None, None]);
        return "rejected";
    }
    assert!(row.is("accepted"), "{:?}", row.cells);
    assert_eq!(row.providers.len(), parts.len());
    let mut partial = false;
    let mut levels = Vec::new();
    for ((part, able), providers) in parts.iter().zip(&able).zip(&row.providers) {
        let found = found((part, able));
        assert_eq!(providers.len(), found, "{:?}", row.cells);
        for provider in providers {
            let times = providers.iter().filter(|other| *other == provider);
            assert!(able.contains(provider) && times.count() <= each as usize);
        }
        let is_partial = found < part.instances.0 as usize;
        partial |= is_partial;
        let ways = providers
            .iter()
            .map(|provider| world.way(row.gcu, *provider).0);
        levels.push(if is_partial {
            world.passes(row.gcu)
        } else {
            ways.max().unwrap()
        });
    }
    assert_eq!(row.number("level"), levels.into_iter().max());
    let (_, hops) = world.way(row.gcu, row.providers[0][0]);
    assert_eq!(row.number("hops"), Some(hops));
    if partial { "partial" } else { "accepted" }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn with_certain_agreement_every_outcome_is_what_brute_force_says() {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for search in [Search::Selective, Search::Exhaustive] {
        for (parts, each, text, sum) in [
            (
                json!([{"service": 3, "instances": 2}, {"service": 5, "instances": 1}]),
                1,
                "3x2+5x1",
                "3",
            ),
            (
                json!([{"service": 0, "instances": 9, "at_least": 3}, {"service": 1, "instances": 1},
                       {"service": 0, "instances": 2}]),
                1,
                "0x9+1x1+0x2",
                "12",
            ),
            (
                json!([{"service": 2, "instances": 14, "at_least": 5},
                       {"service": 4, "instances": 30, "at_least": 20}]),
                4,
                "2x14+4x30",
                "44",
            ),
        ] {
            let mut config = scarce(&parts, each);
            config.own.search = search;
            let run = run(t100(), &config, 5, Fidelity::Path);
            assert_eq!(metric(&run, "deadline_hits"), Some(0.0));
            assert_idle(&run);
            let (world, rows) = read(&run);
            assert_eq!(rows.len(), 400);
            let parts = parts_of(&config.world.requests);
            for row in &rows {
                assert_eq!(
                    [&*row.cells["service"], &row.cells["instances"]],
                    [text, sum]
                );
                if !world.is_connected(row.gcu) {
                    assert!(row.is("local"));
                    continue;
                }
                let able = |part: usize| world.offering_in_tree(row.gcu, &[service(&parts[part])]);
                let outcome = assert_found(row, (&world, parts, each), able);
                *counts.entry(outcome).or_default() += 1;
            }
        }
    }
    assert!(
        counts.len() == 3 && counts.values().all(|count| *count > 100),
        "{counts:?}"
    );
}

#[test]
fn one_computer_serves_all_parts_where_it_must() {
    let mut counts = [0; 2];
    for search in [Search::Selective, Search::Exhaustive] {
        let parts = json!([{"service": 3, "instances": 2}, {"service": 5, "instances": 1}]);
        let mut config = scarce(&parts, 2);
        config.own.search = search;
        config.world.requests.same = true;
        config.world.services.density = Some(Fraction(0.15));
        config.world.disconnection.rate = Fraction(0.3);
        // Three instances take three slots.
        config.world.slots = Some(Count(3));
        config.world.requests.service_time_ms = DurationMs(0.0);
        config.world.requests.rate_per_s = Some(Positive(0.1));
        let alike = run(t100(), &config, 5, Fidelity::Path);
        assert_idle(&alike);
        let (world, rows) = read(&alike);
        for row in rows.iter().filter(|row| world.is_connected(row.gcu)) {
            assert_eq!(
                [&*row.cells["service"], &row.cells["instances"]],
                ["3x2+5x1", "3"]
            );
            let able = world.offering_in_tree(row.gcu, &[3, 5]);
            assert_eq!(row.is("accepted"), !able.is_empty());
            counts[usize::from(able.is_empty())] += 1;
            if row.is("accepted") {
                let [provider] = row.providers[0][..] else {
                    panic!("{:?}", row.cells);
                };
                assert!(able.contains(&provider));
                let (level, hops) = world.way(row.gcu, provider);
                assert_eq!(
                    [row.number("level"), row.number("hops")],
                    [Some(level), Some(hops)]
                );
            }
        }
        // With a slot less nobody has room for all parts.
        config.world.slots = Some(Count(2));
        let full = run(t100(), &config, 5, Fidelity::Path);
        assert_eq!(metric(&full, "accepted"), Some(0.0));
    }
    assert!(counts.iter().all(|count| *count > 30), "{counts:?}");
}

/// Each of the constraints that parts ask for has a row, with all requests.
fn assert_told_of_all(run: &Run<Arigatoni>, asked: [&str; 2]) {
    let report = run.system.report(&run.measures, run.totals);
    let mut details = Arigatoni::DETAILS.iter().zip(&report.details);
    let (_, told) = details.find(|(it, _)| it.name == "constraints").unwrap();
    let told = told.iter();
    let told = told.map(|row| (row[0].clone(), [row[2].number(), row[1].number()]));
    let counts = ["accepted", "issued"].map(|name| metric(run, name));
    let asked = asked.map(|text| (Cell::Text(text.into()), counts));
    assert_eq!(told.collect::<Vec<_>>(), asked);
}

/// The same where parts are constraints, whatever brokers tell of their colonies.
#[test]
fn parts_by_constraint_are_what_brute_force_says() {
    // Which of the offers matches each part.
    const FITS: [&[u64]; 2] = [&[1, 2], &[0, 1]];
    let parts = json!([{"constraint": "[T>12s]", "instances": 2, "at_least": 1},
                       {"constraint": "[T<=7s]", "instances": 1}]);
    for summary in [json!("exact"), json!("covering"), json!({"merge": 1})] {
        let mut config = scarce(&parts, 1);
        let constraints = |between: f64| {
            let constraints = json!({
                "attributes": {"T": "s"},
                "offers": [{"constraint": "[T<10s]", "density": 0.02},
                           {"constraint": "[T>=5s] & [T<=15s]", "density": between},
                           {"constraint": "[T>20s]", "density": 0.03}],
                "summary": summary,
            });
            serde_json::from_value(constraints).unwrap()
        };
        config.world.services.constraints = constraints(0.01);
        (config.world.services.count, config.world.services.density) = (None, None);
        let run = run(t100(), &config, 5, Fidelity::Path);
        assert_idle(&run);
        let (world, rows) = read(&run);
        let parts = parts_of(&config.world.requests);
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for row in rows.iter().filter(|row| world.is_connected(row.gcu)) {
            assert_eq!(row.cells["service"], "3x2+4x1");
            let able = |part: usize| {
                let offers = FITS[part].iter();
                let able = offers.flat_map(|offer| world.offering_in_tree(row.gcu, &[*offer]));
                able.collect::<BTreeSet<usize>>().into_iter().collect()
            };
            let outcome = assert_found(row, (&world, parts, 1), able);
            *counts.entry(outcome).or_default() += 1;
        }
        assert!(
            counts["accepted"] > 20 && counts["rejected"] > 20,
            "{counts:?}"
        );
        assert_told_of_all(&run, ["[T>12s]", "[T<=7s]"]);
        config.world.requests.same = true;
        config.world.services.instances = Count(2);
        config.world.services.constraints = constraints(0.05);
        config.world.disconnection.rate = Fraction(0.2);
        let run = crate::support::run(t100(), &config, 5, Fidelity::Path);
        let (world, rows) = read(&run);
        let mut counts = [0; 2];
        for row in rows.iter().filter(|row| world.is_connected(row.gcu)) {
            let both = [&[1][..], &[0, 2]].map(|offers| world.offering_in_tree(row.gcu, offers));
            let able = both.concat();
            assert_eq!(row.is("accepted"), !able.is_empty());
            assert!(
                row.providers[0]
                    .iter()
                    .all(|provider| able.contains(provider))
            );
            counts[usize::from(able.is_empty())] += 1;
        }
        assert!(counts.iter().all(|count| *count > 5), "{counts:?}");
    }
}

/// A request of one part is one for that service.
#[test]
fn one_part_is_a_request() {
    let mut single = scarce(&json!(null), 1);
    single.world.services.count = Some(BoundedCount(1));
    single.world.requests.instances = Some(Count(3));
    single.world.requests.at_least = Some(Count(2));
    let part = json!([{"service": 0, "instances": 3, "at_least": 2}]);
    let mut config = scarce(&part, 1);
    config.world.services.count = Some(BoundedCount(1));
    let [one, other] = [&single, &config].map(|config| run(t100(), config, 5, Fidelity::Path));
    assert_eq!(one.totals, other.totals);
    assert!(metric(&one, "accepted") > Some(50.0));
}

/// Whatever a part that fails leaves behind: units crash, slots are scarce, and few agree.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn what_is_reserved_for_the_other_parts_is_released() {
    let parts = json!([{"service": 0, "instances": 3, "at_least": 2}, {"service": 1, "instances": 2},
                       {"service": 2, "instances": 1}]);
    let mut ended = [0.0; 2];
    for mode in [DisconnectionMode::Unregister, DisconnectionMode::Crash] {
        for (rate, deadline_ms) in [(0.0, 60_000.0), (0.3, 60_000.0), (0.0, 60.0), (0.2, 40.0)] {
            let mut config = scarce(&parts, 1);
            config.world.services.density = Some(Fraction(0.3));
            config.world.requests.service_time_ms = DurationMs(20.0);
            config.world.requests.rate_per_s = Some(Positive(10.0));
            config.world.disconnection.mode = mode;
            config.world.disconnection.rate = Fraction(rate);
            config.world.disconnection.units = Units::All;
            config.world.acceptance_probability = Fraction(0.5);
            config.world.slots = Some(Count(1));
            config.world.requests.deadline_ms = DurationMs(deadline_ms);
            let run = run(t100(), &config, 8, Fidelity::Path);
            if mode == DisconnectionMode::Unregister {
                assert_idle(&run);
            }
            let accepted = metric(&run, "accepted").unwrap();
            ended[0] += accepted;
            ended[1] += metric(&run, "issued_connected").unwrap() - accepted;
        }
    }
    assert!(ended.iter().all(|count| *count > 100.0), "{ended:?}");
}

/// A rival in a world in which everybody is there and agrees; whether it finds all that there is.
fn assert_rival<F: Finder>(finds_all: bool, own: &Value) {
    let parts =
        json!([{"service": 3, "instances": 3, "at_least": 2}, {"service": 5, "instances": 1}]);
    let mut config = DiscoveryConfig {
        world: scarce(&parts, 1).world,
        own: F::Config::read(own, "").unwrap(),
    };
    config.world.disconnection.rate = Fraction(0.0);
    config.world.requests.deadline_ms = DurationMs(20_000.0);
    config.world.services.density = Some(Fraction(0.02));
    let run = run_of::<System<F>>(t100(), &config, 5, Fidelity::Path);
    assert_eq!(metric(&run, "completed"), metric(&run, "accepted"));
    let (world, rows) = read(&run);
    let mut accepted = 0;
    for row in &rows {
        let able = [3, 5].map(|service| world.offering_anywhere(row.gcu, &[service]));
        let is_there = able[0].len() >= 2 && !able[1].is_empty();
        accepted += usize::from(row.is("accepted"));
        assert!(if finds_all {
            row.is("accepted") == is_there
        } else {
            is_there || row.is("rejected")
        });
        for (providers, able) in row.providers.iter().zip(&able) {
            assert!(providers.iter().all(|provider| able.contains(provider)));
        }
        if row.is("accepted") {
            let counts = [row.providers[0].len(), row.providers[1].len()];
            assert!(
                (2..=3).contains(&counts[0]) && counts[1] == 1,
                "{:?}",
                row.cells
            );
            assert!(!finds_all || counts[0] == able[0].len().min(3));
        }
    }
    assert!(accepted > 20, "{}: {accepted}", F::NAME);
    config.world.requests.same = true;
    config.world.services.instances = Count(3);
    config.world.services.density = Some(Fraction(0.15));
    let run = run_of::<System<F>>(t100(), &config, 5, Fidelity::Path);
    let (world, rows) = read(&run);
    let mut accepted = 0;
    for row in &rows {
        let able = world.offering_anywhere(row.gcu, &[3, 5]);
        accepted += usize::from(row.is("accepted"));
        if finds_all {
            assert_eq!(row.is("accepted"), !able.is_empty());
        }
        assert!(
            row.providers[0]
                .iter()
                .all(|provider| able.contains(provider))
        );
        assert_eq!(row.providers[0].len(), usize::from(row.is("accepted")));
    }
    assert!(accepted > 20, "{}: {accepted}", F::NAME);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn rivals_find_all_parts_as_well() {
    assert_rival::<Central>(true, &json!({}));
    assert_rival::<Flooding>(true, &json!({"ttl": null}));
    assert_rival::<Chord>(true, &json!({}));
    assert_rival::<RandomWalk>(false, &json!({"walkers": 8, "ttl": 500}));
    assert_rival::<Synapse>(false, &json!({"rings": 2, "synapses": 1}));
}
