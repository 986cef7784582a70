//! The policy of simulated units: all that they decide by themselves is drawn.
//!
//! It does *not* know the protocol.

use crate::arigatoni::matching::{Descriptor, SameService};
use crate::arigatoni::message::{GCU, Query, RequestId};
use crate::arigatoni::policy::Policy;
use crate::overlay::Population;
use crate::random::{Draws, Purpose};
use crate::unit::UnitId;

/// What the draws of this room decide.
mod purpose {
    use super::Purpose;

    /// Whether a GCU agrees to a request; by GCU and request.
    pub(super) const AGREE: Purpose = Purpose(32);
    /// A GCU's place in a broker's order of enquiry; by GCU and request.
    pub(super) const COMPUTER_ORDER: Purpose = Purpose(33);
    /// A subcolony's place in its super-broker's order of enquiry; by GBU and request.
    pub(super) const SUBCOLONY_ORDER: Purpose = Purpose(34);
}

/// Decisions that are pure functions of what is decided.
#[derive(Debug)]
pub struct Drawn {
    /// Who the computers are, and what they offer.
    pub population: Population,
    /// What can be offered and asked for.
    pub services: SameService,
    /// The chance that an able GCU, once asked, agrees.
    pub acceptance_probability: f64,
    /// The draws of the run.
    pub draws: Draws,
}

impl Policy for Drawn {
    type Matcher = SameService;

    #[inline]
    fn matcher(&self) -> &SameService {
        &self.services
    }

    fn offers(&self, me: UnitId) -> impl Iterator<Item = Descriptor> {
        let services = self.population.offers(me.index());
        services.map(|service| Descriptor(service.0))
    }

    #[inline]
    fn agrees(&self, me: UnitId, query: &Query) -> bool {
        let entity = self.population.computer(me.index()).entity();
        let draw = self.draws.unit(purpose::AGREE, entity, query.request.0);
        draw < self.acceptance_probability
    }

    #[inline]
    fn rank(&self, peer: UnitId, RequestId(request): RequestId) -> u64 {
        let (purpose, entity) = if peer.kind() == GCU {
            let computer = self.population.computer(peer.index());
            (purpose::COMPUTER_ORDER, computer.entity())
        } else {
            (purpose::SUBCOLONY_ORDER, peer.index().into())
        };
        self.draws.bits(purpose, entity, request)
    }
}
