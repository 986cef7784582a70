//! What may be asked for when a graph is read, and the units of lengths.
//!
//! The doc comments are the descriptions in the JSON Schema. This module does *not* know any format.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::format::{Format, Tells};
use super::listing::MS_PER_KM;
use crate::parameters::number::LatencyMs;
use crate::parameters::{Plain, Problem};

/// The value of [`ReadOptions::length_from`] that leaves all columns of the edges alone.
pub const PLACES: &str = "places";

/// What to do with graphs that cannot be used as they are, and which data of a file to use. By
/// default, nothing is done: such graphs are errors; and data are known by their names.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
pub struct ReadOptions {
    /// Whether to use only the largest component of a graph that is not connected; its routers get new
    /// numbers.
    pub largest_component: bool,
    /// The format of the file; null: the one that its text tells, or else the file name's extension.
    pub format: Option<Format>,
    /// The length of links that have none and whose ends have no coordinates, and the latency of pairs
    /// that a matrix leaves out; null: such links and pairs are an error.
    pub default_latency_ms: Option<LatencyMs>,
    /// Whether to add the node's id to labels that occur more than once.
    pub rename_duplicates: bool,
    /// The datum of edges that holds their lengths; `places`: none, latencies are
    /// computed from the coordinates of nodes; null: the first with a common name (latency, delay,
    /// length, distance, weight, …).
    pub length_from: Option<String>,
    /// The unit of these lengths, if the datum's name does not include it; light in fibre takes 0.005
    /// ms per kilometre.
    pub length_unit: Option<LengthUnit>,
    /// The data of nodes that hold their coordinates in degrees, longitude first.
    /// Null: those with common names (Longitude, lon, lng; Latitude, lat).
    pub place_from: Option<[String; 2]>,
    /// Whether the file's latencies are round trips: half of each is used.
    pub rtt: bool,
    /// Whether to fill gaps of a latency matrix: a pair gets the latency of the opposite direction, or
    /// else the least sum of two latencies over a third router.
    pub fill_gaps: bool,
}

impl Plain for ReadOptions {}

impl ReadOptions {
    /// Whether the options can hold for any file; their object stands at `pointer`.
    ///
    /// # Errors
    /// If two contradict each other.
    pub(super) fn check_values(&self, pointer: &str) -> Result<(), Problem> {
        if self.length_from.as_deref() == Some(PLACES) && self.length_unit.is_some() {
            let what = "lengths that are computed from places have no unit to be told";
            let problem = Problem::new(format!("{pointer}/length_unit"), what);
            return Err(problem.help("leave out the unit, or name a column of the edges"));
        }
        Ok(())
    }

    /// Checks that nothing is asked for that files of this format do not have.
    pub(super) fn check_format(&self, pointer: &str, format: Format) -> Result<(), Problem> {
        let lengths = "have one length, in its own unit";
        let asked = [
            (
                "default_latency_ms",
                self.default_latency_ms.is_some(),
                "tell every length",
            ),
            (
                "rename_duplicates",
                self.rename_duplicates,
                "may have labels that are alike",
            ),
            ("length_from", self.length_from.is_some(), lengths),
            ("length_unit", self.length_unit.is_some(), lengths),
            (
                "place_from",
                self.place_from.is_some(),
                "have one pair of coordinates",
            ),
            ("rtt", self.rtt, "have lengths, not round trips"),
            (
                "fill_gaps",
                self.fill_gaps,
                "have no gaps: only matrices do",
            ),
        ];
        let is_of_matrix = |member: &str| {
            ["default_latency_ms", "length_unit", "rtt", "fill_gaps"].contains(&member)
        };
        let applies = |member: &str| match format.tells() {
            Tells::All => false,
            Tells::Pairs => is_of_matrix(member),
            Tells::Data => member != "fill_gaps",
        };
        let Some((member, _, why)) = asked
            .into_iter()
            .find(|(member, asked, _)| *asked && !applies(member))
        else {
            return Ok(());
        };
        let name = format.name();
        let what = match format.tells() {
            Tells::Pairs => {
                format!(
                    "`{member}` does not apply to {name} files, which tell one latency of each pair"
                )
            }
            Tells::All | Tells::Data => {
                format!("`{member}` does not apply to {name} files, which {why}")
            }
        };
        Err(Problem::new(format!("{pointer}/{member}"), what).help("leave the option out"))
    }
}

/// The unit of lengths.
///
/// What is a way takes light in fibre its time. A mile has 1,609.344 m.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Unit", description = "The unit of lengths.")]
pub enum LengthUnit {
    /// Nanoseconds.
    Ns,
    /// Microseconds.
    Us,
    /// Milliseconds.
    Ms,
    /// Seconds.
    S,
    /// Metres.
    M,
    /// Kilometres.
    Km,
    /// Miles.
    Mi,
}

impl LengthUnit {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Ns,
        Self::Us,
        Self::Ms,
        Self::S,
        Self::M,
        Self::Km,
        Self::Mi,
    ];

    /// Its usual sign.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Ns => "ns",
            Self::Us => "us",
            Self::Ms => "ms",
            Self::S => "s",
            Self::M => "m",
            Self::Km => "km",
            Self::Mi => "mi",
        }
    }

    /// The unit that a word in small letters stands for.
    pub(super) fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "ns" | "nsec" | "nanoseconds" => Self::Ns,
            "us" | "µs" | "μs" | "usec" | "microseconds" => Self::Us,
            "ms" | "msec" | "millis" | "milliseconds" => Self::Ms,
            "s" | "sec" | "secs" | "seconds" => Self::S,
            "m" | "meters" | "metres" => Self::M,
            "km" | "kms" | "kilometers" | "kilometres" => Self::Km,
            "mi" | "miles" => Self::Mi,
            _ => return None,
        })
    }

    /// Whether it measures a way, and not a time.
    pub const fn is_way(self) -> bool {
        matches!(self, Self::M | Self::Km | Self::Mi)
    }

    /// A `length` in this unit, converted to milliseconds.
    pub(super) fn in_ms(self, length: f64) -> f64 {
        match self {
            Self::Ns => length / 1e6,
            Self::Us => length / 1e3,
            Self::Ms => length,
            Self::S => length * 1e3,
            Self::M => length / 1e3 * MS_PER_KM,
            Self::Km => length * MS_PER_KM,
            Self::Mi => length * 1.609_344 * MS_PER_KM,
        }
    }
}
