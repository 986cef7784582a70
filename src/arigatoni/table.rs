//! A broker's routing table: which members can serve which service.
//!
//! Members are GCUs and leaders of subcolonies. For each service the able members lie together, in
//! ascending order (GCUs before subcolonies), so that a look-up is two loads. A change, of however
//! many services, moves what lies behind it once: changes are rare, look-ups are not. The table does
//! *not* know who asks.

use crate::arigatoni::message::GCU;
use crate::overlay::ServiceId;
use crate::unit::UnitId;

/// A member of a colony.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Who it is.
    pub unit: UnitId,
    /// What draws about it are keyed by.
    pub entity: u64,
}

/// How a change of the table changed the colony's summary: the set of services with at least one
/// entry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SummaryChange {
    /// Services with an entry now and none before (ascending).
    pub added: Vec<ServiceId>,
    /// Services with no entry now and one before (ascending).
    pub removed: Vec<ServiceId>,
}

impl SummaryChange {
    /// Whether the summary is as before.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
}

/// Who belongs to a colony, and who of them can serve what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoutingTable {
    /// Ascending by unit.
    members: Vec<Member>,
    /// Where each service's entries begin in `entries`; one more than there are services.
    starts: Vec<u32>,
    /// The able members of service 0, then of service 1, and so on; each run ascending.
    entries: Vec<UnitId>,
}

impl RoutingTable {
    /// The table of a colony without members.
    pub fn new(services: u32) -> Self {
        Self {
            members: Vec::new(),
            starts: vec![0; services as usize + 1],
            entries: Vec::new(),
        }
    }

    /// The table of a colony of `members` (ascending by unit) with these `entries`, in any order.
    pub fn from_entries(
        services: u32,
        members: Vec<Member>,
        mut entries: Vec<(ServiceId, UnitId)>,
    ) -> Self {
        entries.sort_unstable();
        let mut starts = vec![0; services as usize + 1];
        for (service, _) in &entries {
            starts[service.0 as usize + 1] += 1;
        }
        for service in 0..services as usize {
            starts[service + 1] += starts[service];
        }
        Self {
            members,
            starts,
            // Not collected from the list itself: that would keep its memory, twice as much and more.
            entries: entries.iter().map(|&(_, unit)| unit).collect(),
        }
    }

    /// The members, ascending by unit.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// The member called `unit`, if it is one. O(log members).
    pub fn member(&self, unit: UnitId) -> Option<Member> {
        self.position(unit).ok().map(|place| self.members[place])
    }

    /// The members that can serve `service`, ascending: GCUs, then leaders of subcolonies. A
    /// service out of range has none.
    #[inline]
    pub fn able(&self, service: ServiceId) -> &[UnitId] {
        let service = service.0 as usize;
        match self.starts.get(service..service + 2) {
            Some(&[start, end]) => &self.entries[start as usize..end as usize],
            _ => &[],
        }
    }

    /// The GCUs and the leaders of subcolonies that can serve `service`, each ascending.
    #[inline]
    pub fn able_by_kind(&self, service: ServiceId) -> (&[UnitId], &[UnitId]) {
        let able = self.able(service);
        able.split_at(able.partition_point(|unit| unit.kind() == GCU))
    }

    /// Whether `unit` can serve `service`.
    pub fn serves(&self, unit: UnitId, service: ServiceId) -> bool {
        self.able(service).binary_search(&unit).is_ok()
    }

    /// The services with at least one entry, ascending.
    pub fn summary(&self) -> Box<[ServiceId]> {
        (0..self.starts.len() as u32 - 1)
            .map(ServiceId)
            .filter(|&service| !self.able(service).is_empty())
            .collect()
    }

    /// Enters a member with what it can serve, in place of what it had declared before.
    pub fn register(&mut self, member: Member, services: &[ServiceId]) -> SummaryChange {
        let dropped = match self.position(member.unit) {
            Ok(place) => {
                self.members[place] = member;
                self.entries_of(member.unit)
            }
            Err(place) => {
                self.members.insert(place, member);
                Vec::new()
            }
        };
        self.replace(member.unit, &dropped, services)
    }

    /// Changes what a member can serve.
    pub fn update(
        &mut self,
        unit: UnitId,
        added: &[ServiceId],
        removed: &[ServiceId],
    ) -> SummaryChange {
        let mut dropped: Vec<Entry> = removed
            .iter()
            .filter_map(|&service| Some((service, self.place(unit, service).ok()?)))
            .collect();
        in_order(&mut dropped);
        self.replace(unit, &dropped, added)
    }

    /// Strikes a member; nothing happens if it is none.
    pub fn strike(&mut self, unit: UnitId) -> SummaryChange {
        let Ok(place) = self.position(unit) else {
            return SummaryChange::default();
        };
        self.members.remove(place);
        let dropped = self.entries_of(unit);
        self.replace(unit, &dropped, &[])
    }

    fn position(&self, unit: UnitId) -> Result<usize, usize> {
        self.members
            .binary_search_by_key(&unit, |member| member.unit)
    }

    /// Where the entry of `unit` for `service` is in `entries`, or (as an error) where it would
    /// have to be.
    fn place(&self, unit: UnitId, service: ServiceId) -> Result<usize, usize> {
        let start = self.starts.get(service.0 as usize).copied();
        let from_start = |place| place + start.unwrap_or_default() as usize;
        let found = self.able(service).binary_search(&unit);
        found.map(from_start).map_err(from_start)
    }

    /// All entries of `unit`.
    fn entries_of(&self, unit: UnitId) -> Vec<Entry> {
        let entries = self.entries.iter().enumerate();
        let places = entries.filter(|(_, able)| **able == unit);
        places
            .map(|(place, _)| {
                let rows = self
                    .starts
                    .partition_point(|&start| start as usize <= place);
                (ServiceId(rows as u32 - 1), place)
            })
            .collect()
    }

