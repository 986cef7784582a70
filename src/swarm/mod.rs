//! The swarm: random small worlds, in which every member of a scenario is drawn, and what must hold of
//! each run in them.
//!
//! A world is a scenario, made of nothing but a seed and perhaps a [`Theme`] ([`scenario`]). [`examine`] runs it until it comes
//! to rest, in several ways, and says what must hold and does not. [`smallest`] makes a world that
//! violates something as small as it can. A new member of a scenario joins with a line in `members`;
//! a new invariant is one of its system ([`crate::system::Invariant`]).
//!
//! This room does *not* know what is simulated, nor how many worlds there are.

mod crossing;
mod draw;
mod examining;
mod healing;
mod load;
mod members;
mod network;
mod rivals;
mod rules;
mod search;
mod shrinking;
mod themes;
mod world;

pub use examining::{Findings, examine, trace};
pub use shrinking::smallest;
pub use themes::Theme;
pub use world::{check_theme, check_without, scenario};
