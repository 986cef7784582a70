//! The numbers that are reported of a run: a pure function of its record, its overlay and its
//! reference trees.
//!
//! An empty denominator gives an absent cell. This module does *not* know other runs.

use super::config::Method;
use super::record::{OverlayRecord, OverlayStage};
use super::shape::Shape;
use super::{Dissemination, reliability};
use crate::measure::{Cell, Metric};
use crate::statistics::Distribution;
use crate::system::{Report, Totals};
use crate::time::Time;

const fn metric(name: &'static str, meaning: &'static str) -> Metric {
    Metric::new(name, meaning)
}

const fn share(name: &'static str, meaning: &'static str) -> Metric {
    Metric::share(name, meaning)
}

/// The columns of `runs.csv`, in the order of [`report`]'s cells.
pub(super) const METRICS: &[Metric] = &[
    metric("nodes", "nodes of the overlay"),
    share(
        "attached_ratio",
        "nodes with a parent in every tree ÷ nodes but the source",
    ),
    metric(
        "cost_ratio",
        "latencies of all links ÷ those of the minimum spanning tree",
    ),
    metric(
        "cost_ratio_last",
        "the same ÷ those of the LAST tree for the delay goal",
    ),
    metric(
        "stretch_mean",
        "mean over nodes of earliest delay ÷ shortest",
    ),
    metric("stretch_max", "greatest of the same"),
    metric(
        "delay_ms_mean",
        "mean earliest delay from the source, in ms",
    ),
    share(
        "deadline_miss_ratio",
        "nodes that miss the delay goal in the first tree, or have no path in it ÷ nodes but the \
        source",
    ),
    share(
        "infeasible_ratio",
        "nodes that report that they cannot meet the delay goal in the first tree: all through whom they would have no \
        room ÷ nodes but the source; absent without a degree limit, and for central methods",
    ),
    metric(
        "degree_max",
        "greatest number of children of a node in one tree",
    ),
    metric(
        "depth_max",
        "greatest number of links between a node and the source in the first tree",
    ),
    share(
        "disjoint_ratio",
        "nodes with as many node-disjoint paths from the source as there are trees, over the links \
        of all trees ÷ nodes but the source; absent with one tree",
    ),
    metric(
        "link_stress_mean",
        "mean copies of a packet over the physical links that carry any",
    ),
    metric(
        "link_stress_max",
        "greatest number of copies of a packet on one physical link",
    ),
    share(
        "delivery_ratio_intact",
        "packets received ÷ those sent to all nodes but the source, before any failure",
    ),
    share(
        "delivery_ratio_failed",
        "the same, to all live nodes, right after the failures",
    ),
    share("delivery_ratio_repaired", "the same, after the repair"),
    metric(
        "messages_per_node",
        "control messages sent until the overlay was built ÷ nodes",
    ),
    metric(
        "converge_s",
        "time from the last join to the last change of a parent, in s; absent if nodes were still \
        probing at the end",
    ),
    metric(
        "repair_messages_per_node",
        "control messages sent during the repair ÷ live nodes",
    ),
    metric(
        "repair_s",
        "time from the failures to the last change of a parent, in s; absent if nodes were still \
        probing at the end",
    ),
    metric(
        "moved_cost_ratio_last",
        "after the moves: latencies of all links ÷ those of the LAST tree then",
    ),
    metric(
        "moved_stretch_mean",
        "after the moves: mean over nodes of earliest delay ÷ shortest",
    ),
    share(
        "moved_deadline_miss_ratio",
        "after the moves: nodes whose first tree misses the delay goal ÷ nodes but the source",
    ),
    share(
        "delivery_ratio_moved",
        "packets received ÷ those sent, right after the moves",
    ),
    metric(
        "adapted_cost_ratio_last",
        "once the overlay has adapted: latencies of all links ÷ those of the LAST tree",
    ),
    metric(
        "adapted_stretch_mean",
        "once it has adapted: mean over nodes of earliest delay ÷ shortest",
    ),
    share(
        "adapted_deadline_miss_ratio",
        "once it has adapted: nodes whose first tree misses the delay goal ÷ nodes but the source",
    ),
    share(
        "delivery_ratio_adapted",
        "packets received ÷ those sent, once it has adapted",
    ),
    metric(
        "adapt_messages_per_node",
        "control messages sent while the overlay adapts to the moves ÷ nodes",
    ),
    metric(
        "adapt_s",
        "time from the moves to the last change of a parent, in s; absent if nodes were still \
        probing at the end",
    ),
    metric(
        "parents_mean",
        "parents of a node but the source in all trees, mean over nodes",
    ),
    metric(
        "parents_mean_repaired",
        "the same of live nodes after the repair",
    ),
    share(
        "reach_expected",
        "chance that a packet reaches a node over the overlay as built when as many nodes fail as the reach goal says, mean \
        over nodes but the source; absent without a goal",
    ),
    share(
        "reach_missed_ratio",
        "nodes for which that chance is below the reach goal ÷ nodes but the source",
    ),
    share(
        "reach_kept_ratio",
        "chance that at least the fraction of the live nodes that the reach goal says is reached",
    ),
    share(
        "reach_best",
        "the most that this chance can be for a node that is no child of the source, with as many parents as there are trees",
    ),
    metric(
        "packets_forwarded",
        "links crossed by packets of any kind, access links included",
    ),
    metric("events", "inputs handled by nodes"),
];

