//! One run with all that is asked of it: exports, a trace, series, threads.
//!
//! It does *not* know where anything is written.

use std::num::NonZeroUsize;

use super::trace::Trace;
use super::{Asked, Done, Setting, Traced};
use crate::error::{Error, Result};
use crate::measure::{Prediction, RunOutcome};
use crate::simulation::{self, Decomposition, Run};
use crate::system::{Divisible, Export, System};

/// What is said if threads are asked for and the network cannot be cut.
const NO_LATENCY: &str = "the run uses one thread: there is no latency between its routers, so no \
                          part of it can run ahead of another";

/// Makes a run of the system that `build` gives.
pub(super) fn run<S: System>(
    build: impl FnOnce() -> Result<S>,
    setting: Setting<'_>,
    asked: &Asked,
) -> Result<Done> {
    // What the system has no way to do is said before anything is set up.
    let exports = asked.exports.iter().map(|name| export::<S>(name));
    let exports = exports.collect::<Result<Vec<_>>>()?;
    let divisible = divisible::<S>(setting, asked.threads)?;
    let mut system = build()?;
    system.expect_exports(&asked.exports);
    let mut notes = Vec::new();
    let (run, trace) = match asked.trace {
        None => (
            spread(system, divisible, setting, asked.threads, &mut notes)?,
            None,
        ),
        Some(traced) => {
            let (run, bytes) = traced_run(system, setting, traced)?;
            (run, Some(bytes))
        }
    };
    let run = run.in_time()?;
    let write = |export: Export<S>| (export.write)(&run.system, setting.underlay, &run.measures);
    notes.extend(run.system.remarks(&run.measures));
    let ended = run.system.ended(&run.measures);
    notes.extend(ended.map_or(Vec::new(), |end| setting.conditions.come_late(end)));
    let series = asked.series.then(|| run.system.series(&run.measures));
    Ok(Done {
        outcome: run.outcome(),
        events: run.totals.events,
        exports: exports.into_iter().map(write).collect(),
        trace,
        series: series.unwrap_or_default(),
        notes,
    })
}

/// Makes a run of `system`, and says what theory expects of it.
pub(super) fn run_beside_theory<S: System>(
    system: S,
    setting: Setting<'_>,
) -> Result<(RunOutcome, Vec<Prediction>)> {
    let run: Run<S> = simulation::run(system, setting).in_time()?;
    let outcome = run.outcome();
    let loss = setting.conditions.loss_alone();
    let theory = loss.map(|loss| run.system.theory(&run.measures, &outcome.metrics, loss));
    Ok((outcome, theory.unwrap_or_default()))
}

/// The export of that name.
fn export<S: System>(name: &str) -> Result<Export<S>> {
    let found = S::exports().into_iter().find(|export| export.name == name);
    found.ok_or_else(|| {
        let all = S::exports().into_iter();
        let all: Vec<String> = all.map(|export| format!("--{}", export.name)).collect();
        let help = match &all[..] {
            [] => "leave it out".to_owned(),
            all => format!("leave it out; this run can write {}", all.join(", ")),
        };
        Error::new("what is run here has no such export")
            .at(format!("--{name}"))
            .help(help)
    })
}

fn traced_run<S: System>(
    system: S,
    setting: Setting<'_>,
    traced: Traced,
) -> Result<(Run<S>, Vec<u8>)> {
    let mut trace = Trace::<S>::new(match traced {
        Traced::All => None,
        Traced::Request(number) => Some(number),
    });
    let run = simulation::run_watched(system, setting, &mut trace);
    Ok((run, trace.into_bytes()?))
}

/// How a run is taken apart, if more than one thread is asked for.
fn divisible<S: System>(
    setting: Setting<'_>,
    threads: Option<NonZeroUsize>,
) -> Result<Option<Divisible<S>>> {
    if threads.is_none_or(|threads| threads.get() == 1) {
        return Ok(None);
    }
    if setting.underlay.routes.router_count() < 2 {
        return Err(not_spread("there is only one router"));
    }
    let divisible = S::divisible();
    let divisible = divisible.ok_or_else(|| not_spread("runs of this system cannot be split"))?;
    Ok(Some(divisible))
}

/// Runs `system` on as many threads as are asked for and there; on one unless it is `divisible`.
fn spread<S: System>(
    system: S,
    divisible: Option<Divisible<S>>,
    setting: Setting<'_>,
    asked: Option<NonZeroUsize>,
    notes: &mut Vec<String>,
) -> Result<Run<S>> {
    let alone = |system| Ok(simulation::run(system, setting));
    let Some(divisible) = divisible else {
        return alone(system);
    };
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let threads = asked.map_or(1, NonZeroUsize::get).min(cores);
    // Without latency between parts none could go ahead of another; that is said by a machine
    // with one core as well.
    let Some(division) = Decomposition::of(&system, setting.underlay, threads.max(2)) else {
        notes.push(NO_LATENCY.into());
        return alone(system);
    };
    if threads == 1 {
        return alone(system);
    }
    simulation::run_divided(system, setting, &division, &divisible)
        .map_err(|error| not_spread(&format!("they cannot be started: {error}")))
}

/// The run cannot be spread over threads.
pub(super) fn not_spread(why: &str) -> Error {
    Error::new(format!("the run cannot be spread over threads: {why}"))
        .at("--threads")
        .help("omit it: the run then uses one thread")
}
