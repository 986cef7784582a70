//! `arigatoni sweep`: all runs of a scenario, to a results folder.
#![allow(
    clippy::disallowed_types,
    reason = "the manifest tells when the results were made"
)]

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use clap::Args;

use super::folder::Folder;
use super::input::Input;
use super::output;
use super::progress::Progress;
use super::signals::Listener;
use crate::error::{Error, Result};
use crate::experiment::Experiment;
use crate::results::{Machine, Manifest};
use crate::scenario::{Assignment, Scenario};
use crate::study::{self, Control};

/// Sweeps of more runs must be confirmed.
const RUNS_UNCONFIRMED_MAX: u64 = 1_000_000;

/// Make all runs of a scenario's sweep: tables, a summary and figures in a results folder.
///
/// Results go to results/NAME under the current folder, NAME being the scenario's name: runs.csv
/// (a row a run), summary.csv (means and 95 % intervals over replications), a table for each
/// further measure, figures/ (SVG and PNG) and manifest.json (how they came about).
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  arigatoni sweep scenarios/paper-quick.json\n  \
                        arigatoni sweep scenarios/paper.json --set /replications=5 -o results/try\n  \
                        arigatoni sweep scenarios/paper.json --filter /system/*/services/density=0.1 -o results/one"
)]
pub(super) struct Arguments {
    #[command(flatten)]
    input: Input,
    /// The results folder.
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// How many runs to make at the same time; default: one for each core. Never changes a result.
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    /// Make only the runs at which the axis POINTER has this value; several values of one axis
    /// add up, several axes narrow down.
    #[arg(long = "filter", value_name = "POINTER=VALUE")]
    filters: Vec<Assignment>,
    /// Replace the results of another scenario.
    #[arg(long)]
    overwrite: bool,
    /// Do not ask before more than a million runs.
    #[arg(long)]
    yes: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let scenario = arguments.input.read()?;
    let selection = scenario.select(&arguments.filters)?;
    let replications = u64::from(scenario.replications());
    let runs = selection.len() * replications;
    confirm(runs, arguments.yes)?;
    let experiment = Experiment::prepare(scenario, arguments.input.folder())?;
    let scenario = experiment.scenario();

    let output = arguments.output.clone();
    let folder =
        Folder::new(output.unwrap_or_else(|| PathBuf::from("results").join(scenario.name())));
    let filters: Vec<String> = arguments.filters.iter().map(ToString::to_string).collect();
    folder.claim(scenario, &filters, arguments.overwrite)?;

    let control = Arc::new(Control::default());
    let listener = Listener::new(&control)?;
    let started = SystemTime::now();
    let progress = Progress::start(Arc::clone(&control), runs);
    let threads = arguments.threads.map(NonZeroUsize::get);
    let study = study::conduct(experiment.columns(), runs, threads, &control, |run| {
        let point = selection.point(run / replications);
        experiment.run(point * replications + run % replications)
    });
    progress.finish();
    let study = study?;

    let made = study.runs.rows.len() as u64;
    if made == 0
        && let Some(kind) = listener.heard()
    {
        return Err(Error::stopped(
            kind,
            "stopped before the first run was done",
        ));
    }
    let manifest = manifest(scenario, filters, [runs, made], threads, started);
    let unfit = folder.put(&study, &Experiment::figures(scenario), &manifest)?;
    output::complain(&unfit);
    if let Some(kind) = listener.heard() {
        let what = format!("stopped: {made} of {runs} runs are done");
        return Err(Error::stopped(kind, what).at(folder.path().display()));
    }
    output::print(format!("{}\n", folder.path().display()).as_bytes())
}

fn confirm(runs: u64, yes: bool) -> Result<()> {
    if runs > RUNS_UNCONFIRMED_MAX && !yes {
        return Err(Error::new(format!("the sweep has {runs} runs"))
            .at("/sweep")
            .help("say --yes if so many are meant, or pick some with --filter POINTER=VALUE"));
    }
    Ok(())
}

fn manifest(
    scenario: &Scenario,
    filters: Vec<String>,
    [planned, done]: [u64; 2],
    threads: Option<usize>,
    started: SystemTime,
) -> Manifest {
    let cores = std::thread::available_parallelism()
        .ok()
        .map(NonZeroUsize::get);
    let utc = |time| humantime::format_rfc3339_seconds(time).to_string();
    Manifest {
        version: env!("CARGO_PKG_VERSION").into(),
        commit: option_env!("ARIGATONI_COMMIT").map(str::to_owned),
        scenario: scenario.effective().clone(),
        filters,
        runs: planned,
        runs_done: done,
        started: utc(started),
        ended: utc(SystemTime::now()),
        machine: Machine {
            os: std::env::consts::OS.into(),
            architecture: std::env::consts::ARCH.into(),
            cores: cores.map(|cores| cores as u32),
        },
        threads: threads.or(cores).map(|threads| threads as u32),
    }
}
