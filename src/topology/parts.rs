//! The parts into which a graph falls: routers are in one part if a route leads between them.

use petgraph::unionfind::UnionFind;

use super::graph::Graph;

/// The part of every router. Parts are numbered from 0 by their lowest router.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parts {
    /// The part of each router.
    pub(super) part_of: Vec<u32>,
    /// How many routers each part has.
    pub(super) sizes: Vec<u32>,
}

impl Parts {
    pub(super) fn of(graph: &Graph) -> Self {
        let mut sets = UnionFind::<u32>::new(graph.routers.len());
        for link in &graph.links {
            sets.union(link.ends[0].0, link.ends[1].0);
        }
        let mut number_of_root = vec![u32::MAX; graph.routers.len()];
        let mut parts = Self {
            part_of: Vec::with_capacity(graph.routers.len()),
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
}
