//! `README.md` of a results folder: what each file and each column means, with its unit.
//!
//! It does *not* know any system: columns are described where they are defined.

use std::fmt::Write as _;

use super::folder::Folder;
use super::overwriting::PRECISION;
use crate::error::Result;
use crate::experiment::{self, Experiment};
use crate::measure::{Domain, FigureSpec, Metric};
use crate::results::{Columns, Manifest, SweepResults};
use crate::scenario::{self, Scenario};
use crate::statistics::THEORY;
use crate::store;
use crate::words::WRITES;

/// How each begins that a sweep has written, so that no other is replaced.
const BEGINNING: &str = "<!-- Written by arigatoni, again whenever the results change. -->\n";

/// The first columns of each table with rows of runs.
const OF_RUN: [Metric; 2] = [
    Metric::new(
        "run",
        "number of the run, from 0, in the order of the points",
    ),
    Metric::new(
        "replication",
        "number of the repetition of its point, from 0: equal ones share their random numbers",
    ),
];

/// The last column of the runs.
const FINGERPRINT: Metric = Metric::new(
    "fingerprint",
    "hash of all that happened in the run: equal ones are the same history",
);

/// The columns of means behind the axes.
const SUMMARY: [Metric; 7] = [
    Metric::new("metric", "the column of runs.csv"),
    Metric::new("n", "replications that have a value"),
    Metric::new("mean", "their mean, in the unit of the metric"),
    Metric::new("sd", "their standard deviation (n − 1)"),
    Metric::new(
        "ci95_low",
        "lower end of the 95 % confidence interval of the mean (Student's t)",
    ),
    Metric::new("ci95_high", "its upper end"),
    Metric::new(
        THEORY,
        "mean of what theory expects of the same runs, where it is known",
    ),
];

/// The columns of the failures behind the axes.
const FAILURES: [Metric; 1] = [Metric::new("error", "the message of the run that failed")];

/// The columns of the table about a precision behind the axes.
const STOPS: [Metric; 5] = [
    Metric::new("replications", "after so many the point stopped"),
    Metric::new("n", "those that have a value"),
    Metric::new("mean", "mean of the metric whose precision is asked for"),
    Metric::new("half_width", "half width of its confidence interval"),
    Metric::new("stopped", "why: reached, max, no variance, too few values"),
];

impl Folder {
    /// The name of the page about files and columns.
    pub const README: &str = "README.md";

    /// Whether the page is there, and a sweep has written it.
    pub(super) fn has_readme(&self) -> Result<bool> {
        let text = store::read_if_there(&self.path().join(Self::README))?;
        Ok(text.is_some_and(|text| text.starts_with(BEGINNING.as_bytes())))
    }

    /// Writes the page about the results of `scenario`; returns a sentence if there is another file of that name,
    /// which stays.
    ///
    /// # Errors
    /// If it cannot be read or written.
    pub(super) fn put_readme(
        &self,
        scenario: &Scenario,
        manifest: &Manifest,
    ) -> Result<Option<String>> {
        let path = self.path().join(Self::README);
        if store::exists(&path) && !self.has_readme()? {
            return Ok(Some(format!(
                "{} stays as it is: it was not written by arigatoni",
                path.display()
            )));
        }
        let columns = experiment::columns(scenario);
        let figures = Experiment::figures(scenario);
        let is_drawn = |figure: &FigureSpec| store::exists(&self.pictures(&figure.name)[0]);
        let text = readme(scenario, &columns, manifest, figures.iter().any(is_drawn));
        store::replace(&path, text.as_bytes()).map(|()| None)
    }
}

