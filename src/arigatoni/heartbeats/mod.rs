//! Heartbeats: how a leader and a member find out that the other has gone.
//!
//! A leader sends each of its members a heartbeat every so often, and each is acknowledged. The leader
//! ([`Beats`]) takes a member for gone that has let several of them in a row unacknowledged, and a member
//! ([`Watch`]) its leader from which nothing has come for as long. Heartbeats travel without a link's
//! packets: one that is lost is lost. What becomes of a membership then is *not* known here.

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

    /// How long after it has happened everything is found out, told, and undone if it was wrong.
    pub(super) fn found_out(self) -> Span {
        let silence = self.silence() + self.every;
        Span::from_ns(silence.as_ns().saturating_mul(4))
    }
}

#[cfg(test)]
mod tests;
