//! What of a damaged folder is kept, and what is not ours to remove.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::command::{arigatoni, assert_same, code, done, many_short_runs, put, said};
use crate::review::{Page, lines_with, of_any_build, reads, without_times};

const SWEEP: [&str; 4] = ["sweep", "s.json", "-oout", "--chunk-runs=5"];

/// The same complete results in `out` and `whole`: 84 runs.
fn results() -> TempDir {
    let folder = TempDir::new().unwrap();
    put(folder.path(), "s.json", &many_short_runs());
    done(folder.path(), &SWEEP);
    let copied = std::process::Command::new("cp")
        .args(["-r", "out", "whole"])
        .current_dir(folder.path())
        .status();
    assert!(copied.unwrap().success());
    folder
}

/// Another digit at the end of row `row` of a table of `out`.
fn alter(folder: &Path, table: &str, row: usize) {
    let path = folder.join("out").join(table);
    let text = fs::read_to_string(&path).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines[row].push('7');
    fs::write(path, lines.join("\n") + "\n").unwrap();
}

/// The page of what is said of damaged folders, each test with a section.
const DAMAGED: &str = "salvage";

fn refused(folder: &Path, words: &[&str]) -> String {
    let output = arigatoni(folder, words);
    assert_eq!(code(&output), Some(2), "{}", said(&output));
    of_any_build(&said(&output))
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn an_altered_table_costs_a_few_runs_and_no_more() {
    let folder = results();
    let path = folder.path();
    let mut page = Page::new("Tables that were changed or are gone");
    for (table, row) in [("depths.csv", 40), ("runs.csv", 84)] {
        alter(path, table, row);
        let text = done(path, &SWEEP);
        page.entry(&format!("{table}, row {row}"), without_times(&text));
        assert_same(&path.join("whole"), &path.join("out"));
    }
    fs::remove_file(path.join("out/depths.csv")).unwrap();
    let text = done(path, &SWEEP);
    page.entry("no depths.csv", without_times(&text));
    page.check_section(DAMAGED);
    assert_same(&path.join("whole"), &path.join("out"));
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_merge_never_leaves_fewer_rows_than_there_are() {
    let folder = results();
    let path = folder.path();
    alter(path, "depths.csv", 40);
    let runs = fs::read(path.join("out/runs.csv")).unwrap();
    let text = refused(path, &["merge", "out"]);
    assert!(!text.contains("--partial"), "{text}");
    reads(
        DAMAGED,
        "A merge that would leave fewer rows",
        &[
            ("arigatoni merge out", &text),
            (
                "arigatoni merge out --partial",
                &refused(path, &["merge", "out", "--partial"]),
            ),
        ],
    );
    assert_eq!(fs::read(path.join("out/runs.csv")).unwrap(), runs);
    done(path, &SWEEP);
    assert_same(&path.join("whole"), &path.join("out"));
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn runs_beside_a_broken_manifest_are_saved() {
    let folder = results();
    let path = folder.path();
    fs::remove_dir_all(path.join("out")).unwrap();
    done(path, &[&SWEEP[..], &["--shard=0/2"]].concat());
    done(path, &["merge", "out", "--partial"]);
    let manifest = path.join("out/manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, &text[..text.len() / 2]).unwrap();
    let mut page = Page::new("Runs beside a broken manifest");
    for words in [&SWEEP[..], &["merge", "out"]] {
        let text = refused(path, words);
        // On which line it is broken depends on what the manifest says of the machine.
        assert!(text.starts_with("error: out/manifest.json:"), "{text}");
        let help = lines_with(&text, &["help: "]);
        page.entry(&format!("arigatoni {}", words.join(" ")), help);
    }
    for name in ["manifest.json", "depths.csv", "runs.csv", "summary.csv"] {
        fs::rename(path.join("out").join(name), path.join(name)).unwrap();
    }
    let text = done(path, &SWEEP);
    page.entry("the tables and the manifest moved", without_times(&text));
    page.check_section(DAMAGED);
    assert_same(&path.join("whole"), &path.join("out"));
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn files_of_people_and_other_programs_stay() {
    let folder = results();
    let path = folder.path();
    let names = ["notes.2024-11-28.tmp", "data..tmp", "figures/draft.1-0.tmp"];
    for name in names {
        fs::write(path.join("out").join(name), "mine").unwrap();
    }
    // Of a process that was killed.
    let left = path.join("out/runs.csv.12-0.arigatoni-tmp");
    fs::write(&left, "run,repl").unwrap();
    done(path, &[&SWEEP[..], &["--set=/replications=5"]].concat());
    for name in names {
        assert_eq!(
            fs::read_to_string(path.join("out").join(name)).unwrap(),
            "mine"
        );
    }
    assert!(!left.exists());
    // Without a manifest they make the folder one that is not only of results.
    fs::remove_file(path.join("out/manifest.json")).unwrap();
    reads(
        DAMAGED,
        "Files that are not the program's",
        &[("arigatoni sweep s.json -oout", &refused(path, &SWEEP))],
    );
}
