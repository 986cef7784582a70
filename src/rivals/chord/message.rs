//! What the computers of a ring say to each other in order to find a key.
//!
//! It does *not* know the ring.

use serde::Serialize;

use crate::discovery::{Descriptor, RequestId};
use crate::fingerprint::{Encode, Encoder};
use crate::rivals::message::{OWN, Said};
use crate::rivals::sought::Sought;

use super::telling::Telling;

/// What computers say.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ringed {
    /// Recursive: pass this on towards the key.
    Forward(Sought),
    /// From the receiver, if computers may have crashed: it has come.
    Forwarded(Sought),
    /// Iterative: who is nearer to the key?
    Step(Sought),
    /// From the receiver: these, the nearest first.
    Nearer {
        /// The look-up.
        lookup: Sought,
        /// The numbers of computers.
        computers: Box<[u32]>,
        /// Who holds the key, as far as the receiver knows, if all of those are silent.
        beyond: Box<[u32]>,
    },
    /// To the requester, from the key's predecessor: these hold it.
    Found {
        /// The look-up.
        lookup: Sought,
        /// The numbers of computers, the first one first.
        holders: Box<[u32]>,
    },
    /// To the requester: everybody who could be asked next is silent.
    Failed(Sought),
    /// To a holder: who serves this?
    Read {
        /// The request behind it.
        request: RequestId,
        /// What is asked for.
        demand: Descriptor,
    },
    /// From the holder: these do (ascending).
    List {
        /// The request behind it.
        request: RequestId,
        /// The numbers of computers.
        computers: Box<[u32]>,
    },
    /// About the ring itself.
    #[serde(untagged)]
    Ring(Telling),
}

impl Said for Ringed {
    fn request(&self) -> Option<RequestId> {
        Some(match self {
            Self::Ring(_) => return None,
            Self::Forward(lookup)
            | Self::Forwarded(lookup)
            | Self::Step(lookup)
            | Self::Nearer { lookup, .. }
            | Self::Found { lookup, .. }
            | Self::Failed(lookup) => lookup.request,
            Self::Read { request, .. } | Self::List { request, .. } => *request,
        })
    }

    fn is_query(&self) -> bool {
        matches!(self, Self::Forward(_) | Self::Step(_))
    }

    fn is_sent_once(&self) -> bool {
        match self {
            Self::Forward(_) | Self::Forwarded(_) | Self::Step(_) | Self::Read { .. } => true,
            Self::Ring(telling) => telling.is_sent_once(),
            Self::Nearer { .. } | Self::Found { .. } | Self::Failed(_) | Self::List { .. } => false,
        }
    }

    fn is_update(&self) -> bool {
        matches!(self, Self::Ring(Telling::Note(_)))
    }

    fn hops(&self) -> Option<u32> {
        match self {
            Self::Found { lookup, .. } => Some(lookup.hops),
            _ => None,
        }
    }
}

impl Encode for Ringed {
    fn encode(&self, to: &mut Encoder) {
        let mut lookup = |code: u8, lookup: &Sought| {
            to.u8(OWN + code);
            lookup.encode(to);
        };
        match self {
            Self::Forward(it) => lookup(0, it),
            Self::Forwarded(it) => lookup(1, it),
            Self::Step(it) => lookup(2, it),
            Self::Nearer { lookup: it, .. } => lookup(3, it),
            Self::Found { lookup: it, .. } => lookup(4, it),
            Self::Failed(it) => lookup(5, it),
            Self::Read { request, demand } => {
                to.u8(OWN + 6);
                to.u32(request.0);
                to.u32(demand.0);
            }
            Self::List { request, .. } => {
                to.u8(OWN + 7);
                to.u32(request.0);
            }
            Self::Ring(telling) => telling.encode(to),
        }
        match self {
            Self::Nearer {
                computers, beyond, ..
            } => {
                to.list(computers.iter().copied());
                to.list(beyond.iter().copied());
            }
            Self::List { computers, .. } => to.list(computers.iter().copied()),
            Self::Found { holders, .. } => to.list(holders.iter().copied()),
            _ => {}
        }
    }
}
