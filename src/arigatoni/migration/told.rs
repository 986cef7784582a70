//! A unit that is told to go to another leader, computer or broker: it leaves its own in good order, and goes there, as soon as it
//! hears that it is no member any more.
//!
//! It does *not* know why it is told so, nor how it becomes a member there.

use crate::arigatoni::Context;
use crate::arigatoni::guest::Guest;
use crate::arigatoni::membership::Membership;
use crate::arigatoni::policy::{Given, Policy};
use crate::unit::UnitId;

/// A unit that can be told where to go.
pub(in crate::arigatoni) trait Settler: Guest {
    /// The leader to which it has been told to go, if it is not there yet.
    fn target(&self) -> Option<UnitId>;

    /// It has been told to go to `leader`.
    fn is_told(&mut self, leader: UnitId);

    /// It belongs to nobody, and asks `leader` to be a member there.
    fn go_to<P: Policy>(&mut self, leader: UnitId, given: &Given<P>, context: &mut Context<'_>);

    /// It has left `leader`, and has no vote in that colony any more.
    fn has_no_vote(&mut self, leader: UnitId);

    /// `from` does not list it, and it has not been told where to go.
    fn stays_unlisted<P: Policy>(
        &mut self,
        from: UnitId,
        given: &Given<P>,
        context: &mut Context<'_>,
    );

    /// `from` says that it does not list this unit, or no longer.
    fn is_no_member<P: Policy>(
        &mut self,
        from: UnitId,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        if self.membership().unregistered(from, context) {
            self.come_back(given, context);
            return;
        }
        if *self.membership() == Membership::Away(from) {
            self.has_no_vote(from);
        }
        if !self.goes_where_told(given, context) {
            self.stays_unlisted(from, given, context);
        }
    }

    /// Is told to go to `leader`; a broker goes with its colony.
    #[cold]
    fn settle<P: Policy>(&mut self, leader: UnitId, given: &Given<P>, context: &mut Context<'_>) {
        if *self.membership() == Membership::Member(leader) {
            return;
        }
        self.is_told(leader);
        if self.membership().leave(context) {
            self.go_on_leaving(given, context);
        } else {
            self.goes_where_told(given, context);
        }
    }

    /// It has no leader any more, perhaps: whether it has been told to go to another one. Then it does.
    fn goes_where_told<P: Policy>(&mut self, given: &Given<P>, context: &mut Context<'_>) -> bool {
        let is_free = self.membership().leader().is_none();
        let Some(leader) = self.target().filter(|_| is_free) else {
            return false;
        };
        self.moves().0.reset();
        self.go_to(leader, given, context);
        true
    }
}
