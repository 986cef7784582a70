//! What helps to write a scenario: comments, a first one, explanations of members, an estimate.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::command::{arigatoni, code, done, many_short_runs, put, said, wrote};
use crate::review::{Page, reads, without_times};
use crate::support::shipped;

/// The page of help that is not refused, each test with a section.
const HELP: &str = "scenario-explained";

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn comments_change_nothing_and_lines_stay() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    put(path, "plain.json", &many_short_runs());
    let text = fs::read_to_string(path.join("plain.json")).unwrap();
    let told = format!("// ours\n{}", text.replacen('{', "{ /* two\nlines */", 1));
    fs::write(path.join("told.json"), &told).unwrap();
    done(path, &["sweep", "plain.json", "-oout"]);
    let again = done(path, &["sweep", "told.json", "-oout"]);
    let wrong = told.replacen("\"count\": 60", "\"count\": \"x\" // why", 1);
    let line = 1 + wrong[..wrong.find("\"x\"").unwrap()].matches('\n').count();
    fs::write(path.join("wrong.json"), wrong).unwrap();
    let output = arigatoni(path, &["run", "wrong.json"]);
    let place = format!("error: wrong.json:{line}");
    assert!(
        said(&output).starts_with(&place),
        "{place}: {}",
        said(&output)
    );
    fs::write(path.join("open.json"), format!("{told}\n/* never")).unwrap();
    let output = arigatoni(path, &["run", "open.json"]);
    assert_eq!(code(&output), Some(2));
    reads(
        HELP,
        "Comments",
        &[
            // Nothing is made again.
            ("the same scenario with comments", &without_times(&again)),
            ("a comment that does not end", &said(&output)),
        ],
    );
}

#[test]
fn a_new_scenario_runs_as_it_is() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let output = arigatoni(path, &["new", "mine"]);
    assert_eq!(wrote(&output), "mine.json\n", "{}", said(&output));
    let schema = fs::read_to_string(path.join("scenario.schema.json")).unwrap();
    assert!(serde_json::from_str::<Value>(&schema).is_ok());
    let words = ["run", "mine.json", "--set=/system/*/requests/count=20"];
    done(path, &words);
    let own = shipped("topologies/t100-0.gb");
    let own = own.to_str().unwrap();
    done(path, &["new", "other", "--topology", own]);
    done(
        path,
        &["run", "other.json", "--set=/system/*/requests/count=20"],
    );
    let text = fs::read_to_string(path.join("mine.json")).unwrap();
    let mut page = Page::new("What `new` and `explain` refuse.");
    for words in [
        &["new", "mine"][..],
        &["new", "mine.json"],
        &["new", "a/b"],
        &["new", ""],
        &["new", "more", "--topology", "nowhere.gb"],
        &["explain", "seed"],
        &["explain", "/system/arigatoni/requests/rate"],
        &["explain", "/seed/x"],
        &["explain", "/sistem"],
        &["explain", "rate_per_z"],
        &["explain", "nothing-like-it"],
        &["explain", "metric"],
        &["explain", "copies_mean"],
        &["explain", "late_ratio"],
    ] {
        let output = arigatoni(path, words);
        assert_eq!(code(&output), Some(2), "{words:?}: {}", said(&output));
        page.entry(&format!("arigatoni {}", words.join(" ")), said(&output));
    }
    page.check("scenario-help");
    assert_eq!(fs::read_to_string(path.join("mine.json")).unwrap(), text);
    assert!(!path.join("more.json").exists());
}

#[test]
fn members_are_explained() {
    let folder = TempDir::new().unwrap();
    let explained = |pointer: &str| {
        let output = arigatoni(folder.path(), &["explain", pointer]);
        assert_eq!(code(&output), Some(0), "{pointer}: {}", said(&output));
        wrote(&output)
    };
    let mut page = Page::new("Members by pointer");
    for pointer in [
        "/system/arigatoni/requests/rate_per_s",
        "/precision/min",
        "/topology/transit_stub/stub/method",
        "/system/*/services/density",
        "/sweep/axes",
    ] {
        page.entry(pointer, explained(pointer));
    }
    page.check_section(HELP);
    assert!(explained("/topology").contains("transit_stub"));
    assert!(explained("/figures/0/metric").contains("runs.csv"));
    assert!(explained("").contains("replications"));
}

