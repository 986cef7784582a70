//! What happens to units, as labels: they are told something, crash and come back; requests begin and end.
//!
//! It does *not* know tables of members.

use super::{Apply, Followed, Wishes, name};
use crate::calculus::{Failure, Name, Rule, State};
use crate::discovery::{Command, GCU, Mechanism, gbu};
use crate::system::Happened;
use crate::unit::{Input, UnitId};

/// Whether a computer is told to issue a request.
fn is_issue(command: &Command) -> bool {
    matches!(command, Command::Issue { .. } | Command::IssueAll { .. })
}

impl Followed {
    /// Whether nothing of this is a label, if nothing is said.
    pub(in crate::discovery) fn is_nothing<M: Mechanism>(
        happened: &Happened<'_, M::Protocol>,
    ) -> bool {
        match happened {
            Happened::Crash | Happened::Restart => false,
            Happened::Given(Input::Command(command)) => {
                let is_told = matches!(
                    command,
                    Command::Link { .. }
                        | Command::Unlink { .. }
                        | Command::Leave
                        | Command::Join
                        | Command::Settle { .. }
                        | Command::Unwatch
                );
                !is_issue(command) && !is_told
            }
            Happened::Message(from, message) => from.kind() != GCU || !M::is_query(message),
            Happened::Given(_) | Happened::Other => true,
        }
    }

    /// Something happens to `unit`.
    pub(in crate::discovery) fn happens<M: Mechanism>(
        &mut self,
        unit: UnitId,
        happened: &Happened<'_, M::Protocol>,
        apply: Apply,
    ) -> Result<(), Failure> {
        match happened {
            Happened::Crash => self.crash(unit, apply),
            Happened::Restart => self.restart(unit, apply),
            Happened::Given(Input::Command(command)) => self.told(unit, command, apply),
            Happened::Message(from, message) if M::is_query(message) => {
                self.asks((*from, unit), apply)
            }
            Happened::Given(_) | Happened::Message(..) | Happened::Other => Ok(()),
        }
    }

    fn told(&mut self, unit: UnitId, command: &Command, apply: Apply) -> Result<(), Failure> {
        match command {
            command if is_issue(command) => {
                *self.open.entry(name(unit)).or_default() += 1;
                Ok(())
            }
            Command::Link { peer } => {
                let (one, other) = (name(unit), name(gbu(*peer)));
                self.told.insert((one.clone(), other.clone()));
                let knows = self.told.contains(&(other.clone(), one.clone()));
                let mut ends = [&one, &other].into_iter();
                let is_dead = ends.any(|it| self.has_state(it, State::Faulty));
                // The other one is told as well, if it is dead when it comes back.
                if !knows || is_dead || self.has_link(&one, &other) {
                    return Ok(());
                }
                self.apply(apply, Rule::Link, &[&one, &other])
            }
            Command::Unlink { peer } => {
                let (one, other) = (name(unit), name(gbu(*peer)));
                self.told.remove(&(one.clone(), other.clone()));
                if self.has_link(&one, &other) {
                    return self.apply(apply, Rule::Unlink, &[&one, &other]);
                }
                Ok(())
            }
            Command::Leave | Command::Join | Command::Settle { .. } => {
                self.wish(&name(unit), command);
                Ok(())
            }
            Command::Unwatch => {
                self.listings.end_heartbeats();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// A unit is told to leave, or to come back or go elsewhere: then it is to leave no more.
    fn wish(&mut self, unit: &Name, command: &Command) {
        let Wishes { leaving, gone } = &mut self.wishes;
        let leaves = matches!(command, Command::Leave);
        if !leaves {
            leaving.remove(unit);
        } else if self.community.leader(unit).is_some() {
            leaving.insert(unit.clone());
        }
        if let Some((_, comes_back)) = gone.get_mut(unit) {
            *comes_back = matches!(command, Command::Join);
        }
    }

    /// A unit crashes.
    pub(super) fn crash(&mut self, unit: UnitId, apply: Apply) -> Result<(), Failure> {
        let unit = name(unit);
        self.wishes.forget(&unit);
        if unit.is_broker() {
            let Self {
                promised,
                community,
                ..
            } = self;
            promised.retain(|it| community.leader(it) != Some(&unit));
            self.apply(apply, Rule::Fail, &[&unit])?;
            return self.leave_behind(&unit, apply);
        }
        if self.open.remove(&unit).is_some() && self.is_busy(&unit) {
            return self.apply(apply, Rule::End, &[&unit]);
        }
        Ok(())
    }

    /// A unit comes back to life. A computer is where its leader lists it. A broker has forgotten who has a tunnel to it.
    fn restart(&mut self, unit: UnitId, apply: Apply) -> Result<(), Failure> {
        let unit = name(unit);
        self.wishes.forget(&unit);
        if !unit.is_broker() {
            return Ok(());
        }
        self.apply(apply, Rule::Restart, &[&unit])?;
        self.promised.remove(&unit);
        self.listings.forget(&unit);
        self.cut_all(|to, _| *to == unit, apply)
    }

    /// The tunnels for whose end and friend `is_gone` holds end.
    pub(super) fn cut_all(
        &mut self,
        is_gone: impl Fn(&Name, Option<&Name>) -> bool,
        apply: Apply,
    ) -> Result<(), Failure> {
        let all = self.community.tunnels();
        let gone = all.filter(|((_, to), friend)| is_gone(to, *friend));
        let gone: Vec<(Name, Name)> = gone.map(|(ends, _)| ends.clone()).collect();
        gone.iter()
            .try_for_each(|(from, to)| self.apply(apply, Rule::Cut, &[from, to]))
    }

    /// A query of `unit` reaches `leader`: from now on a service is pending, if that is its leader.
    fn asks(&mut self, (unit, leader): (UnitId, UnitId), apply: Apply) -> Result<(), Failure> {
        let (unit, leader) = (name(unit), name(leader));
        let is_its = self.community.leader(&unit) == Some(&leader);
        if is_its && self.open.contains_key(&unit) && !self.is_busy(&unit) {
            return self.apply(apply, Rule::Begin, &[&unit]);
        }
        Ok(())
    }

    /// A request of a computer ends.
    pub(super) fn ended(&mut self, unit: &Name, apply: Apply) -> Result<(), Failure> {
        let Some(open) = self.open.get_mut(unit) else {
            return Ok(());
        };
        *open -= 1;
        if *open > 0 {
            return Ok(());
        }
        self.open.remove(unit);
        if self.is_busy(unit) {
            return self.apply(apply, Rule::End, &[unit]);
        }
        Ok(())
    }
}
