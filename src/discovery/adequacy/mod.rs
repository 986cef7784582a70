//! Adequacy: whether an overlay is what the rules of the colony calculus give for what has happened to it.
//!
//! Each thing that happens is taken for labels of the calculus, whose premises must hold; at rest the units' own
//! words must be what the rules give. It does *not* know the rules, nor how units come to act as they do.
//!
//! | what happens | labels |
//! | --- | --- |
//! | a query of a computer reaches its leader, and its last open request ends | `begin`, `end` |
//! | a broker crashes, comes back | `fail`, `restart`, and `cut` for the tunnels to it |
//! | a leader enters somebody new | `join` or `register`, or `migrate` if its domain is another |
//! | who is entered elsewhere while its leader lists it | `move`, or `desert` or `fire` before the label above; likewise if that is its own leader, or one above it and somebody between them has taken its leader for gone |
//! | a leader lets a member go | `leave` or `unregister`, after `cut` for the tunnels through it; or `strike` if it has failed meanwhile |
//! | a leader strikes a member | `fire`, or `strike` if it is a broker that has failed |
//! | a leader strikes a member, hears from it that it has moved, or fails, while another one lists it still | afterwards `desert` or `strike` of one that has failed, and `join`, `register` or `migrate` to the other one |
//! | a broker is elected in the place of one that has failed | `elect` |
//! | a leader enters, lets go, strikes who has a tunnel to it besides its own leader | `friend` or `clone`, `close`, `cut` |
//! | both brokers are told that they are linked, one is told that they are not | `link`, `unlink` |

mod beginning;
mod events;
mod facts;
mod listings;
mod memberships;
mod watching;
mod wishes;

use std::collections::{BTreeMap, BTreeSet};
use std::iter;
use std::sync::Arc;

use super::{GCU, MemberChange, Observation};
use crate::calculus::{Community, Failure, Individual, Label, Name, Rule, State};
use crate::system::{Property, Violation};
use crate::unit::UnitId;

pub(super) use facts::Facts;
use listings::Listings;
pub use memberships::Memberships;
pub(crate) use watching::watcher;
use wishes::Wishes;

/// What must hold.
pub(super) const ADEQUATE: Property = (
    "adequate",
    "the overlay is what the rules of the colony calculus give for what has happened",
);

/// Applies a label to a community.
pub(crate) type Apply = fn(&mut Community, &Label) -> Result<(), Failure>;

/// What the rules give so far.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Followed {
    community: Community,
    /// How many requests of a computer are open, if any are.
    open: BTreeMap<Name, u32>,
    /// The units that have suspected their leader, and have not been registered since.
    suspecting: BTreeSet<Name>,
    /// The units that are members of a leader since an election, or members of such a member, and that have not
    /// been registered there yet.
    promised: BTreeSet<Name>,
    /// The units that may have found another leader before they were observed: the friend of their only tunnel
    /// had gone.
    unsettled: BTreeSet<Name>,
    /// Which brokers have been told of links, each with the other one.
    told: BTreeSet<(Name, Name)>,
    wishes: Wishes,
    listings: Listings,
    facts: Arc<Facts>,
}

/// What a unit is called in the calculus.
pub(crate) fn name(unit: UnitId) -> Name {
    if unit.kind() == GCU {
        Name::computer(unit.index())
    } else {
        Name::broker(unit.index())
    }
}

impl Followed {
    /// The community in which each unit has the leader that lists it, all live, and links and tunnels are as at first.
    pub(super) fn of(membership: &Memberships, facts: &Arc<Facts>) -> Self {
        let is_guest = |unit, leader| facts.guest(&name(unit), &name(leader)).is_some();
        let leaders = membership.leaders(&|_| true, &is_guest);
        Self::with(leaders, |_| true, |_| true, facts)
    }

    fn with(
        leaders: BTreeMap<UnitId, Option<UnitId>>,
        lives: impl Fn(UnitId) -> bool,
        stays: impl Fn(UnitId) -> bool,
        facts: &Arc<Facts>,
    ) -> Self {
        let is_here: BTreeMap<Name, bool> = leaders
            .keys()
            .map(|unit| (name(*unit), stays(*unit)))
            .collect();
        let individuals = leaders.into_iter().map(|(unit, leader)| {
            let is_faulty = unit.kind() != GCU && !lives(unit);
            let individual = Individual {
                leader: leader.map(name),
                domain: facts.domain(&name(unit)),
                state: if is_faulty {
                    State::Faulty
                } else {
                    State::Idle
                },
            };
            (name(unit), individual)
        });
        let mut community = Community::of(individuals);
        let mut told = BTreeSet::new();
        for (one, other) in &facts.links {
            community.put_link(one, other);
            told.insert((one.clone(), other.clone()));
            told.insert((other.clone(), one.clone()));
        }
        for ((from, to), friend) in facts.guests() {
            let is_there = |name: &Name| is_here.get(name) == Some(&true);
            if is_there(from) && friend.is_none_or(is_there) {
                community.put_tunnel(from, to, friend);
            }
        }
        Self {
            community,
            open: BTreeMap::new(),
            suspecting: BTreeSet::new(),
            promised: BTreeSet::new(),
            unsettled: BTreeSet::new(),
            told,
            wishes: Wishes::default(),
            listings: Listings::default(),
            facts: Arc::clone(facts),
        }
    }

