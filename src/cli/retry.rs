//! `arigatoni retry`: make failed runs again.

use clap::Args;

use super::sweep::{How, run_shard, run_whole};
use super::sweep_arguments::SweepArguments;
use crate::error::Result;
use crate::ledger::Shard;

/// Repeat the failed runs of a sweep, and make all missing ones.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  arigatoni retry scenarios/paper.json")]
pub(super) struct Arguments {
    #[command(flatten)]
    sweep: SweepArguments,
    /// Make the runs again that are listed in failures.csv: what this verb always does.
    #[arg(long, hide = true)]
    failed: bool,
    /// Make only the runs of shard I of N, and no tables, like `sweep --shard`.
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    if let Some(shard) = arguments.shard {
        return run_shard(&arguments.sweep, shard, true);
    }
    let how = How {
        overwrite: false,
        figures: true,
        retry: true,
    };
    run_whole(&arguments.sweep, how)
}
