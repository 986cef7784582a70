//! The axes of a sweep: which members take which values, and which combinations make a point.
//!
//! A point is told by its number. Groups of axes multiply in the order of the file, the first
//! varying slowest; axes of a `zip` group vary together. This module does *not* know what the
//! members mean, nor how a point is run.

use std::collections::BTreeSet;

use serde_json::Value;

use super::assignment::resolve;
use super::labelled::{self, Labels};
use super::problem::unknown_pointer;
use super::replaced::{self, Replaced};
use super::spaced::Spaced;
use super::{file, json};
use crate::error::Result;
use crate::parameters::Problem;

/// The members of a scenario that differ between points.
const VARIED: [&str; 4] = ["/seed", "/topology", "/network", "/system"];

/// Which members are varied, and how.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Sweep {
    /// In the order of the file, which is that of the columns.
    pub(super) axes: Vec<Axis>,
    /// What multiplies, in the order of the file.
    pub(super) groups: Vec<Group>,
    pub(super) labels: Labels,
    points: u64,
}

/// One varied member.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Axis {
    /// The member's pointer as written, perhaps with `*`.
    pub(super) pointer: String,
    pub(super) values: Values,
    /// What gives way where it has a value other than null.
    pub(super) replaced: Vec<Replaced>,
    group: usize,
}

impl Axis {
    /// The positions of the values that can say which system it is.
    fn systems(&self) -> Option<impl Iterator<Item = u64>> {
        let Values::List(list) = &self.values else {
            return None;
        };
        let numbered = (0..).zip(list);
        let says = |value: &Value| value.is_string() || value.is_object();
        json::is_within(&self.pointer, "/system").then(|| {
            numbered
                .filter(move |(_, value)| says(value))
                .map(|(at, _)| at)
        })
    }
}

/// The values of an axis.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Values {
    List(Vec<Value>),
    Range(Spaced),
}

impl Values {
    /// How many there are, at least 1.
    pub(super) fn len(&self) -> u64 {
        match self {
            Self::List(list) => list.len() as u64,
            Self::Range(range) => range.count(),
        }
    }

    /// Value number `index`, below [`Self::len`].
    pub(super) fn get(&self, index: u64) -> Value {
        match self {
            Self::List(list) => list[index as usize].clone(),
            Self::Range(range) => range.get(index),
        }
    }
}

/// Axes that vary together.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Group {
    /// Their columns.
    pub(super) axes: Vec<usize>,
    /// How many values each of them has.
    pub(super) len: u64,
}

impl Sweep {
    /// Checks the sweep of a scenario whose base is `document`.
    pub(super) fn new(file: &file::Sweep, document: &Value) -> Result<Self, Problem> {
        let mut axes = Vec::with_capacity(file.axes.0.len());
        for (pointer, values) in &file.axes.0 {
            check_pointer(pointer, file, document)?;
            axes.push(Axis {
                pointer: pointer.clone(),
                values: read_values(pointer, values)?,
                replaced: replaced::by(pointer, document),
                group: usize::MAX,
            });
        }
        check_one_axis_a_member(&axes, document)?;
        let zips = read_zips(&file.zip, &axes, document)?;
        let mut sweep = Self {
            axes,
            groups: Vec::new(),
            labels: Labels::new(),
            points: 1,
        };
        sweep.group(&zips);
        for group in &sweep.groups {
            check_distinct(group, &sweep.axes)?;
            sweep.points = sweep.points.checked_mul(group.len).ok_or_else(|| {
                Problem::new("/sweep/axes", "the axes give more than 2^64 points")
            })?;
        }
        sweep.labels = labelled::read(&file.labels, &sweep, document)?;
        Ok(sweep)
    }

    /// Gives every axis its group, in the order of each group's first axis.
    fn group(&mut self, zips: &[Vec<usize>]) {
        for axis in 0..self.axes.len() {
            if self.axes[axis].group != usize::MAX {
                continue;
            }
            let members = zips
                .iter()
                .find(|zip| zip.contains(&axis))
                .map_or_else(|| vec![axis], Clone::clone);
            for &member in &members {
                self.axes[member].group = self.groups.len();
            }
            self.groups.push(Group {
                len: self.axes[axis].values.len(),
                axes: members,
            });
        }
    }

    /// How many points there are, at least 1.
    pub(super) fn points(&self) -> u64 {
        self.points
    }

    /// The value of each axis at point number `index` (below [`Self::points`]).
    pub(super) fn values(&self, index: u64) -> Vec<Value> {
        let mut rest = index;
        let mut positions = vec![0; self.groups.len()];
        for (position, group) in positions.iter_mut().zip(&self.groups).rev() {
            *position = rest % group.len;
            rest /= group.len;
        }
        self.axes
            .iter()
            .map(|axis| axis.values.get(positions[axis.group]))
            .collect()
    }

    /// Points among which every system is: those that differ from the first in one group of axes,
    /// where a word or an object within `/system` says which system it is.
    pub(super) fn along_systems(&self) -> impl Iterator<Item = u64> + '_ {
        let mut step = self.points;
        let others = self.groups.iter().flat_map(move |group| {
            step /= group.len;
            let step = step;
            let axes = group.axes.iter().map(|&axis| &self.axes[axis]);
            let lists = axes.filter_map(Axis::systems);
            let choices: BTreeSet<u64> = lists.flatten().filter(|&at| at > 0).collect();
            choices.into_iter().map(move |position| position * step)
        });
        [0].into_iter().chain(others)
    }

    /// The columns in the order in which their values are put into the scenario: what contains
    /// others comes first.
    pub(super) fn outer_first(&self) -> Vec<usize> {
        let mut columns: Vec<usize> = (0..self.axes.len()).collect();
        columns.sort_by_key(|&column| json::segments(&self.axes[column].pointer).len());
        columns
    }
}

