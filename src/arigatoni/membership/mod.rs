//! Membership (VIP): who belongs to which colony.
//!
//! A member registers with a leader and declares what it, or its colony, can serve; tells changes;
//! asks to be let go. [`Membership`] is the member's side, the same for GCUs and GBUs; [`leader`]
//! is the leader's side; [`direct`] lets everybody register at once. None of them knows how
//! services are found.

pub(super) mod direct;
pub(super) mod leader;

use crate::arigatoni::Context;
use crate::arigatoni::message::{Message, Reminder};
use crate::arigatoni::rules::{LEAVE_RETRY, Recovery};
use crate::arigatoni::table::SummaryChange;
use crate::discovery::Descriptor;
use crate::time::Span;
use crate::unit::UnitId;

/// Whether a unit belongs to a colony.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) enum Membership {
    /// It is a member of this leader's colony.
    Member(UnitId),
    /// It has asked this leader to enter it, and does not know yet whether it has. It acts as a member.
    Joining(UnitId),
    /// It is about to leave this leader: it neither asks nor agrees any more.
    Leaving(UnitId),
    /// This leader, to which it belonged, has fallen silent.
    Orphan(UnitId),
    /// This leader has fallen silent, and the unit has asked it to register the unit again.
    Returning(UnitId),
    /// It has no leader either, and has asked whether it may join this broker.
    Asking(UnitId),
    /// It has left this leader, and may come back to it.
    Away(UnitId),
    /// It has never had a leader.
    #[default]
    Alone,
}

impl Membership {
    /// Of the colony of `leader`; of none without one.
    pub(super) fn of(leader: Option<UnitId>) -> Self {
        leader.map_or(Self::Alone, Self::Member)
    }

    /// The leader whose colony it counts as its own: also while it is about to leave, until the leader has let
    /// it go; not while that leader is silent.
    #[inline]
    pub(super) fn leader(self) -> Option<UnitId> {
        match self {
            Self::Member(leader) | Self::Joining(leader) | Self::Leaving(leader) => Some(leader),
            Self::Orphan(_)
            | Self::Returning(_)
            | Self::Asking(_)
            | Self::Away(_)
            | Self::Alone => None,
        }
    }

    /// The leader to which it sends requests: none once it is about to leave.
    #[inline]
    pub(super) fn leader_to_ask(self) -> Option<UnitId> {
        match self {
            Self::Member(leader) | Self::Joining(leader) => Some(leader),
            Self::Leaving(_)
            | Self::Orphan(_)
            | Self::Returning(_)
            | Self::Asking(_)
            | Self::Away(_)
            | Self::Alone => None,
        }
    }

    /// Whether it is a member and nothing else: its leader has entered it.
    pub(super) fn is_settled(self) -> bool {
        matches!(self, Self::Member(_))
    }

    /// The timer by which it waits for its leader's heartbeats, if it does so.
    pub(super) fn watched(self) -> Option<Reminder> {
        self.is_settled().then_some(Reminder::Silence)
    }

    /// Whether its leader has fallen silent, and it wants one.
    pub(super) fn is_orphan(self) -> bool {
        matches!(self, Self::Orphan(_) | Self::Returning(_) | Self::Asking(_))
    }

    /// Whether it has left its leader, or lost it before it was told to leave, and is not to have one.
    pub(super) fn is_away(self) -> bool {
        matches!(self, Self::Away(_))
    }

    /// Whether it is about to leave.
    #[inline]
    pub(super) fn is_leaving(self) -> bool {
        matches!(self, Self::Leaving(_))
    }

