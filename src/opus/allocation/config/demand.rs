//! The demand of an application, as a scenario writes it.
//!
//! The doc comments are the descriptions in the JSON Schema. This module does *not* read trace files.

use std::collections::BTreeSet;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::opus::allocation::trace::Trace as Rates;
use crate::opus::number::Region;
use crate::parameters::Problem;
use crate::parameters::file;
use crate::parameters::number::{Factor, Fraction, NonNegative, Period};

/// A part of the demand. Rates are totals over its regions, which have equal shares.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Demand {
    /// It does not change.
    Constant(Constant),
    /// It follows a sine.
    Diurnal(Diurnal),
    /// It rises to a peak, stays there, and falls again.
    Flash(Flash),
    /// It is read from a file.
    Trace(Trace),
}

/// A demand that does not change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Constant {
    /// The rate, in requests a second.
    pub rate_per_s: NonNegative,
    /// The numbers of the regions that it comes from; null: all.
    #[serde(default)]
    pub regions: Option<Vec<Region>>,
}

/// A demand that follows a sine: mean · (1 + amplitude · sin 2π(t ÷ period − phase − region ·
/// phase_step)).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Diurnal {
    /// The mean rate, in requests a second.
    pub mean_per_s: NonNegative,
    /// The amplitude, as a fraction of the mean.
    pub amplitude: Fraction,
    /// The period, in seconds.
    pub period_s: Period,
    /// The delay, as a fraction of the period.
    #[serde(default = "zero")]
    pub phase: Factor,
    /// The delay of each region relative to the previous one, as a fraction of the period.
    #[serde(default = "zero")]
    pub phase_step: Factor,
    /// The numbers of the regions that it comes from; null: all.
    #[serde(default)]
    pub regions: Option<Vec<Region>>,
}

fn zero() -> Factor {
    Factor(0.0)
}

fn nothing() -> NonNegative {
    NonNegative(0.0)
}

/// A flash crowd.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Flash {
    /// The rate before and after, in requests a second.
    #[serde(default = "nothing")]
    pub base_per_s: NonNegative,
    /// The rate at the peak.
    pub peak_per_s: NonNegative,
    /// When it begins to rise, in seconds.
    pub start_s: NonNegative,
    /// How long it rises, in seconds.
    pub rise_s: NonNegative,
    /// How long it stays at the peak, in seconds.
    pub hold_s: NonNegative,
    /// How long it falls, in seconds.
    pub fall_s: NonNegative,
    /// The numbers of the regions that it comes from; null: all.
    #[serde(default)]
    pub regions: Option<Vec<Region>>,
}

/// A demand that is read from a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trace {
    /// A CSV file with the columns `time_s,region,rate_per_s`, by time; a rate holds until the
    /// next one of its region, and the last row is not before the end of the run. A relative path
    /// is relative to the scenario file.
    #[serde(deserialize_with = "file")]
    pub file: String,
    /// What the file says, once it has been read.
    #[serde(skip)]
    pub rates: Option<Arc<Rates>>,
}

impl Demand {
    /// A demand of `rate_per_s` requests a second from all regions together.
    pub fn constant(rate_per_s: f64) -> Self {
        Self::Constant(Constant {
            rate_per_s: NonNegative(rate_per_s),
            regions: None,
        })
    }

    /// The greatest rate, as far as the scenario tells.
    pub(super) fn most(&self) -> f64 {
        match self {
            Self::Constant(constant) => constant.rate_per_s.0,
            Self::Diurnal(diurnal) => diurnal.mean_per_s.0 * (1.0 + diurnal.amplitude.0),
            Self::Flash(flash) => flash.base_per_s.0.max(flash.peak_per_s.0),
            Self::Trace(_) => 0.0,
        }
    }

    /// The regions that are named, if any are, are some, each once, and there if it is known how many
    /// `regions` there are; the demand stands at `pointer`.
    pub(super) fn check_regions(&self, pointer: &str, regions: Option<u32>) -> Result<(), Problem> {
        let Some(given) = self.regions() else {
            return Ok(());
        };
        let pointer = format!("{pointer}/{}/regions", self.name());
        if given.is_empty() {
            let what = "the demand comes from no region";
            return Err(Problem::new(pointer, what).help("name some, or write null for all"));
        }
        let mut named = BTreeSet::new();
        for (number, region) in given.iter().enumerate() {
            let place = format!("{pointer}/{number}");
            if !named.insert(region.0) {
                let what = format!("region {} is named twice", region.0);
                return Err(Problem::new(place, what).help("name it once"));
            }
            if let Some(regions) = regions.filter(|regions| region.0 >= *regions) {
                let what = format!("there is no region {}: there are {regions}", region.0);
                let help = format!("regions are numbered 0 to {}", regions - 1);
                return Err(Problem::new(place, what).help(help));
            }
        }
        Ok(())
    }

    /// What its kind is called in a scenario.
    fn name(&self) -> &'static str {
        match self {
            Self::Constant(_) => "constant",
            Self::Diurnal(_) => "diurnal",
            Self::Flash(_) => "flash",
            Self::Trace(_) => "trace",
        }
    }

    /// Where it stands in the object of the parameters, as part number `part` of an application's demand.
    pub(in crate::opus) fn place(&self, application: usize, part: usize) -> String {
        let kind = self.name();
        format!("applications/{application}/demand/{part}/{kind}")
    }

    /// The regions that it names, if it names them and no file does.
    pub(in crate::opus) fn regions(&self) -> Option<&[Region]> {
        match self {
            Self::Constant(constant) => constant.regions.as_deref(),
            Self::Diurnal(diurnal) => diurnal.regions.as_deref(),
            Self::Flash(flash) => flash.regions.as_deref(),
            Self::Trace(_) => None,
        }
    }
}
