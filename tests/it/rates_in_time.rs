//! Rules that are applied at rates in time, while requests run.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{done, put};
use crate::rates::scenario;

/// How often each rule is applied while requests run.
#[test]
fn rules_are_applied_at_rates_in_time() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let rows = |rates: &Value, threads: &str| {
        let mut document = scenario(&json!({"rates_per_s": rates}));
        document["system"]["arigatoni"]["requests"]["rate_per_s"] = 10.into();
        put(folder, "s.json", &document);
        done(
            folder,
            &[
                "run",
                "s.json",
                "--membership",
                "m.csv",
                "--threads",
                threads,
            ],
        );
        let rows = fs::read_to_string(folder.join("m.csv")).unwrap();
        let rows = rows.lines().map(|row| {
            let cells: Vec<&str> = row.split(',').collect();
            (
                cells[0].parse().unwrap_or(0.0) / 1e9,
                cells[1].to_owned(),
                cells[2].to_owned(),
            )
        });
        rows.collect::<Vec<(f64, String, String)>>()
    };
    let count = |rows: &[(f64, String, String)], kind: &str, event: &str| {
        let is_it =
            |row: &&(f64, String, String)| row.0 > 0.0 && row.1.starts_with(kind) && row.2 == event;
        rows.iter().filter(is_it).count()
    };
    // About 30 s of requests.
    let rates = json!({"leave": 3, "join": 3, "fail": 1, "restart": 1});
    let all = rows(&rates, "1");
    assert_eq!(all, rows(&rates, "2"));
    let near = |count: usize, per_s: f64| {
        let mean = per_s * 30.0;
        assert!(
            (count as f64 - mean).abs() < 5.0 * mean.sqrt(),
            "{count} of {mean}"
        );
    };
    near(count(&all, "gcu", "down"), 3.0);
    near(count(&all, "gbu", "down"), 1.0);
    near(count(&all, "gcu", "up"), 3.0);
    // Nobody is there at first to come back.
    let none = rows(&json!({"restart": 5, "unlink": 5}), "1");
    assert_eq!(count(&none, "gbu", "up"), 0);
    // Each rule is drawn by itself.
    let some = rows(&json!({"leave": 3}), "1");
    let times = |rows: &[(f64, String, String)]| {
        let all = rows.iter().filter(|row| row.0 > 0.0 && row.2 == "down");
        all.filter(|row| row.1.starts_with("gcu"))
            .map(|row| row.0)
            .collect::<Vec<_>>()
    };
    assert_eq!(times(&some)[..5], times(&all)[..5]);
}
