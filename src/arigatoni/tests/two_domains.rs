//! A policy by hand: two domains, the credentials that a test gives, and tunnels. All else is as simple as it can be.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::arigatoni::election::Term;
use crate::arigatoni::policy::{Policy, Tunnel};
use crate::discovery::{CredentialStatus, SameService};

/// Units with an even number are in domain 0, the others in domain 1. GCU 1 asks for everything.
#[derive(Debug, Clone)]
pub(in crate::arigatoni) struct TwoDomains {
    matcher: SameService,
    /// What a check shows; of others, that they are valid.
    pub(in crate::arigatoni) credentials: BTreeMap<UnitId, CredentialStatus>,
    pub(in crate::arigatoni) tunnels: BTreeMap<UnitId, Tunnel>,
}

/// Units that cross `borders`.
pub(in crate::arigatoni) fn across(borders: Borders) -> Given<TwoDomains> {
    Given {
        rules: Rules { borders, ..rules() },
        policy: TwoDomains {
            matcher: SameService { services: 8 },
            credentials: BTreeMap::new(),
            tunnels: BTreeMap::new(),
        },
    }
}

impl Policy for TwoDomains {
    type Matcher = SameService;

    fn matcher(&self) -> &SameService {
        &self.matcher
    }

    fn offers(&self, _: UnitId, _: u32) -> impl Iterator<Item = Descriptor> {
        std::iter::once(DEMAND)
    }

    fn slots(&self, _: UnitId) -> Option<u32> {
        None
    }

    fn service_time(&self, _: UnitId) -> Span {
        Span::ZERO
    }

    fn agrees(&self, _: UnitId, _: &Query) -> bool {
        true
    }

    fn home(&self, _: UnitId) -> Option<UnitId> {
        None
    }

    fn elsewhere(&self, _: (UnitId, UnitId), _: u32) -> Option<UnitId> {
        None
    }

    fn migrates(&self) -> bool {
        false
    }

    fn any(&self, _: UnitId, _: u32) -> Option<UnitId> {
        None
    }

    fn first_above(&self, _: UnitId) -> impl Iterator<Item = UnitId> {
        std::iter::empty()
    }

    fn another(&self, _: (UnitId, UnitId), _: bool) -> Option<UnitId> {
        None
    }

    fn linked(&self, _: UnitId) -> &[UnitId] {
        &[]
    }

    fn leads_on(&self, _: UnitId) -> bool {
        false
    }

    fn tunnel(&self, unit: UnitId) -> Option<Tunnel> {
        self.tunnels.get(&unit).copied()
    }

    fn guests(&self, _: UnitId) -> &[UnitId] {
        &[]
    }

    fn settlers(&self) -> BTreeMap<UnitId, Vec<UnitId>> {
        BTreeMap::new()
    }

    fn is_settled(&self, _: UnitId) -> bool {
        false
    }

    fn relayed(&self, _: UnitId) -> &[UnitId] {
        &[]
    }

    fn domain(&self, unit: UnitId) -> Option<u32> {
        Some(unit.index() % 2)
    }

    fn requester(&self, _: RequestId) -> UnitId {
        gcu(1)
    }

    fn credential(&self, computer: UnitId, revoked: &BTreeSet<UnitId>) -> CredentialStatus {
        if revoked.contains(&computer) {
            return CredentialStatus::Revoked;
        }
        let shown = self.credentials.get(&computer);
        shown.copied().unwrap_or(CredentialStatus::Valid)
    }

    fn candidacy(&self, _: UnitId, _: Term, [least, _]: [Span; 2]) -> Span {
        least
    }

    fn rank(&self, peer: UnitId, _: RequestId) -> u64 {
        peer.index().into()
    }
}
