//! A sweep and what of it is done: taken up from its results folder, and brought to its end there.

use std::collections::BTreeMap;

use super::folder::{Folder, replaceable, reread};
use super::former::{FromTables, load_tables};
use super::inputs::{self, Inputs};
use super::order::Prepared;
use super::overwriting::{Clearing, PRECISION, tables_of};
use super::planning::{
    check_former, check_program, cores, first_manifest, plan, scenario_of, selected, study_hash,
};
use super::tell::tell;
use super::writing::{Writing, Written, add_point};
use super::{clock, output, provenance};
use crate::error::{Error, Result};
use crate::experiment::{self, Experiment};
use crate::figures::Shown;
use crate::ledger::{self, Job, Ledger, Observed, Outline, Parts, Plan, Shard};
use crate::measure::{Cell, Table};
use crate::results::{self, Manifest, Study, axis_pointers, csv};
use crate::scenario::Scenario;
use crate::store::{self, Lock};

/// The chunk in which the runs of the former tables are kept while a sweep is extended.
const FORMER: &str = "former";

/// A sweep, its folder, and what of it is done.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) folder: Folder,
    pub(super) scenario: Scenario,
    pub(super) plan: Plan,
    pub(super) parts: Parts,
    pub(super) ledger: Ledger,
    pub(super) manifest: Manifest,
    /// How many runs were done when the sweep was taken up.
    pub(super) found: u64,
}

impl Held {
    /// What lies in a results folder, to go on with it.
    ///
    /// # Errors
    /// If another program made it, or it cannot be read.
    pub(super) fn open(folder: Folder) -> Result<Self> {
        let manifest = folder.manifest()?;
        check_program(&folder, &manifest)?;
        Self::read(folder, manifest, Some(Rows::All))
    }

    /// What lies in the results folder of `manifest`, only to be told.
    pub(super) fn look(folder: Folder, manifest: Manifest) -> Result<Self> {
        Self::read(folder, manifest, None)
    }

