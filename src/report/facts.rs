//! What a report says about a study as a whole, found once: replications, intervals, gaps.

use std::collections::BTreeSet;

use super::Subject;
use super::html::{paragraph, table};
use crate::measure::{Cell, Metric, Prediction, Table};
use crate::results::csv;
use crate::statistics::{self, Agreement, agreements};
use crate::words::{brief, counted};

/// The columns of a summary behind the axes.
const METRIC: usize = 0;
const N: usize = 1;
const MEAN: usize = 2;
const LOW: usize = 4;
const HIGH: usize = 5;
const EXPECTED: usize = 6;

/// Fewer replications give intervals that are hardly of use.
pub(super) const REPLICATIONS_MIN: u64 = 5;

/// A metric at a point.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// The values of the axes.
    pub(super) point: Vec<Cell>,
    pub(super) metric: String,
    pub(super) n: u64,
    pub(super) mean: Option<f64>,
    pub(super) sd: Option<f64>,
    pub(super) interval: Option<[f64; 2]>,
    /// What theory expects of the mean.
    pub(super) theory: Option<f64>,
}

impl Row {
    /// Half the width of the interval as a share of the mean, if the mean is not 0.
    pub(super) fn relative(&self) -> Option<f64> {
        let [low, high] = self.interval?;
        let mean = self.mean.filter(|mean| *mean != 0.0)?;
        Some((high - low) / 2.0 / mean.abs())
    }
}

/// Headline metrics that have no value in some runs, all of them in as many at the same points.
#[derive(Debug)]
pub(super) struct Gap {
    pub(super) metrics: Vec<String>,
    /// Runs without a value, failed ones excluded.
    pub(super) runs: u64,
    /// Points at which no run has a value.
    pub(super) empty_points: usize,
    /// Points at which some have none, ascending, and how many these are at each.
    pub(super) points: Vec<(usize, u64)>,
}

/// What holds of the whole study.
#[derive(Debug)]
pub(super) struct Facts {
    /// Every metric at every point, point by point.
    pub(super) rows: Vec<Row>,
    pub(super) points: usize,
    /// The least and the greatest number of runs of a point that did not fail.
    pub(super) replications: [u64; 2],
    /// At how many points there are fewer than [`REPLICATIONS_MIN`].
    pub(super) few: usize,
    /// Of the headline metrics where they have a mean: how many have an interval, of how many.
    pub(super) with_interval: [usize; 2],
    /// The headline row whose interval is the widest relative to its mean.
    pub(super) widest: Option<Row>,
    pub(super) gaps: Vec<Gap>,
    /// What theory says of the study, if the scenario asks for it.
    pub(super) theory: Option<Vec<Agreement>>,
    /// Metrics that count trouble: their names and meanings, their sums, and in how many runs.
    pub(super) trouble: Vec<(String, String, f64, usize)>,
}

impl Facts {
    pub(super) fn of(subject: &Subject<'_>) -> Self {
        let summary = statistics::summary(subject.study);
        let mut rows = rows(&summary, subject.study.axes.len());
        keep_possible(&mut rows, subject.metrics);
        let counts = replications(subject);
        let least = counts.iter().copied().min().unwrap_or(0);
        let most = counts.iter().copied().max().unwrap_or(0);
        let few = counts.iter().filter(|&&n| n < REPLICATIONS_MIN).count();
        let headline: BTreeSet<&str> = subject.headline.iter().map(String::as_str).collect();
        let is_headline = |row: &&Row| headline.contains(&*row.metric);
        let with_mean = || rows.iter().filter(is_headline).filter(|r| r.mean.is_some());
        let with_interval = with_mean().filter(|row| row.interval.is_some()).count();
        let widest = with_mean()
            .filter_map(|row| Some((row.relative()?, row)))
            .max_by(|one, other| one.0.total_cmp(&other.0));
        let theory = subject.study.detail(Prediction::TABLE.name).is_some();
        Self {
            points: counts.len(),
            replications: [least, most],
            few,
            with_interval: [with_interval, with_mean().count()],
            widest: widest.map(|(_, row)| row.clone()),
            gaps: gaps(&rows, &counts, &headline),
            trouble: trouble(subject),
            theory: theory.then(|| agreements(subject.study)),
            rows,
        }
    }