    /// Registers with the leader, if there is one, and declares `offers` (ascending). Where that may come
    /// to nothing, it is tried again until the leader confirms it.
    pub(super) fn register(
        &mut self,
        offers: impl Iterator<Item = Descriptor>,
        recovery: Option<Recovery>,
        context: &mut Context<'_>,
    ) {
        let (Self::Member(leader)
        | Self::Joining(leader)
        | Self::Orphan(leader)
        | Self::Returning(leader)) = *self
        else {
            return;
        };
        let offers = offers.collect();
        context.send(leader, Message::Register { offers });
        if let Some(Recovery { again, .. }) = recovery {
            *self = match self {
                Self::Orphan(_) | Self::Returning(_) => Self::Returning(leader),
                _ => Self::Joining(leader),
            };
            context.arm(Reminder::Return, again);
        }
    }

    /// `from` has entered it: `true` if that is its leader.
    pub(super) fn registered(&mut self, from: UnitId, context: &mut Context<'_>) -> bool {
        if *self == Self::Joining(from) || *self == Self::Returning(from) {
            *self = Self::Member(from);
            context.disarm(Reminder::Return);
        }
        self.leader() == Some(from)
    }

    /// Whether `peer` has been told, or is about to be, what it offers.
    pub(super) fn declares_to(self, peer: UnitId) -> bool {
        [
            Self::Member(peer),
            Self::Joining(peer),
            Self::Returning(peer),
        ]
        .contains(&self)
    }

    /// Tells the leader of a change of the colony's summary.
    #[inline]
    pub(super) fn update(self, change: SummaryChange, context: &mut Context<'_>) {
        let told = match self {
            // It may be entered by now.
            Self::Returning(leader) => Some(leader),
            other => other.leader(),
        };
        if let Some(leader) = told.filter(|_| !change.is_empty()) {
            let SummaryChange { added, removed } = change;
            context.send(leader, Message::Update { added, removed });
        }
    }

    /// It counts as a member where it has asked to be entered again: a leader that has granted that has entered it by now, or will.
    pub(super) fn count_as_entered(&mut self) {
        if let Self::Returning(leader) = *self {
            *self = Self::Joining(leader);
        }
    }

    /// Is told to leave: `true` if it can begin to. One without a leader has nobody to ask.
    pub(super) fn leave(&mut self, context: &mut Context<'_>) -> bool {
        match *self {
            Self::Member(leader) => *self = Self::Leaving(leader),
            Self::Joining(leader) => {
                context.disarm(Reminder::Return);
                *self = Self::Leaving(leader);
            }
            Self::Orphan(leader) | Self::Returning(leader) | Self::Asking(leader) => {
                context.disarm(Reminder::Return);
                *self = Self::Away(leader);
            }
            Self::Leaving(_) | Self::Away(_) | Self::Alone => {}
        }
        self.is_leaving()
    }

    /// Is told to come back: `true` if it must register. A leave that has not been granted is taken back.
    pub(super) fn join(&mut self, context: &mut Context<'_>) -> bool {
        match *self {
            Self::Leaving(leader) => {
                context.disarm(Reminder::Leave);
                *self = Self::Member(leader);
                false
            }
            Self::Away(leader) => {
                *self = Self::Member(leader);
                true
            }
            Self::Member(_)
            | Self::Joining(_)
            | Self::Orphan(_)
            | Self::Returning(_)
            | Self::Asking(_)
            | Self::Alone => false,
        }
    }

    /// Asks to be let go, or tries again later while it is `busy`. Where the answer may not come, it asks
    /// again until it does.
    pub(super) fn try_to_leave(
        self,
        busy: bool,
        recovery: Option<Recovery>,
        context: &mut Context<'_>,
    ) {
        let Self::Leaving(leader) = self else {
            return;
        };
        if busy {
            context.arm(Reminder::Leave, LEAVE_RETRY);
        } else {
            context.send(leader, Message::Unregister);
            if let Some(Recovery { again, .. }) = recovery {
                context.arm(Reminder::Leave, again);
            }
        }
    }

    /// `from` has answered "not yet".
    pub(super) fn unregister_denied(self, from: UnitId, context: &mut Context<'_>) {
        if self == Self::Leaving(from) {
            context.arm(Reminder::Leave, LEAVE_RETRY);
        }
    }

