//! A summary without loss: the constraints that no other one covers.
//!
//! The summary depends only on what is present, not on the order in which it came. So it changes only if
//! the set of what is present changes, and a broker that passes on these changes sends at most as many
//! updates as one that passes on every constraint. This module does *not* know brokers.

use std::collections::{BTreeMap, BTreeSet};

use super::Change;
use super::list::{ConstraintId, Constraints};

/// Constraints of one list, each present some number of times, and those that no other present one covers.
/// A request matches one of the summary if and only if it matches one that is present.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Covering {
    counts: BTreeMap<ConstraintId, u32>,
    summary: BTreeSet<ConstraintId>,
}

impl Covering {
    /// The summary, ascending.
    pub fn summary(&self) -> impl Iterator<Item = ConstraintId> {
        self.summary.iter().copied()
    }

    /// A constraint comes, once more. Returns what changes of the summary.
    pub fn insert(&mut self, list: &Constraints, id: ConstraintId) -> Change<ConstraintId> {
        let count = self.counts.entry(id).or_default();
        *count += 1;
        if *count > 1 || self.covers(list, id) {
            return Change::default();
        }
        let covered = self.summary().filter(|&other| list.covers(id, other));
        let withdrawn: Vec<ConstraintId> = covered.collect();
        self.summary.retain(|other| !withdrawn.contains(other));
        self.summary.insert(id);
        Change {
            added: vec![id],
            withdrawn,
        }
    }

    /// A constraint goes, once; one that is not present changes nothing. Returns what changes of the
    /// summary.
    pub fn remove(&mut self, list: &Constraints, id: ConstraintId) -> Change<ConstraintId> {
        match self.counts.get_mut(&id) {
            None => return Change::default(),
            Some(count) if *count > 1 => {
                *count -= 1;
                return Change::default();
            }
            Some(_) => self.counts.remove(&id),
        };
        if !self.summary.remove(&id) {
            return Change::default();
        }
        // What only this one has covered: the greatest of them come up.
        let mut added: Vec<ConstraintId> = Vec::new();
        for &other in self.counts.keys() {
            let is_bare = list.covers(id, other) && !self.covers(list, other);
            if is_bare && !added.iter().any(|&more| list.covers(more, other)) {
                added.retain(|&less| !list.covers(other, less));
                added.push(other);
            }
        }
        self.summary.extend(&added);
        Change {
            added,
            withdrawn: vec![id],
        }
    }

    /// Whether one of the summary covers this constraint.
    fn covers(&self, list: &Constraints, id: ConstraintId) -> bool {
        self.summary.iter().any(|&other| list.covers(other, id))
    }
}
