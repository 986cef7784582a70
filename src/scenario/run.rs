//! What one run is made of, validated.
//!
//! This module does *not* know sweeps, nor how a run is done.

use std::sync::Arc;

use serde_json::Value;

use super::assignment::resolve;
use super::file::{self, File};
use super::json;
use super::problem::unknown_pointer;
use super::topology::TopologySource;
use crate::measure::{Content, FigureSpec, Reference};
use crate::parameters::{Plain, Problem};
use crate::simulation::network::Conditions;
use crate::systems::Configured;

/// All that a run is made of, besides its replication.
#[derive(Debug, Clone)]
pub struct RunConfig {
    /// The seed of all draws.
    pub seed: u64,
    /// The underlay.
    pub topology: TopologySource,
    /// How packets travel over it.
    pub network: Conditions,
    /// What is simulated.
    pub system: Arc<dyn Configured>,
}

impl PartialEq for RunConfig {
    fn eq(&self, other: &Self) -> bool {
        let own = |run: &Self| (run.seed, run.topology.clone(), run.network.clone());
        own(self) == own(other) && *self.system == *other.system
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

/// The run that a file describes, or what is wrong between its members.
pub(super) fn validate(file: &File) -> Result<RunConfig, Problem> {
    let topology = file.topology.validate()?;
    Plain::check(&file.network, "/network")?;
    Ok(RunConfig {
        seed: file.seed.0,
        topology,
        network: file.network.clone(),
        system: file.system.configured()?,
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
