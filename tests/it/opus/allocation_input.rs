//! Scenarios of the allocation study as users write them, right and wrong.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{arigatoni, code, said, wrote};
use crate::support::shipped;

fn scenario(applications: &Value) -> Value {
    json!({
        "version": 1, "name": "x",
        "topology": {"file": shipped("topologies/t100-0.gb")},
        "system": {"opus": {
            "study": "allocation",
            "nodes": {"count": 10},
            "allocation": {"regions": 2, "duration_s": 60},
            "applications": applications,
        }},
    })
}

/// Runs a scenario beside which the file `trace.csv` lies.
fn run_beside(scenario: &Value, trace: &str) -> (Option<i32>, String, String) {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("x.json"), scenario.to_string()).unwrap();
    fs::write(folder.path().join("trace.csv"), trace).unwrap();
    // From another folder: a relative path starts at the scenario file.
    let elsewhere = TempDir::new().unwrap();
    let path = folder.path().join("x.json");
    let output = arigatoni(elsewhere.path(), &["run", path.to_str().unwrap(), "--json"]);
    (code(&output), wrote(&output), said(&output))
}

/// Runs a scenario with these applications, beside which the file `trace.csv` lies.
fn run(applications: &Value, trace: &str) -> (Option<i32>, String, String) {
    run_beside(&scenario(applications), trace)
}

fn refused_beside(scenario: &Value, trace: &str) -> String {
    let (code, wrote, said) = run_beside(scenario, trace);
    assert_eq!(code, Some(2), "{said}");
    assert!(wrote.is_empty() && said.starts_with("error: "), "{said}");
    assert_eq!(said.matches("error: ").count(), 1, "{said}");
    assert!(!said.contains("panicked"), "{said}");
    said
}

fn refused(applications: &Value, trace: &str) -> String {
    refused_beside(&scenario(applications), trace)
}

/// That `scenario` is refused with these words.
fn assert_refused(scenario: &Value, words: &[&str]) {
    let said = refused_beside(scenario, TRACE);
    for word in words {
        assert!(said.contains(word), "{word}: {said}");
    }
}

const TRACE: &str = "time_s,region,rate_per_s\n0,0,4\n0,1,0\n20,1,6\n40,0,0\n60,1,0\n";

fn traced() -> Value {
    json!([{"demand": [{"trace": {"file": "trace.csv"}}], "work": 0.2}])
}

/// As a spreadsheet saves it.
#[test]
fn a_trace_may_begin_with_a_byte_order_mark() {
    let marked = run(&traced(), &format!("\u{feff}{TRACE}"));
    assert_eq!(marked.0, Some(0), "{}", marked.2);
    assert_eq!(marked, run(&traced(), TRACE));
}

#[test]
fn a_trace_is_followed() {
    let (code, wrote, said) = run(&traced(), TRACE);
    assert_eq!(code, Some(0), "{said}");
    let numbers: Value = serde_json::from_str(&wrote).unwrap();
    let rows = numbers["times"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    // 4 a second for 40 s, 6 a second for the last 40 s: 400 requests.
    let issued = numbers["issued"].as_f64().unwrap();
    assert!((320.0..480.0).contains(&issued), "{issued}");
    assert!(numbers["availability"].as_f64().unwrap() > 0.9);
}

#[test]
fn a_sweep_does_not_go_on_with_another_trace() {
    let folder = TempDir::new().unwrap();
    let put = |trace: &str| fs::write(folder.path().join("trace.csv"), trace).unwrap();
    let sweep = |replications: u32, words: &[&str]| {
        let mut scenario = scenario(&traced());
        scenario["replications"] = replications.into();
        fs::write(folder.path().join("x.json"), scenario.to_string()).unwrap();
        let output = arigatoni(
            folder.path(),
            &[&["sweep", "x.json", "-oout"], words].concat(),
        );
        (code(&output), said(&output))
    };
    put(TRACE);
    assert_eq!(sweep(1, &[]).0, Some(0));
    let before = fs::read(folder.path().join("out/runs.csv")).unwrap();
    put(&TRACE.replace("20,1,6", "20,1,7"));
    let (code, said) = sweep(2, &[]);
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("trace.csv has changed since") && said.contains("--overwrite"),
        "{said}"
    );
    let after = fs::read(folder.path().join("out/runs.csv")).unwrap();
    assert!(before == after);
    put(TRACE);
    let (code, said) = sweep(2, &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("1 of 2 runs are already done"), "{said}");
    put(&TRACE.replace("20,1,6", "20,1,7"));
    assert_eq!(sweep(2, &["--overwrite"]).0, Some(0));
    let other = fs::read(folder.path().join("out/runs.csv")).unwrap();
    assert!(before != other);
}

