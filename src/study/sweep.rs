//! A sweep and what of it is done: taken up from its results folder, or planned there, and gone on with.

use std::collections::BTreeMap;

use super::filters::selected;
use super::folder::{Folder, replaceable, reread};
use super::former::{FromTables, load_tables};
use super::identity::{check_former, check_program, study_hash};
use super::inputs::{self, Inputs};
use super::overwriting::{Clearing, tables_of};
use super::planning::{first_manifest, plan};
use super::prepared::Prepared;
use super::provenance;
use super::rounds::{Ended, Rounds, runs_of};
use super::watch::{Execution, Watch};
use crate::error::{Error, Result};
use crate::experiment::Experiment;
use crate::ledger::{Job, Ledger, Outline, Parts, Plan, Shard};
use crate::results::{Manifest, SweepResults, axis_pointers};
use crate::scenario::Scenario;
use crate::store;
use crate::words::counted;

/// The chunk in which the runs of the former tables are kept while a sweep is extended.
const FORMER: &str = "former";

/// A sweep, its folder, and what of it is done.
#[derive(Debug)]
pub struct Sweep {
    pub(super) folder: Folder,
    pub(super) scenario: Scenario,
    pub(super) plan: Plan,
    pub(super) parts: Parts,
    pub(super) ledger: Ledger,
    pub(super) manifest: Manifest,
    /// How many runs were done when the sweep was taken up.
    found: u64,
    /// Whether [`Self::finish`] draws figures.
    pub(super) draws: bool,
}

impl Sweep {
    /// What lies in a results folder, to go on with it.
    ///
    /// # Errors
    /// If another program made it, or it cannot be read.
    pub fn open(folder: Folder, watch: &mut dyn Watch) -> Result<Self> {
        let manifest = folder.manifest()?;
        check_program(&folder, &manifest)?;
        Self::read(folder, manifest, Some(Rows::All), watch)
    }

