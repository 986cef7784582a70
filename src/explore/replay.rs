//! A history that is played again, with the same properties checked as in the search.
//!
//! It does *not* know who has written the history, nor what is measured.

use super::{DEADLOCK, LIVELOCK, NO_PANIC, TIMERS};
use crate::error::caught;
use crate::simulation::stepping::{Stepper, Told};
use crate::system::{Event, Explorable, Property, Step, Violation};
use crate::words::counted;

/// What is known of a history that is being played again.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// What must hold at any time and did not, each property once: as it was when that showed first.
    pub always: Vec<Violation>,
    /// Whether a unit has panicked: nothing can follow.
    pub has_panicked: bool,
    /// The states of the world since something else has happened than the arrival of a message.
    states: Vec<u64>,
}

/// What must hold, and does not in these cases.
fn violation((name, sentence): Property, cases: Vec<String>) -> Violation {
    Violation {
        name,
        sentence,
        cases,
    }
}

impl Checked {
    /// Carries out a step, and checks what must hold at any time.
    ///
    /// # Errors
    /// If the step does not fit: why.
    pub fn step<S: Explorable>(
        &mut self,
        stepper: &mut Stepper<'_, S>,
        step: &Step,
    ) -> Result<Told, String> {
        let made = caught(|| stepper.step(step));
        let told = match made {
            Ok(made) => made?,
            Err(message) => {
                self.has_panicked = true;
                self.add(violation(NO_PANIC, vec![message]));
                return Ok(Told::default());
            }
        };
        if let Some(case) = stepper.fired_in_vain() {
            self.add(violation(TIMERS, vec![case]));
        }
        for broken in stepper.broken() {
            self.add(broken);
        }
        if let Some(Err(broken)) = stepper.followed() {
            self.add(broken);
        }
        self.goes_round(stepper, &step.event);
        Ok(told)
    }

    /// Whether messages have led back to a state in which the world was before.
    fn goes_round<S: Explorable>(&mut self, stepper: &Stepper<'_, S>, event: &Event) {
        if !matches!(event, Event::Deliver(_)) {
            self.states.clear();
        }
        let state = stepper.state();
        if let Some(place) = self.states.iter().position(|other| *other == state) {
            let arrivals = counted((self.states.len() - place) as u64, "arrival");
            let case = format!("after {arrivals} more the world is as it was");
            self.add(violation(LIVELOCK, vec![case]));
        }
        self.states.push(state);
    }

    /// All that does not hold, of a history that ends here: what must hold at rest as well if it is.
    pub fn end<S: Explorable>(self, stepper: &Stepper<'_, S>) -> Vec<Violation> {
        let mut all = self.always;
        if self.has_panicked || !stepper.is_at_rest() || stepper.not_given() > 0 {
            return all;
        }
        let open = stepper.open();
        if open > 0 && !stepper.has_dead() {
            let case = format!("{open} of the tasks have not ended");
            all.push(violation(DEADLOCK, vec![case]));
        }
        all.extend(stepper.violations());
        let is_told = |it: &Violation| all.iter().any(|other| other.name == it.name);
        let strays = stepper.strays().filter(|it| !is_told(it));
        all.extend(strays);
        all
    }

    fn add(&mut self, broken: Violation) {
        if self.always.iter().all(|other| other.name != broken.name) {
            self.always.push(broken);
        }
    }
}
