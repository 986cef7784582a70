//! `arigatoni compare`: two studies, or two points of one, replication by replication.

use clap::Args;
use serde_json::{Value, json};

use super::folder::reread;
use super::order::Place;
use super::tell::tell;
use super::{output, planning};
use crate::error::{Error, Result};
use crate::experiment::Experiment;
use crate::ledger::differences;
use crate::measure::{AxisColumn, Cell};
use crate::results::{Study, axis_cell, csv};
use crate::scenario::{Assignment, Scenario};
use crate::statistics::{Comparison, Row};
use crate::store;

/// Compare two studies metric by metric: the difference B − A, its interval and a verdict.
///
/// Runs are paired by point and replication. With the same seed they share their random numbers,
/// so that small differences show after few replications. To compare two points of a sweep, pick
/// them with --at-a and --at-b; the other axes are compared value by value. Exit code 0: compared,
/// whatever the verdicts (`check` is the verb that fails), 2: bad input.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  arigatoni compare results/selective results/exhaustive --metric messages_per_request\n  \
                        arigatoni compare results/paper results/paper --at-a density=0.05 --at-b density=0.1"
)]
pub(super) struct Arguments {
    /// The first results folder (or the scenario whose results are in results/NAME).
    a: std::path::PathBuf,
    /// The second one.
    b: std::path::PathBuf,
    /// Compare only this metric; may be given several times.
    #[arg(long = "metric", value_name = "NAME")]
    metrics: Vec<String>,
    /// Take of A only the points at which the axis (its column's name or its pointer) has this value.
    #[arg(long, value_name = "AXIS=VALUE", value_parser = Assignment::of_axis)]
    at_a: Vec<Assignment>,
    /// Take of B only the points at which the axis (its column's name or its pointer) has this value.
    #[arg(long, value_name = "AXIS=VALUE", value_parser = Assignment::of_axis)]
    at_b: Vec<Assignment>,
    /// How likely it may be that any difference is called one where there is none.
    #[arg(long, value_name = "RATE", default_value_t = 0.05, value_parser = output::share)]
    false_alarms: f64,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Arguments {
    /// Adds to an error that a point was picked of one side only, if that is why the two do not have
    /// the `same` axes.
    fn about_axes(&self, error: Error, same: bool) -> Error {
        let (other, option) = match (self.at_a.is_empty(), self.at_b.is_empty()) {
            (false, true) if !same => ("B", "--at-b"),
            (true, false) if !same => ("A", "--at-a"),
            _ => return error,
        };
        error.help(format!(
            "pick the point of {other} as well, with {option} AXIS=VALUE"
        ))
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let (a, scenario) = study(&arguments.a, &arguments.at_a, "--at-a")?;
    let (b, other) = study(&arguments.b, &arguments.at_b, "--at-b")?;
    let same_seed = scenario.effective()["seed"] == other.effective()["seed"];
    let headline = Experiment::headline(&scenario);
    let comparison = Comparison::of(&a, &b, &arguments.metrics, &headline)
        .map_err(|error| arguments.about_axes(error, same_axes(&a, &b)))?;
    let rate = arguments.false_alarms;
    let same_scenario = arguments.at_a == arguments.at_b
        && differences(&scenario.identity(), &other.identity()).is_empty();
    let certain = |row: &Row| same_scenario && row.remeasured;
    if arguments.json {
        let rows: Vec<Value> = comparison
            .rows
            .iter()
            .map(|row| as_json(row, rate, certain(row)))
            .collect();
        let all = json!({
            "axes": axes_json(&comparison.axes), "runs": comparison.runs,
            "identical": comparison.identical, "common_random_numbers": same_seed,
            "false_alarms": rate, "rows": rows,
        });
        return output::print(format!("{all:#}\n").as_bytes());
    }
    let mut text = format!(
        "{}, {} with the same fingerprint; {}\n\
         verdicts by Holm's procedure: false alarms at most {} over all {}\n\n",
        pairs(comparison.runs),
        comparison.identical,
        if same_seed {
            "common random numbers"
        } else {
            "the seeds differ, so the numbers are independent"
        },
        rate,
        output::counted(comparison.rows.len() as u64, "row"),
    );
    let head = [
        "metric",
        "at",
        "n",
        "A",
        "B",
        "B − A",
        "95 % interval",
        "verdict",
    ];
    let mut lines = vec![head.map(str::to_owned).to_vec()];
    lines.extend(
        comparison
            .rows
            .iter()
            .map(|row| as_line(row, rate, certain(row))),
    );
    text.push_str(&output::columns(&lines));
    output::print(text.as_bytes())
}

/// The study in a results folder at the points that are picked, and its scenario.
fn study(path: &std::path::Path, at: &[Assignment], option: &str) -> Result<(Study, Scenario)> {
    let folder = Place::at(path).folder()?;
    let manifest = folder.manifest()?;
    let scenario = reread(&manifest.scenario).map_err(|error| error.at(path.display()))?;
    if !manifest.complete {
        tell(format_args!(
            "{}: the results are not complete; what there is is compared",
            path.display()
        ));
    }
    if !store::exists(&folder.path().join("runs.csv")) {
        return Err(Error::new("there are no tables yet")
            .at(path.display())
            .help("finish the sweep, or `merge --partial`"));
    }
    let mut study = folder.study(&[], &manifest, "compared")?;
    let at = planning::named(&scenario, at).map_err(|error| error.at(option))?;
    for assignment in &at {
        // Checks the axis and the value, and names what there is.
        scenario
            .select(std::slice::from_ref(assignment))
            .map_err(|error| error.at(option))?;
        let axis = study
            .axes
            .iter()
            .position(|axis| scenario.same_member(&axis.pointer, &assignment.pointer));
        let axis = axis.ok_or_else(|| Error::new("the results have no such axis").at(option))?;
        study = study.at(axis, &axis_cell(&assignment.value));
    }
    Ok((study, scenario))
}

fn same_axes(a: &Study, b: &Study) -> bool {
    let [a, b] = [a, b].map(|study| study.axes.iter().map(|axis| &axis.pointer));
    a.eq(b)
}

/// The pointers of axes, for programs.
pub(super) fn axes_json(axes: &[AxisColumn]) -> Vec<&str> {
    axes.iter().map(|axis| axis.pointer.as_str()).collect()
}

/// `1 pair of runs`, `2 pairs of runs`.
pub(super) fn pairs(count: u64) -> String {
    format!("{} of runs", output::counted(count, "pair"))
}

/// What is said of a row; `certain`: both have the same scenario, and runs with the same events have
/// other numbers, which needs no statistics.
fn verdict(row: &Row, rate: f64, certain: bool) -> &'static str {
    let difference = row.paired.difference.unwrap_or(0.0);
    match row.p {
        _ if certain => "same events, other numbers",
        None if difference == 0.0 => "same",
        None => "too few replications",
        Some(p) if p > rate && difference == 0.0 => "same",
        Some(p) if p > rate => "no difference seen",
        Some(_) if row.paired.n == 0 => "present in one only",
        Some(_) if difference > 0.0 => "B is higher",
        Some(_) => "B is lower",
    }
}

/// Where a row is: `everywhere`, or its axis values.
pub(super) fn place(row: &Row) -> String {
    match &row.point {
        None => "everywhere".into(),
        Some(values) if values.is_empty() => "the run".into(),
        Some(values) => {
            let texts: Vec<String> = values.iter().map(csv::cell_text).collect();
            texts.join(", ")
        }
    }
}

fn as_line(row: &Row, rate: f64, certain: bool) -> Vec<String> {
    let paired = &row.paired;
    let number = |value: Option<f64>| value.map_or("–".into(), output::brief);
    vec![
        row.metric.clone(),
        place(row),
        paired.n.to_string(),
        number(paired.first),
        number(paired.second),
        number(paired.difference),
        match paired.ci95 {
            Some([low, high]) => format!("{} … {}", output::brief(low), output::brief(high)),
            None => "–".into(),
        },
        verdict(row, rate, certain).into(),
    ]
}

/// A row for programs.
pub(super) fn as_json(row: &Row, rate: f64, certain: bool) -> Value {
    let paired = &row.paired;
    let cells = |values: &Vec<Cell>| values.iter().map(csv::cell_text).collect::<Vec<_>>();
    json!({
        "metric": row.metric, "point": row.point.as_ref().map(cells), "n": paired.n,
        "a": paired.first, "b": paired.second, "difference": paired.difference,
        "ci95": paired.ci95, "p": paired.p, "p_adjusted": row.p, "verdict": verdict(row, rate, certain),
    })
}
