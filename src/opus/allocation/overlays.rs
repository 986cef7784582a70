//! The numbers that are reported of the applications' overlays: a pure function of the record and of
//! the shapes.
//!
//! All are absent where no application has an overlay. This module does *not* know other runs.

use super::record::AllocationRecord;
use super::shape::Shape;
use super::updates::UpdateCounts;
use super::world::World;
use crate::measure::{Cell, Detail, Metric};
use crate::statistics::Distribution;
use crate::time::Time;

/// What is told of updates in each of the tables.
const OF_UPDATES: [Metric; 5] = [
    Metric::new("published", "updates published"),
    Metric::share(
        "delivery_ratio",
        "updates received ÷ updates that should be received",
    ),
    Metric::share(
        "deadline_miss_ratio",
        "received later than the delay goal ÷ received",
    ),
    Metric::new("delay_ms", "mean delay of those received, in ms"),
    Metric::new(
        "stretch",
        "mean delay ÷ latency of the direct route from the publisher",
    ),
];

/// What is told of the trees.
const OF_TREES: [Metric; 2] = [
    Metric::new(
        "cost_ratio",
        "latencies of an overlay's links ÷ those of the minimum spanning tree, mean",
    ),
    Metric::share(
        "attached_ratio",
        "nodes with a path from the publisher in every tree ÷ nodes that serve",
    ),
];

/// The tables of overlays: updates over time, all by application, trees over time.
pub(super) const DETAILS: [Detail; 3] = [
    Detail {
        name: "deliveries",
        about: "updates over time, of those published in each bin",
        columns: &[
            Metric::new("time_s", "beginning of the bin, in s"),
            OF_UPDATES[0],
            OF_UPDATES[1],
            OF_UPDATES[2],
            OF_UPDATES[3],
            OF_UPDATES[4],
        ],
    },
    Detail {
        name: "overlays",
        about: "updates by application, over the whole run",
        columns: &[
            Metric::new("application", "the application's number"),
            OF_UPDATES[0],
            OF_UPDATES[1],
            OF_UPDATES[2],
            OF_UPDATES[3],
            OF_UPDATES[4],
            OF_TREES[0],
            OF_TREES[1],
        ],
    },
    Detail {
        name: "trees",
        about: "the trees of all overlays over time",
        columns: &[
            Metric::new("time_s", "the instant, in s"),
            OF_TREES[0],
            OF_TREES[1],
        ],
    },
];

impl UpdateCounts {
    /// Updates, and their cells from `delivery_ratio` to `stretch`.
    fn cells(&self) -> [Cell; 5] {
        let mean = |sum: f64, count: u64| Cell::from((count > 0).then(|| sum / count as f64));
        [
            Cell::Count(self.published),
            Cell::ratio(self.received, self.due),
            Cell::ratio(self.late, self.received),
            mean(self.delay_s * 1e3, self.received),
            mean(self.ratio.0, self.ratio.1),
        ]
    }
}

/// Sums over the tallies of bins and overlays.
fn sum(tallies: impl Iterator<Item = UpdateCounts>) -> UpdateCounts {
    tallies.fold(UpdateCounts::default(), UpdateCounts::and)
}

/// The cells of the overlays among the metrics, from `updates` on.
pub(super) fn cells(world: &World, record: &AllocationRecord, shapes: &[Shape]) -> Vec<Cell> {
    let count = world.overlays.len();
    if count == 0 {
        return vec![Cell::Absent; 8];
    }
    let all = (0..world.bins()).flat_map(|bin| (0..count).map(move |overlay| (bin, overlay)));
    let tally = sum(all.map(|(bin, overlay)| record.updates.tally(bin, overlay)));
    let costs: Vec<f64> = shapes.iter().flat_map(Shape::costs).collect();
    let counts = shapes.iter().map(Shape::attached);
    let [attached, serving] = counts.fold([0, 0], |[a, s], [attached, serving]| {
        [a + attached, s + serving]
    });
    let seconds = World::seconds(world.config.allocation.duration_s.span());
    let node_seconds = f64::from(world.config.nodes.count.0) * seconds;
    let mut cells = tally.cells().to_vec();
    cells.extend([
        Distribution::of(&costs).mean.into(),
        Cell::ratio(attached, serving),
        Cell::Real(record.updates.messages as f64 / node_seconds),
    ]);
    cells
}

/// The rows of [`DETAILS`].
pub(super) fn details(
    world: &World,
    record: &AllocationRecord,
    shapes: &[Shape],
) -> [Vec<Vec<Cell>>; 3] {
    let count = world.overlays.len();
    if count == 0 {
        return [Vec::new(), Vec::new(), Vec::new()];
    }
    let bins = 0..world.bins();
    let updates = bins.clone().map(|bin| {
        let tally = sum((0..count).map(|overlay| record.updates.tally(bin, overlay)));
        let begins = World::seconds(world.bin(bin)[0] - Time::ZERO);
        let mut row = vec![Cell::Real(begins)];
        row.extend(tally.cells());
        row
    });
    let overlays = (0..count).map(|overlay| {
        let tally = sum(bins.clone().map(|bin| record.updates.tally(bin, overlay)));
        let shape = &shapes[overlay];
        let application = world.overlays[overlay].application;
        let mut row = vec![Cell::Count(application.into())];
        row.extend(tally.cells());
        let [attached, serving] = shape.attached();
        let costs: Vec<f64> = shape.costs().collect();
        row.extend([
            Distribution::of(&costs).mean.into(),
            Cell::ratio(attached, serving),
        ]);
        row
    });
    let trees = trees(record, shapes);
    [updates.collect(), overlays.collect(), trees]
}

/// The rows of the trees over time.
fn trees(record: &AllocationRecord, shapes: &[Shape]) -> Vec<Vec<Cell>> {
    let instants: Vec<Time> = record.updates.instants().collect();
    let row = |(number, instant): (usize, &Time)| {
        let seen = shapes.iter().map(|shape| shape.seen[number]);
        let costs: Vec<f64> = seen.clone().filter_map(|seen| seen.cost).collect();
        let (attached, serving) = (
            seen.clone().map(|seen| seen.attached).sum(),
            seen.map(|seen| seen.serving).sum(),
        );
        vec![
            Cell::Real(World::seconds(*instant - Time::ZERO)),
            Distribution::of(&costs).mean.into(),
            Cell::ratio(attached, serving),
        ]
    };
    // Shapes have the last instant first.
    let mut rows: Vec<Vec<Cell>> = instants.iter().rev().enumerate().map(row).collect();
    rows.reverse();
    rows
}
