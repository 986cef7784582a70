//! When all orders of search accept the same requests, and worlds in which that is asked.
//!
//! It does *not* know how a broker searches.

use serde_json::{Value, json};

use super::world::{is_given, set};

/// How a broker of Arigatoni searches.
pub(super) const SEARCH: &str = "/system/arigatoni/search";

/// By when a request ends.
const DEADLINE: &str = "/system/arigatoni/requests/deadline_ms";

/// Longer than any search in a small world takes, in ms.
const LONG_MS: u32 = 600_000;

/// What makes it matter when a query comes: slots that are taken, units that come, go or change, queries that are dropped.
const DECIDED_BY_TIME: [&str; 11] = [
    "/system/arigatoni/slots",
    "/system/arigatoni/sessions",
    "/system/arigatoni/faults",
    "/system/arigatoni/services/change",
    "/system/arigatoni/classes",
    "/system/arigatoni/colony_links/up",
    "/system/arigatoni/brokers/queue",
    "/system/arigatoni/free_riders",
    "/system/arigatoni/trust",
    "/system/arigatoni/overlay/rates_per_s",
    "/system/arigatoni/overlay/script",
];

/// The share of the brokers that rules let crash as the requests begin: their members find that out in time.
const FAIL_RATE: &str = "/system/arigatoni/overlay/fail_rate";

/// What lets packets fare in different ways.
const NOT_IDEAL: [&str; 8] = [
    "/network/loss",
    "/network/duplicate",
    "/network/jitter_s",
    "/network/link_failures",
    "/network/router_failures",
    "/network/partitions",
    "/network/slowdowns",
    "/network/queue_packets",
];

/// What does not go without one of them.
const DOWN: &str = "/system/arigatoni/colony_links/down";

/// Whether nothing in the scenario `document` makes it matter when a query comes; the network is ideal, and all requests end
/// before their deadlines.
pub(super) fn is_decided_by_willingness(document: &Value) -> bool {
    let given = |pointer| {
        let value = document.pointer(pointer);
        value.is_some_and(|value| {
            !value.is_null() && value.as_array().is_none_or(|all| !all.is_empty())
        })
    };
    let mode = document.pointer("/system/arigatoni/disconnection/mode");
    let fail = document.pointer(FAIL_RATE).and_then(Value::as_f64);
    mode != Some(&json!("crash"))
        && fail.is_none_or(|rate| rate == 0.0)
        && !DECIDED_BY_TIME.into_iter().any(given)
}

/// Lets a world have an order of search, and nothing that makes it matter when a query comes; the member at a pointer may be given or
/// not.
pub(super) fn ask(world: &mut Value, may_have: &dyn Fn(&str) -> bool) {
    for pointer in DECIDED_BY_TIME
        .iter()
        .chain(&NOT_IDEAL)
        .chain(&[DOWN, FAIL_RATE])
    {
        if is_given(world, pointer) {
            set(world, pointer, None);
        }
    }
    let mode = "/system/arigatoni/disconnection/mode";
    let by_crash = ["crash", "sessions"].map(Value::from);
    if world
        .pointer(mode)
        .is_some_and(|mode| by_crash.contains(mode))
    {
        set(world, mode, None);
    }
    if may_have(DEADLINE) {
        set(world, DEADLINE, Some(LONG_MS.into()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Swarm seed 296: units came, went and moved while requests ran, and other requests were accepted in the other order.
    #[test]
    fn time_decides_where_rules_are_applied_while_requests_run() {
        let decided = |overlay: Value| {
            let document = json!({"system": {"arigatoni": {"overlay": overlay}}});
            is_decided_by_willingness(&document)
        };
        assert!(decided(json!({"leave_rate": 0.5, "fail_rate": 0})));
        assert!(!decided(json!({"rates_per_s": {"move": 10}})));
        assert!(!decided(json!({"fail_rate": 0.1})));
    }

    #[test]
    fn a_world_of_this_theme_is_decided_by_willingness() {
        let rules = json!({"leave_rate": 0.5, "fail_rate": 0.1, "rates_per_s": {"move": 10}});
        let mut world = json!({"system": {"arigatoni": {"overlay": rules, "slots": 1}}});
        assert!(!is_decided_by_willingness(&world));
        ask(&mut world, &|_| true);
        assert!(is_decided_by_willingness(&world), "{world}");
        assert_eq!(world.pointer(DEADLINE), Some(&LONG_MS.into()));
    }
}
