//! What a scenario says of colonies of different administrative domains.
//!
//! The doc comments are the descriptions in the JSON Schema. They do *not* know which broker is in which domain.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::parameters::law::{self, LawSpec};
use crate::parameters::number::{DurationMs, Fraction, NonNegative, Sites};
use crate::parameters::{Problem, members};
use crate::random::alternation::Alternation;

/// Pairs of colonies of different administrative domains that are linked side by side: their brokers ask each
/// other, and the overlay is a graph.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ColonyLinks {
    /// How many pairs are drawn: none of them twice, and none of a broker and its super-broker.
    pub count: Sites,
    /// How long a pair is linked at a time; without `up` and `down` all pairs are linked all the time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up: Option<LawSpec>,
    /// How long it is not linked at a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub down: Option<LawSpec>,
}

impl ColonyLinks {
    /// Whether these parameters, which stand at `pointer`, fit each other.
    ///
    /// # Errors
    /// If they do not.
    pub(super) fn check(&self, pointer: &str) -> Result<(), Problem> {
        self.alternation_at(pointer).map(drop)
    }

    /// How a pair is linked and unlinked, if it is.
    ///
    /// # Panics
    /// If the parameters have not been checked.
    pub fn alternation(&self) -> Option<Alternation> {
        let checked = self.alternation_at("");
        checked.expect("the parameters are checked")
    }

    fn alternation_at(&self, pointer: &str) -> Result<Option<Alternation>, Problem> {
        let (up, down) = match (&self.up, &self.down) {
            (None, None) => return Ok(None),
            (Some(up), Some(down)) => (up, down),
            (up, _) => {
                let (given, missing) = if up.is_some() {
                    ("up", "down")
                } else {
                    ("down", "up")
                };
                let what = format!("`{given}` is given without `{missing}`");
                return Err(Problem::new(format!("{pointer}/{given}"), what).help(format!(
                    "write `{missing}` as well, or leave both out: then colonies are linked all the time"
                )));
            }
        };
        law::alternation((up, down), pointer, "leave both out").map(Some)
    }
}

/// Computers and colonies that are registered with a colony of another administrative domain, through a tunnel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tunnels {
    /// The fraction of the computers that have a tunnel.
    pub share: Fraction,
    /// What stands for a unit in another colony.
    pub kind: TunnelKind,
    /// Whether they are members of their own colony as well.
    #[serde(default = "besides")]
    pub home: bool,
    /// The fraction of the brokers that register with a super-broker of another domain in the same way, of those that can.
    #[serde(default = "no_colony")]
    pub colonies: Fraction,
}

/// What stands in another colony for a unit that has a tunnel to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TunnelKind {
    /// A computer of that colony, which passes on what the two say to each other.
    Friend,
    /// A clone of it, which that colony's leader makes.
    Clone,
}

fn besides() -> bool {
    true
}

fn no_colony() -> Fraction {
    Fraction(0.0)
}

members! {
    /// Credentials of computers, which brokers of other domains check.
    pub struct Trust {
        /// The fraction of the computers whose credentials are forged.
        pub forged: Fraction = Fraction(0.0);
        /// The fraction of the computers whose credentials have expired.
        pub expired: Fraction = Fraction(0.0);
        /// The fraction of the computers whose credentials are revoked while requests run.
        pub revoked: Fraction = Fraction(0.0);
        /// How long a broker takes to check a credential, in milliseconds.
        pub check_ms: DurationMs = DurationMs(0.0);
        /// How often the brokers of a domain get the list of what has been revoked, in seconds; 0: they hear of it at once.
        pub revocation_s: NonNegative = NonNegative(0.0);
    }
}
