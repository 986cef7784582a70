//! The parameters and defaults of tracking in the utility service, and their conversion into the
//! validated configuration.
//!
//! The doc comments here are the descriptions in the JSON Schema. This module does *not* know
//! sweeps, nor how a system is run.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::opus::config;
use crate::opus::number::{ClusterSize, Quantities};
use crate::parameters::Problem;
use crate::parameters::number::span;
use crate::parameters::number::{DurationMs, Factor, PeriodMs, Share};
use crate::time::Span;

/// What units do again and again, all of them together do at most about so often in a run.
pub(super) const MESSAGES_MAX: f64 = 1e9;

/// How nodes track sums over all nodes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Tracking {
    /// Which nodes send updates to which.
    method: Method,
    /// ε: a value is sent again when it is more than 1 + ε times as large or as small as the value sent
    /// last.
    epsilon: Share,
    /// T: a value is sent again after this time at the latest, in milliseconds.
    refresh_ms: PeriodMs,
    /// The least time between two checks whether values have changed, in milliseconds.
    hold_ms: PeriodMs,
    /// The greatest number of nodes in a cluster, its head included (method `hierarchy`).
    cluster: ClusterSize,
    /// The time between two heartbeats of the members and the head of a cluster, in milliseconds
    /// (method `hierarchy`).
    heartbeat_ms: PeriodMs,
    /// The time without an answer or a heartbeat after which a node is considered dead, in
    /// milliseconds.
    timeout_ms: PeriodMs,
    /// The time between two searches for a nearer head, in milliseconds (method `hierarchy`).
    improve_ms: PeriodMs,
    /// The tracked values, and the time of measurement (study `tracking`).
    truth: Truth,
}

impl Default for Tracking {
    fn default() -> Self {
        Self {
            method: Method::Hierarchy,
            epsilon: Share(0.05),
            refresh_ms: PeriodMs(10_000.0),
            hold_ms: PeriodMs(200.0),
            cluster: ClusterSize(12),
            heartbeat_ms: PeriodMs(2000.0),
            timeout_ms: PeriodMs(5000.0),
            improve_ms: PeriodMs(5000.0),
            truth: Truth::default(),
        }
    }
}

/// What the study `tracking` tracks, and the time of measurement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Truth {
    /// How many quantities every node has.
    quantities: Quantities,
    /// How they change.
    process: Process,
    /// The time between two changes of a node's values, in milliseconds.
    change_ms: PeriodMs,
    /// The greatest step of a random walk, as a fraction of the node's base value.
    walk_step: Share,
    /// The factor by which values jump.
    jump_factor: Factor,
    /// When they jump, in milliseconds from the start of the measurement.
    jump_ms: DurationMs,
    /// The amplitude, as a fraction of the node's base value (process `diurnal`).
    diurnal_amplitude: Share,
    /// The period, in milliseconds (process `diurnal`).
    diurnal_period_ms: PeriodMs,
    /// The time before the measurement, in milliseconds; nodes start in the first half of it.
    settle_ms: PeriodMs,
    /// The length of the measurement, in milliseconds.
    duration_ms: PeriodMs,
    /// The time between two comparisons of the estimates with the truth, in milliseconds.
    sample_ms: PeriodMs,
    /// When the nodes selected by `disconnection` fail, in milliseconds from the start of the
    /// measurement.
    failure_ms: DurationMs,
    /// How long after that they recover, in milliseconds; null: never.
    recovery_ms: Option<DurationMs>,
}

impl Default for Truth {
    fn default() -> Self {
        Self {
            quantities: Quantities(1),
            process: Process::Walk,
            change_ms: PeriodMs(1000.0),
            walk_step: Share(0.1),
            jump_factor: Factor(2.0),
            jump_ms: DurationMs(20_000.0),
            diurnal_amplitude: Share(0.5),
            diurnal_period_ms: PeriodMs(60_000.0),
            settle_ms: PeriodMs(60_000.0),
            duration_ms: PeriodMs(60_000.0),
            sample_ms: PeriodMs(1000.0),
            failure_ms: DurationMs(10_000.0),
            recovery_ms: None,
        }
    }
}

/// How values change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Process {
    /// They stay at the node's base value, drawn uniformly from 0.5 to 1.5.
    Constant,
    /// Each is a random walk, reflected at 0 and at twice the base value.
    Walk,
    /// All jump at the same time by the same factor.
    Jump,
    /// All follow the same sine about their base values.
    Diurnal,
}

/// Which nodes send updates to which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Method {
    /// Clusters of clusters by route latency: aggregates are sent up, summaries down.
    Hierarchy,
    /// Every node sends its values to node 0, which sends summaries.
    Central,
    /// Every node sends its values to every other node.
    AllToAll,
}

