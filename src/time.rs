//! Simulated time: integer nanoseconds, as an instant ([`Time`]) or a length ([`Span`]).
//!
//! `Time + Span` is a `Time` and `Time - Time` a `Span`; `Time + Time` does not compile. Overflow
//! is checked: 2⁶⁴ ns are 584 years, and the scenario's limits stay far below. This module does
//! *not* know a wall clock, nor who keeps the simulated one.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

use serde::{Deserialize, Serialize};

const OVERFLOW: &str = "simulated time stays below 584 years";

/// An instant of simulated time, in nanoseconds from the simulation's time 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
pub struct Time(u64);

/// A length of simulated time, in nanoseconds.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct Span(u64);

impl Time {
    /// Time 0.
    pub const ZERO: Self = Self(0);
    /// The last instant that there is.
    pub const MAX: Self = Self(u64::MAX);

    /// The instant `ns` nanoseconds after time 0.
    pub const fn from_ns(ns: u64) -> Self {
        Self(ns)
    }

    /// Nanoseconds since time 0.
    pub const fn as_ns(self) -> u64 {
        self.0
    }

    /// The span from `earlier` to `self`, or an empty span if `earlier` is the later one.
    #[must_use]
    pub const fn saturating_since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    /// The instant `span` before `self`, or time 0 if that would lie before it.
    #[must_use]
    pub const fn saturating_sub(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }

    /// The instant `span` later, or the last one there is if that comes first.
    #[must_use]
    pub const fn saturating_add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// This instant on a clock that reads 0 at `zero`; 0 if it is before `zero`.
    #[must_use]
    pub const fn from_zero(self, zero: Self) -> Self {
        Self(self.0.saturating_sub(zero.0))
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// A span of `ns` nanoseconds.
    pub const fn from_ns(ns: u64) -> Self {
        Self(ns)
    }

    /// A span of `s` whole seconds.
    pub const fn from_s(s: u64) -> Self {
        Self(s * 1_000_000_000)
    }

    /// The span of `ms` milliseconds, rounded to the nearest nanosecond (half away from zero), or
    /// `None` if `ms` is negative, not a number or above 10¹² ms (31 years).
    pub fn from_ms(ms: f64) -> Option<Self> {
        (0.0..=1e12)
            .contains(&ms)
            .then(|| Self((ms * 1e6).round() as u64))
    }

    /// The length in nanoseconds.
    pub const fn as_ns(self) -> u64 {
        self.0
    }

    /// The length in milliseconds, rounded to the nearest `f64`.
    pub fn as_ms(self) -> f64 {
        self.0 as f64 / 1e6
    }
}

impl Span {
    /// Both together, or the longest span there is if that is shorter.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// What is left of it without `other`; nothing if `other` is longer.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Add<Span> for Time {
    type Output = Self;
    fn add(self, span: Span) -> Self {
        Self(self.0.checked_add(span.0).expect(OVERFLOW))
    }
}

impl AddAssign<Span> for Time {
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}

impl Sub for Time {
    type Output = Span;
    fn sub(self, earlier: Self) -> Span {
        Span(
            self.0
                .checked_sub(earlier.0)
                .expect("a span runs from the earlier instant to the later"),
        )
    }
}

impl Add for Span {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.checked_add(other.0).expect(OVERFLOW))
    }
}

impl AddAssign for Span {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Span {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(
            self.0
                .checked_sub(other.0)
                .expect("a span is never negative"),
        )
    }
}

impl std::iter::Sum for Span {
    fn sum<I: Iterator<Item = Self>>(spans: I) -> Self {
        spans.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}.{:09} s",
            self.0 / 1_000_000_000,
            self.0 % 1_000_000_000
        )
    }
}
