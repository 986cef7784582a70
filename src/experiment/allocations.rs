//! How often the memory allocator is asked while a run is in its steady state.

use std::path::Path;

use serde_json::{Value, json};

use super::Experiment;
use crate::measure::Cell;
use crate::scenario::Scenario;

/// The number of allocations in a run of `system` on a `network` with `requests` requests, and the number of its
/// inputs.
fn run(system: &Value, network: &Value, requests: u32) -> [u64; 2] {
    let topology = Path::new(env!("CARGO_MANIFEST_DIR")).join("topologies/t100-0.gb");
    let mut system = system.clone();
    system["requests"]["count"] = requests.into();
    let scenario = json!({
        "version": 1, "name": "allocations", "topology": {"file": topology},
        "network": network, "system": {"arigatoni": system}, "figures": []
    });
    let scenario = Scenario::parse(&scenario.to_string(), "s.json", &[]).unwrap();
    let all = scenario.select(&[]).unwrap();
    let experiment = Experiment::prepare(scenario, &all, Path::new(".")).unwrap();
    let mut outcome = None;
    let taken = allocation_counter::measure(|| outcome = Some(experiment.observe(0, 0).unwrap()));
    let events = outcome
        .unwrap()
        .metrics
        .into_iter()
        .filter_map(|cell| match cell {
            Cell::Count(count) => Some(count),
            _ => None,
        });
    [taken.count_total, events.max().unwrap()]
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_steady_state_asks_for_no_memory() {
    let sessions =
        |leave| json!({"up": 30, "down": {"exponential": {"mean_s": 10}}, "leave": leave});
    let requests = json!({"rate_per_s": 20});
    let ideal = json!({});
    let cases = [
        (json!({"requests": requests}), &ideal),
        (
            json!({"requests": requests, "sessions": sessions("unregister")}),
            &ideal,
        ),
        (
            json!({"requests": requests, "sessions": sessions("crash")}),
            &ideal,
        ),
        (
            json!({"requests": requests, "services": {"change": 20}}),
            &ideal,
        ),
        (
            json!({"requests": requests, "sessions": sessions("unregister")}),
            &json!({"loss": 0.02, "duplicate": 0.01, "jitter_s": 0.01}),
        ),
    ];
    for (system, network) in cases {
        let [short, long] = [4_000, 16_000].map(|requests| run(&system, network, requests));
        let [asked, events] = [0, 1].map(|n| long[n] - short[n]);
        // Lists of what was observed grow now and then; and where packets get lost, each unit has a link to each
        // that it has ever spoken to.
        let share = if network == &ideal { 100 } else { 50 };
        assert!(
            events > 50_000 && asked * share < events,
            "{asked} for {events}: {system} {network}"
        );
    }
}
