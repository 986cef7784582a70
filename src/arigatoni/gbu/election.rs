//! What a broker does where leaders are elected: it sends its members their list, votes, stands for election, and
//! takes the place of a leader that has gone.
//!
//! It does *not* know how it finds out that its super-broker has gone.

use super::Gbu;
use crate::arigatoni::Context;
use crate::arigatoni::election::{Began, Due, Electing, Roster, Rosters, Seat, Term};
use crate::arigatoni::guest::Guest as _;
use crate::arigatoni::membership::Membership;
use crate::arigatoni::message::{Message, Reminder};
use crate::arigatoni::policy::{Given, Policy};
use crate::discovery::Observation;
use crate::unit::UnitId;

/// What a broker knows of elections.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Elections {
    /// In its super-broker's colony.
    electing: Electing,
    /// In its own.
    rosters: Rosters,
    /// Since it has been elected, until it belongs to a tree.
    seat: Option<Seat>,
}

impl Elections {
    /// What is left after a crash: it does not vote twice, and gives no number to two lists.
    pub(super) fn forget(&mut self) {
        self.electing.forget();
        self.rosters.forget();
        self.seat = None;
    }

    /// A member has been entered.
    pub(super) fn entered(&mut self) {
        self.rosters.entered();
    }
}

impl Gbu {
    /// Takes a message of an election.
    pub(super) fn negotiate<P: Policy>(
        &mut self,
        from: UnitId,
        message: &Message,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        let Some(rule) = given.rules.election else {
            return;
        };
        let policy = &given.policy;
        let elections = self.elections.get_or_insert_default();
        match *message {
            Message::Roster(ref notice) if self.membership == Membership::Member(from) => {
                elections.electing.told(from, notice.clone());
            }
            // It is thought to have gone.
            Message::VoteWanted(term)
                if term.leader == context.me() && !self.table.has_member(from) =>
            {
                context.send(from, Message::NotMember);
            }
            // One that has been elected does not vote in the same colony.
            Message::VoteWanted(term)
                if self.membership.is_orphan() && elections.seat.is_none() =>
            {
                let electing = &mut elections.electing;
                if self.membership == Membership::Orphan(term.leader) {
                    electing.asked((from, term), (rule, policy), context);
                } else {
                    // It has asked somebody else, who may not answer, and goes on waiting for an answer.
                    electing.votes(from, term, context);
                }
            }
            Message::Vote(term)
                if self.membership == Membership::Orphan(term.leader)
                    && elections.electing.counts(from, term) =>
            {
                self.take_seat(term, given, context);
            }
            Message::Elected(term) => self.hear_of(from, term, given, context),
            _ => {}
        }
    }

    /// `elected` says that it is. An orphan that has a part in it joins that one; anybody else has been asked
    /// whether it is back.
    fn hear_of<P: Policy>(
        &mut self,
        elected: UnitId,
        term: Term,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        let elections = self.elections.get_or_insert_default();
        let has_seat = elections.seat.is_some();
        if self.membership == Membership::Member(term.leader) {
            elections.electing.remember(elected, term);
        } else if !has_seat
            && (self.membership.looks_for(term.leader) || self.membership.is_orphan())
        {
            self.follow(elected, given, context);
        } else {
            context.send(elected, Message::NotMember);
        }
    }

    /// Asks `elected` whether it may join it.
    fn follow<P: Policy>(&mut self, elected: UnitId, given: &Given<P>, context: &mut Context<'_>) {
        if let Some(elections) = &mut self.elections {
            elections.electing.end();
        }
        self.moves.reset();
        self.membership = Membership::Orphan(elected);
        self.rejoin(given, context);
    }

    /// It has lost `leader`: whether another one is elected.
    pub(super) fn begin_election<P: Policy>(
        &mut self,
        leader: UnitId,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) -> bool {
        let (Some(rule), Some(elections)) = (given.rules.election, &mut self.elections) else {
            return false;
        };
        elections.seat = None;
        let electing = &mut elections.electing;
        match electing.begin(leader, (rule, &given.policy), context) {
            Began::No => return false,
            Began::Election => {}
            Began::Follows(elected) => self.follow(elected, given, context),
        }
        true
    }

    /// It has waited for long enough: whether it still has to wait for an election, or stands for a root.
    pub(super) fn waits_for_election<P: Policy>(
        &mut self,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) -> bool {
        let (Some(rule), Some(elections)) = (given.rules.election, &mut self.elections) else {
            return false;
        };
        if elections.seat.as_ref().and_then(Seat::stands_for).is_some() {
            return self.membership.is_orphan() && self.stand_for(given, context);
        }
        let Membership::Orphan(lost) = self.membership else {
            return self.elects_again(given, context);
        };
        match elections.electing.due(lost, (rule, &given.policy), context) {
            Due::Nothing => false,
            Due::GoesOn => true,
            Due::Won(term) => {
                self.take_seat(term, given, context);
                true
            }
            Due::GivenUp => self.begin_move(lost, given, context),
        }
    }

    /// The broker that it has asked to join does not answer. That may be the leader that it has lost, which has
    /// answered before it has gone; or its successor, which has gone as well. It may also have lost too many
    /// votes. If it does not go elsewhere: whether another leader is elected after all.
    fn elects_again<P: Policy>(&mut self, given: &Given<P>, context: &mut Context<'_>) -> bool {
        let elections = self.elections.as_ref().filter(|all| all.seat.is_none());
        let missed = elections.and_then(|all| all.electing.told_by());
        let is_stuck = given.rules.migration.is_none() && self.target.is_none();
        let Some(missed) = missed.filter(|_| is_stuck && self.membership.is_orphan()) else {
            return false;
        };
        self.moves.fail();
        self.membership = Membership::Orphan(missed);
        if let Some(elections) = &mut self.elections {
            elections.electing.forget_successor();
        }
        self.begin_election(missed, given, context)
    }

