//! The division of nodes among applications: what is served against what the model says, policies
//! against each other, failures.
#![allow(clippy::float_cmp, reason = "counts are exact")]

use std::collections::BTreeMap;

use arigatoni::measure::Cell;
use arigatoni::opus::allocation::config::{Application, Demand, Failures, Policy, Service};
use arigatoni::opus::allocation::message::{Message, Utility};
use arigatoni::opus::allocation::reach::Reach;
use arigatoni::opus::allocation::{Allocation, model};
use arigatoni::opus::config::Opus;
use arigatoni::opus::number::Nodes;
use arigatoni::parameters::decode;
use arigatoni::parameters::number::{DurationMs, Fraction, NonNegative, Period, Positive};
use arigatoni::random::RandomStreams;
use arigatoni::simulation::network::Fidelity;
use arigatoni::simulation::{self, Run, Setting};
use arigatoni::system::{Measures, Model, Observed};
use arigatoni::time::{Span, Time};
use arigatoni::unit::{Effect, Input, UnitId};
use serde_json::json;

use super::by_fidelity;
use crate::support::{run_allocation as run, t100};

fn application(rate: f64) -> Application {
    let demand = json!([{"constant": {"rate_per_s": rate}}]);
    decode(&json!({"demand": demand, "work": 0.5}), "").unwrap()
}

/// Two applications on 40 nodes; the first has a flash crowd.
fn config(policy: Policy) -> Opus {
    let crowd =
        json!({"peak_per_s": 30, "start_s": 200, "rise_s": 20, "hold_s": 300, "fall_s": 20});
    let mut first = application(15.0);
    let crowd = decode(&json!({ "flash": crowd }), "").unwrap();
    first.demand.push(crowd);
    let opus = json!({
        "study": "allocation",
        "nodes": {"count": 40},
        "applications": [first, application(20.0)],
        "allocation": {
            "policy": policy, "regions": 3, "duration_s": 900, "epoch_s": 20, "bin_s": 20,
        },
    });
    decode(&opus, "").unwrap()
}

fn metrics(run: &Run<Allocation>) -> BTreeMap<&'static str, Cell> {
    let report = run.system.report(&run.measures, run.totals);
    let names = Allocation::METRICS.iter().map(|metric| metric.name);
    names.zip(report.cells).collect()
}

