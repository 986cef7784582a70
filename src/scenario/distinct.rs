//! That the values of an axis differ in what they mean, and not only in how they are written.
//!
//! Two points that mean the same would be one point with twice the replications. That they are written
//! differently `sweep` has seen. This module does *not* know which spellings mean the same: it has them read.

use std::collections::BTreeMap;

use serde_json::Value;

use super::assignment::resolve;
use super::sweep::{Group, Values};
use super::{Scenario, json, problem, sweep, write};
use crate::error::Result;
use crate::parameters::Problem;

impl Scenario {
    /// Refuses axes with two values that read as the same.
    pub(super) fn check_meanings(&self) -> Result<()> {
        for group in &self.sweep.groups {
            let mut seen = BTreeMap::new();
            for position in 0..self.listed(group) {
                let Some(meaning) = self.meaning(group, position) else {
                    continue;
                };
                if let Some(other) = seen.insert(meaning, position) {
                    return Err(self.source.error(self.same(group, other, position)));
                }
            }
        }
        Ok(())
    }

    /// How many values the axes of `group` have, if all are lists: the numbers of a range differ.
    fn listed(&self, group: &Group) -> u64 {
        let mut axes = group.axes.iter().map(|&axis| &self.sweep.axes[axis].values);
        let is_listed = axes.all(|values| matches!(values, Values::List(_)));
        if is_listed { group.len } else { 0 }
    }

    /// What the members that `group` varies are read as at this position, where the other axes have their
    /// first values; `None` if they cannot be read, which is not for here to say.
    fn meaning(&self, group: &Group, position: u64) -> Option<Vec<String>> {
        let mut values = self.sweep.values(0);
        for &axis in &group.axes {
            values[axis] = self.sweep.axes[axis].values.get(position);
        }
        let document = self.document_at(&values).ok()?;
        let read = write(&problem::read(&document).ok()?);
        let member = |&axis: &usize| {
            let pointer = resolve(&self.sweep.axes[axis].pointer, &document);
            read.pointer(&pointer).map(json::text)
        };
        group.axes.iter().map(member).collect()
    }

    /// That two positions of `group` are the same.
    fn same(&self, group: &Group, one: u64, other: u64) -> Problem {
        let told = |position| {
            let values = group.axes.iter().map(|&axis| {
                let value: Value = self.sweep.axes[axis].values.get(position);
                json::brief(&value)
            });
            values.collect::<Vec<_>>().join(", ")
        };
        let [one, other] = [one, other].map(told);
        let pointer = sweep::place(&self.sweep.axes[group.axes[0]].pointer);
        let what = format!("the values {one} and {other} mean the same");
        Problem::new(pointer, what).help("remove one of the two")
    }
}
