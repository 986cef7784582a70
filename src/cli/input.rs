//! Reading a scenario as the command line asks.

use std::path::{Path, PathBuf};

use clap::Args;

use super::output;
use crate::error::{Error, Result};
use crate::scenario::{Assignment, Scenario, value_text};
use crate::store;

/// The scenario, and what is changed in it.
#[derive(Debug, Args)]
pub(super) struct Input {
    /// The scenario file (`arigatoni schema` tells what may be in it); - is standard input, and
    /// relative paths then start from the current folder.
    scenario: PathBuf,
    /// Set a member of the scenario, by JSON Pointer; VALUE is JSON, or else a string. `*` stands
    /// for the system. If it is an axis of the sweep, the axis is dropped.
    #[arg(long = "set", value_name = "POINTER=VALUE")]
    assignments: Vec<Assignment>,
    /// Set the seed of all random draws: the same as `--set /seed=N`.
    #[arg(long, value_name = "N", value_parser = output::whole::<u64>, allow_negative_numbers = true)]
    seed: Option<u64>,
}

impl Input {
    /// The scenario, with the changes.
    pub(super) fn read(&self) -> Result<Scenario> {
        let text = if self.is_stdin() {
            store::read_stdin()
                .and_then(|bytes| store::text(bytes).map_err(|error| error.at(store::STDIN)))?
        } else {
            read_named(&self.scenario)?
        };
        let seed = self.seed.map(|seed| Assignment {
            pointer: "/seed".into(),
            value: seed.into(),
        });
        let assignments: Vec<Assignment> = self.assignments.iter().cloned().chain(seed).collect();
        let place = if self.is_stdin() {
            store::STDIN.into()
        } else {
            self.scenario.display().to_string()
        };
        Scenario::parse(&text, &place, &assignments)
    }

    /// Whether the scenario comes from standard input, which can be read once only.
    pub(super) fn is_stdin(&self) -> bool {
        self.scenario == Path::new("-")
    }

    /// The scenario file.
    pub(super) fn file(&self) -> &Path {
        &self.scenario
    }

    /// What was said on the command line, to be said again.
    pub(super) fn words(&self) -> Vec<String> {
        let mut words = vec![self.scenario.display().to_string()];
        for assignment in &self.assignments {
            words.push(format!(
                "--set={}={}",
                assignment.pointer,
                value_text(&assignment.value)
            ));
        }
        words.extend(self.seed.map(|seed| format!("--seed={seed}")));
        words
    }

    /// The folder from which its relative paths start.
    pub(super) fn folder(&self) -> &Path {
        self.scenario.parent().unwrap_or(Path::new(""))
    }
}

/// The text of a file that was named on the command line.
pub(super) fn read_named(path: &Path) -> Result<String> {
    if path.is_relative() && !store::exists(path) {
        let here = store::absolute(Path::new("."));
        return Err(Error::new("there is no such file")
            .at(path.display())
            .help(format!(
                "looked for from the current folder, {}",
                here.display()
            )));
    }
    store::read_text(path)
}
