//! Making the runs that are left, and keeping each as it is finished.

use std::sync::{Mutex, PoisonError};

use super::finished::Ledger;
use super::parts::{Journal, Parts};
use super::plan::{Job, Outline, Plan};
use super::record::Record;
use crate::error::Result;
use crate::measure::Outcome;
use crate::study::{self, Control};

/// What the threads share.
struct Desk<'a> {
    ledger: &'a mut Ledger,
    journal: Journal,
    /// Of each chunk, the runs that are left.
    left: Vec<u32>,
}

/// Makes the runs `jobs` with `make`, which is told the point's number in the scenario and the
/// replication, on `threads` threads (`None`: all cores). Each is noted in a journal as it is
/// finished and entered in `ledger`; a chunk that is complete is sealed. A run that panics is
/// finished too: with its error. If `control` is stopped, what was finished is kept.
///
/// # Errors
/// The first error of `make`; or if something cannot be written.
pub fn work(
    (plan, outline, jobs): (&Plan, &Outline, &[Job]),
    parts: &Parts,
    ledger: &mut Ledger,
    threads: Option<usize>,
    control: &Control,
    make: impl Fn(u64, u32) -> Result<Outcome> + Sync,
) -> Result<()> {
    if jobs.is_empty() {
        return Ok(());
    }
    let mut left = vec![0; outline.chunks.len()];
    for job in jobs {
        left[job.chunk as usize] += 1;
    }
    let journal = parts.journal()?;
    let desk = Mutex::new(Desk {
        ledger,
        journal,
        left,
    });
    let worked = study::work(
        jobs,
        threads,
        control,
        |job| make(plan.points()[job.point as usize], job.replication),
        |job, outcome| keep(plan, outline, *job, outcome, parts, &desk),
    );
    let desk = desk.into_inner().unwrap_or_else(PoisonError::into_inner);
    let sealed = desk.left.iter().all(|&left| left == 0);
    let ended = desk.journal.end(sealed && worked.is_ok());
    worked.and(ended)
}

fn keep(
    plan: &Plan,
    outline: &Outline,
    job: Job,
    outcome: Result<Outcome, String>,
    parts: &Parts,
    desk: &Mutex<Desk<'_>>,
) -> Result<()> {
    let record = Record {
        point: plan.key(job.point).to_owned(),
        replication: job.replication,
        outcome,
    };
    let sealed = {
        let desk = &mut *desk.lock().unwrap_or_else(PoisonError::into_inner);
        desk.journal.note(&record)?;
        desk.ledger.enter(record)?;
        let left = &mut desk.left[job.chunk as usize];
        *left -= 1;
        (*left == 0).then(|| records_of(plan, outline, job.chunk, desk.ledger))
    };
    match sealed {
        Some(records) => parts.seal(&outline.chunks[job.chunk as usize].name, records),
        None => Ok(()),
    }
}

/// The records of a chunk all of whose runs are finished.
fn records_of(plan: &Plan, outline: &Outline, chunk: u32, ledger: &Ledger) -> Vec<Result<Record>> {
    let chunk = &outline.chunks[chunk as usize];
    let record = |&point: &u32| {
        let point = plan.key(point);
        let outcome = ledger.outcome(point, chunk.replication).transpose()?;
        Some(outcome.map(|outcome| Record {
            point: point.to_owned(),
            replication: chunk.replication,
            outcome,
        }))
    };
    chunk.points.iter().filter_map(record).collect()
}
