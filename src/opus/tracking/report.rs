//! The numbers that are reported of a tracking run: a pure function of its record and of the
//! nodes as they ended.
//!
//! What cannot be computed is absent. This module does *not* know other runs.

use super::config::{Method, Tracking};
use super::record::{Extremes, Sample, TrackingRecord};
use super::study::TrackingStudy;
use crate::measure::{Cell, Detail, Metric};
use crate::statistics::Distribution;
use crate::system::{Report, Totals};
use crate::time::Time;

/// The rounding error of an error, which is a sum of many numbers, is below this.
const ROUNDING: f64 = 1e-9;

const fn metric(name: &'static str, meaning: &'static str) -> Metric {
    Metric::new(name, meaning)
}

const fn share(name: &'static str, meaning: &'static str) -> Metric {
    Metric::share(name, meaning)
}

/// The columns of `runs.csv`, in the order of [`report`]'s cells.
pub(super) const METRICS: &[Metric] = &[
    metric("nodes", "nodes"),
    metric(
        "error_mean",
        "mean over samples, live nodes and quantities of |estimate − truth| ÷ truth",
    ),
    metric("error_max", "greatest of the same"),
    metric("root_error_mean", "the same mean over roots only"),
    metric("root_error_max", "greatest of the same"),
    metric(
        "error_bound",
        "bound of the error once all updates have arrived: (1 + ε)^filters − 1",
    ),
    share(
        "informed_ratio",
        "estimates that exist ÷ estimates that should exist",
    ),
    metric(
        "staleness_s_mean",
        "mean age of the oldest part of an estimate, in s",
    ),
    metric("staleness_s_max", "greatest of the same"),
    metric(
        "messages_per_node_s",
        "messages sent ÷ seconds that nodes were up",
    ),
    metric(
        "busiest_messages_per_s",
        "messages sent and received by the busiest node ÷ seconds measured",
    ),
    metric(
        "settle_messages_per_node",
        "messages sent before the measurement ÷ nodes",
    ),
    metric(
        "depth_max",
        "greatest number of steps from a live node up to its root, at the end",
    ),
    metric("roots", "roots at the end"),
    share(
        "attached_ratio",
        "live nodes below one root, including it ÷ live nodes, at the end",
    ),
    metric("clusters", "clusters at the end, of all layers"),
    metric("cluster_size_mean", "mean size of them, the head included"),
    metric("cluster_size_max", "greatest of the same"),
    metric(
        "head_ms_mean",
        "mean latency between a node and the head of its cluster, in ms",
    ),
    metric(
        "head_ratio",
        "the same ÷ the mean latency between two nodes",
    ),
    metric("failovers", "lost heads that another node has replaced"),
    metric(
        "recover_s",
        "time from the failures to the last sample with an error above the bound, before nodes \
        recover, in s",
    ),
    metric(
        "packets_forwarded",
        "links crossed by packets of any kind, access links included",
    ),
    metric("events", "inputs handled by nodes"),
];

/// The table of samples.
pub(super) const DETAILS: &[Detail] = &[Detail {
    name: "samples",
    about: "estimates over time",
    columns: &[
        Metric::new("time_s", "time of the sample, in s"),
        Metric::new("living", "live nodes"),
        Metric::new(
            "error_mean",
            "mean over live nodes and quantities of |estimate − truth| ÷ truth",
        ),
        Metric::new("error_max", "greatest of the same"),
        Metric::new("root_error_mean", "the same mean over roots only"),
        Metric::share(
            "informed_ratio",
            "estimates that exist ÷ estimates that should exist",
        ),
        Metric::new(
            "staleness_s_mean",
            "mean age of the oldest part of an estimate, in s",
        ),
        Metric::new("messages_per_node_s", "messages per node and second"),
    ],
}];

/// The hierarchy at the end.
struct Shape {
    depth_max: u64,
    roots: u64,
    attached: u64,
    /// Sizes of clusters.
    sizes: Vec<f64>,
    latencies_ms: Vec<f64>,
    failovers: u64,
}

impl Shape {
    fn of(system: &TrackingStudy) -> Self {
        let nodes = system.nodes();
        let living = || nodes.iter().filter(|node| node.is_alive());
        // How far up each node's root is, and who that is.
        let climb = |start: usize| {
            let (mut at, mut steps) = (start, 0_u64);
            while let Some(head) = nodes[at].tracker().head() {
                at = head as usize;
                steps += 1;
                // Two that take each other for their heads have no root.
                if !nodes[at].is_alive() || steps > nodes.len() as u64 {
                    return None;
                }
            }
            nodes[at].tracker().is_root().then_some((at, steps))
        };
        let climbs: Vec<(usize, u64)> = (0..nodes.len())
            .filter(|&node| nodes[node].is_alive())
            .filter_map(climb)
            .collect();
        let mut below = vec![0_u64; nodes.len()];
        for &(root, _) in &climbs {
            below[root] += 1;
        }
        let clusters = living().flat_map(|node| {
            let tracker = node.tracker();
            (1..=tracker.height()).filter_map(|layer| tracker.cluster(layer))
        });
        Self {
            depth_max: climbs.iter().map(|&(_, steps)| steps).max().unwrap_or(0),
            roots: living().filter(|node| node.tracker().is_root()).count() as u64,
            attached: below.into_iter().max().unwrap_or(0),
            sizes: clusters.map(|size| size as f64).collect(),
            latencies_ms: living()
                .filter_map(|node| Some(node.tracker().head_latency()?.as_ms()))
                .collect(),
            failovers: living()
                .map(|node| u64::from(node.tracker().failovers()))
                .sum(),
        }
    }
}

