//! The stages of a run: registration, who leaves or crashes before the requests, and the request phase.
//!
//! They do *not* know what a unit does when it comes or goes, nor how a request is answered.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use smallvec::SmallVec;

use super::config::{DisconnectionMode, Leave};
use super::environment::{self, Change, deferred, linking, merged, watching};
use super::sessions::leave_of;
use super::{Command, Discovery, Mechanism, faults, gcu};
use crate::system::{Act, Environment, Inputs, Stage};
use crate::time::Span;
use crate::unit::{Input, Protocol, UnitId};

impl<M: Mechanism> Discovery<M> {
    /// The stages of a run. Where something may be retried for ever, the last one ends with the
    /// observation, and those before it must come to rest in time.
    pub(super) fn observed_stages(&self) -> Vec<Stage<M::Protocol>> {
        let mut stages = self.before_requests();
        if let Some(patience) = self.mechanism.patience().filter(|_| self.lossy) {
            for stage in &mut stages {
                (stage.until, stage.must_rest) = (Some(patience), true);
            }
        }
        let world = &self.world;
        let config = &world.config;
        let endless = config.has_comings() || config.renewal().is_some();
        let endless = endless || self.mechanism.watches().is_some();
        stages.push(Stage {
            until: (endless || self.lossy).then(|| world.last()),
            ..self.request_phase(self.changes())
        });
        stages
    }

    /// The stages of a run that comes to rest. At the end all units come back, the network becomes calm if the
    /// overlay is to heal, units stop watching each other once the return of all is known, and all pending
    /// events are handled.
    pub(super) fn stages_to_rest(&self) -> Vec<Stage<M::Protocol>> {
        let mut stages = self.before_requests();
        let mut changes: Vec<Change<M::Protocol>> = self.changes().collect();
        changes.extend(self.finale(&changes));
        let last = changes.last().map_or(Span::ZERO, |(at, ..)| *at);
        let last = last.max(self.world.last());
        let longest = self.calm.filter(|_| self.mechanism.features().heals);
        if let Some(quiet) = self.mechanism.quiet() {
            let all_arrived = last.saturating_add(longest.unwrap_or_default());
            let end = all_arrived.saturating_add(quiet);
            let units = self.world.units();
            changes.extend(units.map(|unit| (end, unit, Act::Command(Command::Unwatch))));
        }
        stages.push(Stage {
            calm_after: longest.map(|_| last),
            ..self.request_phase(changes.into_iter())
        });
        stages
    }

    fn before_requests(&self) -> Vec<Stage<M::Protocol>> {
        let mut stages = Vec::new();
        if self.mechanism.registers() {
            let all = self.world.units();
            let all = all.map(|unit| (Span::ZERO, unit, Input::Start));
            stages.push(Stage {
                measured: false,
                ..Stage::of(Inputs::made(all))
            });
        }
        let world = &self.world;
        let mut leavers = world.absent.clone();
        if !self.crash_at_first() {
            leavers.extend(&world.disconnected);
            leavers.sort_unstable();
        }
        // Where units crash at the beginning nobody leaves, unless others are absent then.
        if !self.crash_at_first() || world.config.has_comings() {
            stages.push(before(leavers, || Act::Command(Command::Leave)));
        }
        if world.config.has_restarts() {
            stages.push(before(self.dead_at_first(), || Act::Crash));
        }
        stages
    }

    /// The request phase, in which `changes` happen to units.
    fn request_phase(
        &self,
        changes: impl Iterator<Item = Change<M::Protocol>> + 'static,
    ) -> Stage<M::Protocol> {
        let config = &self.world.config;
        let changes = linking(changes);
        let changes: Box<dyn Iterator<Item = Change<M::Protocol>>> =
            if self.mechanism.watches().is_some() {
                Box::new(watching(changes, self.watches()))
            } else {
                Box::new(changes)
            };
        let environment = if config.renewal().is_some() {
            Environment::made(deferred(changes, self.dead_at_first()))
        } else {
            Environment::made(changes)
        };
        Stage {
            environment,
            clock_restarts: self.crash_at_first() || config.has_comings(),
            ..Stage::of(self.issues())
        }
    }

    /// Of the units that are down when the requests begin, and come later, those that have crashed.
    fn dead_at_first(&self) -> BTreeSet<UnitId> {
        let mut dead = faults::down_at_start(&self.world);
        if let Some(sessions) = self.world.config.alternating() {
            let leave = |unit: &UnitId| leave_of(&self.world, &sessions, *unit);
            let absent = self.world.absent.iter().copied();
            dead.extend(absent.filter(|unit| leave(unit) == Some(Leave::Crash)));
        }
        dead
    }

    /// When each unit begins to watch, ascending.
    fn watches(&self) -> Vec<(Span, UnitId)> {
        let units = self.world.units();
        let from = units.map(|unit| (self.mechanism.watches_from(unit), unit));
        let last = self.world.last();
        let mut from: Vec<(Span, UnitId)> = from.filter(|(at, _)| *at <= last).collect();
        from.sort_unstable();
        from
    }

    /// Whether the units that are disconnected crash as the requests begin.
    fn crash_at_first(&self) -> bool {
        self.world.config.disconnection.mode == DisconnectionMode::Crash
    }

