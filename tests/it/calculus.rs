//! `arigatoni calculus`: the examples of its page, what it writes, and what it refuses.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{arigatoni, code, done, program, put, said, wrote};
use crate::explore::examples;
use crate::review::{Page, reads};
use crate::support::shipped;

/// What `arigatoni calculus` prints.
pub(crate) fn printed(words: &[&str]) -> String {
    let output = arigatoni(&shipped(""), &[&["calculus"], words].concat());
    assert_eq!(code(&output), Some(0), "{words:?}: {}", said(&output));
    wrote(&output)
}

#[test]
fn the_examples_print_what_the_page_shows() {
    let examples = examples("docs/calculus.md");
    assert!(examples.len() >= 4, "{examples:?}");
    for (command, shown) in examples {
        let words: Vec<&str> = command.split_whitespace().collect();
        let output = arigatoni(&shipped(""), &words);
        let is_stuck = command.contains("--script");
        assert_eq!(
            code(&output),
            Some(if is_stuck { 2 } else { 0 }),
            "{command}"
        );
        assert_eq!(wrote(&output).trim_end(), shown.trim_end(), "{command}");
    }
}

#[test]
fn a_space_is_drawn_and_written_for_graphviz() {
    let folder = TempDir::new().unwrap();
    let files = ["s.dot", "s.svg", "s.png"].map(|name| folder.path().join(name));
    let term = folder.path().join("small.term");
    fs::write(&term, "g1 | B0[] | B1[]").unwrap();
    let names: Vec<&str> = files.iter().map(|file| file.to_str().unwrap()).collect();
    let explore = [
        "explore",
        term.to_str().unwrap(),
        "--depth",
        "2",
        "--rules",
        "join,leave",
    ];
    let text = printed(&[&explore[..], &["--dot", names[0], "--picture", names[1]]].concat());
    reads(
        "command-texts",
        "A space of terms",
        &[("g1 | B0[] | B1[], --depth 2 --rules join,leave", &text)],
    );
    let dot = fs::read_to_string(&files[0]).unwrap();
    assert_eq!(dot.matches(" -> ").count(), 4, "{dot}");
    let svg = fs::read_to_string(&files[1]).unwrap();
    assert!(svg.contains("B0[ g1 ] | B1[]"), "{svg}");
    printed(&[&explore[..], &["--picture", names[2]]].concat());
    let png = fs::read(&files[2]).unwrap();
    assert!(png.starts_with(b"\x89PNG"));
}

#[test]
fn the_overlay_of_a_run_is_a_term() {
    let folder = TempDir::new().unwrap();
    let world = folder.path().join("world.json");
    let world = world.to_str().unwrap();
    let scenario = "scenarios/explore/request.json";
    let output = arigatoni(&shipped(""), &["run", scenario, "--world", world]);
    assert_eq!(code(&output), Some(0), "{}", said(&output));
    assert_eq!(
        printed(&["from-world", world]),
        "B0[ g0 | g1 | B1[ g2 | g3 ] ]\n"
    );
    let whole = r#"{"gbus": [{"id": 0, "router": 0, "parent": null, "disconnected": false},
        {"id": 1, "router": 1, "parent": 0, "disconnected": true}],
        "gcus": [{"id": 0, "gbu": 0, "router": 0, "disconnected": false},
        {"id": 1, "gbu": 1, "router": 1, "disconnected": false}],
        "domains": [0, 4], "tunnels": [{"gcu": 0, "gbu": 1, "kind": "friend", "friend": 1}],
        "colony_links": [[1, 0]]}"#;
    fs::write(world, whole).unwrap();
    assert_eq!(
        printed(&["from-world", world]),
        "B0[ g0 ] | B1@d4[ g1 ] | B0 ~ B1 | g0 => B1 via g1\n"
    );
    // Who works by a tunnel alone, who has failed, and what is made later.
    let alone = r#"{"gbus": [{"id": 0, "router": 0, "parent": null, "disconnected": false},
        {"id": 1, "router": 1, "parent": 0, "disconnected": false, "failed": true},
        {"id": 2, "router": 2, "parent": 1, "disconnected": false}],
        "gcus": [{"id": 0, "gbu": 1, "router": 0, "disconnected": false},
        {"id": 1, "gbu": 1, "router": 1, "disconnected": false},
        {"id": 2, "gbu": 2, "router": 2, "disconnected": false}],
        "tunnels": [{"gcu": 0, "gbu": 1, "kind": "friend", "friend": 1},
        {"gcu": 2, "gbu": 0, "kind": "clone", "friend": null, "later": true}],
        "colony_tunnels": [{"gbu": 2, "super_broker": 0, "kind": "clone", "friend": null, "home": false}],
        "colony_links": [[0, 1], [1, 2]], "colony_links_later": [[1, 2]]}"#;
    fs::write(world, alone).unwrap();
    assert_eq!(
        printed(&["from-world", world]),
        "g0 | B0[ B1![ g1 ] ] | B2[ g2 ] | B0 ~ B1 | g0 => B1 via g1 | B2 => B0\n"
    );
}

