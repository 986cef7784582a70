//! Failures: which units crash while requests run, and when they come back.
//!
//! Each unit alternates by itself where a law says so, in steady state from the beginning of the request
//! phase; others fail at stated times. It does *not* know who has sessions besides, nor what a failure does
//! to a unit.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::config::Faults;
use super::{GCU, World, stream};
use crate::error::{Error, Result};
use crate::random::Stream;
use crate::random::alternation::{Alternation, Due, first_draw};
use crate::time::Span;
use crate::unit::UnitId;

/// Stands for the period of a failure at a stated time, which no other follows.
const STATED: u32 = u32::MAX;

/// The failures of all units and their ends, ascending by (span since time 0, unit); `true`: it ends. They are
/// drawn as they are taken. Of one unit several can last at once.
#[derive(Debug)]
pub(super) struct Failures {
    world: Arc<World>,
    laws: [Option<Alternation>; 2],
    /// Of each failure and of each end of one: the unit, whether it ends, and the number of the period that begins then.
    due: Due<(UnitId, bool, u32)>,
}

impl Failures {
    /// Those of `world` up to the instant `last`.
    pub(super) fn new(world: &Arc<World>, faults: &Faults, last: Span) -> Self {
        let mut failures = Self {
            world: Arc::clone(world),
            laws: [0, 1].map(|kind| faults.law(kind)),
            due: Due::until(last),
        };
        for unit in by_law(world, faults) {
            if let Some(law) = &failures.laws[usize::from(unit.kind())] {
                let (up, first) = law.first_lasting(&mut period(world, unit, 0));
                failures.due.push(first, (unit, !up, 1));
            }
        }
        for fault in stated(world, faults) {
            let (crash, unit) = (Some(fault.crash()), fault.unit.0);
            failures.due.push(crash, (unit, false, STATED));
            failures.due.push(fault.restart(), (unit, true, STATED));
        }
        failures
    }
}

impl Iterator for Failures {
    type Item = (Span, UnitId, bool);

    fn next(&mut self) -> Option<Self::Item> {
        let (at, (unit, ends, _)) = self.due.take(|at, (unit, ends, number)| {
            let law = self.laws[usize::from(unit.kind())].as_ref();
            let law = law.filter(|_| number != STATED)?;
            let next = law.end(ends, at, &mut period(&self.world, unit, number));
            Some((next, (unit, !ends, number + 1)))
        })?;
        Some((at, unit, ends))
    }
}

/// The units that are down by a law at time 0.
pub(super) fn down_at_start(world: &World) -> BTreeSet<UnitId> {
    let Some(faults) = &world.config.faults else {
        return BTreeSet::new();
    };
    let laws = [0, 1].map(|kind| faults.law(kind));
    let down = by_law(world, faults).filter(|&unit| {
        let law = laws[usize::from(unit.kind())].as_ref();
        law.is_some_and(|law| !law.first(&mut period(world, unit, 0)).0)
    });
    down.collect()
}

/// The units that may fail, ascending.
pub(super) fn units(world: &World) -> BTreeSet<UnitId> {
    let Some(faults) = &world.config.faults else {
        return BTreeSet::new();
    };
    let stated = stated(world, faults).map(|fault| fault.unit.0);
    by_law(world, faults).chain(stated).collect()
}

/// The units that fail by a law. Those that are disconnected for good do not.
fn by_law<'a>(world: &'a World, faults: &'a Faults) -> impl Iterator<Item = UnitId> + 'a {
    let fails = |unit: &UnitId| {
        let failing = if unit.kind() == GCU {
            &faults.gcus
        } else {
            &faults.gbus
        };
        failing.is_some() && (faults.root || !is_root(world, *unit))
    };
    let units = world.units().filter(move |unit| fails(unit));
    units.filter(|unit| !world.disconnected.contains(unit))
}

/// The failures at stated times of the units that are not disconnected for good.
fn stated<'a>(
    world: &'a World,
    faults: &'a Faults,
) -> impl Iterator<Item = &'a super::config::FaultAt> {
    let all = faults.at.iter();
    all.filter(|fault| !world.disconnected.contains(&fault.unit.0))
}

fn is_root(world: &World, unit: UnitId) -> bool {
    unit.kind() != GCU && world.gbus()[unit.index() as usize].parent.is_none()
}

/// Whether the failures at stated times are of units that there are and may fail, before the end.
pub(super) fn check(world: &World) -> Result<()> {
    let Some(faults) = &world.config.faults else {
        return Ok(());
    };
    let last = world.last();
    for (fault, number) in faults.at.iter().zip(0..) {
        let place = |member: &str| format!("/system/*/faults/at/{number}/{member}");
        let unit = fault.unit;
        let (kind, count) = if unit.0.kind() == GCU {
            ("GCUs", world.population.len())
        } else {
            ("GBUs", world.gbus().len() as u32)
        };
        if unit.0.index() >= count {
            let what = format!("there is no {unit}");
            let help = format!("the number must be below {count}, the number of {kind}");
            return Err(Error::new(what).at(place("unit")).help(help));
        }
        if is_root(world, unit.0) && !faults.root {
            let what = format!("{unit} is the root, which does not fail");
            let help = "set `root` of `faults` to true, or choose another unit";
            return Err(Error::new(what).at(place("unit")).help(help));
        }
        if fault.crash() > last {
            let end_s = last.as_ns() as f64 / 1e9;
            let what =
                format!("{unit} would crash after the latest possible end, which is at {end_s} s");
            let help =
                "crash it earlier, or let the requests go on for longer: see `for_s` and `count`";
            return Err(Error::new(what).at(place("crash_s")).help(help));
        }
    }
    Ok(())
}

