//! What may go down in the network, and by which laws.
//!
//! This module does *not* know when anything does: `outages` draws that.

use crate::random::law::Law;
use crate::random::{RandomStreams, StreamId};
use crate::time::Span;

/// Trial periods, for an estimate of how many there are in a time.
const TRIAL: StreamId = StreamId(133);
const TRIALS: u64 = 1000;
/// A longer period counts as one of an hour.
const TRIAL_MAX: Span = Span::from_s(3600);

/// What may go down, besides the units.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Failures {
    /// Links; `None`: none fails.
    pub links: Option<Alternation>,
    /// Routers; `None`: none fails.
    pub routers: Option<Alternation>,
    /// Domains that are partitioned from the others for some time.
    pub partitions: Vec<Partition>,
}

/// How something alternates between up and down, in steady state: independently of all else, each
/// period of its law. One of the two means is above 0, both are finite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Alternation {
    /// How long it is up.
    pub up: Law,
    /// How long it is down.
    pub down: Law,
    /// How long the routes go on as if it had not changed.
    pub reroute: Span,
}

/// A domain that is partitioned: all links between its routers and the others are down.
#[derive(Debug, Clone, PartialEq)]
pub struct Partition {
    /// From when on.
    pub at: Span,
    /// For how long.
    pub lasts: Span,
    /// Which, by its [name](crate::topology::Domain::name). One that is not there cuts nothing.
    pub domain: String,
}

impl Failures {
    /// For how long the routes go on as if a partition had not begun, or not ended.
    pub const PARTITION_REROUTE: Span = Span::from_s(1);

    /// Whether nothing ever fails.
    pub fn are_none(&self) -> bool {
        self.links.is_none() && self.routers.is_none() && self.partitions.is_empty()
    }

    /// The rerouting time of partitions: that of links, else of routers, else
    /// [`Self::PARTITION_REROUTE`].
    pub(super) fn partition_reroute(&self) -> Span {
        let configured = self.links.or(self.routers);
        configured.map_or(Self::PARTITION_REROUTE, |alternation| alternation.reroute)
    }
}

impl Alternation {
    /// The share of the time that it is up.
    pub(super) fn availability(&self) -> f64 {
        let [up, down] = [self.up, self.down].map(Law::mean_s);
        up / (up + down)
    }

    /// How often `count` of them change in a second, about, as long as they have not been watched
    /// for hours. Infinite if their periods are too short to get anywhere.
    pub fn changes_per_s(&self, count: usize) -> f64 {
        let streams = RandomStreams::new(0, 0);
        let period = |trial| {
            let stream = &mut streams.stream(TRIAL, trial);
            let both = [self.up, self.down].map(|law| law.span(stream).min(TRIAL_MAX));
            (both[0] + both[1]).as_ns() as f64 / 1e9
        };
        let seconds: f64 = (0..TRIALS).map(period).sum();
        2.0 * TRIALS as f64 * count as f64 / seconds
    }
}
