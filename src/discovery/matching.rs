//! Matching: which offer can serve which request.
//!
//! What is offered and asked for is named by a [`Descriptor`]. Only a [`Matcher`] says what "able"
//! means; whether descriptors are numbers of services ([`SameService`]) or constraints ([`Catalogue`]) is its
//! own affair. It does *not* know who offers, nor who asks.

use std::iter;
use std::slice;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Catalogue;

/// What can be offered and asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Descriptor(pub u32);

/// Says which offers can serve a request.
pub trait Matcher {
    /// How many descriptors can be offered. They are numbered from 0; others are offered by nobody.
    fn count(&self) -> u32;

    /// Those of which an offer can serve a request for `demand`, ascending.
    fn serving(&self, demand: Descriptor) -> impl Iterator<Item = Descriptor>;

    /// The constraints, if descriptors are constraints.
    fn constraints(&self) -> Option<&Arc<Catalogue>> {
        None
    }

    /// Whether an offer of `offer` can serve a request for `demand`.
    #[inline]
    fn serves(&self, offer: Descriptor, demand: Descriptor) -> bool {
        self.serving(demand).any(|fit| fit == offer)
    }
}

/// The matcher of a world.
#[derive(Debug, Clone)]
pub enum Matching {
    /// Descriptors are numbers of services.
    Services(SameService),
    /// Descriptors are constraints.
    Constraints(Arc<Catalogue>),
}

impl Matching {
    /// How many descriptors there are: those that are offered, and others that are only asked for.
    pub fn len(&self) -> u32 {
        match self {
            Self::Services(same) => same.services,
            Self::Constraints(all) => all.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The constraints, if descriptors are constraints.
    #[inline]
    pub fn constraints(&self) -> Option<&Arc<Catalogue>> {
        match self {
            Self::Services(_) => None,
            Self::Constraints(all) => Some(all),
        }
    }
}

impl Matcher for Matching {
    fn count(&self) -> u32 {
        match self {
            Self::Services(same) => same.count(),
            Self::Constraints(all) => all.count(),
        }
    }

    #[inline]
    fn constraints(&self) -> Option<&Arc<Catalogue>> {
        Self::constraints(self)
    }

    #[inline]
    fn serving(&self, demand: Descriptor) -> impl Iterator<Item = Descriptor> {
        match self {
            Self::Services(_) => DescriptorIter {
                one: Some(demand),
                others: [].iter(),
            },
            Self::Constraints(all) => DescriptorIter {
                one: None,
                others: all.fits(demand).iter(),
            },
        }
    }

    #[inline]
    fn serves(&self, offer: Descriptor, demand: Descriptor) -> bool {
        match self {
            Self::Services(_) => offer == demand,
            Self::Constraints(all) => all.serves(offer, demand),
        }
    }
}

/// One descriptor, or those of a list: whichever it is, no more is looked at.
struct DescriptorIter<'m> {
    one: Option<Descriptor>,
    others: slice::Iter<'m, Descriptor>,
}

impl Iterator for DescriptorIter<'_> {
    type Item = Descriptor;

    #[inline]
    fn next(&mut self) -> Option<Descriptor> {
        self.one.take().or_else(|| self.others.next().copied())
    }
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
