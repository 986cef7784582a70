//! A run that has ended, and what comes out of it.
//!
//! It does *not* know how it was made.

use crate::error::Result;
use crate::measure::RunOutcome;
use crate::system::{System, Totals};

/// A finished run: the system as it ended, what was observed, what was counted.
#[derive(Debug)]
pub struct Run<S: System> {
    /// The system in its final state.
    pub system: S,
    /// What the system's own observer saw.
    pub measures: S::Measures,
    /// What the driver counted.
    pub totals: Totals,
    /// Whether it has ended early, because a stage did not come to rest in its time.
    pub is_overdue: bool,
}

impl<S: System> Run<S> {
    /// The run, if it has not ended early.
    ///
    /// # Errors
    /// If a stage did not come to rest in its time.
    pub fn in_time(self) -> Result<Self> {
        if self.is_overdue {
            return Err(self.system.overdue());
        }
        Ok(self)
    }

    /// What came out of it: what the system reports, and the fingerprint of what happened.
    ///
    /// # Panics
    /// If the system does not report a cell for each of its metrics and rows for each of its tables.
    pub fn outcome(&self) -> RunOutcome {
        let report = self.system.report(&self.measures, self.totals);
        assert_eq!(
            (report.cells.len(), report.details.len()),
            (S::METRICS.len(), S::DETAILS.len()),
            "the system `{}` reports a cell for each of its metrics, and rows for each of its tables",
            S::NAME
        );
        RunOutcome {
            metrics: report.cells,
            fingerprint: self.totals.fingerprint,
            details: report.details,
        }
    }
}
