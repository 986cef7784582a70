//! The numbers that are reported of units that come and go.
//!
//! A pure function of what was observed, up to the end of the last request. This module does *not*
//! know how units leave, nor how a request is answered.

use std::collections::BTreeMap;

use super::environment::{leads_on, mobile};
use super::presence::{Event, Presence};
use super::record::RequestRecord;
use super::{GCU, RequestOutcome, World, gcu};
use crate::measure::{Cell, Named, absent};
use crate::time::Span;
use crate::unit::UnitId;

/// The maximum number of intervals in the time in which requests are expected to be issued.
const INTERVALS_MAX: u64 = 60;
/// A run that lasts more than this many times as long as expected has longer intervals than other runs.
const FAR_LONGER: u64 = 10;

/// A unit that comes and goes, at one instant.
#[derive(Debug, Clone, Copy)]
struct UnitPresence {
    up: bool,
    /// Whether it ever has a leader: the root has none, so nobody is wrong about it.
    is_member: bool,
    /// The leader that has listed it last, and which of that leader's tables it was.
    listed: Option<(UnitId, u32)>,
    /// Since when it has been up without being listed.
    waits_since: Option<Span>,
}

/// The table of one leader.
#[derive(Debug, Default)]
struct Table {
    /// How many tables it has lost.
    number: u32,
    /// How many of the units that it lists are up, and down.
    up: i64,
    down: i64,
}

/// What has come together of all units.
#[derive(Debug)]
struct PresenceTotals {
    units: BTreeMap<UnitId, UnitPresence>,
    tables: BTreeMap<UnitId, Table>,
    /// How many are up, and of how many the leader's table is wrong, at the present instant.
    up: i64,
    wrong: i64,
    now: Span,
    /// The integrals of `up` and `wrong` over time, in unit-nanoseconds.
    up_ns: i128,
    wrong_ns: i128,
    /// `up_ns` in each interval.
    intervals: Vec<i128>,
    interval: Span,
    registrations: u64,
    /// How long units waited that were listed in the end.
    waits: Vec<Span>,
}

impl PresenceTotals {
    fn new(world: &World, end: Span) -> Self {
        let interval = interval_of(world, end);
        let count = end.as_ns().div_ceil(interval.as_ns()) as usize;
        let mut sums = Self {
            units: BTreeMap::new(),
            tables: BTreeMap::new(),
            up: 0,
            wrong: 0,
            now: Span::ZERO,
            up_ns: 0,
            wrong_ns: 0,
            intervals: vec![0; count],
            interval,
            registrations: 0,
            waits: Vec::new(),
        };
        for unit in mobile(world) {
            let up = world.absent.binary_search(&unit).is_err();
            let leader = world.first_leader(unit);
            let leads = |leader: &UnitId| {
                world.absent.binary_search(leader).is_err() || leads_on(world, *leader)
            };
            let state = UnitPresence {
                up,
                is_member: leader.is_some(),
                listed: leader
                    .filter(|leader| up && leads(leader))
                    .map(|leader| (leader, 0)),
                waits_since: None,
            };
            sums.count(state, 1);
            sums.units.insert(unit, state);
        }
        sums
    }

    /// Time goes on to `at`.
    fn advance(&mut self, at: Span) {
        while self.now < at {
            let number = self.now.as_ns() / self.interval.as_ns();
            let next = Span::from_ns((number + 1) * self.interval.as_ns()).min(at);
            let lasts = i128::from((next - self.now).as_ns());
            self.up_ns += lasts * i128::from(self.up);
            self.wrong_ns += lasts * i128::from(self.wrong);
            self.intervals[number as usize] += lasts * i128::from(self.up);
            self.now = next;
        }
    }

    /// Whether a table lists the unit in this state: one that has been lost lists nobody.
    fn is_listed(&self, state: UnitPresence) -> bool {
        state.listed.is_some_and(|(leader, number)| {
            let table = self.tables.get(&leader);
            table.map_or(0, |table| table.number) == number
        })
    }

    /// Adds `times` to the counts of units in this state.
    fn count(&mut self, state: UnitPresence, times: i64) {
        self.up += times * i64::from(state.up);
        let is_listed = self.is_listed(state);
        self.wrong += times * i64::from(state.is_member && state.up != is_listed);
        if let Some((leader, _)) = state.listed.filter(|_| is_listed) {
            let table = self.tables.entry(leader).or_default();
            let counter = if state.up {
                &mut table.up
            } else {
                &mut table.down
            };
            *counter += times;
        }
    }

