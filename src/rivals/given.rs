//! What every unit of a rival is given besides its state: the world with its draws, and the rules of
//! serving and waiting.
//!
//! It does *not* know how providers are found.

use std::sync::Arc;

use crate::discovery::config::Detection;
use crate::discovery::{Descriptor, Matcher, RequestId, World};
use crate::time::Span;

/// What all units of a run are given.
#[derive(Debug, Clone)]
pub struct Given {
    /// Who there is, what they offer, and who agrees.
    pub world: Arc<World>,
    /// How many agreements a computer holds at once; `None`: any number.
    pub slots: Option<u32>,
    /// How a silent peer is detected; `None`: nobody waits for an answer in particular.
    pub detection: Option<Detection>,
    /// How long after its issue a request ends.
    pub deadline: Span,
    /// How long a provider serves.
    pub service_time: Span,
}

impl Given {
    /// What the units in `world` are given.
    pub fn new(world: &Arc<World>) -> Self {
        let config = &world.config;
        Self {
            slots: config.slots.map(|slots| slots.0),
            detection: config.detection(),
            deadline: config.deadline(),
            service_time: config.service_time(),
            world: Arc::clone(world),
        }
    }

    /// Whether the computer called `id` offers what can serve `demand`.
    #[inline]
    pub fn is_able(&self, id: u32, demand: Descriptor) -> bool {
        let offers = || self.world.population.offers(id);
        let mut serving = self.world.services.serving(demand);
        serving.any(|wanted| offers().any(|offer| offer == wanted))
    }

    /// Whether the computer called `id`, which is able and has room, is willing to serve `request`.
    #[inline]
    pub fn agrees(&self, id: u32, request: RequestId) -> bool {
        self.world.agrees(id, request)
    }
}
