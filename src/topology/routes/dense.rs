//! Routes between all pairs of routers, looked up in a table: for graphs of a few thousand
//! routers. Building takes a search from each router; an answer takes one access to memory.

use super::Route;
use super::network::{Cost, Network, Search};

/// All routes, those of one source side by side.
#[derive(Debug)]
pub(super) struct Dense {
    routers: usize,
    routes: Vec<Route>,
    /// The policy weights of the routes; empty if all links have none.
    weights: Vec<u32>,
}

impl Dense {
    /// The table of a connected network.
    pub(super) fn new(network: &Network) -> Self {
        let size = network.routers();
        let weighted = network.is_weighted();
        let mut search = Search::new(size);
        let mut routes = Vec::with_capacity(size * size);
        let mut weights = Vec::with_capacity(if weighted { size * size } else { 0 });
        for source in 0..size as u32 {
            let found = search.run(network, source);
            routes.extend(found.iter().map(|found| {
                debug_assert!(found.cost < Cost::MAX, "the network is connected");
                Route {
                    length: found.cost.length(),
                    links: found.cost.links(),
                    next: found.first,
                }
            }));
            if weighted {
                weights.extend(found.iter().map(|found| found.cost.weight()));
            }
        }
        Self {
            routers: size,
            routes,
            weights,
        }
    }

    #[inline]
    pub(super) fn route(&self, from: usize, to: usize) -> Route {
        assert!(to < self.routers, "a router of this graph");
        self.routes[from * self.routers + to]
    }

    /// The whole cost of a route, its policy weight included.
    pub(super) fn cost(&self, from: usize, to: usize) -> Cost {
        let route = self.route(from, to);
        let weight = self.weights.get(from * self.routers + to);
        Cost::of(weight.copied().unwrap_or(0), route.length, route.links)
    }
}
