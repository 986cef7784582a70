//! The numbers that are reported of a run: a pure function of its record, its overlay and its
//! reference trees.
//!
//! An empty denominator gives an absent cell. This module does *not* know other runs.

use std::collections::BTreeMap;

use super::Dissemination;
use super::message::SOURCE;
use super::record::{OverlayRecord, Part};
use crate::measure::{Cell, Metric};
use crate::opus::config::Method;
use crate::statistics::Distribution;
use crate::system::{Report, Totals, Underlay};
use crate::time::{Span, Time};

const fn metric(name: &'static str, meaning: &'static str) -> Metric {
    Metric { name, meaning }
}

/// The columns of `runs.csv`, in the order of [`report`]'s cells.
pub(super) const METRICS: &[Metric] = &[
    metric("nodes", "nodes of the overlay"),
    metric(
        "attached_ratio",
        "nodes with a parent in every tree ÷ nodes but the source",
    ),
    metric(
        "cost_ratio",
        "latencies of all links ÷ those of the minimum spanning tree",
    ),
    metric(
        "cost_ratio_light",
        "the same ÷ those of the light tree for the delay goal",
    ),
    metric(
        "delay_ratio_mean",
        "mean over nodes of earliest delay ÷ shortest",
    ),
    metric("delay_ratio_max", "greatest of the same"),
    metric(
        "delay_ms_mean",
        "mean earliest delay from the source, in ms",
    ),
    metric(
        "late_ratio",
        "nodes whose first tree misses the delay goal ÷ nodes but the source",
    ),
    metric("degree_max", "most children of a node in one tree"),
    metric(
        "depth_max",
        "most links between a node and the source in the first tree",
    ),
    metric(
        "disjoint_ratio",
        "nodes whose ways from the source share no node ÷ nodes but the source",
    ),
    metric(
        "copies_mean",
        "mean copies of a packet over the physical links that carry any",
    ),
    metric("copies_max", "most copies of a packet on one physical link"),
    metric(
        "reach_intact",
        "packets received ÷ those sent to all nodes, before any failure",
    ),
    metric(
        "reach_failed",
        "the same, to all nodes left, right after the failures",
    ),
    metric("reach_repaired", "the same, after the repair"),
    metric(
        "messages_per_node",
        "control messages sent until the overlay stood ÷ nodes",
    ),
    metric(
        "converge_s",
        "time from the last join to the last change of a parent, in s",
    ),
    metric(
        "repair_messages_per_node",
        "control messages sent during the repair ÷ nodes left",
    ),
    metric(
        "repair_s",
        "time from the failures to the last change of a parent, in s",
    ),
    metric(
        "packets_forwarded",
        "links crossed by packets of any kind, access links included",
    ),
    metric("events", "inputs handled by nodes"),
];

/// What a built overlay looks like on the underlay.
#[derive(Debug)]
pub(super) struct Shape {
    attached: u64,
    cost: Span,
    /// Earliest delay ÷ shortest, of the nodes that are attached and not at the source.
    ratios: Vec<f64>,
    delays_ms: Vec<f64>,
    late: u64,
    degree_max: u64,
    depth_max: u64,
    disjoint: u64,
    copies_mean: Option<f64>,
    copies_max: Option<u64>,
}

/// The parents of every node, by node and tree.
type Parents = [Vec<Option<u32>>];

