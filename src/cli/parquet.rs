//! `arigatoni parquet`: the tables of a results folder as Parquet files.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Map, Value};

use super::output;
use super::stderr::Stderr;
use super::sweep_arguments::ResultsArgument;
use crate::error::Result;
use crate::experiment;
use crate::results::{Manifest, csv, parquet};
use crate::store;
use crate::study::Folder;

/// Write the tables of a results folder as Parquet files, beside the CSV files.
///
/// Values and columns are those of the CSV files, with types: the numbers of runs, replications and units
/// are integers, metrics are floating-point numbers, and an empty cell is null. Each file says in its metadata which scenario and
/// which program made it, and what the metrics mean. pandas, DuckDB, Polars and R's arrow read them.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  arigatoni parquet results/paper-quick\n  \
                        arigatoni parquet results/paper-quick -o tables")]
pub(super) struct Arguments {
    #[command(flatten)]
    results: ResultsArgument,
    /// Write the files to DIR instead of the results folder.
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let folder = arguments.results.results()?;
    let (manifest, scenario) = folder.told()?;
    folder.check_runs()?;
    let target = arguments.output.as_deref().unwrap_or(folder.path());
    store::make_folder(target)?;
    let meanings: Map<String, Value> = experiment::columns(&scenario)
        .metrics
        .iter()
        .map(|metric| (metric.name.to_owned(), metric.meaning.into()))
        .collect();
    let meanings = Value::from(meanings).to_string();
    let facts = facts(&manifest, &meanings);
    let facts: Vec<(&str, &str)> = facts.iter().map(|(key, value)| (*key, &**value)).collect();
    for name in manifest.tables.keys() {
        let bytes = folder.table(name, &manifest, "written", &mut Stderr)?;
        let table = csv::decode(&bytes);
        let table = table.map_err(|error| error.at(folder.path().join(name).display()))?;
        let path = target.join(Folder::parquet(name));
        store::replace(&path, &parquet::encode(&table, &facts))?;
        output::print(format!("{}\n", path.display()).as_bytes())?;
    }
    Ok(())
}

/// What each file says of its results.
fn facts(manifest: &Manifest, meanings: &str) -> Vec<(&'static str, String)> {
    let program = (!manifest.is_baseline()).then(|| manifest.program().to_string());
    let all = [
        ("arigatoni.version", Some(manifest.version.clone())),
        ("arigatoni.program", program),
        ("arigatoni.commit", manifest.commit.clone()),
        ("arigatoni.study", manifest.study.clone()),
        ("arigatoni.scenario", Some(manifest.scenario.to_string())),
        ("arigatoni.metrics", Some(meanings.to_owned())),
    ];
    all.into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
        .collect()
}
