//! `arigatoni sweep`: all runs of a scenario, to a results folder.

use std::str::FromStr;
use std::sync::Arc;

use clap::Args;

use super::held::{Held, Rows, make};
use super::order::{Order, Prepared};
use super::output;
use super::precision::say_stops;
use super::progress::{Begun, Progress};
use super::signals::Listener;
use super::tell::tell;
use crate::error::{Error, Kind, Result};
use crate::ledger::{self, Outline, Shard};
use crate::results::{Run, Study, csv};
use crate::store;
use crate::study::Control;

/// Make all runs of a scenario's sweep: tables, a summary and figures in a results folder.
///
/// Results go to results/NAME under the current folder, NAME being the scenario's name: runs.csv
/// (a row a run), summary.csv (means and 95 % intervals over replications), a table for each
/// further measure, figures/ (SVG and PNG) and manifest.json (how they came about).
///
/// Each run is saved as it is finished. Whatever stops a sweep, the same command goes on where it
/// was; with more replications or more values of the axes it makes only what is new.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  arigatoni sweep scenarios/paper-quick.json\n  \
                        arigatoni sweep scenarios/paper.json --set /replications=5 -o results/try\n  \
                        arigatoni sweep scenarios/paper.json --filter density=0.1 -o results/one\n  \
                        arigatoni sweep scenarios/paper.json --shard 0/4    (then merge; see also submit)"
)]
pub(super) struct Arguments {
    #[command(flatten)]
    order: Order,
    /// Replace the results of another scenario.
    #[arg(long)]
    overwrite: bool,
    /// Make only the chunks whose number modulo N is I (from 0 to N − 1), and no tables: `merge`
    /// does that when all shards are done. Any number of shards may work at once, on any number
    /// of machines that share the folder.
    #[arg(long, value_name = "I/N", conflicts_with = "overwrite")]
    shard: Option<Shard>,
    /// Make only run ID (the number in the column `run` of runs.csv) and print its row; no folder
    /// is touched.
    #[arg(long, value_name = "ID", conflicts_with_all = ["shard", "overwrite"], value_parser = output::whole::<u64>, allow_negative_numbers = true)]
    run: Option<u64>,
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
        retry: false,
    };
    match (arguments.run, arguments.shard) {
        (Some(run), _) => run_one(&arguments.order.prepare()?, run),
        (None, Some(shard)) => run_shard(&arguments.order, shard, false),
        (None, None) => run_whole(&arguments.order, how),
    }
}

/// How a sweep is taken up.
#[derive(Debug, Clone, Copy)]
pub(super) struct How {
    /// Whether the results of another scenario may go.
    pub(super) overwrite: bool,
    /// Whether runs that failed are made again.
    pub(super) retry: bool,
}

/// Makes what is left, and puts the results into the folder.
pub(super) fn run_whole(order: &Order, how: How) -> Result<()> {
    let control = Arc::new(Control::default());
    let listener = Listener::new(&control, order.grace())?;
    let (prepared, threads) = (&order.prepare()?, order.threads());
    prepared.check_memory(threads)?;
    prepared.folder.check_place()?;
    store::make_folder(prepared.folder.path())?;
    let path = prepared.folder.path();
    let lock = prepared.folder.lock()?;
    let mut held = Held::take_up(prepared, how.overwrite, Rows::All)?;
    if how.retry {
        match held.ledger.forget_failed() {
            0 => tell("no run has failed"),
            1 => tell("1 failed run is made again"),
            failed => tell(format_args!("{failed} failed runs are made again")),
        }
    }
    say_found(&held, Shard::ALL);
    let begun = Begun::now(&control, held.found > 0);
    let outline = loop {
        let outline = held.plan.outline(&held.ledger);
        if outline.finished && held.jobs(&outline, Shard::ALL).is_empty() {
            break outline;
        }
        let what = (&outline, Shard::ALL);
        work(&mut held, prepared, what, threads, (&control, begun))?;
        stop_if_heard(&held, &outline, &listener)?;
    };
    if !held.finish(&outline, threads, &lock)? {
        return Err(Error::new("another process has extended the sweep meanwhile; the runs are made and kept")
            .at(path.display())
            .help("`arigatoni status` tells what is missing now; `arigatoni merge` puts the results together"));
    }
    say_stops(&held, &outline);
    output::print(format!("{}\n", path.display()).as_bytes())?;
    fail_if_failed(&held)
}

