//! For how long enough replicas of each application serve.
//!
//! This module does *not* know why they do, or do not.

use std::sync::Arc;

use super::world::World;
use crate::measure::{Cell, Detail, Metric};
use crate::statistics::Distribution;
use crate::time::Time;

/// The table of replicas.
pub(super) const DETAIL: Detail = Detail {
    name: "replicas",
    about: "applications with a quorum: their replicas, and for how long enough of these serve",
    columns: &[
        Metric::new("application", "the application's number"),
        Metric::share(
            "availability_target",
            "fraction of the time for which enough replicas must serve",
        ),
        Metric::new("quorum", "how many replicas must serve at once"),
        Metric::new("replica_count", "its replicas"),
        Metric::share(
            "availability_expected",
            "fraction of the time for which enough serve by the laws of failure, at least",
        ),
        Metric::share(
            "availability_measured",
            "fraction of the time for which enough served",
        ),
    ],
};

/// The record of the replicas of one run.
#[derive(Debug)]
pub(super) struct Uptime {
    world: Arc<World>,
    /// By plan: how many replicas serve, since when there are enough (if there are), and for how long there were
    /// before that.
    served: Vec<(u32, Option<Time>, u64)>,
}

impl Uptime {
    /// An empty record of a run in which nodes serve as `serves` tells from the beginning.
    pub(super) fn new(world: Arc<World>, serves: &[Option<u16>]) -> Self {
        let plans = world.replicas.plans.iter();
        let mut uptime = Self {
            served: plans.map(|_| (0, None, 0)).collect(),
            world,
        };
        for (node, application) in (0..).zip(serves) {
            uptime.serve(Time::ZERO, node, None, *application);
        }
        uptime
    }

    /// A node serves another application from now on, or none.
    pub(super) fn serve(&mut self, now: Time, node: u32, before: Option<u16>, after: Option<u16>) {
        let Some(own) = self.world.replicas.of(node) else {
            return;
        };
        let Some(place) = self.world.replicas.plan(own) else {
            return;
        };
        let (now, quorum) = (
            now.min(self.world.end),
            self.world.replicas.plans[place].quorum,
        );
        let (count, since, sum_ns) = &mut self.served[place];
        *count += u32::from(after == Some(own));
        *count -= u32::from(before == Some(own));
        if *count >= quorum {
            since.get_or_insert(now);
        } else if let Some(since) = since.take() {
            *sum_ns += now.saturating_since(since).as_ns();
        }
    }

    /// The share of the time for which enough replicas served, by plan.
    fn shares(&self) -> Vec<f64> {
        let end = self.world.end;
        let share = |(_, since, sum_ns): &(u32, Option<Time>, u64)| {
            let rest = since.map_or(0, |since| end.saturating_since(since).as_ns());
            (sum_ns + rest) as f64 / (end - Time::ZERO).as_ns() as f64
        };
        self.served.iter().map(share).collect()
    }

    /// The cells of `replica_nodes`, `up_ratio_target`, `up_ratio` and `up_ratio_expected`.
    pub(super) fn cells(&self) -> Vec<Cell> {
        let plans = &self.world.replicas.plans;
        if plans.is_empty() {
            return vec![Cell::Absent; 4];
        }
        let targets: Vec<f64> = plans.iter().map(|plan| plan.target).collect();
        let expected: Vec<f64> = plans.iter().map(|plan| plan.expected).collect();
        let count: u32 = plans.iter().map(|plan| plan.count).sum();
        vec![
            Cell::Count(count.into()),
            Distribution::of(&targets).mean.into(),
            Distribution::of(&self.shares()).mean.into(),
            Distribution::of(&expected).mean.into(),
        ]
    }

    /// The rows of [`DETAIL`].
    pub(super) fn details(&self) -> Vec<Vec<Cell>> {
        let plans = self.world.replicas.plans.iter().zip(self.shares());
        let row = |(plan, share): (&super::placing::Plan, f64)| {
            vec![
                Cell::Count(plan.application.into()),
                Cell::Real(plan.target),
                Cell::Count(plan.quorum.into()),
                Cell::Count(plan.count.into()),
                Cell::Real(plan.expected),
                Cell::Real(share),
            ]
        };
        plans.map(row).collect()
    }
}
