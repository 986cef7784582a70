//! Errors name the place in the scenario as its user wrote it, also where only the underlay shows
//! them; periods are a nanosecond at least.

use std::fs;

use arigatoni::scenario::Scenario;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{arigatoni, code, said};
use crate::review::reads;
use crate::support::shipped;

/// A scenario with every member of Opus written out, a member a line.
fn written_out(opus: &Value) -> Value {
    let scenario = json!({
        "version": 1, "name": "x",
        "topology": {"file": shipped("topologies/t100-0.gb")},
        "system": {"opus": opus},
    });
    let scenario = Scenario::parse(&scenario.to_string(), "x.json", &[]).unwrap();
    scenario.effective().clone()
}

fn allocation() -> Value {
    written_out(&json!({
        "study": "allocation",
        "failures": {"mean_up_s": 100, "mean_down_s": 100},
        "applications": [{}, {
            "count": 3,
            "demand": [
                {"constant": {"rate_per_s": 1}},
                {"flash": {"peak_per_s": 9, "start_s": 60, "rise_s": 1, "hold_s": 9, "fall_s": 1, "regions": [77]}},
                {"diurnal": {"mean_per_s": 1, "amplitude": 0.5, "period_s": 100}},
            ],
        }],
    }))
}

/// What the program says of a scenario, which it refuses.
fn refused(scenario: &Value, words: &[&str]) -> String {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("x.json"), format!("{scenario:#}")).unwrap();
    let output = arigatoni(folder.path(), words);
    let said = said(&output);
    assert_eq!(code(&output), Some(2), "{said}");
    said
}

/// The line of the scenario on which `member` stands first.
fn line(scenario: &Value, member: &str) -> usize {
    let text = format!("{scenario:#}");
    1 + text[..text.find(member).unwrap()].matches('\n').count()
}

#[test]
fn a_region_that_the_underlay_does_not_have_is_told_by_its_line() {
    let scenario = allocation();
    let pointer = "/system/opus/applications/1/demand/1/flash/regions";
    let place = format!(
        "x.json:{}: {pointer}: ",
        line(&scenario, "\"regions\": [\n")
    );
    let written = refused(&scenario, &["run", "x.json"]);
    assert!(written.starts_with(&format!("error: {place}")), "{written}");

    let mut other = scenario.clone();
    other.pointer_mut(pointer).unwrap()[0] = json!(0);
    let assignment = "/system/*/applications/1/demand/1/flash/regions=[78]";
    let said = refused(&other, &["run", "x.json", "--set", assignment]);
    assert!(
        said.starts_with(&format!("error: --set {assignment}: ")),
        "{said}"
    );
    reads(
        "systems-refused",
        "Regions that the underlay does not have",
        &[("x.json", &written), (assignment, &said)],
    );
}

#[test]
fn an_axis_whose_value_does_not_fit_the_underlay_is_blamed() {
    let mut scenario = written_out(&json!({"study": "tracking"}));
    let axis = "/system/*/tracking/timeout_ms";
    scenario["sweep"]["axes"] = json!({axis: [5000, 3]});
    let blamed = refused(&scenario, &["sweep", "x.json", "-oout"]);
    let place = format!("x.json:{}: axis {axis}, value 3: ", line(&scenario, axis));
    assert!(blamed.starts_with(&format!("error: {place}")), "{blamed}");
    // Where the cause is no axis, the point is named, and the member.
    scenario["sweep"]["axes"] = json!({"/network/latency_ms_per_unit": [1, 1000]});
    let said = refused(&scenario, &["sweep", "x.json", "-oout"]);
    assert!(
        said.contains("/network/latency_ms_per_unit=1000: "),
        "{said}"
    );
    reads(
        "systems-refused",
        "An axis whose value does not fit the underlay",
        &[
            ("the timeout is an axis", &blamed),
            ("the latency is an axis", &said),
        ],
    );
}

/// The pointers of all members whose names end in `_ms` or `_s`, with their unit in nanoseconds.
fn durations(value: &Value, here: &str, found: &mut Vec<(String, f64)>) {
    let members = value.as_object().into_iter().flatten();
    for (name, member) in members.map(|(name, member)| (name.clone(), member)) {
        let pointer = format!("{here}/{name}");
        let unit = match name.rsplit_once('_') {
            Some((_, "ms")) => Some(1e6),
            Some((before, "s")) if !before.ends_with("per") => Some(1e9),
            _ => None,
        };
        found.extend(unit.map(|unit| (pointer.clone(), unit)));
        durations(member, &pointer, found);
    }
    for (number, member) in value.as_array().into_iter().flatten().enumerate() {
        durations(member, &format!("{here}/{number}"), found);
    }
}

/// Lengths of time and instants that may be 0, by the end of their pointers.
const MAY_BE_ZERO: [&str; 11] = [
    "/access_latency_ms",
    "/failure_ms",
    "/jump_ms",
    "/recovery_ms",
    "/latency_ms",
    "/move_s",
    "/stagger_s",
    "/start_s",
    "/rise_s",
    "/hold_s",
    "/fall_s",
];

/// What is said of a number that is outside of its range.
const RANGE: &str = "expected a number";

#[test]
fn a_period_is_a_nanosecond_at_least() {
    let scenario = allocation();
    let mut members = Vec::new();
    durations(&scenario["system"], "/system", &mut members);
    members.retain(|(pointer, _)| !MAY_BE_ZERO.iter().any(|end| pointer.ends_with(end)));
    assert!(members.len() > 20, "the test has lost sight of the periods");
    for (pointer, unit) in members {
        for ns in [0.4, 1e-30] {
            let mut document = scenario.clone();
            *document.pointer_mut(&pointer).unwrap() = json!(ns / unit);
            let error = Scenario::parse(&document.to_string(), "x.json", &[]).unwrap_err();
            let error = error.to_string();
            let expected = format!("{RANGE} from {} to", 1.0 / unit);
            assert!(error.contains(&expected), "{expected}: {error}");
        }
        let mut document = scenario.clone();
        *document.pointer_mut(&pointer).unwrap() = json!(1.0 / unit);
        if let Err(error) = Scenario::parse(&document.to_string(), "x.json", &[]) {
            // Too often, perhaps, but a period.
            assert!(!error.to_string().contains(RANGE), "{error}");
        }
    }
}

#[test]
fn updates_that_hardly_ever_come_do_not_come() {
    let scenario = written_out(&json!({
        "study": "allocation",
        "nodes": {"count": 4},
        "allocation": {"duration_s": 60},
        "applications": [{"overlay": {"updates_per_s": 2e-6}}],
    }));
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("x.json"), scenario.to_string()).unwrap();
    let output = arigatoni(folder.path(), &["run", "x.json", "--json"]);
    assert_eq!(code(&output), Some(0), "{}", said(&output));
    let run: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(run["updates"], json!(0));
    assert_eq!(run["deliveries"][1]["published"], json!(0));
}
