//! Migration: where a unit goes that has lost its leader, and how no broker gets below itself.
//!
//! A computer registers with its new leader, and that is all: it leads nobody. A broker *moves* from the
//! moment it asks until it is registered. It asks the broker that it wants to join ([`Message::MayJoin`]),
//! which passes the question on to its own super-broker, and so on up to the root of that tree. A broker
//! that moves refuses, and so does the mover itself if its own question comes back to it; a root that does not
//! move grants. Only then the mover registers.
//!
//! So there is never a cycle, however many move at once. Suppose there were one, and consider of all brokers on
//! it the one that began last to move to where it is now. Its question went up from its new super-broker
//! while it was moving. Each broker on the cycle had begun its own move by then; so it was moving and refused,
//! or its super-broker was the one that it has on the cycle, and the question went on along the cycle until
//! it came to the mover, which refused it. But it was granted: a contradiction. (That a super-broker is lost
//! meanwhile takes an edge away; the broker below it is on a cycle only if it has moved since, and it
//! would have begun later.)
//!
//! Two that ask to join each other's tree would refuse each other for ever: of two, the one with the greater
//! number gives its question up, and grants. This module does *not* know who is near, nor how a unit finds
//! out that its leader has gone.

mod told;

use super::Context;
use super::membership::Membership;
use super::message::{Message, Reminder};
use super::policy::{Given, Policy};
use super::rules::{Recovery, Rules};
use crate::time::Span;
use crate::unit::UnitId;

pub(super) use told::Settler;

/// How units go elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migration {
    /// How long after it has lost its leader a unit goes.
    pub delay: Span,
}

/// The number of failed attempts after which a unit tries all brokers, one after the other: those near it may all
/// be below it.
const FAILED_MAX: u32 = 4;

/// The least of the numbers that [`attempts_to_heal`] gives.
const ATTEMPTS_LEAST: u32 = 8;

/// The longest wait for an answer, in timeouts of a heartbeat, each of which is longer than a round trip: a
/// question goes up a tree.
const ROUND_TRIPS_MAX: u64 = 8;

/// What a unit knows of its search for a leader. It looks elsewhere and where it belongs by turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct Moves {
    /// How often it has looked for one ([`ATTEMPTS`] are told apart), times [`FAILED`], and how often in vain since it has lost
    /// its leader, or [`DRAWN`]: in bytes, since a computer has no room for what lies between aligned numbers.
    packed: [u8; 3],
}

/// The number of attempts with separate draws; then the draws come again.
const ATTEMPTS: u32 = 1 << 6;

/// There are fewer failed attempts than this. So each of 130,000 brokers is tried before a unit begins again.
const FAILED: u32 = 1 << 18;

/// In the place of no attempt in vain: it has drawn whether it goes at its present attempt, and has not made it.
const DRAWN: u32 = FAILED - 1;

/// A broker's questions whether it may join others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct Question {
    /// The ticket of the last one; a crash does not reset it.
    ticket: u8,
    /// Whether that one has been refused. Then it does not ask the same broker again until it has tried another one.
    is_refused: bool,
    /// Whether that one has come back: the broker that it has asked is below it.
    is_below: bool,
    /// Whether one has come back since it asked its first leader: it goes on to those above that one.
    climbs: bool,
}

impl Moves {
    /// It has lost `leader`, or left it, and wants one: for how long it waits first; `None`: it does not go
    /// elsewhere. If it has made no attempt since it began last, it has stayed or found its leader again: what was drawn then
    /// does not hold now.
    pub(super) fn begin<P: Policy>(
        &mut self,
        (leader, rule): (UnitId, Migration),
        policy: &P,
        me: UnitId,
    ) -> Option<Span> {
        let attempts = self.numbers().0 + u32::from(self.has_drawn());
        *self = Self::of(attempts, 0).drawn();
        self.elsewhere(leader, policy, me).map(|_| rule.delay)
    }

    /// It begins again, and has lost nobody since it began last: what was drawn then holds.
    pub(super) fn go_on(&mut self) {
        let (attempts, failed) = self.numbers();
        *self = Self::of(attempts, failed);
    }

    /// The broker that it tries next, after it has lost or tried `leader`; by turns the one that it has to join, if it
    /// has been elected. One that `climbs` goes on to the broker above the one that it has tried.
    fn next<P: Policy>(
        &mut self,
        leader: UnitId,
        (above, climbs): (Option<UnitId>, bool),
        policy: &P,
        me: UnitId,
    ) -> UnitId {
        let (attempts, failed) = self.numbers();
        let elsewhere = match (above, self.place()) {
            (Some(above), None) => Some(above),
            (Some(_), Some(place)) => policy.any(me, place),
            (None, _) => self.elsewhere(leader, policy, me),
        };
        let elsewhere = elsewhere.filter(|_| failed.is_multiple_of(2));
        *self = Self::of(attempts + 1, failed + 1);
        let mut chain = policy.first_above(me);
        let higher = chain.find(|tried| climbs && *tried == leader);
        let higher = higher.and_then(|_| chain.next());
        elsewhere.or(higher).or(policy.home(me)).unwrap_or(leader)
    }

