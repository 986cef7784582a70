//! Making what is left: what panics, and what is tried again.

use serde_json::json;
use tempfile::TempDir;

use crate::ledger::{Ledger, Parts, Plan, Record, Shard};
use crate::measure::{Cell, RunOutcome};
use crate::scenario::Scenario;
use crate::study::{Control, making};

/// A sweep of 7 points with 2 replications, in chunks of 3 runs.
fn plan() -> Plan {
    let rates: Vec<f64> = (0..7).map(|i| f64::from(i) / 100.0).collect();
    let document = json!({
        "version": 1, "name": "x", "topology": {"file": "a.gb"}, "replications": 2,
        "sweep": {"axes": {"/system/*/disconnection/rate": rates}}
    });
    let scenario = Scenario::parse(&document.to_string(), "x.json", &[]).unwrap();
    let all = scenario.select(&[]).unwrap();
    Plan::new(&scenario, &all, &["ratio"], 3).unwrap()
}

fn observed(ratio: f64) -> RunOutcome {
    RunOutcome {
        metrics: vec![Cell::Real(ratio)],
        fingerprint: 0xfeed,
        details: vec![Vec::new()],
    }
}

#[test]
fn a_run_that_panics_is_a_record_and_its_neighbours_live() {
    let folder = TempDir::new().unwrap();
    let parts = Parts::new(folder.path().join("parts"), "study".into());
    let plan = plan();
    let mut ledger = Ledger::default();
    let make_missing = |ledger: &mut Ledger, panics: bool| {
        let outline = plan.outline(ledger);
        let jobs = plan.jobs(&outline, ledger, Shard::ALL);
        let control = Control::default();
        let make = |point: u64, _| {
            assert!(!panics || point != 4, "point {point} is unlucky");
            Ok(observed(point as f64 + 0.5))
        };
        making::make(
            (&plan, &outline, &jobs),
            Some(&parts),
            ledger,
            (Some(2), &control),
            make,
        )
        .unwrap();
        control.done()
    };
    assert_eq!(make_missing(&mut ledger, true), 14);
    let failed = |ledger: &Ledger| {
        let records = ledger
            .records()
            .filter_map(|record| record.unwrap().outcome.err());
        records.collect::<Vec<_>>()
    };
    assert_eq!(failed(&ledger), ["point 4 is unlucky"; 2]);
    let records =
        |ledger: &Ledger| -> Vec<Record> { ledger.records().map(Result::unwrap).collect() };
    let mut read = Ledger::spooled(folder.path(), None, true).unwrap();
    assert!(parts.load(&mut read).unwrap().is_empty());
    assert_eq!(records(&read), records(&ledger));
    // What is in sealed chunks need not be kept, and nothing is lost when one is sealed again.
    let mut ledger = Ledger::spooled(folder.path(), None, false).unwrap();
    assert!(parts.load(&mut ledger).unwrap().is_empty());
    assert_eq!((ledger.len(), records(&ledger).len()), (14, 2));
    // Trying again makes the failed runs only, and a success beats the old failure.
    ledger.forget_failed();
    assert_eq!(make_missing(&mut ledger, false), 2);
    let mut read = Ledger::default();
    parts.load(&mut read).unwrap();
    assert_eq!((failed(&read).len(), records(&read).len()), (0, 14));
}
