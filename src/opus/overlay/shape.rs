//! What an overlay looks like on the underlay, as far as its parents and the nodes' places tell.
//!
//! This module does *not* know how the overlay came about.

use std::collections::BTreeMap;

use super::config::Overlay;
use super::disjoint;
use super::message::SOURCE;
use super::reference_trees::ReferenceTrees;
use crate::measure::Cell;
use crate::opus::nodes::Attachments;
use crate::statistics::Distribution;
use crate::system::Underlay;
use crate::time::Span;

/// What a built overlay looks like on the underlay.
#[derive(Debug)]
pub(super) struct Shape {
    /// Nodes with a parent in every tree.
    pub(super) attached: u64,
    /// The latencies of all links; `None` unless every node has a way in every tree: what is not
    /// built yet costs nothing.
    pub(super) cost: Option<Span>,
    /// Earliest delay ÷ shortest, of the nodes that are attached and not at the source.
    pub(super) ratios: Vec<f64>,
    /// Earliest delays, of the nodes that are attached.
    pub(super) delays_ms: Vec<f64>,
    /// Nodes that miss the delay goal in the first tree, or have no way there.
    pub(super) late: u64,
    /// Most children of a node in one tree.
    pub(super) degree_max: u64,
    /// Most links between a node and the source in the first tree.
    pub(super) depth_max: u64,
    /// Nodes to which as many ways lead from the source as there are trees, no two of which share a
    /// node between the ends; ways may change from tree to tree. With one tree, nobody is counted.
    pub(super) disjoint: u64,
    /// Mean copies of a packet over the physical links that carry any.
    pub(super) link_stress_mean: Option<f64>,
    /// Most copies of a packet on one of them.
    pub(super) link_stress_max: Option<u64>,
}

/// The parents of every node, by node and tree.
type Parents = [Vec<Option<u32>>];

impl Shape {
    /// The overlay with these `parents` on `reference_trees`, held against the delay goal that `rules` give: by
    /// the latency of the direct route, which is all that a node knows of what is shortest.
    pub(super) fn of(
        reference_trees: &ReferenceTrees,
        underlay: &Underlay,
        parents: &Parents,
        rules: &Overlay,
    ) -> Self {
        let latency = |a, b| reference_trees.places.latency(&underlay.routes, a, b);
        let mut links: Vec<(u32, u32)> = links(parents);
        links.sort_unstable();
        links.dedup();
        let ways: Vec<Vec<Option<Vec<u32>>>> = (0..parents.len() as u32)
            .map(|node| ways(parents, node))
            .collect();
        let delays = earliest(parents, latency);
        let shortest = &reference_trees.shortest.delays;
        let reached = || (1..parents.len()).filter_map(|node| Some((node, delays[node]?)));
        let late = |node: &u32| {
            let way = ways[*node as usize][0].as_ref();
            way.is_none_or(|way| along(way, latency) > rules.goal(latency(SOURCE, *node)))
        };
        // Where nodes choose how many parents they keep, one way is enough.
        let chosen = rules.reach.is_some();
        let whole = if chosen {
            delays.iter().all(Option::is_some)
        } else {
            ways.iter().flatten().all(Option::is_some)
        };
        let copies = copies(&reference_trees.places, underlay, &links);
        Self {
            attached: (1..parents.len())
                .filter(|&node| {
                    let mut parents = parents[node].iter();
                    if chosen {
                        parents.any(Option::is_some)
                    } else {
                        parents.all(Option::is_some)
                    }
                })
                .count() as u64,
            cost: whole.then(|| links.iter().map(|&(a, b)| latency(a, b)).sum()),
            ratios: reached()
                .filter(|&(node, _)| shortest[node] > Span::ZERO)
                .map(|(node, delay)| delay.as_ns() as f64 / shortest[node].as_ns() as f64)
                .collect(),
            delays_ms: reached().map(|(_, delay)| delay.as_ms()).collect(),
            late: (1..parents.len() as u32).filter(late).count() as u64,
            degree_max: degree_max(parents),
            depth_max: ways
                .iter()
                .filter_map(|ways| Some(ways[0].as_ref()?.len() as u64 - 1))
                .max()
                .unwrap_or(0),
            disjoint: disjoint(parents, rules.redundancy.0.into()),
            link_stress_mean: Cell::ratio(copies.values().sum(), copies.len() as u64).number(),
            link_stress_max: copies.values().max().copied(),
        }
    }

