//! What is offered and asked for.
//!
//! The doc comments are the descriptions in the JSON Schema. They do *not* know who offers what.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use crate::parameters::number::{Amount, Million, Share};
use crate::parameters::{Problem, present};

/// The services.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(default, deny_unknown_fields)]
pub struct Services {
    /// How many services there are.
    pub count: Million,
    /// The probability ρ that a GCU offers a service; null if `offered_by` is given.
    pub density: Option<Share>,
    /// The number of GCUs that offer each service, drawn from all, instead of `density`.
    pub offered_by: Option<Million>,
    /// How often each service is asked for.
    pub popularity: Popularity,
}

/// How often each service is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Popularity {
    /// All alike.
    Uniform,
    /// In proportion to 1 ÷ (n + 1) to the power of this exponent, where n is the number of the service.
    Zipf(Amount),
}

/// The density if nothing else is said.
const DENSITY: Share = Share(0.1);

impl Default for Services {
    fn default() -> Self {
        Self {
            count: Million(128),
            density: Some(DENSITY),
            offered_by: None,
            popularity: Popularity::Uniform,
        }
    }
}

impl<'de> Deserialize<'de> for Services {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// The members as they are written: whether `density` is left out is seen.
        #[derive(Deserialize)]
        #[serde(default, deny_unknown_fields)]
        #[expect(
            clippy::option_option,
            reason = "left out, null and a value are three things"
        )]
        struct Written {
            count: Million,
            #[serde(deserialize_with = "present")]
            density: Option<Option<Share>>,
            offered_by: Option<Million>,
            popularity: Popularity,
        }

        impl Default for Written {
            fn default() -> Self {
                let Services {
                    count,
                    density: _,
                    offered_by,
                    popularity,
                } = Services::default();
                Self {
                    count,
                    density: None,
                    offered_by,
                    popularity,
                }
            }
        }

        let Written {
            count,
            density,
            offered_by,
            popularity,
        } = Written::deserialize(deserializer)?;
        Ok(Self {
            count,
            density: density.unwrap_or(offered_by.is_none().then_some(DENSITY)),
            offered_by,
            popularity,
        })
    }
}

impl Services {
    /// Whether the members fit each other; the object stands at `pointer`.
    pub(super) fn check(&self, pointer: &str) -> Result<(), Problem> {
        super::exactly_one(
            pointer,
            ("density", self.density.is_some()),
            ("offered_by", self.offered_by.is_some()),
        )
    }

    /// The fraction of `computers` that offer any one service, on average.
    pub fn offering(&self, computers: f64) -> f64 {
        match (self.offered_by, self.density) {
            (Some(Million(count)), _) => (f64::from(count) / computers.max(1.0)).min(1.0),
            (None, density) => density.map_or(0.0, |density| density.0),
        }
    }

    /// The member that says how many computers offer a service.
    pub fn offering_member(&self) -> &'static str {
        match self.offered_by {
            Some(_) => "services/offered_by",
            None => "services/density",
        }
    }
}
