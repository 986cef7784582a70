//! The usable links of a graph, in compressed rows, and least-cost searches over them.
//!
//! This module does *not* know latencies from policy weights: it adds up and compares costs.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Add;

/// The cost of a route: policy weight first, then length, then the number of links.
///
/// Packed into one integer, so that comparing and adding are one instruction or two. Whoever
/// makes a network sees to it that the sums over all its links fit (see [`Network::new`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::topology) struct Cost(u128);

impl Cost {
    pub(in crate::topology) const ZERO: Self = Self(0);

    /// More than the cost of any route.
    pub(in crate::topology) const MAX: Self = Self(u128::MAX);

    /// The cost of one link.
    pub(in crate::topology) const fn link(weight: u32, length: u64) -> Self {
        Self::of(weight, length, 1)
    }

    /// The cost of a route with these sums.
    pub(in crate::topology) const fn of(weight: u32, length: u64, links: u32) -> Self {
        Self((weight as u128) << 96 | (length as u128) << 32 | links as u128)
    }

    /// The sum of the policy weights.
    pub(in crate::topology) const fn weight(self) -> u32 {
        (self.0 >> 96) as u32
    }

    /// The sum of the lengths.
    pub(in crate::topology) const fn length(self) -> u64 {
        (self.0 >> 32) as u64
    }

    /// How many links there are.
    pub(in crate::topology) const fn links(self) -> u32 {
        self.0 as u32
    }
}

impl Add for Cost {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

/// One link from the router to which its row belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::topology) struct Neighbour {
    pub(in crate::topology) router: u32,
    pub(in crate::topology) cost: Cost,
}

/// A simple undirected network: neighbours of each router in ascending order.
#[derive(Debug, Clone)]
pub(in crate::topology) struct Network {
    /// Where each router's row begins, and where the last one ends.
    starts: Vec<u32>,
    neighbours: Vec<Neighbour>,
}

impl Network {
    /// The network of the links (lower router, higher router, cost), each pair at most once.
    ///
    /// The sum of all weights must fit into 32 bits, that of all lengths into 64.
    pub(in crate::topology) fn new(routers: usize, links: &[(u32, u32, Cost)]) -> Self {
        let mut starts = vec![0_u32; routers + 1];
        for (a, b, _) in links {
            starts[*a as usize + 1] += 1;
            starts[*b as usize + 1] += 1;
        }
        for router in 0..routers {
            starts[router + 1] += starts[router];
        }
        let unset = Neighbour {
            router: 0,
            cost: Cost::MAX,
        };
        let mut neighbours = vec![unset; 2 * links.len()];
        let mut free = starts.clone();
        for (a, b, cost) in links {
            for (from, router) in [(*a, *b), (*b, *a)] {
                let slot = &mut free[from as usize];
                neighbours[*slot as usize] = Neighbour {
                    router,
                    cost: *cost,
                };
                *slot += 1;
            }
        }
        for row in starts.windows(2) {
            neighbours[row[0] as usize..row[1] as usize].sort_unstable_by_key(|n| n.router);
        }
        Self { starts, neighbours }
    }

    pub(in crate::topology) fn routers(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether any link has a policy weight.
    pub(in crate::topology) fn is_weighted(&self) -> bool {
        self.neighbours
            .iter()
            .any(|neighbour| neighbour.cost.weight() > 0)
    }

    /// The neighbours of a router by ascending number.
    pub(in crate::topology) fn neighbours(&self, router: usize) -> &[Neighbour] {
        &self.neighbours[self.starts[router] as usize..self.starts[router + 1] as usize]
    }
}

/// What a search found for one router.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::topology) struct Found {
    /// The least cost of a route from the source.
    pub(in crate::topology) cost: Cost,
    /// Of all first routers after the source on routes of that cost, the lowest; at the source
    /// the source itself.
    pub(in crate::topology) first: u32,
}

/// A least-cost search (Dijkstra's) whose memory serves many sources.
pub(in crate::topology) struct Search {
    found: Vec<Found>,
    heap: BinaryHeap<Reverse<(Cost, u32)>>,
}

impl Search {
    pub(in crate::topology) fn new(routers: usize) -> Self {
        let unknown = Found {
            cost: Cost::MAX,
            first: u32::MAX,
        };
        Self {
            found: vec![unknown; routers],
            heap: BinaryHeap::new(),
        }
    }

    /// The least cost and the first router of a route from `source` to every router;
    /// [`Cost::MAX`] where there is none.
    ///
    /// A link more makes a route dearer, even if its length is 0. So all routers before the last
    /// on a route of least cost are settled before it, and the lowest first router of all least
    /// routes is known when a router is settled.
    pub(in crate::topology) fn run(&mut self, network: &Network, source: u32) -> &[Found] {
        self.found.fill(Found {
            cost: Cost::MAX,
            first: u32::MAX,
        });
        self.found[source as usize] = Found {
            cost: Cost::ZERO,
            first: source,
        };
        self.heap.push(Reverse((Cost::ZERO, source)));
        while let Some(Reverse((cost, router))) = self.heap.pop() {
            let settled = self.found[router as usize];
            if cost > settled.cost {
                continue;
            }
            for next in network.neighbours(router as usize) {
                let cost = settled.cost + next.cost;
                let first = if router == source {
                    next.router
                } else {
                    settled.first
                };
                let known = &mut self.found[next.router as usize];
                if cost < known.cost {
                    *known = Found { cost, first };
                    self.heap.push(Reverse((cost, next.router)));
                } else if cost == known.cost && first < known.first {
                    known.first = first;
                }
            }
        }
        &self.found
    }
}
