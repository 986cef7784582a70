//! What the rules are told of a world, and what never changes in it: domains, and who can have which tunnel.
//!
//! It does *not* know what happens.

use std::collections::BTreeMap;

use super::name;
use crate::calculus::{Domain, Name};
use crate::discovery::{Discovery, GCU, Mechanism, gbu};
use crate::unit::UnitId;

/// A registration through a tunnel.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Guest {
    /// The unit that forwards the messages between the two; `None`: a clone is there.
    pub(super) friend: Option<Name>,
    /// Whether it is there when requests begin.
    at_first: bool,
}

/// What is true in all histories of a world: domains, tunnels and other facts that no event changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(in crate::discovery) struct Facts {
    /// The domain of each unit's router, where domains matter.
    domains: BTreeMap<Name, Domain>,
    /// The units that can be registered through a tunnel with another leader besides their own, that leader,
    /// and through which friend.
    guests: BTreeMap<(Name, Name), Guest>,
    /// The friends of those who belong to no colony but that at the end of their tunnel.
    friends: BTreeMap<UnitId, UnitId>,
    /// The pairs of brokers that are linked at first, each with the lower number first.
    pub(super) links: Vec<(Name, Name)>,
}

impl Facts {
    /// Those of the world of `system`.
    pub(in crate::discovery) fn of<M: Mechanism>(system: &Discovery<M>) -> Self {
        let (world, mechanism) = (&system.world, &system.mechanism);
        let crossings = mechanism.crossings();
        let place = |unit: UnitId| {
            if unit.kind() == GCU {
                world.population.computer(unit.index()).broker
            } else {
                unit.index()
            }
        };
        let knows_domains = mechanism.features().knows_domains;
        let domains = world.units().filter(|_| knows_domains);
        let domains = domains.map(|unit| {
            let domain = crossings.domain_of(place(unit));
            (name(unit), domain.map_or_else(Domain::none, Domain::number))
        });
        let tunnels = world.units();
        let tunnels = tunnels.filter_map(|unit| Some((unit, crossings.tunnel_of(unit)?)));
        let (besides, only): (Vec<_>, Vec<_>) = tunnels.partition(|(_, it)| it.besides);
        let guests = besides.into_iter().map(|(unit, it)| {
            let ends = (name(unit), name(it.leader));
            let (friend, at_first) = (it.friend.map(name), it.at_first);
            (ends, Guest { friend, at_first })
        });
        let friends = only
            .into_iter()
            .filter_map(|(unit, it)| Some((unit, it.friend?)));
        let links = crossings.linked_pairs().into_iter();
        let links = links.filter(|(_, is_linked)| *is_linked);
        Self {
            domains: domains.collect(),
            guests: guests.collect(),
            friends: friends.collect(),
            links: links
                .map(|([one, other], _)| (name(gbu(one)), name(gbu(other))))
                .collect(),
        }
    }

    /// The domain of the router of `unit`.
    pub(super) fn domain(&self, unit: &Name) -> Domain {
        self.domains.get(unit).cloned().unwrap_or_default()
    }

    /// How `unit` can be registered with `leader` besides its own leader, if it can be.
    pub(super) fn guest(&self, unit: &Name, leader: &Name) -> Option<&Guest> {
        self.guests.get(&(unit.clone(), leader.clone()))
    }

    /// The friend of a unit that belongs to no colony but that at the end of its tunnel.
    pub(super) fn friend_of_only(&self, unit: UnitId) -> Option<UnitId> {
        self.friends.get(&unit).copied()
    }

    /// Whether `unit` belongs to no colony but that to which a friend gives it access.
    pub(super) fn has_friend(&self, unit: &Name) -> bool {
        self.friends.keys().any(|it| name(*it) == *unit)
    }

    /// All tunnels that there can be when requests begin.
    pub(super) fn guests(&self) -> impl Iterator<Item = (&(Name, Name), Option<&Name>)> {
        let at_first = self.guests.iter().filter(|(_, guest)| guest.at_first);
        at_first.map(|(ends, guest)| (ends, guest.friend.as_ref()))
    }
}
