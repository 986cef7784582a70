//! Packets: messages with what a receiver needs to tell them from others, where packets get lost.
//!
//! They do *not* say when they are sent again, nor who has had them.

use serde::{Deserialize, Serialize};

use crate::arigatoni::message::{ArigatoniProtocol, Message};
use crate::arigatoni::parcel::wrapped;
use crate::discovery::{Confirms, RequestId};
use crate::fingerprint::{Encode, Encoder};
use crate::time::Span;
use crate::unit::Protocol;

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
    /// On whose behalf it is sent. Out of line, so that the same question of a message is not recursive.
    #[cold]
    pub(super) fn request(&self) -> Option<RequestId> {
        self.message.request()
    }

    /// Whether the message inside is needed only for elections, and has not been sent before. Out of line, as
    /// above.
    #[cold]
    pub(super) fn is_of_election(&self) -> bool {
        self.message.is_of_election()
    }

    /// What the message inside confirms. Out of line, as above.
    #[cold]
    pub(super) fn confirms(&self) -> Confirms {
        self.message.confirms()
    }

    /// The time that is left of the message inside, if it has a deadline. Out of line, as above.
    #[cold]
    pub(super) fn time_left(&mut self) -> Option<&mut Span> {
        ArigatoniProtocol::time_left(&mut self.message)
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
