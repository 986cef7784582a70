//! What goes by another way than straight to its receiver: through the friend of a tunnel, or back along the way by which
//! a provider was found.
//!
//! It does *not* know when that is so.

use serde::{Deserialize, Serialize};

use crate::arigatoni::message::{ArigatoniProtocol, Message};
use crate::arigatoni::parcel::wrapped;
use crate::discovery::{Confirms, RequestId};
use crate::fingerprint::{Encode, Encoder};
use crate::time::Span;
use crate::unit::{Protocol, UnitId};

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
    /// On whose behalf it is sent. Out of line, so that the same question of a message is not recursive.
    #[cold]
    pub(super) fn request(&self) -> Option<RequestId> {
        self.message.request()
    }

    /// Whether it is a heartbeat, or its acknowledgement.
    #[cold]
    pub(super) fn is_heartbeat(&self) -> bool {
        self.message.is_heartbeat()
    }

    /// What the message inside confirms. Out of line, as above.
    #[cold]
    pub(super) fn confirms(&self) -> Confirms {
        self.message.confirms()
    }

    /// The time that is left of the message inside, if it has a deadline.
    #[cold]
    pub(super) fn time_left(&mut self) -> Option<&mut Span> {
        ArigatoniProtocol::time_left(&mut self.message)
    }
}

impl Encode for Relayed {
    fn encode(&self, to: &mut Encoder) {
        to.u32(self.peer.as_bits());
        self.message.encode(to);
    }
}

wrapped!(Relayed);
