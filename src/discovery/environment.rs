//! The events that happen to units in the request phase: they come and go, fail and come back, are told to watch
//! each other, and what computers offer changes.
//!
//! It does *not* know when that is, nor what a unit does then.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::iter;
use std::sync::Arc;

use super::config::{Alternating, Leave};
use super::faults::{self, Failures, Lives, Turn};
use super::renewal::Renewals;
use super::scripted::{self, Deed};
use super::sessions::{self, Changes};
use super::{Command, World};
use crate::system::Act;
use crate::time::Span;
use crate::unit::{Protocol, UnitId};

/// An event that happens to a unit.
pub(super) type Change<P> = (Span, UnitId, Act<P>);

/// All events that happen to the units of `world` up to the instant `last`, ascending by (span, unit).
pub(super) fn changes<P: Protocol<Command = Command>>(
    world: &Arc<World>,
    sessions: Option<&Alternating>,
    last: Span,
) -> impl Iterator<Item = Change<P>> + use<P> {
    let faults = world.config.faults.as_ref();
    let mut lives = faults.map(|_| lives(world, sessions));
    let failures = faults.map(|faults| Failures::new(world, faults, last));
    let failures = failures.into_iter().flatten();
    let failures = failures.map(|(at, unit, ends)| (at, unit, Cause::Failure { ends }));
    let sessions = sessions.map(|sessions| Changes::new(world, sessions, last));
    let sessions = sessions.into_iter().flatten();
    let sessions = sessions.map(|(at, unit, (leave, up))| (at, unit, Cause::Session { leave, up }));
    let comings = merged(failures, sessions).filter_map(move |(at, unit, cause)| {
        let act = match (cause, lives.as_mut()) {
            (Cause::Failure { ends }, lives) => lives?.failure(unit, ends).map(turn)?,
            (Cause::Session { leave, up }, lives) => {
                let turned = lives.and_then(|all| all.session(unit, up, leave == Leave::Crash));
                match turned {
                    Some(turned) => turn(turned?),
                    None => act(leave, up),
                }
            }
        };
        Some((at, unit, act))
    });
    let renewal = world.config.renewal();
    let renewals = renewal.map(|law| {
        let all = Renewals::new(world, law, last);
        all.map(|(at, unit, number)| (at, unit, Act::Command(Command::Change { number })))
    });
    let scripted = Arc::clone(&world.scripted);
    let scripted = (0..scripted.len()).map(move |place| {
        let (at, unit, deed) = scripted[place];
        let act = match deed {
            Deed::Turn(turned) => turn(turned),
            Deed::Told(command) => Act::Command(command),
        };
        (at, unit, act)
    });
    merged(merged(comings, scripted), renewals.into_iter().flatten())
}

/// Why a unit comes or goes.
enum Cause {
    Failure { ends: bool },
    Session { leave: Leave, up: bool },
}

/// The units that may fail, as they are at time 0.
fn lives(world: &World, sessions: Option<&Alternating>) -> Lives {
    let failed = faults::down_at_start(world);
    let left: BTreeSet<UnitId> = sessions::absent_at_start(world).into_iter().collect();
    let mut lives = Lives::default();
    for unit in faults::units(world) {
        let [has_failed, has_left] = [&failed, &left].map(|all| all.contains(&unit));
        let leave = sessions.and_then(|sessions| sessions::leave_of(world, sessions, unit));
        let is_dead = has_failed || (has_left && leave == Some(Leave::Crash));
        lives.add(unit, !has_left, has_failed, is_dead);
    }
    lives
}

/// The units that come and go, by sessions, by failures or by a script; ascending.
pub(super) fn mobile(world: &World) -> BTreeSet<UnitId> {
    let mut units = faults::units(world);
    units.extend(scripted::mobile(&world.scripted));
    if let Some(sessions) = world.config.alternating() {
        units.extend(sessions::units_with_sessions(world, &sessions).map(|(unit, _)| unit));
    }
    units
}

