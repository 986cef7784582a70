//! The central trees are what they are called.

use arigatoni::opus::overlay::reference::{Tree, last_tree, minimum_spanning, shortest_paths};
use arigatoni::random::RandomStreams;
use arigatoni::time::Span;
use arigatoni::topology::{RouterId, Routes, Routing};
use petgraph::algo::{dijkstra, min_spanning_tree};
use petgraph::data::FromElements;
use petgraph::graph::{NodeIndex, UnGraph};
use proptest::prelude::*;

use crate::support::{t100, underlay};

/// The complete graph over `n` nodes.
fn complete(n: u32, latency: impl Fn(u32, u32) -> Span) -> UnGraph<(), u64> {
    let mut graph = UnGraph::new_undirected();
    let nodes: Vec<NodeIndex> = (0..n).map(|_| graph.add_node(())).collect();
    for a in 0..n {
        for b in 0..a {
            let cost = latency(a, b).as_ns();
            graph.add_edge(nodes[a as usize], nodes[b as usize], cost);
        }
    }
    graph
}

fn assert_as_petgraph(n: u32, latency: impl Fn(u32, u32) -> Span) -> (Tree, Tree) {
    let graph = complete(n, &latency);
    let minimum = minimum_spanning(n, &latency);
    let theirs: UnGraph<(), u64> = UnGraph::from_elements(min_spanning_tree(&graph));
    let cost: u64 = theirs.edge_weights().sum();
    assert_eq!(minimum.cost.as_ns(), cost);
    let shortest = shortest_paths(n, &latency);
    let theirs = dijkstra(&graph, NodeIndex::new(0), None, |edge| *edge.weight());
    for (node, delay) in shortest.delays.iter().enumerate() {
        assert_eq!(delay.as_ns(), theirs[&NodeIndex::new(node)], "node {node}");
    }
    (minimum, shortest)
}

/// The tree spans all nodes, its numbers are those of its links, and both guarantees hold.
fn assert_light(
    (minimum, shortest): (&Tree, &Tree),
    alpha: f64,
    latency: impl Fn(u32, u32) -> Span,
) {
    let last_tree = last_tree(minimum, shortest, alpha, &latency);
    let mut cost = 0;
    for node in 1..last_tree.parents.len() {
        let parent = last_tree.parents[node];
        let link = latency(parent, node as u32);
        cost += link.as_ns();
        assert_eq!(
            last_tree.delays[node],
            last_tree.delays[parent as usize] + link
        );
        let goal = alpha * shortest.delays[node].as_ns() as f64;
        assert!(last_tree.delays[node].as_ns() as f64 <= goal * (1.0 + 1e-12));
    }
    assert_eq!(last_tree.cost.as_ns(), cost);
    let bound = (1.0 + 2.0 / (alpha - 1.0)) * minimum.cost.as_ns() as f64;
    assert!(cost as f64 <= bound * (1.0 + 1e-12), "{cost} above {bound}");
}

#[test]
fn on_transit_stub_graphs_they_equal_petgraph_s_and_keep_both_guarantees() {
    let ts1000 = underlay("ts1000-0");
    for (underlay, stride) in [(t100(), 1), (&ts1000, 7)] {
        let n = underlay.routes.router_count() / stride;
        let router = |node: u32| RouterId((node * stride + 50) % (n * stride));
        let latency = |a: u32, b: u32| underlay.routes.latency(router(a), router(b));
        let (minimum, shortest) = assert_as_petgraph(n, latency);
        for alpha in [1.01, 1.2, 1.5, 2.0, 3.0, 10.0] {
            assert_light((&minimum, &shortest), alpha, latency);
        }
    }
}

#[test]
fn policy_routes_are_no_metric_and_make_no_difference() {
    let ts600 = underlay("ts600-0");
    let routes = Routes::new(&ts600.graph, 1.0, Routing::Policy).unwrap();
    let latency = |a: u32, b: u32| routes.latency(RouterId(a * 7), RouterId(b * 7));
    let (minimum, shortest) = assert_as_petgraph(80, latency);
    assert_light((&minimum, &shortest), 1.3, latency);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Any symmetric latencies, triangle inequality or not, ties and zeros included.
    #[test]
    fn on_any_graph_they_do(seed: u64, n in 1_u32..40, top in 1_u64..1000, alpha in 1.001..5.0) {
        let streams = RandomStreams::new(seed, 0);
        let latency = |a: u32, b: u32| {
            let pair = u64::from(a.min(b)) << 32 | u64::from(a.max(b));
            Span::from_ns(streams.below(arigatoni::random::StreamId(240), pair, 0, top))
        };
        let (minimum, shortest) = assert_as_petgraph(n, latency);
        assert_light((&minimum, &shortest), alpha, latency);
    }
}
