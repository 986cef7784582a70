//! What the computers of several rings say to each other in order to find a key.
//!
//! It does *not* know the rings.

use serde::Serialize;

use crate::discovery::{Descriptor, RequestId};
use crate::fingerprint::{Encode, Encoder};
use crate::rivals::message::{OWN, Said};

/// A query on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Query {
    /// The request behind it.
    pub request: RequestId,
    /// Whose key is looked for.
    pub demand: Descriptor,
    /// The number of the computer that wants it.
    pub requester: u32,
    /// How many computers it has been sent to, the receiver included.
    pub hops: u32,
}

/// What computers say.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Synaptic {
    /// Pass this on in all your rings.
    Query(Query),
    /// From the key's predecessor on a ring to the next computer there: who serves this?
    Read {
        /// The query, as it came to the predecessor.
        query: Query,
        /// The ring's number.
        ring: u32,
    },
    /// To the requester, from the holder: these do (ascending).
    List {
        /// The query, as it came to the predecessor.
        query: Query,
        /// The numbers of computers.
        computers: Box<[u32]>,
    },
}

impl Said for Synaptic {
    fn request(&self) -> Option<RequestId> {
        let (Self::Query(query) | Self::Read { query, .. } | Self::List { query, .. }) = self;
        Some(query.request)
    }

    fn is_query(&self) -> bool {
        matches!(self, Self::Query(_))
    }

    fn is_sent_once(&self) -> bool {
        matches!(self, Self::Query(_) | Self::Read { .. })
    }

    fn hops(&self) -> Option<u32> {
        match self {
            Self::List { query, .. } => Some(query.hops),
            Self::Query(_) | Self::Read { .. } => None,
        }
    }
}

impl Encode for Query {
    fn encode(&self, to: &mut Encoder) {
        to.u32(self.request.0);
        to.u32(self.demand.0);
        to.u32(self.requester);
        to.u32(self.hops);
    }
}

impl Encode for Synaptic {
    fn encode(&self, to: &mut Encoder) {
        match self {
            Self::Query(query) => {
                to.u8(OWN);
                query.encode(to);
            }
            Self::Read { query, ring } => {
                to.u8(OWN + 1);
                query.encode(to);
                to.u32(*ring);
            }
            Self::List { query, computers } => {
                to.u8(OWN + 2);
                query.encode(to);
                to.list(computers.iter().copied());
            }
        }
    }
}
