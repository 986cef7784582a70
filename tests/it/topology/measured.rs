//! Scenarios on matrices of latencies, and the examples of `docs/underlays.md`.

use std::path::Path;

use serde_json::{Value, json};

use crate::command::{arigatoni, code, done, put, said, wrote};
use crate::review::{Page, reads};
use crate::support::shipped;

/// A scenario on a matrix of 12 routers, whose latencies differ by direction; some pairs have a quicker
/// detour.
fn scenario(folder: &Path) -> Value {
    let latency = |from: u32, to: u32| match (from * 7 + to * 13) % 17 {
        _ if from == to => 0,
        0 => 90,
        rest => 5 + rest,
    };
    let row = |from| {
        let cells: Vec<String> = (0..12).map(|to| latency(from, to).to_string()).collect();
        cells.join("\t") + "\n"
    };
    let text: String = (0..12).map(row).collect();
    std::fs::write(folder.join("m.tsv"), text).unwrap();
    json!({
        "version": 1, "name": "measured",
        "topology": {"file": "m.tsv", "rtt": true},
        "system": {"arigatoni": {
            "brokers": {"root": 3}, "gcus_per_broker": 4,
            "services": {"count": 10, "density": 0.2}, "requests": {"count": 300}
        }}
    })
}

fn run(folder: &Path, words: &[&str]) -> Value {
    let output = arigatoni(folder, &[&["run", "s.json", "--json"], words].concat());
    assert_eq!(code(&output), Some(0), "{}", said(&output));
    serde_json::from_str(&wrote(&output)).unwrap()
}

#[test]
fn runs_on_a_matrix_are_the_same_by_path_and_by_hop_and_on_two_threads() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "s.json", &scenario(folder.path()));
    let whole = run(folder.path(), &[]);
    let fingerprint = &whole["fingerprint"];
    assert!(fingerprint.is_string(), "{whole}");
    let hops = run(folder.path(), &["--set", "/network/fidelity=hop"]);
    assert_eq!(&hops["fingerprint"], fingerprint);
    let threads = run(folder.path(), &["--threads", "2"]);
    assert_eq!(&threads["fingerprint"], fingerprint);
    // Routers fail there as elsewhere: a route is one hop, and ends where it should.
    let failing = ["--set", "/network/router_failures={\"up\": 5, \"down\": 1}"];
    let by_path = run(folder.path(), &failing);
    let by_hop = run(
        folder.path(),
        &[&failing[..], &["--set", "/network/fidelity=hop"]].concat(),
    );
    assert_eq!(by_path["fingerprint"], by_hop["fingerprint"]);
    assert_ne!(&by_path["fingerprint"], fingerprint);
}

#[test]
fn the_world_has_latencies_in_place_of_links() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "s.json", &scenario(folder.path()));
    done(folder.path(), &["run", "s.json", "--world", "world.json"]);
    let world = std::fs::read_to_string(folder.path().join("world.json")).unwrap();
    let world: Value = serde_json::from_str(&world).unwrap();
    assert!(world.get("links").is_none());
    assert_eq!(world["latencies"].as_array().unwrap().len(), 12);
    assert_eq!(world["latencies"][5][5], 0);
    // (5 × 7 + 6 × 13) mod 17 is 11, and half of 16 ms a latency.
    assert_eq!(world["latencies"][5][6], 8_000_000);
}

#[test]
fn what_needs_links_or_domains_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "s.json", &scenario(folder.path()));
    let mut page = Page::new("What a matrix of latencies does not have");
    for set in [
        "/network/link_failures={\"up\": 5, \"down\": 1}",
        "/system/*/brokers/placement=domains",
        "/topology/length_from=weight",
    ] {
        let mut words = vec!["run", "s.json", "--set", set];
        if set.contains("length_from") {
            words.extend(["--set", "/topology/format=matrix"]);
        }
        let output = arigatoni(folder.path(), &words);
        assert_eq!(code(&output), Some(2), "{set}");
        page.entry(set, said(&output));
    }
    page.check_section("topology-texts");
}

/// Brokers stand in domains where relations between systems tell them, those with peers alone included; where nothing
/// tells domains, that is the first thing to be said.
#[test]
fn brokers_stand_in_domains_that_relations_tell() {
    let folder = tempfile::tempdir().unwrap();
    let mut document = scenario(folder.path());
    document["system"]["arigatoni"]["brokers"] = json!({"placement": "domains"});
    put(folder.path(), "s.json", &document);
    let output = arigatoni(folder.path(), &["run", "s.json"]);
    assert_eq!(code(&output), Some(2));
    reads(
        "topology-texts",
        "Brokers by domains where nothing tells domains",
        &[("run s.json", &said(&output))],
    );
    let relations = "174|209|0\n174|1|-1\n1|2|-1\n";
    std::fs::write(folder.path().join("p.as-rel"), relations).unwrap();
    document["topology"] = json!({"file": "p.as-rel", "default_latency_ms": 10});
    put(folder.path(), "s.json", &document);
    run(folder.path(), &[]);
}

/// Each command of the page that reads a small file of the repository says what stands below it.
#[test]
fn the_examples_of_the_page_are_true() {
    let page = std::fs::read_to_string(shipped("docs/underlays.md")).unwrap();
    let mut lines = page.lines().peekable();
    let mut examples = 0;
    while let Some(line) = lines.next() {
        let Some(command) = line.strip_prefix("    $ arigatoni ") else {
            continue;
        };
        if !command.contains("tests/data/formats/") {
            continue;
        }
        examples += 1;
        let words: Vec<&str> = command.split(' ').collect();
        let output = arigatoni(&shipped(""), &words);
        assert_eq!(code(&output), Some(0), "{command}: {}", said(&output));
        let told = said(&output) + &wrote(&output);
        while let Some(expected) = lines.next_if(|line| line.starts_with("    ")) {
            let words = |line: &'_ str| -> Vec<String> {
                line.split_whitespace().map(String::from).collect()
            };
            let found = told.lines().any(|line| words(line) == words(expected));
            assert!(found, "{command} does not say {expected:?}:\n{told}");
        }
    }
    assert_eq!(examples, 12);
}
