//! Whom a node has heard of, and need not hear of again.
//!
//! This module does *not* know who is near enough to be worth a probe, nor what probes tell.

use std::collections::VecDeque;

use arrayvec::ArrayVec;

use super::lists::Entry;
use super::met::{Met, Told};
use crate::time::Span;

/// So many unprobed nodes are remembered; more distant rumours are forgotten first.
const RUMOURS_MAX: usize = 24;

/// Whom a node has heard of.
#[derive(Debug)]
pub(super) struct Hearsay {
    me: u32,
    source: u32,
    /// Heard of, not probed: how far away they are at least, ascending.
    rumours: ArrayVec<Entry, RUMOURS_MAX>,
    /// To be probed before all others.
    sought: VecDeque<u32>,
    /// Of whom it need not hear: probed, or among the rumours, or gone, or the node itself; of those
    /// probed, where they are: who tells another latency to the source has moved.
    met: Met,
    /// Who has not answered a probe, ascending: others may tell of them for long.
    gone: Vec<u32>,
}

impl Hearsay {
    /// A newcomer has heard of nobody but the source.
    pub(super) fn new(me: u32, source: u32) -> Self {
        let mut hearsay = Self {
            me,
            source,
            rumours: ArrayVec::new(),
            sought: VecDeque::new(),
            met: Met::new(me),
            gone: Vec::new(),
        };
        hearsay.met.meet(source);
        hearsay
    }

    /// Hears of `node`, which is at least `bound` away. Returns whether that was news.
    pub(super) fn hear(&mut self, node: u32, bound: Span) -> bool {
        let rumour = (bound, node);
        let full = self.rumours.is_full();
        if full && self.rumours.last().is_some_and(|last| *last < rumour) {
            // It would be forgotten at once: there is no need to know whether it is news.
            return false;
        }
        if self.met.has(node) {
            return false;
        }
        let Err(place) = self.rumours.binary_search(&rumour) else {
            return false;
        };
        let dropped = if full { self.rumours.pop() } else { None };
        self.rumours.insert(place, rumour);
        self.met.meet(node);
        let Some((_, dropped)) = dropped else {
            return true;
        };
        self.met.forget(dropped);
        dropped != node
    }

    /// Whether somebody sought has not been probed yet.
    pub(super) fn is_seeking(&self) -> bool {
        !self.sought.is_empty()
    }

    /// Must know where `node` stands, even if it was probed before.
    pub(super) fn seek(&mut self, node: u32) {
        if node != self.me && node != self.source && !self.sought.contains(&node) {
            self.met.meet(node);
            self.sought.push_back(node);
        }
    }

    /// Who is to be probed next: somebody sought, or else the nearest rumour if that `is_useful`. If
    /// it is not, neither are the others, and all are dropped.
    pub(super) fn next(&mut self, is_useful: impl Fn(Span) -> bool) -> Option<u32> {
        if let Some(sought) = self.sought.pop_front() {
            return Some(sought);
        }
        let (bound, node) = self.rumours.pop_at(0)?;
        if is_useful(bound) {
            return Some(node);
        }
        self.rumours.clear();
        None
    }

    /// A probe of `node` has `told` where it is. Returns what the one before told.
    pub(super) fn tell(&mut self, node: u32, told: Told) -> Option<Told> {
        // One that was sought while it was a rumour may have been forgotten with the rumours.
        self.met.tell(node, told)
    }

    /// How far from the source `node` is, if it has been probed.
    pub(super) fn told(&self, node: u32) -> Option<Span> {
        self.met.told(node).map(|told| told.shortest)
    }

    /// `node` may be heard of again.
    pub(super) fn forget(&mut self, node: u32) {
        self.met.forget(node);
    }

    /// `node` lives after all.
    pub(super) fn is_back(&mut self, node: u32) {
        if let Ok(place) = self.gone.binary_search(&node) {
            self.gone.remove(place);
            self.met.forget(node);
        }
    }

