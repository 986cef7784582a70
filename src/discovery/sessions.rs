//! Sessions: who comes and goes while requests run.
//!
//! Each unit alternates between up and down by itself, in steady state from time 0 on, which is the
//! beginning of the request phase. It does *not* know what a unit does when it comes or goes.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use super::config::{Alternating, Units};
use super::{GCU, World, gbu, gcu, stream};
use crate::random::Stream;
use crate::time::Span;
use crate::unit::UnitId;

/// A period has so many draws of its own.
const DRAWS_PER_PERIOD: u32 = 256;

/// A period that is drawn takes a nanosecond at least: a law that hardly ever takes longer does not
/// stop the clock.
const LEAST: Span = Span::from_ns(1);

/// A unit that comes and goes.
#[derive(Debug, Clone, Copy)]
struct Phase {
    unit: UnitId,
    up: bool,
    /// The number of its period, from 0.
    ordinal: u32,
}

/// The changes of all units, ascending by (span since time 0, unit): who changes, and whether it is up
/// then. They are drawn as they are taken.
#[derive(Debug)]
pub(super) struct Changes {
    world: Arc<World>,
    sessions: Alternating,
    units: Vec<Phase>,
    /// The next change of each unit, with its place among `units`.
    due: BinaryHeap<Reverse<(Span, u32)>>,
    last: Span,
}

impl Changes {
    /// Those of `world` up to the instant `last`.
    pub(super) fn new(world: &Arc<World>, sessions: Alternating, last: Span) -> Self {
        let mut changes = Self {
            world: Arc::clone(world),
            sessions,
            units: Vec::new(),
            due: BinaryHeap::new(),
            last,
        };
        let alternation = sessions.alternation;
        let changing = alternation.changes();
        for unit in with_sessions(world, sessions.units) {
            let (up, lasts) = alternation.first(&mut stream(world, unit, 0));
            let place = changes.units.len() as u32;
            changes.units.push(Phase {
                unit,
                up,
                ordinal: 0,
            });
            let first = lasts.max(LEAST);
            if changing && first <= last {
                changes.due.push(Reverse((first, place)));
            }
        }
        changes
    }
}

impl Iterator for Changes {
    type Item = (Span, UnitId, bool);

    fn next(&mut self) -> Option<Self::Item> {
        let mut due = self.due.peek_mut()?;
        let Reverse((at, place)) = *due;
        let phase = &mut self.units[place as usize];
        phase.up = !phase.up;
        phase.ordinal += 1;
        let Phase { unit, up, ordinal } = *phase;
        let stream = &mut stream(&self.world, unit, ordinal);
        let lasts = self.sessions.alternation.period(up, stream).max(LEAST);
        let next = at.saturating_add(lasts);
        if next <= self.last {
            *due = Reverse((next, place));
        } else {
            std::collections::binary_heap::PeekMut::pop(due);
        }
        Some((at, unit, up))
    }
}

/// Who is down at time 0, ascending.
pub(super) fn absent(world: &World) -> Vec<UnitId> {
    let Some(sessions) = world.config.alternating() else {
        return Vec::new();
    };
    let is_up = |unit: &UnitId| sessions.alternation.first(&mut stream(world, *unit, 0)).0;
    let units = with_sessions(world, sessions.units);
    units.filter(|unit| !is_up(unit)).collect()
}

/// The units that have sessions, ascending. Those that are disconnected for good have none, nor has
/// the root, which never leaves.
pub(super) fn with_sessions(world: &World, units: Units) -> impl Iterator<Item = UnitId> {
    let gcus = match units {
        Units::Gbus => 0,
        Units::Gcus | Units::All => world.population.len(),
    };
    let gbus = match units {
        Units::Gcus => 0,
        Units::Gbus | Units::All => world.gbus().len() as u32,
    };
    let is_root = |id: u32| world.gbus()[id as usize].parent.is_none();
    let gbus = (0..gbus).filter(move |&id| !is_root(id)).map(gbu);
    let all = (0..gcus).map(gcu).chain(gbus);
    all.filter(|unit| !world.disconnected.contains(unit))
}

/// The draws of a unit's period.
fn stream(world: &World, unit: UnitId, ordinal: u32) -> Stream {
    let (id, entity) = if unit.kind() == GCU {
        let computer = world.population.computer(unit.index());
        (stream::COMPUTER_SESSION, computer.entity())
    } else {
        (stream::BROKER_SESSION, unit.index().into())
    };
    let index = ordinal.wrapping_mul(DRAWS_PER_PERIOD);
    world.streams.stream_from(id, entity, index)
}
