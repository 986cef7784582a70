//! What the scenario calls the values of its axes in figures.
//!
//! It does *not* know how a figure is drawn.

use std::collections::BTreeMap;

use serde_json::Value;

use super::selection::same;
use super::sweep::{Sweep, find_axis};
use super::{Scenario, json};
use crate::parameters::Problem;

/// Labels for the values of some axes that vary together.
#[derive(Debug, Clone, PartialEq)]
pub struct Labelled<'a> {
    /// The axes, by their pointers as written.
    pub axes: Vec<&'a str>,
    /// One value of each of them, and their label.
    pub values: Vec<(Vec<Value>, &'a str)>,
}

/// The labels of a sweep: the group of axes, and a label for each position in it.
pub(super) type Labels = Vec<(usize, Vec<String>)>;

/// Checks the `labels` of the sweep of a scenario whose base is `document`.
pub(super) fn read(
    labels: &BTreeMap<String, Vec<String>>,
    sweep: &Sweep,
    document: &Value,
) -> Result<Labels, Problem> {
    let mut read: Labels = Vec::new();
    for (pointer, labels) in labels {
        let here = format!("/sweep/labels/{}", json::escape(pointer));
        let axis = find_axis(pointer, &sweep.axes, document).map_err(|problem| Problem {
            pointer: here.clone(),
            ..problem
        })?;
        let group = sweep
            .groups
            .iter()
            .position(|group| group.axes.contains(&axis));
        let group = group.expect("every axis is in a group");
        let (given, len) = (labels.len(), sweep.groups[group].len);
        if given as u64 != len {
            let what = format!("there are {given} labels for the {len} values of {pointer}");
            return Err(Problem::new(here, what).help("write one label for each value"));
        }
        let twice = |(at, label): (usize, &String)| labels[..at].contains(label);
        if let Some(at) = labels.iter().enumerate().position(twice) {
            let what = format!(
                "two values of {pointer} have the label {}",
                json::shortened(&labels[at])
            );
            return Err(Problem::new(format!("{here}/{at}"), what).help("choose another label"));
        }
        if read.iter().any(|(other, _)| *other == group) {
            let what = format!("the axes that vary together with {pointer} have labels as well");
            return Err(Problem::new(here, what).help("give one of them labels"));
        }
        read.push((group, labels.clone()));
    }
    Ok(read)
}

impl Scenario {
    /// The value of the axis at `pointer` that a person means by `given`: the same as the scenario writes it, or that which
    /// has this label; else `given` itself.
    pub fn meant_value(&self, pointer: &str, given: &Value) -> Value {
        let is_it = |axis: &str| self.same_member(axis, pointer);
        let axis = self.sweep.axes.iter().find(|axis| is_it(&axis.pointer));
        let Some(axis) = axis else {
            return given.clone();
        };
        let values = || (0..axis.values.len()).map(|index| axis.values.get(index));
        let written = || values().find(|value| same(value, given));
        let labelled = || {
            self.labels().find_map(|labelled| {
                let place = labelled.axes.iter().position(|axis| is_it(axis))?;
                let mut values = labelled.values.into_iter();
                let (mut values, _) = values.find(|(_, label)| given.as_str() == Some(*label))?;
                Some(values.swap_remove(place))
            })
        };
        written().or_else(labelled).unwrap_or_else(|| given.clone())
    }

    /// What figures call the values of its axes, where it says so.
    pub fn labels(&self) -> impl Iterator<Item = Labelled<'_>> {
        let sweep = &self.sweep;
        sweep.labels.iter().map(|(group, labels)| {
            let axes = || {
                sweep.groups[*group]
                    .axes
                    .iter()
                    .map(|&axis| &sweep.axes[axis])
            };
            let at = |position| axes().map(|axis| axis.values.get(position)).collect();
            let labels = labels.iter().zip(0..);
            Labelled {
                axes: axes().map(|axis| &*axis.pointer).collect(),
                values: labels
                    .map(|(label, position)| (at(position), &**label))
                    .collect(),
            }
        })
    }
}
