//! `arigatoni run`: one run, numbers on the terminal.

use std::io::{self, IsTerminal as _};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Map, Value, json};

use super::cores;
use super::exports::{self, Exports};
use super::input::{Asked, Input, read_named};
use super::stderr::print_stderr;
use super::waiting::Waiting;
use super::{memory, output, targets};
use crate::error::{Error, Kind, Result};
use crate::experiment::{self, Underlays};
use crate::measure::Cell;
use crate::random::{REPLICATIONS_MAX, RandomStreams};
use crate::results::csv;
use crate::statistics::SteadyState;
use crate::store;
use crate::system::History;
use crate::systems::{
    Asked as AskedOfRun, Configured, Description, Done, Replayed, Setting, Traced,
};
use crate::words::counted;

/// Make one run of a scenario and print its metrics.
///
/// The run uses the base values and ignores the sweep. Change them with --set.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  arigatoni run scenarios/paper.json --set /system/*/disconnection/rate=0.3\n  \
                        arigatoni run scenarios/paper.json --world world.json --requests requests.csv --brokers brokers.csv"
)]
pub(super) struct Arguments {
    #[command(flatten)]
    input: Input,
    /// The number of the replication, from 0; it may exceed the scenario's `replications`.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = output::whole::<u32>, allow_negative_numbers = true)]
    replication: u32,
    /// Print JSON instead of a list.
    #[arg(long)]
    json: bool,
    /// Print the metrics without a value as well, which a note counts otherwise on a terminal; JSON has them always.
    #[arg(long)]
    all: bool,
    /// Also print steady-state means: without the warm-up (found by MSER-5), with 95 % intervals by
    /// batch means.
    #[arg(long)]
    steady: bool,
    #[command(flatten)]
    exports: Exports,
    /// Write a trace to FILE (CSV): one line for each input of a unit, in the order of handling.
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// Trace only the request with this number, from 0.
    #[arg(long, value_name = "N", requires = "trace", value_parser = output::whole::<u64>, allow_negative_numbers = true)]
    request: Option<u64>,
    /// Spread the run over N threads, at most one per core. Default: one thread for the run, all cores
    /// for its set-up. It never changes a result. It makes large runs on networks with long links
    /// faster.
    #[arg(long, value_name = "N", value_parser = cores::threads, conflicts_with = "trace")]
    threads: Option<NonZeroUsize>,
    /// Let happen what the schedule in FILE says (`arigatoni explore --schedule` writes one), and nothing else:
    /// no time passes on the network. What must hold and does not in the end is said.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["trace", "threads", "steady", "replication"])]
    schedule: Option<PathBuf>,
}

impl Arguments {
    /// The files that are asked for.
    fn targets(&self) -> Vec<&PathBuf> {
        let exports = self.exports.0.iter().map(|(_, path)| path);
        exports.chain(&self.trace).collect()
    }

    /// Checks that no file is asked for that a schedule does not write.
    fn can_replay(&self) -> Result<()> {
        match (&self.schedule, self.exports.0.first()) {
            (Some(_), Some((export, _))) => {
                let what = format!("a run by a schedule does not write what --{export} asks for");
                let help = "leave one of the two options out";
                Err(Error::new(what).at("--schedule").help(help))
            }
            _ => Ok(()),
        }
    }

    /// What is wanted of the run.
    fn asked(&self) -> AskedOfRun {
        let traced = || self.request.map_or(Traced::All, Traced::Request);
        AskedOfRun {
            exports: self.exports.0.iter().map(|(name, _)| *name).collect(),
            trace: self.trace.as_ref().map(|_| traced()),
            series: self.steady,
            threads: self.threads,
        }
    }

    /// Writes the files that were asked for.
    fn write(&self, done: &Done) -> Result<()> {
        let exports = self.exports.0.iter().map(|(_, path)| path);
        let files = exports.zip(&done.exports);
        let trace = self.trace.iter().zip(&done.trace);
        let mut all = trace.chain(files);
        all.try_for_each(|(path, bytes)| store::replace(path, &exports::encoded(path, bytes)?))
    }

