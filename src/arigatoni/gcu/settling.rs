//! A computer that is told to go to another leader: it leaves its own in good order, and registers there.
//!
//! It does *not* know why it is told so.

use super::Gcu;
use crate::arigatoni::Context;
use crate::arigatoni::guest::Guest as _;
use crate::arigatoni::membership::Membership;
use crate::arigatoni::policy::{Given, Policy};
use crate::unit::UnitId;

impl Gcu {
    /// Is told to go to `leader`.
    #[cold]
    pub(super) fn settle<P: Policy>(
        &mut self,
        leader: UnitId,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        if self.membership == Membership::Member(leader) {
            return;
        }
        self.rare().target = Some(leader);
        if self.membership.leave(context) {
            self.try_to_leave(given, context);
        } else {
            self.goes_where_told(given, context);
        }
    }

    /// It goes nowhere, whatever it was told before.
    #[inline]
    pub(super) fn stays_where_it_is(&mut self) {
        if let Some(rare) = &mut self.rare {
            rare.target = None;
        }
    }

    /// It has no leader any more, perhaps: whether it has been told to go to another one. Then it does.
    pub(super) fn goes_where_told<P: Policy>(
        &mut self,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) -> bool {
        if self.membership.leader().is_some() {
            return false;
        }
        let Some(leader) = self.rare.as_mut().and_then(|it| it.target.take()) else {
            return false;
        };
        self.moves.reset();
        self.membership = Membership::Member(leader);
        self.register(given, context);
        self.enter_besides(true, given, context);
        true
    }
}
