//! Sweeps with a precision: when points stop, what is told of them, and how `check` judges them.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::check::check;
use crate::command::{arigatoni, assert_same, code, done, many_short_runs, put, said, wrote};
use crate::review::{Page, lines_with, without_times};

/// A rare success: where 70 % are disconnected one run in 70 or so has an accepted request, so the
/// first runs have none.
fn rare(max: u32) -> Value {
    json!({
        "version": 1, "name": "rare",
        "precision": {"metric": "acceptance_ratio", "relative_half_width": 0.1, "max": max},
        "topology": {"transit_stub": {"seed": 47}},
        "system": {"arigatoni": {"services": {"density": 0.02}, "requests": {"count": 10}}},
        "sweep": {"axes": {"/system/*/disconnection/rate": [0.3, 0.7]}},
    })
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn zeros_alone_resolve_nothing() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    put(path, "s.json", &rare(12));
    let text = done(path, &["sweep", "s.json", "-obase", "--no-figures"]);
    let mut page = Page::new("Points whose first runs have no success");
    let lines = |text: &str, about: &str| {
        let lines = text.lines().filter(|line| line.contains(about));
        lines.collect::<Vec<_>>().join("\n")
    };
    page.entry("arigatoni sweep s.json -obase", lines(&text, "precision: "));
    let table = fs::read_to_string(path.join("base/precision.csv")).unwrap();
    assert!(table.contains("0.7,12,12,0,,no variance\n"), "{table}");
    let summary = fs::read_to_string(path.join("base/summary.csv")).unwrap();
    assert!(
        summary.contains("0.7,acceptance_ratio,12,0,0,,\n"),
        "{summary}"
    );
    let output = arigatoni(path, &["status", "base"]);
    page.entry("arigatoni status base", lines(&wrote(&output), "points: "));
    let output = arigatoni(path, &["status", "base", "--json"]);
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["precision"]["no_variance"], 1);

    // With enough runs a success comes, and with it an interval.
    let text = done(
        path,
        &["sweep", "s.json", "-obase", "--set=/precision/max=200"],
    );
    page.entry(
        "arigatoni sweep s.json -obase --set=/precision/max=200",
        lines_with(&without_times(&text), &["precision: ", " runs ("]),
    );
    page.check("precision-zeros");
    let table = fs::read_to_string(path.join("base/precision.csv")).unwrap();
    assert!(table.contains("0.7,200,200,0.00"), "{table}");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_precision_stops_each_point_alike_in_one_process_and_in_shards() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let mut scenario = many_short_runs();
    let metric =
        |name: &str| json!({"metric": name, "relative_half_width": 0.12, "min": 3, "max": 8});
    scenario["precision"] = metric("acceptance_ratio");
    put(path, "s.json", &scenario);
    let text = done(path, &["sweep", "s.json", "-owhole"]);
    let mut page = Page::new("A precision of 12 % at 21 points");
    page.entry(
        "arigatoni sweep s.json",
        lines_with(&text, &["precision: "]),
    );
    let table = fs::read_to_string(path.join("whole/precision.csv")).unwrap();
    let stopped = |how: &str| table.lines().filter(|line| line.ends_with(how)).count();
    let all = [",reached", ",max", ",no variance"].map(stopped);
    assert_eq!(all.iter().sum::<usize>(), 21, "{table}");
    assert!(all.iter().all(|&points| points > 0), "{table}");

    let mut rounds = 0;
    loop {
        for shard in ["--shard=1/2", "--shard=0/2"] {
            done(path, &["sweep", "s.json", "-oout", "--chunk-runs=4", shard]);
        }
        let merged = arigatoni(path, &["merge", "out"]);
        rounds += 1;
        if code(&merged) == Some(0) {
            break;
        }
        assert_eq!(code(&merged), Some(2), "{}", said(&merged));
        if rounds == 1 {
            page.entry("arigatoni merge out", said(&merged));
        }
        assert!(rounds < 10);
    }
    assert_eq!(rounds, 6, "3, 4, 5, 6, 7 and 8 replications");
    assert_same(&path.join("whole"), &path.join("out"));

    let output = arigatoni(path, &["check", "s.json", "--baseline=whole"]);
    assert_eq!(code(&output), Some(1), "{}", said(&output));
    page.entry("arigatoni check s.json --baseline=whole", wrote(&output));
    scenario["precision"] = metric("acceptance_ration");
    put(path, "t.json", &scenario);
    let output = arigatoni(path, &["sweep", "t.json"]);
    assert_eq!(code(&output), Some(2));
    page.entry("a precision of acceptance_ration", said(&output));
    page.check("precision-shards");
}

/// `short`, sought at three rates with a precision of 12 %, and its results in `base`. The points
/// have different numbers of replications; without disconnections all of them are alike, which
/// resolves nothing.
fn precise() -> (TempDir, Value) {
    let folder = TempDir::new().unwrap();
    let mut scenario = many_short_runs();
    scenario["sweep"]["axes"] = json!({"/system/*/disconnection/rate": [0, 0.1, 0.2]});
    scenario["precision"] = json!({
        "metric": "acceptance_ratio", "relative_half_width": 0.12, "min": 3, "max": 20
    });
    put(folder.path(), "s.json", &scenario);
    done(
        folder.path(),
        &["sweep", "s.json", "-obase", "--no-figures"],
    );
    (folder, scenario)
}

