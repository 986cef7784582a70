//! A broker's routing table: which members offer what.
//!
//! Members are GCUs and leaders of subcolonies. For each offer its members lie together, in
//! ascending order (GCUs before subcolonies), so that a look-up is two loads. An entry is the place of
//! the member among the members, two bytes in colonies of up to 65,536: a large overlay is mostly
//! entries. A change, of however many offers, moves what lies behind it once: changes are rare,
//! look-ups are not. The table does *not* know who asks, nor which offers serve which request.

mod aggregate;
mod draft;
mod hulls;
mod summing;

use std::ops::Range;

use smallvec::SmallVec;

use crate::arigatoni::offers::Offers;
use crate::discovery::{Descriptor, GCU};
use crate::numbers::Numbers;
use crate::unit::UnitId;

use aggregate::Aggregate;
pub(super) use draft::Draft;

/// How a change of the table changed the colony's summary: the set of offers with at least one
/// entry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SummaryChange {
    /// Offers with an entry now and none before (ascending).
    pub added: Offers,
    /// Offers with no entry now and one before (ascending).
    pub removed: Offers,
}

impl SummaryChange {
    /// What leads from the offers `before` to those `after`, both ascending.
    pub fn between(before: &[Descriptor], after: &[Descriptor]) -> Self {
        let only = |own: &[Descriptor], others: &[Descriptor]| {
            let missing = |offer: &&Descriptor| others.binary_search(offer).is_err();
            own.iter().filter(missing).copied().collect()
        };
        Self {
            added: only(after, before),
            removed: only(before, after),
        }
    }

    /// Whether the summary is as before.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
}

/// The members of a colony, and what each of them offers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RoutingTable {
    /// The members, ascending; a member's place is its index here.
    units: Vec<UnitId>,
    /// Where the entries of each offer begin in `entries`; one more than there are offers.
    starts: Numbers,
    /// The places of the members with offer 0, then with offer 1, and so on; each run ascending.
    entries: Numbers,
    /// What the leader tells, where that is not every offer with an entry.
    aggregate: Option<Box<Aggregate>>,
}

impl Default for RoutingTable {
    /// Where there is nothing to be offered.
    fn default() -> Self {
        Self::new(0)
    }
}

impl RoutingTable {
    /// The table of a colony without members, where there are this many descriptors.
    pub fn new(descriptors: u32) -> Self {
        Self {
            units: Vec::new(),
            starts: Numbers::zeros(descriptors as usize + 1, 0),
            entries: Numbers::default(),
            aggregate: None,
        }
    }

    /// How many descriptors there are.
    pub(super) fn descriptors(&self) -> u32 {
        self.starts.len() as u32 - 1
    }

    /// Forgets all members.
    pub(super) fn clear(&mut self) {
        self.units.clear();
        self.entries.resize(0);
        let rows = self.starts.len();
        self.starts.resize(0);
        self.starts.resize(rows);
        if let Some(aggregate) = &mut self.aggregate {
            aggregate.clear();
        }
    }

    /// The members, ascending.
    pub fn members(&self) -> &[UnitId] {
        &self.units
    }

    /// Whether `unit` is a member. O(log members).
    pub fn has_member(&self, unit: UnitId) -> bool {
        self.position(unit).is_ok()
    }

