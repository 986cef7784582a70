//! Which messages are upkeep: those that are for no request.
//!
//! A message that confirms a query, or that a packet with a message for a request has come, is for that request as well, though
//! it is not credited to it. This module does *not* know when the last request has ended.

use super::Record;
use crate::discovery::{Confirms, Mechanism};
use crate::time::Span;
use crate::unit::Protocol;

impl<M: Mechanism> Record<M> {
    /// `message` comes, and is handled.
    #[inline]
    pub(super) fn hear(&mut self, message: &<M::Protocol as Protocol>::Message) {
        if self.upkeep.is_some() {
            self.hears_for_request =
                M::request_of(message).is_some() || M::confirms(message) == Confirms::Query;
        }
    }

    /// `message` is sent, which is credited to no request.
    #[inline]
    pub(super) fn count_upkeep(&mut self, at: Span, message: &<M::Protocol as Protocol>::Message) {
        let Some(upkeep) = &mut self.upkeep else {
            return;
        };
        let is_for_request = match M::confirms(message) {
            Confirms::Nothing => false,
            Confirms::Query => true,
            Confirms::Message => self.hears_for_request,
        };
        if !is_for_request {
            upkeep.add(at);
        }
    }

    /// A request ends now: what has been counted so far is not after the end of the last one.
    #[inline]
    pub(super) fn settle_upkeep(&mut self) {
        if let Some(upkeep) = &mut self.upkeep {
            upkeep.settle();
        }
        if let Some(healing) = &mut self.healing {
            healing.settle();
        }
    }
}
