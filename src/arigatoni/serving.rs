//! Serving: what a computer agrees to, and for how long it holds a slot for it.
//!
//! A slot is held from the agreement until a release, or until the service has been rendered. It
//! does *not* know on whose behalf it is asked.

use crate::arigatoni::Context;
use crate::arigatoni::message::{Reminder, RequestId};
use crate::arigatoni::rules::Rules;
use crate::arigatoni::slab::Slab;

/// What a computer has agreed to serve.
#[derive(Debug, Clone, Default)]
pub(super) struct Serving {
    held: Slab<RequestId>,
}

impl Serving {
    /// Whether there is a free slot.
    #[inline]
    pub(super) fn has_room(&self, rules: &Rules) -> bool {
        let held = self.held.len();
        rules.slots.is_none_or(|slots| held < slots as usize)
    }

    /// Holds a slot for `request`.
    #[inline]
    pub(super) fn agree(&mut self, request: RequestId) {
        self.held.insert(request);
    }

    /// The requester has told it to start.
    pub(super) fn begin(&self, request: RequestId, rules: &Rules, context: &mut Context<'_>) {
        if let Some(slot) = self.slot_of(request) {
            context.arm(Reminder::Served { slot }, rules.service_time);
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
