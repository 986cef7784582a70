//! Availability as a target: replicas are chosen by the laws of failure, and what is measured reaches the target.

use std::fs;
use std::path::Path;

use arigatoni::error::Error;
use arigatoni::experiment::Experiment;
use arigatoni::measure::Cell;
use arigatoni::opus::allocation::Allocation;
use arigatoni::opus::allocation::config::Policy;
use arigatoni::opus::config::Opus;
use arigatoni::parameters::decode;
use arigatoni::random::RandomStreams;
use arigatoni::scenario::Scenario;
use arigatoni::simulation::network::Fidelity;
use arigatoni::simulation::{self, Run, Setting};
use arigatoni::system::{Model, Observed, System};
use serde_json::{Value, json};

use crate::command::{arigatoni as program, code, said};
use crate::review::{Page, reads};
use crate::support::{shipped, t100};

/// An application with this quorum and target on 16 nodes that fail by these laws.
fn config(sla: &Value, laws: &Value) -> Opus {
    let mut opus = json!({
        "study": "allocation", "nodes": {"count": 16},
        // Long intervals: a node that comes back says so at once.
        "allocation": {
            "policy": "static", "regions": 2, "duration_s": 100_000, "epoch_s": 50_000,
            "heartbeat_s": 20_000, "bin_s": 50_000,
        },
        "applications": [
            {"demand": [{"constant": {"rate_per_s": 1e-4}}], "sla": sla},
            {"demand": [{"constant": {"rate_per_s": 1e-4}}]},
        ],
    });
    for (member, law) in laws.as_object().unwrap() {
        opus[member] = law.clone();
    }
    let config: Opus = decode(&opus, "").unwrap();
    arigatoni::parameters::Plain::check(&config, "").unwrap();
    config
}

fn run(config: &Opus, replication: u32) -> Run<Allocation> {
    try_run(config, replication).unwrap()
}

/// A run, unless it is refused.
fn try_run(config: &Opus, replication: u32) -> Result<Run<Allocation>, Error> {
    let streams = RandomStreams::new(4, replication);
    let system = Allocation::build(t100(), config, streams)?;
    Ok(simulation::run(
        system,
        Setting::of(t100(), streams, &Fidelity::Path.into()),
    ))
}

/// Metrics of a run by name.
fn numbers<const N: usize>(run: &Run<Allocation>, names: [&str; N]) -> [f64; N] {
    let report = run.system.report(&run.measures, run.totals);
    names.map(|name| {
        let mut all = Allocation::METRICS.iter().zip(&report.cells);
        let (_, cell) = all.find(|(metric, _)| metric.name == name).unwrap();
        cell.number().unwrap_or_else(|| panic!("{name} is absent"))
    })
}

/// Laws of failure, drawn.
fn laws(draw: &mut impl FnMut() -> f64) -> Value {
    let mean = |least: f64, most: f64, at: f64| least * (most / least).powf(at);
    let up = match (draw() * 4.0) as u32 {
        0 => json!({"exponential": {"mean_s": mean(500.0, 5000.0, draw())}}),
        1 => json!({"weibull": {"shape": 0.6 + draw(), "mean_s": mean(500.0, 5000.0, draw())}}),
        2 => json!({"gamma": {"shape": 0.5 + 2.0 * draw(), "mean_s": mean(500.0, 5000.0, draw())}}),
        _ => json!({"uniform_s": [200, mean(500.0, 5000.0, draw())]}),
    };
    let down = json!({"exponential": {"mean_s": mean(50.0, 800.0, draw())}});
    let mut laws = json!({"sessions": {"up": up, "down": down}});
    if draw() < 0.6 {
        let up = json!({"exponential": {"mean_s": mean(5000.0, 20_000.0, draw())}});
        let down = json!({"lognormal": {"mean_s": mean(50.0, 900.0, draw()), "sigma": 0.8}});
        laws["domain_failures"] = json!({"up": up, "down": down});
    }
    laws
}

/// The mean of `values`, and its standard error.
fn estimate(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / (count - 1.0) / count).sqrt())
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn random_targets_are_met_or_refused() {
    are_met_or_refused(12);
}

