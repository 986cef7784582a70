//! What units are told from outside in the midst of a history, and need not be.
//!
//! It does *not* know what they make of it.

use super::{Stepper, Told, input_name};
use crate::system::{Event, Explorable, Happened, Observed, Task, told_again, told_by, unit_name};
use crate::unit::{Input, UnitId};

/// The event by which these are told on the occasion with this number.
pub fn telling<S: Observed>(occasion: u32, told: &[Task<S::Protocol>]) -> Event {
    let input = told.first().map(|(_, input)| input_name::<S>(input));
    Event::Tell {
        occasion,
        units: told.iter().map(|(unit, _)| unit_name::<S>(*unit)).collect(),
        input: input.unwrap_or_default(),
    }
}

impl<S: Explorable> Stepper<'_, S> {
    /// In the midst of a history: these occasions have come, and were not taken back.
    pub fn were_told(&mut self, come: u32) {
        self.come = come;
    }

    /// Whether `event` can come now on the occasion with this number.
    pub(super) fn may_tell(&self, occasion: u32, event: &Event) -> Result<(), String> {
        let all = self.system.occasions();
        let told = told_by(&all, occasion as usize, self.come);
        if !told.is_empty() && telling::<S>(occasion, told) == *event {
            return Ok(());
        }
        Err(format!("nobody can be told so on occasion {occasion}"))
    }

    /// Makes a possible occasion happen, or takes it back.
    pub(super) fn tell(&mut self, occasion: u32, told: &mut Told) {
        let mut all = self.system.occasions();
        let it = all.swap_remove(occasion as usize);
        let has_come = self.come >> occasion & 1 == 1;
        self.come ^= 1 << occasion;
        for (unit, input) in if has_come { it.back } else { it.told } {
            self.hand(unit, input, told);
        }
    }

    /// `unit` comes back to life.
    pub(super) fn restart(&mut self, unit: UnitId, told: &mut Told) {
        self.dead.remove(&unit);
        self.follows(unit, Happened::Restart, &[]);
        self.hand(unit, Input::Start, told);
        let again = told_again(self.system.occasions(), unit, self.come);
        for input in (self.tasks.restarted)().into_iter().chain(again) {
            self.hand(unit, input, told);
        }
    }
}
