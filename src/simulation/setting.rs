//! Where a run takes place, and what its system is told of that before it begins.
//!
//! It does *not* know what the system makes of it.

use super::network::{self, Conditions};
use crate::random::RandomStreams;
use crate::system::{Expected, System, Underlay};
use crate::time::Span;

/// Where a run takes place, and with which draws.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'u> {
    /// The network under it. The routes are there: how they are made by the `routing` and the latencies of the conditions is no
    /// matter of a run.
    pub underlay: &'u Underlay,
    /// The draws of its replication.
    pub streams: RandomStreams,
    /// What becomes of packets: [checked](crate::parameters::Plain::check).
    pub conditions: &'u Conditions,
}

impl<'u> Setting<'u> {
    /// On `underlay`, with the draws of `streams`, under `conditions`.
    pub fn of(underlay: &'u Underlay, streams: RandomStreams, conditions: &'u Conditions) -> Self {
        Self {
            underlay,
            streams,
            conditions,
        }
    }

    /// What a system is told of the network of a run here.
    pub(super) fn expected(self) -> Expected {
        let Self {
            underlay,
            streams,
            conditions,
        } = self;
        let outages = conditions.have_outages();
        Expected {
            losses: !conditions.are_ideal(),
            outages: outages.then(|| network::outages(conditions, underlay, streams)),
            delays: conditions.have_queues(),
            calm: None,
        }
    }

    /// What `system` is told if the run comes to rest: also that the network can become calm before the end, if everything
    /// that was sent before arrives in a time that is known.
    pub(super) fn expected_at_rest<S: System>(self, system: &S) -> Expected {
        let conditions = self.conditions;
        let calms = !conditions.are_ideal() && !conditions.have_queues();
        let longest = || conditions.longest(self.underlay, access(system));
        Expected {
            calm: calms.then(longest).flatten(),
            ..self.expected()
        }
    }
}

/// The greatest latency of an access link.
fn access<S: System>(system: &S) -> Span {
    let all = system.sites().filter_map(|(_, site)| site.access);
    all.max().unwrap_or_default()
}
