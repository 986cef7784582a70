//! Guarding a protocol: `check` and `compare` on real results.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::command::{arigatoni, base, code, done, said, wrote};
use crate::review::Page;
use crate::support::{METRICS, shipped};

/// What a check says to programs, and its exit code; it says to people what the page `c.md` holds.
fn verdict(folder: &Path, words: &[&str]) -> (Option<i32>, Value) {
    let (code, text) = check(folder, &[&["--json=c.json"], words].concat());
    let bytes = fs::read(folder.join("c.json")).unwrap_or_else(|_| panic!("{text}"));
    (code, serde_json::from_slice(&bytes).unwrap())
}

/// The metrics of which a row has changed.
fn changed(verdict: &Value) -> BTreeSet<&str> {
    let rows = verdict["rows"].as_array().unwrap().iter();
    let changed = rows.filter(|row| row["changed"] == true);
    changed.filter_map(|row| row["metric"].as_str()).collect()
}

/// Checks against `base`; returns the exit code and the summary.
pub(crate) fn check(folder: &Path, words: &[&str]) -> (Option<i32>, String) {
    let words = [&["check", "s.json", "--baseline=base"], words].concat();
    let output = arigatoni(folder, &words);
    (code(&output), wrote(&output) + &said(&output))
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_check_tells_identical_equivalent_and_changed_apart() {
    let folder = base();
    let path = folder.path();
    let (code, told) = verdict(path, &[]);
    assert_eq!((code, &told["verdict"]), (Some(0), &json!("identical")));
    assert_eq!(
        (&told["identical"], &told["runs"]),
        (&json!(105), &json!(105))
    );

    let (code, told) = verdict(path, &["--seed=2"]);
    assert_eq!((code, &told["verdict"]), (Some(0), &json!("equivalent")));
    assert_eq!(
        (&told["identical"], &told["runs"]),
        (&json!(0), &json!(105))
    );
    // Of each metric a row for each of the 21 points, and one over all.
    let rows = told["rows"].as_array().unwrap().len();
    assert_eq!(rows, METRICS * (21 + 1));
    assert!(changed(&told).is_empty());
    assert_eq!(told["false_alarms"], 0.05);

    let lower = "--set=/system/*/acceptance_probability=0.6";
    let (code, told) = verdict(path, &[lower]);
    assert_eq!((code, &told["verdict"]), (Some(1), &json!("changed")));
    let changes = told["scenario_changes"].as_array().unwrap();
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert!(changed(&told).contains("acceptance_ratio"));
    let (_, text) = check(path, &[lower, "--markdown=c.md", "--junit=c.xml"]);
    let markdown = fs::read_to_string(path.join("c.md")).unwrap();
    assert!(text.starts_with(&markdown));
    let xml = fs::read_to_string(path.join("c.xml")).unwrap();
    let document = roxmltree::Document::parse(&xml).unwrap();
    let suite = document.root_element();
    let count = |name: &str| {
        document
            .descendants()
            .filter(|n| n.has_tag_name(name))
            .count()
    };
    assert_eq!(
        suite.attribute("tests"),
        Some(&*count("testcase").to_string())
    );
    assert_eq!(
        suite.attribute("failures"),
        Some(&*count("failure").to_string())
    );
    assert_eq!(count("failure"), changed(&told).len());

    let (code, _) = check(path, &[lower, "--update"]);
    assert_eq!(code, Some(0));
    let (code, told) = verdict(path, &[lower]);
    assert_eq!((code, &told["verdict"]), (Some(0), &json!("identical")));
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_baseline_that_does_not_fit_is_bad_input() {
    let folder = base();
    let path = folder.path();
    let mut page = Page::new("Baselines that do not fit");
    let mut refused = |what: &str, words: &[&str]| {
        let (code, text) = check(path, words);
        assert_eq!(code, Some(2), "{text}");
        // What can differ between machines, and the metrics of all systems, are left out.
        let told = text
            .lines()
            .map(|line| line.chars().take(300).collect::<String>());
        page.entry(what, told.collect::<Vec<_>>().join("\n"));
    };
    let axis = "/sweep/axes/~1system~1*~1services~1density";
    refused(
        "a point only of the baseline",
        &[&format!("--set={axis}=[0.1]")],
    );
    refused(
        "a point only of the scenario",
        &[
            &format!("--set={axis}=[0.1, 0.7]"),
            "--filter=/system/*/services/density=0.7",
        ],
    );
    let runs = path.join("base/runs.csv");
    let table = fs::read_to_string(&runs).unwrap();
    fs::write(&runs, table.replacen("hops_mean", "hops_medium", 1)).unwrap();
    refused("other columns", &[]);
    fs::write(&runs, "").unwrap();
    refused("an empty table", &[]);
    fs::remove_dir_all(path.join("base")).unwrap();
    refused("no baseline", &[]);
    page.check("check-baselines");
    let (code, _) = check(path, &["--update"]);
    assert_eq!((code, path.join("base/runs.csv").exists()), (Some(0), true));
    assert_eq!(check(path, &[]).0, Some(0));
    let (code, text) = check(path, &["--false-alarms=2"]);
    assert_eq!(code, Some(2), "{text}");
}

/// A baseline is small, is the same wherever it is accepted, and may be accepted for another sweep.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_baseline_says_what_and_not_where() {
    let folder = base();
    let path = folder.path();
    let accept = |words: &[&str], baseline: &str| {
        let words = [
            &["check", "s.json", "--update", "--baseline", baseline],
            words,
        ]
        .concat();
        done(path, &words)
    };
    accept(&["--threads=1"], "one");
    accept(&["--threads=2"], "two");
    let bytes = |folder: &str, name: &str| fs::read(path.join(folder).join(name)).unwrap();
    let names = |folder: &str| {
        let entries = fs::read_dir(path.join(folder)).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names("one"), ["manifest.json", "runs.csv"]);
    for name in ["manifest.json", "runs.csv"] {
        assert_eq!(bytes("one", name), bytes("two", name));
    }
    assert_eq!(bytes("one", "runs.csv"), bytes("base", "runs.csv"));
    let manifest: Value = serde_json::from_slice(&bytes("one", "manifest.json")).unwrap();
    for absent in ["commit", "started", "ended", "machine", "threads", "run_ms"] {
        assert!(manifest[absent].is_null(), "{absent}");
    }
    // More replications, then other points.
    accept(&["--set=/replications=6"], "one");
    let rows = |folder: &str| {
        String::from_utf8(bytes(folder, "runs.csv"))
            .unwrap()
            .lines()
            .count()
    };
    assert_eq!(rows("one"), 1 + 21 * 6);
    let other = "--set=/sweep/axes/~1system~1*~1services~1density=[0.1]";
    let mut page = Page::new("A baseline accepted for another sweep");
    let text = accept(&[other], "one");
    // How long the runs took is left out.
    let told: Vec<&str> = text.lines().filter(|line| !line.contains('%')).collect();
    page.entry(other, told.join("\n"));
    page.check("check-update");
    assert_eq!(rows("one"), 1 + 7 * 5);
    // A folder that is not ours is left alone, and a table that was changed is told.
    fs::create_dir(path.join("mine")).unwrap();
    fs::write(path.join("mine/thesis.tex"), "").unwrap();
    let words = ["check", "s.json", "--update", "--baseline=mine"];
    let output = arigatoni(path, &words);
    assert_eq!(code(&output), Some(2));
    assert!(said(&output).contains("mine: "), "{}", said(&output));
    assert_eq!(names("mine"), ["thesis.tex"]);
}

/// Equal fingerprints say that the same happened; other numbers then mean another measure.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn the_same_events_measured_otherwise_are_a_change() {
    let folder = base();
    let path = folder.path();
    let runs = path.join("base/runs.csv");
    let table = fs::read_to_string(&runs).unwrap();
    let column = table
        .lines()
        .next()
        .unwrap()
        .split(',')
        .position(|name| name == "hops_mean");
    let edit = |factor: f64| {
        let mut lines: Vec<String> = table.lines().map(str::to_owned).collect();
        let mut cells: Vec<&str> = lines[3].split(',').collect();
        let value: f64 = cells[column.unwrap()].parse().unwrap();
        let changed = (value * factor).to_string();
        cells[column.unwrap()] = &changed;
        lines[3] = cells.join(",");
        fs::write(&runs, lines.join("\n") + "\n").unwrap();
    };
    edit(10.0);
    let (code, told) = verdict(path, &["--junit=c.xml"]);
    assert_eq!((code, changed(&told)), (Some(1), ["hops_mean"].into()));
    assert_eq!(
        (&told["identical"], &told["runs"]),
        (&json!(105), &json!(105))
    );
    let (_, text) = check(path, &[]);
    assert!(text.contains("base/runs.csv: "), "{text}");
    let xml = fs::read_to_string(path.join("c.xml")).unwrap();
    let document = roxmltree::Document::parse(&xml).unwrap();
    assert_eq!(document.root_element().attribute("failures"), Some("1"));
    edit(1.000_000_1);
    let (code, told) = verdict(path, &[]);
    assert_eq!((code, &told["verdict"]), (Some(0), &json!("equivalent")));
    assert!(changed(&told).is_empty());
    assert_eq!(told["identical"], 105);
}