    fn read(folder: Folder, manifest: Manifest, rows: Option<Rows>) -> Result<Self> {
        let scenario = scenario_of(&folder, &manifest)?;
        let selection = selected(&scenario, &manifest.filters)?;
        let plan = plan(&scenario, &selection, manifest.chunk_runs)?;
        let study = manifest.study.clone().unwrap_or_default();
        let parts = Parts::new(folder.parts(), study);
        let mut ledger = new_ledger(&folder, &plan, rows)?;
        let from_tables = load_tables(&folder, &scenario, &manifest, &mut ledger);
        load_parts(&parts, &mut ledger)?;
        if let FromTables::Altered(error) = from_tables? {
            tell(format_args!(
                "{error}; {} of {} runs are sound, what is missing must be made again",
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
            ledger,
            manifest,
        })
    }

    /// Takes up the sweep in its folder where it was left, or plans it.
    ///
    /// # Errors
    /// If the folder holds something else, or cannot be written.
    pub(super) fn take_up(prepared: &Prepared, overwrite: bool, rows: Rows) -> Result<Self> {
        let (folder, scenario) = (&prepared.folder, prepared.experiment.scenario());
        folder.check_place()?;
        if overwrite {
            let inputs = Inputs::of(&prepared.experiment)?;
            Clearing::plan(folder, scenario, &inputs)?.carry_out()?;
        }
        // Each time that something else was planned meanwhile, some other process has got on.
        loop {
            let (mut held, from_tables) = Self::look_up(prepared, overwrite, rows)?;
            if held.extend(prepared, from_tables)? {
                return Ok(held);
            }
        }
    }

    /// What of the sweep lies in its folder, planned if nothing does; and whether some of it lies in
    /// tables.
    fn look_up(prepared: &Prepared, cleared: bool, rows: Rows) -> Result<(Self, bool)> {
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
        load_parts(&parts, &mut ledger)?;
        let found = ledger.len();
        if let (FromTables::Altered(error), Some(former)) = (&tables, &former) {
            tell(format_args!(
                "{error}; {found} of {} runs are sound, what is missing is made again",
                former.runs_done
            ));
        }
        let manifest = match former {
            Some(former) => former,
            None => first_manifest(prepared, &plan, &parts, &mut ledger, topologies)?,
        };
        let held = Self {
            plan: plan.with_chunk_runs(manifest.chunk_runs),
            scenario: scenario.clone(),
            folder,
            parts,
            ledger,
            manifest,
            found,
        };
        Ok((held, !matches!(tables, FromTables::None)))
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
        inputs::remove_unused(&self.folder, &self.manifest, &manifest)?;
        self.manifest = manifest;
        Ok(true)
    }

    /// Notes in the manifest into how many shards the work is submitted.
    pub(super) fn note_shards(&mut self, shards: u32) -> Result<()> {
        let _alone = self.folder.lock_manifest()?;
        self.check_same_plan()?;
        self.manifest = self.folder.manifest()?;
        self.manifest.shards = Some(shards);
        self.folder.put_manifest(&self.manifest)
    }

    /// That the folder still holds the sweep that was taken up, also extended: what was made since
    /// would count for nothing in another one.
    ///
    /// # Errors
    /// If the sweep was planned anew meanwhile, or its manifest is gone.
    pub(super) fn check_same_plan(&self) -> Result<()> {
        let lost = |what: &str| {
            Error::new(format!(
                "{what} while this shard was at work; its runs are lost"
            ))
            .at(self.folder.path().display())
            .help("submit the shards again, in a folder of their own with -o DIR")
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

    /// What is left of `shard`.
    pub(super) fn jobs(&self, outline: &Outline, shard: Shard) -> Vec<Job> {
        self.plan.jobs(outline, &self.ledger, shard)
    }

    /// Puts the results into the folder, which `lock` holds; the parts go if nothing is missing.
    /// Returns false, with nothing done, if another process has planned more since the folder was looked at.
    ///
    /// # Errors
    /// If the folder is no longer here, or cannot be written; or if the table of runs would have fewer
    /// rows than it has.
    pub(super) fn finish(
        &mut self,
        outline: &Outline,
        threads: Option<usize>,
        lock: &Lock,
    ) -> Result<bool> {
        let figures = Experiment::figures(&self.scenario);
        let shown = Shown::of(&figures);
        let writing = self.write(outline, &shown)?;
        let (made, failed) = (writing.runs, writing.failed);
        let (mut tables, blocks, study) = writing.end();
        if self.scenario.precision().is_some() {
            let table = csv::encode(&self.stops(outline));
            tables.push(Written::of(&self.folder, PRECISION, &table)?);
        }
        let _alone = self.folder.lock_manifest()?;
        self.folder.check_still_here(lock)?;
        let now = self.folder.manifest()?;
        if !is_same_but_shards(&now, &self.manifest) {
            return Ok(false);
        }
        if !outline.finished {
            self.check_not_fewer(made)?;
        }
        self.manifest.shards = now.shards;
        self.manifest.complete = outline.finished;
        self.manifest.runs = outline.runs();
        self.manifest.runs_done = made;
        self.manifest.runs_failed = failed;
        self.manifest.ended = Some(clock::now());
        self.manifest.threads = threads.or_else(cores).map(|threads| threads as u32);
        self.manifest.blocks = Some(blocks);
        let unfit = self
            .folder
            .put(tables, &study, &figures, &mut self.manifest, lock)?;
        output::complain(&unfit);
        if outline.finished {
            store::sync_folder(self.folder.path())?;
            self.parts.remove()?;
        }
        Ok(true)
    }

    /// Writes the tables of all finished runs that count, in canonical order, beside their places.
    fn write<'a>(&'a self, outline: &Outline, shown: &'a Shown) -> Result<Writing<'a>> {
        let columns = experiment::columns(&self.scenario, &self.scenario.base().system);
        let empty = Study::new(columns.axes, columns.metrics, columns.details);
        let end = self.scenario.run_count();
        let mut writing = Writing::begin(&self.folder, &empty, end, shown)?;
        for (place, &replications) in outline.replications.iter().enumerate() {
            let mut point = empty.clone();
            let whose = (&self.scenario, &self.plan, &self.ledger);
            add_point(&mut point, whose, place, replications)?;
            writing.add(point)?;
        }
        Ok(writing)
    }

    /// How many rows the table of runs has, whether they can be vouched for or not.
    pub(super) fn rows_there(&self) -> Result<u64> {
        let path = self.folder.path().join(Study::RUNS);
        Ok(ledger::count_rows(&path)?.max(self.manifest.runs_done))
    }

    /// That tables that are not complete have no fewer rows than those that are there.
    fn check_not_fewer(&self, made: u64) -> Result<()> {
        let there = self.rows_there()?;
        if made >= there {
            return Ok(());
        }
        Err(Error::new(format!(
            "the table of runs has {there} rows, and {made} would be left: the others are not as they were written"
        ))
        .at(self.folder.path().display())
        .help("`arigatoni sweep` with the same scenario and folder makes only those again, and ends with the same bytes"))
    }

    /// The table of `precision.csv`: where each point was stopped, and why.
    fn stops(&self, outline: &Outline) -> Table {
        let own = ["replications", "n", "mean", "half_width", "stopped"].map(str::to_owned);
        let system = &self.scenario.base().system;
        let axes = experiment::columns(&self.scenario, system).axes;
        let axes = axes.into_iter().map(|axis| axis.column);
        let mut rows = Vec::new();
        for (&point, stop) in self.plan.points().iter().zip(&outline.stops) {
            let Some(stop) = stop else { continue };
            let values = self.scenario.axis_values(point);
            let mut row: Vec<Cell> = values.iter().map(results::axis_cell).collect();
            row.extend([
                Cell::Count(stop.replications.into()),
                Cell::Count(stop.n),
                stop.mean.into(),
                stop.half_width.into(),
                Cell::Text(stop.resolution.word().into()),
            ]);
            rows.push(row);
        }
        Table {
            columns: axes.chain(own).collect(),
            rows,
        }
    }
}

/// Makes a run of the sweep.
pub(super) fn make(experiment: &Experiment) -> impl Fn(u64, u32) -> Result<Observed> + Sync + '_ {
    |point, replication| experiment.observe(point, replication)
}

/// Which runs are asked for with what was observed of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rows {
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

fn load_parts(parts: &Parts, ledger: &mut Ledger) -> Result<()> {
    parts.load(ledger).map(|told| output::complain(&told))
}

/// Whether two manifests differ in nothing but what was submitted last.
fn is_same_but_shards(one: &Manifest, other: &Manifest) -> bool {
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
    if kept == 0 && store::exists(&folder.path().join(Study::RUNS)) {
        return error.help(
            "without it nothing tells whether the tables there are of this sweep: they stay readable, and are \
             not gone on with; put the manifest back, choose another folder with -o DIR, or replace what is there \
             with --overwrite",
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
        output::counted(kept, "finished run"),
        if kept == 1 { "lies" } else { "lie" },
        parts.folder().display(),
        names.join(", ")
    ))
}
