//! The numbers that are reported of a run: a pure function of its record and its overlay.
//!
//! An empty denominator gives an absent cell. This module does *not* know other runs.

use std::collections::BTreeMap;

use crate::arigatoni::Arigatoni;
use crate::arigatoni::message::Outcome;
use crate::arigatoni::record::{RequestRecord, RunRecord};
use crate::measure::{Cell, Detail, Metric};
use crate::statistics::{Distribution, nearest_rank};
use crate::system::{Report, Totals};
use crate::time::Span;

const fn metric(name: &'static str, meaning: &'static str) -> Metric {
    Metric::new(name, meaning)
}

const fn share(name: &'static str, meaning: &'static str) -> Metric {
    Metric::share(name, meaning)
}

/// The columns of `runs.csv`, in the order of [`report`]'s cells.
pub(super) const METRICS: &[Metric] = &[
    metric("issued", "requests issued"),
    metric("issued_connected", "requests issued by connected GCUs"),
    metric("accepted", "requests for which enough GCUs agreed"),
    share("acceptance_ratio", "accepted ÷ issued"),
    share(
        "acceptance_ratio_connected",
        "accepted ÷ issued by connected GCUs",
    ),
    share(
        "service_ratio_mean",
        "mean over services of accepted ÷ issued",
    ),
    metric("service_ratio_sd", "standard deviation of the same"),
    share("service_ratio_min", "least of the same"),
    share("service_ratio_q1", "lower quartile of the same"),
    share("service_ratio_median", "median of the same"),
    share("service_ratio_q3", "upper quartile of the same"),
    share("service_ratio_max", "greatest of the same"),
    metric("service_ratio_n", "services with at least one request"),
    share(
        "colony_ratio_mean",
        "mean over requesting colonies of accepted ÷ issued",
    ),
    metric("colony_ratio_sd", "standard deviation of the same"),
    share("colony_ratio_min", "least of the same"),
    share("colony_ratio_q1", "lower quartile of the same"),
    share("colony_ratio_median", "median of the same"),
    share("colony_ratio_q3", "upper quartile of the same"),
    share("colony_ratio_max", "greatest of the same"),
    metric("colony_ratio_n", "colonies with at least one request"),
    metric(
        "messages_per_request",
        "queries, answers, releases and start messages ÷ issued",
    ),
    metric(
        "packets_forwarded",
        "links crossed by packets, access links included",
    ),
    metric(
        "latency_ms_mean",
        "mean discovery latency of accepted requests, in ms",
    ),
    metric(
        "latency_ms_p50",
        "median discovery latency, in ms (nearest rank)",
    ),
    metric(
        "latency_ms_p95",
        "95th percentile of the discovery latency, in ms (nearest rank)",
    ),
    metric(
        "latency_ms_p99",
        "99th percentile of the discovery latency, in ms (nearest rank)",
    ),
    metric(
        "hops_mean",
        "mean edges of the overlay tree to the first provider",
    ),
    metric(
        "load_mean",
        "mean over brokers of requests handled ÷ issued by connected GCUs",
    ),
    metric("load_max", "greatest of the same"),
    metric("deadline_hits", "requests in which a deadline timer fired"),
    metric("events", "inputs handled by GCUs and GBUs"),
];

/// Broker load by depth in the overlay tree.
pub(super) const DETAILS: &[Detail] = &[Detail {
    name: "depths",
    columns: &["depth", "brokers", "load_mean", "load_max"],
}];

/// Accepted and issued requests of one service or colony.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    accepted: u64,
    issued: u64,
}

/// Sums over the requests of a run.
#[derive(Debug)]
struct Sums {
    local: u64,
    accepted: u64,
    messages: u64,
    deadline_hits: u64,
    hops: u64,
    /// Of accepted requests.
    latencies: Vec<Span>,
    services: Vec<Tally>,
    colonies: Vec<Tally>,
}

impl Sums {
    fn new(system: &Arigatoni, record: &RunRecord) -> Self {
        let population = system.population();
        let mut sums = Self {
            local: 0,
            accepted: 0,
            messages: 0,
            deadline_hits: 0,
            hops: 0,
            latencies: Vec::new(),
            services: vec![Tally::default(); system.config.overlay.services as usize],
            colonies: vec![Tally::default(); system.brokers.list().len()],
        };
        for (request, observed) in system.requests.iter().zip(record.requests()) {
            let (outcome, latency) = observed.end();
            let colony = population.computer(request.computer).broker;
            let accepted = outcome == Outcome::Accepted;
            for tally in [
                &mut sums.services[request.service.0 as usize],
                &mut sums.colonies[colony as usize],
            ] {
                tally.issued += 1;
                tally.accepted += u64::from(accepted);
            }
            sums.local += u64::from(outcome == Outcome::Local);
            sums.messages += u64::from(observed.messages);
            sums.deadline_hits += u64::from(observed.deadline_hit);
            if accepted {
                sums.accepted += 1;
                sums.latencies.push(latency);
                // Both GCU–leader edges, and the way between the leaders.
                let provider = population.computer(observed.providers[0].index()).broker;
                sums.hops += u64::from(2 + system.brokers.distance(colony, provider));
            }
        }
        sums.latencies.sort_unstable();
        sums
    }
}

