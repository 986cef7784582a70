//! How much of a time lies beyond a moment, on average.
//!
//! Stands on `libm`, as samplers do. This module does *not* know what takes this time.

use super::law::Law;

/// Sums end once a term changes them by less than this share.
const SHARE_MIN: f64 = 1e-15;
/// Or after this many terms.
const TERMS_MAX: u32 = 10_000;

impl Law {
    /// The mean of what is left of a time after `lag_s`, nothing if it is shorter: the integral of the
    /// share of longer times from there on. The law has a finite mean.
    pub fn mean_beyond_s(self, lag_s: f64) -> f64 {
        if lag_s <= 0.0 {
            return self.mean_s();
        }
        match self {
            Self::Constant(seconds) => (seconds - lag_s).max(0.0),
            Self::Exponential { mean_s } => mean_s * libm::exp(-lag_s / mean_s),
            Self::Weibull { shape, scale_s } => {
                let power = libm::pow(lag_s / scale_s, shape);
                self.mean_s() * upper_gamma(1.0 / shape, power)
            }
            Self::Pareto { scale_s, .. } if lag_s <= scale_s => self.mean_s() - lag_s,
            Self::Pareto { shape, scale_s } => {
                lag_s * libm::pow(scale_s / lag_s, shape) / (shape - 1.0)
            }
            Self::Lomax { shape, scale_s } => {
                self.mean_s() * libm::pow(1.0 + lag_s / scale_s, 1.0 - shape)
            }
            Self::Lognormal { mu, sigma } if sigma <= 0.0 => (libm::exp(mu) - lag_s).max(0.0),
            Self::Lognormal { mu, sigma } => {
                let above = (mu - libm::log(lag_s)) / sigma;
                let left = self.mean_s() * normal_below(above + sigma);
                (left - lag_s * normal_below(above)).max(0.0)
            }
            Self::Gamma { shape, scale_s } => {
                let lag = lag_s / scale_s;
                let left = self.mean_s() * upper_gamma(shape + 1.0, lag);
                (left - lag_s * upper_gamma(shape, lag)).max(0.0)
            }
            Self::Uniform { min_s, .. } if lag_s <= min_s => self.mean_s() - lag_s,
            Self::Uniform { max_s, .. } if lag_s >= max_s => 0.0,
            Self::Uniform { min_s, max_s } => {
                (max_s - lag_s) * (max_s - lag_s) / (2.0 * (max_s - min_s))
            }
        }
    }
}

/// The share of a normal distribution of mean 0 and variance 1 below `x`.
fn normal_below(x: f64) -> f64 {
    libm::erfc(-x / std::f64::consts::SQRT_2) / 2.0
}

/// The share of a gamma law of this shape and scale 1 beyond `x`: by the series of the share below, or by the continued
/// fraction of the share beyond, whichever converges fast (Abramowitz, Stegun: *Handbook of mathematical functions*,
/// 6.5.29 and 6.5.31).
fn upper_gamma(shape: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    if !x.is_finite() {
        return 0.0;
    }
    let front = libm::exp(shape * libm::log(x) - x - libm::lgamma(shape));
    if x < shape + 1.0 {
        return (1.0 - front * below(shape, x)).clamp(0.0, 1.0);
    }
    (front * beyond(shape, x)).clamp(0.0, 1.0)
}

/// The series of the share below.
fn below(shape: f64, x: f64) -> f64 {
    let mut term = 1.0 / shape;
    let mut sum = term;
    for n in 1..=TERMS_MAX {
        term *= x / (shape + f64::from(n));
        sum += term;
        if term < sum * SHARE_MIN {
            break;
        }
    }
    sum
}

