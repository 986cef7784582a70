//! The golden fingerprints: what each scenario in `scenarios/ci/` does, in 64 bits.
//!
//! `X.json` stands beside `X.fingerprint`. A change that moves one is a change of behaviour: say why
//! in CHANGELOG.md, and store the new ones with `BLESS=1 cargo test fingerprints`.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use arigatoni::experiment::Experiment;
use arigatoni::scenario::Scenario;

use crate::disks::say;
use crate::support::{is_quick, shipped, tried};

/// What is compared where nothing is optimized: one of them shows that this makes no difference.
const QUICK: &str = "selective.json";

/// Whether the fingerprints are to be stored anew.
fn is_blessed() -> bool {
    std::env::var_os("BLESS").is_some()
}

/// The names and fingerprints of all CI scenarios, as this build computes them, or of a quick one.
fn computed() -> BTreeMap<String, String> {
    let folder = shipped("scenarios/ci");
    let mut fingerprints = BTreeMap::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "json") {
            continue;
        }
        if is_quick() && !is_blessed() && !path.ends_with(QUICK) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let scenario = Scenario::parse(&text, &path.display().to_string(), &[]).unwrap();
        let name = scenario.name().to_owned();
        let all = scenario.select(&[]).unwrap();
        let experiment = Experiment::prepare(scenario, &all, &folder).unwrap();
        let fingerprint = experiment.observe(0, 0).unwrap().fingerprint;
        fingerprints.insert(name, format!("x{fingerprint:016x}\n"));
    }
    fingerprints
}

#[test]
fn every_ci_scenario_has_its_stored_fingerprint() {
    let computed = computed();
    assert!(computed.len() >= tried(1, 9) as usize, "{computed:?}");
    for (name, fingerprint) in &computed {
        let path = shipped(&format!("scenarios/ci/{name}.fingerprint"));
        if is_blessed() {
            fs::write(&path, fingerprint).unwrap();
            say(&format!(
                "STORED ANEW, not compared: the fingerprint of {name}"
            ));
        }
        let stored = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(
            stored, *fingerprint,
            "{name}: see the head of tests/it/fingerprints.rs"
        );
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn what_must_be_alike_is_and_what_differs_differs() {
    let computed = computed();
    assert_eq!(
        computed["hop"], computed["selective"],
        "fidelity does not show"
    );
    assert_eq!(
        computed["messages-start"], computed["selective"],
        "nor does the way to start"
    );
    assert_eq!(
        computed["generated"], computed["selective"],
        "nor whether the graph was read or generated"
    );
    let distinct: std::collections::BTreeSet<_> = computed.values().collect();
    assert_eq!(distinct.len(), computed.len() - 3, "{computed:?}");
}

#[test]
fn the_program_and_the_library_agree() {
    let scenario = shipped("scenarios/ci/selective.json");
    let output = Command::new(env!("CARGO_BIN_EXE_arigatoni"))
        .args(["run", scenario.to_str().unwrap(), "--json"])
        .output()
        .unwrap();
    let numbers: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let stored = fs::read_to_string(shipped("scenarios/ci/selective.fingerprint")).unwrap();
    assert_eq!(numbers["fingerprint"], stored.trim());
}
