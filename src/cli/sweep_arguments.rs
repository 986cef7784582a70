//! The arguments of a sweep, which several commands share.

use std::num::{NonZeroU64, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::input::{Asked, Input, has_results, in_results};
use super::stderr::print_stderr;
use super::waiting::Waiting;
use super::{cores, output};
use crate::error::{Error, Result};
use crate::experiment::{self, Experiment};
use crate::ledger::differences;
use crate::scenario::{Assignment, Scenario, value_text};
use crate::store::{self, misspelt::RESULTS};
use crate::study::{Folder, Prepared, filters};

/// Sweeps of more runs must be confirmed.
const RUNS_UNCONFIRMED_MAX: u64 = 1_000_000;

/// Shorter than the minute that `submit` asks for, so that what was finished reaches the disk.
const GRACE_S: u32 = 45;

/// The runs that are asked for.
#[derive(Debug, Args)]
pub(super) struct Runs {
    #[command(flatten)]
    input: Input,
    /// Number of runs at the same time; default: one per core. It never changes a result.
    #[arg(long, value_name = "N", value_parser = cores::threads)]
    threads: Option<NonZeroUsize>,
    /// Make only the runs in which the axis (given by its column or its pointer) has this value.
    /// Several values of one axis select all of them; filters of several axes must all hold.
    #[arg(long = "filter", value_name = "AXIS=VALUE", value_parser = Assignment::of_axis)]
    filters: Vec<Assignment>,
    /// Time in seconds that the current runs have to finish after SIGTERM; then they are dropped. A
    /// batch system sends SIGTERM some time before it kills a process (`submit` asks for 60 s).
    #[arg(long, value_name = "SECONDS", default_value_t = GRACE_S, value_parser = output::whole::<u32>, allow_negative_numbers = true)]
    grace: u32,
    /// Allow sweeps of more than a million runs.
    #[arg(long)]
    yes: bool,
}

/// The sweep, and where its results go.
#[derive(Debug, Args)]
pub(super) struct SweepArguments {
    #[command(flatten)]
    runs: Runs,
    /// The results folder. Default: results/NAME, where NAME is the name of the scenario, or the
    /// results folder that was given as the scenario.
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Number of runs in a chunk, which is stored in one file and made by one shard. Default: the
    /// number that takes about 20 s, found by timing a few runs. It never changes a result.
    #[arg(long, value_name = "N", value_parser = output::positive::<NonZeroU64>, allow_negative_numbers = true)]
    chunk_runs: Option<NonZeroU64>,
}

impl Runs {
    /// Reads the scenario and everything that it needs, for results in `folder` (default: the results
    /// that were named, or those of the scenario's name).
    pub(super) fn prepare(&self, folder: Option<&Path>) -> Result<Prepared> {
        cores::limit(self.threads)?;
        let Asked {
            scenario,
            files,
            results,
        } = self.input.read()?;
        let filters = match &results {
            // Results of a part of a sweep are repeated as that part.
            Some((_, manifest)) if self.filters.is_empty() => {
                filters::of_manifest(&manifest.filters)?
            }
            _ => filters::named(&scenario, &self.filters).map_err(|error| error.at("--filter"))?,
        };
        // Results may have been made with an axis replaced, and are repeated as they are.
        if results.is_none() {
            experiment::check_x_of_figures(&scenario)?;
        }
        let selection = filters::select(&scenario, &filters)?;
        let runs = selection.len() * u64::from(scenario.replications());
        if runs > RUNS_UNCONFIRMED_MAX && !self.yes {
            let error = Error::new(format!("the sweep has {runs} runs"))
                .at("/sweep")
                .help("give --yes to make all of them, or select some with --filter AXIS=VALUE");
            return Err(scenario.locate_error(error, &[]));
        }
        let folder = match (folder, results) {
            (Some(folder), _) => Folder::new(folder.to_owned()),
            (None, Some((folder, _))) => folder,
            (None, None) => Folder::new(Path::new(RESULTS).join(scenario.name())),
        };
        let waiting = Waiting::start(format!("preparing {}", self.input.file().display()));
        let experiment = Experiment::prepare_reporting(scenario, &selection, files, &mut |note| {
            print_stderr(note);
        })?;
        waiting.finish();
        Ok(Prepared {
            experiment,
            selection,
            filters: filters.iter().map(ToString::to_string).collect(),
            folder,
            chunk_runs: None,
        })
    }

    /// The results folder that was named in the place of a scenario, if one was.
    pub(super) fn results(&self) -> Option<Folder> {
        self.input.results()
    }

    /// The scenario file, or the results folder.
    pub(super) fn file(&self) -> &Path {
        self.input.file()
    }

    /// Checks that another process can read the scenario, too.
    ///
    /// # Errors
    /// If it comes from standard input.
    pub(super) fn check_file(&self) -> Result<()> {
        if !self.input.is_stdin() {
            return utf8(self.file()).map(drop);
        }
        Err(Error::new("the shards cannot read it again")
            .at(store::STDIN)
            .help("write the scenario to a file, and give the file"))
    }

    /// How many runs to make at the same time, if that was said.
    pub(super) fn threads(&self) -> Option<usize> {
        self.threads.map(NonZeroUsize::get)
    }

    /// How long the runs at hand may go on after SIGTERM.
    pub(super) fn grace(&self) -> Duration {
        Duration::from_secs(self.grace.into())
    }

    /// The words with which another process does the same; without the threads.
    fn words(&self) -> Vec<String> {
        let mut words = self.input.words();
        for filter in &self.filters {
            let value = value_text(&filter.value);
            words.push(format!("--filter={}={value}", filter.pointer));
        }
        if self.grace != GRACE_S {
            words.push(format!("--grace={}", self.grace));
        }
        if self.yes {
            words.push("--yes".into());
        }
        words
    }
}

impl SweepArguments {
    /// Reads the scenario and everything that it needs.
    pub(super) fn prepare(&self) -> Result<Prepared> {
        Ok(Prepared {
            chunk_runs: self.chunk_runs.map(NonZeroU64::get),
            ..self.runs.prepare(self.output.as_deref())?
        })
    }

    /// How many runs to make at the same time, if that was said.
    pub(super) fn threads(&self) -> Option<usize> {
        self.runs.threads()
    }

    /// How long the runs at hand may go on after SIGTERM.
    pub(super) fn grace(&self) -> Duration {
        self.runs.grace()
    }

    /// Checks that another process can do the same.
    ///
    /// # Errors
    /// If the scenario comes from standard input.
    pub(super) fn check_file(&self) -> Result<()> {
        self.runs.check_file()?;
        let output = self.output.as_deref();
        output.map_or(Ok(()), |output| utf8(output).map(drop))
    }

    /// The words with which another process does the same; without the threads.
    pub(super) fn words(&self) -> Vec<String> {
        let mut words = self.runs.words();
        if let Some(output) = &self.output {
            words.push(format!("--output={}", output.display()));
        }
        words
    }
}

/// A path as a word of a script, which would name another file where the path is no text.
///
/// # Errors
/// If the path is not UTF-8.
pub(super) fn utf8(path: &Path) -> Result<String> {
    path.to_str().map(str::to_owned).ok_or_else(|| {
        Error::new("the path is not UTF-8, as the words of a script must be")
            .at(path.display())
            .help("give the file or folder a name in UTF-8")
    })
}

/// A results folder, given by itself or by its scenario.
#[derive(Debug, Args)]
pub(super) struct ResultsArgument {
    /// The results folder, its name in results/, or its manifest.json; or the scenario file, whose results are in
    /// results/NAME.
    #[arg(value_name = "RESULTS")]
    path: PathBuf,
}

impl ResultsArgument {
    /// The folder or scenario at `path`.
    pub(super) fn at(path: &Path) -> Self {
        Self { path: path.into() }
    }

    /// The folder.
    pub(super) fn folder(&self) -> Result<Folder> {
        Ok(self.with_scenario()?.0)
    }

    /// The folder. If it was given by a scenario, its results are those of that scenario as it is now.
    pub(super) fn results(&self) -> Result<Folder> {
        let (folder, edited) = self.with_scenario()?;
        if let Some(edited) = edited {
            check_same(&folder, &folder.told()?.1, &edited)?;
        }
        Ok(folder)
    }

    /// The folder, and the scenario if it was given by that.
    pub(super) fn with_scenario(&self) -> Result<(Folder, Option<Scenario>)> {
        if let Some(folder) = Folder::named(&self.path).or_else(|| in_results(&self.path)) {
            return Ok((folder, None));
        }
        let place = self.path.display().to_string();
        let neither = |error: Error| {
            let what = "give a results folder, or the scenario whose results are in results/NAME";
            let meant = (!store::exists(&self.path))
                .then(|| store::misspelt::folder(&self.path, has_results))
                .flatten();
            error.help(match meant {
                Some(meant) => format!("did you mean {}?", meant.display()),
                None => what.to_owned(),
            })
        };
        let text = store::read_text(&self.path).map_err(neither)?;
        let scenario = Scenario::parse(&text, &place, &[]).map_err(neither)?;
        let folder = Path::new(RESULTS).join(scenario.name());
        if store::is_folder(&folder) {
            return Ok((Folder::new(folder), Some(scenario)));
        }
        Err(Error::new("there are no results of this scenario yet")
            .at(folder.display())
            .help("make them with `arigatoni sweep`, or give the folder that has them"))
    }
}

/// Checks that `results`, which `scenario` made, are those of the scenario file as it is now, `edited`.
///
/// # Errors
/// If something differs on which results depend.
pub(super) fn check_same(results: &Folder, scenario: &Scenario, edited: &Scenario) -> Result<()> {
    let other = differences(&scenario.identity(), &edited.identity());
    if other.is_empty() {
        return Ok(());
    }
    Err(Error::new(format!(
        "the results are those of another scenario:\n{}",
        other.join("\n")
    ))
    .at(results.path().display())
    .help("give the results folder itself, or make the results again with `arigatoni sweep`"))
}