    /// The cost ÷ `other`, that of a tree over all nodes.
    pub(super) fn cost_ratio(&self, other: Span) -> Cell {
        let cost = self.cost.map(Span::as_ns);
        cost.map_or(Cell::Absent, |cost| Cell::ratio(cost, other.as_ns()))
    }

    /// The mean of earliest delay ÷ shortest.
    pub(super) fn stretch_mean(&self) -> Cell {
        Distribution::of(&self.ratios).mean.into()
    }
}

/// The links (parent, child) of all trees.
fn links(parents: &Parents) -> Vec<(u32, u32)> {
    let of = |(node, parents): (usize, &Vec<Option<u32>>)| {
        let parents = parents.clone().into_iter().flatten();
        parents.map(move |parent| (parent, node as u32))
    };
    parents.iter().enumerate().flat_map(of).collect()
}

/// The ways from `node` up to the source, both included, one for each tree; `None` where the way
/// ends before.
fn ways(parents: &Parents, node: u32) -> Vec<Option<Vec<u32>>> {
    let way = |tree: usize| {
        let mut way = vec![node];
        let mut at = node;
        while at != SOURCE {
            at = parents[at as usize][tree]?;
            way.push(at);
        }
        Some(way)
    };
    (0..parents[node as usize].len()).map(way).collect()
}

fn along(way: &[u32], latency: impl Fn(u32, u32) -> Span) -> Span {
    way.windows(2).map(|link| latency(link[1], link[0])).sum()
}

/// To how many nodes at least `trees` ways lead that share no node, if these are several.
fn disjoint(parents: &Parents, trees: usize) -> u64 {
    if trees < 2 {
        return 0;
    }
    let once = |parents: &Vec<Option<u32>>| -> Vec<u32> {
        let mut parents: Vec<u32> = parents.iter().flatten().copied().collect();
        parents.sort_unstable();
        parents.dedup();
        parents
    };
    let parents: Vec<Vec<u32>> = parents.iter().map(once).collect();
    let others = 1..parents.len() as u32;
    // Fewer parents than trees: no need to look.
    let candidates = others.filter(|&node| parents[node as usize].len() >= trees);
    candidates
        .filter(|&node| disjoint::ways(&parents, node) >= trees)
        .count() as u64
}

/// The delay with which the first copy of a packet arrives at each node, over all trees together.
fn earliest(parents: &Parents, latency: impl Fn(u32, u32) -> Span) -> Vec<Option<Span>> {
    let mut children: Vec<Vec<u32>> = vec![Vec::new(); parents.len()];
    for (parent, child) in links(parents) {
        children[parent as usize].push(child);
    }
    let mut delays: Vec<Option<Span>> = vec![None; parents.len()];
    let mut pending = std::collections::BTreeSet::from([(Span::ZERO, SOURCE)]);
    while let Some((delay, node)) = pending.pop_first() {
        if delays[node as usize].is_none() {
            delays[node as usize] = Some(delay);
            let next = |&child: &u32| (delay + latency(node, child), child);
            pending.extend(children[node as usize].iter().map(next));
        }
    }
    delays
}

fn degree_max(parents: &Parents) -> u64 {
    let mut degrees: BTreeMap<(usize, u32), u64> = BTreeMap::new();
    for parents in parents {
        for (tree, parent) in parents.iter().enumerate() {
            if let Some(parent) = parent {
                *degrees.entry((tree, *parent)).or_default() += 1;
            }
        }
    }
    degrees.into_values().max().unwrap_or(0)
}

/// How many copies of a packet each physical link between routers carries, in either direction;
/// links that carry none are left out.
fn copies(
    places: &Attachments,
    underlay: &Underlay,
    links: &[(u32, u32)],
) -> BTreeMap<(u32, u32), u64> {
    let mut copies: BTreeMap<(u32, u32), u64> = BTreeMap::new();
    for &(parent, child) in links {
        let [mut at, to] = [parent, child].map(|node| places.site(node).router);
        while at != to {
            let next = underlay.routes.next_hop(at, to);
            *copies
                .entry((at.0.min(next.0), at.0.max(next.0)))
                .or_default() += 1;
            at = next;
        }
    }
    copies
}
