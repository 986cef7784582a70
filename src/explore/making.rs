//! What comes of it if something happens to a unit, by its own code.
//!
//! It does *not* know which states of the world there are.

use std::collections::BTreeMap;

use super::bench::{Bench, Happens, ObservationOf, Outcome, ProtocolOf, TimerOf};
use crate::system::{Explorable, Occasion, Said, told_again};
use crate::time::{Span, Time};
use crate::unit::{Context, Effect, Input, Protocol, Timer, UnitId};

/// What a unit's effects come to: what is sent to which place, what is remembered, and all that is said.
type Taken<S> = (Vec<(u8, u32)>, Vec<Said<S>>, Vec<ObservationOf<S>>);

impl<S: Explorable> Bench<'_, S> {
    pub(super) fn make(&mut self, place: u8, cell: u32, happens: Happens) -> Outcome<S> {
        let unit = self.units[usize::from(place)];
        let mut cell = self.cells[cell as usize].clone();
        self.system.put(unit, &cell.state);
        let mut now = Time::ZERO;
        let inputs = match happens {
            Happens::Crash => {
                self.system.forget(unit);
                cell.timers.clear();
                (cell.is_dead, cell.is_away) = (true, false);
                Vec::new()
            }
            Happens::Restart(come) => {
                cell.is_dead = false;
                self.restarted(unit, come)
            }
            _ if cell.is_dead => Vec::new(),
            Happens::Timer(slot) => {
                let fired = cell.timers.remove(&slot);
                let fired = fired.map(|(timer, after)| {
                    now = Time::ZERO + after;
                    Input::Timer(timer)
                });
                fired.into_iter().collect()
            }
            Happens::Leave => {
                cell.is_away = true;
                vec![Input::Command(S::leave())]
            }
            Happens::Join => {
                cell.is_away = false;
                vec![Input::Command(S::join())]
            }
            Happens::First(_) | Happens::Task(_) | Happens::Message(..) | Happens::Told(..) => {
                vec![self.input(happens)]
            }
        };
        let mut effects = Vec::new();
        for input in inputs {
            let context = &mut Context::new(now, unit, self.streams, &mut effects);
            (self.handle)(self.system, unit, input, context);
        }
        let silent = matches!(happens, Happens::Timer(_)) && effects.is_empty();
        let (sends, said, observations) = self.take(unit, now, effects, &mut cell.timers);
        let before = std::mem::replace(&mut cell.state, self.system.state(unit, now));
        let in_vain = silent && before == cell.state;
        let cell = self.enter(cell);
        let said = self.say(said);
        Outcome {
            cell,
            sends,
            said,
            in_vain,
            observations: observations.into(),
        }
    }

    /// What a unit is given that comes back to life.
    fn restarted(&self, unit: UnitId, come: u32) -> Vec<Input<ProtocolOf<S>>> {
        let again = told_again(self.system.occasions(), unit, come);
        let restarted = (self.tasks.restarted)().into_iter();
        [Input::Start]
            .into_iter()
            .chain(restarted)
            .chain(again)
            .collect()
    }

    /// The task or the message that a unit gets.
    fn input(&self, happens: Happens) -> Input<ProtocolOf<S>> {
        let mut tasks = self.system.tasks();
        match happens {
            Happens::First(task) => tasks.first.swap_remove(task as usize).1,
            Happens::Task(task) => tasks.any_time.swap_remove(task as usize).1,
            Happens::Message(from, message) => Input::Message {
                from: self.units[usize::from(from)],
                message: self.messages[message as usize].clone(),
            },
            Happens::Told(number, is_back, at) => {
                let mut occasions = self.system.occasions();
                let Occasion { told, back, .. } = occasions.swap_remove(number.into());
                let mut all = if is_back { back } else { told };
                all.swap_remove(at.into()).1
            }
            _ => unreachable!("nothing else is given to a unit as it is"),
        }
    }

    /// What a unit's effects come to; timers are set at once.
    fn take(
        &mut self,
        unit: UnitId,
        now: Time,
        effects: Vec<Effect<ProtocolOf<S>>>,
        timers: &mut BTreeMap<u32, (TimerOf<S>, Span)>,
    ) -> Taken<S> {
        let (mut sends, mut said, mut observations) = (Vec::new(), Vec::new(), Vec::new());
        for effect in effects {
            match effect {
                Effect::Send {
                    to, mut message, ..
                } => {
                    // The time that a query leaves is not counted.
                    if let Some(left) = <ProtocolOf<S>>::time_left(&mut message) {
                        *left = left.saturating_add(now - Time::ZERO);
                    }
                    if let Some(to) = self.place(to) {
                        sends.push((to, self.number(message)));
                    }
                }
                Effect::Arm { timer, after } => _ = timers.insert(timer.slot(), (timer, after)),
                Effect::Disarm { timer } => _ = timers.remove(&timer.slot()),
                Effect::Observation(observation) => {
                    said.extend(S::recall(&observation).map(|it| (unit, it)));
                    let is_kept = self.follower.is_some() || S::matters(&observation);
                    observations.extend(is_kept.then_some(observation));
                }
            }
        }
        (sends, said, observations)
    }
}