impl Shape {
    pub(super) fn of(system: &Dissemination, underlay: &Underlay, parents: &Parents) -> Self {
        let latency = |a, b| system.places.latency(&underlay.routes, a, b);
        let mut links: Vec<(u32, u32)> = links(parents);
        links.sort_unstable();
        links.dedup();
        let ways: Vec<Vec<Option<Vec<u32>>>> = (0..parents.len() as u32)
            .map(|node| ways(parents, node))
            .collect();
        let delays = earliest(parents, latency);
        let shortest = &system.shortest.delays;
        let reached = || (1..parents.len()).filter_map(|node| Some((node, delays[node]?)));
        let goal = |node: usize| system.config.rules.delay_factor * shortest[node].as_ns() as f64;
        let late = |node: &usize| {
            let way = ways[*node][0].as_ref();
            way.is_some_and(|way| {
                along(way, latency).as_ns() as f64 > goal(*node).max(shortest[*node].as_ns() as f64)
            })
        };
        let copies = copies(system, underlay, &links);
        Self {
            attached: (1..parents.len())
                .filter(|&node| parents[node].iter().all(Option::is_some))
                .count() as u64,
            cost: links.iter().map(|&(a, b)| latency(a, b)).sum(),
            ratios: reached()
                .filter(|&(node, _)| shortest[node] > Span::ZERO)
                .map(|(node, delay)| delay.as_ns() as f64 / shortest[node].as_ns() as f64)
                .collect(),
            delays_ms: reached().map(|(_, delay)| delay.as_ms()).collect(),
            late: (1..parents.len()).filter(late).count() as u64,
            degree_max: degree_max(parents),
            depth_max: ways
                .iter()
                .filter_map(|ways| Some(ways[0].as_ref()?.len() as u64 - 1))
                .max()
                .unwrap_or(0),
            disjoint: ways[1..].iter().filter(|ways| are_disjoint(ways)).count() as u64,
            copies_mean: Cell::ratio(copies.values().sum(), copies.len() as u64).number(),
            copies_max: copies.values().max().copied(),
        }
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

/// Whether a node has a way in every tree, and no two of them share a node between the ends.
fn are_disjoint(ways: &[Option<Vec<u32>>]) -> bool {
    let mut between: Vec<u32> = Vec::new();
    for way in ways {
        let Some([_, inner @ .., _]) = way.as_deref() else {
            return false;
        };
        between.extend(inner);
    }
    let (count, direct) = (between.len(), |way: &&Option<Vec<u32>>| {
        way.as_ref().is_some_and(|way| way.len() == 2)
    });
    between.sort_unstable();
    between.dedup();
    // Two direct ways are one and the same link.
    between.len() == count && ways.iter().filter(direct).count() <= 1
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
    system: &Dissemination,
    underlay: &Underlay,
    links: &[(u32, u32)],
) -> BTreeMap<(u32, u32), u64> {
    let mut copies: BTreeMap<(u32, u32), u64> = BTreeMap::new();
    for &(parent, child) in links {
        let [mut at, to] = [parent, child].map(|node| system.places.site(node).router);
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

/// The cells of [`METRICS`].
pub(super) fn report(system: &Dissemination, record: &OverlayRecord, totals: Totals) -> Report {
    let shape = system
        .shape
        .as_ref()
        .expect("the driver concludes every run");
    let nodes = u64::from(system.config.nodes.count);
    let (others, left) = (nodes - 1, nodes - system.failing.len() as u64);
    let ratio = Distribution::of(&shape.ratios);
    let packets = u64::from(system.config.packets);
    let distributed = system.config.method == Method::Distributed;
    let only = |cell: Cell| if distributed { cell } else { Cell::Absent };
    let received = |part, nodes| Cell::ratio(record.part(part).received, packets * nodes);
    let since = |begin: Option<Time>, end: Option<Time>| {
        let span = begin
            .zip(end)
            .map(|(begin, end)| end.saturating_since(begin));
        Cell::from(span.map(|span| span.as_ms() / 1e3))
    };
    let messages = |part, nodes| Cell::ratio(record.part(part).messages, nodes);
    let [build, repair] = [Part::Build, Part::Repair].map(|part| record.part(part));
    let cells = vec![
        Cell::Count(nodes),
        Cell::ratio(shape.attached, others),
        Cell::ratio(shape.cost.as_ns(), system.minimum.cost.as_ns()),
        Cell::ratio(shape.cost.as_ns(), system.light.cost.as_ns()),
        ratio.mean.into(),
        ratio.max.into(),
        Distribution::of(&shape.delays_ms).mean.into(),
        Cell::ratio(shape.late, others),
        Cell::Count(shape.degree_max),
        Cell::Count(shape.depth_max),
        Cell::ratio(shape.disjoint, others),
        shape.copies_mean.into(),
        shape.copies_max.map_or(Cell::Absent, Cell::Count),
        received(Part::Intact, nodes),
        received(Part::Failed, left),
        only(received(Part::Repaired, left)),
        only(messages(Part::Build, nodes)),
        only(since(record.last_join(), build.changed)),
        only(messages(Part::Repair, left)),
        only(since(
            Some(record.part(Part::Failed).began),
            repair.changed.filter(|_| !system.failing.is_empty()),
        )),
        Cell::Count(totals.packets_forwarded),
        Cell::Count(totals.events),
    ];
    Report {
        cells,
        details: Vec::new(),
    }
}
