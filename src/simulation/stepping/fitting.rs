//! What may happen next in a history: nothing that the search for histories would not let happen.
//!
//! It does *not* know whether whom it happens to exists.

use super::{Stepper, input_name};
use crate::system::{Event, Explorable, Flight, unit_name};
use crate::unit::{Input, UnitId};

impl<S: Explorable> Stepper<'_, S> {
    /// Messages from one unit to another arrive in the order in which they are sent, each once.
    pub fn keep_order(&mut self) {
        self.in_order = true;
    }

    /// Whether the network and the world allow `event`.
    pub(super) fn may_happen(&self, event: &Event) -> Result<(), String> {
        self.may_end(event)?;
        match event {
            Event::Deliver(flight) if self.in_order && flight.before > 0 => {
                let Flight { from, to, .. } = flight;
                Err(format!(
                    "messages from {from} to {to} arrive in the order in which they were sent, since the schedule \
                     says `\"losses\": false`"
                ))
            }
            Event::Lose(_) | Event::Duplicate(_) if self.in_order => Err(
                "no message is lost or doubled, since the schedule says `\"losses\": false`".into(),
            ),
            Event::Crash { .. } => match self.system.can_crash() {
                Ok(()) => Ok(()),
                Err(error) => Err(error.into_parts().1),
            },
            Event::Leave { unit } => self.may_leave(unit),
            Event::Tell { occasion, .. } => self.may_tell(*occasion, event),
            Event::Join { unit } => {
                let is_away = self.away.iter().any(|away| unit_name::<S>(*away) == *unit);
                is_away.then_some(()).ok_or_else(|| {
                    format!("{unit} was not told to leave, and so cannot be told to come back")
                })
            }
            _ => Ok(()),
        }
    }

    /// In a run all have registered before the first one leaves.
    fn may_leave(&self, unit: &str) -> Result<(), String> {
        if self.away.iter().any(|away| unit_name::<S>(*away) == unit) {
            return Err(format!("{unit} was told to leave before"));
        }
        let mut tasks = self.tasks.any_time.iter().enumerate();
        let missing = tasks
            .find(|(task, (_, input))| matches!(input, Input::Start) && !self.given.contains(task));
        missing.map_or(Ok(()), |(_, (other, _))| {
            let other = unit_name::<S>(*other);
            Err(format!(
                "nobody leaves before all have begun to register, and {other} has not"
            ))
        })
    }

    /// What is given last comes last: then nothing goes wrong any more.
    fn may_end(&self, event: &Event) -> Result<(), String> {
        match event {
            Event::Give { task, input, .. } if self.is_last(*task) => {
                let is_calm = self.under_way.is_empty() && self.not_given() == 0;
                if self.is_ending || is_calm {
                    return Ok(());
                }
                Err(format!(
                    "nobody is told to {input} while messages are on their way or requests are not issued yet"
                ))
            }
            Event::Deliver(_) | Event::Fire { .. } => Ok(()),
            _ if self.is_ending => {
                let last = self.tasks.last.first();
                let last = last.map_or(String::new(), |(_, input)| input_name::<S>(input));
                Err(format!(
                    "nothing goes wrong any more after units are told to {last}"
                ))
            }
            _ => Ok(()),
        }
    }

    /// Whether a task is one of those that come last.
    pub(super) fn is_last(&self, task: u32) -> bool {
        let first = self.tasks.any_time.len();
        (first..first + self.tasks.last.len()).contains(&(task as usize))
    }

    /// Remembers what may happen no more, or may happen from now on.
    pub(super) fn has_happened(&mut self, event: &Event) {
        let named = |name: &str| -> Option<UnitId> {
            let mut units = self.units.iter().copied();
            units.find(|unit| unit_name::<S>(*unit) == name)
        };
        match event {
            Event::Leave { unit } => self.away.extend(named(unit)),
            Event::Join { unit } | Event::Crash { unit } => {
                if let Some(unit) = named(unit) {
                    self.away.remove(&unit);
                }
            }
            Event::Give { task, .. } if self.is_last(*task) => self.is_ending = true,
            _ => {}
        }
    }
}
