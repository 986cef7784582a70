//! Splitting the network into parts, so that logical processes can simulate one run in parallel.
//!
//! What happens in one part cannot be felt in another sooner than a packet can get there: after the
//! least latency of the links between parts, the *lookahead*. So the network is cut at long links:
//! in transit-stub graphs, between transit domains. The results do not depend on where. This module
//! does *not* know what is sent.

use std::cmp::Reverse;

use petgraph::unionfind::UnionFind;

use crate::system::{System, Underlay};
use crate::time::Span;
use crate::topology::RouterId;

/// The parts of a network, numbered from 0, and the least latency between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decomposition {
    part_of: Vec<u32>,
    parts: usize,
    lookahead: Span,
}

/// The maximum size of a part, in 32nds of its even share of the units.
const EVEN_32NDS: u64 = 33;

impl Decomposition {
    /// Cuts the network under `system` into `parts` parts, or fewer if there are fewer pieces. A piece is what
    /// the links below some latency hold together. The latency is the greatest one for which each part gets an
    /// even share of the units, or the least one if there is none. `None` if nothing but links of no latency
    /// would be left to cut.
    pub fn of<S: System>(system: &S, underlay: &Underlay, parts: usize) -> Option<Self> {
        let routes = &underlay.routes;
        let mut loads = vec![0; routes.router_count() as usize];
        for (_, site) in system.sites() {
            loads[site.router.index()] += 1;
        }
        Self::find(&loads, &routes.neighbours(), parts)
    }

    fn find(loads: &[u64], links: &[(RouterId, RouterId, Span)], parts: usize) -> Option<Self> {
        let mut latencies: Vec<Span> = links.iter().map(|link| link.2).collect();
        latencies.retain(|latency| *latency > Span::ZERO);
        latencies.sort_unstable();
        latencies.dedup();
        let cut = |latency| Self::cut(loads, links, parts, latency);
        let total: u64 = loads.iter().sum();
        let is_even = |decomposition: &Self| {
            let heaviest = decomposition.loads(loads).into_iter().max().unwrap_or(0);
            heaviest * 32 * parts as u64 <= total * EVEN_32NDS
        };
        // Smaller pieces are spread more evenly, but for odd cases, in which a shorter latency
        // than the best is found.
        let even = latencies.partition_point(|&latency| is_even(&cut(latency)));
        let latency = latencies.get(even.saturating_sub(1))?;
        Some(cut(*latency)).filter(|decomposition| decomposition.parts > 1)
    }

    /// Cuts links of `latency` (above 0) and more.
    fn cut(
        loads: &[u64],
        links: &[(RouterId, RouterId, Span)],
        parts: usize,
        latency: Span,
    ) -> Self {
        let mut pieces = UnionFind::<u32>::new(loads.len());
        for (u, v, _) in links.iter().filter(|link| link.2 < latency) {
            pieces.union(u.0, v.0);
        }
        let piece_of = pieces.into_labeling();
        let mut sizes = vec![(0, 0); loads.len()];
        for (&piece, load) in piece_of.iter().zip(loads) {
            let (routers, units) = &mut sizes[piece as usize];
            *routers += 1;
            *units += load;
        }
        let mut order: Vec<u32> = (0..loads.len() as u32).collect();
        order.retain(|&piece| sizes[piece as usize].0 > 0);
        order.sort_by_key(|&piece| (Reverse(sizes[piece as usize].1), piece));
        // The largest piece goes to the part that has least so far, and so on.
        let mut filled = vec![(0, 0); parts.min(order.len())];
        let mut part_of_piece = vec![0; loads.len()];
        for piece in order {
            let (routers, units) = sizes[piece as usize];
            let least = (0..filled.len()).min_by_key(|&part| (filled[part].1, filled[part].0));
            let least = least.unwrap_or(0);
            filled[least].0 += routers;
            filled[least].1 += units;
            part_of_piece[piece as usize] = least as u32;
        }
        let part_of: Vec<u32> = piece_of
            .iter()
            .map(|&piece| part_of_piece[piece as usize])
            .collect();
        let between = links
            .iter()
            .filter(|(u, v, _)| part_of[u.index()] != part_of[v.index()]);
        Self {
            lookahead: between.map(|link| link.2).min().unwrap_or(latency),
            parts: filled.len(),
            part_of,
        }
    }

    fn loads(&self, loads: &[u64]) -> Vec<u64> {
        let mut sums = vec![0; self.parts];
        for (&part, load) in self.part_of.iter().zip(loads) {
            sums[part as usize] += load;
        }
        sums
    }

    /// How many parts there are: at least 2.
    pub fn parts(&self) -> usize {
        self.parts
    }

    /// The part to which `router` belongs.
    #[inline]
    pub fn part_of(&self, router: RouterId) -> u32 {
        self.part_of[router.index()]
    }

    /// The part of each router.
    pub fn parts_of_routers(&self) -> &[u32] {
        &self.part_of
    }

    /// What is sent from one part to another arrives no sooner than after this; above 0.
    pub fn lookahead(&self) -> Span {
        self.lookahead
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(list: &[(u32, u32, u64)]) -> Vec<(RouterId, RouterId, Span)> {
        let link = |&(u, v, ns): &(u32, u32, u64)| (RouterId(u), RouterId(v), Span::from_ns(ns));
        list.iter().map(link).collect()
    }

    #[test]
    fn the_longest_links_are_cut_that_leave_even_parts() {
        // Two pairs of triangles; the pairs 50 apart, the triangles of a pair 20 and 30.
        let links = links(&[
            (0, 1, 1),
            (1, 2, 1),
            (3, 4, 1),
            (4, 5, 0),
            (6, 7, 1),
            (7, 8, 1),
            (9, 10, 1),
            (10, 11, 1),
            (2, 3, 20),
            (8, 9, 30),
            (5, 6, 50),
        ]);
        let even = Decomposition::find(&[1; 12], &links, 2).unwrap();
        assert_eq!((even.parts(), even.lookahead().as_ns()), (2, 50));
        assert_eq!(even.loads(&[1; 12]), [6, 6]);
        let four = Decomposition::find(&[1; 12], &links, 4).unwrap();
        assert_eq!((four.parts(), four.lookahead().as_ns()), (4, 20));
        // All units in one triangle: its own links must be cut.
        let mut loads = [0; 12];
        loads[..3].fill(100);
        let three = Decomposition::find(&loads, &links, 3).unwrap();
        assert_eq!((three.parts(), three.lookahead().as_ns()), (3, 1));
        assert_eq!(three.loads(&loads), [100; 3]);
        assert_eq!(three.part_of(RouterId(4)), three.part_of(RouterId(5)));
    }

    #[test]
    fn what_no_latency_holds_together_stays_together() {
        assert_eq!(Decomposition::find(&[5], &[], 2), None);
        assert_eq!(Decomposition::find(&[5, 5], &links(&[(0, 1, 0)]), 2), None);
        // Uneven as it is, there is nothing else to cut.
        let uneven = Decomposition::find(&[9, 0, 1], &links(&[(0, 1, 0), (1, 2, 7)]), 3).unwrap();
        assert_eq!((uneven.parts(), uneven.lookahead().as_ns()), (2, 7));
    }
}
