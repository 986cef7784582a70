//! Many runs: in parallel, in any order, to one study in canonical order.
//!
//! A run is a pure function of its place in the sweep, so neither the number of threads nor the
//! order of work shows in the result. This module does *not* know what is simulated, nor who
//! watches the progress.

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::Builder;

use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::measure::{AxisColumn, Detail, Metric};
use crate::random::Draws;
use crate::results;
use crate::simulation::{self, network::Conditions};
use crate::system::{Report, System, Totals, Underlay};

/// Lets others watch a sweep and stop it.
#[derive(Debug, Default)]
pub struct Control {
    done: AtomicU64,
    stop: AtomicBool,
    refused: AtomicUsize,
}

impl Control {
    /// How many runs are done.
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// How many threads the system has refused to start, in the last work that was begun.
    pub fn refused(&self) -> usize {
        self.refused.load(Ordering::Relaxed)
    }

    /// Begins no further run; those at hand are finished.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Whether no further run is to begin.
    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// What is kept of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// What the system reports.
    pub report: Report,
    /// What the driver counted.
    pub totals: Totals,
}

/// Makes one run of `S`.
///
/// # Errors
/// If `config` does not fit `underlay`.
pub fn run_one<S: System>(
    underlay: &Underlay,
    config: &S::Config,
    draws: Draws,
    conditions: impl Into<Conditions>,
) -> Result<Outcome> {
    let run = simulation::run(
        S::build(underlay, config, draws)?,
        underlay,
        draws,
        conditions,
    );
    Ok(Outcome {
        report: run.system.report(&run.measures, run.totals),
        totals: run.totals,
    })
}

/// Works through `jobs` in their order on `threads` threads (`None`: all cores), until all are
/// done or `control` is stopped; jobs at hand are finished. The calling thread is one of them, and
/// does the work of those that the system refuses, of which `control` tells. What `make` returns is given to `keep`
/// at once, on the thread that made it; if `make` panics, `keep` gets the panic's message instead,
/// and the other jobs go on.
///
/// # Errors
/// The first error of `make` or `keep`, by the order of jobs, after which no further job begins.
pub fn work<J: Sync, T>(
    jobs: &[J],
    threads: Option<usize>,
    control: &Control,
    make: impl Fn(&J) -> Result<T> + Sync,
    keep: impl Fn(&J, Result<T, String>) -> Result<()> + Sync,
) -> Result<()> {
    let cores = || std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let threads = threads.unwrap_or_else(cores).min(jobs.len()).max(1);
    let next = AtomicUsize::new(0);
    let trouble: Mutex<Option<(usize, Error)>> = Mutex::new(None);
    let note = |number: usize, error: Error| {
        control.stop();
        let mut trouble = trouble.lock().unwrap_or_else(PoisonError::into_inner);
        if trouble.as_ref().is_none_or(|(first, _)| number < *first) {
            *trouble = Some((number, error));
        }
    };
    let worker = || {
        while !control.stopped() {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(number) else { break };
            let kept = match guarded(|| make(job)) {
                Ok(made) => made.and_then(|made| keep(job, Ok(made))),
                Err(panic) => keep(job, Err(panic)),
            };
            match kept {
                Ok(()) => _ = control.done.fetch_add(1, Ordering::Relaxed),
                Err(error) => note(number, error),
            }
        }
    };
    std::thread::scope(|scope| {
        let start = |_: &usize| Builder::new().spawn_scoped(scope, worker).is_ok();
        let started = (1..threads).take_while(start).count();
        let refused = threads - 1 - started;
        control.refused.store(refused, Ordering::Relaxed);
        worker();
    });
    match trouble.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some((_, error)) => Err(error),
        None => Ok(()),
    }
}

/// What `make` returns, or the message with which it panicked.
///
/// # Errors
/// If it panicked.
pub fn guarded<T>(make: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(make)).map_err(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        text.unwrap_or_else(|| "it panicked without a message".into())
    })
}

/// The columns of a study: its axes, and what its systems report.
#[derive(Debug, Clone)]
pub struct Columns {
    /// The axes.
    pub axes: Vec<AxisColumn>,
    /// The metrics of each run.
    pub metrics: Vec<Metric>,
    /// The detail tables.
    pub details: Vec<Detail>,
}

/// Makes the runs 0 … `runs` − 1 on `threads` threads (`None`: all cores) with `make`, which also
/// says each one's axis values and replication. If it is stopped, what was finished is there.
///
/// # Errors
/// The first error of `make`, in the order of runs; or if threads cannot be started.
pub fn conduct(
    columns: Columns,
    runs: u64,
    threads: Option<usize>,
    control: &Control,
    make: impl Fn(u64) -> Result<results::Run> + Sync,
) -> Result<results::Study> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads.unwrap_or(0))
        .build()
        .map_err(|error| {
            Error::new(format!("the threads cannot be started: {error}"))
                .help("try fewer with --threads N")
        })?;
    let made: Vec<Option<Result<results::Run>>> = pool.install(|| {
        (0..runs as usize)
            .into_par_iter()
            .with_max_len(1)
            .map(|run| {
                if control.stopped() {
                    return None;
                }
                let made = make(run as u64);
                control.done.fetch_add(1, Ordering::Relaxed);
                if made.is_err() {
                    control.stop();
                }
                Some(made)
            })
            .collect()
    });
    let mut study = results::Study::new(columns.axes, &columns.metrics, &columns.details);
    for run in made.into_iter().flatten() {
        study.add(run?);
    }
    Ok(study)
}
