//! The usable links of a graph, in compressed rows, and least-cost searches over them.
//!
//! This module does *not* know latencies from policy weights: it adds up and compares costs.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Add;

/// The sum of all lengths of a network stays below this, so that a few routes added up, and a
/// route and a detour, still fit into 64 bits.
pub(in crate::topology) const LENGTH_SUM_MAX: u64 = 1 << 62;

/// The sum of all policy weights of a network stays below this, likewise with 32 bits.
pub(in crate::topology) const WEIGHT_SUM_MAX: u64 = 1 << 30;

/// The cost of a route: policy weight first, then length, then the number of links.
///
/// Packed into one integer, so that comparing and adding are one instruction or two. The code that makes a network
/// must keep within [`LENGTH_SUM_MAX`] and [`WEIGHT_SUM_MAX`].
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

    /// By how much two costs differ, as the integers that they are: a bound of the cost of a route
    /// between two places whose costs to a third are these.
    pub(in crate::topology) const fn difference(self, other: Self) -> Self {
        Self(self.0.abs_diff(other.0))
    }
}

impl Add for Cost {
    type Output = Self;
    #[inline]
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

/// A link in one direction, or a detour that counts as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::topology) struct Arc {
    pub(in crate::topology) from: u32,
    pub(in crate::topology) to: u32,
    pub(in crate::topology) cost: Cost,
    /// The first router after `from`: `to` itself, unless this is a detour.
    pub(in crate::topology) first: u32,
}

impl Arc {
    /// Both directions of a link.
    pub(in crate::topology) fn both_ways(a: u32, b: u32, cost: Cost) -> [Self; 2] {
        let arc = |from, to| Self {
            from,
            to,
            cost,
            first: to,
        };
        [arc(a, b), arc(b, a)]
    }
}

/// A network of places 0, 1, 2, … (routers, unless said otherwise), of which any two are joined by
/// one arc at most in each direction.
#[derive(Debug, Clone)]
pub(in crate::topology) struct Network {
    /// Where each place's row of arcs begins, and where the last one ends.
    starts: Vec<u32>,
    arcs: Vec<Arc>,
}

impl Network {
    /// The network of `size` places with these arcs; of parallel ones the cheapest counts, then
    /// the one with the lowest first router.
    pub(in crate::topology) fn new(size: usize, mut arcs: Vec<Arc>) -> Self {
        arcs.sort_unstable();
        arcs.dedup_by_key(|arc| (arc.from, arc.to));
        let mut starts = vec![0_u32; size + 1];
        for arc in &arcs {
            starts[arc.from as usize + 1] += 1;
        }
        for place in 0..size {
            starts[place + 1] += starts[place];
        }
        Self { starts, arcs }
    }

    /// This network with all its places, and with the arcs that `keep` returns.
    pub(in crate::topology) fn filtered(&self, keep: impl Fn(&Arc) -> Option<Arc>) -> Self {
        let mut starts = Vec::with_capacity(self.starts.len());
        let mut arcs = Vec::with_capacity(self.arcs.len());
        starts.push(0);
        for place in 0..self.size() {
            arcs.extend(self.arcs_from(place).iter().filter_map(&keep));
            starts.push(arcs.len() as u32);
        }
        Self { starts, arcs }
    }

    /// How many places there are.
    pub(in crate::topology) fn size(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether any link has a policy weight.
    pub(in crate::topology) fn is_weighted(&self) -> bool {
        self.arcs.iter().any(|arc| arc.cost.weight() > 0)
    }

    /// The arcs that leave a place, by ascending number of their other end.
    #[inline]
    pub(in crate::topology) fn arcs_from(&self, place: usize) -> &[Arc] {
        &self.arcs[self.starts[place] as usize..self.starts[place + 1] as usize]
    }
}

/// What a search found for one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::topology) struct Found {
    /// The least cost of a route from the source.
    pub(in crate::topology) cost: Cost,
    /// Of all first routers after the source on routes of that cost, the lowest; [`Found::NONE`]
    /// at the source itself.
    pub(in crate::topology) first: u32,
}

impl Found {
    /// The first router of a route that goes nowhere.
    pub(in crate::topology) const NONE: u32 = u32::MAX;

    /// No route is known.
    pub(in crate::topology) const NOTHING: Self = Self {
        cost: Cost::MAX,
        first: Self::NONE,
    };
}

/// A least-cost search (Dijkstra's) whose memory serves many sources and networks.
#[derive(Debug, Default)]
pub(in crate::topology) struct Search {
    found: Vec<Found>,
    heap: BinaryHeap<Reverse<(Cost, u32)>>,
}

impl Search {
    /// The least cost and the first router of a route from `source` to every place;
    /// [`Found::NOTHING`] where there is none.
    pub(in crate::topology) fn run(&mut self, network: &Network, source: u32) -> &[Found] {
        self.run_inside(network, source, network.size())
    }

    /// The least cost and the first router of a route from `source` to every place, where routes may begin or
    /// end at the places from `closed_from` on, but not pass them.
    ///
    /// An additional link makes a route cost more, even if its length is 0. So all places before the last on a
    /// route of least cost are settled before it, and the lowest first router of all least routes is known when
    /// a place is settled.
    pub(in crate::topology) fn run_inside(
        &mut self,
        network: &Network,
        source: u32,
        closed_from: usize,
    ) -> &[Found] {
        self.found.clear();
        self.found.resize(network.size(), Found::NOTHING);
        self.found[source as usize].cost = Cost::ZERO;
        self.heap.push(Reverse((Cost::ZERO, source)));
        while let Some(Reverse((cost, place))) = self.heap.pop() {
            let settled = self.found[place as usize];
            if cost > settled.cost || (place as usize >= closed_from && place != source) {
                continue;
            }
            for arc in network.arcs_from(place as usize) {
                let reached = Found {
                    cost: cost + arc.cost,
                    first: if place == source {
                        arc.first
                    } else {
                        settled.first
                    },
                };
                let known = &mut self.found[arc.to as usize];
                if reached.cost < known.cost {
                    self.heap.push(Reverse((reached.cost, arc.to)));
                }
                *known = reached.min(*known);
            }
        }
        &self.found
    }
}
