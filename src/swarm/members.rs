//! The members of a scenario, and how each is drawn. A new member joins with a line here.
//!
//! Worlds are small, so that thousands are run in seconds: a dozen routers, some dozens of requests.
//! This module does *not* know what the members mean together.

use serde_json::{Value, json};

use super::crossing::{colony_links, firewall, trust, tunnels};
use super::draw::{Draw, short};
use super::load;
use super::network::{alternation, link_law, partitions, slowdowns};

/// A member of a scenario.
#[derive(Debug)]
pub(super) struct Member {
    /// Where it is. The segment `*` stands for the chosen system.
    pub(super) pointer: &'static str,
    pub(super) draw: fn(&mut Draw) -> Value,
    /// Whether its default is made for studies, and too large for a small world.
    pub(super) is_size: bool,
}

/// A member that a world can do without.
const fn member(pointer: &'static str, draw: fn(&mut Draw) -> Value) -> Member {
    Member {
        pointer,
        draw,
        is_size: false,
    }
}

/// A member that keeps a world small.
const fn size(pointer: &'static str, draw: fn(&mut Draw) -> Value) -> Member {
    Member {
        pointer,
        draw,
        is_size: true,
    }
}

/// The systems that are drawn, each as often as it stands here.
pub(super) const SYSTEMS: &[&str] = &[
    "arigatoni",
    "arigatoni",
    "arigatoni",
    "arigatoni",
    "arigatoni",
    "central",
    "flooding",
    "random-walk",
    "chord",
    "synapse",
];

/// Those of them in which no broker is a unit.
pub(super) const WITHOUT_BROKERS: [&str; 4] = ["flooding", "random-walk", "chord", "synapse"];

/// Those of them in which offers cannot change.
pub(super) const STATIC: [&str; 1] = ["synapse"];

/// The members that say how many routers a graph has.
pub(super) const GRAPH_SIZE: [&str; 4] = [
    "/topology/transit_stub/transit_domains",
    "/topology/transit_stub/transit_routers",
    "/topology/transit_stub/stubs_per_transit_router",
    "/topology/transit_stub/stub_routers",
];

/// What they may be together, by the number of routers: 10 to 18. GT-ITM makes no smaller graphs, as the
/// squares of stub domains would not fit into that of the graph.
pub(super) const GRAPH_SIZES: &[[u32; 4]] = &[
    [1, 1, 1, 9],
    [1, 1, 2, 5],
    [1, 2, 1, 5],
    [1, 2, 2, 3],
    [1, 2, 3, 2],
    [1, 3, 2, 2],
    [1, 4, 1, 3],
    [2, 1, 1, 7],
    [2, 2, 1, 3],
    [2, 3, 1, 2],
    [2, 1, 2, 4],
];

/// The other members of the graph, which is drawn first.
pub(super) const GRAPH: &[Member] = &[
    member("/topology/transit_stub/seed", |draw| {
        draw.whole(0, (1 << 31) - 1)
    }),
    member("/topology/transit_stub/per_replication", Draw::flag),
    member("/topology/transit_stub/variant", |draw| {
        draw.word(&["exact", "documented"])
    }),
    member("/topology/transit_stub/placement", |draw| {
        draw.word(&["glibc", "bsd"])
    }),
    // Some graphs have no place for such links: then another one is drawn.
    member("/topology/transit_stub/extra_transit_stub_links", |draw| {
        draw.mostly(0, |draw| draw.whole(1, 2))
    }),
    member("/topology/transit_stub/extra_stub_stub_links", |draw| {
        draw.mostly(0, |draw| draw.whole(1, 2))
    }),
    member("/topology/transit_stub/top", link_law),
    member("/topology/transit_stub/transit", link_law),
    member("/topology/transit_stub/stub", link_law),
];

