//! The validated parameters of the Arigatoni system.

use crate::overlay::config::{Disconnection, Overlay, Requests};
use crate::time::Span;

/// Everything that an Arigatoni run needs besides the underlay, the seed and the replication.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// How the fully connected overlay comes about.
    pub start: Start,
    /// Who is there at the start.
    pub overlay: Overlay,
    /// The chance α in [0, 1] that an able GCU, once asked, agrees.
    pub acceptance_probability: f64,
    /// How many agreements a GCU holds at once; `None`: unlimited.
    pub slots: Option<u32>,
    /// The order in which a broker asks its colony.
    pub search: Search,
    /// Who is taken off before the requests.
    pub disconnection: Disconnection,
    /// How they are taken off.
    pub mode: Mode,
    /// How the others find out; `None`: they do not.
    pub detection: Option<Detection>,
    /// The workload.
    pub requests: Requests,
    /// How long after its issue a request must be answered.
    pub deadline: Span,
    /// How long a provider serves, from the arrival of the start message.
    pub service_time: Span,
}

/// How the fully connected overlay comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// The routing tables are built at once.
    Direct,
    /// Every unit registers by messages. Ends in the same tables.
    Messages,
}

/// The order in which a broker asks its colony (resource discovery protocol).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Search {
    /// One by one in random order: fewer messages, slower.
    Selective,
    /// Everybody able at once: more messages, quicker.
    Exhaustive,
}

/// How units are disconnected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// By the protocol (VIP): they unregister.
    Unregister,
    /// They fall silent.
    Crash,
}

/// How a unit finds out that a peer has gone: by its silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Detection {
    /// How long a peer may be silent before it counts as gone.
    pub timeout: Span,
}
