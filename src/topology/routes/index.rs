//! The index that answers questions about routes: a table for small graphs, a hierarchy for large graphs that are
//! easily partitioned, and for others a search for each question, until there have been enough questions to justify
//! a hierarchy or the computation of all costs at once. All of them give equal answers.

use std::sync::OnceLock;

use super::Route;
use super::direct::Direct;
use super::flat::Flat;
use super::hierarchy::Hierarchy;
use super::network::{Cost, Network, Search};
use super::partition::{Partition, TABLE_ROUTERS_MAX};
use super::table::Table;
use super::triangle::Triangle;
use crate::topology::Domain;

/// The maximum number of routers for which a table serves best: it takes up to 64 MB.
const TABLE_ROUTERS: usize = 2000;

/// A hierarchy is made at once if its searches look at no more arcs than these, which takes some seconds of
/// processor time.
const WORK_AT_ONCE: u64 = 1 << 28;

/// Finds routes between all pairs of routers of a connected network.
#[derive(Debug)]
pub(super) enum Index {
    /// An answer takes one access to memory.
    Table(Table),
    /// An answer takes a few.
    Hierarchy(Hierarchy),
    /// The first answers take a search through the graph.
    Lazy(Box<Lazy>),
    /// Routes are not searched: each is one hop.
    Direct(Direct),
}

/// Costs that are searched one by one at first, and then all at once.
#[derive(Debug)]
pub(super) struct Lazy {
    flat: Flat,
    /// The partition of the network, if one is worthwhile.
    partition: Option<Partition>,
    /// The number of searches after which all costs are computed: by then the searches have taken about as long
    /// as that takes.
    searches: u64,
    /// The costs, once they are worth their time; `None` if they do not fit into memory.
    all: OnceLock<Option<All>>,
}

/// All costs at once.
#[derive(Debug)]
enum All {
    Hierarchy(Hierarchy),
    Triangle(Triangle),
}

impl Lazy {
    /// The number of searches for each router after which all costs are computed, if there is no partition.
    const SEARCHES_EACH: u64 = 8;

    /// About how many arcs one search examines.
    const SEARCH_WORK: u64 = 1 << 13;

    /// The network, with a way to take it apart and the work of its searches, if there is one.
    fn new(network: Network, apart: Option<(Partition, u64)>) -> Box<Self> {
        let searches = match &apart {
            Some((_, work)) => work / Self::SEARCH_WORK,
            None => network.size() as u64 * Self::SEARCHES_EACH,
        };
        Box::new(Self {
            flat: Flat::new(network),
            partition: apart.map(|(partition, _)| partition),
            searches,
            all: OnceLock::new(),
        })
    }

    /// All costs, if it is time for them.
    #[inline]
    fn all(&self) -> Option<&All> {
        if let Some(all) = self.all.get() {
            return all.as_ref();
        }
        if self.flat.searches() < self.searches {
            return None;
        }
        self.all.get_or_init(|| self.find_all()).as_ref()
    }

    fn find_all(&self) -> Option<All> {
        let network = self.flat.network();
        if let Some(partition) = &self.partition {
            return Some(All::Hierarchy(Hierarchy::new(network, partition)));
        }
        Triangle::new(network, rayon::current_num_threads()).map(All::Triangle)
    }

    fn cost(&self, from: usize, to: usize) -> Cost {
        match self.all() {
            None => self.flat.cost(from, to),
            Some(All::Hierarchy(all)) => all.found(from, to).cost,
            Some(All::Triangle(all)) => all.cost(from, to),
        }
    }

    fn route(&self, from: usize, to: usize) -> Route {
        match self.all() {
            None => self.flat.route(from, to),
            Some(All::Hierarchy(all)) => Route::from(all.found(from, to)),
            Some(All::Triangle(all)) => all.route(from, to),
        }
    }
}

impl Index {
    /// The index of a connected network whose routers belong to these domains.
    pub(super) fn new(network: &Network, domains: &[Domain]) -> Self {
        let size = network.size();
        if size <= TABLE_ROUTERS {
            return Self::Table(Table::of_all(network));
        }
        match Partition::find(network, domains) {
            Some((partition, work)) if work <= WORK_AT_ONCE => {
                Self::Hierarchy(Hierarchy::new(network, &partition))
            }
            None if size <= TABLE_ROUTERS_MAX => Self::Table(Table::of_all(network)),
            apart => Self::Lazy(Lazy::new(network.clone(), apart)),
        }
    }

