//! The validated parameters of the studies.

use std::path::Path;
use std::sync::Arc;

use super::allocation::config::AllocationConfig;
use crate::error::Result;
use crate::time::Span;

/// Which study is run, with everything that it needs besides the underlay, the seed and the
/// replication.
#[derive(Debug, Clone, PartialEq)]
pub enum Config {
    /// Dissemination overlays.
    Overlay(OverlayConfig),
    /// The division of nodes among applications.
    Allocation(Box<AllocationConfig>),
    /// Tracking of sums over all nodes.
    Tracking(TrackingConfig),
}

impl Config {
    /// Has the files that the study reads read by `read`.
    ///
    /// # Errors
    /// If one cannot be read, or is wrong in itself.
    pub fn supply(&mut self, read: impl FnMut(&Path) -> Result<Arc<str>>) -> Result<()> {
        match self {
            Self::Overlay(_) | Self::Tracking(_) => Ok(()),
            Self::Allocation(config) => config.supply(read),
        }
    }
}

/// The utility nodes and which of them fail.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Nodes {
    /// How many there are; at least 2.
    pub count: u32,
    /// The least and the greatest latency of a node's access link.
    pub access: [Span; 2],
    /// The disconnection rate δ in [0, 1]: the share of the nodes, node 0 excepted, that fails.
    pub disconnection_rate: f64,
}

/// How a dissemination overlay is built and what is sent over it.
#[derive(Debug, Clone, PartialEq)]
pub struct OverlayConfig {
    /// The nodes; node 0 is the source.
    pub nodes: Nodes,
    /// Who builds the overlay, and as what.
    pub method: Method,
    /// By which rules the nodes build it.
    pub rules: OverlayRules,
    /// How many packets the source sends at each trial.
    pub packets: u32,
    /// How many nodes join in a second.
    pub joins_per_s: f64,
    /// The moving rate μ in [0, 1]: the share of the nodes, node 0 excepted, that come to sit
    /// elsewhere once the overlay stands.
    pub moving_rate: f64,
    /// How long nodes have for building or repairing an overlay, after the last of them was told to.
    pub settle: Span,
}

/// By which rules the members of a dissemination overlay build it and pass packets on.
#[derive(Debug, Clone, PartialEq)]
pub struct OverlayRules {
    /// The member that everything comes from. It is always there.
    pub source: u32,
    /// The delay goal: a node's delay from the source is at most this many times the latency of
    /// the route between them; at least 1.
    pub delay_factor: f64,
    /// How many children a node takes in each tree; `None`: any number.
    pub degree_limit: Option<u32>,
    /// In how many trees every node has a parent: 1, 2 or 3.
    pub redundancy: u8,
    /// The chance that a copy of a packet is lost on its way between two nodes.
    pub loss: f64,
    /// How many nodes a node probes in one round.
    pub probes: u32,
    /// How many of the nearest nodes it remembers, and as many of the nearest that may be parents.
    pub neighbours: u32,
    /// The time between two rounds.
    pub round: Span,
    /// How long an answer is waited for before a node counts as gone.
    pub timeout: Span,
    /// Every how long a node makes sure that its parents live.
    pub heartbeat: Span,
}

impl OverlayRules {
    /// The greatest delay that keeps the goal, `shortest` away from the source. Every route is at
    /// least as long as the shortest one, also where a product rounds.
    pub fn goal(&self, shortest: Span) -> Span {
        let goal = self.delay_factor * shortest.as_ns() as f64;
        Span::from_ns((goal as u64).max(shortest.as_ns()))
    }
}

/// The method that builds an overlay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Distributed: the nodes build it by messages.
    Distributed,
    /// Central, with all latencies known: the minimum spanning tree.
    MinimumSpanning,
    /// Central: the tree of shortest paths from the source.
    ShortestPath,
    /// The same: a light approximate shortest-path tree.
    Last,
}

/// How trackers estimate sums over all nodes.
#[derive(Debug, Clone, PartialEq)]
pub struct Tracking {
    /// Which nodes send updates to which.
    pub method: TrackingMethod,
    /// How many nodes there are, numbered from 0. Node 0 is the server of the central method and the
    /// rendezvous of the hierarchy.
    pub nodes: u32,
    /// How many quantities are tracked, numbered from 0.
    pub quantities: u16,
    /// ε: what has become more than 1 + ε times as large or as small as what was told last is told
    /// again.
    pub epsilon: f64,
    /// T: what was told is told again after this time at the latest.
    pub refresh: Span,
    /// The least time between two looks at whether something has moved.
    pub hold: Span,
    /// The most nodes in a cluster, its head included; 4 to 16.
    pub cluster: u32,
    /// Every how long members and heads of clusters show each other that they live.
    pub heartbeat: Span,
    /// How long after a missing sign of life, or after a question, a node counts as gone; longer
    /// than any round trip.
    pub timeout: Span,
    /// Every how long a node looks for a nearer head.
    pub improve: Span,
}

/// Which nodes send updates to which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrackingMethod {
    /// Clusters of clusters: aggregates travel up, summaries down.
    Hierarchy,
    /// Every node tells one server, which sends summaries.
    Central,
    /// Every node sends its values to every other node.
    AllToAll,
}

/// What is tracked, by which rules, and what happens meanwhile.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackingConfig {
    /// The nodes; node 0 is the server and the rendezvous.
    pub nodes: Nodes,
    /// How trackers estimate.
    pub rules: Arc<Tracking>,
    /// How the values change.
    pub truth: Truth,
    /// Before this nothing is measured; nodes come to life during its first half.
    pub settle: Span,
    /// How long is measured, after that.
    pub duration: Span,
    /// Every how long the estimates are held against the truth.
    pub sample: Span,
    /// When nodes fail, from the beginning of what is measured.
    pub failure: Span,
    /// How long after that they come back; `None`: never.
    pub recovery: Option<Span>,
}

/// How the values of nodes change.
#[derive(Debug, Clone, PartialEq)]
pub struct Truth {
    /// By which law.
    pub process: Process,
    /// Every how long a node's values change.
    pub change: Span,
}

/// The law by which a value changes. Each node's base value is drawn uniformly from 0.5 to 1.5.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Process {
    /// It stays at the base value.
    Constant,
    /// A random walk with steps uniform in ± `step` × the base value, reflected at 0 and at twice
    /// the base value.
    Walk {
        /// The greatest step ÷ the base value; at most 1.
        step: f64,
    },
    /// The base value; `factor` times as much from a moment on.
    Jump {
        /// The factor; not negative.
        factor: f64,
        /// The moment, from the beginning of what is measured.
        at: Span,
    },
    /// The base value × (1 + `amplitude` × sin(2π t ÷ `period`)), alike at all nodes.
    Diurnal {
        /// The amplitude; at most 1.
        amplitude: f64,
        /// The period.
        period: Span,
    },
}
