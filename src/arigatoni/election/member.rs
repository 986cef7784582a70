//! The member's side: it votes, and asks for votes if it leads a colony itself.
//!
//! It does *not* know its own membership: it is told which leader it has lost.

use super::{Election, Notice, ROUNDS_MAX, Term};
use crate::arigatoni::Context;
use crate::arigatoni::message::{Message, Reminder};
use crate::arigatoni::policy::Policy;
use crate::discovery::{GBU, Observation};
use crate::time::Span;
use crate::unit::UnitId;

/// What a member knows of elections in the colony of its leader.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(in crate::arigatoni) struct Electing {
    /// The leader that has told the last list, and the list.
    roster: Option<(UnitId, Notice)>,
    /// The last term in which it has voted: it is kept where crashes do not reach it.
    voted: Option<Term>,
    /// The broker elected to replace that leader, if the unit heard of it before the leader was lost.
    successor: Option<UnitId>,
    stage: Stage,
    /// How many votes it has lost since it lost its leader.
    lost: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
enum Stage {
    /// It has a leader, or no part in an election.
    #[default]
    Idle,
    /// It waits for what others do.
    Voter,
    /// It will ask for votes if nobody else does.
    Candidate,
    /// It has asked for votes: who has voted for it.
    Asking(Term, Vec<UnitId>),
}

/// What a member does that has lost its leader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::arigatoni) enum Began {
    /// It has no part in an election.
    No,
    /// It takes part in one.
    Election,
    /// It joins the one that has been elected already.
    Follows(UnitId),
}

/// What has become of an election when its timer fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::arigatoni) enum Due {
    /// There is none.
    Nothing,
    /// It goes on.
    GoesOn,
    /// The member is elected.
    Won(Term),
    /// The member does not wait any longer.
    GivenUp,
}

impl Electing {
    /// What is left after a crash.
    pub(in crate::arigatoni) fn forget(&mut self) {
        *self = Self {
            voted: self.voted,
            ..Self::default()
        };
    }

    /// Its `leader` tells who the members are. It lives.
    pub(in crate::arigatoni) fn told(&mut self, leader: UnitId, roster: Notice) {
        self.roster = Some((leader, roster));
        self.successor = None;
    }

    /// It has lost `leader`.
    pub(in crate::arigatoni) fn begin<P: Policy>(
        &mut self,
        leader: UnitId,
        (rule, policy): (Election, &P),
        context: &mut Context<'_>,
    ) -> Began {
        (self.stage, self.lost) = (Stage::Idle, 0);
        let Some(roster) = self.roster_of(leader) else {
            return Began::No;
        };
        if let Some(successor) = self.successor {
            return Began::Follows(successor);
        }
        if roster.candidates() == 0 {
            return Began::No;
        }
        self.wait(leader, (rule, policy), context);
        Began::Election
    }

    /// The timer has fired of one that has lost `leader`.
    pub(in crate::arigatoni) fn due<P: Policy>(
        &mut self,
        leader: UnitId,
        (rule, policy): (Election, &P),
        context: &mut Context<'_>,
    ) -> Due {
        let stage = std::mem::take(&mut self.stage);
        if self.roster_of(leader).is_none() {
            return Due::Nothing;
        }
        match stage {
            Stage::Idle => return Due::Nothing,
            Stage::Voter => return Due::GivenUp,
            Stage::Candidate => {}
            Stage::Asking(..) => {
                self.lose(context);
                if self.lost >= ROUNDS_MAX {
                    return Due::GivenUp;
                }
                self.wait(leader, (rule, policy), context);
                return Due::GoesOn;
            }
        }
        let Some((term, roster)) = self.next_term(leader) else {
            return Due::GivenUp;
        };
        let me = context.me();
        self.voted = Some(term);
        for &other in roster.members.iter().filter(|other| **other != me) {
            context.send(other, Message::VoteWanted(term));
        }
        // If that one lives after all, it says so.
        context.send(leader, Message::VoteWanted(term));
        let votes = vec![me];
        if roster.is_majority(votes.len()) {
            return Due::Won(term);
        }
        self.stage = Stage::Asking(term, votes);
        context.arm(Reminder::Return, rule.timeout);
        Due::GoesOn
    }

    /// `candidate` wants its vote in `term`; it has lost that leader, and waits. It votes if it can, and gives its own
    /// candidacy up for the time being.
    pub(in crate::arigatoni) fn asked<P: Policy>(
        &mut self,
        (candidate, term): (UnitId, Term),
        (rule, policy): (Election, &P),
        context: &mut Context<'_>,
    ) {
        if !self.votes(candidate, term, context) {
            return;
        }
        if matches!(self.stage, Stage::Asking(..)) {
            self.lose(context);
        }
        self.wait(term.leader, (rule, policy), context);
    }

