//! What a member of the scenario file means, from its schema: meaning, kind, range, default, members.
//!
//! It does *not* know any member by name.

use serde_json::{Map, Value};

use super::json;
use crate::error::{Error, Result};

/// Units that the ends of members' names tell.
const UNITS: [(&str, &str); 9] = [
    ("_per_s", "per second"),
    ("_per_day", "per day"),
    ("_ms_per_unit", "milliseconds for a unit of length"),
    ("_ns", "nanoseconds"),
    ("_ms", "milliseconds"),
    ("_s", "seconds"),
    ("_h", "hours"),
    ("_km", "kilometres"),
    ("_bytes", "bytes"),
];

/// What is known of a member.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// What it means, a paragraph for each place of the schema that says something of it.
    pub meaning: Vec<String>,
    /// What it can be, in words.
    pub kinds: Vec<String>,
    /// The unit that its name tells.
    pub unit: Option<&'static str>,
    /// Its default, as JSON; absent if it has none.
    pub default: Option<String>,
    /// The members that it has itself: their names and their meanings.
    pub members: Vec<(String, String)>,
    /// What its items are, if it is a list.
    pub items: Option<Box<Explained>>,
}

/// Explains the member at `pointer` of the file that `schema` describes. `*` in it stands for any
/// system, or for any item.
///
/// # Errors
/// If there is no such member.
pub fn explain(schema: &Value, pointer: &str) -> Result<Explained> {
    if !pointer.is_empty() && !pointer.starts_with('/') {
        return Err(Error::new(format!("`{pointer}` does not begin with `/`"))
            .help("write a JSON Pointer, such as /system/arigatoni/requests/rate_per_s"));
    }
    let mut here = vec![schema];
    let mut walked = String::new();
    let mut last: Option<String> = None;
    let mut list: Option<Explained> = None;
    let mut choice = None;
    for segment in json::segments(pointer) {
        let shapes = shapes(schema, &here);
        let next = all_inside(&shapes, &segment);
        if next.is_empty() {
            return Err(unknown(&shapes, &walked, &segment));
        }
        walked = format!("{walked}/{}", json::escape(&segment));
        choice = shapes.iter().find_map(|shape| choice_of(shape, &segment));
        if is_item(&segment) && has_items(&shapes) {
            // An item has the unit of its list.
            list = list.or_else(|| Some(explained(schema, &here, last.as_deref())));
        } else {
            (list, last) = (None, Some(segment));
        }
        here = next;
    }
    let mut known = explained(schema, &here, last.as_deref());
    known.items = items(schema, &here, last.as_deref());
    if let Some(list) = list.filter(|_| known.meaning.is_empty()) {
        let of_list = list
            .meaning
            .iter()
            .map(|text| format!("of the list: {text}"));
        known.meaning = of_list.collect();
    }
    if let Some(meaning) = choice {
        known.meaning = vec![meaning];
    }
    Ok(known)
}

/// What `shape`, an object that may have the member `name` only, says of itself, if the member is an object
/// that is described in its place: what that says of itself, objects of other names may share.
fn choice_of(shape: &Value, name: &str) -> Option<String> {
    let properties = shape.get("properties")?.as_object()?;
    let member = properties.get(name)?;
    let is_choice = properties.len() == 1 && member.get("properties").is_some();
    is_choice.then(|| description(shape))?
}

fn description(shape: &Value) -> Option<String> {
    shape.get("description")?.as_str().map(str::to_owned)
}

/// Whether a segment of a pointer can be that of an item.
fn is_item(segment: &str) -> bool {
    segment == "*" || segment.bytes().all(|byte| byte.is_ascii_digit())
}

pub(super) fn has_items(shapes: &[&Value]) -> bool {
    let mut shapes = shapes.iter();
    shapes.any(|shape| shape.get("items").is_some_and(Value::is_object))
}

/// The schema at a reference, if it is one.
fn target<'a>(schema: &'a Value, shape: &Value) -> Option<&'a Value> {
    let reference = shape.get("$ref")?.as_str()?;
    schema.pointer(reference.strip_prefix('#')?)
}