impl Tracking {
    /// The rules for `nodes` nodes that track so many `quantities`.
    pub(super) fn rules(&self, nodes: u32, quantities: u16) -> config::Tracking {
        config::Tracking {
            method: match self.method {
                Method::Hierarchy => config::TrackingMethod::Hierarchy,
                Method::Central => config::TrackingMethod::Central,
                Method::AllToAll => config::TrackingMethod::AllToAll,
            },
            nodes,
            quantities,
            epsilon: self.epsilon.0,
            refresh: span(self.refresh_ms.0),
            hold: span(self.hold_ms.0),
            cluster: self.cluster.0,
            heartbeat: span(self.heartbeat_ms.0),
            timeout: span(self.timeout_ms.0),
            improve: span(self.improve_ms.0),
        }
    }

    /// What trackers on `nodes` nodes do again and again is not more than a run of `duration` can
    /// have.
    pub(super) fn check(&self, nodes: u32, duration: Span) -> Result<(), Problem> {
        // Without clusters nobody looks for a nearer head.
        let clusters = self.method == Method::Hierarchy;
        for (member, period, counts) in [
            ("heartbeat_ms", self.heartbeat_ms, true),
            ("improve_ms", self.improve_ms, clusters),
            ("refresh_ms", self.refresh_ms, true),
        ] {
            if counts {
                check_period(member, "messages", period, nodes, duration)?;
            }
        }
        Ok(())
    }

    /// The study of tracking on `nodes`, or what is wrong between the members of this object,
    /// which stands at `/system/opus/tracking`.
    pub(super) fn study(&self, nodes: config::Nodes) -> Result<config::TrackingConfig, Problem> {
        let truth = &self.truth;
        let config = config::TrackingConfig {
            rules: Arc::new(self.rules(nodes.count, truth.quantities.0)),
            nodes,
            truth: config::Truth {
                process: truth.process(),
                change: span(truth.change_ms.0),
            },
            settle: span(truth.settle_ms.0),
            duration: span(truth.duration_ms.0),
            sample: span(truth.sample_ms.0),
            failure: span(truth.failure_ms.0),
            recovery: truth.recovery_ms.map(|recovery| span(recovery.0)),
        };
        truth.check(nodes.disconnection_rate > 0.0)?;
        let whole = config.settle + config.duration;
        self.check(nodes.count, whole)?;
        let change = truth.change_ms;
        check_period("truth/change_ms", "changes", change, nodes.count, whole)?;
        Ok(config)
    }
}

/// What each of `nodes` nodes does every `period`, which is told by `member`, is not more than a
/// run of `duration` can have.
fn check_period(
    member: &str,
    what: &str,
    period: PeriodMs,
    nodes: u32,
    duration: Span,
) -> Result<(), Problem> {
    let times = duration.as_ns() as f64 / span(period.0).as_ns() as f64;
    let all = times * f64::from(nodes);
    if all > MESSAGES_MAX {
        let what = format!(
            "up to {all:.1e} {what} in {} s are more than the {MESSAGES_MAX:.0e} that can be \
             simulated",
            duration.as_ns() as f64 / 1e9
        );
        let pointer = format!("/system/opus/tracking/{member}");
        return Err(Problem::new(pointer, what).help("raise it"));
    }
    Ok(())
}

impl Truth {
    fn process(&self) -> config::Process {
        match self.process {
            Process::Constant => config::Process::Constant,
            Process::Walk => config::Process::Walk {
                step: self.walk_step.0,
            },
            Process::Jump => config::Process::Jump {
                factor: self.jump_factor.0,
                at: span(self.jump_ms.0),
            },
            Process::Diurnal => config::Process::Diurnal {
                amplitude: self.diurnal_amplitude.0,
                period: span(self.diurnal_period_ms.0),
            },
        }
    }

    /// Something is measured, and the nodes that fail do so meanwhile.
    fn check(&self, fail: bool) -> Result<(), Problem> {
        let place = "/system/opus/tracking/truth";
        let duration = self.duration_ms.0;
        if self.sample_ms.0 > duration {
            let what = format!(
                "`sample_ms` is {}, so nothing is measured in {duration} ms",
                self.sample_ms.0
            );
            return Err(Problem::new(format!("{place}/sample_ms"), what).help("lower it"));
        }
        if fail && self.failure_ms.0 >= duration {
            let what = format!(
                "nodes fail after {} ms, but only {duration} ms are measured",
                self.failure_ms.0
            );
            let help = "lower `failure_ms`, or raise `duration_ms`";
            return Err(Problem::new(format!("{place}/failure_ms"), what).help(help));
        }
        Ok(())
    }
}
