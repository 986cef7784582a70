//! Two studies, metric by metric: over the whole sweep and at each point.

use std::collections::{BTreeMap, BTreeSet};

use super::paired::{Paired, holm};
use super::{Moments, t_quantile};
use crate::error::{Error, Result};
use crate::measure::{AxisColumn, Cell, Limit, Limits, Worse};
use crate::results::{SweepResults, csv, present_name, unknown_metric};

/// One metric at one point, or over the whole sweep.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The metric's name.
    pub metric: String,
    /// The axis values; `None`: the mean over all points that have the metric in every
    /// replication of both studies.
    pub point: Option<Vec<Cell>>,
    /// The difference.
    pub paired: Paired,
    /// Its probability, adjusted for all rows; absent as the probability itself is.
    pub p: Option<f64>,
    /// Its part of the rate of false alarms, if it has one: only rows that differ have.
    pub weight: Option<f64>,
    /// What does not count as a change of its metric.
    pub limit: Limit,
    /// Whether the values of some pair differ although its fingerprints are equal: the same events
    /// were measured in another way. Between runs of one scenario that is no chance.
    pub remeasured: bool,
}

impl Row {
    /// Whether it has changed beyond its limit: its probability is at most `rate`.
    pub fn changed(&self, rate: f64) -> bool {
        self.p.is_some_and(|p| p <= rate)
    }

    /// Whether it is sure that it has not changed beyond its limit.
    pub fn kept(&self, rate: f64) -> bool {
        let within = self.paired.p_within.zip(self.weight);
        let same = self.paired.n > 0 && !self.paired.differs();
        same || within.is_some_and(|(p, weight)| p <= rate * weight)
    }

    /// Whether the same events were measured in another way, and that shows beyond the limit.
    pub fn remeasured(&self) -> bool {
        let presence = self.paired.vanished + self.paired.appeared > 0;
        let (difference, first) = (self.paired.difference, self.paired.first);
        let beyond = |(difference, first)| self.limit.excess(difference, first) > 0.0;
        self.remeasured && (presence || difference.zip(first).is_none_or(beyond))
    }

    /// The interval of the difference that belongs to the verdict: the chance that any of a study's
    /// intervals misses its difference is at most `rate`, as it is for the verdicts. Each has the share
    /// of the rate that its row would have alone (Bonferroni). Holm's procedure sees a little more; where it
    /// tells a difference that this interval alone would not, the interval ends at 0, as the region that
    /// belongs to Holm's procedure does (Guilbaud, Biometrical Journal 50(5), 2008). Absent where there is no
    /// variance.
    pub fn interval(&self, rate: f64) -> Option<[f64; 2]> {
        let Paired {
            n,
            difference,
            error,
            ..
        } = self.paired;
        let (difference, error) = (difference?, error?);
        let sides = if self.limit.worse == Worse::Either {
            2.0
        } else {
            1.0
        };
        let t = t_quantile(1.0 - rate * self.weight? / sides, n as f64 - 1.0)?;
        let [mut low, mut high] = [difference - t * error, difference + t * error];
        let no_limit = self.limit == Limit::default();
        match (self.changed(rate), difference > 0.0) {
            (true, true) => low = low.max(0.0),
            (true, false) => high = high.min(0.0),
            // Rounding must not part the interval from the verdict.
            (false, _) if no_limit => (low, high) = (low.min(0.0), high.max(0.0)),
            (false, _) => {}
        }
        [low, high]
            .iter()
            .all(|end| end.is_finite())
            .then_some([low, high])
    }
}

/// Two studies compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The axes of both, as the first calls their columns.
    pub axes: Vec<AxisColumn>,
    /// A row a metric over the whole sweep, if it has several points, then the rows at points.
    pub rows: Vec<Row>,
    /// How many pairs of runs there are.
    pub runs: u64,
    /// How many of them have the same fingerprint.
    pub identical: u64,
    /// How many of the rows, the first ones, are over the whole sweep.
    pub whole: usize,
    /// The points that only the first has, and those that only the second has.
    pub only: [Vec<Vec<Cell>>; 2],
    /// How many runs of each have no partner.
    pub unpaired: [u64; 2],
}

/// The share of the rate of false alarms that the headline metrics have over the whole sweep.
const SHARE_HEADLINE: f64 = 0.5;
/// The share that the other metrics have there.
const SHARE_OTHERS: f64 = 0.2;
/// The share that the rows at points have. The rest is kept in reserve: few replications of small
/// counts are only roughly normal.
const SHARE_AT_POINTS: f64 = 0.1;

/// The pairs of a metric, by replication.
type Pairs = BTreeMap<u64, [Option<f64>; 2]>;

