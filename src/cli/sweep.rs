//! `arigatoni sweep`: all runs of a scenario, to a results folder.

use std::str::FromStr;
use std::sync::Arc;

use clap::Args;

use super::memory::check_memory;
use super::output;
use super::precision::say_stops;
use super::rehearsal;
use super::screen::Screen;
use super::signals::{Listener, RUNS};
use super::stderr::print_stderr;
use super::sweep_arguments::SweepArguments;
use crate::error::{Error, Kind, Result};
use crate::ledger::{Outline, Shard};
use crate::results::{SweepResults, csv};
use crate::study::{Control, Ended, Execution, Prepared, Rows, Sweep};
use crate::words::counted;

/// Make all runs of a scenario's sweep: tables, a summary and figures in a results folder.
///
/// Results are written to results/NAME in the current folder, where NAME is the name of the scenario:
/// runs.csv (a row per run), summary.csv (means and 95 % intervals over replications), further tables,
/// figures/ (SVG and PNG) and manifest.json (their provenance).
///
/// Each run is saved when it is finished. Whatever stops a sweep, the same command resumes it. With
/// more replications or more axis values it makes only the missing runs.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  arigatoni sweep scenarios/paper-quick.json\n  \
                        arigatoni sweep scenarios/paper.json --dry-run\n  \
                        arigatoni sweep scenarios/paper.json --set /replications=5 -o results/try\n  \
                        arigatoni sweep scenarios/paper.json --filter density=0.1 -o results/one\n  \
                        arigatoni sweep scenarios/paper.json --shard 0/4    (then merge; see also submit)"
)]
pub(super) struct Arguments {
    #[command(flatten)]
    sweep: SweepArguments,
    /// Replace the results of another scenario.
    #[arg(long)]
    overwrite: bool,
    /// Draw no figures: tables only. `arigatoni figures` with the results folder draws them later.
    #[arg(long)]
    no_figures: bool,
    /// Make only the chunks whose number modulo N is I (from 0 to N − 1), and no tables: `merge` makes
    /// them when all shards are done. Any number of shards may run at once, on any number of machines
    /// that share the folder.
    #[arg(long, value_name = "I/N", conflicts_with_all = ["overwrite", "no_figures"])]
    shard: Option<Shard>,
    /// Make only the run ID (the number in the column `run` of runs.csv) and print its row. No file is
    /// written.
    #[arg(long, value_name = "ID", conflicts_with_all = ["shard", "overwrite", "no_figures"], value_parser = output::whole::<u64>, allow_negative_numbers = true)]
    run: Option<u64>,
    /// Make no results: say how many points and runs there are, and about how much time, memory and disk
    /// space they take. Up to three runs are made and timed, and nothing is written.
    #[arg(long, conflicts_with_all = ["shard", "overwrite", "run"])]
    dry_run: bool,
}

impl FromStr for Shard {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let help = "write I/N, such as 0/4 for the first of four";
        let numbers = text.split_once('/');
        let parsed = numbers.and_then(|(index, of)| Some((index.parse().ok()?, of.parse().ok()?)));
        let Some((index, of)) = parsed else {
            return Err(Error::new(format!("`{text}` is not a shard")).help(help));
        };
        if index >= of {
            let what = format!("there is no shard {index} of {of}: they count from 0");
            return Err(Error::new(what).help(help));
        }
        Ok(Self { index, of })
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let how = How {
        overwrite: arguments.overwrite,
        figures: !arguments.no_figures,
        retry: false,
    };
    if arguments.dry_run {
        return rehearsal::run(&arguments.sweep);
    }
    match (arguments.run, arguments.shard) {
        (Some(run), _) => run_one(&arguments.sweep.prepare()?, run),
        (None, Some(shard)) => run_shard(&arguments.sweep, shard, false),
        (None, None) => run_whole(&arguments.sweep, how),
    }
}

/// How a sweep is taken up.
#[derive(Debug, Clone, Copy)]
pub(super) struct How {
    /// Whether the results of another scenario may go.
    pub(super) overwrite: bool,
    /// Whether figures are drawn.
    pub(super) figures: bool,
    /// Whether runs that failed are made again.
    pub(super) retry: bool,
}

/// Makes what is left, and puts the results into the folder.
pub(super) fn run_whole(sweep: &SweepArguments, how: How) -> Result<()> {
    let control = Arc::new(Control::default());
    let listener = Listener::new(&control, sweep.grace(), RUNS)?;
    let (prepared, threads) = (&sweep.prepare()?, sweep.threads());
    check_memory(prepared, threads)?;
    let mut screen = Screen::new(&control);
    let lock = prepared.folder.begin()?;
    let mut sweep = Sweep::take_up(prepared, how.overwrite, Rows::All, &mut screen)?;
    if !how.figures {
        sweep.leave_figures();
    }
    if how.retry {
        match sweep.forget_failed() {
            0 => print_stderr("no run has failed"),
            1 => print_stderr("1 failed run is repeated"),
            failed => print_stderr(format_args!("{failed} failed runs are repeated")),
        }
    }
    say_found(&sweep, Shard::ALL);
    let mut execution = Execution {
        threads,
        control: &control,
        watch: &mut screen,
    };
    let Ended { outline, stopped } = sweep.make_all(&prepared.experiment, &mut execution)?;
    if stopped {
        return Err(stopped_by(&listener, &sweep, &outline));
    }
    let path = prepared.folder.path();
    if !sweep.finish(&outline, threads, &lock, &mut screen)? {
        return Err(Error::new(
            "another process has extended the sweep in the meantime; the runs \
        are made and kept",
        )
        .at(path.display())
        .help(
            "`arigatoni status` shows what is missing now; `arigatoni merge` merges the \
            results",
        ));
    }
    say_stops(&sweep, &outline);
    print_stderr(format_args!(
        "`arigatoni report {}` makes a report of it",
        path.display()
    ));
    output::print(format!("{}\n", path.display()).as_bytes())?;
    fail_if_failed(&sweep)
}

