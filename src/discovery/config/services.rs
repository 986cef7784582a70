//! What is offered and asked for.
//!
//! The doc comments are the descriptions in the JSON Schema. They do *not* know who offers what.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use crate::parameters::law::Law;
use crate::parameters::number::{Amount, Count, Million, Share};
use crate::parameters::{Problem, present};
use crate::random::law;

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
    /// How many instances one GCU gives to one request at most, unless `requests.distinct` limits it to one.
    pub instances: Count,
    /// How long a GCU offers the same services before it draws them again and tells its leader; null: for ever.
    pub change: Option<Law>,
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
            instances: Count(1),
            change: None,
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
            instances: Count,
            change: Option<Law>,
        }

        impl Default for Written {
            fn default() -> Self {
                let Services {
                    count,
                    density: _,
                    offered_by,
                    popularity,
                    instances,
                    change,
                } = Services::default();
                Self {
                    count,
                    density: None,
                    offered_by,
                    popularity,
                    instances,
                    change,
                }
            }
        }

        let Written {
            count,
            density,
            offered_by,
            popularity,
            instances,
            change,
        } = Written::deserialize(deserializer)?;
        Ok(Self {
            count,
            density: density.unwrap_or(offered_by.is_none().then_some(DENSITY)),
            offered_by,
            popularity,
            instances,
            change,
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
        )?;
        self.renewal(pointer).map(drop)
    }

    /// After what times a GCU draws what it offers anew, if it does; the object stands at `pointer`.
    ///
    /// # Errors
    /// If the times have no mean, or the mean is 0.
    pub fn renewal(&self, pointer: &str) -> Result<Option<law::Law>, Problem> {
        let Some(change) = &self.change else {
            return Ok(None);
        };
        let place = format!("{pointer}/change");
        let needed = "it is not known how often offers change";
        let law = change.validate_with_mean(&place, needed)?;
        if law.mean_s() > 0.0 {
            return Ok(Some(law));
        }
        let problem = Problem::new(place, "offers that change after 0 s change without end");
        Err(problem.help("choose longer times, or null"))
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
