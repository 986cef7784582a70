//! What the driver counts of a run, and what it must know to let messages wait.
//!
//! It does *not* know how that is counted.

use crate::random::law::Law;
use crate::time::Span;

/// The units of one kind take time over each message that reaches them: one at a time, in the order of arrival. What
/// comes meanwhile waits. Timers and commands do not.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Serving {
    /// The kind.
    pub kind: u8,
    /// How long a message takes: a nanosecond at least, a day at most.
    pub law: Law,
    /// How many messages wait at a unit at most, besides the one at hand; others are dropped. `None`: any number.
    pub queue: Option<u32>,
}

/// What the driver counts of what waits in the measured stages, for all units or all links together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Queueing {
    /// How many have been taken in.
    pub taken: u64,
    /// How many have been dropped.
    pub dropped: u64,
    /// How long those that were taken in waited, in nanoseconds, all together: until their turn came.
    pub waited_ns: u128,
    /// The longest of these times.
    pub wait_max: Span,
    /// For how long the busiest one was busy while it was [loaded](super::Model::loaded).
    pub busy_max: Span,
}

impl Queueing {
    /// What has been counted in two parts of a run, with different units and links.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self {
            taken: self.taken + other.taken,
            dropped: self.dropped + other.dropped,
            waited_ns: self.waited_ns + other.waited_ns,
            wait_max: self.wait_max.max(other.wait_max),
            busy_max: self.busy_max.max(other.busy_max),
        }
    }
}

/// What the driver itself counts in the measured stages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Inputs handled by the system's units (routers never count).
    pub events: u64,
    /// Links crossed by packets, access links included.
    pub packets_forwarded: u64,
    /// What was done, in 64 bits; see [`crate::fingerprint`].
    pub fingerprint: u64,
    /// What waited at units that take time, if any do.
    pub units: Option<Queueing>,
    /// What waited for links, if they have a bandwidth.
    pub links: Option<Queueing>,
}

impl Totals {
    /// Those of two parts of a run.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        let both = |one: Option<Queueing>, other: Option<Queueing>| match (one, other) {
            (Some(one), Some(other)) => Some(one.with(other)),
            (one, other) => one.or(other),
        };
        Self {
            events: self.events + other.events,
            packets_forwarded: self.packets_forwarded + other.packets_forwarded,
            fingerprint: self.fingerprint.wrapping_add(other.fingerprint),
            units: both(self.units, other.units),
            links: both(self.links, other.links),
        }
    }
}
