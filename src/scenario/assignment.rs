//! `POINTER=VALUE`: a member of the scenario set, or picked, from outside the file.
//!
//! This module does *not* know what the members mean, nor which argument it came from.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde_json::{Map, Value};

use super::problem::unknown_pointer;
use super::{json, replaced};
use crate::error::Error;
use crate::parameters::Problem;

/// A member of the scenario and a value: sets the member (`--set`), or picks the points of a sweep
/// at which it has the value (`--filter`).
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// The member's JSON Pointer; a segment `*` after `/system` stands for the chosen system. Of an
    /// axis that is told by the name of its column ([`Self::of_axis`]), that name.
    pub pointer: String,
    /// The value.
    pub value: Value,
}

impl FromStr for Assignment {
    type Err = Error;

    /// Reads `POINTER=VALUE`. VALUE is JSON, or else a string as it is.
    fn from_str(text: &str) -> Result<Self, Error> {
        let help = "write POINTER=VALUE, such as /system/*/disconnection/rate=0.3";
        let assignment = split(text).map_err(|error| error.help(help))?;
        if !assignment.pointer.starts_with('/') {
            let pointer = json::shortened(&assignment.pointer);
            return Err(Error::new(format!("{pointer} does not begin with `/`")).help(help));
        }
        Ok(assignment)
    }
}

impl Assignment {
    /// Reads `AXIS=VALUE`, where an axis may also be told by the name of its column in tables.
    pub fn of_axis(text: &str) -> Result<Self, Error> {
        let help = "write AXIS=VALUE, such as delta=0.3 or /system/*/disconnection/rate=0.3";
        split(text).map_err(|error| error.help(help))
    }
}

/// What stands before and behind the first `=`.
fn split(text: &str) -> Result<Assignment, Error> {
    let Some((pointer, value)) = text.split_once('=') else {
        return Err(Error::new(format!("{} has no `=`", json::shortened(text))));
    };
    Ok(Assignment {
        pointer: pointer.into(),
        value: json::parse(value).unwrap_or_else(|_| value.into()),
    })
}

impl fmt::Display for Assignment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.pointer, json::brief(&self.value))
    }
}

/// `pointer` with the name of the chosen system of `document` in the place of `*`.
pub(super) fn resolve(pointer: &str, document: &Value) -> String {
    let Some(rest) = pointer.strip_prefix("/system/*") else {
        return pointer.into();
    };
    match document.get("system").and_then(only_name) {
        Some(system) if rest.is_empty() || rest.starts_with('/') => {
            format!("/system/{}{rest}", json::escape(system))
        }
        _ => pointer.into(),
    }
}

/// The name of the only member of an object.
pub(super) fn only_name(value: &Value) -> Option<&String> {
    value.as_object().and_then(|members| members.keys().next())
}

/// Sets the member of `document` to which the assignment points, which must exist, and returns its
/// pointer without `*`. An axis over that member is dropped; in an axis over something around it,
/// every value is changed alike.
pub(super) fn apply(assignment: &Assignment, document: &mut Value) -> Result<String, Problem> {
    let pointer = resolve(&assignment.pointer, document);
    if document.pointer(&pointer).is_none() {
        return Err(unknown_pointer(&assignment.pointer, document));
    }
    let names: Vec<String> = axes(document)
        .map(|axes| axes.keys().cloned().collect())
        .unwrap_or_default();
    for name in names {
        let axis = resolve(&name, document);
        if axis == pointer {
            drop_axis(&name, document);
        } else if json::is_within(&pointer, &axis) {
            set_within_axis(&name, &pointer[axis.len()..], assignment, document);
        }
    }
    let replaced = replaced::by(&pointer, document);
    replaced::give_way(&replaced, &pointer, &assignment.value, document);
    if let Some(member) = document.pointer_mut(&pointer) {
        *member = assignment.value.clone();
    }
    Ok(pointer)
}

/// Sets the member of `document`, as a file has it, in which the wrong one at `wrong` is, by the last of `assignments`
/// to it, which is taken out of them; with its pointer without `*`.
pub(super) fn replace(
    wrong: &str,
    assignments: &mut Vec<&Assignment>,
    document: &mut Value,
) -> Option<(String, Assignment)> {
    let replaces =
        |assignment: &&Assignment| json::is_within(wrong, &resolve(&assignment.pointer, document));
    let assignment = assignments.remove(assignments.iter().rposition(replaces)?);
    let pointer = resolve(&assignment.pointer, document);
    document
        .pointer_mut(&pointer)?
        .clone_from(&assignment.value);
    Some((pointer, assignment.clone()))
}

