//! Up to where a change of a metric does not count.
//!
//! It does *not* know how a change is found.

use std::collections::BTreeMap;

/// Which change of a metric is worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Worse {
    /// Any.
    #[default]
    Either,
    /// To higher values.
    Higher,
    /// To lower values.
    Lower,
}

/// Up to where a change of a metric does not count.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Limit {
    /// The direction that counts.
    pub worse: Worse,
    /// A difference of up to this fraction of the first mean does not matter; 0 or more.
    pub tolerance: f64,
}

impl Limit {
    /// How far a `difference` from the mean `first` goes beyond it; at most 0: not at all.
    pub fn excess(&self, difference: f64, first: f64) -> f64 {
        let amount = match self.worse {
            Worse::Either => difference.abs(),
            Worse::Higher => difference,
            Worse::Lower => -difference,
        };
        amount - self.tolerance * first.abs()
    }
}

/// The limits of all metrics.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Limits {
    /// The limits of metrics that have their own, by name.
    pub metrics: BTreeMap<String, Limit>,
    /// The limit of the other metrics.
    pub others: Limit,
}

impl Limits {
    /// No change of at most this share of the first mean counts, in either direction.
    pub fn tolerance(tolerance: f64) -> Self {
        Self {
            metrics: BTreeMap::new(),
            others: Limit {
                worse: Worse::Either,
                tolerance,
            },
        }
    }

    /// The limit of a metric.
    pub fn of(&self, metric: &str) -> Limit {
        self.metrics.get(metric).copied().unwrap_or(self.others)
    }
}
