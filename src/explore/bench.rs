//! What each unit does in each of its states: found out once, then looked up.
//!
//! States of units, messages and what was said have numbers; a unit's state goes with its timers. It does *not* know which
//! states of the world there are.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::hash::Hash;
use std::rc::Rc;

use super::hashing::Wide;
use crate::error::caught;
use crate::random::RandomStreams;
use crate::simulation::stepping::Handle;
use crate::system::{Explorable, Follower, Model, Occasion, Said, Tasks, Violation, unit_name};
use crate::time::{Span, Time};
use crate::unit::{Input, Protocol, UnitId};

pub(super) type ProtocolOf<S> = <S as Model>::Protocol;
pub(super) type MessageOf<S> = <ProtocolOf<S> as Protocol>::Message;
pub(super) type ObservationOf<S> = <ProtocolOf<S> as Protocol>::Observation;
pub(super) type TimerOf<S> = <ProtocolOf<S> as Protocol>::Timer;

/// What shows in all that was said so far: what of always must hold and does not, or a goal that is reached.
pub(super) type Judge<S> = fn(&S, &[Said<S>]) -> Vec<Violation>;

/// A unit as it can be.
pub(super) struct Cell<S: Explorable> {
    pub(super) state: S::UnitState,
    /// The timers that it has set, by slot, and for how long.
    pub(super) timers: BTreeMap<u32, (TimerOf<S>, Span)>,
    pub(super) is_dead: bool,
    /// Whether it was told to leave, and not to come back since.
    pub(super) is_away: bool,
}

impl<S: Explorable> Clone for Cell<S> {
    fn clone(&self) -> Self {
        Self {
            state: self.state.clone(),
            timers: self.timers.clone(),
            is_dead: self.is_dead,
            is_away: self.is_away,
        }
    }
}

/// Something that happens to a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Happens {
    /// It is given a task of those that come first, or at any time.
    First(u32),
    Task(u32),
    /// A message from the unit at a place.
    Message(u8, u32),
    /// A timer by its slot.
    Timer(u32),
    Crash,
    /// After these occasions.
    Restart(u32),
    Leave,
    Join,
    /// It is told by an occasion, or that this is taken back, and which of those told it is.
    Told(u8, bool, u8),
}

/// What comes of it.
pub(super) struct Outcome<S: Explorable> {
    /// The unit's next state.
    pub(super) cell: u32,
    /// To the units at these places, what is sent.
    pub(super) sends: Vec<(u8, u32)>,
    /// What it says that must be remembered: a number, 0 for nothing.
    pub(super) said: u32,
    /// Whether it was a timer that has changed nothing.
    pub(super) in_vain: bool,
    /// All that it says, if histories are followed by rules; else that of which something may be forbidden.
    pub(super) observations: Rc<[ObservationOf<S>]>,
}

/// All that is known of the units of a world.
pub(super) struct Bench<'e, S: Explorable> {
    pub(super) system: &'e mut S,
    pub(super) handle: Handle<S>,
    judge: Judge<S>,
    pub(super) streams: RandomStreams,
    pub(super) units: Vec<UnitId>,
    pub(super) tasks: Tasks<ProtocolOf<S>>,
    /// What units may be told besides.
    pub(super) occasions: Vec<Occasion<ProtocolOf<S>>>,
    /// The tasks, of those that may be given at any time, with which units start.
    pub(super) starts: u32,
    /// The units as they are at first.
    pub(super) initial: Vec<u32>,
    pub(super) cells: Vec<Cell<S>>,
    cell_numbers: BTreeMap<u128, u32>,
    pub(super) messages: Vec<MessageOf<S>>,
    message_numbers: BTreeMap<String, u32>,
    /// Lists of what was said, each in one order.
    pub(super) said: Vec<Vec<Said<S>>>,
    said_numbers: BTreeMap<String, u32>,
    both: BTreeMap<(u32, u32), u32>,
    /// What shows in each list.
    broken: Vec<Vec<Violation>>,
    outcomes: Vec<Outcome<S>>,
    /// For each cell: at which place it was, what happened, and what followed. Units in the same state can act
    /// differently: each has its own name, its own services and its own willingness.
    known: Vec<Vec<(u8, Happens, u32)>>,
    /// About how many bytes all that takes.
    bytes: u64,
    /// What does not hold of the last step.
    pub(super) noticed: Vec<Violation>,
    /// Follows histories by rules, if that is wanted; and the state of the rules before anything has happened.
    pub(super) follower: Option<Box<dyn Follower<S>>>,
    pub(super) followed: u32,
    /// What a history may have.
    pub(super) faults: super::Faults,
}