    /// `leader` has lost its table: it is wrong about those who are up, and right about those who are not.
    fn lose_table(&mut self, leader: UnitId) {
        let table = self.tables.entry(leader).or_default();
        self.wrong += table.up - table.down;
        *table = Table {
            number: table.number + 1,
            ..Table::default()
        };
    }

    fn add(&mut self, unit: UnitId, event: Event) {
        if event == Event::Crashed {
            self.lose_table(unit);
        }
        let Some(mut state) = self.units.get(&unit).copied() else {
            return;
        };
        self.count(state, -1);
        match event {
            Event::Up => {
                state.up = true;
                let waits = state.is_member && !self.is_listed(state);
                state.waits_since = waits.then_some(self.now);
            }
            Event::Down | Event::Crashed => {
                state.up = false;
                state.waits_since = None;
            }
            Event::Registered(leader) => {
                self.registrations += 1;
                let number = self.tables.get(&leader).map_or(0, |table| table.number);
                state.listed = Some((leader, number));
                let waited = state.waits_since.take();
                self.waits.extend(waited.map(|since| self.now - since));
            }
            Event::Left(leader) | Event::Struck(leader) => {
                state.listed = state.listed.filter(|(by, _)| *by != leader);
            }
            Event::Suspects(_) => {}
        }
        self.count(state, 1);
        self.units.insert(unit, state);
    }
}

/// How long an interval of a run in `world` is of which the last request ends at `end`. It is the same in all runs of a
/// scenario, which end at different times, or the mean at an instant would be over a part of them.
pub(super) fn interval_of(world: &World, end: Span) -> Span {
    let issued_ns = world.config.issued_s() * 1e9;
    // The mean time between two requests may have no bound.
    let is_known = issued_ns.is_finite() && issued_ns > 0.0;
    interval(is_known.then(|| Span::from_ns(issued_ns as u64)), end)
}

/// The interval where requests are issued for about `issued`, if that is known, and the run ends at `end`. Only a run that lasts
/// far longer, which some laws of arrival allow, has longer intervals.
fn interval(issued: Option<Span>, end: Span) -> Span {
    let Some(issued) = issued else {
        return round(end);
    };
    // The last request ends after it has been issued.
    let expected = issued.saturating_add(Span::from_s(1));
    round(expected).max(round(Span::from_ns(end.as_ns() / FAR_LONGER)))
}

/// 1, 2 or 5 seconds times a power of ten, so that there are few intervals up to `end`.
fn round(end: Span) -> Span {
    let mut power = Span::from_s(1).as_ns();
    loop {
        for factor in [1, 2, 5] {
            let interval = power.saturating_mul(factor);
            if end.as_ns() <= interval.saturating_mul(INTERVALS_MAX) {
                return Span::from_ns(interval);
            }
        }
        power = power.saturating_mul(10);
    }
}

/// What is reported.
#[derive(Debug)]
pub(super) struct Churn {
    /// The cells of the columns.
    pub(super) cells: Vec<Named>,
    /// The rows of the table over time.
    pub(super) over_time: Vec<Vec<Cell>>,
}

impl Churn {
    /// Of what was observed up to `end`, the end of the last of `requests`: comings and goings, and when
    /// changes were told. `is_beside` says whether a unit is in the table of a leader besides that of its own.
    pub(super) fn of(
        world: &World,
        (presence, updates): (Option<&Presence>, Option<&[Span]>),
        (requests, is_beside): (&[RequestRecord], &dyn Fn(UnitId, UnitId) -> bool),
        end: Span,
    ) -> Self {
        let updates = updates.map_or(Cell::Absent, |updates| updates_cell(world, updates, end));
        let [met_absent, wrong] = enquiries(world, presence, end);
        let mut cells = vec![
            ("updates_per_unit_s", updates),
            ("enquiries_wrong_ratio", wrong),
        ];
        let Some(presence) = presence.filter(|_| world.config.has_comings()) else {
            cells.extend(absent([
                "availability",
                "enquiries_absent_ratio",
                "table_error_ratio",
                "registrations_per_unit_s",
                "findable_ms_mean",
            ]));
            return Self {
                cells,
                over_time: Vec::new(),
            };
        };
        let mut sums = PresenceTotals::new(world, end);
        for observed in presence.events(end) {
            let leader = observed.event.leader();
            // Only the table of its own leader counts.
            if leader.is_some_and(|leader| is_beside(observed.unit, leader)) {
                continue;
            }
            sums.advance(observed.at);
            sums.add(observed.unit, observed.event);
        }
        sums.advance(end);
        let whole = end.as_ns() as f64 * sums.units.len() as f64;
        let of_whole = |ns: f64| {
            let ratio = (whole > 0.0).then_some(ns / whole);
            Cell::from(ratio)
        };
        let is_led = sums.units.values().any(|state| state.is_member);
        let waited: u128 = sums.waits.iter().map(|wait| u128::from(wait.as_ns())).sum();
        let mean = (!sums.waits.is_empty()).then(|| waited as f64 / sums.waits.len() as f64 / 1e6);
        let wrong = is_led.then_some(sums.wrong_ns as f64);
        cells.extend([
            ("availability", of_whole(sums.up_ns as f64)),
            ("enquiries_absent_ratio", met_absent),
            ("table_error_ratio", wrong.map_or(Cell::Absent, of_whole)),
            (
                "registrations_per_unit_s",
                of_whole(sums.registrations as f64 * 1e9),
            ),
            ("findable_ms_mean", mean.into()),
        ]);
        Self {
            cells,
            over_time: over_time(&sums, requests, end),
        }
    }
}

