//! Whom a flood comes to by theory: all that are within its time to live, over computers that are there.
//!
//! It does *not* know messages.

use super::graph::Graph;
use crate::discovery::theory::Reach;

/// The distances over a graph from one computer after another.
pub(super) struct Within<'g> {
    graph: &'g Graph,
    /// How many edges a query may cross; `None`: any number.
    ttl: Option<u32>,
    /// Which computers are there.
    there: Vec<bool>,
    /// From whom the distances are known.
    from: Option<u32>,
    /// Of each computer, if it is within.
    edges: Vec<Option<u32>>,
}

impl<'g> Within<'g> {
    /// Nothing is known yet.
    pub(super) fn new(graph: &'g Graph, ttl: Option<u32>, there: Vec<bool>) -> Self {
        Self {
            graph,
            ttl,
            edges: Vec::new(),
            there,
            from: None,
        }
    }

    /// Finds the distances from a computer, ring by ring.
    fn look(&mut self, from: u32) {
        self.edges = vec![None; self.there.len()];
        self.edges[from as usize] = Some(0);
        let mut ring = vec![from];
        let mut crossed = 0;
        while !ring.is_empty() && self.ttl.is_none_or(|ttl| crossed < ttl) {
            crossed += 1;
            let mut next = Vec::new();
            for other in ring.iter().flat_map(|&node| self.graph.neighbours(node)) {
                let place = *other as usize;
                if self.there[place] && self.edges[place].is_none() {
                    self.edges[place] = Some(crossed);
                    next.push(*other);
                }
            }
            ring = next;
        }
        self.from = Some(from);
    }
}

impl Reach for Within<'_> {
    fn level(&mut self, requester: u32, computer: u32) -> Option<u32> {
        if self.from != Some(requester) {
            self.look(requester);
        }
        self.edges[computer as usize].map(|_| 0)
    }
}
