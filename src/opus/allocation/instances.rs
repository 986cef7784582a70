//! The nodes that clients know, nearest first, and how much each has to do for them.
//!
//! This module does *not* know requests, nor how it is learnt who serves.

use std::collections::VecDeque;

use crate::time::{Span, Time};

/// Instances of an application, as one population sees them.
///
/// A population sends to the nearest instance that is *open*: one to which it has fewer requests
/// outstanding than keep it busy, and which it does not leave alone for having been full. Open instances are bits in order of latency, so the nearest one
/// is found without looking at those before it one by one.
#[derive(Debug, Default)]
pub(super) struct Instances {
    slots: Vec<Slot>,
    /// The slots in use, by (latency, node).
    order: Vec<u16>,
    /// Whether the instance at each place of `order` is open, 64 a word.
    open: Vec<u64>,
    /// The slots that are left alone, with the ends of their pauses, ascending.
    paused: VecDeque<(Time, u16)>,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    /// `None`: the slot is free.
    node: Option<u32>,
    latency: Span,
    /// Requests that are sent there and neither answered nor refused.
    outstanding: u16,
    /// At how many of them it is closed.
    window: u16,
    /// Whether it has said that it serves others now.
    gone: bool,
    /// Until when it is left alone.
    paused: Option<Time>,
    /// Its place in the order.
    place: u16,
}

/// What became of a request that was sent to an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It was served.
    Served,
    /// The instance is full, and is left alone until then.
    Full(Time),
    /// The instance serves others now.
    Gone,
}

impl Slot {
    fn new((node, latency, window): (u32, Span, u16)) -> Self {
        Self {
            node: Some(node),
            latency,
            outstanding: 0,
            window,
            gone: false,
            paused: None,
            place: 0,
        }
    }

    fn is_open(&self) -> bool {
        !self.gone && self.paused.is_none() && self.outstanding < self.window
    }
}

impl Instances {
    /// Adds instances, each a node, its latency, and the number of outstanding requests that keep
    /// it busy. One that is there already begins anew, with nothing outstanding.
    pub(super) fn add(&mut self, nodes: impl IntoIterator<Item = (u32, Span, u16)>) {
        let mut free: Vec<usize> = (0..self.slots.len())
            .filter(|&slot| self.slots[slot].node.is_none())
            .rev()
            .collect();
        for instance in nodes {
            let (slot, node) = (Slot::new(instance), instance.0);
            let known = self.slots.iter().position(|slot| slot.node == Some(node));
            match known.or_else(|| free.pop()) {
                Some(index) => self.slots[index] = slot,
                None => self.slots.push(slot),
            }
        }
        self.arrange();
    }

    /// The first instances, of which none is there twice: without searching for each.
    pub(super) fn of(nodes: impl IntoIterator<Item = (u32, Span, u16)>) -> Self {
        let mut instances = Self {
            slots: nodes.into_iter().map(Slot::new).collect(),
            ..Self::default()
        };
        instances.arrange();
        instances
    }

    /// Removes instances, as far as they are there.
    pub(super) fn remove(&mut self, nodes: &[u32]) {
        for slot in &mut self.slots {
            if slot.node.is_some_and(|node| nodes.contains(&node)) {
                (slot.node, slot.paused) = (None, None);
            }
        }
        self.arrange();
    }

    /// The slot and node of the nearest open instance behind slot `after` (`None`: of all); one
    /// more request is outstanding there.
    #[inline]
    pub(super) fn take(&mut self, after: Option<u16>, now: Time) -> Option<(u16, u32)> {
        while let Some(&(until, slot)) = self.paused.front().filter(|(until, _)| *until <= now) {
            self.paused.pop_front();
            let own = &mut self.slots[usize::from(slot)];
            if own.paused == Some(until) {
                own.paused = None;
                self.mark(slot);
            }
        }
        let from = after.map_or(0, |slot| {
            usize::from(self.slots[usize::from(slot)].place) + 1
        });
        let place = self.first_open(from)?;
        let index = self.order[place];
        let slot = &mut self.slots[usize::from(index)];
        slot.outstanding += 1;
        let node = slot.node?;
        self.mark(index);
        Some((index, node))
    }

    /// What became of a request that was sent to `node`, kept in `slot`. Whether that node is still
    /// known there.
    #[inline]
    pub(super) fn release(&mut self, slot: u16, node: u32, outcome: Outcome) -> bool {
        let own = &mut self.slots[usize::from(slot)];
        if own.node != Some(node) {
            return false;
        }
        own.outstanding = own.outstanding.saturating_sub(1);
        match outcome {
            Outcome::Served => {}
            Outcome::Full(until) => {
                own.paused = Some(until);
                self.paused.push_back((until, slot));
            }
            Outcome::Gone => own.gone = true,
        }
        self.mark(slot);
        true
    }

