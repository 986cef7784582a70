//! What a sweep is asked to do, as several verbs take it.

use std::num::{NonZeroU64, NonZeroUsize};
use std::path::{Path, PathBuf};

use clap::Args;

use super::folder::Folder;
use super::input::Input;
use crate::error::{Error, Result};
use crate::experiment::Experiment;
use crate::scenario::{Assignment, Scenario, Selection, value_text};
use crate::store;

/// Sweeps of more runs must be confirmed.
const RUNS_UNCONFIRMED_MAX: u64 = 1_000_000;

/// Reads a number of threads.
fn threads(text: &str) -> std::result::Result<NonZeroUsize, String> {
    text.parse().map_err(|_| {
        "give a whole number from 1 on, or leave the option out for one run a core".into()
    })
}

/// The sweep, and where its results go.
#[derive(Debug, Args)]
pub(super) struct Order {
    #[command(flatten)]
    pub(super) input: Input,
    /// The results folder; default: results/NAME, NAME being the scenario's name.
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// How many runs to make at the same time; default: one for each core. Never changes a result.
    #[arg(long, value_name = "N", value_parser = threads)]
    threads: Option<NonZeroUsize>,
    /// Make only the runs at which the axis POINTER has this value; several values of one axis
    /// add up, several axes narrow down.
    #[arg(long = "filter", value_name = "POINTER=VALUE")]
    filters: Vec<Assignment>,
    /// How many runs make a chunk, the work that is kept in one file and done by one shard;
    /// default: as many as take about 20 s, which a few runs tell. Never changes a result.
    #[arg(long, value_name = "N")]
    chunk_runs: Option<NonZeroU64>,
    /// Do not ask before more than a million runs.
    #[arg(long)]
    yes: bool,
}

/// A sweep whose scenario has been read and found sound.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) experiment: Experiment,
    pub(super) selection: Selection,
    pub(super) filters: Vec<String>,
    pub(super) folder: Folder,
    pub(super) chunk_runs: Option<u64>,
}

impl Order {
    /// Reads the scenario and everything that it needs.
    pub(super) fn prepare(&self) -> Result<Prepared> {
        let scenario = self.input.read()?;
        let selection = scenario.select(&self.filters)?;
        let runs = selection.len() * u64::from(scenario.replications());
        if runs > RUNS_UNCONFIRMED_MAX && !self.yes {
            return Err(Error::new(format!("the sweep has {runs} runs"))
                .at("/sweep")
                .help("say --yes if so many are meant, or pick some with --filter POINTER=VALUE"));
        }
        let folder = Folder::new(self.folder_of(&scenario));
        Ok(Prepared {
            experiment: Experiment::prepare(scenario, &selection, self.input.folder())?,
            selection,
            filters: self.filters.iter().map(ToString::to_string).collect(),
            folder,
            chunk_runs: self.chunk_runs.map(NonZeroU64::get),
        })
    }

    /// How many runs to make at the same time, if that was said.
    pub(super) fn threads(&self) -> Option<usize> {
        self.threads.map(NonZeroUsize::get)
    }

    /// The words with which another process does the same; without the threads.
    pub(super) fn words(&self) -> Vec<String> {
        let mut words = self.input.words();
        for filter in &self.filters {
            let value = value_text(&filter.value);
            words.push(format!("--filter={}={value}", filter.pointer));
        }
        if let Some(output) = &self.output {
            words.push(format!("--output={}", output.display()));
        }
        if self.yes {
            words.push("--yes".into());
        }
        words
    }

    fn folder_of(&self, scenario: &Scenario) -> PathBuf {
        self.output
            .clone()
            .unwrap_or_else(|| PathBuf::from("results").join(scenario.name()))
    }
}

/// A results folder, given by itself or by its scenario.
#[derive(Debug, Args)]
pub(super) struct Place {
    /// The results folder; or the scenario file, whose results are in results/NAME.
    #[arg(value_name = "RESULTS")]
    path: PathBuf,
}

impl Place {
    /// The folder or scenario at `path`.
    pub(super) fn at(path: &Path) -> Self {
        Self { path: path.into() }
    }

    /// The folder.
    pub(super) fn folder(&self) -> Result<Folder> {
        if store::is_folder(&self.path) {
            return Ok(Folder::new(self.path.clone()));
        }
        let text = store::read_text(&self.path)?;
        let scenario = Scenario::parse(&text, &self.path.display().to_string(), &[])?;
        Ok(Folder::new(PathBuf::from("results").join(scenario.name())))
    }
}