    /// Whom it has asked does not answer: it waits for longer the next time.
    pub(super) fn fail(&mut self) {
        let (attempts, failed) = self.numbers();
        *self = Self::of(attempts + u32::from(self.has_drawn()), failed + 1);
    }

    /// It has found whom to join, or has crashed.
    pub(super) fn reset(&mut self) {
        if !self.has_drawn() {
            *self = Self::of(self.numbers().0, 0);
        }
    }

    /// The state after `attempts` attempts, `failed` of which have failed. Odd and even numbers always
    /// alternate.
    fn of(attempts: u32, failed: u32) -> Self {
        Self::packed(
            attempts,
            if failed < DRAWN {
                failed
            } else {
                FAILED_MAX + 1
            },
        )
    }

    fn packed(attempts: u32, failed: u32) -> Self {
        let [low, middle, high, _] = (attempts % ATTEMPTS * FAILED + failed).to_le_bytes();
        let packed = [low, middle, high];
        Self { packed }
    }

    fn unpacked(self) -> (u32, u32) {
        let [low, middle, high] = self.packed;
        let both = u32::from_le_bytes([low, middle, high, 0]);
        (both / FAILED, both % FAILED)
    }

    /// After as many attempts, none of them in vain, it has drawn whether it goes at its present attempt.
    fn drawn(self) -> Self {
        Self::packed(self.numbers().0, DRAWN)
    }

    /// Whether it has drawn whether it goes at its present attempt, and has not made it.
    fn has_drawn(self) -> bool {
        self.unpacked().1 == DRAWN
    }

    /// How many attempts there have been, and how many since it has lost its leader.
    fn numbers(self) -> (u32, u32) {
        let (attempts, failed) = self.unpacked();
        (attempts, if failed == DRAWN { 0 } else { failed })
    }

    /// The brokers that `me` has tried besides its first leader, if it has made as many attempts since it lost
    /// one as [`Rules::healing`] leaves time for. The first attempt is left out, since it may have come while
    /// others moved. Each attempt has its own draw.
    pub(super) fn tries<P: Policy>(self, policy: &P, me: UnitId) -> impl Iterator<Item = UnitId> {
        let (attempts, failed) = self.numbers();
        let first = attempts.wrapping_sub(failed) % ATTEMPTS;
        (2..ATTEMPTS_LEAST).step_by(2).filter_map(move |number| {
            let then = Self::of(first + number, number);
            then.elsewhere(policy.home(me)?, policy, me)
        })
    }

    /// Which of all brokers, in its own order, it tries now: every other time the next one; `None`: a usual one.
    fn place(self) -> Option<u32> {
        let (_, failed) = self.numbers();
        let beyond = failed.checked_sub(FAILED_MAX)?;
        Some(beyond / 2)
    }

    fn elsewhere<P: Policy>(self, leader: UnitId, policy: &P, me: UnitId) -> Option<UnitId> {
        match self.place() {
            None => policy.elsewhere((me, leader), self.numbers().0),
            Some(place) if policy.migrates() => policy.any(me, place),
            Some(_) => None,
        }
    }

    /// How long it waits for an answer to its last question: twice as long each time. An answer to an earlier one
    /// does not count, so it would never hear one that takes longer than it waits. `None`: it asks once.
    pub(super) fn patience(self, rules: &Rules) -> Option<Span> {
        let again = rules.recovery?.again;
        let (_, failed) = self.numbers();
        Some(times(again, 1 << failed.min(16)).min(attempt(rules, again)))
    }
}

impl Question {
    /// Whether it is of no use to ask the same broker again now.
    pub(super) fn is_refused(self) -> bool {
        self.is_refused
    }

    /// Whether the broker that it has asked last is below it.
    pub(super) fn is_below(self) -> bool {
        self.is_below
    }

    /// An answer to an earlier question does not count from now on.
    pub(super) fn forget(&mut self) {
        (self.is_refused, self.is_below, self.climbs) = (false, false, false);
    }

    /// Whether an answer with `ticket` is to its last question.
    fn is_last(self, ticket: u32) -> bool {
        u32::from(self.ticket) == ticket
    }
}

fn times(wait: Span, factor: u64) -> Span {
    Span::from_ns(wait.as_ns().saturating_mul(factor))
}

/// How long an attempt to become a member takes at most, if the next one comes after `again` at the earliest.
fn attempt(rules: &Rules, again: Span) -> Span {
    let longest = rules.heartbeats.filter(|_| rules.moves());
    longest
        .map_or(again, |beats| times(beats.timeout, ROUND_TRIPS_MAX))
        .max(again)
}

/// The number of attempts within which a unit without a leader finds one, where all units live and brokers were on `levels` levels below
/// the first root at the beginning. It has asked the first root by then: where units migrate it asks the brokers above its first
/// leader at every second attempt from the fifth on, and that one last.
pub(super) fn attempts_to_heal(levels: u32) -> u64 {
    let attempts = 2 * u64::from(levels) + 1;
    attempts.max(ATTEMPTS_LEAST.into())
}

