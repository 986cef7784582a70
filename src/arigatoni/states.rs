//! The states of units, for a search that visits all histories of a small world.
//!
//! It does *not* know how the search goes, nor what must hold.

use std::collections::BTreeSet;

use super::policy::Policy as _;
use super::{Colonies, Gbu, Gcu, bereft};
use crate::discovery::{CredentialStatus, UnitStates};
use crate::system::unpacked;
use crate::time::Span;
use crate::unit::UnitId;

/// Whether two computers are of different domains, and the credential of one of them was never valid.
fn distrusts(colonies: &Colonies, one: UnitId, other: UnitId) -> bool {
    let (rules, policy) = (&colonies.given.rules, &colonies.given.policy);
    let none = BTreeSet::new();
    let is_valid = |unit| policy.credential(unit, &none) == CredentialStatus::Valid;
    let crosses = policy.domain(one) != policy.domain(other);
    rules.borders.check.is_some() && crosses && !(is_valid(one) && is_valid(other))
}

/// How states of units are kept, taken out, and judged.
pub(super) fn unit_states() -> UnitStates<Colonies> {
    UnitStates {
        computer: |_, computer, now| Box::new(computer.canonical(now)),
        broker: |colonies, broker, now| {
            Box::new(broker.timeless(now, colonies.given.rules.deadline))
        },
        as_computer: unpacked::<Gcu>,
        as_broker: unpacked::<Gbu>,
        recovers: |colonies| colonies.given.rules.recovery.is_some(),
        agrees: bereft::agrees,
        distrusts,
        is_linked: |broker, peer| broker.linked().any(|other| other == peer),
        limit: |colonies| {
            let rule = colonies.given.rules.accounting?;
            // Time does not pass, and who has a tunnel is asked by two brokers.
            let is_prompt = rule.grace == Span::ZERO && !colonies.given.rules.borders.tunnels;
            is_prompt.then_some(rule.limit)
        },
        has_logged_out: |broker, computer| broker.has_logged_out(computer),
        bereft: bereft::violations,
        properties: bereft::properties,
    }
}