/// Makes what is left of a shard.
pub(super) fn run_shard(order: &Order, shard: Shard, retry: bool) -> Result<()> {
    let control = Arc::new(Control::default());
    let listener = Listener::new(&control, order.grace())?;
    let (prepared, threads) = (&order.prepare()?, order.threads());
    prepared.check_memory(threads)?;
    let mut held = Held::take_up(prepared, false, Rows::Unsealed)?;
    if retry {
        held.ledger.forget_failed();
    }
    let outline = held.plan.outline(&held.ledger);
    say_found(&held, shard);
    let begun = Begun::now(&control, held.found > 0);
    work(
        &mut held,
        prepared,
        (&outline, shard),
        threads,
        (&control, begun),
    )?;
    stop_if_heard(&held, &outline, &listener)?;
    held.check_same_plan()?;
    let chunks = outline.chunks.len() as u32;
    let own = chunks / shard.of + u32::from(shard.index < chunks % shard.of);
    let what = match own {
        0 => "there is no chunk for it".into(),
        1 => "its one chunk is done".into(),
        own => format!("all of its {own} chunks are done"),
    };
    tell(format_args!(
        "shard {} of {}: {what}",
        shard.index, shard.of
    ));
    output::print(format!("{}\n", held.folder.path().display()).as_bytes())
}

/// Makes the runs of a shard that the outline knows and that are left; `begun` says when this process
/// began to work.
fn work(
    held: &mut Held,
    prepared: &Prepared,
    (outline, shard): (&Outline, Shard),
    threads: Option<usize>,
    (control, begun): (&Arc<Control>, Begun),
) -> Result<()> {
    let jobs = held.jobs(outline, shard);
    let total = outline_runs(outline, shard);
    if jobs.is_empty() {
        return Ok(());
    }
    let progress = Progress::start(Arc::clone(control), begun, jobs.len() as u64, total);
    let made = ledger::work(
        (&held.plan, outline, &jobs),
        &held.parts,
        &mut held.ledger,
        threads,
        control,
        make(&prepared.experiment),
    );
    if control.refused() > 0 {
        tell(format_args!(
            "the system refused to start {} of the threads; the others did their work",
            control.refused()
        ));
    }
    // With a precision another round may follow; one line tells of all of them.
    let finished = held.plan.outline(&held.ledger).finished;
    progress.finish(finished || shard != Shard::ALL || made.is_err() || control.stopped());
    made
}

/// Says what an earlier process has done.
fn say_found(held: &Held, shard: Shard) {
    if held.found == 0 {
        return;
    }
    let outline = held.plan.outline(&held.ledger);
    let total = outline_runs(&outline, shard);
    let done = total - held.jobs(&outline, shard).len() as u64;
    tell(format_args!(
        "going on: {done} of {total} runs are done already"
    ));
}

fn outline_runs(outline: &Outline, shard: Shard) -> u64 {
    let own = outline
        .chunks
        .iter()
        .skip(shard.index as usize)
        .step_by(shard.of as usize);
    own.map(|chunk| chunk.points.len() as u64).sum()
}

fn stop_if_heard(held: &Held, outline: &Outline, listener: &Listener) -> Result<()> {
    let Some(kind) = listener.heard() else {
        return Ok(());
    };
    let left = held.jobs(outline, Shard::ALL).len() as u64;
    let (runs, done) = (outline.runs(), outline.runs() - left);
    let what = format!("stopped: {done} of {runs} runs are done and kept");
    Err(Error::stopped(kind, what)
        .at(held.folder.path().display())
        .help("the same command goes on from there"))
}

/// The error of a sweep some of whose runs failed.
pub(super) fn fail_if_failed(held: &Held) -> Result<()> {
    let (failed, runs) = (held.manifest.runs_failed, held.manifest.runs_done);
    if failed == 0 {
        return Ok(());
    }
    Err(Error::stopped(
        Kind::Failed,
        format!("{failed} of {runs} runs failed; the others are in the tables"),
    )
    .at(held.folder.path().join(Study::FAILURES).display())
    .help(
        "`arigatoni sweep SCENARIO --run ID` makes one alone, `arigatoni retry SCENARIO` all again",
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
    prepared.check_memory(Some(1))?;
    let observed = experiment.observe(point, replication as u32)?;
    let columns = experiment.columns();
    let mut study = Study::new(columns.axes.clone(), &columns.metrics, &columns.details);
    study.add(Run {
        run,
        replication,
        values: scenario.axis_values(point),
        metrics: observed.metrics,
        fingerprint: observed.fingerprint,
        details: observed.details,
    });
    output::print(&csv::encode(&study.runs))
}
