//! Adequacy: whether an overlay is what the rules of the colony calculus give for what has happened to it.
//!
//! Each thing that happens is taken for labels of the calculus, whose premises must hold; at rest the units' own
//! words must be what the rules give. It does *not* know the rules, nor how units come to act as they do.
//!
//! | what happens | labels |
//! | --- | --- |
//! | a query of a computer reaches its leader, and its last open request ends | `begin`, `end` |
//! | a broker crashes, comes back | `fail`, `restart` |
//! | a leader enters somebody new | `join` or `register`, after `desert` or `fire` from the colony before; likewise if that is its own leader, or one above it and somebody between them has taken its leader for gone |
//! | a leader lets a member go | `leave` or `unregister`, or `strike` if it has failed meanwhile |
//! | a leader strikes a member | `fire`, or `strike` if it is a broker that has failed |
//! | a broker is elected in the place of one that has failed | `elect` |

use std::collections::{BTreeMap, BTreeSet};
use std::iter;

use super::config::DisconnectionMode;
use super::environment::leads_on;
use super::presence::Event;
use super::{GCU, MemberChange, Observation, World};
use crate::calculus::{Community, Failure, Individual, Label, Name, Rule, State};
use crate::system::{Property, Violation};
use crate::unit::UnitId;

/// What must hold.
pub(super) const ADEQUATE: Property = (
    "adequate",
    "the overlay is what the rules of the colony calculus give for what has happened",
);

/// Who belongs to whom by the units' own words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Memberships {
    /// Of each unit, the leader to which it believes to belong.
    pub believed: BTreeMap<UnitId, Option<UnitId>>,
    /// The members in the table of each broker.
    pub listed: BTreeMap<UnitId, Vec<UnitId>>,
    /// Whether at rest a member that lives knows of it. Where peers that are only slow are taken for gone, one side may
    /// know nothing of what the other one believes.
    pub is_mutual: bool,
}

/// Applies a label to a community.
pub(crate) type Apply = fn(&mut Community, &Label) -> Result<(), Failure>;

/// What the rules give so far.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Followed {
    community: Community,
    /// How many requests of a computer are open, if any are.
    open: BTreeMap<Name, u32>,
    /// Who has taken its leader for gone, and has not been entered since.
    suspecting: BTreeSet<Name>,
}

/// What a unit is called in the calculus.
pub(super) fn name(unit: UnitId) -> Name {
    if unit.kind() == GCU {
        Name::computer(unit.index())
    } else {
        Name::broker(unit.index())
    }
}

