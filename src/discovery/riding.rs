//! What becomes of the requests of honest computers and of free riders, and who is logged out.
//!
//! It does *not* know by which rule anybody is logged out.

use std::collections::BTreeMap;

use super::churn::interval_of;
use super::record::Record;
use super::{Mechanism, RequestOutcome, World};
use crate::measure::{Cell, Named, absent};
use crate::time::Span;
use crate::unit::UnitId;

/// Honest computers, then free riders.
const KINDS: usize = 2;

/// Requests of one kind of computers, and how many of these are logged out.
#[derive(Debug, Clone, Copy, Default)]
struct RiderCounts {
    issued: u64,
    accepted: u64,
    logged_out: u64,
}

/// The cells of the columns, and the rows over time.
#[derive(Debug)]
pub(super) struct Riding {
    pub(super) cells: Vec<Named>,
    pub(super) over_time: Vec<Vec<Cell>>,
}

impl Riding {
    /// Those of a run.
    pub(super) fn of<M: Mechanism>(world: &World, mechanism: &M, record: &Record<M>) -> Self {
        let computers = 0..world.population.len();
        let rides: Option<Vec<bool>> = computers.map(|id| mechanism.rides(id)).collect();
        // Without computers there are none of either kind.
        match rides.filter(|rides| !rides.is_empty()) {
            Some(rides) => Self::told(world, &rides, record),
            None => Self {
                cells: absent([
                    "riding_gcus",
                    "honest_acceptance_ratio",
                    "riding_acceptance_ratio",
                    "honest_logged_out_ratio",
                    "riding_logged_out_ratio",
                    "found_out_s_mean",
                ])
                .into(),
                over_time: Vec::new(),
            },
        }
    }

    fn told<M: Mechanism>(world: &World, rides: &[bool], record: &Record<M>) -> Self {
        let end = record.end();
        let interval = interval_of(world, end);
        let rows = end.as_ns() / interval.as_ns() + 1;
        let mut over_time = vec![[RiderCounts::default(); KINDS]; rows as usize];
        let row = |at: Span| (at.as_ns() / interval.as_ns()).min(rows - 1) as usize;
        let kind = |computer: u32| usize::from(rides[computer as usize]);
        let all = world.requests.iter().zip(record.requests());
        for (request, observed) in all {
            let tally = &mut over_time[row(request.after)][kind(request.computer)];
            let (outcome, _) = observed.end();
            tally.issued += 1;
            tally.accepted += u64::from(outcome == RequestOutcome::Accepted);
        }
        let first = first_log_outs(record.logged_out());
        let mut found_out = Vec::new();
        for (&unit, &at) in first.iter().filter(|(_, at)| **at <= end) {
            over_time[row(at)][kind(unit.index())].logged_out += 1;
            if rides[unit.index() as usize] {
                found_out.push(at.as_ns() as f64 / 1e9);
            }
        }
        let sum = |kind: usize, of: fn(&RiderCounts) -> u64| -> u64 {
            over_time.iter().map(|tallies| of(&tallies[kind])).sum()
        };
        let riders = rides.iter().filter(|rides| **rides).count() as u64;
        let of_kind = [rides.len() as u64 - riders, riders];
        let acceptance = |kind| {
            Cell::ratio(
                sum(kind, |tally| tally.accepted),
                sum(kind, |tally| tally.issued),
            )
        };
        let logged_out = |kind| Cell::ratio(sum(kind, |tally| tally.logged_out), of_kind[kind]);
        let count = found_out.len();
        let mean = (count > 0).then(|| found_out.iter().sum::<f64>() / count as f64);
        Self {
            cells: vec![
                ("riding_gcus", Cell::Count(riders)),
                ("honest_acceptance_ratio", acceptance(0)),
                ("riding_acceptance_ratio", acceptance(1)),
                ("honest_logged_out_ratio", logged_out(0)),
                ("riding_logged_out_ratio", logged_out(1)),
                ("found_out_s_mean", mean.into()),
            ],
            over_time: rows_of(&over_time, interval),
        }
    }
}

/// When each unit was logged out for the first time.
fn first_log_outs(all: &[(Span, UnitId)]) -> BTreeMap<UnitId, Span> {
    let mut first = BTreeMap::new();
    for &(at, unit) in all {
        let known = first.entry(unit).or_insert(at);
        *known = at.min(*known);
    }
    first
}

fn rows_of(over_time: &[[RiderCounts; KINDS]], interval: Span) -> Vec<Vec<Cell>> {
    let rows = (0..).zip(over_time);
    let row = |(number, tallies): (u64, &[RiderCounts; KINDS])| {
        let begin = Span::from_ns(number * interval.as_ns());
        let mut cells = vec![Cell::from(Some(begin.as_ns() as f64 / 1e9))];
        for tally in tallies {
            cells.extend([
                Cell::Count(tally.issued),
                Cell::Count(tally.accepted),
                Cell::ratio(tally.accepted, tally.issued),
                Cell::Count(tally.logged_out),
            ]);
        }
        cells
    };
    rows.map(row).collect()
}
