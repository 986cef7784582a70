//! How the members of the network and of the graph's links are drawn.
//!
//! This module does *not* know what is sent.

use std::rc::Rc;

use serde_json::{Value, json};

use super::draw::{Draw, short};

/// How the routers of a domain are linked: probably enough that a few routers are connected after some
/// tries.
pub(super) fn link_law(draw: &mut Draw) -> Value {
    let method = draw.word(&[
        "waxman-random-length",
        "waxman",
        "random",
        "exponential",
        "doar-leslie",
        "locality",
    ]);
    json!({
        "method": method,
        "alpha": draw.positive(0.6, 1.0),
        "beta": draw.positive(0.5, 4.0),
        "gamma": draw.positive(1.0, 4.0),
    })
}

/// Up for seconds, down for a small share of them. Where a way is hardly ever whole, who lost its leader
/// tries to return for days.
pub(super) fn alternation(draw: &mut Draw) -> Value {
    draw.mostly(Value::Null, |draw| {
        let up_s = draw.positive(5.0, 100.0);
        let down_s = short(up_s * draw.positive(0.005, 0.05));
        json!({
            "up": draw.law(up_s),
            "down": draw.law(down_s),
            "reroute_s": draw.one_of(&[0.0, 0.1, 1.0, 30.0]),
        })
    })
}

pub(super) fn partitions(draw: &mut Draw) -> Value {
    let count = *draw.one_of(&[0, 0, 1, 2]);
    let graph = Rc::clone(&draw.graph);
    let partition = |_| {
        let (at_s, for_s) = (*draw.one_of(&[0.0, 0.1, 1.0]), draw.positive(0.01, 100.0));
        json!({"at_s": at_s, "for_s": for_s, "domain": draw.one_of(&graph.domains)})
    };
    (0..count).map(partition).collect()
}

pub(super) fn slowdowns(draw: &mut Draw) -> Value {
    let count = *draw.one_of(&[0, 0, 0, 1, 2]);
    let graph = Rc::clone(&draw.graph);
    let slowdown = |_| {
        let (at_s, for_s) = (*draw.one_of(&[0.0, 0.1, 1.0]), draw.positive(0.01, 100.0));
        let domain = if draw.chance(0.5) {
            Value::Null
        } else {
            draw.one_of(&graph.domains).clone().into()
        };
        json!({"at_s": at_s, "for_s": for_s, "factor": draw.positive(1.0, 10.0), "domain": domain})
    };
    (0..count).map(slowdown).collect()
}