/// The longest time that a unit which has lost its leader needs for this many attempts to find one.
pub(super) fn longest(rules: &Rules, attempts: u64) -> Span {
    let again = rules.recovery.map_or(Span::ZERO, |rule| rule.again);
    let delay = rules.migration.map_or(Span::ZERO, |rule| rule.delay);
    times(attempt(rules, again), attempts).saturating_add(delay)
}

/// A unit has lost or left `lost`: whether it goes elsewhere. Then it does so after a while.
pub(super) fn begin<P: Policy>(
    moves: &mut Moves,
    (membership, lost): (Membership, UnitId),
    given: &Given<P>,
    context: &mut Context<'_>,
) -> bool {
    let delay = given.rules.migration.and_then(|rule| {
        let (policy, me) = (&given.policy, context.me());
        moves.begin((lost, rule), policy, me)
    });
    let delay = delay.filter(|_| membership.is_orphan());
    if let Some(delay) = delay {
        context.arm(Reminder::Return, delay);
    }
    delay.is_some()
}

/// A unit without a leader tries another one, perhaps, or by turns the one that it has to join: whether it does. A broker has its
/// `question`: where units do not migrate, and one that it has asked is below it, it tries those above its first leader.
pub(super) fn try_next<P: Policy>(
    (moves, membership): (&mut Moves, &mut Membership),
    question: Option<&mut Question>,
    above: Option<UnitId>,
    (given, me): (&Given<P>, UnitId),
) -> bool {
    let Some(lost) = membership.lost().filter(|_| given.rules.moves()) else {
        return false;
    };
    let policy = &given.policy;
    let climbs = question.as_ref().is_some_and(|it| it.climbs);
    let climbs = climbs && above.is_none() && !policy.migrates();
    let next = moves.next(lost, (above, climbs), policy, me);
    if let Some(question) = question.filter(|_| policy.home(me) == Some(next)) {
        question.climbs = false;
    }
    *membership = Membership::Orphan(next);
    true
}

/// The broker `context.me()` asks whether it may join `target`.
pub(super) fn ask(
    membership: &mut Membership,
    (target, question): (UnitId, &mut Question),
    patience: Option<Span>,
    context: &mut Context<'_>,
) {
    *membership = Membership::Asking(target);
    *question = Question {
        ticket: question.ticket.wrapping_add(1),
        is_refused: false,
        is_below: false,
        climbs: question.climbs,
    };
    let (mover, ticket) = (context.me(), question.ticket.into());
    context.send(target, Message::MayJoin { mover, ticket });
    if let Some(patience) = patience {
        context.arm(Reminder::Return, patience);
    }
}

/// A question has come: it is passed on, granted or refused.
pub(super) fn take_question(
    membership: &mut Membership,
    question: &mut Question,
    (mover, ticket): (UnitId, u32),
    recovery: Option<Recovery>,
    context: &mut Context<'_>,
) {
    let me = context.me();
    match *membership {
        _ if mover == me => {}
        Membership::Member(above) | Membership::Joining(above) | Membership::Leaving(above) => {
            context.send(above, Message::MayJoin { mover, ticket });
            return;
        }
        Membership::Asking(target) if mover < me => {
            *membership = Membership::Orphan(target);
            wait(recovery, context);
            context.send(mover, Message::JoinGranted { ticket });
            return;
        }
        Membership::Asking(_) | Membership::Returning(_) => {}
        Membership::Orphan(_) | Membership::Away(_) | Membership::Alone => {
            context.send(mover, Message::JoinGranted { ticket });
            return;
        }
    }
    if mover == me {
        if let Membership::Asking(target) = *membership
            && question.is_last(ticket)
        {
            // The target is below it. It may list it from before, and its heartbeats would go on for ever.
            context.send(target, Message::Moved);
            (question.is_below, question.climbs) = (true, true);
        }
        refused(membership, question, ticket, recovery, context);
    } else {
        context.send(mover, Message::JoinRefused { ticket });
    }
}

/// Its last question is granted: the broker that it joins.
pub(super) fn granted(
    membership: &mut Membership,
    question: Question,
    ticket: u32,
) -> Option<UnitId> {
    if let Membership::Asking(target) = *membership
        && question.is_last(ticket)
    {
        *membership = Membership::Orphan(target);
        return Some(target);
    }
    None
}

/// Its last question is refused: it does not move, and tries again after a while.
pub(super) fn refused(
    membership: &mut Membership,
    question: &mut Question,
    ticket: u32,
    recovery: Option<Recovery>,
    context: &mut Context<'_>,
) {
    if let Membership::Asking(target) = *membership
        && question.is_last(ticket)
    {
        *membership = Membership::Orphan(target);
        question.is_refused = true;
        wait(recovery, context);
    }
}

fn wait(recovery: Option<Recovery>, context: &mut Context<'_>) {
    if let Some(Recovery { again, .. }) = recovery {
        context.arm(Reminder::Return, again);
    }
}

#[cfg(test)]
mod tests;
