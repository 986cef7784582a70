//! What the computers of several rings say to each other in order to find a key.
//!
//! It does *not* know the rings.

use serde::Serialize;

use crate::discovery::RequestId;
use crate::fingerprint::{Encode, Encoder};
use crate::rivals::message::{OWN, Said};
use crate::rivals::sought::Sought;

/// What computers say.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Synaptic {
    /// Pass this on in all your rings.
    Query(Sought),
    /// From the key's predecessor on a ring to the next computer there: who serves this?
    Read {
        /// The query, as it came to the predecessor.
        query: Sought,
        /// The ring's number.
        ring: u32,
    },
    /// To the requester, from the holder: these do (ascending).
    List {
        /// The query, as it came to the predecessor.
        query: Sought,
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
