//! `arigatoni retry`: make failed runs again.

use clap::Args;

use super::order::Order;
use super::sweep::{How, run_whole};
use crate::error::Result;

/// Make the failed runs of a sweep again, and whatever else is missing.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  arigatoni retry scenarios/paper.json --failed")]
pub(super) struct Arguments {
    #[command(flatten)]
    order: Order,
    /// Make the runs again that are listed in failures.csv.
    #[arg(long, required = true)]
    failed: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let how = How {
        overwrite: false,
        retry: arguments.failed,
    };
    run_whole(&arguments.order, how)
}
