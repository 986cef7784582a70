//! Gossip candidates: nodes that others have mentioned, and which of them are not mentioned again.
//!
//! This module does *not* know who is near enough to be worth a probe, nor what probes tell.

use std::collections::VecDeque;

use arrayvec::ArrayVec;

use super::lists::Entry;
use super::peer_table::{PeerLatencies, PeerTable};
use crate::time::Span;

/// The maximum number of unprobed nodes that are remembered; more distant candidates are forgotten first.
const CANDIDATES_MAX: usize = 24;

/// Whom a node has heard of.
#[derive(Debug)]
pub(super) struct GossipCandidates {
    me: u32,
    source: u32,
    /// Heard of, not probed: how far away they are at least, ascending.
    heard_of: ArrayVec<Entry, CANDIDATES_MAX>,
    /// To be probed before all others.
    sought: VecDeque<u32>,
    /// The peers that it knows already: those that it has probed, the candidates, those that are gone, and the
    /// node itself. Those that it has probed are kept with where they are: one that reports another latency to
    /// the source has moved.
    peer_table: PeerTable,
    /// The nodes that have not answered a probe, ascending: others may mention them for a long time.
    gone: Vec<u32>,
}

impl GossipCandidates {
    /// A newcomer has heard of nobody but the source.
    pub(super) fn new(me: u32, source: u32) -> Self {
        let mut candidates = Self {
            me,
            source,
            heard_of: ArrayVec::new(),
            sought: VecDeque::new(),
            peer_table: PeerTable::new(me),
            gone: Vec::new(),
        };
        candidates.peer_table.meet(source);
        candidates
    }

    /// Hears of `node`, which is at least `bound` away. Returns whether that was news.
    pub(super) fn hear(&mut self, node: u32, bound: Span) -> bool {
        let candidate = (bound, node);
        let full = self.heard_of.is_full();
        if full && self.heard_of.last().is_some_and(|last| *last < candidate) {
            // It would be forgotten at once: there is no need to know whether it is news.
            return false;
        }
        if self.peer_table.has(node) {
            return false;
        }
        let Err(place) = self.heard_of.binary_search(&candidate) else {
            return false;
        };
        let dropped = if full { self.heard_of.pop() } else { None };
        self.heard_of.insert(place, candidate);
        self.peer_table.meet(node);
        let Some((_, dropped)) = dropped else {
            return true;
        };
        self.peer_table.forget(dropped);
        dropped != node
    }

    /// Whether somebody sought has not been probed yet.
    pub(super) fn is_seeking(&self) -> bool {
        !self.sought.is_empty()
    }

    /// Must know where `node` stands, even if it was probed before.
    pub(super) fn seek(&mut self, node: u32) {
        if node != self.me && node != self.source && !self.sought.contains(&node) {
            self.peer_table.meet(node);
            self.sought.push_back(node);
        }
    }

    /// Who is to be probed next: somebody sought, or else the nearest candidate if that `is_useful`. If
    /// it is not, neither are the others, and all are dropped.
    pub(super) fn next(&mut self, is_useful: impl Fn(Span) -> bool) -> Option<u32> {
        if let Some(sought) = self.sought.pop_front() {
            return Some(sought);
        }
        let (bound, node) = self.heard_of.pop_at(0)?;
        if is_useful(bound) {
            return Some(node);
        }
        self.heard_of.clear();
        None
    }

    /// A probe of `node` has `told` where it is. Returns what the one before told.
    pub(super) fn tell(&mut self, node: u32, told: PeerLatencies) -> Option<PeerLatencies> {
        // One that was sought while it was a candidate may have been forgotten with the candidates.
        self.peer_table.tell(node, told)
    }

    /// How far from the source `node` is, if it has been probed.
    pub(super) fn told(&self, node: u32) -> Option<Span> {
        self.peer_table.told(node).map(|told| told.shortest)
    }

    /// `node` may be heard of again.
    pub(super) fn forget(&mut self, node: u32) {
        self.peer_table.forget(node);
    }

