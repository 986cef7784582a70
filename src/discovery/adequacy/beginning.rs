//! The overlay when requests begin: who has left or crashed by then, and, where packets get lost, who has gone elsewhere.
//!
//! Packets get lost before the requests as well: while units register, and while those leave that are away at first. Who takes its
//! leader for gone then may go elsewhere, and that leader may list it still. It does *not* know how a unit came where it is.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Facts, Followed, Memberships, name};
use crate::calculus::{Name, State};
use crate::discovery::World;
use crate::discovery::config::DisconnectionMode;
use crate::discovery::environment::leads_on;
use crate::unit::UnitId;

/// Whether the units that are disconnected crash as requests begin, instead of leaving before.
fn crashes_at_first(world: &World) -> bool {
    world.config.disconnection.mode == DisconnectionMode::Crash
}

/// Whether `unit` has left by the time at which requests begin, or has crashed before that.
fn has_left(world: &World, unit: UnitId) -> bool {
    let is_absent = world.absent.binary_search(&unit).is_ok();
    is_absent || !crashes_at_first(world) && world.disconnected.contains(&unit)
}

impl Followed {
    /// The overlay of `world` when requests begin, if nobody has gone elsewhere: who has left is free, and brokers that have
    /// crashed have failed.
    pub(in crate::discovery) fn at_begin(world: &World, facts: &Arc<Facts>) -> Self {
        let has_left = |unit| has_left(world, unit);
        // A unit whose only colony is one to which a friend gives it access has gone with that friend.
        let is_cut = |unit: UnitId| facts.friend_of_only(unit).is_some_and(has_left);
        let leaders = world.units().map(|unit| {
            let leader = world.first_leader(unit);
            (unit, leader.filter(|_| !has_left(unit) && !is_cut(unit)))
        });
        let lives = |unit: UnitId| {
            let has_crashed = crashes_at_first(world) && world.disconnected.contains(&unit);
            let is_away = world.absent.binary_search(&unit).is_ok() && !leads_on(world, unit);
            !(has_crashed || is_away)
        };
        let mut first = Self::with(leaders.collect(), lives, |unit| !has_left(unit), facts);
        let strays = world
            .units()
            .filter(|unit| is_cut(*unit) && !has_left(*unit));
        first.unsettled = strays.map(name).collect();
        for unit in world.units().filter(|unit| has_left(*unit) && lives(*unit)) {
            if let Some(leader) = world.first_leader(unit) {
                let (unit, leader) = (name(unit), name(leader));
                first.listings.has_left_before(unit.clone(), leader.clone());
                first.wishes.gone.insert(unit, (leader, false));
            }
        }
        first
    }

    /// Units are where `membership` says when requests begin. One that has left stays free, and who lists it has not heard of
    /// that. Another one belongs to the leader in which it believes, if that one lists it; else to one that lists it. All others
    /// that list it do so besides.
    pub(super) fn begin_where(&mut self, world: &World, membership: &Memberships) {
        let mut listing = self.listing(membership);
        let mut lost: Vec<Name> = Vec::new();
        for (&unit, believed) in &membership.believed {
            let member = name(unit);
            let leaders = listing.remove(&member).unwrap_or_default();
            if has_left(world, unit) {
                for leader in leaders {
                    self.listings.has_left_before(member.clone(), leader);
                }
                continue;
            }
            // One that has failed lists nobody, and who believes in it has not found that out.
            let own = believed
                .map(name)
                .filter(|leader| leaders.contains(leader) || self.has_state(leader, State::Faulty));
            for leader in leaders {
                if own.as_ref() != Some(&leader) {
                    self.listings.add(&member, leader);
                }
            }
            if own.is_none() {
                lost.push(member.clone());
            }
            self.community.put_leader(&member, own);
        }
        // All others are where they belong by now, so that nobody gets below itself.
        for member in lost {
            self.belong_to_lister(member);
        }
        // Where those are whose friend has gone is known.
        self.unsettled.clear();
    }

    /// `member`, which is free and takes nobody for its leader, belongs to a broker that lists it, if one does.
    fn belong_to_lister(&mut self, member: Name) {
        let leaders = self.listings.of(&member).into_iter();
        let mut leaders = leaders.filter(|leader| {
            let entry = self.entry(leader, &member);
            self.community.check(&entry).is_ok()
        });
        let Some(leader) = leaders.next() else {
            return;
        };
        self.listings.remove(&member, &leader);
        self.community.put_leader(&member, Some(leader));
        self.suspecting.insert(member);
    }

