//! What happens in a world that is left alone.
//!
//! It does *not* know what must hold when it is at rest.

use super::{MessageOf, Stepper, TimerOf, Told, input_name, message_name};
use crate::error::caught;
use crate::system::{Event, Explorable, Flight, Observed, Step, content, unit_name};
use crate::time::{Span, Time};
use crate::unit::{Class, Timer, UnitId};

/// The maximum number of inputs that are handled before a world that is left alone should be at rest.
const REST_INPUTS_MAX: u32 = 20_000;

/// Why a world that is left alone does not come to rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsettled {
    /// It goes on and on.
    Restless(String),
    /// A unit has panicked, with this message.
    Panicked(String),
}

impl<S: Explorable> Stepper<'_, S> {
    /// The next step if nothing goes wrong any more: messages arrive in the order of their sending, then the
    /// timer fires that is due first. `None`: nothing is pending.
    fn next(&self) -> Option<Step> {
        if let Some(first) = self.under_way.first() {
            return Some(arrival::<S>(first));
        }
        let armed = self.timers.iter();
        let due = |(&(unit, slot), &(timer, left)): (&(UnitId, u32), &(TimerOf<S>, Span))| {
            (left, timer.class() == Class::Deadline, unit, slot)
        };
        let first = armed.min_by_key(|armed| due(*armed))?;
        let (&(unit, slot), &(timer, left)) = first;
        let event = Event::Fire {
            unit: unit_name::<S>(unit),
            slot,
            timer: content::<S>(&timer).0,
        };
        Some(Step {
            passes_ns: left.as_ns(),
            event,
        })
    }

    /// Leaves the world alone until it is at rest: who has crashed comes back, and at last all are given their
    /// last tasks. Each step is shown to `take`.
    ///
    /// # Errors
    /// If it does not come to rest: why.
    pub fn settle(&mut self, mut take: impl FnMut(Step, Told)) -> Result<(), Unsettled> {
        let count = self.tasks.any_time.len() as u32;
        let last = self.tasks.last.iter().zip(count..);
        let last: Vec<(UnitId, u32, String)> = last
            .map(|((unit, input), task)| (*unit, task, input_name::<S>(input)))
            .collect();
        let mut left = REST_INPUTS_MAX;
        // What goes on for ever ends with the last tasks; before that all find out what has happened.
        let found_out = (!last.is_empty()).then_some(self.tasks.last_after);
        if let Some(span) = found_out {
            self.go_on(Some(span), &mut left, &mut take)?;
        }
        if self.system.revives() {
            for unit in self.dead.clone() {
                let unit = unit_name::<S>(unit);
                self.make(at_once(Event::Restart { unit }), &mut take)?;
            }
        }
        if let Some(span) = found_out {
            self.go_on(Some(span), &mut left, &mut take)?;
        }
        for (unit, task, input) in last {
            if !self.dead.contains(&unit) {
                let unit = unit_name::<S>(unit);
                let event = Event::Give { unit, task, input };
                self.make(at_once(event), &mut take)?;
            }
        }
        self.go_on(None, &mut left, &mut take)
    }

    /// Handles pending inputs, for a while or until none is pending; at most as many as are left.
    fn go_on(
        &mut self,
        span: Option<Span>,
        left: &mut u32,
        take: &mut impl FnMut(Step, Told),
    ) -> Result<(), Unsettled> {
        let until = span.map_or(Time::MAX, |span| self.now + span);
        while let Some(step) = self.next() {
            if self.now + Span::from_ns(step.passes_ns) > until {
                break;
            }
            self.make(step, take)?;
            *left -= 1;
            if *left == 0 {
                let case = format!("{REST_INPUTS_MAX} more inputs were handled");
                return Err(Unsettled::Restless(case));
            }
        }
        Ok(())
    }

    /// Delivers the messages that are under way to dead units, which do not handle them. Each step is shown to
    /// `take`.
    pub fn bury(&mut self, mut take: impl FnMut(Step, Told)) {
        let dead = &self.dead;
        let to_dead = |it: &&(UnitId, UnitId, _)| dead.contains(&it.1);
        let lost: Vec<Step> = self
            .under_way
            .iter()
            .filter(to_dead)
            .map(arrival::<S>)
            .collect();
        for step in lost {
            // The other messages of the channel are to the same dead unit, so that each is the first by then.
            let _ = self.make(step, &mut take);
        }
    }

    /// Makes a step that fits.
    fn make(&mut self, step: Step, take: &mut impl FnMut(Step, Told)) -> Result<(), Unsettled> {
        let made = caught(|| self.step(&step).expect("it is one of those that are due"));
        let (told, panicked) = match made {
            Ok(told) => (told, None),
            Err(message) => (Told::default(), Some(Unsettled::Panicked(message))),
        };
        take(step, told);
        panicked.map_or(Ok(()), Err)
    }
}

/// The arrival of a message before which none is on its way between the same units.
fn arrival<S: Observed>((from, to, message): &(UnitId, UnitId, MessageOf<S>)) -> Step {
    at_once(Event::Deliver(Flight {
        from: unit_name::<S>(*from),
        to: unit_name::<S>(*to),
        message: message_name::<S>(message),
        before: 0,
    }))
}

/// A step before which no time passes.
fn at_once(event: Event) -> Step {
    Step {
        passes_ns: 0,
        event,
    }
}
