//! How units come and go, as a scenario writes it.
//!
//! This module does *not* know which units there are, nor when one comes or goes.

use std::path::Path;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Disconnection, DisconnectionMode, Units, World};
use crate::availability::{Format, Trace};
use crate::error::Result;
use crate::parameters::law::Law;
use crate::parameters::{self, Problem, ReadFile};
use crate::random::alternation::Alternation;

/// How units come and go while requests run: each by itself, in steady state from the beginning of
/// the request phase.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sessions {
    /// How long a unit is up at a time; left out with a trace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up: Option<Law>,
    /// How long it is down at a time. Left out in the disconnection mode `sessions`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub down: Option<Law>,
    /// When units are up and down, instead of laws: as was observed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<TraceFile>,
    /// How it goes.
    #[serde(default)]
    pub leave: Leave,
    /// Which kinds of units come and go; the root broker never does. All, if it is left out. In the
    /// disconnection mode `sessions` it is left out, and those of `disconnection` come and go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units: Option<Units>,
}

/// A file that says when some nodes were up: unit after unit takes one of them, GCUs first. Nodes that are
/// more than the units do not matter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TraceFile {
    /// Its path.
    #[serde(deserialize_with = "parameters::file")]
    #[schemars(length(min = 1))]
    pub file: String,
    /// How it is written.
    pub format: Format,
    /// What it says, once it has been read.
    #[serde(skip)]
    read: Option<Arc<Trace>>,
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
#[derive(Debug, Clone, PartialEq)]
pub struct Alternating {
    /// When each of them is up and down.
    pub process: Process,
    /// How they go.
    pub leave: Leave,
    /// Which kinds of units they are.
    pub units: Units,
}

/// When units are up and down.
#[derive(Debug, Clone, PartialEq)]
pub enum Process {
    /// As it is drawn by these laws.
    Laws(Alternation),
    /// As the nodes of a trace were; nothing before it has been read.
    Trace(Option<Arc<Trace>>),
}

impl Sessions {
    /// Has the file that it names read by `read`; whether it names one.
    ///
    /// # Errors
    /// If it cannot be read, or is no such trace.
    pub(super) fn supply(&mut self, read: ReadFile<'_>) -> Result<bool> {
        let Some(TraceFile {
            file,
            format,
            read: trace,
        }) = &mut self.trace
        else {
            return Ok(false);
        };
        let text = read(Path::new(&*file));
        let made = text.and_then(|text| Trace::read(text.as_bytes(), *format, file));
        *trace = Some(Arc::new(made.map_err(|error| error.at(TRACE))?));
        Ok(true)
    }

    /// Which units come and go and how, where the system's parameters stand at `pointer`.
    ///
    /// # Errors
    /// If a law has no mean, or what says how long units are down is missing or stands twice.
    pub(super) fn alternating(
        &self,
        disconnection: &Disconnection,
        pointer: &str,
    ) -> std::result::Result<Alternating, Problem> {
        let at = |member: &str| format!("{pointer}/sessions/{member}");
        let by_rate = disconnection.mode == DisconnectionMode::Sessions;
        if let Some(trace) = &self.trace {
            return self.traced(trace, by_rate, pointer);
        }
        let Some(up) = &self.up else {
            let problem = Problem::new(
                format!("{pointer}/sessions"),
                "nothing says how long units are up",
            );
            return Err(problem.help("write `up`, or `trace`"));
        };
        let up = up.with_mean(&at("up"))?;
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
                process: Alternation::new(up, down)
                    .map(Process::Laws)
                    .map_err(|what| {
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
            process: Process::Laws(alternation),
            leave: self.leave,
            units: disconnection.units,
        })
    }

    fn traced(
        &self,
        trace: &TraceFile,
        by_rate: bool,
        pointer: &str,
    ) -> std::result::Result<Alternating, Problem> {
        let laws = [("up", self.up.is_some()), ("down", self.down.is_some())];
        for (member, given) in laws {
            if given {
                let place = format!("{pointer}/sessions/{member}");
                let problem = Problem::new(place, "`trace` says when units are up");
                return Err(problem.help("leave one of the two out"));
            }
        }
        if by_rate {
            let problem = Problem::new(
                format!("{pointer}/disconnection/mode"),
                "the trace says how long units are absent, so a rate cannot",
            );
            return Err(problem.help("choose another mode, or write `up` instead of `trace`"));
        }
        Ok(Alternating {
            process: Process::Trace(trace.read.clone()),
            leave: self.leave,
            units: self.units.unwrap_or(Units::All),
        })
    }
}

/// Where the trace of a scenario stands.
const TRACE: &str = "/system/*/sessions/trace/file";

/// Whether what is said of comings and goings fits together.
pub(super) fn check(world: &World, pointer: &str) -> std::result::Result<(), Problem> {
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
