//! Constraints: what is offered and what is asked for, by attributes instead of by number.
//!
//! A constraint is a set of points. For each attribute it leaves a set of words, or an interval of the real
//! numbers; what it does not name is free. An offer can serve a request if their sets intersect. A
//! constraint is read from a text and has one canonical text; constraints are intersected, compared, merged,
//! drawn at random, listed, and summed up. This room does *not* know units, brokers and scenarios.
//!
//! ```
//! use arigatoni::constraint::Attributes;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let attributes: Attributes = serde_json::from_str(r#"{"Type": ["CPU", "MEM"], "Time": "s"}"#)?;
//! let offer = attributes.parse("[Time<200] & [Type!=MEM]")?;
//! let request = attributes.parse("[Type=CPU] & [Time>10s]")?;
//! assert_eq!(attributes.text(&offer), "[Time<200s] & [Type=CPU]");
//! assert!(offer.matches(&request) && !offer.covers(&request));
//! # Ok(())
//! # }
//! ```

mod attributes;
mod covering;
mod drawn;
mod inferred;
mod interval;
mod list;
mod meaning;
mod merging;
mod quantity;
mod scan;
mod set;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::sync::Arc;

pub use self::attributes::Attributes;
pub use self::covering::Covering;
pub use self::drawn::{Drawn, Random};
pub use self::list::{ConstraintId, Constraints, Interner};
pub use self::merging::Merging;
use self::set::Set;

/// A set of points, not empty. Two constraints are equal if their sets are. Their order means nothing, but
/// is always the same.
///
/// Constraints that meet in an operation were read with the same [`Attributes`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Constraint {
    /// What is left of each attribute that is not free, by its index, ascending.
    parts: Arc<[(u32, Set)]>,
}

/// What changes of a summary that is sent upwards: first what is withdrawn goes, then what is added comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change<T> {
    /// What was not in the summary before, in no order that means anything.
    pub added: Vec<T>,
    /// What is no longer in it.
    pub withdrawn: Vec<T>,
}

impl<T> Default for Change<T> {
    fn default() -> Self {
        Self {
            added: Vec::new(),
            withdrawn: Vec::new(),
        }
    }
}

impl<T> Change<T> {
    /// Whether nothing changes, so that nothing needs to be sent.
    pub fn is_nothing(&self) -> bool {
        self.added.is_empty() && self.withdrawn.is_empty()
    }
}

impl Constraint {
    /// The constraint that leaves these sets, in the order of their attributes.
    fn new(parts: impl Iterator<Item = (u32, Set)>) -> Self {
        Self {
            parts: parts.collect(),
        }
    }

    /// Whether a point lies in both.
    pub fn matches(&self, other: &Self) -> bool {
        self.pairs(other).all(|pair| match pair {
            Pair::Both(_, one, other) => one.meets(other),
            Pair::First(..) | Pair::Second(..) => true,
        })
    }

    /// Whether all points of `other` lie in it.
    pub fn covers(&self, other: &Self) -> bool {
        self.pairs(other).all(|pair| match pair {
            Pair::Both(_, one, other) => one.contains(other),
            Pair::First(..) => false,
            Pair::Second(..) => true,
        })
    }

    /// The points that lie in both, if any do.
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        let parts = self.pairs(other).map(|pair| match pair {
            Pair::Both(index, one, other) => Some((index, one.intersection(other)?)),
            Pair::First(index, set) | Pair::Second(index, set) => Some((index, set.clone())),
        });
        let parts: Option<Arc<[_]>> = parts.collect();
        parts.map(|parts| Self { parts })
    }

    /// The least constraint that covers both: for each attribute the words of both, or the interval from
    /// the lesser to the greater end.
    pub fn hull(&self, other: &Self) -> Self {
        Self::new(self.pairs(other).filter_map(|pair| match pair {
            Pair::Both(index, one, other) => Some((index, one.hull(other)?)),
            Pair::First(..) | Pair::Second(..) => None,
        }))
    }

    /// Whether all points lie in it, which may be true of a hull only.
    pub fn is_everything(&self) -> bool {
        self.parts.is_empty()
    }

    /// How unlike two constraints are: what merging them loses, from 0 to 1 for each attribute.
    fn distance(&self, other: &Self) -> f64 {
        let parts = self.pairs(other).map(|pair| match pair {
            Pair::Both(_, one, other) => one.distance(other),
            Pair::First(_, set) | Pair::Second(_, set) => set.distance_to_everything(),
        });
        parts.sum()
    }

    /// The attributes that are not free in both, ascending, with what is left of them.
    fn pairs<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = Pair<'a>> {
        let (mut ones, mut others) = (self.parts.iter(), other.parts.iter());
        let (mut one, mut other) = (ones.next(), others.next());
        std::iter::from_fn(move || {
            let order = match (one, other) {
                (Some((first, _)), Some((second, _))) => first.cmp(second),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => return None,
            };
            let (first, second) = (one, other);
            if order.is_le() {
                one = ones.next();
            }
            if order.is_ge() {
                other = others.next();
            }
            match order {
                Ordering::Less => first.map(|(index, set)| Pair::First(*index, set)),
                Ordering::Greater => second.map(|(index, set)| Pair::Second(*index, set)),
                Ordering::Equal => first
                    .zip(second)
                    .map(|((index, one), (_, other))| Pair::Both(*index, one, other)),
            }
        })
    }
}

/// What two constraints leave of an attribute that is not free in both.
enum Pair<'a> {
    Both(u32, &'a Set, &'a Set),
    First(u32, &'a Set),
    Second(u32, &'a Set),
}
