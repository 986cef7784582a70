//! The law of a time, as scenarios write it.
//!
//! This module does *not* know how a law is sampled, nor which time follows it.

use std::fmt;

use schemars::JsonSchema;
use serde::de::value::{F64Deserializer, I64Deserializer, MapAccessDeserializer, U64Deserializer};
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::Problem;
use super::number::{Amount, Positive, Signed};
use crate::random::law;

/// The distribution of a time: a constant number of seconds, or an object with exactly one member, the
/// name of the distribution.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Law {
    /// Always the same, in seconds.
    Constant(Amount),
    /// A law.
    Named(Named),
}

/// A distribution and its parameters. Times are in seconds; `mean_s` may replace the scale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Named {
    /// Exponential.
    Exponential(Exponential),
    /// Weibull.
    Weibull(Scaled),
    /// Pareto; the scale is the least value.
    Pareto(Scaled),
    /// Lomax.
    Lomax(Scaled),
    /// Log-normal.
    Lognormal(Lognormal),
    /// Gamma.
    Gamma(Scaled),
    /// Uniform from the first number to the second.
    UniformS([Amount; 2]),
}

/// The parameters of an exponential distribution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exponential {
    /// The mean.
    mean_s: Positive,
}

/// The parameters of a distribution with a shape and a scale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scaled {
    /// The shape.
    shape: Positive,
    /// The scale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scale_s: Option<Positive>,
    /// The mean, instead of the scale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mean_s: Option<Positive>,
}

/// The parameters of a log-normal distribution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lognormal {
    /// The mean of ln seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mu: Option<Signed>,
    /// The standard deviation of ln seconds.
    sigma: Amount,
    /// The mean, instead of `mu`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mean_s: Option<Positive>,
}

impl Law {
    /// The law, or what is wrong with it, where the law stands at `pointer`.
    pub fn validate(&self, pointer: &str) -> Result<law::Law, Problem> {
        let named = match self {
            Self::Constant(seconds) => return Ok(law::Law::Constant(seconds.0)),
            Self::Named(named) => named,
        };
        Ok(match named {
            Named::Exponential(Exponential { mean_s }) => {
                law::Law::Exponential { mean_s: mean_s.0 }
            }
            Named::Weibull(scaled) => {
                let at = format!("{pointer}/weibull");
                let (shape, scale_s) =
                    scaled.parameters(&at, |shape| libm::tgamma(1.0 + 1.0 / shape))?;
                law::Law::Weibull { shape, scale_s }
            }
            Named::Pareto(scaled) => {
                let at = format!("{pointer}/pareto");
                let (shape, scale_s) = scaled.heavy(&at, |shape| shape / (shape - 1.0))?;
                law::Law::Pareto { shape, scale_s }
            }
            Named::Lomax(scaled) => {
                let at = format!("{pointer}/lomax");
                let (shape, scale_s) = scaled.heavy(&at, |shape| 1.0 / (shape - 1.0))?;
                law::Law::Lomax { shape, scale_s }
            }
            Named::Lognormal(lognormal) => lognormal.validate(pointer)?,
            Named::Gamma(scaled) => {
                let at = format!("{pointer}/gamma");
                let (shape, scale_s) = scaled.parameters(&at, |shape| shape)?;
                law::Law::Gamma { shape, scale_s }
            }
            Named::UniformS([min, max]) => {
                let (min_s, max_s) = (min.0, max.0);
                if max_s < min_s {
                    let what = format!("the least time, {min_s}, is above the greatest, {max_s}");
                    let problem = Problem::new(format!("{pointer}/uniform_s"), what);
                    return Err(problem.help("write the smaller number first"));
                }
                law::Law::Uniform { min_s, max_s }
            }
        })
    }
}

