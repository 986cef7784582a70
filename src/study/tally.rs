//! What became of a precision that a scenario asks for, counted.
//!
//! It does *not* judge a point, which the ledger does.

use crate::ledger::{Outline, Resolution};

/// How many points of a sweep are resolved, and why the others are not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Points at which the precision is reached.
    pub reached: u64,
    /// Points whose interval is too wide after the most replications.
    pub too_wide: u64,
    /// Points all of whose values are one number.
    pub no_variance: u64,
    /// Points at which fewer than two runs have a value.
    pub too_few_values: u64,
    /// Points that go on.
    pub open: u64,
}

impl Tally {
    /// The points of an outline.
    pub fn of(outline: &Outline) -> Self {
        let mut tally = Self::default();
        for stop in &outline.stops {
            let count = match stop.map(|stop| stop.resolution) {
                None => &mut tally.open,
                Some(Resolution::Reached) => &mut tally.reached,
                Some(Resolution::TooWide) => &mut tally.too_wide,
                Some(Resolution::NoVariance) => &mut tally.no_variance,
                Some(Resolution::TooFewValues) => &mut tally.too_few_values,
            };
            *count += 1;
        }
        tally
    }
}
