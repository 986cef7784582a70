//! Brokers that take time, links of limited bandwidth: how they are drawn, and what they need.
//!
//! This module does *not* know the other members.

use serde_json::{Value, json};

use super::draw::Draw;
use super::members::WITHOUT_BROKERS;
use super::world::set;

/// From links that carry a packet in a few milliseconds to some that hardly delay it.
pub(super) fn bandwidth(draw: &mut Draw) -> Value {
    draw.mostly(Value::Null, |draw| draw.positive(0.05, 100.0).into())
}

/// No room at all, or room for a few.
pub(super) fn queue(draw: &mut Draw) -> Value {
    draw.mostly(Value::Null, |draw| draw.whole(0, 20))
}

/// From hardly any time to as much as makes brokers the narrow place.
pub(super) fn service(draw: &mut Draw) -> Value {
    draw.mostly(0, |draw| {
        let mean_s = draw.positive(1e-6, 0.02);
        draw.law(mean_s)
    })
}

/// Some that never agree, and leaders that log out or do not.
pub(super) fn free_riders(draw: &mut Draw) -> Value {
    draw.mostly(Value::Null, |draw| {
        let limit = draw.mostly(Value::Null, |draw| draw.whole(0, 3));
        let grace_s = *draw.one_of(&[0.0, 0.1, 1.0]);
        let after = draw.word(&["barred", "elsewhere"]);
        json!({"share": draw.share(), "limit": limit, "grace_s": grace_s, "after": after})
    })
}

/// Packets wait for links where these are followed, and where their sizes are known; brokers take time where there
/// are any.
pub(super) fn reconcile(world: &mut Value, system: &str) {
    if system == "arigatoni" {
        let given =
            |world: &Value, member| world["network"].get(member).is_some_and(|it| !it.is_null());
        if given(world, "bandwidth_mbps") || given(world, "queue_packets") {
            set(world, "/network/fidelity", Some(json!("hop")));
        }
    } else {
        for member in ["bandwidth_mbps", "queue_packets"] {
            set(world, &format!("/network/{member}"), None);
        }
    }
    if WITHOUT_BROKERS.contains(&system) {
        for member in ["service_s", "queue"] {
            set(world, &format!("/system/{system}/brokers/{member}"), None);
        }
    }
}
