//! How a history was disturbed, and what shows when the world is left alone before those that have crashed come back.
//!
//! It does *not* know what must hold then.

use super::Stepper;
use crate::system::{Course, Disturbed, Event, Explorable, Model, Violation};
use crate::time::{Span, Time};
use crate::unit::{Protocol, UnitId};

type ObservationOf<S> = <<S as Model>::Protocol as Protocol>::Observation;

/// What is known of the world being left alone.
#[derive(Debug, Default)]
pub(super) struct Alone {
    /// How the history was disturbed before.
    disturbed: Disturbed,
    /// Since when it is left alone.
    since: Time,
    /// Whether a message has been lost, a unit has crashed, or a timer has fired early.
    is_troubled: bool,
    /// What did not hold before those that have crashed came back.
    broken: Vec<Violation>,
    /// What units have said that none may, each property once.
    said_amiss: Vec<Violation>,
}

impl<S: Explorable> Stepper<'_, S> {
    /// In the midst of a history: it was disturbed like this.
    pub fn was_disturbed(&mut self, disturbed: Disturbed) {
        self.alone.disturbed = disturbed;
        self.alone.is_troubled = !disturbed.is_not();
    }

    /// What has been said that none may say, each property once.
    pub fn said_amiss(&self) -> &[Violation] {
        &self.alone.said_amiss
    }

    /// `unit` says `said`.
    pub(super) fn forbid(&mut self, unit: UnitId, said: &ObservationOf<S>) {
        if !S::matters(said) {
            return;
        }
        let course = Course {
            is_troubled: self.alone.is_troubled,
            has_crash: self.alone.disturbed.crashes,
            come: self.come,
        };
        let found = self.system.forbidden(unit, said, course);
        let amiss = &mut self.alone.said_amiss;
        let is_new = |it: &Violation| amiss.iter().all(|other| other.name != it.name);
        let found = found.filter(is_new);
        amiss.extend(found);
    }

    /// What must hold at rest of what was said, or before those that had crashed came back, and does not.
    pub(super) fn broken_promises(&self) -> Vec<Violation> {
        let mut all = self.alone.broken.clone();
        let disturbed = self.alone.disturbed;
        all.extend(self.system.in_the_end(&self.said, disturbed, self.come));
        all
    }

    /// `event` comes next: whether it disturbs the world, and what must hold before it if the world has been left alone for
    /// long enough.
    pub(super) fn look_before(&mut self, event: &Event) {
        let ends = match event {
            Event::Give { task, .. } => self.is_last(*task),
            Event::Restart { .. } => true,
            _ => false,
        };
        if ends && !self.dead.is_empty() && self.all_have_found_out() {
            let lives = |unit| !self.dead.contains(&unit);
            let is_early = self.alone.disturbed.timers;
            let broken = self.system.degraded(&lives, is_early);
            self.alone.broken.extend(broken);
            return;
        }
        let disturbed = &mut self.alone.disturbed;
        match event {
            Event::Deliver(_) | Event::Fire { .. } => return,
            Event::Give { .. } => {}
            Event::Crash { .. } | Event::Restart { .. } => {
                disturbed.crashes = true;
                self.alone.is_troubled = true;
            }
            Event::Lose(_) => {
                disturbed.others = true;
                self.alone.is_troubled = true;
            }
            Event::Duplicate(_) | Event::Leave { .. } | Event::Join { .. } | Event::Tell { .. } => {
                disturbed.others = true;
            }
        }
        self.alone.since = self.now;
    }

    /// A timer has fired for which `left` was still left.
    pub(super) fn has_fired(&mut self, left: Span) {
        if left > Span::ZERO {
            self.alone.disturbed.timers = true;
            self.alone.is_troubled = true;
            self.alone.since = self.now;
        }
    }

    /// Whether the world has been left alone long enough for all live units to know which ones are dead.
    fn all_have_found_out(&self) -> bool {
        let until = self.alone.since + self.tasks.last_after;
        let armed = self.timers.values();
        let next = armed.map(|(_, left)| self.now + *left).min();
        !self.tasks.last.is_empty()
            && self.under_way.is_empty()
            && next.is_none_or(|next| next > until)
    }
}
