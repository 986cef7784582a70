//! The `system` member of the scenario file: the simulated systems, each with its parameters and
//! defaults, and their conversion into the validated configuration.
//!
//! The doc comments here are the descriptions in the JSON Schema. This module does *not* know
//! sweeps, nor how a system is run, nor what all discovery systems have in common.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::discovery::discovery_system;
use super::number::LatencyMs;
use super::opus::Opus;
use super::problem::Problem;
use super::reading::{object, word};
use crate::arigatoni;
use crate::time::Span;

/// The mean time until the last request is at most this, about three years, so that simulated
/// time stays far below 2⁶⁴ ns however the draws fall.
pub(super) const WORKLOAD_S_MAX: f64 = 1e8;

/// The simulated system and its parameters; an object with exactly one system.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum System {
    /// The Arigatoni overlay network: colonies of computers led by brokers.
    #[serde(deserialize_with = "object")]
    Arigatoni(Box<Arigatoni>),
    /// The Opus utility service: one overlay of nodes that hosts many applications.
    #[serde(deserialize_with = "object")]
    Opus(Box<Opus>),
}

impl Default for System {
    fn default() -> Self {
        Self::Arigatoni(Box::default())
    }
}

discovery_system! {
    /// The Arigatoni overlay network: colonies of computers (GCUs) led by brokers (GBUs).
    Arigatoni at "/system/arigatoni" {
        /// How the complete overlay is built.
        #[serde(deserialize_with = "word")]
        start: Start = Start::Direct,
        ..
        /// The order in which a broker asks its colony.
        #[serde(deserialize_with = "word")]
        search: Search = Search::Selective,
    }
}

/// How the complete overlay is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Start {
    /// The routing tables are built at once.
    Direct,
    /// Every unit registers by messages; this gives the same tables.
    Messages,
}

/// The order in which a broker asks its colony.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Search {
    /// As few as needed at a time, in random order: fewer messages, but slower.
    Selective,
    /// All able ones at once: more messages, but faster.
    Exhaustive,
}

impl Arigatoni {
    /// The validated configuration, or what is wrong between the members of this object.
    pub(super) fn validate(&self) -> Result<arigatoni::Config, Problem> {
        Ok(arigatoni::Config {
            world: self.shared().validate()?,
            own: arigatoni::config::Own {
                start: match self.start {
                    Start::Direct => arigatoni::config::Start::Direct,
                    Start::Messages => arigatoni::config::Start::Messages,
                },
                search: match self.search {
                    Search::Selective => arigatoni::config::Search::Selective,
                    Search::Exhaustive => arigatoni::config::Search::Exhaustive,
                },
            },
        })
    }
}

/// Checks the range `access_latency_ms` of the object at `pointer`.
pub(super) fn check_range(
    pointer: &str,
    [LatencyMs(least), LatencyMs(greatest)]: [LatencyMs; 2],
) -> Result<(), Problem> {
    if least > greatest {
        return Err(Problem::new(
            format!("{pointer}/access_latency_ms"),
            format!("the least latency, {least}, is above the greatest, {greatest}"),
        )
        .help("write the smaller number first"));
    }
    Ok(())
}

/// The span of `ms`, a number within the limits of [`DurationMs`].
pub(super) fn span(ms: f64) -> Span {
    Span::from_ms(ms).expect("the limits of a duration are those of a span")
}
