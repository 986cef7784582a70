//! A law that a program has, in the form in which scenarios write it.
//!
//! This module does *not* know where it comes from.

use super::{Exponential, Law, Lognormal, Named, Scaled};
use crate::parameters::number::{Amount, Positive, Signed};
use crate::random::law;

impl From<law::Law> for Law {
    /// The law as it is written without a mean in the place of its scale.
    fn from(law: law::Law) -> Self {
        let scaled = |shape, scale_s| Scaled {
            shape: Positive(shape),
            scale_s: Some(Positive(scale_s)),
            mean_s: None,
        };
        Self::Named(match law {
            law::Law::Constant(seconds) => return Self::Constant(Amount(seconds)),
            law::Law::Exponential { mean_s } => Named::Exponential(Exponential {
                mean_s: Positive(mean_s),
            }),
            law::Law::Weibull { shape, scale_s } => Named::Weibull(scaled(shape, scale_s)),
            law::Law::Pareto { shape, scale_s } => Named::Pareto(scaled(shape, scale_s)),
            law::Law::Lomax { shape, scale_s } => Named::Lomax(scaled(shape, scale_s)),
            law::Law::Gamma { shape, scale_s } => Named::Gamma(scaled(shape, scale_s)),
            law::Law::Lognormal { mu, sigma } => Named::Lognormal(Lognormal {
                mu: Some(Signed(mu)),
                sigma: Amount(sigma),
                mean_s: None,
            }),
            law::Law::Uniform { min_s, max_s } => Named::UniformS([min_s, max_s].map(Amount)),
        })
    }
}

impl Law {
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
