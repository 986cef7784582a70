//! What comes from outside in one stage, in its place in the total order.
//!
//! At one instant, the events of the environment come first; then the workload of each unit comes before what that
//! unit itself sends. This module does *not* know what is pending.

use super::order::Order;
use crate::event_queue::Key;
use crate::system::{Act, Environment, Inputs, Stage};
use crate::time::{Span, Time};
use crate::unit::{Class, Input, Protocol, UnitId};

/// A thing from outside.
pub(super) enum External<P: Protocol> {
    Act(Act<P>),
    Input(Input<P>),
}

/// An input with its place in the order.
type Placed<P> = (Key, UnitId, Input<P>);

/// What comes from outside to the units of which `is_here` says so.
pub(super) struct Outside<P: Protocol, F> {
    begin: Time,
    order: Order,
    is_here: F,
    environment: Environment<P>,
    inputs: Inputs<P>,
    /// The next one of each kind.
    act: Option<(Key, UnitId, Act<P>)>,
    input: Option<Placed<P>>,
    /// Where the order of units is not that of the list: inputs of one instant, the first one last,
    /// and the one that comes after them.
    tied: Vec<Placed<P>>,
    ahead: Option<Placed<P>>,
}

impl<P: Protocol, F: Fn(UnitId) -> bool> Outside<P, F> {
    /// What comes in `stage`, which begins at `begin`.
    pub(super) fn of(stage: Stage<P>, begin: Time, order: Order, is_here: F) -> Self {
        let mut outside = Self {
            begin,
            order,
            is_here,
            environment: stage.environment,
            inputs: stage.inputs,
            act: None,
            input: None,
            tied: Vec::new(),
            ahead: None,
        };
        outside.act = outside.next_act();
        outside.input = outside.next_input();
        outside
    }

    /// What is pending is handled as long as it comes before this.
    pub(super) fn limit(&self) -> Key {
        let act = self.act.as_ref().map_or(Key::MAX, |(key, ..)| *key);
        let input = self.input.as_ref().map_or(Key::MAX, |(key, ..)| *key);
        act.min(input)
    }

    /// When the next thing comes, if there is one.
    pub(super) fn next(&self) -> Option<Time> {
        let limit = self.limit();
        (limit != Key::MAX).then_some(limit.time)
    }

    /// Takes the next thing, if it comes at `last` at the latest.
    pub(super) fn take_by(&mut self, last: Time) -> Option<(Key, UnitId, External<P>)> {
        let limit = self.limit();
        if limit == Key::MAX || limit.time > last {
            return None;
        }
        if self.act.as_ref().is_some_and(|(key, ..)| *key == limit) {
            let following = self.next_act();
            let act = std::mem::replace(&mut self.act, following);
            act.map(|(key, unit, act)| (key, unit, External::Act(act)))
        } else {
            let following = self.next_input();
            let input = std::mem::replace(&mut self.input, following);
            input.map(|(key, unit, input)| (key, unit, External::Input(input)))
        }
    }

    fn key(&self, after: Span, sender: u32) -> Key {
        // Count 0: it precedes all that the unit itself sends, which counts from 1.
        Key::new(self.begin + after, Class::Ordinary as u8, sender, 0)
    }

    fn next_act(&mut self) -> Option<(Key, UnitId, Act<P>)> {
        let is_here = &self.is_here;
        let (after, unit, act) = self.environment.find(|(_, unit, _)| is_here(*unit))?;
        Some((self.key(after, 0), unit, act))
    }

    fn next_input(&mut self) -> Option<Placed<P>> {
        if self.order.is_canonical() {
            return self.listed();
        }
        if self.tied.is_empty() {
            let first = self.ahead.take().or_else(|| self.listed())?;
            let time = first.0.time;
            self.tied.push(first);
            self.ahead = self.listed();
            while let Some(tied) = self.ahead.take_if(|(key, ..)| key.time == time) {
                self.tied.push(tied);
                self.ahead = self.listed();
            }
            self.tied.sort_by_key(|(key, ..)| *key);
            self.tied.reverse();
        }
        self.tied.pop()
    }

    /// The next input of the list.
    fn listed(&mut self) -> Option<Placed<P>> {
        let is_here = &self.is_here;
        let (after, unit, input) = self.inputs.find(|(_, unit, _)| is_here(*unit))?;
        Some((self.key(after, self.order.place(unit)), unit, input))
    }
}
