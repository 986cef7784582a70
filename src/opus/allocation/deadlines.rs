//! Until when clients wait for the answers to their requests, where requests and answers may be lost on their way.
//!
//! This module does *not* know what is sent to whom, nor what follows when nothing comes back.

use std::collections::VecDeque;

use crate::time::{Span, Time};

/// A request that is waited for.
#[derive(Debug, Clone, Copy)]
struct Sent {
    /// When it was issued, by which its answer is known.
    issued: Time,
    at: Time,
}

/// The requests that are waited for, by the slot of the instance that they were sent to.
#[derive(Debug)]
pub(super) struct Deadlines {
    /// How long each is waited for.
    patience: Span,
    /// By slot, in the order in which they were sent.
    sent: Vec<VecDeque<Sent>>,
    /// When a request was sent, and to which slot, ascending; also of those that were answered since.
    all: VecDeque<(Time, u16)>,
}

impl Deadlines {
    /// Nothing is waited for yet; each request is waited for during `patience`.
    pub(super) fn new(patience: Span) -> Self {
        Self {
            patience,
            sent: Vec::new(),
            all: VecDeque::new(),
        }
    }

    /// A request that was `issued` once is sent at `now`.
    pub(super) fn send(&mut self, slot: u16, issued: Time, now: Time) {
        let slots = self.sent.len().max(usize::from(slot) + 1);
        self.sent.resize_with(slots, VecDeque::new);
        self.sent[usize::from(slot)].push_back(Sent { issued, at: now });
        self.all.push_back((now, slot));
    }

    /// The answer to the request that was `issued` then has come. Returns whether it was still waited for.
    pub(super) fn answer(&mut self, slot: u16, issued: Time) -> bool {
        let Some(sent) = self.sent.get_mut(usize::from(slot)) else {
            return false;
        };
        let place = sent.iter().position(|sent| sent.issued == issued);
        place.is_some_and(|place| sent.remove(place).is_some())
    }

    /// The slot is another instance's from now on, or its instance begins anew: nothing is waited for there.
    pub(super) fn renew(&mut self, slot: usize) {
        if let Some(sent) = self.sent.get_mut(slot) {
            sent.clear();
        }
    }

    /// A request that is waited for no longer at `now`: its slot, and when it was sent. To be called until there is none.
    pub(super) fn give_up(&mut self, now: Time) -> Option<(u16, Time)> {
        while let Some(&(at, slot)) = self.all.front() {
            if at.saturating_add(self.patience) > now {
                return None;
            }
            self.all.pop_front();
            let sent = &mut self.sent[usize::from(slot)];
            if sent.front().is_some_and(|sent| sent.at == at) {
                sent.pop_front();
                return Some((slot, at));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ns: u64) -> Time {
        Time::from_ns(ns)
    }

    #[test]
    fn each_request_is_waited_for_until_its_own_deadline() {
        let mut deadlines = Deadlines::new(Span::from_ns(100));
        for (slot, issued, now) in [(1, 1, 1), (1, 2, 3), (0, 3, 3), (1, 4, 4)] {
            deadlines.send(slot, at(issued), at(now));
        }
        assert!(deadlines.answer(1, at(2)));
        assert!(!deadlines.answer(1, at(2)), "it was answered before");
        assert!(!deadlines.answer(7, at(4)), "nothing was sent there");
        assert_eq!(deadlines.give_up(at(100)), None);
        assert_eq!(deadlines.give_up(at(104)), Some((1, at(1))));
        assert_eq!(deadlines.give_up(at(104)), Some((0, at(3))));
        assert_eq!(deadlines.give_up(at(104)), Some((1, at(4))));
        assert_eq!(deadlines.give_up(at(1000)), None);
        assert!(!deadlines.answer(1, at(4)), "it comes too late");
    }

    #[test]
    fn nothing_is_waited_for_in_a_slot_that_begins_anew() {
        let mut deadlines = Deadlines::new(Span::from_ns(100));
        deadlines.send(0, at(1), at(1));
        deadlines.renew(0);
        deadlines.send(0, at(5), at(5));
        assert!(!deadlines.answer(0, at(1)));
        assert_eq!(deadlines.give_up(at(104)), None);
        assert_eq!(deadlines.give_up(at(105)), Some((0, at(5))));
    }
}
