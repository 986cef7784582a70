//! The leader's side: whom it sends heartbeats, and who does not acknowledge them.
//!
//! Heartbeats are numbered from 1, all members get the same. It does *not* know what the members offer.

use super::Heartbeats;
use crate::arigatoni::Context;
use crate::arigatoni::message::{Message, Reminder};
use crate::slab::Room;
use crate::unit::UnitId;

/// The heartbeats of one leader.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(in crate::arigatoni) struct Beats {
    /// How many heartbeats there have been, and of how many the acknowledgements are due.
    sent: u32,
    due: u32,
    /// The number of the last heartbeat that each member has acknowledged, or of the last one before it came;
    /// ascending by member.
    heard: Vec<(UnitId, u32)>,
    /// The list before this one, kept for its capacity.
    spare: Room<Vec<(UnitId, u32)>>,
}

impl Beats {
    /// Sends `members` (ascending) the next heartbeat.
    pub(in crate::arigatoni) fn beat(
        &mut self,
        members: &[UnitId],
        rule: Heartbeats,
        context: &mut Context<'_>,
    ) {
        let before = std::mem::replace(&mut self.heard, std::mem::take(&mut self.spare.0));
        self.heard.clear();
        let mut known = before.iter().copied().peekable();
        for &member in members {
            while known.next_if(|(other, _)| *other < member).is_some() {}
            let heard = known.next_if(|(other, _)| *other == member);
            self.heard.push(heard.unwrap_or((member, self.sent)));
        }
        self.spare.0 = before;
        self.sent += 1;
        let number = self.sent;
        for &member in members {
            context.send(member, Message::Heartbeat { number });
        }
        context.arm(Reminder::Heartbeat, rule.every);
        if number == 1 {
            context.arm(Reminder::HeartbeatDue, rule.timeout);
        }
    }

    /// `member` has acknowledged a heartbeat.
    pub(in crate::arigatoni) fn acknowledged(&mut self, member: UnitId, number: u32) {
        if number <= self.sent
            && let Some(heard) = self.heard_of(member)
        {
            *heard = number.max(*heard);
        }
    }

    /// `member` has been entered, perhaps again: what it did not acknowledge before does not matter.
    pub(in crate::arigatoni) fn entered(&mut self, member: UnitId) {
        let sent = self.sent;
        if let Some(heard) = self.heard_of(member) {
            *heard = sent;
        }
    }

    /// The acknowledgements of one more heartbeat are due: who has failed to send too many in a row.
    pub(in crate::arigatoni) fn take_due(
        &mut self,
        rule: Heartbeats,
        context: &mut Context<'_>,
    ) -> Vec<UnitId> {
        self.due += 1;
        context.arm(Reminder::HeartbeatDue, rule.every);
        let due = self.due;
        let is_gone = |heard: u32| due.saturating_sub(heard) >= rule.misses;
        let gone = self.heard.iter().filter(|(_, heard)| is_gone(*heard));
        gone.map(|(member, _)| *member).collect()
    }

    fn heard_of(&mut self, member: UnitId) -> Option<&mut u32> {
        let place = self.heard.binary_search_by_key(&member, |(unit, _)| *unit);
        place.ok().map(|place| &mut self.heard[place].1)
    }
}
