//! Ways to read members that are no type of their own.
//!
//! This module does *not* know any member.

use serde::Deserialize;
use serde::de::{self, Deserializer, Unexpected};
use serde_json::{Number, Value};

pub(super) use crate::parameters::present;

/// For `deserialize_with` of a member that may be absent: a [`file`].
pub(super) fn path<'de, D>(deserializer: D) -> Result<Option<String>, D::Error>
where
    D: Deserializer<'de>,
{
    file(deserializer).map(Some)
}

/// For `deserialize_with`: a path that is not empty.
pub(super) fn file<'de, D>(deserializer: D) -> Result<String, D::Error>
where
    D: Deserializer<'de>,
{
    let path = String::deserialize(deserializer)?;
    if path.is_empty() {
        let given = Unexpected::Str(&path);
        return Err(de::Error::invalid_value(given, &"the path of a file"));
    }
    Ok(path)
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
