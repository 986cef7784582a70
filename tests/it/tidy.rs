//! Rules of the house that a compiler does not check: who may know whom, how long a file may be,
//! which words have no place.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::shipped;

/// For each room, the rooms that it may use (itself always). A room that is not listed here fails
/// the test: decide whom it may know.
const ARROWS: &[(&str, &[&str])] = &[
    // Base: know nothing above themselves.
    ("error", &[]),
    ("time", &[]),
    ("fingerprint", &[]),
    ("measure", &[]),
    ("numbers", &[]),
    ("packing", &["error"]),
    ("prefetch", &[]),
    ("program", &[]),
    ("random", &["time"]),
    ("event_queue", &["prefetch", "time"]),
    ("store", &["error"]),
    ("words", &[]),
    // The contract of a simulated actor and of a simulated system.
    ("unit", &["time", "random", "fingerprint"]),
    ("topology", &["error", "packing", "time", "store"]),
    (
        "system",
        &["error", "measure", "random", "time", "topology", "unit"],
    ),
    // The world, and the systems in it.
    (
        "discovery",
        &[
            "error",
            "fingerprint",
            "measure",
            "numbers",
            "prefetch",
            "random",
            "statistics",
            "system",
            "time",
            "topology",
            "unit",
        ],
    ),
    (
        "arigatoni",
        &[
            "discovery",
            "error",
            "fingerprint",
            "numbers",
            "random",
            "system",
            "time",
            "topology",
            "unit",
        ],
    ),
    (
        "opus",
        &[
            "error",
            "fingerprint",
            "measure",
            "prefetch",
            "random",
            "statistics",
            "system",
            "time",
            "topology",
            "unit",
        ],
    ),
    // The driver knows all but the systems themselves.
    (
        "simulation",
        &[
            "event_queue",
            "fingerprint",
            "measure",
            "prefetch",
            "random",
            "system",
            "time",
            "topology",
            "unit",
        ],
    ),
    // Many runs. Nothing simulated below this line but through the scenario's choice of systems.
    ("results", &["error", "measure", "program"]),
    ("statistics", &["error", "measure", "results"]),
    (
        "figures",
        &["error", "measure", "results", "statistics", "topology"],
    ),
    (
        "scenario",
        &[
            "arigatoni",
            "discovery",
            "error",
            "measure",
            "opus",
            "random",
            "simulation",
            "system",
            "time",
            "topology",
        ],
    ),
    (
        "ledger",
        &[
            "error",
            "measure",
            "results",
            "scenario",
            "statistics",
            "store",
        ],
    ),
    (
        "experiment",
        &[
            "error",
            "measure",
            "packing",
            "random",
            "results",
            "scenario",
            "simulation",
            "store",
            "system",
            "topology",
        ],
    ),
    (
        "study",
        &[
            "error",
            "experiment",
            "figures",
            "ledger",
            "measure",
            "packing",
            "program",
            "random",
            "results",
            "scenario",
            "statistics",
            "store",
            "system",
            "topology",
            "words",
        ],
    ),
    (
        "cli",
        &[
            "error",
            "experiment",
            "figures",
            "ledger",
            "measure",
            "program",
            "random",
            "results",
            "scenario",
            "simulation",
            "statistics",
            "store",
            "study",
            "system",
            "topology",
            "time",
            "unit",
            "words",
        ],
    ),
];

/// The folders that code is in. There need not be examples.
fn folders() -> Vec<PathBuf> {
    let mut folders = ["src", "tests", "benches"].map(shipped).to_vec();
    folders.extend(Some(shipped("examples")).filter(|folder| folder.exists()));
    folders
}

/// Every Rust file below a folder.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The file's code without comments, up to its unit tests.
fn code(text: &str) -> String {
    let body = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    body.lines()
        .map(|line| line.split("//").next().unwrap())
        .collect::<Vec<_>>()
        .join("\n")
}

/// The room of a file below `src/`.
fn room(path: &Path) -> String {
    let below = path.strip_prefix(shipped("src")).unwrap();
    let first = below
        .components()
        .next()
        .unwrap()
        .as_os_str()
        .to_str()
        .unwrap();
    first.trim_end_matches(".rs").to_owned()
}

