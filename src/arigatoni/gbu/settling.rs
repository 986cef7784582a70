//! A broker that is told to go to another leader, that logs a member out because it is told so, or that is logged out itself.
//!
//! It does *not* know why.

use super::Gbu;
use crate::arigatoni::Context;
use crate::arigatoni::membership::{Membership, leader};
use crate::arigatoni::message::Reminder;
use crate::arigatoni::policy::{Given, Policy};
use crate::discovery::Observation;
use crate::unit::UnitId;

impl Gbu {
    /// Is told to go to `leader`, with its colony.
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
        self.target = Some(leader);
        if self.membership.leave(context) {
            self.try_to_leave(given.rules.recovery, context);
        } else {
            self.goes_where_told(given, context);
        }
    }

    /// It has no leader, perhaps: whether it has been told to go to another one. Then it asks that one, as brokers do that
    /// move, and asks again until it is a member there.
    pub(super) fn goes_where_told<P: Policy>(
        &mut self,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) -> bool {
        let Some(leader) = self.target.filter(|_| self.membership.leader().is_none()) else {
            return false;
        };
        self.moves.reset();
        self.membership = Membership::Orphan(leader);
        self.rejoin(given, context);
        true
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
        self.has_gone(member, change, given.rules.recovery, context);
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
        for reminder in [Reminder::Return, Reminder::Leave] {
            context.disarm(reminder);
        }
        self.membership = Membership::Away(leader);
        let (searching, view) = self.split(given);
        searching.give_up_all(leader, view, context);
        self.goes_where_told(given, context);
    }
}
