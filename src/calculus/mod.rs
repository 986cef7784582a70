//! The colony calculus: communities as terms, and the rules by which they change.
//!
//! A community is a soup of computers and colonies; a colony is a leader, its broker, with a soup of its own. Links join
//! colonies side by side, and tunnels register individuals with colonies elsewhere. A [`Community`] is a term up to
//! structural congruence, so two congruent terms are equal, have one canonical text and one hash. A
//! [`Label`] names a rule and those that it is about; [`Community::apply`] gives what the rule makes of a community, or says which
//! premise does not hold. This room does *not* know messages, units, brokers' tables or simulations.
//!
//! ```
//! use arigatoni::calculus::{Community, Label};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let community = Community::parse("B0[ B1[ g3 ] | g1 ] | g9")?;
//! assert_eq!(community.to_string(), "g9 | B0[ g1 | B1[ g3 ] ]");
//! let joined = community.apply(&Label::parse("join g9 B1")?)?;
//! assert_eq!(joined.to_string(), "B0[ g1 | B1[ g3 | g9 ] ]");
//! let refused = community.apply(&Label::parse("join g1 B1")?).unwrap_err();
//! assert_eq!(refused.premise, "free");
//! # Ok(())
//! # }
//! ```
//!
//! The grammar, the rules and their sources are on the page `docs/calculus.md`.

mod community;
mod effects;
mod label;
mod name;
mod overlay;
mod parse;
#[cfg(test)]
pub(crate) mod planted;
mod premise;
mod print;
mod rules;
mod scan;
mod script;
mod space;
#[cfg(test)]
mod tests;

pub use self::community::{Community, Individual, State};
pub use self::label::{Failure, Label};
pub use self::name::{Domain, Name};
pub use self::rules::{Rule, RuleSummary, rules};
pub(crate) use self::scan::uncommented;
pub use self::script::{Derivation, Script};
pub use self::space::{Space, TooLarge, Transition};
