//! One finished run.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::measure::{Cell, RunOutcome};
use crate::results::csv;

/// A finished run. It knows its place by what was run, not by a number that an extension of the
/// sweep would change.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The axis values as compact JSON text.
    pub point: String,
    /// Which of the repetitions of the point it is, from 0.
    pub replication: u32,
    /// What came out of it, or the message with which it failed.
    pub outcome: Result<RunOutcome, String>,
}

/// A record as JSON; cells are the texts that they have in the tables, so no library decides how
/// a number is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    point: String,
    replication: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    metrics: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fingerprint: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    details: Option<Vec<Vec<Vec<String>>>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl Record {
    /// The record as one line of JSON, without a line feed.
    pub(super) fn encode(&self) -> String {
        let mut line = Line {
            point: self.point.clone(),
            replication: self.replication,
            metrics: None,
            fingerprint: None,
            details: None,
            error: None,
        };
        let texts = |cells: &Vec<Cell>| cells.iter().map(csv::cell_text).collect();
        match &self.outcome {
            Ok(outcome) => {
                let table = |rows: &Vec<Vec<Cell>>| rows.iter().map(texts).collect();
                line.metrics = Some(texts(&outcome.metrics));
                line.fingerprint = Some(csv::cell_text(&Cell::Fingerprint(outcome.fingerprint)));
                line.details = Some(outcome.details.iter().map(table).collect());
            }
            Err(error) => line.error = Some(error.clone()),
        }
        serde_json::to_string(&line).expect("texts are sound JSON")
    }

    /// The record in a line of JSON.
    pub(super) fn decode(text: &str) -> Result<Self> {
        let unsound = || Error::new("this is not the record of a run");
        let line: Line = serde_json::from_str(text).map_err(|_| unsound())?;
        let cells = |texts: &Vec<String>| texts.iter().map(|t| csv::cell_from_text(t)).collect();
        let outcome = match (line.metrics, line.fingerprint, line.details, line.error) {
            (Some(metrics), Some(fingerprint), Some(details), None) => Ok(RunOutcome {
                metrics: cells(&metrics),
                fingerprint: csv::fingerprint(&fingerprint).ok_or_else(unsound)?,
                details: details
                    .iter()
                    .map(|rows| rows.iter().map(cells).collect())
                    .collect(),
            }),
            (None, None, None, Some(error)) => Err(error),
            _ => return Err(unsound()),
        };
        Ok(Self {
            point: line.point,
            replication: line.replication,
            outcome,
        })
    }
}
