//! What can be asked of a small world between two steps.
//!
//! It does *not* know who asks.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::{Stepper, timeless};
use crate::system::{Explorable, Violation};
use crate::time::Time;
use crate::unit::UnitId;

impl<S: Explorable> Stepper<'_, S> {
    /// The timer that fired in the last step, if it has changed nothing, and whose it is.
    pub fn fired_in_vain(&self) -> Option<String> {
        self.useless.clone()
    }

    /// What must hold of all that was said so far, and does not.
    pub fn broken(&self) -> Vec<Violation> {
        let mut all = self.system.always(&self.said);
        all.extend_from_slice(self.said_amiss());
        all
    }

    /// How many of the tasks that may be given at any time have not been.
    pub fn not_given(&self) -> usize {
        self.tasks.any_time.len() - self.given.len()
    }

    /// How many of the tasks have not ended.
    pub fn open(&self) -> usize {
        let all: Vec<usize> = (0..self.tasks.any_time.len()).collect();
        S::given_up(&self.tasks, &all, &self.said).len()
    }

    /// Whether any unit is dead.
    pub fn has_dead(&self) -> bool {
        !self.dead.is_empty()
    }

    /// What tells the states of a unit apart, but for its clock.
    pub(super) fn state_of(&self, unit: UnitId, clock: Time) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.system.state(unit, clock).hash(&mut hasher);
        hasher.finish()
    }

    /// What tells the states of the world apart, but for clocks and what was said.
    pub fn state(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        for unit in &self.units {
            hasher.write_u64(self.state_of(*unit, self.clocks[unit]));
        }
        let under_way = self.under_way.iter();
        let mut channels: Vec<_> = under_way
            .map(|(from, to, message)| ((*from, *to), timeless::<S>(message)))
            .collect();
        if self.in_order {
            channels.sort_by_key(|(channel, _)| *channel);
        } else {
            channels.sort();
        }
        let apart = (&self.dead, &self.away, self.come);
        (channels, apart, self.said.len()).hash(&mut hasher);
        let timers = self.timers.iter();
        let timers: Vec<String> = timers.map(|timer| format!("{timer:?}")).collect();
        timers.hash(&mut hasher);
        hasher.finish()
    }

    /// Whether anything is pending.
    pub fn is_at_rest(&self) -> bool {
        self.under_way.is_empty() && self.timers.is_empty()
    }

    /// What must hold at rest and does not.
    pub fn violations(&self) -> Vec<Violation> {
        let lives = |unit| !self.dead.contains(&unit);
        let mut all = self.system.violations(&self.measures, &lives);
        all.extend(self.broken_promises());
        all
    }

    /// Nobody waits any more for what `unit` was given: its measures know that it has crashed.
    pub(super) fn give_up(&mut self, unit: UnitId) {
        let given = self.given.iter().copied();
        let given: Vec<usize> = given
            .filter(|&task| self.tasks.any_time[task].0 == unit)
            .collect();
        let more = S::given_up(&self.tasks, &given, &self.said);
        self.said.extend(more);
    }
}