    /// The brokers that list each unit, but for those that have failed, and those to which it has a tunnel besides.
    fn listing(&self, membership: &Memberships) -> BTreeMap<Name, Vec<Name>> {
        let mut listing: BTreeMap<Name, Vec<Name>> = BTreeMap::new();
        for (&leader, members) in &membership.listed {
            let leader = name(leader);
            if self.has_state(&leader, State::Faulty) {
                continue;
            }
            for member in members.iter().map(|member| name(*member)) {
                if self.facts.guest(&member, &leader).is_none() {
                    listing.entry(member).or_default().push(leader.clone());
                }
            }
        }
        listing
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calculus::Community;
    use crate::discovery::{BrokerUnits, MemberChange, Observation, Population, config, gbu, gcu};
    use crate::random::RandomStreams;

    /// GBUs 1 and 2 in the colony of GBU 0, and GCU 5, which believes to be in that of a broker and is listed by others.
    fn membership(believed: Option<u32>, listing: &[u32]) -> Memberships {
        let believed = [
            (gcu(5), believed.map(gbu)),
            (gbu(0), None),
            (gbu(1), Some(gbu(0))),
            (gbu(2), Some(gbu(0))),
        ];
        let lists = |broker: u32| {
            let lists = listing.contains(&broker);
            lists.then_some(gcu(5)).into_iter().collect()
        };
        let listed = [
            (gbu(0), vec![gbu(1), gbu(2)]),
            (gbu(1), lists(1)),
            (gbu(2), lists(2)),
        ];
        Memberships {
            believed: believed.into(),
            listed: listed.into(),
            linked: BTreeMap::new(),
            is_mutual: false,
        }
    }

    /// A world in which these units have left.
    fn world(gone: &[UnitId]) -> World {
        let (config, population) = (config::World::default(), Population::default());
        let streams = RandomStreams::new(1, 0);
        let mut world = World::of_one_broker(config, BrokerUnits::Every, population, streams);
        world.disconnected.extend(gone);
        world
    }

    /// Where GCU 5 is in the colony of GBU 1 at first.
    fn first() -> Followed {
        Followed::of(&membership(Some(1), &[1]), &Arc::default())
    }

    /// What the rules say when requests begin so, which is what units say.
    fn begun(believed: Option<u32>, listing: &[u32]) -> Followed {
        let begun = membership(believed, listing);
        let mut followed = first();
        followed.begin_where(&world(&[]), &begun);
        let differences = followed.differences(&begun, &|_| true);
        assert_eq!(differences, Vec::<String>::new());
        followed
    }

    /// GCU 5 has told its leader `from` that it has gone elsewhere.
    fn moved(followed: &mut Followed, from: u32) {
        let change = MemberChange::Moved;
        let said = Observation::Member {
            member: gcu(5),
            change,
        };
        followed.said(gbu(from), &said, Community::change).unwrap();
    }

    #[test]
    fn who_has_gone_elsewhere_before_the_requests_is_there() {
        let mut followed = begun(Some(2), &[1, 2]);
        assert_eq!(followed.text(), "B0[ B1[] | B2[ g5 ] ]");
        // Its first leader finds that out.
        moved(&mut followed, 1);
        assert_eq!(followed.text(), "B0[ B1[] | B2[ g5 ] ]");
    }

    #[test]
    fn who_is_not_listed_by_its_leader_belongs_to_one_that_lists_it() {
        for believed in [None, Some(1)] {
            let mut followed = begun(believed, &[2]);
            assert_eq!(followed.text(), "B0[ B1[] | B2[ g5 ] ]");
            moved(&mut followed, 2);
            assert_eq!(followed.text(), "g5 | B0[ B1[] | B2[] ]");
        }
        assert_eq!(begun(Some(1), &[]).text(), "g5 | B0[ B1[] | B2[] ]");
    }

    /// Its word that it leaves has not come to GBU 2, to which it had gone.
    #[test]
    fn who_has_left_is_free_and_may_be_listed() {
        let begun = membership(None, &[2]);
        let mut followed = Followed::of(&membership(None, &[]), &Arc::default());
        assert_eq!(followed.differences(&begun, &|_| true).len(), 1);
        followed.begin_where(&world(&[gcu(5)]), &begun);
        assert_eq!(followed.text(), "g5 | B0[ B1[] | B2[] ]");
        let differences = followed.differences(&begun, &|_| true);
        assert_eq!(differences, Vec::<String>::new());
    }

    #[test]
    fn who_believes_in_one_that_has_failed_belongs_to_it() {
        let mut followed = first();
        followed.crash(gbu(2), Community::change).unwrap();
        followed.begin_where(&world(&[]), &membership(Some(2), &[2]));
        assert_eq!(followed.text(), "B0[ B1[] | B2![ g5 ] ]");
    }
}