/// Makes what is left of a shard.
pub(super) fn run_shard(sweep: &SweepArguments, shard: Shard, retry: bool) -> Result<()> {
    let control = Arc::new(Control::default());
    let listener = Listener::new(&control, sweep.grace(), RUNS)?;
    let (prepared, threads) = (&sweep.prepare()?, sweep.threads());
    check_memory(prepared, threads)?;
    let mut screen = Screen::new(&control);
    let mut sweep = Sweep::take_up(prepared, false, Rows::Unsealed, &mut screen)?;
    if retry {
        sweep.forget_failed();
    }
    say_found(&sweep, shard);
    warn_of_chunks(prepared, &sweep, shard.of);
    let mut execution = Execution {
        threads,
        control: &control,
        watch: &mut screen,
    };
    let Ended { outline, stopped } =
        sweep.make_shard(&prepared.experiment, shard, &mut execution)?;
    if stopped {
        return Err(stopped_by(&listener, &sweep, &outline));
    }
    sweep.check_same_plan()?;
    let chunks = outline.chunks.len() as u32;
    let own = chunks / shard.of + u32::from(shard.index < chunks % shard.of);
    let what = match own {
        0 => "there is no chunk for it".into(),
        1 => "its one chunk is done".into(),
        own => format!("all of its {own} chunks are done"),
    };
    print_stderr(format_args!(
        "shard {} of {}: {what}",
        shard.index, shard.of
    ));
    output::print(format!("{}\n", sweep.folder().path().display()).as_bytes())
}

/// Says what an earlier process has done.
fn say_found(sweep: &Sweep, shard: Shard) {
    if sweep.found() == 0 {
        return;
    }
    let (done, total) = sweep.done(&sweep.outline(), shard);
    match (done, total) {
        // A shard may have no chunk.
        (_, 0) => {}
        (0, _) => print_stderr(format_args!(
            "{} to make; none was made before",
            counted(total, "run")
        )),
        (done, total) => print_stderr(format_args!(
            "resuming: {done} of {total} runs are already done"
        )),
    }
}

/// Says so where a sweep has fewer chunks than shards. How many one with a precision has is known in the end only.
pub(super) fn warn_of_chunks(prepared: &Prepared, sweep: &Sweep, shards: u32) {
    let chunks = sweep.outline().chunks.len() as u64;
    let scenario = prepared.experiment.scenario();
    if scenario.precision().is_none() && chunks < u64::from(shards) {
        print_stderr(format_args!(
            "the sweep has {}, so that {} of {shards} shards have nothing to do: in a new folder --chunk-runs \
            makes smaller chunks",
            counted(chunks, "chunk"),
            u64::from(shards) - chunks,
        ));
    }
}

/// The error of work that was stopped.
fn stopped_by(listener: &Listener, sweep: &Sweep, outline: &Outline) -> Error {
    let left = sweep.jobs(outline, Shard::ALL).len() as u64;
    let (runs, done) = (outline.runs(), outline.runs() - left);
    let what = format!("stopped: {done} of {runs} runs are done and kept");
    Error::stopped(listener.heard().unwrap_or(Kind::Interrupted), what)
        .at(sweep.folder().path().display())
        .help("the same command resumes from there")
}

/// The error of a sweep some of whose runs failed.
pub(super) fn fail_if_failed(sweep: &Sweep) -> Result<()> {
    let (failed, runs) = (sweep.manifest().runs_failed, sweep.manifest().runs_done);
    if failed == 0 {
        return Ok(());
    }
    Err(Error::stopped(
        Kind::Failed,
        format!("{failed} of {runs} runs failed; the others are in the tables"),
    )
    .at(sweep.folder().path().join(SweepResults::FAILURES).display())
    .help(
        "`arigatoni sweep SCENARIO --run ID` repeats one of them, `arigatoni retry SCENARIO` all",
    ))
}

/// Makes one run and prints its row of `runs.csv`.
fn run_one(prepared: &Prepared, run: u64) -> Result<()> {
    let experiment = &prepared.experiment;
    let scenario = experiment.scenario();
    let replications = u64::from(scenario.replications());
    let (point, replication) = (run / replications, run % replications);
    if run >= scenario.run_count() {
        let what = format!(
            "there is no run {run}: the sweep has {}",
            scenario.run_count()
        );
        return Err(Error::new(what).at("--run").help("runs count from 0"));
    }
    check_memory(prepared, Some(1))?;
    let outcome = experiment.observe(point, replication as u32)?;
    let mut study = experiment.columns().clone().study();
    study.add(
        (run, replication),
        &scenario.axis_values(point),
        Ok(outcome),
    );
    output::print(&csv::encode(&study.runs))
}
