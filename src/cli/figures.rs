//! `arigatoni figures`: draw the figures of a results folder again.

use std::path::PathBuf;

use clap::Args;

use super::folder::{Folder, reread};
use super::output;
use crate::error::Result;
use crate::experiment::{self, Experiment};

/// Draw the figures of a results folder again, without simulating anything.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  arigatoni figures results/paper-quick")]
pub(super) struct Arguments {
    /// The results folder, as `arigatoni sweep` has made it.
    results: PathBuf,
    /// Draw into DIR/figures instead of the results folder's own.
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let results = Folder::new(arguments.results.clone());
    let manifest = results.manifest()?;
    let scenario =
        reread(&manifest.scenario).map_err(|error| error.at(results.path().display()))?;
    let columns = experiment::columns(&scenario, &scenario.base().system);
    let details: Vec<&str> = columns.details.iter().map(|detail| detail.name).collect();
    let study = results.study(&details, &manifest, "drawn")?;
    let target = Folder::new(
        arguments
            .output
            .clone()
            .unwrap_or(arguments.results.clone()),
    );
    let unfit = target.put_figures(&study, &Experiment::figures(&scenario), scenario.name())?;
    output::complain(&unfit);
    output::print(format!("{}\n", target.path().join("figures").display()).as_bytes())
}
