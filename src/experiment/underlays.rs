//! The underlays of a scenario's points, and the files that systems name: each read once.
//!
//! This module does *not* know points, nor who asks.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;
use xxhash_rust::xxh3::xxh3_64;

use super::failing;
use super::files::{self, Files};
use crate::error::Result;
use crate::results::compact;
use crate::scenario::{RunConfig, TopologySource};
use crate::store;
use crate::system::{Memory, Underlay};
use crate::topology::{self, Purpose, Routes};
use crate::topology::{Graph, Latencies};

/// How many pairs of routers are kept in generated underlays before they are made anew.
const PAIRS_KEPT_MAX: usize = 100_000_000;

/// The underlays of a scenario's points, each loaded or generated once.
#[derive(Debug)]
pub struct Underlays {
    places: Files,
    /// Those that all replications share.
    shared: BTreeMap<Key, Arc<Underlay>>,
    /// Those that replications have for themselves, with the replication's number.
    own: Mutex<BTreeMap<(Key, u32), Arc<Underlay>>>,
    /// The texts of the files that systems name, by path as written.
    files: Mutex<BTreeMap<PathBuf, Arc<str>>>,
    /// The sources of those among them that are generated.
    generated: BTreeSet<String>,
    /// The files of graphs that were prepared, by path as written.
    graph_files: BTreeMap<PathBuf, PathBuf>,
    /// What has been reported of the files that systems name.
    noted: BTreeSet<String>,
}

/// What tells one underlay from another: the name of its source, which is also told in manifests,
/// and how it is used.
type Key = (String, String);

fn key(run: &RunConfig) -> Key {
    let used = json!({
        "latency_ms_per_unit": run.network.latency_ms_per_unit,
        "routing": run.network.routing,
    });
    (run.topology.name(), compact(&used))
}

impl Underlays {
    /// No underlays yet, of a scenario whose `files` are told (or the folder in which it is).
    pub fn new(files: impl Into<Files>) -> Self {
        Self {
            places: files.into(),
            shared: BTreeMap::new(),
            own: Mutex::default(),
            files: Mutex::default(),
            generated: BTreeSet::new(),
            graph_files: BTreeMap::new(),
            noted: BTreeSet::new(),
        }
    }

    /// A `run` whose system has been given the files that it names, each read once.
    ///
    /// # Errors
    /// If one cannot be read, or is wrong in itself.
    pub fn supplied(&self, mut run: RunConfig) -> Result<RunConfig> {
        let supplied = run.system.supplied(&mut |path| {
            let mut texts = self.files.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(text) = texts.get(path) {
                return Ok(Arc::clone(text));
            }
            let file = self.places.find(path, "the scenario's system")?;
            let text =
                store::text(files::read(&file)?).map_err(|error| error.at(file.display()))?;
            // Spreadsheets begin their text files with a byte order mark.
            let text: Arc<str> = text.strip_prefix('\u{feff}').unwrap_or(&text).into();
            texts.insert(path.into(), Arc::clone(&text));
            Ok(text)
        })?;
        if let Some(system) = supplied {
            run.system = system;
        }
        Ok(run)
    }

    /// Loads the underlay of `run`, which has been [supplied](Self::supplied), unless it is there, and
    /// checks that the system fits it. `report` hears what should be known of the graph and of the system's files.
    ///
    /// # Errors
    /// If the topology cannot be read or generated, is disconnected, or the system does not fit.
    pub fn prepare(&mut self, run: &RunConfig, report: &mut dyn FnMut(&str)) -> Result<()> {
        if let TopologySource::File { path, .. } = &run.topology {
            let file = self.places.find(path, "/topology/file")?;
            self.graph_files.insert(path.clone(), file);
        } else if !has_own(run) {
            self.generated.insert(run.topology.name());
        }
        let underlay = if has_own(run) {
            self.of(run, 0)?
        } else {
            let key = key(run);
            if !self.shared.contains_key(&key) {
                let (underlay, notes) = self.load(run, 0)?;
                for note in &notes {
                    report(note);
                }
                self.shared.insert(key.clone(), Arc::new(underlay));
            }
            let underlay = Arc::clone(&self.shared[&key]);
            failing::check(&run.network, &underlay)?;
            underlay
        };
        let late = run.system.late_note();
        let late = late.filter(|_| run.network.latest().is_none());
        let cut = run.system.outage_note();
        let cut = cut.filter(|_| run.network.have_outages());
        let notes = run.system.notes().into_iter().chain(run.network.notes());
        for note in notes.chain(late.into_iter().chain(cut).map(str::to_owned)) {
            if self.noted.insert(note.clone()) {
                report(&format!("note: {note}"));
            }
        }
        run.system.check(&underlay)
    }

    /// About how much memory `run`, which has been prepared, takes, if that is known.
    ///
    /// # Errors
    /// As of [`Self::of`].
    pub fn memory(&self, run: &RunConfig) -> Result<Option<Memory>> {
        let underlay = self.of(run, 0)?;
        Ok(run.system.memory(&underlay))
    }

