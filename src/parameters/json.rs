//! JSON for people: pointers (RFC 6901), and values in words.
//!
//! This module does *not* know what the members mean.

use serde_json::{Number, Value};

pub(crate) use super::strict::{not_json, strict};
use crate::error;

/// Names longer than this are not compared with known ones.
const GIVEN_MAX: usize = 200;

/// The segments of a pointer, unescaped; none of the empty pointer.
pub fn segments(pointer: &str) -> Vec<String> {
    let unescape = |segment: &str| segment.replace("~1", "/").replace("~0", "~");
    pointer.split('/').skip(1).map(unescape).collect()
}

/// A member's name as a pointer segment.
pub fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Whether `pointer` leads to `ancestor` or to something inside it.
pub fn is_within(pointer: &str, ancestor: &str) -> bool {
    pointer
        .strip_prefix(ancestor)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The pointers of everything within `value` except itself, in order.
pub fn pointers(value: &Value) -> Vec<String> {
    fn visit(value: &Value, here: &str, found: &mut Vec<String>) {
        let children: Vec<(String, &Value)> = match value {
            Value::Object(map) => map.iter().map(|(name, v)| (escape(name), v)).collect(),
            Value::Array(list) => list
                .iter()
                .enumerate()
                .map(|(index, v)| (index.to_string(), v))
                .collect(),
            _ => return,
        };
        for (name, child) in children {
            let pointer = format!("{here}/{name}");
            found.push(pointer.clone());
            visit(child, &pointer, found);
        }
    }

    let mut found = Vec::new();
    visit(value, "", &mut found);
    found
}

/// The one of `known` that was probably meant by `given`: the nearest, or one that ends with it.
pub fn meant<'a>(given: &str, known: &[&'a str]) -> Option<&'a str> {
    if given.len() > GIVEN_MAX {
        return None;
    }
    error::nearest(given, known.iter().copied()).or_else(|| {
        let tail = given.rsplit('/').next().filter(|tail| !tail.is_empty())?;
        known
            .iter()
            .copied()
            .find(|name| name.rsplit('/').next() == Some(tail) && *name != given)
    })
}

/// A scalar as a person writes it: strings bare, numbers in shortest decimal; else compact JSON.
pub fn text(value: &Value) -> String {
    match value {
        Value::String(string) => string.clone(),
        Value::Number(number) => number_text(number),
        other => other.to_string(),
    }
}

/// A number in shortest decimal, without an exponent: `0.15`, `1`, `1000000`.
pub fn number_text(number: &Number) -> String {
    match (number.as_u64(), number.as_i64(), number.as_f64()) {
        (Some(whole), ..) => whole.to_string(),
        (_, Some(whole), _) => whole.to_string(),
        (.., real) => real.map_or_else(|| number.to_string(), |real| (real + 0.0).to_string()),
    }
}

/// A number for an error: beyond 25 characters the exponent says more than the digits.
fn number_in_words(number: &Number) -> String {
    let text = number_text(number);
    if text.len() <= 25 {
        text
    } else {
        number.to_string()
    }
}

/// `value` as it was written, for an error: in at most a line.
pub fn brief(value: &Value) -> String {
    match value {
        Value::Number(number) => number_in_words(number),
        other => one_line(&text(other), 60),
    }
}

/// What `value` is, in words, for an error.
pub fn describe(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number_in_words(number),
        Value::String(string) => format!("the string {}", shortened(string)),
        Value::Array(list) if list.is_empty() => "an empty list".into(),
        Value::Array(list) => format!("a list of {}", list.len()),
        Value::Object(map) if map.is_empty() => "an empty object".into(),
        Value::Object(map) if map.len() == 1 => "an object with 1 member".into(),
        Value::Object(map) => format!("an object with {} members", map.len()),
    }
}

/// `string` in quotes, cut if it is long, control characters escaped.
pub fn shortened(string: &str) -> String {
    format!("\"{}\"", one_line(string, 60))
}

/// `text` for a person: on one line, and cut after `chars_max` characters, whatever a file or an
/// argument has in it.
pub fn one_line(text: &str, chars_max: usize) -> String {
    let mut line: String = text.chars().take(chars_max).collect();
    if line.len() < text.len() {
        line.push('…');
    }
    if line.contains(char::is_control) {
        line = line.escape_debug().to_string();
    }
    line
}
