//! A node's partial view: the nearest nodes, and the nearest that may be its parents.
//!
//! A parent must be *upstream*: nearer to the source by (latency of the route to the source,
//! number). This module does *not* know the wire, what a tree costs, nor who is upstream while ranks
//! change.

use std::collections::BTreeMap;
use std::sync::Arc;

use smallvec::SmallVec;

use super::config::Overlay;
use super::directory::Directory;
use super::gossip_candidates::GossipCandidates;
use super::lists::{Entry, Nearest, Rings};
use super::message::{PathState, PathStates, Status};
use super::peer_table::PeerLatencies;
use super::round_trips::half;
use crate::time::{Span, Time};

/// In [`Peer::listed`]: among the nearest.
const NEAR: u8 = 1;
/// In [`Peer::listed`]: among the nearest of those upstream.
const UPSTREAM: u8 = 2;

/// A node that has been probed.
#[derive(Debug, Clone)]
pub(super) struct Peer {
    /// The latency of the route to it.
    pub(super) latency: Span,
    /// The latency of its route to the source.
    pub(super) shortest: Span,
    /// Its path state in each tree, when it was asked last.
    pub(super) path_states: PathStates,
    /// In which trees it has refused since, as bits.
    refused: u8,
    /// In which trees it is not asked since it has not answered, as bits. Only of the source: all others are forgotten then.
    unheard: u8,
    /// Whether it has not answered since. It may be asked even so, where nobody else is left.
    silent: bool,
    /// In which lists it is, as bits.
    listed: u8,
}

impl Peer {
    /// Whether it may be asked in `tree`.
    #[inline]
    pub(super) fn is_open(&self, tree: u8) -> bool {
        (self.refused | self.unheard) & 1 << tree == 0
    }

