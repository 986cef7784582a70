//! The member's side: it waits for the next heartbeat of its leader, and of that at the end of its tunnel.
//!
//! It does *not* know how it becomes a member.

use super::Heartbeats;
use crate::arigatoni::Context;
use crate::arigatoni::membership::Membership;
use crate::arigatoni::message::{Message, Reminder};
use crate::unit::UnitId;

/// Whether a unit looks after its leader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(in crate::arigatoni) struct Watch {
    is_on: bool,
}

impl Watch {
    /// One that does.
    pub(in crate::arigatoni) fn on() -> Self {
        Self { is_on: true }
    }

    /// Whether it looks after it now.
    pub(in crate::arigatoni) fn is_on(self) -> bool {
        self.is_on
    }

    /// It begins to wait by the timer `watched` of a membership, if it has that one. The first heartbeat comes after a whole
    /// interval at the latest.
    pub(in crate::arigatoni) fn begin(
        self,
        watched: Option<Reminder>,
        rule: Option<Heartbeats>,
        context: &mut Context<'_>,
    ) {
        if let Some((timer, rule)) = watched.zip(rule).filter(|_| self.is_on) {
            context.arm(timer, rule.silence() + rule.every);
        }
    }

    /// It ends for all memberships with the timers `watched`.
    pub(in crate::arigatoni) fn end(
        &mut self,
        watched: [Option<Reminder>; 2],
        context: &mut Context<'_>,
    ) {
        if std::mem::take(&mut self.is_on) {
            for timer in watched.into_iter().flatten() {
                context.disarm(timer);
            }
        }
    }

    /// A heartbeat has come from `leader`. Returns `true` if the leader was suspected, so that the unit must
    /// register again. One that does not belong to `leader` says so.
    #[inline]
    pub(in crate::arigatoni) fn take(
        self,
        leader: UnitId,
        number: u32,
        (membership, rule): (Membership, Option<Heartbeats>),
        context: &mut Context<'_>,
    ) -> bool {
        if !membership.answers(leader) {
            context.send(leader, Message::Moved);
            return false;
        }
        context.send(leader, Message::HeartbeatAcknowledged { number });
        self.heard(membership.watched(), rule, context);
        membership.has_missed(leader)
    }

    /// The leader of the membership with the timer `watched` lives: it has entered it, or a heartbeat has come from it.
    #[inline]
    pub(in crate::arigatoni) fn heard(
        self,
        watched: Option<Reminder>,
        rule: Option<Heartbeats>,
        context: &mut Context<'_>,
    ) {
        if let Some((timer, rule)) = watched.zip(rule).filter(|_| self.is_on) {
            context.arm(timer, rule.silence());
        }
    }
}
