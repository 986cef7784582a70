//! `README.md` of a results folder describes every column that lies there, and replaces no file of others.

use std::collections::BTreeSet;
use std::fs;

use arigatoni::measure::Metric;
use arigatoni::opus::allocation::Allocation;
use arigatoni::opus::overlay::Dissemination;
use arigatoni::opus::tracking::TrackingStudy;
use arigatoni::rivals::{Chord, Synapse};
use arigatoni::system::Observed;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{arigatoni, code, done, put, said};
use crate::review::{reads, without_times};
use crate::support::{read, shipped};

/// The columns that the page describes of a table, each with its unit and its meaning.
fn described(page: &str, table: &str) -> Vec<[String; 3]> {
    let (_, rest) = page.split_once(&format!("\n## {table}\n")).unwrap();
    let section = rest.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|line| {
        let mut cells = line.trim_matches('|').splitn(3, " | ").map(str::trim);
        [0; 3].map(|_| cells.next().unwrap().trim_matches('`').to_owned())
    })
    .collect()
}

#[test]
fn every_column_of_every_table_is_described() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let scenario = json!({
        "version": 1, "name": "small", "theory": true,
        "precision": {"metric": "acceptance_ratio", "relative_half_width": 0.5, "min": 2, "max": 2},
        "topology": {"file": shipped("topologies/t100-0.gb")},
        "system": {"arigatoni": {
            "classes": [{"name": "a", "share": 0.5}, {"name": "b", "share": 0.5}],
            "sessions": {"up": 20, "down": 2}, "requests": {"count": 80, "rate_per_s": 4, "deadline_ms": 5000},
        }},
        "sweep": {"axes": {"/system/*/services/density": [0.1, 0.3]}},
    });
    put(path, "s.json", &scenario);
    done(path, &["sweep", "s.json", "-o", "r", "--no-figures"]);
    let page = read(&path.join("r/README.md"));
    let mut tables = BTreeSet::new();
    for file in fs::read_dir(path.join("r")).unwrap() {
        let file = file.unwrap().path();
        if file.extension().is_none_or(|ending| ending != "csv") {
            continue;
        }
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        let text = read(&path.join("r").join(&name));
        let columns: Vec<&str> = text.lines().next().unwrap().split(',').collect();
        let known = described(&page, &name);
        let names: Vec<&str> = known.iter().map(|[name, ..]| &**name).collect();
        assert_eq!(names, columns, "{name}");
        for [column, unit, meaning] in &known {
            assert!(!meaning.is_empty(), "{name}: {column}");
            assert_eq!(unit == "ms", column.contains("_ms"), "{name}: {column}");
        }
        tables.insert(name);
    }
    for name in [
        "runs.csv",
        "summary.csv",
        "classes.csv",
        "over_time.csv",
        "precision.csv",
        "theory.csv",
    ] {
        assert!(tables.contains(name), "{tables:?}");
    }
    let density = &described(&page, "summary.csv")[0];
    assert!(
        density[2].contains("`/system/*/services/density`: "),
        "{density:?}"
    );
}

#[test]
fn a_page_of_others_stays_and_that_is_said() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let scenario = |count: u32| {
        json!({
            "version": 1, "name": "small", "topology": {"file": shipped("topologies/t100-0.gb")},
            "system": {"arigatoni": {"requests": {"count": count}}},
        })
    };
    let sweep = |count: u32, more: &[&str]| {
        put(path, "s.json", &scenario(count));
        let words = ["sweep", "s.json", "-o", "r", "--no-figures"];
        let output = arigatoni(path, &[&words[..], more].concat());
        assert_eq!(code(&output), Some(0), "{}", said(&output));
        said(&output)
    };
    sweep(20, &[]);
    let first = read(&path.join("r/README.md"));
    let again = sweep(30, &["--overwrite"]);
    assert_eq!(
        read(&path.join("r/README.md")),
        first,
        "the columns are the same"
    );
    fs::write(path.join("r/README.md"), "mine").unwrap();
    let told = sweep(40, &["--overwrite"]);
    reads(
        "folders-readme",
        "The README.md of results that are made again",
        &[
            ("as the program wrote it", &without_times(&again)),
            ("changed by somebody", &without_times(&told)),
        ],
    );
    assert_eq!(read(&path.join("r/README.md")), "mine");
}

