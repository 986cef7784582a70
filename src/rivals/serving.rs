//! Serving: what a computer agrees to, and for how long it holds a slot for it.
//!
//! A slot is held from the agreement until a release, or until the service has been rendered; where the
//! requester may be gone or its word lost, no longer than a request can be open. It does *not* know how
//! the requester has found the computer.

use super::given::Given;
use super::message::{Context, Reminder, Said};
use crate::discovery::{Descriptor, Observation, RequestId};
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
    pub(super) fn agree<S: Said>(
        &mut self,
        (id, request, demand): (u32, RequestId, Descriptor),
        given: &Given,
        context: &mut Context<'_, S>,
    ) -> Option<bool> {
        if !given.is_able(id, demand) || !given.agrees(id, request) {
            return Some(false);
        }
        if self.slot_of(request).is_some() {
            return None;
        }
        let slots = given.world.slots_of(id);
        let room = slots.is_none_or(|slots| self.held.len() < slots as usize);
        if room {
            let slot = self.held.insert(Held {
                request,
                started: false,
            });
            if let Some(hold) = given.hold {
                context.arm(Reminder::Served { slot }, hold);
            }
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
            let lasts = given.world.service_time_of(context.me().index());
            context.arm(Reminder::Served { slot }, lasts);
        }
    }

    /// It is not needed for `request`. A service that has begun goes on: a requester releases nobody
    /// whom it has told to start, so this is about a second copy of the agreement.
    pub(super) fn release<S: Said>(&mut self, request: RequestId, context: &mut Context<'_, S>) {
        if let Some(slot) = self.slot_of(request)
            && self.held.at(slot).is_some_and(|held| !held.started)
        {
            self.held.remove(slot);
            context.disarm(Reminder::Served { slot });
        }
    }

    /// The service in `slot` has been rendered, or was never asked for.
    pub(super) fn served<S: Said>(&mut self, slot: u32, context: &mut Context<'_, S>) {
        if let Some(Held {
            request,
            started: true,
        }) = self.held.remove(slot)
        {
            context.emit(Observation::Served { request });
        }
    }

    /// How many slots are held.
    pub fn slots_held(&self) -> usize {
        self.held.len()
    }

    fn slot_of(&self, request: RequestId) -> Option<u32> {
        let mut held = self.held.iter();
        held.find(|(_, held)| held.request == request)
            .map(|(slot, _)| slot)
    }
}
