//! Names that are also safe file names.
//!
//! They do *not* know what is called by them.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// A name that is also a safe file name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Name(pub String);

/// The longest [`Name`] in bytes.
const NAME_MAX: usize = 100;

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl Visitor<'_> for NameVisitor {
            type Value = Name;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(
                    f,
                    "a name of at most {NAME_MAX} letters, digits, \".\", \"_\" and \"-\" that \
                     begins with a letter or digit (A to Z, a to z, 0 to 9)"
                )
            }
            fn visit_str<E: de::Error>(self, name: &str) -> Result<Name, E> {
                let safe = name.len() <= NAME_MAX
                    && name.starts_with(|c: char| c.is_ascii_alphanumeric())
                    && name
                        .chars()
                        .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
                if safe {
                    Ok(Name(name.into()))
                } else {
                    Err(E::invalid_value(Unexpected::Str(name), &self))
                }
            }
        }
        deserializer.deserialize_any(NameVisitor)
    }
}

impl JsonSchema for Name {
    fn schema_name() -> Cow<'static, str> {
        "Name".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let pattern = format!("^[A-Za-z0-9][A-Za-z0-9._-]{{0,{}}}$", NAME_MAX - 1);
        json_schema!({"type": "string", "pattern": pattern})
    }
}
