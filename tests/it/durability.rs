//! Nothing is lost: real processes are killed at random moments, and the next one goes on.

#![allow(
    clippy::disallowed_types,
    reason = "moments at which processes are killed are about wall-clock time"
)]

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output};
use std::time::{Duration, Instant};

use arigatoni::random::{Draws, Purpose};
use serde_json::Value;
use tempfile::TempDir;

use crate::command::{arigatoni, assert_same, code, done, many_short_runs, program, put, said};

/// So many sweeps must have been disturbed before their end.
const KILLS: u32 = 20;
const WORDS: [&str; 5] = ["sweep", "s.json", "--threads=2", "--chunk-runs=5", "-oout"];

/// How a sweep is stopped.
#[derive(Debug, Clone, Copy)]
enum End {
    Kill,
    Terminate,
    Interrupt,
    /// No file may be larger: writing fails at some moment, as on a full disk.
    Full,
}

/// A folder with the scenario, and the undisturbed results in `whole`.
fn undisturbed() -> TempDir {
    let folder = TempDir::new().unwrap();
    put(folder.path(), "s.json", &many_short_runs());
    done(
        folder.path(),
        &["sweep", "s.json", "--chunk-runs=5", "-owhole"],
    );
    folder
}

/// Starts a sweep, which takes `undisturbed_s`, and ends it; `moment` is uniform in [0, 1).
fn disturb(folder: &Path, end: End, moment: f64, undisturbed_s: f64) -> Output {
    let mut command = program(folder);
    if let End::Full = end {
        // The journal of all 84 runs has some 100 kB; a block is 512 or 1,024 bytes.
        let blocks = 4 + (moment * 60.0) as u32;
        let script = format!("ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let mut limited = Command::new("sh");
        limited
            .args(["-c", &script, env!("CARGO_BIN_EXE_arigatoni")])
            .args(WORDS)
            .current_dir(folder);
        return limited.output().unwrap();
    }
    let mut child = command.args(WORDS).spawn().unwrap();
    std::thread::sleep(Duration::from_secs_f64(
        (0.05 + 0.9 * moment) * undisturbed_s,
    ));
    match end {
        End::Kill => child.kill().unwrap(),
        End::Terminate => signal(&child, "TERM"),
        End::Interrupt => signal(&child, "INT"),
        End::Full => {}
    }
    child.wait_with_output().unwrap()
}

fn signal(child: &Child, name: &str) {
    // The process may have ended already.
    let _ = Command::new("kill")
        .args([format!("-{name}"), child.id().to_string()])
        .output();
}

/// How many distinct runs lie whole in the journals and chunks, by their text alone.
fn kept(out: &Path) -> usize {
    let mut runs: Vec<(String, u64)> = Vec::new();
    for entry in fs::read_dir(out.join("parts")).into_iter().flatten() {
        let path = entry.unwrap().path();
        if !path
            .extension()
            .is_some_and(|e| e == "chunk" || e == "journal")
        {
            continue;
        }
        for line in String::from_utf8_lossy(&fs::read(path).unwrap()).split_inclusive('\n') {
            let record = line
                .get(17..)
                .and_then(|text| serde_json::from_str::<Value>(text).ok());
            if let (Some(record), true) = (record, line.ends_with('\n')) {
                let replication = record["replication"].as_u64().unwrap();
                runs.push((record["point"].as_str().unwrap().to_owned(), replication));
            }
        }
    }
    runs.sort_unstable();
    runs.dedup();
    runs.len()
}

#[test]
fn whatever_kills_a_sweep_the_next_one_goes_on_and_ends_with_the_same_bytes() {
    let folder = undisturbed();
    let (whole, out) = (folder.path().join("whole"), folder.path().join("out"));
    let begun = Instant::now();
    done(folder.path(), &WORDS);
    let undisturbed_s = begun.elapsed().as_secs_f64();
    fs::remove_dir_all(&out).unwrap();
    let draws = Draws::new(20_26, 0);
    let ends = [End::Kill, End::Terminate, End::Interrupt, End::Full];
    let mut disturbed = 0;
    for kill in 0..3 * KILLS {
        if disturbed == KILLS {
            break;
        }
        let end = ends[kill as usize % ends.len()];
        let moment = draws.unit(Purpose(241), kill.into(), 0);
        let output = disturb(folder.path(), end, moment, undisturbed_s);
        let (code, text) = (code(&output), said(&output));
        match end {
            End::Kill => assert!(matches!(code, None | Some(0)), "{text}"),
            End::Terminate => assert!(matches!(code, None | Some(0 | 75)), "{text}"),
            End::Interrupt => assert!(matches!(code, None | Some(0 | 130)), "{text}"),
            End::Full => {
                assert!(matches!(code, Some(0 | 2)), "{text}");
                assert!(
                    code == Some(0) || text.contains("larger than the system allows"),
                    "{text}"
                );
            }
        }
        let finished = code == Some(0);
        disturbed += u32::from(!finished);
        let kept = kept(&out);
        let said = done(folder.path(), &WORDS);
        if finished || kept == 84 {
            assert!(said.contains("84 of 84 runs are done already"), "{said}");
        } else if kept > 0 {
            let told = format!("going on: {kept} of 84 runs are done already");
            assert!(said.contains(&told), "{end:?}, {told}: {said}");
        }
        assert_same(&whole, &out);
        assert!(!out.join("parts").exists());
        fs::remove_dir_all(&out).unwrap();
    }
    assert_eq!(disturbed, KILLS);
}

#[test]
fn a_torn_record_is_dropped_and_a_corrupted_chunk_is_made_again() {
    let folder = undisturbed();
    let out = folder.path().join("out");
    let shard = ["sweep", "s.json", "--chunk-runs=5", "-oout", "--shard=0/2"];
    done(folder.path(), &shard);
    let parts = out.join("parts");
    let mut chunks: Vec<_> = fs::read_dir(&parts)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "chunk"))
        .collect();
    chunks.sort_unstable();
    // A chunk with a flipped bit, one that is cut, one of another study, one that became a journal
    // with a torn end.
    let bytes = fs::read(&chunks[0]).unwrap();
    let mut flipped = bytes.clone();
    flipped[bytes.len() / 2] ^= 1;
    fs::write(&chunks[0], flipped).unwrap();
    let bytes = fs::read(&chunks[1]).unwrap();
    fs::write(&chunks[1], &bytes[..bytes.len() - 30]).unwrap();
    let text = fs::read_to_string(&chunks[2]).unwrap();
    let torn = &text[..text.rfind("{\"point\"").unwrap() + 20];
    fs::write(parts.join("x.journal"), torn).unwrap();
    fs::remove_file(&chunks[2]).unwrap();
    let foreign = arigatoni::ledger::seal("0123456789abcdef", "x", []);
    fs::write(parts.join("foreign.chunk"), foreign).unwrap();

    let said = done(folder.path(), &WORDS);
    assert_eq!(said.matches("the chunk is corrupted").count(), 2, "{said}");
    assert!(said.contains("x.journal: dropped 1 torn record;"), "{said}");
    assert!(
        said.contains("foreign.chunk: these are runs of another study"),
        "{said}"
    );
    assert_same(&folder.path().join("whole"), &out);
}