/// A small overlay with these members more.
pub(crate) fn scenario(more: &Value) -> Value {
    let mut system = json!({
        "brokers": {"placement": "every-router"},
        "gcus_per_broker": 2,
        "services": {"count": 8, "density": 0.3},
        "requests": {"count": 200},
    });
    for (member, value) in more.as_object().unwrap() {
        system[member] = value.clone();
    }
    let topology = shipped("topologies/t100-0.gb");
    json!({"version": 1, "name": "rules", "topology": {"file": topology}, "system": {"arigatoni": system}})
}

/// What a run of it prints, its requests and its world.
pub(crate) fn ran(folder: &Path, more: &Value) -> [String; 3] {
    ran_whole(folder, &scenario(more))
}

/// The same of a whole scenario.
pub(crate) fn ran_whole(folder: &Path, document: &Value) -> [String; 3] {
    fs::write(folder.join("scenario.json"), document.to_string()).unwrap();
    let words = [
        "run",
        "scenario.json",
        "--requests",
        "r.csv",
        "--world",
        "w.json",
    ];
    let output = arigatoni(folder, &words);
    assert_eq!(code(&output), Some(0), "{document}: {}", said(&output));
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    // The fingerprint and the metrics; not the files that were written.
    [wrote(&output), read("r.csv"), read("w.json")]
}

/// One point of `paper-quick`, with these members more.
fn paper_quick(density: f64, more: &Value) -> Value {
    let text = fs::read_to_string(shipped("scenarios/paper-quick.json")).unwrap();
    let mut document: Value = serde_json::from_str(&text).unwrap();
    document.as_object_mut().unwrap().remove("sweep");
    document["topology"]["file"] = json!(shipped("topologies/t100-0.gb"));
    let system = &mut document["system"]["arigatoni"];
    system["services"]["density"] = density.into();
    system.as_object_mut().unwrap().remove("disconnection");
    for (member, value) in more.as_object().unwrap() {
        system[member] = value.clone();
    }
    document
}

/// The script by which those leave that are disconnected in a `world.json`.
fn script_of(world: &str) -> Vec<String> {
    let world: Value = serde_json::from_str(world).unwrap();
    let gone = |kind: &str| {
        let all = world[kind].as_array().unwrap().clone();
        all.into_iter().filter(|unit| unit["disconnected"] == true)
    };
    let leaves = gone("gcus").map(|gcu| format!("leave g{} B{}", gcu["id"], gcu["gbu"]));
    let parents = gone("gbus").map(|gbu| format!("unregister B{} B{}", gbu["id"], gbu["parent"]));
    leaves.chain(parents).collect()
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn the_experiment_of_the_slides_as_a_script_gives_the_rows_of_paper_quick() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    for (density, rate) in [(0.02, 0.05), (0.02, 0.5), (0.1, 0.5), (0.1, 0.95)] {
        let disconnection =
            json!({"disconnection": {"rate": rate, "units": "all", "mode": "unregister"}});
        let drawn = ran_whole(folder, &paper_quick(density, &disconnection));
        let overlay = json!({"overlay": {"script": script_of(&drawn[2])}});
        assert_eq!(
            ran_whole(folder, &paper_quick(density, &overlay)),
            drawn,
            "{density} {rate}"
        );
    }
}

#[test]
fn the_experiment_of_the_slides_by_rules_is_that_by_rates() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let drawn = ran(folder, &json!({"disconnection": {"rate": 0.3}}));
    let script = script_of(&drawn[2]);
    assert!(script.len() > 80, "{}", script.len());
    assert_eq!(ran(folder, &json!({"overlay": {"script": script}})), drawn);
    let term = printed(&["from-world", folder.join("w.json").to_str().unwrap()]);
    assert_eq!(
        ran(folder, &json!({"overlay": {"term": term.trim()}})),
        drawn
    );
    for (units, member) in [("gcus", "leave_rate"), ("gbus", "unregister_rate")] {
        let by_rate = json!({"disconnection": {"rate": 0.35, "units": units}});
        let by_rule = json!({"overlay": {member: 0.35}});
        assert_eq!(ran(folder, &by_rule), ran(folder, &by_rate), "{units}");
    }
}

