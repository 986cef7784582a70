//! A run in which somebody else says what happens next: which message arrives, which timer fires, what goes
//! wrong.
//!
//! Each unit has a clock of its own. A timer that fires puts its unit's clock forward by as long as it was set;
//! otherwise time passes only if that is said. It does *not* know who says so, nor why.

mod alone;
mod checks;
mod fitting;
mod following;
mod names;
mod settling;
mod telling;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use alone::Alone;
use following::Followed;
pub use names::{input_name, message_name, timeless};
pub use settling::Unsettled;
pub use telling::telling;

use crate::fingerprint::{Encode, Encoder};
use crate::random::RandomStreams;
use crate::system::{
    Event, Explorable, Flight, Happened, Measures, Said, Step, Tasks, Totals, content, unit_name,
};
use crate::time::{Span, Time};
use crate::unit::{Context, Effect, Input, Protocol, Timer, UnitId};

/// Lets a unit of a system handle an input.
pub type Handle<S> = fn(
    &mut S,
    UnitId,
    Input<<S as crate::system::Model>::Protocol>,
    &mut Context<'_, <S as crate::system::Model>::Protocol>,
);

/// The longest history, in nanoseconds: timers can still be set for as long again.
const NS_MAX: u64 = u64::MAX / 2;
const NS_A_YEAR: u64 = 365 * 24 * 3600 * 1_000_000_000;

type MessageOf<S> = <<S as crate::system::Model>::Protocol as Protocol>::Message;
type TimerOf<S> = <<S as crate::system::Model>::Protocol as Protocol>::Timer;

/// What one step has led to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// The messages that were sent: to whom, and what they are called.
    pub sent: Vec<(String, String)>,
    /// Whether nobody was there to handle it.
    pub in_vain: bool,
}

/// A small world, from step to step.
pub struct Stepper<'s, S: Explorable> {
    system: &'s mut S,
    handle: Handle<S>,
    tasks: Tasks<S::Protocol>,
    streams: RandomStreams,
    measures: S::Measures,
    units: BTreeSet<UnitId>,
    dead: BTreeSet<UnitId>,
    /// Those that were told to leave, and not to come back since.
    away: BTreeSet<UnitId>,
    /// Whether messages from one unit to another arrive in the order in which they are sent, each once.
    in_order: bool,
    /// Whether the tasks that come last are being given.
    is_ending: bool,
    /// From whom, to whom, what: in the order of sending.
    under_way: Vec<(UnitId, UnitId, MessageOf<S>)>,
    /// For how long they are set.
    timers: BTreeMap<(UnitId, u32), (TimerOf<S>, Span)>,
    clocks: BTreeMap<UnitId, Time>,
    /// The tasks of those that may be given at any time that have been.
    given: BTreeSet<usize>,
    /// The occasions that have come, and were not taken back, a bit each.
    come: u32,
    /// What was said that must be remembered.
    said: Vec<Said<S>>,
    /// The timer that has fired without any effect in the last step, and its unit.
    useless: Option<String>,
    /// No clock is ahead of it.
    now: Time,
    chains: BTreeMap<UnitId, u64>,
    events: u64,
    followed: Option<Followed<'s, S>>,
    /// How the history was disturbed, and what of it shows while the world is left alone.
    alone: Alone,
}

impl<S: Explorable> fmt::Debug for Stepper<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stepper")
    }
}

impl<'s, S: Explorable> Stepper<'s, S> {
    /// The world of `system` at its beginning: the tasks that come first are given, and nothing has happened yet.
    pub fn new(system: &'s mut S, handle: Handle<S>, streams: RandomStreams) -> Self {
        let mut stepper = Self::blank(system, handle, streams);
        let first = std::mem::take(&mut stepper.tasks.first);
        let mut told = Told::default();
        for (unit, input) in first {
            stepper.hand(unit, input, &mut told);
        }
        stepper
    }

    /// The world of `system` at its beginning, before any task is given.
    pub fn blank(system: &'s mut S, handle: Handle<S>, streams: RandomStreams) -> Self {
        let units: BTreeSet<UnitId> = system.sites().map(|(unit, _)| unit).collect();
        let mut measures = system.measures();
        measures.begin(Time::ZERO);
        Self {
            tasks: system.tasks(),
            measures,
            clocks: units.iter().map(|&unit| (unit, Time::ZERO)).collect(),
            units,
            system,
            handle,
            streams,
            dead: BTreeSet::new(),
            away: BTreeSet::new(),
            in_order: false,
            is_ending: false,
            under_way: Vec::new(),
            timers: BTreeMap::new(),
            given: BTreeSet::new(),
            come: 0,
            said: Vec::new(),
            useless: None,
            now: Time::ZERO,
            chains: BTreeMap::new(),
            events: 0,
            followed: None,
            alone: Alone::default(),
        }
    }

    /// In the midst of a history: the task with this number has been given.
    pub fn was_given(&mut self, task: usize) {
        let (unit, input) = &self.tasks.any_time[task];
        self.measures.input(Time::ZERO, *unit, input);
        self.given.insert(task);
    }

