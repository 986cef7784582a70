//! Which unit belongs to which leader according to the units themselves, and where that differs from what the rules
//! give.
//!
//! It does *not* know how the rules arrived at that.

use std::collections::BTreeMap;

use super::{Followed, name};
use crate::calculus::{Label, Name, Rule, State};
use crate::discovery::overlay::unit_of;
use crate::unit::UnitId;

/// Which unit belongs to which leader, according to the units themselves.
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
            self.undone(lives, &mut cases);
        }
        cases
    }

    /// What units were told to do, the rules allow, and has not happened. One that has no colony but that at the end of its tunnel
    /// waits for its friend.
    fn undone(&self, lives: &dyn Fn(UnitId) -> bool, cases: &mut Vec<String>) {
        let of_computer = |label: [Rule; 2], unit: &Name| label[usize::from(unit.is_broker())];
        let leaving = self.wishes.leaving.iter().filter_map(|unit| {
            let leader = self.community.leader(unit)?;
            let rule = of_computer([Rule::Leave, Rule::Unregister], unit);
            let is_promised = self.promised.contains(unit);
            (!is_promised).then(|| Label::new(rule, &[unit, leader]))
        });
        let gone = self.wishes.gone.iter();
        let coming =
            gone.filter(|(unit, (_, comes_back))| *comes_back && !self.facts.has_friend(unit));
        let coming = coming.map(|(unit, (leader, _))| {
            let rule = if self.facts.domain(unit) == self.facts.domain(leader) {
                of_computer([Rule::Join, Rule::Register], unit)
            } else {
                Rule::Migrate
            };
            Label::new(rule, &[unit, leader])
        });
        let dead = |label: &Label| {
            let mut units = label.names().iter().filter_map(unit_of);
            units.any(|unit| !lives(unit))
        };
        for label in leaving.chain(coming) {
            if !dead(&label) && self.community.check(&label).is_ok() {
                let (unit, community) = (&label.names()[0], &self.community);
                cases.push(format!(
                    "`{unit}` was told to do what `{label}` says, can, and has not: {community}"
                ));
            }
        }
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
            let lists = |leader: &Name| {
                self.listings.has(&unit_name, leader)
                    || self.listings.may_not_know(&unit_name, leader)
            };
            let is_listed_besides = !membership.is_mutual && leader.as_ref().is_some_and(lists);
            let may_differ = has_deserted
                || is_listed_besides
                || self.listings.is_unattended(&unit_name)
                || self.unsettled.contains(&unit_name);
            if leader.as_ref() != by_rules && !may_differ {
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
