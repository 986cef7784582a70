//! The ways by which the first providers of requests were found, where units get other leaders than they had at first.
//!
//! They do *not* know why a request was passed to whom.

use std::collections::BTreeMap;

use super::RequestId;
use crate::time::Span;
use crate::unit::UnitId;

/// When a broker got its first providers for a request, which broker, and from whom.
type Handed = (Span, UnitId, UnitId);

/// What brokers have told of it, by request.
#[derive(Debug, Default)]
pub(super) struct ProviderPaths(BTreeMap<RequestId, Vec<Handed>>);

impl ProviderPaths {
    /// `broker` has got its first providers for `request` from `peer`.
    pub(super) fn add(&mut self, at: Span, request: RequestId, (broker, peer): (UnitId, UnitId)) {
        self.0.entry(request).or_default().push((at, broker, peer));
    }

    /// Takes in what was told in another part of the run.
    pub(super) fn merge(&mut self, other: Self) {
        for (request, steps) in other.0 {
            self.0.entry(request).or_default().extend(steps);
        }
    }

    /// The edges from `provider` up to the requester's leader, and that to the requester; `None`: nobody has got it.
    pub(super) fn hops(&self, request: RequestId, provider: UnitId) -> Option<u32> {
        let edges = self.way(request, provider).len() as u32;
        (edges > 0).then_some(edges + 1)
    }

    /// The pairs of brokers along which `provider` was found, from the provider up to the requester's leader.
    pub(super) fn way(&self, request: RequestId, provider: UnitId) -> Vec<(UnitId, UnitId)> {
        let mut steps = self.0.get(&request).cloned().unwrap_or_default();
        steps.sort_unstable();
        let (mut at, mut way) = (provider, Vec::new());
        while let Some(next) = steps.iter().position(|(.., from)| *from == at) {
            let (_, broker, peer) = steps.remove(next);
            way.push((broker, peer));
            at = broker;
        }
        way
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::{gbu, gcu};

    #[test]
    fn the_way_goes_from_the_provider_to_the_requesters_leader() {
        let (request, at) = (RequestId(3), Span::from_s);
        let mut ways = ProviderPaths::default();
        // GCU 9 is found below GBU 4, and GCU 5 besides by GBU 7, too late to be the first.
        ways.add(at(1), request, (gbu(4), gcu(9)));
        ways.add(at(2), request, (gbu(2), gbu(4)));
        let mut other = ProviderPaths::default();
        other.add(at(3), request, (gbu(0), gbu(2)));
        other.add(at(4), request, (gbu(7), gcu(5)));
        other.add(at(1), RequestId(4), (gbu(1), gcu(9)));
        ways.merge(other);
        assert_eq!(ways.hops(request, gcu(9)), Some(4));
        assert_eq!(ways.hops(RequestId(4), gcu(9)), Some(2));
        assert_eq!(ways.hops(request, gcu(1)), None);
    }
}
