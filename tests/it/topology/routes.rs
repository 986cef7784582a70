//! Routes: published distances, Dijkstra's as oracle, chains of next routers.

use arigatoni::time::Span;
use arigatoni::topology::gtitm::{Placement, PlacementRandom, Spec, Variant};
use arigatoni::topology::{Distances, Routes, Routing, read};
use arigatoni::topology::{Domain, Graph, Link, Origin, Router, RouterId};
use petgraph::algo::dijkstra;
use petgraph::graph::{NodeIndex, UnGraph};
use petgraph::visit::EdgeRef;
use proptest::prelude::*;

use super::{KNOWN, bytes, known, original, shipped_graph, table};
use crate::review::Page;

fn graph_of(routers: u32, links: &[(u32, u32, f64, u32)]) -> Graph {
    Graph {
        id: "test".into(),
        origin: Origin::Other,
        routers: (0..routers)
            .map(|number| Router {
                label: format!("r{number}"),
                position: None,
                domain: Domain::None,
            })
            .collect(),
        links: links
            .iter()
            .map(|&(a, b, length, weight)| Link {
                ends: [RouterId(a), RouterId(b)],
                length,
                weight,
            })
            .collect(),
        loops_unlisted: 0,
        latencies: None,
    }
}

/// The sum of the policy weights along the route, by following it.
fn weight_on_route(graph: &Graph, routes: &Routes, from: RouterId, to: RouterId) -> u64 {
    let (mut at, mut sum) = (from, 0);
    while at != to {
        let next = routes.next_hop(at, to);
        let parallels = graph
            .links
            .iter()
            .filter(|link| link.ends == [at, next] || link.ends == [next, at]);
        sum += u64::from(parallels.map(|link| link.weight).min().expect("a link"));
        at = next;
    }
    sum
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn published_distances_are_met() {
    for name in KNOWN {
        let graph = read(&known(name, "gb")).unwrap();
        let by_latency = Routes::new(&graph, 1.0, Routing::Latency).unwrap();
        let by_policy = Routes::new(&graph, 10.0, Routing::Policy).unwrap();
        let pairs = table(&bytes(&original(&format!("pairs/{name}.csv"))));
        assert_eq!(pairs.len(), 200);
        for pair in &pairs {
            let number = |key: &str| pair[key] as u64;
            let [s, t] = ["s", "t"].map(|key| RouterId(number(key) as u32));
            assert_eq!(
                by_latency.latency(s, t).as_ns(),
                number("len") * 1_000_000,
                "{name}: {pair:?}"
            );
            assert_eq!(
                by_policy.latency(s, t).as_ns(),
                number("policy_len") * 10_000_000,
                "{name}: {pair:?}"
            );
            assert_eq!(
                weight_on_route(&graph, &by_policy, s, t),
                number("policy"),
                "{name}: {pair:?}"
            );
            assert!(
                u64::from(by_latency.links(s, t)) >= number("hops"),
                "{name}: {pair:?}"
            );
        }
    }
}

#[test]
fn of_parallels_the_least_weight_then_latency_counts_and_loops_do_not() {
    let links = [
        (0, 1, 5.0, 2),
        (1, 0, 4.0, 2),
        (0, 1, 1.0, 3),
        (1, 1, 0.0, 0),
        (1, 2, 0.0, 1),
    ];
    for routing in [Routing::Latency, Routing::Policy] {
        let routes = Routes::new(&graph_of(3, &links), 0.5, routing).unwrap();
        let [a, b, c] = [0, 1, 2].map(RouterId);
        let two_ms = Span::from_ns(2_000_000);
        let simple: Vec<_> = routes.simple_links().collect();
        assert_eq!(simple, [(a, b, two_ms), (b, c, Span::ZERO)]);
        assert_eq!(routes.link_latency(b, a), Some(two_ms));
        assert_eq!(routes.link_latency(a, c), None);
        assert_eq!(routes.link_latency(b, b), None);
        assert_eq!(routes.links(a, c), 2);
        assert_eq!(routes.next_hop(c, c), c);
        assert_eq!(routes.eccentricity(c), two_ms);
    }
}

#[test]
fn ties_go_to_fewer_links_then_to_the_lower_next_router() {
    // Three routes from 0 to 5, all of length 4: over 1 and 4 (three links), over 3, over 2.
    let links = [
        (0, 1, 1.0, 0),
        (1, 4, 1.0, 0),
        (4, 5, 2.0, 0),
        (0, 3, 1.0, 0),
        (3, 5, 3.0, 0),
        (0, 2, 2.0, 0),
        (2, 5, 2.0, 0),
    ];
    let routes = Routes::new(&graph_of(6, &links), 1.0, Routing::Latency).unwrap();
    assert_eq!(routes.links(RouterId(0), RouterId(5)), 2);
    assert_eq!(routes.next_hop(RouterId(0), RouterId(5)), RouterId(2));
}

#[test]
fn graphs_without_routes_are_refused() {
    let mut page = Page::new("Graphs without routes");
    for (routers, links, factor) in [
        (5, &[(0, 1, 1.0, 0), (3, 4, 1.0, 0)][..], 1.0),
        (0, &[], 1.0),
        (2, &[(0, 1, 1.0, 0)], -1.0),
        (2, &[(0, 1, 1.0, 0)], f64::NAN),
        (2, &[(0, 1, 1e30, 0)], 1.0),
        (3, &[(0, 1, 1.0, u32::MAX), (1, 2, 1.0, 1)], 1.0),
    ] {
        let error = Routes::new(&graph_of(routers, links), factor, Routing::Latency).unwrap_err();
        page.entry(&format!("{routers} routers, {links:?} × {factor}"), error);
    }
    let line: Vec<_> = (0..20).map(|k| (k, k + 1, 1e12, 0)).collect();
    let error = Routes::new(&graph_of(21, &line), 1.0, Routing::Policy).unwrap_err();
    page.entry("a line of 20 links of 1e12 ms", error);
    page.check_section("topology-texts");
}

fn connected_multigraph() -> impl Strategy<Value = Graph> {
    (2..14_u32).prop_flat_map(|routers| {
        let link = (0..routers, 0..routers, 0..4_u32, 0..3_u32);
        let tree =
            proptest::collection::vec((any::<u32>(), 0..4_u32, 0..3_u32), routers as usize - 1);
        (tree, proptest::collection::vec(link, 0..30)).prop_map(move |(tree, more)| {
            let mut links: Vec<_> = (1..)
                .zip(tree)
                .map(|(b, (a, length, weight))| (a % b, b, f64::from(length), weight))
                .collect();
            links.extend(
                more.iter()
                    .map(|&(a, b, length, weight)| (a, b, f64::from(length), weight)),
            );
            graph_of(routers, &links)
        })
    })
}

/// Least costs by petgraph's Dijkstra, with (weight, ns, links) packed as the routing orders them.
fn oracle(graph: &Graph, routing: Routing) -> UnGraph<(), u128> {
    let mut oracle = UnGraph::<(), u128>::default();
    for _ in &graph.routers {
        oracle.add_node(());
    }
    for link in &graph.links {
        let [a, b] = link.ends.map(|end| NodeIndex::new(end.index()));
        // A worse parallel must not count, even where its latency alone is less.
        let parallels = graph
            .links
            .iter()
            .filter(|other| other.ends == link.ends || other.ends == [link.ends[1], link.ends[0]]);
        let best = parallels
            .min_by(|x, y| {
                (x.weight, x.length)
                    .partial_cmp(&(y.weight, y.length))
                    .unwrap()
            })
            .unwrap();
        let ns = (best.length * 1e6) as u128;
        let weight = if routing == Routing::Policy {
            u128::from(best.weight)
        } else {
            0
        };
        oracle.add_edge(a, b, weight << 80 | ns << 16 | 1);
    }
    oracle
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn routes_equal_dijkstra_and_chains_arrive(
        graph in connected_multigraph(),
        routing in prop_oneof![Just(Routing::Latency), Just(Routing::Policy)],
    ) {
        let routes = Routes::new(&graph, 1.0, routing).unwrap();
        let oracle = oracle(&graph, routing);
        let ids = || (0..routes.router_count()).map(RouterId);
        for v in ids() {
            let to_v = dijkstra(&oracle, NodeIndex::new(v.index()), None, |edge| *edge.weight());
            let cost = |u: RouterId| to_v[&NodeIndex::new(u.index())];
            for u in ids() {
                let (ns, links) = (cost(u) >> 16 & u128::from(u64::MAX), cost(u) & 0xffff);
                prop_assert_eq!(u128::from(routes.latency(u, v).as_ns()), ns);
                prop_assert_eq!(u128::from(routes.links(u, v)), links);
                if u == v {
                    prop_assert_eq!(routes.next_hop(u, v), u);
                    continue;
                }
                let from_u = oracle.edges(NodeIndex::new(u.index()));
                let lowest = from_u
                    .map(|edge| (RouterId(edge.target().index() as u32), *edge.weight()))
                    .filter(|(next, link)| *next != u && link + cost(*next) == cost(u))
                    .map(|(next, _)| next)
                    .min();
                prop_assert_eq!(Some(routes.next_hop(u, v)), lowest);
                let next = routes.next_hop(u, v);
                prop_assert_eq!(routes.links(u, v), 1 + routes.links(next, v));
                let link = routes.link_latency(u, next).unwrap();
                prop_assert_eq!(routes.latency(u, v), link + routes.latency(next, v));
            }
            let farthest = ids().map(|u| routes.latency(v, u)).max().unwrap();
            prop_assert_eq!(routes.eccentricity(v), farthest);
        }
        let all: Vec<RouterId> = ids().collect();
        let longest = all.iter().map(|&u| routes.eccentricity(u)).max().unwrap();
        prop_assert!(routes.bound(&all) >= longest, "with policy weights a detour can be quicker");
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn shipped_graphs_are_ready_to_route() {
    for name in ["t100-0", "ts108x-0", "ts600-0", "ts1000-0"] {
        let graph = read(&shipped_graph(&format!("{name}.gb"))).unwrap();
        let from_alt = read(&shipped_graph(&format!("{name}.alt"))).unwrap();
        let routes = Routes::new(&graph, 1.0, Routing::Latency).unwrap();
        let same = Routes::new(&from_alt, 1.0, Routing::Latency).unwrap();
        assert!(routes.simple_links().eq(same.simple_links()), "{name}");
    }
}

#[test]
fn without_policy_weights_there_is_no_distance_by_policy() {
    let between = |weight| {
        let graph = graph_of(3, &[(0, 1, 2.0, weight), (1, 2, 0.5, weight)]);
        let distances = Distances::new(&graph).unwrap();
        let found = distances.between(RouterId(0), RouterId(2));
        (found.length, found.policy, found.policy_length)
    };
    let length = || "2.5".to_string();
    assert_eq!(between(0), (length(), None, None));
    assert_eq!(between(3), (length(), Some(6), Some(length())));
}

/// Holds the routes from some routers to all against petgraph's Dijkstra.
fn check_sample(graph: &Graph, routing: Routing, sources: impl Iterator<Item = u32>) {
    let routes = Routes::new(graph, 1.0, routing).unwrap();
    let oracle = oracle_network(&routes, graph, routing);
    for u in sources.map(RouterId) {
        let from_u = dijkstra(&oracle, NodeIndex::new(u.index()), None, |edge| {
            *edge.weight()
        });
        let mut farthest = 0;
        for v in (0..routes.router_count()).map(RouterId) {
            let cost = from_u[&NodeIndex::new(v.index())];
            let (ns, links) = (cost >> 16 & u128::from(u64::MAX), cost & 0xffff);
            assert_eq!(
                u128::from(routes.latency(u, v).as_ns()),
                ns,
                "{u:?} to {v:?}"
            );
            assert_eq!(u128::from(routes.links(u, v)), links, "{u:?} to {v:?}");
            farthest = farthest.max(ns);
            if u != v {
                // All least routes lead on over these; the rule names the lowest.
                let to_u = oracle.edges(NodeIndex::new(v.index()));
                let lowest = to_u
                    .filter(|edge| {
                        let before = from_u[&edge.target()];
                        before + edge.weight() == cost
                    })
                    .map(|edge| RouterId(edge.target().index() as u32))
                    .min();
                assert_eq!(Some(routes.next_hop(v, u)), lowest, "{v:?} to {u:?}");
            }
        }
        assert_eq!(u128::from(routes.eccentricity(u).as_ns()), farthest);
    }
}

/// The usable links as petgraph wants them, costs packed as in [`oracle`].
fn oracle_network(routes: &Routes, graph: &Graph, routing: Routing) -> UnGraph<(), u128> {
    let mut weights = std::collections::BTreeMap::new();
    for link in &graph.links {
        let [a, b] = link.ends;
        let least = weights.entry([a.min(b), a.max(b)]).or_insert(link.weight);
        *least = link.weight.min(*least);
    }
    let mut oracle = UnGraph::<(), u128>::default();
    for _ in &graph.routers {
        oracle.add_node(());
    }
    for (a, b, latency) in routes.simple_links() {
        let weight = if routing == Routing::Policy {
            u128::from(weights[&[a, b]])
        } else {
            0
        };
        let cost = weight << 80 | u128::from(latency.as_ns()) << 16 | 1;
        oracle.add_edge(NodeIndex::new(a.index()), NodeIndex::new(b.index()), cost);
    }
    oracle
}

fn generated(spec: &str) -> Graph {
    let spec = Spec::parse(spec.as_bytes()).unwrap();
    let mut random = PlacementRandom::new(Placement::Glibc);
    let mut graphs = spec.graphs(Variant::Exact, &mut random);
    graphs.next().unwrap().unwrap()
}

/// More routers than a table serves, with extra links of all kinds.
const LARGE: &str = "ts 1 8\n4 30 50\n3 20 3 1.0\n6 20 3 0.6\n28 10 3 0.3\n";

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn large_transit_stub_graphs_equal_dijkstra() {
    let mut graph = generated(LARGE);
    assert!(graph.routers.len() > 2000);
    // Lengths of 0 make ties, and with them the rule on the next router.
    for link in graph.links.iter_mut().step_by(3) {
        link.length = 0.0;
    }
    for routing in [Routing::Latency, Routing::Policy] {
        check_sample(&graph, routing, (0..2034).step_by(101));
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn large_graphs_without_labels_equal_dijkstra() {
    let mut graph = generated(LARGE);
    for router in &mut graph.routers {
        router.domain = Domain::None;
    }
    check_sample(&graph, Routing::Latency, (0..2034).step_by(203));
    let flat = generated("geo 1 3\n2100 300 3 0.004\n");
    check_sample(&flat, Routing::Latency, (0..2100).step_by(700));
    // A tree: every router is an exit of something.
    let tree: Vec<_> = (1..3000).map(|k| (k / 3, k, f64::from(k % 7), 0)).collect();
    check_sample(
        &graph_of(3000, &tree),
        Routing::Latency,
        (0..3000).step_by(500),
    );
}