    /// `node` lives after all.
    pub(super) fn is_back(&mut self, node: u32) {
        if let Ok(place) = self.gone.binary_search(&node) {
            self.gone.remove(place);
            self.peer_table.forget(node);
        }
    }

    /// `node` is gone: of it nobody need tell any more.
    pub(super) fn give_up(&mut self, node: u32) {
        if let Err(place) = self.gone.binary_search(&node) {
            self.gone.insert(place, node);
        }
        self.peer_table.forget(node);
        self.peer_table.meet(node);
    }

    /// The nearest of those that were probed once and are not `known` any more become candidates again.
    pub(super) fn recall(&mut self, known: impl Fn(u32) -> bool) {
        let probed = self.peer_table.probed().filter(|&(node, _)| !known(node));
        let mut nearest: Vec<Entry> = probed.map(|(node, told)| (told.latency, node)).collect();
        nearest.sort_unstable();
        nearest.truncate(CANDIDATES_MAX);
        for candidate in nearest {
            if self.heard_of.iter().any(|&(_, node)| node == candidate.1) {
                continue;
            }
            let place = self.heard_of.partition_point(|known| *known < candidate);
            if self.heard_of.is_full() {
                if place == CANDIDATES_MAX {
                    break;
                }
                if let Some((_, dropped)) = self.heard_of.pop() {
                    self.peer_table.forget(dropped);
                }
            }
            self.heard_of.insert(place, candidate);
        }
    }

    /// Everybody may be heard of again, but for those sought and the gone.
    pub(super) fn start_over(&mut self) {
        self.heard_of.clear();
        self.peer_table = PeerTable::new(self.me);
        self.peer_table.meet(self.source);
        for &node in self.sought.iter().chain(&self.gone) {
            self.peer_table.meet(node);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: u32 = 0;

    fn probed(candidates: &mut GossipCandidates, node: u32, latency: u64) {
        candidates.hear(node, Span::ZERO);
        assert_eq!(candidates.next(|_| true), Some(node));
        let told = PeerLatencies {
            shortest: Span::from_ns(9),
            latency: Span::from_ns(latency),
        };
        candidates.tell(node, told);
    }

    #[test]
    fn those_probed_are_recalled_the_nearest_first_but_not_the_gone() {
        let mut candidates = GossipCandidates::new(1, SOURCE);
        for (node, latency) in [(5, 30), (6, 10), (7, 20), (8, 40)] {
            probed(&mut candidates, node, latency);
        }
        assert!(!candidates.hear(6, Span::ZERO), "it was probed");
        candidates.give_up(7);
        candidates.recall(|node| node == 5);
        candidates.recall(|node| node == 5);
        let all: Vec<u32> = std::iter::from_fn(|| candidates.next(|_| true)).collect();
        assert_eq!(all, [6, 8]);
        assert!(!candidates.hear(7, Span::ZERO), "it is gone");
        candidates.is_back(7);
        assert!(candidates.hear(7, Span::ZERO));
    }

    #[test]
    fn the_nearest_rumours_are_kept() {
        let mut candidates = GossipCandidates::new(1, SOURCE);
        for node in 100..130 {
            probed(&mut candidates, node, u64::from(node));
        }
        for node in 10..34 {
            assert!(candidates.hear(node, Span::from_ns(115)));
        }
        candidates.recall(|_| false);
        let all: Vec<u32> = std::iter::from_fn(|| candidates.next(|_| true)).collect();
        let nearer = 100..115;
        let others = 10..10 + (CANDIDATES_MAX - nearer.len()) as u32;
        assert_eq!(all, nearer.chain(others).collect::<Vec<u32>>());
    }

    #[test]
    fn after_a_move_only_the_gone_and_those_sought_are_known() {
        let mut candidates = GossipCandidates::new(1, SOURCE);
        probed(&mut candidates, 5, 10);
        candidates.give_up(6);
        candidates.seek(7);
        candidates.start_over();
        let news = [SOURCE, 1, 5, 6, 7].map(|node| candidates.hear(node, Span::ZERO));
        assert_eq!(news, [false, false, true, false, false]);
    }
}
