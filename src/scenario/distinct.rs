//! That the values of an axis differ in what they mean, and not only in how they are written.
//!
//! Two points that mean the same would be one point with twice the replications. That they are written
//! differently `sweep` has seen. This module does *not* know which spellings mean the same: it has them read.

use std::collections::BTreeMap;

use serde_json::Value;

use super::sweep::{Axis, Group, Values};
use super::{POINTS_CHECKED_AT_ONCE, Scenario, json, sweep};
use crate::error::Result;
use crate::parameters::Problem;

impl Scenario {
    /// Refuses axes with two values that mean the same run, whatever the other axes are. Of very many values only
    /// the first [`POINTS_CHECKED_AT_ONCE`] are looked at.
    pub(super) fn check_meanings(&self) -> Result<()> {
        for group in &self.sweep.groups {
            if self.is_plain(group) {
                continue;
            }
            let mut seen = BTreeMap::new();
            for position in 0..group.len.min(POINTS_CHECKED_AT_ONCE) {
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

    /// Whether the values of `group` differ because they are not the same: numbers, or a range.
    fn is_plain(&self, group: &Group) -> bool {
        let mut axes = group.axes.iter().map(|&axis| &self.sweep.axes[axis]);
        let is_range = |axis: &Axis| matches!(axis.values, Values::Range(_));
        let is_plain = |axis: &Axis| match &axis.values {
            // Two seeds of a graph can be the same one.
            Values::List(list) => {
                !json::is_within(&axis.pointer, "/topology") && list.iter().all(Value::is_number)
            }
            Values::Range(_) => true,
        };
        axes.clone().any(is_range) || axes.all(is_plain)
    }

    /// What is run at this position of `group`, where the other axes have their first values, and their last
    /// ones; `None` if that is wrong, which is not for here to say.
    fn meaning(&self, group: &Group, position: u64) -> Option<Vec<String>> {
        let others = [0, self.point_count() - 1];
        let alone = self.sweep.groups.len() == 1;
        let others = if alone { &others[..1] } else { &others };
        let meaning = |&other: &u64| {
            let mut values = self.sweep.values(other);
            for &axis in &group.axes {
                values[axis] = self.sweep.axes[axis].values.get(position);
            }
            Some(self.run_at(&values).ok()?.meaning()?.to_string())
        };
        others.iter().map(meaning).collect()
    }

    /// The error that two positions of `group` are the same.
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
