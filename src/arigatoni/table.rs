//! A broker's routing table: which members can serve which service.
//!
//! Members are GCUs and leaders of subcolonies. For each service the able members lie together, in
//! ascending order (GCUs before subcolonies), so that a look-up is two loads. An entry is the place of
//! the member among the members, two bytes in colonies of up to 65,536: a large overlay is mostly
//! entries. A change, of however many services, moves what lies behind it once: changes are rare,
//! look-ups are not. The table does *not* know who asks.

mod draft;

use std::ops::Range;

use crate::arigatoni::message::GCU;
use crate::numbers::Numbers;
use crate::overlay::ServiceId;
use crate::unit::UnitId;

pub use draft::Draft;

/// A member of a colony.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Who it is.
    pub unit: UnitId,
    /// What draws about it are keyed by.
    pub entity: u64,
}

/// A member that can serve a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Able {
    /// Who it is.
    pub unit: UnitId,
    /// For [`RoutingTable::entity`], as long as nothing changes.
    pub place: u32,
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
    /// The members, ascending; a member's place is its index here.
    units: Vec<UnitId>,
    /// By place.
    entities: Vec<u64>,
    /// Where each service's entries begin in `entries`; one more than there are services.
    starts: Numbers,
    /// The places of the able members of service 0, then of service 1, and so on; each run ascending.
    entries: Numbers,
}

impl RoutingTable {
    /// The table of a colony without members.
    pub fn new(services: u32) -> Self {
        Self {
            units: Vec::new(),
            entities: Vec::new(),
            starts: Numbers::zeros(services as usize + 1, 0),
            entries: Numbers::default(),
        }
    }