#[test]
fn overlays_that_do_not_fit_are_refused() {
    let mut page = Page::new("Overlays by terms and rules that do not fit a scenario");
    let folder = TempDir::new().unwrap();
    let pair = shipped("scenarios/explore/pair.csv");
    fs::copy(pair, folder.path().join("pair.csv")).unwrap();
    for overlay in [
        json!({"term": "B0[ g0 | B1[ g1 ]"}),
        json!({"term": "B0[ g0 | B1[] ]"}),
        json!({"term": "B0[ g0 | B1[ g1 ] ] | g2"}),
        json!({"term": "B0[ g0* | B1[ g1 ] ]"}),
        json!({"term": "B0[ g0 | B1@d1[ g1 ] ]"}),
        json!({"term": "B0[ g0 | B1[ g1 ] ] | B0 ~ B1"}),
        json!({"term": "B0[ g0 | B1[ g1 ] ] | g0 => B1"}),
        json!({"script": ["leave g0 B1"]}),
        json!({"script": ["leave g0 B0", "leave g0 B0"]}),
        json!({"script": ["unregister B0 B1"]}),
        json!({"script": ["leave g0"]}),
        json!({"script": ["1s"]}),
        json!({"script": ["1s 2s leave g0 B0"]}),
        json!({"script": ["join\ng0 b1"]}),
        json!({"script": ["leave g9 B0"]}),
        json!({"term": "B0[ g0 |\n  B1[ g0 ] ]"}),
        json!({"script": ["1 leave g0 B0"]}),
        json!({"script": ["1s elect B1 B0"]}),
        json!({"script": ["1s leave g0 B0", "leave g1 B1"]}),
        json!({"script": ["2s leave g0 B0", "1s leave g1 B1"]}),
        json!({"script": ["1s leave g0 B0", "1s leave g0 B0"]}),
        json!({"script": ["1s leave g0 B0", "2s migrate g0 B1"]}),
        json!({"script": ["90000s leave g0 B0"]}),
        json!({"leave_rate": 2}),
        json!({"rate": 1}),
    ] {
        let mut document =
            scenario(&json!({"overlay": overlay, "brokers": {"root": 0}, "gcus_per_broker": 1}));
        document["topology"] = json!({"file": "pair.csv"});
        page.entry(
            &format!("\"overlay\": {overlay}"),
            refused(folder.path(), &document),
        );
    }
    for disconnection in [json!({"rate": 0.5}), json!({"mode": "crash"})] {
        let document = scenario(&json!({"overlay": {}, "disconnection": disconnection}));
        let input = format!("\"overlay\": {{}}, \"disconnection\": {disconnection}");
        page.entry(&input, refused(folder.path(), &document));
    }
    let document = scenario(&json!({"overlay": {"script": ["1s fail B1"]}, "faults": {}}));
    let input = "\"overlay\": {\"script\": [\"1s fail B1\"]}, \"faults\": {}";
    page.entry(input, refused(folder.path(), &document));
    // In a comment it is no failure.
    let overlay = json!({"script": ["leave g0 B0 # now!"], "term": "B0[ g0 | B1[ g1 ] ] # wow!"});
    let mut document = scenario(&json!({
        "overlay": overlay, "brokers": {"root": 0}, "gcus_per_broker": 1, "faults": {},
    }));
    document["topology"] = json!({"file": "pair.csv"});
    ran_whole(folder.path(), &document);
    page.check("overlay");
}

#[test]
fn a_script_with_times_does_what_failures_and_sessions_do() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let at = json!([
        {"unit": "gbu/3", "crash_s": 0.5, "restart_s": 1},
        {"unit": "gbu/7", "crash_s": 0.75},
    ]);
    let by_faults = ran(folder, &json!({"faults": {"at": at}}));
    let script = ["0.5s fail B3", "0.75s fail B7", "1s restart B3"];
    assert_eq!(
        ran(folder, &json!({"overlay": {"script": script}})),
        by_faults
    );

    let script = [
        "leave g0 B0",
        "leave g1 B0",
        "0.5s join g0 B0",
        "1s leave g2 B1",
    ];
    put(
        folder,
        "s.json",
        &scenario(&json!({"overlay": {"script": script}})),
    );
    done(folder, &["run", "s.json", "--membership", "m.csv"]);
    let rows = fs::read_to_string(folder.join("m.csv")).unwrap();
    let told = |unit: &str| -> Vec<String> {
        let rows = rows.lines().map(|row| row.split(',').collect::<Vec<_>>());
        let rows = rows.filter(|row| row[1] == unit);
        rows.map(|row| row[2].to_owned()).collect()
    };
    assert_eq!(told("gcu/0"), ["down", "up", "registered"]);
    assert_eq!(told("gcu/1"), [""; 0], "it has left for good");
    assert_eq!(told("gcu/2"), ["up", "down", "left"]);
}