/// What the overlay of a run looked like.
#[derive(Debug)]
pub(super) struct Shapes {
    /// The overlay as it was built.
    pub(super) built: Shape,
    /// The overlay immediately after nodes have moved.
    pub(super) moved: Option<Shape>,
    /// The overlay once it has adapted to the moves.
    pub(super) adapted: Option<Shape>,
}

/// The cells of [`METRICS`].
pub(super) fn report(system: &Dissemination, record: &OverlayRecord, totals: Totals) -> Report {
    let shapes = system
        .shapes
        .as_ref()
        .expect("the driver concludes every run");
    let mut cells = of_built(system, record, &shapes.built);
    cells.extend(of_failures(system, record));
    cells.extend(of_moves(system, record, shapes));
    cells.extend(of_parents(system, record));
    cells.extend(of_reach(system, record));
    cells.extend([
        Cell::Count(totals.packets_forwarded),
        Cell::Count(totals.events),
    ]);
    Report {
        cells,
        details: Vec::new(),
    }
}

/// Up to `link_stress_max`.
fn of_built(system: &Dissemination, record: &OverlayRecord, shape: &Shape) -> Vec<Cell> {
    let nodes = u64::from(system.config.nodes.count.0);
    let (reference_trees, rules) = (&system.reference_trees, &system.config.overlay);
    let (others, ratio) = (nodes - 1, Distribution::of(&shape.ratios));
    vec![
        Cell::Count(nodes),
        Cell::ratio(shape.attached, others),
        shape.cost_ratio(reference_trees.minimum.cost),
        shape.cost_ratio(reference_trees.last_tree.cost),
        ratio.mean.into(),
        ratio.max.into(),
        Distribution::of(&shape.delays_ms).mean.into(),
        Cell::ratio(shape.late, others),
        if rules.reports_goals() {
            Cell::ratio(record.infeasible().len() as u64, others)
        } else {
            Cell::Absent
        },
        Cell::Count(shape.degree_max),
        Cell::Count(shape.depth_max),
        // One way alone shares nothing with any other.
        if rules.redundancy.0 > 1 {
            Cell::ratio(shape.disjoint, others)
        } else {
            Cell::Absent
        },
        shape.link_stress_mean.into(),
        shape.link_stress_max.map_or(Cell::Absent, Cell::Count),
    ]
}

/// From `delivery_ratio_intact` to `repair_s`.
fn of_failures(system: &Dissemination, record: &OverlayRecord) -> Vec<Cell> {
    let nodes = u64::from(system.config.nodes.count.0);
    let left = nodes - system.failing.len() as u64;
    let distributed = system.config.overlay.method == Method::Distributed;
    let only = |cell: Cell| if distributed { cell } else { Cell::Absent };
    let anybody = !system.failing.is_empty();
    let repair = |cell: Cell| if anybody { cell } else { Cell::Absent };
    let failed = record.part(OverlayStage::Failed).map(|tally| tally.began);
    vec![
        reach(system, record, OverlayStage::Intact, nodes - 1),
        reach(system, record, OverlayStage::Failed, left - 1),
        reach(system, record, OverlayStage::Repaired, left - 1),
        only(messages(record, OverlayStage::Build, nodes)),
        only(time(record.last_join(), record, OverlayStage::Build)),
        repair(messages(record, OverlayStage::Repair, left)),
        repair(time(failed, record, OverlayStage::Repair)),
    ]
}

