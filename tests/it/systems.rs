//! Sweeps over different systems: one table with the columns of all.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{arigatoni, code, done, files, put, said};
use crate::review::reads;
use crate::support::shipped;

const NODES: u32 = 12;

/// Arigatoni, the overlay study of Opus and its study of tracking, side by side.
fn mixed() -> Value {
    let opus = |study: &str| json!({"opus": {"study": study, "nodes": {"count": NODES}}});
    json!({
        "version": 1, "name": "mixed", "replications": 2,
        "topology": {"file": shipped("topologies/t100-0.gb")},
        "sweep": {"axes": {"/system": [
            {"arigatoni": {"requests": {"count": 50}}},
            opus("overlay"),
            opus("tracking"),
            {"arigatoni": {"requests": {"count": 60}, "search": "exhaustive"}},
        ]}}
    })
}

/// The systems of a sweep.
fn systems(scenario: &mut Value) -> &mut Vec<Value> {
    scenario["sweep"]["axes"]["/system"].as_array_mut().unwrap()
}

/// The rows of a table by column.
fn table(text: &str) -> Vec<Vec<(String, String)>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let columns = reader.headers().unwrap().clone();
    let rows = reader.records().map(|row| {
        let row = row.unwrap();
        let cells = columns.iter().zip(row.iter());
        cells
            .map(|(name, cell)| (name.to_owned(), cell.to_owned()))
            .collect()
    });
    rows.collect()
}

