//! When a point has been run often enough.
//!
//! The question is asked at fixed numbers of replications, of the runs in their order, so the
//! answer depends neither on timing nor on who made the runs. (Asking seldom also keeps the
//! interval honest: a stopping rule that looks after every run stops too early too often; see Law,
//! *Simulation Modeling and Analysis*, 9.4.1.)

use crate::scenario::Precision;
use crate::statistics::Estimate;

/// Where the replications of a point were stopped, and why.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stop {
    /// After how many replications.
    pub replications: u32,
    /// In how many of them the metric is present.
    pub n: u64,
    /// Its mean; absent without values.
    pub mean: Option<f64>,
    /// The half width of its interval; absent with fewer than two values, and without variance.
    pub half_width: Option<f64>,
    /// What the interval says; unless the precision is reached, `max` was, or the limit of the
    /// plan (`Plan::limited`).
    pub resolution: Resolution,
}

/// What is known of a point's mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// The interval is narrow enough.
    Reached,
    /// It is too wide, or there are fewer replications than the least.
    TooWide,
    /// All values are one number. That tells nothing of how far the mean is from the true one (five
    /// zeros come of a mean of 0.02 easily), so there is no interval.
    NoVariance,
    /// Fewer than two runs have a value.
    TooFewValues,
}

impl Resolution {
    /// Why a point was stopped, as `precision.csv` says it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Reached => "reached",
            Self::TooWide => "max",
            Self::NoVariance => "no variance",
            Self::TooFewValues => "too few values",
        }
    }
}

/// The numbers of replications after which the interval is looked at: `min`, then always a quarter
/// more (at least one), and at last `max`.
pub(crate) fn checkpoints(precision: &Precision) -> impl Iterator<Item = u32> + use<> {
    let max = precision.max.0;
    std::iter::successors(Some(precision.min.0), move |&at| {
        (at < max).then(|| at.saturating_add((at / 4).max(1)).min(max))
    })
}

impl Stop {
    /// Judges a point after these `values` of the metric, in the order of replications.
    pub(super) fn judge(precision: &Precision, values: &[Option<f64>]) -> Self {
        let estimate = Estimate::of(values.iter().copied().flatten());
        let half_width = estimate.half_width(precision.confidence.0);
        let narrow = estimate
            .mean
            .zip(half_width)
            .is_some_and(|(mean, half)| half <= precision.relative_half_width.0 * mean.abs());
        // Fewer than `min` are there only where the runs are limited; they tell nothing yet.
        let enough = values.len() >= precision.min.0 as usize;
        let resolution = match estimate.varies() {
            None if estimate.n < 2 => Resolution::TooFewValues,
            Some(false) => Resolution::NoVariance,
            _ if narrow && enough => Resolution::Reached,
            _ => Resolution::TooWide,
        };
        Self {
            replications: values.len() as u32,
            n: estimate.n,
            mean: estimate.mean,
            half_width,
            resolution,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameters::number::{Confidence, Positive, Replications};

    fn precision() -> Precision {
        Precision {
            metric: "ratio".into(),
            relative_half_width: Positive(0.1),
            confidence: Confidence(0.95),
            min: Replications(5),
            max: Replications(14),
        }
    }

    #[test]
    fn the_interval_is_looked_at_ever_more_seldom() {
        let all: Vec<u32> = checkpoints(&precision()).collect();
        assert_eq!(all, [5, 6, 7, 8, 10, 12, 14]);
    }

    /// Of 9 and 11 the deviation is √2, so the half width is 12.706: too wide by far.
    #[test]
    fn narrow_is_relative_to_the_mean() {
        let stop = Stop::judge(&precision(), &[Some(9.0), None, Some(11.0)]);
        assert_eq!((stop.n, stop.mean), (2, Some(10.0)));
        assert_eq!(stop.resolution, Resolution::TooWide);
        assert!((stop.half_width.unwrap() - 12.706_204_736).abs() < 1e-8);
        // 2.776 · 0.7071 / √5 = 0.8780 is below a tenth of the mean.
        let close = [9.0, 10.0, 10.0, 10.0, 11.0].map(Some);
        let resolution = |values: &[_]| Stop::judge(&precision(), values).resolution;
        assert_eq!(resolution(&close), Resolution::Reached);
        assert_eq!(resolution(&close[1..]), Resolution::TooWide, "< min");
    }

    #[test]
    fn no_interval_comes_from_values_that_are_all_alike() {
        let sums = [0.1 + 0.2, 0.3, 0.3, 0.3, 0.3];
        for alike in [[0.0; 5], [1.0; 5], [1e300; 5], sums] {
            let stop = Stop::judge(&precision(), &alike.map(Some));
            assert_eq!(stop.resolution, Resolution::NoVariance, "{alike:?}");
            assert_eq!(stop.half_width, None);
        }
        // One in many that is none: an interval, far wider than asked.
        let mut rare = [Some(0.0); 100];
        rare[99] = Some(0.1);
        let stop = Stop::judge(&precision(), &rare);
        assert_eq!(stop.resolution, Resolution::TooWide);
        let resolution = |values: &[_]| Stop::judge(&precision(), values).resolution;
        assert_eq!(resolution(&[None; 5]), Resolution::TooFewValues);
        let one = [Some(1.0), None, None, None, None];
        assert_eq!(resolution(&one), Resolution::TooFewValues);
    }
}