impl Memberships {
    /// The leader of each unit: a living broker that lists it. A living unit must also take that broker
    /// for its leader. Where the two may disagree, any broker that lists the unit will do, but the one that the unit takes for its
    /// leader comes first.
    fn leaders(&self, lives: &dyn Fn(UnitId) -> bool) -> BTreeMap<UnitId, Option<UnitId>> {
        let mut leaders: BTreeMap<UnitId, Option<UnitId>> =
            self.believed.keys().map(|&unit| (unit, None)).collect();
        for (&leader, members) in self.listed.iter().filter(|(leader, _)| lives(**leader)) {
            for member in members {
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
    /// The community in which each unit has the leader that lists it, and all live.
    pub(super) fn of(membership: &Memberships) -> Self {
        Self::with(membership.leaders(&|_| true), |_| true)
    }

    /// The overlay of `world` when requests begin: who has left is free, and brokers that have crashed have failed.
    pub(super) fn at_begin(world: &World) -> Self {
        let crashed = world.config.disconnection.mode == DisconnectionMode::Crash;
        let has_left = |unit: UnitId| !crashed && world.disconnected.contains(&unit);
        let is_absent = |unit: UnitId| world.absent.binary_search(&unit).is_ok();
        let leaders = world.units().map(|unit| {
            let leader = world.first_leader(unit);
            (unit, leader.filter(|_| !has_left(unit) && !is_absent(unit)))
        });
        let lives = |unit: UnitId| {
            let has_crashed = crashed && world.disconnected.contains(&unit);
            let is_away = is_absent(unit) && !leads_on(world, unit);
            !(has_crashed || is_away)
        };
        Self::with(leaders.collect(), lives)
    }

    /// Whether a broker has failed.
    fn has_failed(&self, unit: UnitId) -> bool {
        self.has_state(&name(unit), State::Faulty)
    }

    /// What was observed of the comings and goings in a run.
    pub(super) fn came_or_went(
        &mut self,
        (unit, event): (UnitId, Event),
        apply: Apply,
    ) -> Result<(), Failure> {
        match event {
            Event::Crashed if !self.has_failed(unit) => self.crash(unit, apply),
            Event::Up if self.has_failed(unit) => self.restart(unit, apply),
            Event::Crashed | Event::Up | Event::Down => Ok(()),
            Event::Registered(leader) => {
                self.member((leader, unit), MemberChange::Registered, apply)
            }
            Event::Left(leader) => self.member((leader, unit), MemberChange::Left, apply),
            Event::Struck(leader) => self.member((leader, unit), MemberChange::Struck, apply),
            Event::Suspects(leader) => {
                if self.community.leader(&name(unit)) == Some(&name(leader)) {
                    self.suspecting.insert(name(unit));
                }
                Ok(())
            }
        }
    }

    fn with(leaders: BTreeMap<UnitId, Option<UnitId>>, lives: impl Fn(UnitId) -> bool) -> Self {
        let individuals = leaders.into_iter().map(|(unit, leader)| {
            let is_faulty = unit.kind() != GCU && !lives(unit);
            let individual = Individual {
                leader: leader.map(name),
                state: if is_faulty {
                    State::Faulty
                } else {
                    State::Idle
                },
                ..Individual::default()
            };
            (name(unit), individual)
        });
        Self {
            community: Community::of(individuals),
            open: BTreeMap::new(),
            suspecting: BTreeSet::new(),
        }
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

    /// A unit crashes.
    pub(super) fn crash(&mut self, unit: UnitId, apply: Apply) -> Result<(), Failure> {
        let unit = name(unit);
        if unit.is_broker() {
            return self.apply(apply, Rule::Fail, &[&unit]);
        }
        if self.open.remove(&unit).is_some() && self.is_busy(&unit) {
            return self.apply(apply, Rule::End, &[&unit]);
        }
        Ok(())
    }

    /// A unit comes back to life. A computer is where its leader lists it.
    pub(super) fn restart(&mut self, unit: UnitId, apply: Apply) -> Result<(), Failure> {
        let unit = name(unit);
        if unit.is_broker() {
            return self.apply(apply, Rule::Restart, &[&unit]);
        }
        Ok(())
    }

    fn has_state(&self, unit: &Name, state: State) -> bool {
        let individual = self.community.get(unit);
        individual.is_some_and(|it| it.state == state)
    }

    fn is_busy(&self, unit: &Name) -> bool {
        self.has_state(unit, State::Busy)
    }

    /// A computer issues a request.
    pub(super) fn issue(&mut self, unit: UnitId) {
        *self.open.entry(name(unit)).or_default() += 1;
    }

    /// A query of `unit` reaches `leader`: from now on a service is pending, if that is its leader.
    pub(super) fn asks(
        &mut self,
        (unit, leader): (UnitId, UnitId),
        apply: Apply,
    ) -> Result<(), Failure> {
        let (unit, leader) = (name(unit), name(leader));
        let is_its = self.community.leader(&unit) == Some(&leader);
        if is_its && self.open.contains_key(&unit) && !self.is_busy(&unit) {
            return self.apply(apply, Rule::Begin, &[&unit]);
        }
        Ok(())
    }

    /// A request of a computer ends.
    fn ended(&mut self, unit: &Name, apply: Apply) -> Result<(), Failure> {
        let Some(open) = self.open.get_mut(unit) else {
            return Ok(());
        };
        *open -= 1;
        if *open > 0 {
            return Ok(());
        }
        self.open.remove(unit);
        if self.is_busy(unit) {
            return self.apply(apply, Rule::End, &[unit]);
        }
        Ok(())
    }

    /// The table of `leader` has changed.
    pub(super) fn member(
        &mut self,
        (leader, member): (UnitId, UnitId),
        change: MemberChange,
        apply: Apply,
    ) -> Result<(), Failure> {
        let (leader, member) = (name(leader), name(member));
        let before = self.community.leader(&member).cloned();
        let is_its = before.as_ref() == Some(&leader);
        let is_broker = member.is_broker();
        if change == MemberChange::Registered {
            self.suspecting.remove(&member);
        }
        match change {
            // It is entered again.
            MemberChange::Registered if is_its => Ok(()),
            MemberChange::Registered => {
                if let Some(before) = &before {
                    self.give_up(&member, before, apply)?;
                }
                self.part(&leader, &member, apply)?;
                let rule = if is_broker {
                    Rule::Register
                } else {
                    Rule::Join
                };
                self.apply(apply, rule, &[&member, &leader])
            }
            MemberChange::Left | MemberChange::Struck if !is_its => Ok(()),
            MemberChange::Left => {
                // It can have failed while its message was under way.
                let rule = if self.has_state(&member, State::Faulty) {
                    Rule::Strike
                } else if is_broker {
                    Rule::Unregister
                } else {
                    Rule::Leave
                };
                self.apply(apply, rule, &[&member, &leader])
            }
            MemberChange::Struck => {
                let rule = if self.has_state(&member, State::Faulty) {
                    Rule::Strike
                } else {
                    Rule::Fire
                };
                self.apply(apply, rule, &[&member, &leader])
            }
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
        let state = self.community.get(&leader).map(|it| it.state);
        if is_its && state == Some(State::Faulty) {
            return self.apply(apply, Rule::Elect, &[&elected, &leader]);
        }
        Ok(())
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
            _ => Ok(()),
        }
    }

    /// Where the states of the units differ from what the rules give. Members of a leader that has failed are not
    /// compared: nobody observes whether they have left it already.
    pub(super) fn differences(
        &self,
        membership: &Memberships,
        lives: &dyn Fn(UnitId) -> bool,
    ) -> Vec<String> {
        let leaders = membership.leaders(lives);
        let mut cases = Vec::new();
        for (unit, leader) in leaders {
            let unit_name = name(unit);
            let Some(individual) = self.community.get(&unit_name) else {
                continue;
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
            let by_rules = individual.leader.as_ref().filter(|leader| {
                let state = self.community.get(leader).map(|it| it.state);
                state != Some(State::Faulty)
            });
            let words = |leader: Option<&Name>| {
                leader.map_or_else(|| "nobody".into(), |leader| format!("`{leader}`"))
            };
            let mut differs = |what: &str, leader: Option<UnitId>| {
                let leader = leader.map(name);
                if leader.as_ref() != by_rules {
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
        cases
    }
}

/// That it does not hold in these cases.
pub(super) fn violation(cases: Vec<String>) -> Violation {
    Violation {
        name: ADEQUATE.0,
        sentence: ADEQUATE.1,
        cases,
    }
}
