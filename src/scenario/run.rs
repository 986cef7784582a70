//! What one run is made of, validated.
//!
//! This module does *not* know sweeps, nor how a run is done.

use std::sync::Arc;

use serde_json::{Value, json};

use super::assignment::resolve;
use super::file::{self, File};
use super::json::shortened;
use super::problem::unknown_pointer;
use super::topology::TopologySource;
use crate::measure::{Content, FigureSpec, Reference};
use crate::parameters::{Parameters, Problem};
use crate::simulation::network::Conditions;
use crate::systems::{Configured, find};

/// What figures are plotted against that do not say it, if it is swept.
const RATE: &str = "/system/*/disconnection/rate";

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

impl RunConfig {
    /// What it means: equal for two that are written differently, if what follows from them is the same.
    pub(super) fn meaning(&self) -> Option<Value> {
        let system = self.system.name();
        let parameters = (find(system)?.effective)(self.system.written(), "").ok()?;
        let network = Parameters::effective(&self.network).write();
        Some(json!([
            self.seed,
            self.topology.meaning(),
            network,
            system,
            parameters
        ]))
    }
}

/// The run that a file describes, or what is wrong between its members.
pub(super) fn validate(file: &File) -> Result<RunConfig, Problem> {
    let topology = file.topology.validate()?;
    Parameters::check(&file.network, "/network")?;
    let system = file.system.configured()?;
    if file.network.have_queues() && !system.has_sizes() {
        let what = format!(
            "the sizes of the messages of {} are not known",
            system.name()
        );
        let problem = Problem::new("/network/bandwidth_mbps", what);
        return Err(problem.help("use null, or the system arigatoni"));
    }
    Ok(RunConfig {
        seed: file.seed.0,
        topology,
        network: file.network.clone(),
        system,
    })
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
        let x = figure.x.as_deref();
        if let Some(x) = x.filter(|x| document.pointer(&resolve(x, document)).is_none()) {
            let problem = unknown_pointer(x, document);
            let pointer = format!("{here}/x");
            let what = format!("there is no member {}", shortened(x));
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
            x_required: x.is_some(),
            asked: true,
            x_label: figure.x_label.clone(),
            logarithmic: figure.logarithmic,
            ..FigureSpec::new([&figure.name.0, title, y_label], x.unwrap_or(RATE), content)
        });
    }
    Ok(specs)
}
