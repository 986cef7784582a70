//! Where time is lost by waiting: at units that take time over messages, and at links of limited bandwidth.
//!
//! It does *not* know how a line is kept, nor what a message says.

use super::boundary::Boundary;
use super::stations::Stations;
use super::{Driver, Event};
use crate::event_queue::Key;
use crate::system::{Measures, Model, System};
use crate::time::{Span, Time};
use crate::topology::RouterId;
use crate::unit::{Protocol, UnitId};

type MessageOf<S> = <<S as Model>::Protocol as Protocol>::Message;

/// The lines of the units of `system` that take time, if any do.
pub(super) fn stations<S: System>(system: &S) -> Option<Box<Stations>> {
    let serving = system.serving()?;
    let units = system.sites().map(|(unit, _)| unit);
    Some(Box::new(Stations::new(serving, units)))
}

impl<S, W, B> Driver<'_, '_, S, W, B>
where
    S: System,
    W: Measures<S::Protocol> + ?Sized,
    B: Boundary<S::Protocol>,
{
    /// A stage begins, in which what waits counts or not.
    pub(super) fn begin_load(&mut self, counts: bool) {
        let loaded = self.system.loaded().unwrap_or(Span::from_ns(u64::MAX));
        let within = (self.now, self.now.saturating_add(loaded));
        let within = counts.then_some(within);
        if let Some(stations) = &mut self.stations {
            stations.begin(self.now, within);
        }
        self.network.begin_queueing(self.now, within);
    }

    /// A message comes to a unit at `key.time`: it is handled at once, or it waits, or is dropped.
    #[inline(never)]
    pub(super) fn or_wait(
        &mut self,
        key: Key,
        to: UnitId,
        message: MessageOf<S>,
    ) -> Option<MessageOf<S>> {
        let waits = |stations: &Stations| stations.has(to) && S::Protocol::takes_time(&message);
        if self.stations.as_deref().is_some_and(waits) {
            self.wait(key, to, message)
        } else {
            Some(message)
        }
    }

    #[inline(never)]
    fn wait(&mut self, key: Key, to: UnitId, mut message: MessageOf<S>) -> Option<MessageOf<S>> {
        if self.records.of(to).is_dead() {
            return Some(message);
        }
        self.now = key.time;
        let (from, streams) = (self.order.unit(key.sender()), self.streams);
        let stations = self.stations.as_mut()?;
        let Some(done) = stations.enter(to, key, (from, key.count()), streams) else {
            self.tell_lost(from, to, &message);
            return None;
        };
        take_off::<S>(&mut message, done.time, self.now);
        self.event_queue
            .schedule(done, Event::Handle { to, message });
        None
    }

    /// Whether `to` still remembers the message that it is to handle under `key`.
    #[inline(never)]
    pub(super) fn is_remembered(&mut self, key: Key, to: UnitId) -> bool {
        let stations = self.stations.as_mut();
        stations.is_some_and(|stations| stations.leave(to, key))
    }

    /// A packet is to cross the link from a router to the next at `key.time`: when it can, in how long from now;
    /// `None`: it is dropped.
    #[inline]
    pub(super) fn wait_for_link(
        &mut self,
        key: Key,
        (at, next): (RouterId, RouterId),
        to: UnitId,
        message: &mut MessageOf<S>,
    ) -> Option<Span> {
        if !self.network.has_queues() {
            return Some(Span::ZERO);
        }
        let size = S::Protocol::size(message).unwrap_or_default();
        let Some(waits) = self.network.queue(key, (at, next), size) else {
            let from = self.order.unit(key.sender());
            self.tell_lost(from, to, message);
            return None;
        };
        take_off::<S>(message, key.time.saturating_add(waits), key.time);
        Some(waits)
    }
}

/// Takes off the time from `now` to `then` from what a message leaves its receiver.
fn take_off<S: System>(message: &mut MessageOf<S>, then: Time, now: Time) {
    if let Some(left) = S::Protocol::time_left(message) {
        *left = left.saturating_sub(then.saturating_since(now));
    }
}
