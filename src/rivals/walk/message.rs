//! What computers say to each other where walkers go over a graph.
//!
//! It does *not* know where a walker goes, nor what becomes of offers.

use serde::Serialize;

use crate::discovery::{Descriptor, RequestId};
use crate::fingerprint::{Encode, Encoder};
use crate::rivals::message::{OWN, Said};
use crate::rivals::neighbours;

/// A walker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Walker {
    /// The request behind it.
    pub(super) request: RequestId,
    /// What is asked for.
    pub(super) demand: Descriptor,
    /// The number of the computer that wants it.
    pub(super) requester: u32,
    /// Its number among the walkers of the request.
    pub(super) number: u32,
    /// The steps that it has made.
    pub(super) hops: u32,
    /// How many instances computers on its way have offered.
    pub(super) offers: u32,
}

/// What computers say.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Walked {
    /// To a neighbour: a walker comes.
    Step(Walker),
    /// From the neighbour, if computers may have crashed: it has come.
    Taken(Walker),
    /// To the requester: shall it go on?
    Check(Walker),
    /// From the requester: it shall.
    GoOn(Walker),
    /// To the requester: it has made all its steps.
    Over(Walker),
    /// To a neighbour: I leave, or am there again.
    Neighbour(neighbours::Notice),
}

impl Said for Walked {
    fn request(&self) -> Option<RequestId> {
        match self {
            Self::Step(walker)
            | Self::Taken(walker)
            | Self::Check(walker)
            | Self::GoOn(walker)
            | Self::Over(walker) => Some(walker.request),
            Self::Neighbour(_) => None,
        }
    }

    fn is_sent_once(&self) -> bool {
        matches!(self, Self::Step(_) | Self::Taken(_))
    }

    fn is_query(&self) -> bool {
        matches!(self, Self::Step(_))
    }
}

impl Encode for Walker {
    fn encode(&self, to: &mut Encoder) {
        to.u32(self.request.0);
        to.u32(self.demand.0);
        to.u32(self.requester);
        to.u32(self.number);
        to.u32(self.hops);
        to.u32(self.offers);
    }
}

impl Encode for Walked {
    fn encode(&self, to: &mut Encoder) {
        let (code, walker) = match self {
            Self::Step(walker) => (0, walker),
            Self::Taken(walker) => (1, walker),
            Self::Check(walker) => (2, walker),
            Self::GoOn(walker) => (3, walker),
            Self::Over(walker) => (4, walker),
            Self::Neighbour(notice) => {
                to.u8(OWN + 5);
                notice.encode(to);
                return;
            }
        };
        to.u8(OWN + code);
        walker.encode(to);
    }
}
