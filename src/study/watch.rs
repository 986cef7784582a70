//! What others may hear of a study while it goes on, and with what its runs are made.

use super::threads::Control;

/// Hears what goes on, on the thread that asked for the work. `()` listens to nothing.
pub trait Watch {
    /// The work goes on, and a person should know this: a sentence without a full stop.
    fn report(&mut self, note: &str) {
        let _ = note;
    }

    /// Runs are about to be made; the [`Control`] counts those that are finished.
    fn begin(&mut self, round: Round) {
        let _ = round;
    }

    /// They are made, or the work was stopped; `last`: no other round follows.
    fn end(&mut self, last: bool) {
        let _ = last;
    }
}

impl Watch for () {}

/// Runs that are made at a stretch. With a precision several rounds follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Round {
    /// How many are to be made.
    pub left: u64,
    /// Of how many: those that are finished count, too.
    pub total: u64,
    /// Whether some were finished before this process took up the study.
    pub resumed: bool,
}

/// With what the runs of a study are made.
pub struct Execution<'a> {
    /// How many at the same time; `None`: one for each core. Never changes a result.
    pub threads: Option<usize>,
    /// Counts the runs, and stops the work.
    pub control: &'a Control,
    /// Hears of each round.
    pub watch: &'a mut dyn Watch,
}
