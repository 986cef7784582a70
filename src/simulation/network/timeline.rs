//! When one thing is up and when it is down.
//!
//! This module does *not* know what it is, nor who asks.

use crate::random::alternation::Alternation;
use crate::random::{RandomStreams, StreamId};
use crate::time::{Span, Time};

/// The periods of one thing, known up to some instant. At the instant of a change the new state
/// holds; periods of no length do not exist.
#[derive(Debug)]
pub(super) struct Timeline {
    /// The state before the first of `changes`.
    up: bool,
    /// Ascending; the last one may be that at the end of what is drawn.
    changes: Vec<Time>,
    /// The state in the period that begins at the end of what is drawn.
    next_up: bool,
    ordinal: u32,
    drawn_to: Time,
}

/// By what periods are drawn: the law, and the thing's number among those of one purpose.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source {
    pub(super) law: Alternation,
    pub(super) streams: RandomStreams,
    pub(super) stream: StreamId,
    pub(super) number: u32,
}

impl Timeline {
    /// Nothing is drawn yet.
    pub(super) fn new() -> Self {
        Self {
            up: true,
            changes: Vec::new(),
            next_up: true,
            ordinal: 0,
            drawn_to: Time::ZERO,
        }
    }

    /// Of something that is down once, and else up.
    pub(super) fn down_once((at, lasts): (Span, Span)) -> Self {
        let begin = Time::ZERO.saturating_add(at);
        let changes = match lasts {
            Span::ZERO => Vec::new(),
            _ => vec![begin, begin.saturating_add(lasts)],
        };
        Self {
            changes,
            drawn_to: Time::MAX,
            ..Self::new()
        }
    }

    /// Draws beyond the instant `to`. Each period is a draw of its own, keyed by the thing and the
    /// period's ordinal; the first one is what is left of one that was under way at 0.
    pub(super) fn draw_beyond(&mut self, to: Time, source: Source) {
        let Source { law, streams, .. } = source;
        while self.drawn_to <= to && self.drawn_to < Time::MAX {
            let entity = u64::from(source.number) << 32 | u64::from(self.ordinal);
            let stream = &mut streams.stream(source.stream, entity);
            let lasts = if self.ordinal == 0 {
                let (up, lasts) = law.first(stream);
                (self.up, self.next_up) = (up, up);
                lasts
            } else {
                law.period(self.next_up, stream)
            };
            self.ordinal += 1;
            self.next_up = !self.next_up;
            self.drawn_to = self.drawn_to.saturating_add(lasts);
            // A link that fails for no time does not fail: such periods are left out, not stretched to a nanosecond.
            if lasts > Span::ZERO {
                self.changes.push(self.drawn_to);
            } else if self.changes.pop().is_none() {
                self.up = !self.up;
            }
        }
    }

    /// Forgets what was before the instant `from`.
    pub(super) fn forget_before(&mut self, from: Time) {
        let past = self.changes.partition_point(|change| *change <= from);
        self.up ^= past % 2 == 1;
        self.changes.drain(..past);
    }

    /// The changes after `from`, up to `to`.
    pub(super) fn changes(&self, from: Time, to: Time) -> &[Time] {
        let end = self.changes.partition_point(|change| *change <= to);
        let start = self.changes.partition_point(|change| *change <= from);
        &self.changes[start.min(end)..end]
    }

    /// The periods in which it is down, counted from time 0; the last one may go on.
    pub(super) fn down(&self) -> Vec<(Span, Span)> {
        let mut begun = (!self.up).then_some(Time::ZERO);
        let mut periods = Vec::new();
        for &change in &self.changes {
            match begun.take() {
                Some(begin) => periods.push((begin, change)),
                None => begun = Some(change),
            }
        }
        periods.extend(begun.map(|begin| (begin, Time::MAX)));
        let since = |time: Time| time - Time::ZERO;
        let spans = periods
            .into_iter()
            .map(|(from, to)| (since(from), since(to)));
        spans.collect()
    }

    /// Whether it is up at the instant `at`.
    pub(super) fn is_up(&self, at: Time) -> bool {
        let past = self.changes.partition_point(|change| *change <= at);
        self.up ^ (past % 2 == 1)
    }

    /// Whether it is up at the instant `at` and until `lasts` later.
    pub(super) fn is_up_through(&self, at: Time, lasts: Span) -> bool {
        let past = self.changes.partition_point(|change| *change <= at);
        let next = self.changes.get(past);
        (self.up ^ (past % 2 == 1)) && next.is_none_or(|next| *next >= at.saturating_add(lasts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_down_in_the_periods_that_are_told() {
        let s = Span::from_s;
        let once = Timeline::down_once((s(10), s(20)));
        assert_eq!(once.down(), [(s(10), s(30))]);
        let never = Timeline::down_once((s(10), Span::ZERO));
        assert_eq!(never.down(), []);
        let mut timeline = Timeline {
            up: false,
            changes: [2, 5, 6].map(|at| Time::ZERO + s(at)).to_vec(),
            ..Timeline::new()
        };
        let last = (s(6), Time::MAX - Time::ZERO);
        assert_eq!(timeline.down(), [(s(0), s(2)), (s(5), s(6))]);
        timeline.up = true;
        assert_eq!(timeline.down(), [(s(2), s(5)), last]);
        for (from, to) in timeline.down() {
            assert!(!timeline.is_up(Time::ZERO + from));
            assert!(to == last.1 || timeline.is_up(Time::ZERO + to));
        }
    }
}
