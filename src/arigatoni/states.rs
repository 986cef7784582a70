//! The states of units, for a search that visits all histories of a small world.
//!
//! It does *not* know how the search goes, nor what must hold.

use std::collections::BTreeSet;

use super::policy::Policy as _;
use super::{Colonies, Gbu, Gcu, degraded};
use crate::discovery::{CredentialStatus, ExplorableMechanism, RequestId};
use crate::system::{Property, Violation};
use crate::time::{Span, Time};
use crate::unit::UnitId;

impl ExplorableMechanism for Colonies {
    fn computer_state(&self, computer: &Gcu, now: Time) -> Gcu {
        computer.canonical(now)
    }

    fn broker_state(&self, broker: &Gbu, now: Time) -> Gbu {
        broker.timeless(now, self.given.rules.deadline)
    }

    fn recovers(&self) -> bool {
        self.given.rules.recovery.is_some()
    }

    fn agrees(&self, computer: UnitId, request: RequestId) -> bool {
        degraded::agrees(self, computer, request)
    }

    /// They are of different domains, and the credential of one of them was never valid.
    fn distrusts(&self, one: UnitId, other: UnitId) -> bool {
        let (rules, policy) = (&self.given.rules, &self.given.policy);
        let none = BTreeSet::new();
        let is_valid = |unit| policy.credential(unit, &none) == CredentialStatus::Valid;
        let crosses = policy.domain(one) != policy.domain(other);
        rules.borders.check.is_some() && crosses && !(is_valid(one) && is_valid(other))
    }

    fn is_linked(broker: &Gbu, peer: UnitId) -> bool {
        broker.linked().any(|other| other == peer)
    }

    fn limit(&self) -> Option<u32> {
        let rule = self.given.rules.accounting?;
        // Time does not pass, and who has a tunnel is asked by two brokers.
        let is_prompt = rule.grace == Span::ZERO && !self.given.rules.borders.tunnels;
        is_prompt.then_some(rule.limit)
    }

    fn has_logged_out(broker: &Gbu, computer: UnitId) -> bool {
        broker.has_logged_out(computer)
    }

    fn degraded(
        &self,
        units: (&[Gcu], &[Gbu]),
        lives: &dyn Fn(UnitId) -> bool,
        is_early: bool,
    ) -> Vec<Violation> {
        degraded::violations(self, units, lives, is_early)
    }

    fn properties() -> Vec<Property> {
        degraded::properties()
    }
}
