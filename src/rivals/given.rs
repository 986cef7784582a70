//! What every unit of a rival is given besides its state: the world with its draws, and the rules of
//! waiting.
//!
//! It does *not* know how providers are found.

use std::sync::Arc;

use crate::discovery::config::SilenceTimeout;
use crate::discovery::parts;
use crate::discovery::{Descriptor, RequestId, World};
use crate::time::Span;

/// What all units of a run are given.
#[derive(Debug, Clone)]
pub struct Given {
    /// The population, its offers, and which computers agree.
    pub world: Arc<World>,
    /// How a silent peer is detected; `None`: nobody waits for an answer in particular.
    pub silence_timeout: Option<SilenceTimeout>,
    /// Whether packets may get lost.
    pub is_lossy: bool,
    /// How long after its issue a request ends.
    pub deadline: Span,
    /// The number of instances with which a request of one part is accepted if it finds no more.
    pub at_least: u32,
    /// The maximum number of instances that one computer gives to one request.
    pub instances_each: u32,
    /// How long a slot is held for a requester that may be gone, or whose word may be lost; `None`: until
    /// it says something.
    pub hold: Option<Span>,
}

impl Given {
    /// What the units in `world` share; `tells`: computers that leave in good order tell those that would ask
    /// them.
    pub(super) fn new(world: &Arc<World>, tells: bool) -> Self {
        let config = &world.config;
        let mut given = Self {
            silence_timeout: config.silence_timeout(),
            is_lossy: false,
            deadline: config.deadline(),
            at_least: config.requests.enough(0),
            instances_each: config.instances_each().min(config.requests.instances_all()),
            hold: None,
            world: Arc::clone(world),
        };
        if config.alternating().is_some() && !tells {
            given.detect();
        }
        if config.has_restarts() {
            given.limit_holds();
        }
        given
    }

    /// Packets may get lost: silent units are detected, and no slot is held for ever.
    pub(super) fn expect_losses(&mut self) {
        self.is_lossy = true;
        self.detect();
        self.limit_holds();
    }

    fn detect(&mut self) {
        let timeout = self.timeout();
        self.silence_timeout = Some(SilenceTimeout { timeout });
    }

    fn limit_holds(&mut self) {
        self.hold = Some(self.deadline + self.timeout());
    }

    /// After how long a silent peer counts as gone, if anybody asks.
    pub(super) fn timeout(&self) -> Span {
        self.world.config.disconnection.timeout_ms.span()
    }

    /// Whether the computer called `id` offers what can serve `demand` and all that goes with it, after
    /// `changes` changes of its offers.
    #[inline]
    pub fn is_able(&self, id: u32, changes: u32, demand: Descriptor) -> bool {
        let serves = |demand| self.world.is_able(id, changes, demand);
        serves(demand) && self.world.also.iter().copied().all(serves)
    }

    /// The number of instances with which the query `request` for `instances` is content if it finds no more.
    pub(super) fn enough(&self, request: RequestId, instances: u32) -> u32 {
        let part = parts::part_of(request, &self.world.parts);
        part.map_or(self.at_least, |part| part.enough)
            .min(instances)
    }

    /// Whether the computer called `id`, which is able and has room, is willing to serve `request`.
    #[inline]
    pub fn agrees(&self, id: u32, request: RequestId) -> bool {
        self.world.agrees(id, request)
    }
}
