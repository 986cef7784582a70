//! What is offered and asked for.
//!
//! The doc comments are the descriptions in the JSON Schema. They do *not* know who offers what.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::constrained::Constrained;
use crate::parameters::law::LawSpec;
use crate::parameters::number::{BoundedCount, Count, Fraction, NonNegative};
use crate::parameters::{Problem, members};
use crate::random::law;

members! {
    /// The services.
    pub struct Services {
        /// How many services there are.
        pub count: Option<BoundedCount> = Some(BoundedCount(128)), unless constraints;
        /// The probability ρ that a GCU offers a service.
        pub density: Option<Fraction> = Some(Fraction(0.1)), unless offered_by or constraints;
        /// The number of GCUs that offer each service, drawn from all, instead of `density`.
        pub offered_by: Option<BoundedCount> = None;
        /// How often each service is asked for.
        pub popularity: Popularity = Popularity::Uniform;
        /// How many instances one GCU gives to one request at most, unless `requests.distinct` limits it to one.
        pub instances: Count = Count(1);
        /// How long a GCU offers the same services before it draws them again and tells its leader; null: for
        /// ever.
        pub change: Option<LawSpec> = None;
        /// Constraints that are offered and asked for, instead of `count` services.
        pub constraints: Option<Constrained> = None;
    }
}

/// How often each service is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Popularity {
    /// All alike.
    Uniform,
    /// In proportion to 1 ÷ (n + 1) to the power of this exponent, where n is the number of the service.
    Zipf(NonNegative),
}

impl Services {
    /// Whether the members fit each other; the object stands at `pointer`. `parts`: those of requests say what is asked
    /// for.
    pub(super) fn check(&self, parts: bool, pointer: &str) -> Result<(), Problem> {
        if let Some(constraints) = &self.constraints {
            self.check_beside_constraints(pointer)?;
            constraints.check(parts, &format!("{pointer}/constraints"))?;
            return self.renewal(pointer).map(drop);
        }
        let has_density = self.density.is_some();
        if has_density == self.offered_by.is_some() {
            return Err(super::not_one(
                pointer,
                ["density", "offered_by"],
                has_density,
            ));
        }
        self.renewal(pointer).map(drop)
    }

    /// Checks that nothing is said of services by numbers where there are constraints.
    fn check_beside_constraints(&self, pointer: &str) -> Result<(), Problem> {
        let others = [
            ("count", self.count.is_some()),
            ("density", self.density.is_some()),
            ("offered_by", self.offered_by.is_some()),
        ];
        for (name, is_given) in others {
            if is_given {
                return Err(super::not_one(pointer, ["constraints", name], true));
            }
        }
        if self.popularity == Popularity::Uniform {
            return Ok(());
        }
        let what = "with `constraints` this says nothing: each request has a weight";
        Err(Problem::new(format!("{pointer}/popularity"), what)
            .help("leave it out, or write weights at `constraints/requests`"))
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

    /// How many services there are, or how many constraints are offered at most.
    pub fn kinds(&self) -> u32 {
        match &self.constraints {
            Some(constraints) => constraints.offers_max(),
            None => self.count.map_or(0, |count| count.0),
        }
    }

    /// How many services each of `computers` offers on average, or how many constraints at most.
    pub fn offers_each(&self, computers: f64) -> f64 {
        match &self.constraints {
            Some(constraints) => constraints.offers_mean(),
            None => f64::from(self.kinds()) * self.offering(computers),
        }
    }

    /// The fraction of `computers` that offer any one service, on average; by constraints, that offer any.
    pub fn offering(&self, computers: f64) -> f64 {
        if let Some(constraints) = &self.constraints {
            return constraints.offers_mean().min(1.0);
        }
        match (self.offered_by, self.density) {
            (Some(BoundedCount(count)), _) => (f64::from(count) / computers.max(1.0)).min(1.0),
            (None, density) => density.map_or(0.0, |density| density.0),
        }
    }

    /// The member that says how many computers offer a service.
    pub fn offering_member(&self) -> &'static str {
        match (&self.constraints, self.offered_by) {
            (Some(_), _) => "services/constraints/offers",
            (None, Some(_)) => "services/offered_by",
            (None, None) => "services/density",
        }
    }
}
