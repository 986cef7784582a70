//! What can be read of a record.
//!
//! It does *not* know what is computed from it.

use super::Record;
use super::rows::{BrokerRecord, QueryRecord, RequestRecord};
use crate::discovery::checks::Checks;
use crate::discovery::healing::Healing;
use crate::discovery::presence::Presence;
use crate::discovery::summaries::Costs;
use crate::discovery::{Mechanism, RequestId, gcu};
use crate::system::Queueing;
use crate::time::Span;
use crate::topology::RouterId;
use crate::unit::UnitId;

impl<M: Mechanism> Record<M> {
    pub(in crate::discovery) fn requests(&self) -> &[RequestRecord] {
        &self.requests
    }

    /// What became of each query of the request with this `number`, if it is several.
    pub(in crate::discovery) fn queries(&self, number: usize) -> &[QueryRecord] {
        let each = self.queries_each as usize;
        self.queries
            .get(number * each..(number + 1) * each)
            .unwrap_or_default()
    }

    /// What has waited at each broker, where they take time; else nothing.
    pub(in crate::discovery) fn queues(&self) -> &[Queueing] {
        &self.queues
    }

    /// What has waited for each link, from a router to the next, where they have a bandwidth; else nothing.
    pub(in crate::discovery) fn links(&self) -> &[((RouterId, RouterId), Queueing)] {
        &self.links
    }

    pub(in crate::discovery) fn brokers(&self) -> &[BrokerRecord] {
        &self.brokers
    }

    /// Arrivals and departures, and which units were asked in vain, if anything changes offers.
    pub(in crate::discovery) fn presence(&self) -> Option<&Presence> {
        self.presence.as_ref()
    }

    /// Failures and what follows from them, if that is observed.
    pub(in crate::discovery) fn healing(&self) -> Option<&Healing> {
        self.healing.as_deref()
    }

    /// How many messages have been sent that are not for requests until the last request has ended, if that is observed.
    pub(in crate::discovery) fn upkeep(&self) -> Option<u64> {
        let end = self.end();
        self.upkeep.as_ref().map(|upkeep| upkeep.until(end))
    }

    /// When it was told that a colony or a computer can serve something else, in any order.
    pub(in crate::discovery) fn updates(&self) -> Option<&[Span]> {
        self.updates.as_deref()
    }

    /// What summaries cost.
    pub(in crate::discovery) fn summaries(&self) -> &Costs {
        &self.summaries
    }

    /// When the last request has ended, from the beginning of the request phase.
    pub(in crate::discovery) fn end(&self) -> Span {
        let ends = self
            .requests
            .iter()
            .map(|request| request.issued + request.end().1);
        ends.max().unwrap_or_default()
    }

    /// What the mechanism has observed besides.
    pub fn own(&self) -> &M::Observed {
        &self.own
    }

    /// How the first `provider` for a query came from broker to broker, where that is told: who got it from whom.
    pub(in crate::discovery) fn way(
        &self,
        query: RequestId,
        provider: u32,
    ) -> Vec<(UnitId, UnitId)> {
        self.ways.way(query, gcu(provider))
    }

    /// Checks of credentials.
    pub(in crate::discovery) fn checks(&self) -> &Checks {
        &self.checks
    }

    /// The units that were logged out by force, and how long after the beginning of the request phase; in any
    /// order.
    pub(in crate::discovery) fn logged_out(&self) -> &[(Span, UnitId)] {
        &self.logged_out
    }

    /// The edges of the overlay, as it was then, between the requester and the first provider for a query; `None`: there
    /// is no such number.
    pub(in crate::discovery) fn hops(
        &self,
        mechanism: &M,
        query: RequestId,
        provider: u32,
    ) -> Option<u32> {
        if mechanism.features().tells_ways {
            return self.ways.hops(query, gcu(provider));
        }
        mechanism.hops(&self.own, query, provider)
    }
}
