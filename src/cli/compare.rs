//! `arigatoni compare`: two studies, or two points of one, replication by replication.

use std::collections::BTreeMap;

use clap::Args;
use serde_json::{Value, json};

use super::output;
use super::overview::View;
use super::stderr::{Stderr, print_stderr};
use super::sweep_arguments::ResultsArgument;
use crate::error::{Error, Result};
use crate::figures::PointNames;
use crate::measure::{AxisColumn, Cell};
use crate::results::{SweepResults, axis_cell, csv};
use crate::scenario::{Assignment, Scenario};
use crate::statistics::Row;
use crate::store;
use crate::study;
use crate::words::{brief, counted};

/// Compare two results folders: the differences of their scenarios, and for each metric the difference
/// B − A with its interval and a verdict.
///
/// Runs are paired by point and replication. With the same seed they share their random numbers, so
/// small differences become visible after few replications. To compare two points of a sweep, select
/// them with --at-a and --at-b; the other axes are compared value by value. Exit code 0: compared,
/// whatever the verdicts (`check` is the command that fails), 2: bad input.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  arigatoni compare results/selective results/exhaustive --metric messages_per_request\n  \
                        arigatoni compare results/paper results/paper --at-a density=0.05 --at-b density=0.1"
)]
pub(super) struct Arguments {
    /// The first results folder, or the scenario whose results are in results/NAME.
    a: std::path::PathBuf,
    /// The second one.
    b: std::path::PathBuf,
    /// Compare only this metric; may be given several times.
    #[arg(long = "metric", value_name = "NAME")]
    metrics: Vec<String>,
    /// Use only the points of A at which the axis (given by its column or its pointer) has this value.
    #[arg(long, value_name = "AXIS=VALUE", value_parser = Assignment::of_axis)]
    at_a: Vec<Assignment>,
    /// Use only the points of B at which the axis (given by its column or its pointer) has this value.
    #[arg(long, value_name = "AXIS=VALUE", value_parser = Assignment::of_axis)]
    at_b: Vec<Assignment>,
    /// The probability that any difference is reported if there is none.
    #[arg(long, value_name = "RATE", default_value_t = 0.05, value_parser = output::share)]
    false_alarms: f64,
    /// Print all rows and all differing members instead of one screen; JSON has them always.
    #[arg(long)]
    all: bool,
    /// Print JSON, with all rows.
    #[arg(long)]
    json: bool,
}

impl Arguments {
    /// Adds to an error what to do about axes that only one side has.
    fn about_axes(&self, error: Error, only: &[Vec<String>; 2]) -> Error {
        if only.iter().all(Vec::is_empty) {
            return error;
        }
        match (self.at_a.is_empty(), self.at_b.is_empty()) {
            (false, true) => error.help("select the point of B as well, with --at-b AXIS=VALUE"),
            (true, false) => error.help("select the point of A as well, with --at-a AXIS=VALUE"),
            _ => {
                let options = ["--at-a", "--at-b"].iter().zip(only);
                let options = options.flat_map(|(option, axes)| {
                    axes.iter()
                        .map(move |axis| format!("{option} {axis}=VALUE"))
                });
                let options: Vec<String> = options.collect();
                error.help(format!(
                    "select points by the axes that only one of them has: {}",
                    options.join(" ")
                ))
            }
        }
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let a = Side::read(&arguments.a, &arguments.at_a, "--at-a")?;
    let b = Side::read(&arguments.b, &arguments.at_b, "--at-b")?;
    let only = [only_axes(&a.study, &b.study), only_axes(&b.study, &a.study)];
    let view = View::of(
        [a, b],
        &arguments.metrics,
        arguments.false_alarms,
        arguments.all,
    )
    .map_err(|error| arguments.about_axes(error, &only))?;
    if arguments.json {
        return output::print(format!("{:#}\n", view.as_json()).as_bytes());
    }
    output::print(view.as_text().as_bytes())
}

/// One of the two that are compared.
#[derive(Debug)]
pub(super) struct Side {
    /// The folder, as it was given.
    pub(super) place: String,
    pub(super) scenario: Scenario,
    /// The points that were picked.
    pub(super) at: Vec<Assignment>,
    pub(super) topologies: BTreeMap<String, String>,
    /// What made the results, if they name it.
    pub(super) program: Option<String>,
    pub(super) study: SweepResults,
}

impl Side {
    /// All of a results folder.
    pub(super) fn whole(path: &std::path::Path) -> Result<Self> {
        Self::read(path, &[], "")
    }

