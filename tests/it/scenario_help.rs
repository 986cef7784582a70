//! What helps to write a scenario: comments, a first one, explanations of members, an estimate.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::command::{arigatoni, code, done, many_short_runs, put, said, wrote};
use crate::review::Page;
use crate::support::shipped;

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
    assert!(!again.contains("error"), "{again}");
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
    assert!(said(&output).contains("the comment that begins here does not end"));
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
    let rate = explained("/system/arigatoni/requests/rate_per_s");
    for expected in [
        "mean rate per second",
        "above 0, at most 1000000000",
        "per second",
        "default  100",
    ] {
        assert!(rate.contains(expected), "{expected}: {rate}");
    }
    assert!(explained("/topology").contains("transit_stub"));
    assert!(explained("/topology/transit_stub/stub/method").contains("default"));
    assert!(explained("/system/*/services/density").contains("at most 1"));
    assert!(explained("/sweep/axes").contains("JSON Pointer"));
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
    let rate = explained("rate_per_s");
    assert!(
        rate.starts_with("/system/*/requests/rate_per_s\n"),
        "{rate}"
    );
    assert!(rate.contains("default  100"), "{rate}");
    let ratio = explained("acceptance_ratio");
    for expected in ["acceptance_ratio\n", "a metric of", "arigatoni", "runs.csv"] {
        assert!(ratio.contains(expected), "{expected}: {ratio}");
    }
    // Others have the column, and no elections.
    assert!(explained("elections_won").contains("a metric of  arigatoni\n"));
    let after = explained("acceptance_after");
    assert!(after.contains("arigatoni, central\n"), "{after}");
    assert!(explained("latency_ms_mean").contains("unit         ms\n"));
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

#[test]
fn a_dry_run_writes_nothing() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    put(path, "s.json", &many_short_runs());
    let output = arigatoni(path, &["sweep", "s.json", "--dry-run", "--threads=2"]);
    assert_eq!(code(&output), Some(0), "{}", said(&output));
    let text = wrote(&output);
    for expected in [
        "points   21\n",
        "runs     84\n",
        "on 2 threads",
        "(3 tried)",
        "results/short",
        "nothing was written",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert_eq!(fs::read_dir(path).unwrap().count(), 1, "the scenario only");
    let precise = r#"--set=/precision={"metric": "acceptance_ratio", "relative_half_width": 0.05, "min": 5, "max": 20}"#;
    let text = wrote(&arigatoni(path, &["sweep", "s.json", "--dry-run", precise]));
    assert!(text.contains("runs     105 to 420\n"), "{text}");
    let part = wrote(&arigatoni(
        path,
        &["sweep", "s.json", "--dry-run", "--filter=density=0.1"],
    ));
    assert!(part.contains("points   7\n"), "{part}");
}

#[test]
fn a_member_is_explained_by_what_is_its_own() {
    let folder = TempDir::new().unwrap();
    let meaning = |pointer: &str| wrote(&arigatoni(folder.path(), &["explain", pointer]));
    for pointer in ["/system", "/system/chord"] {
        let text = meaning(pointer);
        assert!(text.contains("Chord: a ring of computers"), "{text}");
        assert!(!text.contains("mechanisms have in common"), "{text}");
    }
    let text = meaning("/topology/transit_stub");
    assert!(text.contains("generated as GT-ITM's method"), "{text}");
    let text = meaning("/precision/min");
    assert!(text.contains("at least 2,"), "{text}");
}
