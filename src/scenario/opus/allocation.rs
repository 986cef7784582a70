//! The members of the allocation study, and their conversion into the validated configuration.
//!
//! The doc comments here are the descriptions in the JSON Schema. This module does *not* know
//! sweeps, nor read trace files.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::number::{
    Amount, DurationMs, Factor, Period, Positive, Region, Regions, Share, Signed, Thousand, or_null,
};
use super::super::problem::Problem;
use super::super::reading::{file, object, objects, pair, word};
use super::super::systems::span;
use super::super::tracking::Tracking;
use crate::opus::allocation::config::{self, Shape};
use crate::time::Span;

/// At most so many applications share the nodes.
const APPLICATIONS_MAX: usize = 1000;
/// An application's clients issue at most so many requests.
const REQUESTS_MAX: f64 = config::REQUESTS_MAX;
/// A run has at most so many bins, and so many of all applications together.
const BINS_MAX: f64 = 1e5;
const CELLS_MAX: f64 = 5e6;

/// How nodes are divided among applications (study `allocation`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Allocation {
    /// How nodes are divided, and by what knowledge of the demand.
    #[serde(deserialize_with = "word")]
    policy: Policy,
    /// How many regions there are, made by clustering routers by latency; null: one for each
    /// transit domain.
    #[serde(deserialize_with = "or_null")]
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
    /// In proportion to the true demand, whatever moving costs.
    Proportional,
    /// By marginal utility at the true demand.
    Greedy,
    /// The same at the demand that clients report to the manager.
    GreedyReported,
    /// The same at the demand that clients report to the nearest node and that node 0 believes in, by
    /// tracking.
    GreedyTracked,
    /// The exact optimum at the true mean demand of the coming epoch, and moves take no time: what
    /// no real service reaches.
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
    #[serde(deserialize_with = "objects")]
    demand: Vec<Demand>,
    /// The mean work of a request.
    work: Positive,
    /// How the work of a request is distributed about its mean.
    #[serde(deserialize_with = "word")]
    service: Service,
    /// What is promised to its clients.
    #[serde(deserialize_with = "object")]
    sla: Sla,
    /// How long a node that is moved to it transfers its state, serving nobody, in seconds.
    move_s: Amount,
}

impl Default for Application {
    fn default() -> Self {
        Self {
            count: Thousand(1),
            stagger_s: Amount(0.0),
            demand: vec![Demand::Constant(Constant {
                rate_per_s: Amount(10.0),
                regions: None,
            })],
            work: Positive(1.0),
            service: Service::Exponential,
            sla: Sla::default(),
            move_s: Amount(10.0),
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
struct Point(#[serde(deserialize_with = "pair")] [Signed; 2]);

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

/// A part of the demand. Rates are totals over its regions, which have equal shares.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Demand {
    /// It does not change.
    #[serde(deserialize_with = "object")]
    Constant(Constant),
    /// It swings like a sine.
    #[serde(deserialize_with = "object")]
    Diurnal(Diurnal),
    /// It rises to a peak, stays there, and falls again.
    #[serde(deserialize_with = "object")]
    Flash(Flash),
    /// It is told by a file.
    #[serde(deserialize_with = "object")]
    Trace(Trace),
}

/// A demand that does not change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Constant {
    /// The rate, in requests a second.
    rate_per_s: Amount,
    /// The numbers of the regions that it comes from; null: all.
    #[serde(default)]
    regions: Option<Vec<Region>>,
}

/// A demand that swings like a sine:
/// mean · (1 + amplitude · sin 2π(t ÷ period − phase − region · phase_step)).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Diurnal {
    /// The mean rate, in requests a second.
    mean_per_s: Amount,
    /// How far it swings, as a share of the mean.
    amplitude: Share,
    /// The period, in seconds.
    period_s: Period,
    /// By which share of the period it is late.
    #[serde(default = "zero")]
    phase: Factor,
    /// By which share of the period each region is behind the one before.
    #[serde(default = "zero")]
    phase_step: Factor,
    /// The numbers of the regions that it comes from; null: all.
    #[serde(default)]
    regions: Option<Vec<Region>>,
}

fn zero() -> Factor {
    Factor(0.0)
}

fn nothing() -> Amount {
    Amount(0.0)
}

/// A flash crowd.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Flash {
    /// The rate before and after, in requests a second.
    #[serde(default = "nothing")]
    base_per_s: Amount,
    /// The rate at the peak.
    peak_per_s: Amount,
    /// When it begins to rise, in seconds.
    start_s: Amount,
    /// How long it rises, in seconds.
    rise_s: Amount,
    /// How long it stays at the peak, in seconds.
    hold_s: Amount,
    /// How long it falls, in seconds.
    fall_s: Amount,
    /// The numbers of the regions that it comes from; null: all.
    #[serde(default)]
    regions: Option<Vec<Region>>,
}

