//! The scenario room: defaults, limits, messages, sweeps, overrides, the schema, and the files
//! that are shipped.

use std::collections::BTreeSet;

use arigatoni::experiment::Experiment;
use arigatoni::parameters::Parameters;
use arigatoni::parameters::number::{Count, Positive};
use arigatoni::random::alternation::Alternation;
use arigatoni::random::law::Law;
use arigatoni::scenario::{self, Assignment, Scenario};
use arigatoni::simulation::Ties;
use arigatoni::simulation::network::{Conditions, Failing, Failures, Fidelity, Partition};
use arigatoni::topology::{LengthUnit, ReadOptions};
use proptest::prelude::*;
use serde_json::{Value, json};

mod bad_input;
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
    let expected = r#"
    {"version": 1, "name": "x", "seed": 1, "replications": 1, "precision": null,
     "topology": {"file": "a.gb", "largest_component": false, "default_latency_ms": null,
                  "rename_duplicates": false,
                  "length_from": null, "length_unit": null, "place_from": null},
     "network": {"fidelity": "path", "routing": "latency", "latency_ms_per_unit": 1, "loss": 0, "duplicate": 0,
                 "jitter_s": 0, "link_failures": null, "router_failures": null, "partitions": [],
                 "ties": "canonical"},
     "system": {"arigatoni": {
       "brokers": {"placement": "every-router", "root": null},
       "gcus_per_broker": 1, "access_latency_ms": [1, 5],
       "services": {"count": 128, "density": 0.1, "offered_by": null, "popularity": "uniform"}, "acceptance_probability": 0.75,
       "slots": null,
       "disconnection": {"rate": 0, "units": "all", "mode": "unregister", "timeout_ms": 2000},
       "sessions": null,
       "requests": {"count": 50000, "rate_per_s": 100, "interarrival": null, "for_s": null,
                    "instances": 1, "deadline_ms": 600000,
                    "service_time_ms": 1000},
       "classes": [],
       "start": "direct", "search": "selective", "return_ms": 20000,
       "retransmission": {"timeout_ms": 500, "limit": 4}}},
     "sweep": {"axes": {}, "zip": []},
     "check": {"tolerance": 0.001, "metrics": {}},
     "figures": []}"#;
    let expected: Value = serde_json::from_str(expected).unwrap();
    // As text, so that the order of the members and 1 (not 1.0) count.
    assert_eq!(complete().to_string(), expected.to_string());
}

/// A scenario in which no member that can be another is as by default.
fn all_different() -> Value {
    json!({
        "version": 1, "name": "all", "seed": u64::MAX, "replications": 3,
        "topology": {"file": "t/a.graphml", "largest_component": true, "default_latency_ms": 2.5,
                     "rename_duplicates": true,
                     "length_from": "dist", "length_unit": "km", "place_from": ["x", "y"]},
        "network": {"fidelity": "hop", "routing": "policy", "latency_ms_per_unit": 0.5, "loss": 0.1, "duplicate": 0.2,
                    "jitter_s": {"gamma": {"shape": 2, "mean_s": 0.5}},
                    "link_failures": {"up": {"weibull": {"shape": 1, "mean_s": 30}}, "down": 2, "reroute_s": 0.5},
                    "router_failures": {"up": {"exponential": {"mean_s": 60}}, "down": {"uniform_s": [1, 2]}},
                    "partitions": [{"at_s": 5, "for_s": 2.5, "domain": "S:0.1/2"}], "ties": "shuffled"},
        "system": {"arigatoni": {
            "start": "messages", "brokers": {"placement": {"tree": 3}, "root": 7},
            "gcus_per_broker": {"poisson": 2.5}, "access_latency_ms": [0.5, 2],
            "services": {"count": 9, "density": 0.25, "popularity": {"zipf": 1.5}}, "acceptance_probability": 0.5, "slots": 4,
            "search": "exhaustive", "return_ms": 30,
            "retransmission": {"timeout_ms": 40, "limit": 3},
            "sessions": {"up": 3, "down": {"exponential": {"mean_s": 4}}, "leave": "crash", "units": "gcus"},
            "disconnection": {"rate": 0.125, "units": "gbus", "mode": "crash", "timeout_ms": 1.5},
            "requests": {"count": 11, "rate_per_s": 3, "for_s": 60, "instances": 5, "deadline_ms": 60,
                         "service_time_ms": 70},
            "classes": [{"name": "all", "share": 1, "slots": null, "acceptance_probability": 0.25,
                         "access_latency_ms": [3, 4], "service_time_ms": 80}],
        }},
    })
}

fn expected_topology() -> scenario::TopologySource {
    scenario::TopologySource::File {
        path: "t/a.graphml".into(),
        options: ReadOptions {
            largest_component: true,
            default_latency_ms: Some(2.5),
            rename_duplicates: true,
            length_from: Some("dist".into()),
            length_unit: Some(LengthUnit::Km),
            place_from: Some(["x".into(), "y".into()]),
        },
    }
}