    /// The events that happen to units in the request phase as long as requests can be open or served.
    fn changes(&self) -> impl Iterator<Item = Change<M::Protocol>> + use<M> {
        let mut crashed = Vec::new();
        if self.crash_at_first() {
            let units = self.world.disconnected.iter();
            crashed.extend(units.map(|&unit| (Span::ZERO, unit, Act::Crash)));
        }
        let sessions = self.world.config.alternating();
        let last = self.world.last();
        let changes = environment::changes(&self.world, sessions.as_ref(), last);
        let told = self.mechanism.crossings().told(last);
        let told = told.map(|(at, unit, command)| (at, unit, Act::Command(command)));
        crashed.into_iter().chain(merged(changes, told))
    }

    /// The units that come back after all `changes`, and how: all that are away. Those that unregistered for
    /// good stay away, and so do those that crashed, if no leader would register them again.
    fn finale(&self, changes: &[Change<M::Protocol>]) -> Vec<Change<M::Protocol>> {
        let dead = self.dead_at_first();
        let absent = self.world.absent.iter().map(|unit| {
            let is_dead = dead.contains(unit);
            (
                *unit,
                if is_dead {
                    Some(Act::Restart)
                } else {
                    Some(Act::Command(Command::Join))
                },
            )
        });
        // How each comes back, if it is away.
        let mut back: BTreeMap<UnitId, Option<Act<M::Protocol>>> = absent.collect();
        for (_, unit, act) in changes {
            // A dead unit gets no messages.
            let is_dead = matches!(back.get(unit), Some(Some(Act::Restart)));
            let comes = match act {
                Act::Command(_) if is_dead => continue,
                Act::Crash => Some(Act::Restart),
                Act::Command(Command::Leave) => Some(Act::Command(Command::Join)),
                Act::Restart | Act::Command(Command::Join | Command::Settle { .. }) => None,
                Act::Command(_) | Act::Move(_) => continue,
            };
            back.insert(*unit, comes);
        }
        let at = changes
            .last()
            .map_or(Span::ZERO, |(at, ..)| *at)
            .max(self.world.last());
        let at = at + Span::from_ns(1);
        let away = back
            .into_iter()
            .filter_map(|(unit, act)| Some((at, unit, act?)));
        let taken_up =
            self.lossy || self.world.config.has_restarts() || self.mechanism.watches().is_some();
        let for_good = |unit: &UnitId| self.world.disconnected.contains(unit) && !taken_up;
        away.filter(|(_, unit, _)| !for_good(unit)).collect()
    }

    /// The requests, each an input of its computer.
    pub(super) fn issues(&self) -> Inputs<M::Protocol> {
        let world = Arc::clone(&self.world);
        let instances = world.config.requests.wanted(0);
        let requests = Arc::clone(&self.world);
        let issued = move |id| {
            let request = requests.requests.get(id as usize)?;
            Some((request.after, request.computer))
        };
        Inputs::made(in_order(issued).map(move |id: u32| {
            let issued = &world.requests[id as usize];
            let request = world.query_of(id);
            let command = if world.parts.is_empty() {
                Command::Issue {
                    request,
                    demand: issued.service,
                    instances,
                }
            } else {
                Command::IssueAll { request }
            };
            (issued.after, gcu(issued.computer), Input::Command(command))
        }))
    }
}

/// The numbers of the requests, ascending by (span, computer), which `issued` tells of each number there is. They
/// come in the order of their times, so that only those of one instant are sorted, as they are taken: a list of all
/// would be as long as there are requests.
fn in_order(issued: impl Fn(u32) -> Option<(Span, u32)>) -> impl Iterator<Item = u32> {
    let mut next = 0;
    let mut tied: SmallVec<[(u32, u32); 4]> = SmallVec::new();
    std::iter::from_fn(move || {
        if tied.is_empty() {
            let (now, _) = issued(next)?;
            while let Some((after, computer)) = issued(next)
                && after == now
            {
                tied.push((computer, next));
                next += 1;
            }
            // The first one last, where it is taken from.
            tied.sort_unstable_by_key(|&place| Reverse(place));
        }
        tied.pop().map(|(_, id)| id)
    })
}

/// A stage before the request phase in which something happens to `units` (ascending), all at once.
fn before<P: Protocol + 'static>(
    units: impl IntoIterator<Item = UnitId, IntoIter: 'static>,
    act: fn() -> Act<P>,
) -> Stage<P> {
    let all = units.into_iter().map(move |unit| (Span::ZERO, unit, act()));
    Stage {
        environment: Environment::made(all),
        clock_restarts: true,
        measured: false,
        ..Stage::of(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_of_one_instant_come_by_computer() {
        let issued = [
            (0, 5),
            (0, 2),
            (3, 9),
            (4, 7),
            (4, 1),
            (4, 7),
            (4, 0),
            (6, 3),
        ];
        let of = |id: u32| {
            let (after, computer) = *issued.get(id as usize)?;
            Some((Span::from_ns(after), computer))
        };
        let mut sorted: Vec<u32> = (0..issued.len() as u32).collect();
        sorted.sort_by_key(|&id| issued[id as usize]);
        assert_eq!(in_order(of).collect::<Vec<_>>(), sorted);
        assert_eq!(in_order(|_| None).count(), 0);
    }
}
