//! The numbers that are reported of the applications' overlays: a pure function of the record and of
//! the shapes.
//!
//! All are absent where no application has an overlay. This module does *not* know other runs.

use super::record::AllocationRecord;
use super::shape::Shape;
use super::updates::Tally;
use super::world::World;
use crate::measure::{Cell, Detail, Metric};
use crate::statistics::Distribution;
use crate::time::Time;

/// The tables of overlays: over time, and by application.
pub(super) const DETAILS: [Detail; 2] = [
    Detail {
        name: "deliveries",
        about: "updates over time, of those published in each bin",
        columns: &[
            Metric::new("time_s", "beginning of the bin, in s"),
            Metric::new("published", "updates published in it"),
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
        ],
    },
    Detail {
        name: "overlays",
        about: "updates by application, over the whole run",
        columns: &[
            Metric::new("application", "the application's number"),
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
            Metric::new(
                "cost_ratio",
                "latencies of the overlay's links ÷ those of the minimum spanning tree, mean over instants",
            ),
            Metric::share(
                "attached_ratio",
                "nodes with a path from the publisher in every tree ÷ nodes that serve",
            ),
        ],
    },
];

impl Tally {
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
fn sum(tallies: impl Iterator<Item = Tally>) -> Tally {
    tallies.fold(Tally::default(), Tally::and)
}

/// The cells of the overlays among the metrics, from `updates` on.
pub(super) fn cells(world: &World, record: &AllocationRecord, shapes: &[Shape]) -> Vec<Cell> {
    let count = world.overlays.len();
    if count == 0 {
        return vec![Cell::Absent; 8];
    }
    let all = (0..world.bins()).flat_map(|bin| (0..count).map(move |overlay| (bin, overlay)));
    let tally = sum(all.map(|(bin, overlay)| record.updates.tally(bin, overlay)));
    let costs: Vec<f64> = shapes
        .iter()
        .flat_map(|shape| &shape.costs)
        .copied()
        .collect();
    let total = |number: fn(&Shape) -> u64| shapes.iter().map(number).sum::<u64>();
    let seconds = World::seconds(world.config.allocation.duration_s.span());
    let node_seconds = f64::from(world.config.nodes.count.0) * seconds;
    let mut cells = tally.cells().to_vec();
    cells.extend([
        Distribution::of(&costs).mean.into(),
        Cell::ratio(total(|shape| shape.attached), total(|shape| shape.serving)),
        Cell::Real(record.updates.messages as f64 / node_seconds),
    ]);
    cells
}

/// The rows of [`DETAILS`].
pub(super) fn details(
    world: &World,
    record: &AllocationRecord,
    shapes: &[Shape],
) -> [Vec<Vec<Cell>>; 2] {
    let count = world.overlays.len();
    if count == 0 {
        return [Vec::new(), Vec::new()];
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
        row.extend([
            Distribution::of(&shape.costs).mean.into(),
            Cell::ratio(shape.attached, shape.serving),
        ]);
        row
    });
    [updates.collect(), overlays.collect()]
}