    /// The names of the metrics, in their order.
    pub(super) fn metrics(&self) -> Vec<&str> {
        let count = self.rows.len().checked_div(self.points).unwrap_or(0);
        self.rows[..count].iter().map(|row| &*row.metric).collect()
    }

    /// `5 replications`, `3 to 12 replications`.
    pub(super) fn replications_told(&self) -> String {
        match self.replications {
            [least, most] if least == most => counted(most, "replication"),
            [least, most] => format!("{least} to {most} replications"),
        }
    }

    /// The section about the point that is known least, and the ends of the headline metrics.
    pub(super) fn worst(&self, subject: &Subject<'_>) -> String {
        let mut html = match self
            .widest
            .as_ref()
            .and_then(|row| Some((row, row.relative()?)))
        {
            Some((row, relative)) => paragraph(&format!(
                "Among the metrics that figures show, {} is known least{}: {} ± {} %, over {}.",
                called(subject, &row.metric),
                place(subject, &row.point, " at "),
                row.mean.map_or_else(String::new, brief),
                brief(100.0 * relative),
                counted(row.n, "run"),
            )),
            None => paragraph(
                "No metric that a figure shows has an interval, so it is not known how certain any \
                 point is.",
            ),
        };
        let ends: Vec<Vec<String>> = self
            .headline(subject)
            .into_iter()
            .filter_map(|metric| self.ends(subject, metric))
            .collect();
        let columns = ["metric", "lowest mean", "at", "highest mean", "at"].map(str::to_owned);
        if !ends.is_empty() && self.points > 1 {
            html.push_str(&table("Lowest and highest means", &columns, &ends, 1));
        }
        html
    }

    /// The headline metrics, each once, in the order of the columns.
    pub(super) fn headline(&self, subject: &Subject<'_>) -> Vec<&str> {
        let mut metrics = self.metrics();
        metrics.retain(|metric| subject.headline.iter().any(|name| name == metric));
        metrics
    }

    /// The least and the greatest mean of a metric, and where they are.
    fn ends(&self, subject: &Subject<'_>, metric: &str) -> Option<Vec<String>> {
        let rows = self.rows.iter().filter(|row| row.metric == metric);
        let rows: Vec<(f64, &Row)> = rows.filter_map(|row| Some((row.mean?, row))).collect();
        let least = rows.iter().min_by(|a, b| a.0.total_cmp(&b.0))?;
        // Of equal means the first point is told, at both ends.
        let most = rows.iter().rev().max_by(|a, b| a.0.total_cmp(&b.0))?;
        let at = |row: &Row| place(subject, &row.point, "");
        Some(vec![
            called(subject, metric),
            brief(least.0),
            at(least.1),
            brief(most.0),
            at(most.1),
        ])
    }
}

/// A metric, by the label that figures give it and by its name.
pub(super) fn called(subject: &Subject<'_>, metric: &str) -> String {
    match subject.labels.get(metric) {
        Some(label) => format!("{label} ({metric})"),
        None => metric.to_owned(),
    }
}

/// A point in words, after `before`; nothing where there are no axes.
pub(super) fn place(subject: &Subject<'_>, point: &[Cell], before: &str) -> String {
    let named = subject.names.place(point);
    if named.is_empty() {
        return named;
    }
    format!("{before}{named}")
}

