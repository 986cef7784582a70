//! The demand of an application, and its conversion into the validated configuration.
//!
//! The doc comments here are the descriptions in the JSON Schema. This module does *not* read trace
//! files.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::opus::allocation::config::{self, Shape};
use crate::opus::number::Region;
use crate::parameters::Problem;
use crate::parameters::file;
use crate::parameters::number::{Amount, Factor, Period, Share};

/// A part of the demand. Rates are totals over its regions, which have equal shares.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Demand {
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
pub(super) struct Constant {
    /// The rate, in requests a second.
    rate_per_s: Amount,
    /// The numbers of the regions that it comes from; null: all.
    #[serde(default)]
    regions: Option<Vec<Region>>,
}

/// A demand that follows a sine: mean · (1 + amplitude · sin 2π(t ÷ period − phase − region ·
/// phase_step)).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Diurnal {
    /// The mean rate, in requests a second.
    mean_per_s: Amount,
    /// The amplitude, as a fraction of the mean.
    amplitude: Share,
    /// The period, in seconds.
    period_s: Period,
    /// The delay, as a fraction of the period.
    #[serde(default = "zero")]
    phase: Factor,
    /// The delay of each region relative to the previous one, as a fraction of the period.
    #[serde(default = "zero")]
    phase_step: Factor,
    /// The numbers of the regions that it comes from; null: all.
    #[serde(default)]
    regions: Option<Vec<Region>>,
}

fn zero() -> Factor {
    Factor(0.0)
}

fn nothing() -> Amount {
    Amount(0.0)
}

/// A flash crowd.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Flash {
    /// The rate before and after, in requests a second.
    #[serde(default = "nothing")]
    base_per_s: Amount,
    /// The rate at the peak.
    peak_per_s: Amount,
    /// When it begins to rise, in seconds.
    start_s: Amount,
    /// How long it rises, in seconds.
    rise_s: Amount,
    /// How long it stays at the peak, in seconds.
    hold_s: Amount,
    /// How long it falls, in seconds.
    fall_s: Amount,
    /// The numbers of the regions that it comes from; null: all.
    #[serde(default)]
    regions: Option<Vec<Region>>,
}

/// A demand that is read from a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Trace {
    /// A CSV file with the columns `time_s,region,rate_per_s`, by time; a rate holds until the
    /// next one of its region, and the last row is not before the end of the run. A relative path
    /// is relative to the scenario file.
    #[serde(deserialize_with = "file")]
    file: String,
}

impl Demand {
    /// A demand of so many requests a second from all regions together.
    pub(super) fn constant(rate_per_s: f64) -> Self {
        Self::Constant(Constant {
            rate_per_s: Amount(rate_per_s),
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

    /// The demand, which stands at `pointer`, with its changes `shift_s` later.
    pub(super) fn convert(&self, pointer: &str, shift_s: f64) -> config::Demand {
        let numbers = |regions: &Vec<Region>| regions.iter().map(|region| region.0).collect();
        config::Demand {
            pointer: format!("{pointer}/{}", self.name()),
            shape: self.shape(),
            regions: self.regions().map(numbers),
            shift_s,
        }
    }

    fn shape(&self) -> Shape {
        match self {
            Self::Constant(constant) => Shape::Constant {
                rate: constant.rate_per_s.0,
            },
            Self::Diurnal(diurnal) => Shape::Diurnal {
                mean: diurnal.mean_per_s.0,
                amplitude: diurnal.amplitude.0,
                period_s: diurnal.period_s.0,
                phase: diurnal.phase.0,
                phase_step: diurnal.phase_step.0,
            },
            Self::Flash(flash) => Shape::Flash {
                base: flash.base_per_s.0,
                peak: flash.peak_per_s.0,
                start_s: flash.start_s.0,
                lasts_s: [flash.rise_s.0, flash.hold_s.0, flash.fall_s.0],
            },
            Self::Trace(trace) => Shape::Trace {
                file: (&trace.file).into(),
                trace: None,
            },
        }
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

    /// The regions that it names, if it names them and no file does.
    fn regions(&self) -> Option<&Vec<Region>> {
        match self {
            Self::Constant(constant) => constant.regions.as_ref(),
            Self::Diurnal(diurnal) => diurnal.regions.as_ref(),
            Self::Flash(flash) => flash.regions.as_ref(),
            Self::Trace(_) => None,
        }
    }
}
