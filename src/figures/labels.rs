//! What axes and their values are called in legends.
//!
//! A value is in words, never in JSON. Objects are told apart by the members in which they differ, laws of
//! a time are called as in the field.

use serde_json::Value;

use crate::measure::{AxisName, Cell, FigureSpec, pointer_matches};
use crate::parameters::law::LawSpec;
use crate::results::{axis_cell, axis_value, csv};

/// Longer labels end with an ellipsis.
const LENGTH_MAX: usize = 48;
/// The maximum number of differences between the objects on an axis that are listed; if there are more, the objects
/// are.
const DIFFERENCES_MAX: usize = 3;
/// The units that stand behind the names of parameters.
const UNITS: [&str; 2] = ["ms", "s"];
/// What is not there, where an axis does not say what that means.
pub(super) const NONE: &str = "none";

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

/// The last segment of a pointer.
fn last_segment(pointer: &str) -> &str {
    pointer.rsplit('/').next().unwrap_or(pointer)
}

/// The last segment of a pointer in words, its unit set off: `latency in ms per unit`.
fn in_words(pointer: &str) -> String {
    let words: Vec<&str> = last_segment(pointer).split('_').collect();
    let text = match (unit_of(&words), &words[..]) {
        (_, [name @ .., "per", "s"]) if !name.is_empty() => format!("{} in 1/s", name.join(" ")),
        (Some(at), words) => {
            let (name, unit) = words.split_at(at);
            format!("{} in {}", name.join(" "), unit.join(" "))
        }
        (None, words) => words.join(" "),
    };
    shortened(&text)
}

/// The last segment of a pointer in words, without the unit, where the values show theirs: `latency`.
fn without_unit(spec: &FigureSpec, pointer: &str) -> String {
    let words: Vec<&str> = last_segment(pointer).split('_').collect();
    match (named(spec, pointer), unit_of(&words)) {
        (None, Some(at)) => shortened(&words[..at].join(" ")),
        _ => axis_label(spec, pointer),
    }
}

/// The unit that stands behind a name, if one does: `s` in `time_s`.
pub(super) fn unit(name: &str) -> Option<String> {
    let words: Vec<&str> = name.split('_').collect();
    unit_of(&words).map(|at| words[at..].join(" "))
}

/// Which of the words of a name is its unit, if one is.
fn unit_of(words: &[&str]) -> Option<usize> {
    let at = words.iter().skip(1).position(|word| UNITS.contains(word));
    at.map(|at| at + 1)
}

/// One label for each of the different `values` of the axis `pointer`, such as `ρ = 0.05`. Whole
/// objects are told apart by the members in which they differ.
pub(super) fn value_labels(spec: &FigureSpec, pointer: &str, values: &[Cell]) -> Vec<String> {
    let json: Vec<Value> = values.iter().map(axis_value).collect();
    let labels = system_labels(&json)
        .or_else(|| length_labels(spec, pointer, &json))
        .or_else(|| difference_labels(spec, pointer, &json));
    distinct(labels.unwrap_or_else(|| {
        let name = axis_label(spec, pointer);
        let null = null_word(spec, pointer);
        let label = |value| format!("{name} = {}", shortened(&value_in_words(value, null)));
        json.iter().map(label).collect()
    }))
}

/// The values' names alone, such as `0.05`, for marks and places.
pub(super) fn value_names(spec: &FigureSpec, pointer: &str, values: &[Cell]) -> Vec<String> {
    let labels = value_labels(spec, pointer, values).into_iter();
    let bare = |label: String| match label.split_once(" = ") {
        // What differs in several members needs their names.
        Some((_, value)) if !value.contains(" = ") => value.to_owned(),
        _ => label,
    };
    distinct(labels.map(bare).collect())
}

/// What `null` means at an axis.
fn null_word<'a>(spec: &'a FigureSpec, pointer: &str) -> &'a str {
    named(spec, pointer).map_or(NONE, |name| &name.null)
}

/// The names of systems, on an axis of objects with a name each.
fn system_labels(values: &[Value]) -> Option<Vec<String>> {
    let mut names: Vec<&str> = Vec::new();
    for value in values {
        let mut members = value
            .as_object()
            .filter(|_| law_of(value).is_none())?
            .iter();
        let (Some((name, _)), None) = (members.next(), members.next()) else {
            return None;
        };
        if names.contains(&&**name) {
            return None;
        }
        names.push(name);
    }
    Some(names.into_iter().map(shortened).collect())
}

/// How many items each of some lists has, where the axis says what these are and that tells the lists apart.
fn length_labels(spec: &FigureSpec, pointer: &str, values: &[Value]) -> Option<Vec<String>> {
    let [one, several] = named(spec, pointer)?.item.as_ref()?;
    let lengths: Option<Vec<usize>> = values
        .iter()
        .map(|list| Some(list.as_array()?.len()))
        .collect();
    let lengths = lengths?;
    let is_new = |(at, length): (usize, &usize)| !lengths[..at].contains(length);
    lengths.iter().enumerate().all(is_new).then(|| {
        let item = |length: &usize| if *length == 1 { one } else { several };
        lengths
            .iter()
            .map(|length| format!("{length} {}", item(length)))
            .collect()
    })
}

/// A member that has no members: its pointer and value.
type Leaf<'a> = (String, &'a Value);

