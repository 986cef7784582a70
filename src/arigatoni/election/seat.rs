//! The tasks of an elected broker, until it belongs to a tree.
//!
//! It tells the members of the colony at once that they may join it. It tells other brokers only when it no longer
//! moves itself, since it would refuse them until then. If it replaces a root, it is a root itself, and asks
//! periodically whether a root before it is back, while there is one that is not below it. It does *not* know how a broker moves.

use super::{Roster, Term};
use crate::arigatoni::Context;
use crate::arigatoni::message::Message;
use crate::discovery::GBU;
use crate::unit::UnitId;

/// The task of a broker that has been elected.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::arigatoni) struct Seat {
    term: Term,
    /// The broker that it joins; `None`: it is a root.
    above: Option<UnitId>,
    /// The brokers that are to be told.
    brokers: Vec<UnitId>,
    /// The roots before it that it has not found below itself, the first one first.
    former: Vec<UnitId>,
}

impl Seat {
    /// `context.me()` is elected in `term` by the members of `roster`.
    pub(in crate::arigatoni) fn take(
        term: Term,
        roster: &Roster,
        context: &mut Context<'_>,
    ) -> Self {
        let me = context.me();
        let others = roster.members.iter().copied().filter(|other| *other != me);
        let (brokers, computers): (Vec<_>, Vec<_>) = others.partition(|unit| unit.kind() == GBU);
        for computer in computers {
            context.send(computer, Message::Elected(term));
        }
        let above = roster.above.filter(|above| *above != me);
        let former = roster.former.iter().copied().chain([term.leader]);
        let former = former.filter(|root| above.is_none() && *root != me);
        let mut seat = Self {
            term,
            above,
            brokers,
            former: former.collect(),
        };
        if above.is_none() {
            seat.tell_brokers(context);
        }
        seat
    }

    /// The leader in whose place it is.
    pub(in crate::arigatoni) fn leader(&self) -> UnitId {
        self.term.leader
    }

    /// The broker that it joins; `None`: it is a root.
    pub(in crate::arigatoni) fn above(&self) -> Option<UnitId> {
        self.above
    }

    /// The roots before it that it has not found below itself, the first one first.
    pub(in crate::arigatoni) fn former(&self) -> &[UnitId] {
        &self.former
    }

    /// The root that it stands for, if it does.
    pub(in crate::arigatoni) fn stands_for(&self) -> Option<UnitId> {
        self.former.first().copied()
    }

    /// It has found `root` below itself: that one is no root.
    pub(in crate::arigatoni) fn has_below(&mut self, root: UnitId) {
        self.former.retain(|other| *other != root);
    }

    /// It does not move any more.
    pub(in crate::arigatoni) fn tell_brokers(&mut self, context: &mut Context<'_>) {
        for broker in self.brokers.drain(..) {
            context.send(broker, Message::Elected(self.term));
        }
    }

    /// Asks the roots before it that are not among `members` whether they are back: whether there are any.
    pub(in crate::arigatoni) fn probe(
        &self,
        members: &[UnitId],
        context: &mut Context<'_>,
    ) -> bool {
        let away = self.former.iter();
        let away = away.filter(|root| members.binary_search(root).is_err());
        let mut asks = false;
        for &root in away {
            context.send(root, Message::Elected(self.term));
            asks = true;
        }
        asks
    }
}
