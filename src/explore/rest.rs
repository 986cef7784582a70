//! Worlds in which nothing is under way, left alone until they are at rest; what must hold then.
//!
//! It does *not* know how they came about.

use super::bench::Bench;
use super::state::State;
use super::{DEADLOCK, Faults, NO_PANIC, REST};
use crate::simulation::stepping::{Stepper, Told, Unsettled};
use crate::system::{Disturbed, Explorable, Property, Step, Violation};

/// The violation of a property by one case.
fn violation((name, sentence): Property, case: String) -> Violation {
    Violation {
        name,
        sentence,
        cases: vec![case],
    }
}

impl<S: Explorable> Bench<'_, S> {
    /// Leaves the world alone that is calm in `state`, showing each step to `take`: what must hold and does not.
    pub(super) fn left_alone(
        &mut self,
        state: &State,
        take: impl FnMut(Step, Told),
    ) -> Vec<Violation> {
        let mut violations: Vec<Violation> = self.deadlock(state).into_iter().collect();
        let disturbed = self.disturbed(state);
        for place in 0..self.units.len() {
            self.put(place, state.cells[place]);
        }
        let mut stepper = Stepper::blank(self.system, self.handle, self.streams);
        for task in 0..self.tasks.any_time.len() {
            stepper.was_given(task);
        }
        stepper.were_told(state.come);
        for (unit, said) in &self.said[state.said as usize] {
            if let Some(said) = S::recall(said) {
                stepper.was_said((*unit, said));
            }
        }
        for (unit, cell) in self.units.iter().zip(&state.cells) {
            let cell = &self.cells[*cell as usize];
            if cell.is_dead {
                stepper.is_dead(*unit);
            }
            for &(timer, left) in cell.timers.values() {
                stepper.is_armed(*unit, timer, left);
            }
        }
        stepper.was_disturbed(disturbed);
        if let Some(follower) = &mut self.follower {
            stepper.follow(&mut **follower, state.followed);
        }
        match stepper.settle(take) {
            Ok(()) => {}
            Err(Unsettled::Restless(case)) => {
                violations.push(violation(REST, case));
                return violations;
            }
            Err(Unsettled::Panicked(message)) => {
                violations.push(violation(NO_PANIC, message));
                return violations;
            }
        }
        let followed = stepper.followed();
        violations.extend_from_slice(stepper.said_amiss());
        violations.extend(stepper.violations());
        let (_, _, dead) = stepper.finish();
        let lives = |unit| !dead.contains(&unit);
        violations.extend(
            followed.and_then(|followed| match (followed, &self.follower) {
                (Ok(state), Some(follower)) => follower.at_rest(state, self.system, &lives),
                (Ok(_), None) => None,
                (Err(violation), _) => Some(violation),
            }),
        );
        violations
    }

    /// How the histories to `state` were disturbed.
    pub(super) fn disturbed(&self, state: &State) -> Disturbed {
        let (all, left) = (self.faults, state.left);
        let others = |it: Faults| {
            let changes = [it.changes, it.links, it.revocations];
            ([it.losses, it.duplicates, it.leaves], changes)
        };
        Disturbed {
            timers: left.timers < all.timers,
            crashes: left.crashes < all.crashes,
            others: others(left) != others(all),
        }
    }

    /// Whether somebody waits, and nothing can happen any more.
    fn deadlock(&self, state: &State) -> Option<Violation> {
        let mut cells = state.cells.iter().map(|cell| self.cell(*cell));
        if cells.any(|cell| cell.is_dead || !cell.timers.is_empty()) {
            return None;
        }
        let all: Vec<usize> = (0..self.tasks.any_time.len()).collect();
        let open = S::given_up(&self.tasks, &all, self.said(state.said));
        let case = format!("{} of the tasks have not ended", open.len());
        (!open.is_empty()).then(|| violation(DEADLOCK, case))
    }
}
