//! `arigatoni report`: a results folder, or two side by side, as one HTML page.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;

use super::compare::Side;
use super::output;
use super::overview::View;
use super::stderr::print_stderr;
use crate::error::{Error, Result};
use crate::experiment::{self, Experiment};
use crate::figures::{self, About, Drawing, Layout, PointNames, Sheet, constants_in_words};
use crate::measure::{Content, FigureSpec, Metric, Table};
use crate::program::Program;
use crate::report::{self, Differences, Subject};
use crate::results::{Manifest, SweepResults};
use crate::scenario::{Scenario, TopologySource};
use crate::store;
use crate::study::{Folder, Watch};

/// The share of false alarms in a comparison.
const FALSE_ALARMS: f64 = 0.05;

/// Write a report of a results folder: one HTML page that shows what was run, the figures with their
/// values, tables with intervals, warnings, and how far the results can be trusted.
///
/// The page is self-contained: it loads nothing from elsewhere. It is written to report.html in the
/// results folder, or to comparison.html in folder B.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  arigatoni report results/paper-quick\n  \
                        arigatoni report --compare results/selective results/exhaustive -o both.html")]
pub(super) struct Arguments {
    /// The results folder, or the scenario whose results are in results/NAME.
    #[arg(
        value_name = "RESULTS",
        required_unless_present = "compare",
        conflicts_with = "compare"
    )]
    results: Option<PathBuf>,
    /// Put two results folders, or a baseline and results, side by side.
    #[arg(long, num_args = 2, value_names = ["A", "B"])]
    compare: Option<Vec<PathBuf>>,
    /// Write the page to FILE.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let (page, folder, name) = match (&arguments.results, arguments.compare.as_deref()) {
        (_, Some([a, b])) => {
            let (page, folder) = compared(a, b)?;
            (page, folder, Folder::COMPARISON)
        }
        (Some(path), _) => {
            let study = Study::read(path)?;
            let page = report::page(&study.subject());
            (page, study.folder, Folder::REPORT)
        }
        (None, _) => return Err(Error::new("no results folder is given")),
    };
    let default = || folder.path().join(name);
    let target = arguments.output.clone().unwrap_or_else(default);
    check_target(&target)?;
    store::replace(&target, page.as_bytes())?;
    output::print(format!("{}\n", target.display()).as_bytes())
}

/// Checks that the page can be written to `target`, and replaces nothing but a page.
fn check_target(target: &Path) -> Result<()> {
    store::check_target(target)?;
    if !store::exists(target) || store::is_special(target) {
        return Ok(());
    }
    let there = store::read(target)?;
    if there.is_empty() || there.starts_with(report::BEGINNING.as_bytes()) {
        return Ok(());
    }
    Err(
        Error::new("a file that is not a report would be overwritten")
            .at(target.display())
            .help("choose another name with -o FILE, or remove the file"),
    )
}

/// The page of two studies, and the folder of the second.
fn compared(a: &Path, b: &Path) -> Result<(String, Folder)> {
    let sides = [Side::whole(a)?, Side::whole(b)?];
    let view = View::of(sides, &[], FALSE_ALARMS, false).map_err(|error| {
        error.help(
            "give studies with the same axes and points, or put both systems on one `/system` axis of one scenario",
        )
    })?;
    let differences = Differences {
        members: view.members(),
        notes: view.notes(),
        columns: view.page_columns(),
        rows: view.page_rows(),
        words: view.axes() + 2,
    };
    let [mut a, mut b] = [Study::read(a)?, Study::read(b)?];
    share_scales(&mut a, &mut b)?;
    let page = report::comparison([&a.subject(), &b.subject()], &differences);
    Ok((page, b.folder))
}

/// Draws the figures that both have on one scale of the y axis.
fn share_scales(a: &mut Study, b: &mut Study) -> Result<()> {
    let [of_a, of_b] = [&*a, &*b].map(|study| Experiment::figures(&study.scenario));
    let constants = [&*a, &*b].map(|study| constants_in_words(&study.manifest.constants));
    for spec in &of_a {
        let [in_a, in_b] = [&*a, &*b].map(|study| {
            study
                .figures
                .iter()
                .position(|(name, _)| *name == spec.name)
        });
        let other = of_b.iter().find(|other| other.name == spec.name);
        let (Some(in_a), Some(in_b), Some(other)) = (in_a, in_b, other) else {
            continue;
        };
        let sides = [
            (spec, &a.results, a.about(&constants[0])),
            (other, &b.results, b.about(&constants[1])),
        ];
        if let Some([one, other]) = figures::sheets_alike(sides, ON_PAGE)? {
            (a.figures[in_a].1, b.figures[in_b].1) = (one, other);
        }
    }
    Ok(())
}

/// Without titles and captions, which the page writes as text.
const ON_PAGE: Layout = Layout {
    width_in: None,
    title: false,
    caption: false,
};

