//! Which points of a sweep are asked for: `AXIS=VALUE`, as a person writes it and as a manifest keeps it.
//!
//! It does *not* know what is made at the points.

use crate::error::{Error, Result};
use crate::experiment;
use crate::scenario::{Assignment, Scenario, Selection};

/// The `filters` that a person has given, with pointers in the place of the names of columns, and values in that of labels.
///
/// # Errors
/// If one is about something else than an axis.
pub fn named(scenario: &Scenario, filters: &[Assignment]) -> Result<Vec<Assignment>> {
    let axes = experiment::columns(scenario).axes;
    let named = |filter: &Assignment| {
        if filter.pointer.starts_with('/') {
            let value = scenario.meant_value(&filter.pointer, &filter.value);
            return Ok(Assignment {
                value,
                ..filter.clone()
            });
        }
        let axis = axes.iter().find(|axis| axis.column == filter.pointer);
        let pointer = axis.map(|axis| axis.pointer.clone()).ok_or_else(|| {
            let known = axes
                .iter()
                .map(|axis| format!("{} ({})", axis.column, axis.pointer))
                .collect::<Vec<_>>();
            let error = Error::new(format!("{} is not an axis of the sweep", filter.pointer));
            let unescaped = filter.pointer.replace("~1", "/");
            if let Some(axis) = axes.iter().find(|axis| axis.pointer == unescaped) {
                let help = "write the pointer of the axis as it is, without `~1`";
                return error.help(format!("{help}: `{}`", axis.pointer));
            }
            error.help(if known.is_empty() {
                "the scenario has no axes".into()
            } else {
                format!("its axes: {}", known.join(", "))
            })
        })?;
        let value = scenario.meant_value(&pointer, &filter.value);
        Ok(Assignment { pointer, value })
    };
    filters.iter().map(named).collect()
}

/// The points that filters pick.
///
/// # Errors
/// If a value is none of its axis.
pub fn select(scenario: &Scenario, filters: &[Assignment]) -> Result<Selection> {
    let selection = scenario.select(filters);
    selection.map_err(|error| error.at("--filter"))
}

/// The points that the filters of a manifest pick.
pub(super) fn selected(scenario: &Scenario, filters: &[String]) -> Result<Selection> {
    select(scenario, &of_manifest(filters)?)
}

/// The filters that a manifest keeps.
///
/// # Errors
/// If one is not understood.
pub fn of_manifest(filters: &[String]) -> Result<Vec<Assignment>> {
    filters.iter().map(|filter| filter.parse()).collect()
}
