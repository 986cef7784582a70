//! Heartbeats: how a leader and a member find out that the other has gone.
//!
//! A leader sends each of its members a heartbeat at regular intervals, and each is acknowledged. The leader
//! ([`Beats`]) suspects a member that has left several heartbeats in a row unacknowledged, and a member ([`Watch`])
//! suspects its leader if nothing has come from it for as long. Heartbeats are not retransmitted. This module does
//! *not* know what becomes of a membership then.

mod leader;
mod member;

pub(super) use leader::Beats;
pub(super) use member::Watch;

use crate::time::Span;

/// When a peer counts as gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heartbeats {
    /// The time between two heartbeats.
    pub every: Span,
    /// How long an acknowledgement is waited for, or the next heartbeat; not less than `every`.
    pub timeout: Span,
    /// How many of them in a row must fail to come.
    pub misses: u32,
}

impl Heartbeats {
    /// For how long a peer can be silent that is not gone: from the first heartbeat that it does not
    /// acknowledge, or from the last one that came from it.
    pub fn silence(self) -> Span {
        let others = self
            .every
            .as_ns()
            .saturating_mul(u64::from(self.misses - 1));
        Span::from_ns(others).saturating_add(self.timeout)
    }

    /// How many words of 64 bits have a bit for each heartbeat that has been sent and is not due: one each time, and one more.
    fn words(self) -> usize {
        (self.timeout.as_ns() / self.every.as_ns().max(1) / 64 + 1) as usize
    }
}

#[cfg(test)]
mod tests;
