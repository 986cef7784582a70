//! The scenario room: defaults, limits, messages, sweeps, overrides, the schema, and the files
//! that are shipped.

use std::collections::BTreeSet;

use arigatoni::experiment::Experiment;
use arigatoni::parameters::Parameters;
use arigatoni::parameters::number::{Count, Positive};
use arigatoni::scenario::{self, Assignment, Scenario};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::review::Page;

mod bad_input;
mod configuration;
mod labels;
mod meanings;
mod replaced;
mod schema;
mod shipped;
mod sweep;

/// The least file that is a scenario.
const LEAST: &str = r#"{"version": 1, "name": "x", "topology": {"file": "a.gb"}}"#;

fn parse(document: &Value) -> arigatoni::error::Result<Scenario> {
    Scenario::parse(&format!("{document:#}"), "x.json", &[])
}

fn parse_with(document: &Value, overrides: &[&str]) -> arigatoni::error::Result<Scenario> {
    let overrides: Vec<Assignment> = overrides.iter().map(|text| text.parse().unwrap()).collect();
    Scenario::parse(&format!("{document:#}"), "x.json", &overrides)
}

/// The complete document with all defaults.
fn complete() -> Value {
    Scenario::parse(LEAST, "x.json", &[])
        .unwrap()
        .effective()
        .clone()
}

/// The complete document with `axes` and `zip`.
fn swept(axes: &Value, zip: &Value) -> Value {
    let mut document = complete();
    document["sweep"] = json!({"axes": axes, "zip": zip});
    document
}

fn arigatoni_of(run: &scenario::RunConfig) -> arigatoni::arigatoni::Config {
    assert_eq!(run.system.name(), "arigatoni");
    Parameters::read(run.system.written(), "/system/arigatoni").unwrap()
}

#[test]
fn defaults_are_those_of_the_design() {
    let mut page =
        Page::new("A scenario with nothing but its graph, and all defaults of the others.");
    // As text, so that the order of the members and 1 (not 1.0) count.
    page.entry(LEAST, format!("{:#}", complete()));
    page.check("scenario-defaults");
}

/// The names of the members of all objects in `document`.
fn member_names<'a>(document: &'a Value, names: &mut BTreeSet<&'a str>) {
    for (name, value) in document.as_object().into_iter().flatten() {
        names.insert(name);
        member_names(value, names);
    }
}

#[test]
fn every_member_is_in_the_documentation() {
    let pages = std::fs::read_dir(crate::support::shipped("docs")).unwrap();
    let pages = pages.map(|entry| entry.unwrap().path());
    let pages = pages.filter(|path| path.extension().is_some_and(|ending| ending == "md"));
    let text: String = pages
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    let document = complete();
    let mut names = BTreeSet::new();
    member_names(&document, &mut names);
    assert!(names.len() >= 80, "{names:?}");
    names.retain(|name| !text.contains(*name));
    assert!(
        names.is_empty(),
        "no page of docs/ says what these are: {names:?}"
    );
}

#[test]
fn a_whole_number_may_be_written_in_another_way() {
    let scenario = parse_with(&complete(), &["/system/*/requests/count=2e3", "/seed=7.0"]).unwrap();
    assert_eq!(
        arigatoni_of(scenario.base()).world.requests.count,
        Some(Count(2000))
    );
    assert_eq!(scenario.effective()["seed"].to_string(), "7");
}

#[test]
fn the_effective_scenario_reads_as_itself() {
    let axes =
        json!({"/seed": [1, 2], "/system/*/services/density": {"from": 0, "to": 1, "step": 0.5}});
    let mut document = swept(&axes, &json!([]));
    document["figures"] = json!([{"name": "f", "metric": "hops_mean"}]);
    let once = parse(&document).unwrap();
    let twice = parse(once.effective()).unwrap();
    assert_eq!(once.effective().to_string(), twice.effective().to_string());
}

#[test]
fn overrides_set_members_and_defaults_fill_the_rest() {
    let mut document = complete();
    document["system"]["arigatoni"]["requests"]["count"] = json!(7);
    let overrides = [
        "/system/*/requests={\"instances\": 4}",
        "/system/arigatoni/requests/rate_per_s=5",
        "/system/*/access_latency_ms/1=9",
        "/name=y",
        "/topology/file=b=c.gb",
    ];
    let scenario = parse_with(&document, &overrides).unwrap();
    let requests = arigatoni_of(scenario.base()).world.requests;
    assert_eq!(requests.count, Some(Count(50_000)));
    assert_eq!(requests.instances, Some(Count(4)));
    assert_eq!(requests.rate_per_s, Some(Positive(5.0)));
    assert_eq!(scenario.name(), "y");
    assert_eq!(scenario.effective()["topology"]["file"], "b=c.gb");
    assert_eq!(
        scenario.effective()["system"]["arigatoni"]["access_latency_ms"],
        json!([1, 9])
    );
}

