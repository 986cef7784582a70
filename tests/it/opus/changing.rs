//! Networks that change while Opus runs: links that are slow for a while, a domain that is cut off and comes back.

use arigatoni::measure::Cell;
use arigatoni::opus::allocation::Allocation;
use arigatoni::opus::allocation::message::{
    MANAGER, Message, Reminder, Utility, clients, node, publisher,
};
use arigatoni::opus::config::Opus;
use arigatoni::opus::overlay::Dissemination;
use arigatoni::parameters::decode;
use arigatoni::random::RandomStreams;
use arigatoni::simulation::network::Conditions;
use arigatoni::simulation::{self, Setting};
use arigatoni::system::{Model, Observed, Report};
use arigatoni::time::Time;
use arigatoni::unit::{Context, Effect, Input};
use serde_json::{Value, json};

use crate::support::t100;

/// Two applications with overlays, under this policy.
fn two(policy: &str) -> Opus {
    let opus = json!({
        "study": "allocation", "nodes": {"count": 30},
        "allocation": {
            "policy": policy, "regions": 3, "duration_s": 1200, "epoch_s": 30, "bin_s": 60,
        },
        "tracking": {"truth": {}},
        "applications": [
            {"count": 2, "demand": [{"constant": {"rate_per_s": 12}}], "work": 0.5,
             "overlay": {"updates_per_s": 0.5}},
        ],
    });
    decode(&opus, "").unwrap()
}

/// Two applications with overlays that track their demand; the network changes from 300 s to 600 s.
fn service(network: &Value, seed: u64) -> Report {
    report(&two("greedy-tracked"), network, seed)
}

fn report(config: &Opus, network: &Value, seed: u64) -> Report {
    let conditions: Conditions = decode(network, "").unwrap();
    let streams = RandomStreams::new(seed, 0);
    let system = Allocation::build(t100(), config, streams).unwrap();
    let run = simulation::run(system, Setting::of(t100(), streams, &conditions));
    run.system.report(&run.measures, run.totals)
}

/// A metric of a run.
fn metric(report: &Report, name: &str) -> f64 {
    let mut metrics = Allocation::METRICS.iter();
    let at = metrics.position(|metric| metric.name == name);
    report.cells[at.unwrap()].number().unwrap()
}

/// The mean of a column of a table over its rows from one time to another, in s.
fn mean(report: &Report, table: &str, column: &str, [from, to]: [f64; 2]) -> f64 {
    let at = Allocation::DETAILS.iter().position(|one| one.name == table);
    let detail = &Allocation::DETAILS[at.unwrap()];
    let place = detail.columns.iter().position(|one| one.name == column);
    let rows = report.details[at.unwrap()].iter();
    let within = rows.filter(|row| (from..to).contains(&row[0].number().unwrap()));
    let values: Vec<f64> = within
        .filter_map(|row| row[place.unwrap()].number())
        .collect();
    assert!(!values.is_empty(), "{table} has no {column} then");
    values.iter().sum::<f64>() / values.len() as f64
}

const BEFORE: [f64; 2] = [120.0, 300.0];
const MEANWHILE: [f64; 2] = [360.0, 600.0];
const AFTER: [f64; 2] = [780.0, 1200.0];

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_domain_that_comes_back_is_served_again() {
    let network = json!({"partitions": [{"at_s": 300, "for_s": 300, "domain": "T:0"}]});
    let cut = service(&network, 3);
    let [before, meanwhile, after] =
        [BEFORE, MEANWHILE, AFTER].map(|time| mean(&cut, "times", "utility", time));
    assert!(meanwhile < 0.9 * before, "{before} {meanwhile}");
    assert!(after > 0.95 * before, "{before} {after}");
    let [before, meanwhile, after] =
        [BEFORE, MEANWHILE, AFTER].map(|time| mean(&cut, "deliveries", "delivery_ratio", time));
    assert!(before > 0.99 && meanwhile < 0.9, "{before} {meanwhile}");
    assert!(after > 0.97, "{after}");
    let attached = mean(&cut, "trees", "attached_ratio", [900.0, 1201.0]);
    assert!(attached > 1.0 - 1e-9, "{attached}");
}

