//! The utility nodes: where they sit, how far they are from each other, which of them fail or move.
//!
//! A node's draws are keyed by its number, so more nodes leave the earlier ones as they were.
//! This module does *not* know what a node does.

use super::config::{Nodes, Opus};
use super::stream;
use crate::error::{Error, Result};
use crate::parameters::number::PeriodMs;
use crate::random::{RandomStreams, StreamId};
use crate::system::{Site, Underlay};
use crate::time::Span;
use crate::topology::{Domain, RouterId, Routes};

/// The places of all nodes, by number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachments(Vec<Attachment>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Attachment {
    router: RouterId,
    access: Span,
}

impl Attachments {
    /// Draws the places of `nodes`: each on a stub router, drawn uniformly (on any router, if
    /// the graph has no stub domains), behind an access link of uniform latency.
    pub fn draw(underlay: &Underlay, nodes: &Nodes, streams: RandomStreams) -> Self {
        let routers = hosts(underlay);
        let place = |node: u32| {
            let drawn = streams.below(stream::ROUTER, u64::from(node), 0, routers.len() as u64);
            Attachment {
                router: routers[drawn as usize],
                access: streams.span(stream::ACCESS, u64::from(node), 0, nodes.access()),
            }
        };
        Self((0..nodes.count.0).map(place).collect())
    }

    /// The places after the nodes `moving` have moved: each to another router that carries nodes,
    /// drawn uniformly (to none, if there is no other), and behind another access link.
    pub fn after(
        &self,
        underlay: &Underlay,
        nodes: &Nodes,
        moving: &[u32],
        streams: RandomStreams,
    ) -> Self {
        let routers = hosts(underlay);
        let mut places = self.clone();
        for &node in moving {
            let place = &mut places.0[node as usize];
            let others = routers.len() as u64 - 1;
            if others > 0 {
                let drawn = streams.below(stream::ROUTER, u64::from(node), 1, others) as usize;
                let own = routers.partition_point(|&router| router < place.router);
                place.router = routers[drawn + usize::from(drawn >= own)];
            }
            place.access = streams.span(stream::ACCESS, u64::from(node), 1, nodes.access());
        }
        places
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where `node` is attached to the underlay.
    pub fn site(&self, node: u32) -> Site {
        let place = self.0[node as usize];
        Site {
            router: place.router,
            access: Some(place.access),
        }
    }

    /// How long a packet from `a` to `b` takes; nothing if they are the same node.
    pub fn latency(&self, routes: &Routes, a: u32, b: u32) -> Span {
        if a == b {
            return Span::ZERO;
        }
        let (from, to) = (self.0[a as usize], self.0[b as usize]);
        from.access + routes.latency(from.router, to.router) + to.access
    }
}

/// The routers that carry nodes: those of stub domains, or all if there are none.
pub fn hosts(underlay: &Underlay) -> Vec<RouterId> {
    let routers = (0..underlay.routes.router_count()).map(RouterId);
    let is_stub = |router: &RouterId| {
        matches!(
            underlay.graph.routers[router.index()].domain,
            Domain::Stub { .. }
        )
    };
    let stubs: Vec<RouterId> = routers.clone().filter(is_stub).collect();
    if stubs.is_empty() {
        routers.collect()
    } else {
        stubs
    }
}

/// What no packet from one node to another takes longer than, in ms, where access links take up to
/// `access`.
pub fn longest_way_ms(underlay: &Underlay, access: Span) -> f64 {
    let route = underlay.routes.bound(&hosts(underlay));
    (route.as_ns() as f64 + 2.0 * access.as_ns() as f64) / 1e6
}

/// Whether every answer comes within `timeout`, the member at `pointer`, where access links take up to
/// `access`.
///
/// # Errors
/// If not: then nodes that live would count as gone.
pub fn outlasts_round_trips(
    underlay: &Underlay,
    access: Span,
    timeout: PeriodMs,
    pointer: &str,
) -> Result<()> {
    let round_trip = 2.0 * longest_way_ms(underlay, access);
    if round_trip < timeout.0 {
        return Ok(());
    }
    Err(Error::new(format!(
        "a round trip can take up to {round_trip} ms here, so a `timeout_ms` of {} would make live \
        nodes seem dead",
        timeout.0
    ))
    .at(pointer)
    .help("raise `timeout_ms`, or lower `latency_ms_per_unit`"))
}

/// The nodes that fail, ascending: the first round(δ·n), half away from zero, of the n nodes
/// besides node 0 in the order of one draw each. So the set for a smaller δ is contained in the
/// set for a larger one.
pub fn disconnected(config: &Opus, streams: RandomStreams) -> Vec<u32> {
    let rate = config.disconnection.rate.0;
    share(config.nodes.count.0, rate, stream::DISCONNECT, streams)
}

/// The nodes that move, ascending: the first round(μ·n) in the same way, in an order of their own.
pub fn moving(config: &Opus, streams: RandomStreams) -> Vec<u32> {
    let rate = config.moving.rate.0;
    share(config.nodes.count.0, rate, stream::MOVE, streams)
}

/// The first round(`rate`·n) of the n nodes besides node 0 in the order of one draw each, ascending.
fn share(count: u32, rate: f64, stream: StreamId, streams: RandomStreams) -> Vec<u32> {
    let mut candidates: Vec<(u64, u32)> = (1..count)
        .map(|node| (streams.bits(stream, u64::from(node), 0), node))
        .collect();
    let taken = (rate * candidates.len() as f64).round() as usize;
    candidates.sort_unstable();
    candidates.truncate(taken);
    let mut taken: Vec<u32> = candidates.into_iter().map(|(_, node)| node).collect();
    taken.sort_unstable();
    taken
}