    /// In the midst of a history: this has been said.
    pub fn was_said(&mut self, (unit, said): Said<S>) {
        let remembered = S::recall(&said);
        self.said.extend(remembered.map(|said| (unit, said)));
        let effect = Effect::Observation(said);
        self.measures.effect(Time::ZERO, unit, &effect);
    }

    /// In the midst of a history: `unit` is dead.
    pub fn is_dead(&mut self, unit: UnitId) {
        self.dead.insert(unit);
    }

    /// In the midst of a history: a unit has set a timer.
    pub fn is_armed(&mut self, unit: UnitId, timer: TimerOf<S>, left: Span) {
        self.timers.insert((unit, timer.slot()), (timer, left));
    }

    /// Carries out a step.
    ///
    /// # Errors
    /// If it does not fit: why.
    pub fn step(&mut self, step: &Step) -> Result<Told, String> {
        self.may_happen(&step.event)?;
        self.look_before(&step.event);
        self.pass(Span::from_ns(step.passes_ns))?;
        self.useless = None;
        let mut told = Told::default();
        match &step.event {
            Event::Give { unit, task, input } => self.give(unit, *task, input, &mut told)?,
            Event::Deliver(flight) => {
                let place = self.flight(flight)?;
                let (from, to, message) = self.under_way.remove(place);
                self.hand(to, Input::Message { from, message }, &mut told);
            }
            Event::Lose(flight) => {
                let place = self.flight(flight)?;
                let (from, to, message) = self.under_way.remove(place);
                self.measures.lost(self.now, from, to, &message);
            }
            Event::Duplicate(flight) => {
                let place = self.flight(flight)?;
                let copy = self.under_way[place].clone();
                self.under_way.push(copy);
            }
            Event::Fire { unit, slot, timer } => {
                let unit = self.unit(unit)?;
                self.fire(unit, *slot, Some(timer), &mut told)?;
            }
            Event::Crash { unit } => {
                let unit = self.living(unit)?;
                self.crash(unit);
            }
            Event::Restart { unit } => {
                let named = self.unit(unit)?;
                if !self.dead.contains(&named) {
                    return Err(format!("{unit} lives"));
                }
                self.restart(named, &mut told);
            }
            Event::Leave { unit } => {
                let unit = self.living(unit)?;
                self.hand(unit, Input::Command(S::leave()), &mut told);
            }
            Event::Join { unit } => {
                let unit = self.living(unit)?;
                self.hand(unit, Input::Command(S::join()), &mut told);
            }
            Event::Tell { occasion, .. } => self.tell(*occasion, &mut told),
        }
        self.has_happened(&step.event);
        Ok(told)
    }

    /// Gives one of the tasks, those that come last behind the others.
    fn give(&mut self, name: &str, task: u32, input: &str, told: &mut Told) -> Result<(), String> {
        let all = self.system.tasks();
        let count = all.any_time.len();
        let task = task as usize;
        let mut tasks = all.any_time.into_iter().chain(all.last);
        let found = tasks.nth(task).filter(|(unit, of)| {
            (unit_name::<S>(*unit).as_str(), input_name::<S>(of).as_str()) == (name, input)
        });
        let Some((unit, input)) = found else {
            return Err(format!("{name} has no task {task} called {input}"));
        };
        if task < count && !self.given.insert(task) {
            return Err(format!("{name} has been given task {task} already"));
        }
        self.hand(unit, input, told);
        if task < count && self.dead.contains(&unit) {
            self.give_up(unit);
        }
        Ok(())
    }

    fn unit(&self, name: &str) -> Result<UnitId, String> {
        let mut units = self.units.iter().copied();
        let found = units.find(|unit| unit_name::<S>(*unit) == name);
        found.ok_or_else(|| format!("there is no unit {name}"))
    }

    fn living(&self, name: &str) -> Result<UnitId, String> {
        let unit = self.unit(name)?;
        if self.dead.contains(&unit) {
            return Err(format!("{name} is dead"));
        }
        Ok(unit)
    }

    /// The place of a message on its way.
    fn flight(&self, flight: &Flight) -> Result<usize, String> {
        let (from, to) = (self.unit(&flight.from)?, self.unit(&flight.to)?);
        let all = self.under_way.iter().enumerate();
        let mut all = all.filter(|(_, (sender, receiver, _))| (*sender, *receiver) == (from, to));
        let found = all.nth(flight.before as usize);
        let Some((place, (.., message))) = found else {
            let Flight { from, to, .. } = flight;
            return Err(format!("no such message is on its way from {from} to {to}"));
        };
        let name = message_name::<S>(message);
        if name != flight.message {
            let Flight {
                from, to, message, ..
            } = flight;
            return Err(format!(
                "the message on its way from {from} to {to} is {name}, not {message}"
            ));
        }
        Ok(place)
    }

    /// Checks that a history does not last longer than any could.
    fn can_pass(&self, span: Span) -> Result<(), String> {
        let end = self.now.as_ns().checked_add(span.as_ns());
        if end.is_some_and(|end| end <= NS_MAX) {
            return Ok(());
        }
        let years = NS_MAX / NS_A_YEAR;
        Err(format!("more than {years} years would have passed by then"))
    }

