//! Parameters: the members of a scenario that a system, or the network, has for its own.
//!
//! A type of parameters is at once the shape of its members in the file: name, type, range, default,
//! unit and sentence stand there, once. The sentence is the doc comment, which the JSON Schema shows;
//! the range is the member's type ([`number`]); reading is strict ([`decode`]). This room does *not*
//! know any system, nor what a scenario is.

mod beside;
mod decode;
pub mod json;
pub mod law;
mod members;
pub mod number;
mod strict;

use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::beside::{Beside, names};
pub(crate) use self::decode::{KNOWN_HERE, ONE_MEMBER};
pub use self::decode::{decode, file, present, suggest};
pub use self::members::members;
use self::number::LatencyMs;
use crate::error::{Error, Result};

/// The mean time until the last request is issued, or the last node joins, is at most this, about three
/// years: simulated time stays far below 2⁶⁴ ns, whatever the draws are.
pub(crate) const WORKLOAD_S_MAX: f64 = 1e8;

/// What is wrong with the value at a JSON Pointer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub pointer: String,
    /// What: a sentence without a full stop.
    pub what: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Problem {
    /// A problem with the value at `pointer`.
    pub fn new(pointer: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            what: what.into(),
            help: None,
        }
    }

    /// The problem of an error in the value at `pointer`, a text; the error's place is in the text.
    pub fn within(pointer: impl Into<String>, error: Error) -> Self {
        let (place, what, help) = error.into_parts();
        let what = match place {
            Some(place) => format!("{place}: {what}"),
            None => what,
        };
        Self {
            pointer: pointer.into(),
            what,
            help,
        }
    }

    /// What the reader can do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The error, whose place is the pointer, unless that is empty.
    pub fn error(self) -> Error {
        let mut error = Error::new(self.what);
        if let Some(help) = self.help {
            error = error.help(help);
        }
        if self.pointer.is_empty() {
            error
        } else {
            error.at(json::one_line(&self.pointer, POINTER_CHARS_MAX))
        }
    }
}

/// The number of characters after which a pointer is cut in messages.
pub(crate) const POINTER_CHARS_MAX: usize = 200;

/// Reads the JSON text of one value.
///
/// # Errors
/// If it is not JSON, or not what `T` is read from; the place is the line, or the pointer.
pub fn decode_text<T: DeserializeOwned>(text: &str) -> Result<T> {
    let value = json::strict(text).map_err(|error| json::not_json(&error))?;
    decode(&value, "").map_err(Problem::error)
}

/// The error that the object at `pointer` has no member `name`, with the one of the `known` that was probably
/// meant.
pub fn unknown_member(pointer: &str, name: &str, known: &[&str]) -> Problem {
    let what = format!("there is no member {}", json::shortened(name));
    let problem = Problem::new(format!("{pointer}/{}", json::escape(name)), what);
    suggest(problem, name, known)
}

/// Checks the range `access_latency_ms` of the object at `pointer`.
///
/// # Errors
/// If its ends stand in the wrong order.
pub fn check_range(
    pointer: &str,
    [LatencyMs(least), LatencyMs(greatest)]: [LatencyMs; 2],
) -> Result<(), Problem> {
    if least > greatest {
        return Err(Problem::new(
            format!("{pointer}/access_latency_ms"),
            format!(
                "the least latency, {}, is above the greatest, {}",
                json::describe(&least.into()),
                json::describe(&greatest.into())
            ),
        )
        .help("write the smaller number first"));
    }
    Ok(())
}

/// Hands out the text of a file that parameters name, by its path as written.
pub type ReadFile<'r> = &'r mut dyn FnMut(&Path) -> Result<Arc<str>>;

/// The parameters of a system: what its object in a scenario holds.
///
/// A struct is one if it is [`Plain`]: made by [`members!`], or with `Deserialize`, `Serialize` and `JsonSchema`
/// derived and `#[serde(default, deny_unknown_fields)]`; the types of its members are their ranges.
pub trait Parameters: Clone + Debug + PartialEq + Default + Send + Sync + 'static {
    /// Reads the object at `pointer`; what it leaves out has its default.
    ///
    /// # Errors
    /// If a member is unknown, has the wrong type or is out of range.
    fn read(value: &Value, pointer: &str) -> Result<Self, Problem>;

    /// The object, every default written out.
    fn write(&self) -> Value;

    /// Its JSON Schema.
    fn schema(generator: &mut SchemaGenerator) -> Schema;

    /// A normal form, in which all that follows from the parameters is written out: two that are written
    /// differently but mean the same have equal forms. It does not have to be readable.
    #[must_use]
    fn effective(&self) -> Self {
        self.clone()
    }

    /// Whether the members, each of which is within its range, fit each other; the object stands at
    /// `pointer`.
    ///
    /// # Errors
    /// If they do not.
    fn check(&self, pointer: &str) -> Result<(), Problem> {
        let _ = pointer;
        Ok(())
    }
}

/// Every plain object of parameters.
pub trait Plain: Clone + Debug + PartialEq + Default + Send + Sync + 'static
where
    Self: Serialize + DeserializeOwned + JsonSchema,
{
    /// As of [`Parameters::effective`].
    #[must_use]
    fn effective(&self) -> Self {
        self.clone()
    }

    /// As of [`Parameters::check`].
    ///
    /// # Errors
    /// If the members do not fit each other.
    fn check(&self, pointer: &str) -> Result<(), Problem> {
        let _ = pointer;
        Ok(())
    }
}

impl<P: Plain> Parameters for P {
    fn read(value: &Value, pointer: &str) -> Result<Self, Problem> {
        decode(value, pointer)
    }

    fn write(&self) -> Value {
        serde_json::to_value(self).expect("parameters are strings, finite numbers and lists")
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        P::json_schema(generator)
    }

    fn effective(&self) -> Self {
        Plain::effective(self)
    }

    fn check(&self, pointer: &str) -> Result<(), Problem> {
        Plain::check(self, pointer)
    }
}

/// No parameters: an empty object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoMembers {}

impl Plain for NoMembers {}
