//! The nodes that clients know, and how much each has to do for them.
//!
//! This module does *not* know requests, nor how it is learnt who serves.

use std::collections::{BTreeSet, VecDeque};

use crate::time::{Span, Time};

/// Instances of an application, as one population sees them.
///
/// A population sends where it expects the soonest answer, as a load balancer with least outstanding requests does:
/// each request that it has outstanding at an instance counts for the time it takes to be served, besides the round
/// trip. It avoids an instance that is kept busy by the requests outstanding there, and for a while one that has
/// said that it is full.
#[derive(Debug, Default)]
pub(super) struct Instances {
    /// How long an instance serves a request, on average.
    service: Span,
    slots: Vec<Slot>,
    /// The slots in use, by (latency, node).
    order: Vec<u16>,
    /// A tournament of the places in `order`: those of the leaves, `leaves` of them, follow the winners
    /// of each pair; the first entry is not used.
    winners: Vec<u16>,
    leaves: usize,
    /// The slots that are left alone, with the ends of their pauses, ascending.
    paused: VecDeque<(Time, u16)>,
    /// After how long a request has been answered or is lost; `None`: none is lost on its way.
    patience: Option<Span>,
    /// The slots that were closed because enough was outstanding, with the ends of the patience with them, ascending.
    closed: VecDeque<(Time, u16)>,
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
    /// When the last request was sent there.
    asked: Time,
    /// Whether all that was outstanding is lost, and one request more was sent to see whether it answers.
    doubted: bool,
    /// Its place in the order.
    place: u16,
}

/// What became of a request that was sent to an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InstanceReply {
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
            asked: Time::ZERO,
            doubted: false,
            place: 0,
        }
    }

    /// How soon it is expected to answer but for the service itself, in ns; nothing if it is closed.
    fn expected_ns(&self, service: Span) -> Option<u64> {
        let open = !self.gone && self.paused.is_none() && self.outstanding < self.window;
        let served = service.as_ns().saturating_mul(self.outstanding.into());
        open.then(|| (2 * self.latency.as_ns()).saturating_add(served))
    }
}

impl Instances {
    /// The first instances, of which none is there twice, that serve a request in `service` on
    /// average: each a node, its latency, and the number of outstanding requests that keep it busy.
    pub(super) fn of(service: Span, nodes: impl IntoIterator<Item = (u32, Span, u16)>) -> Self {
        let mut instances = Self {
            service,
            slots: nodes.into_iter().map(Slot::new).collect(),
            ..Self::default()
        };
        instances.arrange();
        instances
    }

    /// Requests and answers may be lost on their way: of what is not answered for as long as `patience` nothing is
    /// outstanding any more.
    pub(super) fn expect_losses(&mut self, patience: Span) {
        self.patience = Some(patience);
    }

    /// Adds instances. One that is there already begins anew, with nothing outstanding.
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

