//! A summary of limited size: constraints are merged into their hulls.
//!
//! A hull has points that no merged constraint has, so a request may match the summary and nothing that is
//! present: a false positive. The other way round nothing is lost. The summary depends on the order in
//! which constraints come and go, and on nothing else. This module does *not* know brokers.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;

use super::{Change, Constraint};

/// Constraints, each present some number of times, in groups. The summary is the hulls of the groups: at
/// most a given number, none of which covers another. Each present constraint is covered by one of them.
///
/// When there is one group too many, the two that are most alike become one. How unlike two hulls are is
/// summed over the attributes: for words the fraction that only one of the hulls has; for numbers, over both
/// ends, the mean difference in proportion to their sizes, which is 1 if only one of them has the end.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Merging {
    groups_max: NonZeroUsize,
    /// By their hulls.
    groups: BTreeMap<Constraint, Members>,
}

/// How often each constraint of a group is present.
type Members = BTreeMap<Constraint, u32>;

impl Merging {
    /// Nothing, to be summed up in at most `groups_max` constraints.
    pub fn new(groups_max: NonZeroUsize) -> Self {
        Self {
            groups_max,
            groups: BTreeMap::new(),
        }
    }

    /// Forgets what is present.
    pub fn clear(&mut self) {
        self.groups.clear();
    }

    /// The summary, in the order of constraints.
    pub fn summary(&self) -> impl Iterator<Item = &Constraint> {
        self.groups.keys()
    }

    /// A constraint comes, once more. Returns what changes of the summary.
    pub fn insert(&mut self, constraint: Constraint) -> Change<Constraint> {
        if let Some(count) = self.count(&constraint) {
            *count += 1;
            return Change::default();
        }
        let mut delta = Delta::default();
        self.settle(
            constraint.clone(),
            BTreeMap::from([(constraint, 1)]),
            &mut delta,
        );
        while self.groups.len() > self.groups_max.get() {
            self.merge_most_alike(&mut delta);
        }
        delta.change()
    }

    /// A constraint goes, once; one that is not present changes nothing. Returns what changes of the
    /// summary.
    pub fn remove(&mut self, constraint: &Constraint) -> Change<Constraint> {
        match self.count(constraint) {
            None => return Change::default(),
            Some(count) if *count > 1 => {
                *count -= 1;
                return Change::default();
            }
            Some(_) => {}
        }
        let of = |(_, members): &(&Constraint, &Members)| members.contains_key(constraint);
        let mut delta = Delta::default();
        let hull = self.groups.iter().find(of).map(|(hull, _)| hull.clone());
        if let Some(hull) = hull
            && let Some(mut members) = self.take(&hull, &mut delta)
        {
            members.remove(constraint);
            let left = members.keys().cloned();
            if let Some(hull) = left.reduce(|hull, member| hull.hull(&member)) {
                self.settle(hull, members, &mut delta);
            }
        }
        delta.change()
    }

    /// How often a constraint is present, if it is.
    fn count(&mut self, constraint: &Constraint) -> Option<&mut u32> {
        let mut groups = self.groups.values_mut();
        groups.find_map(|members| members.get_mut(constraint))
    }

    /// Takes a group out of the summary.
    fn take(&mut self, hull: &Constraint, delta: &mut Delta) -> Option<Members> {
        let members = self.groups.remove(hull)?;
        delta.withdraw(hull);
        Some(members)
    }

    /// Gives constraints with this hull a place: in the first group that covers them, or in one of their
    /// own, which takes up the groups that it covers.
    fn settle(&mut self, hull: Constraint, mut members: Members, delta: &mut Delta) {
        let mut groups = self.groups.iter_mut();
        if let Some((_, around)) = groups.find(|(other, _)| other.covers(&hull)) {
            around.append(&mut members);
            return;
        }
        let covered = self.groups.keys().filter(|other| hull.covers(other));
        for other in covered.cloned().collect::<Vec<_>>() {
            members.extend(self.take(&other, delta).into_iter().flatten());
        }
        delta.add(&hull);
        self.groups.insert(hull, members);
    }

    /// Makes one group of the two that are most alike; of equal pairs, of the first.
    fn merge_most_alike(&mut self, delta: &mut Delta) {
        let hulls: Vec<&Constraint> = self.groups.keys().collect();
        let pairs = hulls.iter().enumerate().flat_map(|(index, one)| {
            let behind = hulls[index + 1..].iter();
            behind.map(move |other| (one.distance(other), *one, *other))
        });
        let nearest = pairs.min_by(|(one, ..), (other, ..)| one.total_cmp(other));
        if let Some((_, one, other)) = nearest {
            let (hull, both) = (one.hull(other), [one.clone(), other.clone()]);
            let members = both.iter().filter_map(|hull| self.take(hull, delta));
            let members = members.flatten().collect();
            self.settle(hull, members, delta);
        }
    }
}

/// What changes of a summary, step by step: what comes and goes again is no change.
#[derive(Debug, Default)]
struct Delta {
    added: BTreeSet<Constraint>,
    withdrawn: BTreeSet<Constraint>,
}

impl Delta {
    fn add(&mut self, hull: &Constraint) {
        if !self.withdrawn.remove(hull) {
            self.added.insert(hull.clone());
        }
    }

    fn withdraw(&mut self, hull: &Constraint) {
        if !self.added.remove(hull) {
            self.withdrawn.insert(hull.clone());
        }
    }

    fn change(self) -> Change<Constraint> {
        Change {
            added: self.added.into_iter().collect(),
            withdrawn: self.withdrawn.into_iter().collect(),
        }
    }
}