    /// `from` says that it is no member, or no longer one: `true` if it must register again, since it wants
    /// to be one.
    pub(super) fn unregistered(&mut self, from: UnitId, context: &mut Context<'_>) -> bool {
        if *self == Self::Leaving(from) {
            *self = Self::Away(from);
            context.disarm(Reminder::Leave);
        }
        *self == Self::Member(from)
    }

    /// The broker that it has lost, left or tried, if it wants another.
    pub(super) fn lost(self) -> Option<UnitId> {
        match self {
            Self::Joining(leader)
            | Self::Orphan(leader)
            | Self::Returning(leader)
            | Self::Asking(leader) => Some(leader),
            Self::Member(_) | Self::Leaving(_) | Self::Away(_) | Self::Alone => None,
        }
    }

    /// Whether it wants a leader, and would take one that has been elected in the place of `lost`: it has lost that
    /// one, and has not gone elsewhere meanwhile.
    pub(super) fn looks_for(self, lost: UnitId) -> bool {
        self.lost() == Some(lost)
    }

    /// It wants a leader again, if it has left one: that one.
    pub(super) fn come_back(&mut self) -> Option<UnitId> {
        if let Self::Away(leader) = *self {
            *self = Self::Orphan(leader);
            return Some(leader);
        }
        None
    }

    /// Whether `leader`, which had fallen silent, lives after all.
    pub(super) fn has_missed(self, leader: UnitId) -> bool {
        self == Self::Orphan(leader)
    }

    /// Whether it belongs to the colony of `leader`, or has been taken out of it by nobody but itself.
    pub(super) fn answers(self, leader: UnitId) -> bool {
        self.leader() == Some(leader)
            || self == Self::Orphan(leader)
            || self == Self::Returning(leader)
    }

    /// `peer` has gone: `true` if that was the leader. A leaver has left then; where units come back,
    /// others try again to become a member.
    pub(super) fn lose(
        &mut self,
        peer: UnitId,
        recovery: Option<Recovery>,
        context: &mut Context<'_>,
    ) -> bool {
        if self.leader() != Some(peer) {
            return false;
        }
        let Some(Recovery { again, .. }) = recovery else {
            *self = Self::Orphan(peer);
            return true;
        };
        if self.is_leaving() {
            *self = Self::Away(peer);
            context.disarm(Reminder::Leave);
        } else {
            *self = Self::Orphan(peer);
            context.arm(Reminder::Return, again);
        }
        true
    }

