//! The tracking study: errors within their bound, failures and recoveries, refusals.

use arigatoni::measure::Cell;
use arigatoni::opus::config::Opus;
use arigatoni::opus::nodes::Attachments;
use arigatoni::opus::tracking::TrackingStudy;
use arigatoni::opus::tracking::config::{Method, Process};
use arigatoni::parameters::decode;
use arigatoni::parameters::number::{DurationMs, Fraction, LatencyMs, PeriodMs};
use arigatoni::random::RandomStreams;
use arigatoni::simulation::network::Fidelity;
use arigatoni::simulation::{self, Run, Setting};
use arigatoni::system::{Model, Observed, Report};
use serde_json::json;

use super::by_fidelity;
use crate::review::Page;
use crate::support::{t100, underlay};

fn config(method: Method, count: u32) -> Opus {
    let truth = json!({"quantities": 2, "settle_ms": 40_000});
    let tracking = json!({"method": method, "cluster": 8, "timeout_ms": 2000, "truth": truth});
    let opus = json!({"study": "tracking", "nodes": {"count": count}, "tracking": tracking});
    decode(&opus, "").unwrap()
}

fn run(config: &Opus, seed: u64) -> Run<TrackingStudy> {
    let streams = RandomStreams::new(seed, 0);
    let system = TrackingStudy::build(t100(), config, streams).unwrap();
    simulation::run(system, Setting::of(t100(), streams, &Fidelity::Path.into()))
}

fn report(run: &Run<TrackingStudy>) -> Report {
    run.system.report(&run.measures, run.totals)
}

fn metric(run: &Run<TrackingStudy>, name: &str) -> Option<f64> {
    let column = TrackingStudy::METRICS
        .iter()
        .position(|metric| metric.name == name)
        .unwrap();
    report(run).cells[column].number()
}

const METHODS: [Method; 3] = [Method::Hierarchy, Method::Central, Method::AllToAll];

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn errors_stay_within_the_bound_while_values_walk() {
    for method in METHODS {
        let run = run(&config(method, 80), 1);
        assert_eq!(metric(&run, "informed_ratio"), Some(1.0), "{method:?}");
        let [error, bound] = ["error_mean", "error_bound"].map(|name| metric(&run, name).unwrap());
        assert!(
            error > 0.0 && error < bound,
            "{method:?}: {error} of {bound}"
        );
        // A value changes once a second, and a summary needs less than that.
        assert!(
            metric(&run, "error_max").unwrap() < 1.5 * bound,
            "{method:?}"
        );
        assert_eq!(report(&run).details[0].len(), 61, "samples at both ends");
        assert_eq!(metric(&run, "recover_s"), None, "nothing has failed");
    }
}

#[test]
fn what_does_not_change_is_known_exactly_by_everybody() {
    for method in METHODS {
        let mut config = config(method, 50);
        config.tracking.truth.process = Process::Constant;
        config.tracking.truth.settle_ms = PeriodMs(300_000.0);
        let run = run(&config, 2);
        let error = metric(&run, "error_max").unwrap();
        assert!(error < 1e-12, "{method:?}: {error}");
    }
}

/// Several nodes sit on each router, without access links.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_head_on_the_same_router_counts_as_one_that_is_no_way_off() {
    let mut config = config(Method::Hierarchy, 300);
    config.nodes.access_latency_ms = [LatencyMs(0.0); 2];
    config.tracking.truth.settle_ms = PeriodMs(600_000.0);
    let run = run(&config, 5);
    let places = Attachments::draw(t100(), &config.nodes, RandomStreams::new(5, 0));
    let mut latencies: Vec<f64> = Vec::new();
    for (node, known) in (0..).zip(run.system.nodes()) {
        let tracker = known.tracker();
        if let (Some(head), Some(measured)) = (tracker.head(), tracker.head_latency()) {
            assert_eq!(measured, places.latency(&t100().routes, node, head));
            latencies.push(measured.as_ms());
        }
    }
    // All but the root, and who has just changed its head.
    assert!(latencies.len() >= 296, "{} are known", latencies.len());
    assert!(latencies.iter().filter(|&&ms| ms == 0.0).count() > 30);
    let mean = latencies.iter().sum::<f64>() / latencies.len() as f64;
    assert!((metric(&run, "head_ms_mean").unwrap() / mean - 1.0).abs() < 1e-9);
}

