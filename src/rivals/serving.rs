//! Serving: what a computer agrees to, and for how long it holds a slot for it.
//!
//! A slot is held from the agreement until a release, or until the service has been rendered. It does
//! *not* know how the requester has found the computer.

use super::given::Given;
use super::message::{Context, Reminder, Said};
use crate::discovery::{Descriptor, RequestId};
use crate::slab::Slab;

/// What a computer has agreed to serve.
#[derive(Debug, Default)]
pub struct Serving {
    held: Slab<Held>,
}

/// An agreement.
#[derive(Debug)]
struct Held {
    request: RequestId,
    /// Whether the requester has told it to start.
    started: bool,
}

impl Serving {
    /// Agrees to serve `demand` and holds a slot for it, if the computer called `id` is able, has room
    /// and is willing; whether it does. `None`: it holds one already, and has said so.
    #[inline]
    pub(super) fn agree(
        &mut self,
        (id, request, demand): (u32, RequestId, Descriptor),
        given: &Given,
    ) -> Option<bool> {
        if !given.is_able(id, demand) || !given.agrees(id, request) {
            return Some(false);
        }
        if self.slot_of(request).is_some() {
            return None;
        }
        let slots = given.slots;
        let room = slots.is_none_or(|slots| self.held.len() < slots as usize);
        if room {
            self.held.insert(Held {
                request,
                started: false,
            });
        }
        Some(room)
    }

    /// The requester says that it is to start.
    pub(super) fn start<S: Said>(
        &mut self,
        request: RequestId,
        given: &Given,
        context: &mut Context<'_, S>,
    ) {
        let Some(slot) = self.slot_of(request) else {
            return;
        };
        if let Some(held) = self.held.at_mut(slot).filter(|held| !held.started) {
            held.started = true;
            context.arm(Reminder::Served { slot }, given.service_time);
        }
    }

    /// It is not needed for `request`. A service that has begun goes on: a requester releases nobody
    /// whom it has told to start, so this is about a second copy of the agreement.
    pub(super) fn release(&mut self, request: RequestId) {
        if let Some(slot) = self.slot_of(request)
            && self.held.at(slot).is_some_and(|held| !held.started)
        {
            self.held.remove(slot);
        }
    }

    /// The service in `slot` has been rendered.
    pub(super) fn served(&mut self, slot: u32) {
        self.held.remove(slot);
    }

    /// Whether no slot is held.
    pub fn is_idle(&self) -> bool {
        self.held.len() == 0
    }

    fn slot_of(&self, request: RequestId) -> Option<u32> {
        let mut held = self.held.iter();
        held.find(|(_, held)| held.request == request)
            .map(|(slot, _)| slot)
    }
}