/// Which failures at stated times came to nothing in a run of which the last request ended at `end`; a sentence each.
pub(super) fn remarks(world: &World, end: Span) -> Vec<String> {
    let faults = world.config.faults.iter();
    let stated = faults.flat_map(|faults| faults.at.iter().zip(0_u32..));
    let seconds = |span: Span| span.as_ns() as f64 / 1e9;
    let remark = |(fault, number): (&super::config::FaultAt, u32)| {
        let (unit, at_s) = (fault.unit, seconds(fault.crash()));
        if world.disconnected.contains(&unit.0) {
            let why = "it is disconnected for good from the beginning";
            return Some(format!(
                "{unit} does not crash at {at_s} s, as {why}: /system/*/faults/at/{number} has no effect"
            ));
        }
        (fault.crash() >= end).then(|| {
            format!(
                "{unit} was to crash at {at_s} s, and the last request ended at {} s: /system/*/faults/at/{number} has no effect",
                seconds(end)
            )
        })
    };
    stated.filter_map(remark).collect()
}

/// The draws of a unit's period.
fn period(world: &World, unit: UnitId, number: u32) -> Stream {
    let (id, entity) = if unit.kind() == GCU {
        let computer = world.population.computer(unit.index());
        (stream::COMPUTER_FAULT, computer.entity())
    } else {
        (stream::BROKER_FAULT, unit.index().into())
    };
    world.streams.stream_from(id, entity, first_draw(number))
}

/// How a unit goes or comes that has failures, and perhaps sessions besides: it is up when both are.
#[derive(Debug, Default)]
pub(super) struct Lives {
    units: BTreeMap<UnitId, Life>,
}

/// What keeps a unit up or down.
#[derive(Debug, Clone, Copy)]
struct Life {
    in_session: bool,
    /// How many failures last.
    failures: u32,
    /// Whether it has crashed, and not come back.
    is_dead: bool,
}

/// What becomes of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It crashes.
    Crash,
    /// It comes back, without memory.
    Restart,
    /// It is told to leave.
    Leave,
    /// It is told to come back.
    Join,
}

impl Life {
    fn is_up(self) -> bool {
        self.in_session && self.failures == 0
    }
}

impl Lives {
    /// The unit is in this state at time 0.
    pub(super) fn add(&mut self, unit: UnitId, in_session: bool, has_failed: bool, is_dead: bool) {
        let failures = u32::from(has_failed);
        let life = Life {
            in_session,
            failures,
            is_dead,
        };
        self.units.insert(unit, life);
    }

    /// A failure of `unit` begins or `ends`.
    pub(super) fn failure(&mut self, unit: UnitId, ends: bool) -> Option<Turn> {
        let life = self.units.get_mut(&unit)?;
        if ends {
            life.failures = life.failures.saturating_sub(1);
            return life.is_up().then(|| life.come());
        }
        life.failures += 1;
        (!std::mem::replace(&mut life.is_dead, true)).then_some(Turn::Crash)
    }

    /// A session of `unit` begins (`up`) or ends; `crashes`: by a crash. Of units without failures nothing is
    /// kept: `None`.
    #[expect(
        clippy::option_option,
        reason = "not kept, kept without a turn, and a turn are three things"
    )]
    pub(super) fn session(
        &mut self,
        unit: UnitId,
        up: bool,
        crashes: bool,
    ) -> Option<Option<Turn>> {
        let life = self.units.get_mut(&unit)?;
        let was_up = life.is_up();
        life.in_session = up;
        Some(if up {
            life.is_up().then(|| life.come())
        } else if !was_up {
            None
        } else if crashes {
            life.is_dead = true;
            Some(Turn::Crash)
        } else {
            Some(Turn::Leave)
        })
    }
}

impl Life {
    /// Comes up.
    fn come(&mut self) -> Turn {
        if std::mem::replace(&mut self.is_dead, false) {
            Turn::Restart
        } else {
            Turn::Join
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::gbu;

    #[test]
    fn a_unit_is_up_when_its_session_is_and_nothing_has_failed() {
        let mut lives = Lives::default();
        let unit = gbu(1);
        lives.add(unit, true, false, false);
        assert_eq!(
            lives.session(gbu(2), false, false),
            None,
            "it has no failures"
        );
        assert_eq!(lives.session(unit, false, false), Some(Some(Turn::Leave)));
        assert_eq!(
            lives.failure(unit, false),
            Some(Turn::Crash),
            "it still led its colony"
        );
        assert_eq!(lives.failure(unit, false), None, "it is dead");
        assert_eq!(
            lives.session(unit, true, false),
            Some(None),
            "it has failed"
        );
        assert_eq!(lives.failure(unit, true), None, "so it has in another way");
        assert_eq!(lives.failure(unit, true), Some(Turn::Restart));
        assert_eq!(lives.session(unit, false, true), Some(Some(Turn::Crash)));
        assert_eq!(lives.session(unit, true, true), Some(Some(Turn::Restart)));
    }

    #[test]
    fn who_has_left_and_not_failed_joins() {
        let mut lives = Lives::default();
        let unit = gbu(1);
        lives.add(unit, false, false, false);
        assert_eq!(lives.session(unit, true, false), Some(Some(Turn::Join)));
    }
}
