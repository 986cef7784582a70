//! Round-trip probing: how a member notices that latencies have changed.
//!
//! It measures the round trip of every ping, probe and parent request. If one tells another latency than it
//! believed, it asks the source how far away that is; if that has changed too, it is the member
//! itself that has moved, and all that it believed about latencies is stale. This module does *not*
//! know what follows from that for the member's rank.

use super::member::{OverlayMember, Port};
use super::message::Message;
use super::partial_view::PartialView;
use crate::time::{Span, Time};

/// Round trips under way.
#[derive(Debug, Default)]
pub(super) struct RoundTrips {
    /// When the last pings were sent.
    checked: Option<Time>,
    /// When the last pings were sent, if their answers cannot be mistaken for those to earlier pings.
    pinged: Option<Time>,
    /// The number of pings that have not been answered. A lost one counts until no ping has been sent for `timeout`.
    open: usize,
    /// Until then answers of earlier pings may come that crossed others.
    crossed_until: Time,
    /// When the source was asked how far away it is.
    asked: Option<Time>,
}

impl RoundTrips {
    /// `pings` are sent at `now`. Earlier ones sent less than `timeout` ago may still be answered; older ones have been or never will
    /// be.
    fn ping(&mut self, now: Time, timeout: Span, pings: usize) {
        let recent = |checked: Time| now.saturating_since(checked) < timeout;
        if !self.checked.is_some_and(recent) {
            self.open = 0;
        }
        if self.open > 0 {
            self.crossed_until = now + timeout;
        }
        self.open += pings;
        self.pinged = (now >= self.crossed_until).then_some(now);
        self.checked = Some(now);
    }

    /// The latency of the route to a member that answers a ping at `now`, if it can be told.
    pub(super) fn of_pong(&mut self, now: Time) -> Option<Span> {
        self.open = self.open.saturating_sub(1);
        self.pinged.map(|pinged| half(now - pinged))
    }

