//! What is kept of a run, and how runs go.
//!
//! It does *not* know what is simulated.

use crate::measure::Cell;

/// How a run goes, in the words of those who judge an experiment. Every run is a terminating
/// simulation: it has a beginning and an end of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Procedure {
    /// The state in which it begins.
    pub from: &'static str,
    /// When it ends.
    pub until: &'static str,
    /// What of its beginning does not count.
    pub transient: &'static str,
}

/// What is kept of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// One cell for each of [`METRICS`](super::Observed::METRICS).
    pub cells: Vec<Cell>,
    /// For each of [`DETAILS`](super::Observed::DETAILS), its rows.
    pub details: Vec<Vec<Vec<Cell>>>,
}

impl From<Vec<Cell>> for Report {
    /// That of a system without further tables.
    fn from(cells: Vec<Cell>) -> Self {
        let details = Vec::new();
        Self { cells, details }
    }
}