    /// The members with `offer`, ascending: GCUs, then leaders of subcolonies. One out of range has
    /// none.
    #[inline]
    pub fn members_with(&self, offer: Descriptor) -> impl Iterator<Item = UnitId> + '_ {
        self.members_in(self.row(offer))
    }

    /// The GCUs with `offer`, ascending.
    #[inline]
    pub fn computers_with(&self, offer: Descriptor) -> impl Iterator<Item = UnitId> + '_ {
        let row = self.row(offer);
        self.members_in(row.start..self.first_leader(&row))
    }

    /// The leaders of subcolonies with `offer`, ascending.
    #[inline]
    pub fn subcolonies_with(&self, offer: Descriptor) -> impl Iterator<Item = UnitId> + '_ {
        let row = self.row(offer);
        self.members_in(self.first_leader(&row)..row.end)
    }

    /// Whether `unit` is a member with `offer`.
    pub fn has_entry(&self, unit: UnitId, offer: Descriptor) -> bool {
        let row = self.row(offer);
        let other = |place: u32| self.units[place as usize];
        let found = self
            .entries
            .partition_point(row.clone(), |place| other(place) < unit);
        found < row.end && other(self.entries.get(found)) == unit
    }

    /// The colony's summary: the offers with at least one entry, ascending; or what is told in their place.
    pub fn summary(&self) -> impl Iterator<Item = Descriptor> + '_ {
        let told = self.aggregate.as_ref().map(|it| it.told());
        let every = told.is_none().then(|| self.offered());
        let every = every.into_iter().flatten();
        every.chain(told.into_iter().flatten())
    }

    /// The offers with at least one entry, ascending.
    pub(super) fn offered(&self) -> impl Iterator<Item = Descriptor> + '_ {
        (0..self.starts.len() as u32 - 1)
            .map(Descriptor)
            .filter(|&offer| !self.row(offer).is_empty())
    }

    /// Enters a member with what it offers, in place of what it had declared before.
    pub fn register(&mut self, unit: UnitId, offers: &[Descriptor]) -> SummaryChange {
        let has_hulls = self.has_hulls(unit);
        let change = self.enter(unit, if has_hulls { &[] } else { offers });
        match &mut self.aggregate {
            Some(aggregate) if has_hulls => aggregate.declare(unit, offers),
            _ => self.told(change),
        }
    }

    fn enter(&mut self, unit: UnitId, offers: &[Descriptor]) -> SummaryChange {
        let (place, dropped) = match self.position(unit) {
            Ok(place) => (place, self.entries_of(place)),
            Err(place) => {
                self.admit(place, unit);
                (place, Entries::new())
            }
        };
        self.replace(place, &dropped, offers)
    }

    /// Changes what a member offers; nothing happens if the unit is not a member.
    pub fn update(
        &mut self,
        unit: UnitId,
        added: &[Descriptor],
        removed: &[Descriptor],
    ) -> SummaryChange {
        let Ok(place) = self.position(unit) else {
            return SummaryChange::default();
        };
        if self.has_hulls(unit)
            && let Some(aggregate) = &mut self.aggregate
        {
            return aggregate.redeclare(unit, added, removed);
        }
        let mut dropped: Entries = removed
            .iter()
            .filter_map(|&offer| Some((offer, self.find(place, offer).ok()?)))
            .collect();
        in_order(&mut dropped);
        let change = self.replace(place, &dropped, added);
        self.told(change)
    }

    /// Strikes a member; nothing happens if the unit is not a member.
    pub fn strike(&mut self, unit: UnitId) -> SummaryChange {
        let Ok(place) = self.position(unit) else {
            return SummaryChange::default();
        };
        let dropped = self.entries_of(place);
        let change = self.replace(place, &dropped, &[]);
        self.dismiss(place);
        if self.has_hulls(unit)
            && let Some(aggregate) = &mut self.aggregate
        {
            return aggregate.forget(unit);
        }
        self.told(change)
    }

    #[inline]
    fn position(&self, unit: UnitId) -> Result<usize, usize> {
        self.units.binary_search(&unit)
    }

    /// Makes `unit` the member at `place`, without entries.
    fn admit(&mut self, place: usize, unit: UnitId) {
        let last = self.units.len();
        self.units.insert(place, unit);
        if place < last {
            let behind = |other| other + u32::from(other as usize >= place);
            self.entries
                .change(0..self.entries.len(), last as u32, behind);
        }
    }

    /// Removes the member at `place`, which has no entries any more.
    fn dismiss(&mut self, place: usize) {
        self.units.remove(place);
        let behind = |other| other - u32::from(other as usize > place);
        self.entries.change(0..self.entries.len(), 0, behind);
    }

    /// Where the entries for `offer` are.
    #[inline]
    fn row(&self, offer: Descriptor) -> Range<usize> {
        let offer = offer.0 as usize;
        if offer < self.starts.len() - 1 {
            self.starts.get(offer) as usize..self.starts.get(offer + 1) as usize
        } else {
            0..0
        }
    }

    #[inline]
    fn members_in(&self, row: Range<usize>) -> impl Iterator<Item = UnitId> + '_ {
        row.map(|entry| self.units[self.entries.get(entry) as usize])
    }

    /// Where the leaders of subcolonies begin in `row`.
    #[inline]
    fn first_leader(&self, row: &Range<usize>) -> usize {
        let computer = |place: u32| self.units[place as usize].kind() == GCU;
        self.entries.partition_point(row.clone(), computer)
    }

    /// Where the entry of the member at `place` for `offer` is, or (as an error) where it would
    /// have to be.
    fn find(&self, place: usize, offer: Descriptor) -> Result<usize, usize> {
        let row = self.row(offer);
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
    fn entries_of(&self, place: usize) -> Entries {
        let mut found = Entries::new();
        self.entries.each_place_of(place as u32, |entry| {
            let begun = |start| start as usize <= entry;
            let rows = self.starts.partition_point(0..self.starts.len(), begun);
            found.push((Descriptor(rows as u32 - 1), entry));
        });
        found
    }

    /// Drops the entries `dropped` of the member at `place` (in order), then enters it for
    /// `offers`.
    fn replace(&mut self, place: usize, dropped: &[Entry], offers: &[Descriptor]) -> SummaryChange {
        self.drop_entries(dropped);
        // One out of range is nobody's: a broker has no row for it.
        let rows = self.starts.len() - 1;
        let known = offers.iter().filter(|offer| (offer.0 as usize) < rows);
        let mut entered: Entries = known
            .filter_map(|&offer| Some((offer, self.find(place, offer).err()?)))
            .collect();
        in_order(&mut entered);
        let alone = |&(offer, _): &Entry| self.row(offer).is_empty();
        let mut change = SummaryChange {
            added: offers_of(entered.iter().filter(|entry| alone(entry))),
            removed: offers_of(dropped.iter().filter(|entry| alone(entry))),
        };
        let SummaryChange { added, removed } = &mut change;
        // What was dropped and entered again has not changed.
        let again: SmallVec<[Descriptor; 32]> = added
            .iter()
            .filter(|offer| removed.binary_search(offer).is_ok())
            .copied()
            .collect();
        for list in [added, removed] {
            list.retain(|offer| again.binary_search(offer).is_err());
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
        for (n, &(offer, _)) in changed.iter().enumerate() {
            let next = changed.get(n + 1);
            let end = next.map_or(self.starts.len(), |&(next, _)| next.0 as usize + 1);
            let rows = offer.0 as usize + 1..end;
            self.starts
                .change(rows, most, |start| by(start, n as u32 + 1));
        }
    }
}

/// An offer, and where an entry for it is or belongs in `entries`.
type Entry = (Descriptor, usize);

/// Some of one member, which has few mostly: then they need no allocation.
type Entries = SmallVec<[Entry; 32]>;

/// Ascending, each once.
fn in_order(entries: &mut Entries) {
    entries.sort_unstable();
    entries.dedup();
}

fn offers_of<'a>(entries: impl Iterator<Item = &'a Entry>) -> Offers {
    entries.map(|&(offer, _)| offer).collect()
}

#[cfg(test)]
mod tests;
