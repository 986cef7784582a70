//! What becomes of the requests of each class of computers, and how much each class provides.
//!
//! It does *not* know what the classes are.

use super::record::RequestRecord;
use super::report::latency_cells;
use super::{RequestOutcome, World};
use crate::measure::Cell;
use crate::time::Span;

/// Sums over the computers of one class and their requests.
#[derive(Debug, Clone, Default)]
struct ClassTotals {
    computers: u64,
    issued: u64,
    local: u64,
    completed: u64,
    /// How many instances they provide.
    provided: u64,
    /// Of accepted requests.
    latencies: Vec<Span>,
}

/// A row for each class, in the order of the scenario; none if there are no classes.
pub(super) fn rows(world: &World, requests: &[RequestRecord]) -> Vec<Vec<Cell>> {
    let classes = &world.config.classes;
    if classes.is_empty() {
        return Vec::new();
    }
    let computers = world.population.computers();
    let class_of = |computer| world.class_number(computer).unwrap_or_default();
    let classes_of: Vec<usize> = computers.map(class_of).collect();
    let mut all = vec![ClassTotals::default(); classes.len()];
    for &class in &classes_of {
        all[class].computers += 1;
    }
    for (request, observed) in world.requests.iter().zip(requests) {
        let sums = &mut all[classes_of[request.computer as usize]];
        sums.issued += 1;
        sums.completed += u64::from(observed.is_completed());
        match observed.end() {
            (RequestOutcome::Accepted, latency) => sums.latencies.push(latency),
            (RequestOutcome::Local, _) => sums.local += 1,
            (RequestOutcome::Rejected, _) => {}
        }
        for provider in &observed.providers {
            all[classes_of[provider.index() as usize]].provided += 1;
        }
    }
    let names = classes.iter().map(|class| class.name.0.clone());
    names.zip(all).map(|(name, sums)| row(name, sums)).collect()
}

fn row(name: String, mut sums: ClassTotals) -> Vec<Cell> {
    sums.latencies.sort_unstable();
    let accepted = sums.latencies.len() as u64;
    let connected = sums.issued - sums.local;
    let [mean, _, p95, _] = latency_cells(&sums.latencies);
    vec![
        Cell::Text(name),
        Cell::Count(sums.computers),
        Cell::Count(sums.issued),
        Cell::Count(connected),
        Cell::Count(accepted),
        Cell::ratio(accepted, sums.issued),
        Cell::ratio(accepted, connected),
        Cell::Count(sums.completed),
        Cell::ratio(sums.completed, sums.issued),
        mean,
        p95,
        Cell::Count(sums.provided),
    ]
}