    /// The study in a results folder at the points that are picked, and its scenario.
    fn read(path: &std::path::Path, at: &[Assignment], option: &str) -> Result<Self> {
        let folder = ResultsArgument::at(path).results()?;
        let (manifest, scenario) = folder.told()?;
        if !manifest.complete {
            print_stderr(format_args!(
                "{}: the results are not complete; only the existing runs are compared",
                path.display()
            ));
        }
        if !store::exists(&folder.path().join("runs.csv")) {
            return Err(Error::new("there are no tables yet")
                .at(path.display())
                .help("finish the sweep, or `merge --partial`"));
        }
        let mut study = folder.study(&[], &manifest, "compared", &mut Stderr)?;
        let at = study::filters::named(&scenario, at).map_err(|error| error.at(option))?;
        for assignment in &at {
            // Checks the axis and the value, and names what there is.
            scenario
                .select(std::slice::from_ref(assignment))
                .map_err(|error| error.at(option))?;
            let axis = study
                .axes
                .iter()
                .position(|axis| scenario.same_member(&axis.pointer, &assignment.pointer));
            let axis =
                axis.ok_or_else(|| Error::new("the results have no such axis").at(option))?;
            study = study.at(axis, &axis_cell(&assignment.value));
        }
        Ok(Self {
            place: path.display().to_string(),
            scenario,
            at,
            program: (!manifest.is_baseline()).then(|| manifest.program().to_string()),
            topologies: manifest.topologies,
            study,
        })
    }
}

/// The columns of the axes that only the first has.
fn only_axes(one: &SweepResults, other: &SweepResults) -> Vec<String> {
    let is_only = |axis: &&AxisColumn| other.axes.iter().all(|its| its.pointer != axis.pointer);
    let only = one.axes.iter().filter(is_only);
    only.map(|axis| axis.column.clone()).collect()
}

/// The pointers of axes, for programs.
pub(super) fn axes_json(axes: &[AxisColumn]) -> Vec<&str> {
    axes.iter().map(|axis| axis.pointer.as_str()).collect()
}

/// The names of their columns.
pub(super) fn columns_json(axes: &[AxisColumn]) -> Vec<&str> {
    axes.iter().map(|axis| axis.column.as_str()).collect()
}

/// `1 pair of runs`, `2 pairs of runs`.
pub(super) fn pairs(count: u64) -> String {
    format!("{} of runs", counted(count, "pair"))
}

/// Where a row is: `everywhere`, or its axis values with the names of their columns.
pub(super) fn place(row: &Row, axes: &[AxisColumn]) -> String {
    match &row.point {
        None => "everywhere".into(),
        Some(values) if values.is_empty() => "the run".into(),
        Some(values) => point(values, axes),
    }
}

/// The values of a point with the names of their columns: `density = 0.1, delta = 0`.
pub(super) fn point(values: &[Cell], axes: &[AxisColumn]) -> String {
    let named = axes.iter().zip(values);
    let named = named.map(|(axis, cell)| format!("{} = {}", axis.column, csv::cell_text(cell)));
    named.collect::<Vec<_>>().join(", ")
}

/// A cell for each axis: the row's values, or `all`.
pub(super) fn cells(row: &Row, axes: &[AxisColumn], names: &PointNames) -> Vec<String> {
    match &row.point {
        None => vec!["all".into(); axes.len()],
        Some(values) => names.at(values),
    }
}

/// The interval that belongs to the verdict of a row.
pub(super) fn interval(row: &Row, rate: f64) -> String {
    match row.interval(rate) {
        Some([low, high]) => format!("{} … {}", brief(low), brief(high)),
        None => "–".into(),
    }
}

/// A row for programs, without a verdict.
pub(super) fn as_json(row: &Row, rate: f64) -> Value {
    let paired = &row.paired;
    let cells = |values: &Vec<Cell>| values.iter().map(csv::cell_text).collect::<Vec<_>>();
    json!({
        "metric": row.metric, "point": row.point.as_ref().map(cells), "n": paired.n,
        "a": paired.first, "b": paired.second, "difference": paired.difference,
        "interval": row.interval(rate), "ci95": paired.ci95, "p": paired.p, "p_adjusted": row.p,
    })
}
