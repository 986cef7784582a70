//! The ring as it is built, with who holds which list on it, and what each computer begins with.
//!
//! It does *not* know messages.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Chord;
use super::config::Own;
use super::listing::{List, Lists};
use super::peer::Peer;
use super::ring::{Contact, Known, Ring};
use super::upkeep::Upkeep;
use crate::discovery::config::DisconnectionMode;
use crate::discovery::{Descriptor, World, gcu};
use crate::random::StreamId;

/// A computer's point on the ring; by computer.
const POINT: StreamId = StreamId(147);
/// The hash of a service; by service.
const KEY: StreamId = StreamId(148);

/// The computer called `id` on the ring.
fn contact(world: &World, id: u32) -> Contact {
    let entity = world.population.computer(id).entity();
    Contact {
        point: world.streams.bits(POINT, entity, 0),
        computer: id,
    }
}

/// The computers on the ring that offer each service, ascending.
pub(in crate::rivals) fn lists(world: &World) -> Arc<[Box<[u32]>]> {
    let services = world.matching.len() as usize;
    let mut lists: Vec<Vec<u32>> = vec![Vec::new(); services];
    for id in members(world) {
        for offer in world.population.offers(id) {
            lists[offer.0 as usize].push(id);
        }
    }
    lists.into_iter().map(Vec::into_boxed_slice).collect()
}

/// The computers that are on the ring: those that leave in good order do so before requests begin.
pub(in crate::rivals) fn members(world: &World) -> impl Iterator<Item = u32> {
    let unregister = world.config.disconnection.mode == DisconnectionMode::Unregister;
    let all = 0..world.population.len();
    all.filter(move |&id| !unregister || !world.disconnected.contains(&gcu(id)))
}

impl Chord {
    /// The ring in `world`.
    pub(super) fn build(world: &Arc<World>, own: &Own) -> Self {
        let maintained = own.maintenance.is_some();
        // Nobody counts on those that are away.
        let there = |&id: &u32| !maintained || world.absent.binary_search(&gcu(id)).is_err();
        let contacts = members(world).filter(there).map(|id| contact(world, id));
        let mut chord = Self {
            own: own.clone(),
            ring: Arc::new(Ring::of(contacts)),
            providers: lists(world),
            world: Arc::clone(world),
            held: Arc::default(),
        };
        if maintained {
            chord.held = Arc::new(chord.hold_lists());
        }
        chord
    }

    /// The point of the service `demand`.
    pub(super) fn key(&self, demand: Descriptor) -> u64 {
        self.world.streams.bits(KEY, demand.0.into(), 0)
    }

    /// The point of the computer called `id`.
    pub(super) fn contact(&self, id: u32) -> Contact {
        contact(&self.world, id)
    }

    /// The computers that have listed themselves under `demand`.
    pub(super) fn providers(&self, demand: Descriptor) -> &[u32] {
        let list = self.providers.get(demand.0 as usize);
        list.map_or(&[], |list| list)
    }

    /// Which services' lists each computer holds on the ring as it is built.
    fn hold_lists(&self) -> BTreeMap<u32, Vec<Descriptor>> {
        let mut held: BTreeMap<u32, Vec<Descriptor>> = BTreeMap::new();
        for service in (0..self.world.matching.len()).map(Descriptor) {
            for holder in self.ring.from(self.key(service), self.own.replicas.0) {
                held.entry(holder.computer).or_default().push(service);
            }
        }
        held
    }

    /// What `me` knows as the ring is built.
    fn upkeep(&self, me: Contact) -> Upkeep {
        if self.ring.from(me.point, 1).next() != Some(me) {
            return Upkeep::outside(me);
        }
        let held = self.held.get(&me.computer).into_iter().flatten();
        let list = |&service: &Descriptor| {
            let list = List::of(self.providers(service).iter().copied());
            (service, list)
        };
        let lists: Lists = held.map(list).collect();
        let fingers = (0..u64::BITS).filter_map(|power| {
            let start = me.point.wrapping_add(1 << power);
            let finger = self.ring.from(start, 1).next()?;
            (finger != me).then_some((power, finger))
        });
        let successors = self.ring.successors(me, self.own.successors.0);
        let predecessor = self.ring.before(me.point).filter(|&it| it != me);
        Upkeep::built(me, predecessor, (successors, fingers), lists)
    }

    /// A computer on a ring that is maintained.
    fn peer(&self, upkeep: Upkeep) -> Peer {
        Peer {
            known: upkeep.known(self.own.replicas.0),
            upkeep: Some(Box::new(upkeep)),
            ..Peer::default()
        }
    }

    /// What the computer called `id` begins with.
    pub(super) fn peer_as_built(&self, id: u32) -> Peer {
        let me = self.contact(id);
        if self.own.maintenance.is_some() {
            return self.peer(self.upkeep(me));
        }
        let Own {
            successors,
            replicas,
            ..
        } = &self.own;
        Peer {
            known: Known::on(&self.ring, me, successors.0, replicas.0),
            ..Peer::default()
        }
    }

    /// What the computer called `id` begins with after it has lost its memory. A ring that is not maintained is
    /// never forgotten.
    pub(super) fn peer_without_memory(&self, id: u32) -> Peer {
        if self.own.maintenance.is_some() {
            self.peer(Upkeep::outside(self.contact(id)))
        } else {
            self.peer_as_built(id)
        }
    }
}
