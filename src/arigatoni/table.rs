//! A broker's routing table: which members can serve which service.
//!
//! Members are GCUs and leaders of subcolonies. For each service the able members lie together, in
//! ascending order (GCUs before subcolonies), so that a look-up is two loads. Changes move the
//! entries behind them: they are rare, look-ups are not. The table does *not* know who asks.

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
        let before = self.summary();
        match self.position(member.unit) {
            Ok(place) => {
                self.members[place] = member;
                self.drop_entries(member.unit);
            }
            Err(place) => self.members.insert(place, member),
        }
        self.add_entries(member.unit, services);
        self.change_since(&before)
    }

    /// Changes what a member can serve.
    pub fn update(
        &mut self,
        unit: UnitId,
        added: &[ServiceId],
        removed: &[ServiceId],
    ) -> SummaryChange {
        let before = self.summary();
        for &service in removed {
            self.drop_entry(unit, service);
        }
        self.add_entries(unit, added);
        self.change_since(&before)
    }

    /// Strikes a member; nothing happens if it is none.
    pub fn strike(&mut self, unit: UnitId) -> SummaryChange {
        let Ok(place) = self.position(unit) else {
            return SummaryChange::default();
        };
        let before = self.summary();
        self.members.remove(place);
        self.drop_entries(unit);
        self.change_since(&before)
    }

    fn position(&self, unit: UnitId) -> Result<usize, usize> {
        self.members
            .binary_search_by_key(&unit, |member| member.unit)
    }

    fn add_entries(&mut self, unit: UnitId, services: &[ServiceId]) {
        for &service in services {
            // A service out of range is nobody's: a broker has no row for it.
            if service.0 as usize + 1 >= self.starts.len() {
                continue;
            }
            if let Err(place) = self.able(service).binary_search(&unit) {
                let place = self.starts[service.0 as usize] as usize + place;
                self.entries.insert(place, unit);
                self.starts[service.0 as usize + 1..]
                    .iter_mut()
                    .for_each(|start| *start += 1);
            }
        }
    }

    fn drop_entries(&mut self, unit: UnitId) {
        for service in 0..self.starts.len() as u32 - 1 {
            self.drop_entry(unit, ServiceId(service));
        }
    }

    fn drop_entry(&mut self, unit: UnitId, service: ServiceId) {
        if let Ok(place) = self.able(service).binary_search(&unit) {
            self.entries
                .remove(self.starts[service.0 as usize] as usize + place);
            self.starts[service.0 as usize + 1..]
                .iter_mut()
                .for_each(|start| *start -= 1);
        }
    }

    fn change_since(&self, before: &[ServiceId]) -> SummaryChange {
        let after = self.summary();
        let missing_in = |set: &[ServiceId], other: &[ServiceId]| {
            let absent = |service: &&ServiceId| other.binary_search(service).is_err();
            set.iter().filter(absent).copied().collect()
        };
        SummaryChange {
            added: missing_in(&after, before),
            removed: missing_in(before, &after),
        }
    }
}
