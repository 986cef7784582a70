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

/// How nodes are divided among applications (study `allocation`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Allocation {
    /// How nodes are divided, and by what knowledge of the demand.
    policy: Policy,
    /// How many regions there are, made by clustering routers by latency; null: one for each
    /// transit domain.
    regions: Option<Regions>,
    /// How long clients issue requests, in seconds.
    duration_s: Period,
    /// The time between two divisions, in seconds.
    epoch_s: Period,
    /// Within which time moving a node must pay, in seconds.
    horizon_s: Period,
    /// The utility that moving a node costs, besides what it does not serve meanwhile.
    move_cost: Amount,
    /// Over which time clients count requests before they report their rate, in seconds.
    report_s: Period,
    /// Every how long a node says that it lives, in seconds; silent for three times as long, it
    /// counts as gone.
    heartbeat_s: Period,
    /// The length of a time bin in which utility is measured, in seconds.
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

/// How nodes are divided, and by what knowledge of the demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Policy {
    /// Equal shares, for ever.
    Static,
    /// In proportion to the true demand of the instant, whatever moving costs.
    Proportional,
    /// By marginal utility at the true demand of the instant.
    Greedy,
    /// The same at the demand that clients report to the manager.
    GreedyReported,
    /// The same at the demand that clients report to the nearest node and that node 0 believes in, by
    /// tracking.
    GreedyTracked,
    /// The exact optimum at the true mean demand of the coming epoch, and moves take no time. It
    /// alone looks ahead: no service can know and do that.
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

/// An application, or several that are alike.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Application {
    /// How many applications are like this.
    count: Thousand,
    /// How much later each of them is than the one before in all that changes but traces, in
    /// seconds.
    stagger_s: Amount,
    /// The demand of each, the sum of these.
    demand: Vec<Demand>,
    /// The mean work of a request.
    work: Positive,
    /// How the work of a request is distributed about its mean.
    service: Service,
    /// What is promised to its clients.
    sla: Sla,
    /// How long a node that is moved to it transfers its state, serving nobody, in seconds.
    move_s: Amount,
    /// The overlay that its nodes form, over which a publisher sends them updates; null: none. How
    /// overlays are built is said by `overlay` beside `applications`.
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

/// What an application wants of its overlay, and what is sent over it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Goal {
    /// The delay goal: a node's delay from the publisher ÷ the latency of the route between them.
    delay_factor: Enlargement,
    /// How many children a node takes in each tree; null: any number.
    degree_limit: Option<Degree>,
    /// In how many trees every node has a parent.
    redundancy: Trees,
    /// How many updates are published in a second, on average: a Poisson process.
    updates_per_s: Positive,
    /// When that begins, in seconds: before this the overlays form.
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

/// How the work of a request is distributed about its mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Service {
    /// Exponentially.
    Exponential,
    /// Every request takes the mean.
    Deterministic,
}

/// A service level agreement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Sla {
    /// A request counts as served if it is answered so soon after its issue, in milliseconds.
    latency_ms: DurationMs,
    /// Points [requests served in a second, utility per second], ascending: straight between them,
    /// constant beyond. None: as much as is served.
    utility: Vec<Point>,
    /// By what that utility is multiplied.
    weight: Positive,
    /// The utility lost with each request that is not served in time.
    penalty: Amount,
    /// The share of the requests that must be served in time.
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
