//! The members of the allocation study; `convert` makes the validated configuration of them.
//!
//! The doc comments here are the descriptions in the JSON Schema. This module does *not* know
//! sweeps, nor how demand is described (`demand`).

mod convert;
mod demand;
mod seconds;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::demand::Demand;
use super::tracking;
use crate::opus::allocation::config;
use crate::opus::number::{Degree, Regions, Thousand, Trees};
use crate::parameters::number::{Amount, DurationMs, Enlargement, Period, Positive, Share, Signed};

pub(super) use convert::Members;

/// At most so many applications share the nodes.
const APPLICATIONS_MAX: usize = 1000;
/// An application's clients issue at most so many requests.
const REQUESTS_MAX: f64 = config::REQUESTS_MAX;
/// All publishers together publish about so many updates.
const UPDATES_MAX: f64 = 1e7;
/// One unit says and hears at most about so much of its overlay; all nodes together show so often
/// that they live, and all clients report so often.
const MESSAGES_MAX: f64 = tracking::MESSAGES_MAX;
/// The nodes are divided at most so often.
const EPOCHS_MAX: f64 = 1e7;
/// A request takes at most so many seconds on average, and so many pass between two updates: simulated
/// time stays far below 2⁶⁴ ns however the draws fall.
const SECONDS_MAX: f64 = 1e6;
/// All nodes together fail and recover at most about so often: each time is kept.
const CHANGES_MAX: f64 = 1e8;
/// A run has at most so many bins, and so many of all applications together.
const BINS_MAX: f64 = 1e5;
const CELLS_MAX: f64 = 5e6;

/// How nodes are allocated to applications (study `allocation`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Allocation {
    /// The allocation policy, and its knowledge of the demand.
    policy: Policy,
    /// The number of regions, which are clusters of routers by latency; null: one for each transit
    /// domain.
    regions: Option<Regions>,
    /// How long clients issue requests, in seconds.
    duration_s: Period,
    /// The time between two allocations, in seconds.
    epoch_s: Period,
    /// The time within which a reassignment must pay, in seconds.
    horizon_s: Period,
    /// The utility that reassigning a node costs, in addition to what it does not serve meanwhile.
    move_cost: Amount,
    /// The time over which clients count requests before they report their rate, in seconds.
    report_s: Period,
    /// The time between two heartbeats of a node, in seconds; a node that is silent for three of them
    /// is considered dead.
    heartbeat_s: Period,
    /// The length of the time bins in which utility is measured, in seconds.
    bin_s: Period,
}

impl Default for Allocation {
    fn default() -> Self {
        Self {
            policy: Policy::Greedy,
            regions: None,
            duration_s: Period(3600.0),
            epoch_s: Period(30.0),
            horizon_s: Period(300.0),
            move_cost: Amount(0.0),
            report_s: Period(10.0),
            heartbeat_s: Period(10.0),
            bin_s: Period(30.0),
        }
    }
}

/// The allocation policy, and its knowledge of the demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Policy {
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

/// How nodes fail and recover while the service runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Failures {
    /// The mean of the exponentially distributed time until a node fails, in seconds.
    mean_up_s: Period,
    /// The mean of the exponentially distributed time until it recovers, in seconds.
    mean_down_s: Period,
}

/// An application, or several equal ones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Application {
    /// The number of such applications.
    count: Thousand,
    /// The delay of everything that changes, except traces, from each of them to the next, in seconds.
    stagger_s: Amount,
    /// The demand of each, the sum of these.
    demand: Vec<Demand>,
    /// The mean work of a request.
    work: Positive,
    /// The distribution of the work of a request.
    service: Service,
    /// The service level agreement with its clients.
    sla: Sla,
    /// The time for which a node newly assigned to it transfers its state and serves no request, in
    /// seconds.
    move_s: Amount,
    /// The overlay that its nodes form, over which a publisher sends them updates; null: none. The
    /// member `overlay` next to `applications` says how overlays are built.
    overlay: Option<Goal>,
}

impl Default for Application {
    fn default() -> Self {
        Self {
            count: Thousand(1),
            stagger_s: Amount(0.0),
            demand: vec![Demand::constant(10.0)],
            work: Positive(1.0),
            service: Service::Exponential,
            sla: Sla::default(),
            move_s: Amount(10.0),
            overlay: None,
        }
    }
}

/// The goal of an application's overlay, and the updates sent over it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Goal {
    /// The delay goal: a node's delay from the publisher ÷ the latency of the route between them.
    delay_factor: Enlargement,
    /// The greatest number of children of a node in each tree; null: any number.
    degree_limit: Option<Degree>,
    /// The number of trees in which every node has a parent.
    redundancy: Trees,
    /// The mean number of updates published per second, a Poisson process.
    updates_per_s: Positive,
    /// When the updates begin, in seconds; the overlays form before.
    start_s: Amount,
}

impl Default for Goal {
    fn default() -> Self {
        Self {
            delay_factor: Enlargement(1.5),
            degree_limit: None,
            redundancy: Trees(1),
            updates_per_s: Positive(0.1),
            start_s: Amount(60.0),
        }
    }
}

/// The distribution of the work of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Service {
    /// Exponentially.
    Exponential,
    /// Deterministic: every request takes the mean.
    Deterministic,
}

/// A service level agreement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Sla {
    /// A request counts as served if it is answered within this time, in milliseconds.
    latency_ms: DurationMs,
    /// Points [requests served per second, utility per second], ascending: linear between them,
    /// constant beyond. None: the utility is the number of requests served.
    utility: Vec<Point>,
    /// The factor of that utility.
    weight: Positive,
    /// The utility lost for each request that is not served in time.
    penalty: Amount,
    /// The fraction of the requests that must be served in time.
    availability: Share,
}

/// A throughput and its utility.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
struct Point([Signed; 2]);

impl Default for Sla {
    fn default() -> Self {
        Self {
            latency_ms: DurationMs(5000.0),
            utility: Vec::new(),
            weight: Positive(1.0),
            penalty: Amount(0.0),
            availability: Share(0.95),
        }
    }
}
