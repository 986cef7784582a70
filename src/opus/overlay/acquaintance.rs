//! Whom a node knows: the nearest nodes, the nearest that may be its parents, and those it has
//! heard of but not probed yet.
//!
//! A parent must be *upstream*: nearer to the source by (latency of the route to the source,
//! number). That order is the same for everybody and never changes, so parents never form a loop,
//! whatever messages cross. This module does *not* know the wire, nor what a tree costs.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::message::{Standing, Status};
use crate::opus::config::OverlayRules;
use crate::time::{Span, Time};

/// So many unprobed nodes are remembered; more distant rumours are forgotten first.
const RUMOURS_MAX: usize = 24;
/// Besides the lists, so many nodes are remembered at every order of distance.
const RING: usize = 2;

/// A node that has been probed.
#[derive(Debug, Clone)]
pub(super) struct Peer {
    /// The latency of the route to it.
    pub(super) latency: Span,
    /// The latency of its route to the source.
    pub(super) shortest: Span,
    /// Its standing in each tree, when it was asked last.
    pub(super) standings: Vec<Option<Arc<Standing>>>,
    /// In which trees it has refused since, as bits.
    pub(super) refused: u8,
}

/// All that a node knows of others.
#[derive(Debug)]
pub(super) struct Acquaintance {
    me: u32,
    source: u32,
    /// The latency of the own route to the source.
    shortest: Span,
    /// The length of each of the two lists.
    size: usize,
    peers: BTreeMap<u32, Peer>,
    /// The nearest, ascending.
    near: Vec<(Span, u32)>,
    /// The nearest of those upstream, ascending; without the source.
    upstream: Vec<(Span, u32)>,
    /// A few nodes at every order of distance, so that rumours lead to every region: in ring i,
    /// the latest whose latency in microseconds has i bits (after Wong, Slivkins, Sirer:
    /// *Meridian*, SIGCOMM 2005).
    rings: BTreeMap<u32, Vec<(Span, u32)>>,
    /// Heard of, not probed: by how far away they are at least.
    rumours: BTreeSet<(Span, u32)>,
    /// To be probed before all others.
    sought: VecDeque<u32>,
    /// Probed, or among the rumours, or the node itself.
    met: BTreeSet<u32>,
    /// Probes without an answer yet, and when they were sent.
    probed: BTreeMap<u32, Time>,
    /// Which list entry is asked again next.
    cursor: usize,
}

impl Acquaintance {
    /// A newcomer who knows the source, `shortest` away, which stands at the top of all trees.
    pub(super) fn new(me: u32, shortest: Span, rules: &OverlayRules) -> Self {
        let source = Peer {
            latency: shortest,
            shortest: Span::ZERO,
            standings: vec![Some(Arc::default()); usize::from(rules.redundancy)],
            refused: 0,
        };
        Self {
            me,
            source: rules.source,
            shortest,
            size: rules.neighbours as usize,
            peers: BTreeMap::from([(rules.source, source)]),
            near: Vec::new(),
            upstream: Vec::new(),
            rings: BTreeMap::new(),
            rumours: BTreeSet::new(),
            sought: VecDeque::new(),
            met: BTreeSet::from([me, rules.source]),
            probed: BTreeMap::new(),
            cursor: 0,
        }
    }

    /// The latency of the own route to the source.
    pub(super) fn shortest(&self) -> Span {
        self.shortest
    }

    /// Whether a node may be a parent.
    pub(super) fn is_upstream(&self, node: u32, shortest: Span) -> bool {
        node == self.source || (shortest, node) < (self.shortest, self.me)
    }

    /// Everybody who may be a parent, by number.
    pub(super) fn candidates(&self) -> impl Iterator<Item = (u32, &Peer)> {
        let upstream = |(node, peer): &(&u32, &Peer)| self.is_upstream(**node, peer.shortest);
        self.peers
            .iter()
            .filter(upstream)
            .map(|(&node, peer)| (node, peer))
    }

    /// What is known of `node`.
    pub(super) fn peer_mut(&mut self, node: u32) -> Option<&mut Peer> {
        self.peers.get_mut(&node)
    }

    /// Lets everybody be asked again in `tree`.
    pub(super) fn pardon(&mut self, tree: u8) {
        for peer in self.peers.values_mut() {
            peer.refused &= !(1 << tree);
        }
    }

    /// Whom others are told of, with the latencies: the lists and the rings, each node once.
    pub(super) fn told(&self) -> Box<[(u32, Span)]> {
        let mut told: Vec<(u32, Span)> = Vec::new();
        let rings = self.rings.values().flatten();
        for &(latency, node) in self.upstream.iter().chain(&self.near).chain(rings) {
            if !told.iter().any(|&(known, _)| known == node) {
                told.push((node, latency));
            }
        }
        told.into()
    }

    /// Hears of `node`, which is at least `bound` away. Returns whether that was news.
    pub(super) fn hear(&mut self, node: u32, bound: Span) -> bool {
        let news = self.met.insert(node) && self.rumours.insert((bound, node));
        if self.rumours.len() > RUMOURS_MAX
            && let Some((_, dropped)) = self.rumours.pop_last()
        {
            self.met.remove(&dropped);
            return news && dropped != node;
        }
        news
    }

