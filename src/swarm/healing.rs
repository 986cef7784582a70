//! Worlds in which it is asked that the overlay heals: what they have, and what they do without.
//!
//! Drawn member by member, hardly any world has all of it. This module does *not* know what heals, nor when.

use serde_json::{Value, json};

use super::draw::Draw;
use super::members;
use super::network::partitions;
use super::world::{is_given, set};

/// The least time between heartbeats where units look after each other for long, in ms; less than any timeout.
const LEAST_MS: f64 = 2_000.0;

/// Without this member no world asks it.
pub(super) const DETECTION: &str = "/system/arigatoni/detection";

/// What makes a peer late by any time, so that it is taken for gone over and over, or what nobody can follow from outside.
const LEFT_OUT: [&str; 9] = [
    "/network/bandwidth_mbps",
    "/network/queue_packets",
    "/system/arigatoni/brokers/service_s",
    "/system/arigatoni/brokers/queue",
    "/system/arigatoni/tunnels",
    "/system/arigatoni/free_riders",
    "/system/arigatoni/overlay/friend_rate",
    "/system/arigatoni/overlay/clone_rate",
    "/system/arigatoni/overlay/rates_per_s",
];

/// Lets a world have what is needed, of which the member at a pointer may be given or not: heartbeats, units that fail, and time
/// enough that somebody finds that out.
pub(super) fn ask(world: &mut Value, draw: &mut Draw, may_have: &dyn Fn(&str) -> bool) {
    for pointer in LEFT_OUT {
        if is_given(world, pointer) {
            set(world, pointer, None);
        }
    }
    let jitter = world.pointer("/network/jitter_s");
    if jitter.is_some_and(|law| law.is_object() && law.get("uniform_s").is_none()) {
        let bounded = json!({"uniform_s": [0, draw.positive(1e-4, 1.0)]});
        set(world, "/network/jitter_s", Some(bounded));
    }
    // A value for each is drawn in any case, so that one more or less changes no other.
    let heartbeats = members::heartbeats(draw);
    let faults = members::faults(draw);
    let partitions = partitions(draw);
    let between_s = draw.positive(0.1, 3.0);
    let often = json!({"exponential": {"mean_s": between_s}});
    for (pointer, value) in [
        (DETECTION, heartbeats),
        ("/system/arigatoni/faults", faults),
        ("/network/partitions", partitions),
    ] {
        let is_empty = world.pointer(pointer) == Some(&json!([]));
        if (is_empty || !is_given(world, pointer)) && may_have(pointer) {
            set(world, pointer, Some(value));
        }
    }
    for (pointer, value) in [
        ("/system/arigatoni/requests/interarrival", often),
        ("/system/arigatoni/requests/for_s", Value::Null),
    ] {
        if may_have(pointer) {
            set(world, pointer, Some(value));
        }
    }
}

/// Heartbeats are not too many where packets are sent again for minutes, or where brokers form a chain: units look after each other for
/// longer than that, and for as long as a broker needs to try all above its leader.
pub(super) fn reconcile(world: &mut Value) {
    let every = "/system/arigatoni/detection/heartbeat_ms";
    let is_chain =
        world.pointer("/system/arigatoni/brokers/placement") == Some(&json!({"tree": 1}));
    let is_slow = is_chain || is_given(world, "/system/arigatoni/retransmission/timeout_ms");
    let often = world.pointer(every).and_then(Value::as_f64);
    if is_slow && often.is_some_and(|every_ms| every_ms < LEAST_MS) {
        set(world, every, Some(LEAST_MS.into()));
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::swarm::scenario;

    #[test]
    fn one_world_in_ten_has_all_that_is_needed() {
        let has_all = |world: &Value| {
            let left_out = LEFT_OUT.iter().all(|pointer| !is_given(world, pointer));
            let given = [DETECTION, "/system/arigatoni/faults"];
            left_out && given.iter().all(|pointer| is_given(world, pointer))
        };
        let worlds = (0..300).filter(|seed| has_all(&scenario(*seed, &[], None)));
        let worlds = worlds.count();
        assert!((15..60).contains(&worlds), "{worlds}");
    }

    #[test]
    fn what_worlds_do_without_is_not_given() {
        let mut draw = Draw::new((1, 0), "/healing", &Rc::default());
        let mut world = json!({});
        ask(&mut world, &mut draw, &|pointer| {
            pointer != "/network/partitions"
        });
        assert!(is_given(&world, DETECTION));
        assert!(!is_given(&world, "/network/partitions"));
    }
}
