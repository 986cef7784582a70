//! What a broker does to keep its colony together, and itself in one: members enter, heartbeats go round, and
//! it moves to another super-broker.
//!
//! It does *not* know how services are found.

use super::Gbu;
use crate::arigatoni::Context;
use crate::arigatoni::guest::Guest as _;
use crate::arigatoni::heartbeats::Watch;
use crate::arigatoni::membership::{Membership, leader};
use crate::arigatoni::message::{Message, Reminder};
use crate::arigatoni::migration::{self, Settler as _};
use crate::arigatoni::offers::Offers;
use crate::arigatoni::policy::{Given, Policy};
use crate::arigatoni::rules::Recovery;
use crate::unit::UnitId;

impl Gbu {
    /// Asks to be let go once nothing is open between it and its super-broker.
    pub(super) fn try_to_leave(&mut self, recovery: Option<Recovery>, context: &mut Context<'_>) {
        let busy = |leader| self.searching.has_business_with(leader);
        let busy = self.membership.leader().is_some_and(busy);
        let leaves = self.membership.is_leaving() || self.membership.is_away();
        if (self.is_shut() || !busy && leaves) && self.leaves_besides(recovery, context) {
            return;
        }
        self.membership.try_to_leave(busy, recovery, context);
    }

    /// `from` wants to be a member. Nobody leads itself, nor its own leader.
    pub(super) fn enter<P: Policy>(
        &mut self,
        from: UnitId,
        offers: &Offers,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        if from == context.me() || self.membership.leader() == Some(from) {
            return;
        }
        let is_new = !self.table.has_member(from);
        let change = leader::register(&mut self.table, from, offers, context);
        if let Some(beats) = &mut self.beats {
            beats.entered(from);
        }
        if let Some(elections) = &mut self.elections {
            elections.entered();
        }
        self.tell_change(change, context);
        // A member that comes again has forgotten what it was asked.
        if given.rules.recovery.is_some() && !is_new {
            let (searching, view) = self.split(given);
            searching.give_up_all(from, view, context);
        }
    }

    /// Takes a message that is needed only where units fail.
    #[cold]
    pub(super) fn keep_up<P: Policy>(
        &mut self,
        from: UnitId,
        message: &Message,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        let recovery = given.rules.recovery;
        match *message {
            Message::Heartbeat { number } => {
                let known = (self.membership, given.rules.heartbeats);
                if self.watch.take(from, number, known, context) && !self.question.is_refused() {
                    self.rejoin(given, context);
                }
            }
            Message::HeartbeatAcknowledged { number } => {
                if let Some(beats) = &mut self.beats {
                    beats.acknowledged(from, number);
                }
            }
            Message::Moved => self.has_moved(from, given, context),
            Message::MayJoin { mover, ticket } if given.rules.moves() => {
                let (membership, own) = (&mut self.membership, &mut self.question);
                migration::take_question(membership, own, (mover, ticket), recovery, context);
            }
            Message::JoinGranted { ticket } => {
                let granted = migration::granted(&mut self.membership, self.question, ticket);
                if let Some(leader) = granted {
                    // It is no member any more, or its question would have come back.
                    self.has_moved(leader, given, context);
                    self.register(recovery, context);
                }
            }
            Message::JoinRefused { ticket } => {
                let (membership, own) = (&mut self.membership, &mut self.question);
                migration::refused(membership, own, ticket, recovery, context);
            }
            Message::Roster(_)
            | Message::VoteWanted(_)
            | Message::Vote(_)
            | Message::Elected(_) => self.negotiate(from, message, given, context),
            // It offers no service itself, and its links have opened all packets.
            Message::Release { .. }
            | Message::Start { .. }
            | Message::Packet(_)
            | Message::PacketAcknowledged { .. }
            // Brokers do not move here.
            | Message::MayJoin { .. }
            // These have been seen to.
            | Message::Register { .. }
            | Message::Registered
            | Message::Update { .. }
            | Message::Unregister
            | Message::UnregisterDenied
            | Message::UnregisterAcknowledged
            | Message::NotMember
            | Message::Query(_)
            | Message::QueryAcknowledged { .. }
            | Message::Answer(_)
            | Message::Distrusted { .. }
            // Only those with a tunnel are told, and they have heard it.
            | Message::TunnelClosed
            | Message::Tunnelled(_)
            | Message::Onward(_) => {}
            Message::Linked => _ = self.hear_linked(from),
            Message::LoggedOut => self.logged_out(from, given, context),
        }
    }

