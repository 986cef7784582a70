//! Parts of one run, played side by side: conservative windows (Chandy, Misra: *Distributed
//! simulation: a case study in design and verification of distributed programs*, 1979; in the
//! synchronous form of Lubachevsky, CACM 32, 1989).
//!
//! Each part has a driver of its own on a thread of its own. All of them know the earliest instant
//! at which anything is pending anywhere; whatever is sent from one part to another at that instant
//! or later arrives after at least the division's lookahead. So until then each part can go on by
//! itself: that is a window. Then they exchange what they have sent each other, and the next window
//! begins at what is now the earliest instant. The order of events is by key, not by insertion, so
//! each unit handles the same inputs in the same order as in a run of one piece, and what is told
//! of the run is the same to the byte. This module does *not* know where a network is cut.

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, ScopedJoinHandle};

use super::boundary::Boundary;
use super::{Decomposition, Driver, Event, RestDue, Run, Setting};
use crate::event_queue::Key;
use crate::system::{Divisible, Expected, Stage, System, Totals};
use crate::time::{Span, Time};
use crate::unit::{ByKind, Protocol, UnitId};

/// Runs `system` to its end on as many threads as `decomposition` has parts: what [`super::run`] does,
/// and the same.
///
/// # Errors
/// If the threads cannot be started.
pub fn run_divided<S: System>(
    system: S,
    setting: Setting<'_>,
    decomposition: &Decomposition,
    divisible: &Divisible<S>,
) -> std::io::Result<Run<S>> {
    let expected = setting.expected();
    run_stages(
        system,
        S::stages,
        (setting, &expected),
        (decomposition, divisible),
    )
}

/// Like [`run_divided`], until everything has come to rest ([`Model::to_rest`](crate::system::Model::to_rest)).
///
/// # Errors
/// If the threads cannot be started.
pub fn run_divided_to_rest<S: System>(
    system: S,
    setting: Setting<'_>,
    decomposition: &Decomposition,
    divisible: &Divisible<S>,
) -> std::io::Result<Run<S>> {
    let expected = setting.expected_at_rest(&system);
    run_stages(
        system,
        S::to_rest,
        (setting, &expected),
        (decomposition, divisible),
    )
}

fn run_stages<S: System>(
    system: S,
    stages: fn(&S) -> Vec<Stage<S::Protocol>>,
    (setting, expected): (Setting<'_>, &Expected),
    (decomposition, divisible): (&Decomposition, &Divisible<S>),
) -> std::io::Result<Run<S>> {
    let process_of = ProcessOf::of(&system, decomposition);
    let systems = take_apart(system, &process_of, decomposition.parts(), divisible);
    let played = thread::scope(|scope| {
        let mut threads = Vec::new();
        for (system, part) in systems.into_iter().zip(parts(decomposition, &process_of)) {
            let play = move || {
                let watch = &mut ();
                let mut driver = Driver::new(system, setting, expected, watch, part);
                for stage in stages(&driver.system) {
                    driver.run_process(stage)?;
                    // The last instant passes for all parts or for none.
                    if driver.rest == RestDue::Missed {
                        break;
                    }
                }
                Ok(driver.finish())
            };
            // If one cannot be started, those that have been find no peer and end.
            threads.push(thread::Builder::new().spawn_scoped(scope, play)?);
        }
        let ended: Vec<_> = threads.into_iter().map(ScopedJoinHandle::join).collect();
        let mut runs = Vec::new();
        for end in ended {
            match end {
                Ok(Ok(run)) => runs.push(run),
                // Another one panicked, and tells.
                Ok(Err(PeerEnded)) => {}
                Err(panic) => resume_unwind(panic),
            }
        }
        Ok::<_, std::io::Error>(runs)
    })?;
    let mut run = put_together(played, &process_of, divisible);
    run.system.conclude(setting.underlay, &run.measures);
    Ok(run)
}

/// The part of each unit, by kind; routers have theirs too.
struct ProcessOf(ByKind<Vec<u32>>);

impl ProcessOf {
    fn of<S: System>(system: &S, decomposition: &Decomposition) -> Self {
        let mut kinds: ByKind<Vec<u32>> = ByKind::default();
        for (unit, site) in system.sites() {
            kinds.of_mut(unit).push(decomposition.part_of(site.router));
        }
        *kinds.of_mut(UnitId::new(UnitId::ROUTER, 0)) = decomposition.parts_of_routers().to_vec();
        Self(kinds)
    }

    #[inline]
    fn of_unit(&self, unit: UnitId) -> usize {
        self.0.of(unit)[unit.index() as usize] as usize
    }

    /// The units of a system that are at home in other parts than the first one.
    fn abroad(&self) -> impl Iterator<Item = (UnitId, usize)> {
        let kinds = self.0.iter().filter(|(kind, _)| *kind != UnitId::ROUTER);
        let units = kinds.flat_map(|(kind, process_of)| {
            let units = (0..).map(move |index| UnitId::new(kind, index));
            units.zip(process_of.iter().map(|&part| part as usize))
        });
        units.filter(|(_, part)| *part > 0)
    }
}

/// A system for each part, in which the units of that part have their state.
fn take_apart<S: System>(
    mut system: S,
    process_of: &ProcessOf,
    parts: usize,
    divisible: &Divisible<S>,
) -> Vec<S> {
    let mut others: Vec<S> = (1..parts)
        .map(|_| (divisible.placeholder)(&system))
        .collect();
    for (unit, part) in process_of.abroad() {
        (divisible.swap)(&mut system, &mut others[part - 1], unit);
    }
    [system].into_iter().chain(others).collect()
}

/// The run, out of those of its parts.
fn put_together<S: System>(
    runs: Vec<Run<S>>,
    process_of: &ProcessOf,
    divisible: &Divisible<S>,
) -> Run<S> {
    let mut totals = Totals::default();
    let is_overdue = runs.iter().any(|run| run.is_overdue);
    let (mut systems, mut observed) = (Vec::new(), Vec::new());
    for run in runs {
        totals = totals.with(run.totals);
        systems.push(run.system);
        observed.push(run.measures);
    }
    let mut others = systems.split_off(1);
    let mut system = systems.remove(0);
    for (unit, part) in process_of.abroad() {
        (divisible.swap)(&mut system, &mut others[part - 1], unit);
    }
    Run {
        system,
        measures: (divisible.merge)(observed),
        totals,
        is_overdue,
    }
}

/// What one part tells another at the end of a window.
struct ProcessMessage<P: Protocol> {
    /// What it has sent there.
    events: Vec<(Key, Event<P>)>,
    /// When the next event is due of all that is pending with it or that it has sent.
    next: Option<Time>,
    /// The last instant that it has come to.
    now: Time,
}

/// Another part.
struct Peer<P: Protocol> {
    outbox: Vec<(Key, Event<P>)>,
    to: SyncSender<ProcessMessage<P>>,
    from: Receiver<ProcessMessage<P>>,
}

/// The border of the part `me`.
struct LogicalProcess<'d, P: Protocol> {
    lookahead: Span,
    process_of: &'d ProcessOf,
    me: usize,
    /// When the first event in an outbox is due.
    first: Option<Time>,
    peers: BTreeMap<usize, Peer<P>>,
}

