//! Planning a sweep in a results folder: whether the folder may take it, and how it is cut.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::folder::{Folder, reread};
use super::inputs::Inputs;
use super::order::Prepared;
use super::{clock, provenance};
use crate::error::{Error, Result};
use crate::experiment::{self, Experiment};
use crate::ledger::{Ledger, Parts, Plan, Record, differences};
use crate::program::Program;
use crate::results::{Manifest, axis_pointers, compact};
use crate::scenario::{Assignment, Scenario, Selection};
use crate::study;

/// How long a chunk should take, in seconds.
const CHUNK_S: f64 = 20.0;

/// The hash of what is simulated and observed, and by which program, which the manifest and the parts
/// carry.
///
/// A graph counts by its hash, if that is among the `topologies`, and not by where its file lies.
pub(super) fn study_hash(scenario: &Scenario, topologies: &BTreeMap<String, String>) -> String {
    let mut identity = scenario.identity();
    if let Some(hash) = graph_of(scenario, topologies) {
        set_graph(&mut identity, format!("graph {hash}").into());
    }
    let identity = compact(&identity);
    let Program {
        version, sources, ..
    } = Program::this();
    let sources = sources.unwrap_or_default();
    let columns = experiment::columns(scenario, &scenario.base().system);
    let metrics = columns.metrics.iter().map(|metric| metric.name);
    let details = columns.details.iter();
    let details = details.flat_map(|detail| {
        [detail.name]
            .into_iter()
            .chain(detail.columns.iter().copied())
    });
    let observed = metrics.chain(details).collect::<Vec<_>>().join(",");
    let text = format!("{version}\n{sources}\n{observed}\n{identity}");
    format!("{:016x}", xxhash_rust::xxh3::xxh3_64(text.as_bytes()))
}

/// The hash of the graph on which the points run, unless it is an axis.
fn graph_of<'t>(
    scenario: &Scenario,
    topologies: &'t BTreeMap<String, String>,
) -> Option<&'t String> {
    topologies.get(&scenario.base().topology.name())
}

/// Puts `graph` in the place of the file's path, if an identity has one.
fn set_graph(identity: &mut Value, graph: Value) {
    if let Some(file) = identity.pointer_mut("/topology/file")
        && file.is_string()
    {
        *file = graph;
    }
}

/// In what `here` differs from `there`, a line each: two scenarios with the hashes of their graphs.
/// Where one graph lies in two places, the places do not count.
pub(super) fn changes(
    there: (&Scenario, &BTreeMap<String, String>),
    here: (&Scenario, &BTreeMap<String, String>),
) -> Vec<String> {
    let mut identities = [there.0.identity(), here.0.identity()];
    let graphs = [graph_of(there.0, there.1), graph_of(here.0, here.1)];
    if graphs[0].is_some() && graphs[0] == graphs[1] {
        for identity in &mut identities {
            set_graph(identity, Value::Null);
        }
    }
    differences(&identities[0], &identities[1])
}

/// In what the precision that is asked for differs from that of the results of a scenario, as these
/// have it, a line each. It decides how many runs are made, and changes none.
pub(super) fn changed_precision(there: &Value, here: &Scenario) -> Vec<String> {
    let precision = |scenario: &Value| match &scenario["precision"] {
        Value::Null => json!({}),
        precision => json!({"precision": precision}),
    };
    differences(&precision(there), &precision(here.effective()))
}

/// The files of former results, by the names of their sources, that have changed since.
pub(super) fn changed_files(
    former: &Manifest,
    experiment: &Experiment,
    topologies: &BTreeMap<String, String>,
) -> Vec<String> {
    let changed = |(source, hash): &(&String, &String)| {
        former
            .topologies
            .get(*source)
            .is_some_and(|old| old != *hash)
    };
    let told = |(source, _): (&String, &String)| {
        let what = if experiment.is_topology(source) {
            "topology"
        } else {
            "file"
        };
        format!("the {what} {source} has changed since these results were made")
    };
    topologies.iter().filter(changed).map(told).collect()
}

/// The plan for some points of a scenario.
pub(super) fn plan(scenario: &Scenario, selection: &Selection, chunk_runs: u64) -> Result<Plan> {
    let columns = experiment::columns(scenario, &scenario.base().system);
    let metrics: Vec<&str> = columns.metrics.iter().map(|metric| metric.name).collect();
    Plan::new(scenario, selection, &metrics, chunk_runs)
}

