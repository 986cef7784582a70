//! Where units go that have lost their leader: what a directory of brokers would tell them.
//!
//! It does *not* know who lives.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use super::config::{Migrate, To};
use crate::discovery::{GCU, World, gbu};
use crate::error::{Error, Result};
use crate::random::StreamId;
use crate::system::Underlay;
use crate::time::Span;
use crate::topology::RouterId;
use crate::unit::UnitId;

/// Whether a unit goes elsewhere; by unit and attempt.
const GOES: StreamId = StreamId(36);
/// To which broker; by unit and attempt.
const WHERE: StreamId = StreamId(37);
/// With which broker, and with what step, a unit goes through all of them: numbers that no attempt has.
const FIRST: u32 = u32::MAX;
const STEP: u32 = u32::MAX - 1;

/// How units choose a broker.
#[derive(Debug, Clone)]
pub(super) struct Neighbours {
    to: To,
    probability: f64,
    /// The two brokers that are nearest to each one, the nearest first, if that matters.
    nearest: Vec<Vec<u32>>,
}

impl Neighbours {
    /// Those by the parameters; who is near is not known yet.
    pub(super) fn new(migrate: &Migrate) -> Self {
        Self {
            to: migrate.to,
            probability: migrate.probability.0,
            nearest: Vec::new(),
        }
    }

    /// Finds out who is near.
    ///
    /// # Errors
    /// If there is one broker only.
    pub(super) fn look(&mut self, world: &World, underlay: &Underlay) -> Result<()> {
        if self.to == To::None {
            return Ok(());
        }
        let brokers = world.brokers.list().len();
        if brokers < 2 {
            let what = "there is no other broker to which a unit could migrate";
            return Err(Error::new(what)
                .at("/system/*/migration/to")
                .help("place more brokers, or write \"none\""));
        }
        if self.to == To::Nearest {
            self.nearest = nearest(world, underlay);
        }
        Ok(())
    }

    /// Whether units that have tried the usual brokers go to any other.
    pub(super) fn lead_anywhere(&self) -> bool {
        self.to != To::None && self.probability > 0.0
    }

    /// The broker to which `unit`, which has lost `leader`, goes at this attempt; `None`: to no other.
    pub(super) fn of(
        &self,
        world: &World,
        (unit, leader): (UnitId, UnitId),
        attempt: u32,
    ) -> Option<UnitId> {
        let entity = unit.as_bits().into();
        if world.streams.unit(GOES, entity, attempt) >= self.probability {
            return None;
        }
        let list = world.brokers.list();
        let is_other = |id: &u32| gbu(*id) != unit && gbu(*id) != leader;
        let found = match self.to {
            To::None => None,
            To::Grandparent => list[leader.index() as usize].parent,
            To::Random => {
                let count = list.len() as u32;
                return anyone(world, (unit, leader), attempt, (count, |place| place));
            }
            To::Nearest => {
                let near = if unit.kind() == GCU {
                    home(world, unit)?
                } else {
                    unit
                };
                let nearest = self.nearest[near.index() as usize].iter().copied();
                // Its own broker is the nearest of all.
                let own = (near != unit).then_some(near.index());
                own.into_iter().chain(nearest).find(is_other)
            }
        };
        found.filter(is_other).map(gbu)
    }
}

/// One of `count` brokers other than `unit` and `leader`, if there is one; `broker` gives the broker at an index.
pub(super) fn anyone(
    world: &World,
    (unit, leader): (UnitId, UnitId),
    attempt: u32,
    (count, broker): (u32, impl Fn(u32) -> u32),
) -> Option<UnitId> {
    let entity = unit.as_bits().into();
    let drawn = world.streams.below(WHERE, entity, attempt, count.into()) as u32;
    // The next one that is neither itself nor lost.
    let all = (drawn..count).chain(0..drawn);
    all.map(|place| gbu(broker(place)))
        .find(|id| *id != unit && *id != leader)
}

/// The broker at `place` in the order in which `unit` tries all of them: first those above its first leader, the nearest
/// first and the root last, then all, in a drawn order, each once; and so on from the beginning. `None`: that is `unit`.
pub(super) fn any(world: &World, unit: UnitId, place: u32) -> Option<UnitId> {
    let list = world.brokers.list();
    let count = list.len() as u32;
    let parent = |id: u32| list[id as usize].parent;
    let leader = home(world, unit).map(UnitId::index);
    let mut above = std::iter::successors(leader.and_then(parent), |&id| parent(id));
    let depth = above.clone().count() as u32;
    let place = place % (depth + count);
    let found = match place.checked_sub(depth) {
        None => above.nth(place as usize)?,
        Some(place) => {
            let entity = unit.as_bits().into();
            let drawn = |number| world.streams.below(WHERE, entity, number, count.into());
            // A step without a factor in common with the number of brokers meets each of them once.
            let (first, step) = (drawn(FIRST), drawn(STEP));
            let steps = (step..count.into()).chain(0..step);
            let step = steps.into_iter().find(|step| gcd(*step, count.into()) == 1);
            ((first + step.unwrap_or(1) * u64::from(place)) % u64::from(count)) as u32
        }
    };
    Some(gbu(found)).filter(|id| *id != unit)
}

fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// The leader of `unit` as a run begins.
pub(super) fn home(world: &World, unit: UnitId) -> Option<UnitId> {
    if unit.kind() == GCU {
        Some(gbu(world.colony_of(unit.index())))
    } else {
        world.brokers.list()[unit.index() as usize].parent.map(gbu)
    }
}

/// The two brokers that are nearest to each broker, by latency, then by number.
fn nearest(world: &World, underlay: &Underlay) -> Vec<Vec<u32>> {
    let routers = underlay.routes.router_count() as usize;
    let mut links: Vec<Vec<(u32, Span)>> = vec![Vec::new(); routers];
    for (RouterId(u), RouterId(v), span) in underlay.routes.neighbours() {
        links[u as usize].push((v, span));
        links[v as usize].push((u, span));
    }
    let mut there: Vec<Vec<u32>> = vec![Vec::new(); routers];
    for (broker, id) in world.brokers.list().iter().zip(0..) {
        there[broker.router.0 as usize].push(id);
    }
    let brokers = world.brokers.list().iter().zip(0..);
    brokers
        .map(|(broker, id)| two_nearest(id, broker.router.0, &links, &there))
        .collect()
}

/// Looks around from a router until two others have been found, and those that are as near.
fn two_nearest(id: u32, from: u32, links: &[Vec<(u32, Span)>], there: &[Vec<u32>]) -> Vec<u32> {
    let mut found: Vec<(Span, u32)> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut next = BinaryHeap::from([Reverse((Span::ZERO, from))]);
    while let Some(Reverse((way, router))) = next.pop() {
        if found.get(1).is_some_and(|(farthest, _)| way > *farthest) {
            break;
        }
        if !seen.insert(router) {
            continue;
        }
        let here = there[router as usize].iter().filter(|other| **other != id);
        found.extend(here.map(|other| (way, *other)));
        let onwards = links[router as usize].iter();
        next.extend(onwards.map(|(other, span)| Reverse((way + *span, *other))));
    }
    found.sort_unstable();
    found.truncate(2);
    found.into_iter().map(|(_, other)| other).collect()
}
