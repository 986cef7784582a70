//! How many ways from the source to a node share no node but these two.
//!
//! A packet goes down all links of all trees, so ways may change from one tree to another: it is
//! Menger's number of the graph of all links, by augmenting ways (Ford, Fulkerson, *Flows in
//! Networks*, 1962) through nodes that take one way each. They are looked for from the node upwards, so only
//! what is above it is seen. This module does *not* know latencies, nor how links came about.

use std::collections::{BTreeMap, BTreeSet};

use super::message::SOURCE;

/// Where a search stands: at a node from below, or leaving it upwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum SearchSide {
    Enters(u32),
    Leaves(u32),
}

/// Ways to one node, none of which shares a node with another.
struct DisjointPaths<'a> {
    /// The parents of each node, in any tree; none twice.
    parents: &'a [Vec<u32>],
    to: u32,
    /// Of each node on a way, the next one downwards.
    below: BTreeMap<u32, u32>,
    /// The nodes that a way reaches directly from the source.
    tops: BTreeSet<u32>,
}

/// The greatest number of ways from the source to `to`, which is another node, that share no other
/// node, where `parents` are those of each node, none twice.
pub(super) fn ways(parents: &[Vec<u32>], to: u32) -> usize {
    let mut ways = DisjointPaths {
        parents,
        to,
        below: BTreeMap::new(),
        tops: BTreeSet::new(),
    };
    let most = parents[to as usize].len();
    (0..most).take_while(|_| ways.augment()).count()
}

impl DisjointPaths<'_> {
    /// Finds one way more, which may lead back down along those that there are; whether there is one.
    fn augment(&mut self) -> bool {
        let start = SearchSide::Leaves(self.to);
        let mut from: BTreeMap<SearchSide, SearchSide> = BTreeMap::new();
        let mut pending = vec![start];
        while let Some(state) = pending.pop() {
            for next in self.steps(state) {
                if next == SearchSide::Enters(SOURCE) {
                    self.take(&from, state);
                    return true;
                }
                if next != start && !from.contains_key(&next) {
                    from.insert(next, state);
                    pending.push(next);
                }
            }
        }
        false
    }

    /// Where a search can go on.
    fn steps(&self, state: SearchSide) -> Vec<SearchSide> {
        match state {
            SearchSide::Enters(node) => match self.below.get(&node) {
                // A way comes up here already: give it another end above the node below.
                Some(&below) => vec![SearchSide::Leaves(below)],
                None => vec![SearchSide::Leaves(node)],
            },
            SearchSide::Leaves(node) => {
                let taken = |parent: u32| match parent {
                    SOURCE => self.tops.contains(&node),
                    parent => parent == self.to || self.below.get(&parent) == Some(&node),
                };
                let parents = self.parents[node as usize].iter();
                let free = parents.filter(|&&parent| !taken(parent));
                let mut steps: Vec<SearchSide> =
                    free.map(|&parent| SearchSide::Enters(parent)).collect();
                if self.below.contains_key(&node) {
                    // It was left by its own way upwards, which now leaves from here.
                    steps.push(SearchSide::Enters(node));
                }
                steps
            }
        }
    }

    /// Takes the way found, which reaches the source after `last`: what it leads back along is given
    /// up.
    fn take(&mut self, from: &BTreeMap<SearchSide, SearchSide>, last: SearchSide) {
        let mut upwards = Vec::new();
        let mut back = Vec::new();
        let (mut state, mut next) = (last, SearchSide::Enters(SOURCE));
        loop {
            match (state, next) {
                (SearchSide::Leaves(node), SearchSide::Enters(parent)) if node != parent => {
                    upwards.push((node, parent));
                }
                (SearchSide::Enters(node), SearchSide::Leaves(below)) if node != below => {
                    back.push(node);
                }
                _ => {}
            }
            let Some(&before) = from.get(&state) else {
                break;
            };
            (next, state) = (state, before);
        }
        for node in back {
            self.below.remove(&node);
        }
        for (node, parent) in upwards {
            if parent == SOURCE {
                self.tops.insert(node);
            } else {
                self.below.insert(parent, node);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{RandomStreams, StreamId};

    #[test]
    fn ways_may_change_from_tree_to_tree() {
        // Both of 4's ways in the trees 4-3-1-0 and 4-2-1-0 go over 1; 2 has another parent, 0.
        let parents = [vec![], vec![0], vec![1, 0], vec![1], vec![3, 2]];
        assert_eq!([1, 2, 3, 4].map(|to| ways(&parents, to)), [1, 2, 1, 2]);
        // Links in a ring.
        let ring = [vec![], vec![2, 0], vec![1, 0]];
        assert_eq!([1, 2].map(|to| ways(&ring, to)), [2, 2]);
        assert_eq!(ways(&[vec![], vec![2], vec![1]], 1), 0, "no way at all");
    }

    /// Whether `to` is reached without the nodes of a set.
    fn is_reached(parents: &[Vec<u32>], to: u32, without: u32) -> bool {
        let mut seen = 1_u32 << to;
        let mut pending = vec![to];
        while let Some(node) = pending.pop() {
            for &parent in &parents[node as usize] {
                if parent == SOURCE {
                    return true;
                }
                if (seen | without) >> parent & 1 == 0 {
                    seen |= 1 << parent;
                    pending.push(parent);
                }
            }
        }
        false
    }

    #[test]
    fn as_many_as_nodes_must_fall_to_cut_the_last_way() {
        let streams = RandomStreams::new(8, 0);
        for case in 0..600 {
            let below = |index, n| streams.below(StreamId(240), case, index, n);
            let nodes = 4 + below(0, 5) as u32;
            let mut parents: Vec<Vec<u32>> = (0..nodes)
                .map(|node| {
                    let some = (1..4).map(|place| below(node * 4 + place, nodes.into()) as u32);
                    let mut some: Vec<u32> = some.filter(|parent| *parent != node).collect();
                    some.sort_unstable();
                    some.dedup();
                    some
                })
                .collect();
            for to in 1..nodes {
                let found = ways(&parents, to);
                // No node cuts the direct link.
                let own = parents[to as usize].clone();
                parents[to as usize].retain(|parent| *parent != SOURCE);
                let direct = own.len() - parents[to as usize].len();
                let sets = (0_u32..1 << nodes).filter(|set| set & 1 == 0 && set >> to & 1 == 0);
                let cuts = sets.filter(|set| !is_reached(&parents, to, *set));
                let least = cuts.map(u32::count_ones).min().unwrap() as usize;
                parents[to as usize] = own;
                assert_eq!(found, direct + least, "{parents:?} to {to}");
            }
        }
    }
}
