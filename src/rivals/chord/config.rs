//! The parameters of Chord, beside those of all discovery systems.
//!
//! The doc comments are the descriptions in the JSON Schema. They do *not* know what follows from them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::parameters::number::{Period, SmallCount};
use crate::parameters::{Plain, Problem, members};

members! {
    /// Chord's own parameters.
    pub struct Own {
        /// How many of the next GCUs on the ring each GCU knows besides its fingers, and how many GCUs are
        /// tried at each step of a look-up if silent ones are noticed (mode `crash`). 1: none to spare.
        pub successors: SmallCount = SmallCount(4);
        /// How many GCUs hold the list of a service's providers.
        pub replicas: SmallCount = SmallCount(4);
        /// Who asks the next GCU.
        pub lookup: Lookup = Lookup::Recursive;
        /// How the ring is repaired while GCUs come and go; null: it is not, fingers and lists are as built.
        pub maintenance: Option<Maintenance> = None;
    }
}

impl Plain for Own {
    fn check(&self, pointer: &str) -> Result<(), Problem> {
        let (SmallCount(successors), SmallCount(replicas)) = (self.successors, self.replicas);
        if self.maintenance.is_some() && replicas > successors {
            let what = format!(
                "a GCU that knows {successors} successors cannot keep {replicas} replicas of a list"
            );
            let problem = Problem::new(format!("{pointer}/replicas"), what);
            return Err(problem.help("use more successors, fewer replicas, or no maintenance"));
        }
        Ok(())
    }
}

/// Who asks the next GCU on the way to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Lookup {
    /// Each GCU passes the query on.
    Recursive,
    /// The requester asks one GCU after another.
    Iterative,
}

members! {
    /// The periods at which a GCU on the ring looks after what it knows.
    #[derive(Copy)]
    pub struct Maintenance {
        /// The time in seconds after which it asks its successor for that one's predecessor and successors.
        pub stabilise_s: Period = Period(30.0);
        /// The time in seconds after which it looks up one finger, the next one each time.
        pub fix_finger_s: Period = Period(30.0);
        /// The time in seconds after which it asks its predecessor whether that one is there.
        pub check_predecessor_s: Period = Period(30.0);
    }
}