    /// Drops the entries `dropped` of `unit` (in order), then enters it for `services`.
    fn replace(
        &mut self,
        unit: UnitId,
        dropped: &[Entry],
        services: &[ServiceId],
    ) -> SummaryChange {
        self.drop_entries(dropped);
        // A service out of range is nobody's: a broker has no row for it.
        let rows = self.starts.len() - 1;
        let known = services
            .iter()
            .filter(|service| (service.0 as usize) < rows);
        let mut entered: Vec<Entry> = known
            .filter_map(|&service| Some((service, self.place(unit, service).err()?)))
            .collect();
        in_order(&mut entered);
        let alone = |&(service, _): &Entry| self.able(service).is_empty();
        let mut change = SummaryChange {
            added: services_of(entered.iter().filter(|entry| alone(entry))),
            removed: services_of(dropped.iter().filter(|entry| alone(entry))),
        };
        let SummaryChange { added, removed } = &mut change;
        // What was dropped and entered again has not changed.
        let again: Vec<ServiceId> = added
            .iter()
            .filter(|service| removed.binary_search(service).is_ok())
            .copied()
            .collect();
        for list in [added, removed] {
            list.retain(|service| again.binary_search(service).is_err());
        }
        self.enter_entries(unit, &entered);
        change
    }

    /// Moves what lies behind each of `dropped` (in order) forward, once.
    fn drop_entries(&mut self, dropped: &[Entry]) {
        for (n, &(_, place)) in dropped.iter().enumerate() {
            let next = dropped.get(n + 1);
            let end = next.map_or(self.entries.len(), |&(_, place)| place);
            self.entries.copy_within(place + 1..end, place - n);
        }
        self.entries.truncate(self.entries.len() - dropped.len());
        self.shift(dropped, |start, n| *start -= n);
    }

    /// Makes room for `unit` before each place of `entered` (in order), moving what lies behind once.
    fn enter_entries(&mut self, unit: UnitId, entered: &[Entry]) {
        let mut end = self.entries.len();
        self.entries.resize(end + entered.len(), unit);
        for (n, &(_, place)) in entered.iter().enumerate().rev() {
            self.entries.copy_within(place..end, place + n + 1);
            self.entries[place + n] = unit;
            end = place;
        }
        self.shift(entered, |start, n| *start += n);
    }

    /// Moves the beginning of every row by the number of `changed` entries in the rows before it.
    fn shift(&mut self, changed: &[Entry], by: impl Fn(&mut u32, u32)) {
        for (n, &(service, _)) in changed.iter().enumerate() {
            let next = changed.get(n + 1);
            let end = next.map_or(self.starts.len(), |&(next, _)| next.0 as usize + 1);
            let starts = &mut self.starts[service.0 as usize + 1..end];
            for start in starts {
                by(start, n as u32 + 1);
            }
        }
    }
}

/// A service, and where an entry for it is or belongs in `entries`.
type Entry = (ServiceId, usize);

/// Ascending, each once.
fn in_order(entries: &mut Vec<Entry>) {
    entries.sort_unstable();
    entries.dedup();
}

fn services_of<'a>(entries: impl Iterator<Item = &'a Entry>) -> Vec<ServiceId> {
    entries.map(|&(service, _)| service).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::arigatoni::message::GBU;
    use crate::random::{Draws, Purpose};

    /// Random changes of a table, against a set of pairs.
    #[test]
    fn changes_are_those_of_a_set() {
        const SERVICES: u32 = 9;
        let draws = Draws::new(7, 0);
        let mut table = RoutingTable::new(SERVICES);
        let mut set: BTreeSet<(ServiceId, UnitId)> = BTreeSet::new();
        let summary = |set: &BTreeSet<(ServiceId, UnitId)>| -> BTreeSet<ServiceId> {
            set.iter().map(|(service, _)| *service).collect()
        };
        for step in 0..3000 {
            let mut stream = draws.stream(Purpose(240), step);
            let mut below = |n: u32| (stream.unit() * f64::from(n)) as u32;
            let unit = UnitId::new([GCU, GBU][below(2) as usize], below(4));
            // In any order, some twice, some out of range.
            let mut services = |most: u32| -> Vec<ServiceId> {
                (0..below(most))
                    .map(|_| ServiceId(below(SERVICES + 2)))
                    .collect()
            };
            let (added, removed) = (services(5), services(5));
            let before = summary(&set);
            let in_range = added.iter().filter(|service| service.0 < SERVICES);
            let entered = in_range.map(|&service| (service, unit));
            let change = match step % 3 {
                0 => {
                    set.retain(|(_, other)| *other != unit);
                    set.extend(entered);
                    table.register(Member { unit, entity: 0 }, &added)
                }
                1 if table.member(unit).is_some() => {
                    set.retain(|(s, other)| *other != unit || !removed.contains(s));
                    set.extend(entered);
                    table.update(unit, &added, &removed)
                }
                1 => continue,
                _ => {
                    set.retain(|(_, other)| *other != unit);
                    table.strike(unit)
                }
            };
            let after = summary(&set);
            assert!(change.added.iter().eq(after.difference(&before)), "{step}");
            assert!(
                change.removed.iter().eq(before.difference(&after)),
                "{step}"
            );
            assert!(table.summary().iter().eq(&after), "{step}");
            for service in (0..SERVICES).map(ServiceId) {
                let able = set
                    .iter()
                    .filter(|(s, _)| *s == service)
                    .map(|(_, unit)| unit);
                assert!(table.able(service).iter().eq(able), "{step}");
            }
        }
    }
}