/// A demand that is told by a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Trace {
    /// A CSV file with the columns `time_s,region,rate_per_s`, by time; a rate holds until the
    /// next one of its region, and the last row is not before the end of the run. A relative path
    /// is relative to the scenario file.
    #[serde(deserialize_with = "file")]
    file: String,
}

/// The members that belong to the allocation study.
pub(super) struct Members<'a> {
    pub(super) allocation: &'a Allocation,
    pub(super) applications: &'a [Application],
    pub(super) failures: Option<&'a Failures>,
    pub(super) tracking: &'a Tracking,
    pub(super) nodes: crate::opus::config::Nodes,
    pub(super) capacity: f64,
}

impl Members<'_> {
    /// The validated configuration, or what is wrong between the members.
    pub(super) fn validate(&self) -> Result<config::AllocationConfig, Problem> {
        let allocation = self.allocation;
        let mut applications = Vec::new();
        for (number, application) in self.applications.iter().enumerate() {
            let pointer = format!("/system/opus/applications/{number}");
            application.validate(&pointer, allocation.duration_s.0, &mut applications)?;
        }
        self.check_sizes(applications.len())?;
        Ok(config::AllocationConfig {
            nodes: self.nodes,
            capacity: self.capacity,
            failures: self.failures.map(|failures| config::Failures {
                up_s: failures.mean_up_s.0,
                down_s: failures.mean_down_s.0,
            }),
            tracking: (allocation.policy == Policy::GreedyTracked).then(|| {
                let quantities = applications.len() as u16;
                Arc::new(self.tracking.rules(self.nodes.count, quantities))
            }),
            applications,
            policy: match allocation.policy {
                Policy::Static => config::Policy::Static,
                Policy::Proportional => config::Policy::Proportional,
                Policy::Greedy => config::Policy::Greedy,
                Policy::GreedyReported => config::Policy::GreedyReported,
                Policy::GreedyTracked => config::Policy::GreedyTracked,
                Policy::Optimum => config::Policy::Optimum,
            },
            regions: allocation.regions.map(|regions| regions.0),
            duration: seconds(allocation.duration_s.0),
            epoch: seconds(allocation.epoch_s.0),
            horizon: seconds(allocation.horizon_s.0),
            move_cost: allocation.move_cost.0,
            report: seconds(allocation.report_s.0),
            heartbeat: seconds(allocation.heartbeat_s.0),
            bin: seconds(allocation.bin_s.0),
        })
    }

    fn check_sizes(&self, applications: usize) -> Result<(), Problem> {
        if applications == 0 {
            let what = "the study `allocation` needs at least one application";
            return Err(Problem::new("/system/opus/applications", what).help("add one"));
        }
        if applications > APPLICATIONS_MAX {
            let what = format!(
                "there are {applications} applications, and at most {APPLICATIONS_MAX} can share \
                 the nodes"
            );
            return Err(Problem::new("/system/opus/applications", what).help("lower `count`"));
        }
        let Allocation {
            duration_s, bin_s, ..
        } = self.allocation;
        let bins = (duration_s.0 / bin_s.0).ceil();
        if bins > BINS_MAX || bins * applications as f64 > CELLS_MAX {
            let what = format!(
                "{bins} time bins for each of {applications} applications are more than can be \
                 kept"
            );
            return Err(Problem::new("/system/opus/allocation/bin_s", what).help("raise it"));
        }
        Ok(())
    }
}

