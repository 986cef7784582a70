//! Timeouts that a round trip outlasts are refused before anything runs.

use arigatoni::opus::overlay::Dissemination;
use arigatoni::parameters::number::PeriodMs;
use arigatoni::system::{Model, Underlay};
use arigatoni::topology::{Link, RouterId};
use arigatoni::topology::{Routes, Routing};

use super::overlay::config;
use crate::review::reads;
use crate::support::t100;

#[test]
fn a_timeout_below_a_round_trip_is_refused() {
    let mut config = config(10);
    config.overlay.timeout_ms = PeriodMs(20.0);
    let error = Dissemination::check(t100(), &config)
        .unwrap_err()
        .to_string();
    assert!(error.contains("timeout_ms"), "{error}");
}

/// With policy weights a round trip can take longer than twice that to the farthest router.
#[test]
fn a_timeout_that_the_longest_policy_route_outlasts_is_refused() {
    let mut graph = t100().graph.clone();
    let hub = RouterId(graph.routers.len() as u32 - 1);
    let spoke = |router| Link {
        ends: [hub, RouterId(router)],
        length: 10.0,
        weight: 2,
    };
    let detour = Link {
        ends: [hub.0 - 1, hub.0 - 2].map(RouterId),
        length: 30_000.0,
        weight: 1,
    };
    graph.links = (0..hub.0).map(spoke).chain([detour]).collect();
    let check = |routing| {
        let graph = graph.clone();
        let routes = Routes::new(&graph, 1.0, routing).unwrap();
        Dissemination::check(&Underlay { graph, routes }, &config(20))
    };
    assert!(check(Routing::Latency).is_ok());
    let refusal = check(Routing::Policy).unwrap_err().to_string();
    reads(
        "systems-refused",
        "A timeout that the longest policy route outlasts",
        &[("a detour of 30000 ms", &refusal)],
    );
}
