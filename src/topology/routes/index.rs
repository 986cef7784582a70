//! What answers for routes: a table for small graphs, a hierarchy for large ones that can be taken
//! apart, and a search for each question where neither fits into memory. All answers are the same.

use super::Route;
use super::hierarchy::Hierarchy;
use super::network::{Cost, Found, Network, Search};
use super::partition::{Partition, TABLE_ROUTERS_MAX};
use super::table::Table;
use crate::topology::graph::Domain;

/// Up to so many routers a table serves best: it takes up to 64 MB.
const TABLE_ROUTERS: usize = 2000;

/// Finds routes between all pairs of routers of a connected network.
#[derive(Debug)]
pub(super) enum Index {
    /// An answer takes one access to memory.
    Table(Table),
    /// An answer takes a few.
    Hierarchy(Hierarchy),
    /// An answer takes a search through the graph: milliseconds.
    Search(Network),
}

impl Index {
    /// The index of a connected network whose routers belong to these domains.
    pub(super) fn new(network: &Network, domains: &[Domain]) -> Self {
        let size = network.size();
        if size <= TABLE_ROUTERS {
            return Self::Table(Table::of_all(network));
        }
        match Partition::find(network, domains) {
            Some(partition) => Self::Hierarchy(Hierarchy::new(network, partition)),
            None if size <= TABLE_ROUTERS_MAX => Self::Table(Table::of_all(network)),
            None => Self::Search(network.clone()),
        }
    }

    /// The route between two routers; its first router is [`Found::NONE`] if they are the same.
    #[inline]
    pub(super) fn route(&self, from: usize, to: usize) -> Route {
        match self {
            Self::Table(table) => table.route(from, to),
            Self::Hierarchy(hierarchy) => Route::from(hierarchy.found(from, to)),
            Self::Search(network) => Route::from(searched(network, from, to)),
        }
    }

    /// The cost of the route between two routers, its policy weight included.
    pub(super) fn cost(&self, from: usize, to: usize) -> Cost {
        match self {
            Self::Table(table) => table.found(from, to).cost,
            Self::Hierarchy(hierarchy) => hierarchy.found(from, to).cost,
            Self::Search(network) => searched(network, from, to).cost,
        }
    }

    /// Calls `each` with the cost from `from` to every router, in ascending order.
    pub(super) fn costs_from(&self, from: usize, mut each: impl FnMut(Cost)) {
        match self {
            Self::Table(table) => {
                for to in 0..table.columns() {
                    each(table.found(from, to).cost);
                }
            }
            Self::Hierarchy(hierarchy) => hierarchy.costs_from(from, each),
            Self::Search(network) => {
                for found in Search::default().run(network, from as u32) {
                    each(found.cost);
                }
            }
        }
    }
}

fn searched(network: &Network, from: usize, to: usize) -> Found {
    Search::default().run(network, from as u32)[to]
}

#[cfg(test)]
mod tests {
    use super::super::network::Arc;
    use super::*;

    #[test]
    fn every_index_answers_alike() {
        // A ring of 9 with two chords, every other link of length 0.
        let ring = (0..9).map(|k| (k, (k + 1) % 9, u64::from(k % 2)));
        let links = ring.chain([(0, 4, 1), (2, 7, 0)]);
        let arcs = links.flat_map(|(a, b, length)| Arc::both_ways(a, b, Cost::link(a % 2, length)));
        let network = Network::new(9, arcs.collect());
        let is_core: Vec<bool> = (0..9).map(|router| router % 3 == 0).collect();
        let partition = Partition::with_core(&network, &is_core);
        let indices = [
            Index::new(&network, &[Domain::None; 9]),
            Index::Hierarchy(Hierarchy::new(&network, partition)),
            Index::Search(network.clone()),
        ];
        assert!(matches!(indices[0], Index::Table(_)));
        for from in 0..9 {
            let rows = indices.each_ref().map(|index| {
                let mut row = Vec::new();
                index.costs_from(from, |cost| row.push(cost));
                row
            });
            assert!(rows[0] == rows[1] && rows[0] == rows[2]);
            for (to, cost) in rows[0].iter().enumerate() {
                let routes = indices.each_ref().map(|index| index.route(from, to));
                assert!(routes[0] == routes[1] && routes[0] == routes[2]);
                let costs = indices.each_ref().map(|index| index.cost(from, to));
                assert_eq!(costs, [*cost; 3]);
            }
        }
    }
}
