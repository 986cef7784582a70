//! How units come and go, as a scenario writes it.
//!
//! This module does *not* know which units there are, nor when one comes or goes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Disconnection, DisconnectionMode, Units, World};
use crate::parameters::Problem;
use crate::parameters::law::Law;
use crate::random::alternation::Alternation;

/// How units come and go while requests run: each by itself, in steady state from the beginning of
/// the request phase.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sessions {
    /// How long a unit is up at a time.
    pub up: Law,
    /// How long it is down at a time. Left out in the disconnection mode `sessions`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub down: Option<Law>,
    /// How it goes.
    #[serde(default)]
    pub leave: Leave,
    /// Which kinds of units come and go; the root broker never does. All, if it is left out. In the
    /// disconnection mode `sessions` it is left out, and those of `disconnection` come and go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units: Option<Units>,
}

/// How a unit that has sessions goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Leave {
    /// It unregisters, by the protocol.
    #[default]
    Unregister,
    /// It crashes, and its peers detect it by timeouts.
    Crash,
}

/// Which units come and go, and by which laws.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Alternating {
    /// How long each of them is up and down.
    pub alternation: Alternation,
    /// How they go.
    pub leave: Leave,
    /// Which kinds of units they are.
    pub units: Units,
}

impl Sessions {
    /// Which units come and go and how, where the system's parameters stand at `pointer`.
    ///
    /// # Errors
    /// If a law has no mean, or what says how long units are down is missing or stands twice.
    pub(super) fn alternating(
        &self,
        disconnection: &Disconnection,
        pointer: &str,
    ) -> Result<Alternating, Problem> {
        let at = |member: &str| format!("{pointer}/sessions/{member}");
        let up = self.up.with_mean(&at("up"))?;
        let by_rate = disconnection.mode == DisconnectionMode::Sessions;
        if !by_rate {
            let Some(down) = &self.down else {
                return Err(Problem::new(
                    format!("{pointer}/sessions"),
                    "nothing says how long units are down",
                )
                .help(
                    "write `down`, or set the mode of `disconnection` to \"sessions\" so that its \
                     `rate` says it",
                ));
            };
            let down = down.with_mean(&at("down"))?;
            return Ok(Alternating {
                alternation: Alternation::new(up, down).map_err(|what| {
                    Problem::new(format!("{pointer}/sessions"), what)
                        .help("make `up` or `down` longer")
                })?,
                leave: self.leave,
                units: self.units.unwrap_or(Units::All),
            });
        }
        for (member, given, instead) in [
            ("down", self.down.is_some(), "rate"),
            ("units", self.units.is_some(), "units"),
        ] {
            if given {
                return Err(Problem::new(
                    at(member),
                    format!(
                        "in the disconnection mode `sessions`, `/disconnection/{instead}` says this"
                    ),
                )
                .help("leave it out, or choose another mode of `disconnection`"));
            }
        }
        let alternation = Alternation::with_absence(up, disconnection.rate.0)
            .map_err(|what| Problem::new(at("up"), what).help("make `up` longer"))?;
        Ok(Alternating {
            alternation,
            leave: self.leave,
            units: disconnection.units,
        })
    }
}

/// Whether what is said of comings and goings fits together.
pub(super) fn check(world: &World, pointer: &str) -> Result<(), Problem> {
    let disconnection = &world.disconnection;
    match &world.sessions {
        Some(sessions) => sessions.alternating(disconnection, pointer).map(|_| ()),
        None if disconnection.mode == DisconnectionMode::Sessions => Err(Problem::new(
            format!("{pointer}/disconnection/mode"),
            "units come and go by `sessions`, and there are none",
        )
        .help("add `sessions` with `up`, or choose another mode")),
        None => Ok(()),
    }
}
