//! What one run is made of, validated.
//!
//! This module does *not* know sweeps, nor how a run is done.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::assignment::resolve;
use super::file::{self, File};
use super::problem::unknown_pointer;
use super::{failures, json};
use crate::error::Result;
use crate::measure::{Content, FigureSpec, Reference};
use crate::parameters::Problem;
use crate::random::law::Law;
use crate::simulation::Ties;
use crate::simulation::network::{Conditions, Fidelity};
use crate::systems::Configured;
use crate::topology::gtitm::{Placement, TransitStubParameters, Variant};
use crate::topology::{Graph, ReadOptions, Routing};

/// All that a run is made of, besides its replication.
#[derive(Debug, Clone)]
pub struct RunConfig {
    /// The seed of all draws.
    pub seed: u64,
    /// The underlay.
    pub topology: TopologySource,
    /// How packets travel over it.
    pub network: Network,
    /// What is simulated.
    pub system: Arc<dyn Configured>,
}

impl PartialEq for RunConfig {
    fn eq(&self, other: &Self) -> bool {
        let own = |run: &Self| (run.seed, run.topology.clone(), run.network.clone());
        own(self) == own(other) && *self.system == *other.system
    }
}

/// The underlay.
#[derive(Debug, Clone, PartialEq)]
pub enum TopologySource {
    /// A graph file.
    File {
        /// Its path as written in the scenario.
        path: PathBuf,
        /// What to do with a graph that cannot be used as it is.
        options: ReadOptions,
    },
    /// A graph that is generated for the run.
    TransitStub(Box<Generated>),
}

/// A transit-stub graph to be generated.
#[derive(Debug, Clone, PartialEq)]
pub struct Generated {
    /// What is asked for, as JSON with all defaults.
    pub text: String,
    /// Its sizes and laws.
    pub parameters: TransitStubParameters,
    /// Which defects the generator reproduces.
    pub variant: Variant,
    /// Whose random() places the stub domains.
    pub placement: Placement,
    /// The seed of the graph, or of that of replication 0.
    pub seed: i64,
    /// Whether replication r has a graph of its own, that of `seed` + r.
    pub per_replication: bool,
}

impl Generated {
    /// The graph of a replication.
    ///
    /// # Errors
    /// If no connected graph is found, which the parameters alone do not always tell.
    pub fn graph(&self, replication: u32) -> Result<Graph> {
        let shift = if self.per_replication {
            replication.into()
        } else {
            0
        };
        self.parameters
            .generate(self.variant, self.placement, self.seed + shift)
    }
}

impl TopologySource {
    /// A stable text that tells this source from others: the path as written, or `transit_stub` and
    /// the parameters as JSON; behind a path what is done with the graph, if anything.
    pub fn name(&self) -> String {
        let (path, options) = match self {
            Self::TransitStub(generated) => return format!("transit_stub {}", generated.text),
            Self::File { path, options } => (path, options),
        };
        let mut told = Map::new();
        if options.largest_component {
            told.insert("largest_component".into(), true.into());
        }
        if let Some(latency_ms) = options.default_latency_ms {
            told.insert("default_latency_ms".into(), latency_ms.into());
        }
        if options.rename_duplicates {
            told.insert("rename_duplicates".into(), true.into());
        }
        if let Some(name) = &options.length_from {
            told.insert("length_from".into(), name.as_str().into());
        }
        if let Some(unit) = options.length_unit {
            told.insert("length_unit".into(), unit.sign().into());
        }
        if let Some(names) = &options.place_from {
            told.insert("place_from".into(), names.to_vec().into());
        }
        if told.is_empty() {
            path.display().to_string()
        } else {
            format!("{} {}", path.display(), json::text(&told.into()))
        }
    }
}

/// When a point has been run often enough: when the confidence interval of a metric's mean is
/// narrow, compared with the mean.
#[derive(Debug, Clone, PartialEq)]
pub struct Precision {
    /// The metric's column in `runs.csv`.
    pub metric: String,
    /// The half width of the interval that is narrow enough, as a share of the mean; above 0.
    pub relative_half_width: f64,
    /// The confidence of the interval, above 0 and below 1.
    pub confidence: f64,
    /// The least number of replications, at least 2.
    pub min: u32,
    /// The greatest number of replications, at least `min`.
    pub max: u32,
}

