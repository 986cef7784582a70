//! Overlays that adapt when nodes come to sit elsewhere: never a loop, whatever crosses, and in the
//! end as good as one that was built there.

use std::collections::BTreeMap;

use arigatoni::opus::config::Opus;
use arigatoni::opus::number::{Degree, Trees};
use arigatoni::opus::overlay::Dissemination;
use arigatoni::opus::overlay::config::Method;
use arigatoni::parameters::number::{Enlargement, Fraction, PeriodMs, Positive, SmallCount};
use arigatoni::random::{RandomStreams, StreamId};
use arigatoni::simulation::network::Fidelity;
use arigatoni::simulation::{self, Run, Setting};
use arigatoni::system::{Act, Model, Observed, Report, Site, Underlay};
use arigatoni::topology::{Domain, Graph, Link, Origin, Router, RouterId};
use arigatoni::topology::{Routes, Routing};
use arigatoni::unit::UnitId;

use super::by_fidelity;
use super::overlay::{Guarded, config, crowd, metric, run};
use crate::support::{t100, underlay};

fn moving(count: u32, rate: f64) -> Opus {
    let mut config = config(count);
    config.moving.rate = Fraction(rate);
    config
}

fn guarded(underlay: &Underlay, config: &Opus, seed: u64, dying: &[u32]) -> Run<Guarded> {
    let streams = RandomStreams::new(seed, 0);
    let mut system = Guarded::build(underlay, config, streams).unwrap();
    system.dying = dying.to_vec();
    system.turns = 3;
    simulation::run(
        system,
        Setting::of(underlay, streams, &Fidelity::Path.into()),
    )
}

/// Everybody but the source and `dead` has a parent in every tree, which lives and knows it.
fn is_whole(run: &Run<Guarded>, dead: &[u32]) {
    let members = run.system.inner.members();
    let mut links = 0;
    for member in (1..members.len() as u32).filter(|member| !dead.contains(member)) {
        for parent in members[member as usize].parents() {
            let parent = parent.unwrap_or_else(|| panic!("{member} has no parent"));
            assert!(
                !dead.contains(&parent),
                "{member} below {parent}, which is dead"
            );
            links += 1;
        }
    }
    let living = (0..)
        .zip(members)
        .filter(|(member, _)| !dead.contains(member));
    let children: usize = living.flat_map(|(_, member)| member.degrees()).sum();
    assert_eq!(children, links, "parents know just their children");
}