    /// Its leader has let it go.
    pub(super) fn has_left(&mut self, leader: UnitId) {
        if let Some(elections) = &mut self.elections {
            elections.electing.leaves(leader);
        }
    }

    /// It is elected.
    fn take_seat<P: Policy>(&mut self, term: Term, given: &Given<P>, context: &mut Context<'_>) {
        let Some(elections) = &mut self.elections else {
            return;
        };
        let Some(roster) = elections.electing.roster_of(term.leader).cloned() else {
            return;
        };
        let seat = Seat::take(term, &roster, context);
        let (above, root) = (seat.above(), seat.stands_for());
        elections.electing.end();
        elections.seat = Some(seat);
        context.emit(Observation::Elected {
            leader: term.leader,
            term: (term.roster, term.round),
            is_root: root.is_some(),
        });
        self.moves.reset();
        if let Some(above) = above {
            self.membership = Membership::Orphan(above);
            self.rejoin(given, context);
        } else {
            // A broker that refused it before was asked for another reason.
            self.question.forget();
            self.stand_for(given, context);
        }
    }

    /// Asks the roots before this one that are not below it whether they are back. Returns false, and gives the place up, if all
    /// of them are below it: the first root joins nobody (unless a script has put it there), so it is in another tree, which this
    /// broker must find as others do.
    fn stand_for<P>(&mut self, given: &Given<P>, context: &mut Context<'_>) -> bool {
        let below = self.membership.lost().filter(|_| self.question.is_below());
        let Some(elections) = &mut self.elections else {
            return false;
        };
        let Some(mut seat) = elections.seat.take() else {
            return false;
        };
        if let Some(below) = below {
            seat.has_below(below);
        }
        let root = seat.stands_for();
        let root = root.filter(|_| seat.probe(self.table.members(), context));
        if let Some(root) = root {
            elections.seat = Some(seat);
            self.membership = Membership::Orphan(root);
            self.question.forget();
        } else {
            elections.electing.leaves(seat.leader());
        }
        if let Some(recovery) = given.rules.recovery {
            context.arm(Reminder::Return, recovery.again);
        }
        root.is_some()
    }

    /// `from` says that it does not list this broker. If it is a root before it that is back, or the leader in whose place
    /// one is being elected and which lives after all, this one asks to join it.
    pub(super) fn is_relieved<P>(
        &mut self,
        from: UnitId,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        let Some(elections) = &mut self.elections else {
            return;
        };
        let is_needless = match &elections.seat {
            Some(seat) => seat.former().contains(&from),
            None => elections.electing.is_on() && self.membership == Membership::Orphan(from),
        };
        if is_needless && matches!(self.membership, Membership::Orphan(_)) {
            elections.electing.end();
            self.membership = Membership::Orphan(from);
            self.rejoin(given, context);
        }
    }

    /// It belongs to a tree: other brokers may join it now.
    pub(super) fn settle_in_place(&mut self, context: &mut Context<'_>) {
        if let Some(mut seat) = self.elections.as_mut().and_then(|all| all.seat.take()) {
            seat.tell_brokers(context);
        }
    }

    /// The leader that it has lost, and the last list of members that it had from it, unless it has been elected.
    pub(in crate::arigatoni) fn misses(&self) -> Option<(UnitId, &Roster)> {
        let elections = self.elections.as_ref().filter(|all| all.seat.is_none())?;
        let leader = self.membership.lost()?;
        Some((leader, &**elections.electing.roster_of(leader)?))
    }

    /// Whether it is a root because it has been elected.
    pub(in crate::arigatoni) fn stands_for_a_root(&self) -> bool {
        let seat = self.elections.as_ref().and_then(|all| all.seat.as_ref());
        seat.is_some_and(|seat| seat.stands_for().is_some())
    }

    /// The broker that it joins since it has been elected.
    pub(super) fn elected_under(&self) -> Option<UnitId> {
        self.elections.as_ref()?.seat.as_ref()?.above()
    }

    /// Tells its members who they are, if they do not know.
    pub(super) fn tell_roster<P: Policy>(&mut self, given: &Given<P>, context: &mut Context<'_>) {
        if given.rules.election.is_none() {
            return;
        }
        let elections = self.elections.get_or_insert_default();
        let former = elections.seat.as_ref().map_or(&[][..], Seat::former);
        let above = match self.membership {
            Membership::Alone | Membership::Away(_) => None,
            _ if !former.is_empty() => None,
            // One that looks for a leader tries others by turns: its successor would do the same.
            membership => {
                let told = elections.rosters.above();
                membership.leader().or(told).or(membership.lost())
            }
        };
        let guests = given.policy.guests(context.me());
        if guests.is_empty() {
            let members = self.table.members();
            elections.rosters.tell(members, (above, former), context);
            return;
        }
        // Those with a home vote there.
        let has_home = |unit| given.policy.tunnel(unit).is_some_and(|it| it.besides);
        let is_guest = |unit: &UnitId| guests.binary_search(unit).is_ok() && has_home(*unit);
        let mut members = self.table.members().to_vec();
        members.retain(|unit| !is_guest(unit));
        elections.rosters.tell(&members, (above, former), context);
    }
}
