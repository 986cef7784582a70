//! Reading a scenario as the command line asks.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::error::Result;
use crate::scenario::{Assignment, Scenario, value_text};
use crate::store;

/// The scenario, and what is changed in it.
#[derive(Debug, Args)]
pub(super) struct Input {
    /// The scenario file (`arigatoni schema` tells what may be in it).
    scenario: PathBuf,
    /// Set a member of the scenario, by JSON Pointer; VALUE is JSON, or else a string. `*` stands
    /// for the system. If it is an axis of the sweep, the axis is dropped.
    #[arg(long = "set", value_name = "POINTER=VALUE")]
    assignments: Vec<Assignment>,
    /// Set the seed of all random draws: the same as `--set /seed=N`.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

impl Input {
    /// The scenario, with the changes.
    pub(super) fn read(&self) -> Result<Scenario> {
        let text = store::read_text(&self.scenario)?;
        let seed = self.seed.map(|seed| Assignment {
            pointer: "/seed".into(),
            value: seed.into(),
        });
        let assignments: Vec<Assignment> = self.assignments.iter().cloned().chain(seed).collect();
        Scenario::parse(&text, &self.scenario.display().to_string(), &assignments)
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
