//! Arigatoni's own parameters, beside those of all discovery systems.
//!
//! The doc comments are the descriptions in the JSON Schema. They do *not* know what follows from them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::parameters::Plain;

/// Arigatoni's own parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Own {
    /// How the complete overlay is built.
    pub start: Start,
    /// The order in which a broker asks its colony.
    pub search: Search,
}

impl Default for Own {
    fn default() -> Self {
        Self {
            start: Start::Direct,
            search: Search::Selective,
        }
    }
}

impl Plain for Own {}

/// How the complete overlay is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Start {
    /// The routing tables are built at once.
    Direct,
    /// Every unit registers by messages; this gives the same tables.
    Messages,
}

/// The order in which a broker asks its colony.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Search {
    /// As few as needed at a time, in random order: fewer messages, but slower.
    Selective,
    /// All able ones at once: more messages, but faster.
    Exhaustive,
}
