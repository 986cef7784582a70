//! What can be read of a record.
//!
//! It does *not* know what is computed from it.

use super::Record;
use super::rows::{BrokerRecord, RequestRecord};
use crate::discovery::healing::Healing;
use crate::discovery::presence::Presence;
use crate::discovery::summaries::Costs;
use crate::discovery::{Mechanism, RequestId, gcu};
use crate::time::Span;

impl<M: Mechanism> Record<M> {
    pub(in crate::discovery) fn requests(&self) -> &[RequestRecord] {
        &self.requests
    }

    pub(in crate::discovery) fn brokers(&self) -> &[BrokerRecord] {
        &self.brokers
    }

    /// Comings and goings, and who was asked in vain, if anything changes who offers what.
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

    /// The edges of the overlay, as it was then, between the requester and the first provider; `None`: there is no
    /// such number.
    pub(in crate::discovery) fn hops(
        &self,
        mechanism: &M,
        request: RequestId,
        provider: u32,
    ) -> Option<u32> {
        if mechanism.changes_leaders() {
            return self.ways.hops(request, gcu(provider));
        }
        mechanism.hops(&self.own, request, provider)
    }

    /// How many times `request` was passed upwards until all of `providers` were found; `None`: there is no such
    /// number.
    pub(in crate::discovery) fn level(
        &self,
        mechanism: &M,
        request: RequestId,
        wanted: u32,
    ) -> Option<u32> {
        let record = &self.requests[request.0 as usize];
        let providers = record.providers.iter();
        // That of the lowest broker that has all of them below it.
        let levels = providers.map(|provider| mechanism.level(request, provider.index()));
        let levels: Option<Vec<u32>> = levels.collect();
        let level = levels.and_then(|levels| levels.into_iter().max())?;
        // With fewer everybody was asked; and where leaders change, that tree has gone.
        let is_told = record.providers.len() < wanted as usize || mechanism.changes_leaders();
        Some(if is_told { record.passes } else { level })
    }
}