/// The schemas that these consist of: themselves, what they refer to, and their alternatives.
pub(super) fn shapes<'a>(schema: &'a Value, here: &[&'a Value]) -> Vec<&'a Value> {
    let mut found: Vec<&Value> = Vec::new();
    let mut left: Vec<&Value> = here.iter().rev().copied().collect();
    while let Some(shape) = left.pop() {
        // A schema may refer to itself.
        if found.iter().any(|known| std::ptr::eq(*known, shape)) {
            continue;
        }
        found.push(shape);
        let alternatives = ["anyOf", "oneOf", "allOf"].iter().rev();
        let alternatives = alternatives.filter_map(|name| shape.get(name)?.as_array());
        left.extend(alternatives.flat_map(|list| list.iter().rev()));
        left.extend(target(schema, shape));
    }
    found
}

/// The schemas that the member at `pointer` consists of; none if there is no such member.
pub(super) fn shapes_at<'a>(schema: &'a Value, pointer: &str) -> Vec<&'a Value> {
    let segments = json::segments(pointer).into_iter();
    segments.fold(shapes(schema, &[schema]), |here, segment| {
        shapes(schema, &all_inside(&here, &segment))
    })
}

/// The names of the members that the object at `pointer` can have; none if it is none.
pub(super) fn names_at<'a>(schema: &'a Value, pointer: &str) -> Vec<&'a str> {
    let shapes = shapes_at(schema, pointer).into_iter();
    shapes.flat_map(names).collect()
}

pub(super) fn all_inside<'a>(shapes: &[&'a Value], segment: &str) -> Vec<&'a Value> {
    let inside = shapes.iter().flat_map(|shape| inside(shape, segment));
    inside.collect()
}

/// The schemas of the member or item `segment` of `shape`.
fn inside<'a>(shape: &'a Value, segment: &str) -> Vec<&'a Value> {
    let mut found = Vec::new();
    let properties = shape.get("properties").and_then(Value::as_object);
    match properties.and_then(|properties| properties.get(segment)) {
        Some(own) => found.push(own),
        None if segment == "*" => found.extend(properties.into_iter().flat_map(Map::values)),
        None => {}
    }
    if is_item(segment) {
        found.extend(shape.get("items").filter(|items| items.is_object()));
    }
    if found.is_empty() {
        let patterns = shape.get("patternProperties").and_then(Value::as_object);
        let fits = |pattern: &str| pattern == "." || (pattern == "^/" && segment.starts_with('/'));
        let patterns = patterns.into_iter().flatten();
        found.extend(patterns.filter(|(p, _)| fits(p)).map(|(_, own)| own));
    }
    found
}

fn unknown(shapes: &[&Value], walked: &str, segment: &str) -> Error {
    let names: Vec<&str> = shapes.iter().flat_map(|shape| names(shape)).collect();
    let place = if walked.is_empty() { "/" } else { walked };
    let error = Error::new(format!("there is no member `{segment}` in it")).at(place);
    // A part of a name is more likely to be meant than a name that is spelt alike.
    let part = names
        .iter()
        .copied()
        .find(|name| segment.len() >= 3 && name.contains(segment));
    match part.or_else(|| json::meant(segment, &names)) {
        Some(meant) => error.help(format!("did you mean `{walked}/{}`?", json::escape(meant))),
        None if has_items(shapes) => error.help(format!(
            "it is a list: its items are `{walked}/0`, `{walked}/1`, … or `{walked}/*`"
        )),
        None if names.is_empty() => error.help("it has no members"),
        None => error.help(format!("its members are {}", names.join(", "))),
    }
}

pub(super) fn names(shape: &Value) -> Vec<&str> {
    let properties = shape.get("properties").and_then(Value::as_object);
    properties
        .into_iter()
        .flat_map(|properties| properties.keys().map(String::as_str))
        .collect()
}

