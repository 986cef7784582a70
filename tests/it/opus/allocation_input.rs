//! Scenarios of the allocation study as users write them, right and wrong.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{arigatoni, code, said, wrote};
use crate::review::{Page, of_any_build, without_times};
use crate::support::shipped;

pub(super) fn scenario(applications: &Value) -> Value {
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
    let path = folder.path().display().to_string();
    let said = said(&output).replace(&format!("{path}/"), "");
    let said = said.replace(&path, "FOLDER");
    (code(&output), wrote(&output), said)
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

/// A page of refusals: what is told of each, where it says that the trouble is, and the scenario.
pub(super) fn check_refused(
    heading: &str,
    page: &str,
    cases: impl IntoIterator<Item = (Value, &'static str, Value)>,
) {
    let mut text = Page::new(heading);
    for (input, place, scenario) in cases {
        let said = refused_beside(&scenario, TRACE);
        assert!(said.contains(&format!(": {place}")), "{place}: {said}");
        text.entry(&input.to_string(), said);
    }
    text.check(page);
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
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
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
    let mut page = Page::new("A sweep whose trace has changed");
    page.entry("arigatoni sweep x.json, another trace", of_any_build(&said));
    let after = fs::read(folder.path().join("out/runs.csv")).unwrap();
    assert!(before == after);
    put(TRACE);
    let (code, said) = sweep(2, &[]);
    assert_eq!(code, Some(0), "{said}");
    page.entry("arigatoni sweep x.json, the same", without_times(&said));
    page.check("allocation-changed-trace");
    put(&TRACE.replace("20,1,6", "20,1,7"));
    assert_eq!(sweep(2, &["--overwrite"]).0, Some(0));
    let other = fs::read(folder.path().join("out/runs.csv")).unwrap();
    assert!(before != other);
}

#[test]
fn bad_traces_are_refused_with_their_line() {
    let mut page = Page::new("Traces that cannot be used, trace.csv");
    let head = "time_s,region,rate_per_s\n";
    for (trace, place) in [
        (format!("{head}0,0,1\n50,0,1\n"), "trace.csv"),
        (format!("{head}0,0,1\n30,0,1\n20,0,1\n"), "trace.csv:4"),
        (format!("{head}0,2,1\n90,0,1\n"), "trace.csv"),
        (format!("{head}0,0,one\n"), "trace.csv:2"),
        ("t,r,x\n".to_owned(), "trace.csv:1"),
        ("time_s;region;rate_per_s\n".to_owned(), "trace.csv"),
        (format!("{head}0,0,1e9\n60,0,0\n"), "trace.csv"),
    ] {
        let said = refused(&traced(), &trace);
        assert!(said.contains(place), "{place}: {said}");
        page.entry(&trace, said);
    }
    let missing = json!([{"demand": [{"trace": {"file": "nowhere.csv"}}]}]);
    let said = refused(&missing, TRACE);
    assert!(said.contains("nowhere.csv"), "{said}");
    page.entry("a trace that is not there", said);
    page.check("allocation-traces");
}

#[test]
fn agreements_and_regions_that_make_no_sense_are_refused() {
    let utility = |points: Value| json!([{"sla": {"utility": points}}]);
    let constant =
        |regions: Value| json!([{"demand": [{"constant": {"rate_per_s": 1, "regions": regions}}]}]);
    let cases = [
        (
            utility(json!([[0, 0], [20, 5], [10, 9]])),
            "/0/sla/utility/2",
        ),
        (utility(json!([[0, 0], [0, 5]])), "/0/sla/utility/1"),
        (utility(json!([[0, 0, 1]])), "/0/sla/utility/0"),
        (constant(json!([0, 7])), "/0/demand/0/constant/regions/1"),
        (constant(json!([1, 0, 1])), "/0/demand/0/constant/regions/2"),
        (constant(json!([])), "/0/demand/0/constant/regions"),
        (json!([{}, {"work": 1e9, "demand": []}]), "/1/work"),
        (
            json!([{"count": 5}, {"demand": [{"constant": {"rate_per_s": 1, "regions": [77]}}]}]),
            "/1/demand/0/constant/regions/0",
        ),
        (constant(json!([-1])), "/0/demand/0/constant/regions/0"),
        (json!([]), ""),
        (json!([{"count": 1000}, {}]), ""),
        (
            json!([{"demand": [{"flash": {"peak_per_s": 1}}]}]),
            "/0/demand/0",
        ),
        (json!([{"demand": [{"flush": {}}]}]), "/0/demand/0"),
        (json!([{"demand": [{"constant": {"rate_per_s": 1e9}}]}]), ""),
    ];
    let mut page = Page::new("Applications of the allocation study that make no sense");
    for (applications, place) in cases {
        let said = refused(&applications, TRACE);
        assert!(
            said.contains(&format!(": /system/opus/applications{place}")),
            "{said}"
        );
        page.entry(&applications.to_string(), said);
    }
    page.check("allocation-applications");
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
    let mut page = Page::new("More regions of the allocation study than routers");
    page.entry("100 regions on t100-0", said);
    page.check("allocation-regions");
}

#[test]
fn overlays_that_make_no_sense_are_refused() {
    let goal = |goal: &Value| json!([{"overlay": goal}]);
    let cases = [
        (json!({"delay_factor": 0.5}), "/0/overlay/delay_factor"),
        (json!({"degree_limit": 1}), "/0/overlay/degree_limit"),
        (json!({"redundancy": 4}), "/0/overlay/redundancy"),
        (json!({"updates_per_s": 0}), "/0/overlay/updates_per_s"),
        // What all applications send together.
        (json!({"updates_per_s": 1e6}), ""),
        (json!({"start_s": -1}), "/0/overlay/start_s"),
        (json!({"updates": 1}), "/0/overlay/updates"),
        (json!("tree"), "/0/overlay"),
    ];
    let mut page = Page::new("Overlays of an application that make no sense");
    for (overlay, place) in cases {
        let said = refused(&goal(&overlay), TRACE);
        let place = format!(": /system/opus/applications{place}: ");
        assert!(said.contains(&place), "{place}: {said}");
        page.entry(&overlay.to_string(), said);
    }
    page.check("allocation-overlays");
    assert_eq!(run(&goal(&Value::Null), TRACE).0, Some(0), "none is none");
}

#[test]
fn ways_of_building_overlays_that_cannot_serve_are_refused() {
    let cases = [
        (json!({"method": "mst"}), "/system/opus/overlay/method"),
        (json!({"timeout_ms": 20}), "/system/opus/overlay/timeout_ms"),
        (
            json!({"heartbeat_ms": 1e-4}),
            "/system/opus/overlay/heartbeat_ms",
        ),
        (json!({"round_ms": 1e-4}), "/system/opus/overlay/round_ms"),
    ];
    let cases = cases.map(|(overlay, place)| {
        let mut scenario = scenario(&json!([{}, {"overlay": {}}]));
        scenario["system"]["opus"]["overlay"] = overlay.clone();
        (overlay, place, scenario)
    });
    let heading =
        "Ways of building overlays that cannot serve the allocation study, /system/opus/overlay";
    check_refused(heading, "allocation-ways", cases);
}

#[test]
fn what_would_happen_too_often_is_refused() {
    let cases = [
        (
            json!({"failures": {"mean_up_s": 1e-6, "mean_down_s": 1e-6}}),
            "/system/opus/failures",
        ),
        (
            json!({"allocation": {"duration_s": 60, "heartbeat_s": 1e-7}}),
            "/system/opus/allocation/heartbeat_s",
        ),
        (
            json!({"allocation": {"duration_s": 60, "report_s": 1e-8, "policy": "greedy-reported"}}),
            "/system/opus/allocation/report_s",
        ),
        (
            json!({"allocation": {"duration_s": 60, "epoch_s": 1e-6}}),
            "/system/opus/allocation/epoch_s",
        ),
        (
            json!({"tracking": {"heartbeat_ms": 1e-4}}),
            "/system/opus/tracking/heartbeat_ms",
        ),
        (
            json!({"tracking": {"improve_ms": 1e-4}}),
            "/system/opus/tracking/improve_ms",
        ),
        (
            json!({"tracking": {"refresh_ms": 1e-5}}),
            "/system/opus/tracking/refresh_ms",
        ),
        (
            json!({"tracking": {"timeout_ms": 20}}),
            "/system/opus/tracking/timeout_ms",
        ),
        (
            json!({"allocation": {"duration_s": 60, "report_s": 4, "policy": "greedy-tracked"}}),
            "/system/opus/allocation/report_s",
        ),
    ];
    let cases = cases.map(|(members, place)| {
        let mut scenario = scenario(&json!([{}]));
        let opus = &mut scenario["system"]["opus"];
        opus["allocation"]["policy"] = json!("greedy-tracked");
        for (name, value) in members.as_object().unwrap() {
            opus[name] = value.clone();
        }
        (members, place, scenario)
    });
    let heading = "Allocation studies in which something would happen too often, /system/opus";
    check_refused(heading, "allocation-rates", cases);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn what_would_last_for_ages_is_refused() {
    let cases = [
        (
            1e-9,
            json!({"work": 100}),
            "/system/opus/applications/0/work",
        ),
        (
            1e-3,
            json!({"work": 1e9}),
            "/system/opus/applications/0/work",
        ),
        (
            1.0,
            json!({"overlay": {"updates_per_s": 1e-9}}),
            "/system/opus/applications/0/overlay/updates_per_s",
        ),
    ];
    let cases = cases.map(|(capacity, application, place)| {
        let mut scenario = scenario(&json!([application]));
        scenario["system"]["opus"]["nodes"]["capacity"] = json!(capacity);
        let told = json!({"nodes": {"capacity": capacity}, "applications": [application]});
        (told, place, scenario)
    });
    let heading = "Allocation studies that would last for ages, /system/opus";
    check_refused(heading, "allocation-ages", cases);
    // As long as may be: requests and updates of which none may come.
    let mut slow = scenario(&json!([{"work": 1e6, "overlay": {"updates_per_s": 1e-6}}]));
    let opus = &mut slow["system"]["opus"];
    // What nodes do now and then would be most of the work.
    opus["overlay"] = json!({"round_ms": 1e6, "heartbeat_ms": 1e7});
    opus["tracking"] = json!({"refresh_ms": 1e7, "heartbeat_ms": 1e7, "improve_ms": 1e7});
    opus["allocation"]["heartbeat_s"] = json!(1e4);
    let (code, wrote, said) = run_beside(&slow, TRACE);
    assert_eq!(code, Some(0), "{said}");
    let numbers: Value = serde_json::from_str(&wrote).unwrap();
    assert!(
        numbers["response_ms_p95"].as_f64().unwrap() > 1e9,
        "{wrote}"
    );
}

#[test]
fn tables_hide_no_metric_from_who_reads_json() {
    let (code, wrote, said) = run(&json!([{"overlay": {}}]), TRACE);
    assert_eq!(code, Some(0), "{said}");
    let numbers: Value = serde_json::from_str(&wrote).unwrap();
    assert_eq!(numbers["applications"], json!(1));
    assert!(numbers["updates"].is_u64() && numbers["shares"].is_array());
}
