//! Sessions: who comes and goes while requests run.
//!
//! Each unit alternates between up and down by itself, in steady state from time 0 on, which is the
//! beginning of the request phase. It does *not* know what a unit does when it comes or goes.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::sync::Arc;

use super::config::{Alternating, Process, Units};
use super::{GCU, World, gbu, gcu, stream};
use crate::availability::Trace;
use crate::error::Result;
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
    process: Process,
    units: Vec<Phase>,
    /// The next change of each unit, with its place among `units`.
    due: BinaryHeap<Reverse<(Span, u32)>>,
    last: Span,
}

impl Changes {
    /// Those of `world` up to the instant `last`.
    pub(super) fn new(world: &Arc<World>, sessions: &Alternating, last: Span) -> Self {
        let mut changes = Self {
            world: Arc::clone(world),
            process: sessions.process.clone(),
            units: Vec::new(),
            due: BinaryHeap::new(),
            last,
        };
        for (unit, place) in with_sessions(world, sessions.units).zip(0..) {
            let (up, first) = begin(world, &sessions.process, (unit, place));
            changes.units.push(Phase {
                unit,
                up,
                ordinal: 0,
            });
            if let Some(first) = first.filter(|first| *first <= last) {
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
        let next = match &self.process {
            Process::Laws(alternation) => {
                let stream = &mut stream(&self.world, unit, ordinal);
                let lasts = alternation.period(up, stream).max(LEAST);
                Some(at.saturating_add(lasts))
            }
            Process::Trace(trace) => change(trace.as_deref(), place, ordinal as usize),
        };
        match next.filter(|next| *next <= self.last) {
            Some(next) => *due = Reverse((next, place)),
            None => _ = PeekMut::pop(due),
        }
        Some((at, unit, up))
    }
}

/// Who is down at time 0, ascending.
pub(super) fn absent(world: &World) -> Vec<UnitId> {
    let Some(sessions) = world.config.alternating() else {
        return Vec::new();
    };
    let units = with_sessions(world, sessions.units).zip(0..);
    let absent = units.filter(|&named| !begin(world, &sessions.process, named).0);
    absent.map(|(unit, _)| unit).collect()
}

/// Whether there are nodes in the trace for all units that come and go.
pub(super) fn check(world: &World) -> Result<()> {
    let Some(sessions) = world.config.alternating() else {
        return Ok(());
    };
    let Process::Trace(Some(trace)) = &sessions.process else {
        return Ok(());
    };
    let checked = trace.check_units(with_sessions(world, sessions.units).count());
    checked.map_err(|error| error.at("/system/*/sessions/trace/file"))
}

/// Whether a unit, the `place`-th that comes and goes, is up at time 0, and when that ends, if it does.
fn begin(world: &World, process: &Process, (unit, place): (UnitId, u32)) -> (bool, Option<Span>) {
    match process {
        Process::Laws(alternation) => {
            let (up, lasts) = alternation.first(&mut stream(world, unit, 0));
            (up, alternation.changes().then(|| lasts.max(LEAST)))
        }
        Process::Trace(trace) => {
            let trace = trace.as_deref();
            let up = trace.is_none_or(|trace| trace.is_up_at_start(place as usize));
            (up, change(trace, place, 0))
        }
    }
}

/// When the node at `place` in the trace changes for the time numbered `ordinal`, if it does.
fn change(trace: Option<&Trace>, place: u32, ordinal: usize) -> Option<Span> {
    trace?.change(place as usize, ordinal)
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
