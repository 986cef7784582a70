//! JSON, strictly: parsing that forgives nothing, the line on which a member stands, and JSON
//! Pointers (RFC 6901).
//!
//! This module does *not* know what the members mean.

use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::Value;

use crate::error::{Error, Result};
pub(super) use crate::parameters::json::*;
use crate::topology::not_the_file;

/// The JSON value that is `text`, whole. A member that is given twice is an error; a byte-order
/// mark is not.
pub(super) fn parse(text: &str) -> Result<Value> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(Error::new("it is empty")
            .help(
                "`arigatoni schema` describes the members of a scenario; three of them are \
            required",
            )
            .at(1));
    }
    let parsed = strict(text);
    // What servers answer is JSON, too; a scenario says its version.
    if let Ok(Value::Object(members)) = &parsed
        && !members.contains_key("version")
        && let Some(error) = not_the_file(text.as_bytes())
    {
        return Err(error);
    }
    parsed.map_err(|error| {
        let wrong_file = not_the_file(text.as_bytes()).filter(|_| !error.is_data());
        wrong_file.unwrap_or_else(|| not_json(&error))
    })
}

/// The line (from 1) of `text`, which is valid JSON, on which the value at `pointer` begins, or
/// else that of the nearest value around it.
pub(super) fn line(text: &str, pointer: &str) -> usize {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let segments = segments(pointer);
    (1..=segments.len())
        .rev()
        .map(|depth| &segments[..depth])
        .find_map(|segments| {
            // The search ends with an error before the value, and the parser gives it a line.
            Locate(segments)
                .deserialize(&mut serde_json::Deserializer::from_str(text))
                .err()
        })
        .map_or(1, |error| error.line())
}

/// Fails before the value that the segments lead to, and succeeds if there is none.
#[derive(Clone, Copy)]
struct Locate<'a>(&'a [String]);

impl<'de> DeserializeSeed<'de> for Locate<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.0.is_empty() {
            return Err(D::Error::custom("here"));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Locate<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut index = 0_usize;
        loop {
            let more = if self.0[0] == index.to_string() {
                list.next_element_seed(Locate(&self.0[1..]))?.is_some()
            } else {
                list.next_element::<IgnoredAny>()?.is_some()
            };
            if !more {
                return Ok(());
            }
            index += 1;
        }
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            if self.0[0] == name {
                map.next_value_seed(Locate(&self.0[1..]))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_on_their_lines() {
        let text = "{\n \"a\": [1,\n  {\n   \"b/~\":\n    2}\n ],\n \"c\": {}}";
        for (pointer, expected) in [
            ("", 1),
            ("/a", 2),
            ("/a/0", 2),
            ("/a/1", 3),
            ("/a/1/b~1~0", 5),
            ("/a/1/x", 3),
            ("/a/7/x", 2),
            ("/a/00", 2),
            ("/c", 7),
            ("/c/d", 7),
            ("/x", 1),
        ] {
            assert_eq!(line(text, pointer), expected, "{pointer}");
        }
    }

    #[test]
    fn parsing_keeps_what_is_written() {
        let text = r#"{"b": 18446744073709551615, "a": [-1, 0.15, "x", null, true, {}]}"#;
        let value = parse(text).unwrap();
        assert_eq!(
            value.to_string(),
            text.replace(": ", ":").replace(", ", ",")
        );
    }
}
