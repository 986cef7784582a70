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
