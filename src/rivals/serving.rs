//! Serving: what a computer agrees to.
//!
//! It does *not* know how the requester has found the computer.

use super::given::Given;
use super::message::{Context, Said, Wanted};
use crate::discovery::HeldSlots;

impl HeldSlots {
    /// Agrees to serve a request with at most the given number of instances, and holds a slot for each, if this
    /// computer with its present offers is able, has room and is willing; where the requester may be gone or its word
    /// lost, no longer than a request can be open. Returns how many. `None`: it holds some already, and has said so.
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
        if self.holds(request) {
            return None;
        }
        let room = self.room(given.world.slots_of(me));
        let agreed = instances.min(given.instances_each).min(room);
        for _ in 0..agreed {
            self.hold(request, given.hold, context);
        }
        Some(agreed)
    }
}
