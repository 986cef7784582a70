//! Times for which computers of nine real systems were up and down, as laws that were fitted to them.
//!
//! The fits are those of Javadi, Kondo, Iosup, Epema: *The Failure Trace Archive: Enabling the
//! comparison of failure measurements and models of distributed systems* (2013). This module does *not*
//! know which time of a scenario follows such a law.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::random::law::Law;

/// The fits are in hours.
const SECONDS_PER_HOUR: f64 = 3600.0;

/// A law that was fitted to the times of a real system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// The system whose computers were watched.
    #[serde(rename = "measured")]
    system: System,
    /// Which of their times.
    time: Time,
    /// Which distribution was fitted to them.
    family: Family,
}

/// A system whose computers were watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum System {
    Overnet03,
    Skype06,
    Planetlab05,
    Nd07cpu,
    Microsoft99,
    #[serde(rename = "grid5000_06")]
    Grid5000In06,
    Websites02,
    Ldns04,
    Lanl05,
}

/// For how long a computer was up, or down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Time {
    Up,
    Down,
}

/// A distribution that was fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Family {
    Exponential,
    Weibull,
    Lognormal,
    Gamma,
}

/// The four fits to the times of one kind, in hours.
struct Fits {
    mean: f64,
    /// Shape and scale.
    weibull: [f64; 2],
    /// µ and σ of ln hours.
    lognormal: [f64; 2],
    /// Shape and scale.
    gamma: [f64; 2],
}

const fn fits(mean: f64, weibull: [f64; 2], lognormal: [f64; 2], gamma: [f64; 2]) -> Fits {
    Fits {
        mean,
        weibull,
        lognormal,
        gamma,
    }
}

impl System {
    /// The fits to its times up and down.
    #[rustfmt::skip]
    const fn fits(self) -> [Fits; 2] {
        match self {
            Self::Overnet03 => [
                fits(2.29, [0.85, 2.04], [0.19, 0.98], [0.91, 2.53]),
                fits(12.00, [0.44, 2.98], [0.08, 1.80], [0.29, 41.64]),
            ],
            Self::Skype06 => [
                fits(16.27, [0.64, 10.86], [1.60, 1.57], [0.53, 30.79]),
                fits(14.31, [0.63, 9.48], [1.40, 1.73], [0.50, 28.53]),
            ],
            Self::Planetlab05 => [
                fits(159.49, [0.33, 19.35], [1.44, 2.86], [0.20, 788.03]),
                fits(49.61, [0.36, 5.59], [0.40, 2.45], [0.21, 237.65]),
            ],
            Self::Nd07cpu => [
                fits(13.73, [0.45, 4.16], [0.30, 2.20], [0.30, 46.16]),
                fits(4.25, [0.51, 0.74], [-1.02, 1.27], [0.28, 15.07]),
            ],
            Self::Microsoft99 => [
                fits(67.01, [0.55, 35.30], [2.62, 1.84], [0.41, 162.19]),
                fits(16.49, [0.60, 9.34], [1.42, 1.54], [0.46, 35.52]),
            ],
            Self::Grid5000In06 => [
                fits(32.41, [0.48, 14.37], [1.51, 2.42], [0.34, 94.35]),
                fits(7.41, [0.35, 0.47], [-2.0, 2.2], [0.19, 39.92]),
            ],
            Self::Websites02 => [
                fits(11.85, [0.46, 3.68], [0.23, 2.02], [0.31, 38.67]),
                fits(1.18, [0.65, 0.61], [-1.12, 1.13], [0.50, 2.37]),
            ],
            Self::Ldns04 => [
                fits(141.06, [0.51, 79.30], [3.25, 2.33], [0.39, 362.43]),
                fits(8.61, [0.63, 5.62], [0.91, 1.64], [0.51, 16.87]),
            ],
            Self::Lanl05 => [
                fits(1779.99, [0.48, 816.60], [5.56, 2.39], [0.35, 5102.71]),
                fits(5.92, [0.58, 2.18], [0.05, 1.42], [0.38, 15.44]),
            ],
        }
    }
}

impl Measured {
    /// The names of its members.
    pub(super) const MEMBERS: [&'static str; 3] = ["measured", "time", "family"];

    /// What the system, the time and the family are called.
    pub(super) fn names(self) -> [&'static str; 3] {
        let system = match self.system {
            System::Overnet03 => "overnet03",
            System::Skype06 => "skype06",
            System::Planetlab05 => "planetlab05",
            System::Nd07cpu => "nd07cpu",
            System::Microsoft99 => "microsoft99",
            System::Grid5000In06 => "grid5000_06",
            System::Websites02 => "websites02",
            System::Ldns04 => "ldns04",
            System::Lanl05 => "lanl05",
        };
        let time = match self.time {
            Time::Up => "up",
            Time::Down => "down",
        };
        let family = match self.family {
            Family::Exponential => "exponential",
            Family::Weibull => "Weibull",
            Family::Lognormal => "log-normal",
            Family::Gamma => "gamma",
        };
        [system, time, family]
    }

    /// The law, of a time in seconds.
    pub fn law(self) -> Law {
        let [up, down] = self.system.fits();
        let fits = match self.time {
            Time::Up => up,
            Time::Down => down,
        };
        let hours = match self.family {
            Family::Exponential => Law::Exponential { mean_s: fits.mean },
            Family::Weibull => {
                let [shape, scale_s] = fits.weibull;
                Law::Weibull { shape, scale_s }
            }
            Family::Lognormal => {
                let [mu, sigma] = fits.lognormal;
                Law::Lognormal { mu, sigma }
            }
            Family::Gamma => {
                let [shape, scale_s] = fits.gamma;
                Law::Gamma { shape, scale_s }
            }
        };
        hours.scaled(SECONDS_PER_HOUR)
    }
}