/// The place of an axis in the file.
pub(super) fn place(axis: &str) -> String {
    format!("/sweep/axes/{}", json::escape(axis))
}

fn check_pointer(pointer: &str, file: &file::Sweep, document: &Value) -> Result<(), Problem> {
    if !pointer.starts_with('/') {
        let what = format!("{} is not a JSON Pointer", json::shortened(pointer));
        return Err(Problem::new(place(pointer), what)
            .help("name the axis like /system/*/disconnection/rate"));
    }
    let resolved = resolve(pointer, document);
    // A value of an outer axis may bring the member that the base does not have.
    let has_outer = file.axes.0.iter().any(|(outer, _)| {
        let outer = resolve(outer, document);
        outer != resolved && json::is_within(&resolved, &outer)
    });
    if document.pointer(&resolved).is_none() && !has_outer {
        let problem = unknown_pointer(pointer, document);
        let what = format!("there is no member {} to vary", json::shortened(pointer));
        return Err(Problem {
            pointer: place(pointer),
            what,
            ..problem
        });
    }
    if !VARIED.iter().any(|root| json::is_within(&resolved, root)) {
        return Err(
            Problem::new(place(pointer), format!("{pointer} cannot be varied"))
                .help(format!("an axis lies in one of {}", VARIED.join(", "))),
        );
    }
    Ok(())
}

fn read_values(pointer: &str, axis: &file::Axis) -> Result<Values, Problem> {
    match axis {
        file::Axis::List(list) if list.is_empty() => {
            Err(Problem::new(place(pointer), "the axis has no values")
                .help("list at least one value, or remove the axis"))
        }
        file::Axis::List(list) => Ok(Values::List(list.clone())),
        file::Axis::Range(file::Range { from, to, step }) => Spaced::new(from, to, step)
            .map(Values::Range)
            .map_err(|what| Problem::new(place(pointer), what)),
    }
}

fn check_one_axis_a_member(axes: &[Axis], document: &Value) -> Result<(), Problem> {
    let mut seen = BTreeSet::new();
    for axis in axes {
        if !seen.insert(resolve(&axis.pointer, document)) {
            let what = format!("another axis varies {} as well", axis.pointer);
            return Err(Problem::new(place(&axis.pointer), what).help("remove one of the two"));
        }
    }
    Ok(())
}

/// The groups of `zip` as numbers of axes.
fn read_zips(
    zip: &[Vec<String>],
    axes: &[Axis],
    document: &Value,
) -> Result<Vec<Vec<usize>>, Problem> {
    let mut taken = BTreeSet::new();
    let mut groups = Vec::with_capacity(zip.len());
    for (number, pointers) in zip.iter().enumerate() {
        let mut group: Vec<usize> = Vec::with_capacity(pointers.len());
        for (member, pointer) in pointers.iter().enumerate() {
            let here = format!("/sweep/zip/{number}/{member}");
            let found = find_axis(pointer, axes, document).map_err(|problem| Problem {
                pointer: here.clone(),
                ..problem
            })?;
            if !taken.insert(found) {
                return Err(Problem::new(here, format!("{pointer} is zipped twice")));
            }
            if let Some(&first) = group.first() {
                check_equally_long(&axes[first], &axes[found], &here)?;
            }
            group.push(found);
        }
        if group.len() < 2 {
            let here = format!("/sweep/zip/{number}");
            return Err(Problem::new(here, "a group needs at least two axes"));
        }
        groups.push(group);
    }
    Ok(groups)
}

/// The number of the axis that `pointer` names.
pub(super) fn find_axis(pointer: &str, axes: &[Axis], document: &Value) -> Result<usize, Problem> {
    let resolved = resolve(pointer, document);
    let found = axes
        .iter()
        .position(|axis| resolve(&axis.pointer, document) == resolved);
    found.ok_or_else(|| {
        let what = format!("{} is not an axis", json::shortened(pointer));
        let known: Vec<&str> = axes.iter().map(|axis| &*axis.pointer).collect();
        let problem = Problem::new("", what);
        match json::meant(pointer, &known) {
            Some(meant) => problem.help(format!("did you mean `{meant}`?")),
            None => problem.help("name an axis of this sweep"),
        }
    })
}

fn check_equally_long(first: &Axis, other: &Axis, here: &str) -> Result<(), Problem> {
    let (first_len, other_len) = (first.values.len(), other.values.len());
    if first_len == other_len {
        return Ok(());
    }
    let what = format!(
        "{} has {first_len} values and {} has {other_len}",
        first.pointer, other.pointer
    );
    Err(Problem::new(here, what).help("axes that are zipped have equally many values"))
}

/// Two points with the same values would be one point with twice the replications.
fn check_distinct(group: &Group, axes: &[Axis]) -> Result<(), Problem> {
    let lists: Option<Vec<&Vec<Value>>> = group
        .axes
        .iter()
        .map(|&axis| match &axes[axis].values {
            Values::List(list) => Some(list),
            // The numbers of a range differ, and so do the points.
            Values::Range(_) => None,
        })
        .collect();
    let Some(lists) = lists else { return Ok(()) };
    let mut seen = BTreeSet::new();
    for position in 0..group.len as usize {
        let point: Vec<String> = lists
            .iter()
            .map(|list| json::text(&list[position]))
            .collect();
        if !seen.insert(point) {
            let values: Vec<String> = lists
                .iter()
                .map(|list| json::brief(&list[position]))
                .collect();
            let pointer = &axes[group.axes[0]].pointer;
            let what = format!("the value {} is listed twice", values.join(", "));
            return Err(Problem::new(place(pointer), what).help("remove one of the two"));
        }
    }
    Ok(())
}