/// How packets travel over the underlay.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    /// What becomes of packets.
    pub conditions: Conditions,
    /// Which route a packet takes.
    pub routing: Routing,
    /// The latency in milliseconds of a link of length 1; above 0.
    pub latency_ms_per_unit: f64,
}

/// The run that a file describes, or what is wrong between its members.
pub(super) fn validate(file: &File) -> Result<RunConfig, Problem> {
    Ok(RunConfig {
        seed: file.seed.0,
        topology: file.topology.validate()?,
        network: Network {
            conditions: conditions(&file.network)?,
            routing: match file.network.routing {
                file::Routing::Latency => Routing::Latency,
                file::Routing::Policy => Routing::Policy,
            },
            latency_ms_per_unit: file.network.latency_ms_per_unit.0,
        },
        system: file.system.configured()?,
    })
}

/// What becomes of packets.
fn conditions(file: &file::Network) -> Result<Conditions, Problem> {
    let jitter = file.jitter_s.validate("/network/jitter_s")?;
    Ok(Conditions {
        fidelity: match file.fidelity {
            file::Fidelity::Path => Fidelity::Path,
            file::Fidelity::Hop => Fidelity::Hop,
        },
        loss: file.loss.0,
        duplicate: file.duplicate.0,
        failures: failures::validate(file)?,
        jitter: (jitter != Law::Constant(0.0)).then_some(jitter),
        ties: match file.ties {
            file::Ties::Canonical => Ties::Canonical,
            file::Ties::Shuffled => Ties::Shuffled,
        },
    })
}

/// The precision that a file asks for.
pub(super) fn validate_precision(
    file: Option<&file::Precision>,
) -> Result<Option<Precision>, Problem> {
    let Some(file) = file else { return Ok(None) };
    let (min, max) = (file.min.0, file.max.0);
    if min < 2 {
        let what = format!("an interval needs at least 2 replications, found {min}");
        return Err(Problem::new("/precision/min", what));
    }
    if max < min {
        let what = format!("max is {max}, which is less than min, {min}");
        return Err(Problem::new("/precision/max", what));
    }
    Ok(Some(Precision {
        metric: file.metric.clone(),
        relative_half_width: file.relative_half_width.0,
        confidence: file.confidence.0,
        min,
        max,
    }))
}

/// The extra figures of a file whose effective form is `document`.
pub(super) fn validate_figures(
    figures: &[file::Figure],
    document: &Value,
) -> Result<Vec<FigureSpec>, Problem> {
    let mut specs: Vec<FigureSpec> = Vec::with_capacity(figures.len());
    for (number, figure) in figures.iter().enumerate() {
        let here = format!("/figures/{number}");
        if specs.iter().any(|other| other.name == figure.name.0) {
            let what = format!("another figure is called {} as well", figure.name.0);
            return Err(Problem::new(format!("{here}/name"), what).help("choose another name"));
        }
        if document.pointer(&resolve(&figure.x, document)).is_none() {
            let problem = unknown_pointer(&figure.x, document);
            let pointer = format!("{here}/x");
            let what = format!("there is no member {}", json::shortened(&figure.x));
            return Err(Problem {
                pointer,
                what,
                ..problem
            });
        }
        let y_label = figure.y_label.as_ref().unwrap_or(&figure.metric);
        let title = figure.title.as_ref().unwrap_or(y_label);
        let content = Content::Curves {
            metric: figure.metric.clone(),
        };
        let references = figure.references.iter().map(|reference| Reference {
            label: reference.label.clone(),
            points: reference.points.clone(),
            joined: reference.joined,
        });
        specs.push(FigureSpec {
            references: references.collect(),
            x_required: true,
            asked: true,
            x_label: figure.x_label.clone(),
            ..FigureSpec::new([&figure.name.0, title, y_label], &figure.x, content)
        });
    }
    Ok(specs)
}
