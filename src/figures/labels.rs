//! What axes and their values are called in legends.

use serde_json::Value;

use crate::measure::{AxisName, Cell, FigureSpec, pointer_matches};
use crate::results::{axis_value, compact, csv};

/// Longer labels end with an ellipsis.
const LENGTH_MAX: usize = 48;
/// So many differences between the objects on an axis are listed; of more, the objects' text is.
const DIFFERENCES_MAX: usize = 3;
/// The units that stand behind the names of parameters.
const UNITS: [&str; 2] = ["ms", "s"];

/// What the axis `pointer` is called in legends.
pub(super) fn axis_label(spec: &FigureSpec, pointer: &str) -> String {
    match named(spec, pointer) {
        Some(name) => name.short.clone(),
        None => in_words(pointer),
    }
}

/// What the axis `pointer` is called where it is plotted against, with its unit.
pub(super) fn long_axis_label(spec: &FigureSpec, pointer: &str) -> String {
    match named(spec, pointer) {
        Some(name) => name.long.clone(),
        None => in_words(pointer),
    }
}

/// Whether the x axis shows the values of the axis `pointer` in per cent.
pub(super) fn axis_is_percent(spec: &FigureSpec, pointer: &str) -> bool {
    named(spec, pointer).is_some_and(|name| name.percent)
}

fn named<'a>(spec: &'a FigureSpec, pointer: &str) -> Option<&'a AxisName> {
    let mut names = spec.axis_names.iter();
    names.find(|name| pointer_matches(&name.pointer, pointer))
}

/// The last segment of a pointer in words, its unit set off: `latency in ms per unit`.
fn in_words(pointer: &str) -> String {
    let last = pointer.rsplit('/').next().unwrap_or(pointer);
    let words: Vec<&str> = last.split('_').collect();
    let unit = words.iter().skip(1).position(|word| UNITS.contains(word));
    let text = match (unit, &words[..]) {
        (_, [name @ .., "per", "s"]) if !name.is_empty() => format!("{} in 1/s", name.join(" ")),
        (Some(at), words) => {
            let (name, unit) = words.split_at(at + 1);
            format!("{} in {}", name.join(" "), unit.join(" "))
        }
        (None, words) => words.join(" "),
    };
    shortened(&text)
}

/// One label for each of the different `values` of the axis `pointer`, such as `ρ = 0.05`. Whole
/// objects are told apart by the members in which they differ.
pub(super) fn value_labels(spec: &FigureSpec, pointer: &str, values: &[Cell]) -> Vec<String> {
    let json: Vec<Value> = values.iter().map(axis_value).collect();
    let labels = object_labels(spec, pointer, &json).unwrap_or_else(|| {
        let name = axis_label(spec, pointer);
        let text = |cell: &Cell| match axis_value(cell) {
            Value::String(word) => word,
            Value::Number(_) => csv::cell_text(cell),
            other => compact(&other),
        };
        let label = |cell| format!("{name} = {}", shortened(&text(cell)));
        values.iter().map(label).collect()
    });
    distinct(labels)
}

/// Labels for an axis whose values are all objects, by their differences, if these are few.
fn object_labels(spec: &FigureSpec, pointer: &str, values: &[Value]) -> Option<Vec<String>> {
    let mut keys: Vec<&str> = Vec::new();
    for value in values {
        let members = value.as_object()?;
        let (key, _) = members.iter().next()?;
        if members.len() == 1 && !keys.contains(&key.as_str()) {
            keys.push(key);
        }
    }
    if keys.len() == values.len() {
        return Some(keys.into_iter().map(shortened).collect());
    }
    let leaves: Vec<Vec<(String, String)>> = values
        .iter()
        .map(|value| {
            let mut found = Vec::new();
            collect_leaves(pointer, value, &mut found);
            found
        })
        .collect();
    let mut differing: Vec<&(String, String)> = Vec::new();
    for leaf in leaves.iter().flatten() {
        let everywhere = leaves.iter().all(|leaves| leaves.contains(leaf));
        if !everywhere && !differing.iter().any(|(known, _)| *known == leaf.0) {
            differing.push(leaf);
        }
        if differing.len() > DIFFERENCES_MAX {
            return None;
        }
    }
    let label = |leaves: &Vec<(String, String)>| {
        let parts = differing.iter().map(|(place, _)| {
            let text = leaves.iter().find(|(own, _)| own == place);
            let text = text.map_or("none", |(_, text)| text);
            format!("{} = {}", axis_label(spec, place), shortened(text))
        });
        parts.collect::<Vec<_>>().join(", ")
    };
    (!differing.is_empty()).then(|| leaves.iter().map(label).collect())
}

