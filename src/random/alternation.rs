//! Alternation between up and down: one thing after another, in steady state from the beginning.
//!
//! This module does *not* know what is up or down, nor how its periods are keyed.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

use super::law::Law;
use super::{RandomStreams, Stream, StreamId};
use crate::time::Span;

/// Trial periods, for an estimate of how many there are in a time.
const TRIAL: StreamId = StreamId(133);
const TRIALS: u64 = 1000;

/// How many draws of its own each period has, where periods are numbered in one stream.
const DRAWS_PER_PERIOD: u32 = 256;

/// The shortest period: a law that hardly ever takes longer does not stop the clock.
pub(crate) const PERIOD_MIN: Span = Span::from_ns(1);

/// How many changes a run may have in all: with more it is refused.
pub(crate) const CHANGES_MAX: f64 = 1e9;

/// The number of the first draw of the period with this number.
pub(crate) fn first_draw(period: u32) -> u32 {
    period.wrapping_mul(DRAWS_PER_PERIOD)
}

/// The next change of each of many things, ascending by (span, key), up to an instant.
#[derive(Debug)]
pub(crate) struct Due<K> {
    changes: BinaryHeap<Reverse<(Span, K)>>,
    last: Span,
}

impl<K: Ord + Copy> Due<K> {
    /// None yet; changes after the instant `last` are left out.
    pub(crate) fn until(last: Span) -> Self {
        let changes = BinaryHeap::new();
        Self { changes, last }
    }

    /// Enters a change, if there is one.
    pub(crate) fn push(&mut self, at: Option<Span>, key: K) {
        if let Some(at) = at.filter(|at| *at <= self.last) {
            self.changes.push(Reverse((at, key)));
        }
    }

    /// When the first change is due.
    pub(crate) fn first(&self) -> Option<Span> {
        self.changes.peek().map(|Reverse((at, _))| *at)
    }

    /// Takes the first change; `next` says which one comes in its place.
    pub(crate) fn take(
        &mut self,
        next: impl FnOnce(Span, K) -> Option<(Span, K)>,
    ) -> Option<(Span, K)> {
        let mut due = self.changes.peek_mut()?;
        let Reverse((at, key)) = *due;
        match next(at, key).filter(|(at, _)| *at <= self.last) {
            Some(next) => *due = Reverse(next),
            None => _ = PeekMut::pop(due),
        }
        Some((at, key))
    }
}

/// How something alternates between up and down, independently of all else, each period of its law.
/// One of the two means is above 0, both are finite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Alternation {
    /// How long it is up.
    pub up: Law,
    /// How long it is down.
    pub down: Law,
}

impl Alternation {
    /// Alternation by these laws, both of a finite mean.
    ///
    /// # Errors
    /// What is wrong, if neither ever lasts.
    pub fn new(up: Law, down: Law) -> Result<Self, &'static str> {
        let alternation = Self { up, down };
        if up.mean_s() + down.mean_s() > 0.0 {
            Ok(alternation)
        } else {
            Err("up and down both last 0 s, so it is never either")
        }
    }

    /// Alternation of which the share `absence` of the time is down: `down` is `up`, stretched by
    /// absence ÷ (1 − absence). With 0 it is never down, with 1 never up.
    ///
    /// # Errors
    /// The same.
    pub fn with_absence(up: Law, absence: f64) -> Result<Self, &'static str> {
        let never = Law::Constant(0.0);
        if absence >= 1.0 {
            return Self::new(never, up);
        }
        if absence <= 0.0 {
            return Self::new(up, never);
        }
        Self::new(up, up.scaled(absence / (1.0 - absence)))
    }

    /// Whether it ever changes.
    pub fn changes(&self) -> bool {
        self.up.mean_s() > 0.0 && self.down.mean_s() > 0.0
    }

    /// The share of the time that it is up: E\[up\] ÷ (E\[up\] + E\[down\]).
    pub fn availability(&self) -> f64 {
        let [up, down] = [self.up, self.down].map(Law::mean_s);
        up / (up + down)
    }

    /// The first period, which was under way before the beginning: whether it is up, and how long what
    /// is left of it lasts.
    pub fn first(&self, stream: &mut Stream) -> (bool, Span) {
        let up = stream.unit() < self.availability();
        (up, self.law(up).rest(stream))
    }

    /// The first period: whether it is up, and when it ends, if it ever does. It takes [`PERIOD_MIN`] at least.
    pub(crate) fn first_lasting(&self, stream: &mut Stream) -> (bool, Option<Span>) {
        let (up, lasts) = self.first(stream);
        (up, self.changes().then(|| lasts.max(PERIOD_MIN)))
    }

    /// When a further period ends, up or down, that begins at `from`. It takes [`PERIOD_MIN`] at least.
    pub(crate) fn end(&self, up: bool, from: Span, stream: &mut Stream) -> Span {
        from.saturating_add(self.period(up, stream).max(PERIOD_MIN))
    }

    /// How long a further period lasts, up or down.
    pub fn period(&self, up: bool, stream: &mut Stream) -> Span {
        self.law(up).span(stream)
    }

    fn law(&self, up: bool) -> Law {
        if up { self.up } else { self.down }
    }

    /// How often `count` of them change in a second, about, as long as they have not been watched
    /// for much longer than `most`: a longer period counts as one of `most`. Infinite if their periods
    /// are too short to get anywhere.
    pub fn changes_per_s(&self, count: usize, most: Span) -> f64 {
        let streams = RandomStreams::new(0, 0);
        let period = |trial| {
            let stream = &mut streams.stream(TRIAL, trial);
            let both = [self.up, self.down].map(|law| law.span(stream).min(most));
            (both[0] + both[1]).as_ns() as f64 / 1e9
        };
        let seconds: f64 = (0..TRIALS).map(period).sum();
        2.0 * TRIALS as f64 * count as f64 / seconds
    }
}
