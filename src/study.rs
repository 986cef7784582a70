//! Many runs: in parallel, in any order, to one study in canonical order.
//!
//! A run is a pure function of its place in the sweep, so neither the number of threads nor the
//! order of work shows in the result. This module does *not* know what is simulated, nor who
//! watches the progress.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::measure::{Detail, Metric};
use crate::random::Draws;
use crate::results;
use crate::simulation::{self, network::Fidelity};
use crate::system::{Report, System, Totals, Underlay};

/// Lets others watch a sweep and stop it.
#[derive(Debug, Default)]
pub struct Control {
    done: AtomicU64,
    stop: AtomicBool,
}

impl Control {
    /// How many runs are done.
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
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
    fidelity: Fidelity,
) -> Result<Outcome> {
    let run = simulation::run(
        S::build(underlay, config, draws)?,
        underlay,
        draws,
        fidelity,
    );
    Ok(Outcome {
        report: run.system.report(&run.measures, run.totals),
        totals: run.totals,
    })
}

/// The columns of a study: its axes, and what its system reports.
#[derive(Debug, Clone)]
pub struct Columns {
    /// The pointers of the axes.
    pub axes: Vec<String>,
    /// The metrics of each run.
    pub metrics: &'static [Metric],
    /// The detail tables.
    pub details: &'static [Detail],
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
        .map_err(|error| Error::new(format!("the threads cannot be started: {error}")))?;
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
    let mut study = results::Study::new(columns.axes, columns.metrics, columns.details);
    for run in made.into_iter().flatten() {
        study.add(run?);
    }
    Ok(study)
}
