//! Who is an orphan and who is dead, from one fact to the next.
//!
//! It does *not* know what is counted.

use std::collections::{BTreeMap, BTreeSet};

use super::Fact;
use crate::discovery::{GBU, World, environment, gbu, gcu};
use crate::time::Span;
use crate::unit::UnitId;

/// The overlay at one instant, as an observer sees it who knows everything.
#[derive(Debug)]
pub(super) struct State {
    /// When each unit crashed last.
    pub(super) crashes: BTreeMap<UnitId, Span>,
    /// When a leader entered a member last, if not before the beginning.
    entered: BTreeMap<(UnitId, UnitId), Span>,
    /// Units that are dead.
    pub(super) dead: BTreeSet<UnitId>,
    /// Units that have been told to leave.
    away: BTreeSet<UnitId>,
    /// The brokers that list a unit.
    listed: BTreeMap<UnitId, Vec<UnitId>>,
    /// Who belongs to no table; and who has been elected to be such a one.
    roots: BTreeSet<UnitId>,
    elected: BTreeSet<UnitId>,
    pub(super) orphans: BTreeSet<UnitId>,
    /// The dead that a living broker lists.
    ghosts: BTreeSet<UnitId>,
    /// Units that belong into a table.
    pub(super) led: u64,
}

impl State {
    /// At the beginning of the request phase.
    pub(super) fn new(world: &World) -> Self {
        let brokers = (0..world.gbus().len() as u32).map(gbu);
        let computers = (0..world.population.len()).map(gcu);
        let units = brokers.chain(computers);
        let above = units.filter_map(|unit| Some((unit, world.first_leader(unit)?)));
        let gone = |unit: &UnitId| {
            world.disconnected.contains(unit) || world.absent.binary_search(unit).is_ok()
        };
        let led: Vec<(UnitId, UnitId)> = above.filter(|(unit, _)| !gone(unit)).collect();
        let roots = world
            .gbus()
            .iter()
            .zip(0..)
            .filter(|(it, _)| it.parent.is_none());
        let mut state = Self {
            crashes: BTreeMap::new(),
            entered: BTreeMap::new(),
            dead: BTreeSet::new(),
            away: world.disconnected.clone(),
            listed: led
                .iter()
                .map(|&(unit, leader)| (unit, vec![leader]))
                .collect(),
            roots: roots.map(|(_, id)| gbu(id)).collect(),
            elected: BTreeSet::new(),
            orphans: BTreeSet::new(),
            ghosts: BTreeSet::new(),
            led: led.len() as u64,
        };
        state.away.extend(&world.absent);
        for broker in (0..world.gbus().len() as u32).map(gbu).filter(gone) {
            if !environment::leads_on(world, broker) {
                state.bury(Span::ZERO, broker);
            }
        }
        state
    }

    /// When `unit` crashed, if `by` is right to take it for gone: it is dead, or it has come back and `by` has not
    /// joined it anew, nor the other way round.
    pub(super) fn crash_to_find(&self, by: UnitId, unit: UnitId) -> Option<Span> {
        let crash = *self.crashes.get(&unit)?;
        let pairs = [(by, unit), (unit, by)];
        let joined = pairs.iter().filter_map(|pair| self.entered.get(pair));
        let joined_since = joined.max().is_some_and(|joined| *joined > crash);
        (self.dead.contains(&unit) || !joined_since).then_some(crash)
    }

    fn is_up(&self, unit: UnitId) -> bool {
        !self.dead.contains(&unit) && !self.away.contains(&unit)
    }

    fn counts(&self, unit: UnitId) -> bool {
        self.is_up(unit) && !self.roots.contains(&unit) && !self.elected.contains(&unit)
    }

    /// Sees whether `unit` is an orphan or a ghost.
    fn look(&mut self, unit: UnitId) {
        let lists = self.listed.get(&unit).map_or(&[][..], Vec::as_slice);
        let is_listed = lists.iter().any(|leader| !self.dead.contains(leader));
        let is_orphan = self.counts(unit) && !is_listed;
        let is_ghost = self.dead.contains(&unit) && is_listed;
        put(&mut self.orphans, unit, is_orphan);
        put(&mut self.ghosts, unit, is_ghost);
    }

    fn bury(&mut self, at: Span, unit: UnitId) {
        self.led -= u64::from(self.counts(unit));
        self.elected.remove(&unit);
        self.dead.insert(unit);
        self.crashes.insert(unit, at);
        // Its table is lost.
        let mut members = Vec::new();
        if unit.kind() == GBU {
            for (&member, leaders) in &mut self.listed {
                if leaders.contains(&unit) {
                    leaders.retain(|leader| *leader != unit);
                    members.push(member);
                }
            }
        }
        for member in members.into_iter().chain([unit]) {
            self.look(member);
        }
    }

    pub(super) fn take(&mut self, at: Span, fact: Fact) {
        let unit = match fact {
            Fact::Crashed(unit) => {
                self.bury(at, unit);
                return;
            }
            Fact::Came(unit) => {
                let before = self.counts(unit);
                self.dead.remove(&unit);
                self.away.remove(&unit);
                self.led += u64::from(self.counts(unit)) - u64::from(before);
                unit
            }
            Fact::Went(unit) => {
                self.led -= u64::from(self.counts(unit));
                self.away.insert(unit);
                unit
            }
            Fact::Suspects(..) | Fact::Failed => return,
            Fact::Lost(leader, member) => {
                if let Some(leaders) = self.listed.get_mut(&member) {
                    leaders.retain(|other| *other != leader);
                }
                member
            }
            Fact::Entered(leader, member) => {
                self.entered.insert((leader, member), at);
                let leaders = self.listed.entry(member).or_default();
                if !leaders.contains(&leader) {
                    leaders.push(leader);
                }
                self.set_root(member, false);
                member
            }
            Fact::Elected(unit, _, _, is_root) => {
                self.set_root(unit, is_root);
                unit
            }
        };
        self.look(unit);
    }

    /// Whether `unit` has been elected to be a root.
    fn set_root(&mut self, unit: UnitId, is_root: bool) {
        let before = self.counts(unit);
        put(&mut self.elected, unit, is_root);
        self.led += u64::from(self.counts(unit));
        self.led -= u64::from(before);
    }

    pub(super) fn is_broken(&self) -> bool {
        !self.orphans.is_empty() || !self.ghosts.is_empty()
    }
}

fn put(set: &mut BTreeSet<UnitId>, unit: UnitId, belongs: bool) {
    if belongs {
        set.insert(unit);
    } else {
        set.remove(&unit);
    }
}
