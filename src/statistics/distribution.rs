//! How values spread over the entities of one run.

use super::{Moments, quantile};
use crate::measure::{Cell, Named};

/// The spread of some values. What cannot be computed is absent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Distribution {
    /// The arithmetic mean.
    pub mean: Option<f64>,
    /// The sample standard deviation, with n − 1; absent with fewer than two values.
    pub sd: Option<f64>,
    /// The least value.
    pub min: Option<f64>,
    /// The first quartile (R type 7).
    pub q1: Option<f64>,
    /// The median.
    pub median: Option<f64>,
    /// The third quartile (R type 7).
    pub q3: Option<f64>,
    /// The greatest value.
    pub max: Option<f64>,
    /// How many values there are.
    pub n: u64,
}

impl Distribution {
    /// The distribution of `values`, which are finite. Sums follow their order.
    pub fn of(values: &[f64]) -> Self {
        let moments = Moments::of(values.iter().copied());
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        Self {
            mean: moments.mean(),
            sd: moments.sd(),
            min: sorted.first().copied(),
            q1: quantile(&sorted, 0.25),
            median: quantile(&sorted, 0.5),
            q3: quantile(&sorted, 0.75),
            max: sorted.last().copied(),
            n: moments.n(),
        }
    }

    /// The values as cells of `runs.csv`, with the ends of their columns' names.
    pub fn cells(&self) -> [Named; 8] {
        [
            ("_mean", self.mean.into()),
            ("_sd", self.sd.into()),
            ("_min", self.min.into()),
            ("_q1", self.q1.into()),
            ("_median", self.median.into()),
            ("_q3", self.q3.into()),
            ("_max", self.max.into()),
            ("_n", Cell::Count(self.n)),
        ]
    }
}
