//! The numbers that are reported of a run: a pure function of its record and its world.
//!
//! An empty denominator gives an absent cell. This module does *not* know other runs.

use std::sync::Arc;

use super::record::AllocationRecord;
use super::world::World;
use super::worth::Worth;
use super::{Allocation, divide, overlays, uptime};
use crate::measure::{Cell, Detail, Metric};
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
    metric("nodes", "nodes of the utility"),
    metric("applications", "applications that share them"),
    metric(
        "unserved_applications",
        "applications that no node serves, on average over time",
    ),
    metric("utility", "total utility per second, mean over the run"),
    metric(
        "optimum",
        "the same as the model predicts it for the best allocation at the true demand",
    ),
    metric("optimum_ratio", "utility ÷ optimum"),
    share(
        "availability",
        "requests answered in time ÷ requests issued",
    ),
    share(
        "violation_ratio",
        "bins in which an application misses its availability target ÷ those with requests",
    ),
    metric(
        "reassignments",
        "nodes that the manager has assigned to an application, newly or from another one",
    ),
    metric(
        "react_s",
        "time from the start of the first flash crowd until the utility is at least 90 % of the \
        optimum again, in s",
    ),
    metric(
        "demand_error",
        "mean of |estimated − true| ÷ true demand (of the time that the policy uses), over \
        allocations and applications",
    ),
    metric("issued", "requests issued by clients"),
    share("deadline_miss_ratio", "requests answered too late ÷ issued"),
    share("lost_ratio", "requests never answered ÷ issued"),
    metric("response_ms_mean", "mean time from issue to answer, in ms"),
    metric(
        "response_ms_p95",
        "95th percentile of the same, to within 1/64",
    ),
    metric(
        "messages_per_node_s",
        "control messages ÷ nodes and seconds",
    ),
    metric("updates", "updates published for the nodes of applications"),
    share(
        "update_delivery_ratio",
        "updates received by nodes that have served their application since the publication ÷ \
        those due",
    ),
    share(
        "update_deadline_miss_ratio",
        "updates received later than the delay goal ÷ received",
    ),
    metric("update_delay_ms", "mean delay of the same, in ms"),
    metric(
        "update_stretch",
        "mean delay ÷ latency of the direct route from the publisher",
    ),
    metric(
        "overlay_cost_ratio",
        "latencies of an overlay's links ÷ those of the minimum spanning tree, mean over instants and overlays",
    ),
    share(
        "overlay_attached_ratio",
        "nodes with a path from the publisher in every tree ÷ nodes that serve, over the same",
    ),
    metric(
        "overlay_messages_per_node_s",
        "control messages of overlays ÷ nodes and seconds",
    ),
    metric(
        "replica_nodes",
        "nodes kept as replicas of applications with a quorum",
    ),
    share(
        "up_ratio_target",
        "fraction of the time for which enough replicas should serve, mean over applications with a quorum",
    ),
    share(
        "up_ratio",
        "fraction of the time for which enough replicas serve, mean over applications with a quorum",
    ),
    share(
        "up_ratio_expected",
        "the same by the laws of failure, at least where no message is lost",
    ),
    metric(
        "packets_forwarded",
        "links crossed by packets of any kind, access links included",
    ),
    metric(
        "events",
        "inputs handled by nodes, clients, publishers and the manager",
    ),
];

/// The tables over time.
pub(super) const DETAILS: &[Detail] = &[
    Detail {
        name: "times",
        about: "all applications over time",
        columns: &[
            Metric::new("time_s", "beginning of the bin, in s"),
            Metric::new("demand_per_s", "requests of all clients per second"),
            Metric::new("utility", "utility of all applications together"),
            Metric::new(
                "optimum",
                "the same of the best allocation of the nodes that are up",
            ),
            Metric::new("nodes_up", "nodes that are up"),
        ],
    },
    Detail {
        name: "shares",
        about: "each application over time",
        columns: &[
            Metric::new("time_s", "beginning of the bin, in s"),
            Metric::new("application", "the application's number"),
            Metric::new("demand_per_s", "requests of its clients per second"),
            Metric::new("served_per_s", "those that were served in time, per second"),
            Metric::new("utility", "its utility"),
            Metric::new("nodes", "nodes that work for it, mean over the bin"),
        ],
    },
    overlays::DETAILS[0],
    overlays::DETAILS[1],
    overlays::DETAILS[2],
    uptime::DETAIL,
    Detail {
        name: "agreements",
        about: "each application's agreement, over the whole run",
        columns: &[
            Metric::new("application", "the application's number"),
            Metric::new("issued", "requests of its clients"),
            Metric::share("in_time_ratio", "requests served in time ÷ issued"),
            Metric::share(
                "missed_bins_ratio",
                "bins that miss the availability target ÷ those with requests",
            ),
            Metric::new("nodes", "nodes that work for it, mean over time"),
        ],
    },
];