    /// It has refused in `tree`.
    pub(super) fn refuse(&mut self, tree: u8) {
        self.refused |= 1 << tree;
    }
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
pub(super) struct PartialView {
    me: u32,
    source: u32,
    /// The latency of the own route to the source.
    shortest: Span,
    peers: Directory<Peer>,
    /// The nearest.
    near: Nearest,
    /// The nearest of those upstream; without the source.
    upstream: Nearest,
    /// A few nodes at every order of distance, so that candidates lead to every region.
    rings: Rings,
    /// Whom others are told of, unless the lists or the rings have changed since it was put together.
    told: Option<Arc<[(u32, Span)]>>,
    /// Whom it has heard of.
    candidates: GossipCandidates,
    /// Probes without an answer yet: when they were sent.
    probed: Directory<Time>,
    /// Which list entry is asked again next.
    cursor: usize,
}

impl PartialView {
    /// A newcomer who knows `source`, `shortest` away, which stands at the top of all trees.
    pub(super) fn new(me: u32, source: u32, shortest: Span, rules: &Overlay) -> Self {
        let of_source = Peer {
            latency: shortest,
            shortest: Span::ZERO,
            path_states: (0..rules.redundancy.0)
                .map(|_| Some(PathState::default()))
                .collect(),
            refused: 0,
            unheard: 0,
            silent: false,
            listed: 0,
        };
        let size = rules.neighbours.0 as usize;
        Self {
            me,
            source,
            shortest,
            peers: [(source, of_source)].into_iter().collect(),
            near: Nearest::new(size),
            upstream: Nearest::new(size),
            rings: Rings::default(),
            told: None,
            candidates: GossipCandidates::new(me, source),
            probed: Directory::default(),
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
        let upstream = |&(node, peer): &(u32, &Peer)| self.is_upstream(node, peer.shortest);
        self.peers.iter().filter(upstream)
    }

    /// `node`, if it may be a parent.
    pub(super) fn candidate(&self, node: u32) -> Option<(u32, &Peer)> {
        let peer = self.peers.get(node)?;
        self.is_upstream(node, peer.shortest)
            .then_some((node, peer))
    }

    /// What is known of `node`.
    pub(super) fn peer(&self, node: u32) -> Option<&Peer> {
        self.peers.get(node)
    }

    /// Mutable access to what is known of `node`.
    pub(super) fn peer_mut(&mut self, node: u32) -> Option<&mut Peer> {
        self.peers.get_mut(node)
    }

    /// Lets everybody be asked again in `tree`, also a source that has not answered.
    pub(super) fn pardon(&mut self, tree: u8) {
        for peer in self.peers.values_mut() {
            peer.refused &= !(1 << tree);
            peer.unheard &= !(1 << tree);
        }
    }

    /// The source has not answered. It is asked in no tree until it does, or until nobody else is left to be asked there.
    pub(super) fn silence_source(&mut self) {
        if let Some(source) = self.peers.get_mut(self.source) {
            (source.unheard, source.silent) = (u8::MAX, true);
        }
    }

    /// The source has answered. Returns whether it had been silent.
    pub(super) fn hear_source(&mut self) -> bool {
        let source = self.peers.get_mut(self.source);
        source.is_some_and(|source| {
            source.unheard = 0;
            std::mem::take(&mut source.silent)
        })
    }

    /// Whom others are told of, with the latencies: the lists and the rings, each node once. All that
    /// are told before that changes share one list.
    pub(super) fn told(&mut self) -> Arc<[(u32, Span)]> {
        if let Some(told) = &self.told {
            return Arc::clone(told);
        }
        let mut told: SmallVec<[(u32, Span); 64]> = SmallVec::new();
        // A mark for each node that was told, shared by some: without it nothing needs to be compared.
        let mut marks = [0_u64; 4];
        let lists = self.upstream.entries().iter().chain(self.near.entries());
        for &(latency, node) in lists.chain(self.rings.entries()) {
            let (word, mark) = (node as usize / 64 % marks.len(), 1 << (node % 64));
            let marked = marks[word] & mark != 0;
            if !marked || !told.iter().any(|&(known, _)| known == node) {
                marks[word] |= mark;
                told.push((node, latency));
            }
        }
        Arc::clone(self.told.insert(Arc::from(told.as_slice())))
    }

    /// Hears of `node`, which is at least `bound` away. Returns whether that was news.
    pub(super) fn hear(&mut self, node: u32, bound: Span) -> bool {
        self.candidates.hear(node, bound)
    }

    /// Whether somebody sought has not been probed yet.
    pub(super) fn is_seeking(&self) -> bool {
        self.candidates.is_seeking()
    }

    /// Must know where `node` stands, even if it was probed before: it is probed as soon as those
    /// that were sought earlier have been.
    pub(super) fn seek(&mut self, node: u32) {
        self.candidates.seek(node);
    }

    /// Hears from a node that is itself `shortest` from the source. By the triangle inequality it
    /// is at least as far as the difference.
    pub(super) fn hear_from(&mut self, node: u32, shortest: Span) -> bool {
        self.candidates.is_back(node);
        if let Some(told) = self.candidates.told(node) {
            if told == shortest {
                return false;
            }
            self.forget(node);
            self.candidates.forget(node);
        }
        let bound = difference(shortest, self.shortest);
        self.is_useful(bound) && self.hear(node, bound)
    }

    /// Whether a node that is at least `bound` away might enter the upper half of a list.
    fn is_useful(&self, bound: Span) -> bool {
        self.reach().is_none_or(|reach| bound < reach)
    }

    /// A node might enter the upper half of a list only if it is nearer than this; `None`: wherever it
    /// is.
    fn reach(&self) -> Option<Span> {
        Some(self.upstream.reach()?.max(self.near.reach()?))
    }

    /// The next node to probe at `now`: a candidate, or else somebody known, in turn.
    pub(super) fn next_probe(&mut self, now: Time) -> Option<u32> {
        let reach = self.reach();
        let is_useful = |bound| reach.is_none_or(|reach| bound < reach);
        let candidate = self.candidates.next(is_useful);
        let node = candidate.or_else(|| self.next_known())?;
        let mut news = false;
        self.probed.get_or_insert_with(node, || {
            news = true;
            now
        });
        news.then_some(node)
    }

    fn next_known(&mut self) -> Option<u32> {
        let lists = [self.upstream.entries(), self.near.entries()];
        let count = lists[0].len() + lists[1].len();
        let place = self.cursor.checked_rem(count)?;
        self.cursor = place + 1;
        let entry = lists.into_iter().flatten().nth(place);
        entry.map(|&(_, node)| node)
    }

    /// The route to `node` takes `latency`. Returns whether something else was believed; then the
    /// node is probed again.
    pub(super) fn correct(&mut self, node: u32, latency: Span) -> bool {
        let Some(peer) = self.peers.get_mut(node) else {
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
        let rings = std::mem::take(&mut self.rings);
        let far = |&(_, node): &Entry| (node, Span::ZERO);
        let mut heard: BTreeMap<u32, Span> = rings.entries().map(far).collect();
        for (node, peer) in self.peers.iter() {
            heard.insert(node, difference(peer.shortest, shortest));
        }
        self.near.clear();
        self.upstream.clear();
        self.told = None;
        let source = self.source;
        self.peers.retain(|node, _| node == source);
        if let Some(peer) = self.peers.get_mut(source) {
            (peer.latency, peer.refused) = (shortest, 0);
            (peer.unheard, peer.silent) = (0, false);
        }
        self.candidates.start_over();
        for (node, bound) in heard {
            self.hear(node, bound);
        }
    }

    /// Takes the answer to a probe. Everybody is kept who is in a list or `kept`. What was refused is
    /// forgotten, but for the trees in `searched`, as bits: there the answer is no reason to ask again.
    pub(super) fn learn(
        &mut self,
        node: u32,
        status: Status,
        now: Time,
        searched: u8,
        kept: impl Fn(u32) -> bool,
    ) -> Option<Lesson> {
        let asked = self.probed.remove(node)?;
        let latency = half(now - asked);
        let shortest = status.shortest;
        let before = self
            .candidates
            .tell(node, PeerLatencies { shortest, latency });
        let moved = before.is_some_and(|before| before.shortest != shortest);
        let believed = self.peers.get(node).map(|peer| peer.latency);
        let otherwise = believed.is_some_and(|believed| believed != latency);
        if moved || otherwise {
            self.forget(node);
        }
        let refused = self.peers.get(node).map_or(0, |peer| peer.refused);
        let near = status.near;
        let peer = Peer {
            latency,
            shortest: status.shortest,
            path_states: status.path_states,
            refused: refused & searched,
            unheard: 0,
            silent: false,
            listed: 0,
        };
        let changed = self.take_in(node, peer) || moved || otherwise;
        let reach = self.reach();
        for &(other, far) in near.iter() {
            let bound = difference(latency, far);
            if reach.is_none_or(|reach| bound < reach) {
                self.hear(other, bound);
            }
        }
        let source = self.source;
        self.peers
            .retain(|node, peer| node == source || peer.listed != 0 || kept(node));
        Some(Lesson {
            latency,
            changed,
            astray: otherwise && !moved,
        })
    }

    /// Puts a node that has been probed among the peers, and into the lists where it is near enough.
    /// Returns whether the upper half of a list has changed.
    fn take_in(&mut self, node: u32, peer: Peer) -> bool {
        let entry = (peer.latency, node);
        let upstream = self.is_upstream(node, peer.shortest);
        let listed = self.peers.get(node).map_or(0, |known| known.listed);
        self.peers.put(node, Peer { listed, ..peer });
        let mut changed = self.list(NEAR, entry);
        if upstream {
            changed |= self.list(UPSTREAM, entry);
        }
        if self.rings.enter(entry) {
            self.told = None;
        }
        changed
    }

    /// Puts a peer into the list with the bit `list`. Returns whether the upper half has changed.
    fn list(&mut self, list: u8, entry: Entry) -> bool {
        let entries = if list == NEAR {
            &mut self.near
        } else {
            &mut self.upstream
        };
        let Some(entered) = entries.enter(entry) else {
            return false;
        };
        self.told = None;
        if let Some(peer) = self.peers.get_mut(entry.1) {
            peer.listed |= list;
        }
        if let Some(peer) = entered.out.and_then(|out| self.peers.get_mut(out)) {
            peer.listed &= !list;
        }
        entered.high
    }

    /// The nodes that were probed at `before` or earlier and have not answered.
    pub(super) fn silent(&self, before: Time) -> Vec<u32> {
        let late = |&(_, asked): &(u32, &Time)| *asked <= before;
        let silent = self.probed.iter().filter(late);
        silent.map(|(node, _)| node).collect()
    }

    /// Forgets a node that is gone: no answer of it is waited for. If it leaves a gap in the lists, it is
    /// for the nearest of those that were too far away for them before.
    pub(super) fn give_up(&mut self, node: u32) {
        let listed = self.peers.get(node).is_some_and(|peer| peer.listed != 0);
        self.forget(node);
        self.probed.remove(node);
        self.candidates.give_up(node);
        if listed {
            let (peers, probed) = (&self.peers, &self.probed);
            let known = |node| peers.get(node).is_some() || probed.get(node).is_some();
            self.candidates.recall(known);
        }
    }

    /// Forgets what was believed of a node. Where the answer to a probe is under way no other is sent
    /// before it has come: an answer does not tell which probe it is to, and would be timed from the
    /// wrong one.
    fn forget(&mut self, node: u32) {
        self.peers.remove(node);
        let listed = [
            self.near.forget(node),
            self.upstream.forget(node),
            self.rings.forget(node),
        ];
        if listed.contains(&true) {
            self.told = None;
        }
    }
}

fn difference(a: Span, b: Span) -> Span {
    Span::from_ns(a.as_ns().abs_diff(b.as_ns()))
}

#[cfg(test)]
mod tests;
