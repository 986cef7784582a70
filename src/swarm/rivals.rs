//! What the members of Arigatoni's rivals need.
//!
//! This module does *not* know how any is drawn.

use serde_json::{Value, json};

use super::draw::GraphFacts;
use super::members::{STATIC, WITHOUT_BROKERS};
use super::world::{is_given, set};

/// Adapts the members of rivals, and those that only Arigatoni has, so that they fit each other.
pub(super) fn reconcile(world: &mut Value, system: &str) {
    let of = |member: &str| format!("/system/{system}/{member}");
    let is_given = |world: &Value, member: &str| is_given(world, &of(member));
    let ring_count = world.pointer(&of("rings")).and_then(Value::as_f64);
    let degree = world.pointer(&of("synapse_degree")).and_then(Value::as_f64);
    if let (Some(rings), Some(degree)) = (ring_count, degree) {
        set(world, &of("synapse_degree"), Some(degree.min(rings).into()));
    }
    // A ring that is maintained has no more replicas than successors.
    if is_given(world, "maintenance") {
        let number = |member: &str| world.pointer(&of(member)).and_then(Value::as_u64);
        let [successors, replicas] = ["successors", "replicas"].map(|it| number(it).unwrap_or(4));
        let fewer = replicas.min(successors);
        set(world, &of("replicas"), Some(fewer.into()));
    }
    if STATIC.contains(&system) {
        set(world, &of("services/change"), Some(Value::Null));
    }
    if system != "arigatoni" && is_given(world, "faults") {
        for (member, none) in [("faults/gbus", Value::Null), ("faults/at", json!([]))] {
            set(world, &of(member), Some(none));
        }
    }
    if WITHOUT_BROKERS.contains(&system) {
        set(world, &of("disconnection/units"), Some(json!("gcus")));
        if is_given(world, "sessions/units") {
            set(world, &of("sessions/units"), Some(json!("gcus")));
        }
    }
}

/// Nobody has more neighbours or replicas than there are computers, and no edge has one end.
pub(super) fn fit_to_computers(world: &mut Value, system: &str, graph: &GraphFacts) {
    let of = |member: &str| format!("/system/{system}/{member}");
    let each = world.pointer(&of("gcus_per_broker"));
    let Some(each) = each.and_then(Value::as_u64) else {
        return;
    };
    let computers = each * graph.brokers(world, system);
    let number = |world: &Value, member: &str| world.pointer(&of(member)).and_then(Value::as_u64);
    if let Some(degree) = number(world, "degree") {
        let degree = match degree.min(computers.saturating_sub(1)) {
            1 if computers % 2 == 1 => 2,
            degree => degree - degree * computers % 2,
        };
        set(world, &of("degree"), Some(degree.into()));
    }
    if let Some(replicas) = number(world, "replicas") {
        set(world, &of("replicas"), Some(replicas.min(computers).into()));
    }
    if let Some(rings) = number(world, "rings") {
        set(world, &of("rings"), Some(rings.min(computers).into()));
    }
}