#[test]
#[ignore = "takes minutes: cargo test --release --test it two_hundred_random_targets -- --ignored"]
fn two_hundred_random_targets_are_met_or_refused() {
    are_met_or_refused(200);
}

/// Of so many random targets and laws each is met, or refused beforehand. The limit is that of a normal distribution
/// for 0.1 % in 200 of them together, with room for the tails of a dozen runs.
fn are_met_or_refused(cases: u64) {
    const RUNS: u32 = 12;
    let (mut met, mut refused) = (0, 0);
    let streams = RandomStreams::new(22, 0);
    for case in 0..cases {
        let mut stream = streams.stream(arigatoni::random::StreamId(240), case);
        let mut draw = || stream.unit();
        let target = 1.0 - 10_f64.powf(-0.3 - 3.2 * draw());
        let quorum = 1 + (draw() * 3.0) as u32;
        let laws = laws(&mut draw);
        let config = config(&json!({"availability": target, "quorum": quorum}), &laws);
        if Allocation::check(t100(), &config).is_err() {
            refused += 1;
            continue;
        }
        let names = ["up_ratio", "up_ratio_expected"];
        // Where nodes are drawn to be in few domains the target may be beyond them: then the run is refused.
        let runs: Vec<[f64; 2]> = (0..RUNS)
            .filter_map(|number| Some(numbers(&try_run(&config, number).ok()?, names)))
            .collect();
        let are_met = runs.iter().all(|[_, expected]| *expected >= target);
        assert!(are_met, "{case}: {target}");
        let whole: Vec<f64> = runs.iter().map(|[share, _]| *share).collect();
        if whole.len() < 10 {
            refused += 1;
            continue;
        }
        met += 1;
        let (mean, error) = estimate(&whole);
        assert!(
            mean + 8.0 * error.max(1e-5) >= target,
            "{case}: {mean} ± {error} is below {target}: {laws}"
        );
    }
    assert!(
        met * 2 > cases && refused > 0,
        "{met} met, {refused} refused"
    );
}

/// Where nodes are drawn to be decides whether a target is met: all replications are looked at before the first run.
#[test]
fn a_sweep_of_which_one_run_cannot_be_placed_is_refused_before_the_first_run() {
    let scenario = json!({
        "version": 1, "name": "x", "replications": 20,
        "topology": {"file": shipped("topologies/t100-0.gb")},
        "system": {"opus": {
            "study": "allocation", "nodes": {"count": 6},
            "allocation": {"policy": "static", "duration_s": 10_000, "bin_s": 5000},
            "applications": [{"sla": {"availability": 0.9998, "quorum": 1}}],
            "domain_failures": {"up": 9000, "down": 1000},
        }},
    });
    let scenario = Scenario::parse(&scenario.to_string(), "x.json", &[]).unwrap();
    let all = scenario.select(&[]).unwrap();
    let error = Experiment::prepare(scenario, &all, Path::new(".")).unwrap_err();
    let said = error.to_string();
    assert!(said.contains("applications/0/sla/availability"), "{said}");
    reads(
        "systems-refused",
        "An availability that one of 20 replications cannot have",
        &[("x.json", &said)],
    );
}