    /// The members, ascending by unit.
    pub fn members(&self) -> impl ExactSizeIterator<Item = Member> + '_ {
        (0..self.units.len()).map(|place| self.at(place))
    }

    /// The member called `unit`, if it is one. O(log members).
    pub fn member(&self, unit: UnitId) -> Option<Member> {
        self.position(unit).ok().map(|place| self.at(place))
    }

    /// The members that can serve `service`, ascending: GCUs, then leaders of subcolonies. A
    /// service out of range has none.
    #[inline]
    pub fn able(&self, service: ServiceId) -> impl DoubleEndedIterator<Item = Able> + '_ {
        self.able_in(self.row(service))
    }

    /// The GCUs that can serve `service`, ascending.
    #[inline]
    pub fn able_computers(&self, service: ServiceId) -> impl Iterator<Item = Able> + '_ {
        let row = self.row(service);
        self.able_in(row.start..self.first_leader(&row))
    }

    /// The leaders of subcolonies that can serve `service`, ascending.
    #[inline]
    pub fn able_subcolonies(&self, service: ServiceId) -> impl Iterator<Item = Able> + '_ {
        let row = self.row(service);
        self.able_in(self.first_leader(&row)..row.end)
    }

    /// What draws about the member at `place` are keyed by.
    #[inline]
    pub fn entity(&self, place: u32) -> u64 {
        self.entities[place as usize]
    }

    /// Whether `unit` can serve `service`.
    pub fn serves(&self, unit: UnitId, service: ServiceId) -> bool {
        let row = self.row(service);
        let other = |place: u32| self.units[place as usize];
        let found = self
            .entries
            .partition_point(row.clone(), |place| other(place) < unit);
        found < row.end && other(self.entries.get(found)) == unit
    }

    /// The services with at least one entry, ascending.
    pub fn summary(&self) -> impl Iterator<Item = ServiceId> + '_ {
        (0..self.starts.len() as u32 - 1)
            .map(ServiceId)
            .filter(|&service| !self.row(service).is_empty())
    }

    /// Enters a member with what it can serve, in place of what it had declared before.
    pub fn register(&mut self, member: Member, services: &[ServiceId]) -> SummaryChange {
        let (place, dropped) = match self.position(member.unit) {
            Ok(place) => {
                self.entities[place] = member.entity;
                (place, self.entries_of(place))
            }
            Err(place) => {
                self.admit(place, member);
                (place, Vec::new())
            }
        };
        self.replace(place, &dropped, services)
    }

    /// Changes what a member can serve; nothing happens if it is none.
    pub fn update(
        &mut self,
        unit: UnitId,
        added: &[ServiceId],
        removed: &[ServiceId],
    ) -> SummaryChange {
        let Ok(place) = self.position(unit) else {
            return SummaryChange::default();
        };
        let mut dropped: Vec<Entry> = removed
            .iter()
            .filter_map(|&service| Some((service, self.find(place, service).ok()?)))
            .collect();
        in_order(&mut dropped);
        self.replace(place, &dropped, added)
    }

    /// Strikes a member; nothing happens if it is none.
    pub fn strike(&mut self, unit: UnitId) -> SummaryChange {
        let Ok(place) = self.position(unit) else {
            return SummaryChange::default();
        };
        let dropped = self.entries_of(place);
        let change = self.replace(place, &dropped, &[]);
        self.dismiss(place);
        change
    }

    /// The member at `place`.
    #[inline]
    fn at(&self, place: usize) -> Member {
        Member {
            unit: self.units[place],
            entity: self.entities[place],
        }
    }

    #[inline]
    fn position(&self, unit: UnitId) -> Result<usize, usize> {
        self.units.binary_search(&unit)
    }

    /// Makes `member` the one at `place`, without entries.
    fn admit(&mut self, place: usize, member: Member) {
        let last = self.units.len();
        self.units.insert(place, member.unit);
        self.entities.insert(place, member.entity);
        if place < last {
            let behind = |other| other + u32::from(other as usize >= place);
            self.entries
                .change(0..self.entries.len(), last as u32, behind);
        }
    }

    /// Removes the member at `place`, which has no entries any more.
    fn dismiss(&mut self, place: usize) {
        self.units.remove(place);
        self.entities.remove(place);
        let behind = |other| other - u32::from(other as usize > place);
        self.entries.change(0..self.entries.len(), 0, behind);
    }

    /// Where the entries for `service` are.
    #[inline]
    fn row(&self, service: ServiceId) -> Range<usize> {
        let service = service.0 as usize;
        if service + 1 < self.starts.len() {
            self.starts.get(service) as usize..self.starts.get(service + 1) as usize
        } else {
            0..0
        }
    }

    #[inline]
    fn able_in(&self, row: Range<usize>) -> impl DoubleEndedIterator<Item = Able> + '_ {
        row.map(|entry| {
            let place = self.entries.get(entry);
            Able {
                unit: self.units[place as usize],
                place,
            }
        })
    }

    /// Where the leaders of subcolonies begin in `row`.
    #[inline]
    fn first_leader(&self, row: &Range<usize>) -> usize {
        let computer = |place: u32| self.units[place as usize].kind() == GCU;
        self.entries.partition_point(row.clone(), computer)
    }

    /// Where the entry of the member at `place` for `service` is, or (as an error) where it would
    /// have to be.
    fn find(&self, place: usize, service: ServiceId) -> Result<usize, usize> {
        let row = self.row(service);
        let place = place as u32;
        let found = self
            .entries
            .partition_point(row.clone(), |other| other < place);
        if found < row.end && self.entries.get(found) == place {
            Ok(found)
        } else {
            Err(found)
        }
    }

    /// All entries of the member at `place`.
    fn entries_of(&self, place: usize) -> Vec<Entry> {
        let found = self.entries.places_of(place as u32).into_iter();
        let all = 0..self.starts.len();
        found
            .map(|entry| {
                let begun = |start| start as usize <= entry;
                let rows = self.starts.partition_point(all.clone(), begun);
                (ServiceId(rows as u32 - 1), entry)
            })
            .collect()
    }

    /// Drops the entries `dropped` of the member at `place` (in order), then enters it for
    /// `services`.
    fn replace(
        &mut self,
        place: usize,
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
            .filter_map(|&service| Some((service, self.find(place, service).err()?)))
            .collect();
        in_order(&mut entered);
        let alone = |&(service, _): &Entry| self.row(service).is_empty();
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
        self.enter_entries(place as u32, &entered);
        change
    }

    /// Moves what lies behind each of `dropped` (in order) forward, once.
    fn drop_entries(&mut self, dropped: &[Entry]) {
        for (n, &(_, entry)) in dropped.iter().enumerate() {
            let next = dropped.get(n + 1);
            let end = next.map_or(self.entries.len(), |&(_, entry)| entry);
            self.entries.copy_within(entry + 1..end, entry - n);
        }
        self.entries.resize(self.entries.len() - dropped.len());
        self.shift(dropped, |start, n| start - n);
    }

    /// Makes room for `place` before each of `entered` (in order), moving what lies behind once.
    fn enter_entries(&mut self, place: u32, entered: &[Entry]) {
        let mut end = self.entries.len();
        self.entries.resize(end + entered.len());
        for (n, &(_, entry)) in entered.iter().enumerate().rev() {
            self.entries.copy_within(entry..end, entry + n + 1);
            self.entries.set(entry + n, place);
            end = entry;
        }
        self.shift(entered, |start, n| start + n);
    }

    /// Moves the beginning of every row by the number of `changed` entries in the rows before it.
    fn shift(&mut self, changed: &[Entry], by: impl Fn(u32, u32) -> u32) {
        let most = self.entries.len() as u32;
        for (n, &(service, _)) in changed.iter().enumerate() {
            let next = changed.get(n + 1);
            let end = next.map_or(self.starts.len(), |&(next, _)| next.0 as usize + 1);
            let rows = service.0 as usize + 1..end;
            self.starts
                .change(rows, most, |start| by(start, n as u32 + 1));
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
    use crate::arigatoni::message::{GBU, gbu, gcu};
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
            assert!(table.summary().eq(after.iter().copied()), "{step}");
            for service in (0..SERVICES).map(ServiceId) {
                let able = set
                    .iter()
                    .filter(|(s, _)| *s == service)
                    .map(|(_, unit)| unit);
                let found = table.able(service).map(|member| member.unit);
                assert!(found.eq(able.copied()), "{step}");
            }
        }
    }

    /// A colony of more members, and more entries, than two bytes can tell apart: one that is drafted
    /// so, and one that grows and shrinks across the border.
    #[test]
    fn large_colonies_are_told_apart() {
        const COUNT: u32 = 65_536;
        const SERVICE: ServiceId = ServiceId(1);
        let member = |index| Member {
            unit: gcu(index),
            entity: u64::from(index),
        };
        let leader = Member {
            unit: gbu(3),
            entity: 3,
        };
        // Even numbers, so that there is room between them.
        let mut draft = Draft::new(COUNT as usize);
        let mut larger = Draft::new(COUNT as usize + 1);
        for index in 0..COUNT {
            draft.add(member(2 * index), [SERVICE].into_iter());
            larger.add(member(2 * index), [SERVICE].into_iter());
        }
        let before = draft.table(3);
        larger.add(leader, [SERVICE].into_iter());
        for (mut grown, place) in [(before.clone(), 77_777), (larger.table(3), 77_779)] {
            grown.register(leader, &[SERVICE]);
            grown.register(member(place), &[ServiceId(2), SERVICE]);
            let whole = |able: Able| Member {
                unit: able.unit,
                entity: grown.entity(able.place),
            };
            let computers: Vec<Member> = grown.able_computers(SERVICE).map(whole).collect();
            assert_eq!(computers.len(), COUNT as usize + 1);
            assert!(computers.is_sorted_by_key(|member| member.unit));
            assert!(computers.contains(&member(place)));
            assert!(grown.able(ServiceId(2)).map(whole).eq([member(place)]));
            assert!(grown.able_subcolonies(SERVICE).map(whole).eq([leader]));
            assert!(grown.serves(gcu(2 * COUNT - 2), SERVICE) && grown.serves(gbu(3), SERVICE));
            assert!(!grown.serves(gcu(3), SERVICE) && !grown.serves(gbu(3), ServiceId(2)));
            grown.strike(gcu(place));
            grown.strike(gbu(3));
            assert!(grown.members().eq(before.members()));
            for service in (0..3).map(ServiceId) {
                assert!(grown.able(service).eq(before.able(service)));
            }
            assert!(grown.summary().eq([SERVICE]));
        }
    }
}
