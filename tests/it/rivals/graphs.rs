//! Rivals on a graph: whom they reach and what they send, against the graph that a run exports.

use std::collections::VecDeque;

use arigatoni::discovery::RequestId;
use arigatoni::discovery::config::DisconnectionMode;
use arigatoni::parameters::number::{BoundedCount, Count, Fraction, SmallCount};
use arigatoni::rivals::{Finder, Flooding, RandomWalk, System, flooding, walk};
use arigatoni::simulation::Run;
use arigatoni::simulation::network::Fidelity;

use super::{offers, parameters, run};
use crate::support::{export, metric, t100};

const COMPUTERS: usize = 200;

/// The neighbours of each computer.
fn graph<F: Finder>(run: &Run<System<F>>) -> Vec<Vec<usize>> {
    let mut graph = vec![Vec::new(); COMPUTERS];
    for line in export(t100(), run, "graph").lines().skip(1) {
        let (node, neighbour) = line.split_once(',').unwrap();
        graph[node.parse::<usize>().unwrap()].push(neighbour.parse().unwrap());
    }
    graph
}

/// How many others are within `reach` edges of `from`.
fn others_within(graph: &[Vec<usize>], from: usize, reach: u32) -> usize {
    let mut depth = vec![None; graph.len()];
    depth[from] = Some(0);
    let mut ahead = VecDeque::from([from]);
    while let Some(node) = ahead.pop_front() {
        let next = depth[node].unwrap() + 1;
        for &other in graph[node].iter().filter(|_| next <= reach) {
            if depth[other].is_none() {
                depth[other] = Some(next);
                ahead.push_back(other);
            }
        }
    }
    depth.iter().flatten().count() - 1
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_flood_crosses_every_edge_and_reaches_everybody() {
    let mut config = parameters::<Flooding>(0.0, 2, DisconnectionMode::Unregister);
    config.own.ttl = None;
    let run = run::<Flooding>(&config, Fidelity::Path);
    let graph = graph(&run);
    assert!(graph.iter().all(|list| list.len() == 8));
    // Both ways over every edge, but not back over the edge by which a query came first.
    let queries = COMPUTERS * 8 - (COMPUTERS - 1);
    // Each offer is followed by a start or a release.
    let others: usize = (0..400).map(|id| 2 * offers(&run, RequestId(id))).sum();
    let expected = (400 * queries + others) as f64 / 400.0;
    assert_eq!(metric(&run, "messages_per_request"), Some(expected));
    assert_eq!(metric(&run, "reached_per_request"), Some(199.0));
}

#[test]
fn a_flood_reaches_exactly_those_within_its_time_to_live() {
    for ttl in 1..6 {
        let mut config = parameters::<Flooding>(0.0, 1, DisconnectionMode::Unregister);
        config.own = flooding::Own {
            degree: BoundedCount(3),
            ttl: Some(SmallCount(ttl)),
        };
        let run = run::<Flooding>(&config, Fidelity::Path);
        let graph = graph(&run);
        let requests = run.system.world().requests.iter();
        let within = |id: u32| others_within(&graph, id as usize, ttl);
        let reached: usize = requests.map(|request| within(request.computer)).sum();
        let expected = Some(reached as f64 / 400.0);
        assert_eq!(metric(&run, "reached_per_request"), expected, "{ttl}");
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn neighbours_that_have_left_are_asked_no_more() {
    let config = parameters::<Flooding>(0.5, 1, DisconnectionMode::Unregister);
    let left = run::<Flooding>(&config, Fidelity::Path);
    let config = parameters::<Flooding>(0.5, 1, DisconnectionMode::Crash);
    let crashed = run::<Flooding>(&config, Fidelity::Path);
    // The same are reached, but queries to the crashed are sent in vain.
    let reached = |run| metric(run, "reached_per_request");
    assert_eq!(reached(&left), reached(&crashed));
    let messages = |run| metric(run, "messages_per_request").unwrap();
    assert!(messages(&crashed) > 1.5 * messages(&left));
}

/// On a complete graph each step of a walker goes to a given other computer with the chance
/// 1 ÷ (N − 1), wherever it comes from.
#[test]
fn walkers_visit_as_many_as_chance_has_it() {
    let (walkers, ttl) = (4, 32);
    let mut config = parameters::<RandomWalk>(0.0, 1, DisconnectionMode::Unregister);
    config.world.services.density = Some(Fraction(0.0));
    config.world.requests.count = Some(Count(400));
    config.own = walk::Own {
        degree: BoundedCount(COMPUTERS as u32 - 1),
        walkers: SmallCount(walkers),
        ttl: BoundedCount(ttl),
        check_every: BoundedCount(5),
    };
    let run = run::<RandomWalk>(&config, Fidelity::Path);
    assert_eq!(
        metric(&run, "deadline_hits"),
        Some(0.0),
        "walkers say that they are over"
    );
    let others = COMPUTERS as f64 - 1.0;
    let missed = libm::pow(1.0 - 1.0 / others, f64::from(walkers * ttl));
    let expected = others * (1.0 - missed);
    // The variance of an occupancy is less than this one of Poisson boxes.
    let deviation = (others * missed * (1.0 - missed) / 400.0).sqrt();
    let reached = metric(&run, "reached_per_request").unwrap();
    let difference = (reached - expected).abs();
    assert!(
        difference < 3.3 * deviation,
        "{reached} instead of {expected}"
    );
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn walkers_stop_once_enough_are_found() {
    let messages = |instances, density| {
        let mut config = parameters::<RandomWalk>(0.0, instances, DisconnectionMode::Unregister);
        config.world.services.density = Some(Fraction(density));
        metric(
            &run::<RandomWalk>(&config, Fidelity::Path),
            "messages_per_request",
        )
        .unwrap()
    };
    let (all, few, many) = (messages(1, 0.0), messages(1, 0.5), messages(30, 0.5));
    assert!(few < all / 2.0, "{few} of {all}");
    assert!(few < many, "{few} {many}");
}