#[test]
fn bad_traces_are_refused_with_their_line() {
    let head = "time_s,region,rate_per_s\n";
    for (trace, words) in [
        (
            format!("{head}0,0,1\n50,0,1\n"),
            ["ends at 50 s", "duration_s"],
        ),
        (
            format!("{head}0,0,1\n30,0,1\n20,0,1\n"),
            ["comes after 30 s", ":4"],
        ),
        (format!("{head}0,2,1\n90,0,1\n"), ["region 2", "0 to 1"]),
        (format!("{head}0,0,one\n"), ["rate_per_s", ":2"]),
        ("t,r,x\n".to_owned(), ["begins with the line", ":1"]),
        (
            "time_s;region;rate_per_s\n".to_owned(),
            ["but this one with `time_s;region;rate_per_s`", "commas"],
        ),
        (
            format!("{head}0,0,1e9\n60,0,0\n"),
            ["requests a second", "lower"],
        ),
    ] {
        let said = refused(&traced(), &trace);
        for word in words.into_iter().chain(["trace.csv"]) {
            assert!(said.contains(word), "{word}: {said}");
        }
    }
    let missing = json!([{"demand": [{"trace": {"file": "nowhere.csv"}}]}]);
    let said = refused(&missing, TRACE);
    assert!(
        said.contains("no such file") && said.contains("nowhere.csv"),
        "{said}"
    );
}

#[test]
fn agreements_and_regions_that_make_no_sense_are_refused() {
    let utility = |points: Value| json!([{"sla": {"utility": points}}]);
    let constant =
        |regions: Value| json!([{"demand": [{"constant": {"rate_per_s": 1, "regions": regions}}]}]);
    for (applications, words) in [
        (
            utility(json!([[0, 0], [20, 5], [10, 9]])),
            ["not a function", "/sla/utility/2"],
        ),
        (
            utility(json!([[0, 0], [0, 5]])),
            ["not a function", "/sla/utility/1"],
        ),
        (
            utility(json!([[0, 0, 1]])),
            ["/sla/utility/0", "a list of two numbers"],
        ),
        (constant(json!([0, 7])), ["no region 7", "0 to 1"]),
        (
            constant(json!([1, 0, 1])),
            ["constant/regions/2: region 1 is named twice", "once"],
        ),
        (
            constant(json!([])),
            ["constant/regions: the demand comes from no", "null for all"],
        ),
        (
            json!([{}, {"work": 1e9, "demand": []}]),
            ["/system/opus/applications/1/work: ", "1.0e9 s"],
        ),
        (
            json!([{"count": 5}, {"demand": [{"constant": {"rate_per_s": 1, "regions": [77]}}]}]),
            [
                "no region 77",
                "/system/opus/applications/1/demand/0/constant/regions/0: ",
            ],
        ),
        (constant(json!([-1])), ["regions/0", "whole number"]),
        (
            json!([]),
            ["at least one application", "/system/opus/applications"],
        ),
        (json!([{"count": 1000}, {}]), ["1001 applications", "lower"]),
        (
            json!([{"demand": [{"flash": {"peak_per_s": 1}}]}]),
            ["missing", "start_s"],
        ),
        (json!([{"demand": [{"flush": {}}]}]), ["flush", "flash"]),
        (
            json!([{"demand": [{"constant": {"rate_per_s": 1e9}}]}]),
            ["more than the", "lower a rate"],
        ),
    ] {
        let said = refused(&applications, TRACE);
        for word in words {
            assert!(said.contains(word), "{applications}: {word}: {said}");
        }
    }
}

#[test]
fn more_applications_than_nodes_are_allowed() {
    let (code, wrote, said) = run(&json!([{"count": 25}]), TRACE);
    assert_eq!(code, Some(0), "{said}");
    let numbers: Value = serde_json::from_str(&wrote).unwrap();
    assert!(numbers["unserved_applications"].as_f64().unwrap() >= 15.0);
}

#[test]
fn more_regions_than_routers_are_refused() {
    let mut scenario = scenario(&json!([{}]));
    scenario["system"]["opus"]["allocation"]["regions"] = json!(100);
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("x.json"), scenario.to_string()).unwrap();
    let output = arigatoni(folder.path(), &["run", "x.json"]);
    let said = said(&output);
    assert_eq!(code(&output), Some(2), "{said}");
    assert!(
        said.contains("100 regions") && said.contains("96 routers"),
        "{said}"
    );
}

