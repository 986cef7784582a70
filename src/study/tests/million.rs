//! What a sweep of very many runs takes in memory.

#![allow(
    clippy::disallowed_methods,
    reason = "tests read and write files of their own"
)]

use std::path::Path;

use serde_json::json;
use tempfile::TempDir;

use crate::experiment::Experiment;
use crate::ledger::{Parts, Record, Shard};
use crate::scenario::Scenario;
use crate::study::{Control, Execution, Folder, Prepared, Rows, Status, Sweep};

/// The long measurement: a sweep of a million finished runs is looked at, and put together.
#[test]
#[ignore = "takes minutes and 6 GB of disk: cargo test --release --lib a_million_runs -- --ignored --nocapture"]
fn a_million_runs() {
    let folder = TempDir::new().unwrap();
    let prepared = prepared(folder.path(), 1000);
    seal_all(&prepared);
    for _ in 0..2 {
        told("status", || {
            let sweep = Sweep::look(prepared.folder.clone(), &mut ()).unwrap();
            assert_eq!(Status::of(&sweep, 1).done, 1_000_000);
        });
        told("sweep", || finish(&prepared));
    }
}

/// A small version of the measurement, so that the measurement works when it is needed.
#[test]
fn a_sweep_whose_runs_are_sealed_elsewhere_is_put_together() {
    let folder = TempDir::new().unwrap();
    let prepared = prepared(folder.path(), 10);
    seal_all(&prepared);
    finish(&prepared);
    let rows = std::fs::read_to_string(prepared.folder.path().join("runs.csv")).unwrap();
    assert_eq!(rows.lines().count(), 1 + 100);
}

/// A sweep of `steps` by `steps` points with one replication each.
fn prepared(folder: &Path, steps: u32) -> Prepared {
    let topology = Path::new(env!("CARGO_MANIFEST_DIR")).join("topologies/t100-0.gb");
    let steps = |end: f64| -> Vec<f64> {
        let step = |index| f64::from(index) * end / f64::from(steps);
        (0..steps).map(step).collect()
    };
    let scenario = json!({
        "version": 1, "name": "million", "topology": {"file": topology},
        "system": {"arigatoni": {"requests": {"count": 10}}},
        "sweep": {"axes": {
            "/system/*/disconnection/rate": steps(1.0),
            "/system/*/services/density": steps(1.0),
        }},
        "figures": []
    });
    let scenario = Scenario::parse(&scenario.to_string(), "s.json", &[]).unwrap();
    let all = scenario.select(&[]).unwrap();
    Prepared {
        experiment: Experiment::prepare(scenario, &all, folder).unwrap(),
        selection: all,
        filters: Vec::new(),
        folder: Folder::new(folder.join("out")),
        chunk_runs: Some(50_000),
    }
}

/// Plans the sweep and seals all its chunks, with what came out of the first run.
fn seal_all(prepared: &Prepared) {
    let lock = prepared.folder.begin().unwrap();
    let sweep = Sweep::take_up(prepared, false, Rows::All, &mut ()).unwrap();
    let study = sweep.manifest().study.clone().unwrap();
    let parts = Parts::new(prepared.folder.parts(), study);
    let outcome = prepared.experiment.observe(0, 0).unwrap();
    let outline = sweep.outline();
    for chunk in &outline.chunks {
        let records = chunk.points.iter().map(|&point| {
            Ok(Record {
                point: sweep.plan.key(point).to_owned(),
                replication: chunk.replication,
                outcome: Ok(outcome.clone()),
            })
        });
        parts.seal(&chunk.name, records).unwrap();
    }
    drop(lock);
}

/// Takes the sweep up, of which no run is left, and puts it together.
fn finish(prepared: &Prepared) {
    let lock = prepared.folder.begin().unwrap();
    let mut sweep = Sweep::take_up(prepared, false, Rows::All, &mut ()).unwrap();
    assert!(sweep.jobs(&sweep.outline(), Shard::ALL).is_empty());
    let control = Control::default();
    let mut execution = Execution {
        threads: None,
        control: &control,
        watch: &mut (),
    };
    let ended = sweep
        .make_all(&prepared.experiment, &mut execution)
        .unwrap();
    assert!(sweep.finish(&ended.outline, None, &lock, &mut ()).unwrap());
}

/// Does `work` and says how much memory it took at most, beyond what was taken before.
fn told(name: &str, work: impl FnOnce()) {
    let taken = allocation_counter::measure(work);
    println!("{name}: {} MB at most", taken.bytes_max / 1_000_000);
}
