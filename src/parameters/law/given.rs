//! A law that a program has, in the form in which scenarios write it.
//!
//! This module does *not* know where it comes from.

use super::{Distribution, Exponential, LawSpec, Lognormal, Scaled};
use crate::parameters::number::{NonNegative, Positive, Signed};
use crate::random::law;

impl From<law::Law> for LawSpec {
    /// The law as it is written without a mean in the place of its scale.
    fn from(law: law::Law) -> Self {
        let scaled = |shape, scale_s| Scaled {
            shape: Positive(shape),
            scale_s: Some(Positive(scale_s)),
            mean_s: None,
        };
        Self::Distribution(match law {
            law::Law::Constant(seconds) => return Self::Constant(NonNegative(seconds)),
            law::Law::Exponential { mean_s } => Distribution::Exponential(Exponential {
                mean_s: Positive(mean_s),
            }),
            law::Law::Weibull { shape, scale_s } => Distribution::Weibull(scaled(shape, scale_s)),
            law::Law::Pareto { shape, scale_s } => Distribution::Pareto(scaled(shape, scale_s)),
            law::Law::Lomax { shape, scale_s } => Distribution::Lomax(scaled(shape, scale_s)),
            law::Law::Gamma { shape, scale_s } => Distribution::Gamma(scaled(shape, scale_s)),
            law::Law::Lognormal { mu, sigma } => Distribution::Lognormal(Lognormal {
                mu: Some(Signed(mu)),
                sigma: NonNegative(sigma),
                mean_s: None,
            }),
            law::Law::Uniform { min_s, max_s } => {
                Distribution::UniformS([min_s, max_s].map(NonNegative))
            }
        })
    }
}

impl LawSpec {
    /// The law as it is written without a mean in the place of its scale; a range without width is a constant.
    #[must_use]
    pub fn effective(&self) -> Self {
        match self.validate("") {
            Ok(law::Law::Uniform { min_s, max_s }) if min_s >= max_s => {
                law::Law::Constant(min_s).into()
            }
            Ok(law) => law.into(),
            Err(_) => self.clone(),
        }
    }
}
