//! How a driver puts messages on their way and moves them on.
//!
//! It does *not* know routes, nor what a message says.

use super::boundary::Boundary;
use super::network::{Fidelity, Packet, Verdict};
use super::{Driver, Event};
use crate::event_queue::Key;
use crate::system::{Measures, Model, System};
use crate::time::Span;
use crate::topology::RouterId;
use crate::unit::{Class, Protocol, UnitId};

type MessageOf<S> = <<S as Model>::Protocol as Protocol>::Message;

impl<S, W, B> Driver<'_, '_, S, W, B>
where
    S: System,
    W: Measures<S::Protocol> + ?Sized,
    B: Boundary<S::Protocol>,
{
    #[inline]
    pub(super) fn send(&mut self, from: UnitId, to: UnitId, message: MessageOf<S>, held: Span) {
        let besides = self.system.loss(&message);
        if self.ideal && besides == 0.0 {
            self.put_on_its_way(from, to, message, held);
        } else {
            self.send_for_better_or_worse(from, to, message, (held, besides));
        }
    }

    /// Sends a message that the network may lose, copy or delay.
    #[inline(never)]
    fn send_for_better_or_worse(
        &mut self,
        from: UnitId,
        to: UnitId,
        message: MessageOf<S>,
        (held, besides): (Span, f64),
    ) {
        if besides == 0.0 && self.network.is_calm(self.now) {
            self.put_on_a_way_that_may_fail(from, to, message, held);
            return;
        }
        let (verdicts, streams) = (&self.verdicts, self.streams);
        let packet = (from, self.records.of(from).next_send());
        match verdicts.on(packet, besides, streams) {
            Verdict::Lost => self.lose(from, to, &message),
            Verdict::Once => {
                let held = held + verdicts.late(packet, streams);
                self.put_on_a_way_that_may_fail(from, to, message, held);
            }
            Verdict::Twice => {
                for message in [message.clone(), message] {
                    let packet = (from, self.records.of(from).next_send());
                    let held = held + self.verdicts.late(packet, streams);
                    self.put_on_a_way_that_may_fail(from, to, message, held);
                }
            }
        }
    }

    /// Lets the network lose what `from` sends to `to`. It counts as sent: its number is that of no
    /// other.
    fn lose(&mut self, from: UnitId, to: UnitId, message: &MessageOf<S>) {
        self.records.of(from).count_send();
        self.tell_lost(from, to, message);
    }

    pub(super) fn tell_lost(&mut self, from: UnitId, to: UnitId, message: &MessageOf<S>) {
        if self.measured {
            self.measures.lost(self.now, from, to, message);
            self.watch.lost(self.now, from, to, message);
        }
    }

    /// Puts a message on its way, unless it would come upon what is down: that is known beforehand.
    fn put_on_a_way_that_may_fail(
        &mut self,
        from: UnitId,
        to: UnitId,
        message: MessageOf<S>,
        held: Span,
    ) {
        // Where it waits for links it is not known beforehand when it comes where.
        if !self.network.fails() || self.network.has_queues() {
            self.put_on_its_way(from, to, message, held);
            return;
        }
        let trip = self.network.trip((from, to), self.now + held, self.now);
        if !trip.arrives {
            self.network.take(trip);
            self.lose(from, to, &message);
            return;
        }
        match self.fidelity {
            Fidelity::Path => {
                self.network.take(trip);
                self.deliver(from, to, message, (held, trip.lasts));
            }
            Fidelity::Hop => self.enter(from, to, message, (held, trip.lasts)),
        }
    }

    #[expect(
        clippy::inline_always,
        reason = "a message is put together in the event queue where it comes to lie, not handed over"
    )]
    #[inline(always)]
    fn put_on_its_way(&mut self, from: UnitId, to: UnitId, message: MessageOf<S>, held: Span) {
        match self.fidelity {
            Fidelity::Path => {
                let way = self.network.path(from, to);
                self.deliver(from, to, message, (held, way));
            }
            Fidelity::Hop => self.enter_in_time(from, to, message, held),
        }
    }

    /// Gives a message that is held for a while to the router of its sender.
    #[inline(never)]
    fn enter_in_time(&mut self, from: UnitId, to: UnitId, message: MessageOf<S>, held: Span) {
        let way = self.network.latency(from, to);
        self.enter(from, to, message, (held, way));
    }

    /// Lets a message arrive that is held for a while, and then on its way.
    #[expect(
        clippy::inline_always,
        reason = "a message is put together in the event queue where it comes to lie, not handed over"
    )]
    #[inline(always)]
    fn deliver(
        &mut self,
        from: UnitId,
        to: UnitId,
        mut message: MessageOf<S>,
        (held, way): (Span, Span),
    ) {
        take_off::<S>(&mut message, held, way);
        let key = self.key(from, held + way, Class::Ordinary);
        let event = Event::Deliver { to, message };
        match self.border.beyond(to) {
            None => self.event_queue.schedule(key, event),
            Some(part) => self.border.post(part, key, event),
        }
    }

    /// Gives a message that is held for a while, and then on its way, to the router of its sender.
    fn enter(
        &mut self,
        from: UnitId,
        to: UnitId,
        mut message: MessageOf<S>,
        (held, way): (Span, Span),
    ) {
        take_off::<S>(&mut message, held, way);
        let (at, after) = self.network.enter(from);
        let key = self.key(from, held + after, Class::Ordinary);
        self.event_queue
            .schedule(key, Event::Hop { at, to, message });
    }

    /// Moves a packet on by one hop; it keeps the key under which it was sent.
    pub(super) fn hop(&mut self, key: Key, at: RouterId, to: UnitId, message: MessageOf<S>) {
        let from = self.order.unit(key.sender());
        let (next, after, mut message) = if self.network.fails() {
            let Some((next, after)) = self.network.forward_if_up(at, self.now, to) else {
                // Its receiver has moved meanwhile.
                self.tell_lost(from, to, &message);
                return;
            };
            (next, after, message)
        } else {
            let packet = self.network.packet(from, to, message);
            let (next, after, Packet { message, .. }) =
                self.network.forward(at, self.now, self.streams, packet);
            (next, after, message)
        };
        if !next.is_router() {
            let key = key.at(self.now + after);
            self.event_queue
                .schedule(key, Event::Deliver { to, message });
            return;
        }
        let next_router = RouterId(next.index());
        let Some(waits) = self.wait_for_link(key, (at, next_router), to, &mut message) else {
            return;
        };
        self.network.cross(1);
        let key = key.at(self.now.saturating_add(waits) + after);
        let at = next_router;
        let event = Event::Hop { at, to, message };
        match self.border.beyond(next) {
            None => self.event_queue.schedule(key, event),
            Some(part) => self.border.post(part, key, event),
        }
    }

    /// The key of the next event that `unit` sends.
    #[inline]
    pub(super) fn key(&mut self, unit: UnitId, after: Span, class: Class) -> Key {
        let count = self.records.of(unit).count_send();
        let place = self.order.place(unit);
        Key::new(self.now + after, class as u8, place, count)
    }
}

/// Takes off the time that a message is held, on its way, and on the way back from what it leaves its
/// receiver.
#[inline]
fn take_off<S: System>(message: &mut MessageOf<S>, held: Span, way: Span) {
    if let Some(left) = S::Protocol::time_left(message) {
        *left = left.saturating_sub(held + way + way);
    }
}
