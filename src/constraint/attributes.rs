//! The attributes that constraints may name, and what values each of them has.
//!
//! This module does *not* know constraints.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::quantity::{UNITS, Unit};
use super::scan::is_ordinary;
use crate::error::{Error, Result};
use crate::parameters::decode_text;
use crate::parameters::json::shortened;

/// The attributes, and what each of them takes: at least two words, numbers of a unit, or plain numbers.
///
/// In a scenario: `{"Type": ["CPU", "MEM"], "Time": "s", "Cores": null}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attributes {
    /// In the order of their names.
    list: Vec<Attribute>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attribute {
    pub(super) name: String,
    pub(super) domain: Domain,
}

/// The values of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Domain {
    /// One of the words.
    Words {
        /// As declared.
        words: Vec<String>,
        /// Whether there is one more value, any other word.
        is_open: bool,
    },
    /// Numbers; those without a unit are in this one.
    Numbers(Option<&'static Unit>),
}

impl Attributes {
    /// Reads attributes from the JSON text of an object.
    ///
    /// # Errors
    /// If they are not declared as they must be; the place is the line, or the JSON Pointer.
    pub fn from_json(text: &str) -> Result<Self> {
        decode_text(text).map_err(|error: Error| match error.clone().into_parts() {
            (.., Some(_)) => error,
            (.., None) => error.help(
                r#"attributes are declared like {"Type": ["CPU", "MEM"], "Time": "s", "Cores": null}"#,
            ),
        })
    }

    /// Attributes by their names.
    pub(super) fn new(domains: BTreeMap<String, Domain>) -> Self {
        let list = domains.into_iter();
        let list = list.map(|(name, domain)| Attribute { name, domain });
        Self {
            list: list.collect(),
        }
    }

    /// All, in the order of their names.
    pub(super) fn list(&self) -> &[Attribute] {
        &self.list
    }

    /// The index of the attribute of this name.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        let found = self
            .list
            .binary_search_by(|other| other.name.as_str().cmp(name));
        found.ok()
    }
}

impl Domain {
    /// How many values there are, of words.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Words { words, is_open } => words.len() + usize::from(*is_open),
            Self::Numbers(_) => 0,
        }
    }
}

/// The name of an attribute, or a word.
struct Name(String);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        check_name(&name).map_err(de::Error::custom)?;
        Ok(Self(name))
    }
}

/// Checks that a clause can name this.
fn check_name(name: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("a name is empty".into());
    }
    match name.chars().find(|&char| !is_ordinary(char)) {
        None => Ok(()),
        Some(char) => Err(format!(
            "the name {} has the character {char:?}: names have no blanks, no invisible characters and none of [ ] & = ! < >",
            shortened(name)
        )),
    }
}

impl<'de> Deserialize<'de> for Domain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct DomainVisitor;

        impl<'de> Visitor<'de> for DomainVisitor {
            type Value = Domain;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let bases = bases().join(", ");
                write!(f, "a list of at least two words, a unit ({bases}), or null")
            }

            fn visit_unit<E: de::Error>(self) -> Result<Domain, E> {
                Ok(Domain::Numbers(None))
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Domain, E> {
                match Unit::named(name) {
                    Some(unit) if unit.is_base() => Ok(Domain::Numbers(Some(unit))),
                    Some(_) => Err(E::custom(format!(
                        "an attribute cannot be declared in {name}, because 1 s is no decimal number of \
                         {name}: declare it in s (clauses may still use {name})"
                    ))),
                    None => Err(E::invalid_value(de::Unexpected::Str(name), &self)),
                }
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Domain, A::Error> {
                let mut words: Vec<String> = Vec::new();
                let mut seen = BTreeSet::new();
                while let Some(Name(word)) = list.next_element()? {
                    if !seen.insert(word.clone()) {
                        let word = shortened(&word);
                        return Err(de::Error::custom(format!("the word {word} stands twice")));
                    }
                    words.push(word);
                }
                if words.len() < 2 {
                    return Err(de::Error::invalid_length(words.len(), &self));
                }
                Ok(Domain::Words {
                    words,
                    is_open: false,
                })
            }
        }

        deserializer.deserialize_any(DomainVisitor)
    }
}

/// The domain of the attribute with this name.
struct OfName<'n>(&'n str);

impl<'de> DeserializeSeed<'de> for OfName<'_> {
    type Value = Domain;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Domain, D::Error> {
        check_name(self.0).map_err(de::Error::custom)?;
        Domain::deserialize(deserializer)
    }
}

/// The units that an attribute can be declared in.
fn bases() -> Vec<&'static str> {
    let bases = UNITS.iter().filter(|unit| unit.is_base());
    bases.map(|unit| unit.name).collect()
}

impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AttributesVisitor;

        impl<'de> Visitor<'de> for AttributesVisitor {
            type Value = Attributes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with at least one attribute")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Attributes, A::Error> {
                let mut domains = BTreeMap::new();
                while let Some(name) = map.next_key::<String>()? {
                    // The fault of a name is told at its member.
                    let domain = map.next_value_seed(OfName(&name))?;
                    if domains.contains_key(&name) {
                        let name = shortened(&name);
                        return Err(de::Error::custom(format!(
                            "the attribute {name} stands twice"
                        )));
                    }
                    domains.insert(name, domain);
                }
                if domains.is_empty() {
                    return Err(de::Error::invalid_length(0, &self));
                }
                Ok(Attributes::new(domains))
            }
        }

        deserializer.deserialize_any(AttributesVisitor)
    }
}

impl Serialize for Domain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Words { words, .. } => words.serialize(serializer),
            Self::Numbers(unit) => unit.map(|unit| unit.name).serialize(serializer),
        }
    }
}

impl Serialize for Attributes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.list.len()))?;
        for Attribute { name, domain } in &self.list {
            map.serialize_entry(name, domain)?;
        }
        map.end()
    }
}

impl JsonSchema for Attributes {
    fn schema_name() -> Cow<'static, str> {
        "Attributes".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let name = json_schema!({"type": "string", "pattern": r"^[^\s\[\]&=!<>≤≥≠]+$"});
        json_schema!({
            "description": "The attributes by their names, each with its words (at least two), \
                            the unit of its numbers, or null: plain numbers.",
            "type": "object",
            "minProperties": 1,
            "propertyNames": name,
            "additionalProperties": {"anyOf": [
                {"type": "array", "items": name, "minItems": 2, "uniqueItems": true},
                {"enum": bases()},
                {"type": "null"},
            ]},
        })
    }
}