/// All members that are not of the graph. Those of one system join only its worlds.
pub(super) const OTHERS: &[Member] = &[
    member("/seed", |draw| draw.whole(0, u64::from(u32::MAX))),
    member("/network/fidelity", |draw| draw.word(&["path", "hop"])),
    member("/network/routing", |draw| draw.word(&["latency", "policy"])),
    member("/network/latency_ms_per_unit", |draw| {
        draw.positive(0.01, 10.0).into()
    }),
    // Beyond that hardly anything arrives, and what is tried again comes to no rest.
    member("/network/loss", |draw| {
        draw.mostly(0, |draw| draw.positive(0.001, 0.3).into())
    }),
    member("/network/duplicate", |draw| draw.mostly(0, Draw::share)),
    member("/network/jitter_s", |draw| {
        draw.mostly(0, |draw| {
            let mean_s = draw.positive(1e-4, 1.0);
            draw.law(mean_s)
        })
    }),
    member("/network/link_failures", alternation),
    member("/network/router_failures", alternation),
    member("/network/partitions", partitions),
    member("/network/slowdowns", slowdowns),
    member("/network/ties", |draw| {
        draw.word(&["canonical", "shuffled"])
    }),
    member("/network/bandwidth_mbps", load::bandwidth),
    member("/network/queue_packets", load::queue),
    member("/system/*/brokers/service_s", load::service),
    member("/system/*/brokers/queue", load::queue),
    size("/system/*/requests/count", |draw| draw.whole(1, 60)),
    size("/system/*/services/count", |draw| draw.whole(1, 6)),
    size("/system/*/gcus_per_broker", |draw| {
        if draw.chance(0.5) {
            draw.whole(1, 4)
        } else {
            json!({"poisson": draw.positive(0.1, 3.0)})
        }
    }),
    member("/system/*/brokers/placement", |draw| {
        draw.mostly("every-router", |draw| {
            let fanout = draw.whole(1, 4);
            draw.one_of(&[json!("domains"), json!({"tree": fanout})])
                .to_owned()
        })
    }),
    member("/system/*/brokers/root", |draw| {
        let routers = u64::from(draw.graph.routers);
        draw.mostly(Value::Null, |draw| draw.whole(0, routers - 1))
    }),
    member("/system/*/access_latency_ms", |draw| {
        let least = draw.one_of(&[0.0, 0.001, 1.0, 20.0]).to_owned();
        json!([least, least + draw.one_of(&[0.0, 0.1, 5.0, 300.0])])
    }),
    member("/system/*/services/density", Draw::share),
    member("/system/*/services/offered_by", |draw| {
        // In some worlds there is one computer.
        draw.mostly(Value::Null, |_| 1.into())
    }),
    member("/system/*/services/popularity", |draw| {
        draw.mostly("uniform", |draw| json!({"zipf": draw.positive(0.1, 3.0)}))
    }),
    member("/system/*/requests/interarrival", |draw| {
        draw.mostly(Value::Null, |draw| {
            let mean_s = draw.positive(1e-4, 1.0);
            draw.law(mean_s)
        })
    }),
    member("/system/*/requests/for_s", |draw| {
        draw.mostly(Value::Null, |draw| draw.positive(0.01, 60.0).into())
    }),
    member("/system/*/classes", classes),
    member("/system/*/acceptance_probability", Draw::share),
    member("/system/*/slots", |draw| {
        draw.mostly(Value::Null, |draw| draw.whole(1, 3))
    }),
    member("/system/*/disconnection/rate", |draw| {
        draw.mostly(0, Draw::share)
    }),
    member("/system/*/disconnection/units", |draw| {
        draw.word(&["gcus", "gbus", "all"])
    }),
    member("/system/*/disconnection/mode", |draw| {
        draw.word(&["unregister", "crash", "sessions"])
    }),
    member("/system/*/disconnection/timeout_ms", |draw| {
        draw.mostly(2000, milliseconds)
    }),
    member("/system/*/overlay", Draw::rates_of_rules),
    member("/system/*/sessions", |draw| {
        draw.mostly(Value::Null, |draw| {
            let (up_s, down_s) = (draw.positive(1.0, 60.0), draw.positive(1.0, 60.0));
            json!({
                "up": draw.law(up_s),
                "down": draw.law(down_s),
                "leave": draw.word(&["unregister", "crash"]),
                "units": draw.word(&["gcus", "gbus", "all"]),
            })
        })
    }),
    member("/system/*/faults", |draw| draw.mostly(Value::Null, faults)),
    member("/system/*/requests/rate_per_s", |draw| {
        draw.positive(1.0, 1e4).into()
    }),
    member("/system/*/requests/instances", |draw| draw.whole(1, 5)),
    member("/system/*/requests/at_least", |draw| {
        draw.mostly(Value::Null, |draw| draw.whole(1, 5))
    }),
    member("/system/*/requests/distinct", Draw::flag),
    member("/system/*/requests/all", |draw| {
        draw.mostly(Value::Null, parts)
    }),
    member("/system/*/requests/same", Draw::flag),
    member("/system/*/services/change", |draw| {
        draw.mostly(Value::Null, |draw| {
            let mean_s = draw.positive(5.0, 60.0);
            draw.law(mean_s)
        })
    }),
    member("/system/*/services/instances", |draw| draw.whole(1, 4)),
    member("/system/*/services/constraints", |draw| {
        draw.mostly(Value::Null, constraints)
    }),
    member("/system/*/requests/deadline_ms", milliseconds),
    member("/system/*/requests/service_time_ms", milliseconds),
    member("/system/arigatoni/start", |draw| {
        draw.word(&["direct", "messages"])
    }),
    member("/system/arigatoni/return_ms", |draw| {
        draw.positive(100.0, 60_000.0).into()
    }),
    member("/system/arigatoni/detection", |draw| {
        draw.mostly(Value::Null, heartbeats)
    }),
    member("/system/arigatoni/migration", |draw| {
        draw.mostly(Value::Null, |draw| {
            let to = draw.word(&["grandparent", "random", "nearest", "none"]);
            let delay_ms = draw.mostly(0, |draw| draw.positive(1.0, 20_000.0).into());
            json!({"to": to, "probability": draw.share(), "delay_ms": delay_ms})
        })
    }),
    member("/system/arigatoni/election", Draw::flag),
    member("/system/arigatoni/colony_links", |draw| {
        draw.mostly(Value::Null, colony_links)
    }),
    member("/system/arigatoni/tunnels", |draw| {
        draw.mostly(Value::Null, tunnels)
    }),
    member("/system/arigatoni/firewall", firewall),
    member("/system/arigatoni/trust", |draw| {
        draw.mostly(Value::Null, trust)
    }),
    member("/system/arigatoni/free_riders", load::free_riders),
    member("/system/arigatoni/retransmission/timeout_ms", |draw| {
        // No round trip takes longer than all attempts: a living peer would count as silent for ever.
        draw.mostly(500, |draw| draw.positive(4_000.0, 8_000.0).into())
    }),
    member("/system/arigatoni/retransmission/limit", |draw| {
        draw.mostly(4, |draw| draw.whole(3, 5))
    }),
    member("/system/arigatoni/search", |draw| {
        draw.word(&["selective", "exhaustive", "root-first"])
    }),
    member("/system/flooding/degree", |draw| draw.whole(1, 8)),
    member("/system/flooding/ttl", |draw| {
        draw.mostly(Value::Null, |draw| draw.whole(1, 8))
    }),
    member("/system/random-walk/degree", |draw| draw.whole(1, 8)),
    member("/system/random-walk/walkers", |draw| draw.whole(1, 4)),
    member("/system/random-walk/ttl", |draw| draw.whole(1, 10)),
    member("/system/random-walk/check_every", |draw| draw.whole(1, 6)),
    member("/system/chord/successors", |draw| draw.whole(1, 6)),
    member("/system/chord/replicas", |draw| draw.whole(1, 6)),
    member("/system/chord/lookup", |draw| {
        draw.word(&["recursive", "iterative"])
    }),
    member("/system/chord/maintenance", |draw| {
        draw.mostly(Value::Null, |draw| {
            json!({
                "stabilise_s": draw.positive(1.0, 60.0),
                "fix_finger_s": draw.positive(1.0, 60.0),
                "check_predecessor_s": draw.positive(1.0, 60.0),
            })
        })
    }),
    member("/system/synapse/rings", |draw| draw.whole(2, 6)),
    member("/system/synapse/synapses", Draw::share),
    member("/system/synapse/synapse_degree", |draw| {
        draw.positive(2.0, 4.0).into()
    }),
    member("/system/synapse/ttl", |draw| {
        draw.mostly(Value::Null, |draw| draw.whole(1, 8))
    }),
];

