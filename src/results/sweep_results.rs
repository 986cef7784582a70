//! The runs of a sweep and what was observed of each.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::axis::axis_cell;
use super::csv::{self, FINGERPRINT};
use crate::error::{Error, Result, nearest};
use crate::measure::{AxisColumn, Cell, Detail, Metric, Prediction, RunOutcome, Table};

/// The columns that come first in every table of a study.
const FIRST: [&str; 2] = ["run", "replication"];

/// The runs of a sweep and what was observed of each, in canonical order: points in the order of
/// the axes, then replications.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SweepResults {
    /// The swept axes, in their order.
    pub axes: Vec<AxisColumn>,
    /// One row a run: `run,replication`, one column an axis, the metrics, `fingerprint`.
    pub runs: Table,
    /// Tables with any number of rows a run, by name: `run,replication`, then their own columns.
    pub details: Vec<(String, Table)>,
    /// The runs that failed, which are in `runs` without numbers: `run,replication`, one column an
    /// axis, `error`.
    pub failures: Table,
}

/// The columns of a study: its axes, and what its system reports.
#[derive(Debug, Clone)]
pub struct Columns {
    /// The axes.
    pub axes: Vec<AxisColumn>,
    /// The metrics of each run.
    pub metrics: Vec<Metric>,
    /// The detail tables.
    pub details: Vec<Detail>,
}

impl Columns {
    /// Whether theory is put beside what is simulated.
    pub fn has_theory(&self) -> bool {
        self.details.contains(&Prediction::TABLE)
    }

    /// A study without runs that has them.
    pub fn study(self) -> SweepResults {
        SweepResults::new(self.axes, &self.metrics, &self.details)
    }
}

/// The runs of one point of a sweep.
#[derive(Debug, Clone, PartialEq)]
pub struct Point<'a> {
    /// The value of each axis.
    pub values: &'a [Cell],
    /// The rows of `runs`, one a replication, in the order of replications.
    pub rows: Vec<usize>,
}

impl SweepResults {
    /// The name of the file of runs.
    pub const RUNS: &'static str = "runs.csv";
    /// The name of the file of means over replications.
    pub const SUMMARY: &'static str = "summary.csv";
    /// The name of the file of failed runs.
    pub const FAILURES: &'static str = "failures.csv";

    /// A study without runs.
    pub fn new(axes: Vec<AxisColumn>, metrics: &[Metric], details: &[Detail]) -> Self {
        let first = || FIRST.into_iter().map(str::to_owned);
        let columns = first()
            .chain(axes.iter().map(|axis| axis.column.clone()))
            .chain(metrics.iter().map(|metric| metric.name.to_owned()))
            .chain([FINGERPRINT.to_owned()])
            .collect();
        let failures = Table {
            columns: failure_columns(&axes),
            rows: Vec::new(),
        };
        let empty = |detail: &Detail| {
            let own = detail.names().map(str::to_owned);
            let table = Table {
                columns: first().chain(own).collect(),
                rows: Vec::new(),
            };
            (detail.name.to_owned(), table)
        };
        Self {
            axes,
            runs: Table {
                columns,
                rows: Vec::new(),
            },
            details: details.iter().map(empty).collect(),
            failures,
        }
    }

