//! The event queue: the set of pending events, taken out in one total order.
//!
//! The order is [`Key`]: least (time, class, sending unit, that unit's own send count) first. It
//! depends only on what units do, never on when an event was inserted, so it is the same whatever
//! the fidelity of the network or the number of cores.
//!
//! A ladder queue (Tang, Goh, Thng: *Ladder queue: an O(1) priority queue structure for large-scale
//! discrete event simulation*, TOMACS 15, 2005). Events that are far ahead lie unsorted. When the
//! near ones run out, they are spread over the buckets of a *rung*; a bucket that is still too
//! full when its time comes is spread over the buckets of a finer rung; one that is not is sorted,
//! and its events are next. An event is moved a few times, whatever the number of pending events:
//! the cost does not grow with it. Widths are powers of two and follow from the events that are
//! there, so that no distribution of times needs tuning.
//!
//! A cancelled event stays where it is and is dropped when its turn comes; as soon as more events
//! are cancelled than pending, all cancelled ones are cleared away. Buckets draw on one pool of
//! chunks, which grows to the largest number of pending events and is then reused: no allocation
//! per event. This module does *not* know what an event is, nor the clock.

mod descending;
mod ladder;
mod near;
mod pool;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;

use ladder::{Ladder, LinedUp};
use pool::Entry;

use crate::time::Time;

/// The place of an event in the total order of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// When the event is due.
    pub time: Time,
    order: u64,
}

impl Key {
    /// Sends of one unit are counted below this.
    pub const COUNT_MAX: u32 = 1 << 31;
    /// After the keys of all events.
    pub const MAX: Self = Self {
        time: Time::from_ns(u64::MAX),
        order: u64::MAX,
    };

    /// The key of the event of `class` (0 or 1) that `sender` (units in their order, as numbers)
    /// sends as its `count`-th, to be due at `time`.
    ///
    /// # Panics
    /// If `count` reaches [`Self::COUNT_MAX`]: the order would no longer be total.
    #[inline]
    pub fn new(time: Time, class: u8, sender: u32, count: u32) -> Self {
        assert!(
            count < Self::COUNT_MAX,
            "a unit sends fewer than 2^31 events in a run"
        );
        let order = u64::from(class) << 63 | u64::from(sender) << 31 | u64::from(count);
        Self { time, order }
    }

    /// The key of the same event at another time: a packet keeps its order across hops.
    #[inline]
    #[must_use]
    pub fn at(self, time: Time) -> Self {
        Self {
            time,
            order: self.order,
        }
    }

    /// The sender, as given to [`Self::new`].
    #[inline]
    pub fn sender(self) -> u32 {
        (self.order >> 31) as u32
    }

    /// The sender's own count, as given to [`Self::new`].
    pub fn count(self) -> u32 {
        self.order as u32 & (Self::COUNT_MAX - 1)
    }

    /// Both parts in one number, in the same order: compared without a branch.
    #[inline]
    fn rank(self) -> u128 {
        u128::from(self.time.as_ns()) << 64 | u128::from(self.order)
    }
}

impl Ord for Key {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank().cmp(&other.rank())
    }
}

impl PartialOrd for Key {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// What an event that can be cancelled carries, so that the event queue recognises it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CancelId(u32);

/// An event of an event queue.
pub trait Cancellable {
    /// The ticket with which it was made, if it can be cancelled.
    fn cancel_id(&self) -> Option<CancelId>;
}

/// Names a pending event, for cancelling. Harmless once the event is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handle {
    cancel_id: u32,
    generation: u32,
}

impl Handle {
    /// A handle that never names an event.
    pub const NONE: Self = Self {
        cancel_id: u32::MAX,
        generation: 0,
    };
}

/// The set of pending events.
#[derive(Debug)]
pub struct EventQueue<E> {
    ladder: Ladder<E>,
    tickets: Tickets,
    /// Cancelled events that still lie in the ladder.
    cancelled: usize,
}

/// What is known of one event that can be cancelled.
#[derive(Debug, Clone, Copy)]
struct Known {
    generation: u32,
    cancelled: bool,
}

/// All events that can be cancelled, by ticket.
#[derive(Debug, Default)]
struct Tickets {
    all: Vec<Known>,
    free: Vec<u32>,
}

impl Tickets {
    fn issue(&mut self) -> Handle {
        let cancel_id = self.free.pop().unwrap_or_else(|| {
            self.all.push(Known {
                generation: 0,
                cancelled: false,
            });
            (self.all.len() - 1) as u32
        });
        let generation = self.all[cancel_id as usize].generation;
        Handle {
            cancel_id,
            generation,
        }
    }

    #[inline]
    fn is_cancelled(&self, cancel_id: Option<CancelId>) -> bool {
        cancel_id.is_some_and(|CancelId(cancel_id)| self.all[cancel_id as usize].cancelled)
    }

