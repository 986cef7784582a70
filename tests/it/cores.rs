//! `run --threads`: one run on several threads.

use std::fs;

use serde_json::json;

use crate::command::{arigatoni, code, many_short_runs, memory_folder, program, put, said, wrote};
use crate::review::{Page, of_any_build};
use crate::support::shipped;

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn the_number_of_threads_does_not_show() {
    let folder = memory_folder();
    let scenario = json!({
        "version": 1, "name": "spread",
        "topology": {"file": shipped("topologies/ts600-0.gb")},
        "system": {"arigatoni": {
            "gcus_per_broker": 3,
            "disconnection": {"rate": 0.3},
            "requests": {"count": 3000, "rate_per_s": 1000}}},
    });
    fs::write(folder.path().join("s.json"), scenario.to_string()).unwrap();
    for (fidelity, mbps) in [("path", "null"), ("hop", "null"), ("hop", "2")] {
        let made = ["1", "2"].map(|threads| {
            let fidelity = format!("/network/fidelity={fidelity}");
            let bandwidth = format!("/network/bandwidth_mbps={mbps}");
            let words = [
                "run",
                "s.json",
                "--json",
                "--steady",
                "--set",
                &fidelity,
                "--set",
                &bandwidth,
                "--threads",
                threads,
                "--world",
                "world",
                "--requests",
                "requests",
                "--brokers",
                "brokers",
                "--links",
                "links",
            ];
            let output = arigatoni(folder.path(), &words);
            assert_eq!(code(&output), Some(0), "{}", said(&output));
            let exports = ["world", "requests", "brokers", "links"];
            let exports = exports.map(|name| fs::read(folder.path().join(name)).unwrap());
            (wrote(&output), exports)
        });
        assert!(made[0] == made[1], "{fidelity} {mbps}");
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn what_cannot_be_spread_is_refused() {
    let folder = memory_folder();
    // Every latency is rounded to 0 ns.
    let near = json!({
        "version": 1, "name": "near",
        "topology": {"file": shipped("topologies/t100-0.gb")},
        "network": {"latency_ms_per_unit": 1e-9},
    });
    fs::write(folder.path().join("near.json"), near.to_string()).unwrap();
    let graph = r#"<graphml><graph edgedefault="undirected"><node id="a"/></graph></graphml>"#;
    fs::write(folder.path().join("one.graphml"), graph).unwrap();
    let one = json!({
        "version": 1, "name": "one",
        "topology": {"file": "one.graphml"},
        "system": {"arigatoni": {"brokers": {"root": 0}}},
    });
    fs::write(folder.path().join("one.json"), one.to_string()).unwrap();
    let opus = shipped("scenarios/ci/tracking.json");
    let root = format!("{}/", shipped("").display()).replace("//", "/");
    let mut page = Page::new("Runs that cannot be spread over threads");
    let mut refuse = |words: &[&str]| {
        let output = arigatoni(folder.path(), words);
        let message = said(&output);
        assert_eq!(code(&output), Some(2), "{words:?}: {message}");
        assert!(wrote(&output).is_empty());
        assert!(message.contains("--threads"), "{message}");
        let told = [&words.join(" "), &of_any_build(&message)];
        let [words, message] = told.map(|text| text.replace(&root, ""));
        page.entry(&words, message);
    };
    refuse(&["run", "one.json", "--threads", "2"]);
    refuse(&["run", opus.to_str().unwrap(), "--threads", "2"]);
    refuse(&["run", "near.json", "--threads", "none"]);
    refuse(&["run", "near.json", "--threads", "2", "--trace", "t.csv"]);
    // One thread does what any run does, also where no part could go ahead of another.
    let alone = arigatoni(folder.path(), &["run", "near.json", "--threads", "1"]);
    assert_eq!(code(&alone), Some(0), "{}", said(&alone));
    let asked = arigatoni(folder.path(), &["run", "near.json", "--threads", "2"]);
    assert_eq!(code(&asked), Some(0), "{}", said(&asked));
    page.entry(
        "run near.json --threads 2",
        of_any_build(&said(&asked)).replace(&root, ""),
    );
    page.check_section("command-texts");
    assert_eq!(wrote(&asked), wrote(&alone));
}

/// A thread whose stack cannot be had stands in for the limits of an account.
#[test]
#[cfg(target_os = "linux")]
fn where_no_thread_can_be_started_that_is_told() {
    let folder = tempfile::TempDir::new().unwrap();
    put(folder.path(), "s.json", &many_short_runs());
    let graph = shipped("topologies/t100-0.gb").display().to_string();
    let mut page = Page::new("No thread can be started");
    for words in [
        &["sweep", "s.json"][..],
        &["run", "s.json"],
        &["check", "s.json", "--baseline=out", "--update"],
        &["topology", "info", &graph],
    ] {
        let mut command = program(folder.path());
        let output = command
            .env("RUST_MIN_STACK", (1_u64 << 60).to_string())
            .args(words)
            .output()
            .unwrap();
        assert_eq!(code(&output), Some(2), "{words:?}: {}", said(&output));
        // What follows are the system's own words.
        let text = said(&output);
        let (told, _) = text.split_once(" (os error ").unwrap();
        let (told, _) = told.rsplit_once(": ").unwrap();
        page.entry(words[0], format!("{told}: …"));
    }
    page.check_section("command-texts");
}