    /// Adds a run behind those that are there: the caller keeps the canonical order. The run is told by
    /// its number in that order and its replication, both from 0, and by the value of each axis. One
    /// that failed is a row without numbers, and its message goes to `failures`.
    ///
    /// # Panics
    /// If the outcome does not have one cell for each column of its table.
    pub fn add(
        &mut self,
        (run, replication): (u64, u64),
        values: &[Value],
        outcome: Result<RunOutcome, String>,
    ) {
        let numbers = [Cell::Count(run), Cell::Count(replication)];
        let mut row: Vec<Cell> = numbers.to_vec();
        row.extend(values.iter().map(axis_cell));
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(error) => {
                let mut failure = row.clone();
                failure.push(Cell::Text(error));
                push(&mut self.failures, failure);
                row.resize(self.runs.columns.len(), Cell::Absent);
                push(&mut self.runs, row);
                return;
            }
        };
        row.extend(outcome.metrics);
        row.push(Cell::Fingerprint(outcome.fingerprint));
        push(&mut self.runs, row);
        let details = outcome.details;
        assert_eq!(details.len(), self.details.len(), "rows a detail table");
        for ((_, table), rows) in self.details.iter_mut().zip(details) {
            for row in rows {
                push(table, numbers.iter().cloned().chain(row).collect());
            }
        }
    }

    /// The names of the metrics: all columns of `runs` but the first, the axes and `fingerprint`.
    pub fn metrics(&self) -> impl Iterator<Item = &str> {
        let behind_axes = self.runs.columns.iter().skip(FIRST.len() + self.axes.len());
        behind_axes
            .map(String::as_str)
            .filter(|&name| name != FINGERPRINT)
    }

    /// The table of details called `name`.
    pub fn detail(&self, name: &str) -> Option<&Table> {
        let found = self.details.iter().find(|(detail, _)| detail == name);
        found.map(|(_, table)| table)
    }

    /// The number of the run in row `row` of `runs`, and its replication.
    pub fn run_of_row(&self, row: usize) -> (u64, u64) {
        run_of(&self.runs.rows[row]).unwrap_or_default()
    }

    /// The value of each axis in row `row` of `runs`.
    pub fn values_of_row(&self, row: usize) -> &[Cell] {
        &self.runs.rows[row][FIRST.len()..FIRST.len() + self.axes.len()]
    }

    /// The points in canonical order, that is in the order of their first runs.
    pub fn points(&self) -> Vec<Point<'_>> {
        let mut numbers: BTreeMap<Vec<String>, usize> = BTreeMap::new();
        let mut points: Vec<Point<'_>> = Vec::new();
        for row in 0..self.runs.rows.len() {
            let values = self.values_of_row(row);
            let key = values.iter().map(csv::cell_text).collect();
            let number = *numbers.entry(key).or_insert(points.len());
            if number == points.len() {
                let rows = Vec::new();
                points.push(Point { values, rows });
            }
            points[number].rows.push(row);
        }
        for point in &mut points {
            point.rows.sort_by_key(|&row| self.run_of_row(row).1);
        }
        points
    }

    /// Keeps the runs, failed ones included, whose axes have values of which `keep` is true, and of
    /// each table what belongs to them.
    pub fn retain(&mut self, keep: impl Fn(&[Cell]) -> bool) {
        let behind = FIRST.len()..FIRST.len() + self.axes.len();
        let kept = |row: &Vec<Cell>| keep(&row[behind.clone()]);
        self.runs.rows.retain(&kept);
        self.failures.rows.retain(&kept);
        let runs: BTreeSet<u64> = (0..self.runs.rows.len())
            .map(|row| self.run_of_row(row).0)
            .collect();
        for (_, table) in &mut self.details {
            let belongs = |row: &Vec<Cell>| run_of(row).is_ok_and(|(run, _)| runs.contains(&run));
            table.rows.retain(belongs);
        }
    }

    /// Keeps of the metrics and of the detail tables those of which `metric` and `detail` are true; the
    /// other tables keep their names, without rows.
    pub fn narrow(&mut self, metric: impl Fn(&str) -> bool, detail: impl Fn(&str) -> bool) {
        let behind_axes = FIRST.len() + self.axes.len();
        let kept: Vec<bool> = (0..)
            .zip(&self.runs.columns)
            .map(|(i, column)| i < behind_axes || metric(column))
            .collect();
        let mut columns = kept.iter();
        let is_kept = |_: &String| columns.next().is_some_and(|&kept| kept);
        self.runs.columns.retain(is_kept);
        for row in &mut self.runs.rows {
            let mut cells = kept.iter();
            row.retain(|_| cells.next().is_some_and(|&kept| kept));
            row.shrink_to_fit();
        }
        for (name, table) in &mut self.details {
            if !detail(name) {
                table.rows = Vec::new();
            }
        }
    }

    /// Adds the runs of `other`, which has the same columns, behind those that are there: the caller
    /// keeps the canonical order.
    ///
    /// # Panics
    /// If the columns are others.
    pub fn append(&mut self, other: Self) {
        let append = |to: &mut Table, from: Table| {
            assert_eq!(to.columns, from.columns, "tables of one kind");
            to.rows.extend(from.rows);
        };
        append(&mut self.runs, other.runs);
        append(&mut self.failures, other.failures);
        for ((_, to), (_, from)) in self.details.iter_mut().zip(other.details) {
            append(to, from);
        }
    }

    /// The runs at which axis number `axis` has `value`, without that axis and without details.
    pub fn at(&self, axis: usize, value: &Cell) -> Self {
        let (text, column) = (csv::cell_text(value), FIRST.len() + axis);
        let without = |table: &Table| {
            let mut table = table.clone();
            table.columns.remove(column);
            table
                .rows
                .retain(|row| csv::cell_text(&row[column]) == text);
            for row in &mut table.rows {
                row.remove(column);
            }
            table
        };
        let mut axes = self.axes.clone();
        axes.remove(axis);
        Self {
            axes,
            runs: without(&self.runs),
            details: Vec::new(),
            failures: without(&self.failures),
        }
    }

    /// The files of the study, by name: `runs.csv`, `summary.csv` (the table that the statistics
    /// room makes of it), one for each detail table, and `failures.csv` if there are any.
    pub fn encode(&self, summary: &Table) -> Vec<(String, Vec<u8>)> {
        let mut files = vec![
            (Self::RUNS.to_owned(), csv::encode(&self.runs)),
            (Self::SUMMARY.to_owned(), csv::encode(summary)),
        ];
        for (name, table) in &self.details {
            files.push((format!("{name}.csv"), csv::encode(table)));
        }
        if !self.failures.rows.is_empty() {
            files.push((Self::FAILURES.to_owned(), csv::encode(&self.failures)));
        }
        files
    }

    /// The study in the bytes of its `runs.csv` and of its detail tables, each given by the name
    /// of its table (`depths` for `depths.csv`). `pointers` tells the axes' pointers by their columns;
    /// in tables of earlier versions the columns were called by the pointers.
    pub fn decode(
        runs: &[u8],
        details: &[(&str, &[u8])],
        pointers: &BTreeMap<String, String>,
    ) -> Result<Self> {
        let (runs, lines) = csv::decode_with_lines(runs).map_err(|e| e.at("runs.csv"))?;
        let mut study = Self {
            axes: axes_of(&runs, pointers).map_err(|e| e.at("runs.csv"))?,
            runs,
            ..Self::default()
        };
        study.failures.columns = failure_columns(&study.axes);
        study.check_runs(&lines).map_err(|e| e.at("runs.csv"))?;
        let replications: BTreeMap<u64, u64> = (0..study.runs.rows.len())
            .map(|row| study.run_of_row(row))
            .collect();
        for &(name, bytes) in details {
            let table =
                decode_detail(bytes, &replications).map_err(|e| e.at(format!("{name}.csv")))?;
            study.details.push((name.to_owned(), table));
        }
        Ok(study)
    }

    /// Reads the table of failed runs in the bytes of `failures.csv` as well.
    pub fn decode_failures(&mut self, bytes: &[u8]) -> Result<()> {
        let named = |error: Error| error.at(Self::FAILURES);
        let table = csv::decode(bytes).map_err(named)?;
        if table.columns != self.failures.columns {
            let what = format!("the columns should be {}", self.failures.columns.join(","));
            return Err(named(Error::new(what).at(1)));
        }
        self.failures = table;
        Ok(())
    }

    /// Every run stands once, in its place, and what should be a number is one.
    fn check_runs(&self, lines: &[u64]) -> Result<()> {
        let mut last = None;
        let mut seen = BTreeSet::new();
        for (row, (cells, &line)) in self.runs.rows.iter().zip(lines).enumerate() {
            let (run, replication) = run_of(cells).map_err(|e| e.at(line))?;
            if last.is_some_and(|last| run <= last) {
                return Err(Error::new(format!(
                    "run {run} is not greater than the run above it; runs are in ascending order"
                ))
                .at(line));
            }
            last = Some(run);
            let values: Vec<String> = self.values_of_row(row).iter().map(csv::cell_text).collect();
            if !seen.insert((values, replication)) {
                return Err(Error::new(format!(
                    "run {run} has the axis values and the replication of a run above it"
                ))
                .at(line));
            }
            let words = cells.iter().zip(&self.runs.columns);
            for (cell, column) in words.skip(FIRST.len() + self.axes.len()) {
                if let Cell::Text(word) = cell {
                    return Err(Error::new(format!(
                        "column `{column}`: `{}` is not a number",
                        csv::excerpt(word)
                    ))
                    .at(line));
                }
            }
        }
        Ok(())
    }
}

