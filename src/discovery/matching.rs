//! Matching: which offer can serve which request.
//!
//! What is offered and asked for is named by a [`Descriptor`]. Only a [`Matcher`] says what "able"
//! means; whether descriptors are numbers of services or constraints is its own affair. It does
//! *not* know who offers, nor who asks.

use std::iter;

use serde::{Deserialize, Serialize};

/// What can be offered and asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Descriptor(pub u32);

/// Says which offers can serve a request.
pub trait Matcher {
    /// How many descriptors there are. They are numbered from 0; others match nothing.
    fn count(&self) -> u32;

    /// Those of which an offer can serve a request for `demand`, ascending.
    fn serving(&self, demand: Descriptor) -> impl Iterator<Item = Descriptor>;
}

/// Descriptors are numbers of services: an offer serves a request for the same service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SameService {
    /// How many services there are.
    pub services: u32,
}

impl Matcher for SameService {
    fn count(&self) -> u32 {
        self.services
    }

    #[inline]
    fn serving(&self, demand: Descriptor) -> impl Iterator<Item = Descriptor> {
        iter::once(demand)
    }
}
