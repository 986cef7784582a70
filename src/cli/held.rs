//! A sweep and what of it is done: taken up from its results folder, and brought to its end there.

use std::collections::BTreeMap;

use super::folder::{Folder, reread};
use super::order::Prepared;
use super::{clock, output};
use crate::error::{Error, Result};
use crate::experiment::{self, Experiment};
use crate::ledger::{Job, Ledger, Observed, Outline, Parts, Plan, Record, Shard, differences};
use crate::measure::{Cell, Table};
use crate::results::{self, Machine, Manifest, Study, axis_value, compact, csv};
use crate::scenario::{Assignment, Scenario, Selection};
use crate::{statistics, store, study};

/// The chunk in which the runs of the former tables are kept while a sweep is extended.
const FORMER: &str = "former";
/// How long a chunk should take, in seconds.
const CHUNK_S: f64 = 20.0;

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
        check_version(&folder, &manifest)?;
        let scenario =
            reread(&manifest.scenario).map_err(|error| error.at(folder.path().display()))?;
        let selection = selected(&scenario, &manifest.filters)?;
        let plan = plan(&scenario, &selection, manifest.chunk_runs)?;
        let parts = Parts::new(folder.parts(), study_of(&scenario));
        let mut ledger = Ledger::default();
        let from_tables = load_tables(&folder, &scenario, &manifest, &mut ledger);
        load_parts(&parts, &mut ledger)?;
        if let Err(error) = from_tables {
            eprintln!("{error}; its runs must be made again");
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
        if overwrite {
            folder.clear()?;
        }
        let topologies = prepared.experiment.topologies();
        let former = folder.manifest_if_there()?;
        match &former {
            Some(former) => check_former(&folder, former, prepared, &topologies)?,
            None => folder.check_unused()?,
        }
        store::make_folder(&folder.parts())?;
        let parts = Parts::new(folder.parts(), study_of(scenario));
        let mut ledger = Ledger::default();
        let mut tables = Ok(false);
        if let Some(former) = &former {
            tables = load_tables(&folder, scenario, former, &mut ledger);
        }
        load_parts(&parts, &mut ledger)?;
        let found = ledger.len();
        let plan = plan(scenario, &prepared.selection, 1)?;
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
            eprintln!("{error}; its runs are made again");
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
        self.folder.put_manifest(&manifest)?;
        self.folder.remove_tables(&stale)?;
        self.manifest = manifest;
        Ok(())
    }

    /// What is left of `shard`.
    pub(super) fn jobs(&self, outline: &Outline, shard: Shard) -> Vec<Job> {
        self.plan.jobs(outline, &self.ledger, shard)
    }

    /// The study of all finished runs that count, in canonical order, and how many failed.
    pub(super) fn study(&self, outline: &Outline) -> Study {
        let columns = experiment::columns(&self.scenario, &self.scenario.base().system);
        let mut study = Study::new(columns.axes, columns.metrics, columns.details);
        let most = u64::from(self.plan.replications());
        for (place, (&point, &replications)) in self
            .plan
            .points()
            .iter()
            .zip(&outline.replications)
            .enumerate()
        {
            let values = self.scenario.axis_values(point);
            for replication in 0..replications {
                let Some(outcome) = self.ledger.get(self.plan.key(place as u32), replication)
                else {
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
            tables.push(("precision.csv".into(), table));
        }
        let figures = Experiment::figures(&self.scenario);
        let unfit = self
            .folder
            .put(&tables, &study, &figures, &mut self.manifest)?;
        output::complain(&unfit);
        if outline.finished {
            self.parts.remove()?;
        }
        Ok(study)
    }

    /// The table of `precision.csv`: where each point was stopped, and why.
    fn stops(&self, outline: &Outline) -> Table {
        let own = ["replications", "n", "mean", "half_width", "stopped"].map(str::to_owned);
        let axes = self.scenario.axes().map(str::to_owned);
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
                Cell::Text(if stop.reached { "reached" } else { "max" }.into()),
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

/// The hash of what is simulated, which the parts carry.
fn study_of(scenario: &Scenario) -> String {
    let identity = compact(&scenario.identity());
    let version = env!("CARGO_PKG_VERSION");
    let text = format!("{version}\n{identity}");
    format!("{:016x}", xxhash_rust::xxh3::xxh3_64(text.as_bytes()))
}

fn plan(scenario: &Scenario, selection: &Selection, chunk_runs: u64) -> Result<Plan> {
    let columns = experiment::columns(scenario, &scenario.base().system);
    let metrics: Vec<&str> = columns.metrics.iter().map(|metric| metric.name).collect();
    Plan::new(scenario, selection, &metrics, chunk_runs)
}

fn selected(scenario: &Scenario, filters: &[String]) -> Result<Selection> {
    let filters: Result<Vec<Assignment>> = filters.iter().map(|filter| filter.parse()).collect();
    scenario.select(&filters?)
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
    for record in records_of(&study) {
        ledger.enter(record);
    }
    Ok(true)
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

fn check_version(folder: &Folder, manifest: &Manifest) -> Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    if manifest.version == version {
        return Ok(());
    }
    Err(folder.refusal(format!(
        "the folder holds the results of version {} of this program, and this is {version}",
        manifest.version
    )))
}

/// That the sweep is the one that the folder was planned for, or an extension of it.
fn check_former(
    folder: &Folder,
    former: &Manifest,
    prepared: &Prepared,
    topologies: &BTreeMap<String, String>,
) -> Result<()> {
    check_version(folder, former)?;
    let scenario = prepared.experiment.scenario();
    let there = reread(&former.scenario).map_err(|error| error.at(folder.path().display()))?;
    let different = differences(&there.identity(), &scenario.identity());
    if !different.is_empty() {
        return Err(folder.refusal(format!(
            "the folder holds the results of another scenario\n  {}",
            different.join("\n  ")
        )));
    }
    for (source, hash) in topologies {
        if former.topologies.get(source).is_some_and(|old| old != hash) {
            return Err(folder.refusal(format!(
                "the topology {source} is not the one the folder's results were made on"
            )));
        }
    }
    if let Some(chunk_runs) = prepared.chunk_runs.filter(|&n| n != former.chunk_runs) {
        return Err(Error::new(format!(
            "the sweep was planned with chunks of {} runs, not {chunk_runs}",
            former.chunk_runs
        ))
        .at(folder.path().display())
        .help("leave --chunk-runs out to go on with it, or begin again with --overwrite"));
    }
    check_extends(folder, former, &there, prepared)
}

/// That nothing of what was planned is left out now.
fn check_extends(
    folder: &Folder,
    former: &Manifest,
    there: &Scenario,
    prepared: &Prepared,
) -> Result<()> {
    let scenario = prepared.experiment.scenario();
    let fixed = there.precision().is_none() && scenario.precision().is_none();
    if fixed && scenario.replications() < there.replications() {
        return Err(folder.refusal(format!(
            "the folder's sweep has more replications\n  /replications: {} there, {} here",
            there.replications(),
            scenario.replications()
        )));
    }
    let before = plan(there, &selected(there, &former.filters)?, 1)?;
    let now = plan(scenario, &prepared.selection, 1)?;
    let mut keys: Vec<&String> = now.keys().iter().collect();
    keys.sort_unstable();
    let lost = |key: &&String| keys.binary_search(key).is_err();
    match before.keys().iter().find(lost) {
        None => Ok(()),
        Some(key) => Err(folder.refusal(format!(
            "the folder's sweep has points that this one has not, such as {key} of its axes {}",
            there.axes().collect::<Vec<_>>().join(", ")
        ))),
    }
}

/// Plans the sweep: measures how long runs take, unless it is said how many make a chunk, and puts
/// the manifest into the folder. If another process was quicker, its plan holds.
fn first_manifest(
    prepared: &Prepared,
    plan: &Plan,
    parts: &Parts,
    ledger: &mut Ledger,
    topologies: BTreeMap<String, String>,
) -> Result<Manifest> {
    let started = clock::now();
    let (chunk_runs, run_ms) = match prepared.chunk_runs {
        Some(chunk_runs) => (chunk_runs, None),
        None => {
            let run_s = probe(&prepared.experiment, plan, parts, ledger)?;
            let fitting = (CHUNK_S / run_s.max(1e-6)) as u64;
            (fitting.max(1), Some((run_s * 1e6).round() / 1e3))
        }
    };
    let outline = plan.outline(ledger);
    let manifest = Manifest {
        version: env!("CARGO_PKG_VERSION").into(),
        commit: option_env!("ARIGATONI_COMMIT").map(str::to_owned),
        scenario: prepared.experiment.scenario().effective().clone(),
        filters: prepared.filters.clone(),
        complete: false,
        runs: outline.runs(),
        runs_done: 0,
        runs_failed: 0,
        chunk_runs,
        run_ms,
        shards: None,
        topologies,
        tables: BTreeMap::new(),
        started,
        ended: None,
        machine: Machine {
            os: std::env::consts::OS.into(),
            architecture: std::env::consts::ARCH.into(),
            cores: cores().map(|cores| cores as u32),
        },
        threads: None,
    };
    if prepared.folder.create_manifest(&manifest)? {
        Ok(manifest)
    } else {
        prepared.folder.manifest()
    }
}

/// Makes the first replication of up to three points, a few seconds' work unless a single run
/// takes longer, and says how many seconds a run took on average. The runs are kept.
fn probe(experiment: &Experiment, plan: &Plan, parts: &Parts, ledger: &mut Ledger) -> Result<f64> {
    const ENOUGH_S: f64 = 2.0;
    let last = plan.points().len() as u32 - 1;
    let mut places = vec![0, last / 2, last];
    places.dedup();
    let mut journal = parts.journal()?;
    let (mut total_s, mut made) = (0.0, 0);
    for place in places {
        let point = plan.points()[place as usize];
        let (made_one, run_s) = clock::timed(|| study::guarded(|| experiment.observe(point, 0)));
        let outcome = match made_one {
            Ok(observed) => Ok(observed?),
            Err(panic) => Err(panic),
        };
        let record = Record {
            point: plan.key(place).to_owned(),
            replication: 0,
            outcome,
        };
        journal.note(&record)?;
        ledger.enter(record);
        total_s += run_s;
        made += 1;
        if total_s > ENOUGH_S {
            break;
        }
    }
    journal.end(false)?;
    Ok(total_s / f64::from(made))
}

fn cores() -> Option<usize> {
    let cores = std::thread::available_parallelism().ok();
    cores.map(std::num::NonZeroUsize::get)
}
