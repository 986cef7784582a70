//! The parameters of the protocol, shared by all units of a run.
//!
//! They do *not* say what is left to a unit: see [`crate::arigatoni::policy`].

use crate::arigatoni::config::{Own, Search};
use crate::discovery::config::{Detection, World};
use crate::time::Span;

/// How long a leaver waits before it tries again.
pub(super) const LEAVE_RETRY: Span = Span::from_s(1);

/// The parameters of the protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// The order in which a broker asks its colony.
    pub search: Search,
    /// How a crashed peer is detected; `None`: it is not, and brokers do not acknowledge queries.
    pub detection: Option<Detection>,
    /// How long after its issue a request must be answered.
    pub deadline: Span,
}

impl Rules {
    /// Those of a run.
    pub fn new(world: &World, own: &Own) -> Self {
        Self {
            search: own.search,
            detection: world.detection(),
            deadline: world.deadline(),
        }
    }
}
