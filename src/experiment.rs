//! A scenario brought to life: its underlays, its points, and the runs on them.
//!
//! This module does *not* know which system is simulated, nor what becomes of the runs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use xxhash_rust::xxh3::xxh3_64;

use crate::error::{Error, Result, nearest};
use crate::ledger::Observed;
use crate::measure::{Content, FigureSpec};
use crate::random::Draws;
use crate::scenario::{Network, RunConfig, Scenario, Selection, SystemConfig, TopologySource};
use crate::simulation::network::Fidelity;
use crate::store;
use crate::study::{self, Columns, Outcome};
use crate::system::{System, Underlay, Visitor};
use crate::topology::graph::Graph;
use crate::topology::{self, Routes};

/// How many pairs of routers are kept in generated underlays before they are made anew.
const PAIRS_KEPT_MAX: usize = 100_000_000;

/// The underlays of a scenario's points, each loaded or generated once.
#[derive(Debug)]
pub struct Underlays {
    folder: PathBuf,
    /// Those that all replications share.
    shared: BTreeMap<Key, Arc<Underlay>>,
    /// Those that replications have for themselves, with the replication's number.
    own: Mutex<BTreeMap<(Key, u32), Arc<Underlay>>>,
    /// The texts of the files that systems name, by path as written.
    files: Mutex<BTreeMap<PathBuf, Arc<str>>>,
}

/// What tells one underlay from another.
type Key = String;

fn key(run: &RunConfig) -> Key {
    let Network {
        routing,
        latency_ms_per_unit,
        ..
    } = run.network;
    format!("{:?} {routing:?} {latency_ms_per_unit}", run.topology)
}

impl Underlays {
    /// No underlays yet; relative paths of topologies start at `folder`.
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.into(),
            shared: BTreeMap::new(),
            own: Mutex::default(),
            files: Mutex::default(),
        }
    }

    /// A `run` whose system has been given the files that it names, each read once.
    ///
    /// # Errors
    /// If one cannot be read, or is wrong in itself.
    pub fn supplied(&self, mut run: RunConfig) -> Result<RunConfig> {
        run.system.supply(|path| {
            let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(text) = files.get(path) {
                return Ok(Arc::clone(text));
            }
            let text: Arc<str> = store::read_text(&self.folder.join(path))?.into();
            files.insert(path.into(), Arc::clone(&text));
            Ok(text)
        })?;
        Ok(run)
    }

    /// Loads the underlay of `run`, which has been [supplied](Self::supplied), unless it is there, and
    /// checks that the system fits it.
    ///
    /// # Errors
    /// If the topology cannot be read or generated, is disconnected, or the system does not fit.
    pub fn prepare(&mut self, run: &RunConfig) -> Result<()> {
        let underlay = if has_own(run) {
            self.of(run, 0)?
        } else {
            let key = key(run);
            if !self.shared.contains_key(&key) {
                self.shared
                    .insert(key.clone(), Arc::new(self.load(run, 0)?));
            }
            Arc::clone(&self.shared[&key])
        };
        run.system.visit(Check {
            underlay: &underlay,
        })
    }

    /// The underlay of a replication of `run`, which has been prepared.
    ///
    /// # Errors
    /// If the replication has a graph of its own and it cannot be generated.
    ///
    /// # Panics
    /// If `run` has not been prepared.
    pub fn of(&self, run: &RunConfig, replication: u32) -> Result<Arc<Underlay>> {
        if !has_own(run) {
            return Ok(Arc::clone(&self.shared[&key(run)]));
        }
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
        let underlay = Arc::new(self.load(run, replication)?);
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        let size = underlay.graph.routers.len();
        if (own.len() + 1).saturating_mul(size * size) > PAIRS_KEPT_MAX {
            own.clear();
        }
        own.insert(key, Arc::clone(&underlay));
        Ok(underlay)
    }

    fn load(&self, run: &RunConfig, replication: u32) -> Result<Underlay> {
        let (graph, place) = match run.topology.relative_to(&self.folder) {
            TopologySource::File { path, options } => (
                topology::read_with(&path, &options)?,
                path.display().to_string(),
            ),
            TopologySource::TransitStub(generated) => {
                let place = "/topology/transit_stub";
                let graph = generated
                    .graph(replication)
                    .map_err(|error| error.at(place))?;
                (graph, place.into())
            }
        };
        let Network {
            routing,
            latency_ms_per_unit,
            ..
        } = run.network;
        let routes =
            Routes::new(&graph, latency_ms_per_unit, routing).map_err(|error| error.at(place))?;
        Ok(Underlay { graph, routes })
    }
}

