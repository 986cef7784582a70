//! What may go down in the network, and by which laws.
//!
//! This module does *not* know when anything does: `outages` draws that.

use crate::random::alternation::Alternation;
use crate::time::Span;

/// What may go down, besides the units.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Failures {
    /// Links; `None`: none fails.
    pub links: Option<Failing>,
    /// Routers; `None`: none fails.
    pub routers: Option<Failing>,
    /// Domains that are partitioned from the others for some time.
    pub partitions: Vec<Partition>,
}

/// How links or routers fail, and when routes lead around them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Failing {
    /// How each of them alternates between up and down.
    pub alternation: Alternation,
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
        configured.map_or(Self::PARTITION_REROUTE, |failing| failing.reroute)
    }
}
