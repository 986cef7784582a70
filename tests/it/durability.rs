//! Nothing is lost: real processes are killed at random moments, and the next one goes on.

#![allow(
    clippy::disallowed_types,
    reason = "moments at which processes are killed are about wall-clock time"
)]

mod going_on;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output};
use std::time::{Duration, Instant};

use arigatoni::random::{RandomStreams, StreamId};
use serde_json::Value;
use tempfile::TempDir;

use crate::command::{
    arigatoni, assert_same, code, done, many_short_runs, memory_folder, program, put, said,
};
use crate::disks::{can_mount, on_a_small_disk};
use crate::review::{lines_with, reads};
use crate::support::shipped;

const WORDS: [&str; 5] = ["sweep", "s.json", "--threads=2", "--chunk-runs=5", "-oout"];

/// How a sweep is stopped.
#[derive(Debug, Clone, Copy, PartialEq)]
enum End {
    Kill,
    Terminate,
    Interrupt,
    /// No file may be larger: writing fails at some moment.
    TooLarge,
    /// The file system of the results is full.
    Full,
}

/// A sweep that is disturbed again and again, and what it leaves undisturbed, in `whole`.
struct Campaign {
    folder: TempDir,
    runs: usize,
    undisturbed_s: f64,
    /// About as many bytes as its parts have when the last run is done.
    parts_bytes: u64,
}