impl<'e, S: Explorable> Bench<'e, S> {
    pub(super) fn new(
        system: &'e mut S,
        (handle, judge): (Handle<S>, Judge<S>),
        streams: RandomStreams,
        follower: Option<Box<dyn Follower<S>>>,
    ) -> Self {
        let tasks = system.tasks();
        let begins = |(_, input): &(UnitId, Input<ProtocolOf<S>>)| matches!(input, Input::Start);
        let starts = tasks
            .any_time
            .iter()
            .enumerate()
            .filter(|(_, task)| begins(task));
        let starts = starts.fold(0, |mask, (number, _)| mask | 1 << number);
        let mut bench = Self {
            units: system.sites().map(|(unit, _)| unit).collect(),
            tasks,
            occasions: system.occasions(),
            starts,
            system,
            handle,
            judge,
            streams,
            initial: Vec::new(),
            cells: Vec::new(),
            cell_numbers: BTreeMap::new(),
            messages: Vec::new(),
            message_numbers: BTreeMap::new(),
            said: Vec::new(),
            said_numbers: BTreeMap::new(),
            both: BTreeMap::new(),
            broken: Vec::new(),
            outcomes: Vec::new(),
            known: Vec::new(),
            bytes: 0,
            noticed: Vec::new(),
            follower,
            followed: 0,
            faults: super::Faults::default(),
        };
        bench.say(Vec::new());
        if let Some(follower) = &mut bench.follower {
            bench.followed = follower.first(bench.system);
        }
        for place in 0..bench.units.len() {
            let cell = bench.enter(Cell {
                state: bench.system.state(bench.units[place], Time::ZERO),
                timers: BTreeMap::new(),
                is_dead: false,
                is_away: false,
            });
            bench.initial.push(cell);
        }
        bench
    }

    pub(super) fn cell(&self, number: u32) -> &Cell<S> {
        &self.cells[number as usize]
    }

    pub(super) fn message(&self, number: u32) -> &MessageOf<S> {
        &self.messages[number as usize]
    }

    /// What was said, in one order.
    pub(super) fn said(&self, number: u32) -> &[Said<S>] {
        &self.said[number as usize]
    }

    /// What shows after that was said.
    pub(super) fn broken(&self, said: u32) -> &[Violation] {
        &self.broken[said as usize]
    }

    pub(super) fn place(&self, unit: UnitId) -> Option<u8> {
        let mut units = self.units.iter();
        units.position(|other| *other == unit).map(|it| it as u8)
    }