/// What is said against a scenario.
fn refused(folder: &Path, document: &Value) -> String {
    fs::write(folder.join("scenario.json"), document.to_string()).unwrap();
    let output = arigatoni(folder, &["run", "scenario.json"]);
    assert_eq!(code(&output), Some(2), "{document}: {}", wrote(&output));
    said(&output)
}

/// Texts that are no terms, and one that is.
const TERMS: [&str; 15] = [
    "B0[ g1 ] | B1[ g1 ]",
    "B0 B1[ g1 ]",
    "B0[ g1 | B1[ B0[] ] ]",
    "B0[ g1 | g1 ]",
    "B0[] | B0 ~ B7",
    "B0[ g5 ] | g1 => B0 via g5",
    "B0[ g1 | g2",
    "B0[ g1 ] ]",
    "B0[ g1, g2 ]",
    "g1[ g2 ]",
    "B0@D2[]",
    "g1!",
    "g1 |\n  B1[ g2\n",
    "g1 |\n  B1[ g1 ]\n",
    "",
];

/// Scripts that are none, or get stuck.
const SCRIPTS: [&str; 10] = [
    "leave g1 B0",
    "join g9 B3",
    "register B0 B1",
    "unregister B0 B0",
    "join g9 B0\nleave g9 B0\nleave g9 B0",
    "jion g9 B0",
    "join B1 B0",
    "join g9",
    "join g9 B0 g1",
    "join g8 B0",
];

#[test]
fn what_is_no_term_or_cannot_be_applied_is_refused() {
    let mut page = Page::new("Terms, labels and scripts that are refused");
    let folder = TempDir::new().unwrap();
    let file = |name: &str| folder.path().join(name);
    let refuse = |words: &[&str]| {
        let output = arigatoni(folder.path(), &[&["calculus"], words].concat());
        assert_eq!(code(&output), Some(2), "{words:?}: {}", wrote(&output));
        said(&output)
    };
    for term in TERMS {
        fs::write(file("x.term"), term).unwrap();
        let words = ["step", "x.term", "--rules", "joins"];
        page.entry(
            term,
            refuse(if term.is_empty() {
                &words[..]
            } else {
                &words[..2]
            }),
        );
    }
    fs::write(file("x.term"), "B0[ g1* | B1[ g2 ] ] | g9 | B3@d1[ g3 ]").unwrap();
    for script in SCRIPTS {
        fs::write(file("x.rules"), script).unwrap();
        page.entry(script, refuse(&["run", "x.term", "--script", "x.rules"]));
    }
    let explore = ["explore", "x.term", "--depth", "30", "--memory", "1"];
    page.entry(&explore.join(" "), refuse(&explore));
    for (world, words) in [
        ("[]", ["from-world", "x.json"]),
        (
            r#"{"gbus": [{"id": 0, "router": 0, "parent": 0, "disconnected": false}], "gcus": []}"#,
            ["from-world", "x.json"],
        ),
        (r#"{"gbus": []}"#, ["from-world", "y.json"]),
    ] {
        fs::write(file("x.json"), world).unwrap();
        page.entry(
            &format!("{} {world}", words.join(" ")),
            place(&refuse(&words), folder.path()),
        );
    }
    page.check("calculus");
}

/// The message without the name of the folder.
fn place(said: &str, folder: &Path) -> String {
    let whole = folder.canonicalize().unwrap();
    said.replace(whole.to_str().unwrap(), "FOLDER")
        .replace(folder.to_str().unwrap(), "FOLDER")
}

/// All transitions of this term would be gigabytes of text.
#[test]
fn a_reader_that_has_enough_stops_the_steps() {
    let folder = TempDir::new().unwrap();
    let computers: Vec<String> = (0..3000).map(|id| format!("g{id}")).collect();
    let brokers: Vec<String> = (0..60).map(|id| format!("B{id}[]")).collect();
    let term = [computers, brokers].concat().join(" | ");
    fs::write(folder.path().join("large.term"), term).unwrap();
    let mut child = program(folder.path())
        .args(["calculus", "step", "large.term"])
        .spawn()
        .unwrap();
    let mut first = String::new();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    reader.read_line(&mut first).unwrap();
    drop(reader);
    assert!(first.starts_with("join g0 B0 -> "), "{first:.80}");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