    /// `unit` is no member any more: if it is in the table, it is taken out, and all that it was asked counts as refused.
    fn has_moved<P: Policy>(&mut self, unit: UnitId, given: &Given<P>, context: &mut Context<'_>) {
        if !self.table.has_member(unit) {
            return;
        }
        let change = leader::moved(&mut self.table, unit, context);
        self.tell_change(change, context);
        let (searching, view) = self.split(given);
        searching.give_up_all(unit, view, context);
    }

    /// Does what [`Self::lose`] does. Whatever the peer was asked counts as refused as well.
    pub(super) fn lose_for_good<P: Policy>(
        &mut self,
        peer: UnitId,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        self.lose_linked(peer, context);
        let was_leader = self.lose(peer, given.rules.recovery, context);
        let (searching, view) = self.split(given);
        searching.give_up_all(peer, view, context);
        if was_leader && self.goes_where_told(given, context) {
            return;
        }
        if self.membership == Membership::Orphan(peer)
            && !self.stands_for_a_root()
            && !(was_leader && self.begin_election(peer, given, context))
        {
            if !was_leader {
                self.moves.go_on();
            }
            self.begin_move(peer, given, context);
        }
    }

    /// It is time to try again to become a member, here or elsewhere.
    pub(super) fn try_to_return<P: Policy>(&mut self, given: &Given<P>, context: &mut Context<'_>) {
        self.gives_target_up();
        if self.waits_for_election(given, context) || self.goes_where_told(given, context) {
            return;
        }
        let (above, me) = (self.elected_under(), context.me());
        if self.is_root_now(given, me) {
            return;
        }
        let own = (&mut self.moves, &mut self.membership);
        migration::try_next(own, Some(&mut self.question), above, (given, me));
        self.rejoin(given, context);
    }

    /// Registers with the broker that it belongs to. Where brokers move, one that has none asks first whether it
    /// may.
    pub(super) fn rejoin<P>(&mut self, given: &Given<P>, context: &mut Context<'_>) {
        let recovery = given.rules.recovery;
        match self.membership {
            Membership::Orphan(target) if given.rules.moves() => {
                let patience = self.moves.patience(&given.rules);
                let (membership, question) = (&mut self.membership, &mut self.question);
                migration::ask(membership, (target, question), patience, context);
            }
            _ => self.register(recovery, context),
        }
    }

    /// From now on it sends heartbeats, and waits for those of its super-broker.
    pub(super) fn begin_beats<P: Policy>(&mut self, given: &Given<P>, context: &mut Context<'_>) {
        if given.rules.heartbeats.is_some() && self.beats.is_none() {
            self.watch = Watch::on();
            self.beats = Some(Box::default());
            self.begin_watch(given, context);
            self.beat(given, context);
        }
    }

    pub(super) fn begin_watch<P: Policy>(&mut self, given: &Given<P>, context: &mut Context<'_>) {
        let rule = given.rules.heartbeats;
        let besides = self.watched_besides(given, context.me());
        for watched in [self.membership.watched(), besides] {
            self.watch.begin(watched, rule, context);
        }
    }

    /// Sends its members the next heartbeat.
    pub(super) fn beat<P: Policy>(&mut self, given: &Given<P>, context: &mut Context<'_>) {
        if let Some((beats, rule)) = self.beats.as_mut().zip(given.rules.heartbeats) {
            beats.beat(self.table.members(), rule, context);
            self.tell_roster(given, context);
        }
    }

    pub(super) fn end_beats<P: Policy>(&mut self, given: &Given<P>, context: &mut Context<'_>) {
        let besides = self.watched_besides(given, context.me());
        self.watch
            .end([self.membership.watched(), besides], context);
        if self.beats.take().is_some() {
            context.disarm(Reminder::Heartbeat);
            context.disarm(Reminder::HeartbeatDue);
        }
    }
}