impl Law {
    /// The same for a law that must have a mean: else what alternates by it has no steady state.
    pub fn with_mean(&self, pointer: &str) -> Result<law::Law, Problem> {
        let law = self.validate(pointer)?;
        if law.mean_s().is_finite() {
            return Ok(law);
        }
        let what = "the mean of this distribution is infinite, so the fraction of time that it is up \
        is undefined";
        Err(Problem::new(pointer, what).help("choose a distribution with a finite mean"))
    }
}

impl Scaled {
    /// Shape and scale, where `mean_of` tells the mean at a scale of 1 by the shape.
    fn parameters(
        &self,
        pointer: &str,
        mean_of: impl Fn(f64) -> f64,
    ) -> Result<(f64, f64), Problem> {
        let shape = self.shape.0;
        let scale_s = one_of(pointer, ("scale_s", self.scale_s), self.mean_s, |mean_s| {
            mean_s / mean_of(shape)
        })?;
        let scale_s = match scale_s {
            Given::Parameter(Positive(scale_s)) | Given::Mean(scale_s) => scale_s,
        };
        if scale_s > 0.0 && scale_s.is_finite() {
            return Ok((shape, scale_s));
        }
        let what = format!("with a shape of {shape} no scale gives this mean");
        Err(Problem::new(format!("{pointer}/mean_s"), what).help("choose another shape"))
    }

    /// The same for a law that has a mean only if its shape is above 1.
    fn heavy(&self, pointer: &str, mean_of: impl Fn(f64) -> f64) -> Result<(f64, f64), Problem> {
        let shape = self.shape.0;
        if self.mean_s.is_some() && shape <= 1.0 {
            let what = format!("with a shape of {shape} the mean is infinite");
            let problem = Problem::new(format!("{pointer}/mean_s"), what);
            return Err(problem.help("write `scale_s` instead of it, or a shape above 1"));
        }
        self.parameters(pointer, mean_of)
    }
}

impl Lognormal {
    fn validate(&self, pointer: &str) -> Result<law::Law, Problem> {
        let sigma = self.sigma.0;
        let pointer = format!("{pointer}/lognormal");
        let mu = one_of(&pointer, ("mu", self.mu), self.mean_s, |mean_s| {
            libm::log(mean_s) - sigma * sigma / 2.0
        })?;
        let mu = match mu {
            Given::Parameter(Signed(mu)) | Given::Mean(mu) => mu,
        };
        Ok(law::Law::Lognormal { mu, sigma })
    }
}

/// What was given of a parameter and the mean.
enum Given<T> {
    Parameter(T),
    /// What the parameter is by the mean.
    Mean(f64),
}

/// The parameter, or what follows for it from the mean; exactly one of both is given.
fn one_of<T: Copy>(
    pointer: &str,
    (name, parameter): (&str, Option<T>),
    mean: Option<Positive>,
    from_mean: impl Fn(f64) -> f64,
) -> Result<Given<T>, Problem> {
    match (parameter, mean) {
        (Some(parameter), None) => Ok(Given::Parameter(parameter)),
        (None, Some(mean)) => Ok(Given::Mean(from_mean(mean.0))),
        (None, None) => Err(Problem::new(
            pointer,
            format!("neither `{name}` nor `mean_s` is given"),
        )
        .help("write one of them")),
        (Some(_), Some(_)) => Err(Problem::new(
            pointer,
            format!("both `{name}` and `mean_s` are given"),
        )
        .help("leave one of them out")),
    }
}

impl<'de> Deserialize<'de> for Law {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct LawVisitor;

        impl<'de> Visitor<'de> for LawVisitor {
            type Value = Law;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of seconds, or an object that names a law")
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Law, E> {
                Amount::deserialize(U64Deserializer::new(number)).map(Law::Constant)
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Law, E> {
                Amount::deserialize(I64Deserializer::new(number)).map(Law::Constant)
            }
            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Law, E> {
                Amount::deserialize(F64Deserializer::new(number)).map(Law::Constant)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Law, A::Error> {
                Named::deserialize(MapAccessDeserializer::new(map)).map(Law::Named)
            }
        }

        deserializer.deserialize_any(LawVisitor)
    }
}