    /// An index for asking [`Self::costs_from`] once for each router: no table is made beforehand
    /// of what a search for each gives.
    pub(super) fn for_rows(network: &Network, domains: &[Domain]) -> Self {
        if network.size() <= TABLE_ROUTERS {
            return Self::Table(Table::of_all(network));
        }
        match Partition::find(network, domains) {
            Some((partition, work)) if work <= WORK_AT_ONCE => {
                Self::Hierarchy(Hierarchy::new(network, &partition))
            }
            _ => Self::Lazy(Lazy::new(network.clone(), None)),
        }
    }

    /// The route between two routers; its first router is [`Found::NONE`] if they are the same.
    ///
    /// [`Found::NONE`]: super::network::Found::NONE
    #[inline]
    pub(super) fn route(&self, from: usize, to: usize) -> Route {
        match self {
            Self::Table(table) => table.route(from, to),
            Self::Hierarchy(hierarchy) => Route::from(hierarchy.found(from, to)),
            Self::Lazy(lazy) => lazy.route(from, to),
            Self::Direct(direct) => direct.route(from, to),
        }
    }

    /// The length and the number of links of the route between two routers.
    #[inline]
    pub(super) fn length_and_links(&self, from: usize, to: usize) -> (u64, u32) {
        let cost = match self {
            Self::Table(table) => {
                let route = table.route(from, to);
                return (route.length, route.links);
            }
            Self::Hierarchy(hierarchy) => hierarchy.found(from, to).cost,
            Self::Lazy(_) | Self::Direct(_) => self.cost(from, to),
        };
        (cost.length(), cost.links())
    }

    /// The cost of the route between two routers, its policy weight included. Out of line, so that callers that ask for
    /// each packet have room for what is asked most.
    #[inline(never)]
    pub(super) fn cost(&self, from: usize, to: usize) -> Cost {
        match self {
            Self::Table(table) => table.found(from, to).cost,
            Self::Hierarchy(hierarchy) => hierarchy.found(from, to).cost,
            // The next router would have to be looked for.
            Self::Lazy(lazy) => lazy.cost(from, to),
            Self::Direct(direct) => direct.found(from, to).cost,
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
            Self::Lazy(lazy) => {
                for found in Search::default().run(lazy.flat.network(), from as u32) {
                    each(found.cost);
                }
            }
            Self::Direct(direct) => {
                for to in 0..direct.size() {
                    each(direct.found(from, to).cost);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::network::Arc;
    use super::*;

    #[test]
    fn every_index_answers_alike() {
        // A ring with two chords, every other link of length 0: large enough for the lazy index to
        // answer many questions by searches before it has all costs.
        let size = 100;
        let ring = (0..size).map(|k| (k, (k + 1) % size, u64::from(k % 2)));
        let links = ring.chain([(0, 4, 1), (2, 7, 0)]);
        let arcs = links.flat_map(|(a, b, length)| Arc::both_ways(a, b, Cost::link(a % 2, length)));
        let network = Network::new(size as usize, arcs.collect());
        let is_core: Vec<bool> = (0..size).map(|router| router % 3 == 0).collect();
        let partition = Partition::with_core(&network, &is_core);
        let soon = 200 * Lazy::SEARCH_WORK;
        let indices = [
            Index::new(&network, &[Domain::None; 100]),
            Index::Hierarchy(Hierarchy::new(&network, &partition)),
            Index::Lazy(Lazy::new(network.clone(), None)),
            Index::Lazy(Lazy::new(network.clone(), Some((partition, soon)))),
        ];
        assert!(matches!(indices[0], Index::Table(_)));
        for from in 0..size as usize {
            let rows = indices.each_ref().map(|index| {
                let mut row = Vec::new();
                index.costs_from(from, |cost| row.push(cost));
                row
            });
            assert!(rows.iter().all(|row| row == &rows[0]));
            for (to, cost) in rows[0].iter().enumerate() {
                let routes = indices.each_ref().map(|index| index.route(from, to));
                assert!(routes.iter().all(|route| route == &routes[0]));
                let costs = indices.each_ref().map(|index| index.cost(from, to));
                assert_eq!(costs, [*cost; 4]);
            }
        }
        let all = indices.iter().filter_map(|index| match index {
            Index::Lazy(lazy) => lazy.all.get()?.as_ref(),
            _ => None,
        });
        let all: Vec<&All> = all.collect();
        assert!(
            matches!(all[..], [All::Triangle(_), All::Hierarchy(_)]),
            "both have found all costs"
        );
    }
}
