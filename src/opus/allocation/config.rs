//! The parameters of the allocation study, as a scenario writes them.
//!
//! The doc comments are the descriptions in the JSON Schema. They do *not* know what follows from them.

mod check;
mod demand;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::check::REQUESTS_MAX;
pub(in crate::opus) use self::check::check;
pub use self::demand::{Constant, Demand, Diurnal, Flash, Trace};
use crate::opus::config::Opus;
use crate::opus::number::{Degree, Quorum, Regions, Thousand, Trees};
use crate::opus::overlay::config::Overlay;
use crate::opus::tracking::Scope;
use crate::parameters::members;
use crate::parameters::number::{
    DurationMs, Enlargement, Fraction, NonNegative, Period, Positive, Signed, seconds,
};
use crate::time::Span;

members! {
    /// How nodes are allocated to applications (study `allocation`).
    pub struct Allocation {
        /// The allocation policy, and its knowledge of the demand.
        pub policy: Policy = Policy::Greedy;
        /// The number of regions, which are clusters of routers by latency; null: one for each transit
        /// domain.
        pub regions: Option<Regions> = None;
        /// How long clients issue requests, in seconds.
        pub duration_s: Period = Period(3600.0);
        /// The time between two allocations, in seconds.
        pub epoch_s: Period = Period(30.0);
        /// The time within which a reassignment must pay, in seconds.
        pub horizon_s: Period = Period(300.0);
        /// The utility that reassigning a node costs, in addition to what it does not serve meanwhile.
        pub move_cost: NonNegative = NonNegative(0.0);
        /// Whether an application keeps, of the nodes that it needs for what its agreement promises, as many as its equal
        /// share, however much utility others would gain with them (not with the policies `static` and `proportional`).
        pub isolation: bool = false;
        /// The time over which clients count requests before they report their rate, in seconds.
        pub report_s: Period = Period(10.0);
        /// The time between two heartbeats of a node, in seconds; a node that is silent for three of them
        /// is considered dead.
        pub heartbeat_s: Period = Period(10.0);
        /// The length of the time bins in which utility is measured, in seconds.
        pub bin_s: Period = Period(30.0);
    }
}

/// The allocation policy, and its knowledge of the demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
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

/// How nodes fail and recover while the service runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Failures {
    /// The mean of the exponentially distributed time until a node fails, in seconds.
    pub mean_up_s: Period,
    /// The mean of the exponentially distributed time until it recovers, in seconds.
    pub mean_down_s: Period,
}

members! {
    /// An application, or several equal ones.
    pub struct Application {
        /// The number of such applications.
        pub count: Thousand = Thousand(1);
        /// The delay of everything that changes, except traces, from each of them to the next, in seconds.
        pub stagger_s: NonNegative = NonNegative(0.0);
        /// The demand of each, the sum of these.
        pub demand: Vec<Demand> = vec![Demand::constant(10.0)];
        /// The mean work of a request.
        pub work: Positive = Positive(1.0);
        /// The distribution of the work of a request.
        pub service: Service = Service::Exponential;
        /// The service level agreement with its clients.
        pub sla: Sla = Sla::default();
        /// The time for which a node newly assigned to it transfers its state and serves no request, in
        /// seconds.
        pub move_s: NonNegative = NonNegative(10.0);
        /// The overlay that its nodes form, over which a publisher sends them updates; null: none. The
        /// member `overlay` next to `applications` says how overlays are built.
        pub overlay: Option<Goal> = None;
    }
}

members! {
    /// The goal of an application's overlay, and the updates sent over it.
    pub struct Goal {
        /// The delay goal: a node's delay from the publisher ÷ the latency of the route between them.
        pub delay_factor: Enlargement = Enlargement(1.5);
        /// The greatest number of children of a node in each tree; null: any number.
        pub degree_limit: Option<Degree> = None;
        /// The number of trees in which every node has a parent.
        pub redundancy: Trees = Trees(1);
        /// The mean number of updates published per second, a Poisson process.
        pub updates_per_s: Positive = Positive(0.1);
        /// When the updates begin, in seconds; the overlays form before.
        pub start_s: NonNegative = NonNegative(60.0);
    }
}

/// The distribution of the work of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    /// Exponentially.
    Exponential,
    /// Deterministic: every request takes the mean.
    Deterministic,
}