impl Comparison {
    /// Compares what `first` and `second` have in common: the same points and replications. Only
    /// the metrics called `wanted`, or all if none are. `headline`: the metrics that matter most;
    /// `limits`: what does not count as a change.
    ///
    /// The rows over the whole sweep see the smallest changes. Those of headline metrics get half of
    /// the rate of false alarms, which the many others would otherwise use up, the others a fifth,
    /// the rows at points a tenth, each with Holm's procedure, and the rest is reserve: if nothing
    /// has changed, the probability that any row's `p` is at most α is at most α. A share that
    /// nothing needs goes to the next. Rows without any difference are not counted, as no signs of
    /// nothing could make them significant (Tarone, Biometrics 46(2), 1990).
    ///
    /// # Errors
    /// If they have other axes or metrics, no run in common, or a wanted metric does not exist.
    pub fn of(
        first: &SweepResults,
        second: &SweepResults,
        wanted: &[String],
        headline: &[String],
        limits: &Limits,
    ) -> Result<Self> {
        Self::check_columns(first, second)?;
        let metrics = metrics(first, wanted)?;
        let common = common_rows(first, second);
        let runs: u64 = common.iter().map(|point| point.len() as u64).sum();
        if runs == 0 {
            return Err(Error::new(
                "the two have no run (point and replication) in common",
            ));
        }
        let last = first.runs.columns.len() - 1;
        let same = |&(a, b): &(usize, usize)| {
            let cells = [&first.runs.rows[a][last], &second.runs.rows[b][last]];
            cells[0] == cells[1] && *cells[0] != Cell::Absent
        };
        let identical = common.iter().flatten().filter(|pair| same(pair)).count() as u64;
        let (mut overall, mut at_points) = (Vec::new(), Vec::new());
        for (metric, column) in &metrics {
            let table = Column {
                metric,
                index: *column,
                studies: [first, second],
                limit: limits.of(metric),
            };
            let mut rows = table.rows(&common, same);
            // The only point of a study is the whole of it.
            if common.len() > 1 {
                overall.push(table.whole(&common, rows.iter().any(|row| row.remeasured)));
                at_points.append(&mut rows);
            } else {
                overall.append(&mut rows);
            }
        }
        let (mut heads, mut others): (Vec<Row>, Vec<Row>) = overall
            .into_iter()
            .partition(|row| headline.contains(&row.metric));
        let [of_heads, of_others, of_points] = shares(&heads, &others, &at_points);
        adjust(&mut heads, of_heads);
        adjust(&mut others, of_others);
        adjust(&mut at_points, of_points);
        heads.append(&mut others);
        let whole = heads.len();
        heads.append(&mut at_points);
        let unpaired = [first, second].map(|study| study.runs.rows.len() as u64 - runs);
        Ok(Self {
            axes: first.axes.clone(),
            rows: heads,
            runs,
            identical,
            whole,
            only: [points_only(first, second), points_only(second, first)],
            unpaired,
        })
    }

    /// Checks that both have the same axes and metrics.
    ///
    /// # Errors
    /// If not, with the names that only one of them has.
    pub fn check_columns(first: &SweepResults, second: &SweepResults) -> Result<()> {
        let names = |study: &SweepResults| -> Vec<String> {
            let axes = study.axes.iter().map(|axis| axis.pointer.clone());
            axes.chain(study.metrics().map(str::to_owned)).collect()
        };
        let [one, other] = [names(first), names(second)];
        if one == other {
            return Ok(());
        }
        let missing = |one: &[String], other: &[String]| -> Vec<String> {
            let only = one.iter().filter(|name| !other.contains(name));
            only.map(|name| format!("`{name}`")).collect()
        };
        let (gone, new) = (missing(&one, &other), missing(&other, &one));
        let list = |names: &[String]| match names {
            [] => "none".to_owned(),
            names => names.join(", "),
        };
        let renamed = one.iter().filter_map(|name| {
            let present = present_name(name, other.iter().map(String::as_str))?;
            Some(format!("; `{name}` is called `{present}` now"))
        });
        Err(Error::new(format!(
            "the two have different columns: only the first has {}; only the second has {}{}",
            list(&gone),
            list(&new),
            renamed.collect::<String>()
        )))
    }

    /// The rows that have changed beyond their limits: their probability is at most `rate`.
    pub fn changed(&self, rate: f64) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.changed(rate))
    }

    /// The rows whose values differ in too few replications to be judged.
    pub fn unjudged(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| {
            let paired = &row.paired;
            let differs = paired
                .difference
                .is_some_and(|difference| difference != 0.0);
            row.p.is_none() && (differs || paired.vanished + paired.appeared > 0)
        })
    }
}

fn metrics(study: &SweepResults, wanted: &[String]) -> Result<Vec<(String, usize)>> {
    let known: Vec<&str> = study.metrics().collect();
    for name in wanted {
        if !known.contains(&&**name) {
            return Err(unknown_metric(name, &known));
        }
    }
    let chosen = known
        .into_iter()
        .filter(|name| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name));
    Ok(chosen
        .filter_map(|name| Some((name.to_owned(), study.runs.column(name)?)))
        .collect())
}