impl Campaign {
    fn new(scenario: &Value, runs: usize) -> Self {
        let folder = memory_folder();
        put(folder.path(), "s.json", scenario);
        let begun = Instant::now();
        let whole = [&WORDS[..4], &["-owhole"]].concat();
        done(folder.path(), &whole);
        let undisturbed_s = begun.elapsed().as_secs_f64();
        let shard = [&WORDS[..], &["--shard=0/1"]].concat();
        done(folder.path(), &shard);
        let parts = fs::read_dir(folder.path().join("out/parts")).unwrap();
        let parts_bytes = parts
            .map(|entry| entry.unwrap().metadata().unwrap().len())
            .sum();
        fs::remove_dir_all(folder.path().join("out")).unwrap();
        Self {
            folder,
            runs,
            undisturbed_s,
            parts_bytes,
        }
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    /// Starts a sweep and ends it; `moment` is uniform in [0, 1).
    fn disturb(&self, end: End, moment: f64) -> Output {
        let folder = self.folder.path();
        if end == End::TooLarge {
            // A block is 512 or 1,024 bytes.
            let blocks = 4 + (moment * self.parts_bytes as f64 / 1500.0) as u32;
            let script = format!("ulimit -f {blocks}; exec \"$0\" \"$@\"");
            let mut limited = Command::new("sh");
            limited
                .args(["-c", &script, env!("CARGO_BIN_EXE_arigatoni")])
                .args(WORDS)
                .current_dir(folder);
            return limited.output().unwrap();
        }
        if end == End::Full {
            // Up to the moment at which the tables and pictures are written.
            let kb = 16 + (moment * 1.5 * self.parts_bytes as f64 / 1024.0) as u64;
            return on_a_small_disk(folder, kb, &WORDS);
        }
        let mut child = program(folder).args(WORDS).spawn().unwrap();
        let fraction = 0.05 + 0.9 * moment;
        std::thread::sleep(Duration::from_secs_f64(fraction * self.undisturbed_s));
        match end {
            End::Kill => child.kill().unwrap(),
            End::Terminate => signal(&child, "TERM"),
            End::Interrupt => signal(&child, "INT"),
            End::TooLarge | End::Full => {}
        }
        child.wait_with_output().unwrap()
    }

    /// Disturbs a sweep and goes on with it. Returns how many runs were kept, if it was disturbed
    /// before its end.
    fn survive(&self, end: End, moment: f64) -> Option<usize> {
        let output = self.disturb(end, moment);
        let (code, text) = (code(&output), said(&output));
        match end {
            End::Kill => assert!(matches!(code, None | Some(0)), "{text}"),
            End::Terminate => assert!(matches!(code, None | Some(0 | 75)), "{text}"),
            End::Interrupt => assert!(matches!(code, None | Some(0 | 130)), "{text}"),
            End::TooLarge | End::Full => {
                assert!(matches!(code, Some(0 | 2)), "{end:?} {code:?}: {text}");
                // What is finished says no error, and what is not says the one that it must be.
                let reason = ["larger than the system allows", "the disk is full"]
                    [usize::from(end == End::Full)];
                let errors: Vec<&str> = text.split("error: ").skip(1).collect();
                let refused = code == Some(2);
                assert_eq!(errors.len(), usize::from(refused), "{end:?}: {text}");
                assert!(errors.iter().all(|it| it.contains(reason)), "{text}");
            }
        }
        let (finished, kept, runs) = (code == Some(0), kept(&self.out()), self.runs);
        let said = done(self.folder.path(), &WORDS);
        if finished || kept == runs {
            let told = format!("{runs} of {runs} runs are already done");
            assert!(said.contains(&told), "{end:?}: {said}");
        } else if kept > 0 {
            let told = format!("resuming: {kept} of {runs} runs are already done");
            assert!(said.contains(&told), "{end:?}, {told}: {said}");
        }
        assert_same(&self.folder.path().join("whole"), &self.out());
        assert!(!self.out().join("parts").exists());
        fs::remove_dir_all(self.out()).unwrap();
        (!finished).then_some(kept)
    }

    /// Survives `kills` disturbances; returns for each how it was ended and how many runs were kept.
    fn survive_all(&self, kills: usize, ends: &[End], streams: RandomStreams) -> Vec<(End, usize)> {
        let mut survived = Vec::new();
        for attempt in 0..3 * kills {
            if survived.len() == kills {
                break;
            }
            let end = ends[attempt % ends.len()];
            let moment = streams.unit(StreamId(241), attempt as u64, 0);
            survived.extend(self.survive(end, moment).map(|kept| (end, kept)));
        }
        assert_eq!(survived.len(), kills);
        survived
    }
}

/// The same where pictures are not looked at.
const PLAIN: [&str; 6] = [
    "sweep",
    "s.json",
    "--threads=2",
    "--chunk-runs=5",
    "-oout",
    "--no-figures",
];

/// The undisturbed results of many short runs in `whole`, without pictures.
fn undisturbed() -> TempDir {
    let folder = memory_folder();
    put(folder.path(), "s.json", &many_short_runs());
    done(
        folder.path(),
        &[
            "sweep",
            "s.json",
            "--chunk-runs=5",
            "-owhole",
            "--no-figures",
        ],
    );
    folder
}

/// Sends the process a signal.
pub(crate) fn signal(child: &Child, name: &str) {
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
        for line in String::from_utf8_lossy(&fs::read(path).unwrap()).lines() {
            let record = line
                .get(17..)
                .and_then(|text| serde_json::from_str::<Value>(text).ok());
            // What is sound JSON is whole, even if the disk was full before the line's end.
            if let Some(record) = record {
                let replication = record["replication"].as_u64().unwrap();
                runs.push((record["point"].as_str().unwrap().to_owned(), replication));
            }
        }
    }
    runs.sort_unstable();
    runs.dedup();
    runs.len()
}

/// Every way in which a sweep can be stopped here.
fn ends() -> Vec<End> {
    let mut ends = vec![End::Kill, End::Terminate, End::Interrupt, End::TooLarge];
    if can_mount("sweeps on a full disk: files that may not grow stand in") {
        ends.push(End::Full);
    }
    ends
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn whatever_kills_a_sweep_the_next_one_goes_on_and_ends_with_the_same_bytes() {
    // Drawing takes far longer than these runs, so most kills are of a sweep that draws nothing:
    // a figure needs an axis of numbers.
    let mut words = many_short_runs();
    words["replications"] = 12.into();
    words["system"]["arigatoni"]["requests"]["count"] = 300.into();
    words["sweep"]["axes"] = serde_json::json!({
        "/system/*/search": ["selective", "exhaustive"],
        "/system/*/disconnection/units": ["gcus", "gbus", "all"],
        "/system/*/disconnection/mode": ["unregister", "crash"],
    });
    let campaign = Campaign::new(&words, 144);
    let survived = campaign.survive_all(15, &ends(), RandomStreams::new(20_26, 0));
    let half_done = survived.iter().filter(|(_, kept)| (1..144).contains(kept));
    assert!(half_done.count() >= 5, "{survived:?}");
}

/// The same where most of the time goes into pictures; a test of its own, so that the two run at once.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn whatever_kills_a_sweep_that_draws_the_next_one_ends_with_the_same_bytes() {
    let campaign = Campaign::new(&many_short_runs(), 84);
    campaign.survive_all(5, &ends(), RandomStreams::new(20_26, 1));
}

