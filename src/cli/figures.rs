//! `arigatoni figures`: draw the figures of a results folder again.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;

use super::output;
use super::stderr::{Stderr, print_stderr};
use super::sweep_arguments::{ResultsArgument, check_same};
use crate::error::{Error, Result};
use crate::experiment::{self, Experiment};
use crate::figures::Layout;
use crate::measure::Cell;
use crate::program::Program;
use crate::results::{SweepResults, axis_cell, csv};
use crate::scenario::{Assignment, Scenario};
use crate::study::{self, Folder, Style};

/// Draw the figures of a results folder again, without a simulation.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  arigatoni figures results/paper-quick\n  \
                        arigatoni figures results/paper-quick --filter density=0.1 -o results/one\n  \
                        arigatoni figures results/paper-quick --width-in 3.5 --no-title --no-caption --pdf -o paper")]
pub(super) struct Arguments {
    /// The results folder, made by `arigatoni sweep`; or the scenario whose results are in results/NAME:
    /// then its labels and figures are those of the file as it is now.
    results: PathBuf,
    /// Draw into DIR/figures instead of the results folder.
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Draw only the runs in which the axis (given by its column or its pointer) has this value.
    /// Several values of one axis select all of them; filters of several axes must all hold.
    #[arg(long = "filter", value_name = "AXIS=VALUE", value_parser = Assignment::of_axis)]
    filters: Vec<Assignment>,
    /// Draw each figure so many inches wide, with labels of 8 pt, to be printed in that size: 3.5 for a
    /// column of a paper, 7 for a page. Default: as wide as its panels need.
    #[arg(long, value_name = "INCHES", value_parser = width, allow_negative_numbers = true)]
    width_in: Option<f32>,
    /// Leave out the titles.
    #[arg(long)]
    no_title: bool,
    /// Leave out the captions.
    #[arg(long)]
    no_caption: bool,
    /// Draw a PDF file of each figure as well.
    #[arg(long)]
    pdf: bool,
    /// Write text in SVG files as text, which can be edited and searched, instead of outlines, which need
    /// no font.
    #[arg(long)]
    svg_text: bool,
}

/// Sheets of other widths hold no figure.
const WIDTHS_IN: [f32; 2] = [1.0, 40.0];

/// Reads a width in inches.
fn width(text: &str) -> Result<f32> {
    let [least, most] = WIDTHS_IN;
    let width = text.parse().ok();
    let width = width.filter(|width| (least..=most).contains(width));
    width.ok_or_else(|| {
        Error::new(format!(
            "give a width in inches from {least} to {most}, such as 3.5"
        ))
    })
}

impl Arguments {
    fn style(&self) -> Style {
        Style {
            layout: Layout {
                width_in: self.width_in,
                title: !self.no_title,
                caption: !self.no_caption,
            },
            pdf: self.pdf,
            svg_text: self.svg_text,
        }
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let (results, edited) = ResultsArgument::at(&arguments.results).with_scenario()?;
    let (manifest, scenario) = results.told()?;
    let shown = match &edited {
        Some(edited) => as_edited(&results, &scenario, edited)?,
        None => &scenario,
    };
    if let Some(there) = study::other_program(&manifest) {
        let here = Program::this();
        print_stderr(format_args!(
            "{}: made by {there}; the figures are drawn by {here}",
            results.path().display()
        ));
    }
    results.check_runs()?;
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
            .unwrap_or_else(|| results.path().to_owned()),
    );
    let figures = Experiment::figures(shown);
    let unfit = target.put_figures(&study, &figures, &manifest, &results, arguments.style())?;
    output::complain(&unfit);
    output::print(format!("{}\n", target.path().join("figures").display()).as_bytes())
}

/// The scenario file as it is now, if its results are those in the folder: it may have other labels and
/// figures.
fn as_edited<'a>(
    results: &Folder,
    scenario: &Scenario,
    edited: &'a Scenario,
) -> Result<&'a Scenario> {
    check_same(results, scenario, edited)?;
    experiment::check_figures(edited, &experiment::columns(edited))?;
    experiment::check_x_of_figures(edited)?;
    Ok(edited)
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