/// Heartbeats, from frequent to rare.
pub(super) fn heartbeats(draw: &mut Draw) -> Value {
    let heartbeat_ms = draw.positive(300.0, 10_000.0);
    // No round trip takes longer.
    let timeout_ms = heartbeat_ms.max(*draw.one_of(&[4_000.0, 5_000.0]));
    let misses = draw.whole(1, 4);
    json!({"heartbeat_ms": heartbeat_ms, "timeout_ms": timeout_ms, "misses": misses})
}

/// Units that fail by laws, and some brokers at stated times: there is one for each domain at least.
pub(super) fn faults(draw: &mut Draw) -> Value {
    let mut law = || {
        draw.mostly(Value::Null, |draw| {
            let (up_s, down_s) = (draw.positive(1.0, 60.0), draw.positive(1.0, 60.0));
            json!({"up": draw.law(up_s), "down": draw.law(down_s)})
        })
    };
    let (gcus, gbus) = (law(), law());
    let count = *draw.one_of(&[0, 0, 1, 2, 3]);
    let brokers = draw.graph.domains.len() as u64;
    let fault = |_| {
        let (unit, crash_s) = (draw.whole(0, brokers - 1), draw.share());
        let crash_s = 10.0 * crash_s.as_f64().unwrap_or_default();
        let lasts_s = draw.positive(0.2, 30.0);
        let restart_s = draw.mostly(Value::Null, |_| short(crash_s + lasts_s).into());
        json!({"unit": format!("gbu/{unit}"), "crash_s": crash_s, "restart_s": restart_s})
    };
    // Nobody crashes while it is down.
    let mut failing = std::collections::BTreeSet::new();
    let at = (0..count).map(fault).collect::<Vec<Value>>().into_iter();
    let at: Value = at
        .filter(|fault| failing.insert(fault["unit"].to_string()))
        .collect();
    let root = count > 0 || draw.chance(0.5);
    json!({"gcus": gcus, "gbus": gbus, "at": at, "root": root})
}

