//! Results folders: what is replaced, what stays, and who may write at a time.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{
    arigatoni, assert_same, code, done, many_short_runs, memory_folder, program, put, said, wrote,
};
use crate::messages::{check_refused, refused};
use crate::review::{Page, of_any_build};
use crate::support::shipped;

/// A scenario of seven short runs that draws nothing, and its results in `out`.
fn results() -> TempDir {
    let folder = memory_folder();
    let mut scenario = many_short_runs();
    scenario["replications"] = 1.into();
    scenario["sweep"]["axes"] = json!({"/system/*/search": ["selective", "exhaustive"]});
    put(folder.path(), "s.json", &scenario);
    done(folder.path(), &["sweep", "s.json", "-oout"]);
    folder
}

const OVERWRITE: [&str; 5] = ["sweep", "s.json", "-oout", "--seed=7", "--overwrite"];

/// The names and bytes of what lies in `out` itself.
fn entries(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder.join("out")).unwrap();
    let mut found: Vec<_> = entries
        .map(Result::unwrap)
        .filter(|entry| entry.path().is_file())
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect();
    found.sort();
    found
}

fn manifest(folder: &Path, change: impl FnOnce(&mut Value)) {
    let path = folder.join("out/manifest.json");
    let mut manifest: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(&mut manifest);
    fs::write(path, manifest.to_string()).unwrap();
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn overwriting_removes_results_and_nothing_else() {
    let folder = results();
    let path = folder.path();
    let out = path.join("out");
    done(path, &["sweep", "s.json", "-owhole", "--seed=7"]);
    // Beside what the manifest lists lie the tables of a precision and of failures, a file that is
    // the user's, and pictures of which one is.
    fs::create_dir_all(out.join("figures")).unwrap();
    for name in [
        "figures/mine.svg",
        "thesis.tex",
        "precision.csv",
        "failures.csv",
    ] {
        fs::write(out.join(name), "kept?").unwrap();
    }
    done(path, &OVERWRITE);
    for name in ["figures/mine.svg", "thesis.tex"] {
        assert_eq!(fs::read_to_string(out.join(name)).unwrap(), "kept?");
        fs::remove_file(out.join(name)).unwrap();
    }
    assert_same(&path.join("whole"), &out);
}

/// A disk that was full when the pictures were drawn leaves tables that no manifest lists.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn tables_that_no_manifest_lists_can_be_overwritten() {
    let folder = results();
    let path = folder.path();
    let out = path.join("out");
    done(path, &["sweep", "s.json", "-owhole", "--seed=7"]);
    manifest(path, |manifest| {
        manifest["tables"] = json!({});
        manifest["complete"] = false.into();
    });
    done(path, &OVERWRITE);
    assert_same(&path.join("whole"), &out);
    for broken in [None, Some("{}"), Some("[1, 2")] {
        match broken {
            None => fs::remove_file(out.join("manifest.json")).unwrap(),
            Some(text) => fs::write(out.join("manifest.json"), text).unwrap(),
        }
        let before = entries(path);
        let text = refused(path, &OVERWRITE[..4]);
        assert!(text.contains("--overwrite"), "{text}");
        assert_eq!(entries(path), before);
        done(path, &OVERWRITE);
        assert_same(&path.join("whole"), &out);
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn what_is_not_known_as_results_is_not_overwritten() {
    let folder = results();
    let path = folder.path();
    let out = path.join("out");
    for name in ["a.tex", "b.tex", "c.tex", "d.tex"] {
        fs::write(out.join(name), "").unwrap();
    }
    let mut page = Page::new("Folders that are not known as results");
    for broken in [Some("{\"name\": \"a web page\"}"), None] {
        match broken {
            None => fs::remove_file(out.join("manifest.json")).unwrap(),
            Some(text) => fs::write(out.join("manifest.json"), text).unwrap(),
        }
        let before = entries(path);
        let text = refused(path, &OVERWRITE);
        // With `--overwrite` the advice would lead in a circle.
        page.entry(&format!("{broken:?}, overwritten"), text);
        assert_eq!(entries(path), before, "nothing is removed before that");
    }
    let text = refused(path, &["sweep", "s.json", "-oout"]);
    page.entry("None", text);
    page.check_section("folders-moved");
    // With a manifest, a folder in the place of a table is seen before anything is removed.
    let folder = results();
    let path = folder.path();
    fs::create_dir(path.join("out/precision.csv")).unwrap();
    let before = entries(path);
    let text = refused(path, &OVERWRITE);
    assert!(text.contains("out/precision.csv: "), "{text}");
    assert_eq!(entries(path), before);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_baseline_is_not_accepted_where_a_sweep_works() {
    let folder = results();
    let path = folder.path();
    let words = ["check", "s.json", "--baseline=out", "--update"];
    let before = entries(path);
    let held = fs::File::open(path.join("out")).unwrap();
    held.lock().unwrap();
    let mut page = Page::new("Folders where a sweep works");
    page.entry("a sweep that is running", refused(path, &words));
    assert_eq!(entries(path), before);
    drop(held);
    fs::create_dir(path.join("out/parts")).unwrap();
    page.entry("a sweep that is unfinished", refused(path, &words));
    page.check("folders-of-sweeps");
    assert_eq!(entries(path), before);
    fs::remove_dir(path.join("out/parts")).unwrap();
    done(path, &words);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_shard_is_not_done_in_a_folder_that_was_overwritten_meanwhile() {
    let folder = memory_folder();
    let path = folder.path();
    let mut scenario = many_short_runs();
    scenario["replications"] = 60.into();
    put(path, "s.json", &scenario);
    let words = ["sweep", "s.json", "-oout", "--shard=0/1", "--chunk-runs=50"];
    let shard = program(path).args(words).spawn().unwrap();
    while !path.join("out/manifest.json").exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    manifest(path, |manifest| manifest["scenario"]["seed"] = 7.into());
    let output = shard.wait_with_output().unwrap();
    let text = said(&output);
    assert_eq!(code(&output), Some(2), "{text}");
    assert!(text.contains("error: out: "), "{text}");
    // Nothing else is said but how far it was: no shard is called done.
    let text = of_any_build(&text);
    let is_error = |line: &&str| line.starts_with("error: ") || line.starts_with("  ");
    let others = text
        .lines()
        .filter(|line| !is_error(line) && !line.contains(" runs ("));
    assert_eq!(others.collect::<Vec<_>>(), [""; 0]);
}

/// However a file is told, it is not written over what the same command reads, nor twice.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn no_output_goes_over_an_input_or_another_output() {
    let folder = results();
    let path = folder.path();
    fs::copy(shipped("topologies/t100-0.gb"), path.join("g.gb")).unwrap();
    let mut scenario: Value =
        serde_json::from_slice(&fs::read(path.join("s.json")).unwrap()).unwrap();
    scenario["topology"]["file"] = "g.gb".into();
    put(path, "own.json", &scenario);
    fs::create_dir(path.join("sub")).unwrap();
    let absolute = path.join("own.json").display().to_string();
    let graph = fs::read(path.join("g.gb")).unwrap();
    let text = fs::read(path.join("own.json")).unwrap();
    let commands = [
        &["run", "own.json", "--world=own.json"][..],
        &["run", "own.json", "--requests=sub/../g.gb"],
        &["run", "own.json", "--world", &absolute],
        &["run", "own.json", "--world=x", "--requests=./x"],
        &["topology", "convert", "g.gb", "./g.gb"],
        &["check", "own.json", "--baseline=out", "--markdown=own.json"],
        &["check", "s.json", "--baseline=out", "--junit=out/runs.csv"],
        &[
            "check",
            "s.json",
            "--baseline=out",
            "--junit=x",
            "--json=./x",
        ],
    ];
    let heading = "Outputs over inputs, and over other outputs";
    check_refused(path, heading, "folders-outputs", &commands);
    assert_eq!(fs::read(path.join("g.gb")).unwrap(), graph);
    assert_eq!(fs::read(path.join("own.json")).unwrap(), text);
    assert!(!path.join("x").exists());
}

/// Whoever reads results is told that a table was altered, and `compare` does not take the numbers
/// for chance.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn altered_tables_are_told() {
    let folder = results();
    let path = folder.path();
    done(path, &["sweep", "s.json", "-oother"]);
    let runs = path.join("out/runs.csv");
    let table = fs::read_to_string(&runs).unwrap();
    let mut lines: Vec<String> = table.lines().map(str::to_owned).collect();
    let column = lines[0].split(',').position(|name| name == "hops_mean");
    let mut cells: Vec<&str> = lines[1].split(',').collect();
    cells[column.unwrap()] = "99";
    lines[1] = cells.join(",");
    fs::write(&runs, lines.join("\n") + "\n").unwrap();
    let text = done(path, &["figures", "out"]);
    assert!(text.contains("out/runs.csv: "), "{text}");
    let compare = |other: &str| -> (String, Value) {
        let output = arigatoni(path, &["compare", "out", other, "--json"]);
        (
            said(&output),
            serde_json::from_slice(&output.stdout).unwrap(),
        )
    };
    let (text, compared) = compare("other");
    assert!(text.contains("out/runs.csv: "), "{text}");
    assert_eq!(
        (&compared["runs"], &compared["identical"]),
        (&json!(2), &json!(2))
    );
    let certain = |row: &&Value| row["verdict"] == "same events, other numbers";
    let rows = |compared: &Value| -> Vec<Value> {
        let rows = compared["rows"].as_array().unwrap().iter();
        rows.filter(certain)
            .map(|row| row["metric"].clone())
            .collect()
    };
    // Over both points, and at one.
    assert_eq!(rows(&compared), [json!("hops_mean"), json!("hops_mean")]);
    // Between different scenarios other numbers are no wonder.
    done(path, &["sweep", "s.json", "-oseed", "--seed=2"]);
    assert!(rows(&compare("seed").1).is_empty());
}

/// Where the files of a graph lie does not tell one study from another; what is in them does.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_study_may_move_and_its_graph_may_not_change() {
    let folder = results();
    let path = folder.path();
    let mut scenario: Value =
        serde_json::from_slice(&fs::read(path.join("s.json")).unwrap()).unwrap();
    scenario["topology"]["file"] = "g.gb".into();
    fs::copy(shipped("topologies/t100-0.gb"), path.join("g.gb")).unwrap();
    put(path, "s.json", &scenario);
    // From an absolute path to a relative one, and into a folder, unfinished.
    let text = done(path, &["sweep", "s.json", "-oout"]);
    assert!(text.contains("2 of 2 "), "{text}");
    done(
        path,
        &[
            "sweep",
            "s.json",
            "-oparts",
            "--shard=0/2",
            "--chunk-runs=1",
        ],
    );
    fs::create_dir(path.join("moved")).unwrap();
    scenario["topology"]["file"] = "../g.gb".into();
    put(path, "moved/s.json", &scenario);
    let text = done(path, &["sweep", "moved/s.json", "-oparts"]);
    assert!(text.contains("1 of 2 "), "{text}");
    assert_same(&path.join("out"), &path.join("parts"));
    let json = "--json=c.json";
    done(path, &["check", "moved/s.json", "--baseline=out", json]);
    let verdict: Value = serde_json::from_slice(&fs::read(path.join("c.json")).unwrap()).unwrap();
    assert_eq!(verdict["verdict"], "identical");
    assert_eq!(verdict["scenario_changes"], json!([]));
    // The manifest names it as the scenario does.
    manifest(path, |manifest| {
        let topologies = manifest["topologies"].as_object().unwrap();
        assert!(topologies.contains_key("g.gb"), "{topologies:?}");
    });
    // Another graph at the same place.
    let graph = fs::read_to_string(shipped("topologies/ts108x-0.gb")).unwrap();
    fs::write(path.join("g.gb"), graph).unwrap();
    let text = refused(path, &["sweep", "s.json", "-oout"]);
    assert!(text.contains("g.gb"), "{text}");
    let text = wrote(&arigatoni(path, &["check", "s.json", "--baseline=out"]));
    assert!(text.contains("g.gb"), "{text}");
    // What made the runs is in the manifest's hash of the study, and cannot be changed afterwards.
    manifest(path, |manifest| {
        manifest["topologies"] = json!({"File { path: \"g.gb\" } Latency 1": "00"});
    });
    for words in [&["sweep", "s.json", "-oout"][..], &["status", "out"]] {
        let text = refused(path, words);
        assert!(text.contains("manifest.json"), "{text}");
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_verdict_is_there_for_programs_too() {
    let folder = results();
    let path = folder.path();
    let words = [
        "check",
        "s.json",
        "--baseline=out",
        "--json=c.json",
        "--set=/replications=3",
    ];
    let output = arigatoni(path, &words);
    assert_eq!(code(&output), Some(0), "{}", said(&output));
    let json = |name: &str| -> Value {
        serde_json::from_slice(&fs::read(path.join(name)).unwrap()).unwrap()
    };
    let verdict = json("c.json");
    assert_eq!(verdict["verdict"], "identical");
    assert_eq!(verdict["failed"], false);
    assert_eq!(verdict["replications_asked"], 3);
    assert_eq!(verdict["replications_of_baseline"], 1);
    let lower = "--set=/system/*/acceptance_probability=0.5";
    done(
        path,
        &["sweep", "s.json", "-oten", "--set=/replications=10"],
    );
    let words = ["check", "s.json", "--baseline=ten", "--json=c.json", lower];
    let words = [&words[..], &["--set=/replications=10"]].concat();
    let output = arigatoni(path, &words);
    assert_eq!(code(&output), Some(1), "{}", said(&output));
    let verdict = json("c.json");
    assert_eq!(verdict["failed"], true);
    let rows = verdict["rows"].as_array().unwrap();
    let changed = |row: &&Value| row["changed"] == true;
    let metrics: Vec<_> = rows
        .iter()
        .filter(changed)
        .map(|row| &row["metric"])
        .collect();
    assert!(
        metrics.contains(&&json!("messages_per_request")),
        "{metrics:?}"
    );
    assert!(rows.iter().any(|row| row["changed"] == false));
    // One pair of runs, in the singular: the page shows how it is told.
    let one = ["--set=/system/*/search=selective", "--set=/replications=1"];
    done(path, &[&["sweep", "s.json", "-oone"][..], &one].concat());
    let output = arigatoni(
        path,
        &[&["check", "s.json", "--baseline=one"][..], &one].concat(),
    );
    let text = wrote(&output);
    let told = text
        .lines()
        .filter(|line| line.contains("1 ") || line.contains('#'));
    let mut page = Page::new("A check of one pair of runs");
    page.entry("identical", told.collect::<Vec<_>>().join("\n"));
    page.check("check-one-pair");
}
