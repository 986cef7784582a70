//! Packets: messages with what a receiver needs to tell them from others, where packets get lost.
//!
//! They do *not* say when they are sent again, nor who has had them.

use std::cell::RefCell;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, DerefMut};
use std::thread::LocalKey;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::arigatoni::message::{ArigatoniProtocol, Message};
use crate::arigatoni::pooled::{Pooled, Reuse};
use crate::discovery::RequestId;
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

    /// The same for whether it is needed only for elections, and has not been sent before.
    #[cold]
    pub(super) fn is_of_election(&self) -> bool {
        self.message.is_of_election()
    }

    /// The same for the time that is left.
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

/// A packet in a box, so that messages are small. Its memory is used again: where packets get lost, every message
/// lies in one.
#[derive(Debug, Clone)]
pub struct Parcel(Pooled<Contents>);

#[derive(Debug, Clone, Default)]
struct Contents(Option<Packet>);

const FULL: &str = "a parcel is empty only while it is dropped";

impl Parcel {
    /// Takes the packet out.
    pub(super) fn open(mut self) -> Packet {
        self.0.0.take().expect(FULL)
    }
}

impl From<Packet> for Parcel {
    fn from(packet: Packet) -> Self {
        let mut contents = Pooled::<Contents>::default();
        contents.0 = Some(packet);
        Self(contents)
    }
}

impl Reuse for Contents {
    fn spare() -> &'static LocalKey<RefCell<Vec<Box<Self>>>> {
        thread_local! {
            #[allow(clippy::vec_box, reason = "the boxes themselves are used again")]
            static SPARE: RefCell<Vec<Box<Contents>>> = const { RefCell::new(Vec::new()) };
        }
        &SPARE
    }

    fn clear(&mut self) -> bool {
        self.0 = None;
        true
    }
}

impl Deref for Parcel {
    type Target = Packet;

    fn deref(&self) -> &Packet {
        self.0.0.as_ref().expect(FULL)
    }
}

impl DerefMut for Parcel {
    fn deref_mut(&mut self) -> &mut Packet {
        self.0.0.as_mut().expect(FULL)
    }
}

impl PartialEq for Parcel {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Parcel {}

impl Hash for Parcel {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl Serialize for Parcel {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(to)
    }
}

impl<'de> Deserialize<'de> for Parcel {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Packet::deserialize(from).map(Self::from)
    }
}
