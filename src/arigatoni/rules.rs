//! What every unit of a run has in common.

use crate::arigatoni::config::{Config, Mode, Search};
use crate::random::Purpose;
use crate::time::Span;

/// How long a leaver waits before it tries again.
pub const LEAVE_RETRY: Span = Span::from_s(1);

/// What the draws of this room decide.
pub mod purpose {
    use super::Purpose;

    /// Whether a GCU agrees to a request; by GCU and request.
    pub const AGREE: Purpose = Purpose(32);
    /// A GCU's place in a broker's order of enquiry; by GCU and request.
    pub const COMPUTER_ORDER: Purpose = Purpose(33);
    /// A subcolony's place in its super-broker's order of enquiry; by GBU and request.
    pub const SUBCOLONY_ORDER: Purpose = Purpose(34);
}

/// The parameters of the protocol, shared by all units of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// The chance that an able GCU, once asked, agrees.
    pub acceptance_probability: f64,
    /// How many agreements a GCU holds at once; `None`: unlimited.
    pub slots: Option<u32>,
    /// The order in which a broker asks its colony.
    pub search: Search,
    /// Where peers may crash: how long one may be silent. `None`: nobody crashes, so brokers need
    /// not acknowledge queries.
    pub silence: Option<Span>,
    /// How long after its issue a request must be answered.
    pub deadline: Span,
    /// How long a provider serves.
    pub service_time: Span,
}

impl From<&Config> for Rules {
    fn from(config: &Config) -> Self {
        Self {
            acceptance_probability: config.acceptance_probability,
            slots: config.slots,
            search: config.search,
            silence: match config.mode {
                Mode::Unregister => None,
                Mode::Crash { timeout } => Some(timeout),
            },
            deadline: config.deadline,
            service_time: config.service_time,
        }
    }
}