    /// Notes whether the instance in `slot` is open.
    fn mark(&mut self, slot: u16) {
        let slot = &self.slots[usize::from(slot)];
        let (word, bit) = (usize::from(slot.place / 64), 1 << (slot.place % 64));
        match (slot.node, slot.is_open()) {
            (Some(_), true) => self.open[word] |= bit,
            (Some(_), false) => self.open[word] &= !bit,
            // It has no place in the order any more.
            (None, _) => {}
        }
    }

    fn first_open(&self, from: usize) -> Option<usize> {
        let first = from / 64;
        let mut mask = u64::MAX << (from % 64);
        for (word, bits) in self.open.iter().enumerate().skip(first) {
            let bits = bits & mask;
            if bits != 0 {
                return Some(word * 64 + bits.trailing_zeros() as usize);
            }
            mask = u64::MAX;
        }
        None
    }

    fn arrange(&mut self) {
        let slots = &self.slots;
        self.order.clear();
        let used = (0..slots.len() as u16).filter(|&slot| slots[usize::from(slot)].node.is_some());
        self.order.extend(used);
        self.order.sort_unstable_by_key(|&slot| {
            let slot = &slots[usize::from(slot)];
            (slot.latency, slot.node)
        });
        self.open.clear();
        self.open.resize(self.order.len().div_ceil(64), 0);
        for (place, &index) in self.order.iter().enumerate() {
            let slot = &mut self.slots[usize::from(index)];
            slot.place = place as u16;
            if slot.is_open() {
                self.open[place / 64] |= 1 << (place % 64);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(node: u32, latency: u64) -> (u32, Span, u16) {
        (node, Span::from_ns(latency), 2)
    }

    fn at(ns: u64) -> Time {
        Time::from_ns(ns)
    }

    #[test]
    fn the_nearest_open_instance_is_taken_until_it_has_enough_to_do() {
        let mut instances = Instances::of([near(5, 30), near(7, 10), near(6, 10)]);
        let mut take = || instances.take(None, at(0)).map(|(_, node)| node);
        let taken: Vec<_> = std::iter::repeat_with(&mut take).take(7).collect();
        let expected = [6, 6, 7, 7, 5, 5].map(Some);
        assert_eq!(taken[..6], expected);
        assert_eq!(taken[6], None);
        assert!(instances.release(1, 7, Outcome::Served));
        assert_eq!(instances.take(None, at(0)), Some((1, 7)));
        assert!(
            !instances.release(1, 6, Outcome::Served),
            "another node's slot"
        );
    }

    #[test]
    fn who_was_full_is_left_alone_for_a_while() {
        let mut instances = Instances::of([near(1, 10), near(2, 20)]);
        for until in [100, 130] {
            let (slot, node) = instances.take(None, at(0)).unwrap();
            assert!(instances.release(slot, node, Outcome::Full(at(until))));
        }
        assert_eq!(instances.take(None, at(99)), None);
        assert_eq!(instances.take(None, at(100)), Some((0, 1)));
        instances.remove(&[1]);
        assert_eq!(instances.take(None, at(129)), None);
        instances.add([near(3, 30)]);
        assert_eq!(instances.take(None, at(129)).unwrap().1, 3);
        assert_eq!(instances.take(None, at(130)).unwrap().1, 2);
    }

    #[test]
    fn who_is_gone_stays_closed_until_it_is_added_again() {
        let mut instances = Instances::of((0..200).map(|node| near(node, 1000 - u64::from(node))));
        let (slot, node) = instances.take(None, at(0)).unwrap();
        assert_eq!(node, 199);
        assert!(instances.release(slot, node, Outcome::Gone));
        assert_eq!(instances.take(None, at(0)).unwrap().1, 198);
        instances.remove(&[198, 197, 3]);
        assert_eq!(instances.take(None, at(0)).unwrap().1, 196);
        instances.add([near(199, 5), near(500, 1)]);
        let (slot, node) = instances.take(None, at(0)).unwrap();
        assert_eq!(node, 500);
        let next = instances.take(Some(slot), at(0)).unwrap().1;
        assert_eq!(next, 199, "the next behind it");
        assert!(
            !instances.release(197, 197, Outcome::Served),
            "it was removed"
        );
    }
}
