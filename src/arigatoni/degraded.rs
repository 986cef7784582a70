//! What must hold of living units while a broker is dead, once all could find out: who can elect another leader has done
//! so, and who can go to another broker has gone.
//!
//! It does *not* know how they find out, nor what holds once the dead are back.

use std::collections::BTreeMap;

use super::drawn::Drawn;
use super::election::Roster;
use super::invariants::invariants as at_rest;
use super::policy::{Given, Policy};
use super::{Colonies, Gbu, Gcu};
use crate::discovery::{GBU, RequestId, gbu, gcu};
use crate::system::{Invariant, Property, Violation, violations as broken};
use crate::unit::UnitId;

/// The units, of which some live.
struct Units<'u> {
    given: &'u Given<Drawn>,
    gcus: &'u [Gcu],
    gbus: &'u [Gbu],
    lives: &'u dyn Fn(UnitId) -> bool,
    /// Whether a timer has fired early. A unit whose timer fired early has tried fewer brokers than its counter says.
    is_early: bool,
}

fn invariants<'u>() -> [Invariant<Units<'u>>; 2] {
    [
        Invariant {
            name: "elected",
            sentence: "while a leader is dead of whose members more than half live, know its last list and miss it, one \
            of them a broker, another leader has been elected, where leaders are elected",
            check: elected,
        },
        Invariant {
            name: "resettled",
            sentence: "while its leader is dead nobody is without one who has had the time to try another broker that can \
            take it in, where units migrate and no timer has fired early",
            check: resettled,
        },
    ]
}

/// The names and sentences of these, and of what must hold of units at rest.
pub(super) fn properties() -> Vec<Property> {
    let units = at_rest().into_iter();
    let units = units.map(|it| (it.name, it.sentence));
    let degraded = invariants().into_iter();
    units
        .chain(degraded.map(|it| (it.name, it.sentence)))
        .collect()
}

/// What must hold of units of which some live, and does not.
pub(super) fn violations(
    colonies: &Colonies,
    (gcus, gbus): (&[Gcu], &[Gbu]),
    lives: &dyn Fn(UnitId) -> bool,
    is_early: bool,
) -> Vec<Violation> {
    let given = &colonies.given;
    if !given.rules.heals() {
        return Vec::new();
    }
    let units = Units {
        given,
        gcus,
        gbus,
        lives,
        is_early,
    };
    broken(&invariants(), &units)
}

/// Whether `computer`, if it is able and has room, is sure to be asked for `request`, and agrees to it.
pub(super) fn agrees(colonies: &Colonies, computer: UnitId, request: RequestId) -> bool {
    let rules = &colonies.given.rules;
    let asks_all = rules.accounting.is_none() && !rules.has_detours();
    asks_all && colonies.given.policy.is_willing(computer, request)
}

impl Units<'_> {
    /// The living units that have no leader and want one.
    fn orphans(&self) -> impl Iterator<Item = UnitId> {
        let computers = (0..).map(gcu).zip(self.gcus);
        let computers = computers.filter(|(_, it)| it.membership.is_orphan());
        let brokers = (0..).map(gbu).zip(self.gbus);
        let brokers =
            brokers.filter(|(_, it)| it.membership.is_orphan() && !it.stands_for_a_root());
        let units = computers.map(|(unit, _)| unit);
        let units = units.chain(brokers.map(|(unit, _)| unit));
        units.filter(|unit| (self.lives)(*unit))
    }

    /// The leader that `unit` misses, and the last list of members that it had from it.
    fn misses(&self, unit: UnitId) -> Option<(UnitId, &Roster)> {
        let index = unit.index() as usize;
        if unit.kind() == GBU {
            self.gbus[index].misses()
        } else {
            self.gcus[index].misses()
        }
    }

    /// The brokers that `unit`, which has been without a leader for long, has tried by now.
    fn tries(&self, unit: UnitId) -> Vec<UnitId> {
        let (policy, index) = (&self.given.policy, unit.index() as usize);
        if unit.kind() == GBU {
            self.gbus[index].tries(policy, unit)
        } else {
            self.gcus[index].tries(policy, unit)
        }
    }

    /// Whether `broker` and all above it live and belong together, and `unit` is none of them.
    fn can_take_in(&self, broker: UnitId, unit: UnitId) -> bool {
        let mut at = broker;
        for _ in self.gbus {
            let it = &self.gbus[at.index() as usize];
            if at == unit
                || !(self.lives)(at)
                || it.membership.is_orphan()
                || it.membership.is_leaving()
            {
                return false;
            }
            match it.super_broker() {
                None => return true,
                Some(above) => at = above,
            }
        }
        false
    }
}

fn elected(units: &Units<'_>) -> Vec<String> {
    if units.given.rules.election.is_none() {
        return Vec::new();
    }
    // By leader and by list, who misses the leader.
    let mut colonies: BTreeMap<(UnitId, u32), (usize, Vec<UnitId>)> = BTreeMap::new();
    for unit in units.orphans() {
        let Some((leader, roster)) = units.misses(unit) else {
            continue;
        };
        if !(units.lives)(leader) {
            let all = colonies.entry((leader, roster.number));
            let (_, orphans) = all.or_insert((roster.members.len(), Vec::new()));
            orphans.push(unit);
        }
    }
    let stuck = colonies.into_iter().filter(|(_, (members, orphans))| {
        2 * orphans.len() > *members && orphans.iter().any(|unit| unit.kind() == GBU)
    });
    stuck
        .map(|((leader, _), (members, orphans))| {
            let (leader, count) = (leader.index(), orphans.len());
            format!("{count} of the {members} members of gbu/{leader} miss it")
        })
        .collect()
}

fn resettled(units: &Units<'_>) -> Vec<String> {
    let policy = &units.given.policy;
    let mut cases = Vec::new();
    if units.is_early {
        return cases;
    }
    for unit in units.orphans() {
        if policy.home(unit).is_none_or(|home| (units.lives)(home)) {
            continue;
        }
        let mut tries = units.tries(unit).into_iter();
        if let Some(to) = tries.find(|to| units.can_take_in(*to, unit)) {
            let kind = if unit.kind() == GBU { "gbu" } else { "gcu" };
            let (unit, to) = (unit.index(), to.index());
            cases.push(format!("{kind}/{unit} is, and gbu/{to} could take it in"));
        }
    }
    cases
}