    /// `node` is gone: of it nobody need tell any more.
    pub(super) fn give_up(&mut self, node: u32) {
        if let Err(place) = self.gone.binary_search(&node) {
            self.gone.insert(place, node);
        }
        self.met.forget(node);
        self.met.meet(node);
    }

    /// The nearest of those that were probed once and are not `known` any more become rumours again.
    pub(super) fn recall(&mut self, known: impl Fn(u32) -> bool) {
        let probed = self.met.probed().filter(|&(node, _)| !known(node));
        let mut nearest: Vec<Entry> = probed.map(|(node, told)| (told.latency, node)).collect();
        nearest.sort_unstable();
        nearest.truncate(RUMOURS_MAX);
        for rumour in nearest {
            if self.rumours.iter().any(|&(_, node)| node == rumour.1) {
                continue;
            }
            let place = self.rumours.partition_point(|known| *known < rumour);
            if self.rumours.is_full() {
                if place == RUMOURS_MAX {
                    break;
                }
                if let Some((_, dropped)) = self.rumours.pop() {
                    self.met.forget(dropped);
                }
            }
            self.rumours.insert(place, rumour);
        }
    }

    /// Everybody may be heard of again, but for those sought and the gone.
    pub(super) fn start_over(&mut self) {
        self.rumours.clear();
        self.met = Met::new(self.me);
        self.met.meet(self.source);
        for &node in self.sought.iter().chain(&self.gone) {
            self.met.meet(node);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: u32 = 0;

    fn probed(hearsay: &mut Hearsay, node: u32, latency: u64) {
        hearsay.hear(node, Span::ZERO);
        assert_eq!(hearsay.next(|_| true), Some(node));
        let told = Told {
            shortest: Span::from_ns(9),
            latency: Span::from_ns(latency),
        };
        hearsay.tell(node, told);
    }

    #[test]
    fn those_probed_are_recalled_the_nearest_first_but_not_the_gone() {
        let mut hearsay = Hearsay::new(1, SOURCE);
        for (node, latency) in [(5, 30), (6, 10), (7, 20), (8, 40)] {
            probed(&mut hearsay, node, latency);
        }
        assert!(!hearsay.hear(6, Span::ZERO), "it was probed");
        hearsay.give_up(7);
        hearsay.recall(|node| node == 5);
        hearsay.recall(|node| node == 5);
        let all: Vec<u32> = std::iter::from_fn(|| hearsay.next(|_| true)).collect();
        assert_eq!(all, [6, 8]);
        assert!(!hearsay.hear(7, Span::ZERO), "it is gone");
        hearsay.is_back(7);
        assert!(hearsay.hear(7, Span::ZERO));
    }

    #[test]
    fn the_nearest_rumours_are_kept() {
        let mut hearsay = Hearsay::new(1, SOURCE);
        for node in 100..130 {
            probed(&mut hearsay, node, u64::from(node));
        }
        for node in 10..34 {
            assert!(hearsay.hear(node, Span::from_ns(115)));
        }
        hearsay.recall(|_| false);
        let all: Vec<u32> = std::iter::from_fn(|| hearsay.next(|_| true)).collect();
        let nearer = 100..115;
        let others = 10..10 + (RUMOURS_MAX - nearer.len()) as u32;
        assert_eq!(all, nearer.chain(others).collect::<Vec<u32>>());
    }

    #[test]
    fn after_a_move_only_the_gone_and_those_sought_are_known() {
        let mut hearsay = Hearsay::new(1, SOURCE);
        probed(&mut hearsay, 5, 10);
        hearsay.give_up(6);
        hearsay.seek(7);
        hearsay.start_over();
        let news = [SOURCE, 1, 5, 6, 7].map(|node| hearsay.hear(node, Span::ZERO));
        assert_eq!(news, [false, false, true, false, false]);
    }
}