/// Labels for an axis with objects by their differences, if these are few. `null` is called as the axis says, and
/// no object differs from it in particular.
fn difference_labels(spec: &FigureSpec, pointer: &str, values: &[Value]) -> Option<Vec<String>> {
    let structured = |value: &Value| value.is_object() || value.is_null();
    let objects = values.iter().all(structured) && values.iter().any(Value::is_object);
    let laws = values.iter().any(|value| law_of(value).is_some());
    if !objects && !laws {
        return None;
    }
    let given = || values.iter().filter(|value| !value.is_null());
    let leaves: Vec<Vec<Leaf<'_>>> = given()
        .map(|value| {
            let mut found = Vec::new();
            collect_leaves(pointer, value, &mut found);
            found
        })
        .collect();
    let mut differing: Vec<&str> = Vec::new();
    for leaf in leaves.iter().flatten() {
        let is_one_of_some = leaves.len() > 1;
        let everywhere = is_one_of_some && leaves.iter().all(|leaves| leaves.contains(leaf));
        if !everywhere && !differing.contains(&&*leaf.0) {
            differing.push(&leaf.0);
        }
    }
    let columns = differing.iter().map(|place| column(spec, place, &leaves));
    let mut columns: Vec<(String, Vec<String>)> = columns.collect();
    // What is the same everywhere is not said, what is the same under two names once.
    let mut known: Vec<Vec<String>> = Vec::new();
    columns.retain(|(_, texts)| {
        let differs = texts.len() == 1 || texts.iter().any(|text| *text != texts[0]);
        let is_new = differs && !known.contains(texts);
        known.push(texts.clone());
        is_new
    });
    if columns.is_empty() || columns.len() > DIFFERENCES_MAX {
        return None;
    }
    let label = |i: usize| {
        let parts = columns.iter();
        let parts = parts.map(|(name, texts)| format!("{name} = {}", shortened(&texts[i])));
        joined(&parts.collect::<Vec<_>>())
    };
    let null = || {
        let (name, null) = (axis_label(spec, pointer), null_word(spec, pointer));
        format!("{name} = {null}")
    };
    let mut objects = 0..;
    let labels = values.iter().map(|value| match value {
        Value::Null => Some(null()),
        _ => objects.next().map(label),
    });
    labels.collect()
}

/// What the member at `place` is called, and its value in each of the objects with these `leaves`.
fn column(spec: &FigureSpec, place: &str, leaves: &[Vec<Leaf<'_>>]) -> (String, Vec<String>) {
    let values = leaves.iter().map(|leaves| {
        let own = leaves.iter().find(|(at, _)| at == place);
        own.map(|(_, value)| *value)
    });
    let is_law = |value: &Value| law_of(value).is_some();
    let laws = values.clone().flatten().any(is_law);
    let null = null_word(spec, place);
    let text = |value: Option<&Value>| match value {
        None => NONE.to_owned(),
        // Among laws a number is one as well.
        Some(value) if laws && value.is_number() || is_law(value) => law_in_words(value, place),
        Some(value) => value_in_words(value, null),
    };
    let name = if laws {
        without_unit(spec, place)
    } else {
        axis_label(spec, place)
    };
    (name, values.map(text).collect())
}

/// The law that an object is, if it is one.
fn law_of(value: &Value) -> Option<LawSpec> {
    let object = value.is_object().then(|| value.clone())?;
    serde_json::from_value(object).ok()
}

fn law_in_words(value: &Value, place: &str) -> String {
    match serde_json::from_value::<LawSpec>(value.clone()) {
        Ok(law) => law.in_words(last_segment(place)),
        Err(_) => value_in_words(value, NONE),
    }
}

/// The members without members in `value`, with their pointers; a law is one.
fn collect_leaves<'a>(pointer: &str, value: &'a Value, found: &mut Vec<Leaf<'a>>) {
    match value {
        Value::Object(members) if law_of(value).is_none() => {
            for (name, member) in members {
                collect_leaves(&format!("{pointer}/{name}"), member, found);
            }
        }
        _ => found.push((pointer.to_owned(), value)),
    }
}

/// A value without the marks of JSON.
pub(super) fn value_in_words(value: &Value, null: &str) -> String {
    match value {
        Value::Null => null.to_owned(),
        Value::Bool(yes) => yes.to_string(),
        Value::Number(_) => csv::cell_text(&axis_cell(value)),
        Value::String(word) => word.clone(),
        Value::Array(values) => {
            let texts: Vec<String> = values
                .iter()
                .map(|value| value_in_words(value, NONE))
                .collect();
            joined(&texts)
        }
        Value::Object(members) if members.is_empty() => "defaults".into(),
        Value::Object(_) if law_of(value).is_some() => law_in_words(value, ""),
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| {
                let words: Vec<&str> = name.split('_').collect();
                let unit_at = match words[..] {
                    [_, .., "per", "s"] => words.len() - 2,
                    _ => unit_of(&words).unwrap_or(words.len()),
                };
                let (words, unit) = words.split_at(unit_at);
                let value = value_in_words(value, NONE);
                let parts = words.iter().copied().chain([&*value]);
                let parts = parts.chain(unit.iter().copied());
                parts.collect::<Vec<_>>().join(" ")
            };
            joined(&members.iter().map(member).collect::<Vec<_>>())
        }
    }
}

/// `parts` with commas between them, with semicolons if one has commas of its own.
pub(super) fn joined(parts: &[String]) -> String {
    let has_comma = parts.iter().any(|part| part.contains(", "));
    parts.join(if has_comma && parts.len() > 1 {
        "; "
    } else {
        ", "
    })
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
mod tests;
