//! Worlds that cannot be explored, and schedules that do not fit.

use super::*;
use crate::review::Page;

/// Schedules that are none, or do not fit the scenario.
fn schedules_that_do_not_fit() -> Vec<Value> {
    let ok = json!({"give": {"unit": "gcu/0", "task": 0, "input": "issue"}});
    let deliver = |from: &str, to: &str, message: &str| {
        let flight = json!({"from": from, "to": to, "message": message});
        schedule(&[ok.clone(), json!({ "deliver": flight })])
    };
    let query = json!({"from": "gcu/0", "to": "gbu/0", "message": "query"});
    let mut second = query.clone();
    second["before"] = 1.into();
    let unit = |event: &str, unit: &str| json!({ event: { "unit": unit } });
    vec![
        json!([]),
        json!({"version": 2, "losses": false, "steps": []}),
        schedule(&[json!({"sleep": {}})]),
        deliver("gcu/0", "gbu/0", "answer"),
        deliver("gbu/1", "gcu/0", "answer"),
        deliver("gcu/9", "gbu/0", "query"),
        schedule(&[json!({"give": {"unit": "gcu/0", "task": 7, "input": "issue"}})]),
        schedule(&[json!({"fire": {"unit": "gcu/0", "slot": 3, "timer": "deadline"}})]),
        schedule(&[unit("restart", "gbu/0")]),
        schedule(&[unit("crash", "gbu/0")]),
        schedule(&[unit("join", "gbu/1")]),
        schedule(&[json!({"tell": {"occasion": 0, "units": ["gbu/0"], "input": "unlink"}})]),
        schedule(&[unit("leave", "gcu/0"), unit("leave", "gcu/0")]),
        schedule(&[ok.clone(), json!({"lose": query})]),
        schedule(&[ok.clone(), json!({"duplicate": query})]),
        // Two messages on one channel.
        schedule(&[
            unit("leave", "gcu/0"),
            unit("join", "gcu/0"),
            ok.clone(),
            json!({"deliver": second}),
        ]),
        json!({"version": 1, "losses": false, "steps": [{"passes_ns": u64::MAX, "event": ok}]}),
    ]
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
    for words in [
        &["scenarios/paper.json"][..],
        &["scenarios/ci/chord.json"],
        &[REQUEST, "--set", "/system/*/requests/count=4"],
        &[REQUEST, "--set", "/system/*/gcus_per_broker=3"],
        &[REQUEST, "--crashes", "1"],
        &[REQUEST, "--properties", "slot"],
        &[REQUEST, "--properties", "speed"],
        &[REQUEST, "--reach", "acepted"],
        &[REQUEST, "--reach", "accepted", "--properties", "slots"],
        &[REQUEST, "--losses", "-1"],
        &[REQUEST, "--timers", "256"],
        &[REQUEST, "--memory", "0x"],
        &[REQUEST, "--memory", "1"],
        &[REQUEST, "--changes", "1"],
        &[REQUEST, "--links", "1"],
        &[REQUEST, "--revocations", "1"],
    ] {
        let words: Vec<&str> = ["explore"].iter().chain(words).copied().collect();
        refuse(&words, &words.join(" "), None);
    }
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("schedule.json");
    let file = path.to_str().unwrap();
    for schedule in schedules_that_do_not_fit() {
        fs::write(&path, schedule.to_string()).unwrap();
        let words = ["run", REQUEST, "--schedule", file];
        refuse(&words, &schedule.to_string(), Some(file));
    }
    for export in ["requests", "world", "brokers", "membership"] {
        let option = format!("--{export}");
        let words = ["run", REQUEST, "--schedule", "s.json", &option, "out.csv"];
        refuse(&words, &words.join(" "), None);
    }
    page.check("explore");
}
