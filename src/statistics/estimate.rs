//! Mean, standard deviation and the 95 % interval of the mean.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// Deviations of at most this share of the mean are rounding: the values are one number.
const ROUNDING: f64 = 1e-12;

/// The first two moments of a sequence of numbers, by Welford's recurrence (Technometrics 4(3),
/// 1962), which does not lose the variance of values that are large and close together.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Moments {
    n: u64,
    mean: f64,
    /// The sum of squared distances from the mean.
    squares: f64,
}

impl Moments {
    /// The moments of `values`, taken in their order.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut moments = Self::default();
        for value in values {
            moments.push(value);
        }
        moments
    }

    /// Takes one more value in.
    pub fn push(&mut self, value: f64) {
        self.n += 1;
        let distance = value - self.mean;
        self.mean += distance / self.n as f64;
        self.squares += distance * (value - self.mean);
    }

    /// How many values there were.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// The sum of their squared distances from the mean.
    pub fn squares(&self) -> f64 {
        self.squares
    }

    /// Their arithmetic mean; absent without values, or if it is too large for a number.
    pub fn mean(&self) -> Option<f64> {
        (self.n > 0 && self.mean.is_finite()).then_some(self.mean)
    }

    /// Their sample standard deviation, with n − 1; absent with fewer than two values.
    pub fn sd(&self) -> Option<f64> {
        let variance = self.squares / (self.n.checked_sub(1)?) as f64;
        variance.is_finite().then(|| variance.sqrt())
    }
}

/// A mean over repetitions and how far it can be trusted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Over how many values.
    pub n: u64,
    /// Their mean; absent without values.
    pub mean: Option<f64>,
    /// Their sample standard deviation; absent with fewer than two values.
    pub sd: Option<f64>,
    /// The ends of the 95 % confidence interval of the mean, by Student's t; absent with fewer
    /// than two values, and where all are one number: no interval comes from a sample without
    /// variance.
    pub ci95: Option<[f64; 2]>,
}

impl Estimate {
    /// The estimate from `values`, taken in their order.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let moments = Moments::of(values);
        let (mean, sd) = (moments.mean(), moments.sd());
        let estimate = Self {
            n: moments.n,
            mean,
            sd,
            ci95: None,
        };
        let ci95 = mean
            .zip(estimate.half_width(0.95))
            .map(|(mean, half)| [mean - half, mean + half])
            .filter(|ends| ends.iter().all(|end| end.is_finite()));
        Self { ci95, ..estimate }
    }

    /// Whether the values are not all one number; absent with fewer than two.
    pub fn varies(&self) -> Option<bool> {
        Some(self.sd? > ROUNDING * self.mean?.abs())
    }

    /// The half width of the interval of the mean that has this `confidence` (below 1), by
    /// Student's t; absent with fewer than two values, and where all are one number.
    pub fn half_width(&self, confidence: f64) -> Option<f64> {
        if !self.varies()? {
            return None;
        }
        let n = self.n as f64;
        let half = t_quantile(1.0 - (1.0 - confidence) / 2.0, n - 1.0)? * self.sd? / n.sqrt();
        half.is_finite().then_some(half)
    }
}

/// The `p` quantile of Student's t (p below 1), rounded to nine decimals.
///
/// `statrs` takes logarithms from the platform, which differ in their last bits, and is itself
/// exact to some 10⁻¹⁰; after the rounding every platform writes the same interval.
pub fn t_quantile(p: f64, degrees_of_freedom: f64) -> Option<f64> {
    let t = StudentsT::new(0.0, 1.0, degrees_of_freedom).ok()?;
    Some((t.inverse_cdf(p) * 1e9).round() / 1e9)
}

/// The chance that Student's t is at least `t`.
pub fn t_upper(t: f64, degrees_of_freedom: f64) -> Option<f64> {
    if t.is_nan() {
        return None;
    }
    let distribution = StudentsT::new(0.0, 1.0, degrees_of_freedom).ok()?;
    Some(distribution.sf(t))
}
