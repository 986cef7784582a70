//! A routing table that is built at once, of all members of a colony.
//!
//! It does *not* know later changes.

use super::RoutingTable;
use crate::discovery::Descriptor;
use crate::numbers::Numbers;
use crate::unit::UnitId;

/// A table in the making: quicker than registering one member after another.
#[derive(Debug)]
pub(crate) struct Draft {
    units: Vec<UnitId>,
    /// What each offers, and its place.
    declared: Vec<(Descriptor, u32)>,
}

impl Draft {
    /// A table with room for `members`.
    pub(crate) fn new(members: usize) -> Self {
        Self {
            units: Vec::with_capacity(members),
            declared: Vec::new(),
        }
    }

    /// Adds a member, later than those before it, with what it offers (each once).
    pub(crate) fn add(&mut self, unit: UnitId, offers: impl Iterator<Item = Descriptor>) {
        let place = self.units.len() as u32;
        self.units.push(unit);
        self.declared.extend(offers.map(|offer| (offer, place)));
    }

    /// The table, where there are this many descriptors. No member has declared others.
    pub(crate) fn table(self, descriptors: u32) -> RoutingTable {
        let mut ends = vec![0; descriptors as usize];
        for (offer, _) in &self.declared {
            ends[offer.0 as usize] += 1;
        }
        let count = self.declared.len();
        let mut starts = Numbers::zeros(ends.len() + 1, count as u32);
        let mut end = 0;
        for (offer, entries) in ends.iter_mut().enumerate() {
            end += *entries;
            *entries = end;
            starts.set(offer + 1, end);
        }
        let mut entries = Numbers::zeros(count, self.units.len().saturating_sub(1) as u32);
        // From the last member to the first, so that each run fills from its end.
        for &(offer, place) in self.declared.iter().rev() {
            let end = &mut ends[offer.0 as usize];
            *end -= 1;
            entries.set(*end as usize, place);
        }
        RoutingTable {
            units: self.units,
            starts,
            entries,
            aggregate: None,
        }
    }
}