fn failure_columns(axes: &[AxisColumn]) -> Vec<String> {
    let first = FIRST.into_iter().map(str::to_owned);
    first
        .chain(axes.iter().map(|axis| axis.column.clone()))
        .chain(["error".to_owned()])
        .collect()
}

fn push(table: &mut Table, row: Vec<Cell>) {
    assert_eq!(row.len(), table.columns.len(), "one cell a column");
    table.rows.push(row);
}

/// The run and the replication that a row belongs to.
fn run_of(row: &[Cell]) -> Result<(u64, u64)> {
    let count = |cell: &Cell, column| match cell {
        Cell::Count(count) => Ok(*count),
        other => Err(Error::new(format!(
            "column `{column}`: `{}` is not a whole number",
            csv::excerpt(&csv::cell_text(other))
        ))),
    };
    Ok((count(&row[0], FIRST[0])?, count(&row[1], FIRST[1])?))
}

fn check_first(table: &Table) -> Result<()> {
    for (i, name) in FIRST.into_iter().enumerate() {
        if table.columns.get(i).is_none_or(|column| column != name) {
            let found = nearest(name, table.columns.iter().map(String::as_str));
            let error = Error::new(format!("column {} should be `{name}`", i + 1)).at(1);
            return Err(match found {
                Some(found) => error.help(format!("is `{found}` meant?")),
                None => error.help("give a table made by `sweep`"),
            });
        }
    }
    Ok(())
}