/// For each point that both have, the rows of each replication that both have.
fn common_rows(first: &SweepResults, second: &SweepResults) -> Vec<Common> {
    let key = |study: &SweepResults, row: usize| {
        let values = study.values_of_row(row).iter().map(csv::cell_text);
        (values.collect::<Vec<_>>(), study.run_of_row(row).1)
    };
    let others: BTreeMap<_, usize> = (0..second.runs.rows.len())
        .map(|row| (key(second, row), row))
        .collect();
    let points = first.points();
    let rows = points.iter().map(|point| {
        let rows = point.rows.iter();
        rows.filter_map(|&row| Some((row, *others.get(&key(first, row))?)))
            .collect::<Vec<_>>()
    });
    rows.filter(|rows| !rows.is_empty()).collect()
}

/// The axis values of the points that `one` has and `other` has not.
fn points_only(one: &SweepResults, other: &SweepResults) -> Vec<Vec<Cell>> {
    let key = |values: &[Cell]| values.iter().map(csv::cell_text).collect::<Vec<_>>();
    let there: BTreeSet<Vec<String>> = other.points().iter().map(|p| key(p.values)).collect();
    let points = one.points().into_iter();
    points
        .filter(|point| !there.contains(&key(point.values)))
        .map(|point| point.values.to_vec())
        .collect()
}

/// The shares of the rate of false alarms that headline metrics, other metrics and points have: one
/// without rows leaves its own to the others over the whole sweep, or these to the headlines.
fn shares(heads: &[Row], others: &[Row], at_points: &[Row]) -> [f64; 3] {
    let mut shares = [SHARE_HEADLINE, SHARE_OTHERS, SHARE_AT_POINTS];
    for (from, to, rows) in [(2, 1, at_points), (0, 1, heads), (1, 0, others)] {
        if rows.is_empty() {
            shares[to] += std::mem::take(&mut shares[from]);
        }
    }
    shares
}

/// One metric of two studies.
struct Column<'a> {
    metric: &'a str,
    index: usize,
    studies: [&'a SweepResults; 2],
    limit: Limit,
}

/// The rows of one point that are compared with each other.
type Common = Vec<(usize, usize)>;

impl Column<'_> {
    /// A row for each point; `same` tells whether the fingerprints of two runs are equal.
    fn rows(&self, common: &[Common], same: impl Fn(&(usize, usize)) -> bool) -> Vec<Row> {
        let text = |study: usize, row: usize| {
            csv::cell_text(&self.studies[study].runs.rows[row][self.index])
        };
        let row = |rows: &Common| {
            let pairs: Vec<_> = self.pairs(rows).into_values().collect();
            Row {
                metric: self.metric.to_owned(),
                point: Some(self.studies[0].values_of_row(rows[0].0).to_vec()),
                paired: Paired::of(&pairs, &self.limit),
                p: None,
                weight: None,
                limit: self.limit,
                remeasured: rows
                    .iter()
                    .any(|pair| same(pair) && text(0, pair.0) != text(1, pair.1)),
            }
        };
        common.iter().map(row).collect()
    }

    /// The row over the whole sweep.
    fn whole(&self, common: &[Common], remeasured: bool) -> Row {
        let pairs: Vec<Pairs> = common.iter().map(|rows| self.pairs(rows)).collect();
        Row {
            metric: self.metric.to_owned(),
            point: None,
            paired: Paired::of_means(&pooled(&pairs), &self.limit),
            p: None,
            weight: None,
            limit: self.limit,
            remeasured,
        }
    }

    fn pairs(&self, rows: &Common) -> Pairs {
        let value =
            |study: usize, row: usize| self.studies[study].runs.rows[row][self.index].number();
        let pair = |&(a, b): &(usize, usize)| {
            let replication = self.studies[0].run_of_row(a).1;
            (replication, [value(0, a), value(1, b)])
        };
        rows.iter().map(pair).collect()
    }
}

/// The means over the points, by replication: of those points and replications that are whole.
fn pooled(points: &[Pairs]) -> Vec<[Option<f64>; 2]> {
    let replications: Vec<u64> = match points.first() {
        None => Vec::new(),
        Some(first) => first
            .keys()
            .copied()
            .filter(|replication| points.iter().all(|pairs| pairs.contains_key(replication)))
            .collect(),
    };
    let whole = |pairs: &&Pairs| {
        let present = |replication: &u64| pairs[replication].iter().all(Option::is_some);
        replications.iter().all(present)
    };
    let points: Vec<&Pairs> = points.iter().filter(whole).collect();
    let mean = |replication: u64, of: usize| {
        Moments::of(points.iter().filter_map(|pairs| pairs[&replication][of])).mean()
    };
    replications
        .iter()
        .map(|&replication| [mean(replication, 0), mean(replication, 1)])
        .collect()
}

/// Adjusts the probabilities of rows that have this `share` of the rate of false alarms.
fn adjust(rows: &mut [Row], share: f64) {
    let differs = |row: &Row| row.paired.p.is_some() && row.paired.differs();
    let judged: Vec<f64> = rows
        .iter()
        .filter(|row| differs(row))
        .filter_map(|row| row.paired.p)
        .collect();
    let mut adjusted = holm(&judged).into_iter();
    for row in rows {
        row.p = if differs(row) {
            adjusted.next().map(|p| (p / share).min(1.0))
        } else {
            row.paired.p
        };
        row.weight = differs(row).then(|| share / judged.len() as f64);
    }
}
