//! The numbers that are reported of a run: a pure function of its record and its world.
//!
//! An empty denominator gives an absent cell. This module does *not* know other runs.

use std::collections::BTreeMap;

use super::by_class;
use super::churn::{Churn, interval_of};
use super::columns::Joined;
use super::healing::Healed;
use super::load;
use super::record::{Record, RequestRecord};
use super::rescues::Rescues;
use super::riding::Riding;
use super::summaries::Summaries;
use super::{Descriptor, Mechanism, RequestOutcome, World};
use crate::measure::{Cell, Named, Row};
use crate::statistics::{Distribution, nearest_rank};
use crate::system::{Report, Totals};
use crate::time::Span;
use crate::unit::UnitId;

/// Accepted and issued requests of one service or colony.
#[derive(Debug, Clone, Copy, Default)]
struct RequestCounts {
    accepted: u64,
    issued: u64,
}

impl RequestCounts {
    fn add(&mut self, accepted: bool) {
        self.issued += 1;
        self.accepted += u64::from(accepted);
    }
}

/// Sums over the requests of a run.
#[derive(Debug)]
struct RequestTotals {
    local: u64,
    accepted: u64,
    completed: u64,
    messages: u64,
    deadline_hits: u64,
    /// `None`: the mechanism has no such number.
    hops: Option<u64>,
    /// Of accepted requests.
    latencies: Vec<Span>,
    /// How long it took until a provider began to serve them, of those of which one did.
    starts: Vec<Span>,
    services: Vec<RequestCounts>,
    colonies: Vec<RequestCounts>,
}

impl RequestTotals {
    fn new<M: Mechanism>(world: &World, mechanism: &M, record: &Record<M>) -> Self {
        let population = &world.population;
        let mut sums = Self {
            local: 0,
            accepted: 0,
            completed: 0,
            messages: 0,
            deadline_hits: 0,
            hops: Some(0),
            latencies: Vec::new(),
            starts: Vec::new(),
            services: vec![RequestCounts::default(); world.matching.len() as usize],
            colonies: vec![RequestCounts::default(); world.brokers.list().len()],
        };
        let parts = world.parts.iter().skip(1).map(|part| part.demand);
        let further = parts.chain(world.also.iter().copied());
        let all = world.requests.iter().zip(record.requests());
        for ((request, observed), id) in all.zip(0..) {
            let (outcome, latency) = observed.end();
            let colony = population.computer(request.computer).broker;
            let accepted = outcome == RequestOutcome::Accepted;
            sums.colonies[colony as usize].add(accepted);
            // A request counts for the service of each of its parts.
            sums.services[request.service.0 as usize].add(accepted);
            for demand in further.clone() {
                sums.services[demand.0 as usize].add(accepted);
            }
            sums.local += u64::from(outcome == RequestOutcome::Local);
            sums.messages += u64::from(observed.messages);
            sums.deadline_hits += u64::from(observed.deadline_hit);
            if accepted {
                sums.accepted += 1;
                sums.completed += u64::from(observed.is_completed());
                sums.starts.extend(observed.started_after());
                sums.latencies.push(latency);
                let provider = observed.providers[0].index();
                let hops = record.hops(mechanism, world.query_of(id), provider);
                sums.hops = sums.hops.zip(hops).map(|(sum, hops)| sum + u64::from(hops));
            }
        }
        sums.latencies.sort_unstable();
        sums
    }

