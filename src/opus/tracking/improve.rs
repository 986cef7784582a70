//! The look for a nearer head.
//!
//! This module does *not* know how one is asked for adoption.

use super::hierarchy::{Handover, Head, Role};
use super::message::{Message, Roster, Timer};
use super::tracker::{Port, Tracker};
use crate::opus::stream;
use crate::time::Span;

/// The maximum number of times that the interval between two searches for a nearer head doubles while none is
/// found.
const IDLE_MAX: u8 = 3;
/// The maximum number of times that it doubles for changes of the head. It doubles for good with every change, so
/// that nodes whose moves make others move come to rest.
const MOVES_MAX: u8 = 10;

impl Tracker {
    /// Looks for a nearer head now and then: asks the present one for others, unless an earlier
    /// attempt waits for an answer that may still come.
    pub(super) fn improve(&mut self, port: &mut impl Port) {
        let Role::Member(head) = self.hierarchy.role else {
            return;
        };
        self.improve_later(port);
        let waited = self.now().saturating_since(self.hierarchy.tried);
        if self.hierarchy.handover != Handover::None && waited < self.rules.timeout_ms.span() {
            return;
        }
        self.hierarchy.idle = self.hierarchy.idle.saturating_add(1);
        self.attempt(Handover::None);
        // The head's nearest member stays: if all left, and they may at one time, the cluster would
        // end, its head would need a place elsewhere, and might push the clusters there to divide
        // and send them all back.
        if head.roster.as_slice().get(1) != Some(&self.me) {
            self.attempt(Handover::Listing);
            let layer = self.hierarchy.height + 2;
            port.send(head.node, Message::Seek { layer });
        }
    }

    /// The attempt at a nearer head has come so far.
    pub(super) fn attempt(&mut self, handover: Handover) {
        self.hierarchy.handover = handover;
        self.hierarchy.tried = self.now();
    }

    /// Looks for a nearer head after a while: the longer, the more often in vain or with success.
    pub(super) fn improve_later(&self, port: &mut impl Port) {
        let doublings = self.hierarchy.idle.min(IDLE_MAX) + self.hierarchy.moves.min(MOVES_MAX);
        let wait = self
            .rules
            .improve_ms
            .span()
            .as_ns()
            .saturating_mul(1 << doublings);
        port.arm(Timer::Improve, Span::from_ns(wait));
    }

    /// Probes one of the other heads.
    pub(super) fn try_one(&mut self, head: Head, layer: u8, roster: &Roster, port: &mut impl Port) {
        self.attempt(Handover::None);
        if layer != self.hierarchy.height + 2 {
            return;
        }
        let others = || {
            let roster = roster.as_slice().iter().copied();
            roster.filter(|&node| node != head.node && node != self.me)
        };
        let count = others().count() as u64;
        if count == 0 {
            return;
        }
        let me = u64::from(self.me);
        let drawn = port
            .streams()
            .below(stream::IMPROVE, me, self.hierarchy.rounds, count);
        self.hierarchy.rounds += 1;
        if let Some(other) = others().nth(drawn as usize) {
            self.attempt(Handover::Probing(other));
            let sent = self.now();
            port.send(other, Message::Probe { sent });
        }
    }
}
