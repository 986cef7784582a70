//! What the computers of a ring say to each other in order to keep it whole.
//!
//! Codes follow those of [`Ringed`](super::message::Ringed). This module does *not* know when anything is said.

use serde::Serialize;

use super::listing::{Entries, Listing, OfferVersion};
use crate::discovery::Descriptor;
use crate::fingerprint::{Encode, Encoder};
use crate::rivals::message::OWN;
use crate::time::Time;

/// What is looked up for the sake of the ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Who comes next after a computer that wants to join.
    Join,
    /// The finger of this power of two.
    Finger(u32),
}

/// A look-up of a point on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Seek {
    /// The point.
    pub point: u64,
    /// The number of the computer that wants it.
    pub seeker: u32,
    /// What for.
    pub purpose: Purpose,
    /// When the seeker has sent it, by its own clock: so it is told from its next one.
    pub at: Time,
}

/// What computers say about the ring. They name each other by their numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Telling {
    /// Pass this on towards the point.
    Seek(Seek),
    /// From the receiver: it has come.
    Seeking(Seek),
    /// To the seeker, from the point's predecessor: these come next, the nearest first.
    Sought {
        /// The look-up.
        seek: Seek,
        /// The computers.
        next: Box<[u32]>,
    },
    /// To the successor: who precedes and who follows you?
    Stabilise,
    /// From the successor.
    Neighbours {
        /// Who precedes it.
        predecessor: Option<u32>,
        /// Who follows, the nearest first.
        successors: Box<[u32]>,
    },
    /// To the successor: I precede you.
    Notify {
        /// Whether the sender has no lists yet.
        fresh: bool,
    },
    /// To the predecessor: are you there?
    Ping,
    /// From the predecessor: yes.
    Pong,
    /// Hold these lists, each with what is known of a service's providers.
    Hold(Box<[(Descriptor, Entries)]>),
    /// Pass this on towards the list's key.
    Post(Listing),
    /// From the receiver, if computers may be silent: it has come.
    Posting(Listing),
    /// To a holder: take this into the list.
    Note(Listing),
    /// To the neighbours on the ring: I leave; these are mine.
    Farewell {
        /// Who precedes the sender.
        predecessor: Option<u32>,
        /// Who follows, the nearest first.
        successors: Box<[u32]>,
    },
}

impl Telling {
    /// Whether it is sent once even where packets get lost: what is asked again after a period anyway.
    pub(super) fn is_sent_once(&self) -> bool {
        !matches!(
            self,
            Self::Hold(_)
                | Self::Post(_)
                | Self::Note(_)
                | Self::Farewell { .. }
                | Self::Notify { fresh: true }
        )
    }

    /// Whether it asks for something that a computer outside the ring cannot give.
    pub(super) fn asks(&self) -> bool {
        matches!(
            self,
            Self::Seek(_) | Self::Stabilise | Self::Ping | Self::Post(_)
        )
    }
}

/// Without when it was sent, which the fingerprint tells anyway.
impl Encode for Seek {
    fn encode(&self, to: &mut Encoder) {
        to.u64(self.point);
        to.u32(self.seeker);
        to.u32(match self.purpose {
            Purpose::Join => u64::BITS,
            Purpose::Finger(power) => power,
        });
    }
}

impl Encode for Telling {
    fn encode(&self, to: &mut Encoder) {
        let code = match self {
            Self::Seek(_) => 8,
            Self::Seeking(_) => 9,
            Self::Sought { .. } => 10,
            Self::Stabilise => 11,
            Self::Neighbours { .. } => 12,
            Self::Notify { .. } => 13,
            Self::Ping => 14,
            Self::Pong => 15,
            Self::Hold(_) => 16,
            Self::Farewell { .. } => 17,
            Self::Post(_) => 18,
            Self::Posting(_) => 19,
            Self::Note(_) => 20,
        };
        to.u8(OWN + code);
        match self {
            Self::Seek(seek) | Self::Seeking(seek) => seek.encode(to),
            Self::Sought { seek, next } => {
                seek.encode(to);
                to.list(next.iter().copied());
            }
            Self::Neighbours {
                predecessor,
                successors,
            }
            | Self::Farewell {
                predecessor,
                successors,
            } => {
                to.list(predecessor.iter().copied());
                to.list(successors.iter().copied());
            }
            Self::Notify { fresh } => to.u8(u8::from(*fresh)),
            Self::Hold(lists) => {
                for (service, list) in lists {
                    to.u32(service.0);
                    to.list(list.iter().map(|(computer, _)| *computer));
                    to.list(list.iter().map(|(_, OfferVersion(state))| *state));
                }
            }
            Self::Post(listing) | Self::Posting(listing) | Self::Note(listing) => {
                to.u32(listing.service.0);
                to.u32(listing.computer);
                to.u32(listing.state.0);
            }
            Self::Stabilise | Self::Ping | Self::Pong => {}
        }
    }
}