    /// Time passes for all.
    fn pass(&mut self, span: Span) -> Result<(), String> {
        self.can_pass(span)?;
        for clock in self.clocks.values_mut() {
            *clock += span;
            self.now = self.now.max(*clock);
        }
        for (_, left) in self.timers.values_mut() {
            *left = left.saturating_sub(span);
        }
        Ok(())
    }

    fn fire(
        &mut self,
        unit: UnitId,
        slot: u32,
        name: Option<&str>,
        told: &mut Told,
    ) -> Result<(), String> {
        let armed = self.timers.get(&(unit, slot));
        let Some(&(timer, left)) = armed else {
            return Err(format!("{} has set no such timer", unit_name::<S>(unit)));
        };
        let is = content::<S>(&timer).0;
        if let Some(name) = name.filter(|name| *name != is) {
            let unit = unit_name::<S>(unit);
            return Err(format!("the timer of {unit} is {is}, not {name}"));
        }
        self.can_pass(left)?;
        self.timers.remove(&(unit, slot));
        let before = self.state_of(unit, self.clocks[&unit]);
        if let Some(clock) = self.clocks.get_mut(&unit) {
            *clock += left;
            self.now = self.now.max(*clock);
        }
        self.has_fired(left);
        let effects = self.hand(unit, Input::Timer(timer), told);
        if effects == 0 && before == self.state_of(unit, self.clocks[&unit]) {
            self.useless = Some(format!("{is} of {} has none", unit_name::<S>(unit)));
        }
        Ok(())
    }

    fn crash(&mut self, unit: UnitId) {
        self.dead.insert(unit);
        self.timers.retain(|(owner, _), _| *owner != unit);
        self.system.forget(unit);
        self.measures.crashed(self.now, unit);
        self.give_up(unit);
        self.follows(unit, Happened::Crash, &[]);
    }

    /// Lets a unit handle an input. Returns the number of effects.
    fn hand(&mut self, unit: UnitId, input: Input<S::Protocol>, told: &mut Told) -> usize {
        if self.dead.contains(&unit) || !self.units.contains(&unit) {
            self.measures.unhandled(self.now, unit, &input);
            told.in_vain = true;
            return 0;
        }
        let chain = self.chains.entry(unit).or_default();
        let mut encoder = Encoder::new(*chain);
        encoder.u64(self.now.as_ns());
        input.encode(&mut encoder);
        *chain = encoder.finish();
        self.events += 1;
        self.measures.input(self.now, unit, &input);
        let happened = match &input {
            Input::Message { from, message } => Happened::Message(*from, message),
            input => Happened::Given(input),
        };
        self.follows(unit, happened, &[]);
        let mut effects = Vec::new();
        let clock = self.clocks[&unit];
        let context = &mut Context::new(clock, unit, self.streams, &mut effects);
        (self.handle)(self.system, unit, input, context);
        let count = effects.len();
        let mut observations = Vec::new();
        for effect in effects {
            self.measures.effect(self.now, unit, &effect);
            match effect {
                Effect::Send { to, message, .. } => {
                    let name = message_name::<S>(&message);
                    told.sent.push((unit_name::<S>(to), name));
                    self.under_way.push((unit, to, message));
                }
                Effect::Arm { timer, after } => self.is_armed(unit, timer, after),
                Effect::Disarm { timer } => {
                    self.timers.remove(&(unit, timer.slot()));
                }
                Effect::Observation(said) => {
                    self.forbid(unit, &said);
                    let recalled = S::recall(&said);
                    self.said.extend(recalled.map(|said| (unit, said)));
                    observations.push(said);
                }
            }
        }
        self.follows(unit, Happened::Other, &observations);
        count
    }

    /// How many messages from `from` to `to` have been sent before the first one for which `is` holds.
    pub fn before(
        &self,
        (from, to): (UnitId, UnitId),
        is: impl Fn(&MessageOf<S>) -> bool,
    ) -> Option<u32> {
        let all = self.under_way.iter();
        let mut all = all.filter(|(sender, receiver, _)| (*sender, *receiver) == (from, to));
        all.position(|(.., message)| is(message))
            .map(|place| place as u32)
    }

    /// Stops here: nobody waits any more for the end of any task, and what is pending is dropped.
    pub fn stop(&mut self) {
        let all: Vec<usize> = (0..self.tasks.any_time.len()).collect();
        for (unit, said) in S::given_up(&self.tasks, &all, &self.said) {
            let effect = Effect::Observation(said);
            self.measures.effect(self.now, unit, &effect);
        }
        if !self.is_at_rest() {
            self.measures.cut(self.now);
        }
    }

    /// The run as it stands: what was observed, what was counted, and who is dead.
    pub fn finish(self) -> (S::Measures, Totals, BTreeSet<UnitId>) {
        let chains = self.chains.values();
        let totals = Totals {
            events: self.events,
            packets_forwarded: 0,
            fingerprint: chains.fold(0, |sum, chain| sum.wrapping_add(*chain)),
            ..Totals::default()
        };
        (self.measures, totals, self.dead)
    }
}
