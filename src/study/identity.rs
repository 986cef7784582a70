//! Whether results are those of a scenario and of this program: what in them is the same, and in what
//! they differ.
//!
//! It does *not* know how a sweep is cut and made.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::filters::selected;
use super::folder::{Folder, reread};
use super::planning::plan;
use super::prepared::Prepared;
use crate::error::{Error, Result};
use crate::experiment::{self, Experiment};
use crate::ledger::differences;
use crate::program::Program;
use crate::results::{Manifest, compact};
use crate::scenario::Scenario;

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
    let columns = experiment::columns(scenario);
    let metrics = columns.metrics.iter().map(|metric| metric.name);
    let details = columns.details.iter();
    let details = details.flat_map(|detail| [detail.name].into_iter().chain(detail.names()));
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
pub(super) fn changed_scenario(
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

/// The program that made the results of `manifest`, in a person's words, if it is known and is not this
/// one.
pub(crate) fn other_program(manifest: &Manifest) -> Option<String> {
    let there = manifest.program();
    let other = !manifest.is_baseline() && !there.is_same(&Program::this());
    other.then(|| there.to_string())
}

/// Checks that this program made the folder's results: those of another one are neither gone on with nor mixed with
/// its own.
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
    Err(Error::new(what).at(folder.path().display()).help(
        "`sweep --overwrite` replaces them; to keep both, choose another folder for the new \
        ones with -o DIR",
    ))
}

impl Folder {
    /// What the folder's manifest tells, and its scenario.
    ///
    /// # Errors
    /// If there is none, or what it says is simulated is not what made the results.
    pub fn told(&self) -> Result<(Manifest, Scenario)> {
        let manifest = self.manifest()?;
        let scenario = self.scenario(&manifest)?;
        Ok((manifest, scenario))
    }

    /// The scenario of the folder's `manifest`.
    ///
    /// # Errors
    /// As [`Self::told`].
    pub fn scenario(&self, manifest: &Manifest) -> Result<Scenario> {
        let scenario =
            reread(&manifest.scenario).map_err(|error| error.at(self.path().display()))?;
        // A baseline has no hash, and the hash of another program's study is known to nobody else.
        if !manifest.is_baseline() && other_program(manifest).is_none() {
            check_study(self, manifest, &scenario)?;
        }
        Ok(scenario)
    }
}

/// Checks that the `scenario` of the folder's manifest is the one from which the results were made.
fn check_study(folder: &Folder, manifest: &Manifest, scenario: &Scenario) -> Result<()> {
    if manifest.study == Some(study_hash(scenario, &manifest.topologies)) {
        return Ok(());
    }
    Err(folder.refusal(format!(
        "{} was changed after the runs were made: it describes another simulation",
        Manifest::FILE
    )))
}

/// Checks that the sweep is the one that the folder was planned for, or an extension of it.
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
    let different = changed_scenario((&there, &former.topologies), (scenario, topologies));
    if !different.is_empty() {
        return Err(folder.refusal(format!(
            "the folder holds the results of another scenario\n  {}",
            different.join("\n  ")
        )));
    }
    // What is kept of a run has a cell for each column.
    let (columns, kept) = (prepared.experiment.columns(), experiment::columns(&there));
    if (&columns.metrics, &columns.details) != (&kept.metrics, &kept.details) {
        return Err(folder.refusal(
            "the systems of the sweep report different columns than the results, or a different \
            order of them",
        ));
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
        .help("omit --chunk-runs to resume it, or start again with --overwrite"));
    }
    check_extends(folder, former, &there, prepared)
}

/// Checks that nothing of what was planned is left out now.
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
            "the sweep in the folder has more replications\n  /replications: {} there, {} here",
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
            "the sweep in the folder has points that this one does not have, such as {key} of its \
            axes {}",
            there.axes().collect::<Vec<_>>().join(", ")
        ))),
    }
}
