//! Messages that cannot be written are lost, and nothing else: the exit code still tells what has
//! come of the work.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use std::time::Duration;

use super::too_many_panels;
use crate::command::{program, put, with_short_runs};
use crate::durability::signal;

/// Starts the program; what it says goes to a device that is full.
fn unheard(folder: &Path, words: &[&str]) -> Child {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let mut program = program(folder);
    program.args(words).stdout(Stdio::null()).stderr(full);
    program.spawn().unwrap()
}

/// The exit code of the program, to which nobody listens.
fn ends(folder: &Path, words: &[&str]) -> Option<i32> {
    unheard(folder, words).wait().unwrap().code()
}

#[test]
fn bad_input_is_bad_input() {
    let folder = with_short_runs();
    for words in [
        &["run", "nope.json"][..],
        &["sweep", "nope.json"],
        &["check", "nope.json", "--baseline=out"],
        &["compare", "nope", "nope"],
        &["status", "nope"],
        &["merge", "nope"],
        &["figures", "nope"],
        &["topology", "info", "nope.gb"],
        &["topology", "generate", "1", "-o/nope/nope.gb"],
        &["run", "--nope"],
    ] {
        assert_eq!(ends(folder.path(), words), Some(2), "{words:?}");
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn what_is_done_is_done() {
    let folder = with_short_runs();
    let path = folder.path();
    for words in [
        &["sweep", "s.json", "--shard=0/1", "-oout"][..],
        &["sweep", "s.json", "-oout"],
        &["sweep", "s.json", "-oout"],
        &["merge", "out"],
    ] {
        assert_eq!(ends(path, words), Some(0), "{words:?}");
    }
    put(path, "s.json", &too_many_panels());
    assert_eq!(ends(path, &["sweep", "s.json", "-opanels"]), Some(0));
    assert!(path.join("panels/runs.csv").exists());
}

/// A batch system starts a sweep again that ends with 75, and none that ends with another code.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_sweep_that_is_stopped_is_told_as_one() {
    for (name, code) in [("TERM", 75), ("INT", 130)] {
        let folder = with_short_runs();
        let words = ["sweep", "s.json", "-oout", "--set=/replications=10000"];
        let mut child = unheard(folder.path(), &words);
        // The manifest is made right before the first run begins.
        while !folder.path().join("out/manifest.json").exists() {
            assert_eq!(child.try_wait().unwrap(), None, "it has not begun");
            thread::sleep(Duration::from_millis(5));
        }
        signal(&child, name);
        assert_eq!(child.wait().unwrap().code(), Some(code), "{name}");
    }
}