fn axes(document: &mut Value) -> Option<&mut Map<String, Value>> {
    document.pointer_mut("/sweep/axes")?.as_object_mut()
}

/// Removes an axis, also from the `zip` groups; a group of one is none. What was zipped with it
/// keeps each combination of values once. Their labels told of all of them, so they are dropped.
fn drop_axis(name: &str, document: &mut Value) {
    let pointer = resolve(name, document);
    if let Some(axes) = axes(document) {
        axes.shift_remove(name);
    }
    let mut unlabelled = vec![pointer.clone()];
    let zip = document.pointer("/sweep/zip").and_then(Value::as_array);
    let mut groups = zip.cloned().unwrap_or_default();
    for group in groups.iter_mut().filter_map(Value::as_array_mut) {
        let before = group.len();
        let is_dropped = |member: &Value| {
            let member = member.as_str();
            member.is_some_and(|member| resolve(member, document) == pointer)
        };
        group.retain(|member| !is_dropped(member));
        if group.len() < before {
            let left: Vec<String> = group
                .iter()
                .filter_map(|member| Some(resolve(member.as_str()?, document)))
                .collect();
            keep_distinct(&left, document);
            unlabelled.extend(left);
        }
    }
    groups.retain(|group| group.as_array().is_none_or(|group| group.len() > 1));
    if let Some(zip) = document.pointer_mut("/sweep/zip") {
        *zip = groups.into();
    }
    let labels = document.pointer("/sweep/labels").and_then(Value::as_object);
    let mut labels = labels.cloned().unwrap_or_default();
    labels.retain(|axis, _| !unlabelled.contains(&resolve(axis, document)));
    if let Some(member) = document.pointer_mut("/sweep/labels") {
        *member = labels.into();
    }
}

/// Of the positions of the lists that are the axes at `pointers` keeps the first with each
/// combination of values. The numbers of a range differ anyway, and lists that are not equally long
/// are left as they are: the sweep will be refused.
fn keep_distinct(pointers: &[String], document: &mut Value) {
    let zipped = |name: &String| pointers.contains(&resolve(name, document));
    let Some(axes) = document.pointer("/sweep/axes").and_then(Value::as_object) else {
        return;
    };
    let names: Vec<String> = axes.keys().filter(|name| zipped(name)).cloned().collect();
    let lists: Option<Vec<&Vec<Value>>> = names.iter().map(|name| axes[name].as_array()).collect();
    let Some(lists) = lists else { return };
    let len = lists.first().map_or(0, |list| list.len());
    if lists.iter().any(|list| list.len() != len) {
        return;
    }
    let combination = |position: usize| -> Vec<String> {
        lists
            .iter()
            .map(|list| json::text(&list[position]))
            .collect()
    };
    let mut seen = BTreeSet::new();
    let keep: Vec<bool> = (0..len)
        .map(|position| seen.insert(combination(position)))
        .collect();
    for name in &names {
        let list = self::axes(document).and_then(|axes| axes.get_mut(name)?.as_array_mut());
        if let Some(list) = list {
            let mut keep = keep.iter();
            list.retain(|_| keep.next() == Some(&true));
        }
    }
}

/// Sets the member at `inner` in every value of the axis called `name` that can have it.
fn set_within_axis(name: &str, inner: &str, assignment: &Assignment, document: &mut Value) {
    let any_system = assignment.pointer.starts_with("/system/*") && name == "/system";
    let axis = axes(document).and_then(|axes| axes.get_mut(name));
    for value in axis.and_then(Value::as_array_mut).into_iter().flatten() {
        let mut segments = json::segments(inner);
        if name == "/system" {
            // A value of this axis names its system, and keeps it.
            match only_name(value) {
                Some(system) if any_system => segments[0].clone_from(system),
                Some(system) if *system == segments[0] => {}
                _ => continue,
            }
        }
        set_creating(value, &segments, &assignment.value);
    }
}

/// Sets the member at `segments`, making the objects on the way; leaves alone what is no object.
fn set_creating(value: &mut Value, segments: &[String], new: &Value) {
    match (segments.split_first(), value) {
        (None, value) => *value = new.clone(),
        (Some((first, rest)), Value::Object(members)) => {
            let inner = members
                .entry(first.clone())
                .or_insert_with(|| Map::new().into());
            set_creating(inner, rest, new);
        }
        _ => {}
    }
}