/// The axes: the columns after the first that `pointers` knows, or whose names are pointers.
fn axes_of(runs: &Table, pointers: &BTreeMap<String, String>) -> Result<Vec<AxisColumn>> {
    check_first(runs)?;
    if let Some(missing) = pointers.keys().find(|column| runs.column(column).is_none()) {
        let what = format!("there is no column `{}`", csv::excerpt(missing));
        return Err(Error::new(what)
            .at(1)
            .help("the manifest beside the table calls an axis so"));
    }
    let axis = |column: &String| match pointers.get(column) {
        Some(pointer) => Some(AxisColumn {
            pointer: pointer.clone(),
            column: column.clone(),
        }),
        None => column.starts_with('/').then(|| column.as_str().into()),
    };
    let behind = &runs.columns[FIRST.len()..];
    let axes: Vec<AxisColumn> = behind.iter().map_while(axis).collect();
    let metrics = &behind[axes.len()..];
    match metrics.iter().find(|column| axis(column).is_some()) {
        Some(late) => Err(Error::new(format!(
            "the axis `{}` follows a metric; axes come first",
            csv::excerpt(late)
        ))
        .at(1)),
        None => Ok(axes),
    }
}

fn decode_detail(bytes: &[u8], replications: &BTreeMap<u64, u64>) -> Result<Table> {
    let (table, lines) = csv::decode_with_lines(bytes)?;
    check_first(&table)?;
    for (row, line) in table.rows.iter().zip(lines) {
        let (run, replication) = run_of(row).map_err(|e| e.at(line))?;
        let error = match replications.get(&run) {
            Some(&known) if known == replication => continue,
            Some(known) => format!("run {run} is replication {known} in runs.csv"),
            None => format!("there is no run {run} in runs.csv"),
        };
        return Err(Error::new(error).at(line));
    }
    Ok(table)
}
