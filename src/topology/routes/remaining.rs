//! Routes over the links that are left while others are cut, or take longer.
//!
//! Least-cost searches for one target after another, each when it is first asked for: which is next
//! on the way to a target is found for all routers at once. This module does *not* know why a link is cut
//! or slow, nor for how long.

use std::collections::BTreeMap;

use super::network::{Arc, Cost, Found, Network, Search};
use super::{RouterId, Routes};
use crate::time::Span;

/// The routes over some of the links. Not all routers need to reach each other.
#[derive(Debug)]
pub struct Remaining {
    network: Network,
    search: Search,
    /// For each target that was asked for, the router after each router, or [`Found::NONE`].
    towards: BTreeMap<u32, Box<[u32]>>,
}

impl Routes {
    /// The routes over the links that have a latency in `links`, which are in the order of
    /// [`simple_links`](Self::simple_links). Ties are broken as among all links. Policy weights are as always.
    ///
    /// # Panics
    /// If `links` does not speak of all links.
    pub fn remaining(&self, links: &[Option<Span>]) -> Remaining {
        let left = |arc: &Arc| {
            let (number, _) = self.link(RouterId(arc.from), RouterId(arc.to))?;
            let cost = Cost::link(arc.cost.weight(), links[number]?.as_ns());
            Some(Arc { cost, ..*arc })
        };
        Remaining {
            network: self.network.filtered(left),
            search: Search::default(),
            towards: BTreeMap::new(),
        }
    }
}

impl Remaining {
    /// The router after `u` on the route to `v`; `None` if they are the same, or if there is no route.
    pub fn next_hop(&mut self, u: RouterId, v: RouterId) -> Option<RouterId> {
        let Self {
            network,
            search,
            towards,
        } = self;
        let next = towards
            .entry(v.0)
            .or_insert_with(|| next_hops(network, search.run(network, v.0)));
        Some(next[u.index()])
            .filter(|next| *next != Found::NONE)
            .map(RouterId)
    }

    /// How many targets were asked for: what is kept of each takes four bytes a router.
    pub fn targets(&self) -> usize {
        self.towards.len()
    }
}

/// The router after each router on the way to that from which `found` was searched: the lowest
/// neighbour on a route of least cost. Links cost the same both ways.
fn next_hops(network: &Network, found: &[Found]) -> Box<[u32]> {
    let next = |(place, own): (usize, &Found)| {
        if own.cost == Cost::MAX {
            return Found::NONE;
        }
        let mut arcs = network.arcs_from(place).iter();
        let nearer = arcs.find(|arc| {
            let there = found[arc.to as usize].cost;
            there < own.cost && there + arc.cost == own.cost
        });
        nearer.map_or(Found::NONE, |arc| arc.to)
    };
    found.iter().enumerate().map(next).collect()
}
