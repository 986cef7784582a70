//! A sweep and what of it is done: taken up from its results folder, and brought to its end there.

use std::collections::BTreeMap;

use super::folder::{Folder, replaceable, reread};
use super::order::Prepared;
use super::overwriting::{Clearing, PRECISION};
use super::planning::{
    check_former, check_program, check_study, cores, first_manifest, plan, selected, study_hash,
};
use super::tell::tell;
use super::{clock, output};
use crate::error::{Error, Result};
use crate::experiment::{self, Experiment};
use crate::ledger::{Job, Ledger, Observed, Outline, Parts, Plan, Record, Shard};
use crate::measure::{Cell, Table};
use crate::results::{self, Manifest, Study, axis_pointers, axis_value, compact, csv};
use crate::scenario::Scenario;
use crate::study::Columns;
use crate::{statistics, store};

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
    /// What lies in a results folder.
    pub(super) fn open(folder: Folder) -> Result<Self> {
        let manifest = folder.manifest()?;
        check_program(&folder, &manifest)?;
        let scenario =
            reread(&manifest.scenario).map_err(|error| error.at(folder.path().display()))?;
        check_study(&folder, &manifest, &scenario)?;
        let selection = selected(&scenario, &manifest.filters)?;
        let plan = plan(&scenario, &selection, manifest.chunk_runs)?;
        let parts = Parts::new(folder.parts(), study_hash(&scenario, &manifest.topologies));
        let mut ledger = Ledger::default();
        let from_tables = load_tables(&folder, &scenario, &manifest, &mut ledger);
        load_parts(&parts, &mut ledger)?;
        if let Err(error) = from_tables {
            tell(format_args!("{error}; its runs must be made again"));
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
        let (folder, scenario) = (prepared.folder.clone(), prepared.experiment.scenario());
        folder.check_place()?;
        let topologies = prepared.experiment.topologies();
        let plan = plan(scenario, &prepared.selection, 1)?;
        let former = if overwrite {
            Clearing::plan(&folder, scenario)?.carry_out()?;
            None
        } else {
            // What cannot be read can be replaced.
            folder.manifest_if_there().map_err(replaceable)?
        };
        match &former {
            Some(former) => check_former(&folder, former, prepared, &topologies)?,
            None if overwrite => {}
            None => folder.check_unused(scenario)?,
        }
        store::make_folder(&folder.parts())?;
        let parts = Parts::new(folder.parts(), study_hash(scenario, &topologies));
        let mut ledger = Ledger::default();
        let mut tables = Ok(false);
        if let Some(former) = &former {
            tables = load_tables(&folder, scenario, former, &mut ledger);
        }
        load_parts(&parts, &mut ledger)?;
        let found = ledger.len();
        let manifest = match former {
            Some(former) => former,
            None => first_manifest(prepared, &plan, &parts, &mut ledger, topologies.clone())?,
        };
        let mut held = Self {
            plan: plan.with_chunk_runs(manifest.chunk_runs),
            scenario: scenario.clone(),
            folder,
            parts,
            ledger,
            manifest,
            found,
        };
        if let Err(error) = &tables {
            tell(format_args!("{error}; its runs are made again"));
        }
        held.extend(prepared, topologies, matches!(tables, Ok(true)))?;
        Ok(held)
    }

    /// Brings the manifest up to what is asked now. What the former tables hold goes into the
    /// parts before the manifest disowns them.
    fn extend(
        &mut self,
        prepared: &Prepared,
        topologies: BTreeMap<String, String>,
        from_tables: bool,
    ) -> Result<()> {
        let outline = self.plan.outline(&self.ledger);
        let mut manifest = self.manifest.clone();
        manifest.scenario = self.scenario.effective().clone();
        manifest.filters.clone_from(&prepared.filters);
        manifest.topologies.extend(topologies);
        manifest.axes = axis_pointers(&prepared.experiment.columns().axes);
        manifest.runs = outline.runs();
        manifest.complete &= outline.finished;
        if manifest == self.manifest {
            return Ok(());
        }
        if from_tables && !manifest.complete {
            self.parts.seal(FORMER, self.ledger.records())?;
        }
        let stale = if manifest.complete {
            BTreeMap::new()
        } else {
            std::mem::take(&mut manifest.tables)
        };
        let figures = Experiment::figures(&self.scenario);
        self.folder.remove_figures(&self.manifest, &figures)?;
        self.folder.put_manifest(&manifest)?;
        self.folder.remove_tables(&stale)?;
        self.manifest = manifest;
        Ok(())
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

    /// Puts the results into the folder; the parts go if nothing is missing.
    pub(super) fn finish(&mut self, outline: &Outline, threads: Option<usize>) -> Result<Study> {
        let study = self.study(outline);
        let made = study.runs.rows.len() as u64;
        self.manifest.complete = outline.finished;
        self.manifest.runs = outline.runs();
        self.manifest.runs_done = made;
        self.manifest.runs_failed = study.failures.rows.len() as u64;
        self.manifest.ended = Some(clock::now());
        self.manifest.threads = threads.or_else(cores).map(|threads| threads as u32);
        let mut tables = study.encode(&statistics::summary(&study));
        if self.scenario.precision().is_some() {
            let table = csv::encode(&self.stops(outline));
            tables.push((PRECISION.into(), table));
        }
        let figures = Experiment::figures(&self.scenario);
        let unfit = self
            .folder
            .put(&tables, &study, &figures, &mut self.manifest)?;
        output::complain(&unfit);
        if outline.finished {
            store::sync_folder(self.folder.path())?;
            self.parts.remove()?;
        }
        Ok(study)
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

/// Enters the runs of complete tables in `ledger`; returns whether there are such tables.
fn load_tables(
    folder: &Folder,
    scenario: &Scenario,
    manifest: &Manifest,
    ledger: &mut Ledger,
) -> Result<bool> {
    if !manifest.complete {
        return Ok(false);
    }
    let columns = experiment::columns(scenario, &scenario.base().system);
    let details: Vec<&str> = columns.details.iter().map(|detail| detail.name).collect();
    let study = folder.sound_study(&details, manifest)?;
    let empty = Study::new(columns.axes, columns.metrics, columns.details);
    if let Some(other) = other_columns(&study, &empty) {
        return Err(
            Error::new(format!("another build of the program wrote this: {other}"))
                .at(folder.path().display()),
        );
    }
    for record in records_of(&study) {
        ledger.enter(record);
    }
    Ok(true)
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
        .map(|row| {
            let (run, replication) = study.run_of_row(row);
            let values = study.values_of_row(row).iter().map(axis_value);
            let cells = &study.runs.rows[row][behind_axes..];
            let outcome = match (errors.get(&run), cells.split_last()) {
                (None, Some((Cell::Fingerprint(fingerprint), metrics))) => Ok(Observed {
                    metrics: metrics.to_vec(),
                    fingerprint: *fingerprint,
                    details: rows
                        .remove(&run)
                        .unwrap_or_else(|| vec![Vec::new(); study.details.len()]),
                }),
                (error, _) => Err(error.cloned().unwrap_or_default()),
            };
            Record {
                point: compact(&values.collect()),
                replication: replication as u32,
                outcome,
            }
        })
        .collect()
}
