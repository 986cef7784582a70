//! Laws of a time: how long something takes, lasts or is late.
//!
//! Samplers stand on `libm`. This module does *not* know what takes this time, nor how a law is written down.

use std::f64::consts::TAU;

use super::Stream;
use crate::time::Span;

/// The law of a time, in seconds. Parameters are finite, and above 0 but for `mu`, constants and the
/// ends of a range, which are not below 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Law {
    /// Always the same.
    Constant(f64),
    /// Exponential.
    Exponential {
        /// Its mean.
        mean_s: f64,
    },
    /// Weibull.
    Weibull {
        /// Below 1, long times become likelier the longer it has taken.
        shape: f64,
        /// 63 % are below it.
        scale_s: f64,
    },
    /// Pareto.
    Pareto {
        /// The exponent of the tail.
        shape: f64,
        /// The least value.
        scale_s: f64,
    },
    /// Lomax: Pareto, moved so that it begins at 0.
    Lomax {
        /// The exponent of the tail.
        shape: f64,
        /// What a Pareto law would be moved by.
        scale_s: f64,
    },
    /// Log-normal.
    Lognormal {
        /// The mean of ln seconds.
        mu: f64,
        /// The standard deviation of ln seconds; 0 is allowed.
        sigma: f64,
    },
    /// Gamma.
    Gamma {
        /// How many exponential times it is the sum of, if that is a whole number.
        shape: f64,
        /// The mean of each.
        scale_s: f64,
    },
    /// Uniform.
    Uniform {
        /// The least.
        min_s: f64,
        /// The greatest.
        max_s: f64,
    },
}

/// A century: what is drawn beyond it takes as long.
const SECONDS_MAX: f64 = 3.2e9;

impl Law {
    /// What no time exceeds; `None`: there is no such bound.
    pub fn most(self) -> Option<Span> {
        match self {
            Self::Constant(seconds) => Some(span_of(seconds)),
            Self::Uniform { max_s, .. } => Some(span_of(max_s)),
            Self::Exponential { .. }
            | Self::Weibull { .. }
            | Self::Pareto { .. }
            | Self::Lomax { .. }
            | Self::Lognormal { .. }
            | Self::Gamma { .. } => None,
        }
    }

    /// The next time out of `stream`, in seconds.
    pub fn sample(self, stream: &mut Stream) -> f64 {
        match self {
            Self::Constant(seconds) => seconds,
            Self::Exponential { mean_s } => mean_s * exponential(stream),
            Self::Weibull { shape, scale_s } => {
                scale_s * libm::pow(exponential(stream), 1.0 / shape)
            }
            Self::Pareto { shape, scale_s } => scale_s * libm::exp(exponential(stream) / shape),
            Self::Lomax { shape, scale_s } => scale_s * libm::expm1(exponential(stream) / shape),
            Self::Lognormal { mu, sigma } => libm::exp(mu + sigma * normal(stream)),
            Self::Gamma { shape, scale_s } => scale_s * gamma(shape, stream),
            Self::Uniform { min_s, max_s } => min_s + (max_s - min_s) * stream.unit(),
        }
    }

    /// The next time out of `stream`, in whole nanoseconds; a century at most.
    pub fn span(self, stream: &mut Stream) -> Span {
        span_of(self.sample(stream))
    }
}

impl Law {
    /// The mean, in seconds; not finite if there is none, or if it is beyond all numbers.
    pub fn mean_s(self) -> f64 {
        match self {
            Self::Constant(seconds) => seconds,
            Self::Exponential { mean_s } => mean_s,
            Self::Weibull { shape, scale_s } => scale_s * libm::tgamma(1.0 + 1.0 / shape),
            Self::Pareto { shape, scale_s } if shape > 1.0 => scale_s * shape / (shape - 1.0),
            Self::Lomax { shape, scale_s } if shape > 1.0 => scale_s / (shape - 1.0),
            Self::Pareto { .. } | Self::Lomax { .. } => f64::INFINITY,
            Self::Lognormal { mu, sigma } => libm::exp(mu + sigma * sigma / 2.0),
            Self::Gamma { shape, scale_s } => shape * scale_s,
            Self::Uniform { min_s, max_s } => f64::midpoint(min_s, max_s),
        }
    }