    /// The cells of the columns, of a run in which `connected` of the `issued` requests were issued by connected GCUs.
    fn cells(&self, issued: u64, connected: u64) -> [Named; 15] {
        let hops = self.hops;
        let [mean, p50, p95, p99] = latency_cells(&self.latencies);
        [
            ("issued", Cell::Count(issued)),
            ("issued_connected", Cell::Count(connected)),
            ("accepted", Cell::Count(self.accepted)),
            ("acceptance_ratio", Cell::ratio(self.accepted, issued)),
            (
                "acceptance_ratio_connected",
                Cell::ratio(self.accepted, connected),
            ),
            ("messages_per_request", Cell::ratio(self.messages, issued)),
            ("latency_ms_mean", mean),
            ("latency_ms_p50", p50),
            ("latency_ms_p95", p95),
            ("latency_ms_p99", p99),
            (
                "hops_mean",
                hops.map_or(Cell::Absent, |hops| Cell::ratio(hops, self.accepted)),
            ),
            ("deadline_hits", Cell::Count(self.deadline_hits)),
            ("completed", Cell::Count(self.completed)),
            ("completion_ratio", Cell::ratio(self.completed, issued)),
            ("start_ms_mean", mean_ms(&self.starts)),
        ]
    }
}

/// The cells of all columns and the rows of all detail tables. `entries` are those of each broker's table, if they have tables.
pub(super) fn report<M: Mechanism>(
    (world, mechanism, entries): (&World, &M, Option<Vec<u64>>),
    record: &Record<M>,
    totals: Totals,
) -> Report {
    let sums = RequestTotals::new(world, mechanism, record);
    let issued = record.requests().len() as u64;
    let connected = issued - sums.local;
    let loads: Vec<Option<f64>> = record
        .brokers()
        .iter()
        .map(|broker| Cell::ratio(broker.requests, connected).number())
        .collect();
    let [load_mean, load_max] = load_cells(loads.iter().copied());
    let mut row = Row::of(Joined::<M>::METRICS);
    row.set(sums.cells(issued, connected));
    row.set_under("service_ratio", spread(&sums.services));
    row.set_under("colony_ratio", spread(&sums.colonies));
    row.set([
        ("packets_forwarded", Cell::Count(totals.packets_forwarded)),
        ("load_mean", load_mean),
        ("load_max", load_max),
        ("events", Cell::Count(totals.events)),
        ("busiest_load", busiest(mechanism, record, connected)),
    ]);
    let changes = (record.presence(), record.updates());
    let crossings = mechanism.crossings();
    let is_beside = |unit, leader| crossings.is_beside(unit, leader);
    let requests = (record.requests(), &is_beside as _);
    let churn = Churn::of(world, changes, requests, record.end());
    row.set(churn.cells);
    let healed = healed((world, &is_beside), record);
    row.set(healed.cells);
    let summaries = Summaries::of(world, entries.as_deref(), record.summaries());
    row.set(summaries.cells);
    let rescues = Rescues::of(world, mechanism, record);
    row.set(rescues.cells());
    load::set(&mut row, world, totals);
    let riding = Riding::of(world, mechanism, record);
    row.set(riding.cells);
    row.set(record.checks().cells(mechanism, issued));
    row.set(mechanism.report(record.own(), totals));
    let details = [
        depths(world, &loads),
        churn.over_time,
        by_class::rows(world, record.requests()),
        healed.over_time,
        constraints(world, &sums.services),
        summaries.by_depth,
        rescues.rows(),
        rescues.levels(),
        riding.over_time,
    ];
    Report {
        cells: row.into_cells(),
        details: details.into(),
    }
}

/// What is reported of failures.
fn healed<M: Mechanism>(
    (world, is_beside): (&World, &dyn Fn(UnitId, UnitId) -> bool),
    record: &Record<M>,
) -> Healed {
    let end = record.end();
    let healed = record.healing().map_or_else(Healed::nothing, |healing| {
        let times = (end, interval_of(world, end));
        Healed::of(world, (healing, is_beside), record.requests(), times)
    });
    healed.with_upkeep(world, record.upkeep(), end)
}

/// The note that the overlay is still broken when the last request has ended, if it is.
pub(super) fn still_broken<M: Mechanism>(
    (world, mechanism): (&World, &M),
    record: &Record<M>,
) -> Option<String> {
    let features = mechanism.features();
    if features.heals && !features.is_seen_to_heal {
        return None;
    }
    let (healing, end) = (record.healing()?, record.end());
    let is_beside = |unit, leader| mechanism.crossings().is_beside(unit, leader);
    let since = Healed::broken_since(world, (healing, &is_beside), end)?;
    let seconds = |span: Span| span.as_ns() as f64 / 1e9;
    Some(format!(
        "the overlay was still broken when the last request ended, at {} s, since {} s: `repair_ms_mean` and `repair_ms_max` \
         leave this period out",
        seconds(end),
        seconds(since)
    ))
}