/// The continued fraction of the share beyond, from the front (Lentz's method).
fn beyond(shape: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let apart = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut part = x + 1.0 - shape;
    let mut upper = 1.0 / TINY;
    let mut lower = 1.0 / apart(part);
    let mut product = lower;
    for n in 1..=TERMS_MAX {
        let n = f64::from(n);
        let by = n * (shape - n);
        part += 2.0;
        lower = 1.0 / apart(by * lower + part);
        upper = apart(part + by / upper);
        let factor = lower * upper;
        product *= factor;
        if (factor - 1.0).abs() < SHARE_MIN {
            break;
        }
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The integral of the share of longer times, by the midpoints of equal steps of the logarithm.
    fn integral(longer: impl Fn(f64) -> f64, from: f64) -> f64 {
        const STEPS: u32 = 200_000;
        let [first, last] = [libm::log(from), libm::log(1e9)];
        let step = (last - first) / f64::from(STEPS);
        let part = |n: u32| {
            let at = libm::exp(first + step * (f64::from(n) + 0.5));
            longer(at) * at * step
        };
        (0..STEPS).map(part).sum()
    }

    #[test]
    fn what_lies_beyond_is_the_integral_of_the_longer_times() {
        for shape in [0.4, 0.6, 1.0, 2.5] {
            let scale_s = 1200.0;
            let longer = |at: f64| libm::exp(-libm::pow(at / scale_s, shape));
            for lag_s in [1.0, 60.0, 900.0, 3600.0, 8000.0] {
                let law = Law::Weibull { shape, scale_s };
                let [exact, found] = [integral(longer, lag_s), law.mean_beyond_s(lag_s)];
                assert!(
                    (found - exact).abs() < 1e-4 * (exact + 1e-3),
                    "{law:?} {lag_s}: {found} {exact}"
                );
            }
        }
        for (shape, lag_s) in [(1.5, 2.0), (1.5, 20.0), (4.0, 7.0)] {
            let (pareto, lomax) = (
                Law::Pareto {
                    shape,
                    scale_s: 5.0,
                },
                Law::Lomax {
                    shape,
                    scale_s: 5.0,
                },
            );
            // The tail beyond the last step.
            let rest = libm::pow(5.0 / 1e9, shape) * 1e9 / (shape - 1.0);
            let longer = |at: f64| libm::pow(5.0 / at, shape).min(1.0);
            let exact = integral(longer, lag_s) + rest;
            assert!((pareto.mean_beyond_s(lag_s) / exact - 1.0).abs() < 1e-4);
            let exact = integral(|at| libm::pow(1.0 + at / 5.0, -shape), lag_s) + rest;
            assert!((lomax.mean_beyond_s(lag_s) / exact - 1.0).abs() < 1e-4);
        }
        for sigma in [0.3, 1.0, 2.0] {
            let law = Law::Lognormal { mu: 3.0, sigma };
            let longer = |at: f64| normal_below((3.0 - libm::log(at)) / sigma);
            let exact = integral(longer, 15.0);
            assert!(
                (law.mean_beyond_s(15.0) / exact - 1.0).abs() < 1e-4,
                "{law:?}"
            );
        }
    }

    #[test]
    fn gamma_laws_agree_with_sums_of_exponential_times() {
        let scale_s = 40.0;
        for lag_s in [1.0, 30.0, 100.0, 500.0] {
            let of = |shape: f64| Law::Gamma { shape, scale_s }.mean_beyond_s(lag_s);
            let x = lag_s / scale_s;
            let one = scale_s * libm::exp(-x);
            assert!((of(1.0) / one - 1.0).abs() < 1e-9);
            assert!((of(2.0) / (one * (2.0 + x)) - 1.0).abs() < 1e-9, "{lag_s}");
            let half = Law::Gamma {
                shape: 0.5,
                scale_s,
            };
            let longer = |at: f64| libm::erfc((at / scale_s).sqrt());
            let exact = integral(longer, lag_s);
            assert!(
                (half.mean_beyond_s(lag_s) / exact - 1.0).abs() < 1e-4,
                "{lag_s}"
            );
        }
    }

    #[test]
    fn what_is_bounded_ends() {
        let uniform = Law::Uniform {
            min_s: 10.0,
            max_s: 30.0,
        };
        let beyond = [0.0, 4.0, 20.0, 30.0, 99.0].map(|lag_s| uniform.mean_beyond_s(lag_s));
        let near = |found: &[f64], exact: &[f64]| {
            let mut both = found.iter().zip(exact);
            both.all(|(found, exact)| (found - exact).abs() < 1e-12)
        };
        assert!(near(&beyond, &[20.0, 16.0, 2.5, 0.0, 0.0]), "{beyond:?}");
        let constant = [2.0, 7.0].map(|lag_s| Law::Constant(5.0).mean_beyond_s(lag_s));
        assert!(near(&constant, &[3.0, 0.0]), "{constant:?}");
        let wide = Law::Weibull {
            shape: 0.05,
            scale_s: 1e-9,
        };
        assert!((0.0..=wide.mean_s()).contains(&wide.mean_beyond_s(3600.0)));
    }
}