/// Some kinds of computers; what one leaves out is as for all.
fn classes(draw: &mut Draw) -> Value {
    draw.mostly(json!([]), |draw| {
        let share = draw.positive(0.05, 0.95);
        let (slots, agrees) = (draw.whole(1, 3), draw.share());
        let (near, time) = (json!([0, 1]), milliseconds(draw));
        let (up_s, down_s) = (draw.positive(1.0, 60.0), draw.positive(1.0, 60.0));
        let leave = draw.mostly(Value::Null, |draw| draw.word(&["unregister", "crash"]));
        let own = json!({"up": draw.law(up_s), "down": draw.law(down_s), "leave": leave});
        let sessions = draw.mostly(own, |_| Value::Null);
        json!([
            {"name": "one", "share": share, "slots": slots, "acceptance_probability": agrees,
             "access_latency_ms": null, "service_time_ms": null, "sessions": sessions},
            {"name": "other", "share": 1.0 - share, "slots": null, "acceptance_probability": null,
             "access_latency_ms": near, "service_time_ms": time},
        ])
    })
}

/// What a request asks for at once.
fn parts(draw: &mut Draw) -> Value {
    let count = *draw.one_of(&[1, 2, 2, 3, 4]);
    let part = |_| {
        let (service, instances) = (draw.whole(0, 5), draw.whole(1, 3));
        let at_least = draw.mostly(Value::Null, |draw| draw.whole(1, 3));
        json!({"service": service, "instances": instances, "at_least": at_least})
    };
    (0..count).map(part).collect()
}

/// Constraints on the attributes that are drawn.
pub(super) const CONSTRAINTS: &[&str] = &[
    "[Type=CPU]",
    "[Type!=CPU] & [Time<=10]",
    "[Time<20s]",
    "[Time>=5s] & [Time<15s]",
    "[Time=10s]",
    "[Time>10s] & [Type!=DISK]",
    "[Type=MEM] & [Time>1s]",
    "[Type!=MEM] & [Time>20s]",
];

/// Some offers and requests by constraint, listed or drawn.
fn constraints(draw: &mut Draw) -> Value {
    let random = |draw: &mut Draw| {
        let clauses = draw.mostly(Value::Null, |draw| draw.whole(1, 2));
        json!({"count": draw.whole(1, 20), "selectivity": draw.share(), "clauses": clauses,
               "ranges": {"Time": ["0s", "30s"]}})
    };
    let shared = *draw.one_of(CONSTRAINTS);
    let offers = if draw.chance(0.5) {
        let one = |index| {
            // One is offered and asked for: rings find equal ones only, and refuse to look for others.
            let text = if index == 0 {
                shared
            } else {
                *draw.one_of(CONSTRAINTS)
            };
            json!({"constraint": text, "density": draw.share()})
        };
        (0..4).map(one).collect()
    } else {
        json!({"random": random(draw), "density": draw.share()})
    };
    let requests = if draw.chance(0.5) {
        let one = |index| {
            let text = if index == 0 {
                shared
            } else {
                *draw.one_of(CONSTRAINTS)
            };
            json!({"constraint": text, "weight": draw.positive(0.1, 10.0)})
        };
        (0..3).map(one).collect()
    } else {
        json!({"random": random(draw)})
    };
    let merged = draw.whole(1, 6);
    let summary = [json!("exact"), json!("covering"), json!({"merge": merged})];
    json!({
        "attributes": {"Type": ["CPU", "MEM", "DISK"], "Time": "s"},
        "offers": offers,
        "requests": requests,
        "summary": draw.one_of(&summary),
    })
}

/// From nothing at all to some seconds: a run lasts as long as what is asked for last.
fn milliseconds(draw: &mut Draw) -> Value {
    let ms = draw.positive(1.0, 5_000.0);
    if draw.chance(0.05) {
        0.into()
    } else {
        ms.into()
    }
}
