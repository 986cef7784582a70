//! Opus: an overlay peer utility service, which hosts many applications on one large overlay.
//!
//! The second system, after *Opus: an overlay peer utility service* (OPENARCH 2002). [`nodes`] puts
//! the utility nodes on the underlay; each study is a system of its own on them, with its own
//! units, measures and figures, and [`config`] says which one is run: [`overlay`] builds
//! dissemination overlays that trade cost against delay and reliability, [`allocation`] divides the
//! nodes among applications whose demand changes, [`tracking`] estimates sums over all nodes.
//! `docs/opus/` tells what every word means and what is simplified. This room does *not* know the
//! driver, nor how many runs there are.

pub mod allocation;
pub mod config;
pub mod nodes;
pub mod number;
pub mod overlay;
pub mod tracking;
mod unused;
mod written;

use crate::random::StreamId;

/// What a scenario calls it.
pub const NAME: &str = "opus";
/// What it is.
pub const ABOUT: &str =
    "The Opus utility service: one overlay of nodes that hosts many applications.";

/// The JSON Pointer of a member of the parameters.
fn pointer(member: &str) -> String {
    format!("/system/{NAME}/{member}")
}

/// What the draws of this room decide.
mod stream {
    use super::StreamId;

    /// On which router a node sits; by node and number of its move, from 0.
    pub(super) const ROUTER: StreamId = StreamId(64);
    /// A node's access latency; by node and number of its move, from 0.
    pub(super) const ACCESS: StreamId = StreamId(65);
    /// A node's place in the order of disconnection; by node.
    pub(super) const DISCONNECT: StreamId = StreamId(66);
    /// To whom a newcomer is introduced; by newcomer.
    pub(super) const INTRODUCE: StreamId = StreamId(67);
    /// When in its period a node begins to probe or to check; by node.
    pub(super) const PHASE: StreamId = StreamId(68);

    /// Whether a member of an overlay has failed in a world that others think of; by member and world.
    pub(super) const WORLD: StreamId = StreamId(71);
    /// A node's place in the order of moving; by node.
    pub(super) const MOVE: StreamId = StreamId(70);

    // Allocation: 96 to 111.
    /// At which router of a region its clients enter; by region.
    pub(super) const GATEWAY: StreamId = StreamId(96);
    /// A point of which a request may come; by population and second, and number.
    pub(super) const ARRIVAL: StreamId = StreamId(97);
    /// The work of a request; by population and number.
    pub(super) const WORK: StreamId = StreamId(98);
    /// When in its period a node begins to say that it lives; by node.
    pub(super) const HEARTBEAT: StreamId = StreamId(99);
    /// How long a node stays up; by node and number.
    pub(super) const UP: StreamId = StreamId(100);
    /// How long a node stays down; by node and number.
    pub(super) const DOWN: StreamId = StreamId(101);
    /// The router of an application's publisher; by application.
    pub(super) const PUBLISHER: StreamId = StreamId(102);
    /// The time between two updates; by application and number.
    pub(super) const UPDATE: StreamId = StreamId(103);

    /// How long a node stays up and down, one after another; by node.
    pub(super) const SESSION: StreamId = StreamId(104);
    /// How long a stub domain stays up and down, one after another; by its number.
    pub(super) const DOMAIN: StreamId = StreamId(105);

    // Tracking: 80 to 95.
    /// When in its period a tracker begins to show that it lives; by node.
    pub(super) const BEAT: StreamId = StreamId(80);
    /// Which other head a tracker tries; by node and round.
    pub(super) const IMPROVE: StreamId = StreamId(81);
    /// When a node comes to life; by node.
    pub(super) const START: StreamId = StreamId(82);
    /// When in its period a node's values change; by node.
    pub(super) const CHANGE: StreamId = StreamId(83);
    /// A node's base value; by node and quantity.
    pub(super) const BASE: StreamId = StreamId(84);
    /// A step of a random walk; by (node, quantity) and number of the step.
    pub(super) const WALK: StreamId = StreamId(85);
}
