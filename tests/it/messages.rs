//! What the program says to people about their input. How it says it is in `tests/messages/`.

#[cfg(target_os = "linux")]
mod lost;

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::command::{arigatoni, code, done, many_short_runs, program, put, said, with_short_runs};
use crate::review::{Page, lines_with, reads, without_times};
use crate::support::shipped;

/// A scenario of which some figures are not drawn.
fn too_many_panels() -> Value {
    let mut scenario = many_short_runs();
    scenario["replications"] = 1.into();
    scenario["sweep"]["axes"] = json!({
        "/system/*/services/density": [0.02, 0.04, 0.06, 0.08, 0.1, 0.12],
        "/system/*/requests/instances": [1, 2, 3, 4],
        "/system/*/disconnection/rate": [0, 0.2],
    });
    scenario
}

/// Runs the program, which must refuse its input; returns what it said.
pub(crate) fn refused(folder: &Path, words: &[&str]) -> String {
    let output = arigatoni(folder, words);
    assert_eq!(code(&output), Some(2), "{words:?}: {}", said(&output));
    said(&output).replace(&here(folder), "HERE")
}

/// Where a folder is.
fn here(folder: &Path) -> String {
    folder.canonicalize().unwrap().display().to_string()
}

/// Commands that are all refused, and what is said about each.
pub(crate) fn check_refused(folder: &Path, heading: &str, page: &str, commands: &[&[&str]]) {
    let mut text = Page::new(heading);
    for words in commands {
        let told = words.join(" ").replace(&here(folder), "HERE");
        text.entry(&told.replace('\n', "⏎"), refused(folder, words));
    }
    text.check(page);
}

/// A missing file is told with the folder in which it was looked for, and who named it.
#[test]
fn a_missing_file_is_told_with_where_and_who() {
    let folder = with_short_runs();
    let path = folder.path();
    fs::create_dir(path.join("sub")).unwrap();
    let mut scenario = many_short_runs();
    scenario["topology"]["file"] = "nope.gb".into();
    put(path, "sub/s.json", &scenario);
    put(path, "t.json", &scenario);
    let commands = [
        &["run", "nope.json"][..],
        &["run", "sub/s.json"],
        &["run", "t.json"],
    ];
    check_refused(
        path,
        "Files that are not there",
        "command-missing-files",
        &commands,
    );
}

#[test]
fn numbers_are_explained() {
    let commands = [
        &["run", "s.json", "--set=/system/*/disconnection/rate=30"][..],
        &["run", "s.json", "--set=/system/*/disconnection/rate=1.1"],
        &["run", "s.json", "--set=/system/*/services/density=0,5"],
        &["run", "s.json", "--set=/system/*/disconnection/rate=30%"],
        &["run", "s.json", "--set=/system/*/requests/rate_per_s=30%"],
        &["run", "s.json", "--set=/system/*/services/density=\"0.5\""],
        &["run", "s.json", "--set=/system/*/services/density=\".5\""],
        &["run", "s.json", "--set=/replications=\"3\""],
        &["run", "s.json", "--set=/replications=\"2.5\""],
        &[
            "run",
            "s.json",
            "--set=/system/*/requests/rate_per_s=1e-300",
        ],
        &["run", "s.json", "--seed", "abc"],
        &["run", "s.json", "--replication", "-1"],
        &["status", "s.json", "--shards", "0"],
        &["sweep", "s.json", "--chunk-runs", "x"],
        &["sweep", "s.json", "--grace", "-3"],
        &["submit", "s.json", "--engine=parallel", "--shards=0"],
    ];
    let folder = with_short_runs();
    for words in commands {
        let text = refused(folder.path(), words);
        assert!(text.len() < 400, "{text}");
    }
    check_refused(
        folder.path(),
        "Numbers that are none, or too large",
        "command-numbers",
        &commands,
    );
}

/// What a table's error is about is told as a path that can be opened.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_line_of_a_table_is_told_by_its_path() {
    let folder = with_short_runs();
    let path = folder.path();
    done(path, &["sweep", "s.json", "-oout"]);
    let runs = path.join("out/runs.csv");
    let mut table = fs::read_to_string(&runs).unwrap();
    table.push_str("1,2\n");
    fs::write(&runs, table).unwrap();
    let text = refused(path, &["figures", "out"]);
    assert!(text.contains("error: out/runs.csv:86:"), "{text}");
}

