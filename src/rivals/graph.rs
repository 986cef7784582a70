//! An unstructured overlay: a random graph in which every computer has the same number of neighbours.
//!
//! It does *not* know what is sent along its edges.

use std::fmt::Write as _;

use super::check;
use super::finder::Finder;
use super::rival::Rival;
use crate::discovery::{Discovery, World, config};
use crate::error::{Error, Result};
use crate::parameters::number::BoundedCount;
use crate::random::{RandomStreams, StreamId};
use crate::system::{Export, Underlay};

/// A stub's place in the order in which stubs are joined; by stub and attempt.
const STUB_ORDER: StreamId = StreamId(144);
/// With which edge a faulty one is exchanged; by attempt and fault, and by try.
const EXCHANGE: StreamId = StreamId(145);

/// How often an exchange is tried before the whole graph is drawn again.
const TRIES_MAX: u32 = 1000;

/// The neighbours of each computer, by number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graph {
    neighbours: Vec<Vec<u32>>,
}

/// Whether every computer can have `degree` neighbours.
///
/// # Errors
/// If it cannot. Where the number of computers is drawn this is not known beforehand: see
/// [`Graph::regular`].
pub(super) fn check_degree(
    underlay: &Underlay,
    config: &config::World,
    degree: BoundedCount,
) -> Result<()> {
    let Some(computers) = check::computers(underlay, config)? else {
        return Ok(());
    };
    let degree = u64::from(degree.0);
    let refuse = |what: String, help: &str| {
        let error = Error::new(what).at("/system/*/degree");
        Err(error.help(help.to_owned()))
    };
    if degree >= computers {
        let what = format!("{computers} GCUs cannot have {degree} neighbours each");
        return refuse(
            what,
            "a GCU has at most all others as neighbours: use a smaller degree",
        );
    }
    if degree * computers % 2 == 1 {
        let what =
            format!("{computers} GCUs cannot have {degree} neighbours each: an edge has two ends");
        return refuse(what, "use an even degree, or an even number of GCUs");
    }
    Ok(())
}

/// A rival whose computers are the nodes of a graph.
pub(super) trait OnGraph: Finder {
    /// The graph.
    fn graph(&self) -> &Graph;
}

/// The graph, to be written: a line for each computer and neighbour.
pub(super) fn export<F: OnGraph>() -> Export<Discovery<Rival<F>>> {
    Export {
        name: "graph",
        about: "the overlay's graph: a line per computer and neighbour",
        write: |system, _, _| {
            let graph = system.mechanism().finder().graph();
            let mut text = String::from("gcu,neighbour\n");
            for (list, node) in graph.neighbours.iter().zip(0_u32..) {
                for neighbour in list {
                    writeln!(text, "{node},{neighbour}").expect("writing to memory succeeds");
                }
            }
            text.into_bytes()
        },
    }
}

impl Graph {
    /// A random graph of the computers in `world`.
    pub(super) fn of(world: &World, BoundedCount(degree): BoundedCount) -> Self {
        Self::regular(world.population.len(), degree, world.streams)
    }

    /// A random graph in which every one of `nodes` has `degree` neighbours; connected, if the degree
    /// is not 1.
    ///
    /// If there are too few nodes, all are neighbours; if the sum would be odd, node 0 has one
    /// neighbour fewer.
    ///
    /// Stubs are joined at random, loops and double edges are exchanged with other edges, and the graph
    /// is drawn again until it is connected (Bollobás's pairing model; for a degree of 3 or more most
    /// graphs are connected). Of a dense graph the complement is drawn.
    pub fn regular(nodes: u32, degree: u32, streams: RandomStreams) -> Self {
        if nodes == 0 {
            return Self::empty(0);
        }
        let degree = degree.min(nodes - 1);
        let odd = u64::from(nodes) * u64::from(degree) % 2 == 1;
        let mut degrees = vec![degree; nodes as usize];
        if degree == 2 {
            return Self::ring(nodes, streams);
        }
        if 2 * degree < nodes {
            if odd {
                degrees[0] -= 1;
            }
            return Self::drawn(&degrees, degree > 1, streams);
        }
        // What every node does not have. These graphs are connected by themselves.
        degrees.fill(nodes - 1 - degree);
        if odd {
            degrees[0] += 1;
        }
        Self::drawn(&degrees, false, streams).complement()
    }

