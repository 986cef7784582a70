//! Routes over a part of the links: those of the graph without the others.

use arigatoni::topology::RouterId;
use arigatoni::topology::{Routes, Routing, read};

use super::shipped_graph;

#[test]
fn routes_over_what_is_left_are_those_of_the_graph_without_the_rest() {
    let graph = read(&shipped_graph("t100-0.gb")).unwrap();
    let mut compared = 0;
    for routing in [Routing::Latency, Routing::Policy] {
        let all = Routes::new(&graph, 1.0, routing).unwrap();
        let links: Vec<_> = all.simple_links().collect();
        for first in 0..20 {
            let is_left: Vec<bool> = (0..links.len()).map(|n| n % 20 != first).collect();
            let mut thinned = graph.clone();
            thinned.links.retain(|link| {
                let number = all.link(link.ends[0], link.ends[1]).unwrap().0;
                is_left[number]
            });
            // What falls apart has no routes to compare with.
            let Ok(wanted) = Routes::new(&thinned, 1.0, routing) else {
                continue;
            };
            let left = links.iter().zip(&is_left);
            let left: Vec<_> = left.map(|(link, left)| left.then_some(link.2)).collect();
            let mut left = all.remaining(&left);
            for (u, v) in (0..100).flat_map(|u| (0..100).map(move |v| (u, v))) {
                let [u, v] = [u, v].map(RouterId);
                let next = left.next_hop(u, v).unwrap_or(u);
                assert_eq!(next, wanted.next_hop(u, v), "{u:?} {v:?} {first}");
            }
            assert_eq!(left.targets(), 100);
            compared += 1;
        }
        assert!(
            links
                .iter()
                .enumerate()
                .all(|(number, (u, v, latency))| { all.link(*v, *u) == Some((number, *latency)) })
        );
    }
    assert!(compared > 4, "{compared}");
}

#[test]
fn routes_over_links_that_take_longer_are_those_of_the_graph_with_longer_links() {
    let graph = read(&shipped_graph("t100-0.gb")).unwrap();
    for routing in [Routing::Latency, Routing::Policy] {
        let all = Routes::new(&graph, 1.0, routing).unwrap();
        let mut longer = graph.clone();
        for (number, link) in longer.links.iter_mut().enumerate() {
            link.length *= 1.0 + (number % 3) as f64;
        }
        let wanted = Routes::new(&longer, 1.0, routing).unwrap();
        let latencies: Vec<_> = all
            .simple_links()
            .map(|(u, v, _)| wanted.link_latency(u, v))
            .collect();
        let mut slow = all.remaining(&latencies);
        let mut others = 0;
        for (u, v) in (0..100).flat_map(|u| (0..100).map(move |v| (u, v))) {
            let [u, v] = [u, v].map(RouterId);
            let next = slow.next_hop(u, v).unwrap_or(u);
            assert_eq!(next, wanted.next_hop(u, v), "{u:?} {v:?}");
            others += u32::from(next != all.next_hop(u, v));
        }
        assert!(others > 100, "{others}");
    }
}
