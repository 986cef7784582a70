//! What is on its way through a ring to whoever holds a key.
//!
//! It does *not* know the ring, nor who holds the key.

use serde::Serialize;

use crate::discovery::{Descriptor, RequestId};
use crate::fingerprint::{Encode, Encoder};

/// A search for a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Sought {
    /// The request behind it.
    pub request: RequestId,
    /// Whose key is looked for.
    pub demand: Descriptor,
    /// The number of the computer that wants it.
    pub requester: u32,
    /// How many computers it has been sent to, the receiver included.
    pub hops: u32,
}

impl Encode for Sought {
    fn encode(&self, to: &mut Encoder) {
        to.u32(self.request.0);
        to.u32(self.demand.0);
        to.u32(self.requester);
        to.u32(self.hops);
    }
}
