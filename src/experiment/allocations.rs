//! How often the memory allocator is asked while a run is in its steady state.

use std::path::Path;

use serde_json::{Value, json};

use super::Experiment;
use crate::measure::Cell;
use crate::scenario::Scenario;

/// How often memory is asked for in a run of `system` with so many requests, and its inputs.
fn run(system: &Value, requests: u32) -> [u64; 2] {
    let topology = Path::new(env!("CARGO_MANIFEST_DIR")).join("topologies/t100-0.gb");
    let mut system = system.clone();
    system["requests"]["count"] = requests.into();
    let scenario = json!({
        "version": 1, "name": "allocations", "topology": {"file": topology},
        "system": {"arigatoni": system}, "figures": []
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
fn a_steady_state_asks_for_no_memory() {
    let sessions =
        json!({"up": 30, "down": {"exponential": {"mean_s": 10}}, "leave": "unregister"});
    let systems = [
        json!({"requests": {"rate_per_s": 20}}),
        json!({"requests": {"rate_per_s": 20}, "sessions": sessions}),
    ];
    for system in systems {
        let [short, long] = [4_000, 16_000].map(|requests| run(&system, requests));
        let [asked, events] = [0, 1].map(|n| long[n] - short[n]);
        // Lists of what was observed grow now and then.
        assert!(
            events > 100_000 && asked * 100 < events,
            "{asked} for {events}: {system}"
        );
    }
}
