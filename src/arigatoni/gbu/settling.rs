//! A broker that is told to go to another leader, that logs a member out because it is told so, or that is logged out itself.
//!
//! It does *not* know why.

use super::Gbu;
use crate::arigatoni::Context;
use crate::arigatoni::guest;
use crate::arigatoni::membership::{Membership, leader};
use crate::arigatoni::message::Reminder;
use crate::arigatoni::migration::Settler;
use crate::arigatoni::policy::{Given, Policy};
use crate::discovery::Observation;
use crate::unit::UnitId;

impl Settler for Gbu {
    fn target(&self) -> Option<UnitId> {
        self.target
    }

    fn is_told(&mut self, leader: UnitId) {
        self.target = Some(leader);
        self.membership.count_as_entered();
    }

    // It asks that one, as brokers do that move, and asks again until it is a member there, or finds that one below itself.
    fn go_to<P: Policy>(&mut self, leader: UnitId, given: &Given<P>, context: &mut Context<'_>) {
        self.question.forget();
        self.membership = Membership::Orphan(leader);
        self.rejoin(given, context);
    }

    fn has_no_vote(&mut self, leader: UnitId) {
        self.has_left(leader);
    }

    fn stays_unlisted<P: Policy>(
        &mut self,
        from: UnitId,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        self.is_relieved(from, given, context);
    }
}

impl Gbu {
    /// After its patience: if the broker to which it was told to go is below it, it does not go there. It would ask for ever.
    pub(super) fn gives_target_up(&mut self) {
        if self.question.is_below() && self.membership.lost() == self.target {
            self.target = None;
        }
    }

    /// Whether it is a root from now on, after its patience. The first root is, if the broker that it has asked is below it.
    /// So is another broker that has the first root below it. While heartbeats are sent it is not: the first root may come
    /// to be above it.
    pub(super) fn is_root_now<P: Policy>(&mut self, given: &Given<P>, me: UnitId) -> bool {
        let asked = self.membership.lost();
        let Some(asked) = asked.filter(|_| self.question.is_below()) else {
            return false;
        };
        let first_root = given.policy.first_above(me).last();
        let is_root = first_root.is_none_or(|it| it == asked && self.beats.is_none());
        if is_root {
            self.membership = Membership::Away(asked);
            // Told to come back, it asks again.
            self.question.forget();
        }
        is_root
    }

    /// Logs `member` out by force, if it is one, and tells it so. All that it was asked counts as refused.
    #[cold]
    pub(super) fn expel<P: Policy>(
        &mut self,
        member: UnitId,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        if !self.table.has_member(member) {
            return;
        }
        context.emit(Observation::LoggedOut { unit: member });
        let change = leader::log_out(&mut self.table, member, context);
        self.tell_change(change, context);
        let (searching, view) = self.split(given);
        searching.give_up_all(member, view, context);
    }

    /// `leader` has logged it out: it leads its colony on, cut from that one, until it is told to come back.
    #[cold]
    pub(super) fn logged_out<P: Policy>(
        &mut self,
        leader: UnitId,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        if self.membership.leader() != Some(leader) && self.membership.lost() != Some(leader) {
            return;
        }
        context.disarm(Reminder::Return);
        // One that has a tunnel may still be about to leave the end of that.
        if guest::besides(given, context.me()).is_none() {
            context.disarm(Reminder::Leave);
        }
        self.membership = Membership::Away(leader);
        let (searching, view) = self.split(given);
        searching.give_up_all(leader, view, context);
        self.goes_where_told(given, context);
    }
}