/// What one application was worth in one bin.
struct Share {
    demand: f64,
    served: f64,
    utility: f64,
    nodes: f64,
    /// Whether its availability target was missed, if anything was asked for.
    violated: Option<bool>,
}

/// One bin of a run.
struct Bin {
    from: Time,
    seconds: f64,
    nodes_up: u32,
    optimum: f64,
    shares: Vec<Share>,
}

/// Whether `in_time` requests of `issued`, served in time, miss a target of `availability`. The quotient is rounded
/// as the decimal is that the target was written as, so what meets a target exactly does not miss it; a product is
/// rounded otherwise.
fn misses([in_time, issued]: [u32; 2], availability: f64) -> bool {
    f64::from(in_time) / f64::from(issued) < availability
}

impl Bin {
    fn of(system: &Allocation, record: &AllocationRecord, worth: &mut Worth, bin: usize) -> Self {
        let world = &system.world;
        let [from, to] = world.bin(bin);
        let seconds = World::seconds(to - from);
        let share = |application: usize| {
            let tally = record.tally(bin, application);
            let rate = |count: u32| f64::from(count) / seconds;
            let (demand, served) = (rate(tally.issued), rate(tally.in_time));
            let sla = &world.applications[application].sla;
            Share {
                demand,
                served,
                utility: sla.utility(demand, served),
                nodes: record.nodes(bin, application),
                violated: (tally.issued > 0)
                    .then(|| misses([tally.in_time, tally.issued], sla.availability.0)),
            }
        };
        let (nodes_up, optimum) = optimum_of(system, worth, [from, to]);
        Self {
            from,
            seconds,
            nodes_up,
            optimum,
            shares: (0..world.applications.len()).map(share).collect(),
        }
    }

    fn utility(&self) -> f64 {
        self.shares.iter().map(|share| share.utility).sum()
    }

    fn begins_s(&self) -> f64 {
        World::seconds(self.from - Time::ZERO)
    }
}

/// The nodes that are up in the middle of a time, and the utility that the model expects of their
/// best division at the mean demand of that time.
fn optimum_of(system: &Allocation, worth: &mut Worth, [from, to]: [Time; 2]) -> (u32, f64) {
    let world = &system.world;
    let middle = Time::from_ns(u64::midpoint(from.as_ns(), to.as_ns()));
    let nodes_up = system.nodes_up(middle);
    let curves = world.curves.iter();
    let rates: Vec<f64> = curves.map(|curve| curve.mean(from, to)).collect();
    let tables = worth.tables(&world.by_application(&rates), &rates, nodes_up);
    let best = divide::optimum(&tables, nodes_up);
    (nodes_up, divide::total(&tables, &best))
}

/// The mean over time of a number of each bin.
fn mean(bins: &[Bin], number: impl Fn(&Bin) -> f64) -> f64 {
    let seconds: f64 = bins.iter().map(|bin| bin.seconds).sum();
    let sum: f64 = bins.iter().map(|bin| number(bin) * bin.seconds).sum();
    sum / seconds
}

fn details(bins: &[Bin]) -> Vec<Vec<Vec<Cell>>> {
    let times = bins.iter().map(|bin| {
        let demand = bin.shares.iter().map(|share| share.demand).sum();
        vec![
            Cell::Real(bin.begins_s()),
            Cell::Real(demand),
            Cell::Real(bin.utility()),
            Cell::Real(bin.optimum),
            Cell::Count(bin.nodes_up.into()),
        ]
    });
    let applications = bins.iter().flat_map(|bin| {
        (0..).zip(&bin.shares).map(|(application, share)| {
            vec![
                Cell::Real(bin.begins_s()),
                Cell::Count(application),
                Cell::Real(share.demand),
                Cell::Real(share.served),
                Cell::Real(share.utility),
                Cell::Real(share.nodes),
            ]
        })
    });
    vec![times.collect(), applications.collect()]
}

