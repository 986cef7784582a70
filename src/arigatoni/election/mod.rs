//! Leader negotiation: the members of a colony whose leader has gone elect the leader of one of its subcolonies.
//!
//! A leader sends its members a numbered list of all members ([`Roster`]); it sends
//! the list again with the first heartbeat after a change (`Rosters`). Members whose leader has gone vote
//! (`Electing`). The elected broker has a task until it belongs to a tree again (`Seat`).
//!
//! A vote is for a [`Term`]: a list, and the number of the vote by that list. There is at most one leader in a
//! term: to be elected takes more than half of the members of *that* list, a leader never gives two lists
//! the same number, and a member votes in a term once, in ascending ones only. The number of the last list and
//! the last term of a vote are kept where crashes do not reach them.
//!
//! This module does *not* know how a unit finds out that its leader has gone, nor how it joins another one.

mod leader;
mod member;
mod seat;
#[cfg(test)]
mod tests;

use std::ops::Deref;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::discovery::GBU;
use crate::fingerprint::{Encode, Encoder};
use crate::time::Span;
use crate::unit::UnitId;

pub(super) use leader::Rosters;
pub(super) use member::{Began, Due, Electing};
pub(super) use seat::Seat;

/// What identifies a vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Term {
    /// The leader that has gone.
    pub leader: UnitId,
    /// The number of its list of members.
    pub roster: u32,
    /// The number of the vote by that list, from 1.
    pub round: u32,
}

impl Encode for Term {
    fn encode(&self, to: &mut Encoder) {
        to.u32(self.leader.as_bits());
        to.u32(self.roster);
        to.u32(self.round);
    }
}

/// The members of a colony, as its leader tells them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Roster {
    /// Its number, from 1; another list has a greater one.
    pub number: u32,
    /// The leader's own leader, or the one that it wants; `None`: it is the root of its tree.
    pub above: Option<UnitId>,
    /// The roots before that one which are not back, the first one first.
    pub former: Vec<UnitId>,
    /// Everybody, ascending.
    pub members: Vec<UnitId>,
}

impl Roster {
    /// How many members lead a colony themselves: one of them is elected.
    fn candidates(&self) -> u32 {
        let leads = |member: &&UnitId| member.kind() == GBU;
        self.members.iter().filter(leads).count() as u32
    }

    /// Whether `votes` votes are a majority.
    fn is_majority(&self, votes: usize) -> bool {
        2 * votes > self.members.len()
    }
}

/// A roster on its way to all members.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Notice(Arc<Roster>);

impl From<Roster> for Notice {
    fn from(roster: Roster) -> Self {
        Self(Arc::new(roster))
    }
}

impl Deref for Notice {
    type Target = Roster;

    fn deref(&self) -> &Roster {
        &self.0
    }
}

impl Serialize for Notice {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(to)
    }
}

impl<'de> Deserialize<'de> for Notice {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Roster::deserialize(from).map(Self::from)
    }
}

impl Encode for Notice {
    fn encode(&self, to: &mut Encoder) {
        to.u32(self.number);
        let units = |units: &[UnitId]| units.iter().map(|unit| unit.as_bits()).collect::<Vec<_>>();
        to.list(units(self.above.as_slice()).into_iter());
        to.list(units(&self.former).into_iter());
        to.list(units(&self.members).into_iter());
    }
}

/// How members elect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Election {
    /// How long votes are waited for: no round trip takes longer.
    pub timeout: Span,
}

/// Candidates ask for votes at random instants within this many timeouts, or within as many as there are
/// candidates.
const SPREAD_MAX: u32 = 8;
/// The number of ballots that a candidate loses before it gives up.
const ROUNDS_MAX: u8 = 8;

impl Election {
    /// The interval within which a candidate asks for votes: not before all units have noticed the failure.
    fn delays(self, candidates: u32) -> [Span; 2] {
        let half = Span::from_ns(self.timeout.as_ns() / 2);
        [
            half,
            half.saturating_add(self.times(candidates.min(SPREAD_MAX))),
        ]
    }

    /// For how long a member waits until it hears of a candidate, or that it is elected.
    fn patience(self, candidates: u32) -> Span {
        self.times(candidates.min(SPREAD_MAX) + 4)
    }

    /// No election takes longer.
    pub(super) fn longest(self) -> Span {
        let round = self.patience(SPREAD_MAX);
        Span::from_ns(round.as_ns().saturating_mul(u64::from(ROUNDS_MAX)))
    }

    fn times(self, factor: u32) -> Span {
        Span::from_ns(self.timeout.as_ns().saturating_mul(factor.into()))
    }
}
