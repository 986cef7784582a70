//! Sessions: who comes and goes while requests run.
//!
//! Each unit alternates between up and down by itself, in steady state from time 0 on, which is the
//! beginning of the request phase. It does *not* know what a unit does when it comes or goes.

use std::sync::Arc;

use super::config::{Alternating, Leave, Process, Way};
use super::{Brokers, GCU, Mechanism, World, config, stream};
use crate::availability::Trace;
use crate::error::{Error, Result};
use crate::random::Stream;
use crate::random::alternation::{CHANGES_MAX, Due, first_draw};
use crate::time::Span;
use crate::unit::UnitId;

/// A unit that comes and goes.
#[derive(Debug, Clone, Copy)]
struct UnitState {
    unit: UnitId,
    /// Its number among those that follow the trace, from 0.
    node: u32,
    /// The number of the way in which it comes and goes.
    way: u32,
    up: bool,
    /// The number of its current period, from 0: how often it has changed.
    period: u32,
}

/// The changes of all units, ascending by (span since time 0, unit): who changes, how it goes, and whether it is
/// up then. They are drawn as they are taken.
#[derive(Debug)]
pub(super) struct Changes {
    world: Arc<World>,
    sessions: Alternating,
    units: Vec<UnitState>,
    /// The next change of each unit, with its index in `units`.
    due: Due<u32>,
}

impl Changes {
    /// Those of `world` up to the instant `last`.
    pub(super) fn new(world: &Arc<World>, sessions: &Alternating, last: Span) -> Self {
        let mut changes = Self {
            world: Arc::clone(world),
            sessions: sessions.clone(),
            units: Vec::new(),
            due: Due::until(last),
        };
        for (state, first) in states(world, sessions) {
            changes.due.push(first, changes.units.len() as u32);
            changes.units.push(state);
        }
        changes
    }
}

impl Iterator for Changes {
    type Item = (Span, UnitId, (Leave, bool));

    fn next(&mut self) -> Option<Self::Item> {
        let (at, index) = self.due.take(|at, index| {
            let state = &mut self.units[index as usize];
            state.up = !state.up;
            state.period += 1;
            let (unit, period) = (state.unit, state.period);
            let next = match &self.sessions.way(state.way).process {
                Process::Laws(alternation) => {
                    let stream = &mut stream(&self.world, unit, period);
                    Some(alternation.end(state.up, at, stream))
                }
                Process::Trace(trace) => traced_end(trace.as_deref(), state.node, period),
            };
            Some((next?, index))
        })?;
        let UnitState { unit, way, up, .. } = self.units[index as usize];
        Some((at, unit, (self.sessions.way(way).leave, up)))
    }
}

/// The units that come and go, ascending, as they are at time 0, and when that ends, if it does.
fn states<'a>(
    world: &'a World,
    sessions: &'a Alternating,
) -> impl Iterator<Item = (UnitState, Option<Span>)> + 'a {
    let mut traced = 0;
    units_with_sessions(world, sessions).map(move |(unit, number)| {
        let node = traced;
        let process = &sessions.way(number).process;
        traced += u32::from(matches!(process, Process::Trace(_)));
        let (up, first) = first_period(world, process, (unit, node));
        let state = UnitState {
            unit,
            node,
            way: number,
            up,
            period: 0,
        };
        (state, first)
    })
}

/// The units that are down at time 0, ascending.
pub(super) fn absent_at_start(world: &World) -> Vec<UnitId> {
    let Some(sessions) = world.config.alternating() else {
        return Vec::new();
    };
    let absent = states(world, &sessions).filter(|(state, _)| !state.up);
    absent.map(|(state, _)| state.unit).collect()
}

/// Whether there are nodes in the trace for all units that come and go by it.
pub(super) fn check_trace(world: &World) -> Result<()> {
    let Some(sessions) = world.config.alternating() else {
        return Ok(());
    };
    let trace_of = |number| match &sessions.way(number).process {
        Process::Trace(trace) => trace.as_ref(),
        Process::Laws(_) => None,
    };
    let mut traced =
        units_with_sessions(world, &sessions).filter_map(|(_, number)| trace_of(number));
    let Some(trace) = traced.next() else {
        return Ok(());
    };
    let checked = trace.check_units(1 + traced.count());
    checked.map_err(|error| world.config.at_trace(error))
}

/// What is to be expected of comings and goings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expected {
    /// How many units come and go, about.
    units: f64,
    /// How often all together, about.
    pub(super) changes: f64,
    /// How long the request phase takes, about, in s.
    phase_s: f64,
}

