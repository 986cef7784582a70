//! Rules of the house that a compiler does not check: who may know whom, how long a file may be,
//! which words have no place.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::shipped;

mod functions;

/// Every Rust file of the repository. There need not be examples, nor targets for a fuzzer.
fn all_files() -> Vec<PathBuf> {
    let perhaps = ["examples", "fuzz/fuzz_targets"].map(shipped);
    let folders = ["src", "tests", "benches"].map(shipped);
    let there = perhaps.into_iter().filter(|folder| folder.exists());
    let mut files: Vec<PathBuf> = folders
        .into_iter()
        .chain(there)
        .flat_map(|it| rust_files(&it))
        .collect();
    files.push(shipped("build.rs"));
    files
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

/// Whether the file holds nothing but unit tests. What these use is no arrow of the room.
fn is_tests(path: &Path) -> bool {
    let below = path.strip_prefix(shipped("src")).unwrap();
    let mut names = below.iter();
    names.any(|name| name == "tests" || name == "tests.rs")
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

/// The picture of the rooms in ARCHITECTURE.md: for each room those below it that it uses, and the base
/// rooms, which all may use and which themselves use only those behind them.
struct Picture {
    rooms: Vec<(String, Vec<String>)>,
    base: Vec<String>,
}

impl Picture {
    fn read() -> Self {
        let page = fs::read_to_string(shipped("ARCHITECTURE.md")).unwrap();
        let block = page
            .split("```rooms\n")
            .nth(1)
            .expect("the picture is there");
        let block = block.split("```").next().unwrap();
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
        let mut picture = Self {
            rooms: Vec::new(),
            base: Vec::new(),
        };
        for line in block.lines() {
            if let Some(base) = line.strip_prefix("base:") {
                picture.base = words(base);
            } else {
                let (room, below) = line.split_once('→').expect("a room and those below it");
                picture.rooms.push((room.trim().to_owned(), words(below)));
            }
        }
        picture
    }

    /// The rooms that `room` may use.
    fn allowed(&self, room: &str) -> Vec<&str> {
        if let Some(at) = self.base.iter().position(|base| base == room) {
            return self.base[at + 1..].iter().map(String::as_str).collect();
        }
        let below = self.rooms.iter().find(|(name, _)| name == room);
        let (_, below) = below.unwrap_or_else(|| panic!("{room} is not in the picture"));
        below.iter().chain(&self.base).map(String::as_str).collect()
    }
}

#[test]
fn the_picture_of_the_rooms_is_true_and_all_arrows_point_down() {
    let picture = Picture::read();
    let mut used_by: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in rust_files(&shipped("src")) {
        let room = room(&path);
        if matches!(room.as_str(), "lib" | "main") || is_tests(&path) {
            continue;
        }
        let allowed = picture.allowed(&room);
        for used in rooms_used(&code(&fs::read_to_string(&path).unwrap())) {
            assert!(
                used == room || allowed.contains(&used.as_str()),
                "{}: {room} may not know {used}",
                path.display()
            );
            used_by.entry(room.clone()).or_default().insert(used);
        }
    }
    for (number, (room, below)) in picture.rooms.iter().enumerate() {
        for other in below {
            let lower = &picture.rooms[number + 1..];
            let is_lower = lower.iter().any(|(name, _)| name == other);
            assert!(is_lower, "{room} → {other} does not point down");
            let is_used = used_by.get(room).is_some_and(|used| used.contains(other));
            assert!(is_used, "{room} does not use {other} any more");
        }
    }
    let rooms = picture.rooms.len() + picture.base.len();
    assert!(rooms > 20, "{rooms}");
}

/// The one file that knows all systems of the package.
const CHOICE: &str = "src/systems/standard.rs";

#[test]
fn only_the_choice_of_systems_names_a_system() {
    let systems = ["arigatoni", "opus", "rivals"];
    for path in rust_files(&shipped("src")) {
        let room = room(&path);
        if systems.contains(&room.as_str()) || matches!(room.as_str(), "lib" | "main") {
            continue;
        }
        let text = code(&fs::read_to_string(&path).unwrap());
        if path == shipped(CHOICE) {
            for system in systems {
                assert!(text.contains(&format!("crate::{system}")), "{system}");
            }
            continue;
        }
        for used in rooms_used(&text) {
            assert!(
                is_tests(&path) || !systems.contains(&used.as_str()),
                "{}: names {used}",
                path.display()
            );
        }
        assert!(
            is_tests(&path) || !text.to_lowercase().contains("opus"),
            "{}: names Opus",
            path.display()
        );
    }
}

/// What `.ci/nightly` leaves out of all tests is what takes minutes, and nothing else.
#[test]
fn the_nightly_tests_leave_out_the_measurements_only() {
    let script = fs::read_to_string(shipped(".ci/nightly")).unwrap();
    let mut skipped: Vec<&str> = script
        .lines()
        .filter_map(|line| line.trim().strip_prefix("--skip "))
        .map(|line| line.trim_end_matches('\\').trim())
        .collect();
    let mut slow = Vec::new();
    let mut others = Vec::new();
    for path in all_files() {
        let text = fs::read_to_string(&path).unwrap();
        let mut attributes = "";
        for line in text.lines().map(str::trim) {
            match line.strip_prefix("fn ") {
                Some(function) => {
                    let name = function.split('(').next().unwrap().to_owned();
                    let takes = concat!("#[ignore = ", "\"takes");
                    if attributes.starts_with(takes) {
                        slow.push(name);
                    } else {
                        others.push(name);
                    }
                    attributes = "";
                }
                None if line.starts_with("#[ignore") => attributes = line,
                None => {}
            }
        }
    }
    assert!(slow.len() > 5, "{slow:?}");
    let fits = |name: &str, skip: &&&str| name.contains(**skip);
    for name in &slow {
        let by: Vec<&&str> = skipped.iter().filter(|skip| fits(name, skip)).collect();
        assert_eq!(by.len(), 1, "{name}: {by:?}");
    }
    for name in others {
        let by = skipped.iter().find(|skip| fits(&name, skip));
        assert_eq!(by, None, "{name} is no measurement");
    }
    skipped.retain(|skip| !slow.iter().any(|name| name.contains(skip)));
    assert_eq!(skipped, [""; 0], "there is no such test");
}

/// How many lines a file may have.
const LINES_MAX: usize = 450;

#[test]
fn files_stay_comfortable() {
    let mut files_seen = 0;
    for path in all_files() {
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
    for path in all_files() {
        let text = fs::read_to_string(&path).unwrap();
        for word in words.map(|halves| halves.concat()) {
            assert!(!text.contains(&word), "{}: {word}", path.display());
        }
    }
}

#[test]
fn no_two_decisions_are_drawn_alike() {
    let mut owners = BTreeMap::new();
    for path in rust_files(&shipped("src")) {
        let text = fs::read_to_string(&path).unwrap();
        for after in code(&text).split(": StreamId = StreamId(").skip(1) {
            let number = after.split(')').next().unwrap().to_owned();
            let other = owners.insert(number.clone(), path.clone());
            assert!(
                other.is_none(),
                "StreamId({number}) in {} and {}",
                path.display(),
                other.unwrap_or_default().display()
            );
        }
    }
    assert!(owners.len() > 30, "{}", owners.len());
}
