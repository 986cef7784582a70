//! The constraints of a run, each once, and which of them match and cover each other.
//!
//! Equal constraints have one number. Every pair is compared at most once, when somebody asks for it. This
//! module does *not* know who offers and who asks.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use fixedbitset::FixedBitSet;

use super::Constraint;

/// The number of a constraint in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConstraintId(pub u32);

impl ConstraintId {
    fn index(self) -> usize {
        self.0 as usize
    }
}

/// Makes a list of constraints.
#[derive(Debug, Default)]
pub struct Interner {
    ids: BTreeMap<Constraint, ConstraintId>,
}

impl Interner {
    /// The number of a constraint: that of its equal, or the next one.
    pub fn intern(&mut self, constraint: Constraint) -> ConstraintId {
        let next = ConstraintId(self.ids.len() as u32);
        *self.ids.entry(constraint).or_insert(next)
    }

    /// The list, in the order in which the constraints came.
    pub fn finish(self) -> Constraints {
        let mut list: Vec<_> = self.ids.into_iter().collect();
        list.sort_unstable_by_key(|&(_, id)| id);
        let rows = || list.iter().map(|_| OnceLock::new()).collect();
        Constraints {
            matching: rows(),
            covered: rows(),
            list: list.into_iter().map(|(constraint, _)| constraint).collect(),
        }
    }
}

/// A list of constraints, no two of which are equal. Threads can share it.
#[derive(Debug)]
pub struct Constraints {
    list: Box<[Constraint]>,
    /// For each constraint, once somebody asks, a bit for each other one that matches it.
    matching: Box<[OnceLock<FixedBitSet>]>,
    /// For each constraint, once somebody asks, a bit for each other one that it covers.
    covered: Box<[OnceLock<FixedBitSet>]>,
}

impl Constraints {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// All of them, in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = &Constraint> {
        self.list.iter()
    }

    /// The constraint of this number.
    ///
    /// # Panics
    /// If the number is not of this list; so do the other methods.
    pub fn get(&self, id: ConstraintId) -> &Constraint {
        &self.list[id.index()]
    }

    /// Whether two constraints match: a look-up, after the first time that one of them is asked about.
    #[inline]
    pub fn matches(&self, one: ConstraintId, other: ConstraintId) -> bool {
        self.matching_row(one).contains(other.index())
    }

    /// All that match a constraint, ascending.
    pub fn matching(&self, id: ConstraintId) -> impl Iterator<Item = ConstraintId> {
        let row = self.matching_row(id).ones();
        row.map(|index| ConstraintId(index as u32))
    }

    /// Whether `one` covers `other`: a look-up, after the first time that `one` is asked about.
    #[inline]
    pub fn covers(&self, one: ConstraintId, other: ConstraintId) -> bool {
        let row = self.covered[one.index()].get_or_init(|| {
            let constraint = self.get(one);
            self.row(|_, other| constraint.covers(other))
        });
        row.contains(other.index())
    }

    fn matching_row(&self, id: ConstraintId) -> &FixedBitSet {
        self.matching[id.index()].get_or_init(|| {
            let constraint = self.get(id);
            self.row(|index, other| match self.matching[index].get() {
                Some(row) => row.contains(id.index()),
                None => constraint.matches(other),
            })
        })
    }

    fn row(&self, is_set: impl Fn(usize, &Constraint) -> bool) -> FixedBitSet {
        let mut row = FixedBitSet::with_capacity(self.len());
        for (index, other) in self.list.iter().enumerate() {
            row.set(index, is_set(index, other));
        }
        row
    }
}
