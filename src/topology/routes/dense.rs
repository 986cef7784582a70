//! Routes between all pairs of routers, looked up in a table: for graphs of a few thousand
//! routers. Building takes a search from each router; an answer takes one access to memory.

use super::network::{Cost, Network, Search};

/// One route, except for its policy weight.
#[derive(Debug, Clone, Copy)]
pub(super) struct Route {
    /// The sum of the links' lengths.
    pub(super) length: u64,
    /// How many links there are.
    pub(super) links: u32,
    /// The router after the source; the source itself on the route to itself.
    pub(super) next: u32,
}

/// All routes, those of one source side by side.
#[derive(Debug)]
pub(super) struct Dense {
    routers: usize,
    routes: Vec<Route>,
}

impl Dense {
    /// The table of a connected network.
    pub(super) fn new(network: &Network) -> Self {
        let size = network.routers();
        let mut search = Search::new(size);
        let mut routes = Vec::with_capacity(size * size);
        for source in 0..size as u32 {
            routes.extend(search.run(network, source).iter().map(|found| {
                debug_assert!(found.cost < Cost::MAX, "the network is connected");
                Route {
                    length: found.cost.length(),
                    links: found.cost.links(),
                    next: found.first,
                }
            }));
        }
        Self {
            routers: size,
            routes,
        }
    }

    #[inline]
    pub(super) fn route(&self, from: usize, to: usize) -> Route {
        assert!(to < self.routers, "a router of this graph");
        self.routes[from * self.routers + to]
    }
}
