//! Serving: what a computer agrees to, and for how long it holds a slot for it.
//!
//! A slot is held from the agreement until a release, or until the service has been rendered; where the
//! requester may be gone or its word lost, no longer than a request can be open. It does *not* know how
//! the requester has found the computer.

use super::given::Given;
use super::message::{Context, Reminder, Said, Wanted};
use crate::discovery::{Observation, RequestId};
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
    /// Agrees to serve `request` with at most the given number of instances, and holds a slot for each, if this
    /// computer with its present offers is able, has room and is willing. Returns how many. `None`: it holds
    /// some already, and has said so.
    #[inline]
    pub(super) fn agree<S: Said>(
        &mut self,
        Wanted {
            request,
            demand,
            instances,
        }: Wanted,
        changes: u32,
        given: &Given,
        context: &mut Context<'_, S>,
    ) -> Option<u32> {
        let me = context.me().index();
        if !given.is_able(me, changes, demand) || !given.agrees(me, request) {
            return Some(0);
        }
        if self.slots_of(request).next().is_some() {
            return None;
        }
        let held = self.held.len() as u32;
        let slots = given.world.slots_of(me);
        let room = slots.map_or(u32::MAX, |slots| slots.saturating_sub(held));
        let agreed = instances.min(given.instances_each).min(room);
        for _ in 0..agreed {
            let slot = self.held.insert(Held {
                request,
                started: false,
            });
            if let Some(hold) = given.hold {
                context.arm(Reminder::Served { slot }, hold);
            }
        }
        Some(agreed)
    }

    /// The requester says that it is to start one instance.
    pub(super) fn start<S: Said>(
        &mut self,
        request: RequestId,
        given: &Given,
        context: &mut Context<'_, S>,
    ) {
        let Some(slot) = self.waiting(request) else {
            return;
        };
        if let Some(held) = self.held.at_mut(slot) {
            held.started = true;
            let lasts = given.world.service_time_of(context.me().index());
            context.arm(Reminder::Served { slot }, lasts);
            context.emit(Observation::Started { request });
        }
    }

    /// One instance is not needed for `request`. A service that has begun goes on: a requester releases nobody
    /// whom it has told to start, so this is about a second copy of the agreement.
    pub(super) fn release<S: Said>(&mut self, request: RequestId, context: &mut Context<'_, S>) {
        if let Some(slot) = self.waiting(request) {
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

    /// What is held for `request`, with the slots.
    fn slots_of(&self, request: RequestId) -> impl Iterator<Item = (u32, &Held)> {
        let held = self.held.iter();
        held.filter(move |(_, held)| held.request == request)
    }

    /// A slot that is held for `request` and in which nothing has started.
    fn waiting(&self, request: RequestId) -> Option<u32> {
        let mut slots = self.slots_of(request);
        slots.find(|(_, held)| !held.started).map(|(slot, _)| slot)
    }
}