/// Who is given to an application while its publisher is cut off asks it again until it is taken in.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn who_comes_while_the_publisher_is_cut_off_is_taken_in_later() {
    for (seed, domain) in [(3, "S:0.0/0"), (4, "T:0"), (5, "S:0.2/1")] {
        let network = json!({"partitions": [{"at_s": 300, "for_s": 300, "domain": domain}]});
        let report = service(&network, seed);
        let attached = mean(&report, "trees", "attached_ratio", [900.0, 1201.0]);
        assert!(attached > 1.0 - 1e-9, "{seed}: {attached}");
    }
}

/// An overlay where any message may be lost, and so may the wish to join and the answer to it.
#[test]
fn all_join_an_overlay_whatever_is_lost() {
    let opus = json!({"study": "overlay", "nodes": {"count": 60}});
    let config: Opus = decode(&opus, "").unwrap();
    for (loss, seed) in [(0.02, 1), (0.1, 2)] {
        let conditions: Conditions = decode(&json!({"loss": loss}), "").unwrap();
        let streams = RandomStreams::new(seed, 0);
        let system = Dissemination::build(t100(), &config, streams).unwrap();
        let run = simulation::run(system, Setting::of(t100(), streams, &conditions));
        let report = run.system.report(&run.measures, run.totals);
        let mut metrics = Dissemination::METRICS.iter();
        let at = metrics.position(|metric| metric.name == "attached_ratio");
        assert_eq!(report.cells[at.unwrap()], Cell::Real(1.0), "{loss}");
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn slow_links_delay_updates_and_overlays_find_their_way_back() {
    let network = json!({
        "slowdowns": [{"at_s": 300, "for_s": 300, "factor": 6, "domain": "T:0"}],
    });
    let slow = service(&network, 3);
    let [before, meanwhile, after] =
        [BEFORE, MEANWHILE, AFTER].map(|time| mean(&slow, "deliveries", "delay_ms", time));
    assert!(meanwhile > 1.5 * before, "{before} {meanwhile}");
    assert!(after < 1.2 * before, "{before} {after}");
    // Nothing is lost but what was sent over links that are given up meanwhile.
    let delivered = mean(&slow, "deliveries", "delivery_ratio", [120.0, 1200.0]);
    assert!(delivered > 0.97, "{delivered}");
}

/// A service of which no node changes its application, with few requests.
fn settled(duration_s: f64) -> Opus {
    let opus = json!({
        "study": "allocation", "nodes": {"count": 30},
        "allocation": {
            "policy": "static", "regions": 3, "duration_s": duration_s, "bin_s": 60,
        },
        "applications": [{
            "count": 2, "demand": [{"constant": {"rate_per_s": 0.01}}], "overlay": {"updates_per_s": 0.5},
        }],
    });
    decode(&opus, "").unwrap()
}

/// The fraction of the updates that come later than the goal in a settled service of 30 nodes, from one time to another each.
fn late(seed: u64, network: &Value, times: [[f64; 2]; 2]) -> [f64; 2] {
    let report = report(&settled(times[1][1]), network, seed);
    times.map(|time| mean(&report, "deliveries", "deadline_miss_ratio", time))
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn overlays_meet_their_goals_again_after_any_slowdown() {
    for seed in [2, 4, 6, 8] {
        for (domain, factor, for_s) in [
            (json!("T:0"), 8.0, 300.0),
            (json!("T:0"), 1.5, 60.0),
            (json!("S:0.1/0"), 8.0, 300.0),
            (json!(null), 4.0, 300.0),
        ] {
            let slowdown = json!({"at_s": 420, "for_s": for_s, "factor": factor, "domain": domain});
            let network = json!({ "slowdowns": [slowdown] });
            let [before, after] = late(seed, &network, [[240.0, 420.0], [900.0, 1500.0]]);
            assert!(
                after <= before + 0.01,
                "{seed} {slowdown}: {before} {after}"
            );
        }
    }
}

/// Who has not heard from the publisher for a while asks it again: its answer may be the only way to the goal.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn overlays_meet_their_goals_again_after_their_publisher_was_cut_off() {
    for seed in [1, 2, 3] {
        let streams = RandomStreams::new(seed, 0);
        let system = Allocation::build(t100(), &settled(60.0), streams).unwrap();
        let mut publishers = system.sites().filter(|(unit, _)| *unit == publisher(0));
        let (_, site) = publishers.next().unwrap();
        let domain = t100().graph.routers[site.router.index()].domain.name();
        let network = json!({"partitions": [{"at_s": 420, "for_s": 60, "domain": domain}]});
        let report = report(&settled(1500.0), &network, seed);
        let of = |column, time| mean(&report, "deliveries", column, time);
        let delivered = [[240.0, 420.0], [420.0, 480.0]].map(|time| of("delivery_ratio", time));
        assert!(delivered[1] < delivered[0], "{seed}: {delivered:?}");
        let late = [[240.0, 420.0], [600.0, 1500.0]].map(|time| of("deadline_miss_ratio", time));
        assert!(late[1] <= late[0] + 0.01, "{seed}: {late:?}");
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn overlays_do_not_become_ever_later_where_messages_are_lost() {
    for seed in [1, 2] {
        let times = [[240.0, 840.0], [6600.0, 7200.0]];
        let [first, last] = late(seed, &json!({"loss": 0.005}), times);
        assert!(last <= first + 0.03, "{seed}: {first} {last}");
    }
}

/// Clients whose report or its answer is lost tell another node, and the first one forgets them.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn nobody_counts_twice_where_reports_are_lost() {
    let error = |network: &Value, seed| metric(&service(network, seed), "demand_error");
    let ideal = error(&json!({}), 3);
    for loss in [0.02, 0.05] {
        let lossy = error(&json!({ "loss": loss }), 3);
        assert!(lossy < ideal + 0.02, "{loss}: {ideal} {lossy}");
    }
    // While the domain is cut off, node 0 knows nothing of the others.
    let cut = json!({"partitions": [{"at_s": 300, "for_s": 60, "domain": "T:0"}]});
    for seed in [1, 2, 4] {
        let error = error(&cut, seed);
        assert!(error < 0.15, "{seed}: {error}");
    }
}

#[test]
fn a_rate_that_is_not_reported_again_expires() {
    let streams = RandomStreams::new(1, 0);
    let mut system = Allocation::build(t100(), &two("greedy-tracked"), streams).unwrap();
    let mut hand = |at_s: u64, input: Input<Utility>| {
        let mut effects = Vec::new();
        let now = Time::from_ns(at_s * 1_000_000_000);
        let mut context = Context::new(now, node(0), streams, &mut effects);
        system.handle(node(0), input, &mut context);
        effects.into_iter().find_map(|effect| match effect {
            Effect::Send {
                message: Message::Demand { rates },
                ..
            } => Some(rates[0]),
            _ => None,
        })
    };
    let said = |from, message| Input::Message { from, message };
    hand(0, Input::Start);
    hand(10, said(clients(0), Message::Rate { rate: 4.0 }));
    hand(20, said(clients(1), Message::Rate { rate: 3.0 }));
    hand(40, Input::Timer(Reminder::Heartbeat));
    assert_eq!(hand(40, said(MANAGER, Message::Ask)), Some(7.0));
    // That was heard more than three reports, of 10 s each, ago.
    hand(41, Input::Timer(Reminder::Heartbeat));
    assert_eq!(hand(41, said(MANAGER, Message::Ask)), Some(3.0));
}

/// Of requests that are lost clients do not believe for ever that they keep nodes busy: the others are answered hardly later.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_loss_costs_little_more_than_what_is_lost() {
    let response = |network: &Value| {
        let report = report(&two("static"), network, 3);
        metric(&report, "response_ms_mean")
    };
    let ideal = response(&json!({}));
    for (loss, more) in [(0.01, 1.05), (0.05, 1.15)] {
        let lossy = response(&json!({ "loss": loss }));
        assert!(lossy < more * ideal, "{loss}: {ideal} {lossy}");
    }
}

/// A node whose order was lost gets it again, so replicas serve as the laws say.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn orders_that_are_lost_are_given_again() {
    let opus = json!({
        "study": "allocation", "nodes": {"count": 20},
        "sessions": {"up": {"exponential": {"mean_s": 6000}}, "down": {"exponential": {"mean_s": 300}}},
        "allocation": {
            "policy": "static", "regions": 2, "duration_s": 50_000, "epoch_s": 1000, "bin_s": 25_000,
            "heartbeat_s": 60,
        },
        "applications": [
            {"demand": [{"constant": {"rate_per_s": 0.001}}], "sla": {"availability": 0.99, "quorum": 2}},
            {"demand": [{"constant": {"rate_per_s": 0.001}}]},
        ],
    });
    let config: Opus = decode(&opus, "").unwrap();
    let conditions: Conditions = decode(&json!({"loss": 0.1}), "").unwrap();
    let mut differences = Vec::new();
    for replication in 0..6 {
        let streams = RandomStreams::new(7, replication);
        let system = Allocation::build(t100(), &config, streams).unwrap();
        let run = simulation::run(system, Setting::of(t100(), streams, &conditions));
        let report = run.system.report(&run.measures, run.totals);
        let [measured, expected] = ["up_ratio", "up_ratio_expected"].map(|name| {
            let at = Allocation::METRICS
                .iter()
                .position(|metric| metric.name == name);
            report.cells[at.unwrap()].number().unwrap()
        });
        differences.push(measured - expected);
    }
    let mean = differences.iter().sum::<f64>() / differences.len() as f64;
    assert!(mean > -0.01, "{mean}: {differences:?}");
}

/// The network is slow from the beginning: the overlay is built for it, and the protocol has no part in that.
#[test]
fn an_overlay_on_links_that_are_all_slow_is_that_on_fast_ones() {
    let report = |conditions: &Value, round_ms: u32| {
        let opus = json!({
            "study": "overlay", "nodes": {"count": 40, "access_latency_ms": [0, 0]},
            "overlay": {"timeout_ms": 60_000, "round_ms": round_ms},
        });
        let config: Opus = decode(&opus, "").unwrap();
        let conditions: Conditions = decode(conditions, "").unwrap();
        let streams = RandomStreams::new(3, 0);
        let system = Dissemination::build(t100(), &config, streams).unwrap();
        let run = simulation::run(system, Setting::of(t100(), streams, &conditions));
        let report = run.system.report(&run.measures, run.totals);
        let names = [
            "attached_ratio",
            "delivery_ratio_intact",
            "deadline_miss_ratio",
        ];
        names.map(|name| {
            let mut metrics = Dissemination::METRICS.iter();
            let at = metrics.position(|metric| metric.name == name);
            report.cells[at.unwrap()].clone()
        })
    };
    let all = json!({"slowdowns": [{"at_s": 0, "for_s": 1e6, "factor": 3}]});
    let wanted = [1.0, 1.0, 0.0].map(Cell::Real);
    for (conditions, round_ms) in [(json!({}), 2000), (all, 2000)] {
        let found = report(&conditions, round_ms);
        let numbers = found.map(|cell| Cell::Real(cell.number().unwrap()));
        assert_eq!(numbers, wanted, "{conditions}");
    }
}
