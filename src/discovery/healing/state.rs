//! Which units are orphans, which are dead, and which tables are wrong, from one fact to the next.
//!
//! It does *not* know what is counted.

use std::collections::{BTreeMap, BTreeSet};

use super::{Fact, IsBeside};
use crate::discovery::config::UnitName;
use crate::discovery::{GBU, Memberships, World, environment, gbu};
use crate::time::Span;
use crate::unit::UnitId;

/// Where units are when requests begin, by their own words. Where packets get lost, one may have gone elsewhere before, and the
/// leader that it has left may list it still.
#[derive(Debug)]
pub(super) struct Begun {
    /// The leader to which each unit believes to belong, if it does.
    believed: BTreeMap<UnitId, UnitId>,
    /// Each leader with each unit that it lists.
    listed: Vec<(UnitId, UnitId)>,
}

impl Begun {
    /// What `membership` says.
    pub(super) fn of(membership: Memberships) -> Self {
        let believed = membership.believed.into_iter();
        let listed = membership.listed.into_iter();
        let listed = listed.flat_map(|(leader, members)| {
            let members = members.into_iter();
            members.map(move |member| (leader, member))
        });
        Self {
            believed: believed
                .filter_map(|(unit, leader)| Some((unit, leader?)))
                .collect(),
            listed: listed.collect(),
        }
    }

    /// Takes in what the units of another part of the run say. Each part knows its own only: of all others it says that they
    /// belong to nobody and list nobody.
    pub(super) fn merge(&mut self, other: Self) {
        self.believed.extend(other.believed);
        self.listed.extend(other.listed);
    }
}

/// The overlay at one instant, as an observer sees it who knows everything.
#[derive(Debug)]
pub(super) struct ObservedOverlay {
    /// When each unit crashed last.
    pub(super) crashes: BTreeMap<UnitId, Span>,
    /// When each unit came last: it came back after a crash, or was told to come.
    came: BTreeMap<UnitId, Span>,
    /// When a leader entered a member last, if not before the beginning.
    entered: BTreeMap<(UnitId, UnitId), Span>,
    /// Units that are dead.
    pub(super) dead: BTreeSet<UnitId>,
    /// Units that have been told to leave.
    away: BTreeSet<UnitId>,
    /// The living brokers that list a unit: those that did when requests began, by number, of them the one to which it
    /// believed to belong last; then those that have entered it since, in this order.
    listed: BTreeMap<UnitId, Vec<UnitId>>,
    /// The leader that has entered a unit last, unless the unit has crashed or has taken that one for gone since then.
    belongs: BTreeMap<UnitId, UnitId>,
    /// The roots: units that belong to no table, and those that have been elected to be roots.
    roots: BTreeSet<UnitId>,
    elected: BTreeSet<UnitId>,
    /// The units that should have a leader, unless they are the root of what is left, and that are not in the
    /// table of the leader to which they belong.
    orphans: BTreeSet<UnitId>,
    /// The units, dead ones included, that are in the table of a leader to which they do not belong.
    ghosts: BTreeSet<UnitId>,
    /// How many changes of what a unit, or its colony, can serve are under way from it to a leader.
    under_way: BTreeMap<(UnitId, UnitId), u32>,
    /// Units that belong into a table.
    led: u64,
}

