//! Records, chunks and plans, without a process: what panics, what is torn, how a sweep is cut.

#![allow(
    clippy::disallowed_methods,
    reason = "tests read and write files of their own"
)]

use std::collections::BTreeSet;

use super::{Ledger, Parts, Plan, Record, Resolution, Shard};
use crate::measure::{Cell, RunOutcome};
use crate::scenario::Scenario;
use expect_test::expect;
use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

fn scenario(points: u32, replications: u32, precision: &Value) -> Scenario {
    let rates: Vec<f64> = (0..points).map(|i| f64::from(i) / 100.0).collect();
    let document = json!({
        "version": 1, "name": "x", "topology": {"file": "a.gb"},
        "replications": replications, "precision": precision,
        "sweep": {"axes": {"/system/*/disconnection/rate": rates}}
    });
    Scenario::parse(&document.to_string(), "x.json", &[]).unwrap()
}

fn plan(scenario: &Scenario, chunk_runs: u64) -> Plan {
    let all = scenario.select(&[]).unwrap();
    Plan::new(scenario, &all, &["ratio"], chunk_runs).unwrap()
}

fn observed(ratio: f64) -> RunOutcome {
    RunOutcome {
        metrics: vec![Cell::Real(ratio)],
        fingerprint: 0xfeed,
        details: vec![vec![vec![
            Cell::Count(1),
            Cell::Absent,
            Cell::Text("0.5".into()),
        ]]],
    }
}

fn record(replication: u32, outcome: Result<RunOutcome, String>) -> Record {
    Record {
        point: "[0.1,\"a b\"]".into(),
        replication,
        outcome,
    }
}

/// The bytes of a sealed chunk with these records.
fn sealed(records: &[Record]) -> Vec<u8> {
    let folder = TempDir::new().unwrap();
    let parts = Parts::new(folder.path().into(), "study".into());
    parts.seal("a", records.iter().cloned().map(Ok)).unwrap();
    std::fs::read(folder.path().join("a.chunk")).unwrap()
}

/// What is found in the part `name` with these bytes, and what is told about it.
fn load(name: &str, bytes: &[u8], study: &str) -> (Vec<Record>, String) {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join(name), bytes).unwrap();
    let parts = Parts::new(folder.path().into(), study.into());
    let mut ledger = Ledger::default();
    let told = parts.load(&mut ledger).unwrap().join("\n");
    let records = ledger.records().map(Result::unwrap).collect();
    (records, told)
}

#[test]
fn records_read_back_as_they_were() {
    let records = vec![
        record(0, Ok(observed(0.1 + 0.2))),
        record(1, Err("index 3 is out of bounds\nfor\u{2028}all".into())),
    ];
    let bytes = sealed(&records);
    assert_eq!(load("a.chunk", &bytes, "study"), (records, String::new()));
    let (found, told) = load("a.chunk", &bytes, "other");
    assert!(found.is_empty());
    let (_, what) = told.rsplit_once("a.chunk").unwrap();
    expect![": these are runs of another study (study; this one is other); they are ignored"]
        .assert_eq(what);
    assert_eq!(String::from_utf8(bytes).unwrap().lines().count(), 4);
}

proptest! {
    /// Any changed byte of a sealed chunk is seen, any cut too; a cut journal loses only the torn
    /// record, a changed one only the records that were changed.
    #[test]
    fn damage_is_seen(at in 0_usize..900, bit in 0_u8..8) {
        let records: Vec<Record> = (0..5).map(|r| record(r, Ok(observed(0.5)))).collect();
        let bytes = sealed(&records);
        let at = at % bytes.len();
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << bit;
        for bytes in [&damaged[..], &bytes[..at]] {
            let (found, told) = load("a.chunk", bytes, "study");
            prop_assert!(found.is_empty() && !told.is_empty(), "{}", told);
        }
        // A part whose first line is damaged is none.
        let first = bytes.iter().position(|&byte| byte == b'\n').unwrap();
        let (found, _) = load("a.journal", &damaged, "study");
        prop_assert!(found.iter().all(|found| records.contains(found)));
        let most = if at <= first { 0 } else { 5 };
        prop_assert!(found.len() <= most && found.len() + 2 >= most);
        let (found, told) = load("a.journal", &bytes[..at], "study");
        prop_assert_eq!(&found[..], &records[..found.len()]);
        // Of what is cut within a line that is a record's, one record is torn; else there is nothing to tell.
        let last = bytes[..at].rsplit(|&byte| byte == b'\n').next().unwrap();
        let is_cut = !last.is_empty() && bytes[at] != b'\n';
        let is_torn = at > first && is_cut && !last.starts_with(b"end ");
        prop_assert_eq!(at > first && !told.is_empty(), is_torn, "{}", told);
    }

    /// The cut does not depend on the shards, every run is in exactly one chunk, and every chunk
    /// in exactly one of any number of shards.
    #[test]
    fn shards_share_the_work(points in 1_u32..20, reps in 1_u32..6, size in 1_u64..9, of in 1_u32..8) {
        let plan = plan(&scenario(points, reps, &Value::Null), size);
        let ledger = Ledger::default();
        let outline = plan.outline(&ledger);
        let mut seen = BTreeSet::new();
        for index in 0..of {
            for job in plan.jobs(&outline, &ledger, Shard { index, of }) {
                prop_assert!(job.chunk % of == index);
                prop_assert!(seen.insert((job.point, job.replication)));
            }
        }
        prop_assert_eq!(seen.len() as u32, points * reps);
        prop_assert_eq!(outline.runs(), u64::from(points * reps));
        let names: BTreeSet<&str> = outline.chunks.iter().map(|chunk| &*chunk.name).collect();
        prop_assert_eq!(names.len(), outline.chunks.len());
        prop_assert!(outline.chunks.iter().all(|chunk| chunk.points.len() as u64 <= size));
    }
}

