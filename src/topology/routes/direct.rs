//! Routes of one hop: the latency from each router to each other one is known, and may differ by
//! direction.
//!
//! This module does *not* know where latencies are from.

use super::Route;
use super::network::{Cost, Found};

/// The lengths from each router to each other one.
#[derive(Debug, Clone)]
pub(super) struct Direct {
    size: usize,
    /// Row by row.
    lengths: Vec<u64>,
}

impl Direct {
    /// Routes of these lengths, row by row.
    pub(super) fn new(size: usize, lengths: Vec<u64>) -> Self {
        debug_assert_eq!(lengths.len(), size * size, "one length for each pair");
        Self { size, lengths }
    }

    /// How many routers there are.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    #[inline]
    pub(super) fn length(&self, from: usize, to: usize) -> u64 {
        assert!(to < self.size, "a router of this graph");
        self.lengths[from * self.size + to]
    }

    #[inline]
    pub(super) fn route(&self, from: usize, to: usize) -> Route {
        let found = self.found(from, to);
        Route {
            length: found.cost.length(),
            links: found.cost.links(),
            first: found.first,
        }
    }

    #[inline]
    pub(super) fn found(&self, from: usize, to: usize) -> Found {
        if from == to {
            return Found {
                cost: Cost::ZERO,
                first: Found::NONE,
            };
        }
        Found {
            cost: Cost::of(0, self.length(from, to), 1),
            first: to as u32,
        }
    }
}
