//! Some of the points of a sweep: those that filters pick.
//!
//! This module does *not* know what is run at a point.

use serde_json::Value;

use super::assignment::{Assignment, resolve};
use super::json;
use super::sweep::{Group, Sweep};
use crate::error::{Error, Result};

/// Some of the points of a sweep, in canonical order.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    groups: Vec<Picked>,
}

#[derive(Debug, Clone, PartialEq)]
struct Picked {
    of: u64,
    /// `None`: all.
    positions: Option<Vec<u64>>,
}

impl Picked {
    fn len(&self) -> u64 {
        self.positions
            .as_ref()
            .map_or(self.of, |positions| positions.len() as u64)
    }
}

impl Selection {
    /// How many points it has.
    pub fn len(&self) -> u64 {
        self.groups.iter().map(Picked::len).product()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.groups.iter().any(|group| group.len() == 0)
    }

    /// The number in the sweep of the selection's point `index` (below [`Self::len`]).
    pub fn point(&self, index: u64) -> u64 {
        let (mut rest, mut point, mut weight) = (index, 0, 1);
        for group in self.groups.iter().rev() {
            let picked = rest % group.len();
            rest /= group.len();
            let position = group
                .positions
                .as_ref()
                .map_or(picked, |positions| positions[picked as usize]);
            point += position * weight;
            // Wraps only after the last group.
            weight = weight.wrapping_mul(group.of);
        }
        point
    }

    /// The numbers of its points, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        (0..self.len()).map(|index| self.point(index))
    }
}

impl Sweep {
    /// The points that have one of the wanted values on every axis that a filter names.
    pub(super) fn select(&self, filters: &[Assignment], document: &Value) -> Result<Selection> {
        let mut wanted: Vec<Vec<&Value>> = vec![Vec::new(); self.axes.len()];
        for filter in filters {
            wanted[self.filtered(filter, document)?].push(&filter.value);
        }
        let groups = self.groups.iter().map(|group| Picked {
            of: group.len,
            positions: group
                .axes
                .iter()
                .any(|&axis| !wanted[axis].is_empty())
                .then(|| self.positions(group, &wanted)),
        });
        let selection = Selection {
            groups: groups.collect(),
        };
        if selection.is_empty() {
            return Err(Error::new("no point of the sweep matches all filters"));
        }
        Ok(selection)
    }

    /// The axis that `filter` names, if it has the value.
    fn filtered(&self, filter: &Assignment, document: &Value) -> Result<usize> {
        let pointer = resolve(&filter.pointer, document);
        let axis = self
            .axes
            .iter()
            .position(|axis| resolve(&axis.pointer, document) == pointer);
        let Some(axis) = axis else {
            let known: Vec<&str> = self.axes.iter().map(|axis| &*axis.pointer).collect();
            let error = Error::new(format!("{} is not an axis of the sweep", filter.pointer));
            return Err(error.help(if known.is_empty() {
                "the scenario has no axes".into()
            } else {
                format!("its axes: {}", known.join(", "))
            }));
        };
        let values = &self.axes[axis].values;
        if (0..values.len()).any(|index| same(&values.get(index), &filter.value)) {
            return Ok(axis);
        }
        let shown: Vec<String> = (0..values.len().min(30))
            .map(|index| json::brief(&values.get(index)))
            .collect();
        let more = if values.len() > 30 { ", …" } else { "" };
        Err(
            Error::new(format!("no point of the sweep has {filter}")).help(format!(
                "the axis has the values {}{more}",
                shown.join(", ")
            )),
        )
    }

    /// The positions in `group` at which every axis has one of its wanted values.
    fn positions(&self, group: &Group, wanted: &[Vec<&Value>]) -> Vec<u64> {
        (0..group.len)
            .filter(|&position| {
                group.axes.iter().all(|&axis| {
                    let value = self.axes[axis].values.get(position);
                    wanted[axis].is_empty() || wanted[axis].iter().any(|want| same(want, &value))
                })
            })
            .collect()
    }
}

/// Whether two values are one: 1 and 1.0 are, and objects whose members stand in another order.
pub(super) fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(a, b)| same(a, b))
        }
        (Value::Object(one), Value::Object(other)) => {
            let in_other = |(name, value)| other.get(name).is_some_and(|other| same(value, other));
            one.len() == other.len() && one.iter().all(in_other)
        }
        _ => one == other || json::text(one) == json::text(other),
    }
}
