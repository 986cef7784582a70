//! The nodes that clients know, and how much each has to do for them.
//!
//! This module does *not* know requests, nor how it is learnt who serves.

use std::collections::{BTreeSet, VecDeque};

use super::deadlines::Deadlines;
use crate::time::{Span, Time};

/// The number of requests in a row that an instance leaves unanswered before it is left alone for a while.
const MISSES_MAX: u8 = 2;

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
    /// What is waited for, and for how long an instance that does not answer is left alone; `None`: nothing is lost on its
    /// way.
    losses: Option<(Deadlines, Span)>,
    /// The slots that are left alone since they did not answer, with the ends of their rests, ascending.
    resting: VecDeque<(Time, u16)>,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    /// `None`: the slot is free.
    node: Option<u32>,
    latency: Span,
    /// Requests that are sent there and neither answered nor refused, nor given up.
    outstanding: u16,
    /// At how many of them it is closed.
    window: u16,
    /// Whether it has said that it serves others now.
    gone: bool,
    /// Until when it is left alone.
    paused: Option<Time>,
    /// When it answered or refused last.
    heard: Time,
    /// How many requests were given up of which nothing was heard from it after they had been sent.
    misses: u8,
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
            heard: Time::ZERO,
            misses: 0,
            place: 0,
        }
    }

    /// How soon it is expected to answer but for the service itself, in ns; nothing if it is closed.
    fn expected_ns(&self, service: Span) -> Option<u64> {
        // While it does not answer it is tried with one request at a time.
        let window = if self.misses > 0 { 1 } else { self.window };
        let open = !self.gone && self.paused.is_none() && self.outstanding < window;
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

    /// Requests and answers may be lost on their way: a request that is not answered for as long as `patience` is
    /// outstanding no longer. An instance that lets several go unanswered, and answers no other one meanwhile, has a `rest`.
    pub(super) fn expect_losses(&mut self, patience: Span, rest: Span) {
        self.losses = Some((Deadlines::new(patience), rest));
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
                Some(index) => {
                    self.slots[index] = slot;
                    if let Some((deadlines, _)) = &mut self.losses {
                        deadlines.renew(index);
                    }
                }
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
    /// there then, which was `issued` once.
    #[inline]
    pub(super) fn take(
        &mut self,
        now: Time,
        issued: Time,
        suits: impl FnOnce(Span, u16) -> bool,
    ) -> Option<(u16, u32)> {
        while let Some(&pause) = self.paused.front().filter(|(until, _)| *until <= now) {
            self.paused.pop_front();
            self.reopen(pause);
        }
        self.give_up(now);
        let index = *self.order.get(usize::from(*self.winners.get(1)?))?;
        let slot = &mut self.slots[usize::from(index)];
        slot.expected_ns(self.service)?;
        if !suits(slot.latency + slot.latency, slot.outstanding) {
            return None;
        }
        slot.outstanding += 1;
        let node = slot.node?;
        if let Some((deadlines, _)) = &mut self.losses {
            deadlines.send(index, issued, now);
        }
        self.compete(index);
        Some((index, node))
    }

    /// What became of a request that was `issued` once and sent to `node`, kept in `slot`, is heard at `now`. Returns
    /// whether that node is still known there.
    #[inline]
    pub(super) fn release(
        &mut self,
        (slot, node): (u16, u32),
        issued: Time,
        outcome: InstanceReply,
        now: Time,
    ) -> bool {
        let own = &mut self.slots[usize::from(slot)];
        if own.node != Some(node) {
            return false;
        }
        let losses = self.losses.as_mut();
        if losses.is_none_or(|(deadlines, _)| deadlines.answer(slot, issued)) {
            own.outstanding = own.outstanding.saturating_sub(1);
        }
        if own.misses >= MISSES_MAX {
            own.paused = None;
        }
        (own.heard, own.misses) = (now, 0);
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

    /// Waits no longer for requests whose answers should have come.
    fn give_up(&mut self, now: Time) {
        while let Some(&rest) = self.resting.front().filter(|(until, _)| *until <= now) {
            self.resting.pop_front();
            self.reopen(rest);
        }
        let Some((deadlines, rest)) = &mut self.losses else {
            return;
        };
        let until = now.saturating_add(*rest);
        let given_up: Vec<(u16, Time)> = std::iter::from_fn(|| deadlines.give_up(now)).collect();
        for (slot, sent) in given_up {
            let own = &mut self.slots[usize::from(slot)];
            own.outstanding = own.outstanding.saturating_sub(1);
            if own.heard <= sent {
                own.misses = own.misses.saturating_add(1);
            }
            if own.misses >= MISSES_MAX {
                own.paused = Some(until);
                self.resting.push_back((until, slot));
            }
            self.compete(slot);
        }
    }

    /// The pause of a slot until then ends, unless it has another one.
    fn reopen(&mut self, (until, slot): (Time, u16)) {
        let own = &mut self.slots[usize::from(slot)];
        if own.paused == Some(until) {
            own.paused = None;
            self.compete(slot);
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
mod tests;
