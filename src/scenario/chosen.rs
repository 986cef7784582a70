//! The member `system`: which system is simulated, and its parameters.
//!
//! This module does *not* know any system: `systems` does.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::json::{escape, shortened};
use crate::parameters::{ONE_MEMBER, Problem, suggest};
use crate::systems::{Configured, Family, families, find};

/// The system that a scenario has without naming one.
const DEFAULT: &str = "arigatoni";

/// The simulated system and its parameters; an object with exactly one system.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Chosen {
    name: String,
    members: Value,
}

impl Default for Chosen {
    fn default() -> Self {
        Self {
            name: DEFAULT.into(),
            members: Map::new().into(),
        }
    }
}

impl Chosen {
    /// Writes out the defaults of what is left out.
    pub(super) fn complete(&mut self) -> Result<(), Problem> {
        self.members = (self.family()?.complete)(&self.members, &self.pointer())?;
        Ok(())
    }

    /// The system with its parameters, or what is wrong between these.
    pub(super) fn configured(&self) -> Result<Arc<dyn Configured>, Problem> {
        (self.family()?.configure)(&self.members, &self.pointer())
    }

    fn family(&self) -> Result<Family, Problem> {
        find(&self.name).ok_or_else(|| {
            let families = families();
            let known: Vec<&str> = families.iter().map(|family| family.name).collect();
            let what = format!("there is no system {}", shortened(&self.name));
            suggest(Problem::new(self.pointer(), what), &self.name, &known)
        })
    }

    fn pointer(&self) -> String {
        format!("/system/{}", escape(&self.name))
    }
}

impl Serialize for Chosen {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut object = to.serialize_map(Some(1))?;
        object.serialize_entry(&self.name, &self.members)?;
        object.end()
    }
}

impl<'de> Deserialize<'de> for Chosen {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct ChosenVisitor;

        impl<'de> Visitor<'de> for ChosenVisitor {
            type Value = Chosen;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(ONE_MEMBER)
            }
            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Chosen, A::Error> {
                let mut all = Vec::new();
                while let Some((name, members)) = members.next_entry()? {
                    all.push(Chosen { name, members });
                }
                let count = all.len();
                match <[Chosen; 1]>::try_from(all) {
                    Ok([chosen]) => Ok(chosen),
                    Err(_) => Err(de::Error::invalid_length(count, &self)),
                }
            }
        }

        from.deserialize_any(ChosenVisitor)
    }
}

impl JsonSchema for Chosen {
    fn schema_name() -> Cow<'static, str> {
        "System".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = |family: Family| {
            let (name, parameters) = (family.name, (family.schema)(generator));
            json_schema!({
                "description": family.about,
                "type": "object",
                "properties": {name: parameters},
                "required": [name],
                "additionalProperties": false
            })
        };
        let all: Vec<Schema> = families().into_iter().map(one).collect();
        json_schema!({
            "description": "The simulated system and its parameters; an object with exactly one system.",
            "oneOf": all
        })
    }
}
