//! What axes and their values are called.

use serde_json::json;

use super::*;
use crate::figures::plot::tests::figure_of;
use crate::measure::Content;

fn labels(pointer: &str, values: &[Value]) -> Vec<String> {
    let spec = FigureSpec {
        axis_names: vec![
            AxisName::of("services/density", "ρ", "density ρ"),
            AxisName::of("requests/all", "parts", "parts").with_items("part", "parts"),
        ]
        .into(),
        ..figure_of(Content::Series { series: Vec::new() })
    };
    let cells: Vec<Cell> = values.iter().map(axis_cell).collect();
    value_labels(&spec, pointer, &cells)
}

#[test]
fn values_are_named_after_their_axis() {
    let density = "/system/tiny/services/density";
    assert_eq!(
        labels(density, &[json!(0.05), json!(1)]),
        ["ρ = 0.05", "ρ = 1"]
    );
    assert_eq!(
        labels("/gcus_per_broker", &[json!(2), json!({"poisson": 2})]),
        ["gcus per broker = 2", "gcus per broker = poisson 2"]
    );
    assert_eq!(
        labels("/mode", &[json!("a"), json!("2"), json!(null)]),
        ["mode = a", "mode = 2", "mode = none"]
    );
}

#[test]
fn lists_are_named_after_their_lengths_if_these_tell_them_apart() {
    let list = |services: &[u32]| -> Value {
        services
            .iter()
            .map(|service| json!({"service": service}))
            .collect()
    };
    let all = "/system/a/requests/all";
    assert_eq!(
        labels(all, &[list(&[1]), list(&[1, 2]), list(&[])]),
        ["1 part", "2 parts", "0 parts"]
    );
    assert_eq!(
        labels(all, &[list(&[1]), list(&[2])]),
        ["parts = service 1", "parts = service 2"]
    );
    assert_eq!(
        labels("/other", &[list(&[1]), list(&[1, 2])]),
        ["other = service 1", "other = service 1, service 2"]
    );
}

#[test]
fn the_unit_of_a_parameter_is_set_off_from_its_name() {
    for (member, expected) in [
        ("latency_ms_per_unit", "latency in ms per unit"),
        ("deadline_ms", "deadline in ms"),
        ("rate_per_s", "rate in 1/s"),
        ("gcus_per_broker", "gcus per broker"),
        ("s", "s"),
        ("per_s", "per in s"),
    ] {
        let spec = figure_of(Content::Series { series: Vec::new() });
        let label = long_axis_label(&spec, &format!("/network/{member}"));
        assert_eq!(label, expected);
    }
}

#[test]
fn laws_are_called_as_in_the_field() {
    let exponential = json!({"exponential": {"mean_s": 0.05}});
    assert_eq!(
        labels("/network/jitter_s", &[json!(0), exponential.clone()]),
        ["jitter = 0 s", "jitter = exponential, mean 50 ms"]
    );
    let weibull = json!({"weibull": {"shape": 0.5, "mean_s": 600}});
    assert_eq!(
        labels(
            "/system/*/sessions/up",
            &[exponential.clone(), weibull.clone()]
        ),
        [
            "up = exponential, mean 50 ms",
            "up = Weibull, shape 0.5, mean 10 min"
        ]
    );
    // A number among laws is one; so is what is within an object, which may be none.
    assert_eq!(
        labels(
            "/sessions",
            &[
                json!(null),
                json!({"up": 600}),
                json!({"up": weibull, "leave": "crash"})
            ]
        ),
        [
            "sessions = none",
            "up = constant 10 min, leave = none",
            "up = Weibull, shape 0.5, mean 10 min; leave = crash"
        ]
    );
    let measured =
        |system: &str, time: &str| json!({"measured": system, "time": time, "family": "gamma"});
    let both =
        |system: &str| json!({"up": measured(system, "up"), "down": measured(system, "down")});
    assert_eq!(
        labels("/sessions", &[both("lanl05"), both("skype06")]),
        ["up = lanl05, gamma", "up = skype06, gamma"]
    );
    // One object against null is all that it says.
    let one = [json!(null), json!({"up": 600, "down": 60})];
    assert_eq!(
        labels("/sessions", &one),
        ["sessions = none", "up = 600, down = 60"]
    );
    // A list is none.
    assert_eq!(
        labels("/latency_ms", &[json!([1, 5]), json!({"file": "a.csv"})]),
        ["latency in ms = 1, 5", "latency in ms = file a.csv"]
    );
}

#[test]
fn whole_objects_are_named_after_their_differences() {
    let system = |density: f64, search: &str| json!({"tiny": {"services": {"count": 8, "density": density}, "search": search}});
    let axis = "/system";
    assert_eq!(
        labels(axis, &[system(0.1, "one"), json!({"flood": {"hops": 3}})]),
        ["tiny", "flood"]
    );
    assert_eq!(
        labels(axis, &[system(0.1, "one"), system(0.2, "one")]),
        ["ρ = 0.1", "ρ = 0.2"]
    );
    assert_eq!(
        labels(axis, &[system(0.1, "one"), system(0.2, "all")]),
        ["ρ = 0.1, search = one", "ρ = 0.2, search = all"]
    );
    assert_eq!(
        labels(axis, &[json!({"a": {"b": 1}}), json!({"a": {}})]),
        ["b = 1", "b = none"]
    );
    let big = |n: u32| json!({"k": {"a": n, "b": n, "c": n, "d": n, "long": "x".repeat(60)}});
    let labels = labels(axis, &[big(1), big(1), big(2)]);
    assert!(labels.iter().all(|label| label.chars().count() < 70));
    assert!(
        labels[0] != labels[1] && labels[1] != labels[2],
        "{labels:?}"
    );
}
