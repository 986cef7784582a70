//! What sums up a matrix of latencies.
//!
//! This module does *not* know how the numbers are shown.

use serde::Serialize;

use super::components::Components;
use super::statistics::{Distance, Statistics, domains, spread};
use super::{Graph, Latencies};

/// The ordered pairs of different routers in a matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Pairs {
    /// All of them.
    pub all: usize,
    /// Those whose latency is not known.
    pub unknown: usize,
    /// Those whose latency is another one in the opposite direction.
    pub unequal: usize,
}

impl Statistics {
    /// Sums up a matrix: all routes are of one hop, and as long as measured.
    pub(super) fn measured(graph: &Graph, latencies: &Latencies) -> Self {
        let known = latencies.pairs().filter_map(|(_, _, latency)| latency);
        let is_unequal = |(from, to, latency): &(usize, usize, Option<f64>)| {
            let back = latencies.get(*to, *from);
            latency
                .zip(back)
                .is_some_and(|(there, back)| there.to_bits() != back.to_bits())
        };
        let pairs = Pairs {
            all: latencies.pairs().count(),
            unknown: latencies
                .pairs()
                .filter(|(_, _, latency)| latency.is_none())
                .count(),
            unequal: latencies.pairs().filter(is_unequal).count(),
        };
        let is_whole = pairs.unknown == 0 && pairs.all > 0;
        let lengths = spread(known).filter(|_| is_whole);
        Self {
            routers: graph.routers.len(),
            links: 0,
            loops: 0,
            parallels: 0,
            simple_links: 0,
            parts: Components::of(graph).sizes.len(),
            degree: None,
            leaf_share: 0.0,
            link_length: None,
            domains: domains(graph),
            hops: is_whole.then_some(Distance {
                diameter: 1.0,
                mean: 1.0,
            }),
            length: lengths.map(|lengths| Distance {
                diameter: lengths.max,
                mean: lengths.mean,
            }),
            policy: None,
            policy_length: None,
            clustering: 0.0,
            transitivity: 0.0,
            pairs: Some(pairs),
        }
    }
}
