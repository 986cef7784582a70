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
    /// The half width of its interval; absent with fewer than two values.
    pub half_width: Option<f64>,
    /// Whether the interval is narrow enough; otherwise `max` was reached, or the limit of the
    /// [plan](super::Plan::limited).
    pub reached: bool,
}

/// The numbers of replications after which the interval is looked at: `min`, then always a quarter
/// more (at least one), and at last `max`.
pub fn checkpoints(precision: &Precision) -> impl Iterator<Item = u32> + use<> {
    let max = precision.max;
    std::iter::successors(Some(precision.min), move |&at| {
        (at < max).then(|| at.saturating_add((at / 4).max(1)).min(max))
    })
}

impl Stop {
    /// Judges a point after these `values` of the metric, in the order of replications.
    pub(super) fn judge(precision: &Precision, values: &[Option<f64>]) -> Self {
        let estimate = Estimate::of(values.iter().copied().flatten());
        let half_width = estimate.half_width(precision.confidence);
        let narrow = estimate
            .mean
            .zip(half_width)
            .is_some_and(|(mean, half)| half <= precision.relative_half_width * mean.abs());
        // Fewer than `min` are there only where the runs are limited; they tell nothing yet.
        let reached = narrow && values.len() >= precision.min as usize;
        Self {
            replications: values.len() as u32,
            n: estimate.n,
            mean: estimate.mean,
            half_width,
            reached,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn precision() -> Precision {
        Precision {
            metric: "ratio".into(),
            relative_half_width: 0.1,
            confidence: 0.95,
            min: 5,
            max: 14,
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
        assert_eq!((stop.n, stop.mean, stop.reached), (2, Some(10.0), false));
        assert!((stop.half_width.unwrap() - 12.706_204_736).abs() < 1e-8);
        // 2.776 · 0.7071 / √5 = 0.8780 is below a tenth of the mean.
        let close = [9.0, 10.0, 10.0, 10.0, 11.0].map(Some);
        assert!(Stop::judge(&precision(), &close).reached);
        assert!(Stop::judge(&precision(), &[Some(0.0); 5]).reached, "0 ± 0");
        assert!(!Stop::judge(&precision(), &[Some(0.0); 4]).reached, "< min");
        assert!(!Stop::judge(&precision(), &[None; 5]).reached, "nothing");
    }
}