/// Whether a broker that is away or disconnected as the requests begin leads its colony on: it has left, and not
/// crashed.
pub(super) fn leads_on(world: &World, broker: UnitId) -> bool {
    let leave = world.config.alternating();
    let leave = leave.and_then(|sessions| sessions::leave_of(world, &sessions, broker));
    let crashes = leave == Some(Leave::Crash) || faults::down_at_start(world).contains(&broker);
    // Those that crash for good do so at 0, which is seen.
    !crashes
}

/// The `changes`, together with the instants at which units begin to watch each other (`from`). A unit that comes
/// back begins to watch at once.
pub(super) fn watching<P: Protocol<Command = Command>>(
    changes: impl Iterator<Item = Change<P>>,
    from: Vec<(Span, UnitId)>,
) -> impl Iterator<Item = Change<P>> {
    let watch = |(at, unit)| (at, unit, Act::Command(Command::Watch));
    let mut told = None;
    let mut changes = merged(from.into_iter().map(watch), changes);
    iter::from_fn(move || {
        if let Some(change) = told.take() {
            return Some(watch(change));
        }
        let change = changes.next()?;
        told = matches!(change.2, Act::Restart).then_some((change.0, change.1));
        Some(change)
    })
}

/// How a unit that may fail comes or goes.
fn turn<P: Protocol<Command = Command>>(turn: Turn) -> Act<P> {
    match turn {
        Turn::Crash => Act::Crash,
        Turn::Restart => Act::Restart,
        Turn::Leave => Act::Command(Command::Leave),
        Turn::Join => Act::Command(Command::Join),
    }
}

/// How a unit comes or goes.
fn act<P: Protocol<Command = Command>>(leave: Leave, up: bool) -> Act<P> {
    match (leave, up) {
        (Leave::Unregister, true) => Act::Command(Command::Join),
        (Leave::Unregister, false) => Act::Command(Command::Leave),
        (Leave::Crash, true) => Act::Restart,
        (Leave::Crash, false) => Act::Crash,
    }
}

/// The `changes`, but a broker that comes back after a crash is told again which links were added or cut.
pub(super) fn linking<P: Protocol<Command = Command>>(
    mut changes: impl Iterator<Item = Change<P>>,
) -> impl Iterator<Item = Change<P>> {
    let mut links: BTreeMap<UnitId, BTreeMap<u32, bool>> = BTreeMap::new();
    let mut told = VecDeque::new();
    iter::from_fn(move || {
        if let Some(change) = told.pop_front() {
            return Some(change);
        }
        let (at, unit, act) = changes.next()?;
        match &act {
            Act::Command(Command::Link { peer }) => {
                links.entry(unit).or_default().insert(*peer, true);
            }
            Act::Command(Command::Unlink { peer }) => {
                links.entry(unit).or_default().insert(*peer, false);
            }
            Act::Restart => {
                let own = links.get(&unit).into_iter().flatten();
                told.extend(own.map(|(&peer, &is_linked)| {
                    let command = if is_linked {
                        Command::Link { peer }
                    } else {
                        Command::Unlink { peer }
                    };
                    (at, unit, Act::Command(command))
                }));
            }
            Act::Crash | Act::Command(_) | Act::Move(_) => {}
        }
        Some((at, unit, act))
    })
}

/// Two sequences, each ascending by (span, unit), as one; of equals those of the first one come first.
pub(crate) fn merged<T>(
    one: impl Iterator<Item = (Span, UnitId, T)>,
    other: impl Iterator<Item = (Span, UnitId, T)>,
) -> impl Iterator<Item = (Span, UnitId, T)> {
    let (mut one, mut other) = (one.peekable(), other.peekable());
    iter::from_fn(move || {
        let place = |(at, unit, _): &(Span, UnitId, T)| (*at, *unit);
        match (one.peek().map(place), other.peek().map(place)) {
            (Some(first), Some(second)) if second < first => other.next(),
            (Some(_), _) => one.next(),
            (None, _) => other.next(),
        }
    })
}