/// The text of the page.
fn readme(
    scenario: &Scenario,
    columns: &Columns,
    manifest: &Manifest,
    has_figures: bool,
) -> String {
    let mut text = format!(
        "{BEGINNING}# Results of {}\n\nThe results of a sweep by arigatoni {}. `manifest.json` has the scenario and says \
         which program made them, where and when.\n\nAn empty cell says that there was nothing to compute the value from; \
         it is never 0. Shares are from 0 to 1; quotients and counts have no unit. ÷ divides the two \
         totals of a run.\n",
        scenario.name(),
        manifest.version,
    );
    let axes = axes(scenario, columns);
    for (name, about, own) in tables(columns, manifest) {
        write!(
            text,
            "\n## {name}\n\n{about}\n\n| column | unit | meaning |\n| --- | --- | --- |\n"
        )
        .expect(WRITES);
        for column in &own {
            match column {
                Described::Axes => text.push_str(&axes),
                Described::Column(metric) => text.push_str(&row(metric)),
            }
        }
    }
    text.push_str("\n## Other files\n\n");
    if has_figures {
        text.push_str("- `figures/`: the figures, as SVG and PNG\n");
    }
    text.push_str(
        "- `inputs/`: copies of the files from which the runs were made, so that this folder can be run as a scenario\n\
         - `manifest.json`: the scenario with all defaults, and the provenance of the results\n\
         - `*.parquet`, if `arigatoni parquet` was run: the tables with the types of their values\n\
         - `report.html`, `comparison.html`, if `arigatoni report` was run: pages about the results\n",
    );
    text
}

/// A column of a table.
enum Described<'a> {
    /// The columns of all axes.
    Axes,
    Column(&'a Metric),
}

/// The tables that are there, each with what it has rows of, and its columns.
fn tables<'a>(
    columns: &'a Columns,
    manifest: &'a Manifest,
) -> Vec<(&'a str, String, Vec<Described<'a>>)> {
    let own = |metrics: &'a [Metric]| metrics.iter().map(Described::Column);
    let of_run = || own(&OF_RUN);
    let axes = || [Described::Axes].into_iter();
    let table = |name: &'a String| -> (&'a str, String, Vec<Described<'a>>) {
        let (about, described): (&str, Vec<Described<'a>>) = match &**name {
            SweepResults::RUNS => (
                "A row for each run.",
                of_run()
                    .chain(axes())
                    .chain(own(&columns.metrics))
                    .chain(own(std::slice::from_ref(&FINGERPRINT)))
                    .collect(),
            ),
            SweepResults::SUMMARY => {
                let all = if columns.has_theory() { 7 } else { 6 };
                (
                    "Means over replications: a row for each metric at each point.",
                    axes().chain(own(&SUMMARY[..all])).collect(),
                )
            }
            SweepResults::FAILURES => (
                "A row for each run that failed.",
                of_run().chain(axes()).chain(own(&FAILURES)).collect(),
            ),
            PRECISION => (
                "When each point stopped: a row for each.",
                axes().chain(own(&STOPS)).collect(),
            ),
            other => {
                let stem = other.trim_end_matches(".csv");
                let detail = columns.details.iter().find(|detail| detail.name == stem);
                let about = detail.map_or("", |detail| detail.about);
                let described = detail.map_or(&[][..], |detail| detail.columns);
                let about = format!("Any number of rows for each run: {about}.");
                return (other, about, of_run().chain(own(described)).collect());
            }
        };
        (name, about.to_owned(), described)
    };
    manifest.tables.keys().map(table).collect()
}

/// The rows of the axes: what the swept member means.
fn axes(scenario: &Scenario, columns: &Columns) -> String {
    let schema = scenario::schema();
    let row = |axis: &crate::measure::AxisColumn| {
        let known = scenario::explain(&schema, &axis.pointer).ok();
        let meaning = known.as_ref().and_then(|known| known.meaning.first());
        let meaning = meaning.map_or_else(String::new, |meaning| format!(": {meaning}"));
        let unit = known.and_then(|known| known.unit).unwrap_or_default();
        format!(
            "| `{}` | {unit} | the swept member `{}`{} |\n",
            axis.column,
            axis.pointer,
            cell(&meaning)
        )
    };
    debug_assert_eq!(scenario.axes().count(), columns.axes.len());
    columns.axes.iter().map(row).collect()
}

fn row(metric: &Metric) -> String {
    let unit = match (metric.unit(), metric.domain) {
        (Some(unit), _) => unit,
        (None, Domain::Share) => "share",
        (None, Domain::NotNegative) => "",
    };
    format!(
        "| `{}` | {unit} | {} |\n",
        metric.name,
        cell(metric.meaning)
    )
}

/// `text` as a cell of a table: in one line, and no `|` in it divides cells.
fn cell(text: &str) -> String {
    text.replace('\n', " ").replace('|', "\\|")
}
