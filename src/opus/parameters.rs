//! The parameters and defaults of the utility service under `system`, and their conversion into the
//! validated configuration.
//!
//! The doc comments here are the descriptions in the JSON Schema. This module does *not* know
//! sweeps, nor how a system is run.

mod allocation;
mod tracking;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::allocation::{Allocation, Application, Failures, Members};
use self::tracking::Tracking;
use crate::opus::allocation::config::AllocationConfig;
use crate::opus::config;
use crate::opus::number::{Degree, Nodes as NodeCount, Trees};
use crate::parameters::Problem;
use crate::parameters::number::span;
use crate::parameters::number::{
    Enlargement, Handful, LatencyMs, Million, PeriodMs, Positive, Share,
};
use crate::parameters::{WORKLOAD_S_MAX, check_range};

/// Nodes of the study `overlay` have the time of so many rounds to come to rest.
const SETTLE_ROUNDS: f64 = 2000.0;
/// At a trial of the study `overlay` about so many copies of packets are on their way at most, all
/// at one instant.
const COPIES_MAX: f64 = 1e8;

/// The Opus utility service: one overlay of nodes that hosts many applications.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Opus {
    /// Which part of the service is simulated and measured; the parameters of the other parts have no
    /// effect.
    study: Study,
    /// The utility nodes.
    nodes: Nodes,
    /// Which nodes fail.
    disconnection: Disconnection,
    /// Which nodes move after the overlay is built (study `overlay`).
    moving: Moving,
    /// How an application's dissemination overlay is built (study `overlay`, and the overlays of
    /// applications in the study `allocation`).
    overlay: Overlay,
    /// How nodes are allocated to applications (study `allocation`).
    allocation: Allocation,
    /// The applications that share the nodes (study `allocation`).
    applications: Vec<Application>,
    /// How nodes fail and recover while the service runs; null: they do not (study `allocation`).
    failures: Option<Failures>,
    /// How nodes track sums over all nodes.
    tracking: Tracking,
}

impl Default for Opus {
    fn default() -> Self {
        Self {
            study: Study::Overlay,
            nodes: Nodes::default(),
            disconnection: Disconnection { rate: Share(0.0) },
            moving: Moving::default(),
            overlay: Overlay::default(),
            allocation: Allocation::default(),
            applications: vec![Application::default()],
            failures: None,
            tracking: Tracking::default(),
        }
    }
}

/// Which part of the service is simulated and measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Study {
    /// Dissemination overlays: cost against delay and reliability.
    Overlay,
    /// The allocation of nodes to applications whose demand changes.
    Allocation,
    /// Tracking: how well nodes know sums over all nodes, and what that costs.
    Tracking,
}

/// The utility nodes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Nodes {
    /// The number of nodes; each is on a stub router drawn uniformly.
    count: NodeCount,
    /// The work that a node does per second (study `allocation`).
    capacity: Positive,
    /// The least and the greatest latency of a node's access link, in milliseconds; each node's is
    /// drawn uniformly between them.
    access_latency_ms: [LatencyMs; 2],
}

impl Default for Nodes {
    fn default() -> Self {
        Self {
            count: NodeCount(100),
            capacity: Positive(1.0),
            access_latency_ms: [LatencyMs(1.0), LatencyMs(5.0)],
        }
    }
}

/// Which nodes fail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Disconnection {
    /// The disconnection rate δ: the fraction of the nodes, except node 0, that fails.
    rate: Share,
}

impl Default for Disconnection {
    fn default() -> Self {
        Self { rate: Share(0.0) }
    }
}

/// Which nodes move after the overlay is built.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Moving {
    /// The moving rate μ: the fraction of the nodes, except node 0, that moves to another router with
    /// another access link.
    rate: Share,
}

impl Default for Moving {
    fn default() -> Self {
        Self { rate: Share(0.0) }
    }
}

/// How an application's dissemination overlay is built, and what is sent over it. In the study
/// `allocation` each application has its own goals; only the members that are not marked "study
/// `overlay`" apply.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Overlay {
    /// The method that builds it.
    method: Method,
    /// The delay goal: a node's delay from the source ÷ the latency of the route between them
    /// (study `overlay`).
    delay_factor: Enlargement,
    /// The greatest number of children of a node in each tree; null: any number (study `overlay`,
    /// method `distributed`).
    degree_limit: Option<Degree>,
    /// The number of trees in which every node has a parent (study `overlay`; above 1: method
    /// `distributed` only).
    redundancy: Trees,
    /// The number of packets that the source sends in each trial (study `overlay`).
    packets: Million,
    /// The probability that a copy of a packet or an update is lost between two nodes.
    loss: Share,
    /// The number of nodes that join per second (study `overlay`).
    joins_per_s: Positive,
    /// How many nodes a node probes in one round.
    probes: Handful,
    /// How many of the nearest nodes a node remembers.
    neighbours: Handful,
    /// The time between two rounds, in milliseconds.
    round_ms: PeriodMs,
    /// The time without an answer after which a node is considered dead, in milliseconds.
    timeout_ms: PeriodMs,
    /// The time between two heartbeats to its parents, in milliseconds.
    heartbeat_ms: PeriodMs,
}

