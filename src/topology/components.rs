//! The parts into which a graph falls: routers are in one part if a route leads between them.

use std::cmp::Reverse;

use petgraph::unionfind::UnionFind;

use super::graph::{Graph, Link, RouterId};

/// The part of every router. Parts are numbered from 0 by their lowest router.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Components {
    /// The part of each router.
    pub(super) part_of: Vec<u32>,
    /// How many routers each part has.
    pub(super) sizes: Vec<u32>,
}

impl Components {
    pub(super) fn of(graph: &Graph) -> Self {
        match &graph.latencies {
            Some(latencies) => {
                let known = latencies
                    .pairs()
                    .filter(|(_, _, latency)| latency.is_some());
                let pairs = known.map(|(from, to, _)| [from as u32, to as u32]);
                Self::joined(latencies.size(), pairs)
            }
            None => Self::among(graph.routers.len(), &graph.links),
        }
    }

    /// The components that `routers` routers form with these links.
    pub(super) fn among(routers: usize, links: &[Link]) -> Self {
        Self::joined(routers, links.iter().map(|link| link.ends.map(|end| end.0)))
    }

    fn joined(routers: usize, pairs: impl Iterator<Item = [u32; 2]>) -> Self {
        let mut sets = UnionFind::<u32>::new(routers);
        for [one, other] in pairs {
            sets.union(one, other);
        }
        let mut number_of_root = vec![u32::MAX; routers];
        let mut parts = Self {
            part_of: Vec::with_capacity(routers),
            sizes: Vec::new(),
        };
        for root in sets.into_labeling() {
            let number = &mut number_of_root[root as usize];
            if *number == u32::MAX {
                *number = parts.sizes.len() as u32;
                parts.sizes.push(0);
            }
            parts.sizes[*number as usize] += 1;
            parts.part_of.push(*number);
        }
        parts
    }

    /// The part with the most routers; of equal ones, that of the lowest router.
    pub(super) fn largest(&self) -> u32 {
        let sizes = (0..).zip(&self.sizes);
        sizes
            .min_by_key(|(_, size)| Reverse(**size))
            .map_or(0, |(part, _)| part)
    }

    /// Whether each router is in the largest part.
    pub(super) fn in_largest(&self) -> Vec<bool> {
        let largest = self.largest();
        self.part_of.iter().map(|part| *part == largest).collect()
    }
}

/// The graph of the routers that are `kept`, numbered anew in the same order, and of the links
/// among them.
pub(super) fn keep(mut graph: Graph, kept: &[bool]) -> Graph {
    let mut number = 0;
    let numbers: Vec<Option<RouterId>> = kept
        .iter()
        .map(|kept| {
            kept.then(|| {
                number += 1;
                RouterId(number - 1)
            })
        })
        .collect();
    graph.latencies = graph.latencies.map(|latencies| latencies.among(kept));
    let mut kept = kept.iter();
    graph
        .routers
        .retain(|_| kept.next().is_some_and(|kept| *kept));
    graph.links.retain_mut(|link| {
        let [from, to] = link.ends.map(|end| numbers[end.index()]);
        from.zip(to)
            .map(|(from, to)| link.ends = [from, to])
            .is_some()
    });
    graph
}