    /// About how many bytes it holds.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes + self.follower.as_ref().map_or(0, |it| it.bytes())
    }

    /// How many states of units there are.
    pub(super) fn cells(&self) -> usize {
        self.cells.len()
    }

    /// Puts the state of the unit at `place` into the system.
    pub(super) fn put(&mut self, place: usize, cell: u32) {
        let state = &self.cells[cell as usize].state;
        self.system.put(self.units[place], state);
    }

    /// What comes of it if something happens to the unit at `place`.
    ///
    /// # Errors
    /// If the unit panics.
    pub(super) fn outcome(
        &mut self,
        place: u8,
        cell: u32,
        happens: Happens,
    ) -> Result<&Outcome<S>, Violation> {
        let known = self.known[cell as usize].iter();
        let mut known = known.filter(|(at, other, _)| (*at, *other) == (place, happens));
        let number = if let Some(&(.., number)) = known.next() {
            number
        } else {
            let made = caught(|| self.make(place, cell, happens));
            let outcome = made.map_err(|message| self.panicked(place, &message))?;
            self.keep((place, cell), happens, outcome)
        };
        Ok(&self.outcomes[number as usize])
    }

    /// Keeps what comes of it; its number.
    fn keep(&mut self, (place, cell): (u8, u32), happens: Happens, outcome: Outcome<S>) -> u32 {
        let number = self.outcomes.len() as u32;
        let sends = outcome.sends.capacity() * size_of::<(u8, u32)>();
        let known = 2 * size_of::<(u8, Happens, u32)>();
        let said = outcome.observations.len() * size_of::<ObservationOf<S>>();
        self.bytes += (size_of::<Outcome<S>>() + known + sends + said) as u64;
        self.outcomes.push(outcome);
        self.known[cell as usize].push((place, happens, number));
        number
    }

    fn panicked(&self, place: u8, message: &str) -> Violation {
        let unit = unit_name::<S>(self.units[usize::from(place)]);
        Violation {
            name: super::NO_PANIC.0,
            sentence: super::NO_PANIC.1,
            cases: vec![format!("{unit} does: {message}")],
        }
    }

    /// The number of a message.
    pub(super) fn number(&mut self, message: MessageOf<S>) -> u32 {
        let text = text(&message);
        if let Some(&number) = self.message_numbers.get(&text) {
            return number;
        }
        let number = self.messages.len() as u32;
        self.bytes += (text.len() + size_of::<MessageOf<S>>() * 2 + 64) as u64;
        self.message_numbers.insert(text, number);
        self.messages.push(message);
        number
    }

    /// The number of a unit's state.
    pub(super) fn enter(&mut self, cell: Cell<S>) -> u32 {
        let mut wide = Wide::default();
        cell.state.hash(&mut wide);
        let Cell {
            timers,
            is_dead,
            is_away,
            ..
        } = &cell;
        (text(timers), is_dead, is_away).hash(&mut wide);
        if let Some(&number) = self.cell_numbers.get(&wide.whole()) {
            return number;
        }
        let number = self.cells.len() as u32;
        let timers = timers.len() * size_of::<(u32, (TimerOf<S>, Span))>() * 2;
        // What a state keeps elsewhere is about as much again.
        let state = 3 * S::bytes(&cell.state);
        self.bytes += (size_of::<Cell<S>>() + timers + state + 128) as u64;
        self.cell_numbers.insert(wide.whole(), number);
        self.cells.push(cell);
        self.known.push(Vec::new());
        number
    }

    /// The number of what was said, whatever its order.
    pub(super) fn say(&mut self, mut said: Vec<Said<S>>) -> u32 {
        said.sort_by_cached_key(text);
        let text = text(&said);
        if let Some(&number) = self.said_numbers.get(&text) {
            return number;
        }
        let number = self.said.len() as u32;
        self.bytes += (text.len() + 64 + size_of::<Said<S>>() * said.len()) as u64;
        self.said_numbers.insert(text, number);
        let broken = (self.judge)(self.system, &said);
        self.broken.push(broken);
        self.said.push(said);
        number
    }

    /// The number of what was said in two lists together.
    pub(super) fn say_both(&mut self, before: u32, said: u32) -> u32 {
        if said == 0 {
            return before;
        }
        if let Some(&number) = self.both.get(&(before, said)) {
            return number;
        }
        let both = [before, said].into_iter();
        let both = both.flat_map(|number| &self.said[number as usize]);
        let both = both.filter_map(|(unit, said)| Some((*unit, S::recall(said)?)));
        let number = self.say(both.collect());
        self.both.insert((before, said), number);
        number
    }

    /// The number of what was said so far, with more.
    pub(super) fn say_more(&mut self, before: u32, more: Vec<Said<S>>) -> u32 {
        let more = self.say(more);
        self.say_both(before, more)
    }
}

/// What tells things apart that are plain data.
fn text(what: &impl Debug) -> String {
    format!("{what:?}")
}
