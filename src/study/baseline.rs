//! Accepting a baseline: what `check` compares with, kept small enough for version control.
//!
//! Its bytes depend on the scenario and on what the program computes, and on nothing else: its
//! manifest names no machine, time or commit, so accepting the same results twice, anywhere, is no
//! change. A results folder that serves as a baseline keeps all of its tables and pictures.

use std::collections::BTreeMap;

use serde_json::Map;

use super::folder::Folder;
use super::inputs::Inputs;
use super::prepared::Prepared;
use super::rerun::Rerun;
use super::watch::Watch;
use super::writing::Written;
use crate::error::{Error, Kind, Result};
use crate::experiment::Experiment;
use crate::results::{Manifest, SweepResults, axis_pointers};
use crate::statistics;
use crate::store::{self, Lock};

impl Rerun<'_> {
    /// Makes what was made the baseline in `folder`; `lock`: that of the folder, if it was there before.
    ///
    /// # Errors
    /// If runs have failed, the folder holds what is not ours or an unfinished sweep, or it cannot be
    /// written.
    pub fn accept(&self, folder: &Folder, lock: Option<Lock>, watch: &mut dyn Watch) -> Result<()> {
        let (prepared, study) = (self.prepared, &self.study);
        let failed = study.failures.rows.len();
        if failed > 0 {
            let what = format!("{failed} runs failed, but a baseline must be complete");
            return Err(Error::stopped(Kind::Failed, what).at(folder.path().display()));
        }
        let former = folder.manifest_if_there()?;
        let scenario = prepared.experiment.scenario();
        if former.is_none() {
            folder
                .check_unused(scenario)
                .map_err(|error| error.help("give an empty folder, a new one, or a baseline"))?;
        }
        store::make_folder(folder.path())?;
        let lock = match lock {
            Some(lock) => lock,
            None => folder.lock()?,
        };
        folder.check_finished()?;
        let figures = if folder.has_figures() {
            Experiment::figures(scenario)
        } else {
            Vec::new()
        };
        if let Some(former) = &former {
            folder.remove_figures(former, &figures)?;
        }
        // Results that serve as a baseline keep what they are repeated from.
        let inputs = match &former {
            Some(former) if !former.inputs.is_empty() => {
                Inputs::of(&prepared.experiment)?.put(folder)?
            }
            _ => BTreeMap::new(),
        };
        let former = former.map(|former| former.tables).unwrap_or_default();
        let mut tables = study.encode(&statistics::summary(study));
        tables.retain(|(name, _)| name == SweepResults::RUNS || former.contains_key(name));
        let mut manifest = manifest(prepared, study, self.finished, former);
        manifest.inputs = inputs;
        let tables = tables
            .iter()
            .map(|(name, bytes)| Written::of(folder, name, bytes))
            .collect::<Result<_>>()?;
        let unfit = folder.put(tables, study, &figures, &mut manifest, &lock)?;
        for why in unfit {
            watch.report(&why);
        }
        Ok(())
    }
}

impl Folder {
    /// Checks that no sweep is unfinished in the folder: shards, which hold no lock, may be at work on it.
    ///
    /// # Errors
    /// If one is.
    pub fn check_finished(&self) -> Result<()> {
        if !store::exists(&self.parts()) {
            return Ok(());
        }
        Err(Error::new("there is an unfinished sweep in this folder")
            .at(self.path().display())
            .help("finish it (`arigatoni status` shows what is missing), or give another folder"))
    }
}

/// What the baseline is of; `tables` are those that are there.
fn manifest(
    prepared: &Prepared,
    study: &SweepResults,
    finished: bool,
    tables: BTreeMap<String, String>,
) -> Manifest {
    let runs = study.runs.rows.len() as u64;
    Manifest {
        version: env!("CARGO_PKG_VERSION").into(),
        sources: None,
        commit: None,
        modified: None,
        study: None,
        build: None,
        command: None,
        constants: Map::new(),
        method: None,
        scenario: prepared.experiment.scenario().effective().clone(),
        filters: prepared.filters.clone(),
        complete: finished,
        runs,
        runs_done: runs,
        runs_failed: 0,
        chunk_runs: runs.max(1),
        run_ms: None,
        shards: None,
        topologies: prepared.experiment.topologies(),
        inputs: BTreeMap::new(),
        axes: axis_pointers(&study.axes),
        tables,
        blocks: None,
        started: None,
        ended: None,
        machine: None,
        threads: None,
    }
}
