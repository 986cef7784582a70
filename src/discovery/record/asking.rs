//! What is counted of messages as units handle them, and of queries above all.
//!
//! It does *not* know what becomes of them.

use super::Record;
use crate::discovery::{GBU, Mechanism, RequestId};
use crate::time::Time;
use crate::unit::{Protocol, UnitId};

impl<M: Mechanism> Record<M> {
    /// `unit` handles a message.
    #[inline]
    pub(super) fn received(
        &mut self,
        now: Time,
        unit: UnitId,
        message: &<M::Protocol as Protocol>::Message,
    ) {
        let Some(request) = M::request_of(message) else {
            return;
        };
        if unit.kind() == GBU {
            self.brokers[unit.index() as usize].received += 1;
        }
        if M::is_query(message) {
            self.asked(now, unit, request);
        }
    }

    /// A query has reached `unit`, which handles it. A broker counts each request once.
    #[inline]
    pub(super) fn asked(&mut self, now: Time, unit: UnitId, query: RequestId) {
        if unit.kind() == GBU {
            let (place, number) = (unit.index() as usize, self.number(query));
            let handled = self.handled.get_mut(place);
            let is_new = handled.is_none_or(|all| all.insert(RequestId(number as u32)));
            self.brokers[place].requests += u64::from(is_new);
        } else {
            self.enquiry(now, unit, false);
        }
    }

    /// `unit` is asked whether it serves; `gone`: nobody was there to hear it.
    #[inline]
    pub(super) fn enquiry(&mut self, now: Time, unit: UnitId, gone: bool) {
        let at = self.since_begin(now);
        if let Some(presence) = &mut self.presence {
            presence.enquiry(at, unit, gone);
        }
    }
}
