//! What can happen in a state, and what state comes of it.
//!
//! It does *not* know which states have been visited.

use std::rc::Rc;

use super::bench::{Bench, Happens, ObservationOf};
use super::state::{State, Underway};
use super::{Faults, TIMERS};
use crate::system::{
    Course, Explorable, Happened, Occasion, Violation, content, told_again, told_by, unit_name,
};
use crate::unit::{Input, UnitId};

/// One thing that can happen. Units are told by their places, messages by their places in the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    Deliver(usize),
    Give(u32),
    Fire(u8, u32),
    Lose(usize),
    Duplicate(usize),
    Crash(u8),
    Restart(u8),
    Leave(u8),
    Join(u8),
    /// By the number of the occasion.
    Tell(u8),
}

/// How units and messages of a world behave.
#[derive(Debug, Clone, Copy)]
pub(super) struct Semantics {
    /// Whether messages from one unit to another arrive in the order in which they are sent.
    pub(super) in_order: bool,
}

impl<S: Explorable> Bench<'_, S> {
    /// The first state: the tasks that come first are given.
    pub(super) fn first(&mut self, left: Faults, ways: Semantics) -> Result<State, Violation> {
        self.faults = left;
        let mut state = State {
            cells: self.initial.clone(),
            tasks: (1 << self.tasks.any_time.len()) - 1,
            left,
            followed: self.followed,
            ..State::default()
        };
        for task in 0..self.tasks.first.len() {
            let unit = self.tasks.first[task].0;
            if let Some(place) = self.place(unit) {
                self.happen(&mut state, place, Happens::First(task as u32), ways)?;
            }
        }
        Ok(state)
    }

    /// Whether nothing is under way, and all tasks are given.
    pub(super) fn is_calm(state: &State) -> bool {
        state.tasks == 0 && state.under_way.is_empty()
    }

    /// All that can happen in `state`.
    pub(super) fn acts(&self, state: &State, ways: Semantics, acts: &mut Vec<Act>) {
        acts.clear();
        let mut arriving = Vec::new();
        for (at, message) in state.under_way.iter().enumerate() {
            let before = at.checked_sub(1).map(|at| &state.under_way[at]);
            let waits = before.is_some_and(|before| {
                let channel = |it: &Underway| (it.from, it.to);
                if ways.in_order {
                    channel(before) == channel(message)
                } else {
                    before == message
                }
            });
            if !waits {
                arriving.push(at);
            }
        }
        acts.extend(arriving.iter().map(|&at| Act::Deliver(at)));
        let tasks = 0..u32::BITS;
        acts.extend(
            tasks
                .filter(|task| state.tasks >> task & 1 == 1)
                .map(Act::Give),
        );
        let left = state.left;
        let places = || 0..state.cells.len() as u8;
        let cell = |place: u8| self.cell(state.cells[usize::from(place)]);
        if left.timers > 0 {
            for place in places() {
                let armed = cell(place).timers.keys();
                acts.extend(armed.map(|&slot| Act::Fire(place, slot)));
            }
        }
        if left.losses > 0 {
            acts.extend(arriving.iter().map(|&at| Act::Lose(at)));
        }
        if left.duplicates > 0 {
            acts.extend(arriving.iter().map(|&at| Act::Duplicate(at)));
        }
        let living = |place: &u8| !cell(*place).is_dead;
        if left.crashes > 0 {
            acts.extend(places().filter(living).map(Act::Crash));
        }
        if left.restarts > 0 {
            let dead = places().filter(|place| !living(place));
            acts.extend(dead.map(Act::Restart));
        }
        // In a run all have registered before the first one leaves.
        let all_started = state.tasks & self.starts == 0;
        let living = places().filter(living);
        for place in living {
            if left.leaves > 0 && !cell(place).is_away && all_started {
                acts.push(Act::Leave(place));
            }
            if left.joins > 0 && cell(place).is_away {
                acts.push(Act::Join(place));
            }
        }
        acts.extend(self.comings(state));
    }

    /// The occasions that can come in `state`, or be taken back.
    fn comings(&self, state: &State) -> impl Iterator<Item = Act> {
        let mut left = state.left;
        let come = state.come;
        let all = self.occasions.iter().enumerate();
        let come = all.filter(move |(number, occasion)| {
            *left.about(occasion.about) > 0 && !told_by(&self.occasions, *number, come).is_empty()
        });
        come.map(|(number, _)| Act::Tell(number as u8))
    }

    /// Carries out `act` in `state`.
    ///
    /// # Errors
    /// If a unit panics.
    pub(super) fn act(
        &mut self,
        state: &mut State,
        act: Act,
        ways: Semantics,
    ) -> Result<(), Violation> {
        match act {
            Act::Deliver(at) => {
                let Underway { from, to, message } = state.under_way.remove(at);
                self.happen(state, to, Happens::Message(from, message), ways)?;
            }
            Act::Give(task) => {
                state.tasks &= !(1 << task);
                let unit = self.tasks.any_time[task as usize].0;
                let place = self.place(unit).unwrap_or_default();
                if self.cell(state.cells[usize::from(place)]).is_dead {
                    self.give_up(state, &[task as usize]);
                } else {
                    self.happen(state, place, Happens::Task(task), ways)?;
                }
            }
            Act::Fire(place, slot) => {
                state.left.timers -= 1;
                let cell = state.cells[usize::from(place)];
                if self.outcome(place, cell, Happens::Timer(slot))?.in_vain {
                    let noticed = self.fired_in_vain(place, cell, slot);
                    self.noticed.push(noticed);
                }
                self.happen(state, place, Happens::Timer(slot), ways)?;
            }
            Act::Lose(at) => {
                state.left.losses -= 1;
                state.under_way.remove(at);
            }
            Act::Duplicate(at) => {
                state.left.duplicates -= 1;
                let copy = state.under_way[at];
                state.send(copy, ways.in_order);
            }
            Act::Crash(place) => {
                state.left.crashes -= 1;
                self.happen(state, place, Happens::Crash, ways)?;
                self.give_up_all(state, self.units[usize::from(place)]);
            }
            Act::Restart(place) => {
                state.left.restarts -= 1;
                self.happen(state, place, Happens::Restart(state.come), ways)?;
            }
            Act::Leave(place) => {
                state.left.leaves -= 1;
                self.happen(state, place, Happens::Leave, ways)?;
            }
            Act::Join(place) => {
                state.left.joins -= 1;
                self.happen(state, place, Happens::Join, ways)?;
            }
            Act::Tell(number) => self.tell_on(number, state, ways)?,
        }
        if state.left.restarts == 0 {
            // What is on its way to the dead changes nothing any more.
            let State {
                under_way, cells, ..
            } = state;
            under_way.retain(|message| !self.cell(cells[usize::from(message.to)]).is_dead);
        }
        Ok(())
    }

    /// Makes a possible occasion happen, or takes it back.
    fn tell_on(&mut self, number: u8, state: &mut State, ways: Semantics) -> Result<(), Violation> {
        let occasion = &self.occasions[usize::from(number)];
        *state.left.about(occasion.about) -= 1;
        let told = told_by(&self.occasions, number.into(), state.come);
        let units: Vec<UnitId> = told.iter().map(|(unit, _)| *unit).collect();
        let is_back = state.come >> number & 1 == 1;
        state.come ^= 1 << number;
        for (unit, at) in units.into_iter().zip(0..) {
            let place = self.place(unit).unwrap_or_default();
            // A dead unit gets no messages.
            if !self.cell(state.cells[usize::from(place)]).is_dead {
                let told = Happens::Told(number, is_back, at);
                self.happen(state, place, told, ways)?;
            }
        }
        Ok(())
    }

    /// A timer of the unit at `place` has fired in vain.
    fn fired_in_vain(&self, place: u8, cell: u32, slot: u32) -> Violation {
        let unit = unit_name::<S>(self.units[usize::from(place)]);
        let timer = self.cell(cell).timers.get(&slot);
        let timer = timer.map_or(String::new(), |(timer, _)| content::<S>(timer).0);
        Violation {
            name: TIMERS.0,
            sentence: TIMERS.1,
            cases: vec![format!("{timer} of {unit} has none")],
        }
    }

    /// Nobody waits any more for what `unit` was given.
    fn give_up_all(&mut self, state: &mut State, unit: UnitId) {
        let given = self.tasks.any_time.iter().enumerate();
        let given =
            given.filter(|(task, (whose, _))| *whose == unit && state.tasks >> task & 1 == 0);
        let given: Vec<usize> = given.map(|(task, _)| task).collect();
        self.give_up(state, &given);
    }

    /// Nobody waits for these tasks any more.
    fn give_up(&mut self, state: &mut State, given: &[usize]) {
        let more = S::given_up(&self.tasks, given, self.said(state.said));
        state.said = self.say_more(state.said, more);
    }

    /// Applies an event to a unit, and sends the messages of the unit.
    fn happen(
        &mut self,
        state: &mut State,
        place: u8,
        happens: Happens,
        ways: Semantics,
    ) -> Result<(), Violation> {
        let cell = &mut state.cells[usize::from(place)];
        let outcome = self.outcome(place, *cell, happens)?;
        *cell = outcome.cell;
        let said = outcome.said;
        let observations = Rc::clone(&outcome.observations);
        for &(to, message) in &outcome.sends {
            let message = Underway {
                from: place,
                to,
                message,
            };
            state.send(message, ways.in_order);
        }
        state.said = self.say_both(state.said, said);
        self.forbid(state, place, &observations);
        self.follow(state, (place, happens), &observations);
        Ok(())
    }

    /// Notices what the unit at `place` may not have said in the history to `state`.
    fn forbid(&mut self, state: &State, place: u8, said: &[ObservationOf<S>]) {
        let (all, left) = (self.faults, state.left);
        let troubles = |it: Faults| [it.timers, it.crashes, it.losses];
        let course = Course {
            is_troubled: troubles(left) != troubles(all),
            has_crash: left.crashes != all.crashes,
            come: state.come,
        };
        let unit = self.units[usize::from(place)];
        for said in said.iter().filter(|it| S::matters(it)) {
            let found = self.system.forbidden(unit, said, course);
            self.noticed.extend(found);
        }
    }

    /// Follows what happens to a unit and what it says by rules, if histories are.
    fn follow(
        &mut self,
        state: &mut State,
        (place, happens): (u8, Happens),
        said: &[ObservationOf<S>],
    ) {
        let unit = self.units[usize::from(place)];
        let again = match happens {
            Happens::Restart(come) if come > 0 => told_again(self.system.occasions(), unit, come),
            _ => Vec::new(),
        };
        let Some(follower) = &mut self.follower else {
            return;
        };
        let told = match happens {
            Happens::Leave => Some(Input::Command(S::leave())),
            Happens::Join => Some(Input::Command(S::join())),
            _ => None,
        };
        let happened = match happens {
            Happens::Leave | Happens::Join => {
                told.as_ref().map_or(Happened::Other, Happened::Given)
            }
            Happens::Crash => Happened::Crash,
            Happens::Restart(_) => Happened::Restart,
            Happens::Task(task) => Happened::Given(&self.tasks.any_time[task as usize].1),
            Happens::Message(from, message) => Happened::Message(
                self.units[usize::from(from)],
                &self.messages[message as usize],
            ),
            Happens::Told(number, is_back, at) => {
                let Occasion { told, back, .. } = &self.occasions[usize::from(number)];
                let all = if is_back { back } else { told };
                Happened::Given(&all[usize::from(at)].1)
            }
            _ if said.is_empty() => return,
            _ => Happened::Other,
        };
        let mut next = follower.after(state.followed, (unit, happened), said);
        for input in &again {
            next =
                next.and_then(|state| follower.after(state, (unit, Happened::Given(input)), &[]));
        }
        match next {
            Ok(next) => state.followed = next,
            Err(violation) => self.noticed.push(violation),
        }
    }
}
