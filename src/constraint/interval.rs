//! Intervals of the real numbers, each end open, closed or absent.
//!
//! An end is a *cut*: a place between two numbers that are next to each other, directly before or directly
//! after a decimal. All cuts are in one order, so open and closed ends need no cases. This module does *not*
//! know which attribute an interval belongs to.

use super::scan::Operator;
use crate::decimal::Decimal;

/// A place at which the real numbers are cut in two.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Cut {
    /// Before all numbers.
    Start,
    /// Next to a number.
    At(Decimal, Side),
    /// After all numbers.
    End,
}

/// On which side of its number a cut lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Side {
    Before,
    After,
}

/// The numbers between two cuts; there is at least one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Interval {
    lower: Cut,
    upper: Cut,
}

impl Interval {
    /// The numbers that stand in a relation to `number`; none is asked for with `!=`, which leaves no
    /// interval.
    pub(super) fn of(operator: Operator, number: &Decimal) -> Option<Self> {
        let at = |side| Cut::At(number.clone(), side);
        let (lower, upper) = match operator {
            Operator::Equal => (at(Side::Before), at(Side::After)),
            Operator::Less => (Cut::Start, at(Side::Before)),
            Operator::AtMost => (Cut::Start, at(Side::After)),
            Operator::Greater => (at(Side::After), Cut::End),
            Operator::AtLeast => (at(Side::Before), Cut::End),
            Operator::Differs => return None,
        };
        Some(Self { lower, upper })
    }

    /// From `first`, included, to `last`, excluded, unless both are equal.
    pub(super) fn from_to(first: Decimal, last: Decimal) -> Self {
        let side = if first == last {
            Side::After
        } else {
            Side::Before
        };
        Self {
            lower: Cut::At(first, Side::Before),
            upper: Cut::At(last, side),
        }
    }

    /// Whether it holds all numbers.
    pub(super) fn is_everything(&self) -> bool {
        (&self.lower, &self.upper) == (&Cut::Start, &Cut::End)
    }

    /// Whether a number lies in both.
    pub(super) fn meets(&self, other: &Self) -> bool {
        (&self.lower).max(&other.lower) < (&self.upper).min(&other.upper)
    }

    /// Whether all numbers of `other` lie in it.
    pub(super) fn contains(&self, other: &Self) -> bool {
        self.lower <= other.lower && other.upper <= self.upper
    }

    /// The numbers that lie in both.
    pub(super) fn intersection(&self, other: &Self) -> Option<Self> {
        self.meets(other).then(|| Self {
            lower: (&self.lower).max(&other.lower).clone(),
            upper: (&self.upper).min(&other.upper).clone(),
        })
    }

    /// The least interval that contains both.
    pub(super) fn hull(&self, other: &Self) -> Self {
        Self {
            lower: (&self.lower).min(&other.lower).clone(),
            upper: (&self.upper).max(&other.upper).clone(),
        }
    }

    /// How unlike two intervals are, from 0 to 1: the mean over both ends.
    pub(super) fn distance(&self, other: &Self) -> f64 {
        let lower = self.lower.distance(&other.lower);
        f64::midpoint(lower, self.upper.distance(&other.upper))
    }

    /// The relations that define it, in the order of the canonical text.
    pub(super) fn relations(&self) -> Vec<(Operator, &Decimal)> {
        if let (Cut::At(first, Side::Before), Cut::At(last, Side::After)) =
            (&self.lower, &self.upper)
            && first == last
        {
            return vec![(Operator::Equal, first)];
        }
        let lower = match &self.lower {
            Cut::At(number, Side::Before) => Some((Operator::AtLeast, number)),
            Cut::At(number, Side::After) => Some((Operator::Greater, number)),
            Cut::Start | Cut::End => None,
        };
        let upper = match &self.upper {
            Cut::At(number, Side::Before) => Some((Operator::Less, number)),
            Cut::At(number, Side::After) => Some((Operator::AtMost, number)),
            Cut::Start | Cut::End => None,
        };
        lower.into_iter().chain(upper).collect()
    }
}

impl Cut {
    /// The difference of two numbers in proportion to their sizes; 1 if one of them is infinite.
    fn distance(&self, other: &Self) -> f64 {
        match (self, other) {
            (Self::At(one, _), Self::At(other, _)) if one == other => 0.0,
            (Self::At(one, _), Self::At(other, _)) => {
                let [one, other] = [one, other].map(Decimal::near);
                let distance = (one - other).abs() / (one.abs() + other.abs());
                // Numbers beyond those of an `f64` are as unlike as can be.
                if distance.is_finite() { distance } else { 1.0 }
            }
            _ if self == other => 0.0,
            _ => 1.0,
        }
    }
}
