//! What a sweep of very many runs takes in memory.

use std::path::Path;

use arigatoni::ledger::{Ledger, Parts, Plan, Record};
use arigatoni::measure::RunOutcome;
use arigatoni::scenario::Scenario;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{done, put};
use crate::support::shipped;

/// The long measurement: a sweep of a million finished runs is looked at, and put together.
#[test]
#[ignore = "takes minutes and 6 GB of disk: cargo test --test it a_million_runs -- --ignored --nocapture"]
fn a_million_runs() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let range = |end: f64, step: f64| json!({"from": 0, "to": end, "step": step});
    let scenario = json!({
        "version": 1, "name": "million", "topology": {"file": shipped("topologies/t100-0.gb")},
        "system": {"arigatoni": {"requests": {"count": 10}}},
        "sweep": {"axes": {
            "/system/*/disconnection/rate": range(0.999, 0.001),
            "/system/*/services/density": range(0.999, 0.001),
        }},
        "figures": []
    });
    put(path, "s.json", &scenario);
    let words = ["sweep", "s.json", "-oout", "--yes", "--chunk-runs=50000"];
    done(path, &[&words[..], &["--shard=21/22"]].concat());
    let manifest: Value =
        serde_json::from_slice(&std::fs::read(path.join("out/manifest.json")).unwrap()).unwrap();
    let parts = Parts::new(
        path.join("out/parts"),
        manifest["study"].as_str().unwrap().into(),
    );
    let text = scenario.to_string();
    let scenario = Scenario::parse(&text, "s.json", &[]).unwrap();
    let all = scenario.select(&[]).unwrap();
    let plan = Plan::new(&scenario, &all, &[], 50_000).unwrap();
    let outcome = outcome(path);
    let record = |point: &String| {
        Ok(Record {
            point: point.clone(),
            replication: 0,
            outcome: outcome.clone(),
        })
    };
    for (number, points) in plan.keys().chunks(50_000).enumerate() {
        parts
            .seal(&format!("r{number}"), points.iter().map(record))
            .unwrap();
    }
    for words in [&["status", "out"][..], &words, &["status", "out"], &words] {
        let script = "exec /usr/bin/time -f '%M kB' \"$0\" \"$@\"";
        let output = std::process::Command::new("sh")
            .args(["-c", script, env!("CARGO_BIN_EXE_arigatoni")])
            .args(words)
            .current_dir(path)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        println!("{words:?}: {}", said.lines().last().unwrap());
    }
}

/// One point of the million.
const FILTER: &str = "--filter=/system/*/disconnection/rate=0.5";

/// What comes out of a run of the sweep in `path`.
fn outcome(path: &Path) -> Result<RunOutcome, String> {
    let words = ["sweep", "s.json", "-oone", "--yes", "--shard=0/9"];
    done(path, &[&words[..], &["--chunk-runs=1", FILTER]].concat());
    let one = std::fs::read_to_string(path.join("one/manifest.json")).unwrap();
    let one: Value = serde_json::from_str(&one).unwrap();
    let study = one["study"].as_str().unwrap().to_owned();
    let mut made = Ledger::default();
    Parts::new(path.join("one/parts"), study)
        .load(&mut made)
        .unwrap();
    made.records().next().unwrap().unwrap().outcome
}