/// What the error is at most once messages are quiet: a value passes one filter at each step up
/// to the root, and the sum passes one more before it comes down.
pub(super) fn bound(rules: &Tracking, depth: u64) -> f64 {
    let filters = match rules.method {
        Method::Hierarchy => depth + 1,
        Method::Central => 2,
        Method::AllToAll => 1,
    };
    libm::pow(1.0 + rules.epsilon.0, filters as f64) - 1.0
}

/// The cells of [`METRICS`] and the rows of [`DETAILS`].
pub(super) fn report(system: &TrackingStudy, record: &TrackingRecord, totals: Totals) -> Report {
    let (rules, truth, shape) = (&system.config.tracking, system.truth(), Shape::of(system));
    let nodes = u64::from(system.config.nodes.count.0);
    let over = |of: fn(&Sample) -> Extremes| {
        let samples = record.samples();
        samples
            .map(|sample| of(&sample))
            .fold(Extremes::default(), Extremes::and)
    };
    let error = over(|sample| sample.error);
    let root_error = over(|sample| sample.root_error);
    let age = over(|sample| sample.age_s);
    let expected: u64 = record.samples().map(|sample| sample.expected).sum();
    let sent: u64 = record.traffic.iter().map(|traffic| traffic.sent).sum();
    let busiest = record.traffic.iter();
    let busiest = busiest.map(|traffic| traffic.sent + traffic.received).max();
    let seconds = truth.duration_ms.0 / 1e3;
    let bound = bound(rules, shape.depth_max);
    let living = system.nodes().iter().filter(|node| node.is_alive()).count();
    let begun = Time::ZERO + truth.settle_ms.span();
    let back = truth
        .recovery_ms
        .map(|recovery| begun + truth.failure_ms.span() + recovery.span());
    let hierarchy = rules.method == Method::Hierarchy;
    let only = |cell: Cell| if hierarchy { cell } else { Cell::Absent };
    let sizes = Distribution::of(&shape.sizes);
    let head_ms = Distribution::of(&shape.latencies_ms).mean;
    let apart_ms = system.apart_ms.filter(|&apart| apart > 0.0);
    let nearness = head_ms.zip(apart_ms).map(|(head, apart)| head / apart);
    let cells = vec![
        Cell::Count(nodes),
        error.mean().into(),
        error.max().into(),
        root_error.mean().into(),
        root_error.max().into(),
        Cell::Real(bound),
        Cell::ratio(age.count, expected),
        age.mean().into(),
        age.max().into(),
        per(sent as f64, record.node_seconds()),
        per(busiest.unwrap_or(0) as f64, seconds),
        Cell::ratio(record.before, nodes),
        only(Cell::Count(shape.depth_max)),
        only(Cell::Count(shape.roots)),
        only(Cell::ratio(shape.attached, living as u64)),
        only(Cell::Count(shape.sizes.len() as u64)),
        only(sizes.mean.into()),
        only(sizes.max.into()),
        only(head_ms.into()),
        only(nearness.into()),
        only(Cell::Count(shape.failovers)),
        recovery(record, bound, back).into(),
        Cell::Count(totals.packets_forwarded),
        Cell::Count(totals.events),
    ];
    Report {
        cells,
        details: vec![samples(record, begun)],
    }
}

fn per(count: f64, seconds: f64) -> Cell {
    Cell::from((seconds > 0.0).then(|| count / seconds))
}

/// The seconds from the failures to the last sample at which a living node had no estimate or one
/// beyond `bound`, of the samples before the nodes are back (`until`); 0 if there was none, absent
/// if it was the last of all.
fn recovery(record: &TrackingRecord, bound: f64, until: Option<Time>) -> Option<f64> {
    let failed = record.failed?;
    let bad = |sample: &Sample| {
        let beyond = sample.error.max().is_none_or(|max| max > bound + ROUNDING);
        sample.error.count < sample.expected || beyond
    };
    let before = |sample: &Sample| until.is_none_or(|until| sample.at < until);
    let looked: Vec<Sample> = record
        .samples()
        .filter(|sample| sample.at >= failed && before(sample))
        .collect();
    let last_bad = looked.iter().rposition(bad);
    if looked.is_empty() || last_bad == Some(looked.len() - 1) {
        return None;
    }
    let at = last_bad.map_or(failed, |last| looked[last].at);
    Some(at.saturating_since(failed).as_ms() / 1e3)
}

fn samples(record: &TrackingRecord, begun: Time) -> Vec<Vec<Cell>> {
    let mut before = begun;
    let row = |sample: Sample| {
        let seconds = sample.at.saturating_since(before).as_ms() / 1e3;
        before = sample.at;
        vec![
            Cell::Real(sample.at.saturating_since(begun).as_ms() / 1e3),
            Cell::Count(u64::from(sample.living)),
            sample.error.mean().into(),
            sample.error.max().into(),
            sample.root_error.mean().into(),
            Cell::ratio(sample.age_s.count, sample.expected),
            sample.age_s.mean().into(),
            per(sample.messages as f64, seconds * f64::from(sample.living)),
        ]
    };
    record.samples().map(row).collect()
}