    /// Takes back the ticket of an entry that leaves the ladder; whether the entry was cancelled.
    #[inline]
    fn take_back(&mut self, cancel_id: Option<CancelId>) -> bool {
        let Some(CancelId(cancel_id)) = cancel_id else {
            return false;
        };
        let known = &mut self.all[cancel_id as usize];
        known.generation = known.generation.wrapping_add(1);
        self.free.push(cancel_id);
        std::mem::take(&mut known.cancelled)
    }
}

/// Fewer cancelled events than this are not worth clearing away.
const CLEAR_MIN: usize = 1024;

impl<E> Default for EventQueue<E> {
    fn default() -> Self {
        Self {
            ladder: Ladder::default(),
            tickets: Tickets::default(),
            cancelled: 0,
        }
    }
}

impl<E: Cancellable> EventQueue<E> {
    /// How many events are pending.
    pub fn len(&self) -> usize {
        self.ladder.len() - self.cancelled
    }

    /// Whether nothing is pending.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The key of the next event.
    #[inline]
    pub fn peek(&mut self) -> Option<Key> {
        if self.settle() {
            self.ladder.first().map(|entry| entry.key)
        } else {
            None
        }
    }

    /// Adds an event without a ticket. Keys are distinct among pending events. O(1), amortised.
    #[inline]
    pub fn schedule(&mut self, key: Key, event: E) {
        debug_assert!(event.cancel_id().is_none(), "a ticket has its own event");
        self.ladder.insert(key, event);
    }

    /// Adds an event that can be cancelled: the one that `make` makes with its ticket. O(1),
    /// amortised.
    #[inline]
    pub fn schedule_cancellable(&mut self, key: Key, make: impl FnOnce(CancelId) -> E) -> Handle {
        let handle = self.tickets.issue();
        let event = make(CancelId(handle.cancel_id));
        debug_assert_eq!(event.cancel_id(), Some(CancelId(handle.cancel_id)));
        self.ladder.insert(key, event);
        handle
    }

    /// Takes out the next event. O(1), amortised.
    pub fn pop(&mut self) -> Option<(Key, E)> {
        loop {
            match self.take_before(Key::MAX) {
                None if self.line_up() => {}
                next => return next,
            }
        }
    }

    /// Takes out the next event, if it lies sorted and comes before `limit`. If there is none,
    /// [`Self::line_up`] tells which of both it was.
    #[expect(
        clippy::inline_always,
        reason = "called instead, an event is handed over twice: a hundredth of a run"
    )]
    #[inline(always)]
    pub fn take_before(&mut self, limit: Key) -> Option<(Key, E)> {
        loop {
            let entry = self.ladder.take_before(limit)?;
            if !self.tickets.take_back(entry.cancel_id()) {
                return Some((entry.key, entry.event));
            }
            self.cancelled -= 1;
        }
    }

    /// Cancels the event that `handle` names; whether it was still pending. O(1), amortised.
    pub fn cancel(&mut self, handle: Handle) -> bool {
        let Some(cancel_id) = self.tickets.all.get_mut(handle.cancel_id as usize) else {
            return false;
        };
        if cancel_id.generation != handle.generation || cancel_id.cancelled {
            return false;
        }
        cancel_id.cancelled = true;
        self.cancelled += 1;
        if self.cancelled > CLEAR_MIN.max(self.len()) {
            self.clear_away();
        }
        true
    }

    /// Sorts the events that come next, unless some already lie sorted; `true` if it did.
    /// [`Self::upcoming`] then shows what comes after them.
    #[inline]
    pub fn line_up(&mut self) -> bool {
        self.ladder.line_up() == LinedUp::Anew
    }

    /// Some of the events that come after those which lie sorted, in no order: a glimpse of what
    /// will be needed soon. Cancelled ones may be among them.
    pub fn upcoming(&self) -> impl Iterator<Item = (Key, &E)> {
        let entries = self.ladder.upcoming();
        entries.map(|entry| (entry.key, &entry.event))
    }

    /// Drops cancelled events until the first one is pending; `false` if none is.
    #[inline]
    fn settle(&mut self) -> bool {
        while self.ladder.line_up() != LinedUp::Nothing {
            let cancel_id = self.ladder.first().and_then(Entry::cancel_id);
            if !self.tickets.is_cancelled(cancel_id) {
                return true;
            }
            self.ladder.take_before(Key::MAX);
            self.tickets.take_back(cancel_id);
            self.cancelled -= 1;
        }
        false
    }

    /// Drops all cancelled events.
    fn clear_away(&mut self) {
        let tickets = &mut self.tickets;
        self.ladder.retain(|cancel_id| {
            let keep = !tickets.is_cancelled(cancel_id);
            if !keep {
                tickets.take_back(cancel_id);
            }
            keep
        });
        self.cancelled = 0;
    }
}
