//! Serving: what a computer agrees to, and for how long it holds a slot for it.
//!
//! A slot is held from the agreement until a release, or until the service has been rendered. It
//! does *not* know on whose behalf it is asked.

use crate::arigatoni::Context;
use crate::arigatoni::message::Reminder;
use crate::arigatoni::slab::Slab;
use crate::discovery::RequestId;
use crate::time::Span;

/// What a computer has agreed to serve.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Serving {
    held: Slab<RequestId>,
}

impl Serving {
    /// Whether one of so many slots is free; `None`: there is always one.
    #[inline]
    pub(super) fn has_room(&self, slots: Option<u32>) -> bool {
        let held = self.held.len();
        slots.is_none_or(|slots| held < slots as usize)
    }

    /// Holds a slot for `request`.
    #[inline]
    pub(super) fn agree(&mut self, request: RequestId) {
        self.held.insert(request);
    }

    /// The requester has told it to start, and it serves for so long.
    pub(super) fn begin(&self, request: RequestId, lasts: Span, context: &mut Context<'_>) {
        if let Some(slot) = self.slot_of(request) {
            context.arm(Reminder::Served { slot }, lasts);
        }
    }

    /// It is not needed for `request`.
    pub(super) fn release(&mut self, request: RequestId, context: &mut Context<'_>) {
        if let Some(slot) = self.slot_of(request) {
            self.held.remove(slot);
            context.disarm(Reminder::Served { slot });
        }
    }

    /// The service in `slot` has been rendered.
    pub(super) fn served(&mut self, slot: u32) {
        self.held.remove(slot);
    }

    /// Whether it serves nobody.
    pub(super) fn is_idle(&self) -> bool {
        self.held.len() == 0
    }

    fn slot_of(&self, request: RequestId) -> Option<u32> {
        let mut held = self.held.iter();
        held.find(|(_, held)| **held == request)
            .map(|(slot, _)| slot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arigatoni::tests::{REQUEST, effects_of};
    use crate::unit::Effect;

    #[test]
    fn a_slot_is_held_until_a_release_or_the_end_of_the_service() {
        let (slots, lasts) = (Some(2), Span::from_s(3));
        let other = RequestId(REQUEST.0 + 1);
        let mut serving = Serving::default();
        assert!(serving.is_idle());
        serving.agree(REQUEST);
        assert!(serving.has_room(slots));
        serving.agree(other);
        assert!(!serving.has_room(slots) && serving.has_room(None));
        effects_of(|context| serving.release(REQUEST, context));
        assert!(serving.has_room(slots));
        let said = effects_of(|context| serving.begin(other, lasts, context));
        let [Effect::Arm { timer, after }] = said[..] else {
            panic!("{said:?}")
        };
        assert_eq!(after, lasts);
        let Reminder::Served { slot } = timer else {
            panic!("{timer:?}")
        };
        serving.served(slot);
        assert!(serving.is_idle());
    }

    #[test]
    fn what_it_has_not_agreed_to_it_neither_begins_nor_ends() {
        let mut serving = Serving::default();
        let said = effects_of(|context| {
            serving.begin(REQUEST, Span::from_s(1), context);
            serving.release(REQUEST, context);
        });
        assert!(said.is_empty());
    }
}
