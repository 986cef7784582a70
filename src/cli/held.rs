//! A sweep and what of it is done: taken up from its results folder, and brought to its end there.

use std::collections::BTreeMap;

use super::folder::{Folder, replaceable, reread};
use super::inputs::Inputs;
use super::order::Prepared;
use super::overwriting::{Clearing, PRECISION, tables_of};
use super::planning::{
    check_former, check_program, check_study, cores, first_manifest, other_program, plan, selected,
    study_hash,
};
use super::tell::tell;
use super::{clock, output};
use crate::error::{Error, Result};
use crate::experiment::{self, Experiment};
use crate::ledger::{Job, Ledger, Observed, Outline, Parts, Plan, Record, Shard};
use crate::measure::{Cell, Table};
use crate::results::{self, Blocks, Manifest, Study, axis_pointers, axis_value, compact, csv};
use crate::scenario::Scenario;
use crate::statistics;
use crate::store::{self, Lock};
use crate::study::Columns;

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
        Self::look(folder, manifest)
    }

    /// What lies in the results folder of `manifest`, only to be told.
    pub(super) fn look(folder: Folder, manifest: Manifest) -> Result<Self> {
        let scenario =
            reread(&manifest.scenario).map_err(|error| error.at(folder.path().display()))?;
        // The hash of another program's study is known to nobody else.
        if other_program(&manifest).is_none() {
            check_study(&folder, &manifest, &scenario)?;
        }
        let selection = selected(&scenario, &manifest.filters)?;
        let plan = plan(&scenario, &selection, manifest.chunk_runs)?;
        let study = manifest.study.clone().unwrap_or_default();
        let parts = Parts::new(folder.parts(), study);
        let mut ledger = Ledger::default();
        let from_tables = load_tables(&folder, &scenario, &manifest, &mut ledger);
        load_parts(&parts, &mut ledger)?;
        if let FromTables::Altered(error) = from_tables? {
            tell(format_args!(
                "{error}; {} of {} runs are sound, the others must be made again",
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
    pub(super) fn take_up(prepared: &Prepared, overwrite: bool) -> Result<Self> {
        let (folder, scenario) = (&prepared.folder, prepared.experiment.scenario());
        folder.check_place()?;
        if overwrite {
            let inputs = Inputs::of(&prepared.experiment)?;
            Clearing::plan(folder, scenario, &inputs)?.carry_out()?;
        }
        // Each time that something else was planned meanwhile, some other process has got on.
        loop {
            let (mut held, from_tables) = Self::look_up(prepared, overwrite)?;
            if held.extend(prepared, from_tables)? {
                return Ok(held);
            }
        }
    }

    /// What of the sweep lies in its folder, planned if nothing does; and whether some of it lies in
    /// tables.
    fn look_up(prepared: &Prepared, cleared: bool) -> Result<(Self, bool)> {
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
        let mut ledger = Ledger::default();
        let mut tables = FromTables::None;
        if let Some(former) = &former {
            tables = load_tables(&folder, scenario, former, &mut ledger)?;
        }
        load_parts(&parts, &mut ledger)?;
        let found = ledger.len();
        if let (FromTables::Altered(error), Some(former)) = (&tables, &former) {
            tell(format_args!(
                "{error}; {found} of {} runs are sound, the others are made again",
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
        let inputs = Inputs::of(&prepared.experiment)?.put(&self.folder)?;
        manifest.inputs.extend(inputs);
        manifest.axes = axis_pointers(&prepared.experiment.columns().axes);
        manifest.runs = outline.runs();
        manifest.complete &= outline.finished;
        if manifest == self.manifest {
            return Ok(true);
        }
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

    /// The study of all finished runs that count, in canonical order.
    pub(super) fn study(&self, outline: &Outline) -> Study {
        let columns = experiment::columns(&self.scenario, &self.scenario.base().system);
        study_of(
            &self.scenario,
            &columns,
            &self.plan,
            &self.ledger,
            |place| outline.replications[place],
        )
    }

    /// Puts the results into the folder, which `lock` holds; the parts go if nothing is missing.
    /// `None`, with nothing done, if another process has planned more since the folder was looked at.
    ///
    /// # Errors
    /// If the folder is no longer here, or cannot be written; or if the table of runs would have fewer
    /// rows than it has.
    pub(super) fn finish(
        &mut self,
        outline: &Outline,
        threads: Option<usize>,
        lock: &Lock,
    ) -> Result<Option<Study>> {
        let study = self.study(outline);
        let mut tables = study.encode(&statistics::summary(&study));
        let end = self.scenario.run_count();
        let of_runs = |name: &str| name != Study::SUMMARY && name != Study::FAILURES;
        let blocks = tables.iter().filter(|(name, _)| of_runs(name));
        let blocks = Blocks::of(end, blocks.map(|(name, bytes)| (&**name, &**bytes)));
        if self.scenario.precision().is_some() {
            let table = csv::encode(&self.stops(outline));
            tables.push((PRECISION.into(), table));
        }
        let _alone = self.folder.lock_manifest()?;
        self.folder.check_still_here(lock)?;
        let now = self.folder.manifest()?;
        if !is_same_but_shards(&now, &self.manifest) {
            return Ok(None);
        }
        let made = study.runs.rows.len() as u64;
        if !outline.finished {
            self.check_not_fewer(made)?;
        }
        self.manifest.shards = now.shards;
        self.manifest.complete = outline.finished;
        self.manifest.runs = outline.runs();
        self.manifest.runs_done = made;
        self.manifest.runs_failed = study.failures.rows.len() as u64;
        self.manifest.ended = Some(clock::now());
        self.manifest.threads = threads.or_else(cores).map(|threads| threads as u32);
        self.manifest.blocks = Some(blocks);
        let figures = Experiment::figures(&self.scenario);
        let unfit = self
            .folder
            .put(&tables, &study, &figures, &mut self.manifest, lock)?;
        output::complain(&unfit);
        if outline.finished {
            store::sync_folder(self.folder.path())?;
            self.parts.remove()?;
        }
        Ok(Some(study))
    }

    /// How many rows the table of runs has, whether they can be vouched for or not.
    pub(super) fn rows_there(&self) -> Result<u64> {
        Ok(self.folder.rows_there()?.max(self.manifest.runs_done))
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

/// The study of the finished runs of a plan in canonical order, of each point (told by its place)
/// as many replications as are asked.
pub(super) fn study_of(
    scenario: &Scenario,
    columns: &Columns,
    plan: &Plan,
    ledger: &Ledger,
    replications: impl Fn(usize) -> u32,
) -> Study {
    let mut study = Study::new(columns.axes.clone(), columns.metrics, columns.details);
    let most = u64::from(plan.replications());
    for (place, &point) in plan.points().iter().enumerate() {
        let values = scenario.axis_values(point);
        for replication in 0..replications(place) {
            let Some(outcome) = ledger.get(plan.key(place as u32), replication) else {
                continue;
            };
            let run = point * most + u64::from(replication);
            match outcome.clone() {
                Err(error) => study.add_failure(run, replication.into(), &values, error),
                Ok(observed) => study.add(results::Run {
                    run,
                    replication: replication.into(),
                    values: values.clone(),
                    metrics: observed.metrics,
                    fingerprint: observed.fingerprint,
                    details: observed.details,
                }),
            }
        }
    }
    study
}

/// Makes a run of the sweep.
pub(super) fn make(experiment: &Experiment) -> impl Fn(u64, u32) -> Result<Observed> + Sync + '_ {
    |point, replication| experiment.observe(point, replication)
}

fn load_parts(parts: &Parts, ledger: &mut Ledger) -> Result<()> {
    let (found, complaints) = parts.load()?;
    output::complain(&complaints);
    for record in found.records() {
        ledger.enter(record);
    }
    Ok(())
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
    let kept = parts.load().map_or(0, |(ledger, _)| ledger.len());
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

/// What complete tables gave.
enum FromTables {
    /// There are none.
    None,
    /// All of their rows.
    Whole,
    /// The rows that are as they were written, if any; and what is not.
    Altered(Error),
}

/// Enters the runs of complete tables in `ledger`, as far as they are as they were written.
fn load_tables(
    folder: &Folder,
    scenario: &Scenario,
    manifest: &Manifest,
    ledger: &mut Ledger,
) -> Result<FromTables> {
    if !manifest.complete {
        return Ok(FromTables::None);
    }
    let columns = experiment::columns(scenario, &scenario.base().system);
    let details: Vec<&str> = columns.details.iter().map(|detail| detail.name).collect();
    let (study, trouble) = match folder.sound_study(&details, manifest) {
        Ok(study) => (Some(study), None),
        Err(error) => (folder.sound_rows(&details, manifest)?, Some(error)),
    };
    let empty = Study::new(columns.axes, columns.metrics, columns.details);
    if let Some(study) = &study {
        if let Some(other) = other_columns(study, &empty) {
            let what = format!("another build of the program wrote this: {other}");
            return Ok(FromTables::Altered(
                Error::new(what).at(folder.path().display()),
            ));
        }
        for record in records_of(study) {
            ledger.enter(record);
        }
    }
    Ok(trouble.map_or(FromTables::Whole, FromTables::Altered))
}

/// What tells the columns of `there` from those of `here`, if anything does.
fn other_columns(there: &Study, here: &Study) -> Option<String> {
    let tables = |study: &Study| -> Vec<(String, Vec<String>)> {
        let details = study.details.iter();
        let details = details.map(|(name, table)| (name.clone(), table.columns.clone()));
        let runs = ("runs".to_owned(), study.runs.columns.clone());
        [runs].into_iter().chain(details).collect()
    };
    let (there, here) = (tables(there), tables(here));
    let (there, here) = there
        .iter()
        .zip(&here)
        .find(|(there, here)| there != here)?;
    let missing_in = |list: &[String], other: &[String]| {
        other.iter().find(|column| !list.contains(column)).cloned()
    };
    let table = &there.0;
    Some(
        match (missing_in(&there.1, &here.1), missing_in(&here.1, &there.1)) {
            (Some(column), _) => format!("the table {table} has no column {column}"),
            (None, Some(column)) => {
                format!("the table {table} has a column {column}, which this one does not know")
            }
            (None, None) => format!("the table {table} has the columns in another order"),
        },
    )
}

/// The runs of a study as records.
fn records_of(study: &Study) -> Vec<Record> {
    let mut rows: BTreeMap<u64, Vec<Vec<Vec<Cell>>>> = BTreeMap::new();
    for (number, (_, table)) in study.details.iter().enumerate() {
        for row in &table.rows {
            let Cell::Count(run) = row[0] else { continue };
            let of_run = rows
                .entry(run)
                .or_insert_with(|| vec![Vec::new(); study.details.len()]);
            of_run[number].push(row[2..].to_vec());
        }
    }
    let errors: BTreeMap<u64, String> = study
        .failures
        .rows
        .iter()
        .filter_map(|row| match (&row[0], row.last()?) {
            (Cell::Count(run), error) => Some((*run, csv::cell_text(error))),
            _ => None,
        })
        .collect();
    let behind_axes = 2 + study.axes.len();
    (0..study.runs.rows.len())
        .filter_map(|row| {
            let (run, replication) = study.run_of_row(row);
            let values = study.values_of_row(row).iter().map(axis_value);
            let cells = &study.runs.rows[row][behind_axes..];
            let outcome = match (errors.get(&run), cells.split_last()) {
                // It failed, and nobody knows why any more.
                (None, Some((Cell::Absent, _)) | None) => return None,
                (None, Some((Cell::Fingerprint(fingerprint), metrics))) => Ok(Observed {
                    metrics: metrics.to_vec(),
                    fingerprint: *fingerprint,
                    details: rows
                        .remove(&run)
                        .unwrap_or_else(|| vec![Vec::new(); study.details.len()]),
                }),
                (error, _) => Err(error.cloned().unwrap_or_default()),
            };
            Some(Record {
                point: compact(&values.collect()),
                replication: replication as u32,
                outcome,
            })
        })
        .collect()
}
