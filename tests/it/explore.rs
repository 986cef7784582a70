//! `arigatoni explore`: the examples of its page, schedules that are replayed, and what is refused.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{arigatoni, code, said, wrote};
use crate::review::Page;
use crate::support::shipped;

const PAGE: &str = "docs/explore.md";

/// The commands of a page that begin with `$`, and what is printed below each.
pub(crate) fn examples(page: &str) -> Vec<(String, String)> {
    let page = fs::read_to_string(shipped(page)).unwrap();
    let mut all: Vec<(String, String)> = Vec::new();
    let mut is_shown = false;
    for line in page.lines() {
        let Some(line) = line.strip_prefix("    ") else {
            is_shown = is_shown && line.is_empty();
            continue;
        };
        if let Some(command) = line.strip_prefix("$ arigatoni ") {
            all.push((command.to_owned(), String::new()));
            is_shown = true;
        } else if is_shown {
            let (_, shown) = all.last_mut().unwrap();
            shown.push_str(line);
            shown.push('\n');
        }
    }
    all
}

/// What is the same on every platform.
fn comparable(text: &str) -> Vec<&str> {
    let lines = text.lines();
    lines
        .filter(|line| !line.starts_with("memory_bytes"))
        .collect()
}

#[test]
fn the_examples_print_what_the_page_shows() {
    let examples = examples(PAGE);
    assert!(examples.len() >= 3, "{examples:?}");
    for (command, shown) in examples {
        let words: Vec<&str> = command.split_whitespace().collect();
        let output = arigatoni(&shipped(""), &words);
        assert_eq!(code(&output), Some(0), "{command}: {}", said(&output));
        assert_eq!(comparable(&wrote(&output)), comparable(&shown), "{command}");
    }
}

#[test]
fn the_memory_ends_a_search() {
    let words = [
        "explore",
        "scenarios/explore/request.json",
        "--losses",
        "1",
        "--memory",
        "4",
    ];
    let output = arigatoni(&shipped(""), &words);
    assert_eq!(code(&output), Some(3), "{}", said(&output));
    let printed = wrote(&output);
    let last = printed.lines().last().unwrap();
    assert!(last.starts_with("what was covered holds; of "), "{last}");
    let again = arigatoni(&shipped(""), &words);
    assert_eq!(wrote(&again), printed);
}

/// The steps of one request of `scenarios/explore/request.json` up to its answer.
fn steps(count: usize) -> Vec<Value> {
    let step = |event: Value| json!({ "event": event });
    let deliver = |from: &str, to: &str, message: &str| {
        step(json!({"deliver": {"from": from, "to": to, "message": message}}))
    };
    let mut steps = vec![
        step(json!({"give": {"unit": "gcu/0", "task": 0, "input": "issue"}})),
        deliver("gcu/0", "gbu/0", "query"),
    ];
    steps.truncate(count);
    steps
}

/// Replays these steps; the exit code, what is printed and what is said.
fn replayed(steps: &[Value]) -> (Option<i32>, String, String) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("schedule.json");
    let schedule = json!({"version": 1, "losses": false, "steps": steps});
    fs::write(&path, schedule.to_string()).unwrap();
    let path = path.to_str().unwrap();
    let words = ["run", "scenarios/explore/request.json", "--schedule", path];
    let output = arigatoni(&shipped(""), &words);
    (code(&output), wrote(&output), said(&output))
}

#[test]
fn a_run_that_is_stopped_counts_open_requests_as_rejected() {
    for count in 0..3 {
        let (code, printed, said) = replayed(&steps(count));
        assert_eq!(said.contains("before all is given"), count == 0, "{said}");
        assert_eq!(code, Some(0), "{count}: {said}");
        let ratio = printed
            .lines()
            .find(|line| line.starts_with("acceptance_ratio "));
        assert!(ratio.unwrap().contains(" 0 "), "{printed}");
        assert_eq!(said.contains("was pending"), count > 0, "{said}");
    }
}

#[test]
fn what_cannot_be_explored_or_replayed_is_refused() {
    let mut page = Page::new("Worlds that cannot be explored, and schedules that do not fit");
    let mut refuse = |words: &[&str], input: &str, file: Option<&str>| {
        let output = arigatoni(&shipped(""), words);
        assert_eq!(code(&output), Some(2), "{words:?}: {}", wrote(&output));
        assert_eq!(wrote(&output), "", "{words:?}");
        let said = said(&output);
        let said = file.map_or(said.clone(), |file| said.replace(file, "schedule.json"));
        page.entry(input, said);
    };
    let request = "scenarios/explore/request.json";
    for words in [
        &["scenarios/paper.json"][..],
        &["scenarios/ci/chord.json"],
        &[request, "--set", "/system/*/requests/count=4"],
        &[request, "--set", "/system/*/gcus_per_broker=3"],
        &[request, "--crashes", "1"],
        &[request, "--properties", "slot"],
        &[request, "--properties", "speed"],
        &[request, "--losses", "-1"],
        &[request, "--timers", "256"],
        &[request, "--memory", "0x"],
    ] {
        let words: Vec<&str> = ["explore"].iter().chain(words).copied().collect();
        refuse(&words, &words.join(" "), None);
    }
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("schedule.json");
    let file = path.to_str().unwrap();
    let ok = json!({"event": {"give": {"unit": "gcu/0", "task": 0, "input": "issue"}}});
    let deliver = |from: &str, to: &str, message: &str| {
        let flight = json!({"from": from, "to": to, "message": message});
        json!({"version": 1, "losses": false, "steps": [ok, {"event": {"deliver": flight}}]})
    };
    let event =
        |event: Value| json!({"version": 1, "losses": false, "steps": [{ "event": event }]});
    for schedule in [
        json!([]),
        json!({"version": 2, "losses": false, "steps": []}),
        json!({"version": 1, "losses": false, "steps": [{"event": {"sleep": {}}}]}),
        deliver("gcu/0", "gbu/0", "answer"),
        deliver("gbu/1", "gcu/0", "answer"),
        deliver("gcu/9", "gbu/0", "query"),
        event(json!({"give": {"unit": "gcu/0", "task": 7, "input": "issue"}})),
        event(json!({"fire": {"unit": "gcu/0", "slot": 2, "timer": "deadline"}})),
        event(json!({"restart": {"unit": "gbu/0"}})),
        json!({"version": 1, "losses": false, "steps": [
            {"passes_ns": u64::MAX, "event": ok["event"]}
        ]}),
    ] {
        fs::write(&path, schedule.to_string()).unwrap();
        let words = ["run", request, "--schedule", file];
        refuse(&words, &schedule.to_string(), Some(file));
    }
    for export in ["requests", "world", "brokers", "membership"] {
        let option = format!("--{export}");
        let words = ["run", request, "--schedule", "s.json", &option, "out.csv"];
        refuse(&words, &words.join(" "), None);
    }
    page.check("explore");
}
