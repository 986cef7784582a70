//! How the members are drawn that say what crosses administrative domains.
//!
//! This module does *not* know the other members.

use serde_json::{Value, json};

use super::draw::Draw;

/// So many pairs as there are in any case: a broker stands in each domain at least, and the tree joins some of them.
pub(super) fn colony_links(draw: &mut Draw) -> Value {
    let domains = draw.graph.domains.len() as u64;
    let free = domains.saturating_sub(1) * domains.saturating_sub(2) / 2;
    if free == 0 {
        return Value::Null;
    }
    let count = draw.whole(0, free.min(12));
    if draw.chance(0.5) {
        return json!({"count": count, "up": null, "down": null});
    }
    let (up_s, down_s) = (draw.positive(1.0, 60.0), draw.positive(1.0, 60.0));
    json!({"count": count, "up": draw.law(up_s), "down": draw.law(down_s)})
}

/// Tunnels of few computers, so that there are friends without one in each domain, or of any number that have clones.
pub(super) fn tunnels(draw: &mut Draw) -> Value {
    if draw.graph.domains.len() < 2 {
        return Value::Null;
    }
    let is_clone = draw.chance(0.5);
    let share = if is_clone { draw.share() } else { FEW.into() };
    let kind = if is_clone { "clone" } else { "friend" };
    let colonies = draw.mostly(0, Draw::share);
    json!({"share": share, "kind": kind, "home": draw.flag(), "colonies": colonies})
}

/// Where there are domains, as there are in each graph.
pub(super) fn firewall(draw: &mut Draw) -> Value {
    let has_several = draw.graph.domains.len() > 1;
    (has_several && draw.chance(0.5)).into()
}

/// Credentials of all kinds.
pub(super) fn trust(draw: &mut Draw) -> Value {
    if draw.graph.domains.len() < 2 {
        return Value::Null;
    }
    let share = |draw: &mut Draw| draw.mostly(0, Draw::share);
    json!({
        "forged": share(draw),
        "expired": share(draw),
        "revoked": share(draw),
        "check_ms": draw.one_of(&[0.0, 0.1, 20.0]),
        "revocation_s": draw.one_of(&[0.0, 0.05, 10.0]),
    })
}

/// In a small world that is one computer at most: there are others in each domain, if each broker has one.
const FEW: f64 = 0.02;

/// What goes with tunnels: no colonies with two super-brokers where brokers get other ones, none with tunnels where the root
/// is asked first, and no friend where there may be no computer.
pub(super) fn reconcile(world: &mut Value, system: &str) {
    let Some(members) = world.pointer_mut(&format!("/system/{system}")) else {
        return;
    };
    if members["tunnels"].is_null() {
        return;
    }
    let moves = !members["migration"].is_null() || members["election"] == true;
    let besides = moves && members["tunnels"]["home"] != false;
    if besides || members["search"] == "root-first" {
        members["tunnels"]["colonies"] = 0.into();
    }
    // By default each broker has one.
    if !members["gcus_per_broker"].is_null() && !members["gcus_per_broker"].is_u64() {
        members["tunnels"]["kind"] = "clone".into();
    }
}
