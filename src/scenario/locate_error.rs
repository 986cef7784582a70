//! Where in the scenario a problem comes from: a line of the file, a `--set`, the value of an axis, or
//! a whole point of the sweep.
//!
//! This module does *not* know what can be wrong.

use serde_json::Value;

use super::assignment::resolve;
use super::problem::error_at;
use super::{Scenario, json, sweep};
use crate::error::Error;
use crate::parameters::Problem;

/// The pointer of a place, and the line of the text there that it names, if that has several: `/x/0:2`.
fn in_lines(place: &str) -> (&str, Option<u32>) {
    let split = place.rsplit_once(':');
    let split = split.and_then(|(pointer, line)| Some((pointer, line.parse().ok()?)));
    split.map_or((place, None), |(pointer, line)| (pointer, Some(line)))
}

impl Scenario {
    /// Says of an `error` whose place is a member of the scenario, at the point where the axes have
    /// `values` (none: without the sweep), where that member comes from. Other errors, about a file
    /// of the topology, say, stay as they are.
    ///
    /// For what is found out only when a scenario is held against its underlay.
    #[must_use]
    pub fn locate_error(&self, error: Error, values: &[Value]) -> Error {
        let document = match values {
            [] => Ok(self.effective.clone()),
            values => self.document_at(values),
        };
        let Ok(document) = document else {
            return error;
        };
        let (place, what, help) = error.clone().into_parts();
        let place = place.unwrap_or_default();
        let (pointer, inner) = place.split_once(": ").unwrap_or((&place, ""));
        let (pointer, line) = in_lines(pointer);
        let pointer = resolve(pointer, &document);
        if pointer.is_empty() || document.pointer(&pointer).is_none() {
            return error;
        }
        let line = line.map(|line| format!("line {line}"));
        let inner = line.into_iter().chain(Some(inner.to_owned()));
        let what = inner.filter(|it| !it.is_empty()).chain([what]);
        let what = what.collect::<Vec<_>>().join(": ");
        let problem = Problem {
            pointer,
            what,
            help,
        };
        self.point_error(values, &document, problem)
    }

    /// Blames the innermost axis whose value contains the problem, or else the whole point.
    pub(super) fn point_error(
        &self,
        values: &[Value],
        document: &Value,
        problem: Problem,
    ) -> Error {
        let mut columns = self.sweep.outer_first();
        columns.retain(|&column| {
            let pointer = resolve(&self.sweep.axes[column].pointer, document);
            json::is_within(&problem.pointer, &pointer)
        });
        if values.is_empty() {
            return self.source.error(problem);
        }
        if let Some(&column) = columns.last() {
            return self.axis_error(column, values, document, problem);
        }
        let point: Vec<String> = self
            .axes()
            .zip(values)
            .map(|(axis, value)| format!("{axis}={}", json::brief(value)))
            .collect();
        let place = format!("at the point {}", point.join(" "));
        self.source
            .locate(error_at(problem, "").at(place), "/sweep/axes")
    }

    /// Blames the value of the axis with the number `column`.
    pub(super) fn axis_error(
        &self,
        column: usize,
        values: &[Value],
        document: &Value,
        problem: Problem,
    ) -> Error {
        let axis = &self.sweep.axes[column].pointer;
        let pointer = resolve(axis, document);
        let place = format!("axis {axis}, value {}", json::brief(&values[column]));
        let error = error_at(problem, &pointer).at(place);
        self.source.locate(error, &sweep::place(axis))
    }
}
