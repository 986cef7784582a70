//! A waiting line: what arrives is taken one at a time, in the order of arrival.
//!
//! How long each one takes is known when it arrives, so it is known at once when it will be done: a line
//! needs no event of its own. It does *not* know what waits, nor what takes its time.

use std::collections::VecDeque;

use crate::event_queue::Key;
use crate::system::Queueing;
use crate::time::{Span, Time};

/// What begins later than this, a century after the beginning, takes hardly any time: no law can carry simulated time
/// away.
const LATEST: Time = Time::from_ns(3_200_000_000_000_000_000);

/// The least time that anything takes: two are never done at once, so they stay in order.
pub(super) const LEAST: Span = Span::from_ns(1);

/// The lines of all servers of one kind, by number.
#[derive(Debug)]
pub(super) struct Lines {
    all: Vec<Line>,
    /// How many may wait in each of them; `None`: any number.
    room: Option<u32>,
    counted: Counted,
}

impl Lines {
    /// `count` lines, which are empty.
    pub(super) fn new(count: usize, room: Option<u32>) -> Self {
        Self {
            all: (0..count).map(|_| Line::default()).collect(),
            room,
            counted: Counted::default(),
        }
    }

    /// Puts into a line an arrival at `key.time` that is served for `takes`. Returns the key under which it is
    /// done; `None`: there is no room.
    pub(super) fn enter(&mut self, line: usize, key: Key, takes: Span) -> Option<Key> {
        self.all[line].enter(key, takes, self.room, self.counted)
    }

    /// Removes the first entry of a line, if it is the one that is done under `key`. Returns whether it is.
    pub(super) fn leave(&mut self, line: usize, key: Key) -> bool {
        self.all[line].leave(key)
    }

    /// Removes all entries of a line that are done by `now`.
    pub(super) fn leave_by(&mut self, line: usize, now: Time) {
        self.all[line].leave_by(now);
    }

    /// Forgets at `now` all that are in a line.
    pub(super) fn clear(&mut self, line: usize, now: Time) {
        self.all[line].clear(now, self.counted);
    }

    /// A stage begins at `now`: all lines are empty, and what comes counts from now on, with the time in which a server is
    /// busy from one instant to another; `None`: nothing.
    pub(super) fn begin(&mut self, now: Time, busy_within: Option<(Time, Time)>) {
        for line in &mut self.all {
            line.clear(now, self.counted);
        }
        self.counted = Counted { busy_within };
    }

    /// What has been counted of each line, by number.
    pub(super) fn each(&self) -> impl Iterator<Item = Queueing> {
        self.all.iter().map(|line| line.told)
    }

    /// The sum of what has been counted over all lines.
    pub(super) fn totals(&self) -> Queueing {
        self.each().fold(Queueing::default(), Queueing::with)
    }
}

/// What a server is busy with, and what waits for it.
#[derive(Debug, Default)]
struct Line {
    /// When the last one that is here will be done.
    free_at: Time,
    /// Those that are here, each under the key of its end, in this order.
    here: VecDeque<Key>,
    /// What has been [counted](Counted) of it: it is the busiest of one.
    told: Queueing,
}

/// What counts of all lines of one kind.
#[derive(Debug, Clone, Copy, Default)]
struct Counted {
    /// From when to when time counts in which a server is busy; `None`: nothing counts.
    busy_within: Option<(Time, Time)>,
}

impl Counted {
    /// How much of the time from `begin` to `end` counts.
    fn busy(self, begin: Time, end: Time) -> Span {
        self.busy_within.map_or(Span::ZERO, |(from, to)| {
            end.min(to).saturating_since(begin.max(from))
        })
    }
}

impl Line {
    /// Puts in an arrival at `key.time` that is served for `takes`. Returns the key under which it is done;
    /// `None`: as many as there is `room` for wait already. (If `room` is `None`, there is room for any
    /// number.)
    fn enter(&mut self, key: Key, takes: Span, room: Option<u32>, counted: Counted) -> Option<Key> {
        let counts = counted.busy_within.is_some();
        // One is busy with the server, the others wait.
        if room.is_some_and(|room| self.here.len() > room as usize) {
            self.told.dropped += u64::from(counts);
            return None;
        }
        let now = key.time;
        let begin = self.free_at.max(now);
        let takes = if begin < LATEST { takes } else { LEAST };
        let end = begin.saturating_add(takes);
        if counts {
            let waits = begin.saturating_since(now);
            self.told.taken += 1;
            self.told.waited_ns += u128::from(waits.as_ns());
            self.told.wait_max = self.told.wait_max.max(waits);
            let busy = counted.busy(begin, end);
            self.told.busy_max = self.told.busy_max.saturating_add(busy);
        }
        self.free_at = end;
        let done = key.at(end);
        self.here.push_back(done);
        Some(done)
    }

