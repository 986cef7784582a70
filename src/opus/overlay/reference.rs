//! Trees that a centre builds which knows every latency: what the distributed protocol is held
//! against.
//!
//! All of them stand on the complete graph over the nodes, whose links cost what they delay.
//! Times are O(n²), memory O(n). This module does *not* know units, nor the underlay.

#[cfg(test)]
mod tests;

use crate::time::Span;

/// A spanning tree rooted at node 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    /// The parent of each node; the root's is the root itself.
    pub parents: Vec<u32>,
    /// The delay of each node from the root along the tree.
    pub delays: Vec<Span>,
    /// The sum of the links' costs.
    pub cost: Span,
}

impl Tree {
    /// The tree with these `parents`, in which links cost `latency`. Every node must be a
    /// descendant of node 0, its own parent.
    fn new(parents: Vec<u32>, latency: impl Fn(u32, u32) -> Span) -> Self {
        let mut delays: Vec<Option<Span>> = vec![None; parents.len()];
        delays[0] = Some(Span::ZERO);
        let mut way = Vec::new();
        for node in 0..parents.len() as u32 {
            let mut at = node;
            let mut delay = loop {
                match delays[at as usize] {
                    Some(delay) => break delay,
                    None => way.push(at),
                }
                at = parents[at as usize];
            };
            while let Some(next) = way.pop() {
                delay += latency(parents[next as usize], next);
                delays[next as usize] = Some(delay);
            }
        }
        let cost = (1..parents.len() as u32)
            .map(|node| latency(parents[node as usize], node))
            .sum();
        Self {
            delays: delays.into_iter().map(Option::unwrap_or_default).collect(),
            parents,
            cost,
        }
    }
}

/// Grows a tree from node 0 over `n` nodes, always by the node outside of least rank (by number
/// on a tie), where `rank` tells from (rank of the node inside, latency of the link) how near a
/// node outside is. Returns the nodes in the order in which they were reached, and their parents.
fn grow(
    n: u32,
    latency: impl Fn(u32, u32) -> Span,
    rank: impl Fn(Span, Span) -> Span,
) -> (Vec<u32>, Vec<u32>) {
    let mut parents = vec![0; n as usize];
    let mut ranks: Vec<Option<Span>> = vec![None; n as usize];
    let mut outside: Vec<u32> = (1..n).collect();
    let mut order = vec![0];
    let (mut last, mut last_rank) = (0, Span::ZERO);
    while !outside.is_empty() {
        let mut least: Option<(Span, u32, usize)> = None;
        for (place, &node) in outside.iter().enumerate() {
            let offered = rank(last_rank, latency(last, node));
            let known = &mut ranks[node as usize];
            if known.is_none_or(|known| offered < known) {
                *known = Some(offered);
                parents[node as usize] = last;
            }
            let candidate = (known.unwrap_or(offered), node, place);
            if least.is_none_or(|least| (candidate.0, candidate.1) < (least.0, least.1)) {
                least = Some(candidate);
            }
        }
        let Some((rank, node, place)) = least else {
            break;
        };
        outside.swap_remove(place);
        order.push(node);
        (last, last_rank) = (node, rank);
    }
    (order, parents)
}

/// The minimum spanning tree of `n` ≥ 1 nodes (Prim).
pub(crate) fn minimum_spanning(n: u32, latency: impl Fn(u32, u32) -> Span) -> Tree {
    let (_, parents) = grow(n, &latency, |_, link| link);
    Tree::new(parents, latency)
}

/// The tree of shortest paths from node 0 (Dijkstra).
pub(crate) fn shortest_paths(n: u32, latency: impl Fn(u32, u32) -> Span) -> Tree {
    let (_, parents) = grow(n, &latency, |delay, link| delay + link);
    Tree::new(parents, latency)
}