members! {
    /// A service level agreement.
    pub struct Sla {
        /// A request counts as served if it is answered within this time, in milliseconds.
        pub latency_ms: DurationMs = DurationMs(5000.0);
        /// Points [requests served per second, utility per second], ascending: linear between them,
        /// constant beyond. None: the utility is the number of requests served.
        pub utility: Vec<Point> = Vec::new();
        /// The factor of that utility.
        pub weight: Positive = Positive(1.0);
        /// The utility lost for each request that is not served in time.
        pub penalty: NonNegative = NonNegative(0.0);
        /// The fraction of the requests that must be served in time; with a `quorum` also the fraction of the time for
        /// which so many replicas must serve.
        pub availability: Fraction = Fraction(0.95);
        /// How many of the application's replicas must serve at once for it to be available: nodes are kept for it as
        /// replicas, as few as reach the target `availability`; null: the target is only measured.
        pub quorum: Option<Quorum> = None;
    }
}

/// A throughput and its utility.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Point(pub [Signed; 2]);

impl Allocation {
    /// How many regions there are; `None`: one for each transit domain.
    pub fn regions(&self) -> Option<u32> {
        self.regions.map(|Regions(count)| count)
    }

    /// Whether applications are isolated: where that is asked for, and the policy looks at what they need.
    pub fn isolates(&self) -> bool {
        self.isolation && !matches!(self.policy, Policy::Static | Policy::Proportional)
    }

    /// Whether nodes track the demand.
    pub fn tracks(&self) -> bool {
        self.policy == Policy::GreedyTracked
    }
}

impl Sla {
    /// A request counts as served if it is answered within this time.
    pub fn latency(&self) -> Span {
        self.latency_ms.span()
    }
}

impl Point {
    /// How many requests are served in a second.
    pub fn throughput(self) -> f64 {
        self.0[0].0
    }

    /// What that is worth in a second.
    pub fn utility(self) -> f64 {
        self.0[1].0
    }
}

impl Application {
    /// For each of the equal applications, by how many seconds its demand is delayed (a trace and a
    /// constant are not).
    fn shifts_s(&self) -> impl Iterator<Item = f64> + use<> {
        let stagger_s = self.stagger_s.0;
        (0..self.count.0).map(move |copy| f64::from(copy) * stagger_s)
    }

    /// How long a node that is newly assigned to it transfers its state, serving nobody.
    pub fn moving(&self) -> Span {
        seconds(self.move_s.0)
    }
}

impl Goal {
    /// The rules of the overlay with this goal, where overlays are built as `overlay` says.
    pub fn rules(&self, overlay: &Overlay) -> Overlay {
        Overlay {
            delay_factor: self.delay_factor,
            degree_limit: self.degree_limit,
            redundancy: self.redundancy,
            reach: None,
            ..overlay.clone()
        }
    }
}

impl Opus {
    /// What nodes that track the demand track: the rate of each application.
    pub fn demand_scope(&self) -> Scope {
        Scope {
            nodes: self.nodes.count.0,
            quantities: self.all_applications().count() as u16,
        }
    }

    /// All applications, by number, each with the delay of its demand in seconds.
    pub fn all_applications(&self) -> impl Iterator<Item = (&Application, f64)> {
        let all = self.applications.iter();
        all.flat_map(|one| one.shifts_s().map(move |shift_s| (one, shift_s)))
    }

    /// The applications that are to be available by a quorum: their numbers, how many replicas must serve, and for
    /// which fraction of the time.
    pub fn quorums(&self) -> impl Iterator<Item = (u16, u32, f64)> {
        let all = (0..).zip(self.all_applications());
        all.filter_map(|(number, (one, _))| {
            let Quorum(quorum) = one.sla.quorum?;
            Some((number, quorum, one.sla.availability.0))
        })
    }

    /// The place in `applications` of the entry from which an application comes.
    pub fn entry(&self, application: u16) -> usize {
        let mut before = 0;
        let ends = self.applications.iter().map(|entry| {
            before += entry.count.0;
            before
        });
        ends.take_while(|end| *end <= application.into()).count()
    }

    /// The goals of the applications that have an overlay, ascending in the application's number.
    pub fn goals(&self) -> impl Iterator<Item = (u16, &Goal)> {
        let all = (0..).zip(self.all_applications());
        all.filter_map(|(number, (one, _))| Some((number, one.overlay.as_ref()?)))
    }
}
