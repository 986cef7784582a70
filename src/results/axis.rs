//! The axes of a sweep in tables: what their columns are called, and their values as cells and back.
//!
//! A number becomes a number; a word becomes a text as it is; everything else (an object, a list,
//! `true`, `false`, `null`, or a word that would read as one of these) becomes its compact JSON
//! text. Numbers inside that text keep to the format of `csv`, so it depends on no library's release.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Number, Value};

use super::csv;
use crate::measure::{AxisColumn, AxisName, Cell, pointer_matches};
use crate::words::WRITES;

/// The other columns of the tables in which the axes stand.
const TAKEN: [&str; 13] = [
    "run",
    "replication",
    "fingerprint",
    "error",
    "metric",
    "n",
    "mean",
    "sd",
    "ci95_low",
    "ci95_high",
    "replications",
    "half_width",
    "stopped",
];

/// The axes at `pointers` with the names of their columns, beside columns for `metrics`: the one
/// among `names`, or else the last segment of the pointer, or the last two (`tracking_method`):
/// the first that could mean no other axis or column, or else the first that does not mean one in
/// the end. If none is left, the pointer itself.
pub(crate) fn axis_columns<'a>(
    pointers: impl Iterator<Item = &'a str>,
    names: &[&AxisName],
    metrics: impl Iterator<Item = &'a str>,
) -> Vec<AxisColumn> {
    let taken: Vec<&str> = TAKEN.into_iter().chain(metrics).collect();
    let axes: Vec<(&str, Vec<String>)> = pointers
        .map(|pointer| (pointer, candidates(pointer, names)))
        .collect();
    // Whether a candidate could mean none of the axes in `others`, nor another column.
    let unique = |name: &String, others: &[usize]| {
        let mut others = others.iter().flat_map(|&other| &axes[other].1);
        !taken.contains(&name.as_str()) && others.all(|other| other != name)
    };
    let mut columns: Vec<Option<String>> = vec![None; axes.len()];
    // Of two axes that end alike one has a longer name after the first round: then the short one means
    // the other.
    let mut open: Vec<usize> = (0..axes.len()).collect();
    for _ in 0..2 {
        let chosen = open.iter().map(|&number| {
            let others: Vec<usize> = open
                .iter()
                .copied()
                .filter(|&other| other != number)
                .collect();
            let mut names = axes[number].1.iter();
            let name = names
                .find(|name| unique(name, &others) && !columns.contains(&Some((*name).clone())));
            (number, name.cloned())
        });
        for (number, name) in chosen.collect::<Vec<_>>() {
            columns[number] = name;
        }
        open.retain(|&number| columns[number].is_none());
    }
    let named = axes.iter().zip(columns);
    let named = named.map(|((pointer, _), column)| AxisColumn {
        pointer: (*pointer).to_owned(),
        column: column.unwrap_or_else(|| (*pointer).to_owned()),
    });
    named.collect()
}

/// The pointers of `axes` by the names of their columns, as a manifest has them.
pub(crate) fn axis_pointers(axes: &[AxisColumn]) -> BTreeMap<String, String> {
    let axes = axes.iter();
    axes.map(|axis| (axis.column.clone(), axis.pointer.clone()))
        .collect()
}

/// What the column of the axis `pointer` may be called, the best first: words of letters, digits and
/// `_`, which every program takes for a name.
fn candidates(pointer: &str, names: &[&AxisName]) -> Vec<String> {
    let known = names
        .iter()
        .find(|name| pointer_matches(&name.pointer, pointer));
    let segments: Vec<&str> = pointer.split('/').skip(1).collect();
    let last = |count: usize| {
        let from = segments.len().checked_sub(count)?;
        Some(segments[from..].join("_"))
    };
    let is_name = |text: &String| {
        text.starts_with(|first: char| first.is_ascii_alphabetic())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let known = known.map(|name| name.column.clone());
    let all = [known, last(1), last(2)];
    all.into_iter().flatten().filter(is_name).collect()
}

/// The cell for an axis `value`.
pub(crate) fn axis_cell(value: &Value) -> Cell {
    match value {
        Value::Number(number) => number_cell(number),
        Value::String(word) if is_json(word) => Cell::Text(csv::json_string(word)),
        Value::String(word) => Cell::Text(word.clone()),
        _ => Cell::Text(compact(value)),
    }
}

/// The axis value in a cell: what [`axis_cell`] was given, but that numbers of the same size are
/// alike (`1.0` comes back as `1`). An absent cell and a fingerprint are no values: `null`.
pub(crate) fn axis_value(cell: &Cell) -> Value {
    match cell {
        Cell::Absent | Cell::Fingerprint(_) => Value::Null,
        Cell::Count(count) => Value::from(*count),
        Cell::Real(real) => Value::from(*real),
        Cell::Text(text) => {
            serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.clone()))
        }
    }
}

/// `value` as compact JSON text, its members in their order, its numbers as in the tables.
pub(crate) fn compact(value: &Value) -> String {
    let mut text = String::new();
    write_compact(&mut text, value);
    text
}

fn write_compact(text: &mut String, value: &Value) {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => {
            write!(text, "{value}").expect(WRITES);
        }
        Value::Number(number) => text.push_str(&csv::cell_text(&number_cell(number))),
        Value::Array(values) => {
            text.push('[');
            for (i, value) in values.iter().enumerate() {
                if i > 0 {
                    text.push(',');
                }
                write_compact(text, value);
            }
            text.push(']');
        }
        Value::Object(members) => {
            text.push('{');
            for (i, (name, value)) in members.iter().enumerate() {
                if i > 0 {
                    text.push(',');
                }
                text.push_str(&csv::json_string(name));
                text.push(':');
                write_compact(text, value);
            }
            text.push('}');
        }
    }
}

fn number_cell(number: &Number) -> Cell {
    match (number.as_u64(), number.as_i64(), number.as_f64()) {
        (Some(count), ..) => Cell::Count(count),
        (None, Some(whole), _) => Cell::Real(whole as f64),
        // A real number that is a count is one: 1.0 is written as 1 and reads back as 1.
        (None, None, Some(real)) => csv::number(&real.to_string()).unwrap_or(Cell::Real(real)),
        (None, None, None) => Cell::Text(number.to_string()),
    }
}

fn is_json(word: &str) -> bool {
    serde_json::from_str::<Value>(word).is_ok()
}
