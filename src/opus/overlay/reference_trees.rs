//! Where the nodes are, and the reference trees over them, which are computed centrally.
//!
//! This module does *not* know what the nodes themselves build.

use super::reference::{self, Tree};
use crate::opus::nodes::Attachments;
use crate::system::Underlay;

/// The places of all nodes, and the trees that an overlay on them is held against.
#[derive(Debug)]
pub(super) struct ReferenceTrees {
    pub(super) places: Attachments,
    /// The minimum spanning tree.
    pub(super) minimum: Tree,
    /// The tree of shortest paths from the source.
    pub(super) shortest: Tree,
    /// The light approximate shortest-path tree for the delay goal.
    pub(super) last_tree: Tree,
}

impl ReferenceTrees {
    /// The trees over nodes that sit at `places`, for the goal of `delay_factor` × the shortest
    /// delay.
    pub(super) fn of(places: Attachments, underlay: &Underlay, delay_factor: f64) -> Self {
        let count = places.len() as u32;
        let latency = |a, b| places.latency(&underlay.routes, a, b);
        let minimum = reference::minimum_spanning(count, latency);
        let shortest = reference::shortest_paths(count, latency);
        let last_tree = reference::last_tree(&minimum, &shortest, delay_factor, latency);
        Self {
            places,
            minimum,
            shortest,
            last_tree,
        }
    }
}