#[test]
fn overlays_that_make_no_sense_are_refused() {
    let goal = |goal: Value| json!([{"overlay": goal}]);
    for (applications, words) in [
        (
            goal(json!({"delay_factor": 0.5})),
            ["/overlay/delay_factor", "1"],
        ),
        (
            goal(json!({"degree_limit": 1})),
            ["/overlay/degree_limit", "from 2"],
        ),
        (
            goal(json!({"redundancy": 4})),
            ["/overlay/redundancy", "1 to 3"],
        ),
        (
            goal(json!({"updates_per_s": 0})),
            ["/overlay/updates_per_s", "above 0"],
        ),
        (
            goal(json!({"updates_per_s": 1e6})),
            ["updates a second", "lower `updates_per_s`"],
        ),
        (goal(json!({"start_s": -1})), ["/overlay/start_s", "number"]),
        (goal(json!({"updates": 1})), ["updates", "updates_per_s"]),
        (goal(json!("tree")), ["/overlay", "tree"]),
    ] {
        let said = refused(&applications, TRACE);
        for word in words {
            assert!(said.contains(word), "{applications}: {word}: {said}");
        }
    }
    assert_eq!(run(&goal(Value::Null), TRACE).0, Some(0), "none is none");
}

#[test]
fn ways_of_building_overlays_that_cannot_serve_are_refused() {
    for (overlay, words) in [
        (
            json!({"method": "mst"}),
            ["/system/opus/overlay/method", "\"distributed\""],
        ),
        (
            json!({"timeout_ms": 20}),
            ["round trip", "/system/opus/overlay/timeout_ms: "],
        ),
        (
            json!({"heartbeat_ms": 1e-4}),
            ["/system/opus/overlay/heartbeat_ms", "raise it"],
        ),
        (
            json!({"round_ms": 1e-4}),
            ["/system/opus/overlay/round_ms", "raise it"],
        ),
    ] {
        let mut scenario = scenario(&json!([{}, {"overlay": {}}]));
        scenario["system"]["opus"]["overlay"] = overlay;
        assert_refused(&scenario, &words);
    }
}

#[test]
fn what_would_happen_too_often_is_refused() {
    for (member, value, words) in [
        (
            "failures",
            json!({"mean_up_s": 1e-6, "mean_down_s": 1e-6}),
            ["/system/opus/failures: ", "fail and recover about 6.0e8"],
        ),
        (
            "allocation",
            json!({"duration_s": 60, "heartbeat_s": 1e-7}),
            ["/system/opus/allocation/heartbeat_s: ", "messages"],
        ),
        (
            "allocation",
            json!({"duration_s": 60, "report_s": 1e-8, "policy": "greedy-reported"}),
            ["/system/opus/allocation/report_s: ", "messages"],
        ),
        (
            "allocation",
            json!({"duration_s": 60, "epoch_s": 1e-6}),
            ["/system/opus/allocation/epoch_s: ", "divisions"],
        ),
        (
            "tracking",
            json!({"heartbeat_ms": 1e-4}),
            ["/system/opus/tracking/heartbeat_ms: ", "messages"],
        ),
        (
            "tracking",
            json!({"improve_ms": 1e-4}),
            ["/system/opus/tracking/improve_ms: ", "messages"],
        ),
        (
            "tracking",
            json!({"refresh_ms": 1e-5}),
            ["/system/opus/tracking/refresh_ms: ", "messages"],
        ),
        (
            "tracking",
            json!({"timeout_ms": 20}),
            ["/system/opus/tracking/timeout_ms: ", "round trip"],
        ),
        (
            "allocation",
            json!({"duration_s": 60, "report_s": 4, "policy": "greedy-tracked"}),
            ["/system/opus/allocation/report_s: ", "tracking/timeout_ms"],
        ),
    ] {
        let mut scenario = scenario(&json!([{}]));
        let opus = &mut scenario["system"]["opus"];
        opus["allocation"]["policy"] = json!("greedy-tracked");
        opus[member] = value;
        assert_refused(&scenario, &words);
    }
}

#[test]
fn what_would_last_for_ages_is_refused() {
    for (capacity, application, words) in [
        (
            1e-9,
            json!({"work": 100}),
            ["/applications/0/work", "1.0e11 s"],
        ),
        (
            1e-3,
            json!({"work": 1e9}),
            ["/applications/0/work", "capacity"],
        ),
        (
            1.0,
            json!({"overlay": {"updates_per_s": 1e-9}}),
            ["/applications/0/overlay/updates_per_s", "raise it"],
        ),
    ] {
        let mut scenario = scenario(&json!([application]));
        scenario["system"]["opus"]["nodes"]["capacity"] = json!(capacity);
        assert_refused(&scenario, &words);
    }
    // As long as may be: requests and updates of which none may come.
    let slow = json!([{"work": 1e6, "overlay": {"updates_per_s": 1e-6}}]);
    let (code, _, said) = run(&slow, TRACE);
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn tables_hide_no_metric_from_who_reads_json() {
    let (code, wrote, said) = run(&json!([{"overlay": {}}]), TRACE);
    assert_eq!(code, Some(0), "{said}");
    let numbers: Value = serde_json::from_str(&wrote).unwrap();
    assert_eq!(numbers["applications"], json!(1));
    assert!(numbers["updates"].is_u64() && numbers["shares"].is_array());
}