    /// Removes the first entry, if it is the one that is done under `key`. Returns whether it is.
    fn leave(&mut self, key: Key) -> bool {
        let is_first = self.here.front() == Some(&key);
        if is_first {
            self.here.pop_front();
        }
        is_first
    }

    /// Removes all entries that are done by `now`.
    fn leave_by(&mut self, now: Time) {
        while self.here.front().is_some_and(|key| key.time <= now) {
            self.here.pop_front();
        }
    }

    /// Forgets all that are here at `now`: it is idle from then on.
    fn clear(&mut self, now: Time, counted: Counted) {
        self.here.clear();
        let spared = counted.busy(now, self.free_at);
        self.told.busy_max = self.told.busy_max.saturating_sub(spared);
        self.free_at = Time::ZERO;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ns: u64, count: u32) -> Key {
        Key::new(Time::from_ns(ns), 0, 7, count)
    }

    /// What has been counted of a line: taken, dropped, waited, the longest wait, busy.
    fn told(line: &Line) -> [u64; 5] {
        let totals = line.told;
        let [wait, busy] = [totals.wait_max, totals.busy_max].map(Span::as_ns);
        [
            totals.taken,
            totals.dropped,
            totals.waited_ns as u64,
            wait,
            busy,
        ]
    }

    /// A line of which the time up to 100 ns counts.
    fn line() -> (Line, Counted) {
        let busy_within = Some((Time::ZERO, Time::from_ns(100)));
        (Line::default(), Counted { busy_within })
    }

    #[test]
    fn one_at_a_time_in_the_order_of_arrival() {
        let (mut line, counted) = line();
        for (ns, takes, end) in [(10, 5, 15), (12, 5, 20), (12, 1, 21), (90, 30, 120)] {
            let done = line.enter(at(ns, 1), Span::from_ns(takes), None, counted);
            assert_eq!(done, Some(at(end, 1)));
        }
        assert_eq!(told(&line), [4, 0, 3 + 8, 8, 11 + 10]);
    }

    #[test]
    fn what_finds_no_room_is_dropped() {
        let (mut line, counted) = line();
        let enter = |line: &mut Line, ns, room| {
            line.enter(at(ns, ns as u32), Span::from_ns(10), Some(room), counted)
        };
        let first = enter(&mut line, 1, 1).unwrap();
        let second = enter(&mut line, 2, 1).unwrap();
        assert_eq!(enter(&mut line, 3, 1), None);
        assert!(!line.leave(second) && line.leave(first) && !line.leave(first));
        assert!(enter(&mut line, 11, 1).is_some());
        assert_eq!(enter(&mut line, 12, 1), None);
        line.leave_by(Time::from_ns(31));
        assert!(enter(&mut line, 31, 0).is_some());
        assert_eq!(enter(&mut line, 32, 0), None);
        assert_eq!(told(&line)[..2], [4, 3]);
    }

    #[test]
    fn one_that_forgets_is_idle_from_then_on() {
        let (mut line, counted) = line();
        let done = line.enter(at(0, 1), Span::from_ns(80), None, counted);
        line.clear(Time::from_ns(30), counted);
        assert!(!line.leave(done.unwrap()));
        let done = line.enter(at(40, 2), Span::from_ns(10), Some(0), counted);
        assert_eq!(done, Some(at(50, 2)));
        assert_eq!(told(&line), [2, 0, 0, 0, 30 + 10]);
    }

    #[test]
    fn nothing_counts_unless_it_is_asked_for() {
        let (mut line, counted) = (Line::default(), Counted::default());
        for count in 0..3 {
            line.enter(at(0, count), Span::from_ns(9), Some(0), counted);
        }
        assert_eq!(told(&line), [0; 5]);
    }
}
