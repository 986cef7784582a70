//! `arigatoni run`: one run, numbers on the terminal.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Map, Value, json};

use super::cores;
use super::exports::Exports;
use super::input::{Asked, Input};
use super::stderr::print_stderr;
use super::trace::Trace;
use super::waiting::Waiting;
use super::{memory, output, targets};
use crate::error::{Error, Result};
use crate::experiment::{self, Underlays};
use crate::measure::{Cell, Detail, Metric, RunOutcome};
use crate::random::{REPLICATIONS_MAX, RandomStreams};
use crate::results::csv;
use crate::simulation::{self, Decomposition, Run, network::Conditions};
use crate::statistics::SteadyState;
use crate::store;
use crate::system::{Divisible, System, Underlay, Visitor};

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
}

impl Arguments {
    /// The files that are asked for.
    fn targets(&self) -> Vec<&PathBuf> {
        let exports = self.exports.0.iter().map(|(_, path)| path);
        exports.chain(&self.trace).collect()
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    cores::limit(arguments.threads)?;
    let Asked {
        scenario, files, ..
    } = arguments.input.read()?;
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
    let done = run.system.visit(RunAndExport {
        steady: arguments.steady,
        threads: arguments.threads,
        underlay: &underlay,
        streams: RandomStreams::new(run.seed, arguments.replication),
        conditions: &run.network.conditions,
        exports: &arguments.exports,
        trace: arguments.trace.clone(),
        request: arguments.request,
    })?;
    waiting.finish();
    if done.events == 0 {
        print_stderr("nothing happened in this run; values without data are empty");
    }
    output::print(
        if arguments.json {
            as_json(&done)
        } else {
            as_list(&done)
        }
        .as_bytes(),
    )
}

/// Makes one run and writes its exports.
struct RunAndExport<'u> {
    steady: bool,
    threads: Option<NonZeroUsize>,
    underlay: &'u Underlay,
    streams: RandomStreams,
    conditions: &'u Conditions,
    exports: &'u Exports,
    trace: Option<PathBuf>,
    request: Option<u64>,
}

/// A run that is done, and what its numbers are called.
struct Done {
    outcome: RunOutcome,
    /// How many there were.
    events: u64,
    /// The steady state of each series, if it was asked for.
    steady: Vec<(&'static str, SteadyState)>,
    metrics: &'static [Metric],
    details: &'static [Detail],
}

impl Visitor for RunAndExport<'_> {
    type Output = Result<Done>;

    fn visit<S: System>(self, config: &S::Config) -> Result<Done> {
        // What the system has no way to do is said before anything is set up.
        let asked = self.exports.0.iter();
        let exports = asked.map(|(name, path)| {
            let export = S::exports().into_iter().find(|export| export.name == *name);
            let missing = || {
                Error::new("this system has no such export")
                    .at(format!("--{name}"))
                    .help("leave it out")
            };
            Ok((export.ok_or_else(missing)?, path))
        });
        let exports = exports.collect::<Result<Vec<_>>>()?;
        let divisible = self.divisible::<S>()?;
        let system = S::build(self.underlay, config, self.streams)?;
        let run = match &self.trace {
            None => self.run(system, divisible)?,
            Some(path) => {
                let mut trace = Trace::<S>::new(self.request);
                let Self {
                    underlay,
                    streams,
                    conditions,
                    ..
                } = self;
                let run =
                    simulation::run_watched(system, underlay, streams, conditions, &mut trace);
                store::replace(path, &trace.into_bytes()?)?;
                run
            }
        };
        for (export, path) in exports {
            let bytes = (export.write)(&run.system, self.underlay, &run.measures);
            store::replace(path, &bytes)?;
        }
        let series = if self.steady {
            run.system.series(&run.measures)
        } else {
            Vec::new()
        };
        let steady = series
            .iter()
            .map(|(name, values)| (*name, SteadyState::of(values)));
        Ok(Done {
            outcome: run.outcome(),
            events: run.totals.events,
            steady: steady.collect(),
            metrics: S::METRICS,
            details: S::DETAILS,
        })
    }
}

impl RunAndExport<'_> {
    /// How a run is taken apart, if more than one thread is asked for.
    fn divisible<S: System>(&self) -> Result<Option<Divisible<S>>> {
        if self.threads.is_none_or(|threads| threads.get() == 1) {
            return Ok(None);
        }
        if self.underlay.routes.router_count() < 2 {
            return Err(not_spread("there is only one router"));
        }
        let divisible = S::divisible();
        let divisible =
            divisible.ok_or_else(|| not_spread("runs of this system cannot be split"))?;
        Ok(Some(divisible))
    }

    /// Runs `system` on as many threads as are asked for and there; on one unless it is `divisible`.
    fn run<S: System>(&self, system: S, divisible: Option<Divisible<S>>) -> Result<Run<S>> {
        let &Self {
            underlay,
            streams,
            conditions,
            ..
        } = self;
        let asked = self.threads.map_or(1, NonZeroUsize::get);
        let alone = |system| Ok(simulation::run(system, underlay, streams, conditions));
        let Some(divisible) = divisible else {
            return alone(system);
        };
        let threads = asked.min(cores::count());
        // Without latency between parts none could go ahead of another; that is said by a machine
        // with one core as well.
        let Some(decomposition) = Decomposition::of(&system, underlay, threads.max(2)) else {
            print_stderr(
                "note: the run uses one thread: there is no latency between its routers, so no \
                part of it can run ahead of another",
            );
            return alone(system);
        };
        if threads == 1 {
            return alone(system);
        }
        let world = (underlay, streams, conditions);
        simulation::run_divided(system, world, &decomposition, &divisible)
            .map_err(|error| not_spread(&format!("they cannot be started: {error}")))
    }
}

/// The run cannot be spread over threads.
fn not_spread(why: &str) -> Error {
    Error::new(format!("the run cannot be spread over threads: {why}"))
        .at("--threads")
        .help("omit it: the run then uses one thread")
}

/// A line a number: its name, value and meaning.
fn as_list(done: &Done) -> String {
    let fingerprint = csv::cell_text(&Cell::Fingerprint(done.outcome.fingerprint));
    let rows: Vec<(&str, String, &str)> = done
        .metrics
        .iter()
        .zip(&done.outcome.metrics)
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
    let steady = done
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
fn as_json(done: &Done) -> String {
    let object = |names: &mut dyn Iterator<Item = &str>, cells: &[Cell]| -> Map<String, Value> {
        names
            .zip(cells)
            .map(|(name, cell)| (name.to_owned(), number(cell)))
            .collect()
    };
    let outcome = &done.outcome;
    let mut all = object(
        &mut done.metrics.iter().map(|metric| metric.name),
        &outcome.metrics,
    );
    all.insert(
        "fingerprint".into(),
        number(&Cell::Fingerprint(outcome.fingerprint)),
    );
    for (detail, rows) in done.details.iter().zip(&outcome.details) {
        let rows = rows
            .iter()
            .map(|row| object(&mut detail.columns.iter().copied(), row).into());
        all.insert(detail.name.into(), Value::Array(rows.collect()));
    }
    if !done.steady.is_empty() {
        let steady = done.steady.iter();
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