/// A results folder, read for a report.
struct Study {
    folder: Folder,
    place: String,
    manifest: Manifest,
    scenario: Scenario,
    results: SweepResults,
    networks: Vec<String>,
    names: PointNames,
    metrics: Vec<Metric>,
    headline: Vec<String>,
    own: Vec<String>,
    labels: BTreeMap<String, String>,
    figures: Vec<(String, Sheet)>,
    undrawn: Vec<String>,
    stops: Option<Table>,
    altered: Vec<String>,
    /// Why theory says nothing of it, where it does not.
    beyond_theory: String,
}

/// Keeps what is said of the tables.
#[derive(Default)]
struct Notes(Vec<String>);

impl Watch for Notes {
    fn report(&mut self, note: &str) {
        print_stderr(note);
        self.0.push(note.to_owned());
    }
}

impl Study {
    fn read(path: &Path) -> Result<Self> {
        let folder = super::sweep_arguments::ResultsArgument::at(path).results()?;
        let (manifest, scenario) = folder.told()?;
        let place = folder.path().display().to_string();
        folder.check_runs()?;
        let columns = experiment::columns(&scenario);
        let mut notes = Notes::default();
        let details: Vec<&str> = columns.details.iter().map(|detail| detail.name).collect();
        // A baseline has no tables of details.
        let details = if manifest.is_baseline() {
            &[][..]
        } else {
            &details
        };
        let results = folder.study(details, &manifest, "reported", &mut notes)?;
        let stops = folder.stops()?;
        let drawn = sheets(&scenario, &results, &manifest);
        let names = PointNames::of(&Experiment::figures(&scenario), &results);
        Ok(Self {
            place,
            results,
            networks: manifest
                .topologies
                .keys()
                .map(|name| TopologySource::told_of(name))
                .collect(),
            names,
            metrics: columns.metrics,
            headline: Experiment::headline(&scenario),
            own: scenario.figures().iter().filter_map(shown_alone).collect(),
            labels: labels(&scenario),
            beyond_theory: Experiment::beyond_theory(&scenario),
            figures: drawn.sheets,
            undrawn: drawn.undrawn,
            stops,
            altered: notes.0,
            scenario,
            manifest,
            folder,
        })
    }

    fn about<'a>(&'a self, constants: &'a str) -> About<'a> {
        About {
            name: self.scenario.name(),
            constants,
        }
    }

    fn subject(&self) -> Subject<'_> {
        Subject {
            place: &self.place,
            manifest: &self.manifest,
            networks: &self.networks,
            study: &self.results,
            names: &self.names,
            metrics: &self.metrics,
            headline: &self.headline,
            own: &self.own,
            labels: &self.labels,
            figures: &self.figures,
            undrawn: &self.undrawn,
            stops: self.stops.as_ref(),
            altered: &self.altered,
            beyond_theory: &self.beyond_theory,
            program: Program::this(),
        }
    }
}

/// The metric that a figure shows, if that is what it shows.
fn shown_alone(figure: &FigureSpec) -> Option<String> {
    match &figure.content {
        Content::Curves { metric } => Some(metric.clone()),
        _ => None,
    }
}

/// What the figures of a scenario call metrics.
fn labels(scenario: &Scenario) -> BTreeMap<String, String> {
    let figures = Experiment::figures(scenario);
    let metrics = figures.iter().filter_map(shown_alone);
    metrics
        .filter_map(|metric| {
            let label = experiment::label_of(&metric, &figures)?.to_owned();
            Some((metric, label))
        })
        .collect()
}

/// The figures that could be drawn, by name, and why others are not there.
#[derive(Default)]
struct Drawn {
    sheets: Vec<(String, Sheet)>,
    undrawn: Vec<String>,
}

/// The figures; of a baseline those that need no
/// table of details.
fn sheets(scenario: &Scenario, results: &SweepResults, manifest: &Manifest) -> Drawn {
    let constants = constants_in_words(&manifest.constants);
    let about = About {
        name: scenario.name(),
        constants: &constants,
    };
    let mut drawn = Drawn::default();
    for spec in Experiment::figures(scenario) {
        if manifest.is_baseline() && spec.content.detail().is_some() {
            continue;
        }
        let why = match figures::sheet(&spec, results, about, ON_PAGE) {
            Ok(Drawing::Picture(sheet)) => {
                drawn.sheets.push((spec.name, sheet));
                continue;
            }
            Ok(Drawing::Unasked(_) | Drawing::Absent) => continue,
            Ok(Drawing::Unfit(why)) => why,
            // The others are drawn all the same.
            Err(error) => {
                let (place, what, _) = error.into_parts();
                place.map_or(what.clone(), |place| format!("{place}: {what}"))
            }
        };
        let why = format!("figure {} is not drawn: {why}", spec.name);
        drawn.undrawn.push(why);
    }
    drawn
}