/// From `moved_cost_ratio_last` to `adapt_s`.
fn of_moves(system: &Dissemination, record: &OverlayRecord, shapes: &Shapes) -> Vec<Cell> {
    let nodes = u64::from(system.config.nodes.count.0);
    let last_tree = system
        .moved
        .as_ref()
        .map(|reference_trees| reference_trees.last_tree.cost);
    let of = |shape: &Option<Shape>, part| {
        let Some((shape, last_tree)) = shape.as_ref().zip(last_tree) else {
            return vec![Cell::Absent; 4];
        };
        vec![
            shape.cost_ratio(last_tree),
            shape.stretch_mean(),
            Cell::ratio(shape.late, nodes - 1),
            reach(system, record, part, nodes - 1),
        ]
    };
    let mut cells = of(&shapes.moved, OverlayStage::Moved);
    cells.extend(of(&shapes.adapted, OverlayStage::Adapted));
    let moved = record.part(OverlayStage::Moved).map(|tally| tally.began);
    cells.extend([
        messages(record, OverlayStage::Adapt, nodes),
        time(moved, record, OverlayStage::Adapt),
    ]);
    cells
}

/// How many parents nodes keep, as built and after the repair.
fn of_parents(system: &Dissemination, record: &OverlayRecord) -> [Cell; 2] {
    let mean = |all: &[Vec<Option<u32>>], lives: &dyn Fn(u32) -> bool| {
        let nodes = (0..).zip(all).skip(1).filter(|(node, _)| lives(*node));
        let (mut parents, mut count) = (0, 0);
        for (_, own) in nodes {
            parents += own.iter().flatten().count() as u64;
            count += 1;
        }
        Cell::ratio(parents, count)
    };
    let lives = |node: u32| system.failing.binary_search(&node).is_err();
    let repaired = record.part(OverlayStage::Repaired).is_some();
    [
        mean(record.built(), &|_| true),
        if repaired {
            mean(record.parents(), &lives)
        } else {
            Cell::Absent
        },
    ]
}

/// From `reach_expected` to `reach_best`.
fn of_reach(system: &Dissemination, record: &OverlayRecord) -> [Cell; 4] {
    let rules = &system.config.overlay;
    let Some(goal) = &rules.reach else {
        return [const { Cell::Absent }; 4];
    };
    let judgement = reliability::judge(record.built(), goal, system.streams);
    [
        Cell::Real(judgement.expected),
        Cell::ratio(judgement.missed, record.built().len() as u64 - 1),
        Cell::Real(judgement.kept),
        Cell::Real(rules.best_reach(goal)),
    ]
}

/// Packets received ÷ packets sent × the `others`, to whom the source sends them; absent if there are
/// none, or if the run does not have the part.
fn reach(system: &Dissemination, record: &OverlayRecord, part: OverlayStage, others: u64) -> Cell {
    let packets = u64::from(system.config.overlay.packets.0);
    let tally = record.part(part);
    tally.map_or(Cell::Absent, |tally| {
        Cell::ratio(tally.received, packets * others)
    })
}

/// Control messages ÷ `nodes`; absent if the run does not have the part.
fn messages(record: &OverlayRecord, part: OverlayStage, nodes: u64) -> Cell {
    let tally = record.part(part);
    tally.map_or(Cell::Absent, |tally| Cell::ratio(tally.messages, nodes))
}

/// The time from `begin` to the last change of a parent in `part`, in s. Absent if there was none, and
/// if a node had to stop probing: who is cut short has not come to rest.
fn time(begin: Option<Time>, record: &OverlayRecord, part: OverlayStage) -> Cell {
    let tally = record.part(part).filter(|tally| !tally.stopped);
    let end = tally.and_then(|tally| tally.changed);
    let span = begin
        .zip(end)
        .map(|(begin, end)| end.saturating_since(begin));
    Cell::from(span.map(|span| span.as_ms() / 1e3))
}