/// Whether each replication of `run` has an underlay of its own.
fn has_own(run: &RunConfig) -> bool {
    matches!(&run.topology, TopologySource::TransitStub(generated) if generated.per_replication)
}

/// Everything about a sweep that its runs have in common.
#[derive(Debug)]
pub struct Experiment {
    scenario: Scenario,
    underlays: Underlays,
}

impl Experiment {
    /// Prepares the `selection` of points of `scenario`, a file in `folder`: afterwards a run of
    /// theirs cannot fail for what is in the scenario.
    ///
    /// # Errors
    /// If a point is wrong, does not fit its topology, or reports other columns than the first.
    pub fn prepare(scenario: Scenario, selection: &Selection, folder: &Path) -> Result<Self> {
        let mut underlays = Underlays::new(folder);
        let columns = columns(&scenario, &scenario.base().system);
        check_figures(&scenario, &columns)?;
        for index in selection.iter() {
            let point = scenario.point(index)?;
            let prepared = underlays.supplied(point.run).and_then(|run| {
                underlays.prepare(&run)?;
                Ok(run)
            });
            let run = prepared.map_err(|error| scenario.blame(error, &point.axis_values))?;
            let other = self::columns(&scenario, &run.system);
            if other.metrics != columns.metrics || other.details != columns.details {
                let error = Error::new(
                    "the systems of this sweep report different measures, which fit no one table",
                )
                .at("/sweep/axes")
                .help("sweep each system in a scenario of its own");
                return Err(scenario.blame(error, &[]));
            }
        }
        Ok(Self {
            scenario,
            underlays,
        })
    }

    /// The scenario.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The columns of its study.
    pub fn columns(&self) -> Columns {
        columns(&self.scenario, &self.scenario.base().system)
    }

    /// Its figures: the system's standard ones, then the scenario's own.
    pub fn figures(scenario: &Scenario) -> Vec<FigureSpec> {
        let mut figures = scenario.base().system.visit(Figures);
        let own = scenario.figures().iter().cloned();
        let own: Vec<FigureSpec> = own.map(|own| with_names(own, &figures)).collect();
        figures.extend(own);
        figures
    }

    /// The metrics that matter most: those that a figure draws as a curve over the points.
    pub fn headline(scenario: &Scenario) -> Vec<String> {
        let metric = |figure: FigureSpec| match figure.content {
            Content::Curves { metric } | Content::Against { metric, .. } => Some(metric),
            Content::Spread { .. }
            | Content::Series { .. }
            | Content::ByGroup { .. }
            | Content::Course { .. } => None,
        };
        let figures = Self::figures(scenario).into_iter();
        figures.filter_map(metric).collect()
    }

    /// Makes a replication of point number `point`.
    ///
    /// # Errors
    /// If the point is wrong, which [`Self::prepare`] has excluded.
    pub fn observe(&self, point: u64, replication: u32) -> Result<Observed> {
        let run = self.underlays.supplied(self.scenario.point(point)?.run)?;
        let underlay = self.underlays.of(&run, replication)?;
        let outcome = run.system.visit(RunOne {
            underlay: &underlay,
            draws: Draws::new(run.seed, replication),
            fidelity: run.network.fidelity,
        })?;
        Ok(Observed {
            metrics: outcome.report.cells,
            fingerprint: outcome.totals.fingerprint,
            details: outcome.report.details,
        })
    }

