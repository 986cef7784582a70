//! Who belongs to whom by the units' own words, and where that differs from what the rules give.
//!
//! It does *not* know how the rules came to it.

use std::collections::BTreeMap;

use super::{Followed, name};
use crate::calculus::{Name, State};
use crate::unit::UnitId;

/// Who belongs to whom by the units' own words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Memberships {
    /// Of each unit, the leader to which it believes to belong.
    pub believed: BTreeMap<UnitId, Option<UnitId>>,
    /// The members in the table of each broker.
    pub listed: BTreeMap<UnitId, Vec<UnitId>>,
    /// The brokers to which each broker takes itself to be linked, or to have a tunnel.
    pub linked: BTreeMap<UnitId, Vec<UnitId>>,
    /// Whether at rest a member that lives knows of it. Where peers that are only slow are taken for gone, one side may
    /// know nothing of what the other one believes.
    pub is_mutual: bool,
}

impl Memberships {
    /// The leader of each unit: a living broker that lists it, but for those that `is_guest` says to be listed through a tunnel. A
    /// living unit must also take that broker for its leader. Where the two may disagree, any broker that lists the unit
    /// will do, but the one that the unit takes for its leader comes first.
    pub(super) fn leaders(
        &self,
        lives: &dyn Fn(UnitId) -> bool,
        is_guest: &dyn Fn(UnitId, UnitId) -> bool,
    ) -> BTreeMap<UnitId, Option<UnitId>> {
        let mut leaders: BTreeMap<UnitId, Option<UnitId>> =
            self.believed.keys().map(|&unit| (unit, None)).collect();
        for (&leader, members) in self.listed.iter().filter(|(leader, _)| lives(**leader)) {
            for member in members.iter().filter(|it| !is_guest(**it, leader)) {
                let is_believed = self.believed.get(member) == Some(&Some(leader));
                let entry = leaders.entry(*member).or_default();
                let counts = is_believed || !self.is_mutual || !lives(*member);
                if counts && (entry.is_none() || is_believed) {
                    *entry = Some(leader);
                }
            }
        }
        leaders
    }
}

impl Followed {
    /// Where the states of the units differ from what the rules give. Members of a leader that has failed are not
    /// compared: nobody observes whether they have left it already.
    pub(in crate::discovery) fn differences(
        &self,
        membership: &Memberships,
        lives: &dyn Fn(UnitId) -> bool,
    ) -> Vec<String> {
        let is_guest = |unit, leader| self.facts.guest(&name(unit), &name(leader)).is_some();
        let mut cases = Vec::new();
        for (unit, leader) in membership.leaders(lives, &is_guest) {
            self.compare((unit, leader), membership, lives, &mut cases);
        }
        if membership.is_mutual {
            self.compare_tunnels(membership, lives, &mut cases);
            self.compare_links(membership, lives, &mut cases);
        }
        cases
    }

    fn compare(
        &self,
        (unit, leader): (UnitId, Option<UnitId>),
        membership: &Memberships,
        lives: &dyn Fn(UnitId) -> bool,
        cases: &mut Vec<String>,
    ) {
        let unit_name = name(unit);
        let Some(individual) = self.community.get(&unit_name) else {
            return;
        };
        let is_faulty = individual.state == State::Faulty;
        if unit_name.is_broker() && is_faulty == lives(unit) {
            let (is, by_rules) = if is_faulty {
                ("lives", "has failed")
            } else {
                ("has failed", "lives")
            };
            cases.push(format!(
                "`{unit_name}` {is}, and by the rules it {by_rules}"
            ));
        }
        let by_rules = individual.leader.as_ref();
        let by_rules = by_rules.filter(|leader| !self.has_state(leader, State::Faulty));
        let words = |leader: Option<&Name>| {
            leader.map_or_else(|| "nobody".into(), |leader| format!("`{leader}`"))
        };
        // Who has deserted before its leader was replaced has not followed the elected one.
        let is_promised = self.promised.contains(&unit_name);
        let mut differs = |what: &str, leader: Option<UnitId>| {
            let leader = leader.map(name);
            let has_deserted = is_promised && leader.is_none();
            if leader.as_ref() != by_rules && !has_deserted {
                let [is, should] = [leader.as_ref(), by_rules].map(words);
                let community = &self.community;
                cases.push(format!(
                    "`{unit_name}` {what} to {is}, and by the rules to {should}: {community}"
                ));
            }
        };
        let believed = membership.believed.get(&unit).copied().flatten();
        let believed = believed.filter(|leader| lives(*leader));
        // The leader that it has taken for gone may know nothing of that, and list it still.
        let has_parted = !membership.is_mutual
            && self.suspecting.contains(&unit_name)
            && believed.map(name).as_ref() == by_rules;
        if !has_parted {
            differs("belongs", leader);
        }
        if membership.is_mutual && lives(unit) {
            differs("believes to belong", believed);
        }
    }

    /// A living leader lists those living guests that have a tunnel to it.
    fn compare_tunnels(
        &self,
        membership: &Memberships,
        lives: &dyn Fn(UnitId) -> bool,
        cases: &mut Vec<String>,
    ) {
        for (&leader, members) in membership
            .listed
            .iter()
            .filter(|(leader, _)| lives(**leader))
        {
            for (&unit, _) in membership.believed.iter().filter(|(unit, _)| lives(**unit)) {
                let (from, to) = (name(unit), name(leader));
                if self.facts.guest(&from, &to).is_none() {
                    continue;
                }
                let is_listed = members.contains(&unit);
                if is_listed != self.has_tunnel(&from, &to) {
                    let (is, community) =
                        (if is_listed { "there" } else { "gone" }, &self.community);
                    cases.push(format!(
                        "`{from} => {to}` is {is}, and by the rules it is not: {community}"
                    ));
                }
            }
        }
    }

    /// Two living brokers are linked, by the words of both, if and only if they are by the rules.
    fn compare_links(
        &self,
        membership: &Memberships,
        lives: &dyn Fn(UnitId) -> bool,
        cases: &mut Vec<String>,
    ) {
        let living = membership.linked.iter().filter(|(unit, _)| lives(**unit));
        let mut said: Vec<(Name, Name)> = Vec::new();
        for (&one, peers) in living.clone() {
            let pairs = peers.iter().filter(|it| lives(**it));
            let pairs = pairs.map(|other| (name(one), name(*other)));
            said.extend(pairs.filter(|(one, other)| {
                let guest = self.facts.guest(one, other);
                guest.or_else(|| self.facts.guest(other, one)).is_none()
            }));
        }
        let has = |one: &Name, other: &Name| said.contains(&(one.clone(), other.clone()));
        let alive: Vec<Name> = living.map(|(unit, _)| name(*unit)).collect();
        for (place, one) in alive.iter().enumerate() {
            for other in &alive[place + 1..] {
                let by_rules = self.has_link(one, other);
                if [has(one, other), has(other, one)] != [by_rules; 2] {
                    let (is, community) = (if by_rules { "" } else { " not" }, &self.community);
                    cases.push(format!(
                        "by the rules `{one} ~ {other}` is{is} there, and by the two it is otherwise: {community}"
                    ));
                }
            }
        }
    }
}