/// The messages that the busiest unit received for each of the `connected` requests.
fn busiest<M: Mechanism>(mechanism: &M, record: &Record<M>, connected: u64) -> Cell {
    let busiest = record.brokers().iter().map(|broker| broker.received).max();
    let busiest = busiest.or_else(|| mechanism.most_received(record.own()));
    busiest.map_or(Cell::Absent, |most| Cell::ratio(most, connected))
}

/// One row for each constraint that may be asked for: its canonical text, and what became of its requests.
fn constraints(world: &World, tallies: &[RequestCounts]) -> Vec<Vec<Cell>> {
    let Some(all) = world.matching.constraints() else {
        return Vec::new();
    };
    // All requests have the same parts; what is asked for otherwise is not asked for then.
    let parts = world.config.requests.all.as_ref();
    let parts = parts.and_then(|_| Some(world.demands_of(world.requests.first()?)));
    let mut wishes: Vec<Descriptor> = match parts {
        Some(parts) => parts.to_vec(),
        None => all.wishes().iter().map(|&(wish, _)| wish).collect(),
    };
    wishes.sort_unstable();
    wishes.dedup();
    let row = |wish: Descriptor| {
        let RequestCounts { accepted, issued } = tallies[wish.0 as usize];
        vec![
            Cell::Text(all.text(wish)),
            Cell::Count(issued),
            Cell::Count(accepted),
            Cell::ratio(accepted, issued),
        ]
    };
    wishes.into_iter().map(row).collect()
}

/// In the order of issue: of the requests of connected GCUs, whether each was accepted (1) or
/// rejected (0); and the latency of the accepted ones in ms.
pub(super) fn series(requests: &[RequestRecord]) -> Vec<(&'static str, Vec<f64>)> {
    let ends: Vec<(RequestOutcome, Span)> = requests
        .iter()
        .map(RequestRecord::end)
        .filter(|(outcome, _)| *outcome != RequestOutcome::Local)
        .collect();
    let accepted = |outcome: RequestOutcome| outcome == RequestOutcome::Accepted;
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
fn spread(tallies: &[RequestCounts]) -> [Named; 8] {
    let ratios: Vec<f64> = tallies
        .iter()
        .filter_map(|tally| Cell::ratio(tally.accepted, tally.issued).number())
        .collect();
    Distribution::of(&ratios).cells()
}

/// Mean and percentiles of sorted latencies.
pub(super) fn latency_cells(sorted: &[Span]) -> [Cell; 4] {
    let percentile = |p| Cell::from(nearest_rank(sorted, p).map(Span::as_ms));
    [
        mean_ms(sorted),
        percentile(50),
        percentile(95),
        percentile(99),
    ]
}

/// The mean of times, in ms; absent if there are none.
fn mean_ms(all: &[Span]) -> Cell {
    let total: u128 = all.iter().map(|time| u128::from(time.as_ns())).sum();
    let mean = (!all.is_empty()).then(|| total as f64 / all.len() as f64 / 1e6);
    mean.into()
}

/// Mean and maximum of loads; absent if there are none.
fn load_cells(loads: impl Iterator<Item = Option<f64>>) -> [Cell; 2] {
    let loads: Vec<f64> = loads.flatten().collect();
    let distribution = Distribution::of(&loads);
    [distribution.mean.into(), distribution.max.into()]
}

/// One row a depth: how many brokers, and their load.
fn depths(world: &World, loads: &[Option<f64>]) -> Vec<Vec<Cell>> {
    let mut by_depth: BTreeMap<u32, Vec<Option<f64>>> = BTreeMap::new();
    for (broker, load) in world.gbus().iter().zip(loads) {
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