#[test]
fn a_smaller_epsilon_buys_a_smaller_error_with_more_messages() {
    let of = |epsilon: f64| {
        let mut config = config(Method::Central, 60);
        config.tracking.epsilon = Fraction(epsilon);
        let run = run(&config, 3);
        ["error_mean", "messages_per_node_s"].map(|name| metric(&run, name).unwrap())
    };
    let ([fine, dear], [coarse, cheap]) = (of(0.01), of(0.2));
    assert!(
        fine < coarse && dear > 1.5 * cheap,
        "{fine} {coarse} {dear} {cheap}"
    );
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn the_server_hears_from_all_and_no_node_of_the_hierarchy_does() {
    let of = |method, nodes| {
        let run = run(&config(method, nodes), 4);
        metric(&run, "busiest_messages_per_s").unwrap()
    };
    let central = of(Method::Central, 600) / of(Method::Central, 60);
    let hierarchy = of(Method::Hierarchy, 600) / of(Method::Hierarchy, 60);
    assert!(central > 8.0 && hierarchy < 3.0, "{central} {hierarchy}");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn the_hierarchy_elects_new_heads_and_takes_back_who_recovers() {
    for rate in [0.1, 0.5, 0.9] {
        let mut config = config(Method::Hierarchy, 100);
        config.disconnection.rate = Fraction(rate);
        config.tracking.truth.duration_ms = PeriodMs(150_000.0);
        let failed = run(&config, 5);
        let living = |run: &Run<TrackingStudy>| {
            run.system
                .nodes()
                .iter()
                .filter(|node| node.is_alive())
                .count()
        };
        assert_eq!(living(&failed), 100 - (99.0 * rate).round() as usize);
        for (name, expected) in [("roots", 1.0), ("attached_ratio", 1.0)] {
            assert_eq!(metric(&failed, name), Some(expected), "{name} at {rate}");
        }
        assert!(metric(&failed, "failovers").unwrap() >= 1.0);
        let recover = metric(&failed, "recover_s").unwrap();
        assert!(recover < 60.0, "{recover} s at {rate}");

        config.tracking.truth.recovery_ms = Some(DurationMs(60_000.0));
        let back = run(&config, 5);
        assert_eq!(living(&back), 100);
        assert_eq!(metric(&back, "attached_ratio"), Some(1.0));
        // `recover_s` need not be the same: its bound is that of the depth at the end.
        let before = |run: &Run<TrackingStudy>| -> Vec<_> {
            let table = report(run).details.remove(0);
            let failed = config.tracking.truth.failure_ms.0 / 1e3;
            let until = |row: &Vec<Cell>| matches!(row[0], Cell::Real(at) if at < failed + 60.0);
            table.into_iter().filter(until).collect()
        };
        assert!(before(&failed).len() >= 60, "a sample a second");
        assert_eq!(before(&failed), before(&back), "the same until then");
    }
}

#[test]
fn who_fails_at_a_smaller_rate_fails_at_a_larger_one() {
    let dead = |rate| {
        let mut config = config(Method::Central, 60);
        config.disconnection.rate = Fraction(rate);
        let run = run(&config, 6);
        let nodes = run.system.nodes().iter().enumerate();
        let dead = nodes.filter(|(_, node)| !node.is_alive());
        dead.map(|(node, _)| node).collect::<Vec<_>>()
    };
    let [few, many] = [0.2, 0.6].map(dead);
    assert_eq!((few.len(), many.len()), (12, 35));
    assert!(few.iter().all(|node| many.contains(node) && *node != 0));
}

#[test]
fn both_fidelities_do_the_same() {
    let mut config = config(Method::Hierarchy, 40);
    config.disconnection.rate = Fraction(0.3);
    config.tracking.truth.recovery_ms = Some(DurationMs(20_000.0));
    let [path, hop] = by_fidelity::<TrackingStudy>(&config);
    assert_eq!(path, hop);
}

#[test]
fn what_cannot_be_run_is_refused_with_the_reason() {
    let mut page = Page::new("Trackers that cannot be run");
    let mut refuse = |what: &str, config: &Opus| {
        page.entry(what, TrackingStudy::check(t100(), config).unwrap_err());
    };
    let many = config(Method::AllToAll, 5000);
    refuse("5000 nodes, all-to-all", &many);
    let mut hasty = config(Method::Hierarchy, 50);
    hasty.tracking.timeout_ms = PeriodMs(20.0);
    refuse("timeout_ms=20", &hasty);
    let mut dense = config(Method::Central, 20_000);
    dense.tracking.truth.sample_ms = PeriodMs(1.0);
    refuse("20000 nodes, sample_ms=1", &dense);
    page.check_section("systems-refused");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn who_comes_back_at_a_sample_is_in_it_whatever_its_number() {
    for method in METHODS {
        let mut config = config(method, 30);
        config.disconnection.rate = Fraction(0.5);
        config.tracking.truth.recovery_ms = Some(DurationMs(20_000.0));
        for seed in 0..6 {
            let run = run(&config, seed);
            let rows = report(&run).details.remove(0);
            assert_eq!(rows.len(), 61, "{method:?} {seed}: a row a second");
            for row in rows {
                let at = row[0].number().unwrap();
                let living = if (10.0..30.0).contains(&at) {
                    15.0
                } else {
                    30.0
                };
                assert_eq!(row[1].number(), Some(living), "{method:?} {seed}: {row:?}");
                let error = row[3].number().unwrap();
                assert!(error < 2.0 || (10.0..40.0).contains(&at), "{row:?}");
            }
        }
    }
}

#[test]
fn who_was_not_missed_is_told_at_once_what_it_has_missed() {
    for method in [Method::Central, Method::AllToAll] {
        let mut config = config(method, 5);
        config.disconnection.rate = Fraction(0.9);
        config.tracking.truth.recovery_ms = Some(DurationMs(10_000.0));
        config.tracking.truth.process = Process::Constant;
        config.tracking.refresh_ms = PeriodMs(1e6);
        let run = run(&config, 8);
        let rows = report(&run).details.remove(0);
        let back = rows.iter().filter(|row| row[0].number() > Some(21.0));
        let informed: Vec<_> = back.map(|row| row[5].number().unwrap()).collect();
        assert_eq!(informed.len(), 39, "a sample a second");
        assert!(
            informed.iter().all(|share| *share > 0.999),
            "{method:?}: {informed:?}"
        );
    }
}

#[test]
fn recovery_is_told_where_epsilon_is_zero() {
    let mut config = config(Method::Hierarchy, 80);
    config.disconnection.rate = Fraction(0.3);
    config.tracking.truth.process = Process::Constant;
    config.tracking.epsilon = Fraction(0.0);
    for seed in 0..4 {
        let run = run(&config, seed);
        let recover = metric(&run, "recover_s").unwrap();
        let table = report(&run).details.remove(0);
        let bad = |row: &Vec<Cell>| {
            row[0].number() >= Some(10.0)
                && (row[3].number() > Some(1e-9) || row[5].number() < Some(1.0))
        };
        let last = table.into_iter().rfind(bad).unwrap();
        assert!((last[0].number().unwrap() - 10.0 - recover).abs() < 1e-9);
    }
}

/// At the default settings, and with whole clusters that merge and divide: while nobody fails, no root ever misses a node or
/// has one twice.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn whole_clusters_that_move_are_counted_once() {
    let ground = underlay("ts1000-0");
    for (nodes, cluster, seed) in [
        (500, 8, 0),
        (500, 8, 1),
        (500, 12, 1),
        (1000, 8, 0),
        (1000, 8, 2),
        (1000, 12, 0),
    ] {
        let truth = json!({"process": "constant", "settle_ms": 90_000, "duration_ms": 150_000});
        let opus = json!({
            "study": "tracking", "nodes": {"count": nodes},
            "tracking": {"cluster": cluster, "truth": truth},
        });
        let config: Opus = decode(&opus, "").unwrap();
        let streams = RandomStreams::new(1, seed);
        let system = TrackingStudy::build(&ground, &config, streams).unwrap();
        let run = simulation::run(
            system,
            Setting::of(&ground, streams, &Fidelity::Path.into()),
        );
        let error = metric(&run, "root_error_max").unwrap();
        assert!(error < 1e-9, "{nodes} nodes, {cluster}, {seed}: {error}");
    }
}

/// Where updates take the place of heartbeats and nodes seldom look for nearer heads, the hierarchy wins in messages and at
/// the busiest node. It does not in the error.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn the_hierarchy_wins_in_two_of_three() {
    let ground = underlay("ts1000-0");
    for (cluster, epsilon) in [(8, 0.1), (16, 0.1), (16, 0.02)] {
        let [server, hierarchy] = ["central", "hierarchy"].map(|method| {
            let truth = json!({"settle_ms": 240_000, "duration_ms": 40_000});
            let opus = json!({
                "study": "tracking", "nodes": {"count": 1000},
                "tracking": {
                    "method": method, "cluster": cluster, "epsilon": epsilon, "heartbeat_ms": 20_000,
                    "improve_ms": 600_000, "truth": truth,
                },
            });
            let config: Opus = decode(&opus, "").unwrap();
            let streams = RandomStreams::new(1, 0);
            let system = TrackingStudy::build(&ground, &config, streams).unwrap();
            let run = simulation::run(system, Setting::of(&ground, streams, &Fidelity::Path.into()));
            let names = ["messages_per_node_s", "busiest_messages_per_s", "error_mean"];
            names.map(|name| metric(&run, name).unwrap())
        });
        let what = format!("{cluster}, {epsilon}: {server:?} {hierarchy:?}");
        assert!(hierarchy[0] < server[0], "{what}");
        assert!(20.0 * hierarchy[1] < server[1], "{what}");
        assert!(hierarchy[2] > server[2], "{what}");
    }
}

/// Nodes look for nearer heads during the whole measurement, so members move all the time.
#[test]
fn who_moves_is_counted_once() {
    for seed in 0..4 {
        let mut config = config(Method::Hierarchy, 120);
        config.tracking.truth.process = Process::Constant;
        let run = run(&config, seed);
        let error = metric(&run, "error_max").unwrap();
        assert!(error < 1e-9, "{seed}: {error}");
    }
}