fn cell<'a>(row: &'a [(String, String)], column: &str) -> &'a str {
    let found = row.iter().find(|(name, _)| name == column);
    &found.unwrap_or_else(|| panic!("no column {column}")).1
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_sweep_over_systems_has_the_union_of_their_columns() {
    let folder = TempDir::new().unwrap();
    put(folder.path(), "mixed.json", &mixed());
    done(folder.path(), &["sweep", "mixed.json", "-o", "r"]);
    let read = |name: &str| fs::read_to_string(folder.path().join("r").join(name)).unwrap();
    let runs = table(&read("runs.csv"));
    assert_eq!(runs.len(), 8);
    for (number, row) in runs.iter().enumerate() {
        let present = |column| !cell(row, column).is_empty();
        let is = [
            !(2..6).contains(&number),
            (2..4).contains(&number),
            (4..6).contains(&number),
        ];
        assert_eq!(present("accepted"), is[0], "{row:?}");
        assert_eq!(present("cost_ratio"), is[1], "{row:?}");
        assert!(present("fingerprint"), "{row:?}");
        // All of them count events.
        assert!(present("events"), "{row:?}");
    }
    // A point alone says the same numbers.
    let mut alone = mixed();
    systems(&mut alone).truncate(1);
    alone["name"] = "alone".into();
    put(folder.path(), "alone.json", &alone);
    done(folder.path(), &["sweep", "alone.json", "-o", "a"]);
    let alone = table(&fs::read_to_string(folder.path().join("a/runs.csv")).unwrap());
    for (row, other) in alone.iter().zip(&runs) {
        for (name, value) in row {
            assert_eq!(value, cell(other, name), "{name}");
        }
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn tables_and_manifest_tell_all_systems() {
    let folder = TempDir::new().unwrap();
    put(folder.path(), "mixed.json", &mixed());
    done(folder.path(), &["sweep", "mixed.json", "-o", "r"]);
    let read = |name: &str| fs::read_to_string(folder.path().join("r").join(name)).unwrap();
    for (name, of) in [
        ("depths.csv", ["0", "1", "6", "7"].as_slice()),
        ("samples.csv", &["4", "5"]),
    ] {
        let rows = table(&read(name));
        let runs: BTreeSet<&str> = rows.iter().map(|row| cell(row, "run")).collect();
        assert!(runs.iter().eq(of), "{name}: {runs:?}");
    }
    let summary = table(&read("summary.csv"));
    let of = |metric: &str| -> Vec<String> {
        let rows = summary.iter().filter(|row| cell(row, "metric") == metric);
        rows.map(|row| cell(row, "n").to_owned()).collect()
    };
    assert_eq!(of("accepted"), ["2", "0", "0", "2"]);
    assert_eq!(of("events"), ["2"; 4]);
    let manifest: Value = serde_json::from_str(&read("manifest.json")).unwrap();
    let start = manifest["method"]["initial_state"].as_str().unwrap();
    assert!(
        start.starts_with("arigatoni: ") && start.contains("; opus: "),
        "{start}"
    );
    // What all have, and nothing that only some have.
    let constants = &manifest["constants"];
    assert_eq!(constants["δ"], 0, "{constants}");
    assert!(
        constants.get("α").is_none() && constants.get("requests").is_none(),
        "{constants}"
    );
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_sweep_over_systems_is_checked_compared_drawn_and_extended() {
    let folder = TempDir::new().unwrap();
    let mut scenario = mixed();
    let rate = "/system/*/disconnection/rate";
    scenario["sweep"]["axes"][rate] = json!([0, 0.2]);
    scenario["figures"] = json!([{"name": "own", "metric": "accepted", "x": rate}]);
    put(folder.path(), "mixed.json", &scenario);
    done(folder.path(), &["sweep", "mixed.json", "-o", "r"]);
    done(folder.path(), &["check", "mixed.json", "--baseline", "r"]);
    done(folder.path(), &["figures", "r"]);
    // Of Arigatoni, of a study of Opus, and the scenario's own.
    for name in ["acceptance", "delivery", "own"] {
        let figure = folder.path().join(format!("r/figures/{name}.svg"));
        assert!(fs::metadata(figure).unwrap().len() > 1000, "{name}");
    }
    // What is there is kept, and ends in the bytes of one sweep.
    done(
        folder.path(),
        &["sweep", "mixed.json", "-o", "s", "--set", "/replications=1"],
    );
    done(folder.path(), &["sweep", "mixed.json", "-o", "s"]);
    for name in ["runs.csv", "summary.csv", "depths.csv", "samples.csv"] {
        let read = |results: &str| fs::read(folder.path().join(results).join(name)).unwrap();
        assert!(read("r") == read("s"), "{name}");
    }
    done(folder.path(), &["compare", "r", "s"]);
}

/// What is kept of a run has a cell for each column, so a system with others needs a folder of its own.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn results_are_not_extended_by_columns() {
    let folder = TempDir::new().unwrap();
    let mut one = mixed();
    systems(&mut one).truncate(1);
    put(folder.path(), "one.json", &one);
    done(folder.path(), &["sweep", "one.json", "-o", "r"]);
    let before = files(&folder.path().join("r"));
    put(folder.path(), "mixed.json", &mixed());
    let refused = arigatoni(folder.path(), &["sweep", "mixed.json", "-o", "r"]);
    assert_eq!(code(&refused), Some(2));
    reads(
        "systems-refused",
        "Results that would get other columns",
        &[("sweep mixed.json -o r", &said(&refused))],
    );
    assert!(files(&folder.path().join("r")) == before);
    // More points of the systems that are there go in.
    let mut more = one;
    systems(&mut more).push(json!({"arigatoni": {"slots": 1, "requests": {"count": 40}}}));
    put(folder.path(), "more.json", &more);
    done(folder.path(), &["sweep", "more.json", "-o", "r"]);
}

/// The base is no point where `/system` is an axis: its columns are nobody's.
#[test]
fn a_base_that_is_not_run_has_no_columns() {
    let folder = TempDir::new().unwrap();
    let mut scenario = mixed();
    systems(&mut scenario).retain(|system| system.get("opus").is_some());
    put(folder.path(), "mixed.json", &scenario);
    done(folder.path(), &["sweep", "mixed.json", "-o", "r"]);
    let runs = table(&fs::read_to_string(folder.path().join("r/runs.csv")).unwrap());
    assert_eq!(runs.len(), 4);
    assert!(runs[0].iter().all(|(name, _)| name != "acceptance_ratio"));
}