    /// `candidate` wants its vote in `term`, whose leader it has lost: whether it votes. It does if it has not voted in that
    /// term or a later one, and has no later list.
    pub(in crate::arigatoni) fn votes(
        &mut self,
        candidate: UnitId,
        term: Term,
        context: &mut Context<'_>,
    ) -> bool {
        let roster = self.roster_of(term.leader);
        let is_old = roster.is_none_or(|roster| term.roster < roster.number);
        let voted = self.voted.filter(|voted| voted.leader == term.leader);
        let is_late = voted.is_some_and(|voted| term <= voted);
        if is_old || is_late {
            return false;
        }
        self.voted = Some(term);
        context.send(candidate, Message::Vote(term));
        true
    }

    /// `voter` has voted for it in `term`: whether it is elected.
    pub(in crate::arigatoni) fn counts(&mut self, voter: UnitId, term: Term) -> bool {
        let Some((_, roster)) = &self.roster else {
            return false;
        };
        let Stage::Asking(own, votes) = &mut self.stage else {
            return false;
        };
        if *own != term || votes.contains(&voter) || roster.members.binary_search(&voter).is_err() {
            return false;
        }
        votes.push(voter);
        let is_elected = roster.is_majority(votes.len());
        if is_elected {
            self.stage = Stage::Idle;
        }
        is_elected
    }

    /// Whether it takes part in an election.
    pub(in crate::arigatoni) fn is_on(&self) -> bool {
        self.stage != Stage::Idle
    }

    /// Somebody has been elected, or nobody need be: the election is over.
    pub(in crate::arigatoni) fn end(&mut self) {
        self.stage = Stage::Idle;
    }

    /// `elected` takes the place of the leader that it has not lost yet.
    pub(in crate::arigatoni) fn remember(&mut self, elected: UnitId, term: Term) {
        let roster = self.roster_of(term.leader);
        if roster.is_some_and(|roster| roster.number <= term.roster) {
            self.successor = Some(elected);
        }
    }

    /// The broker elected to replace that leader has been asked in vain: it is not followed again.
    pub(in crate::arigatoni) fn forget_successor(&mut self) {
        self.successor = None;
    }

    /// `leader` has let it go: it is no member of that colony.
    pub(in crate::arigatoni) fn leaves(&mut self, leader: UnitId) {
        if self.roster_of(leader).is_some() {
            self.roster = None;
        }
    }

    /// The leader that has told it the last list.
    pub(in crate::arigatoni) fn told_by(&self) -> Option<UnitId> {
        self.roster.as_ref().map(|(leader, _)| *leader)
    }

    /// The list of `leader`, if that has told the last one.
    pub(in crate::arigatoni) fn roster_of(&self, leader: UnitId) -> Option<&Notice> {
        let of_it = self.roster.as_ref().filter(|(other, _)| *other == leader);
        of_it.map(|(_, roster)| roster)
    }

    /// The term after all in which it has voted, if its list is not older.
    fn next_term(&self, leader: UnitId) -> Option<(Term, Notice)> {
        let roster = self.roster_of(leader)?.clone();
        let first = Term {
            leader,
            roster: roster.number,
            round: 1,
        };
        let term = match self.voted {
            Some(voted) if voted.leader == leader && voted.roster == first.roster => Term {
                round: voted.round.checked_add(1)?,
                ..first
            },
            Some(voted) if voted.leader == leader && voted > first => return None,
            _ => first,
        };
        Some((term, roster))
    }

    /// Waits for others, and asks for votes itself if it hears nothing and leads a colony.
    fn wait<P: Policy>(
        &mut self,
        leader: UnitId,
        (rule, policy): (Election, &P),
        context: &mut Context<'_>,
    ) {
        let me = context.me();
        let candidates = self
            .roster_of(leader)
            .map_or(1, |roster| roster.candidates());
        let may_ask = me.kind() == GBU && self.lost < ROUNDS_MAX;
        let next = self.next_term(leader).filter(|_| may_ask);
        let has_heard = self.voted.filter(|voted| voted.leader == leader);
        let wait = if let Some((term, _)) = next {
            self.stage = Stage::Candidate;
            let delay = policy.candidacy(me, term, rule.delays(candidates));
            // Whom it has voted for needs time to be elected, and to join a tree.
            let others = has_heard.map_or(Span::ZERO, |_| rule.patience(0));
            delay.saturating_add(others)
        } else {
            self.stage = Stage::Voter;
            rule.patience(candidates)
        };
        context.arm(Reminder::Return, wait);
    }

    fn lose(&mut self, context: &mut Context<'_>) {
        self.lost = self.lost.saturating_add(1);
        context.emit(Observation::ElectionFailed);
    }
}