/// The scalars (and lists) in `value` with their pointers.
fn collect_leaves(pointer: &str, value: &Value, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                collect_leaves(&format!("{pointer}/{name}"), member, found);
            }
        }
        Value::String(word) => found.push((pointer.to_owned(), word.clone())),
        _ => found.push((pointer.to_owned(), compact(value))),
    }
}

/// `labels`, numbered where two would be the same.
fn distinct(labels: Vec<String>) -> Vec<String> {
    let twice = |label: &String| labels.iter().filter(|other| *other == label).count() > 1;
    if !labels.iter().any(twice) {
        return labels;
    }
    (1..)
        .zip(labels)
        .map(|(number, label)| format!("{label} ({number})"))
        .collect()
}

/// The beginning of a text that comes from a file.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(LENGTH_MAX) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::figures::plot::tests::figure_of;
    use crate::measure::Content;
    use crate::results::axis_cell;

    fn labels(pointer: &str, values: &[Value]) -> Vec<String> {
        let spec = FigureSpec {
            axis_names: vec![AxisName::of("services/density", "ρ", "density ρ")],
            ..figure_of(Content::Series { series: Vec::new() })
        };
        let cells: Vec<Cell> = values.iter().map(axis_cell).collect();
        value_labels(&spec, pointer, &cells)
    }

    #[test]
    fn values_are_named_after_their_axis() {
        let density = "/system/tiny/services/density";
        assert_eq!(
            labels(density, &[json!(0.05), json!(1)]),
            ["ρ = 0.05", "ρ = 1"]
        );
        assert_eq!(
            labels("/gcus_per_broker", &[json!(2), json!({"poisson": 2})]),
            ["gcus per broker = 2", "gcus per broker = {\"poisson\":2}"]
        );
        assert_eq!(
            labels("/mode", &[json!("a"), json!("2"), json!(null)]),
            ["mode = a", "mode = 2", "mode = null"]
        );
    }

    #[test]
    fn the_unit_of_a_parameter_is_set_off_from_its_name() {
        for (member, expected) in [
            ("latency_ms_per_unit", "latency in ms per unit"),
            ("deadline_ms", "deadline in ms"),
            ("rate_per_s", "rate in 1/s"),
            ("gcus_per_broker", "gcus per broker"),
            ("s", "s"),
            ("per_s", "per in s"),
        ] {
            let spec = figure_of(Content::Series { series: Vec::new() });
            let label = long_axis_label(&spec, &format!("/network/{member}"));
            assert_eq!(label, expected);
        }
    }

    #[test]
    fn whole_objects_are_named_after_their_differences() {
        let system = |density: f64, search: &str| json!({"tiny": {"services": {"count": 8, "density": density}, "search": search}});
        let axis = "/system";
        assert_eq!(
            labels(axis, &[system(0.1, "one"), json!({"flood": {"hops": 3}})]),
            ["tiny", "flood"]
        );
        assert_eq!(
            labels(axis, &[system(0.1, "one"), system(0.2, "one")]),
            ["ρ = 0.1", "ρ = 0.2"]
        );
        assert_eq!(
            labels(axis, &[system(0.1, "one"), system(0.2, "all")]),
            ["ρ = 0.1, search = one", "ρ = 0.2, search = all"]
        );
        assert_eq!(
            labels(axis, &[json!({"a": {"b": 1}}), json!({"a": {}})]),
            ["b = 1", "b = none"]
        );
        let big = |n: u32| json!({"k": {"a": n, "b": n, "c": n, "d": n, "long": "x".repeat(60)}});
        let labels = labels(axis, &[big(1), big(1), big(2)]);
        assert!(labels.iter().all(|label| label.chars().count() < 70));
        assert!(
            labels[0] != labels[1] && labels[1] != labels[2],
            "{labels:?}"
        );
    }
}
