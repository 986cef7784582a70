//! The validated parameters of an allocation study.

use std::path::PathBuf;
use std::sync::Arc;

use super::trace::Trace;
use crate::error::Result;
use crate::opus::config::{Nodes, OverlayRules, Tracking};
use crate::parameters::ReadFile;
use crate::time::Span;

/// The clients of one application issue at most about so many requests in a run: a unit's events are
/// counted below 2³¹.
pub const REQUESTS_MAX: f64 = 4e8;

/// The nodes, the applications that they serve, and how they are divided among them.
#[derive(Debug, Clone, PartialEq)]
pub struct AllocationConfig {
    /// The nodes; beside node 0 stands the manager, so node 0 never fails.
    pub nodes: Nodes,
    /// How much work a node does in a second; above 0.
    pub capacity: f64,
    /// How nodes fail and recover while the service runs, if they do.
    pub failures: Option<Failures>,
    /// The applications, by number; at least one.
    pub applications: Vec<Application>,
    /// How nodes are divided.
    pub policy: Policy,
    /// How nodes track the demand, for the policy that knows what they believe; nothing is tracked
    /// for others.
    pub tracking: Option<Arc<Tracking>>,
    /// How many regions there are; `None`: one for each transit domain.
    pub regions: Option<u32>,
    /// How long clients send requests.
    pub duration: Span,
    /// The time between two divisions.
    pub epoch: Span,
    /// Over which time a moved node must pay.
    pub horizon: Span,
    /// The utility that reassigning a node costs, in addition to what it does not serve meanwhile.
    pub move_cost: f64,
    /// Over which time clients count requests before they report their rate; longer than any round
    /// trip if they report to nodes, which answer.
    pub report: Span,
    /// Every how long a node says that it lives.
    pub heartbeat: Span,
    /// The length of a time bin in which utility is measured.
    pub bin: Span,
}

impl AllocationConfig {
    /// The applications that have an overlay, ascending.
    pub fn overlays(&self) -> impl Iterator<Item = (u16, &Overlay)> {
        let all = (0..).zip(&self.applications);
        all.filter_map(|(number, one)| Some((number, one.overlay.as_ref()?)))
    }

    /// Has the demand traces read by `read`; whether there are any.
    ///
    /// # Errors
    /// If one cannot be read, or is wrong in itself.
    pub fn supply(&mut self, read: ReadFile<'_>) -> Result<bool> {
        let mut has_traces = false;
        let demands = self.applications.iter_mut().flat_map(|one| &mut one.demand);
        for demand in demands {
            if let Shape::Trace { file, trace } = &mut demand.shape {
                has_traces = true;
                let parsed = read(file)
                    .and_then(|text| Trace::parse(&text).map_err(|error| error.at(file.display())));
                let place = || format!("{}/file", demand.pointer);
                let parsed = parsed.map_err(|error| error.at(place()))?;
                *trace = Some(Arc::new(parsed));
            }
        }
        Ok(has_traces)
    }
}

/// How nodes fail and recover: times up and down are exponentially distributed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Failures {
    /// The mean time until a node fails, in s; above 0.
    pub up_s: f64,
    /// The mean time until it recovers, in s; above 0.
    pub down_s: f64,
}

/// How nodes are divided among applications, and by what knowledge of the demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Equal shares that never change.
    Static,
    /// In proportion to the true demand of the instant, regardless of the cost of reassignments.
    Proportional,
    /// By marginal utility at the true demand of the instant.
    Greedy,
    /// By marginal utility at the demand that clients report to the manager.
    GreedyReported,
    /// By marginal utility at the demand that clients report to the nearest node, as node 0 estimates
    /// it by tracking.
    GreedyTracked,
    /// The exact optimum at the true mean demand of the coming epoch; reassignments take no time. Only
    /// this policy knows the future, so no real service can implement it.
    Optimum,
}

/// An application: what its clients ask for, what a request costs, what it is worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Application {
    /// Its demand, the sum of these.
    pub demand: Vec<Demand>,
    /// The mean work of a request; above 0.
    pub work: f64,
    /// How the work of a request is distributed.
    pub service: Service,
    /// The service level agreement with its clients.
    pub sla: Sla,
    /// How long a node that is moved to it transfers its state, serving nobody.
    pub moving: Span,
    /// The overlay that its nodes form, if its publisher sends updates to them.
    pub overlay: Option<Overlay>,
}

/// What an application's publisher sends to the nodes, and over which overlay.
#[derive(Debug, Clone, PartialEq)]
pub struct Overlay {
    /// The goals of the overlay and the rules by which the nodes build it; the source is
    /// [`SOURCE`](super::membership::SOURCE).
    pub rules: Arc<OverlayRules>,
    /// The rate of the Poisson process of updates; above 0.
    pub updates_per_s: f64,
    /// Before this it publishes nothing.
    pub start: Span,
}

/// The distribution of the work of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// Exponentially.
    Exponential,
    /// Deterministic: every request takes the mean.
    Deterministic,
}

/// A service level agreement.
#[derive(Debug, Clone, PartialEq)]
pub struct Sla {
    /// A request counts as served if it is answered so soon after its issue.
    pub latency: Span,
    /// The utility per second at a throughput (requests served in a second): straight between
    /// these (throughput, utility), ascending in throughput, constant beyond them. Empty: as much
    /// as the throughput.
    pub points: Vec<[f64; 2]>,
    /// The factor of that utility.
    pub weight: f64,
    /// The utility lost for each request that is not served in time.
    pub penalty: f64,
    /// The share of the requests that must be served in time, or else the agreement is violated.
    pub availability: f64,
}

/// A part of an application's demand. Rates are totals over its regions, in equal shares.
#[derive(Debug, Clone, PartialEq)]
pub struct Demand {
    /// Where it stands in the scenario, as a JSON Pointer: for errors.
    pub pointer: String,
    /// How it changes.
    pub shape: Shape,
    /// In which regions; `None`: in all. A trace names its regions itself.
    pub regions: Option<Vec<u32>>,
    /// How much later than told its changes happen, in s (a trace's and a constant's do not).
    pub shift_s: f64,
}

/// How a demand changes over time. Rates are in requests a second.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// It does not.
    Constant {
        /// The rate.
        rate: f64,
    },
    /// It swings like a sine: mean · (1 + amplitude · sin 2π(t ÷ period − phase − region · step)).
    Diurnal {
        /// The mean rate.
        mean: f64,
        /// From 0 to 1.
        amplitude: f64,
        /// The period, in s; above 0.
        period_s: f64,
        /// The delay, as a fraction of the period.
        phase: f64,
        /// The delay of each region relative to the previous one, as a fraction of the period.
        phase_step: f64,
    },
    /// It rises to a peak, stays there, and falls again, in straight lines.
    Flash {
        /// The rate before and after.
        base: f64,
        /// The rate at the peak.
        peak: f64,
        /// When it begins to rise, in s.
        start_s: f64,
        /// How long it rises, stays and falls, in s.
        lasts_s: [f64; 3],
    },
    /// It is read from a file.
    Trace {
        /// As written in the scenario.
        file: PathBuf,
        /// What the file says, once it has been read.
        trace: Option<Arc<Trace>>,
    },
}
