//! Units that several brokers list: a registration that was long on its way enters a unit where it does not want to be any more,
//! or a leader has not found out yet that a member has gone elsewhere.
//!
//! By the rules such a unit belongs to whoever entered it last. If that one strikes it, hears from it that it has moved, or fails, it
//! belongs to one of the others, which list it still; and if one of these lets it go, it belongs to nobody, for a unit asks its own
//! leader to be let go. Before that it does *not* know which of them the unit takes for its leader.

use std::collections::BTreeSet;

use super::{Apply, Followed};
use crate::calculus::{Failure, Name, State};

/// The brokers that list a unit besides the one to which it belongs by the rules.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Listings {
    /// Each unit with such a broker.
    besides: BTreeSet<(Name, Name)>,
    /// Each unit that has left before the requests, with its leader: where that one has no time for packets, it may never hear of it.
    /// It lets it go or enters it anew when it does.
    unheard: BTreeSet<(Name, Name)>,
    /// Since heartbeats have ended: the units that several brokers list. Nobody finds that out any more.
    unattended: Option<BTreeSet<Name>>,
}

impl Listings {
    /// `leader` lists `member` still, which belongs to another one from now on.
    pub(super) fn add(&mut self, member: &Name, leader: Name) {
        if let Some(unattended) = &mut self.unattended {
            unattended.insert(member.clone());
        }
        self.besides.insert((member.clone(), leader));
    }

    /// `leader` does not list `member` any more, or that one belongs to it: whether it has listed it besides.
    pub(super) fn remove(&mut self, member: &Name, leader: &Name) -> bool {
        self.unheard.remove(&(member.clone(), leader.clone()));
        self.besides.remove(&(member.clone(), leader.clone()))
    }

    /// `broker` has forgotten whom it lists.
    fn forget_those_of(&mut self, broker: &Name) {
        self.besides.retain(|(_, leader)| leader != broker);
        self.unheard.retain(|(_, leader)| leader != broker);
    }

    /// `unit` has forgotten who may list it.
    pub(super) fn forget(&mut self, unit: &Name) {
        self.besides.retain(|(member, _)| member != unit);
    }

    /// Heartbeats have ended.
    pub(super) fn end_heartbeats(&mut self) {
        let listed = || self.besides.iter().map(|(unit, _)| unit.clone()).collect();
        self.unattended.get_or_insert_with(listed);
    }

    /// `unit` has left `leader` before the requests.
    pub(super) fn has_left_before(&mut self, unit: Name, leader: Name) {
        self.unheard.insert((unit, leader));
    }

    /// Whether `leader` may list `unit` still, as it may not have heard that this one has left before the requests.
    pub(super) fn may_not_know(&self, unit: &Name, leader: &Name) -> bool {
        self.unheard.contains(&(unit.clone(), leader.clone()))
    }

    /// Whether `leader` lists `unit` besides.
    pub(super) fn has(&self, unit: &Name, leader: &Name) -> bool {
        self.besides.contains(&(unit.clone(), leader.clone()))
    }

    /// Whether several brokers have listed `unit` since heartbeats have ended.
    pub(super) fn is_unattended(&self, unit: &Name) -> bool {
        let unattended = self.unattended.as_ref();
        unattended.is_some_and(|all| all.contains(unit))
    }

    fn members(&self) -> BTreeSet<Name> {
        let all = self.besides.iter();
        all.map(|(member, _)| member.clone()).collect()
    }

    /// The brokers that list `member` besides.
    pub(super) fn of(&self, member: &Name) -> Vec<Name> {
        let all = self.besides.iter().filter(|(unit, _)| unit == member);
        all.map(|(_, leader)| leader.clone()).collect()
    }
}

impl Followed {
    /// `member` has lost the leader to which it belonged: if another one lists it still, it belongs to that one.
    pub(super) fn belong_besides(&mut self, member: &Name, apply: Apply) -> Result<(), Failure> {
        let others = self.listings.of(member).into_iter();
        let mut labels = others.map(|leader| self.entry(&leader, member));
        let Some(label) = labels.find(|label| self.community.check(label).is_ok()) else {
            return Ok(());
        };
        self.listings.remove(member, &label.names()[1]);
        apply(&mut self.community, &label)?;
        self.stay_at_home(member);
        Ok(())
    }

    /// `leader`, which has listed `member` besides, lets it go: then it has been its leader all the time, and the one that has entered it
    /// last lists it in vain.
    pub(super) fn leave_besides(
        &mut self,
        (leader, member): (&Name, &Name),
        apply: Apply,
    ) -> Result<(), Failure> {
        if let Some(last) = self.community.leader(member).cloned() {
            self.give_up(member, &last, apply)?;
            if !self.has_state(&last, State::Faulty) {
                self.listings.add(member, last);
            }
        }
        self.wishes.has_left(member, leader);
        Ok(())
    }