    /// The law of `factor` times as long, which is above 0.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        match self {
            Self::Constant(seconds) => Self::Constant(seconds * factor),
            Self::Exponential { mean_s } => Self::Exponential {
                mean_s: mean_s * factor,
            },
            Self::Weibull { shape, scale_s } => Self::Weibull {
                shape,
                scale_s: scale_s * factor,
            },
            Self::Pareto { shape, scale_s } => Self::Pareto {
                shape,
                scale_s: scale_s * factor,
            },
            Self::Lomax { shape, scale_s } => Self::Lomax {
                shape,
                scale_s: scale_s * factor,
            },
            Self::Lognormal { mu, sigma } => Self::Lognormal {
                mu: mu + libm::log(factor),
                sigma,
            },
            Self::Gamma { shape, scale_s } => Self::Gamma {
                shape,
                scale_s: scale_s * factor,
            },
            Self::Uniform { min_s, max_s } => Self::Uniform {
                min_s: min_s * factor,
                max_s: max_s * factor,
            },
        }
    }

    /// What is left of a period of this law in steady state: the equilibrium law, whose density is the share of
    /// periods that last longer, divided by the mean. That is a uniform share of a period drawn in proportion
    /// to its length. The law has a finite mean.
    pub fn rest(self, stream: &mut Stream) -> Span {
        // Lomax is its own: a period that has lasted makes a longer scale.
        if let Self::Lomax { shape, scale_s } = self {
            let shape = shape - 1.0;
            return Self::Lomax { shape, scale_s }.span(stream);
        }
        let share = stream.unit();
        let whole = match self {
            Self::Weibull { shape, scale_s } => {
                let power = gamma(1.0 + 1.0 / shape, stream);
                scale_s * libm::pow(power, 1.0 / shape)
            }
            Self::Pareto { shape, scale_s } => {
                let shape = shape - 1.0;
                Self::Pareto { shape, scale_s }.sample(stream)
            }
            Self::Lognormal { mu, sigma } => {
                let mu = mu + sigma * sigma;
                Self::Lognormal { mu, sigma }.sample(stream)
            }
            Self::Gamma { shape, scale_s } => scale_s * gamma(shape + 1.0, stream),
            Self::Exponential { mean_s } => mean_s * gamma(2.0, stream),
            Self::Uniform { min_s, max_s } => {
                let [min, max] = [min_s * min_s, max_s * max_s];
                libm::sqrt(min + (max - min) * stream.unit())
            }
            Self::Constant(_) | Self::Lomax { .. } => self.sample(stream),
        };
        span_of(share * whole)
    }
}

/// A number of seconds as a span of whole nanoseconds; a century at most.
fn span_of(seconds: f64) -> Span {
    Span::from_ns((seconds.min(SECONDS_MAX) * 1e9).round() as u64)
}

/// Of mean 1, by inversion.
fn exponential(stream: &mut Stream) -> f64 {
    -libm::log(1.0 - stream.unit())
}

/// Of mean 0 and variance 1 (Box, Muller: *A note on the generation of random normal deviates*,
/// 1958).
fn normal(stream: &mut Stream) -> f64 {
    let radius = libm::sqrt(2.0 * exponential(stream));
    radius * libm::cos(TAU * stream.unit())
}