    /// The neighbours of `node`.
    pub fn neighbours(&self, node: u32) -> &[u32] {
        &self.neighbours[node as usize]
    }

    /// All nodes in a random order, each between two others.
    fn ring(nodes: u32, streams: RandomStreams) -> Self {
        let mut order: Vec<u32> = (0..nodes).collect();
        order.sort_by_cached_key(|&node| streams.bits(STUB_ORDER, node.into(), 0));
        let mut graph = Self::empty(nodes as usize);
        for (place, &node) in order.iter().enumerate() {
            graph.join(node, order[(place + 1) % order.len()]);
        }
        graph
    }

    /// A graph with these degrees.
    fn drawn(degrees: &[u32], connected: bool, streams: RandomStreams) -> Self {
        let mut attempt = 0;
        loop {
            let drawn = Self::attempt(degrees, attempt, streams);
            if let Some(graph) = drawn.filter(|graph| !connected || graph.is_connected()) {
                return graph;
            }
            attempt += 1;
        }
    }

    /// One attempt to draw a graph with these degrees; `None` if an invalid edge cannot be repaired.
    fn attempt(degrees: &[u32], attempt: u32, streams: RandomStreams) -> Option<Self> {
        let owners = degrees.iter().zip(0..);
        let mut stubs: Vec<u32> = owners
            .flat_map(|(&degree, node)| std::iter::repeat_n(node, degree as usize))
            .collect();
        let mut order: Vec<(u64, u32)> = (0..stubs.len() as u32)
            .map(|stub| (streams.bits(STUB_ORDER, stub.into(), attempt), stub))
            .collect();
        order.sort_unstable();
        stubs = order
            .iter()
            .map(|&(_, stub)| stubs[stub as usize])
            .collect();

        let mut graph = Self::empty(degrees.len());
        let (mut edges, mut faulty) = (Vec::new(), Vec::new());
        for ends in stubs.chunks_exact(2) {
            let (a, b) = (ends[0], ends[1]);
            if a == b || graph.has(a, b) {
                faulty.push((a, b));
            } else {
                graph.join(a, b);
                edges.push((a, b));
            }
        }
        for (&(a, b), number) in faulty.iter().zip(0_u64..) {
            let entity = u64::from(attempt) << 32 | number;
            let other = |index| streams.below(EXCHANGE, entity, index, edges.len() as u64) as usize;
            let fits = |&at: &usize| {
                let (c, d) = edges[at];
                a != d && c != b && !graph.has(a, d) && !graph.has(c, b)
            };
            if edges.is_empty() {
                return None;
            }
            let at = (0..TRIES_MAX).map(other).find(fits)?;
            let (c, d) = edges[at];
            graph.part(c, d);
            graph.join(a, d);
            edges[at] = (a, d);
            // A loop's second edge could be the first one's twin.
            if graph.has(c, b) {
                return None;
            }
            graph.join(c, b);
            edges.push((c, b));
        }
        graph
            .neighbours
            .iter_mut()
            .for_each(|list| list.sort_unstable());
        Some(graph)
    }

    fn empty(nodes: usize) -> Self {
        Self {
            neighbours: vec![Vec::new(); nodes],
        }
    }

    fn has(&self, a: u32, b: u32) -> bool {
        self.neighbours(a).contains(&b)
    }

    fn join(&mut self, a: u32, b: u32) {
        self.neighbours[a as usize].push(b);
        self.neighbours[b as usize].push(a);
    }