    /// It has been told that there is no way to `leader`, which is its only one: if it wants to be a member, it tries again
    /// after `again`. Without that it does not try by itself, for whoever closes the way may do so for ever.
    pub(super) fn waits(&mut self, leader: UnitId, again: Option<Span>, context: &mut Context<'_>) {
        if !self.is_orphan() || self.lost() != Some(leader) {
            return;
        }
        *self = Self::Orphan(leader);
        match again {
            Some(again) => context.arm(Reminder::Return, again),
            None => context.disarm(Reminder::Return),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arigatoni::offers::Offers;
    use crate::arigatoni::tests::{effects_of, sent};
    use crate::discovery::gbu;
    use crate::unit::Effect;

    #[test]
    fn a_member_asks_to_be_let_go_once_and_waits_for_its_leaders_word() {
        let mut member = Membership::of(Some(gbu(1)));
        assert_eq!(member.leader_to_ask(), Some(gbu(1)));
        effects_of(|c| assert!(member.unregistered(gbu(1), c), "it has not asked"));
        assert_eq!(member.leader(), Some(gbu(1)));
        effects_of(|c| assert!(member.leave(c) && member.leave(c), "again"));
        assert_eq!(
            (member.leader_to_ask(), member.leader()),
            (None, Some(gbu(1)))
        );
        let said = effects_of(|context| member.try_to_leave(false, None, context));
        assert_eq!(sent(&said), [(gbu(1), &Message::Unregister)]);
        effects_of(|c| assert!(!member.unregistered(gbu(2), c)));
        assert!(member.is_leaving(), "nobody else can let it go");
        effects_of(|c| assert!(!member.unregistered(gbu(1), c)));
        assert_eq!(member, Membership::Away(gbu(1)));
        effects_of(|c| assert!(!member.leave(c)));
    }

    #[test]
    fn who_comes_back_registers_unless_it_is_a_member_still() {
        let mut member = Membership::Leaving(gbu(1));
        let joins = |member: &mut Membership| {
            let mut joins = false;
            effects_of(|context| joins = member.join(context));
            joins
        };
        assert!(!joins(&mut member), "its leader has not let it go");
        assert_eq!(member, Membership::Member(gbu(1)));
        assert!(!joins(&mut member));
        let mut away = Membership::Away(gbu(1));
        assert!(joins(&mut away));
        assert_eq!(away, Membership::Member(gbu(1)));
        for mut other in [Membership::Orphan(gbu(1)), Membership::Alone] {
            assert!(!joins(&mut other));
        }
    }

    #[test]
    fn a_leaver_tries_again_while_it_is_busy_or_held() {
        let leaver = Membership::Leaving(gbu(1));
        let again = |said: &[Effect<_>]| match said {
            [Effect::Arm { timer, after }] => *timer == Reminder::Leave && *after == LEAVE_RETRY,
            _ => false,
        };
        assert!(again(&effects_of(|c| leaver.try_to_leave(true, None, c))));
        assert!(again(&effects_of(|c| leaver.unregister_denied(gbu(1), c))));
        assert!(effects_of(|c| leaver.unregister_denied(gbu(2), c)).is_empty());
        for other in [Membership::Member(gbu(1)), Membership::Orphan(gbu(1))] {
            assert!(effects_of(|c| other.try_to_leave(false, None, c)).is_empty());
            assert!(effects_of(|c| other.unregister_denied(gbu(1), c)).is_empty());
        }
    }

    #[test]
    fn where_the_answer_may_be_lost_a_leaver_asks_again() {
        let again = Span::from_s(9);
        let slack = Span::ZERO;
        let recovery = Some(Recovery { again, slack });
        let mut leaver = Membership::Leaving(gbu(1));
        let said = effects_of(|c| leaver.try_to_leave(false, recovery, c));
        assert_eq!(sent(&said), [(gbu(1), &Message::Unregister)]);
        assert!(matches!(said[1], Effect::Arm { timer: Reminder::Leave, after } if after == again));
        let said = effects_of(|c| assert!(!leaver.unregistered(gbu(1), c)));
        assert!(matches!(
            said[..],
            [Effect::Disarm {
                timer: Reminder::Leave
            }]
        ));
    }

    #[test]
    fn only_its_leader_can_be_lost() {
        for mut member in [Membership::Member(gbu(1)), Membership::Leaving(gbu(1))] {
            effects_of(|c| assert!(!member.lose(gbu(2), None, c)));
            assert!(member.leader().is_some());
            effects_of(|c| assert!(member.lose(gbu(1), None, c)));
            assert_eq!(member, Membership::Orphan(gbu(1)));
            effects_of(|c| assert!(!member.lose(gbu(1), None, c)));
        }
    }

    #[test]
    fn changes_are_told_and_nothing_else_is() {
        let added = Offers::from([Descriptor(4)]);
        let removed = Offers::default();
        let change = SummaryChange {
            added: added.clone(),
            removed: removed.clone(),
        };
        let update = Message::Update { added, removed };
        let none = SummaryChange::default();
        // A leaver is a member until it is let go.
        for member in [Membership::Member(gbu(1)), Membership::Leaving(gbu(1))] {
            let said = effects_of(|c| member.update(change.clone(), c));
            assert_eq!(sent(&said), [(gbu(1), &update)]);
            assert!(effects_of(|c| member.update(none.clone(), c)).is_empty());
        }
        assert!(effects_of(|c| Membership::Alone.update(change.clone(), c)).is_empty());
    }
}
