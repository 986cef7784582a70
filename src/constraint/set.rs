//! What is left of one attribute: a set of its words, or an interval of its numbers.
//!
//! This module does *not* know the names of attributes and words.

use fixedbitset::FixedBitSet;

use super::interval::Interval;

/// A set of values, neither empty nor everything. Two that meet here belong to one attribute; of two
/// kinds of values none is in both.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Set {
    /// A bit for each word of the attribute.
    Words(FixedBitSet),
    /// Numbers.
    Numbers(Interval),
}

impl Set {
    /// Whether a value lies in both.
    pub(super) fn meets(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Words(one), Self::Words(other)) => !one.is_disjoint(other),
            (Self::Numbers(one), Self::Numbers(other)) => one.meets(other),
            _ => false,
        }
    }

    /// Whether all values of `other` lie in it.
    pub(super) fn contains(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Words(one), Self::Words(other)) => other.is_subset(one),
            (Self::Numbers(one), Self::Numbers(other)) => one.contains(other),
            _ => false,
        }
    }

    /// The values that lie in both, if any do.
    pub(super) fn intersection(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (Self::Words(one), Self::Words(other)) => {
                let mut both = one.clone();
                both.intersect_with(other);
                (!both.is_clear()).then_some(Self::Words(both))
            }
            (Self::Numbers(one), Self::Numbers(other)) => {
                one.intersection(other).map(Self::Numbers)
            }
            _ => None,
        }
    }

    /// The least set that contains both, unless that is everything.
    pub(super) fn hull(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (Self::Words(one), Self::Words(other)) => {
                let mut both = one.clone();
                both.union_with(other);
                (!both.is_full()).then_some(Self::Words(both))
            }
            (Self::Numbers(one), Self::Numbers(other)) => {
                let hull = one.hull(other);
                (!hull.is_everything()).then_some(Self::Numbers(hull))
            }
            _ => None,
        }
    }

    /// How unlike two sets are, from 0 to 1: the fraction of their words that only one of them has, or
    /// how far the ends of their numbers are apart.
    pub(super) fn distance(&self, other: &Self) -> f64 {
        match (self, other) {
            (Self::Words(one), Self::Words(other)) => {
                1.0 - one.intersection_count(other) as f64 / one.union_count(other) as f64
            }
            (Self::Numbers(one), Self::Numbers(other)) => one.distance(other),
            _ => 1.0,
        }
    }

    /// How unlike it is to everything.
    pub(super) fn distance_to_everything(&self) -> f64 {
        match self {
            Self::Words(words) => 1.0 - words.count_ones(..) as f64 / words.len() as f64,
            Self::Numbers(_) => 1.0,
        }
    }
}
