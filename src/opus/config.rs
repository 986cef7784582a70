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
}

impl Config {
    /// Has the files that the study reads read by `read`.
    ///
    /// # Errors
    /// If one cannot be read, or is wrong in itself.
    pub fn supply(&mut self, read: impl FnMut(&Path) -> Result<Arc<str>>) -> Result<()> {
        match self {
            Self::Overlay(_) => Ok(()),
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
    /// The delay goal: a node's delay from the source is at most this many times the latency of
    /// the route between them; at least 1.
    pub delay_factor: f64,
    /// How many children a node takes in each tree; `None`: any number.
    pub degree_limit: Option<u32>,
    /// In how many trees every node has a parent: 1, 2 or 3.
    pub redundancy: u8,
    /// How many packets the source sends at each trial.
    pub packets: u32,
    /// The chance that a copy of a packet is lost on its way between two nodes.
    pub loss: f64,
    /// How many nodes join in a second.
    pub joins_per_s: f64,
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

/// Who builds an overlay, and as what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// The nodes themselves, by messages.
    Distributed,
    /// A centre that knows every latency: the minimum spanning tree.
    MinimumSpanning,
    /// The same: the tree of shortest paths from the source.
    ShortestPath,
    /// The same: a light approximate shortest-path tree.
    Light,
}