/// A name is enough where one thing only is called so.
#[test]
fn names_are_explained_without_pointers() {
    let folder = TempDir::new().unwrap();
    let explained = |name: &str| {
        let output = arigatoni(folder.path(), &["explain", name]);
        assert_eq!(code(&output), Some(0), "{name}: {}", said(&output));
        wrote(&output)
    };
    let mut page = Page::new("Members and metrics by name");
    for name in [
        "rate_per_s",
        "acceptance_ratio",
        // Others have the column, and no elections.
        "elections_won",
        "acceptance_after",
        "latency_ms_mean",
    ] {
        page.entry(name, explained(name));
    }
    page.check_section(HELP);
}

/// No explanation says a thing twice.
#[test]
fn no_explanation_begins_with_the_same_sentence_twice() {
    use arigatoni::scenario::{explain, schema};
    let schema = schema();
    for pointer in [
        "/topology",
        "/system/*/requests",
        "/system/arigatoni/brokers",
        "/system/*/gcus_per_broker",
    ] {
        let meaning = explain(&schema, pointer).unwrap().meaning;
        assert_eq!(meaning.len(), 1, "{pointer}: {meaning:?}");
    }
    let law = explain(&schema, "/network/jitter_s").unwrap().meaning;
    assert_eq!(law.len(), 2, "what it is, and what can be given: {law:?}");
}

/// Every member that a scenario has by default can be looked up.
#[test]
fn every_member_of_a_scenario_is_explained() {
    use arigatoni::scenario::{Scenario, explain, schema};
    let schema = schema();
    let systems = [
        "arigatoni",
        "central",
        "flooding",
        "random-walk",
        "chord",
        "synapse",
        "opus",
    ];
    for system in systems {
        let text = format!(
            r#"{{"version": 1, "name": "x", "topology": {{"file": "x.gb"}}, "system": {{"{system}": {{}}}}}}"#
        );
        let scenario = Scenario::parse(&text, "x", &[]).unwrap();
        for pointer in arigatoni::parameters::json::pointers(scenario.effective()) {
            let explained = explain(&schema, &pointer).unwrap_or_else(|e| panic!("{pointer}: {e}"));
            assert!(
                !explained.meaning.is_empty() || !explained.kinds.is_empty(),
                "{pointer}"
            );
        }
    }
}

/// What a dry run estimates, with … in place of the amounts, which depend on the machine.
fn estimate(text: &str) -> String {
    const UNITS: [&str; 8] = ["µs", "ms", "s", "min", "B", "kB", "MB", "GB"];
    let mut words: Vec<&str> = Vec::new();
    for word in text.split_inclusive(char::is_whitespace) {
        let plain = word.trim().trim_end_matches(';');
        let number = words
            .last()
            .is_some_and(|it| it.trim().parse::<f64>().is_ok());
        if number && UNITS.contains(&plain) {
            words.pop();
            words.push("… ");
        } else {
            words.push(word);
        }
    }
    words.concat()
}

#[test]
fn a_dry_run_writes_nothing() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    put(path, "s.json", &many_short_runs());
    let output = arigatoni(path, &["sweep", "s.json", "--dry-run", "--threads=2"]);
    assert_eq!(code(&output), Some(0), "{}", said(&output));
    let text = wrote(&output);
    assert_eq!(fs::read_dir(path).unwrap().count(), 1, "the scenario only");
    let precise = r#"--set=/precision={"metric": "acceptance_ratio", "relative_half_width": 0.05, "min": 5, "max": 20}"#;
    let precise = wrote(&arigatoni(
        path,
        &["sweep", "s.json", "--dry-run", "--threads=2", precise],
    ));
    let part = wrote(&arigatoni(
        path,
        &[
            "sweep",
            "s.json",
            "--dry-run",
            "--threads=2",
            "--filter=density=0.1",
        ],
    ));
    let [text, precise, part] = [text, precise, part].map(|text| estimate(&text));
    reads(
        HELP,
        "Dry runs",
        &[
            ("sweep s.json --dry-run --threads=2", &text),
            ("with a precision", &precise),
            ("--filter=density=0.1", &part),
        ],
    );
}

#[test]
fn a_member_is_explained_by_what_is_its_own() {
    let folder = TempDir::new().unwrap();
    let meaning = |pointer: &str| {
        let text = wrote(&arigatoni(folder.path(), &["explain", pointer]));
        // The members of an object have sentences of their own.
        text.split("\n  members").next().unwrap().to_owned()
    };
    let mut page = Page::new("What is a member's own");
    for pointer in ["/system", "/system/chord", "/topology/transit_stub"] {
        page.entry(pointer, meaning(pointer));
    }
    page.check_section(HELP);
}
