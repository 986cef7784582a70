//! What every unit of a rival is given besides its state: the world with its draws, and the rules of
//! waiting.
//!
//! It does *not* know how providers are found.

use std::sync::Arc;

use crate::discovery::config::Detection;
use crate::discovery::{Descriptor, RequestId, World};
use crate::time::Span;

/// What all units of a run are given.
#[derive(Debug, Clone)]
pub struct Given {
    /// Who there is, what they offer, and who agrees.
    pub world: Arc<World>,
    /// How a silent peer is detected; `None`: nobody waits for an answer in particular.
    pub detection: Option<Detection>,
    /// Whether packets may get lost.
    pub is_lossy: bool,
    /// How long after its issue a request ends.
    pub deadline: Span,
    /// With how many instances a request is accepted that finds no more.
    pub at_least: u32,
    /// How many instances one computer gives to one request at most.
    pub instances_each: u32,
    /// How long a slot is held for a requester that may be gone, or whose word may be lost; `None`: until
    /// it says something.
    pub hold: Option<Span>,
}

impl Given {
    /// What the units in `world` are given; `tells`: those that leave in good order tell whoever would
    /// ask them.
    pub(super) fn new(world: &Arc<World>, tells: bool) -> Self {
        let config = &world.config;
        let mut given = Self {
            detection: config.detection(),
            is_lossy: false,
            deadline: config.deadline(),
            at_least: config.requests.enough(),
            instances_each: config.instances_each().min(config.requests.instances.0),
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

    /// Packets may get lost: whoever is silent is detected, and no slot is held for ever.
    pub(super) fn expect_losses(&mut self) {
        self.is_lossy = true;
        self.detect();
        self.limit_holds();
    }

    fn detect(&mut self) {
        let timeout = self.timeout();
        self.detection = Some(Detection { timeout });
    }

    fn limit_holds(&mut self) {
        self.hold = Some(self.deadline + self.timeout());
    }

    /// After how long a silent peer counts as gone, if anybody asks.
    pub(super) fn timeout(&self) -> Span {
        self.world.config.disconnection.timeout_ms.span()
    }

    /// Whether the computer called `id` offers what can serve `demand`, after so many changes of what it
    /// offers.
    #[inline]
    pub fn is_able(&self, id: u32, changes: u32, demand: Descriptor) -> bool {
        self.world.is_able(id, changes, demand)
    }

    /// Whether the computer called `id`, which is able and has room, is willing to serve `request`.
    #[inline]
    pub fn agrees(&self, id: u32, request: RequestId) -> bool {
        self.world.agrees(id, request)
    }
}
