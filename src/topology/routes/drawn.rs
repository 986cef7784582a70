//! Networks drawn for tests.

use std::ops::Range;

use proptest::prelude::*;

use super::network::{Arc, Cost, Network};

/// A connected network of as many routers as `sizes` holds, with small weights and with lengths below
/// `lengths`, 0 among both.
pub(super) fn network(sizes: Range<usize>, lengths: u64) -> impl Strategy<Value = Network> {
    sizes.prop_flat_map(move |size| {
        let tree = proptest::collection::vec((any::<u32>(), 0..2_u32, 0..lengths), size - 1);
        let link = (0..size as u32, 0..size as u32, 0..2_u32, 0..lengths);
        let more = proptest::collection::vec(link, 0..2 * size);
        (tree, more).prop_map(move |(tree, more)| {
            let tree = (1..)
                .zip(tree)
                .map(|(b, (a, weight, length))| (a % b, b, weight, length));
            let links = tree.chain(more.into_iter().filter(|link| link.0 != link.1));
            let arcs = links.flat_map(|(a, b, weight, length)| {
                Arc::both_ways(a, b, Cost::link(weight, length))
            });
            Network::new(size, arcs.collect())
        })
    })
}