/// The `filters` of the command line with pointers in the place of the names of columns.
pub(super) fn named(scenario: &Scenario, filters: &[Assignment]) -> Result<Vec<Assignment>> {
    let axes = experiment::columns(scenario, &scenario.base().system).axes;
    let named = |filter: &Assignment| {
        if filter.pointer.starts_with('/') {
            return Ok(filter.clone());
        }
        let axis = axes.iter().find(|axis| axis.column == filter.pointer);
        let pointer = axis.map(|axis| axis.pointer.clone()).ok_or_else(|| {
            let known = axes
                .iter()
                .map(|axis| format!("{} ({})", axis.column, axis.pointer))
                .collect::<Vec<_>>();
            let error = Error::new(format!("{} is not an axis of the sweep", filter.pointer));
            error.help(if known.is_empty() {
                "the scenario has no axes".into()
            } else {
                format!("its axes: {}", known.join(", "))
            })
        })?;
        Ok(Assignment {
            pointer,
            value: filter.value.clone(),
        })
    };
    filters.iter().map(named).collect()
}

/// The points that the filters of the command line pick.
pub(super) fn select(scenario: &Scenario, filters: &[Assignment]) -> Result<Selection> {
    let selection = scenario.select(filters);
    selection.map_err(|error| error.at("--filter"))
}

/// The points that the filters of a manifest pick.
pub(super) fn selected(scenario: &Scenario, filters: &[String]) -> Result<Selection> {
    select(scenario, &filters_of(filters)?)
}

/// The filters of a manifest.
pub(super) fn filters_of(filters: &[String]) -> Result<Vec<Assignment>> {
    filters.iter().map(|filter| filter.parse()).collect()
}

/// The program that made the results of `manifest`, in a person's words, if it is known and is not this
/// one.
pub(super) fn other_program(manifest: &Manifest) -> Option<String> {
    let there = manifest.program();
    let other = !manifest.is_baseline() && !there.is_same(&Program::this());
    other.then(|| there.to_string())
}

/// That this program made the folder's results: those of another one are neither gone on with nor
/// mixed with its own.
pub(super) fn check_program(folder: &Folder, manifest: &Manifest) -> Result<()> {
    let (there, here) = (manifest.program(), Program::this());
    if there.is_same(&here) {
        return Ok(());
    }
    let what = if manifest.is_baseline() {
        format!(
            "the folder holds a baseline, which does not name the program that made it; this is {here}"
        )
    } else {
        format!(
            "another program made the results in this folder\n  made by {there}\n  this is {here}"
        )
    };
    Err(Error::new(what)
        .at(folder.path().display())
        .help("`sweep --overwrite` replaces them; or keep both: give the new ones a folder of their own with -o DIR"))
}

/// What the folder's manifest tells, and its scenario.
///
/// # Errors
/// If there is none, or what it says is simulated is not what made the results.
pub(super) fn told(folder: &Folder) -> Result<(Manifest, Scenario)> {
    let manifest = folder.manifest()?;
    let scenario = scenario_of(folder, &manifest)?;
    Ok((manifest, scenario))
}

/// The scenario of the folder's `manifest`.
///
/// # Errors
/// As [`told`].
pub(super) fn scenario_of(folder: &Folder, manifest: &Manifest) -> Result<Scenario> {
    let scenario = reread(&manifest.scenario).map_err(|error| error.at(folder.path().display()))?;
    // A baseline has no hash, and the hash of another program's study is known to nobody else.
    if !manifest.is_baseline() && other_program(manifest).is_none() {
        check_study(folder, manifest, &scenario)?;
    }
    Ok(scenario)
}

/// That the `scenario` of the folder's manifest is the one from which the results were made.
fn check_study(folder: &Folder, manifest: &Manifest, scenario: &Scenario) -> Result<()> {
    if manifest.study == Some(study_hash(scenario, &manifest.topologies)) {
        return Ok(());
    }
    Err(folder.refusal(format!(
        "{} was changed after the runs were made: what it says is simulated is not what made them",
        Manifest::FILE
    )))
}

/// That the sweep is the one that the folder was planned for, or an extension of it.
pub(super) fn check_former(
    folder: &Folder,
    former: &Manifest,
    prepared: &Prepared,
    topologies: &BTreeMap<String, String>,
) -> Result<()> {
    check_program(folder, former)?;
    let scenario = prepared.experiment.scenario();
    let there = reread(&former.scenario).map_err(|error| error.at(folder.path().display()))?;
    check_study(folder, former, &there)?;
    let different = changes((&there, &former.topologies), (scenario, topologies));
    if !different.is_empty() {
        return Err(folder.refusal(format!(
            "the folder holds the results of another scenario\n  {}",
            different.join("\n  ")
        )));
    }
    if let Some(told) = changed_files(former, &prepared.experiment, topologies).first() {
        return Err(folder.refusal(told));
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
        ledger.enter(record)?;
        total_s += run_s;
        made += 1;
        if total_s > ENOUGH_S {
            break;
        }
    }
    journal.end(false)?;
    Ok(total_s / f64::from(made))
}

/// How many threads this machine runs at once, if known.
pub(super) fn cores() -> Option<usize> {
    let cores = std::thread::available_parallelism().ok();
    cores.map(std::num::NonZeroUsize::get)
}
