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
    members: Heard,
    /// The list before this one, kept for its capacity.
    spare: Room<Heard>,
}

/// What has been heard of each member.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
struct Heard {
    /// The number of the last heartbeat that each one has acknowledged, of those of which the acknowledgement is due, or of
    /// the last one before it came; ascending by member.
    last: Vec<(UnitId, u32)>,
    /// Which of the heartbeats that are not due each member has acknowledged, as bits by number. Each member
    /// has as many words as all heartbeats that are not due need; they are used in rotation. A later
    /// acknowledgement does not excuse an earlier miss.
    early: Vec<u64>,
}

impl Heard {
    /// The words of the member at `place`.
    fn words(&mut self, place: usize) -> &mut [u64] {
        let each = self.early.len() / self.last.len();
        &mut self.early[place * each..][..each]
    }
}

/// The bit of the heartbeat `number` in a ring of `words` words: the word's index, and the mask.
fn bit(number: u32, words: usize) -> (usize, u64) {
    let (word, bit) = (number as usize / 64 % words, number % 64);
    (word, 1 << bit)
}

impl Beats {
    /// Sends `members` (ascending) the next heartbeat.
    pub(in crate::arigatoni) fn beat(
        &mut self,
        members: &[UnitId],
        rule: Heartbeats,
        context: &mut Context<'_>,
    ) {
        let words = rule.words();
        let before = std::mem::replace(&mut self.members, std::mem::take(&mut self.spare.0));
        let Heard { last, early } = &mut self.members;
        last.clear();
        early.clear();
        let mut known = before
            .last
            .iter()
            .zip(before.early.chunks(words))
            .peekable();
        for &member in members {
            while known.next_if(|(other, _)| other.0 < member).is_some() {}
            let heard = known.next_if(|(other, _)| other.0 == member);
            last.push(heard.map_or((member, self.sent), |(last, _)| *last));
            match heard {
                Some((_, of_it)) => early.extend_from_slice(of_it),
                None => early.resize(early.len() + words, 0),
            }
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
        let Some(place) = self.place_of(member).filter(|_| number <= self.sent) else {
            return;
        };
        if number <= self.due {
            // It comes late, and it is heard all the same.
            let last = &mut self.members.last[place].1;
            *last = number.max(*last);
        } else {
            let words = self.members.words(place);
            let (word, bit) = bit(number, words.len());
            words[word] |= bit;
        }
    }

    /// `member` has been entered, perhaps again: what it did not acknowledge before does not matter.
    pub(in crate::arigatoni) fn entered(&mut self, member: UnitId) {
        if let Some(place) = self.place_of(member) {
            self.members.last[place].1 = self.sent;
            self.members.words(place).fill(0);
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
        let (due, words) = (self.due, rule.words());
        let (word, bit) = bit(due, words);
        let Heard { last, early } = &mut self.members;
        for ((_, last), early) in last.iter_mut().zip(early.chunks_mut(words)) {
            if early[word] & bit > 0 {
                early[word] &= !bit;
                *last = due.max(*last);
            }
        }
        let is_gone = |last: u32| due.saturating_sub(last) >= rule.misses;
        let gone = last.iter().filter(|(_, last)| is_gone(*last));
        gone.map(|(member, _)| *member).collect()
    }

    fn place_of(&self, member: UnitId) -> Option<usize> {
        let last = &self.members.last;
        last.binary_search_by_key(&member, |(unit, _)| *unit).ok()
    }
}
