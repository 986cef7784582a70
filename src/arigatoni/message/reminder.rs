//! The timers of units: what they remind of, and which of them share a place.
//!
//! It does *not* know when they are set.

use serde::Serialize;

use crate::discovery::ServiceTimer;
use crate::fingerprint::{Encode, Encoder};
use crate::unit::{Class, Timer};

/// The timers of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reminder {
    /// To try again to leave.
    Leave,
    /// To try again to become a member.
    Return,
    /// Nothing has come from the leader for too long.
    Silence,
    /// Nothing has come from the leader at the end of its tunnel for too long.
    TunnelSilence,
    /// To try again to become a member there; to leave, if it has been told to do without the tunnel.
    TunnelReturn,
    /// To send the next heartbeat.
    Heartbeat,
    /// The acknowledgements of a heartbeat are due.
    HeartbeatDue,
    /// To send again what has not been acknowledged.
    Retransmit,
    /// An open query or request must be answered now.
    Deadline {
        /// Where the unit keeps it.
        slot: u32,
    },
    /// A peer has been silent for too long.
    AnswerTimeout {
        /// Where the unit keeps the enquiry.
        slot: u32,
    },
    /// A service has been rendered.
    Served {
        /// Where the provider keeps the agreement.
        slot: u32,
    },
}

impl ServiceTimer for Reminder {
    fn served(slot: u32) -> Self {
        Self::Served { slot }
    }
}

impl Timer for Reminder {
    fn slot(self) -> u32 {
        // The slots of each kind interleave, so that the numbers stay small.
        match self {
            // Nobody tries to leave a colony and to become a member of it at once; a member does neither.
            Self::Leave | Self::Return | Self::Silence => 0,
            // Brokers do not serve.
            Self::Heartbeat => Self::Served { slot: 0 }.slot(),
            Self::HeartbeatDue => Self::Served { slot: 1 }.slot(),
            Self::Retransmit => 1,
            // These two share a slot at the far end of a tunnel, where a unit that leaves tries again by
            // `Leave`. A unit that is told to do without its tunnel expects no heartbeats from there.
            Self::TunnelSilence | Self::TunnelReturn => 2,
            Self::Deadline { slot } => 3 + 3 * slot,
            Self::AnswerTimeout { slot } => 4 + 3 * slot,
            Self::Served { slot } => 5 + 3 * slot,
        }
    }

    fn class(self) -> Class {
        match self {
            // What arrives at that very instant still counts.
            Self::Deadline { .. } | Self::Silence | Self::TunnelSilence | Self::HeartbeatDue => {
                Class::Deadline
            }
            Self::Leave
            | Self::Return
            | Self::TunnelReturn
            | Self::Heartbeat
            | Self::Retransmit
            | Self::AnswerTimeout { .. }
            | Self::Served { .. } => Class::Ordinary,
        }
    }
}

impl Encode for Reminder {
    fn encode(&self, to: &mut Encoder) {
        match self {
            Self::Leave => to.u8(1),
            Self::Return => to.u8(5),
            Self::Retransmit => to.u8(6),
            Self::Silence => to.u8(7),
            Self::Heartbeat => to.u8(8),
            Self::HeartbeatDue => to.u8(9),
            Self::TunnelSilence => to.u8(10),
            Self::TunnelReturn => to.u8(11),
            Self::Deadline { slot } => {
                to.u8(2);
                to.u32(*slot);
            }
            Self::AnswerTimeout { slot } => {
                to.u8(3);
                to.u32(*slot);
            }
            Self::Served { slot } => {
                to.u8(4);
                to.u32(*slot);
            }
        }
    }
}