/// The long measurement: a hundred times the sweep that the README shows first.
#[test]
#[ignore = "takes minutes; wants to mount: cargo test --release --test it a_hundred_kills -- --ignored --nocapture"]
fn a_hundred_kills() {
    assert!(can_mount("a full disk"), "a full disk is part of this test");
    let text = fs::read_to_string(shipped("scenarios/paper-quick.json")).unwrap();
    let mut scenario: Value = serde_json::from_str(&text).unwrap();
    scenario["topology"]["file"] = shipped("topologies/t100-0.gb").to_str().unwrap().into();
    let campaign = Campaign::new(&scenario, 210);
    let ends = [End::Kill, End::Terminate, End::Interrupt, End::Full];
    let survived = campaign.survive_all(100, &ends, RandomStreams::new(100, 0));
    for end in ends {
        let mut kept: Vec<usize> = survived
            .iter()
            .filter(|(by, _)| *by == end)
            .map(|(_, kept)| *kept)
            .collect();
        kept.sort_unstable();
        println!(
            "{end:?}: {} times, with {} to {} (median {}) of 210 runs finished; none lost, same bytes",
            kept.len(),
            kept[0],
            kept[kept.len() - 1],
            kept[kept.len() / 2]
        );
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
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
    let foreign = ["sweep", "s.json", "--chunk-runs=5", "--seed=9", "-oforeign"];
    done(folder.path(), &[&foreign[..], &["--shard=0/2"]].concat());
    let name = chunks[0].file_name().unwrap();
    let foreign = folder.path().join("foreign/parts").join(name);
    fs::copy(foreign, parts.join("foreign.chunk")).unwrap();

    let said = done(folder.path(), &PLAIN);
    let told = lines_with(&said, &[".chunk", ".journal"]);
    let mut lines: Vec<String> = told.lines().map(without_hashes).collect();
    lines.sort_unstable();
    reads(
        "durability",
        "Damaged parts of a sweep",
        &[("arigatoni sweep", &lines.join("\n"))],
    );
    // It is somebody's work, and stays.
    fs::remove_file(parts.join("foreign.chunk")).unwrap();
    fs::remove_dir(&parts).unwrap();
    assert_same(&folder.path().join("whole"), &out);
}

/// A line with … in place of hashes, which change with the members of a scenario.
fn without_hashes(line: &str) -> String {
    let mut text = String::new();
    for word in line.split_inclusive(|letter: char| !letter.is_ascii_hexdigit()) {
        let hash = word.trim_end_matches(|letter: char| !letter.is_ascii_hexdigit());
        text.push_str(if hash.len() == 16 { "…" } else { hash });
        text.push_str(&word[hash.len()..]);
    }
    text
}

/// A batch system kills a while after it has asked: a run that takes too long is dropped.
#[test]
fn after_sigterm_a_long_run_is_dropped_and_a_single_one_ends_at_once() {
    let folder = memory_folder();
    let mut scenario = many_short_runs();
    scenario["system"]["arigatoni"]["requests"]["count"] = 2_000_000.into();
    put(folder.path(), "s.json", &scenario);
    let terminated = |words: &[&str]| {
        let child = program(folder.path()).args(words).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(400));
        signal(&child, "TERM");
        let output = child.wait_with_output().unwrap();
        assert_eq!(code(&output), Some(75), "{}", said(&output));
        said(&output)
    };
    let sweep = terminated(&[&WORDS[..], &["--grace=0"]].concat());
    assert_eq!(kept(&folder.path().join("out")), 0);
    let run = terminated(&["run", "s.json", "--world=world.json"]);
    reads(
        "durability",
        "Work that SIGTERM stops",
        &[
            (
                "arigatoni sweep --grace=0",
                &lines_with(&sweep, &["error: "]),
            ),
            ("arigatoni run", &lines_with(&run, &["error: "])),
        ],
    );
    assert!(!folder.path().join("world.json").exists());
}