/// The span of `s` seconds, a number within the limits of [`Period`]; at least a microsecond.
fn seconds(s: f64) -> Span {
    span((s * 1e3).max(1e-3))
}

impl Application {
    /// Appends the applications that this stands for.
    fn validate(
        &self,
        pointer: &str,
        duration_s: f64,
        to: &mut Vec<config::Application>,
    ) -> Result<(), Problem> {
        self.sla.check(&format!("{pointer}/sla/utility"))?;
        let most: f64 = self.demand.iter().map(Demand::most).sum();
        if most * duration_s > REQUESTS_MAX {
            let what = format!(
                "up to {most} requests a second for {duration_s} s are more than the \
                 {REQUESTS_MAX} that can be simulated"
            );
            return Err(Problem::new(format!("{pointer}/demand"), what).help("lower a rate"));
        }
        for copy in 0..self.count.0 {
            let shift_s = f64::from(copy) * self.stagger_s.0;
            to.push(config::Application {
                demand: self
                    .demand
                    .iter()
                    .map(|one| one.validate(shift_s))
                    .collect(),
                work: self.work.0,
                service: match self.service {
                    Service::Exponential => config::Service::Exponential,
                    Service::Deterministic => config::Service::Deterministic,
                },
                sla: config::Sla {
                    latency: span(self.sla.latency_ms.0),
                    points: self
                        .sla
                        .utility
                        .iter()
                        .map(|point| point.0.map(|c| c.0))
                        .collect(),
                    weight: self.sla.weight.0,
                    penalty: self.sla.penalty.0,
                    availability: self.sla.availability.0,
                },
                moving: span(self.move_s.0 * 1e3),
            });
        }
        Ok(())
    }
}

impl Sla {
    /// A utility has one value for each throughput.
    fn check(&self, pointer: &str) -> Result<(), Problem> {
        for (number, pair) in self.utility.windows(2).enumerate() {
            let [before, after] = [pair[0].0[0].0, pair[1].0[0].0];
            if after <= before {
                let what = format!(
                    "the utility is no function of the throughput: the point at {after} comes \
                     after the one at {before}"
                );
                return Err(Problem::new(format!("{pointer}/{}", number + 1), what)
                    .help("give each throughput once, in ascending order"));
            }
        }
        Ok(())
    }
}

impl Demand {
    /// The greatest rate, as far as the scenario tells.
    fn most(&self) -> f64 {
        match self {
            Self::Constant(constant) => constant.rate_per_s.0,
            Self::Diurnal(diurnal) => diurnal.mean_per_s.0 * (1.0 + diurnal.amplitude.0),
            Self::Flash(flash) => flash.base_per_s.0.max(flash.peak_per_s.0),
            Self::Trace(_) => 0.0,
        }
    }

    fn validate(&self, shift_s: f64) -> config::Demand {
        let (shape, regions) = match self {
            Self::Constant(Constant {
                rate_per_s,
                regions,
            }) => (Shape::Constant { rate: rate_per_s.0 }, regions),
            Self::Diurnal(diurnal) => {
                let shape = Shape::Diurnal {
                    mean: diurnal.mean_per_s.0,
                    amplitude: diurnal.amplitude.0,
                    period_s: diurnal.period_s.0,
                    phase: diurnal.phase.0,
                    phase_step: diurnal.phase_step.0,
                };
                (shape, &diurnal.regions)
            }
            Self::Flash(flash) => {
                let shape = Shape::Flash {
                    base: flash.base_per_s.0,
                    peak: flash.peak_per_s.0,
                    start_s: flash.start_s.0,
                    lasts_s: [flash.rise_s.0, flash.hold_s.0, flash.fall_s.0],
                };
                (shape, &flash.regions)
            }
            Self::Trace(Trace { file }) => {
                let shape = Shape::Trace {
                    file: file.into(),
                    trace: None,
                };
                (shape, &None)
            }
        };
        let numbers = |regions: &Vec<Region>| regions.iter().map(|region| region.0).collect();
        config::Demand {
            shape,
            regions: regions.as_ref().map(numbers),
            shift_s,
        }
    }
}