/// What became of each application's agreement over the whole run.
fn agreements(world: &World, record: &AllocationRecord, bins: &[Bin]) -> Vec<Vec<Cell>> {
    let row = |application: usize| {
        let tallies = (0..bins.len()).map(|bin| record.tally(bin, application));
        let (issued, in_time) = tallies.fold((0, 0), |(issued, in_time), tally| {
            (
                issued + u64::from(tally.issued),
                in_time + u64::from(tally.in_time),
            )
        });
        let verdicts = bins
            .iter()
            .filter_map(|bin| bin.shares[application].violated);
        let (missed, all) = verdicts.fold((0, 0), |(missed, all), violated| {
            (missed + u64::from(violated), all + 1)
        });
        vec![
            Cell::Count(application as u64),
            Cell::Count(issued),
            Cell::ratio(in_time, issued),
            Cell::ratio(missed, all),
            Cell::Real(mean(bins, |bin| bin.shares[application].nodes)),
        ]
    };
    (0..world.applications.len()).map(row).collect()
}

/// The cells of [`METRICS`] and the rows of [`DETAILS`].
pub(super) fn report(system: &Allocation, record: &AllocationRecord, totals: Totals) -> Report {
    let world = &system.world;
    let mut worth = Worth::new(Arc::clone(world));
    let bins: Vec<Bin> = (0..world.bins())
        .map(|bin| Bin::of(system, record, &mut worth, bin))
        .collect();
    let tallies = || {
        let cells =
            (0..bins.len()).flat_map(|bin| (0..world.applications.len()).map(move |a| (bin, a)));
        cells.map(|(bin, application)| record.tally(bin, application))
    };
    let issued: u64 = tallies().map(|tally| u64::from(tally.issued)).sum();
    let in_time: u64 = tallies().map(|tally| u64::from(tally.in_time)).sum();
    let late: u64 = tallies().map(|tally| u64::from(tally.late)).sum();
    let verdicts = || {
        bins.iter()
            .flat_map(|bin| &bin.shares)
            .filter_map(|share| share.violated)
    };
    let (utility, optimum) = (mean(&bins, Bin::utility), mean(&bins, |bin| bin.optimum));
    let best = |time| optimum_of(system, &mut worth, time).1;
    let react_s = record
        .crowd
        .as_ref()
        .and_then(|crowd| crowd.react_s(world, best));
    let nodes = u64::from(world.config.nodes.count.0);
    let node_seconds = nodes as f64 * World::seconds(world.config.allocation.duration_s.span());
    let mut cells = vec![
        Cell::Count(nodes),
        Cell::Count(world.applications.len() as u64),
        Cell::Real(record.unserved()),
        Cell::Real(utility),
        Cell::Real(optimum),
        Cell::from((optimum > 0.0).then(|| utility / optimum)),
        Cell::ratio(in_time, issued),
        Cell::ratio(
            verdicts().filter(|violated| *violated).count() as u64,
            verdicts().count() as u64,
        ),
        Cell::Count(record.moved),
        react_s.into(),
        record.demand_error().into(),
        Cell::Count(issued),
        Cell::ratio(late, issued),
        Cell::ratio(issued - in_time - late, issued),
        record.response_ms_mean().into(),
        record.response_ms(95).into(),
        Cell::Real(record.messages as f64 / node_seconds),
    ];
    cells.extend(overlays::cells(world, record, &system.shapes));
    cells.extend(record.uptime.cells());
    cells.extend([
        Cell::Count(totals.packets_forwarded),
        Cell::Count(totals.events),
    ]);
    let mut details = details(&bins);
    details.extend(overlays::details(world, record, &system.shapes));
    details.push(record.uptime.details());
    details.push(agreements(world, record, &bins));
    Report { cells, details }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_that_is_met_exactly_is_not_missed() {
        for thousandths in 1..=1000 {
            let whole = thousandths / 1000;
            let written = format!("{whole}.{:03}", thousandths % 1000);
            let availability: f64 = written.parse().unwrap();
            // All numbers of requests of which exactly that share is a whole number.
            for issued in (1..=2000).filter(|issued| issued * thousandths % 1000 == 0) {
                let in_time = issued * thousandths / 1000;
                let found = [in_time, in_time - 1].map(|met| misses([met, issued], availability));
                assert_eq!(found, [false, true], "{in_time} of {issued} at {written}");
            }
        }
    }
}
