//! Alternation between up and down: one thing after another, in steady state from the beginning.
//!
//! This module does *not* know what is up or down, nor how its periods are keyed.

use super::law::Law;
use super::{RandomStreams, Stream, StreamId};
use crate::time::Span;

/// Trial periods, for an estimate of how many there are in a time.
const TRIAL: StreamId = StreamId(133);
const TRIALS: u64 = 1000;
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
