//! Ways to read members that are no type of their own.
//!
//! This module does *not* know any member.

use serde::Deserialize;
use serde::de::{self, Deserializer, Unexpected};
use serde_json::{Number, Value};

pub(super) use crate::parameters::{file, present};

/// For `deserialize_with` of a member that may be absent: a [`file`].
pub(super) fn path<'de, D>(deserializer: D) -> Result<Option<String>, D::Error>
where
    D: Deserializer<'de>,
{
    file(deserializer).map(Some)
}

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
