//! What is kept of a run.
//!
//! It does *not* know what is simulated.

use crate::measure::Cell;

/// What is kept of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// One cell for each of [`METRICS`](super::Observed::METRICS).
    pub cells: Vec<Cell>,
    /// For each of [`DETAILS`](super::Observed::DETAILS), its rows.
    pub details: Vec<Vec<Vec<Cell>>>,
}

impl From<Vec<Cell>> for Report {
    /// The report of a system without further tables.
    fn from(cells: Vec<Cell>) -> Self {
        let details = Vec::new();
        Self { cells, details }
    }
}