    /// Says which of the tables that were asked for have no lines.
    fn tell_empty(&self, done: &Done) {
        let written = self.exports.0.iter().zip(&done.exports);
        for note in written.filter_map(|(export, bytes)| exports::empty(export, bytes)) {
            print_stderr(format_args!("note: {note}"));
        }
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    cores::limit(arguments.threads)?;
    arguments.can_replay()?;
    let Asked {
        scenario, files, ..
    } = arguments.input.read_base()?;
    if arguments.replication >= REPLICATIONS_MAX {
        return Err(Error::new(format!(
            "replication {} is out of range",
            arguments.replication
        ))
        .at("--replication")
        .help(format!("give a number from 0 to {}", REPLICATIONS_MAX - 1)));
    }
    let run = scenario.base();
    experiment::check_figures(&scenario, &experiment::columns(&scenario))?;
    let targets = arguments.targets();
    let scenario_file = arguments.input.file().to_owned();
    targets::check(targets.iter().copied(), [scenario_file])?;
    let mut underlays = Underlays::new(files);
    let locate_error = |error| scenario.locate_error(error, &[]);
    let run = underlays.supplied(run.clone()).map_err(locate_error)?;
    let waiting = Waiting::start(format!("preparing {}", arguments.input.file().display()));
    underlays
        .prepare(&run, &mut |note| print_stderr(note))
        .map_err(locate_error)?;
    waiting.finish();
    targets::check(targets, underlays.inputs().into_values())?;
    memory::check(underlays.memory(&run)?, 1).map_err(locate_error)?;
    let waiting = Waiting::start("running".into());
    let underlay = underlays.of(&run, arguments.replication)?;
    let system = &run.system;
    let setting = Setting {
        underlay: &underlay,
        streams: RandomStreams::new(run.seed, arguments.replication),
        conditions: &run.network,
    };
    if let Some(path) = &arguments.schedule {
        waiting.finish();
        let replayed = replay(&**system, setting, path)?;
        return tell_replayed(arguments, system.description(), replayed);
    }
    let done = system.run_for(setting, &arguments.asked());
    let done = done.map_err(locate_error)?;
    for note in &done.notes {
        print_stderr(format_args!("note: {note}"));
    }
    arguments.write(&done)?;
    waiting.finish();
    arguments.tell_empty(&done);
    if done.events == 0 {
        print_stderr("nothing happened in this run; values without data are empty");
    }
    let series = done.series.iter();
    let steady = series.map(|(name, values)| (*name, SteadyState::of(values)));
    let printed = Printed {
        steady: steady.collect(),
        system: system.description(),
        done,
    };
    print(arguments, &printed)
}

fn print(arguments: &Arguments, printed: &Printed) -> Result<()> {
    if arguments.json {
        return output::print(as_json(printed).as_bytes());
    }
    output::print(as_list(printed, arguments.all).as_bytes())?;
    let cells = printed.done.outcome.metrics.iter();
    let absent = cells.filter(|cell| **cell == Cell::Absent).count() as u64;
    // A program that reads the list has no use for it.
    if absent > 0 && !arguments.all && io::stdout().is_terminal() {
        let count = counted(absent, "more metric");
        let has = if absent == 1 { "has" } else { "have" };
        print_stderr(format_args!(
            "note: {count} {has} no value in this run (--all prints them)"
        ));
    }
    Ok(())
}

/// Plays the schedule at `path`.
fn replay(system: &dyn Configured, setting: Setting<'_>, path: &Path) -> Result<Replayed> {
    let read = read_named(path)
        .and_then(|text| History::read(&text).map_err(|error| error.at(path.display())));
    let replayed = system.replay(setting, &read?);
    replayed.map_err(|error| error.at(path.display()))
}

/// Prints what came out of a schedule; an error if something does not hold.
fn tell_replayed(arguments: &Arguments, system: Description, replayed: Replayed) -> Result<()> {
    let Replayed {
        outcome,
        events,
        at_rest,
        not_given,
        violations,
    } = replayed;
    let done = Done {
        outcome,
        events,
        exports: Vec::new(),
        trace: None,
        series: Vec::new(),
        notes: Vec::new(),
    };
    let steady = Vec::new();
    let printed = Printed {
        done,
        system,
        steady,
    };
    print(arguments, &printed)?;
    if !at_rest {
        print_stderr("note: something was pending at the end of the schedule, and was dropped");
    }
    if not_given > 0 {
        print_stderr(format_args!(
            "note: the schedule ends before all is given ({} left), so what must hold at rest was not checked",
            counted(not_given as u64, "task")
        ));
    }
    for violation in &violations {
        print_stderr(violation);
    }
    match violations.first() {
        None => Ok(()),
        Some(first) => {
            let what = format!("`{}` does not hold in the schedule", first.name);
            Err(Error::stopped(Kind::Failed, what))
        }
    }
}

/// What is printed of a run.
struct Printed {
    done: Done,
    system: Description,
    /// The steady state of each series, if it was asked for.
    steady: Vec<(&'static str, SteadyState)>,
}

/// A line a number: its name, value and meaning. Those without a value are left out, unless `all` are wanted.
fn as_list(printed: &Printed, all: bool) -> String {
    let outcome = &printed.done.outcome;
    let fingerprint = csv::cell_text(&Cell::Fingerprint(outcome.fingerprint));
    let metrics = printed.system.metrics.iter().zip(&outcome.metrics);
    let is_printed = |cell: &Cell| all || *cell != Cell::Absent;
    let rows: Vec<(&str, String, &str)> = metrics
        .filter(|(_, cell)| is_printed(cell))
        .map(|(metric, cell)| (metric.name, csv::cell_text(cell), metric.meaning))
        .chain([(
            "fingerprint",
            fingerprint,
            "hash of everything that happened",
        )])
        .collect();
    let width = |of: fn(&(&str, String, &str)) -> usize| rows.iter().map(of).max().unwrap_or(0);
    let (names, values) = (width(|row| row.0.len()), width(|row| row.1.len()));
    let lines = rows
        .iter()
        .map(|(name, value, what)| format!("{name:names$}  {value:>values$}  {what}"));
    let steady = printed
        .steady
        .iter()
        .map(|(name, state)| steady_line(name, state));
    lines.chain(steady).collect::<Vec<_>>().join("\n") + "\n"
}

/// The steady state of a series in a line.
fn steady_line(name: &str, state: &SteadyState) -> String {
    let number = |value: Option<f64>| csv::cell_text(&Cell::from(value));
    let removed = match state.removed {
        Some(removed) => format!("{removed} removed as warm-up"),
        None => "too short to detect a warm-up, none removed".into(),
    };
    let interval = match state.half_width {
        Some(_) => format!("± {} (95 %)", number(state.half_width)),
        None => "without an interval: too few observations, or no variance".into(),
    };
    format!(
        "steady {name}  {} {interval}  of {} observations {removed}; {} batches of {}",
        number(state.mean),
        state.observations,
        state.batches,
        state.batch_size
    )
}

fn steady_json(state: &SteadyState) -> Value {
    json!({
        "mean": state.mean, "half_width": state.half_width, "observations": state.observations,
        "removed": state.removed, "batches": state.batches, "batch_size": state.batch_size,
    })
}

/// One object: the metrics, the fingerprint, and a list of rows for each detail table.
fn as_json(printed: &Printed) -> String {
    let object = |names: &mut dyn Iterator<Item = &str>, cells: &[Cell]| -> Map<String, Value> {
        names
            .zip(cells)
            .map(|(name, cell)| (name.to_owned(), number(cell)))
            .collect()
    };
    let outcome = &printed.done.outcome;
    let mut all = object(
        &mut printed.system.metrics.iter().map(|metric| metric.name),
        &outcome.metrics,
    );
    all.insert(
        "fingerprint".into(),
        number(&Cell::Fingerprint(outcome.fingerprint)),
    );
    for (detail, rows) in printed.system.details.iter().zip(&outcome.details) {
        let rows = rows
            .iter()
            .map(|row| object(&mut detail.names(), row).into());
        all.insert(detail.name.into(), Value::Array(rows.collect()));
    }
    if !printed.steady.is_empty() {
        let steady = printed.steady.iter();
        let steady = steady.map(|(name, state)| ((*name).to_owned(), steady_json(state)));
        all.insert("steady".into(), Value::Object(steady.collect()));
    }
    format!("{:#}\n", Value::Object(all))
}

fn number(cell: &Cell) -> Value {
    match cell {
        Cell::Absent => Value::Null,
        Cell::Count(count) => json!(count),
        Cell::Real(real) => json!(real),
        Cell::Text(_) | Cell::Fingerprint(_) => json!(csv::cell_text(cell)),
    }
}