/// Of scale 1 (Marsaglia, Tsang: *A simple method for generating gamma variables*, TOMS 26, 2000).
fn gamma(shape: f64, stream: &mut Stream) -> f64 {
    if shape < 1.0 {
        // u^(1/shape) of an exponential draw cannot be 0 where u is not.
        let share = libm::exp(-exponential(stream) / shape);
        return share * gamma(shape + 1.0, stream);
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / libm::sqrt(9.0 * d);
    loop {
        let normal = normal(stream);
        let root = 1.0 + c * normal;
        if root > 0.0 {
            let cube = root * root * root;
            let bound = 0.5 * normal * normal + d - d * cube + d * libm::log(cube);
            if -exponential(stream) < bound {
                return d * cube;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rand_distr::{Distribution, Exp, Gamma, LogNormal, Pareto, Uniform, Weibull};

    use super::*;
    use crate::random::{RandomStreams, StreamId};

    const SAMPLES: usize = 20_000;

    /// The greatest distance between the two empirical distribution functions.
    fn distance(ours: &mut [f64], theirs: &mut [f64]) -> f64 {
        ours.sort_unstable_by(f64::total_cmp);
        theirs.sort_unstable_by(f64::total_cmp);
        let below = |value: f64| theirs.partition_point(|other| *other < value);
        let gap = |(rank, value): (usize, &f64)| rank.abs_diff(below(*value));
        let gaps = ours.iter().enumerate().map(gap);
        gaps.max().unwrap() as f64 / SAMPLES as f64
    }

    fn check(law: Law, oracle: impl Fn(&mut Stream) -> f64) {
        let streams = RandomStreams::new(7, 0);
        let drawn = |entity| law.sample(&mut streams.stream(StreamId(240), entity));
        let mut ours: Vec<f64> = (0..SAMPLES as u64).map(drawn).collect();
        let rng = &mut RandomStreams::new(3, 0).stream(StreamId(241), 0);
        let mut theirs: Vec<f64> = (0..SAMPLES).map(|_| oracle(rng)).collect();
        // Two samples of this size are farther apart in one of 10,000 cases.
        let limit = 2.23 * (2.0 / SAMPLES as f64).sqrt();
        let distance = distance(&mut ours, &mut theirs);
        assert!(distance < limit, "{law:?}: {distance}");
    }

    #[test]
    fn samples_are_those_of_an_independent_library() {
        let mean_s = 2.5;
        check(Law::Exponential { mean_s }, |rng| {
            Exp::new(1.0 / mean_s).unwrap().sample(rng)
        });
        for (shape, scale_s) in [(0.3, 8.0), (1.0, 0.5), (4.5, 2.0)] {
            let weibull = Weibull::new(scale_s, shape).unwrap();
            check(Law::Weibull { shape, scale_s }, |rng| weibull.sample(rng));
            let pareto = Pareto::new(scale_s, shape).unwrap();
            check(Law::Pareto { shape, scale_s }, |rng| pareto.sample(rng));
            let lomax = |rng: &mut Stream| pareto.sample(rng) - scale_s;
            check(Law::Lomax { shape, scale_s }, lomax);
            let gamma = Gamma::new(shape, scale_s).unwrap();
            check(Law::Gamma { shape, scale_s }, |rng| gamma.sample(rng));
        }
        let (mu, sigma) = (1.5, 2.4);
        let lognormal = LogNormal::new(mu, sigma).unwrap();
        check(Law::Lognormal { mu, sigma }, |rng| lognormal.sample(rng));
        let (min_s, max_s) = (1.0, 3.0);
        let uniform = Uniform::new(min_s, max_s).unwrap();
        check(Law::Uniform { min_s, max_s }, |rng| uniform.sample(rng));
    }

    /// One of each kind.
    fn laws() -> [Law; 8] {
        [
            Law::Constant(2.0),
            Law::Exponential { mean_s: 2.0 },
            Law::Weibull {
                shape: 0.7,
                scale_s: 1.5,
            },
            Law::Pareto {
                shape: 3.0,
                scale_s: 1.0,
            },
            Law::Lomax {
                shape: 3.5,
                scale_s: 4.0,
            },
            Law::Lognormal {
                mu: 0.2,
                sigma: 0.6,
            },
            Law::Gamma {
                shape: 0.6,
                scale_s: 2.0,
            },
            Law::Uniform {
                min_s: 0.5,
                max_s: 3.0,
            },
        ]
    }

    #[test]
    fn what_is_scaled_takes_so_many_times_as_long() {
        let streams = RandomStreams::new(5, 0);
        for law in laws() {
            for factor in [0.25, 1.0, 7.5] {
                let scaled = law.scaled(factor);
                let near = |time: f64, wanted: f64| (time / wanted - 1.0).abs() < 1e-12;
                assert!(near(scaled.mean_s(), factor * law.mean_s()), "{law:?}");
                for n in 0..50 {
                    let time = |law: Law| law.sample(&mut streams.stream(StreamId(240), n));
                    assert!(near(time(scaled), factor * time(law)), "{law:?} {factor}");
                }
            }
        }
    }

    #[test]
    fn what_is_left_of_a_period_has_the_equilibrium_law() {
        // Its distribution function: the integral of the share of longer periods, over the mean.
        for law in laws() {
            let streams = RandomStreams::new(11, 0);
            let of = |id: u8, entity| streams.stream(StreamId(id), entity);
            let all = 0..SAMPLES as u64;
            let periods: Vec<f64> = all.clone().map(|n| law.sample(&mut of(240, n))).collect();
            let rests: Vec<f64> = all
                .map(|n| law.rest(&mut of(241, n)).as_ns() as f64 / 1e9)
                .collect();
            let mean = periods.iter().sum::<f64>() / SAMPLES as f64;
            assert!((mean / law.mean_s() - 1.0).abs() < 0.04, "{law:?}: {mean}");
            for at in [0.3, 1.0, 1.9, 4.0] {
                let clipped = periods.iter().map(|period| period.min(at)).sum::<f64>();
                let wanted = clipped / SAMPLES as f64 / mean;
                let below = rests.iter().filter(|rest| **rest <= at).count();
                let share = below as f64 / SAMPLES as f64;
                assert!(
                    (share - wanted).abs() < 0.025,
                    "{law:?} {at}: {share} {wanted}"
                );
            }
        }
    }

    #[test]
    fn a_span_is_in_whole_nanoseconds_and_no_longer_than_a_century() {
        let stream = &mut RandomStreams::new(1, 0).stream(StreamId(240), 0);
        let span = Law::Constant(0.25).span(stream);
        assert_eq!(span, Span::from_ns(250_000_000));
        let (shape, scale_s) = (1e-3, 1.0);
        for _ in 0..100 {
            let span = Law::Pareto { shape, scale_s }.span(stream);
            assert!((1_000_000_000..=3_200_000_000_000_000_000).contains(&span.as_ns()));
        }
    }
}
