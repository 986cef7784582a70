//! The parameters of Chord, beside those of all discovery systems.
//!
//! The doc comments are the descriptions in the JSON Schema. They do *not* know what follows from them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::parameters::Plain;
use crate::parameters::number::Handful;

/// Chord's own parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Own {
    /// How many of the next GCUs on the ring each GCU knows besides its fingers, and how many GCUs are
    /// tried at each step of a look-up if silent ones are noticed (mode `crash`). 1: none to spare.
    pub successors: Handful,
    /// How many GCUs hold the list of a service's providers.
    pub replicas: Handful,
    /// Who asks the next GCU.
    pub lookup: Lookup,
}

impl Default for Own {
    fn default() -> Self {
        Self {
            successors: Handful(4),
            replicas: Handful(4),
            lookup: Lookup::Recursive,
        }
    }
}

impl Plain for Own {}

/// Who asks the next GCU on the way to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Lookup {
    /// Each GCU passes the query on.
    Recursive,
    /// The requester asks one GCU after another.
    Iterative,
}