/// The rooms that a file's code names: `crate::x` and the heads of `use crate::{x, y}` lists.
fn rooms_used(code: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for after in code.split("crate::").skip(1) {
        if let Some(list) = after.strip_prefix('{') {
            let mut depth = 0;
            let mut head = String::new();
            for letter in list.chars() {
                match letter {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => rooms.push(std::mem::take(&mut head)),
                    _ if depth == 0 => head.push(letter),
                    _ => {}
                }
            }
            rooms.push(head);
        } else {
            rooms.push(after.to_owned());
        }
    }
    let word = |text: String| -> String {
        text.trim()
            .chars()
            .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
            .collect()
    };
    rooms
        .into_iter()
        .map(word)
        .filter(|room| !room.is_empty())
        .collect()
}

#[test]
fn rooms_know_only_whom_they_may() {
    let mut arrows_seen = 0;
    for path in rust_files(&shipped("src")) {
        let room = room(&path);
        if matches!(room.as_str(), "lib" | "main") {
            continue;
        }
        let allowed = ARROWS.iter().find(|(name, _)| *name == room);
        let (_, allowed) = allowed.unwrap_or_else(|| panic!("{room} is not in the list of rooms"));
        for used in rooms_used(&code(&fs::read_to_string(&path).unwrap())) {
            assert!(
                used == room || allowed.contains(&used.as_str()),
                "{}: {room} may not know {used}",
                path.display()
            );
            arrows_seen += 1;
        }
    }
    assert!(
        arrows_seen > 100,
        "{arrows_seen}: the test has lost sight of the arrows"
    );
}

/// The files of the scenario that enumerate the systems.
const CHOICE: [&str; 3] = [
    "src/scenario/mod.rs",
    "src/scenario/run.rs",
    "src/scenario/systems.rs",
];

#[test]
fn only_the_choice_of_systems_names_a_system() {
    let systems = ["arigatoni", "opus"];
    let of_opus = [shipped("src/opus"), shipped("src/scenario/opus")];
    let mut chosen = 0;
    for path in rust_files(&shipped("src")) {
        let room = room(&path);
        if systems.contains(&room.as_str()) || matches!(room.as_str(), "lib" | "main") {
            continue;
        }
        let text = code(&fs::read_to_string(&path).unwrap());
        if CHOICE.iter().any(|file| path == shipped(file)) {
            chosen += u32::from(text.contains("Opus") || text.contains("mod opus;"));
            continue;
        }
        // What only one system needs lies with it.
        if of_opus.iter().any(|folder| path.starts_with(folder))
            || path == shipped("src/scenario/opus.rs")
        {
            continue;
        }
        for used in rooms_used(&text) {
            assert!(
                !systems.contains(&used.as_str()),
                "{}: names {used}",
                path.display()
            );
        }
        assert!(
            !text.to_lowercase().contains("opus"),
            "{}: names Opus",
            path.display()
        );
    }
    assert_eq!(chosen, 3, "the test has lost sight of the choice");
}

/// How many lines a file may have. How many a function may have says `clippy.toml`.
const LINES_MAX: usize = 450;

#[test]
fn files_stay_comfortable() {
    let mut files_seen = 0;
    for path in folders().iter().flat_map(|folder| rust_files(folder)) {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(
            lines <= LINES_MAX,
            "{}: {lines} lines: is it one room?",
            path.display()
        );
        files_seen += 1;
    }
    assert!(
        files_seen > 300,
        "{files_seen}: the test has lost sight of the files"
    );
}

#[test]
fn every_module_says_what_it_is() {
    let files = rust_files(&shipped("src"));
    assert!(!files.is_empty(), "the test has lost sight of the files");
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("//! "), "{} has no header", path.display());
    }
}

#[test]
fn no_unfinished_work_and_no_debugging() {
    // Spelt in two halves, so that this file does not name them.
    let words = [
        ["to", "do!("],
        ["unimpl", "emented!("],
        ["FIX", "ME"],
        ["TO", "DO"],
        ["db", "g!("],
    ];
    for path in folders().iter().flat_map(|folder| rust_files(folder)) {
        let text = fs::read_to_string(&path).unwrap();
        for word in words.map(|halves| halves.concat()) {
            assert!(!text.contains(&word), "{}: {word}", path.display());
        }
    }
}
