//! A routing table that is built at once, of all members of a colony.
//!
//! It does *not* know later changes.

use super::{Member, RoutingTable};
use crate::numbers::Numbers;
use crate::overlay::ServiceId;
use crate::unit::UnitId;

/// A table in the making: quicker than registering one member after another.
#[derive(Debug)]
pub struct Draft {
    units: Vec<UnitId>,
    entities: Vec<u64>,
    /// What each can serve, and its place.
    declared: Vec<(ServiceId, u32)>,
}

impl Draft {
    /// A table with room for `members`.
    pub fn new(members: usize) -> Self {
        Self {
            units: Vec::with_capacity(members),
            entities: Vec::with_capacity(members),
            declared: Vec::new(),
        }
    }

    /// Adds a member, later than those before it, with what it can serve (each service once).
    pub fn add(&mut self, member: Member, services: impl Iterator<Item = ServiceId>) {
        let place = self.units.len() as u32;
        self.units.push(member.unit);
        self.entities.push(member.entity);
        self.declared
            .extend(services.map(|service| (service, place)));
    }

    /// The table, where there are `services` services (no member has declared others).
    pub fn table(self, services: u32) -> RoutingTable {
        let mut ends = vec![0; services as usize];
        for (service, _) in &self.declared {
            ends[service.0 as usize] += 1;
        }
        let count = self.declared.len();
        let mut starts = Numbers::zeros(ends.len() + 1, count as u32);
        let mut end = 0;
        for (service, entries) in ends.iter_mut().enumerate() {
            end += *entries;
            *entries = end;
            starts.set(service + 1, end);
        }
        let mut entries = Numbers::zeros(count, self.units.len().saturating_sub(1) as u32);
        // From the last member to the first, so that each run fills from its end.
        for &(service, place) in self.declared.iter().rev() {
            let end = &mut ends[service.0 as usize];
            *end -= 1;
            entries.set(*end as usize, place);
        }
        RoutingTable {
            units: self.units,
            entities: self.entities,
            starts,
            entries,
        }
    }
}