/// How many replications each point of `base` has, the fewest first.
fn replications(folder: &Path) -> Vec<usize> {
    let table = fs::read_to_string(folder.join("base/precision.csv")).unwrap();
    let mut names = table.lines().next().unwrap().split(',');
    let column = names.position(|name| name == "replications");
    let rows = table.lines().skip(1);
    let cell = |row: &str| row.split(',').nth(column.unwrap()).unwrap().parse();
    let mut counts: Vec<usize> = rows.map(|row| cell(row).unwrap()).collect();
    counts.sort_unstable();
    counts
}

/// The runs that the baseline has may be too few for what is asked now, at some points or at all.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_precision_is_judged_where_the_baseline_ends_too() {
    let (folder, mut scenario) = precise();
    let path = folder.path();
    let there = replications(path);
    assert!(there[1] < 20 && there[2] == 20, "{there:?}");
    let (code, text) = check(path, &["--json=c.json"]);
    assert_eq!(code, Some(0), "{text}");
    let mut page = Page::new("Precisions for which a baseline has enough runs, or too few");
    page.entry("as the baseline was made", without_times(&text));
    let json: Value = serde_json::from_slice(&fs::read(path.join("c.json")).unwrap()).unwrap();
    assert_eq!(json["points_without_variance"], 1);

    scenario["precision"]["relative_half_width"] = 0.01.into();
    put(path, "s.json", &scenario);
    let (code, text) = check(path, &["--json=c.json", "--junit=c.xml"]);
    assert_eq!(code, Some(1), "{text}");
    page.entry("relative_half_width 0.01", without_times(&text));
    let json: Value = serde_json::from_slice(&fs::read(path.join("c.json")).unwrap()).unwrap();
    assert_eq!(json["failed"], true);
    assert_eq!(json["points_unreached"], 2);
    assert_eq!(json["points_short_of_replications"], 2);
    assert_eq!(json["scenario_changes"].as_array().unwrap().len(), 1);
    // A point that ends early does not keep the others from their runs.
    assert_eq!(json["runs"], there.iter().sum::<usize>());
    let xml = fs::read_to_string(path.join("c.xml")).unwrap();
    page.entry("the same in JUnit XML", lines_with(&xml, &["<failure"]));

    // Fewer than `min` are too few, however alike they are.
    scenario["precision"]["relative_half_width"] = 0.9.into();
    scenario["precision"]["min"] = 20.into();
    put(path, "s.json", &scenario);
    let (code, text) = check(path, &[]);
    assert_eq!(code, Some(1), "{text}");
    page.entry("min 20", without_times(&text));
    let (code, text) = check(path, &["--update"]);
    assert_eq!(code, Some(0), "{text}");
    page.entry("min 20, --update", without_times(&text));
    page.check("precision-check");
    assert_eq!(check(path, &[]).0, Some(0));
}

/// Other random numbers reach the same precision a little sooner or later.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_baseline_that_ends_a_little_too_early_by_chance_is_told_and_no_failure() {
    let (folder, _) = precise();
    let mut page = Page::new("Baselines that end a little too early by chance, and others");
    let mut short = 0;
    for seed in 2..8 {
        let seed = format!("--seed={seed}");
        let words = [&seed, "--false-alarms=0.0001", "--json=c.json"];
        let (code, text) = check(folder.path(), &words);
        assert_eq!(code, Some(0), "{text}");
        let json = fs::read(folder.path().join("c.json")).unwrap();
        let json: Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(json["failed"], false, "{text}");
        let is_short = json["points_short_of_replications"] != 0;
        // Where it is short, one line more tells so.
        page.entry(&seed, lines_with(&text, &["###", "replications"]));
        short += u32::from(is_short);
    }
    assert!(short > 0);
    page.check("precision-by-chance");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn the_replications_of_a_baseline_with_a_precision_are_told_as_they_are() {
    let (folder, mut scenario) = precise();
    let path = folder.path();
    let there = replications(path);
    scenario.as_object_mut().unwrap().remove("precision");
    scenario["replications"] = 30.into();
    put(path, "s.json", &scenario);
    let (code, text) = check(path, &["--json=c.json"]);
    assert_eq!(code, Some(0), "{text}");
    let mut page = Page::new("A baseline with a precision, checked without one");
    page.entry("/replications 30", without_times(&text));
    page.check("precision-replications");
    let json: Value = serde_json::from_slice(&fs::read(path.join("c.json")).unwrap()).unwrap();
    assert_eq!(json["replications_asked"], 30);
    assert_eq!(json["replications_of_baseline_least"], there[0]);
    assert_eq!(json["replications_of_baseline"], there[2]);
}