    /// The underlay of a replication of `run`, which has been prepared.
    ///
    /// # Errors
    /// If the replication has a graph of its own, and the graph cannot be generated or lacks a domain of
    /// `network.partitions` or `network.slowdowns`.
    ///
    /// # Panics
    /// If `run` has not been prepared.
    pub fn of(&self, run: &RunConfig, replication: u32) -> Result<Arc<Underlay>> {
        if !has_own(run) {
            return Ok(Arc::clone(&self.shared[&key(run)]));
        }
        let underlay = self.own(run, replication)?;
        failing::check(&run.network, &underlay)?;
        Ok(underlay)
    }

    /// The underlay that a replication has for itself.
    fn own(&self, run: &RunConfig, replication: u32) -> Result<Arc<Underlay>> {
        let key = (key(run), replication);
        if let Some(underlay) = self
            .own
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
        {
            return Ok(Arc::clone(underlay));
        }
        // Two threads may both make it: the same graph, and neither waits for the other.
        let underlay = Arc::new(self.load(run, replication)?.0);
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        let size = underlay.graph.routers.len();
        if (own.len() + 1).saturating_mul(size * size) > PAIRS_KEPT_MAX {
            own.clear();
        }
        own.insert(key, Arc::clone(&underlay));
        Ok(underlay)
    }

    /// The files of the graphs that were prepared, and those that systems name: where each is, by path
    /// as written.
    pub fn inputs(&self) -> BTreeMap<String, PathBuf> {
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        // Each was found before.
        let named = files.keys().filter_map(|path| {
            let file = self.places.find(path, "").ok()?;
            Some((path, file))
        });
        let graphs = self.graph_files.iter();
        let graphs = graphs.map(|(path, file)| (path, file.clone()));
        let all = graphs.chain(named);
        all.map(|(path, file)| (path.display().to_string(), file))
            .collect()
    }

    /// The graphs that were generated and that all replications share, by the names of their sources.
    pub(super) fn generated(&self) -> BTreeMap<String, &Graph> {
        let shared = self.shared.iter();
        let shared = shared.filter(|((source, _), _)| self.generated.contains(source));
        shared
            .map(|((source, _), underlay)| (source.clone(), &underlay.graph))
            .collect()
    }

    /// The hashes of the graphs that all replications share, by the names of their sources.
    pub(super) fn graphs(&self) -> BTreeMap<String, String> {
        let shared = self.shared.iter();
        shared
            .map(|((source, _), underlay)| (source.clone(), digest(&underlay.graph)))
            .collect()
    }

    /// The hashes of the files that systems name, by path as written.
    pub(super) fn texts(&self) -> BTreeMap<String, String> {
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let texts = files.iter().map(|(path, text)| {
            let hash = xxh3_64(text.as_bytes());
            (path.display().to_string(), format!("{hash:016x}"))
        });
        texts.collect()
    }

    /// The underlay of a replication of `run`, and what should be known of it.
    fn load(&self, run: &RunConfig, replication: u32) -> Result<(Underlay, Vec<String>)> {
        let mut notes = Vec::new();
        let (graph, place) = match &run.topology {
            TopologySource::File { path, options } => {
                let file = self.places.find(path, "/topology/file")?;
                let reading = topology::load(&file, options, Purpose::Routes)?;
                notes = reading.account.notes;
                (reading.graph, file.display().to_string())
            }
            TopologySource::TransitStub(generated) => {
                let place = "/topology/transit_stub";
                let graph = generated
                    .graph(replication)
                    .map_err(|error| error.at(place))?;
                (graph, place.into())
            }
        };
        let latency_ms_per_unit = run.network.latency_ms_per_unit.0;
        let routes = Routes::new(&graph, latency_ms_per_unit, run.network.routing)
            .map_err(|error| error.at(&place))?;
        if routes.are_searched() {
            notes.push(format!(
                "the graph has {} routers and no domains that could be separated: its routes do \
                not fit into a table and are searched one by one at first, which is slower",
                graph.routers.len()
            ));
        }
        let notes = notes.iter().map(|note| format!("note: {place}: {note}"));
        Ok((Underlay { graph, routes }, notes.collect()))
    }
}

/// Whether each replication of `run` has an underlay of its own.
fn has_own(run: &RunConfig) -> bool {
    matches!(&run.topology, TopologySource::TransitStub(generated) if generated.is_of_replication())
}

/// The hash of a graph's routers and links.
fn digest(graph: &Graph) -> String {
    let mut bytes = (graph.routers.len() as u64).to_le_bytes().to_vec();
    for link in &graph.links {
        for end in link.ends {
            bytes.extend(end.0.to_le_bytes());
        }
        bytes.extend(link.length.to_bits().to_le_bytes());
        bytes.extend(link.weight.to_le_bytes());
    }
    for (_, _, latency) in graph.latencies.iter().flat_map(Latencies::pairs) {
        bytes.extend(latency.unwrap_or(f64::NAN).to_bits().to_le_bytes());
    }
    format!("{:016x}", xxh3_64(&bytes))
}
