//! Rival discovery systems: other ways to find a provider, in the same world as Arigatoni.
//!
//! A [`Finder`] says how a computer finds providers; that they are asked, agree, hold slots, are
//! released and start to serve is the same for all (`asking`, `serving`), as are the messages for it
//! (`message`) and the columns (`record`). `docs/rivals.md` has their meaning and the literature. This
//! room does *not* know Arigatoni, nor the driver.

pub mod asking;
pub mod central;
mod check;
pub mod chord;
mod delivery;
pub mod finder;
pub mod flooding;
pub mod given;
pub mod graph;
mod invariants;
pub mod message;
mod neighbours;
pub mod node;
pub mod record;
mod rival;
mod serving;
pub mod sought;
pub mod synapse;
#[cfg(test)]
mod tests;
pub mod walk;
mod within;

pub use central::Central;
pub use chord::Chord;
pub use finder::Finder;
pub use flooding::Flooding;
pub use node::Node;
pub use rival::{Rival, Station};
pub use synapse::Synapse;
pub use walk::RandomWalk;

use crate::discovery::Discovery;

/// The system with the rival `F`.
pub type System<F> = Discovery<Rival<F>>;