    /// What lies in a results folder, only to be told.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn look(folder: Folder, watch: &mut dyn Watch) -> Result<Self> {
        let manifest = folder.manifest()?;
        Self::read(folder, manifest, None, watch)
    }

    fn read(
        folder: Folder,
        manifest: Manifest,
        rows: Option<Rows>,
        watch: &mut dyn Watch,
    ) -> Result<Self> {
        let scenario = folder.scenario(&manifest)?;
        let selection = selected(&scenario, &manifest.filters)?;
        let plan = plan(&scenario, &selection, manifest.chunk_runs)?;
        let study = manifest.study.clone().unwrap_or_default();
        let parts = Parts::new(folder.parts(), study);
        let mut ledger = new_ledger(&folder, &plan, rows)?;
        let from_tables = load_tables(&folder, &scenario, &manifest, &mut ledger);
        load_parts(&parts, &mut ledger, watch)?;
        if let FromTables::Altered(error) = from_tables? {
            watch.report(&format!(
                "{error}; {} of {} runs are intact, the others must be repeated",
                ledger.len(),
                manifest.runs_done
            ));
        }
        Ok(Self {
            folder,
            scenario,
            plan,
            parts,
            found: ledger.len(),
            draws: true,
            ledger,
            manifest,
        })
    }

    /// Takes up the sweep in its folder where it was left, or plans it; with `overwrite` the results of
    /// another one go.
    ///
    /// # Errors
    /// If the folder holds something else, or cannot be written.
    pub fn take_up(
        prepared: &Prepared,
        overwrite: bool,
        rows: Rows,
        watch: &mut dyn Watch,
    ) -> Result<Self> {
        let (folder, scenario) = (&prepared.folder, prepared.experiment.scenario());
        folder.check_place()?;
        if overwrite {
            let inputs = Inputs::of(&prepared.experiment)?;
            Clearing::plan(folder, scenario, &inputs)?.carry_out()?;
        }
        // Each time that something else was planned meanwhile, some other process has got on.
        loop {
            let (mut sweep, from_tables) = Self::look_up(prepared, overwrite, rows, watch)?;
            if sweep.extend(prepared, from_tables)? {
                return Ok(sweep);
            }
        }
    }

    /// What of the sweep lies in its folder, planned if nothing does; and whether some of it lies in
    /// tables.
    fn look_up(
        prepared: &Prepared,
        cleared: bool,
        rows: Rows,
        watch: &mut dyn Watch,
    ) -> Result<(Self, bool)> {
        let (folder, scenario) = (prepared.folder.clone(), prepared.experiment.scenario());
        let topologies = prepared.experiment.topologies();
        let plan = plan(scenario, &prepared.selection, 1)?;
        let parts = Parts::new(folder.parts(), study_hash(scenario, &topologies));
        let former = folder.manifest_if_there();
        let former = former.map_err(|error| unreadable(&folder, scenario, &parts, error))?;
        match &former {
            Some(former) => check_former(&folder, former, prepared, &topologies)?,
            None if cleared => {}
            None => folder.check_unused(scenario)?,
        }
        store::make_folder(&folder.parts())?;
        let mut ledger = new_ledger(&folder, &plan, Some(rows))?;
        let mut tables = FromTables::None;
        if let Some(former) = &former {
            tables = load_tables(&folder, scenario, former, &mut ledger)?;
        }
        load_parts(&parts, &mut ledger, watch)?;
        let found = ledger.len();
        if let (FromTables::Altered(error), Some(former)) = (&tables, &former) {
            watch.report(&format!(
                "{error}; {found} of {} runs are intact, the others are repeated",
                former.runs_done
            ));
        }
        let manifest = match former {
            Some(former) => former,
            None => first_manifest(prepared, &plan, &parts, &mut ledger, topologies)?,
        };
        let sweep = Self {
            plan: plan.with_chunk_runs(manifest.chunk_runs),
            scenario: scenario.clone(),
            folder,
            parts,
            ledger,
            manifest,
            found,
            draws: true,
        };
        Ok((sweep, !matches!(tables, FromTables::None)))
    }

    /// Brings the manifest up to what is asked now. What the former tables hold goes into the
    /// parts before the manifest disowns them. Returns false, with nothing done, if another process
    /// has replaced the manifest since it was read.
    fn extend(&mut self, prepared: &Prepared, from_tables: bool) -> Result<bool> {
        let outline = self.plan.outline(&self.ledger);
        let mut manifest = self.manifest.clone();
        manifest.scenario = self.scenario.effective().clone();
        manifest.filters.clone_from(&prepared.filters);
        manifest.topologies.extend(prepared.experiment.topologies());
        manifest.inputs = Inputs::of(&prepared.experiment)?.put(&self.folder)?;
        manifest.axes = axis_pointers(&prepared.experiment.columns().axes);
        provenance::describe(&mut manifest, &self.scenario);
        manifest.runs = outline.runs();
        manifest.complete &= outline.finished;
        if manifest == self.manifest {
            return Ok(true);
        }
        manifest.command = Some(provenance::command());
        let _alone = self.folder.lock_manifest()?;
        match self.folder.manifest_if_there()? {
            Some(now) if is_same_but_shards(&now, &self.manifest) => manifest.shards = now.shards,
            _ => return Ok(false),
        }
        if from_tables && !manifest.complete {
            self.parts.seal(FORMER, self.ledger.records())?;
        }
        let stale = if manifest.complete {
            BTreeMap::new()
        } else {
            manifest.blocks = None;
            std::mem::take(&mut manifest.tables)
        };
        let figures = Experiment::figures(&self.scenario);
        self.folder.remove_figures(&self.manifest, &figures)?;
        self.folder.put_manifest(&manifest)?;
        self.folder.remove_tables(&stale)?;
        self.folder.remove_reports()?;
        inputs::remove_unused(&self.folder, &self.manifest, &manifest)?;
        self.manifest = manifest;
        Ok(true)
    }

    /// Notes in the manifest into how many shards the work is submitted.
    ///
    /// # Errors
    /// If the sweep was planned anew meanwhile, or the manifest cannot be written.
    pub fn note_shards(&mut self, shards: u32) -> Result<()> {
        let _alone = self.folder.lock_manifest()?;
        self.check_same_plan()?;
        self.manifest = self.folder.manifest()?;
        self.manifest.shards = Some(shards);
        self.folder.put_manifest(&self.manifest)
    }

    /// Checks that the folder still holds the sweep that was taken up, also extended: what was made since would
    /// count for nothing in another one.
    ///
    /// # Errors
    /// If the sweep was planned anew meanwhile, or its manifest is gone.
    pub fn check_same_plan(&self) -> Result<()> {
        let lost = |what: &str| {
            Error::new(format!(
                "{what} while this shard was running; its runs are lost"
            ))
            .at(self.folder.path().display())
            .help("submit the shards again with another folder, -o DIR")
        };
        let now = self.folder.manifest_if_there()?;
        let now = now.ok_or_else(|| lost("the sweep was removed"))?;
        let study = |manifest: &Manifest| {
            let scenario = reread(&manifest.scenario).ok()?;
            Some(study_hash(&scenario, &manifest.topologies))
        };
        let plan = |manifest: &Manifest| {
            let told = manifest.study.clone();
            (told, manifest.started.clone(), manifest.chunk_runs)
        };
        if plan(&now) == plan(&self.manifest) && study(&now) == study(&self.manifest) {
            Ok(())
        } else {
            Err(lost("the folder was overwritten with another sweep"))
        }
    }

    /// Where it lies.
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// What is run, as the folder has it.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// How the results came about, as the folder has it.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// How many runs were finished when the sweep was taken up.
    pub fn found(&self) -> u64 {
        self.found
    }

    /// What is asked for, as far as the finished runs tell.
    pub fn outline(&self) -> Outline {
        self.plan.outline(&self.ledger)
    }

    /// How many runs of a shard of the outline are finished, and how many it has.
    pub fn done(&self, outline: &Outline, shard: Shard) -> (u64, u64) {
        let total = runs_of(outline, shard);
        (total - self.jobs(outline, shard).len() as u64, total)
    }

    /// Forgets the runs that have failed, so that they are made again; returns how many.
    pub fn forget_failed(&mut self) -> u64 {
        self.ledger.forget_failed()
    }

    /// Makes all unfinished runs, round by round, until no round is left or the work is stopped. Each run is
    /// kept in the folder as soon as it is finished.
    ///
    /// # Errors
    /// The first error of a run; or if one cannot be kept.
    pub fn make_all(
        &mut self,
        experiment: &Experiment,
        execution: &mut Execution<'_>,
    ) -> Result<Ended> {
        self.rounds().make_all(experiment, execution)
    }

    /// Makes the unfinished runs of a shard in the current round.
    ///
    /// # Errors
    /// The first error of a run; or if one cannot be kept.
    pub fn make_shard(
        &mut self,
        experiment: &Experiment,
        shard: Shard,
        execution: &mut Execution<'_>,
    ) -> Result<Ended> {
        self.rounds().make_shard(experiment, shard, execution)
    }

    fn rounds(&mut self) -> Rounds<'_> {
        Rounds {
            plan: &self.plan,
            ledger: &mut self.ledger,
            parts: Some(&self.parts),
            resumed: self.found > 0,
        }
    }

    /// The runs of the outline that have failed: the place of the chunk, the number of the run, its
    /// replication and the message.
    pub(super) fn failures(
        &self,
        outline: &Outline,
    ) -> impl Iterator<Item = (u32, u64, u32, String)> {
        let most = u64::from(self.plan.replications());
        let chunks = (0_u32..).zip(&outline.chunks);
        let runs = chunks.flat_map(|(number, chunk)| {
            let places = chunk.points.iter();
            places.map(move |&place| (number, place, chunk.replication))
        });
        runs.filter_map(move |(number, place, replication)| {
            let error = self.ledger.failure(self.plan.key(place), replication)?;
            let run = self.plan.points()[place as usize] * most + u64::from(replication);
            Some((number, run, replication, error.to_owned()))
        })
    }

    /// What is left of a shard of the outline.
    pub fn jobs(&self, outline: &Outline, shard: Shard) -> Vec<Job> {
        self.plan.jobs(outline, &self.ledger, shard)
    }
}

