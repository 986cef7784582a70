//! Making runs that are left, and keeping each as it is finished.
//!
//! It does *not* know which runs are asked for next.

use std::sync::{Mutex, PoisonError};

use super::threads::{Control, work};
use crate::error::Result;
use crate::ledger::{Job, Journal, Ledger, Outline, Parts, Plan, Record};
use crate::measure::RunOutcome;

/// What the threads share.
struct Desk<'a> {
    ledger: &'a mut Ledger,
    /// Absent where nothing is kept on the disk.
    journal: Option<Journal>,
    /// Of each chunk, the runs that are left.
    left: Vec<u32>,
}

/// Makes the runs `jobs` with `make`, which is told the point's number in the scenario and the
/// replication, on `threads` threads (`None`: all cores). Each is entered in `ledger` as it is finished,
/// and with `parts` noted in a journal, and a chunk that is complete is sealed there. A run that panics
/// is finished too: with its error. If `control` is stopped, what was finished is kept.
///
/// # Errors
/// The first error of `make`; or if something cannot be written.
pub fn make(
    (plan, outline, jobs): (&Plan, &Outline, &[Job]),
    parts: Option<&Parts>,
    ledger: &mut Ledger,
    (threads, control): (Option<usize>, &Control),
    make: impl Fn(u64, u32) -> Result<RunOutcome> + Sync,
) -> Result<()> {
    if jobs.is_empty() {
        return Ok(());
    }
    let mut left = vec![0; outline.chunks.len()];
    for job in jobs {
        left[job.chunk as usize] += 1;
    }
    let journal = parts.map(Parts::journal).transpose()?;
    let desk = Mutex::new(Desk {
        ledger,
        journal,
        left,
    });
    let worked = work(
        jobs,
        threads,
        control,
        |job| make(plan.points()[job.point as usize], job.replication),
        |job, outcome| keep(plan, outline, *job, outcome, parts, &desk),
    );
    let desk = desk.into_inner().unwrap_or_else(PoisonError::into_inner);
    let sealed = desk.left.iter().all(|&left| left == 0);
    let ended = desk
        .journal
        .map(|journal| journal.end(sealed && worked.is_ok()));
    worked.and(ended.unwrap_or(Ok(())))
}

fn keep(
    plan: &Plan,
    outline: &Outline,
    job: Job,
    outcome: Result<RunOutcome, String>,
    parts: Option<&Parts>,
    desk: &Mutex<Desk<'_>>,
) -> Result<()> {
    let record = Record {
        point: plan.key(job.point).to_owned(),
        replication: job.replication,
        outcome,
    };
    let sealed = {
        let desk = &mut *desk.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(journal) = &mut desk.journal {
            journal.note(&record)?;
        }
        desk.ledger.enter(record)?;
        let left = &mut desk.left[job.chunk as usize];
        *left -= 1;
        let parts = parts.filter(|_| *left == 0);
        parts.map(|parts| (parts, records_of(plan, outline, job.chunk, desk.ledger)))
    };
    match sealed {
        Some((parts, records)) => parts.seal(&outline.chunks[job.chunk as usize].name, records),
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