    /// Must know where `node` stands, even if it was probed before: it is probed as soon as those
    /// that were sought earlier have been.
    pub(super) fn seek(&mut self, node: u32) {
        if node != self.me && node != self.source && !self.sought.contains(&node) {
            self.met.insert(node);
            self.sought.push_back(node);
        }
    }

    /// Hears from a node that is itself `shortest` from the source. By the triangle inequality it
    /// is at least as far as the difference.
    pub(super) fn hear_from(&mut self, node: u32, shortest: Span) -> bool {
        let bound = difference(shortest, self.shortest);
        self.is_useful(bound) && self.hear(node, bound)
    }

    /// Whether a node that is at least `bound` away might enter the upper half of a list.
    fn is_useful(&self, bound: Span) -> bool {
        let fits = |list: &[(Span, u32)]| {
            let middle = list.get(self.size / 2);
            middle.is_none_or(|&(latency, _)| bound < latency)
        };
        fits(&self.upstream) || fits(&self.near)
    }

    /// The next node to probe at `now`: a rumour, or else somebody known, in turn.
    pub(super) fn next_probe(&mut self, now: Time) -> Option<u32> {
        let sought = self.sought.pop_front();
        let rumour = || self.rumours.pop_first();
        let node = match sought.map(|node| (Span::ZERO, node)).or_else(rumour) {
            Some((_, node)) if sought.is_some() => node,
            Some((bound, node)) if self.is_useful(bound) => node,
            Some(_) => {
                // Neither are those that follow.
                self.rumours.clear();
                self.next_known()?
            }
            None => self.next_known()?,
        };
        self.probed.insert(node, now).is_none().then_some(node)
    }

    fn next_known(&mut self) -> Option<u32> {
        let count = self.near.len() + self.upstream.len();
        let place = self.cursor.checked_rem(count)?;
        self.cursor = place + 1;
        let entry = self.upstream.iter().chain(&self.near).nth(place);
        entry.map(|&(_, node)| node)
    }

    /// Takes the answer to a probe. Returns whether the upper half of a list has changed. Everybody
    /// is kept who is in a list or `kept`.
    pub(super) fn learn(
        &mut self,
        node: u32,
        status: Status,
        now: Time,
        kept: impl Fn(u32) -> bool,
    ) -> bool {
        let Some(asked) = self.probed.remove(&node) else {
            return false;
        };
        let latency = Span::from_ns((now - asked).as_ns() / 2);
        let mut changed = enter(&mut self.near, (latency, node), self.size);
        if self.is_upstream(node, status.shortest) {
            changed |= enter(&mut self.upstream, (latency, node), self.size);
        }
        let ring = u64::BITS - (latency.as_ns() / 1000).leading_zeros();
        let ring = self.rings.entry(ring).or_default();
        if !ring.iter().any(|&(_, known)| known == node) {
            ring.insert(0, (latency, node));
            ring.truncate(RING);
        }
        for &(other, far) in &status.near {
            let bound = difference(latency, far);
            if self.is_useful(bound) {
                self.hear(other, bound);
            }
        }
        self.peers.insert(
            node,
            Peer {
                latency,
                shortest: status.shortest,
                standings: status.standings,
                refused: 0,
            },
        );
        let (near, upstream, source) = (&self.near, &self.upstream, self.source);
        self.peers.retain(|&peer, _| {
            let listed = |list: &[(Span, u32)]| list.iter().any(|&(_, node)| node == peer);
            peer == source || listed(near) || listed(upstream) || kept(peer)
        });
        changed
    }

    /// The nodes that were probed at `before` or earlier and have not answered.
    pub(super) fn silent(&self, before: Time) -> Vec<u32> {
        let late = self.probed.iter().filter(|(_, asked)| **asked <= before);
        late.map(|(&node, _)| node).collect()
    }

    /// Forgets a node that is gone.
    pub(super) fn forget(&mut self, node: u32) {
        self.peers.remove(&node);
        self.probed.remove(&node);
        self.near.retain(|&(_, listed)| listed != node);
        self.upstream.retain(|&(_, listed)| listed != node);
        for ring in self.rings.values_mut() {
            ring.retain(|&(_, listed)| listed != node);
        }
    }
}

fn difference(a: Span, b: Span) -> Span {
    Span::from_ns(a.as_ns().abs_diff(b.as_ns()))
}

/// Puts `entry` into an ascending list of at most `size`. Returns whether it is new in the upper
/// half.
fn enter(list: &mut Vec<(Span, u32)>, entry: (Span, u32), size: usize) -> bool {
    let known = list.iter().position(|&(_, node)| node == entry.1);
    if let Some(place) = known {
        list.remove(place);
    }
    let place = list.partition_point(|listed| *listed < entry);
    list.insert(place, entry);
    list.truncate(size);
    known.is_none() && place <= size / 2
}