/// A limit stops a point, reached or not, and keeps no other from its runs.
#[test]
fn a_limited_plan_asks_for_no_more_than_its_limits() {
    let precision = json!({"metric": "ratio", "relative_half_width": 0.05, "min": 4, "max": 9});
    let limits = [5, 9, 3, 0];
    let limited = |precision: &Value| {
        let plan = plan(&scenario(4, 8, precision), 2);
        let keys = plan.keys().to_vec();
        plan.limited(|key| limits[keys.iter().position(|known| known == key).unwrap()])
    };
    let mut ledger = Ledger::default();
    let fixed = limited(&Value::Null);
    assert_eq!(fixed.outline(&ledger).replications, [5, 8, 3, 0]);
    let plan = limited(&precision);
    loop {
        let outline = plan.outline(&ledger);
        let jobs = plan.jobs(&outline, &ledger, Shard::ALL);
        assert_eq!(outline.finished, jobs.is_empty());
        if outline.finished {
            assert_eq!(outline.replications, [5, 9, 3, 0]);
            let stops = outline.stops.iter().flatten();
            let reached: Vec<_> = stops
                .map(|stop| (stop.replications, stop.resolution))
                .collect();
            let expected = [
                (5, Resolution::TooWide),
                (9, Resolution::TooWide),
                (3, Resolution::NoVariance),
                (0, Resolution::TooFewValues),
            ];
            assert_eq!(reached, expected);
            return;
        }
        for job in jobs {
            // Point 2 never varies, but has fewer replications than the least.
            let value = if job.point == 2 {
                1.0
            } else {
                f64::from(job.replication % 2)
            };
            ledger
                .enter(Record {
                    point: plan.key(job.point).into(),
                    replication: job.replication,
                    outcome: Ok(observed(value)),
                })
                .unwrap();
        }
    }
}

#[test]
fn replications_are_added_until_the_interval_is_narrow() {
    let precision = json!({"metric": "ratio", "relative_half_width": 0.05, "min": 4, "max": 9});
    let plan = plan(&scenario(3, 1, &precision), 2);
    // Point 0 never varies, point 1 calms down, point 2 never does.
    let value = |point: u64, replication: u32| match point {
        0 => 2.0,
        1 if replication < 4 => 1.0 + f64::from(replication % 2) * 0.08,
        1 => 1.04,
        _ => f64::from(replication % 2),
    };
    let mut ledger = Ledger::default();
    let mut rounds = Vec::new();
    loop {
        let outline = plan.outline(&ledger);
        let jobs = plan.jobs(&outline, &ledger, Shard::ALL);
        assert_eq!(outline.finished, jobs.is_empty());
        if outline.finished {
            assert_eq!(outline.replications, [9, 5, 9]);
            let stops: Vec<_> = outline
                .stops
                .iter()
                .flatten()
                .map(|stop| stop.resolution)
                .collect();
            let expected = [
                Resolution::NoVariance,
                Resolution::Reached,
                Resolution::TooWide,
            ];
            assert_eq!(stops, expected);
            break;
        }
        rounds.push(jobs.len());
        for job in jobs {
            let point = plan.points()[job.point as usize];
            ledger
                .enter(Record {
                    point: plan.key(job.point).into(),
                    replication: job.replication,
                    outcome: Ok(observed(value(point, job.replication))),
                })
                .unwrap();
        }
    }
    // 4 replications of 3 points, then 1, then of the two that are left to 6, 7, 8 and 9.
    assert_eq!(rounds, [12, 3, 2, 2, 2, 2]);
    let unknown = Plan::new(
        &scenario(1, 1, &json!({"metric": "ration", "relative_half_width": 1})),
        &scenario(1, 1, &Value::Null).select(&[]).unwrap(),
        &["ratio"],
        1,
    );
    expect![[r#"
        x.json:1: /precision/metric: there is no metric `ration`
          help: did you mean `ratio`?"#]]
    .assert_eq(&unknown.unwrap_err().to_string());
}

/// What a finished run takes in memory does not depend on what was observed of it.
#[test]
fn what_was_observed_goes_to_the_disk() {
    let folder = TempDir::new().unwrap();
    let count = 5000;
    let mut ledger = Ledger::spooled(folder.path(), Some(0), true).unwrap();
    let of = |run: u32| RunOutcome {
        metrics: vec![Cell::Real(f64::from(run) + 0.5); 50],
        fingerprint: u64::from(run),
        details: vec![vec![vec![Cell::Count(u64::from(run)); 6]; 20]],
    };
    let taken = allocation_counter::measure(|| {
        for run in 0..count {
            let record = Record {
                point: format!("[{}]", run / 2),
                replication: run % 2,
                outcome: Ok(of(run)),
            };
            ledger.enter(record).unwrap();
        }
    });
    let bytes = taken.bytes_current as u64 / u64::from(count);
    assert!(bytes < 250, "{bytes} bytes a run");
    for run in (0..count).rev() {
        let outcome = ledger.outcome(&format!("[{}]", run / 2), run % 2);
        assert_eq!(outcome.unwrap(), Some(Ok(of(run))));
    }
}
