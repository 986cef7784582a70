//! Many jobs side by side on threads, counted and stopped from outside.
//!
//! It does *not* know what a job is, nor who watches the progress.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::Builder;

use crate::error::{Error, Result, caught};

/// Used by other threads to count the runs of a study, and to stop it.
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
            let kept = match caught(|| make(job)) {
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
