//! Several rings, and who is on which: the draws of Synapse.
//!
//! They do *not* know messages, nor who looks for what.

use crate::discovery::{Descriptor, World};
use crate::random::{RandomStreams, StreamId};
use crate::rivals::chord::ring::{Contact, Ring};

use super::config::Own;

/// A computer's point on a ring; by computer and ring.
const POINT: StreamId = StreamId(149);
/// The hash of a service on a ring; by service and ring.
const KEY: StreamId = StreamId(150);
/// The rings that a computer joins first; by computer, first and second ring.
const MEMBERSHIP: StreamId = StreamId(151);
/// Whether a computer is a synapse; by computer.
const SYNAPSE: StreamId = StreamId(152);
/// Which synapse joins one more ring, and which one; by membership, and by try.
const FURTHER: StreamId = StreamId(153);
/// The ring on which the list of a service is stored; by service.
const STORED: StreamId = StreamId(154);

/// The rings of a run.
#[derive(Debug)]
pub(super) struct Rings {
    streams: RandomStreams,
    all: Vec<Ring>,
    /// Each computer's rings, by its number, the one that it joined first in front; none if it has left.
    memberships: Vec<Vec<u32>>,
}

impl Rings {
    /// Those of `members`, who are among the computers of `world`.
    pub(super) fn draw(world: &World, own: &Own, members: impl Iterator<Item = u32>) -> Self {
        let (count, streams) = (own.rings.0, world.streams);
        let members: Vec<u32> = members.collect();
        let entity = |id: u32| world.population.computer(id).entity();
        let mut memberships = vec![Vec::new(); world.population.len() as usize];
        let mut synapses = Vec::new();
        for &id in &members {
            let first = streams.below(MEMBERSHIP, entity(id), 0, count.into()) as u32;
            let rings = &mut memberships[id as usize];
            rings.push(first);
            if count > 1 && streams.unit(SYNAPSE, entity(id), 0) < own.synapses.0 {
                let other = streams.below(MEMBERSHIP, entity(id), 1, u64::from(count) - 1) as u32;
                rings.push(other + u32::from(other >= first));
                synapses.push(id);
            }
        }
        add_further(&mut memberships, &synapses, own, streams);
        let mut contacts = vec![Vec::new(); count as usize];
        for &id in &members {
            for &ring in &memberships[id as usize] {
                let point = streams.bits(POINT, entity(id), ring);
                contacts[ring as usize].push(Contact {
                    point,
                    computer: id,
                });
            }
        }
        let rings = contacts.into_iter().map(|it| Ring::of(it.into_iter()));
        Self {
            streams,
            all: rings.collect(),
            memberships,
        }
    }

    /// The rings, by number.
    pub(super) fn all(&self) -> &[Ring] {
        &self.all
    }

    /// The numbers of the rings that the computer called `id` is on.
    pub(super) fn of(&self, id: u32) -> &[u32] {
        &self.memberships[id as usize]
    }

    /// The point of the computer called `id`, whose draws are keyed by `entity`, on a ring.
    pub(super) fn contact(&self, (id, entity): (u32, u64), ring: u32) -> Contact {
        Contact {
            point: self.streams.bits(POINT, entity, ring),
            computer: id,
        }
    }

    /// The point of a service on a ring.
    pub(super) fn key(&self, demand: Descriptor, ring: u32) -> u64 {
        self.streams.bits(KEY, demand.0.into(), ring)
    }

    /// The ring on which the list of a service is stored.
    pub(super) fn stored(&self, demand: Descriptor) -> u32 {
        let count = self.all.len() as u64;
        self.streams.below(STORED, demand.0.into(), 0, count) as u32
    }
}

/// Lets random synapses join further random rings, until they are on as many as they should be on average.
fn add_further(memberships: &mut [Vec<u32>], synapses: &[u32], own: &Own, streams: RandomStreams) {
    let (count, degree) = (own.rings.0, own.synapse_degree.0);
    let further = ((degree - 2.0) * synapses.len() as f64).round() as u64;
    // Those that are not on all rings yet.
    let mut free = synapses.to_vec();
    if count == 2 {
        free.clear();
    }
    for number in 0..further {
        if free.is_empty() {
            return;
        }
        let place = streams.below(FURTHER, number, 0, free.len() as u64) as usize;
        let rings = &mut memberships[free[place] as usize];
        let others: Vec<u32> = (0..count).filter(|ring| !rings.contains(ring)).collect();
        let ring = streams.below(FURTHER, number, 1, others.len() as u64) as usize;
        rings.push(others[ring]);
        if others.len() == 1 {
            free.swap_remove(place);
        }
    }
}
