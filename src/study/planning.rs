//! Planning a sweep in a results folder: how it is cut into chunks, and its first manifest.
//!
//! It does *not* know whether the folder may take it.

use std::collections::BTreeMap;

use serde_json::Map;

use super::identity::{check_former, study_hash};
use super::inputs::Inputs;
use super::prepared::Prepared;
use super::{clock, provenance};
use crate::error::{Result, caught};
use crate::experiment::{self, Experiment};
use crate::ledger::{Ledger, Parts, Plan, Record};
use crate::measure::RunOutcome;
use crate::program::Program;
use crate::results::{Manifest, axis_pointers};
use crate::scenario::{Scenario, Selection};

/// How long a chunk should take, in seconds.
const CHUNK_S: f64 = 20.0;

/// The plan for some points of a scenario.
///
/// # Errors
/// If the precision's metric does not exist.
pub(super) fn plan(scenario: &Scenario, selection: &Selection, chunk_runs: u64) -> Result<Plan> {
    let columns = experiment::columns(scenario);
    let metrics: Vec<&str> = columns.metrics.iter().map(|metric| metric.name).collect();
    Plan::new(scenario, selection, &metrics, chunk_runs)
}

/// Plans the sweep: measures how long runs take, unless it is said how many make a chunk, and puts
/// the manifest into the folder. If another process was quicker, its plan holds.
pub(super) fn first_manifest(
    prepared: &Prepared,
    plan: &Plan,
    parts: &Parts,
    ledger: &mut Ledger,
    topologies: BTreeMap<String, String>,
) -> Result<Manifest> {
    let started = clock::now();
    let (chunk_runs, run_ms) = if let Some(chunk_runs) = prepared.chunk_runs {
        (chunk_runs, None)
    } else {
        let run_s = probe(&prepared.experiment, plan, parts, ledger)?;
        let fitting = (CHUNK_S / run_s.max(1e-6)) as u64;
        (fitting.max(1), Some((run_s * 1e6).round() / 1e3))
    };
    let outline = plan.outline(ledger);
    let inputs = Inputs::of(&prepared.experiment)?.put(&prepared.folder)?;
    let scenario = prepared.experiment.scenario();
    let program = Program::this();
    let mut manifest = Manifest {
        version: program.version.into(),
        sources: program.sources.map(str::to_owned),
        commit: program.commit.map(str::to_owned),
        modified: program.modified,
        study: Some(study_hash(scenario, &topologies)),
        build: Some(provenance::build()),
        command: Some(provenance::command()),
        constants: Map::new(),
        method: None,
        scenario: scenario.effective().clone(),
        filters: prepared.filters.clone(),
        complete: false,
        runs: outline.runs(),
        runs_done: 0,
        runs_failed: 0,
        chunk_runs,
        run_ms,
        shards: None,
        topologies,
        inputs,
        axes: axis_pointers(&prepared.experiment.columns().axes),
        tables: BTreeMap::new(),
        blocks: None,
        started: Some(started),
        ended: None,
        machine: Some(provenance::machine()),
        threads: None,
    };
    provenance::describe(&mut manifest, scenario);
    if prepared.folder.create_manifest(&manifest)? {
        return Ok(manifest);
    }
    // It may have been another program, or have planned something else.
    let planned = prepared.folder.manifest()?;
    check_former(&prepared.folder, &planned, prepared, &manifest.topologies)?;
    Ok(planned)
}

/// Makes the first replication of up to three points, and says how many seconds a run took on average.
/// The runs are kept.
fn probe(experiment: &Experiment, plan: &Plan, parts: &Parts, ledger: &mut Ledger) -> Result<f64> {
    let mut journal = parts.journal()?;
    let run_s = first_runs(experiment, plan.points(), |place, outcome| {
        let record = Record {
            point: plan.key(place).to_owned(),
            replication: 0,
            outcome,
        };
        journal.note(&record)?;
        ledger.enter(record)
    })?;
    journal.end(false)?;
    Ok(run_s)
}

/// Makes the first replication of up to three of the `points`, a few seconds' work unless a single run
/// takes longer; `keep` gets each with its point's place among them. Says how many seconds a run took on
/// average.
pub(super) fn first_runs(
    experiment: &Experiment,
    points: &[u64],
    mut keep: impl FnMut(u32, Result<RunOutcome, String>) -> Result<()>,
) -> Result<f64> {
    const ENOUGH_S: f64 = 2.0;
    let last = points.len() as u32 - 1;
    let mut places = vec![0, last / 2, last];
    places.dedup();
    let (mut total_s, mut made) = (0.0, 0);
    for place in places {
        let point = points[place as usize];
        let (made_one, run_s) = clock::timed(|| caught(|| experiment.observe(point, 0)));
        keep(
            place,
            match made_one {
                Ok(observed) => Ok(observed?),
                Err(panic) => Err(panic),
            },
        )?;
        total_s += run_s;
        made += 1;
        if total_s > ENOUGH_S {
            break;
        }
    }
    Ok(total_s / f64::from(made))
}
