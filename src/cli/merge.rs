//! `arigatoni merge`: the results of a sweep that was done in shards.

use clap::Args;

use super::output;
use super::precision::say_stops;
use super::stderr::{Stderr, print_stderr};
use super::sweep::fail_if_failed;
use super::sweep_arguments::ResultsArgument;
use crate::error::{Error, Result};
use crate::study::{Gaps, Merged, merge};

/// How many gaps are listed in full.
const GAPS_SHOWN: usize = 20;

/// Merge the results of a sweep that was made with `sweep --shard`.
///
/// Every chunk is verified. If runs are missing, the gaps are listed and nothing is written. If a
/// precision needs more replications, the next round to submit is listed.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  arigatoni merge results/paper")]
pub(super) struct Arguments {
    #[command(flatten)]
    place: ResultsArgument,
    /// Merge the runs that are done; the manifest then says that the results are not complete.
    #[arg(long)]
    partial: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let folder = arguments.place.folder()?;
    let (sweep, outline) = match merge(&folder, arguments.partial, &mut Stderr)? {
        Merged::Done(sweep, outline) => (sweep, outline),
        Merged::Missing(gaps) => return Err(error(&gaps)),
    };
    if !outline.finished {
        print_stderr(format_args!(
            "partial: {} of {} runs; the manifest says so",
            sweep.manifest().runs_done,
            outline.runs()
        ));
    }
    say_stops(&sweep, &outline);
    output::print(format!("{}\n", folder.path().display()).as_bytes())?;
    fail_if_failed(&sweep)
}

/// The error that runs are missing, chunk by chunk, and what to do.
fn error(gaps: &Gaps) -> Error {
    let (outline, chunks) = (&gaps.outline, &gaps.chunks);
    let mut lines: Vec<String> = chunks
        .iter()
        .take(GAPS_SHOWN)
        .map(|(&number, missing)| {
            let chunk = &outline.chunks[number as usize];
            let of = chunk.points.len();
            let replication = chunk.replication;
            format!("chunk {number} (replication {replication}): {missing} of {of} runs")
        })
        .collect();
    if chunks.len() > GAPS_SHOWN {
        lines.push(format!("… and {} more chunks", chunks.len() - GAPS_SHOWN));
    }
    let (missing, runs) = (gaps.missing(), outline.runs());
    let counted = match outline.rounds {
        0 | 1 => format!("{missing} of {runs} runs are missing"),
        rounds => format!(
            "{} runs are done; round {rounds}, which the precision requires, needs {missing} more",
            runs - missing
        ),
    };
    let place = gaps.sweep.folder().path().display();
    // What would lose rows is no advice.
    let partial = if gaps.fewer_rows {
        ""
    } else {
        "; or give --partial"
    };
    let error = Error::new(format!("{counted}:\n  {}", lines.join("\n  "))).at(&place);
    error.help(format!(
        "start the shards again; they make only the missing runs (`arigatoni status {place} --shards N` \
         lists those that have work), then merge again{partial}"
    ))
}
