//! What of a study its figures show: of many runs only this is kept for them.
//!
//! It does *not* know how anything is drawn.

use std::collections::BTreeSet;

use crate::measure::{Content, FigureSpec, Prediction, Source};
use crate::results::SweepResults;

/// The metrics and tables that some figures show.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shown {
    metrics: BTreeSet<String>,
    /// What the names of further metrics begin with.
    prefixes: BTreeSet<String>,
    details: BTreeSet<String>,
}

impl Shown {
    /// What the figures `specs` show.
    pub fn of(specs: &[FigureSpec]) -> Self {
        let mut shown = Self::default();
        for spec in specs {
            shown.add(&spec.content);
            shown.details.insert(Prediction::TABLE.name.into());
        }
        shown
    }

    fn add(&mut self, content: &Content) {
        match content {
            Content::Curves { metric } => {
                self.metrics.insert(metric.clone());
            }
            Content::TradeOff { x_metric, metric } | Content::Scatter { x_metric, metric } => {
                self.metrics.extend([x_metric.clone(), metric.clone()]);
            }
            Content::BoxPlot { prefix, .. } => {
                self.prefixes.insert(format!("{prefix}_"));
            }
            Content::Series { series } => {
                let column = series.iter().map(|series| match &series.source {
                    Source::Mean(column) | Source::DeviationOverReplications(column) => column,
                });
                self.metrics.extend(column.cloned());
            }
            Content::ByGroup { detail, .. }
            | Content::TimeSeries { detail, .. }
            | Content::Categorical { detail, .. } => {
                self.details.insert(detail.clone());
            }
        }
    }

    /// A study with no more than what is shown.
    #[must_use]
    pub fn part_of(&self, mut study: SweepResults) -> SweepResults {
        study.narrow(
            |metric| {
                let begins = |prefix: &String| metric.starts_with(prefix.as_str());
                self.metrics.contains(metric) || self.prefixes.iter().any(begins)
            },
            |detail| self.details.contains(detail),
        );
        study
    }
}
