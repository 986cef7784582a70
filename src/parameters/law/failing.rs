//! How something alternates between up and down, as scenarios write it.
//!
//! This module does *not* know what is up or down, nor when.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::LawSpec;
use crate::parameters::Problem;
use crate::random::alternation::Alternation;

/// How units alternate between up and down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "UnitFailing")]
pub struct Failing {
    /// How long a unit is up at a time: a distribution with a finite mean.
    pub up: LawSpec,
    /// How long it is down at a time: a distribution with a finite mean.
    pub down: LawSpec,
}

/// How something alternates that is `up` and `down` for times of these laws, which stand at `pointer`. Messages say
/// what to do `otherwise`.
///
/// # Errors
/// If a law has no mean, or none of the two ever lasts.
pub fn alternation(
    (up, down): (&LawSpec, &LawSpec),
    pointer: &str,
    otherwise: &str,
) -> Result<Alternation, Problem> {
    let up = up.with_mean(&format!("{pointer}/up"))?;
    let down = down.with_mean(&format!("{pointer}/down"))?;
    Alternation::new(up, down).map_err(|what| {
        Problem::new(pointer, what).help(format!("make one of them longer, or {otherwise}"))
    })
}

impl Failing {
    /// How a unit alternates, where these parameters stand at `pointer`.
    ///
    /// # Errors
    /// If a law has no mean, or none of the two ever lasts.
    pub fn alternation(&self, pointer: &str) -> Result<Alternation, Problem> {
        alternation((&self.up, &self.down), pointer, "write null")
    }

    /// How a unit alternates, from parameters that have been checked.
    ///
    /// # Panics
    /// If they have not.
    pub fn checked_alternation(&self) -> Alternation {
        self.alternation("").expect("the parameters are checked")
    }
}