fn expected_network() -> scenario::Network {
    use arigatoni::time::Span;

    scenario::Network {
        conditions: Conditions {
            fidelity: Fidelity::Hop,
            loss: 0.1,
            duplicate: 0.2,
            jitter: Some(Law::Gamma {
                shape: 2.0,
                scale_s: 0.25,
            }),
            failures: Failures {
                links: Some(Failing {
                    alternation: Alternation {
                        up: Law::Weibull {
                            shape: 1.0,
                            scale_s: 30.0,
                        },
                        down: Law::Constant(2.0),
                    },
                    reroute: Span::from_ns(500_000_000),
                }),
                routers: Some(Failing {
                    alternation: Alternation {
                        up: Law::Exponential { mean_s: 60.0 },
                        down: Law::Uniform {
                            min_s: 1.0,
                            max_s: 2.0,
                        },
                    },
                    reroute: Span::from_s(1),
                }),
                partitions: vec![Partition {
                    at: Span::from_s(5),
                    lasts: Span::from_ns(2_500_000_000),
                    domain: "S:0.1/2".into(),
                }],
            },
            ties: Ties::Shuffled,
        },
        routing: arigatoni::topology::Routing::Policy,
        latency_ms_per_unit: 0.5,
    }
}

fn expected_own() -> arigatoni::arigatoni::config::Own {
    use arigatoni::arigatoni::config::{Own, Retransmission, Search, Start};
    use arigatoni::parameters::number::{PeriodMs, Repeats};

    Own {
        return_ms: PeriodMs(30.0),
        retransmission: Retransmission {
            timeout_ms: PeriodMs(40.0),
            limit: Repeats(3),
        },
        start: Start::Messages,
        search: Search::Exhaustive,
    }
}

fn expected_system() -> arigatoni::arigatoni::Config {
    use arigatoni::arigatoni::Config;
    use arigatoni::discovery::config::{
        Brokers, Class, Disconnection, DisconnectionMode, Leave, Placement, Poisson, Popularity,
        Population, Requests, Services, Sessions, Units, World,
    };
    use arigatoni::parameters::law::Law;
    use arigatoni::parameters::number::{
        Amount, DurationMs, DurationS, LatencyMs, Mean, Million, Name, RouterNumber, Share,
    };

    let world = World {
        brokers: Brokers {
            placement: Placement::Tree(Million(3)),
            root: Some(RouterNumber(7)),
        },
        gcus_per_broker: Population::Poisson(Poisson { poisson: Mean(2.5) }),
        access_latency_ms: [LatencyMs(0.5), LatencyMs(2.0)],
        services: Services {
            count: Million(9),
            density: Some(Share(0.25)),
            offered_by: None,
            popularity: Popularity::Zipf(Amount(1.5)),
        },
        acceptance_probability: Share(0.5),
        slots: Some(Count(4)),
        disconnection: Disconnection {
            rate: Share(0.125),
            units: Units::Gbus,
            mode: DisconnectionMode::Crash,
            timeout_ms: DurationMs(1.5),
        },
        sessions: Some(Sessions {
            up: Some(Law::Constant(Amount(3.0))),
            trace: None,
            down: Some(serde_json::from_value(json!({"exponential": {"mean_s": 4}})).unwrap()),
            leave: Leave::Crash,
            units: Some(Units::Gcus),
        }),
        requests: Requests {
            count: Some(Count(11)),
            rate_per_s: Some(Positive(3.0)),
            interarrival: None,
            for_s: Some(DurationS(60.0)),
            instances: Count(5),
            deadline_ms: DurationMs(60.0),
            service_time_ms: DurationMs(70.0),
        },
        classes: vec![Class {
            name: Name("all".into()),
            share: Share(1.0),
            slots: Some(None),
            acceptance_probability: Some(Share(0.25)),
            access_latency_ms: Some([LatencyMs(3.0), LatencyMs(4.0)]),
            service_time_ms: Some(DurationMs(80.0)),
        }],
    };
    let own = expected_own();
    Config { world, own }
}

#[test]
fn every_member_reaches_the_validated_configuration() {
    let scenario = parse(&all_different()).unwrap();
    assert_eq!(scenario.name(), "all");
    assert_eq!(scenario.replications(), 3);
    let run = scenario.base();
    assert_eq!(run.seed, u64::MAX);
    assert_eq!(run.topology, expected_topology());
    assert_eq!(run.network, expected_network());
    assert_eq!(arigatoni_of(run), expected_system());
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
    assert_eq!(requests.instances, Count(4));
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
    for text in ["seed=1", "/seed", "", "="] {
        let message = text.parse::<Assignment>().unwrap_err().to_string();
        assert!(message.contains("write POINTER=VALUE"), "{message}");
    }
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