impl Default for Overlay {
    fn default() -> Self {
        Self {
            method: Method::Distributed,
            delay_factor: Enlargement(1.5),
            degree_limit: None,
            redundancy: Trees(1),
            packets: Million(10),
            loss: Share(0.0),
            joins_per_s: Positive(100.0),
            probes: Handful(4),
            neighbours: Handful(8),
            round_ms: PeriodMs(2000.0),
            timeout_ms: PeriodMs(10_000.0),
            heartbeat_ms: PeriodMs(10_000.0),
        }
    }
}

/// The method that builds an overlay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Method {
    /// Distributed: the nodes build it by messages.
    Distributed,
    /// Central, with all latencies known: the minimum spanning tree.
    Mst,
    /// Central: the tree of shortest paths from the source.
    Spt,
    /// Central: LAST, a light approximate shortest-path tree (Khuller, Raghavachari, Young 1995).
    #[serde(alias = "light")]
    Last,
}

impl Opus {
    /// The object, every default written out.
    ///
    /// # Panics
    /// Never: parameters are strings, finite numbers and lists.
    pub fn write(&self) -> Value {
        serde_json::to_value(self).expect("parameters are strings, finite numbers and lists")
    }

    /// The validated configuration, or what is wrong between the members of this object, which
    /// stands at `/system/opus`.
    ///
    /// # Errors
    /// If something is.
    pub fn validate(&self) -> Result<config::Config, Problem> {
        check_range("/system/opus/nodes", self.nodes.access_latency_ms)?;
        match self.study {
            Study::Overlay => self.overlay().map(config::Config::Overlay),
            Study::Allocation => self.allocation().map(config::Config::Allocation),
            Study::Tracking => self.tracking().map(config::Config::Tracking),
        }
    }

    fn allocation(&self) -> Result<Box<AllocationConfig>, Problem> {
        let members = Members {
            allocation: &self.allocation,
            applications: &self.applications,
            failures: self.failures.as_ref(),
            tracking: &self.tracking,
            nodes: self.nodes(),
            capacity: self.nodes.capacity.0,
            overlay: self.overlay_rules(),
            distributed: self.overlay.method == Method::Distributed,
        };
        members.validate().map(Box::new)
    }

    fn nodes(&self) -> config::Nodes {
        config::Nodes {
            count: self.nodes.count.0,
            access: self.nodes.access_latency_ms.map(|latency| span(latency.0)),
            disconnection_rate: self.disconnection.rate.0,
        }
    }

    fn tracking(&self) -> Result<config::TrackingConfig, Problem> {
        self.tracking.study(self.nodes())
    }

    fn overlay(&self) -> Result<config::OverlayConfig, Problem> {
        let overlay = &self.overlay;
        if overlay.redundancy.0 > 1 && overlay.method != Method::Distributed {
            let what = format!(
                "this method builds one tree, so a `redundancy` of {} needs another one",
                overlay.redundancy.0
            );
            return Err(Problem::new("/system/opus/overlay", what)
                .help("use the method \"distributed\", or a `redundancy` of 1"));
        }
        let seconds = f64::from(self.nodes.count.0) / overlay.joins_per_s.0;
        if seconds > WORKLOAD_S_MAX {
            let what = format!(
                "{} nodes that join at {} a second take {seconds:.0} s, more than the \
                 {WORKLOAD_S_MAX} s that can be simulated",
                self.nodes.count.0, overlay.joins_per_s.0
            );
            return Err(Problem::new("/system/opus/overlay/joins_per_s", what).help("raise it"));
        }
        let receivers = f64::from(self.nodes.count.0) * f64::from(overlay.redundancy.0);
        let copies = f64::from(overlay.packets.0) * receivers;
        if copies > COPIES_MAX {
            let what = format!(
                "{} packets to {} nodes are up to {copies:.1e} copies at one time, more than the \
                 {COPIES_MAX:.0e} that can be simulated",
                overlay.packets.0, self.nodes.count.0
            );
            return Err(Problem::new("/system/opus/overlay/packets", what).help("lower it"));
        }
        Ok(config::OverlayConfig {
            nodes: self.nodes(),
            method: match overlay.method {
                Method::Distributed => config::Method::Distributed,
                Method::Mst => config::Method::MinimumSpanning,
                Method::Spt => config::Method::ShortestPath,
                Method::Last => config::Method::Last,
            },
            rules: self.overlay_rules(),
            packets: overlay.packets.0,
            joins_per_s: overlay.joins_per_s.0,
            moving_rate: self.moving.rate.0,
            settle: span(overlay.round_ms.0 * SETTLE_ROUNDS),
        })
    }

    /// The rules of the study's one overlay, whose source is node 0.
    fn overlay_rules(&self) -> config::OverlayRules {
        let overlay = &self.overlay;
        config::OverlayRules {
            source: 0,
            delay_factor: overlay.delay_factor.0,
            degree_limit: overlay.degree_limit.map(|limit| limit.0),
            redundancy: overlay.redundancy.0,
            loss: overlay.loss.0,
            probes: overlay.probes.0,
            neighbours: overlay.neighbours.0,
            round: span(overlay.round_ms.0),
            timeout: span(overlay.timeout_ms.0),
            heartbeat: span(overlay.heartbeat_ms.0),
        }
    }
}
