//! What a computer does to belong to a colony where units fail: it looks after its leader, votes for another, and
//! goes elsewhere.
//!
//! It does *not* know how services are found.

use super::Gcu;
use crate::arigatoni::Context;
use crate::arigatoni::election::{Began, Due, Electing, Roster};
use crate::arigatoni::guest::{self, Guest as _};
use crate::arigatoni::link::Links;
use crate::arigatoni::membership::Membership;
use crate::arigatoni::message::{Message, Reminder};
use crate::arigatoni::migration::{self, Settler as _};
use crate::arigatoni::policy::{Given, Policy};
use crate::arigatoni::tunnelling::Tunnelling;
use crate::arigatoni::ways_back::WaysBack;
use crate::discovery::Observation;
use crate::discovery::parts::Together;
use crate::unit::UnitId;

/// What most computers do without, in a box, so that they are small.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(in crate::arigatoni) struct Rare {
    /// Where packets get lost.
    pub(super) links: Links,
    /// Where leaders are elected.
    pub(super) electing: Electing,
    /// Where requests have several parts: those that are open.
    pub(in crate::arigatoni) together: Together,
    /// Whether a leader has logged it out since it was restarted.
    pub(super) logged_out: bool,
    /// The leader to which it has been told to go, until it registers there.
    pub(super) target: Option<UnitId>,
    /// Where it has a tunnel.
    pub(in crate::arigatoni) tunnelling: Tunnelling,
    /// Where there is a firewall.
    pub(super) ways: WaysBack,
}

impl Gcu {
    pub(super) fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// Takes a message that is needed only where leaders are elected.
    #[cold]
    pub(super) fn keep_up<P: Policy>(
        &mut self,
        from: UnitId,
        message: Message,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        let Some(rule) = given.rules.election else {
            return;
        };
        let policy = &given.policy;
        let is_end = guest::besides(given, context.me()).is_some_and(|it| it.leader == from);
        match message {
            Message::Roster(notice) if self.membership == Membership::Member(from) => {
                self.rare().electing.told(from, notice);
            }
            Message::VoteWanted(term) if self.membership == Membership::Orphan(term.leader) => {
                let electing = &mut self.rare().electing;
                electing.asked((from, term), (rule, policy), context);
            }
            // It has given up waiting, and tries to become a member again and again.
            Message::VoteWanted(term) if self.membership.is_orphan() => {
                self.rare().electing.votes(from, term, context);
            }
            // Nobody is a member of one colony in two ways.
            Message::Elected(_) if is_end => {}
            Message::Elected(term) if self.membership == Membership::Member(term.leader) => {
                self.rare().electing.remember(from, term);
            }
            Message::Elected(term)
                if self.membership.looks_for(term.leader)
                    || self.membership.is_orphan() && self.missed() == Some(term.leader) =>
            {
                self.follow(from, given, context);
            }
            _ => {}
        }
    }

    /// The leader that it has lost, and the last list of members that it had from it.
    pub(in crate::arigatoni) fn misses(&self) -> Option<(UnitId, &Roster)> {
        let leader = self.membership.lost()?;
        let roster = self.rare.as_ref()?.electing.roster_of(leader)?;
        Some((leader, &**roster))
    }

    /// The leader that has told it the last list of members.
    fn missed(&self) -> Option<UnitId> {
        self.rare.as_ref()?.electing.told_by()
    }

    /// Registers with `elected`.
    fn follow<P: Policy>(&mut self, elected: UnitId, given: &Given<P>, context: &mut Context<'_>) {
        self.rare().electing.end();
        self.moves.reset();
        self.membership = Membership::Orphan(elected);
        self.register(given, context);
    }

    /// It has lost `leader`: whether another one is elected.
    fn begin_election<P: Policy>(
        &mut self,
        leader: UnitId,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) -> bool {
        let Some(rule) = given.rules.election else {
            return false;
        };
        if self.membership != Membership::Orphan(leader) {
            return false;
        }
        let electing = &mut self.rare().electing;
        match electing.begin(leader, (rule, &given.policy), context) {
            Began::No => return false,
            Began::Election => {}
            Began::Follows(elected) => self.follow(elected, given, context),
        }
        true
    }

    /// It has waited for long enough: whether it still has to wait for an election.
    fn waits_for_election<P: Policy>(
        &mut self,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) -> bool {
        let (Some(rule), Membership::Orphan(lost)) = (given.rules.election, self.membership) else {
            return false;
        };
        let due = self
            .rare()
            .electing
            .due(lost, (rule, &given.policy), context);
        if due == Due::GivenUp && self.begin_move(lost, given, context) {
            return true;
        }
        due == Due::GoesOn
    }

    /// It is time to try again to become a member, here or elsewhere.
    pub(super) fn try_to_return<P: Policy>(&mut self, given: &Given<P>, context: &mut Context<'_>) {
        if self.waits_for_election(given, context) {
            return;
        }
        let me = context.me();
        let own = (&mut self.moves, &mut self.membership);
        let moves = migration::try_next(own, None, None, (given, me));
        self.register(given, context);
        if moves && let Some(patience) = self.moves.patience(&given.rules) {
            context.arm(Reminder::Return, patience);
        }
    }

    /// A peer has fallen silent. If that was its leader, nobody answers its requests.
    pub(super) fn lose<P: Policy>(
        &mut self,
        peer: UnitId,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        let recovery = given.rules.recovery;
        if !self.membership.lose(peer, recovery, context) {
            return;
        }
        context.emit(Observation::Suspected { unit: peer });
        if recovery.is_some() {
            let known = (&given.rules, &mut self.rare);
            self.asking.give_up_all(peer, known, context);
        }
        if self.goes_where_told(given, context) {
            return;
        }
        if !self.begin_election(peer, given, context) {
            self.begin_move(peer, given, context);
        }
    }

    /// A heartbeat has come from `leader`.
    pub(super) fn heartbeat<P: Policy>(
        &mut self,
        leader: UnitId,
        number: u32,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        let heartbeats = given.rules.heartbeats;
        if self
            .watch
            .take(leader, number, (self.membership, heartbeats), context)
        {
            self.register(given, context);
        }
    }

    /// Comes back after it has left, but to another leader: whether it does.
    pub(super) fn goes_elsewhere<P: Policy>(
        &mut self,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) -> bool {
        let Membership::Away(leader) = self.membership else {
            return false;
        };
        self.membership = Membership::Orphan(leader);
        let goes = self.begin_move(leader, given, context);
        if !goes {
            self.membership = Membership::Away(leader);
        }
        goes
    }

    /// From now on it waits for its leader's heartbeats.
    pub(super) fn begin_watch<P: Policy>(&mut self, given: &Given<P>, context: &mut Context<'_>) {
        let (watch, rule) = (self.watch, given.rules.heartbeats);
        watch.begin(self.membership.watched(), rule, context);
        watch.begin(self.watched_besides(given, context.me()), rule, context);
    }
}