/// Which runs are asked for with what was observed of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// All, for the tables.
    All,
    /// Those that are in no sealed chunk yet, for sealing.
    Unsealed,
}

/// A ledger for the sweep of `plan` in `folder`; without `rows` it knows only which runs are finished.
fn new_ledger(folder: &Folder, plan: &Plan, rows: Option<Rows>) -> Result<Ledger> {
    match rows {
        Some(rows) => Ledger::spooled(folder.path(), plan.column(), rows == Rows::All),
        None => Ok(Ledger::of_names(plan.column())),
    }
}

fn load_parts(parts: &Parts, ledger: &mut Ledger, watch: &mut dyn Watch) -> Result<()> {
    for note in parts.load(ledger)? {
        watch.report(&note);
    }
    Ok(())
}

/// Whether two manifests differ in nothing but what was submitted last.
pub(super) fn is_same_but_shards(one: &Manifest, other: &Manifest) -> bool {
    let shards = one.shards;
    *one == Manifest {
        shards,
        ..other.clone()
    }
}

/// The `error` of a manifest that cannot be understood, with what to do: finished runs of the study
/// may lie beside it.
fn unreadable(folder: &Folder, scenario: &Scenario, parts: &Parts, error: Error) -> Error {
    let mut ledger = Ledger::of_names(None);
    let kept = parts.load(&mut ledger).map_or(0, |_| ledger.len());
    if kept == 0 && store::exists(&folder.path().join(SweepResults::RUNS)) {
        return error.help(
            "without it the program cannot know whether the tables there belong to this sweep: \
            they stay readable but cannot be resumed; put the manifest back, choose another \
            folder with -o DIR, or replace what is there with --overwrite",
        );
    }
    if kept == 0 {
        return replaceable(error);
    }
    let tables = tables_of(scenario).into_iter();
    let there = tables.filter(|name| store::exists(&folder.path().join(name)));
    let names: Vec<String> = [Manifest::FILE.to_owned()]
        .into_iter()
        .chain(there)
        .collect();
    error.help(format!(
        "{} of this sweep {} sound in {}: move {} out of the folder, and the same command goes on with them",
        counted(kept, "finished run"),
        if kept == 1 { "lies" } else { "lie" },
        parts.folder().display(),
        names.join(", ")
    ))
}