    /// Whether the source has been asked and has not answered in time: the question or the answer is lost.
    fn is_lost(&self, now: Time, timeout: Span) -> bool {
        let lost = |asked: Time| now.saturating_since(asked) >= timeout;
        self.asked.is_some_and(lost)
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

    /// Pings `peers` and times their answers, and asks the source how far away it is: neighbours to which the routes have
    /// changed alike could not tell.
    pub(super) fn time(&mut self, peers: &[u32], port: &mut impl Port) {
        let timeout = self.rules.timeout_ms.span();
        self.round_trips.ping(port.now(), timeout, peers.len());
        for &peer in peers {
            port.send(peer, Message::Ping);
        }
        self.sound(port);
    }

    /// Asks the source again if it has been asked in vain.
    pub(super) fn sound_again(&mut self, port: &mut impl Port) {
        let timeout = self.rules.timeout_ms.span();
        if self.round_trips.is_lost(port.now(), timeout) {
            self.sound(port);
        }
    }

    /// Whether it waits for the source to say how far away it is.
    pub(super) fn is_sounding(&self) -> bool {
        self.round_trips.asked.is_some()
    }

    /// Asks the source how far away it is, unless it has been asked and may still answer.
    pub(super) fn sound(&mut self, port: &mut impl Port) {
        let Some(known) = &self.known else { return };
        let (now, timeout) = (port.now(), self.rules.timeout_ms.span());
        if !self.is_sounding() || self.round_trips.is_lost(now, timeout) {
            self.round_trips.asked = Some(now);
            let shortest = known.shortest();
            port.send(self.source, Message::Probe { shortest });
        }
    }

    /// The source has answered. If it had been silent, it may be a better parent than those found meanwhile.
    pub(super) fn sounded(&mut self, port: &mut impl Port) {
        let returns = self.known.as_mut().is_some_and(PartialView::hear_source);
        if returns {
            self.doubt();
            self.wake(port);
        }
        if let (Some(asked), Some(known)) = (self.round_trips.asked.take(), &self.known) {
            let shortest = half(port.now() - asked);
            if shortest != known.shortest() {
                self.drift(shortest, port);
            }
        }
        if returns {
            self.reconsider(port);
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;

    use super::super::branch::Link;
    use super::super::config::Overlay;
    use super::super::message::{Observation, PathState, Reminder};
    use super::*;
    use crate::random::RandomStreams;

    /// What a member does, and when.
    #[derive(Default)]
    pub(in super::super) struct Script {
        pub(in super::super) now: Time,
        pub(in super::super) sent: Vec<(u32, Message)>,
        rounds: usize,
    }

    impl Port for Script {
        fn now(&self) -> Time {
            self.now
        }

        fn streams(&self) -> RandomStreams {
            RandomStreams::new(1, 0)
        }

        fn send(&mut self, to: u32, message: Message) {
            self.sent.push((to, message));
        }

        fn arm(&mut self, reminder: Reminder, _: Span) {
            self.rounds += usize::from(reminder == Reminder::Round);
        }

        fn disarm(&mut self, _: Reminder) {}

        fn emit(&mut self, _: Observation) {}
    }

    pub(in super::super) fn at(seconds: u64) -> Time {
        Time::ZERO + Span::from_s(seconds)
    }

    /// Member 1, which knows the source, 1 ms away, and what it does.
    pub(in super::super) fn introduced() -> (OverlayMember, Script) {
        let rules = Arc::new(Overlay::default());
        let mut member = OverlayMember::new(Arc::clone(&rules), 0, 1);
        let far = Span::from_ns(1_000_000);
        member.known = Some(PartialView::new(1, 0, far, &rules));
        (member, Script::default())
    }

    #[test]
    fn answers_of_pings_that_cross_are_not_timed() {
        let timeout = Span::from_s(10);
        let mut trips = RoundTrips::default();
        // Two pings are sent, and `answered` answers come a second later.
        let mut timed = |seconds, answered| {
            trips.ping(at(seconds), timeout, 2);
            let answers = (0..answered).map(|_| trips.of_pong(at(seconds + 1)));
            let answers: Vec<Option<Span>> = answers.collect();
            answers.iter().all(Option::is_some)
        };
        // Beats may come more often than the timeout.
        assert!(timed(0, 2) && timed(4, 2) && timed(8, 1));
        assert!(!timed(12, 3), "an answer may be to the ping before");
        assert!(!timed(16, 2) && !timed(21, 2) && timed(22, 1));
        assert!(timed(40, 2), "the ping before is lost");
    }

    #[test]
    fn a_question_to_the_source_that_is_lost_is_asked_again() {
        let (mut member, mut port) = introduced();
        let mut asked = |seconds| {
            port.now = at(seconds);
            member.sound(&mut port);
            port.sent.len()
        };
        assert_eq!([0, 1, 9, 10, 11, 20].map(&mut asked), [1, 1, 1, 2, 2, 3]);
        member.sounded(&mut port);
        assert!(!member.is_sounding());
    }

    /// Whoever waits for the source goes on with its rounds, and rests some rounds after the answer.
    #[test]
    fn rounds_go_on_until_the_source_answers() {
        let (mut member, mut port) = introduced();
        let link = Link {
            node: 0,
            latency: Span::from_ns(1_000_000),
        };
        member
            .branch(0)
            .stand_under(link, &PathState::default(), 1, false);
        member.sound(&mut port);
        let mut rests_after = |member: &mut OverlayMember, rounds: u64| {
            for _ in 0..rounds {
                port.now += Span::from_s(2);
                member.remind(Reminder::Round, &mut port);
            }
            !member.is_awake(port.now)
        };
        assert!(!rests_after(&mut member, 1000));
        // What `sounded` does, if the source is as far away as before.
        member.round_trips.asked = None;
        assert!(rests_after(&mut member, 1));
    }

    #[test]
    fn a_beat_times_the_source_and_a_round_that_was_dropped_is_armed_anew() {
        let (mut member, mut port) = introduced();
        member.asked = Some(Time::ZERO);
        member.beat(&mut port);
        let probes = |port: &Script| {
            let of_source = |(to, message): &&(u32, Message)| {
                *to == 0 && matches!(message, Message::Probe { .. })
            };
            port.sent.iter().filter(of_source).count()
        };
        assert_eq!(probes(&port), 1);
        member.wake(&mut port);
        member.wake(&mut port);
        assert_eq!(port.rounds, 1);
        // It was dropped with all that was pending when the overlay's time was over.
        port.now = at(4000);
        member.wake(&mut port);
        assert_eq!(port.rounds, 2);
    }
}