    /// The community.
    #[cfg(test)]
    pub(super) fn community(&self) -> &Community {
        &self.community
    }

    /// The community as a text.
    pub(super) fn text(&self) -> String {
        self.community.to_string()
    }

    /// About how many bytes it takes.
    pub(super) fn bytes(&self) -> u64 {
        self.community.bytes() + (self.open.len() * 2 * size_of::<(Name, u32)>()) as u64
    }

    fn apply(&mut self, apply: Apply, rule: Rule, names: &[&Name]) -> Result<(), Failure> {
        apply(&mut self.community, &Label::new(rule, names))
    }

    /// Whether a broker has failed.
    fn has_failed(&self, unit: UnitId) -> bool {
        self.has_state(&name(unit), State::Faulty)
    }

    fn has_state(&self, unit: &Name, state: State) -> bool {
        let individual = self.community.get(unit);
        individual.is_some_and(|it| it.state == state)
    }

    fn is_busy(&self, unit: &Name) -> bool {
        self.has_state(unit, State::Busy)
    }

    fn has_tunnel(&self, from: &Name, to: &Name) -> bool {
        let mut all = self.community.tunnels();
        all.any(|((one, other), _)| (one, other) == (from, to))
    }

    fn has_link(&self, one: &Name, other: &Name) -> bool {
        let mut all = self.community.links();
        all.any(|(a, b)| [(a, b), (b, a)].contains(&(one, other)))
    }

    /// The table of `leader` has changed.
    fn member(
        &mut self,
        (leader, member): (UnitId, UnitId),
        change: MemberChange,
        apply: Apply,
    ) -> Result<(), Failure> {
        let (leader, member) = (name(leader), name(member));
        let facts = Arc::clone(&self.facts);
        if let Some(guest) = facts.guest(&member, &leader) {
            let friend = guest.friend.as_ref();
            return self.guest((&leader, &member), friend, change, apply);
        }
        let is_found = self.unsettled.remove(&member);
        if is_found && change != MemberChange::Registered {
            self.community.put_leader(&member, Some(leader.clone()));
        }
        let is_besides = self.listings.remove(&member, &leader);
        let is_its = self.community.leader(&member) == Some(&leader);
        match change {
            MemberChange::Registered => {
                self.suspecting.remove(&member);
                self.wishes.gone.remove(&member);
                let is_promised = self.promised.remove(&member);
                if is_its {
                    return Ok(());
                }
                if is_promised {
                    // It had deserted the leader that has failed before another one was elected.
                    self.community.put_leader(&member, None);
                }
                self.enter(&leader, &member, apply)
            }
            MemberChange::Left if is_besides => self.leave_besides((&leader, &member), apply),
            _ if !is_its => Ok(()),
            MemberChange::Left | MemberChange::Moved => {
                self.leave((&leader, &member), apply)?;
                if change == MemberChange::Moved {
                    self.belong_besides(&member, apply)?;
                }
                if self.community.leader(&member).is_none() {
                    self.wishes.has_left(&member, &leader);
                }
                Ok(())
            }
            MemberChange::Struck => {
                let rule = if self.has_state(&member, State::Faulty) {
                    Rule::Strike
                } else {
                    Rule::Fire
                };
                self.apply(apply, rule, &[&member, &leader])?;
                self.belong_besides(&member, apply)
            }
        }
    }

    /// `leader` lets `member` go.
    fn leave(&mut self, (leader, member): (&Name, &Name), apply: Apply) -> Result<(), Failure> {
        self.cut_all(|to, friend| to == leader && friend == Some(member), apply)?;
        // It can have failed while its message was under way.
        let rule = if self.has_state(member, State::Faulty) {
            Rule::Strike
        } else if member.is_broker() {
            Rule::Unregister
        } else {
            Rule::Leave
        };
        self.apply(apply, rule, &[member, leader])
    }

    /// `leader` registers `member`, which is not in its colony.
    fn enter(&mut self, leader: &Name, member: &Name, apply: Apply) -> Result<(), Failure> {
        if let Some(before) = self.community.leader(member).cloned() {
            if !self.has_state(&before, State::Faulty) {
                self.listings.add(member, before.clone());
            }
            let moves = Label::new(Rule::Move, &[member, &before, leader]);
            if self.community.check(&moves).is_ok() {
                apply(&mut self.community, &moves)?;
                self.stay_at_home(member);
                return Ok(());
            }
            self.give_up(member, &before, apply)?;
        }
        self.part(leader, member, apply)?;
        let entry = self.entry(leader, member);
        apply(&mut self.community, &entry)?;
        self.stay_at_home(member);
        Ok(())
    }

