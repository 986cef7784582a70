//! The parameters of the utility service, as a scenario writes them; those of each study stand in its
//! own room.
//!
//! The doc comments are the descriptions in the JSON Schema. They do *not* know what follows from them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::allocation::config::{self as allocation, Allocation, Application, Failures};
use super::number::Nodes as NodeCount;
use super::overlay::config::Overlay;
use super::tracking::config::Tracking;
use crate::parameters::law::Failing;
use crate::parameters::number::{Fraction, LatencyMs, Positive};
use crate::parameters::{self, Plain, Problem, members};
use crate::time::Span;

members! {
    /// The Opus utility service: one overlay of nodes that hosts many applications.
    pub struct Opus {
        /// Which part of the service is simulated and measured; the parameters of the other parts have no
        /// effect.
        pub study: Study = Study::Overlay;
        /// The utility nodes.
        pub nodes: Nodes = Nodes::default();
        /// Which nodes fail.
        pub disconnection: Disconnection = Disconnection { rate: Fraction(0.0) };
        /// Which nodes move after the overlay is built (study `overlay`).
        pub moving: Moving = Moving::default();
        /// How an application's dissemination overlay is built (study `overlay`, and the overlays of
        /// applications in the study `allocation`).
        pub overlay: Overlay = Overlay::default();
        /// How nodes are allocated to applications (study `allocation`).
        pub allocation: Allocation = Allocation::default();
        /// The applications that share the nodes (study `allocation`).
        pub applications: Vec<Application> = vec![Application::default()];
        /// How nodes fail and recover while the service runs; null: they do not (study `allocation`).
        pub failures: Option<Failures> = None;
        /// The same by any distributions, in steady state from the beginning, instead of `failures`: how long a node
        /// is up and down at a time; null: as `failures` says (study `allocation`).
        pub sessions: Option<Failing> = None;
        /// How stub domains fail with all their nodes, in steady state from the beginning; null: they do not (study
        /// `allocation`).
        pub domain_failures: Option<Failing> = None;
        /// How nodes track sums over all nodes.
        pub tracking: Tracking = Tracking::default();
    }
}

/// Which part of the service is simulated and measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Study {
    /// Dissemination overlays: cost against delay and reliability.
    Overlay,
    /// The allocation of nodes to applications whose demand changes.
    Allocation,
    /// Tracking: how well nodes know sums over all nodes, and what that costs.
    Tracking,
}

members! {
    /// The utility nodes.
    pub struct Nodes {
        /// The number of nodes; each is on a stub router drawn uniformly.
        pub count: NodeCount = NodeCount(100);
        /// The work that a node does per second (study `allocation`).
        pub capacity: Positive = Positive(1.0);
        /// The least and the greatest latency of a node's access link, in milliseconds; each node's is
        /// drawn uniformly between them.
        pub access_latency_ms: [LatencyMs; 2] = [LatencyMs(1.0), LatencyMs(5.0)];
    }
}

members! {
    /// Which nodes fail.
    pub struct Disconnection {
        /// The disconnection rate δ: the fraction of the nodes, except node 0, that fails.
        pub rate: Fraction = Fraction(0.0);
    }
}

members! {
    /// Which nodes move after the overlay is built.
    pub struct Moving {
        /// The moving rate μ: the fraction of the nodes, except node 0, that moves to another router with
        /// another access link.
        pub rate: Fraction = Fraction(0.0);
    }
}

impl Plain for Opus {
    fn check(&self, pointer: &str) -> Result<(), Problem> {
        let nodes = &self.nodes;
        parameters::check_range(&format!("{pointer}/nodes"), nodes.access_latency_ms)?;
        match self.study {
            Study::Overlay => {
                let pointer = format!("{pointer}/overlay");
                self.overlay.check(nodes.count.0, &pointer)
            }
            Study::Allocation => allocation::check(self, pointer),
            Study::Tracking => {
                let fail = self.disconnection.rate.0 > 0.0;
                let pointer = format!("{pointer}/tracking");
                self.tracking.check_study(nodes.count.0, fail, &pointer)
            }
        }
    }
}

impl Nodes {
    /// The least and the greatest latency of a node's access link.
    pub fn access(&self) -> [Span; 2] {
        self.access_latency_ms.map(LatencyMs::span)
    }
}
