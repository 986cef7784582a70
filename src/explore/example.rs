//! A counter-example: the history after which something does not hold, step by step.
//!
//! It does *not* know how it was found.

use super::bench::Bench;
use super::rounds::Round;
use super::state::{State, Underway, hash};
use super::steps::{Act, Semantics};
use super::{Faults, NO_PANIC};
use crate::simulation::stepping::{Stepper, Told, input_name, message_name, telling, timeless};
use crate::system::{
    Event, Explorable, Flight, History, Model, Step, Violation, content, told_by, unit_name,
};
use crate::unit::Protocol;

/// What was found, and where.
#[derive(Debug)]
pub(super) struct Found {
    /// The number of the state; `None`: before the first one.
    pub(super) from: Option<u32>,
    /// The step by which it shows.
    act: Option<Act>,
    /// The states by which it leads back to that state.
    pub(super) around: Vec<u32>,
    /// Whether it shows only once the world is left alone.
    at_rest: bool,
    broken: Violation,
}

impl Found {
    /// In the state itself.
    pub(super) fn in_state(state: u32, broken: Violation) -> Self {
        Self {
            from: Some(state),
            act: None,
            around: Vec::new(),
            at_rest: false,
            broken,
        }
    }

    /// By a step from the state.
    pub(super) fn by(state: u32, act: Act, broken: Violation) -> Self {
        Self {
            act: Some(act),
            ..Self::in_state(state, broken)
        }
    }

    /// From the state back to it.
    pub(super) fn around(round: Round, broken: Violation) -> Self {
        Self {
            around: round.way,
            ..Self::in_state(round.state, broken)
        }
    }

    /// Once the world of the state is left alone.
    pub(super) fn at_rest(state: u32, broken: Violation) -> Self {
        Self {
            at_rest: true,
            ..Self::in_state(state, broken)
        }
    }

    /// Before anything has happened.
    pub(super) fn at_once(broken: Violation) -> Self {
        Self {
            from: None,
            ..Self::in_state(0, broken)
        }
    }
}

/// One step of a counter-example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What happens.
    pub step: Step,
    /// What comes of it.
    pub told: Told,
}

/// A history after which something does not hold, or a goal is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CounterExample {
    /// What does not hold, or is reached.
    pub broken: Violation,
    /// The units.
    pub units: Vec<String>,
    /// The steps, in order: a shortest history; then what follows while the world is left alone.
    pub lines: Vec<Line>,
    /// How many steps the history has.
    pub length: usize,
    /// Whether units are told that the network may lose, double or overtake messages.
    pub losses: bool,
}

impl CounterExample {
    /// The schedule for a replay.
    pub fn schedule(&self) -> History {
        let steps = self.lines.iter().map(|line| line.step.clone());
        History::of(self.losses, steps.collect())
    }
}

type MessageOf<S> = <<S as Model>::Protocol as Protocol>::Message;

