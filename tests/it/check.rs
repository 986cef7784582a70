//! Guarding a protocol: `check` and `compare` on real results.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{arigatoni, code, done, many_short_runs, put, said, wrote};
use crate::support::shipped;

fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    let mut scenario = many_short_runs();
    scenario["replications"] = 5.into();
    put(folder.path(), "s.json", &scenario);
    done(folder.path(), &["sweep", "s.json", "-obase"]);
    folder
}

/// Checks against `base`; returns the exit code and the summary.
pub(crate) fn check(folder: &Path, words: &[&str]) -> (Option<i32>, String) {
    let words = [&["check", "s.json", "--baseline=base"], words].concat();
    let output = arigatoni(folder, &words);
    (code(&output), wrote(&output) + &said(&output))
}

#[test]
fn a_check_tells_identical_equivalent_and_changed_apart() {
    let folder = folder();
    let path = folder.path();
    let (code, text) = check(path, &[]);
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains("### short: identical; all 105 fingerprints are equal"),
        "{text}"
    );

    let (code, text) = check(path, &["--seed=2"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains("### short: equivalent; 0 of 105 fingerprints are equal"),
        "{text}"
    );
    assert!(
        text.contains("any false alarm over all 880 rows is at most 0.05 (Holm)"),
        "{text}"
    );

    let lower = "--set=/system/*/acceptance_probability=0.6";
    let (code, text) = check(path, &[lower, "--markdown=c.md", "--junit=c.xml"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("### short: changed; "), "{text}");
    assert!(
        text.contains("acceptance_probability: 0.75 there, 0.6 here"),
        "{text}"
    );
    assert!(text.contains("| acceptance_ratio | all | all | "), "{text}");
    assert!(text.contains("| adjusted p "), "{text}");
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
    assert!(count("failure") > 0);
    assert!(xml.contains(", adjusted p "), "{xml}");

    let (code, _) = check(path, &[lower, "--update"]);
    assert_eq!(code, Some(0));
    let (code, text) = check(path, &[lower]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("identical"), "{text}");
}

#[test]
fn a_baseline_that_does_not_fit_is_bad_input() {
    let folder = folder();
    let path = folder.path();
    let refused = |words: &[&str], expected: &str| {
        let (code, text) = check(path, words);
        assert_eq!(code, Some(2), "{text}");
        assert!(text.contains(expected), "{text}");
    };
    let axis = "/sweep/axes/~1system~1*~1services~1density";
    refused(
        &[&format!("--set={axis}=[0.1]")],
        "the scenario does not have the baseline's point",
    );
    refused(
        &[
            &format!("--set={axis}=[0.1, 0.7]"),
            "--filter=/system/*/services/density=0.7",
        ],
        "the baseline does not have the point",
    );
    let runs = path.join("base/runs.csv");
    let table = fs::read_to_string(&runs).unwrap();
    fs::write(&runs, table.replacen("hops_mean", "hops_medium", 1)).unwrap();
    refused(
        &[],
        "only the first has `hops_medium`; only the second has `hops_mean`",
    );
    fs::write(&runs, "").unwrap();
    refused(&[], "runs.csv:1: the file is empty");
    fs::remove_dir_all(path.join("base")).unwrap();
    refused(&[], "there is no baseline");
    let (code, _) = check(path, &["--update"]);
    assert_eq!((code, path.join("base/runs.csv").exists()), (Some(0), true));
    assert_eq!(check(path, &[]).0, Some(0));
    let (code, text) = check(path, &["--false-alarms=2"]);
    assert_eq!(code, Some(2), "{text}");
}

/// A baseline is small, is the same wherever it is accepted, and may be accepted for another sweep.
#[test]
fn a_baseline_says_what_and_not_where() {
    let folder = folder();
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
    let text = accept(&["--set=/replications=6"], "one");
    assert!(text.contains("one: this is the baseline now"), "{text}");
    let rows = |folder: &str| {
        String::from_utf8(bytes(folder, "runs.csv"))
            .unwrap()
            .lines()
            .count()
    };
    assert_eq!(rows("one"), 1 + 21 * 6);
    let text = accept(
        &["--set=/sweep/axes/~1system~1*~1services~1density=[0.1]"],
        "one",
    );
    assert!(
        text.contains("not compared: one: the scenario does not have"),
        "{text}"
    );
    assert!(!text.contains("make it again with --update"), "{text}");
    assert_eq!(rows("one"), 1 + 7 * 5);
    // A folder that is not ours is left alone, and a table that was changed is told.
    fs::create_dir(path.join("mine")).unwrap();
    fs::write(path.join("mine/thesis.tex"), "").unwrap();
    let words = ["check", "s.json", "--update", "--baseline=mine"];
    let output = arigatoni(path, &words);
    assert_eq!(code(&output), Some(2));
    assert!(said(&output).contains("mine: the folder is not empty and holds no results"));
    assert_eq!(names("mine"), ["thesis.tex"]);
}

/// Equal fingerprints say that the same happened; other numbers then mean another measure.
#[test]
fn the_same_events_measured_otherwise_are_a_change() {
    let folder = folder();
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
    let (code, text) = check(path, &["--junit=c.xml"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("certain: the same events, computed differently"),
        "{text}"
    );
    assert!(
        text.contains("runs.csv: the table was changed after it was written"),
        "{text}"
    );
    assert!(
        fs::read_to_string(path.join("c.xml"))
            .unwrap()
            .contains("failures=\"1\"")
    );
    edit(1.000_000_1);
    let (code, text) = check(path, &[]);
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains("equivalent; 105 of 105 fingerprints are equal"),
        "{text}"
    );
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
fn studies_and_points_are_compared() {
    let folder = folder();
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
    let text = wrote(&arigatoni(
        path,
        &["compare", "base", "many", "--metric=acceptance_ratio"],
    ));
    assert!(text.contains("common random numbers"), "{text}");
    assert!(text.contains("acceptance_ratio  all"), "{text}");
    let told = "  /system/arigatoni/requests/instances: 1 in A, 2 in B";
    assert!(text.contains(told), "{text}");
    assert!(text.contains("B is lower"), "{text}");
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
    assert!(
        said(&output).contains("there is no metric `hops_men`\n  help: did you mean `hops_mean`?")
    );
}

#[test]
fn filters_pick_what_is_compared_and_never_what_is_kept() {
    let folder = folder();
    let path = folder.path();
    let table = || fs::read(path.join("base/runs.csv")).unwrap();
    let before = table();
    let filter = "--filter=/system/*/services/density=0.1";
    let (code, text) = check(path, &[filter]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("all 35 fingerprints are equal"), "{text}");
    let (code, text) = check(path, &[filter, "--update"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("help: omit --filter"), "{text}");
    assert!(before == table(), "the baseline is as it was");
}