    /// The underlays that all replications share, by where they come from and how they are used, and
    /// the hash of each one's routers and links, or of the text of a file that a system names: a file
    /// that has changed is seen.
    pub fn topologies(&self) -> BTreeMap<String, String> {
        let shared = self.underlays.shared.iter();
        let files = &self.underlays.files;
        let files = files.lock().unwrap_or_else(PoisonError::into_inner);
        let texts = files.iter().map(|(path, text)| {
            let hash = xxh3_64(text.as_bytes());
            (path.display().to_string(), format!("{hash:016x}"))
        });
        shared
            .map(|(key, underlay)| (key.clone(), digest(&underlay.graph)))
            .chain(texts)
            .collect()
    }
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
    format!("{:016x}", xxh3_64(&bytes))
}

/// The columns of a study of `scenario` whose points have this `system`.
pub fn columns(scenario: &Scenario, system: &SystemConfig) -> Columns {
    system.visit(ColumnsOf {
        axes: scenario.axes().map(str::to_owned).collect(),
    })
}

/// A figure of the scenario's own, with what the system's figures know of its axes: short names,
/// and how the axis to plot against is called and shown unless the scenario says so.
fn with_names(mut own: FigureSpec, standard: &[FigureSpec]) -> FigureSpec {
    for other in standard {
        if own.x == other.x && own.x_label == own.x {
            own.x_label.clone_from(&other.x_label);
            own.x_percent = other.x_percent;
        }
        let known: Vec<_> = other
            .axis_labels
            .iter()
            .filter(|(pointer, _)| own.axis_labels.iter().all(|(other, _)| other != pointer))
            .cloned()
            .collect();
        own.axis_labels.extend(known);
    }
    own
}

/// The scenario's own figures show metrics that exist, under names that are free.
///
/// # Errors
/// If one does not, or takes the name of one of the system's.
pub fn check_figures(scenario: &Scenario, columns: &Columns) -> Result<()> {
    find_figures(scenario, columns).map_err(|error| scenario.blame(error, &[]))
}

fn find_figures(scenario: &Scenario, columns: &Columns) -> Result<()> {
    let standard = scenario.base().system.visit(Figures);
    for (figure, number) in scenario.figures().iter().zip(0_u32..) {
        if standard.iter().any(|other| other.name == figure.name) {
            return Err(Error::new(format!(
                "the system has a figure {} of its own",
                figure.name
            ))
            .at(format!("/figures/{number}/name"))
            .help("choose another name"));
        }
        let Content::Curves { metric } = &figure.content else {
            continue;
        };
        let known = || columns.metrics.iter().map(|metric| metric.name);
        if !known().any(|name| name == metric) {
            let help = match nearest(metric, known()) {
                Some(name) => format!("did you mean {name}?"),
                None => format!("the metrics are {}", known().collect::<Vec<_>>().join(", ")),
            };
            let metric = metric.escape_debug();
            return Err(Error::new(format!("there is no metric `{metric}`"))
                .at(format!("/figures/{number}/metric"))
                .help(help));
        }
    }
    Ok(())
}

struct Check<'u> {
    underlay: &'u Underlay,
}

impl Visitor for Check<'_> {
    type Output = Result<()>;
    fn visit<S: System>(self, config: &S::Config) -> Result<()> {
        S::check(self.underlay, config)
    }
}

struct RunOne<'u> {
    underlay: &'u Underlay,
    draws: Draws,
    fidelity: Fidelity,
}

impl Visitor for RunOne<'_> {
    type Output = Result<Outcome>;
    fn visit<S: System>(self, config: &S::Config) -> Result<Outcome> {
        study::run_one::<S>(self.underlay, config, self.draws, self.fidelity)
    }
}

struct ColumnsOf {
    axes: Vec<String>,
}

impl Visitor for ColumnsOf {
    type Output = Columns;
    fn visit<S: System>(self, _: &S::Config) -> Columns {
        Columns {
            axes: self.axes,
            metrics: S::METRICS,
            details: S::DETAILS,
        }
    }
}

struct Figures;

impl Visitor for Figures {
    type Output = Vec<FigureSpec>;
    fn visit<S: System>(self, _: &S::Config) -> Vec<FigureSpec> {
        S::figures()
    }
}