/// The shares of the enquiries to computers up to `end` that met an absent one; and about which the asker was
/// wrong for this or another reason. Absent where neither computers nor their offers change.
fn enquiries(world: &World, presence: Option<&Presence>, end: Span) -> [Cell; 2] {
    let changes =
        world.config.renewal().is_some() || mobile(world).iter().any(|unit| unit.kind() == GCU);
    let Some(presence) = presence.filter(|_| changes) else {
        return [Cell::Absent, Cell::Absent];
    };
    let all = presence.enquiries.until(end);
    let absent = presence.enquiries_absent.until(end);
    let wrong = absent + presence.enquiries_not_offered.until(end);
    [absent, wrong].map(|some| Cell::ratio(some, all))
}

/// How often a change was told up to `end`, per unit that comes and goes or changes what it offers, and second.
fn updates_cell(world: &World, updates: &[Span], end: Span) -> Cell {
    let mut units = mobile(world);
    if world.config.renewal().is_some() {
        let computers = (0..world.population.len()).map(gcu);
        units.extend(computers.filter(|unit| !world.disconnected.contains(unit)));
    }
    let count = updates.iter().filter(|at| **at <= end).count();
    let unit_s = units.len() as f64 * end.as_ns() as f64 / 1e9;
    Cell::from((unit_s > 0.0).then_some(count as f64 / unit_s))
}

/// A row for each interval: when it begins; issued and accepted requests, and the ratio; and the share of
/// units that were up.
fn over_time(sums: &PresenceTotals, requests: &[RequestRecord], end: Span) -> Vec<Vec<Cell>> {
    let interval = sums.interval.as_ns();
    let mut tallies = vec![[0_u64; 2]; sums.intervals.len()];
    for request in requests {
        let accepted = request.end().0 == RequestOutcome::Accepted;
        // One that is issued at the very end belongs to the last interval.
        let number = (request.issued.as_ns() / interval).min(tallies.len().max(1) as u64 - 1);
        if let Some(tally) = tallies.get_mut(number as usize) {
            tally[0] += 1;
            tally[1] += u64::from(accepted);
        }
    }
    let rows = tallies.iter().zip(&sums.intervals).zip(0..);
    rows.map(|((&[issued, accepted], &up_ns), number)| {
        let begin = number * interval;
        let lasts = (begin + interval).min(end.as_ns()) - begin;
        let whole = lasts as f64 * sums.units.len() as f64;
        let up = (whole > 0.0).then_some(up_ns as f64 / whole);
        vec![
            Cell::from(Some(begin as f64 / 1e9)),
            Cell::Count(issued),
            Cell::Count(accepted),
            Cell::ratio(accepted, issued),
            up.into(),
        ]
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_few_intervals_of_round_length() {
        for (end_s, interval_s) in [(0, 1), (60, 1), (61, 2), (300, 5), (301, 10), (3600, 100)] {
            assert_eq!(
                round(Span::from_s(end_s)),
                Span::from_s(interval_s),
                "{end_s}"
            );
        }
        round(Span::from_ns(u64::MAX));
    }

    #[test]
    fn runs_that_end_at_different_times_have_the_same_intervals() {
        let issued = Some(Span::from_s(300));
        for end_s in [299, 300, 301, 340, 700] {
            let interval = super::interval(issued, Span::from_s(end_s));
            assert_eq!(interval, Span::from_s(10), "{end_s}");
        }
        let interval = super::interval(issued, Span::from_s(3_000_000));
        assert!(interval >= Span::from_s(5000), "few rows: {interval:?}");
        let unknown = super::interval(None, Span::from_s(60));
        assert_eq!(unknown, Span::from_s(1));
    }
}