/// Every column has a meaning, and those of a time have the unit that their name says.
fn all_have_meanings<S: Observed>() {
    let details = S::DETAILS.iter().flat_map(|detail| {
        assert!(!detail.about.is_empty(), "{}", detail.name);
        detail.columns
    });
    for column in S::METRICS.iter().chain(details) {
        assert!(!column.meaning.is_empty(), "{}", column.name);
        let said = [("ms", ", in ms"), ("s", ", in s")];
        for (unit, words) in said {
            let is_said =
                column.meaning.ends_with(words) || column.meaning.contains(&format!("{words} "));
            assert!(!is_said || column.unit() == Some(unit), "{}", column.name);
        }
    }
}

#[test]
fn every_column_has_a_meaning() {
    all_have_meanings::<arigatoni::arigatoni::Arigatoni>();
    all_have_meanings::<arigatoni::rivals::System<Chord>>();
    all_have_meanings::<arigatoni::rivals::System<Synapse>>();
    all_have_meanings::<Dissemination>();
    all_have_meanings::<Allocation>();
    all_have_meanings::<TrackingStudy>();
}

#[test]
fn units_are_those_of_the_names() {
    for (name, unit) in [
        ("latency_ms_mean", Some("ms")),
        ("time_ns", Some("ns")),
        ("staleness_s_mean", Some("s")),
        ("time_s", Some("s")),
        ("registrations_per_unit_s", Some("1/s")),
        ("demand_per_s", Some("1/s")),
        ("messages_per_request", None),
        ("acceptance_ratio", None),
    ] {
        assert_eq!(Metric::new(name, "").unit(), unit, "{name}");
    }
}

/// The notebook's code names files and columns that its results have: `.ci/notebook` runs it where Python has pandas.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn the_notebook_names_what_is_there() {
    let text = read(&shipped("docs/figures-of-your-own.ipynb"));
    let notebook: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(notebook["nbformat"], 4);
    let cells = notebook["cells"].as_array().unwrap();
    let code = cells.iter().filter(|cell| cell["cell_type"] == "code");
    let lines = code.flat_map(|cell| cell["source"].as_array().unwrap().clone());
    let source: String = lines
        .map(|line| line.as_str().unwrap().to_owned())
        .collect();
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let scenario = shipped("scenarios/paper-quick.json");
    let small = [
        "--set",
        "/replications=2",
        "--set",
        "/system/*/requests/count=20",
    ];
    let words = [
        "sweep",
        scenario.to_str().unwrap(),
        "--no-figures",
        "-o",
        "r",
    ];
    done(path, &[&words[..], &small[..]].concat());
    let mut columns = BTreeSet::new();
    for name in ["runs.csv", "summary.csv", "depths.csv"] {
        assert!(source.contains(&format!("\"{name}\"")), "{name}");
        let table = read(&path.join("r").join(name));
        let heading = table.lines().next().unwrap();
        columns.extend(heading.split(',').map(str::to_owned));
    }
    // What stands in brackets and quotes, or is given as the name of a column.
    let quoted = |part: &str| part.split('"').next().unwrap().to_owned();
    let mut named: BTreeSet<String> = BTreeSet::new();
    for before in [
        "[\"",
        "index=\"",
        "columns=\"",
        "values=\"",
        "on=\"",
        "groupby(\"",
    ] {
        named.extend(source.split(before).skip(1).map(quoted));
    }
    named.retain(|name| !matches!(&**name, "mean" | "std" | "count") || columns.contains(name));
    assert!(named.len() >= 8, "{named:?}");
    for name in &named {
        assert!(columns.contains(name), "{name} is no column: {columns:?}");
    }
    let metrics = read(&path.join("r/summary.csv"));
    for metric in source.split("metric == \"").skip(1).map(quoted) {
        assert!(metrics.contains(&format!(",{metric},")), "{metric}");
    }
}
