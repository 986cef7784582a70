//! A broker's routing table: which members can serve which service.
//!
//! Members are GCUs and leaders of subcolonies. For each service the able members lie together, in
//! ascending order (GCUs before subcolonies), so that a look-up is two loads. A change, of however
//! many services, goes once through the table: changes are rare, look-ups are not. The table does
//! *not* know who asks.

use std::borrow::Cow;

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
            entries: entries.into_iter().map(|(_, unit)| unit).collect(),
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
        match self.position(member.unit) {
            Ok(place) => self.members[place] = member,
            Err(place) => self.members.insert(place, member),
        }
        self.change(member.unit, services, None)
    }

    /// Changes what a member can serve.
    pub fn update(
        &mut self,
        unit: UnitId,
        added: &[ServiceId],
        removed: &[ServiceId],
    ) -> SummaryChange {
        self.change(unit, added, Some(removed))
    }

    /// Strikes a member; nothing happens if it is none.
    pub fn strike(&mut self, unit: UnitId) -> SummaryChange {
        let Ok(place) = self.position(unit) else {
            return SummaryChange::default();
        };
        self.members.remove(place);
        self.change(unit, &[], None)
    }

    fn position(&self, unit: UnitId) -> Result<usize, usize> {
        self.members
            .binary_search_by_key(&unit, |member| member.unit)
    }

    /// Strikes the entries of `unit` at the services `removed` (`None`: at all), then enters it at
    /// those `added`; a service out of range is nobody's, as a broker has no row for it.
    /// O(services + entries).
    fn change(
        &mut self,
        unit: UnitId,
        added: &[ServiceId],
        removed: Option<&[ServiceId]>,
    ) -> SummaryChange {
        let mut added = Ascending::new(added);
        let mut removed = removed.map(Ascending::new);
        let mut change = SummaryChange::default();
        let mut entries = Vec::with_capacity(self.entries.len() + added.0.len());
        let mut begin = 0;
        for service in 0..self.starts.len() - 1 {
            let end = self.starts[service + 1] as usize;
            let (id, old) = (ServiceId(service as u32), &self.entries[begin..end]);
            let before = entries.len();
            let strike = removed.as_mut().is_none_or(|removed| removed.takes(id));
            let enter = added.takes(id);
            match old.binary_search(&unit) {
                Ok(place) if strike && !enter => {
                    entries.extend_from_slice(&old[..place]);
                    entries.extend_from_slice(&old[place + 1..]);
                }
                Err(place) if enter => {
                    entries.extend_from_slice(&old[..place]);
                    entries.push(unit);
                    entries.extend_from_slice(&old[place..]);
                }
                _ => entries.extend_from_slice(old),
            }
            match (old.is_empty(), entries.len() == before) {
                (true, false) => change.added.push(id),
                (false, true) => change.removed.push(id),
                _ => {}
            }
            self.starts[service + 1] = entries.len() as u32;
            begin = end;
        }
        self.entries = entries;
        change
    }
}

/// Services that are asked for one after another in ascending order.
struct Ascending<'a>(Cow<'a, [ServiceId]>, usize);

impl<'a> Ascending<'a> {
    fn new(services: &'a [ServiceId]) -> Self {
        if services.is_sorted() {
            return Self(services.into(), 0);
        }
        let mut services = services.to_vec();
        services.sort_unstable();
        Self(services.into(), 0)
    }

    /// Whether `service` is among them.
    fn takes(&mut self, service: ServiceId) -> bool {
        while self.0.get(self.1).is_some_and(|&next| next < service) {
            self.1 += 1;
        }
        self.0.get(self.1) == Some(&service)
    }
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
