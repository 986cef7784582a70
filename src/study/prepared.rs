//! A study that is asked for, before its folder is looked at.

use super::folder::Folder;
use crate::experiment::Experiment;
use crate::scenario::Selection;

/// A sweep whose scenario has been read and found sound.
#[derive(Debug)]
pub struct Prepared {
    /// The scenario, with all that its runs have in common.
    pub experiment: Experiment,
    /// The points that are asked for.
    pub selection: Selection,
    /// How they were picked, as the manifest keeps it.
    pub filters: Vec<String>,
    /// Where the results go.
    pub folder: Folder,
    /// How many runs make a chunk; `None`: as many as take about 20 s, which a few runs tell.
    pub chunk_runs: Option<u64>,
}

impl Prepared {
    /// How many runs are asked for at most.
    pub fn runs(&self) -> u64 {
        self.selection.len() * u64::from(self.experiment.scenario().replications())
    }
}