    /// The label by which `leader` enters `member`, which is free.
    fn entry(&self, leader: &Name, member: &Name) -> Label {
        let rule = if self.facts.domain(leader) != self.facts.domain(member) {
            Rule::Migrate
        } else if member.is_broker() {
            Rule::Register
        } else {
            Rule::Join
        };
        Label::new(rule, &[member, leader])
    }

    /// A unit stays on its router, whatever the domain of its leader.
    fn stay_at_home(&mut self, unit: &Name) {
        self.community.put_domain(unit, self.facts.domain(unit));
    }

    /// The table of `leader` has changed about `unit`, which has a tunnel to it by `friend` besides its own leader. One that has
    /// failed meanwhile, or whose friend is elsewhere, gets none.
    fn guest(
        &mut self,
        (leader, unit): (&Name, &Name),
        friend: Option<&Name>,
        change: MemberChange,
        apply: Apply,
    ) -> Result<(), Failure> {
        let is_there = self.has_tunnel(unit, leader);
        match (change, friend) {
            (MemberChange::Registered, _) if is_there || self.has_state(unit, State::Faulty) => {
                Ok(())
            }
            (MemberChange::Registered, Some(friend)) => {
                if self.community.leader(friend) != Some(leader) {
                    return Ok(());
                }
                self.apply(apply, Rule::Friend, &[unit, leader, friend])
            }
            (MemberChange::Registered, None) => self.apply(apply, Rule::Clone, &[unit, leader]),
            _ if !is_there => Ok(()),
            (MemberChange::Left | MemberChange::Moved, _) => {
                self.apply(apply, Rule::Close, &[unit, leader])
            }
            (MemberChange::Struck, _) => self.apply(apply, Rule::Cut, &[unit, leader]),
        }
    }

    /// `leader` enters `member`, and may be below it: then somebody on the way up from `leader` has given its leader up. It has said
    /// so, or it is `leader` itself, which has entered its own.
    fn part(&mut self, leader: &Name, member: &Name, apply: Apply) -> Result<(), Failure> {
        if !self.community.is_inside(leader, member) {
            return Ok(());
        }
        let mut way = iter::successors(Some(leader), |unit| {
            let above = self.community.leader(unit);
            above.filter(|above| *above != member)
        });
        let suspecting = way.find(|unit| self.suspecting.contains(*unit)).cloned();
        let is_its = self.community.leader(leader) == Some(member);
        let gives_up = suspecting.or_else(|| is_its.then(|| leader.clone()));
        let above = gives_up.as_ref().and_then(|it| self.community.leader(it));
        match gives_up.as_ref().zip(above.cloned()) {
            Some((unit, above)) => self.give_up(unit, &above, apply),
            // Nothing explains it.
            None => Ok(()),
        }
    }

    /// A member belongs to its leader no more, rightly or wrongly: nobody was told.
    fn give_up(&mut self, member: &Name, leader: &Name, apply: Apply) -> Result<(), Failure> {
        let rule = if self.has_state(member, State::Faulty) {
            Rule::Strike
        } else if self.has_state(leader, State::Faulty) {
            Rule::Desert
        } else {
            Rule::Fire
        };
        self.apply(apply, rule, &[member, leader])
    }

    /// `elected` is elected in the place of `leader`. If that one lives after all, its members come one by one.
    fn elect(&mut self, elected: UnitId, leader: UnitId, apply: Apply) -> Result<(), Failure> {
        let (elected, leader) = (name(elected), name(leader));
        let is_its = self.community.leader(&elected) == Some(&leader);
        if !is_its || !self.has_state(&leader, State::Faulty) {
            return Ok(());
        }
        let all = self.community.individuals();
        let members = all.filter(|(_, it)| it.leader.as_ref() == Some(&leader));
        let mut members: BTreeSet<Name> = members.map(|(name, _)| name.clone()).collect();
        if self.community.leader(&leader).is_none() {
            members.remove(&elected);
        }
        self.promised.append(&mut members);
        self.apply(apply, Rule::Elect, &[&elected, &leader])
    }

    /// `unit` says something.
    pub(super) fn said(
        &mut self,
        unit: UnitId,
        said: &Observation,
        apply: Apply,
    ) -> Result<(), Failure> {
        match said {
            Observation::Member { member, change } => self.member((unit, *member), *change, apply),
            Observation::Elected { leader, .. } => self.elect(unit, *leader, apply),
            Observation::Ended { .. } => self.ended(&name(unit), apply),
            Observation::Suspected { unit: other } => {
                let (unit, other) = (name(unit), name(*other));
                let is_its = self.community.leader(&unit) == Some(&other);
                if is_its || self.listings.has(&unit, &other) {
                    self.suspecting.insert(unit);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// The violation that it does not hold in these cases.
pub(super) fn violation(cases: Vec<String>) -> Violation {
    Violation {
        name: ADEQUATE.0,
        sentence: ADEQUATE.1,
        cases,
    }
}

/// The violation that a label cannot be applied.
pub(super) fn unfit(failure: &Failure, followed: &Followed) -> Violation {
    violation(vec![format!("{failure}, in {}", followed.text())])
}
