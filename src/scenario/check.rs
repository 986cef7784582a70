//! What `check` lets pass: a direction and a tolerance for each metric.
//!
//! This module does *not* know the metrics, nor how a change is found.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::measure;
use crate::parameters::members;
use crate::parameters::number::NonNegative;

members! {
    /// The changes that the command `check` accepts.
    pub(super) struct Check {
        /// Changes of at most this fraction of the baseline's mean do not count, if a metric does not have
        /// its own tolerance.
        pub(super) tolerance: NonNegative = NonNegative(0.001);
        /// The limits of single metrics, by the names of their columns in `runs.csv`: `{"worse": "higher",
        /// "tolerance": 0.02}` lets a metric become lower, and at most 2 % higher.
        #[schemars(schema_with = "of_metrics")]
        pub(super) metrics: BTreeMap<String, OfMetric> = BTreeMap::new();
    }
}

/// Any names, each with a limit.
fn of_metrics(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "patternProperties": {".": generator.subschema_for::<OfMetric>()},
        "additionalProperties": false,
    })
}

/// The limit of one metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub(super) struct OfMetric(Limit);

/// The direction and the tolerance of one metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Limit {
    /// Which change is worse; a change in the other direction never counts.
    #[serde(default = "either")]
    worse: Worse,
    /// Changes of at most this fraction of the baseline's mean do not count; absent: the tolerance of
    /// all metrics.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tolerance: Option<NonNegative>,
}

fn either() -> Worse {
    Worse::Either
}

/// Which change of a metric is worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Worse {
    /// Any change.
    Either,
    /// Higher values.
    Higher,
    /// Lower values.
    Lower,
}

impl Check {
    /// The limits, `tolerance` in the place of that of all metrics if it is given.
    pub(super) fn limits(&self, tolerance: Option<f64>) -> measure::Limits {
        let all = tolerance.unwrap_or(self.tolerance.0);
        let limit = |(name, OfMetric(limit)): (&String, &OfMetric)| {
            let limit = measure::Limit {
                worse: match limit.worse {
                    Worse::Either => measure::Worse::Either,
                    Worse::Higher => measure::Worse::Higher,
                    Worse::Lower => measure::Worse::Lower,
                },
                tolerance: limit.tolerance.map_or(all, |own| own.0),
            };
            (name.clone(), limit)
        };
        measure::Limits {
            metrics: self.metrics.iter().map(limit).collect(),
            ..measure::Limits::tolerance(all)
        }
    }
}
