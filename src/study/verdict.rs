//! What a check found, as data.
//!
//! It does *not* know in what words that is told.

use crate::measure::Limits;
use crate::statistics::{Comparison, Row};

/// What a check found.
#[derive(Debug)]
pub struct Verdict {
    /// The name of the scenario.
    pub name: String,
    /// Where the baseline is.
    pub baseline: String,
    /// The program that made the baseline, if it names one, and that is not this one.
    pub other_program: Option<String>,
    /// The rows.
    pub comparison: Comparison,
    /// Of false alarms, over all rows.
    pub rate: f64,
    /// What does not count as a change.
    pub limits: Limits,
    /// Absent with a precision, which decides how many are made.
    pub replications: Option<Replications>,
    /// Runs that failed.
    pub failures: usize,
    /// Points at which the precision was not reached, though the values vary.
    pub unreached: usize,
    /// Points at which all values are one number, so that nothing tells how precise their mean is.
    pub uniform: usize,
    /// Those of the unreached at which more replications are allowed, and the baseline has no more.
    pub short: usize,
    /// In what the scenario differs from the baseline's.
    pub changes: Vec<String>,
    /// In what its precision does, which changes no run.
    pub precision: Vec<String>,
}

/// How many replications there are at each point.
#[derive(Debug, Clone, Copy)]
pub struct Replications {
    /// By the scenario.
    pub asked: u32,
    /// By the baseline, at the point that has the fewest.
    pub least: u32,
    /// At the point that has the most.
    pub most: u32,
}

/// What a check answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// All fingerprints are equal.
    Identical,
    /// Some are not, but nothing has changed beyond its tolerance for sure.
    Equivalent,
    /// Something has, or it cannot be told, or runs failed.
    Changed,
}

impl Answer {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Identical => "identical",
            Self::Equivalent => "equivalent",
            Self::Changed => "changed",
        }
    }
}

impl Verdict {
    /// Whether all fingerprints are equal, and all that was measured is.
    pub fn identical(&self) -> bool {
        let remeasured = self.comparison.rows.iter().any(|row| row.remeasured);
        self.comparison.identical == self.comparison.runs && !remeasured
    }

    /// The rows that have changed.
    pub fn changed(&self) -> Vec<&Row> {
        if self.identical() {
            return Vec::new();
        }
        let rows = self.comparison.rows.iter();
        rows.filter(|row| row.changed(self.rate) || self.certain(row))
            .collect()
    }

    /// Whether a row has changed although the scenario and what happened in it are the same: the
    /// measure is another one, which needs no statistics.
    pub fn certain(&self, row: &Row) -> bool {
        self.changes.is_empty() && row.remeasured()
    }

    /// Rows that differ and cannot be judged.
    pub fn unjudged(&self) -> Vec<&Row> {
        if self.identical() {
            return Vec::new();
        }
        self.comparison.unjudged().collect()
    }

    /// Whether with a single replication nothing can be said but that something differs.
    pub fn blind(&self) -> bool {
        self.comparison.rows.iter().all(|row| row.p.is_none()) && !self.unjudged().is_empty()
    }

    /// The rows that are listed: the changed ones, or those that cannot be told from chance.
    pub fn suspects(&self) -> Vec<&Row> {
        if self.blind() {
            self.unjudged()
        } else {
            self.changed()
        }
    }

    /// Whether CI should stop.
    pub fn failed(&self) -> bool {
        !self.changed().is_empty() || self.blind() || self.failures > 0 || self.missed() > 0
    }

    /// At how many points it counts that the precision was not reached. Where the baseline was made for
    /// the same one it may end a little before, by chance: that is told, and no more.
    pub fn missed(&self) -> usize {
        if self.precision.is_empty() {
            self.unreached - self.short
        } else {
            self.unreached
        }
    }

    /// The answer in one word.
    pub fn answer(&self) -> Answer {
        if !self.changed().is_empty() || self.blind() || self.failures > 0 {
            Answer::Changed
        } else if self.identical() {
            Answer::Identical
        } else {
            Answer::Equivalent
        }
    }
}
