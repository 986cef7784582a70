//! A computer that is told to go to another leader: it registers there.
//!
//! It does *not* know why it is told so.

use super::Gcu;
use crate::arigatoni::Context;
use crate::arigatoni::guest::Guest as _;
use crate::arigatoni::membership::Membership;
use crate::arigatoni::migration::Settler;
use crate::arigatoni::policy::{Given, Policy};
use crate::unit::UnitId;

impl Settler for Gcu {
    fn target(&self) -> Option<UnitId> {
        self.rare.as_ref()?.target
    }

    fn is_told(&mut self, leader: UnitId) {
        self.rare().target = Some(leader);
    }

    fn go_to<P: Policy>(&mut self, leader: UnitId, given: &Given<P>, context: &mut Context<'_>) {
        self.stays_where_it_is();
        self.membership = Membership::Member(leader);
        self.register(given, context);
        self.enter_besides(true, given, context);
    }

    fn has_no_vote(&mut self, leader: UnitId) {
        if let Some(rare) = &mut self.rare {
            rare.electing.leaves(leader);
        }
    }

    // It waits until it is told to come back.
    fn stays_unlisted<P: Policy>(&mut self, _: UnitId, _: &Given<P>, _: &mut Context<'_>) {}
}

impl Gcu {
    /// It goes nowhere, whatever it was told before.
    #[inline]
    pub(super) fn stays_where_it_is(&mut self) {
        if let Some(rare) = &mut self.rare {
            rare.target = None;
        }
    }
}
