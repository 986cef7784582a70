//! The parameters and defaults of tracking in the utility service, and their conversion into the
//! validated configuration.
//!
//! The doc comments here are the descriptions in the JSON Schema. This module does *not* know
//! sweeps, nor how a system is run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::number::{ClusterSize, PeriodMs, Share};
use super::reading::word;
use super::systems::span;
use crate::opus::config;

/// How nodes know sums over all nodes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Tracking {
    /// Who tells whom.
    #[serde(deserialize_with = "word")]
    method: Method,
    /// ε: a value that has moved by more than this share of what was told last is told again.
    epsilon: Share,
    /// T: what was told is told again after this time at the latest, in milliseconds.
    refresh_ms: PeriodMs,
    /// The least time between two looks at whether values have moved, in milliseconds.
    hold_ms: PeriodMs,
    /// The most nodes in a cluster, its head included (method `hierarchy`).
    cluster: ClusterSize,
    /// Every how long the members and the head of a cluster show each other that they live, in
    /// milliseconds (method `hierarchy`).
    heartbeat_ms: PeriodMs,
    /// How long an answer or a missing sign of life is waited for before a node counts as gone, in
    /// milliseconds.
    timeout_ms: PeriodMs,
    /// Every how long a node looks for a nearer head, in milliseconds (method `hierarchy`).
    improve_ms: PeriodMs,
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
            timeout_ms: PeriodMs(2000.0),
            improve_ms: PeriodMs(5000.0),
        }
    }
}

/// Who tells whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Method {
    /// Clusters of clusters by route latency: aggregates travel up, summaries down.
    Hierarchy,
    /// Every node tells node 0, which sends summaries.
    Central,
    /// Every node tells every other.
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
}
