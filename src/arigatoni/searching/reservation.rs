//! Reservation: agreements that a broker gathers for one query, and releases of those not needed.
//!
//! An agreement holds a slot at its provider until it is used or released, so each one that is
//! counted nowhere is released. It does *not* know who was asked.

use crate::arigatoni::Context;
use crate::arigatoni::message::Message;
use crate::discovery::{Providers, RequestId};
use crate::unit::UnitId;

/// The agreements for one query: never more than are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Reservation {
    wanted: u32,
    /// In order of arrival.
    found: Providers,
}

impl Reservation {
    /// An empty reservation for a query that wants `wanted` instances.
    pub(super) fn new(wanted: u32) -> Self {
        Self {
            wanted,
            found: Providers::new(),
        }
    }

    /// How many are wanted.
    pub(super) fn wanted(&self) -> u32 {
        self.wanted
    }

    /// How many agreements are missing.
    #[inline]
    pub(super) fn missing(&self) -> u32 {
        self.wanted.saturating_sub(self.found.len() as u32)
    }

    /// Whether these are the first of its agreements.
    pub(super) fn is_begun_by(&self, providers: &[UnitId]) -> bool {
        self.found.is_empty() && self.wanted > 0 && !providers.is_empty()
    }

    /// Takes as many agreements as are missing, the earliest first; gives back the surplus.
    #[inline]
    pub(super) fn take<'p>(&mut self, providers: &'p [UnitId]) -> &'p [UnitId] {
        let taken = providers.len().min(self.missing() as usize);
        self.found.extend_from_slice(&providers[..taken]);
        &providers[taken..]
    }

    /// Hands over what has been found.
    pub(super) fn hand_over(&mut self) -> Providers {
        std::mem::take(&mut self.found)
    }
}

/// Tells providers that they are not needed for `request`.
#[inline]
pub(in crate::arigatoni) fn release(
    request: RequestId,
    providers: &[UnitId],
    context: &mut Context<'_>,
) {
    for &provider in providers {
        context.send(provider, Message::Release { request });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::gcu;

    #[test]
    fn the_earliest_agreements_are_kept_and_the_rest_is_surplus() {
        let mut reservation = Reservation::new(3);
        assert_eq!(reservation.take(&[gcu(7)]), []);
        assert_eq!(reservation.missing(), 2);
        let more = [gcu(5), gcu(9), gcu(1), gcu(2)];
        assert_eq!(reservation.take(&more), [gcu(1), gcu(2)]);
        assert_eq!(reservation.missing(), 0);
        assert_eq!(reservation.take(&[gcu(4)]), [gcu(4)]);
        assert_eq!(reservation.hand_over()[..], [gcu(7), gcu(5), gcu(9)]);
    }

    #[test]
    fn for_nobody_nothing_is_missing() {
        let mut reservation = Reservation::new(0);
        assert_eq!(reservation.missing(), 0);
        assert_eq!(reservation.take(&[gcu(4)]), [gcu(4)]);
    }
}