/// In the first seconds of a sweep there is no manifest.
#[test]
fn a_sweep_that_has_just_begun_is_told_as_one() {
    let folder = with_short_runs();
    let path = folder.path();
    fs::create_dir(path.join("out")).unwrap();
    let held = fs::File::open(path.join("out")).unwrap();
    held.lock().unwrap();
    let commands = [
        &["status", "out"][..],
        &["figures", "out"],
        &["merge", "out"],
    ];
    check_refused(
        path,
        "A folder that another sweep has just taken",
        "command-begun",
        &commands,
    );
    drop(held);
    let commands = [&["status", "out"][..]];
    check_refused(path, "An empty folder", "command-empty-folder", &commands);
}

/// A graph that was on Windows is the same graph.
#[test]
fn lines_of_a_gb_file_may_end_in_crlf() {
    let folder = with_short_runs();
    let path = folder.path();
    let graph = fs::read_to_string(shipped("topologies/t100-0.gb")).unwrap();
    fs::write(path.join("dos.gb"), graph.replace('\n', "\r\n")).unwrap();
    done(path, &["topology", "convert", "dos.gb", "unix.gb"]);
    assert_eq!(fs::read_to_string(path.join("unix.gb")).unwrap(), graph);
}

/// With a precision there are many rounds of work, and one line about them.
#[test]
fn rounds_of_a_precision_are_told_once() {
    let folder = with_short_runs();
    let path = folder.path();
    let mut scenario = many_short_runs();
    scenario["sweep"] = json!({});
    scenario["system"]["arigatoni"]["services"] = json!({"density": 0.02});
    scenario["precision"] = json!({
        "metric": "acceptance_ratio", "relative_half_width": 0.000_001, "min": 2, "max": 20
    });
    put(path, "s.json", &scenario);
    let text = done(path, &["sweep", "s.json", "-oout"]);
    assert_eq!(text.matches(" runs (").count(), 1, "{text}");
    reads(
        "command-told-once",
        "Rounds of a precision",
        &[(
            "arigatoni sweep s.json -oout",
            &lines_with(&text, &["precision: "]),
        )],
    );
    let manifest = fs::read(path.join("out/manifest.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    assert_eq!(manifest["runs_done"], 20);
}

/// What has no member of that name tells why, not only what is named alike elsewhere.
#[test]
fn a_member_that_is_not_there_is_told_with_the_reason() {
    let folder = with_short_runs();
    let path = folder.path();
    let commands = [
        "/system/*/slots/few=2",
        "/system/*/serch=exhaustive",
        "/system/arigatni/search=exhaustive",
        "/system/opus/overlay/packets=3",
        "/topology/transit_stub={}",
        "/sweep/axes//system/*/services/density=[0.1]",
        "/sweep/axes/system/arigatoni/services/density=[0.1]",
    ]
    .map(|set| ["run", "s.json", "--set", set]);
    let commands: Vec<&[&str]> = commands.iter().map(|words| &words[..]).collect();
    check_refused(
        path,
        "Members that are not there",
        "command-members",
        &commands,
    );
}

/// A run that needs more memory than there is is refused before it takes any.
#[test]
#[cfg(target_os = "linux")]
fn memory_that_is_not_there_is_told_before_it_is_taken() {
    let folder = with_short_runs();
    let limited = |verb: &[&str]| {
        let script = "ulimit -v 3000000 && exec \"$0\" \"$@\"";
        let mut command = Command::new("sh");
        command
            .args(["-c", script, env!("CARGO_BIN_EXE_arigatoni")])
            .args(verb)
            .current_dir(folder.path());
        command.output().unwrap()
    };
    let mut page = Page::new("Runs that need more memory than there is");
    let mut refused = |words: &[&str]| {
        let output = limited(words);
        let text = said(&output);
        assert_eq!(code(&output), Some(2), "{words:?}: {text}");
        // How much there is depends on the machine.
        let (needed, _) = text.split_once(", but").unwrap();
        page.entry(
            &format!("arigatoni {}", words.join(" ")),
            format!("{needed}, but …"),
        );
    };
    let many = "--set=/system/*/gcus_per_broker=500000";
    refused(&["run", "s.json", many]);
    refused(&["sweep", "s.json", many]);
    // Requests that are pending at the same time, of which as many in turn are no trouble.
    let words = ["count=2000000", "instances=100", "rate_per_s=1e9"];
    let words = words.map(|word| format!("--set=/system/*/requests/{word}"));
    refused(&["run", "s.json", &words[0], &words[1], &words[2]]);
    page.check("command-memory");
    assert!(!folder.path().join("results").exists());
    assert_eq!(code(&limited(&["run", "s.json"])), Some(0));
}

/// Who reads the first lines of a file that goes to a pipe, and then no more, has what they want.
#[test]
#[cfg(target_os = "linux")]
fn a_pipe_that_nobody_reads_is_no_trouble() {
    let folder = with_short_runs();
    for option in ["--requests=/dev/stdout", "--trace=/dev/stdout"] {
        let mut child = program(folder.path());
        let mut child = child.args(["run", "s.json", option]).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!((code(&output), &*said(&output)), (Some(0), ""), "{option}");
    }
}

/// A link that is asked for stays one; what the shell has opened gets the bytes before the list of metrics.
#[test]
#[cfg(target_os = "linux")]
fn an_export_through_a_link_goes_to_what_the_link_names() {
    let folder = with_short_runs();
    let path = folder.path();
    done(path, &["run", "s.json", "--requests=plain.csv"]);
    let wanted = fs::read_to_string(path.join("plain.csv")).unwrap();
    fs::write(path.join("real.csv"), "old").unwrap();
    std::os::unix::fs::symlink("real.csv", path.join("link.csv")).unwrap();
    done(path, &["run", "s.json", "--requests=link.csv"]);
    assert!(path.join("link.csv").is_symlink());
    assert_eq!(fs::read_to_string(path.join("real.csv")).unwrap(), wanted);
    std::os::unix::fs::symlink("/proc/self/fd/1", path.join("out")).unwrap();
    let metrics = program(path).args(["run", "s.json"]).output().unwrap();
    let all = fs::File::create(path.join("all.txt")).unwrap();
    let mut child = program(path);
    let child = child.args(["run", "s.json", "--requests=out"]).stdout(all);
    assert!(child.status().unwrap().success());
    let all = fs::read_to_string(path.join("all.txt")).unwrap();
    assert_eq!(all, wanted + str::from_utf8(&metrics.stdout).unwrap());
    assert!(path.join("out").is_symlink());
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn counts_of_one_and_of_many_are_told_as_such() {
    let folder = with_short_runs();
    let path = folder.path();
    let once = [
        "sweep",
        "s.json",
        "--set=/replications=1",
        "--chunk-runs=21",
    ];
    let whole = done(path, &[&once[..], &["--shard=0/1"]].concat());
    let none = done(path, &[&once[..], &["--shard=1/2"]].concat());
    let mut scenario = many_short_runs();
    scenario["sweep"] = json!({});
    scenario["system"]["arigatoni"]["services"] = json!({"density": 0.02});
    scenario["precision"] = json!({
        "metric": "acceptance_ratio", "relative_half_width": 100, "min": 3, "max": 20
    });
    put(path, "p.json", &scenario);
    let precise = done(path, &["sweep", "p.json", "-oprecise"]);
    reads(
        "command-told-once",
        "Counts of one, of none and of several",
        &[
            ("one chunk, --shard=0/1", &without_times(&whole)),
            ("one chunk, --shard=1/2", &without_times(&none)),
            ("a precision of one point", &without_times(&precise)),
        ],
    );
}

/// Figures that do not come about for one reason share its sentence.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn figures_that_are_not_drawn_are_told_together() {
    let folder = with_short_runs();
    put(folder.path(), "s.json", &too_many_panels());
    let text = done(folder.path(), &["sweep", "s.json"]);
    reads(
        "command-told-once",
        "Figures that are not drawn for one reason",
        &[("arigatoni sweep s.json", &without_times(&text))],
    );
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn picking_a_point_to_compare_says_what_is_missing() {
    let folder = with_short_runs();
    let path = folder.path();
    done(path, &["sweep", "s.json", "-oout"]);
    let commands =
        ["0.7", "0.2"].map(|value| format!("--at-a=/system/*/disconnection/rate={value}"));
    let commands = commands.each_ref().map(|at| ["compare", "out", "out", at]);
    let commands: Vec<&[&str]> = commands.iter().map(|words| &words[..]).collect();
    check_refused(
        path,
        "Points that cannot be compared",
        "command-points",
        &commands,
    );
}