/// What is to be expected with these brokers. Those of a trace are not counted: they have room in a file.
pub(super) fn expected<M: Mechanism>(config: &config::World, brokers: &Brokers) -> Expected {
    let phase_s = config.phase_s();
    let mut all = Expected {
        units: 0.0,
        changes: 0.0,
        phase_s,
    };
    let Some(sessions) = config.alternating() else {
        return all;
    };
    let mut add = |way: Option<(u32, &Way)>, units: f64| {
        if let Some(Process::Laws(alternation)) = way.map(|(_, way)| &way.process)
            && units > 0.0
            && alternation.changes()
        {
            let most = Span::from_ns((phase_s * 1e9) as u64);
            all.units += units;
            all.changes += alternation.changes_per_s(1, most) * units * phase_s;
        }
    };
    let led = M::BROKERS.of(brokers).iter();
    let led = led.filter(|broker| broker.parent.is_some()).count();
    add(sessions.of_broker(), led as f64);
    let computers = brokers.list().len() as f64 * config.gcus_per_broker.mean();
    let shares = config.classes.iter().map(|class| class.share.0);
    let of_all = config.classes.is_empty().then_some(1.0);
    for (class, share) in shares.chain(of_all).enumerate() {
        add(sessions.of_computer(class), computers * share);
    }
    all
}

/// Checks that units do not come and go more often than can be simulated.
///
/// # Errors
/// If they do.
pub(super) fn check_count(expected: Expected) -> Result<()> {
    let Expected {
        units,
        changes,
        phase_s,
    } = expected;
    if changes <= CHANGES_MAX {
        return Ok(());
    }
    let often = if changes < 1e15 {
        format!("about {changes:.0} times")
    } else {
        "without end".to_owned()
    };
    Err(Error::new(format!(
        "{units:.0} units would come and go {often} in the {phase_s:.0} s of the request phase; at \
         most {CHANGES_MAX} times are simulated"
    ))
    .at("/system/*/sessions")
    .help(
        "make `up` or `down` longer, or shorten the phase, which lasts until the last request could \
         have been served: see `for_s`, `count`, `deadline_ms` and `service_time_ms` of `requests`",
    ))
}

/// Whether a unit, the `node`-th of those that follow the trace, is up at time 0, and when that ends, if it does.
fn first_period(
    world: &World,
    process: &Process,
    (unit, node): (UnitId, u32),
) -> (bool, Option<Span>) {
    match process {
        Process::Laws(alternation) => alternation.first_lasting(&mut stream(world, unit, 0)),
        Process::Trace(trace) => {
            let trace = trace.as_deref();
            let up = trace.is_none_or(|trace| trace.is_up_at_start(node as usize));
            (up, traced_end(trace, node, 0))
        }
    }
}

/// When the period numbered `period` of a node in the trace ends, if it does.
fn traced_end(trace: Option<&Trace>, node: u32, period: u32) -> Option<Span> {
    trace?.change(node as usize, period as usize)
}

/// The units that have sessions, ascending, each with the number of the way in which it comes and goes. Those that
/// are disconnected for good have none, nor has the root, which never leaves.
pub(super) fn units_with_sessions<'a>(
    world: &'a World,
    sessions: &'a Alternating,
) -> impl Iterator<Item = (UnitId, u32)> + 'a {
    let units = world.units();
    units.filter_map(|unit| Some((unit, way_of(world, sessions, unit)?)))
}

/// The number of the way in which `unit` comes and goes, if it does.
fn way_of(world: &World, sessions: &Alternating, unit: UnitId) -> Option<u32> {
    let way = if unit.kind() == GCU {
        let computer = world.population.computer(unit.index());
        let class = world.class_number(computer);
        sessions.of_computer(class.unwrap_or_default())
    } else {
        let is_root = world.gbus()[unit.index() as usize].parent.is_none();
        sessions.of_broker().filter(|_| !is_root)
    };
    let (number, _) = way?;
    (!world.disconnected.contains(&unit)).then_some(number)
}

/// How `unit` goes, if it comes and goes.
pub(super) fn leave_of(world: &World, sessions: &Alternating, unit: UnitId) -> Option<Leave> {
    way_of(world, sessions, unit).map(|number| sessions.way(number).leave)
}

/// The draws of a unit's period.
fn stream(world: &World, unit: UnitId, period: u32) -> Stream {
    let (id, entity) = if unit.kind() == GCU {
        let computer = world.population.computer(unit.index());
        (stream::COMPUTER_SESSION, computer.entity())
    } else {
        (stream::BROKER_SESSION, unit.index().into())
    };
    world.streams.stream_from(id, entity, first_draw(period))
}
