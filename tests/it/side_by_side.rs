//! Several processes in one folder: none rolls back, removes or refuses what another one does.

#![allow(
    clippy::disallowed_types,
    reason = "what other processes do meanwhile is about wall-clock time"
)]

use std::fs;
use std::path::Path;
use std::process::Child;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::command::{
    arigatoni, assert_same, code, done, many_plain_runs, memory_folder, program, put, said,
};
use crate::review::{lines_with, reads, without_times};

/// Eight runs a replication.
fn few_runs(replications: u32) -> Value {
    let mut scenario = many_plain_runs();
    scenario["replications"] = replications.into();
    scenario["system"]["arigatoni"]["disconnection"] = serde_json::json!({"rate": 0.3});
    scenario["sweep"]["axes"] = serde_json::json!({
        "/system/*/search": ["selective", "exhaustive"],
        "/system/*/disconnection/units": ["gcus", "gbus"],
        "/system/*/disconnection/mode": ["unregister", "crash"],
    });
    scenario
}

fn shard(folder: &Path, scenario: &str, out: &str) {
    let words = [
        "sweep",
        scenario,
        "-o",
        out,
        "--shard=0/1",
        "--chunk-runs=3",
    ];
    done(folder, &words);
}

/// Waits until the process waits for a lock.
#[cfg(target_os = "linux")]
fn wait_until_it_waits(child: &Child) {
    let id = child.id().to_string();
    let waits = |line: &str| line.contains("->") && line.split_whitespace().any(|w| w == id);
    while !fs::read_to_string("/proc/locks")
        .unwrap()
        .lines()
        .any(waits)
    {
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Shards plan more replications and make them while a merge of the earlier ones is about to write:
/// it looks again, and puts all of them together.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
#[cfg(target_os = "linux")]
fn a_merge_does_not_roll_back_what_shards_have_planned_meanwhile() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    put(path, "four.json", &few_runs(4));
    put(path, "six.json", &few_runs(6));
    done(path, &["sweep", "six.json", "-owhole"]);
    shard(path, "four.json", "out");
    for complete in [false, true] {
        // What the folder will hold when the merge gets on.
        fs::create_dir(path.join("later")).unwrap();
        let copied = std::process::Command::new("cp")
            .args(["-r", "out/.", "later"])
            .current_dir(path)
            .status();
        assert!(copied.unwrap().success());
        shard(path, "six.json", "later");

        let manifest = fs::File::open(path.join("out/manifest.json")).unwrap();
        manifest.lock().unwrap();
        let merge = program(path).args(["merge", "out"]).spawn().unwrap();
        wait_until_it_waits(&merge);
        for name in fs::read_dir(path.join("later/parts")).unwrap() {
            let name = name.unwrap().file_name();
            fs::create_dir_all(path.join("out/parts")).unwrap();
            fs::rename(
                path.join("later/parts").join(&name),
                path.join("out/parts").join(&name),
            )
            .unwrap();
        }
        fs::rename(
            path.join("later/manifest.json"),
            path.join("out/manifest.json"),
        )
        .unwrap();
        drop(manifest);
        let output = merge.wait_with_output().unwrap();
        assert_eq!(code(&output), Some(0), "{}", said(&output));
        assert_same(&path.join("whole"), &path.join("out"));
        fs::remove_dir_all(path.join("later")).unwrap();
        if !complete {
            fs::remove_dir_all(path.join("out")).unwrap();
            done(path, &["sweep", "four.json", "-oout", "--chunk-runs=3"]);
        }
    }
}

/// What a shard makes while a merge removes parts stays.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_merge_removes_only_what_it_has_read() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    put(path, "s.json", &few_runs(1));
    shard(path, "s.json", "out");
    let journal = path.join("out/parts/1-7.journal");
    fs::write(&journal, "").unwrap();
    let held = fs::File::open(&journal).unwrap();
    held.lock().unwrap();
    for name in [
        "mine.txt",
        "slurm-7_0.log",
        "r000000-00.chunk.7-0.arigatoni-tmp",
    ] {
        fs::write(path.join("out/parts").join(name), "").unwrap();
    }
    done(path, &["merge", "out"]);
    let mut left: Vec<_> = fs::read_dir(path.join("out/parts"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort_unstable();
    assert_eq!(left, ["1-7.journal", "mine.txt"]);
    drop(held);
    done(path, &["merge", "out"]);
    assert!(!journal.exists() && path.join("out/parts/mine.txt").exists());
}

#[test]
fn a_merge_and_a_sweep_do_not_work_in_one_folder() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    put(path, "s.json", &few_runs(1));
    shard(path, "s.json", "out");
    let held = fs::File::open(path.join("out")).unwrap();
    held.lock().unwrap();
    let output = arigatoni(path, &["merge", "out"]);
    assert_eq!(code(&output), Some(2));
    reads(
        "durability",
        "A merge in the folder of a sweep",
        &[("merge out", &said(&output))],
    );
}

/// The folder of a sweep is moved away, and another study takes its name.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_sweep_does_not_write_over_the_study_that_took_its_name() {
    let folder = memory_folder();
    let path = folder.path();
    put(path, "long.json", &few_runs(150));
    put(path, "other.json", &few_runs(1));
    done(path, &["sweep", "other.json", "-owhole", "--seed=7"]);
    let words = ["sweep", "long.json", "-oout", "--chunk-runs=9"];
    let first = program(path).args(words).spawn().unwrap();
    let begun = |entry: fs::DirEntry| entry.path().extension().is_some_and(|e| e == "chunk");
    while !fs::read_dir(path.join("out/parts"))
        .is_ok_and(|mut entries| entries.any(|entry| entry.is_ok_and(begun)))
    {
        std::thread::sleep(Duration::from_millis(5));
    }
    fs::rename(path.join("out"), path.join("moved")).unwrap();
    done(path, &["sweep", "other.json", "-oout", "--seed=7"]);
    let output = first.wait_with_output().unwrap();
    let text = said(&output);
    assert_eq!(code(&output), Some(2), "{text}");
    assert_eq!(text.matches("error: ").count(), 1, "{text}");
    let moved = lines_with(&text, &["error: ", "help: "]);
    for name in ["runs.csv", "summary.csv", "depths.csv"] {
        let [there, here] = ["whole", "out"].map(|out| fs::read(path.join(out).join(name)));
        assert_eq!(there.unwrap(), here.unwrap(), "{name}");
    }
    let text = done(path, &["sweep", "long.json", "-omoved"]);
    reads(
        "folders-moved",
        "A folder that is moved while a sweep runs in it",
        &[
            ("the sweep", &moved),
            ("the same where the folder is now", &without_times(&text)),
        ],
    );
}

/// Processes that begin, work and end at the same time get in nobody's way.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn processes_side_by_side_refuse_nothing() {
    let folder = memory_folder();
    let path = folder.path();
    put(path, "s.json", &few_runs(2));
    done(path, &["sweep", "s.json", "-owhole"]);
    for round in 0..5 {
        let out = format!("-oout{round}");
        let shards: Vec<Child> = (0..5)
            .map(|shard| {
                let shard = format!("--shard={}/3", shard % 3);
                let words = ["sweep", "s.json", &out, &shard, "--threads=1"];
                program(path).args(words).spawn().unwrap()
            })
            .collect();
        for shard in shards {
            let output = shard.wait_with_output().unwrap();
            assert_eq!(code(&output), Some(0), "{round}: {}", said(&output));
        }
        done(path, &["merge", &out[2..]]);
        assert_same(&path.join("whole"), &path.join(&out[2..]));
    }
}
