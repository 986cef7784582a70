//! `arigatoni merge`: the results of a sweep that was done in shards.

use std::collections::BTreeMap;

use clap::Args;

use super::held::Held;
use super::order::Place;
use super::output;
use super::precision::say_stops;
use super::sweep::fail_if_failed;
use super::tell::tell;
use crate::error::{Error, Result};
use crate::ledger::{Job, Outline, Shard};

/// How many gaps are listed in full.
const GAPS_SHOWN: usize = 20;

/// Put the results of a sweep together that was done with `sweep --shard`.
///
/// Every chunk is verified. If runs are missing, the gaps are listed and nothing is written; with
/// a precision that asks for more replications, the round to submit next is told.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  arigatoni merge results/paper")]
pub(super) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// Put together what there is; the manifest says that it is not complete.
    #[arg(long)]
    partial: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let folder = arguments.place.folder()?;
    let lock = folder.lock()?;
    // Each time that shards have planned more meanwhile, what there is is looked at anew.
    let (held, outline) = loop {
        let mut held = Held::open(folder.clone())?;
        let outline = held.plan.outline(&held.ledger);
        let jobs = held.jobs(&outline, Shard::ALL);
        if !jobs.is_empty() && !arguments.partial {
            return Err(gaps(&held, &outline, &jobs)?);
        }
        let threads = held.manifest.threads.map(|threads| threads as usize);
        if held.finish(&outline, threads, &lock)? {
            break (held, outline);
        }
    };
    if !outline.finished {
        tell(format_args!(
            "partial: {} of {} runs; the manifest says so",
            held.manifest.runs_done,
            outline.runs()
        ));
    }
    say_stops(&held, &outline);
    output::print(format!("{}\n", held.folder.path().display()).as_bytes())?;
    fail_if_failed(&held)
}

/// That the runs `jobs` are missing, chunk by chunk, and what to do.
fn gaps(held: &Held, outline: &Outline, jobs: &[Job]) -> Result<Error> {
    let mut gaps: BTreeMap<u32, usize> = BTreeMap::new();
    for job in jobs {
        *gaps.entry(job.chunk).or_default() += 1;
    }
    let mut lines: Vec<String> = gaps
        .iter()
        .take(GAPS_SHOWN)
        .map(|(&number, missing)| {
            let chunk = &outline.chunks[number as usize];
            let of = chunk.points.len();
            let replication = chunk.replication;
            format!("chunk {number} (replication {replication}): {missing} of {of} runs")
        })
        .collect();
    if gaps.len() > GAPS_SHOWN {
        lines.push(format!("… and {} more chunks", gaps.len() - GAPS_SHOWN));
    }
    let (missing, runs) = (jobs.len() as u64, outline.runs());
    let counted = match outline.rounds {
        0 | 1 => format!("{missing} of {runs} runs are missing"),
        rounds => format!(
            "{} runs are done; round {rounds}, which the precision asks for, misses {missing} more",
            runs - missing
        ),
    };
    let place = held.folder.path().display();
    // What would lose rows is no advice.
    let partial = if held.rows_there()? > runs - missing {
        ""
    } else {
        "; or give --partial"
    };
    let error = Error::new(format!("{counted}:\n  {}", lines.join("\n  "))).at(&place);
    Ok(error.help(format!(
        "start the shards again, which make only what is missing (`arigatoni status {place} --shards N` \
         lists those that have work), then merge again{partial}"
    )))
}
