//! The peer table: the nodes that a node has met, and the latencies of those that it has probed.
//!
//! Every answer to a probe names dozens of nodes, and those who ask are too many for a processor's
//! cache. So this is a table in which a node's place follows from its number: a question reads one
//! line of memory, and no question waits for another. Nobody goes through the table in its order, so
//! the order decides nothing. This module does *not* know what it means to have met.

use crate::time::Span;

/// The least number of places.
const PLACES_MIN: usize = 16;

/// Where a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PeerLatencies {
    /// The latency of its route to the source, as it has said.
    pub(super) shortest: Span,
    /// The latency of the route to it, as the probe took.
    pub(super) latency: Span,
}

impl PeerLatencies {
    /// No probe has told anything: no route takes that long.
    const NOTHING: Self = Self {
        shortest: Span::from_ns(u64::MAX),
        latency: Span::from_ns(u64::MAX),
    };

    fn known(self) -> Option<Self> {
        (self != Self::NOTHING).then_some(self)
    }
}

/// The nodes that node `me` has met, itself included.
#[derive(Debug)]
pub(super) struct PeerTable {
    me: u32,
    /// The node at each place, which is the first that was free from its home on; `me` where there is
    /// none. Their number is a power of two.
    nodes: Vec<u32>,
    /// By place: where the node is; [`PeerLatencies::NOTHING`] if it has not been probed. (An option would take
    /// half as much memory again.)
    told: Vec<PeerLatencies>,
    /// How many places are taken; at most two thirds, so that a free one is never far.
    taken: usize,
}

impl PeerTable {
    /// Node `me`, which has met nobody else.
    pub(super) fn new(me: u32) -> Self {
        Self::with_places(me, PLACES_MIN)
    }

    fn with_places(me: u32, places: usize) -> Self {
        Self {
            me,
            nodes: vec![me; places],
            told: vec![PeerLatencies::NOTHING; places],
            taken: 0,
        }
    }

    /// Whether `node` has been met.
    #[inline]
    pub(super) fn has(&self, node: u32) -> bool {
        node == self.me || self.place(node).is_ok()
    }

    /// Where `node` is, if it has been met and probed.
    #[inline]
    pub(super) fn told(&self, node: u32) -> Option<PeerLatencies> {
        let place = self.place(node).ok()?;
        self.told[place].known()
    }

    /// Meets `node`, unless that has been met.
    pub(super) fn meet(&mut self, node: u32) {
        if node == self.me {
            return;
        }
        if let Err(place) = self.place(node) {
            self.nodes[place] = node;
            self.taken += 1;
            if 3 * self.taken > 2 * self.nodes.len() {
                self.grow();
            }
        }
    }

    /// A probe of `node` has `told` where it is, which is remembered if it has been met. Returns what
    /// the one before told.
    pub(super) fn tell(&mut self, node: u32, told: PeerLatencies) -> Option<PeerLatencies> {
        let place = self.place(node).ok().filter(|_| node != self.me)?;
        std::mem::replace(&mut self.told[place], told).known()
    }

    /// All that have been probed, with what that told; in no order that means anything.
    pub(super) fn probed(&self) -> impl Iterator<Item = (u32, PeerLatencies)> {
        let places = self.nodes.iter().zip(&self.told);
        places.filter_map(|(&node, told)| told.known().map(|told| (node, told)))
    }

    /// Has not met `node` any more.
    pub(super) fn forget(&mut self, node: u32) {
        let Some(mut free) = self.place(node).ok().filter(|_| node != self.me) else {
            return;
        };
        let last = self.nodes.len() - 1;
        let mut next = free;
        loop {
            next = (next + 1) & last;
            if self.nodes[next] == self.me {
                break;
            }
            // A node that could no longer be found because of the gap moves into it.
            let home = self.home(self.nodes[next]);
            if next.wrapping_sub(home) & last >= next.wrapping_sub(free) & last {
                self.nodes[free] = self.nodes[next];
                self.told[free] = self.told[next];
                free = next;
            }
        }
        (self.nodes[free], self.told[free]) = (self.me, PeerLatencies::NOTHING);
        self.taken -= 1;
    }

    /// Where `node` is, or the free place where it would be put. For `me` any free place.
    #[inline]
    fn place(&self, node: u32) -> Result<usize, usize> {
        let mut place = self.home(node);
        loop {
            let found = self.nodes[place];
            if found == self.me {
                return Err(place);
            }
            if found == node {
                return Ok(place);
            }
            place = (place + 1) & (self.nodes.len() - 1);
        }
    }

    /// The place where the search for `node` begins: the upper bits of its product with 2³² ÷ the golden
    /// ratio, which keeps neighbouring numbers apart (Knuth, *The Art of Computer Programming* 3, 6.4).
    #[inline]
    fn home(&self, node: u32) -> usize {
        let product = u64::from(node.wrapping_mul(0x9E37_79B9));
        ((product * self.nodes.len() as u64) >> 32) as usize
    }

    fn grow(&mut self) {
        let mut larger = Self::with_places(self.me, 2 * self.nodes.len());
        for (&node, &told) in self.nodes.iter().zip(&self.told) {
            if node != self.me
                && let Err(place) = larger.place(node)
            {
                (larger.nodes[place], larger.told[place]) = (node, told);
            }
        }
        larger.taken = self.taken;
        *self = larger;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Whatever happens, it answers like a map of the library.
    #[test]
    fn the_met_are_a_map() {
        let me = 5;
        for range in [40, 4000] {
            let (mut peer_table, mut map) = (PeerTable::new(me), BTreeMap::from([(me, None)]));
            let mut state = 7_u64;
            for step in 0..40_000_u64 {
                state = state.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(step);
                let node = (state >> 40) as u32 % range;
                let told = PeerLatencies {
                    shortest: Span::from_ns(step),
                    latency: Span::from_ns(state >> 50),
                };
                match state >> 33 & 7 {
                    0..=3 => {
                        peer_table.meet(node);
                        map.entry(node).or_default();
                    }
                    4 | 5 if node != me => {
                        let before = map.get_mut(&node).and_then(|known| known.replace(told));
                        assert_eq!(peer_table.tell(node, told), before);
                    }
                    6 if node != me => {
                        peer_table.forget(node);
                        map.remove(&node);
                    }
                    _ => {}
                }
                for node in [node, node + 1] {
                    assert_eq!(peer_table.has(node), map.contains_key(&node), "step {step}");
                    assert_eq!(peer_table.told(node), map.get(&node).copied().flatten());
                }
                assert_eq!(peer_table.taken + 1, map.len());
            }
            assert!((0..range).all(|node| peer_table.has(node) == map.contains_key(&node)));
            let probed: BTreeMap<u32, PeerLatencies> = peer_table.probed().collect();
            let told = map
                .into_iter()
                .filter_map(|(node, told)| told.map(|told| (node, told)));
            assert!(probed.into_iter().eq(told));
        }
    }

    #[test]
    fn the_node_itself_is_met_and_tells_nothing() {
        let mut peer_table = PeerTable::new(u32::MAX);
        peer_table.meet(u32::MAX);
        let told = PeerLatencies {
            shortest: Span::ZERO,
            latency: Span::ZERO,
        };
        assert_eq!(peer_table.tell(u32::MAX, told), None);
        peer_table.forget(u32::MAX);
        assert!(peer_table.has(u32::MAX) && !peer_table.has(0));
        assert_eq!(peer_table.told(u32::MAX), None);
    }
}
