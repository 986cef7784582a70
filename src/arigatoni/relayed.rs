//! What goes by another way than straight to its receiver: through the friend of a tunnel, or back along the way by which
//! a provider was found.
//!
//! It does *not* know when that is so.

use serde::{Deserialize, Serialize};

use crate::arigatoni::message::Message;
use crate::arigatoni::parcel::wrapped;
use crate::fingerprint::{Encode, Encoder};
use crate::unit::UnitId;

/// A message that others pass on.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Relayed {
    /// The unit at the other end: on the way to a friend, and to a provider, the receiver; from a friend, the
    /// sender.
    pub peer: UnitId,
    /// What it says: anything but a packet, the acknowledgement of one, or what is relayed; a tunnel also carries what goes
    /// back along a way.
    pub message: Message,
}

impl Relayed {
    /// Whether it is a heartbeat, or its acknowledgement.
    #[cold]
    pub(super) fn is_heartbeat(&self) -> bool {
        self.message.is_heartbeat()
    }
}

impl Encode for Relayed {
    fn encode(&self, to: &mut Encoder) {
        to.u32(self.peer.as_bits());
        self.message.encode(to);
    }
}

wrapped!(Relayed);
