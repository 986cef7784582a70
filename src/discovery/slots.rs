//! The slots that a computer holds for those whom it serves.
//!
//! A slot is held from an agreement until a release, or until the service has been rendered. This module does *not*
//! know how the computer was found.

use super::{Observation, RequestId};
use crate::slab::Slab;
use crate::time::Span;
use crate::unit::{Context, Protocol};

/// The timers of a computer that serves.
pub trait ServiceTimer {
    /// The service in `slot` has been rendered.
    fn served(slot: u32) -> Self;
}

/// The slots that a computer holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct HeldSlots {
    held: Slab<Held>,
}

/// A slot that is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Held {
    request: RequestId,
    /// Whether the service has begun.
    serving: bool,
}

impl HeldSlots {
    /// How many of `limit` slots are free; `None`: there is no limit.
    #[inline]
    pub fn room(&self, limit: Option<u32>) -> u32 {
        limit.map_or(u32::MAX, |limit| limit.saturating_sub(self.count() as u32))
    }

    /// How many slots are held.
    #[inline]
    pub fn count(&self) -> usize {
        self.held.len()
    }

    /// Whether it holds a slot for `request`.
    pub fn holds(&self, request: RequestId) -> bool {
        self.held.iter().any(|(_, held)| held.request == request)
    }

    /// A slot that is held for `request` and in which the service has not begun.
    pub fn waiting(&self, request: RequestId) -> Option<u32> {
        self.held_for(request, false)
    }

    /// A slot that is held for `request`: one in which the service has not begun, if there is one.
    pub fn waiting_or_serving(&self, request: RequestId) -> Option<u32> {
        let waiting = self.waiting(request);
        waiting.or_else(|| self.held_for(request, true))
    }

    fn held_for(&self, request: RequestId, serving: bool) -> Option<u32> {
        let wanted = Held { request, serving };
        let mut held = self.held.iter();
        held.find_map(|(slot, held)| (*held == wanted).then_some(slot))
    }

    /// Forgets all of them.
    pub fn clear(&mut self) {
        self.held.clear();
    }

    /// Holds a slot for one instance, for the time `at_most` if it is not told to begin.
    #[inline]
    pub fn hold<P>(
        &mut self,
        request: RequestId,
        at_most: Option<Span>,
        context: &mut Context<'_, P>,
    ) where
        P: Protocol<Timer: ServiceTimer>,
    {
        let serving = false;
        let slot = self.held.insert(Held { request, serving });
        if let Some(at_most) = at_most {
            context.arm(P::Timer::served(slot), at_most);
        }
    }

    /// The service in `slot` begins, if there is one, and takes `lasts`.
    pub fn begin<P>(&mut self, slot: Option<u32>, lasts: Span, context: &mut Context<'_, P>)
    where
        P: Protocol<Observation = Observation, Timer: ServiceTimer>,
    {
        if let Some(slot) = slot
            && let Some(Held { request, serving }) = self.held.at_mut(slot)
        {
            *serving = true;
            context.arm(P::Timer::served(slot), lasts);
            context.emit(Observation::Started { request: *request });
        }
    }

    /// What `slot` is held for is not needed, if there is one.
    pub fn release<P>(&mut self, slot: Option<u32>, context: &mut Context<'_, P>)
    where
        P: Protocol<Timer: ServiceTimer>,
    {
        if let Some(slot) = slot {
            self.held.remove(slot);
            context.disarm(P::Timer::served(slot));
        }
    }

    /// The service in `slot` has been rendered, or was never asked for.
    pub fn served<P>(&mut self, slot: u32, context: &mut Context<'_, P>)
    where
        P: Protocol<Observation = Observation>,
    {
        let held = self.held.remove(slot);
        if let Some(Held { request, serving }) = held
            && serving
        {
            context.emit(Observation::Served { request });
        }
    }
}
