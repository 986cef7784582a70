//! Ways to read members that are no type of their own.
//!
//! This module does *not* know any member.

use serde::Deserialize;
use serde::de::{self, Deserializer, Unexpected};
use serde_json::{Number, Value};

/// For `deserialize_with`: any number, as it is.
pub(super) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Number, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Number(number) => Ok(number),
        _ => Err(de::Error::invalid_type(
            Unexpected::Other("something else"),
            &"a number",
        )),
    }
}