impl<S: Explorable> Bench<'_, S> {
    /// Tells what was found: the states along the way have these hashes.
    pub(super) fn tell(
        &mut self,
        faults: Faults,
        way: &[u128],
        found: Found,
        ways: Semantics,
    ) -> CounterExample {
        let mut state = State::default();
        let mut acts = Vec::new();
        if let Some((_, onwards)) = way.split_first() {
            state = self.first(faults, ways).unwrap_or_default();
            for &hash in onwards {
                let (act, next) = self.towards(&state, hash, ways);
                acts.push((act, std::mem::replace(&mut state, next)));
            }
        }
        if let Some(act) = found.act {
            acts.push((act, state.clone()));
        }
        let steps = self.steps(&acts);
        let panics = found.broken.name == NO_PANIC.0 && !found.at_rest;
        let mut lines = self.replay(&acts, steps, (panics, found.at_rest));
        let length = acts.len();
        if found.at_rest {
            self.left_alone(&state, |step, told| lines.push(Line { step, told }));
        }
        CounterExample {
            broken: found.broken,
            units: self
                .units
                .iter()
                .map(|unit| unit_name::<S>(*unit))
                .collect(),
            lines,
            length,
            losses: !ways.in_order,
        }
    }

    /// The step from `state` to the state with this hash.
    fn towards(&mut self, state: &State, to: u128, ways: Semantics) -> (Act, State) {
        let mut acts = Vec::new();
        self.acts(state, ways, &mut acts);
        for act in acts {
            let mut next = state.clone();
            let mut words = Vec::new();
            if self.act(&mut next, act, ways).is_ok() {
                next.pack(&mut words);
                if hash(&words) == to {
                    return (act, next);
                }
            }
        }
        unreachable!("the state was reached from the one before it")
    }

    /// The steps in words; how many messages were sent before one is not known yet.
    fn steps(&self, acts: &[(Act, State)]) -> Vec<Event> {
        let name = |place: u8| unit_name::<S>(self.units[usize::from(place)]);
        let flight = |state: &State, at: usize| {
            let Underway { from, to, message } = state.under_way[at];
            Flight {
                from: name(from),
                to: name(to),
                message: message_name::<S>(self.message(message)),
                before: 0,
            }
        };
        let event = |(act, state): &(Act, State)| match *act {
            Act::Deliver(at) => Event::Deliver(flight(state, at)),
            Act::Lose(at) => Event::Lose(flight(state, at)),
            Act::Duplicate(at) => Event::Duplicate(flight(state, at)),
            Act::Give(task) => {
                let (unit, input) = &self.tasks.any_time[task as usize];
                Event::Give {
                    unit: unit_name::<S>(*unit),
                    task,
                    input: input_name::<S>(input),
                }
            }
            Act::Fire(place, slot) => {
                let cell = self.cell(state.cells[usize::from(place)]);
                let timer = cell.timers.get(&slot);
                Event::Fire {
                    unit: name(place),
                    slot,
                    timer: timer.map_or(String::new(), |(timer, _)| content::<S>(timer).0),
                }
            }
            Act::Crash(place) => Event::Crash { unit: name(place) },
            Act::Restart(place) => Event::Restart { unit: name(place) },
            Act::Leave(place) => Event::Leave { unit: name(place) },
            Act::Join(place) => Event::Join { unit: name(place) },
            Act::Tell(number) => {
                let told = told_by(&self.occasions, number.into(), state.come);
                telling::<S>(number.into(), told)
            }
        };
        acts.iter().map(event).collect()
    }

    /// Plays the steps in a world at its beginning; the last one is only told if a unit panics. If the world is then
    /// left alone, what is on its way to the dead arrives first: the search has dropped it.
    fn replay(
        &mut self,
        acts: &[(Act, State)],
        steps: Vec<Event>,
        (panics, at_rest): (bool, bool),
    ) -> Vec<Line> {
        let first = self.initial.clone();
        for (place, cell) in first.into_iter().enumerate() {
            self.put(place, cell);
        }
        let (units, messages) = (&self.units, &self.messages);
        let mut stepper = Stepper::new(self.system, self.handle, self.streams);
        let mut lines = Vec::new();
        let last = steps.len();
        for (number, (mut event, (act, state))) in steps.into_iter().zip(acts).enumerate() {
            let at = match *act {
                Act::Deliver(at) | Act::Lose(at) | Act::Duplicate(at) => Some(at),
                _ => None,
            };
            if let (
                Some(at),
                Event::Deliver(flight) | Event::Lose(flight) | Event::Duplicate(flight),
            ) = (at, &mut event)
            {
                let Underway { from, to, message } = state.under_way[at];
                let channel = [from, to].map(|place| units[usize::from(place)]);
                let same = timeless::<S>(&messages[message as usize]);
                let is = |other: &MessageOf<S>| timeless::<S>(other) == same;
                flight.before = stepper.before((channel[0], channel[1]), is).unwrap_or(0);
            }
            let step = Step {
                passes_ns: 0,
                event,
            };
            let told = if panics && number + 1 == last {
                Told::default()
            } else {
                stepper.step(&step).unwrap_or_default()
            };
            lines.push(Line { step, told });
        }
        if at_rest {
            stepper.bury(|step, told| lines.push(Line { step, told }));
        }
        lines
    }
}