    /// Adds those instances that are not there, or have said that they serve others.
    pub(super) fn add_missing(&mut self, nodes: impl IntoIterator<Item = (u32, Span, u16)>) {
        let known: BTreeSet<u32> = self
            .slots
            .iter()
            .filter(|slot| !slot.gone)
            .filter_map(|slot| slot.node)
            .collect();
        let missing = nodes.into_iter().filter(|(node, ..)| !known.contains(node));
        let missing: Vec<_> = missing.collect();
        if !missing.is_empty() {
            self.add(missing);
        }
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

    /// The slot and node of the instance that is expected to answer soonest (the nearest of
    /// several), if its round trip and the requests outstanding there suit; one more is outstanding
    /// there then.
    #[inline]
    pub(super) fn take(
        &mut self,
        now: Time,
        suits: impl FnOnce(Span, u16) -> bool,
    ) -> Option<(u16, u32)> {
        while let Some(&(until, slot)) = self.paused.front().filter(|(until, _)| *until <= now) {
            self.paused.pop_front();
            let own = &mut self.slots[usize::from(slot)];
            if own.paused == Some(until) {
                own.paused = None;
                self.compete(slot);
            }
        }
        self.doubt(now);
        let index = *self.order.get(usize::from(*self.winners.get(1)?))?;
        let slot = &mut self.slots[usize::from(index)];
        slot.expected_ns(self.service)?;
        if !suits(slot.latency + slot.latency, slot.outstanding) {
            return None;
        }
        slot.outstanding += 1;
        slot.asked = now;
        let node = slot.node?;
        if let Some(patience) = self.patience.filter(|_| slot.outstanding >= slot.window) {
            self.closed.push_back((now.saturating_add(patience), index));
        }
        self.compete(index);
        Some((index, node))
    }

    /// What became of a request that was sent to `node`, kept in `slot`. Whether that node is still
    /// known there.
    #[inline]
    pub(super) fn release(&mut self, slot: u16, node: u32, outcome: InstanceReply) -> bool {
        let own = &mut self.slots[usize::from(slot)];
        if own.node != Some(node) {
            return false;
        }
        own.outstanding = if std::mem::take(&mut own.doubted) {
            0
        } else {
            own.outstanding.saturating_sub(1)
        };
        match outcome {
            InstanceReply::Served => {}
            InstanceReply::Full(until) => {
                own.paused = Some(until);
                self.paused.push_back((until, slot));
            }
            InstanceReply::Gone => own.gone = true,
        }
        self.compete(slot);
        true
    }

    /// Opens instances for one request of which nothing was heard since they were closed: what was outstanding there is
    /// lost.
    fn doubt(&mut self, now: Time) {
        while let Some(&(until, slot)) = self.closed.front().filter(|(until, _)| *until <= now) {
            self.closed.pop_front();
            let own = &mut self.slots[usize::from(slot)];
            let ends = self
                .patience
                .map(|patience| own.asked.saturating_add(patience));
            if ends == Some(until) && own.outstanding >= own.window {
                own.outstanding = own.window.saturating_sub(1);
                own.doubted = true;
                self.compete(slot);
            }
        }
    }

    /// Plays the games of an instance again.
    fn compete(&mut self, slot: u16) {
        let slot = &self.slots[usize::from(slot)];
        if slot.node.is_none() {
            // It has no place in the order any more.
            return;
        }
        let mut game = usize::midpoint(self.leaves, slot.place.into());
        while game > 0 {
            self.play(game);
            game /= 2;
        }
    }

    fn play(&mut self, game: usize) {
        let (near, far) = (self.winners[2 * game], self.winners[2 * game + 1]);
        let expected = |place: u16| {
            let slot = self.order.get(usize::from(place));
            let expected = slot.and_then(|slot| {
                let slot = &self.slots[usize::from(*slot)];
                slot.expected_ns(self.service)
            });
            expected.unwrap_or(u64::MAX)
        };
        self.winners[game] = if expected(near) <= expected(far) {
            near
        } else {
            far
        };
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
        for (place, &index) in self.order.iter().enumerate() {
            self.slots[usize::from(index)].place = place as u16;
        }
        self.leaves = self.order.len().next_power_of_two().max(2);
        self.winners = vec![0; self.leaves];
        self.winners.extend(0..self.leaves as u16);
        for game in (1..self.leaves).rev() {
            self.play(game);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVICE: Span = Span::from_ns(15);

    fn near(node: u32, latency: u64) -> (u32, Span, u16) {
        (node, Span::from_ns(latency), 2)
    }

    fn at(ns: u64) -> Time {
        Time::from_ns(ns)
    }

    fn of(nodes: impl IntoIterator<Item = (u32, Span, u16)>) -> Instances {
        Instances::of(SERVICE, nodes)
    }

    fn take(instances: &mut Instances, now: u64) -> Option<(u16, u32)> {
        instances.take(at(now), |_, _| true)
    }

    #[test]
    fn the_instance_that_answers_soonest_is_taken_until_it_has_enough_to_do() {
        let mut instances = of([near(5, 30), near(7, 10), near(6, 10)]);
        let mut next = || take(&mut instances, 0).map(|(_, node)| node);
        let taken: Vec<_> = std::iter::repeat_with(&mut next).take(7).collect();
        // Round trips of 20 and 60, and 15 for each that is outstanding.
        assert_eq!(taken[..6], [6, 7, 6, 7, 5, 5].map(Some));
        assert_eq!(taken[6], None);
        assert!(instances.release(1, 7, InstanceReply::Served));
        assert!(
            instances
                .take(at(0), |trip, out| trip.as_ns() < 20 && out == 1)
                .is_none()
        );
        assert!(
            instances
                .take(at(0), |trip, out| trip.as_ns() == 20 && out == 1)
                .is_some()
        );
        assert!(
            !instances.release(1, 6, InstanceReply::Served),
            "another node's slot"
        );
    }

    #[test]
    fn the_soonest_of_many_is_found_as_by_looking_at_all() {
        let streams = crate::random::RandomStreams::new(5, 0);
        let below = |index, n| streams.below(crate::random::StreamId(240), 0, index, n);
        let mut instances = of((0..37).map(|node| near(node, below(node, 60))));
        let mut held = Vec::new();
        for step in 100..2000 {
            let open = instances.order.iter().filter_map(|&slot| {
                let own = &instances.slots[usize::from(slot)];
                Some((own.expected_ns(SERVICE)?, own.place, slot))
            });
            let soonest = open.min().map(|(_, _, slot)| slot);
            let taken = take(&mut instances, 0);
            assert_eq!(taken.map(|(slot, _)| slot), soonest, "{step}");
            held.extend(taken);
            while !held.is_empty() && below(step, 75) < held.len() as u64 {
                let (slot, node) = held.swap_remove(below(step + 5000, held.len() as u64) as usize);
                assert!(instances.release(slot, node, InstanceReply::Served));
            }
        }
    }

    #[test]
    fn who_was_full_is_left_alone_for_a_while() {
        let mut instances = of([near(1, 10), near(2, 20)]);
        for until in [100, 130] {
            let (slot, node) = take(&mut instances, 0).unwrap();
            assert!(instances.release(slot, node, InstanceReply::Full(at(until))));
        }
        assert_eq!(take(&mut instances, 99), None);
        assert_eq!(take(&mut instances, 100), Some((0, 1)));
        instances.remove(&[1]);
        assert_eq!(take(&mut instances, 129), None);
        instances.add([near(3, 30)]);
        assert_eq!(take(&mut instances, 129).unwrap().1, 3);
        assert_eq!(take(&mut instances, 130).unwrap().1, 2);
    }

    #[test]
    fn who_has_lost_all_requests_is_tried_again_with_one() {
        let mut instances = of([near(1, 10)]);
        instances.expect_losses(Span::from_ns(100));
        let mut next = |now| take(&mut instances, now).is_some();
        assert_eq!([0, 5, 6, 104].map(&mut next), [true, true, false, false]);
        // Neither has been answered within the time in which it would have been.
        assert_eq!([105, 106, 204].map(&mut next), [true, false, false]);
        assert_eq!([205, 206].map(&mut next), [true, false]);
        assert!(instances.release(0, 1, InstanceReply::Served));
        let mut next = |now| take(&mut instances, now).is_some();
        assert_eq!([207, 208, 209].map(&mut next), [true, true, false]);
        assert!(instances.release(0, 1, InstanceReply::Served));
        // It answers: what is outstanding is not lost.
        let mut next = |now| take(&mut instances, now).is_some();
        assert_eq!([308, 309].map(&mut next), [true, false]);
    }

    #[test]
    fn who_is_gone_stays_closed_until_it_is_added_again() {
        let mut instances = of((0..200).map(|node| near(node, 1000 - u64::from(node))));
        let (slot, node) = take(&mut instances, 0).unwrap();
        assert_eq!(node, 199);
        assert!(instances.release(slot, node, InstanceReply::Gone));
        assert_eq!(take(&mut instances, 0).unwrap().1, 198);
        instances.remove(&[198, 197, 3]);
        assert_eq!(take(&mut instances, 0).unwrap().1, 196);
        instances.add([near(199, 5), near(500, 1)]);
        assert_eq!(take(&mut instances, 0).unwrap().1, 500);
        assert_eq!(take(&mut instances, 0).unwrap().1, 199);
        assert!(
            !instances.release(197, 197, InstanceReply::Served),
            "it was removed"
        );
        instances.remove(&[]);
        assert_eq!(
            Instances::default().take(at(0), |_, _| true),
            None,
            "none at all"
        );
    }
}
