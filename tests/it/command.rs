//! Running the program as its users do.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::shipped;

/// The program, to be run in `folder`.
pub(crate) fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_arigatoni"));
    command
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A folder in memory where there is one: what kills a process does not depend on the disk, and
/// waiting for it is most of the time of a sweep of short runs.
pub(crate) fn memory_folder() -> TempDir {
    TempDir::new_in("/dev/shm")
        .or_else(|_| TempDir::new())
        .unwrap()
}

/// Runs the program to its end.
pub(crate) fn arigatoni(folder: &Path, words: &[&str]) -> Output {
    program(folder).args(words).output().unwrap()
}

/// Its exit code; absent after a signal.
pub(crate) fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

/// What it said on stderr.
pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What it wrote to stdout.
pub(crate) fn wrote(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Runs the program, which must succeed; returns what it said.
pub(crate) fn done(folder: &Path, words: &[&str]) -> String {
    let output = arigatoni(folder, words);
    assert_eq!(code(&output), Some(0), "{words:?}: {}", said(&output));
    said(&output)
}

/// A scenario of many short runs: 21 points × 4 replications.
pub(crate) fn many_short_runs() -> Value {
    json!({
        "version": 1, "name": "short", "replications": 4,
        "topology": {"file": shipped("topologies/t100-0.gb")},
        "system": {"arigatoni": {"requests": {"count": 60}}},
        "sweep": {"axes": {
            "/system/*/services/density": [0.02, 0.1, 0.3],
            "/system/*/disconnection/rate": [0, 0.1, 0.2, 0.4, 0.6, 0.8, 0.95],
        }}
    })
}

/// A folder with many short runs as `s.json`.
pub(crate) fn with_short_runs() -> TempDir {
    let folder = TempDir::new().unwrap();
    put(folder.path(), "s.json", &many_short_runs());
    folder
}

/// As many, of which there are no pictures: a figure needs an axis of numbers. Where pictures are not looked at, they would be
/// most of the time.
pub(crate) fn many_plain_runs() -> Value {
    let mut scenario = many_short_runs();
    scenario["sweep"]["axes"] = json!({
        "/system/*/search": ["selective", "exhaustive", "root-first"],
        "/system/*/requests/interarrival": [
            {"exponential": {"mean_s": 0.01}}, {"exponential": {"mean_s": 0.02}}, {"uniform_s": [0, 0.02]},
            {"uniform_s": [0, 0.04]}, {"gamma": {"shape": 2, "mean_s": 0.01}}, {"gamma": {"shape": 3, "mean_s": 0.01}},
            {"gamma": {"shape": 4, "mean_s": 0.01}},
        ],
    });
    scenario
}

/// Writes a scenario into `folder`.
pub(crate) fn put(folder: &Path, name: &str, scenario: &Value) {
    fs::write(folder.join(name), format!("{scenario:#}")).unwrap();
}

/// Many short runs, five replications of each, as `s.json`, and their tables in `base`. They are made once.
pub(crate) fn base() -> TempDir {
    static MADE: OnceLock<BTreeMap<String, Vec<u8>>> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        let folder = TempDir::new().unwrap();
        let mut scenario = many_short_runs();
        scenario["replications"] = 5.into();
        put(folder.path(), "s.json", &scenario);
        done(
            folder.path(),
            &["sweep", "s.json", "-obase", "--no-figures"],
        );
        all_files(folder.path())
    });
    let folder = TempDir::new().unwrap();
    for (name, bytes) in made {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

/// The bytes of all files of a results folder but the manifest, by name.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = all_files(folder);
    found.retain(|name, _| name != "manifest.json");
    found
}

/// The bytes of all files in a folder and those inside it, by name.
fn all_files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).unwrap().display().to_string();
            found.insert(name, fs::read(&path).unwrap());
        }
    }
    found
}

/// That two results folders hold the same bytes, the manifest excepted.
pub(crate) fn assert_same(one: &Path, other: &Path) {
    let (one, other) = (files(one), files(other));
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&one), names(&other));
    for (name, bytes) in &one {
        assert!(*bytes == other[name], "{name} differs");
    }
}
