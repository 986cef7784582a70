//! The parameters of Synapse, beside those of all discovery systems.
//!
//! The doc comments are the descriptions in the JSON Schema. They do *not* know what follows from them.

use crate::parameters::number::{Degree, Fraction, SmallCount};
use crate::parameters::{Plain, Problem, members};

members! {
    /// Synapse's own parameters.
    pub struct Own {
        /// How many rings there are. Each GCU joins one of them, drawn uniformly.
        pub rings: SmallCount = SmallCount(5);
        /// The probability that a GCU is a synapse: that it is on more than one ring.
        pub synapses: Fraction = Fraction(1.0);
        /// On how many rings a synapse is on average: on 2 at least.
        pub synapse_degree: Degree = Degree(2.0);
        /// How many GCUs a query passes at most on its way; null: any number.
        pub ttl: Option<SmallCount> = Some(SmallCount(16));
    }
}

impl Plain for Own {
    fn check(&self, pointer: &str) -> Result<(), Problem> {
        let Self {
            rings: SmallCount(rings),
            synapses,
            synapse_degree: Degree(degree),
            ..
        } = *self;
        if synapses.0 > 0.0 && degree > f64::from(rings) {
            let what = format!("a synapse cannot be on {degree} of {rings} rings");
            let problem = Problem::new(format!("{pointer}/synapse_degree"), what);
            return Err(problem.help("use more rings, a lower degree, or no synapses"));
        }
        Ok(())
    }
}