    /// `broker` has failed: those of its members that another one lists as well belong to that one.
    pub(super) fn leave_behind(&mut self, broker: &Name, apply: Apply) -> Result<(), Failure> {
        self.listings.forget_those_of(broker);
        for member in self.listings.members() {
            if self.community.leader(&member) == Some(broker) {
                self.give_up(&member, broker, apply)?;
                self.belong_besides(&member, apply)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::super::{Facts, Memberships};
    use super::*;
    use crate::calculus::Community;
    use crate::discovery::{MemberChange, Observation, gbu, gcu};
    use crate::unit::UnitId;

    /// GCU 5 in the colony of GBU 1; GBUs 1 and 2 in that of GBU 0.
    fn followed() -> Followed {
        let believed = [
            (gcu(5), Some(gbu(1))),
            (gbu(0), None),
            (gbu(1), Some(gbu(0))),
            (gbu(2), Some(gbu(0))),
        ];
        let listed = [
            (gbu(0), vec![gbu(1), gbu(2)]),
            (gbu(1), vec![gcu(5)]),
            (gbu(2), vec![]),
        ];
        let membership = Memberships {
            believed: believed.into(),
            listed: listed.into(),
            linked: BTreeMap::new(),
            is_mutual: true,
        };
        Followed::of(&membership, &Arc::new(Facts::default()))
    }

    fn said(followed: &mut Followed, leader: UnitId, change: MemberChange) {
        let member = gcu(5);
        let said = Observation::Member { member, change };
        followed.said(leader, &said, Community::change).unwrap();
    }

    fn fails(followed: &mut Followed, unit: UnitId) {
        followed.crash(unit, Community::change).unwrap();
    }

    /// Its registration with GBU 2 was long on its way.
    fn listed_twice() -> Followed {
        let mut followed = followed();
        said(&mut followed, gbu(2), MemberChange::Registered);
        assert_eq!(followed.text(), "B0[ B1[] | B2[ g5 ] ]");
        followed
    }

    #[test]
    fn who_has_moved_from_one_belongs_to_the_other_that_lists_it() {
        for change in [MemberChange::Moved, MemberChange::Struck] {
            let mut followed = listed_twice();
            said(&mut followed, gbu(2), change);
            assert_eq!(followed.text(), "B0[ B1[ g5 ] | B2[] ]");
            said(&mut followed, gbu(1), change);
            assert_eq!(followed.text(), "g5 | B0[ B1[] | B2[] ]");
            said(&mut followed, gbu(2), change);
            assert_eq!(followed.text(), "g5 | B0[ B1[] | B2[] ]");
        }
    }

    /// A unit asks its own leader to be let go.
    #[test]
    fn who_is_let_go_belongs_to_nobody() {
        for leader in [1, 2] {
            let mut followed = listed_twice();
            said(&mut followed, gbu(leader), MemberChange::Left);
            assert_eq!(followed.text(), "g5 | B0[ B1[] | B2[] ]");
            said(&mut followed, gbu(3 - leader), MemberChange::Moved);
            assert_eq!(followed.text(), "g5 | B0[ B1[] | B2[] ]");
        }
    }

    #[test]
    fn whose_former_leader_finds_out_belongs_to_the_new_one() {
        let mut followed = listed_twice();
        said(&mut followed, gbu(1), MemberChange::Moved);
        assert_eq!(followed.text(), "B0[ B1[] | B2[ g5 ] ]");
        said(&mut followed, gbu(2), MemberChange::Left);
        assert_eq!(followed.text(), "g5 | B0[ B1[] | B2[] ]");
    }

    /// Its word that it leaves, before the requests, has never come to GBU 1.
    #[test]
    fn who_was_not_heard_is_listed_still() {
        let mut listed = Listings::default();
        let (unit, leader) = (Name::computer(5), Name::broker(1));
        listed.has_left_before(unit.clone(), leader.clone());
        assert!(listed.may_not_know(&unit, &leader) && !listed.has(&unit, &leader));
        assert!(!listed.remove(&unit, &leader));
        assert!(!listed.may_not_know(&unit, &leader));
    }

    #[test]
    fn whose_leader_fails_belongs_to_the_other_that_lists_it() {
        let mut followed = listed_twice();
        fails(&mut followed, gbu(2));
        assert_eq!(followed.text(), "B0[ B1[ g5 ] | B2![] ]");
        // One that fails forgets whom it lists.
        let mut followed = listed_twice();
        fails(&mut followed, gbu(1));
        said(&mut followed, gbu(2), MemberChange::Moved);
        assert_eq!(followed.text(), "g5 | B0[ B1![] | B2[] ]");
    }
}