/// `.ci/baselines` compares each scenario of `scenarios/ci/` with one that was accepted.
#[test]
fn every_ci_scenario_has_a_baseline() {
    let mut scenarios = 0;
    for entry in fs::read_dir(shipped("scenarios/ci")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "json") {
            let name = path.file_stem().unwrap().to_str().unwrap();
            let runs = shipped(&format!("baselines/ci/{name}/runs.csv"));
            let table = fs::read_to_string(&runs).unwrap_or_default();
            let rows = table.lines().count();
            assert!(rows >= 6, "{name}: accept it with `.ci/baselines --update`");
            scenarios += 1;
        }
    }
    assert!(
        scenarios >= 9,
        "{scenarios}: the test has lost sight of the scenarios"
    );
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn studies_and_points_are_compared() {
    let folder = base();
    let path = folder.path();
    done(
        path,
        &[
            "sweep",
            "s.json",
            "-omany",
            "--set=/system/*/requests/instances=2",
        ],
    );
    let compared = ["compare", "base", "many", "--metric=acceptance_ratio"];
    let json = wrote(&arigatoni(path, &[&compared[..], &["--json"]].concat()));
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["rows"][0]["metric"], "acceptance_ratio");
    assert_eq!(json["rows"][0]["verdict"], "B is lower");
    let text = wrote(&arigatoni(path, &compared));
    assert!(
        text.contains("/system/arigatoni/requests/instances"),
        "{text}"
    );
    let words = [
        "compare",
        "base",
        "base",
        "--metric=acceptance_ratio",
        "--json",
    ];
    let at = [
        "--at-a=/system/arigatoni/services/density=0.02",
        "--at-b=/system/*/services/density=0.3",
    ];
    let json = wrote(&arigatoni(path, &[&words[..], &at].concat()));
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["axes"], json!(["/system/*/disconnection/rate"]));
    assert_eq!(json["rows"].as_array().unwrap().len(), 8);
    assert_eq!(json["rows"][0]["verdict"], "B is higher");
    let output = arigatoni(path, &["compare", "base", "many", "--metric=hops_men"]);
    assert_eq!(code(&output), Some(2));
    assert!(said(&output).contains("`hops_mean`"), "{}", said(&output));
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn filters_pick_what_is_compared_and_never_what_is_kept() {
    let folder = base();
    let path = folder.path();
    let table = || fs::read(path.join("base/runs.csv")).unwrap();
    let before = table();
    let filter = "--filter=/system/*/services/density=0.1";
    let (code, told) = verdict(path, &[filter]);
    assert_eq!((code, &told["verdict"]), (Some(0), &json!("identical")));
    assert_eq!(
        (&told["identical"], &told["runs"]),
        (&json!(35), &json!(35))
    );
    let (code, text) = check(path, &[filter, "--update"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("--filter"), "{text}");
    assert!(before == table(), "the baseline is as it was");
}