fn explained(schema: &Value, here: &[&Value], name: Option<&str>) -> Explained {
    let shapes = shapes(schema, here);
    let mut known = Explained {
        meaning: Vec::new(),
        kinds: Vec::new(),
        unit: name.and_then(|name| {
            let found = UNITS.iter().find(|(ending, _)| name.ends_with(ending));
            found.map(|(_, unit)| *unit)
        }),
        default: here
            .iter()
            .find_map(|shape| shape.get("default"))
            .map(Value::to_string),
        members: Vec::new(),
        items: None,
    };
    // What an alternative says of itself belongs to its kind.
    let whole: Vec<&Value> = here
        .iter()
        .flat_map(|shape| [Some(*shape), target(schema, shape)])
        .flatten()
        .collect();
    for text in whole.iter().filter_map(|shape| description(shape)) {
        if known.meaning.iter().any(|other| says(other, &text)) {
            continue;
        }
        known.meaning.retain(|other| !says(&text, other));
        known.meaning.push(text);
    }
    for shape in shapes {
        let own = description(shape).filter(|text| !known.meaning.contains(text));
        if let Some(kind) = kind(shape) {
            let kind = own.map_or(kind.clone(), |text| format!("{kind}: {text}"));
            if !known.kinds.contains(&kind) {
                known.kinds.push(kind);
            }
        }
        let properties = shape.get("properties").and_then(Value::as_object);
        for (name, member) in properties.into_iter().flatten() {
            let texts = [Some(member), target(schema, member)];
            let text = choice_of(shape, name)
                .or_else(|| texts.into_iter().flatten().find_map(description));
            if known.members.iter().all(|(other, _)| other != name) {
                known.members.push((name.clone(), text.unwrap_or_default()));
            }
        }
    }
    known
}

/// Whether the words of `short` stand in `long` one after the other.
fn says(long: &str, short: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|letter: char| !letter.is_alphanumeric());
        words
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect()
    };
    let (long, short) = (words(long), words(short));
    (0..=long.len()).any(|first| long[first..].starts_with(&short))
}

/// What the items of `here` are, if it is a list of the name `name`.
fn items(schema: &Value, here: &[&Value], name: Option<&str>) -> Option<Box<Explained>> {
    let shapes = shapes(schema, here).into_iter();
    let items = shapes.filter_map(|shape| shape.get("items").filter(|items| items.is_object()));
    let items: Vec<&Value> = items.collect();
    (!items.is_empty()).then(|| Box::new(explained(schema, &items, name)))
}

/// What a shape can be, in words.
fn kind(shape: &Value) -> Option<String> {
    if let Some(word) = shape.get("const") {
        return Some(word.to_string());
    }
    if let Some(words) = shape.get("enum").and_then(Value::as_array) {
        let words: Vec<String> = words.iter().map(Value::to_string).collect();
        return Some(words.join(", "));
    }
    let words: Vec<&str> = match shape.get("type")? {
        Value::String(word) => vec![word],
        Value::Array(words) => words.iter().filter_map(Value::as_str).collect(),
        _ => return None,
    };
    let word = |word: &&str| match *word {
        "integer" => "a whole number".to_owned(),
        "number" => "a number".to_owned(),
        "boolean" => "true or false".to_owned(),
        "string" => "a text".to_owned(),
        "array" => "a list".to_owned(),
        "object" => "an object".to_owned(),
        other => other.to_owned(),
    };
    let mut kind = words.iter().map(word).collect::<Vec<_>>().join(", or ");
    let limits = [
        ("minimum", "at least"),
        ("exclusiveMinimum", "above"),
        ("maximum", "at most"),
        ("exclusiveMaximum", "below"),
        ("minItems", "items at least"),
        ("maxItems", "items at most"),
    ];
    for (name, words) in limits {
        if let Some(limit) = shape.get(name) {
            kind = format!("{kind}, {words} {limit}");
        }
    }
    Some(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_says_another_if_it_has_its_words_in_their_order() {
        let long = "The workload: the requests of the GCUs.";
        for said in ["The workload.", "the requests of the GCUs", long, ""] {
            assert!(says(long, said), "{said}");
        }
        // Each word stands in it.
        for other in [
            "The GCUs of the workload.",
            "The workload of the GCUs.",
            "The requests.The workload",
        ] {
            assert!(!says(long, other), "{other}");
        }
        assert!(!says("The workload.", long));
    }
}
