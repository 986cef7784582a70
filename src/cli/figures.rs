//! `arigatoni figures`: draw the figures of a results folder again.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;

use super::output;
use super::stderr::{Stderr, print_stderr};
use crate::error::{Error, Result};
use crate::experiment::{self, Experiment};
use crate::measure::Cell;
use crate::program::Program;
use crate::results::{SweepResults, axis_cell, csv};
use crate::scenario::{Assignment, Scenario};
use crate::study::{self, Folder};

/// Draw the figures of a results folder again, without a simulation.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  arigatoni figures results/paper-quick\n  \
                        arigatoni figures results/paper-quick --filter density=0.1 -o results/one")]
pub(super) struct Arguments {
    /// The results folder, made by `arigatoni sweep`.
    results: PathBuf,
    /// Draw into DIR/figures instead of the results folder.
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Draw only the runs in which the axis (given by its column or its pointer) has this value.
    /// Several values of one axis select all of them; filters of several axes must all hold.
    #[arg(long = "filter", value_name = "AXIS=VALUE", value_parser = Assignment::of_axis)]
    filters: Vec<Assignment>,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let results = Folder::new(arguments.results.clone());
    let (manifest, scenario) = results.told()?;
    if let Some(there) = study::other_program(&manifest) {
        let here = Program::this();
        print_stderr(format_args!(
            "{}: made by {there}; the figures are drawn by {here}",
            results.path().display()
        ));
    }
    let columns = experiment::columns(&scenario);
    let details: Vec<&str> = columns.details.iter().map(|detail| detail.name).collect();
    let mut study = results.study(&details, &manifest, "drawn", &mut Stderr)?;
    if !arguments.filters.is_empty() {
        pick(&mut study, &scenario, &arguments.filters)?;
    }
    let target = Folder::new(
        arguments
            .output
            .clone()
            .unwrap_or(arguments.results.clone()),
    );
    let unfit = target.put_figures(&study, &Experiment::figures(&scenario), scenario.name())?;
    output::complain(&unfit);
    output::print(format!("{}\n", target.path().join("figures").display()).as_bytes())
}

/// Leaves those runs of `study`, results of `scenario`, that fit the filters.
fn pick(study: &mut SweepResults, scenario: &Scenario, filters: &[Assignment]) -> Result<()> {
    let filters = study::filters::named(scenario, filters).map_err(|error| error.at("--filter"))?;
    let selection = study::filters::select(scenario, &filters)?;
    let text = |cell: &Cell| csv::cell_text(cell);
    let of_point = |point: u64| -> Vec<String> {
        let values = scenario.axis_values(point);
        values.iter().map(|value| text(&axis_cell(value))).collect()
    };
    let wanted: BTreeSet<Vec<String>> = selection.iter().map(of_point).collect();
    study.retain(|values| wanted.contains(&values.iter().map(text).collect::<Vec<_>>()));
    if study.runs.rows.is_empty() {
        return Err(Error::new("no run in the results matches the filters")
            .at("--filter")
            .help(
                "the results are those of a part of the sweep: choose values that they include",
            ));
    }
    Ok(())
}
