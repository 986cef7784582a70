//! The overlay when requests begin, by terms and rules of the colony calculus.
//!
//! The doc comments are the descriptions in the JSON Schema. They do *not* know which units there are, nor the rules.

use super::{Disconnection, DisconnectionMode};
use crate::parameters::number::Fraction;
use crate::parameters::{Problem, members};

members! {
    /// The overlay when requests begin, by the colony calculus: broker 3 is `B3` and GCU 5 is `g5`. Who is free
    /// in the end is disconnected.
    pub struct Overlay {
        /// A term of all brokers and GCUs; null: the complete overlay.
        pub term: Option<String> = None;
        /// Labels that are applied to it one after another, such as `leave g5 B3` or `unregister B3 B0`.
        pub script: Vec<String> = Vec::new();
        /// Then, the fraction of the GCUs that are members of a colony and leave it.
        pub leave_rate: Fraction = Fraction(0.0);
        /// Then, the fraction of the brokers whose colony is a member of another one and is unregistered.
        pub unregister_rate: Fraction = Fraction(0.0);
    }
}

impl Overlay {
    /// That nothing else disconnects units.
    pub(super) fn check(disconnection: &Disconnection, pointer: &str) -> Result<(), Problem> {
        let problem = |member: &str, what: &str| {
            Problem::new(format!("{pointer}/disconnection/{member}"), what)
                .help("leave out `overlay`, or `disconnection`")
        };
        if disconnection.mode != DisconnectionMode::Unregister {
            let what = "with `overlay` units unregister, and do nothing else";
            return Err(problem("mode", what));
        }
        if disconnection.rate.0 > 0.0 {
            return Err(problem(
                "rate",
                "`overlay` says already who is disconnected",
            ));
        }
        Ok(())
    }
}
