//! The generator of GT-ITM (Calvert, Zegura, 1996), reproduced draw for draw: its transit-stub
//! graphs (`ts`) and its flat random graphs (`geo`).
//!
//! The same spec file gives the same graph, and through the writers of this room the same bytes,
//! as the original tool. What the original's documentation promises and its program does not do
//! is in [`Variant::Documented`].
//!
//! This module does *not* know how a graph is written ([`Graph`](super::Graph) carries all that the
//! files hold), nor what routes in it are. It lacks the original's method `hier`.

mod assemble;
mod diameter;
mod draw;
mod flat;
mod labels;
mod parameters;
mod random;
mod refusal;
mod scales;
mod spec;
mod watch;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use parameters::{EdgeLaw, EdgeMethod, FlatParameters, TransitStubParameters};
pub use random::PlacementRandom;
pub use spec::{Method, Spec};
pub use watch::Watch;

pub use super::graph::{LINKS_MAX, ROUTERS_MAX};

/// The seed that the original takes where a spec file gives none, or 0.
pub const SEED_DEFAULT: i64 = 417_890_326;

/// Flat graphs and single domains of more routers are refused: each pair of routers is drawn for.
pub const DOMAIN_ROUTERS_MAX: usize = 100_000;

/// How often a domain is redrawn until it is connected, where the original knows no limit.
pub const REDRAWS_MAX: u32 = 100_000;

/// The maximum number of pairs of routers for which links are drawn for one graph, in all its domains and all their
/// redraws: some minutes of work. A graph that needs more is refused.
pub const PAIRS_MAX: u64 = 10_000_000_000;

/// Which defects the generator reproduces.
///
/// As documented, the transit line holds for every transit domain (the original applies it to the first one
/// and the stub line to all others), an extra stub-stub link joins the two routers drawn (the original makes
/// about half of them loops), and each pair of neighbouring transit domains is joined once (the original does it
/// twice). All else is exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(description = "Which defects the generator reproduces.")]
pub enum Variant {
    /// Those of the original program: the graphs are the original's.
    #[default]
    Exact,
    /// None: the graphs are as the original's documentation describes them.
    Documented,
}

/// Whose random() places the stub domains.
///
/// Coordinates of stub routers and the lengths of links between domains depend on it, and nothing else. The
/// samples of the original were made with that of SunOS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(description = "Whose random() places the stub domains.")]
pub enum Placement {
    /// The GNU C library's.
    #[default]
    Glibc,
    /// That of 4.3BSD and SunOS.
    Bsd,
}
