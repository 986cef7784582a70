//! Whom a node knows: the nearest nodes, the nearest that may be its parents, and those it has
//! heard of but not probed yet.
//!
//! A parent must be *upstream*: nearer to the source by (latency of the route to the source,
//! number). This module does *not* know the wire, what a tree costs, nor who is upstream while ranks
//! change.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::message::{Standings, Status};
use super::sounding::half;
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
    pub(super) standings: Standings,
    /// In which trees it has refused since, as bits.
    pub(super) refused: u8,
}

/// What the answer to a probe has told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lesson {
    /// The latency of the route to who answered.
    pub(super) latency: Span,
    /// Whether the upper half of a list has changed, or somebody's latency.
    pub(super) changed: bool,
    /// Whether the latency is another than was believed, though who answered has not moved, as far
    /// as it knows: perhaps this node has.
    pub(super) astray: bool,
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
    /// Probed, or among the rumours, or the node itself; of those probed, the latency of their
    /// routes to the source: who tells another one has moved.
    met: BTreeMap<u32, Option<Span>>,
    /// Probes without an answer yet: when they were sent, and when they were last due again.
    probed: BTreeMap<u32, [Time; 2]>,
    /// Which list entry is asked again next.
    cursor: usize,
}

impl Acquaintance {
    /// A newcomer who knows the source, `shortest` away, which stands at the top of all trees.
    pub(super) fn new(me: u32, shortest: Span, rules: &OverlayRules) -> Self {
        let source = Peer {
            latency: shortest,
            shortest: Span::ZERO,
            standings: (0..rules.redundancy)
                .map(|_| Some(Arc::default()))
                .collect(),
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
            met: BTreeMap::from([(me, None), (rules.source, None)]),
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
        let listed = self.upstream.len() + self.near.len();
        let mut told: Vec<(u32, Span)> = Vec::with_capacity(listed + RING * self.rings.len());
        // A mark for each node that was told, shared by some: without it nothing needs to be compared.
        let mut marks = [0_u64; 4];
        let rings = self.rings.values().flatten();
        for &(latency, node) in self.upstream.iter().chain(&self.near).chain(rings) {
            let (word, mark) = (node as usize / 64 % marks.len(), 1 << (node % 64));
            let marked = marks[word] & mark != 0;
            if !marked || !told.iter().any(|&(known, _)| known == node) {
                marks[word] |= mark;
                told.push((node, latency));
            }
        }
        told.into()
    }

    /// Hears of `node`, which is at least `bound` away. Returns whether that was news.
    pub(super) fn hear(&mut self, node: u32, bound: Span) -> bool {
        let news = !self.met.contains_key(&node) && self.rumours.insert((bound, node));
        if news {
            self.met.insert(node, None);
        }
        if self.rumours.len() > RUMOURS_MAX
            && let Some((_, dropped)) = self.rumours.pop_last()
        {
            self.met.remove(&dropped);
            return news && dropped != node;
        }
        news
    }

    /// Whether somebody sought has not been probed yet.
    pub(super) fn is_seeking(&self) -> bool {
        !self.sought.is_empty()
    }

    /// Must know where `node` stands, even if it was probed before: it is probed as soon as those
    /// that were sought earlier have been.
    pub(super) fn seek(&mut self, node: u32) {
        if node != self.me && node != self.source && !self.sought.contains(&node) {
            self.met.entry(node).or_default();
            self.sought.push_back(node);
        }
    }

    /// Hears from a node that is itself `shortest` from the source. By the triangle inequality it
    /// is at least as far as the difference.
    pub(super) fn hear_from(&mut self, node: u32, shortest: Span) -> bool {
        if self.has_moved(node, shortest) {
            self.forget(node);
            self.met.remove(&node);
        }
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
        let mut news = false;
        let [_, again] = self.probed.entry(node).or_insert_with(|| {
            news = true;
            [now; 2]
        });
        *again = now;
        news.then_some(node)
    }

    fn next_known(&mut self) -> Option<u32> {
        let count = self.near.len() + self.upstream.len();
        let place = self.cursor.checked_rem(count)?;
        self.cursor = place + 1;
        let entry = self.upstream.iter().chain(&self.near).nth(place);
        entry.map(|&(_, node)| node)
    }

    /// Whether `node`, which tells that its route to the source takes `shortest`, told otherwise
    /// before.
    fn has_moved(&self, node: u32, shortest: Span) -> bool {
        let told = self.met.get(&node).copied().flatten();
        told.is_some_and(|told| told != shortest)
    }

    /// The route to `node` takes `latency`. Returns whether something else was believed; then the
    /// node is probed again.
    pub(super) fn correct(&mut self, node: u32, latency: Span) -> bool {
        let Some(peer) = self.peers.get_mut(&node) else {
            return false;
        };
        let news = std::mem::replace(&mut peer.latency, latency) != latency;
        if news {
            self.seek(node);
        }
        news
    }

    /// The source is `shortest` away now, and everybody's latency is unknown: all that were known
    /// are to be probed again, with the bounds that the triangle inequality gives.
    pub(super) fn relocate(&mut self, shortest: Span) {
        self.shortest = shortest;
        let rings = std::mem::take(&mut self.rings).into_values().flatten();
        let mut heard: BTreeMap<u32, Span> = rings.map(|(_, node)| (node, Span::ZERO)).collect();
        for (&node, peer) in &self.peers {
            heard.insert(node, difference(peer.shortest, shortest));
        }
        self.near.clear();
        self.upstream.clear();
        self.rumours.clear();
        let source = self.source;
        self.peers.retain(|&node, _| node == source);
        if let Some(peer) = self.peers.get_mut(&source) {
            (peer.latency, peer.refused) = (shortest, 0);
        }
        self.met = BTreeMap::from([(self.me, None), (source, None)]);
        self.met
            .extend(self.sought.iter().map(|&node| (node, None)));
        for (node, bound) in heard {
            self.hear(node, bound);
        }
    }

    /// Takes the answer to a probe. Everybody is kept who is in a list or `kept`.
    pub(super) fn learn(
        &mut self,
        node: u32,
        status: Status,
        now: Time,
        kept: impl Fn(u32) -> bool,
    ) -> Option<Lesson> {
        let [asked, _] = self.probed.remove(&node)?;
        let latency = half(now - asked);
        let moved = self.has_moved(node, status.shortest);
        let believed = self.peers.get(&node).map(|peer| peer.latency);
        let otherwise = believed.is_some_and(|believed| believed != latency);
        if moved || otherwise {
            self.forget(node);
        }
        // One that was sought while it was a rumour may have been forgotten with the rumours.
        if let Some(told) = self.met.get_mut(&node) {
            *told = Some(status.shortest);
        }
        let mut changed = moved || otherwise;
        changed |= enter(&mut self.near, (latency, node), self.size);
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
        Some(Lesson {
            latency,
            changed,
            astray: otherwise && !moved,
        })
    }

    /// The nodes that were probed at `before` or earlier and have not answered.
    pub(super) fn silent(&self, before: Time) -> Vec<u32> {
        let late = self
            .probed
            .iter()
            .filter(|(_, [_, again])| *again <= before);
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
