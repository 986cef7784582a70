//! Round-trip probing: how a member notices that latencies have changed.
//!
//! It measures the round trip of every ping, probe and parent request. If one tells another latency than it
//! believed, it asks the source how far away that is; if that has changed too, it is the member
//! itself that has moved, and all that it believed about latencies is stale. This module does *not*
//! know what follows from that for the member's rank.

use super::member::{OverlayMember, Port};
use super::message::Message;
use crate::time::{Span, Time};

/// Round trips under way.
#[derive(Debug, Default)]
pub(super) struct RoundTrips {
    /// When the last pings were sent.
    checked: Option<Time>,
    /// The same, if their answers cannot be taken for those of earlier pings.
    pinged: Option<Time>,
    /// When the source was asked how far away it is.
    asked: Option<Time>,
}

impl RoundTrips {
    /// Pings are sent at `now`; those of `timeout` ago have been answered or never will be.
    pub(super) fn ping(&mut self, now: Time, timeout: Span) {
        let alone = |checked: Time| now.saturating_since(checked) >= timeout;
        self.pinged = self.checked.is_none_or(alone).then_some(now);
        self.checked = Some(now);
    }

    /// The latency of the route to a member that answers a ping at `now`, if it can be told.
    pub(super) fn of_pong(&self, now: Time) -> Option<Span> {
        self.pinged.map(|pinged| half(now - pinged))
    }
}

/// The latency of a route, from a round trip.
pub(super) fn half(round_trip: Span) -> Span {
    Span::from_ns(round_trip.as_ns() / 2)
}

impl OverlayMember {
    /// The route to `other` takes `latency`, as a round trip has told.
    pub(super) fn measured(&mut self, other: u32, latency: Span, port: &mut impl Port) {
        let known = self.known.as_mut();
        let mut news = known.is_some_and(|known| known.correct(other, latency));
        for tree in 0..self.rules.redundancy.0 {
            if self.is_parent(other, tree) && self.branch(tree).stretch(latency) {
                news = true;
                self.mark_late(tree);
                self.announce(tree, port);
            }
        }
        if news {
            self.count_worlds(None, port);
            self.doubt();
            self.wake(port);
            self.sound(port);
            self.reconsider(port);
        }
    }

    /// Asks the source how far away it is.
    pub(super) fn sound(&mut self, port: &mut impl Port) {
        let Some(known) = &self.known else { return };
        if self.round_trips.asked.is_none() {
            self.round_trips.asked = Some(port.now());
            let shortest = known.shortest();
            port.send(self.source, Message::Probe { shortest });
        }
    }

    /// The source has answered.
    pub(super) fn sounded(&mut self, port: &mut impl Port) {
        if let (Some(asked), Some(known)) = (self.round_trips.asked.take(), &self.known) {
            let shortest = half(port.now() - asked);
            if shortest != known.shortest() {
                self.drift(shortest, port);
            }
        }
    }
}