#[test]
fn own_figures_call_the_axes_as_the_systems_do() {
    let mut document = complete();
    document["figures"] = json!([
        {"name": "plain", "metric": "hops_mean"},
        {"name": "labelled", "metric": "hops_mean", "x_label": "share of all units"},
        {"name": "other", "metric": "hops_mean", "x": "/system/*/services/density"},
    ]);
    let figures = Experiment::figures(&parse(&document).unwrap());
    let [standard, .., plain, labelled, other] = &figures[..] else {
        panic!("{figures:?}");
    };
    assert!(plain.x_label.is_none() && other.x_label.is_none());
    assert_eq!(labelled.x_label.as_deref(), Some("share of all units"));
    assert!(!standard.axis_names.is_empty());
    for own in [plain, labelled, other] {
        assert_eq!(own.axis_names, standard.axis_names);
        assert!(own.asked && !standard.asked);
    }
}

#[test]
fn figures_know_what_their_metrics_can_be() {
    use arigatoni::measure::Domain;
    let mut document = complete();
    document["figures"] = json!([
        {"name": "a", "metric": "acceptance_ratio_connected"},
        {"name": "b", "metric": "service_ratio_sd"},
    ]);
    let figures = Experiment::figures(&parse(&document).unwrap());
    let domain = |name: &str| figures.iter().find(|f| f.name == name).unwrap().domain;
    for share in ["acceptance", "services", "a"] {
        assert_eq!(domain(share), Domain::Share, "{share}");
    }
    for other in ["deviation", "load", "messages", "b"] {
        assert_eq!(domain(other), Domain::NotNegative, "{other}");
    }
}

#[test]
fn a_later_override_wins() {
    let scenario = parse_with(&complete(), &["/seed=2", "/seed=3"]).unwrap();
    assert_eq!(scenario.base().seed, 3);
}

#[test]
fn values_of_assignments_are_json_or_else_strings() {
    for (text, expected) in [
        ("/a=1", json!(1)),
        ("/a=\"1\"", json!("1")),
        ("/a=hop", json!("hop")),
        ("/a=", json!("")),
        ("/a=[1,", json!("[1,")),
        ("/a=null", Value::Null),
        ("/a=NaN", json!("NaN")),
    ] {
        assert_eq!(
            text.parse::<Assignment>().unwrap().value,
            expected,
            "{text}"
        );
    }
    let mut page = Page::new("What is no assignment");
    for text in ["seed=1", "/seed", "", "="] {
        page.entry(
            &format!("{text:?}"),
            text.parse::<Assignment>().unwrap_err(),
        );
    }
    page.check_section("scenario-texts");
}

#[test]
fn extra_figures_get_their_defaults() {
    use arigatoni::measure::Content;
    let mut document = complete();
    document["figures"] = json!([
        {"name": "hops", "metric": "hops_mean"},
        {"name": "mine", "metric": "events", "title": "T", "x": "/seed", "x_label": "X", "y_label": "Y"},
        {"name": "titled", "metric": "hops_mean", "y_label": "mean hops"},
    ]);
    let scenario = parse(&document).unwrap();
    let [hops, mine, titled] = scenario.figures() else {
        panic!("three figures")
    };
    assert_eq!(
        (hops.title.as_str(), hops.y_label.as_str()),
        ("hops_mean", "hops_mean")
    );
    assert_eq!(hops.x, "/system/*/disconnection/rate");
    assert_eq!(hops.x_label, None);
    let metric = "events".into();
    assert_eq!(mine.content, Content::Curves { metric });
    let texts = [&mine.name, &mine.title, &mine.x, &mine.y_label];
    assert_eq!(texts, ["mine", "T", "/seed", "Y"]);
    assert_eq!(mine.x_label.as_deref(), Some("X"));
    assert_eq!(
        titled.title, "mean hops",
        "the label says more than the column"
    );
}

#[test]
fn identity_holds_what_makes_results_comparable() {
    let axes = json!({"/system/*/disconnection/rate": [0, 0.5], "/seed": [1]});
    let document = swept(&axes, &json!([]));
    let identity = parse(&document).unwrap().identity();
    assert_eq!(
        identity["sweep"]["axes"],
        json!(["/system/*/disconnection/rate", "/seed"])
    );
    let same = |edit: &dyn Fn(&mut Value)| {
        let mut other = document.clone();
        edit(&mut other);
        parse(&other).unwrap().identity() == identity
    };
    assert!(same(&|d| d["replications"] = json!(9)), "more replications");
    let precision = json!({"metric": "acceptance_ratio", "relative_half_width": 0.1});
    assert!(same(&|d| d["precision"] = precision.clone()), "a precision");
    assert!(
        same(&|d| d["sweep"]["axes"]["/seed"] = json!([1, 2])),
        "more points"
    );
    assert!(
        same(&|d| d["seed"] = json!(5)),
        "a base value that an axis replaces"
    );
    assert!(
        same(&|d| d["figures"] = json!([{"name": "f", "metric": "m"}])),
        "a figure"
    );
    assert!(!same(&|d| d["name"] = json!("y")), "another name");
    assert!(
        !same(&|d| d["topology"]["file"] = json!("b.gb")),
        "another graph"
    );
    assert!(
        !same(&|d| d["system"]["arigatoni"]["slots"] = json!(1)),
        "another parameter"
    );
    assert!(
        !same(&|d| d["sweep"]["axes"] = json!({"/seed": [1]})),
        "other axes"
    );
}