/// The cells of [`METRICS`] and the rows of [`DETAILS`].
pub(super) fn report(system: &Arigatoni, record: &RunRecord, totals: Totals) -> Report {
    let sums = Sums::new(system, record);
    let issued = record.requests().len() as u64;
    let connected = issued - sums.local;
    let loads: Vec<Option<f64>> = record
        .brokers()
        .iter()
        .map(|broker| Cell::ratio(broker.requests, connected).number())
        .collect();
    let load = load_cells(loads.iter().copied());

    let mut cells = vec![
        Cell::Count(issued),
        Cell::Count(connected),
        Cell::Count(sums.accepted),
        Cell::ratio(sums.accepted, issued),
        Cell::ratio(sums.accepted, connected),
    ];
    cells.extend(spread(&sums.services));
    cells.extend(spread(&sums.colonies));
    cells.push(Cell::ratio(sums.messages, issued));
    cells.push(Cell::Count(totals.packets_forwarded));
    cells.extend(latency_cells(&sums.latencies));
    cells.push(Cell::ratio(sums.hops, sums.accepted));
    cells.extend(load);
    cells.push(Cell::Count(sums.deadline_hits));
    cells.push(Cell::Count(totals.events));
    Report {
        cells,
        details: vec![depths(system, &loads)],
    }
}

/// In the order of issue: of the requests of connected GCUs, whether each was accepted (1) or
/// rejected (0); and the latency of the accepted ones in ms.
pub(super) fn series(record: &RunRecord) -> Vec<(&'static str, Vec<f64>)> {
    let ends: Vec<(Outcome, Span)> = record
        .requests()
        .iter()
        .map(RequestRecord::end)
        .filter(|(outcome, _)| *outcome != Outcome::Local)
        .collect();
    let accepted = |outcome: Outcome| outcome == Outcome::Accepted;
    let ratio = ends
        .iter()
        .map(|(outcome, _)| f64::from(u8::from(accepted(*outcome))));
    let latencies = ends
        .iter()
        .filter(|(outcome, _)| accepted(*outcome))
        .map(|(_, latency)| latency.as_ms());
    vec![
        ("acceptance_ratio_connected", ratio.collect()),
        ("latency_ms_mean", latencies.collect()),
    ]
}

/// The distribution of the ratios of all tallies with at least one request.
fn spread(tallies: &[Tally]) -> impl Iterator<Item = Cell> + use<> {
    let ratios: Vec<f64> = tallies
        .iter()
        .filter_map(|tally| Cell::ratio(tally.accepted, tally.issued).number())
        .collect();
    Distribution::of(&ratios).cells().into_iter()
}

/// Mean and percentiles of sorted latencies.
fn latency_cells(sorted: &[Span]) -> [Cell; 4] {
    let total: u128 = sorted
        .iter()
        .map(|latency| u128::from(latency.as_ns()))
        .sum();
    let mean = (!sorted.is_empty()).then(|| total as f64 / sorted.len() as f64 / 1e6);
    let percentile = |p| Cell::from(nearest_rank(sorted, p).map(Span::as_ms));
    [mean.into(), percentile(50), percentile(95), percentile(99)]
}

/// Mean and maximum of loads; absent if there are none.
fn load_cells(loads: impl Iterator<Item = Option<f64>>) -> [Cell; 2] {
    let loads: Vec<f64> = loads.flatten().collect();
    let distribution = Distribution::of(&loads);
    [distribution.mean.into(), distribution.max.into()]
}

/// One row a depth: how many brokers, and their load.
fn depths(system: &Arigatoni, loads: &[Option<f64>]) -> Vec<Vec<Cell>> {
    let mut by_depth: BTreeMap<u32, Vec<Option<f64>>> = BTreeMap::new();
    for (broker, load) in system.brokers.list().iter().zip(loads) {
        by_depth.entry(broker.depth).or_default().push(*load);
    }
    by_depth
        .into_iter()
        .map(|(depth, loads)| {
            let counts = [
                Cell::Count(u64::from(depth)),
                Cell::Count(loads.len() as u64),
            ];
            counts
                .into_iter()
                .chain(load_cells(loads.into_iter()))
                .collect()
        })
        .collect()
}
