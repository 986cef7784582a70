//! Results folders: what is replaced, what stays, and who may write at a time.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{
    arigatoni, assert_same, code, done, many_short_runs, memory_folder, program, put, said,
};

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

/// Runs the program, which must refuse its input and say `expected`; returns what it said.
fn refused(folder: &Path, words: &[&str], expected: &str) -> String {
    let output = arigatoni(folder, words);
    let text = said(&output);
    assert_eq!(code(&output), Some(2), "{words:?}: {text}");
    assert!(text.contains(expected), "{words:?}: {text}");
    text
}

/// The names and bytes of what lies in `out` itself.
fn entries(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder.join("out")).unwrap();
    let mut found: Vec<_> = entries
        .map(|entry| entry.unwrap())
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
        refused(
            path,
            &OVERWRITE[..4],
            "replace what is there with --overwrite",
        );
        assert_eq!(entries(path), before);
        done(path, &OVERWRITE);
        assert_same(&path.join("whole"), &out);
    }
}

#[test]
fn what_is_not_known_as_results_is_not_overwritten() {
    let folder = results();
    let path = folder.path();
    let out = path.join("out");
    for name in ["a.tex", "b.tex", "c.tex", "d.tex"] {
        fs::write(out.join(name), "").unwrap();
    }
    let told = "a.tex, b.tex, c.tex and 1 more lie there";
    for broken in [Some("{\"name\": \"a web page\"}"), None] {
        match broken {
            None => fs::remove_file(out.join("manifest.json")).unwrap(),
            Some(text) => fs::write(out.join("manifest.json"), text).unwrap(),
        }
        let before = entries(path);
        let text = refused(path, &OVERWRITE, told);
        assert!(!text.contains("--overwrite"), "circular: {text}");
        assert_eq!(entries(path), before, "nothing is removed before that");
    }
    let text = refused(path, &["sweep", "s.json", "-oout"], told);
    assert!(!text.contains("--overwrite"), "circular: {text}");
    // With a manifest, a folder in the place of a table is seen before anything is removed.
    let folder = results();
    let path = folder.path();
    fs::create_dir(path.join("out/precision.csv")).unwrap();
    let before = entries(path);
    refused(path, &OVERWRITE, "out/precision.csv: a folder stands where");
    assert_eq!(entries(path), before);
}

#[test]
fn a_baseline_is_not_accepted_where_a_sweep_works() {
    let folder = results();
    let path = folder.path();
    let words = ["check", "s.json", "--baseline=out", "--update"];
    let before = entries(path);
    let held = fs::File::open(path.join("out")).unwrap();
    held.lock().unwrap();
    refused(path, &words, "out: another sweep is working in this folder");
    assert_eq!(entries(path), before);
    drop(held);
    fs::create_dir(path.join("out/parts")).unwrap();
    refused(path, &words, "out: an unfinished sweep lies in this folder");
    assert_eq!(entries(path), before);
    fs::remove_dir(path.join("out/parts")).unwrap();
    done(path, &words);
}

#[test]
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
    assert!(
        text.contains("out: the folder was overwritten with another sweep while this shard"),
        "{text}"
    );
    assert!(!text.contains("are done\n"), "{text}");
}