/// A peer has panicked.
struct PeerEnded;

/// A part is ahead of another by no more than this: it sends a parcel, waits for the other's, plays
/// a window, and may send the next one before the first is taken.
const PARCELS_MAX: usize = 2;

/// The parts, each with a line to each other.
fn parts<'d, P: Protocol>(
    decomposition: &Decomposition,
    process_of: &'d ProcessOf,
) -> Vec<LogicalProcess<'d, P>> {
    let part = |me| LogicalProcess {
        lookahead: decomposition.lookahead(),
        process_of,
        me,
        first: None,
        peers: BTreeMap::new(),
    };
    let mut parts: Vec<LogicalProcess<'d, P>> = (0..decomposition.parts()).map(part).collect();
    for a in 0..decomposition.parts() {
        for b in 0..a {
            let (to_b, from_a) = sync_channel(PARCELS_MAX);
            let (to_a, from_b) = sync_channel(PARCELS_MAX);
            let peer = |to, from| Peer {
                outbox: Vec::new(),
                to,
                from,
            };
            parts[a].peers.insert(b, peer(to_b, from_b));
            parts[b].peers.insert(a, peer(to_a, from_a));
        }
    }
    parts
}

impl<P: Protocol> Boundary<P> for LogicalProcess<'_, P> {
    #[inline]
    fn beyond(&self, unit: UnitId) -> Option<usize> {
        Some(self.process_of.of_unit(unit)).filter(|part| *part != self.me)
    }

    fn post(&mut self, part: usize, key: Key, event: Event<P>) {
        self.first = earlier(self.first, Some(key.time));
        let peer = self.peers.get_mut(&part);
        let peer = peer.expect("every other part is a peer");
        peer.outbox.push((key, event));
    }
}

impl<S: System> Driver<'_, '_, S, (), LogicalProcess<'_, S::Protocol>> {
    /// Plays this part's share of a stage to the stage's end, which is the same everywhere.
    fn run_process(&mut self, stage: Stage<S::Protocol>) -> Result<(), PeerEnded> {
        let (process_of, me) = (self.border.process_of, self.border.me);
        let is_here = move |unit| process_of.of_unit(unit) == me;
        let (mut outside, last) = self.begin(stage, is_here);
        let window = self.border.lookahead - Span::from_ns(1);
        loop {
            let pending = self.event_queue.peek().map(|key| key.time);
            match self.exchange(earlier(pending, outside.next()))? {
                Some(start) if start > last => {
                    self.cut(last);
                    return Ok(());
                }
                // Time ends before the last window does, if that one begins late enough.
                Some(start) => {
                    self.play_through(&mut outside, start.saturating_add(window).min(last));
                }
                None => return Ok(()),
            }
        }
    }

    /// Gives the other parts what has been sent there, and takes what they have sent; when the next
    /// event is due anywhere, `next` being that of those at hand. If there is none, the clock is
    /// set to where the last of the parts has come.
    fn exchange(&mut self, next: Option<Time>) -> Result<Option<Time>, PeerEnded> {
        let mut start = earlier(next, self.border.first.take());
        let next = start;
        let mut latest = self.now;
        for peer in self.border.peers.values_mut() {
            let message = ProcessMessage {
                events: std::mem::take(&mut peer.outbox),
                next,
                now: self.now,
            };
            peer.to.send(message).map_err(|_| PeerEnded)?;
        }
        for peer in self.border.peers.values_mut() {
            let mut message = peer.from.recv().map_err(|_| PeerEnded)?;
            for (key, event) in message.events.drain(..) {
                self.event_queue.schedule(key, event);
            }
            // Kept for its capacity.
            peer.outbox = message.events;
            start = earlier(start, message.next);
            latest = latest.max(message.now);
        }
        if start.is_none() {
            self.now = latest;
        }
        Ok(start)
    }
}

/// The earlier of two instants, if there is one.
fn earlier(a: Option<Time>, b: Option<Time>) -> Option<Time> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