#[test]
fn an_isolation_that_the_policy_ignores_is_noted() {
    let laws = json!({"sessions": {"up": 900, "down": 100}});
    let mut config = config(&json!({}), &laws);
    config.allocation.isolation = true;
    for (policy, noted) in [
        (Policy::Static, true),
        (Policy::Proportional, true),
        (Policy::Greedy, false),
    ] {
        config.allocation.policy = policy;
        let notes = Allocation::notes(&config);
        assert_eq!(!notes.is_empty(), noted, "{notes:?}");
    }
    config.overlay.reach = Some(decode(&json!({"reach": 0.9, "at": 0.1}), "").unwrap());
    let notes = Allocation::notes(&config);
    assert!(
        notes.len() == 1 && notes[0].contains("`/overlay/reach`"),
        "{notes:?}"
    );
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn more_availability_takes_more_nodes_in_more_domains() {
    let laws = json!({
        "sessions": {"up": 900, "down": 100},
        "domain_failures": {"up": 9500, "down": 500},
    });
    let mut last = 0.0;
    for target in [0.8, 0.9, 0.98, 0.99, 0.999] {
        let config = config(&json!({"availability": target, "quorum": 1}), &laws);
        let [nodes, expected] = numbers(&run(&config, 1), ["replica_nodes", "up_ratio_expected"]);
        assert!(
            nodes >= last && expected >= target,
            "{target}: {nodes} {expected}"
        );
        last = nodes;
    }
    assert!(last >= 3.0, "{last}");
}

/// Where the other application could use all nodes, each replica takes about its share of what they serve.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn replicas_have_their_price_in_utility_where_nodes_are_scarce() {
    let shipped = fs::read(shipped("scenarios/opus-availability-scarce.json")).unwrap();
    let mut document: Value = serde_json::from_slice(&shipped).unwrap();
    let opus = &mut document["system"]["opus"];
    opus["allocation"]["duration_s"] = json!(100_000);
    let mut run_with = |quorum: Value, target: f64| {
        let sla = &mut opus["applications"][0]["sla"];
        (sla["quorum"], sla["availability"]) = (quorum, json!(target));
        run(&decode(opus, "").unwrap(), 1)
    };
    let [best] = numbers(&run_with(Value::Null, 0.8), ["utility"]);
    let mut last = 0.0;
    for target in [0.8, 0.98] {
        let names = ["replica_nodes", "utility"];
        let [nodes, utility] = numbers(&run_with(json!(2), target), names);
        let price = 1.0 - utility / best;
        assert!(nodes > last, "{target}: {nodes}");
        assert!(
            (0.02..0.08).contains(&(price / nodes)),
            "{target}: {price} for {nodes}"
        );
        last = nodes;
    }
}

#[test]
fn without_a_quorum_there_are_no_replicas() {
    let laws = json!({"sessions": {"up": 900, "down": 100}});
    let mut page = Page::new("An availability without a quorum, and with one");
    for sla in [
        json!({"availability": 0.99}),
        json!({"availability": 0.99, "quorum": 1}),
        json!({}),
    ] {
        let notes = Allocation::notes(&config(&sla, &laws));
        page.entry(&sla.to_string(), notes.join("\n"));
    }
    page.check_section("notes");
    let run = run(&config(&json!({"availability": 0.99}), &laws), 1);
    let report = run.system.report(&run.measures, run.totals);
    let all = Allocation::METRICS.iter().zip(&report.cells);
    for (metric, cell) in all {
        if ["replica_nodes", "up_ratio", "up_ratio_expected"].contains(&metric.name) {
            assert_eq!(*cell, Cell::Absent, "{}", metric.name);
        }
    }
    assert!(
        Allocation::exports()
            .iter()
            .any(|export| export.name == "divisions")
    );
}

/// Outages of the network are no part of the laws by which replicas are chosen.
#[test]
fn outages_of_a_network_with_replicas_are_noted() {
    let notes = |set: &str| {
        let sets = ["/system/*/allocation/duration_s=3600", set];
        let mut arguments = vec!["run", "scenarios/opus-availability.json"];
        arguments.extend(sets.iter().flat_map(|set| ["--set", set]));
        let output = program(&shipped(""), &arguments);
        assert_eq!(code(&output), Some(0), "{set}");
        let said = said(&output);
        let notes = said.lines().filter(|line| line.starts_with("note: "));
        notes.map(str::to_owned).collect::<Vec<_>>()
    };
    let mut page = Page::new("run scenarios/opus-availability.json --set …");
    for outages in [
        r#"/network/partitions=[{"at_s": 100, "for_s": 60, "domain": "T:1"}]"#,
        r#"/network/link_failures={"up": {"exponential": {"mean_s": 1e5}}, "down": 60}"#,
        "/network/loss=0.01",
    ] {
        page.entry(outages, notes(outages).join("\n"));
    }
    page.check_section("notes");
}