fn number(run: &Run<Allocation>, name: &str) -> f64 {
    metrics(run)[name].number().unwrap()
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn every_request_comes_to_one_end_and_no_node_takes_in_more_than_it_may() {
    /// Counts requests, answers and refusals.
    #[derive(Default)]
    struct Counted([u64; 3]);

    impl Measures<Utility> for Counted {
        fn begin(&mut self, _: Time) {}
        fn input(&mut self, _: Time, _: UnitId, _: &Input<Utility>) {}
        fn unhandled(&mut self, _: Time, _: UnitId, _: &Input<Utility>) {}
        fn effect(&mut self, _: Time, _: UnitId, effect: &Effect<Utility>) {
            if let Effect::Send { message, .. } = effect {
                match message {
                    Message::Request { .. } => self.0[0] += 1,
                    Message::Answer { .. } => self.0[1] += 1,
                    Message::Refused { .. } => self.0[2] += 1,
                    _ => {}
                }
            }
        }
    }

    let streams = RandomStreams::new(3, 0);
    for policy in [Policy::Static, Policy::Proportional, Policy::Optimum] {
        let mut config = config(policy);
        config.nodes.count = Nodes(20);
        let system = Allocation::build(t100(), &config, streams).unwrap();
        let mut counted = Counted::default();
        let run = simulation::run_watched(
            system,
            Setting::of(t100(), streams, &Fidelity::Path.into()),
            &mut counted,
        );
        let Counted([sent, answered, refused]) = counted;
        assert!(refused > 0, "an overloaded service refuses");
        assert_eq!(sent, answered + refused, "{policy:?}");
        assert!(run.system.nodes().iter().all(|node| node.queued() == 0));
        let (issued, lost) = (number(&run, "issued"), number(&run, "lost_ratio"));
        assert_eq!((issued * (1.0 - lost)).round(), answered as f64);
        // Room for 5 requests of half a second each, in a bound of 5 s.
        assert!(number(&run, "response_ms_p95") < 6000.0);
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn what_is_served_is_near_what_the_model_says() {
    for (rate, count) in [(10.0, 10), (18.0, 10), (26.0, 10), (60.0, 31), (90.0, 40)] {
        let application = application(rate);
        let mut config = config(Policy::Static);
        config.nodes.count = Nodes(count);
        config.applications = vec![application.clone()];
        let run = run(&config, 1);
        let reach = Reach::even(application.in_time(1.0, Span::from_ns(100_000_000)));
        let table = model::utilities(&application, 1.0, rate, &reach, count);
        let expected = table[(count as usize).min(table.len() - 1)];
        let measured = number(&run, "utility");
        assert!(
            (measured / expected - 1.0).abs() < 0.05,
            "{rate} requests/s on {count} nodes: {measured}, expected {expected}"
        );
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn policies_differ_as_they_should_under_a_flash_crowd() {
    let policies = [
        Policy::Static,
        Policy::Proportional,
        Policy::Greedy,
        Policy::GreedyReported,
        Policy::GreedyTracked,
        Policy::Optimum,
    ];
    let runs = policies.map(|policy| run(&config(policy), 2));
    let [fixed, proportional, greedy, reported, tracked, optimum] = runs.each_ref();
    let utility = |run| number(run, "utility");
    for run in &runs {
        assert_eq!(
            metrics(run)["issued"],
            metrics(fixed)["issued"],
            "one demand"
        );
        // The optimum is the model's, and clients that choose among nodes do a little better.
        assert!(number(run, "optimum_ratio") < 1.05);
    }
    assert!(utility(greedy) > 1.03 * utility(fixed));
    assert!(utility(proportional) > 1.03 * utility(fixed));
    assert!(utility(reported) > 0.97 * utility(greedy));
    assert!(utility(tracked) > 0.95 * utility(greedy));
    assert!(utility(optimum) > 0.99 * utility(greedy));
    assert_eq!(number(fixed, "reassignments"), 0.0);
    assert!(
        number(greedy, "reassignments")
            < number(proportional, "reassignments") + number(optimum, "reassignments")
    );
    for knows in [greedy, proportional, optimum] {
        assert_eq!(number(knows, "demand_error"), 0.0);
    }
    assert!((0.01..0.2).contains(&number(reported, "demand_error")));
    assert!((0.01..0.3).contains(&number(tracked, "demand_error")));
    assert!(number(optimum, "react_s") <= number(greedy, "react_s"));
    assert!(number(greedy, "react_s") < 120.0);
    assert!(number(tracked, "messages_per_node_s") > number(reported, "messages_per_node_s"));
    let more = number(reported, "messages_per_node_s") - number(greedy, "messages_per_node_s");
    // Six populations report every 10 s to 40 nodes' manager.
    assert!((0.01..0.03).contains(&more), "{more}");
}

#[test]
fn a_crowd_is_not_followed_if_moving_costs_too_much() {
    let mut config = config(Policy::Greedy);
    config.allocation.move_cost = NonNegative(1e6);
    let run = run(&config, 2);
    assert_eq!(number(&run, "reassignments"), 0.0);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn more_applications_than_nodes_leave_some_without_and_the_report_says_so() {
    for policy in [Policy::Static, Policy::Greedy, Policy::Optimum] {
        let mut config = config(policy);
        config.nodes.count = Nodes(3);
        config.applications = vec![application(2.0); 7];
        let unserved = [7.0, 20.0, 900.0].map(|bin_s| {
            config.allocation.bin_s = Period(bin_s);
            let run = run(&config, 4);
            assert!(number(&run, "utility") > 0.0);
            number(&run, "unserved_applications")
        });
        assert_eq!(unserved[0], unserved[1], "{policy:?}: whatever the bins");
        assert_eq!(unserved[0], unserved[2], "{policy:?}: whatever the bins");
        assert!(
            (4.0..=7.0).contains(&unserved[0]),
            "{policy:?}: {unserved:?}"
        );
        if policy == Policy::Static {
            assert_eq!(unserved[0], 4.0);
        }
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn the_time_to_master_a_crowd_is_that_of_its_own_dip() {
    // Under equal shares the crowd is not mastered: that it goes away is no mastering.
    let crowded = |policy| {
        let mut config = config(policy);
        if let Demand::Flash(flash) = &mut config.applications[0].demand[1] {
            flash.peak_per_s = NonNegative(60.0);
        }
        config
    };
    let fixed = crowded(Policy::Static);
    assert_eq!(metrics(&run(&fixed, 2))["react_s"], Cell::Absent);
    // Bins of any length tell the same.
    let mut greedy = crowded(Policy::Greedy);
    let times = [10.0, 20.0, 60.0, 450.0].map(|bin_s| {
        greedy.allocation.bin_s = Period(bin_s);
        number(&run(&greedy, 2), "react_s")
    });
    assert!(times[0] > 0.0 && times[0] < 120.0, "{times:?}");
    assert!(times.iter().all(|time| *time == times[0]), "{times:?}");
    // Where all is lost the optimum is negative, and may be reached nevertheless.
    let mut dear = crowded(Policy::Optimum);
    dear.nodes.count = Nodes(10);
    for application in &mut dear.applications {
        application.sla.penalty = NonNegative(5.0);
    }
    let dear = run(&dear, 2);
    assert!(number(&dear, "optimum") < 0.0);
    assert!(number(&dear, "react_s") < 120.0);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn the_model_holds_where_the_way_is_as_long_as_the_promise() {
    // Round trips take some 0.25 s here, on average.
    for service in [Service::Exponential, Service::Deterministic] {
        for latency_ms in [100.0, 200.0, 300.0, 500.0, 1000.0] {
            for rate in [30.0, 60.0, 150.0] {
                let mut one = application(rate);
                one.work = Positive(0.1);
                one.service = service;
                one.sla.latency_ms = DurationMs(latency_ms);
                let mut config = config(Policy::Static);
                config.nodes.count = Nodes(30);
                config.allocation.duration_s = Period(100.0);
                config.applications = vec![one.clone(), one];
                let run = run(&config, 3);
                let [utility, optimum] = ["utility", "optimum"].map(|name| number(&run, name));
                assert!(
                    utility <= 1.1 * optimum + 1.0,
                    "{service:?}, {rate} requests/s within {latency_ms} ms: {utility}, expected \
                     {optimum}"
                );
            }
        }
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn nodes_that_fail_are_found_out_and_come_back() {
    let mut failing = config(Policy::Greedy);
    failing.failures = Some(Failures {
        mean_up_s: Period(300.0),
        mean_down_s: Period(100.0),
    });
    let run_of = |config| run(config, 5);
    let (whole, failing) = (run_of(&config(Policy::Greedy)), run_of(&failing));
    let up = |run: &Run<Allocation>| -> Vec<f64> {
        let report = run.system.report(&run.measures, run.totals);
        let rows = report.details[0].iter();
        rows.map(|row| row[4].number().unwrap()).collect()
    };
    let up_of_whole = up(&whole);
    assert!(!up_of_whole.is_empty() && up_of_whole.iter().all(|up| *up == 40.0));
    let up = up(&failing);
    let mean = up[15..].iter().sum::<f64>() / up[15..].len() as f64;
    assert!(
        (24.0..36.0).contains(&mean),
        "three quarters are up: {mean}"
    );
    assert!(
        number(&failing, "reassignments") > 40.0,
        "who comes back is given work"
    );
    assert!(number(&failing, "availability") < number(&whole, "availability"));
    assert!(number(&failing, "optimum_ratio") > 0.75);
}

#[test]
fn heartbeats_are_refused_before_nodes_that_live_count_as_gone() {
    let mut config = config(Policy::Static);
    config.allocation.duration_s = Period(100.0);
    config.applications[0].demand.pop();
    let mut refused = Vec::new();
    for heartbeat_ms in [10, 20, 50, 100, 200, 400, 1000] {
        config.allocation.heartbeat_s = Period(f64::from(heartbeat_ms) / 1e3);
        if let Err(error) = Allocation::check(t100(), &config) {
            let said = error.to_string();
            assert!(
                said.contains("/system/opus/allocation/heartbeat_s") && said.contains("raise"),
                "{said}"
            );
            refused.push(heartbeat_ms);
        } else {
            let moved = number(&run(&config, 1), "reassignments");
            assert_eq!(moved, 0.0, "a heartbeat every {heartbeat_ms} ms");
        }
    }
    assert_eq!(refused, [10, 20, 50, 100]);
}

#[test]
fn nodes_that_are_gone_for_ever_are_replaced() {
    let mut config = config(Policy::Greedy);
    config.disconnection.rate = Fraction(0.3);
    config.applications[0].demand.pop();
    let run = run(&config, 6);
    let report = run.system.report(&run.measures, run.totals);
    // 28 of 40 nodes serve 35 requests of half a second each: enough, once they are divided.
    let served = |row: &Vec<Cell>| row[2].number().unwrap() / row[1].number().unwrap();
    let times = &report.details[0];
    assert!(times[10..].iter().all(|row| served(row) > 0.9));
    assert_eq!(times[0][4], Cell::Count(28));
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn both_fidelities_do_the_same() {
    let mut config = config(Policy::GreedyTracked);
    config.allocation.duration_s = Period(300.0);
    config.disconnection.rate = Fraction(0.1);
    config.failures = Some(Failures {
        mean_up_s: Period(200.0),
        mean_down_s: Period(20.0),
    });
    let [path, hop] = by_fidelity::<Allocation>(&config);
    assert_eq!(path, hop);
}
