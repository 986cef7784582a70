//! How far from its requester a request was served: by the tree, or as brokers tell it where that does not last.
//!
//! It does *not* know why a request was passed to whom.

use super::Record;
use crate::discovery::{Mechanism, RequestId, gcu};

impl<M: Mechanism> Record<M> {
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

    /// How many times `request`, for so many instances, was passed upwards until all its providers were found; `None`:
    /// there is no such number.
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
