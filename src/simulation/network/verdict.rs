//! What becomes of a packet besides its way: lost, delivered twice, late.
//!
//! Each is a draw that is keyed by the sender and the sender's own count of what it has sent. So it does
//! not depend on the fidelity, nor on how a run is spread over threads. This module does *not* know
//! routes, nor what a packet carries.

use super::{Failures, Fidelity};
use crate::random::law::Law;
use crate::random::{RandomStreams, StreamId};
use crate::simulation::order::Ties;
use crate::time::Span;
use crate::unit::UnitId;

/// Whether a packet is lost; by sender and count.
const LOSS: StreamId = StreamId(128);
/// Whether a packet is delivered twice; by sender and count.
const DUPLICATE: StreamId = StreamId(129);
/// How late a packet is; by sender and count.
const JITTER: StreamId = StreamId(130);

/// A packet is late by a day at most.
const JITTER_MAX: Span = Span::from_s(86_400);

/// How packets travel, and in which order simultaneous events are handled.
#[derive(Debug, Clone, PartialEq)]
pub struct Conditions {
    /// How closely the way of a packet is simulated.
    pub fidelity: Fidelity,
    /// The probability that a packet is lost.
    pub loss: f64,
    /// The probability that a packet that is not lost is delivered twice.
    pub duplicate: f64,
    /// By how much each packet is late, a day at most; `None`: by nothing.
    pub jitter: Option<Law>,
    /// What goes down for a while in the phase that is measured.
    pub failures: Failures,
    /// The order of simultaneous events.
    pub ties: Ties,
}

impl From<Fidelity> for Conditions {
    /// Every packet arrives, once and in time.
    fn from(fidelity: Fidelity) -> Self {
        Self {
            fidelity,
            loss: 0.0,
            duplicate: 0.0,
            jitter: None,
            failures: Failures::default(),
            ties: Ties::Canonical,
        }
    }
}

impl From<&Self> for Conditions {
    fn from(conditions: &Self) -> Self {
        conditions.clone()
    }
}

impl Conditions {
    /// Whether every packet arrives, once and in time.
    pub fn are_ideal(&self) -> bool {
        let intact = self.failures.are_none();
        intact && self.loss == 0.0 && self.duplicate == 0.0 && self.jitter.is_none()
    }

    /// The network's verdict on the packet that `sender` sends as its `count`-th, which the network
    /// also loses by the chance `besides`.
    pub(in crate::simulation) fn verdict(
        &self,
        (sender, count): (UnitId, u32),
        besides: f64,
        streams: RandomStreams,
    ) -> Verdict {
        let packet = packet(sender, count);
        let drawn = |stream| streams.unit(stream, packet, 0);
        let loss = 1.0 - (1.0 - self.loss) * (1.0 - besides);
        if loss > 0.0 && drawn(LOSS) < loss {
            Verdict::Lost
        } else if self.duplicate > 0.0 && drawn(DUPLICATE) < self.duplicate {
            Verdict::Twice
        } else {
            Verdict::Once
        }
    }

    /// By how much the packet is late that `sender` sends as its `count`-th.
    pub(in crate::simulation) fn late(
        &self,
        (sender, count): (UnitId, u32),
        streams: RandomStreams,
    ) -> Span {
        self.jitter.map_or(Span::ZERO, |law| {
            let span = law.span(&mut streams.stream(JITTER, packet(sender, count)));
            span.min(JITTER_MAX)
        })
    }
}

/// The number of a packet among all of a run.
fn packet(sender: UnitId, count: u32) -> u64 {
    u64::from(sender.as_bits()) << 32 | u64::from(count)
}

/// What the network does with a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::simulation) enum Verdict {
    /// Nothing arrives, and no link is crossed.
    Lost,
    /// It arrives.
    Once,
    /// It arrives, and so does a copy of it, which is sent next.
    Twice,
}