    fn part(&mut self, a: u32, b: u32) {
        self.neighbours[a as usize].retain(|&other| other != b);
        self.neighbours[b as usize].retain(|&other| other != a);
    }

    fn complement(&self) -> Self {
        let nodes = 0..self.neighbours.len() as u32;
        let others = |node: u32| {
            let all = nodes.clone();
            all.filter(|&other| other != node && !self.has(node, other))
                .collect()
        };
        Self {
            neighbours: nodes.clone().map(others).collect(),
        }
    }

    fn is_connected(&self) -> bool {
        let mut seen = vec![false; self.neighbours.len()];
        let mut ahead = vec![0_u32];
        seen[0] = true;
        let mut count = 0;
        while let Some(node) = ahead.pop() {
            count += 1;
            for &next in self.neighbours(node) {
                if !std::mem::replace(&mut seen[next as usize], true) {
                    ahead.push(next);
                }
            }
        }
        count == seen.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every node has its degree, nobody is its own neighbour or one twice, and neighbours agree.
    fn assert_regular(graph: &Graph, nodes: u32, degree: u32) {
        let odd = nodes * degree % 2 == 1;
        for node in 0..nodes {
            let list = graph.neighbours(node);
            let fewer = u32::from(odd && node == 0);
            assert_eq!(list.len() as u32, degree - fewer, "{nodes} {degree} {node}");
            let mut once = list.to_vec();
            once.sort_unstable();
            once.dedup();
            assert_eq!(once.len(), list.len(), "{nodes} {degree}: {list:?}");
            assert!(!list.contains(&node), "{nodes} {degree}: {node} {list:?}");
            assert!(list.iter().all(|&other| graph.has(other, node)));
        }
    }

    #[test]
    fn small_graphs_of_every_degree_are_regular_and_connected() {
        for nodes in 2..14 {
            for degree in 1..nodes {
                for seed in 0..20 {
                    let streams = RandomStreams::new(seed, 0);
                    let graph = Graph::regular(nodes, degree, streams);
                    assert_regular(&graph, nodes, degree);
                    let connected = degree > 1 || nodes == 2;
                    assert!(!connected || graph.is_connected(), "{nodes} {degree}");
                }
            }
        }
    }

    #[test]
    fn a_large_graph_is_regular_and_every_seed_has_another() {
        let graph = |seed| Graph::regular(5000, 8, RandomStreams::new(seed, 0));
        let first = graph(1);
        assert_regular(&first, 5000, 8);
        assert!(first.is_connected());
        assert_eq!(first, graph(1));
        assert_ne!(first, graph(2));
    }

    #[test]
    fn too_few_nodes_are_all_neighbours() {
        let streams = RandomStreams::new(1, 0);
        assert_regular(&Graph::regular(4, 9, streams), 4, 3);
        assert!(Graph::regular(1, 3, streams).neighbours(0).is_empty());
        assert_eq!(Graph::regular(0, 3, streams), Graph::empty(0));
    }

    /// Each pair of nodes is joined as often as any other.
    #[test]
    fn no_edge_is_preferred() {
        let (nodes, degree, graphs) = (8, 3, 4000);
        let mut joined = [[0_u32; 8]; 8];
        for seed in 0..graphs {
            let graph = Graph::regular(nodes, degree, RandomStreams::new(seed, 0));
            for node in 0..nodes {
                for &other in graph.neighbours(node) {
                    joined[node as usize][other as usize] += 1;
                }
            }
        }
        // Binomial with a chance of 3/7: five standard deviations are 157.
        let expected = f64::from(degree) / f64::from(nodes - 1) * graphs as f64;
        for (a, b) in (0..8).flat_map(|a| (0..a).map(move |b| (a, b))) {
            let difference = f64::from(joined[a][b]) - expected;
            assert!(difference.abs() < 160.0, "{a} {b}: {}", joined[a][b]);
        }
    }
}