/// A connected graph of 30 routers with links of any length from 1 to 100 ms.
fn random_graph(seed: u64) -> Underlay {
    let streams = RandomStreams::new(seed, 0);
    let below = |index, n| streams.below(StreamId(240), 0, index, n) as u32;
    let router = |number: u32| Router {
        label: format!("r{number}"),
        position: None,
        domain: Domain::None,
    };
    let link = |number: u32| {
        let (a, b) = if number < 30 {
            (number, below(number, u64::from(number)))
        } else {
            (below(number, 30), below(1000 + number, 30))
        };
        Link {
            ends: [RouterId(a), RouterId(b)],
            length: 1.0 + f64::from(below(2000 + number, 100)),
            weight: 1,
        }
    };
    let graph = Graph {
        id: "test".into(),
        origin: Origin::Other,
        routers: (0..30).map(router).collect(),
        links: (1..50).map(link).collect(),
        loops_unlisted: 0,
        latencies: None,
    };
    let routes = Routes::new(&graph, 1.0, Routing::Latency).unwrap();
    Underlay { graph, routes }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn it_never_loops_while_nodes_move_and_fail_at_once() {
    for seed in 0..24_u64 {
        let pick = seed as usize;
        let mut config = moving(40, [0.1, 0.3, 0.6, 1.0][pick % 4]);
        config.overlay.redundancy = Trees(1 + seed as u8 % 3);
        config.overlay.degree_limit = [None, Some(3), Some(4), Some(8)][pick / 3 % 4].map(Degree);
        config.overlay.delay_factor = Enlargement([1.1, 1.5, 3.0][pick / 2 % 3]);
        // All notice within a few round trips, or one after another.
        config.overlay.heartbeat_ms = PeriodMs([1.0, 300.0, 10_000.0][pick % 3]);
        config.overlay.joins_per_s = Positive(1e3);
        let dies = |member: &u32| seed % 2 == 1 && (*member + seed as u32).is_multiple_of(5);
        let dying: Vec<u32> = (1..40).filter(dies).collect();
        let run = guarded(&random_graph(seed), &config, seed, &dying);
        is_whole(&run, &dying);
        // At rest because nothing happens any more, not because nodes have given up.
        let took = number(&run.system.report(&run.measures, run.totals), "adapt_s").unwrap();
        assert!(took < 120.0, "{took} s with seed {seed}");
    }
}

fn number(report: &Report, name: &str) -> Option<f64> {
    let mut columns = Dissemination::METRICS.iter();
    report.cells[columns.position(|metric| metric.name == name).unwrap()].number()
}

/// No neighbour can tell a node that it has moved where all have, and none is left to ask where its
/// parent has sent it away.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn who_has_moved_notices_also_where_all_have() {
    let graph = t100().graph.clone();
    let routes = Routes::new(&graph, 5.0, Routing::Latency).unwrap();
    let underlay = Underlay { graph, routes };
    let mut config = moving(60, 1.0);
    config.overlay.delay_factor = Enlargement(1.0);
    for seed in 0..20 {
        let late = metric(
            &run(&underlay, &config, seed),
            "adapted_deadline_miss_ratio",
        );
        assert_eq!(late, Some(0.0), "seed {seed}");
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn in_the_end_it_costs_little_more_than_the_light_tree_of_the_new_latencies() {
    let ts1000 = underlay("ts1000-0");
    for (factor, rate, seed) in [
        (1.2, 0.5, 1),
        (1.5, 0.1, 2),
        (1.5, 1.0, 3),
        (2.0, 0.3, 4),
        (3.0, 0.5, 5),
    ] {
        let mut config = moving(200, rate);
        config.overlay.delay_factor = Enlargement(factor);
        let run = run(&ts1000, &config, seed);
        let of = |name| metric(&run, name).unwrap();
        let at = format!("goal {factor}, μ = {rate}");
        let [moved, adapted] = ["moved_cost_ratio_last", "adapted_cost_ratio_last"].map(of);
        assert!(
            adapted <= 1.25 && adapted < moved,
            "{at}: {moved} {adapted}"
        );
        // Who moves comes to sit anywhere, so the overlay as it was built is a fresh one.
        let [built, moved, adapted] = [
            "deadline_miss_ratio",
            "moved_deadline_miss_ratio",
            "adapted_deadline_miss_ratio",
        ]
        .map(of);
        assert!(built == 0.0 && moved > 0.3, "{at}: {built} {moved}");
        assert!(adapted <= 0.01, "{at}: {adapted}");
        let [built, adapted] = ["stretch_mean", "adapted_stretch_mean"].map(of);
        assert!(
            (adapted - built).abs() < 0.1 * built,
            "{at}: {built} {adapted}"
        );
        assert_eq!(metric(&run, "delivery_ratio_adapted"), Some(1.0));
        assert!(of("adapt_messages_per_node") < 1.2 * of("messages_per_node"));
    }
}

#[test]
fn both_fidelities_do_the_same_and_a_centre_does_not_adapt() {
    let mut config = moving(40, 0.5);
    config.disconnection.rate = Fraction(0.25);
    let [path, hop] = by_fidelity::<Dissemination>(&config);
    assert_eq!(path, hop);
    for name in [
        "adapt_s",
        "delivery_ratio_failed",
        "delivery_ratio_repaired",
        "repair_s",
    ] {
        assert!(number(&path.1, name).is_some(), "{name}");
    }
    for method in [Method::Mst, Method::Spt, Method::Last] {
        config.overlay.method = method;
        let [path, hop] = by_fidelity::<Dissemination>(&config);
        assert_eq!(path, hop);
        assert!(number(&path.1, "moved_cost_ratio_last").unwrap() > 1.0);
        assert_eq!(number(&path.1, "delivery_ratio_moved"), Some(1.0));
        for name in [
            "adapted_cost_ratio_last",
            "adapted_deadline_miss_ratio",
            "delivery_ratio_adapted",
            "adapt_s",
        ] {
            assert_eq!(number(&path.1, name), None, "{method:?} {name}");
        }
    }
}

#[test]
fn those_that_move_at_a_smaller_rate_move_at_a_larger_one_to_the_same_places() {
    let places = |rate: f64| {
        let system =
            Dissemination::build(t100(), &moving(101, rate), RandomStreams::new(3, 0)).unwrap();
        let before: BTreeMap<UnitId, Site> = system.sites().collect();
        let stages = system.stages();
        let acts = stages.into_iter().flat_map(|stage| stage.environment);
        let moved = acts.map(|(_, unit, act)| match act {
            Act::Move(site) => (unit, site),
            other => panic!("{unit:?} does more than move: {other:?}"),
        });
        let moved: BTreeMap<UnitId, Site> = moved.collect();
        for (unit, site) in &moved {
            assert_ne!(site.router, before[unit].router, "{unit:?} stays");
            assert_ne!(unit.index(), 0, "the source does not move");
        }
        moved
    };
    let all = places(1.0);
    assert_eq!(all.len(), 100);
    let mut fewer = BTreeMap::new();
    for rate in [0.0, 0.004, 0.005, 0.37, 0.5] {
        let moved = places(rate);
        assert_eq!(moved.len(), (rate * 100.0).round() as usize, "{rate}");
        assert!(
            fewer
                .iter()
                .all(|(unit, site)| moved.get(unit) == Some(site))
        );
        assert!(moved.iter().all(|(unit, site)| all[unit] == *site));
        fewer = moved;
    }
}

#[test]
fn without_moves_there_is_nothing_to_tell_of_them() {
    let run = run(t100(), &moving(30, 0.004), 1);
    let mut seen = 0;
    for metric in Dissemination::METRICS {
        let of_moves = [
            "moved_",
            "adapt_",
            "adapted_",
            "delivery_ratio_moved",
            "delivery_ratio_adapted",
        ];
        if of_moves
            .iter()
            .any(|prefix| metric.name.starts_with(prefix))
        {
            assert_eq!(self::metric(&run, metric.name), None, "{}", metric.name);
            seen += 1;
        }
    }
    assert!(seen >= 5, "{seen}: the test has lost sight of the metrics");
}

#[test]
fn a_timeout_below_a_round_trip_between_any_two_places_is_refused() {
    // All nodes could sit within one stub domain and move to the other end of the graph.
    let mut config = moving(2, 1.0);
    config.overlay.timeout_ms = PeriodMs(60.0);
    let error = Dissemination::check(t100(), &config).unwrap_err();
    assert!(error.to_string().contains("timeout_ms"), "{error}");
}

fn crowded(units: f64, set: impl Fn(&mut Opus), seed: u64) -> Run<Dissemination> {
    let (underlay, config) = crowd(units, set);
    run(&underlay, &config, seed)
}

/// Who lacks a parent asks all whom it can come to know before it asks anybody again, though it probes
/// them meanwhile: where few have room, the others would be asked for ever.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn who_is_refused_asks_on_until_somebody_has_room() {
    let slow = |config: &mut Opus| config.overlay.degree_limit = Some(Degree(2));
    let curious = |config: &mut Opus| {
        let rules = &mut config.overlay;
        rules.degree_limit = Some(Degree(3));
        (rules.probes, rules.neighbours) = (SmallCount(16), SmallCount(16));
    };
    for run in [crowded(10.0, slow, 1), crowded(1.0, curious, 2)] {
        for whole in [
            "attached_ratio",
            "delivery_ratio_adapted",
            "delivery_ratio_repaired",
        ] {
            assert_eq!(metric(&run, whole), Some(1.0), "{whole}");
        }
        for time in ["converge_s", "adapt_s", "repair_s"] {
            let time = metric(&run, time).unwrap();
            assert!(0.0 < time && time < 1000.0, "{time}");
        }
    }
}

/// A round trip takes up to four rounds here. Who is told that a node has moved while an answer of that
/// node is under way must not take it for the answer to a later probe, over and over again.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn answers_that_take_longer_than_a_round_are_timed_right_after_moves() {
    let curious = |config: &mut Opus| {
        let rules = &mut config.overlay;
        rules.degree_limit = Some(Degree(6));
        (rules.probes, rules.neighbours) = (SmallCount(16), SmallCount(16));
    };
    let run = crowded(10.0, curious, 1);
    for time in ["adapt_s", "repair_s"] {
        assert!(
            metric(&run, time).is_some_and(|time| time < 1000.0),
            "{time}"
        );
    }
    // There is a degree limit: nodes that miss their goal search the tree four times for a parent through which they meet it.
    assert!(metric(&run, "adapt_messages_per_node").unwrap() < 1500.0);
}
