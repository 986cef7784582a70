//! Packets: messages with what a receiver needs to tell them from others, where packets get lost.
//!
//! They do *not* say when they are sent again, nor who has had them.

use serde::{Deserialize, Serialize};

use crate::arigatoni::message::Message;
use crate::arigatoni::parcel::wrapped;
use crate::fingerprint::{Encode, Encoder};

/// A message on a link that loses packets.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Packet {
    /// Which numbering its number belongs to.
    pub epoch: Epoch,
    /// Its number among the packets of its sender to its receiver, from 0 in each epoch.
    pub number: u32,
    /// Whether it has been sent before.
    pub again: bool,
    /// What it carries: anything but a packet, the acknowledgement of one, or a heartbeat.
    pub message: Message,
}

/// A numbering of packets from one unit to another; later ones are greater.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct Epoch {
    /// How often the sender has been restarted.
    pub restarts: u32,
    /// How often it has begun anew since then.
    pub resets: u32,
}

impl Packet {
    /// Whether the message inside is needed only for elections, and has not been sent before. Out of line, as the
    /// other questions of what is inside.
    #[cold]
    pub(super) fn is_of_election(&self) -> bool {
        self.message.is_of_election()
    }
}

impl Encode for Packet {
    fn encode(&self, to: &mut Encoder) {
        self.epoch.encode(to);
        to.u32(self.number);
        to.u8(self.again.into());
        self.message.encode(to);
    }
}

impl Encode for Epoch {
    fn encode(&self, to: &mut Encoder) {
        to.u32(self.restarts);
        to.u32(self.resets);
    }
}

wrapped!(Packet);
