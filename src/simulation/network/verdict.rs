//! What becomes of a packet besides its way: lost, delivered twice, late.
//!
//! Each is a draw that is keyed by the sender and the sender's own count of what it has sent. So it does
//! not depend on the fidelity, nor on how a run is spread over threads. This module does *not* know
//! routes, nor what a packet carries.

use super::Conditions;
use crate::random::law::Law;
use crate::random::{RandomStreams, StreamId};
use crate::time::Span;
use crate::unit::UnitId;

/// Whether a packet is lost; by sender and count.
const LOSS: StreamId = StreamId(128);
/// Whether a packet is delivered twice; by sender and count.
const DUPLICATE: StreamId = StreamId(129);
/// How late a packet is; by sender and count.
const JITTER: StreamId = StreamId(130);

/// A packet is late by a day at most.
pub(super) const JITTER_MAX: Span = Span::from_s(86_400);

/// By which chances and laws it is drawn.
#[derive(Debug, Clone)]
pub(in crate::simulation) struct Verdicts {
    loss: f64,
    duplicate: f64,
    jitter: Option<Law>,
}

impl Verdicts {
    /// Those of conditions that have been checked.
    pub(in crate::simulation) fn of(conditions: &Conditions) -> Self {
        Self {
            loss: conditions.loss.0,
            duplicate: conditions.duplicate.0,
            jitter: conditions.jitter(),
        }
    }

    /// The network's verdict on the packet that `sender` sends as its `count`-th, which the network
    /// also loses by the chance `besides`.
    pub(in crate::simulation) fn on(
        &self,
        (sender, count): (UnitId, u32),
        besides: f64,
        streams: RandomStreams,
    ) -> Verdict {
        let packet = number_of((sender, count));
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

    /// By how much the packet is late that was sent as this `packet` (sender and count).
    pub(in crate::simulation) fn late(
        &self,
        packet: (UnitId, u32),
        streams: RandomStreams,
    ) -> Span {
        self.jitter.map_or(Span::ZERO, |law| {
            let span = law.span(&mut streams.stream(JITTER, number_of(packet)));
            span.min(JITTER_MAX)
        })
    }
}

/// The number of a packet among all of a run.
pub(in crate::simulation) fn number_of((sender, count): (UnitId, u32)) -> u64 {
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