/// The `changes`, but a computer that is dead is told about changes of its offers when it comes back, and only
/// about the last one. The units in `dead` are dead at the beginning.
pub(super) fn deferred<P: Protocol<Command = Command>>(
    mut changes: impl Iterator<Item = Change<P>>,
    dead: BTreeSet<UnitId>,
) -> impl Iterator<Item = Change<P>> {
    let mut missed: BTreeMap<UnitId, Option<u32>> =
        dead.into_iter().map(|unit| (unit, None)).collect();
    let mut told = None;
    iter::from_fn(move || {
        if let Some(change) = told.take() {
            return Some(change);
        }
        loop {
            let (at, unit, act) = changes.next()?;
            match act {
                Act::Crash => _ = missed.entry(unit).or_default(),
                Act::Restart => {
                    let number = missed.remove(&unit).flatten();
                    let change = |number| (at, unit, Act::Command(Command::Change { number }));
                    told = number.map(change);
                }
                Act::Command(Command::Change { number }) => {
                    if let Some(missed) = missed.get_mut(&unit) {
                        *missed = Some(number);
                        continue;
                    }
                }
                Act::Command(_) | Act::Move(_) => {}
            }
            return Some((at, unit, act));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::{Observation, gcu};
    use crate::unit::Never;

    #[derive(Debug)]
    struct Silent;

    impl Protocol for Silent {
        type Message = Never;
        type Timer = Never;
        type Command = Command;
        type Observation = Observation;
    }

    fn told(changes: impl Iterator<Item = Change<Silent>>) -> Vec<(u64, u32, String)> {
        let told = |(at, unit, act): Change<Silent>| {
            let act = match act {
                Act::Crash => "crash".into(),
                Act::Restart => "restart".into(),
                Act::Command(Command::Change { number }) => number.to_string(),
                other => panic!("{other:?}"),
            };
            (at.as_ns(), unit.index(), act)
        };
        changes.map(told).collect()
    }

    #[test]
    fn the_dead_hear_of_the_last_change_as_they_come_back() {
        let change = |number| Act::Command(Command::Change { number });
        let dead = BTreeSet::from([gcu(2)]);
        let happens = [
            (1, 1, change(1)),
            (2, 1, Act::Crash),
            (2, 2, change(1)),
            (3, 1, change(2)),
            (4, 1, change(3)),
            (5, 1, Act::Restart),
            (5, 2, Act::Restart),
            (6, 1, change(4)),
            (7, 1, Act::Crash),
            (8, 1, Act::Restart),
        ];
        let happens = happens.map(|(at, id, act)| (Span::from_ns(at), gcu(id), act));
        let expected = [
            (1, 1, "1"),
            (2, 1, "crash"),
            (5, 1, "restart"),
            (5, 1, "3"),
            (5, 2, "restart"),
            (5, 2, "1"),
            (6, 1, "4"),
            (7, 1, "crash"),
            (8, 1, "restart"),
        ];
        let expected = expected.map(|(at, id, act)| (at, id, act.to_owned()));
        assert_eq!(told(deferred(happens.into_iter(), dead)), expected);
    }

    #[test]
    fn two_sequences_are_one_in_order() {
        let of = |list: &[(u64, u32, char)]| {
            let placed = |&(at, id, name)| (Span::from_ns(at), gcu(id), name);
            list.iter().map(placed).collect::<Vec<_>>()
        };
        let one = of(&[(1, 5, 'a'), (3, 1, 'c'), (3, 4, 'e')]);
        let other = of(&[(1, 9, 'b'), (3, 1, 'd'), (8, 0, 'f')]);
        let names = merged(one.into_iter(), other.into_iter());
        assert_eq!(names.map(|(.., name)| name).collect::<String>(), "abcdef");
    }
}
