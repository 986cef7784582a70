//! Availabilities that no replicas can have, and laws of failure that make no sense.

use serde_json::{Value, json};

use super::allocation_input::{check_refused, scenario};

/// An agreement, members of the service besides, and where the trouble is.
type Case = (Value, Value, &'static str);

/// Nodes that are up nine tenths of the time.
fn sessions() -> Value {
    json!({"up": 900, "down": 100})
}

fn failures() -> Value {
    json!({"mean_up_s": 900, "mean_down_s": 100})
}

/// Targets that no replicas can have.
fn targets() -> [Case; 11] {
    let target = "/system/opus/applications/1/sla/availability";
    let quorum = "/system/opus/applications/1/sla/quorum";
    let ones = |availability: f64| json!({"availability": availability, "quorum": 1});
    let domains = json!({"up": 100, "down": 900});
    let gone = json!({"rate": 0.1});
    [
        (ones(1.0), json!({"sessions": sessions()}), target),
        (ones(0.9), json!({}), quorum),
        (
            json!({"quorum": 10}),
            json!({"sessions": sessions()}),
            quorum,
        ),
        (
            json!({"quorum": 17}),
            json!({"sessions": sessions()}),
            quorum,
        ),
        (
            json!({"availability": 0.999, "quorum": 8}),
            json!({"failures": failures()}),
            target,
        ),
        (ones(0.999), json!({"domain_failures": domains}), target),
        (
            ones(0.9),
            json!({"sessions": sessions(), "disconnection": gone}),
            "/system/opus/disconnection/rate",
        ),
        (ones(0.0), json!({"sessions": sessions()}), target),
        (
            ones(0.9),
            json!({"sessions": {"up": 0, "down": 100}}),
            "/system/opus/sessions/up",
        ),
        // All in one domain, which is up nine tenths of the time, are better than spread evenly.
        (
            json!({"availability": 0.95, "quorum": 8}),
            json!({"domain_failures": {"up": 900_000, "down": 100_000}}),
            target,
        ),
        // More than half of the ten nodes.
        (
            json!({"availability": 0.99, "quorum": 4}),
            json!({"sessions": sessions(), "allocation": {"isolation": true}}),
            target,
        ),
    ]
}

/// Laws by which nothing can fail.
fn laws() -> [Case; 4] {
    let endless = json!({"pareto": {"shape": 0.9, "scale_s": 1}});
    let case = |members: Value, place: &'static str| (json!({}), members, place);
    [
        case(
            json!({"sessions": sessions(), "failures": failures()}),
            "/system/opus/sessions",
        ),
        case(
            json!({"sessions": {"up": 0, "down": 0}}),
            "/system/opus/sessions",
        ),
        case(
            json!({"sessions": {"up": endless, "down": 5}}),
            "/system/opus/sessions/up",
        ),
        case(
            json!({"sessions": {"up": 1e-8, "down": 1e-8}}),
            "/system/opus/sessions",
        ),
    ]
}

#[test]
fn availabilities_that_no_replicas_can_have_are_refused() {
    let cases = targets().into_iter().chain(laws());
    let cases = cases.map(|(sla, members, place)| {
        let mut scenario = scenario(&json!([{}, { "sla": sla }]));
        let mut shown = json!({ "sla": sla });
        for (member, value) in members.as_object().unwrap() {
            scenario["system"]["opus"][member] = value.clone();
            shown[member] = value.clone();
        }
        (shown, place, scenario)
    });
    check_refused(
        "Availabilities that no replicas can have, and laws of failure that make no sense",
        "allocation-availability",
        cases,
    );
}