fn rows(summary: &Table, axes: usize) -> Vec<Row> {
    let row = |cells: &Vec<Cell>| {
        let own = &cells[axes..];
        Row {
            point: cells[..axes].to_vec(),
            metric: csv::cell_text(&own[METRIC]),
            n: own[N].number().unwrap_or(0.0) as u64,
            mean: own[MEAN].number(),
            sd: own[MEAN + 1].number(),
            interval: own[LOW].number().zip(own[HIGH].number()).map(Into::into),
            theory: own.get(EXPECTED).and_then(Cell::number),
        }
    };
    summary.rows.iter().map(row).collect()
}

/// Cuts intervals off where a metric ends, of which Student's t knows nothing, as figures do. An end with a mean
/// beyond it is none.
fn keep_possible(rows: &mut [Row], metrics: &[Metric]) {
    for metric in metrics {
        let [least, greatest] = metric.domain.ends();
        let own = |row: &&mut Row| row.metric == metric.name;
        let means = rows.iter().filter(|row| row.metric == metric.name);
        let means: Vec<f64> = means.filter_map(|row| row.mean).collect();
        let low = if means.iter().any(|&mean| mean < least) {
            f64::NEG_INFINITY
        } else {
            least
        };
        let high = if means.iter().any(|&mean| mean > greatest) {
            f64::INFINITY
        } else {
            greatest
        };
        for row in rows.iter_mut().filter(own) {
            row.interval = row
                .interval
                .map(|ends| ends.map(|end| end.clamp(low, high)));
        }
    }
}

/// For each point the number of its runs that did not fail.
fn replications(subject: &Subject<'_>) -> Vec<u64> {
    let failed: BTreeSet<u64> = subject
        .study
        .failures
        .rows
        .iter()
        .filter_map(|row| row.first()?.number())
        .map(|run| run as u64)
        .collect();
    let points = subject.study.points();
    let made = |row: &&usize| !failed.contains(&subject.study.run_of_row(**row).0);
    let count = |rows: &Vec<usize>| rows.iter().filter(made).count() as u64;
    points.iter().map(|point| count(&point.rows)).collect()
}

fn gaps(rows: &[Row], counts: &[u64], headline: &BTreeSet<&str>) -> Vec<Gap> {
    let mut gaps: Vec<Gap> = Vec::new();
    let metrics = rows.len().checked_div(counts.len()).unwrap_or(0);
    for (i, row) in rows.iter().enumerate() {
        let missing = counts[i / metrics].saturating_sub(row.n);
        if missing == 0 || !headline.contains(&*row.metric) {
            continue;
        }
        let known = gaps.iter().position(|gap| gap.metrics[0] == row.metric);
        let at = known.unwrap_or_else(|| {
            gaps.push(Gap {
                metrics: vec![row.metric.clone()],
                runs: 0,
                empty_points: 0,
                points: Vec::new(),
            });
            gaps.len() - 1
        });
        gaps[at].runs += missing;
        gaps[at].points.push((i / metrics, missing));
        gaps[at].empty_points += usize::from(row.n == 0);
    }
    // The study does without what has no value anywhere.
    gaps.retain(|gap| gap.empty_points < counts.len());
    // What is switched off at some points takes many metrics along.
    let mut together: Vec<Gap> = Vec::new();
    for gap in gaps {
        match together.iter_mut().find(|other| other.points == gap.points) {
            Some(other) => other.metrics.extend(gap.metrics),
            None => together.push(gap),
        }
    }
    together
}

fn trouble(subject: &Subject<'_>) -> Vec<(String, String, f64, usize)> {
    let counted = subject.metrics.iter().filter(|metric| metric.trouble);
    let found = counted.filter_map(|metric| {
        let column = subject.study.runs.column(metric.name)?;
        let cells = subject.study.runs.rows.iter();
        let numbers = cells.filter_map(|row| row[column].number());
        let (sum, runs) = numbers
            .filter(|&number| number > 0.0)
            .fold((0.0, 0), |(sum, runs), number| (sum + number, runs + 1));
        (runs > 0).then(|| (metric.name.into(), metric.meaning.into(), sum, runs))
    });
    found.collect()
}