/// A light approximate shortest-path tree: every delay is at most `alpha` (above 1) times the
/// shortest, and the cost at most 1 + 2/(`alpha` − 1) times that of the minimum spanning tree.
///
/// Khuller, Raghavachari, Young: *Balancing minimum spanning trees and shortest-path trees*,
/// Algorithmica 14, 1995 (algorithm LAST): walks round the minimum spanning tree, relaxing its
/// links in both directions, and where a node's delay is too long grafts its shortest path.
///
/// The paper leaves open in which order the walk visits a node's children, and much depends on it. Four
/// orders are tried: by number, up and down, and by the latency of the link, short and long ones
/// first. The cheapest tree counts; of several, the first.
pub(crate) fn last_tree(
    minimum: &Tree,
    shortest: &Tree,
    alpha: f64,
    latency: impl Fn(u32, u32) -> Span,
) -> Tree {
    let n = minimum.parents.len();
    let mut children: Vec<Vec<u32>> = vec![Vec::new(); n];
    for node in 1..n as u32 {
        children[minimum.parents[node as usize] as usize].push(node);
    }
    let mut best: Option<Tree> = None;
    let by_number: fn(&(Span, u32)) -> (Span, u32) = |(_, node)| (Span::ZERO, *node);
    for order in [by_number, |link| *link] {
        for (parent, children) in (0..).zip(&mut children) {
            children.sort_unstable_by_key(|&child| order(&(latency(parent, child), child)));
        }
        for _ in 0..2 {
            let tree = light_in_order(&children, minimum, shortest, alpha, &latency);
            if best.as_ref().is_none_or(|best| tree.cost < best.cost) {
                best = Some(tree);
            }
            for children in &mut children {
                children.reverse();
            }
        }
    }
    best.unwrap_or_else(|| minimum.clone())
}

/// The tree between `minimum` and `shortest` for one order, in which the `children` of each node in the minimum
/// spanning tree are visited from the last one to the first.
fn light_in_order(
    children: &[Vec<u32>],
    minimum: &Tree,
    shortest: &Tree,
    alpha: f64,
    latency: impl Fn(u32, u32) -> Span,
) -> Tree {
    let n = children.len();
    let mut walk = Walk {
        delays: vec![None; n],
        parents: vec![0; n],
        latency,
    };
    walk.delays[0] = Some(Span::ZERO);
    // A node is entered when it is popped for the first time and left when it is popped again.
    let mut stack = vec![(0, false)];
    while let Some((node, leaving)) = stack.pop() {
        let parent = minimum.parents[node as usize];
        if leaving {
            walk.relax(node, parent);
            continue;
        }
        if node != 0 {
            walk.relax(parent, node);
            stack.push((node, true));
        }
        let goal = alpha * shortest.delays[node as usize].as_ns() as f64;
        if walk.delays[node as usize].is_none_or(|delay| delay.as_ns() as f64 > goal) {
            walk.graft(node, shortest);
        }
        stack.extend(children[node as usize].iter().map(|&child| (child, false)));
    }
    Tree::new(walk.parents, walk.latency)
}

/// The state of [`last_tree`]: delays found so far, and the parents that give them.
struct Walk<L> {
    delays: Vec<Option<Span>>,
    parents: Vec<u32>,
    latency: L,
}

impl<L: Fn(u32, u32) -> Span> Walk<L> {
    fn relax(&mut self, from: u32, to: u32) {
        let Some(delay) = self.delays[from as usize] else {
            return;
        };
        let offered = delay + (self.latency)(from, to);
        if to != 0 && self.delays[to as usize].is_none_or(|known| offered < known) {
            self.delays[to as usize] = Some(offered);
            self.parents[to as usize] = from;
        }
    }

    /// Relaxes the links of the shortest path to `node`, from where it is already short.
    fn graft(&mut self, node: u32, shortest: &Tree) {
        let mut way = Vec::new();
        let mut at = node;
        while self.delays[at as usize].is_none_or(|delay| delay > shortest.delays[at as usize]) {
            way.push(at);
            at = shortest.parents[at as usize];
        }
        while let Some(next) = way.pop() {
            self.relax(shortest.parents[next as usize], next);
        }
    }
}