impl ObservedOverlay {
    /// At the beginning of the request phase: units are where they say, or with their first leaders, if they say nothing.
    pub(super) fn new(world: &World, begun: Option<&Begun>, is_beside: IsBeside<'_>) -> Self {
        let mut away = world.disconnected.clone();
        away.extend(&world.absent);
        let first = world.units();
        let first = first.filter_map(|unit| Some((unit, world.first_leader(unit)?)));
        let first: BTreeMap<UnitId, UnitId> = first.collect();
        let is_here = |unit: &UnitId| !away.contains(unit);
        let led = first.keys().filter(|unit| is_here(unit)).count() as u64;
        let mut listed: BTreeMap<UnitId, Vec<UnitId>> =
            first.keys().map(|&unit| (unit, Vec::new())).collect();
        let mut belongs = begun.map_or_else(|| first.clone(), |begun| begun.believed.clone());
        belongs.retain(|unit, _| is_here(unit));
        let mut list = |leader: UnitId, member: UnitId| {
            if !is_beside(member, leader) {
                listed.entry(member).or_default().push(leader);
            }
        };
        match begun {
            Some(begun) => begun
                .listed
                .iter()
                .for_each(|&(leader, unit)| list(leader, unit)),
            None => belongs
                .iter()
                .for_each(|(&unit, &leader)| list(leader, unit)),
        }
        // The order in which the parts of a divided run were merged must not show.
        for (member, leaders) in &mut listed {
            let own = belongs.get(member);
            leaders.sort_unstable_by_key(|leader| (own == Some(leader), *leader));
        }
        let brokers = world.gbus().iter().zip(0..);
        let roots = brokers.filter(|(it, _)| it.parent.is_none());
        let mut state = Self {
            crashes: BTreeMap::new(),
            came: BTreeMap::new(),
            entered: BTreeMap::new(),
            dead: BTreeSet::new(),
            away,
            led,
            listed,
            belongs,
            roots: roots.map(|(_, id)| gbu(id)).collect(),
            elected: BTreeSet::new(),
            orphans: BTreeSet::new(),
            ghosts: BTreeSet::new(),
            under_way: BTreeMap::new(),
        };
        let brokers = (0..world.gbus().len() as u32).map(gbu);
        let gone: Vec<UnitId> = brokers
            .filter(|broker| state.away.contains(broker))
            .collect();
        for broker in gone {
            if !environment::leads_on(world, broker) {
                state.bury(Span::ZERO, broker);
            }
        }
        for unit in first.into_keys() {
            state.look(unit);
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

    /// Whether `by` has been there to find out that `unit` has crashed at `crash` ever since: it leads it, or has not come since.
    /// One that has come since would find out at once what happened long before.
    pub(super) fn could_find(&self, (by, unit): (UnitId, UnitId), crash: Span) -> bool {
        // A broker that has left its own leader leads on.
        let leaders = self.listed.get(&unit);
        let leads = leaders.is_some_and(|leaders| leaders.contains(&by));
        leads || self.came.get(&by).is_none_or(|came| *came <= crash)
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
        let own = self.belongs.get(&unit);
        let is_orphan = self.counts(unit) && !own.is_some_and(|own| lists.contains(own));
        let is_ghost = lists.iter().any(|leader| own != Some(leader));
        put(&mut self.orphans, unit, is_orphan);
        put(&mut self.ghosts, unit, is_ghost);
    }

    fn bury(&mut self, at: Span, unit: UnitId) {
        self.led -= u64::from(self.counts(unit));
        self.elected.remove(&unit);
        self.dead.insert(unit);
        self.crashes.insert(unit, at);
        self.belongs.remove(&unit);
        self.under_way.retain(|(_, to), _| *to != unit);
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
                self.came.insert(unit, at);
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
            Fact::Suspects(unit, leader) => {
                if self.belongs.get(&unit) == Some(&leader) {
                    self.belongs.remove(&unit);
                }
                unit
            }
            Fact::Failed => return,
            Fact::Told(from, to) => return self.tell(from, to),
            Fact::Heard(from, to) => return self.hear(from, to),
            Fact::Lost(leader, member) => {
                self.forget(leader, member);
                member
            }
            Fact::Moved(leader, member) => {
                self.forget(leader, member);
                // Its registration was long on its way there, and it has gone elsewhere meanwhile.
                let other = self.listed.get(&member).and_then(|all| all.last());
                if let Some(&other) = other.filter(|_| self.belongs.get(&member) == Some(&leader)) {
                    self.belongs.insert(member, other);
                }
                member
            }
            Fact::Entered(leader, member) => {
                self.entered.insert((leader, member), at);
                let leaders = self.listed.entry(member).or_default();
                if !leaders.contains(&leader) {
                    leaders.push(leader);
                }
                self.belongs.insert(member, leader);
                self.set_root(member, false);
                member
            }
            Fact::Elected(unit, _, _, is_root) => {
                self.belongs.remove(&unit);
                self.set_root(unit, is_root);
                unit
            }
        };
        self.look(unit);
    }

    /// `leader` lists `member` no more.
    fn forget(&mut self, leader: UnitId, member: UnitId) {
        if let Some(leaders) = self.listed.get_mut(&member) {
            leaders.retain(|other| *other != leader);
        }
    }

    /// Whether `unit` has been elected to be a root.
    fn set_root(&mut self, unit: UnitId, is_root: bool) {
        let before = self.counts(unit);
        put(&mut self.elected, unit, is_root);
        self.led += u64::from(self.counts(unit));
        self.led -= u64::from(before);
    }

    /// A change is under way to the leader `to`.
    fn tell(&mut self, from: UnitId, to: UnitId) {
        if !self.dead.contains(&to) {
            *self.under_way.entry((from, to)).or_default() += 1;
        }
    }

    /// A change has come to the leader `to`.
    fn hear(&mut self, from: UnitId, to: UnitId) {
        if let Some(count) = self.under_way.get_mut(&(from, to)) {
            *count -= 1;
            if *count == 0 {
                self.under_way.remove(&(from, to));
            }
        }
    }

    pub(super) fn is_broken(&self) -> bool {
        !self.ghosts.is_empty() || self.is_out_of_date() || self.strayed() > 0
    }

    /// The broker that is the root of what is left: no root lives, and it is the only living broker in no table of its leader, so
    /// that all others are below it.
    fn last_root(&self) -> Option<UnitId> {
        let mut roots = self.roots.iter().chain(&self.elected);
        let mut brokers = self
            .orphans
            .range(gbu(0)..)
            .filter(|unit| unit.kind() == GBU);
        let first = brokers.next()?;
        (brokers.next().is_none() && !roots.any(|root| self.is_up(*root))).then_some(*first)
    }

    /// How many units should have a leader, and are not in the table of the one that they belong to.
    fn strayed(&self) -> u64 {
        self.orphans.len() as u64 - u64::from(self.last_root().is_some())
    }

    /// The share of those among all that should have a leader.
    pub(super) fn share_of_orphans(&self) -> f64 {
        let led = self.led - u64::from(self.last_root().is_some());
        self.strayed() as f64 / led.max(1) as f64
    }

    /// Whether a table does not know yet what a member of it has told.
    fn is_out_of_date(&self) -> bool {
        let mut pairs = self.under_way.keys();
        pairs.any(|(from, to)| self.belongs.get(from) == Some(to))
    }

    /// What is broken, and who is a root although it was none at first, one sentence each.
    pub(super) fn complaints(&self) -> Vec<String> {
        let last_root = self.last_root();
        let orphans = self.orphans.iter();
        let orphans = orphans.filter(|unit| last_root != Some(**unit));
        let orphans =
            orphans.map(|unit| format!("{} is in no table of its leader", UnitName(*unit)));
        let ghosts = self.ghosts.iter();
        let ghosts =
            ghosts.map(|unit| format!("{} is in a table of another leader", UnitName(*unit)));
        orphans.chain(ghosts).chain(self.late_roots()).collect()
    }

    /// The units that are in no table or in several, and those that are roots although they were not at first.
    /// Where packets get lost, a leader may register a unit that has gone elsewhere meanwhile, so the last
    /// leader to register it need not be the one to which it belongs.
    pub(super) fn strays(&self) -> Vec<String> {
        let last_root = self.last_root();
        let units = self.listed.iter();
        let units = units.filter(|(unit, _)| self.counts(**unit) && last_root != Some(**unit));
        let wrong = units.filter(|(_, tables)| tables.len() != 1);
        let wrong = wrong
            .map(|(unit, tables)| format!("{} is in {} tables", UnitName(*unit), tables.len()));
        wrong.chain(self.late_roots()).collect()
    }

    fn late_roots(&self) -> impl Iterator<Item = String> {
        let roots = self.elected.iter();
        roots.map(|unit| format!("{} is a root still", UnitName(*unit)))
    }
}

fn put(set: &mut BTreeSet<UnitId>, unit: UnitId, belongs: bool) {
    if belongs {
        set.insert(unit);
    } else {
        set.remove(&unit);
    }
}

#[cfg(test)]
mod tests;