#[test]
fn two_sweeps_in_one_folder_are_refused() {
    let folder = TempDir::new().unwrap();
    let mut scenario = many_short_runs();
    scenario["replications"] = 400.into();
    put(folder.path(), "s.json", &scenario);
    let mut first = program(folder.path()).args(WORDS).spawn().unwrap();
    while kept(&folder.path().join("out")) == 0 {
        std::thread::sleep(Duration::from_millis(20));
    }
    let second = arigatoni(folder.path(), &WORDS);
    first.kill().unwrap();
    first.wait().unwrap();
    assert_eq!(code(&second), Some(2));
    assert!(said(&second).contains("out: another sweep is working in this folder"));
}

#[test]
fn a_sweep_may_be_extended_and_nothing_is_made_twice() {
    let folder = TempDir::new().unwrap();
    let mut scenario = many_short_runs();
    let rates = |d: &mut Value, rates: Value| {
        d["sweep"]["axes"]["/system/*/disconnection/rate"] = rates;
    };
    scenario["replications"] = 2.into();
    rates(&mut scenario, serde_json::json!([0.1, 0.4]));
    put(folder.path(), "s.json", &scenario);
    done(folder.path(), &WORDS);
    scenario["replications"] = 4.into();
    put(folder.path(), "s.json", &scenario);
    let said = done(folder.path(), &WORDS);
    assert!(
        said.contains("going on: 12 of 24 runs are done already"),
        "{said}"
    );
    rates(
        &mut scenario,
        serde_json::json!([0, 0.1, 0.2, 0.4, 0.6, 0.8, 0.95]),
    );
    put(folder.path(), "s.json", &scenario);
    let said = done(folder.path(), &WORDS);
    assert!(
        said.contains("going on: 24 of 84 runs are done already"),
        "{said}"
    );
    done(folder.path(), &["sweep", "s.json", "-owhole"]);
    assert_same(&folder.path().join("whole"), &folder.path().join("out"));
}

#[test]
fn any_other_change_is_refused_with_the_difference() {
    let folder = undisturbed();
    let refused = |words: &[&str], expected: &str| {
        let words = [&["sweep", "s.json", "-owhole"], words].concat();
        let output = arigatoni(folder.path(), &words);
        assert_eq!(code(&output), Some(2));
        assert!(said(&output).contains(expected), "{}", said(&output));
    };
    refused(
        &["--set=/system/*/acceptance_probability=0.7"],
        "/system/arigatoni/acceptance_probability: 0.75 there, 0.7 here",
    );
    refused(&["--seed=7"], "/seed: 1 there, 7 here");
    refused(&["--set=/replications=3"], "/replications: 4 there, 3 here");
    refused(
        &["--filter=/system/*/services/density=0.1"],
        "points that this one has not, such as [0.02,0] of its axes",
    );
    refused(&["--chunk-runs=6"], "planned with chunks of 5 runs, not 6");
    done(
        folder.path(),
        &["sweep", "s.json", "-owhole", "--seed=7", "--overwrite"],
    );

    let manifest = folder.path().join("whole/manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(
        &manifest,
        text.replace("\"version\": \"", "\"version\": \"9."),
    )
    .unwrap();
    refused(&["--seed=7"], "the folder holds the results of version 9.");
    fs::write(&manifest, "{}").unwrap();
    refused(&["--seed=7"], "this is not a manifest of results");
    fs::write(folder.path().join("file"), "").unwrap();
    let output = arigatoni(folder.path(), &["sweep", "s.json", "-ofile"]);
    assert!(said(&output).contains("a file stands where the results folder should be"));
    assert_eq!(code(&output), Some(2));
}
