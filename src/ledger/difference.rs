//! In what two JSON documents differ, for people.

use serde_json::Value;

use crate::parameters::json::escape;
use crate::results::compact;

/// The longest value that is shown whole, in characters.
const SHOWN_MAX: usize = 60;

/// The places at which `there` and `here` differ, a line each: `/pointer: OLD there, NEW here`.
pub(crate) fn differences(there: &Value, here: &Value) -> Vec<String> {
    difference_list(there, here)
        .into_iter()
        .map(|(place, [old, new])| format!("{place}: {old} there, {new} here"))
        .collect()
}

/// The places at which two documents differ, by pointer, with both values as short texts.
pub(crate) fn difference_list(there: &Value, here: &Value) -> Vec<(String, [String; 2])> {
    let mut found = Vec::new();
    collect("", Some(there), Some(here), &mut found);
    found
}

fn collect(
    pointer: &str,
    there: Option<&Value>,
    here: Option<&Value>,
    found: &mut Vec<(String, [String; 2])>,
) {
    if there == here {
        return;
    }
    if let (Some(Value::Object(old)), Some(Value::Object(new))) = (there, here) {
        for name in old.keys() {
            collect(&within(pointer, name), old.get(name), new.get(name), found);
        }
        for name in new.keys().filter(|&name| !old.contains_key(name)) {
            collect(&within(pointer, name), None, new.get(name), found);
        }
        return;
    }
    if let (Some(old), Some(new)) = (there, here)
        && compact(old) == compact(new)
    {
        return;
    }
    let place = if pointer.is_empty() { "/" } else { pointer };
    found.push((place.to_owned(), [show(there), show(here)]));
}

fn within(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", escape(name))
}

fn show(value: Option<&Value>) -> String {
    let Some(value) = value else {
        return "nothing".into();
    };
    let text = compact(value);
    match text.char_indices().nth(SHOWN_MAX) {
        None => text,
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_difference_is_a_line() {
        let old = json!({"a": {"b": 1, "c/d": [1, 2]}, "e": null, "f": 1.0});
        let new = json!({"a": {"b": 2, "c/d": [1, 3]}, "f": 1, "g": "x"});
        assert_eq!(
            differences(&old, &new),
            [
                "/a/b: 1 there, 2 here",
                "/a/c~1d: [1,2] there, [1,3] here",
                "/e: null there, nothing here",
                "/g: nothing there, \"x\" here",
            ]
        );
    }
}
