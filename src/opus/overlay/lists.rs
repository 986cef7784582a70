//! The lists that a node tells others of: the nearest nodes of some sort, and a few at every order of
//! distance.
//!
//! This module does *not* know what is known of the nodes in them.

use arrayvec::ArrayVec;

use crate::time::Span;

/// A node, after the latency of the route to it.
pub(super) type Entry = (Span, u32);

/// The number of nodes that are remembered at each order of distance.
const RING: usize = 2;

/// The nearest nodes of some sort.
#[derive(Debug)]
pub(super) struct Nearest {
    /// The most that are kept.
    size: usize,
    /// Ascending.
    entries: Vec<Entry>,
}

/// How a list has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entered {
    /// Whether the node is new in the upper half.
    pub(super) high: bool,
    /// The node that is not in the list because there is no room: another node, or the one that was to enter.
    pub(super) out: Option<u32>,
}

impl Nearest {
    /// An empty list of up to `size` nodes.
    pub(super) fn new(size: usize) -> Self {
        Self {
            size,
            entries: Vec::new(),
        }
    }

    /// The nodes, the nearest first.
    #[inline]
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// A node enters the upper half only if it is nearer than this; `None`: wherever it is.
    #[inline]
    pub(super) fn reach(&self) -> Option<Span> {
        let middle = self.entries.get(self.size / 2);
        middle.map(|&(latency, _)| latency)
    }

    /// Puts a node in, or in its place if it is there. `None`: that changes nothing.
    pub(super) fn enter(&mut self, entry: Entry) -> Option<Entered> {
        let Err(mut place) = self.entries.binary_search(&entry) else {
            return None;
        };
        let known = self.entries.iter().position(|&(_, node)| node == entry.1);
        if let Some(former) = known {
            self.entries.remove(former);
            place -= usize::from(former < place);
        }
        self.entries.insert(place, entry);
        let out = (self.entries.len() > self.size).then(|| self.entries.pop());
        Some(Entered {
            high: known.is_none() && place <= self.size / 2,
            out: out.flatten().map(|(_, node)| node),
        })
    }

    /// Takes `node` out. Returns whether it was there.
    pub(super) fn forget(&mut self, node: u32) -> bool {
        let before = self.entries.len();
        self.entries.retain(|&(_, listed)| listed != node);
        self.entries.len() < before
    }

    /// Takes all out.
    pub(super) fn clear(&mut self) {
        self.entries.clear();
    }
}

/// A few nodes at every order of distance, so that candidates lead to every region: in ring i, the
/// latest whose latency in microseconds has i bits (after Wong, Slivkins, Sirer: *Meridian*, SIGCOMM
/// 2005).
#[derive(Debug, Default)]
pub(super) struct Rings {
    /// Ascending in i; those that were never entered are left out.
    rings: Vec<(u32, ArrayVec<Entry, RING>)>,
}

impl Rings {
    /// All nodes, the nearest rings first.
    #[inline]
    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.rings.iter().flat_map(|(_, ring)| ring)
    }

    /// Puts a node in. Returns whether it was not there.
    pub(super) fn enter(&mut self, entry: Entry) -> bool {
        let (latency, node) = entry;
        let bits = u64::BITS - (latency.as_ns() / 1000).leading_zeros();
        let place = self.rings.binary_search_by_key(&bits, |&(bits, _)| bits);
        let place = place.unwrap_or_else(|place| {
            self.rings.insert(place, (bits, ArrayVec::new()));
            place
        });
        let ring = &mut self.rings[place].1;
        let news = !ring.iter().any(|&(_, known)| known == node);
        if news {
            ring.truncate(RING - 1);
            ring.insert(0, entry);
        }
        news
    }

    /// Takes `node` out. Returns whether it was there.
    pub(super) fn forget(&mut self, node: u32) -> bool {
        let mut found = false;
        for (_, ring) in &mut self.rings {
            let before = ring.len();
            ring.retain(|&mut (_, listed)| listed != node);
            found |= ring.len() < before;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(ns: u64, node: u32) -> Entry {
        (Span::from_ns(ns), node)
    }

    #[test]
    fn the_nearest_stay_and_the_farthest_is_out() {
        let mut list = Nearest::new(4);
        for (ns, node, high, out) in [
            (50, 1, true, None),
            (40, 2, true, None),
            (60, 3, true, None),
            (70, 4, false, None),
            (80, 5, false, Some(5)),
            (45, 6, true, Some(4)),
            // The node is known already, at another distance: this is not news.
            (20, 3, false, None),
            (65, 2, false, None),
        ] {
            assert_eq!(list.enter(entry(ns, node)), Some(Entered { high, out }));
        }
        assert_eq!(list.enter(entry(45, 6)), None);
        assert_eq!(
            list.entries(),
            [entry(20, 3), entry(45, 6), entry(50, 1), entry(65, 2)]
        );
        assert_eq!(list.reach(), Some(Span::from_ns(50)));
        assert!(list.forget(6) && !list.forget(6));
        assert!(list.forget(3), "two are left");
        assert_eq!(list.reach(), None);
    }

    #[test]
    fn a_ring_keeps_the_latest() {
        let mut rings = Rings::default();
        let all = [(9000, 1), (8000, 2), (1_000_000, 3), (9000, 1), (15_999, 4)];
        let news = all.map(|(ns, node)| rings.enter(entry(ns, node)));
        assert_eq!(news, [true, true, true, false, true]);
        let nodes = |rings: &Rings| -> Vec<u32> { rings.entries().map(|entry| entry.1).collect() };
        assert_eq!(nodes(&rings), [4, 2, 3]);
        assert!(rings.forget(2) && !rings.forget(2));
        assert_eq!(nodes(&rings), [4, 3]);
    }
}
