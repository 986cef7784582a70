//! A number of a run beside what theory says of it, as data.
//!
//! It does *not* know any theory, nor when a difference is too large.

use super::{Cell, Detail, Metric};

/// What theory says of one number of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// What the number is: a metric's name, or another one.
    pub quantity: String,
    /// What was observed.
    pub observed: f64,
    /// What theory expects of this run, given all that was drawn before it began.
    pub expected: f64,
    /// How far such runs stray from what is expected; `None`: theory does not say.
    pub spread: Option<Spread>,
}

/// How far a sum of independent terms strays from what is expected of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// Its standard deviation.
    pub sd: f64,
    /// By how much a single term can change it at most.
    pub step: f64,
}

impl Prediction {
    /// The detail table of predictions, which a study has if its scenario asks for theory.
    pub const TABLE: Detail = Detail {
        name: "theory",
        about: "what theory expects of each run, where it is known",
        columns: &[
            Metric::new(
                "quantity",
                "a metric of runs.csv, or another number of a run",
            ),
            Metric::new("observed", "its value in the run"),
            Metric::new("expected", "what theory expects of the run"),
            Metric::new(
                "sd",
                "the standard deviation of such a run, if theory knows it",
            ),
            Metric::new(
                "step",
                "by how much a single request can change the value at most, if sd is known",
            ),
        ],
    };

    /// Its row there.
    pub fn row(self) -> Vec<Cell> {
        vec![
            Cell::Text(self.quantity),
            Cell::Real(self.observed),
            Cell::Real(self.expected),
            self.spread.map(|spread| spread.sd).into(),
            self.spread.map(|spread| spread.step).into(),
        ]
    }
}
