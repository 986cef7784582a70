//! Where a unit stands with the colony at the end of its tunnel, of which it is a member besides its own; and the queries
//! that a computer puts to that colony when its own has not found enough.
//!
//! It does *not* know through whom the tunnel leads.

use crate::arigatoni::Context;
use crate::arigatoni::heartbeats::{Heartbeats, Watch};
use crate::arigatoni::membership::Membership;
use crate::arigatoni::message::{Message, Reminder};
use crate::arigatoni::policy::Tunnel;
use crate::arigatoni::rules::{LEAVE_RETRY, Recovery};
use crate::discovery::{Descriptor, Providers, RequestId};
use crate::time::{Span, Time};
use crate::unit::UnitId;

/// Whether a unit is a member at the end of its tunnel. Four words describe a unit that is not a member there. A
/// tunnel is *closed*, says the leader at its end, when nobody passes on what the two say. It is *shut* when the
/// unit itself is told to do without it. A unit is *struck* when it takes itself for no member, and does not want
/// to be one until it registers. It is *lost* when it has been struck against its will, and tries to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
enum Standing {
    /// It is.
    #[default]
    Member,
    /// It has asked to be let go.
    Leaving,
    /// It has been let go, or struck.
    Struck,
    /// It has been struck where heartbeats tell, or has heard nothing for too long: it wants to be a member again.
    Lost,
}

/// What its leader's word about a tunnel asks its member to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// To take the tunnel for closed.
    Closed,
    /// To become a member by it again, for it has no other leader.
    OpenAgain,
    /// To register at its end again.
    Register,
    /// It is a member there.
    Entered,
    /// It is not a member any more, since it has asked to leave, or it has left for good.
    Out,
    /// Nothing more.
    Heard,
    /// It is about something else.
    Other,
}

/// What the `leader` at the end of the `tunnel` means by `message` to one that is there `besides`, if it is, and that has
/// this membership and watch.
pub(super) fn hear(
    message: &Message,
    (tunnel, besides): (Tunnel, Option<&mut Tunnelling>),
    (membership, watch, rule): (Membership, Watch, Option<Heartbeats>),
    context: &mut Context<'_>,
) -> Word {
    let leader = tunnel.leader;
    let tunnelling = match (message, besides) {
        (Message::TunnelClosed, _) => return Word::Closed,
        // Its friend is a member again.
        (Message::NotMember, _) if membership.has_missed(leader) => return Word::OpenAgain,
        (_, None) => return Word::Other,
        (_, Some(tunnelling)) => tunnelling,
    };
    match *message {
        // Who has come back meanwhile is entered again next.
        Message::UnregisterAcknowledged if !tunnelling.is_leaving() => Word::Heard,
        Message::UnregisterDenied => {
            tunnelling.denied(leader, context);
            Word::Heard
        }
        Message::Registered => {
            let was_lost = tunnelling.is_lost();
            tunnelling.registered(leader, context);
            watch.heard(tunnelling.watched(), rule, context);
            if was_lost { Word::Entered } else { Word::Heard }
        }
        Message::NotMember if tunnelling.wants() => Word::Register,
        Message::NotMember | Message::UnregisterAcknowledged => Word::Out,
        Message::Heartbeat { number } if tunnelling.declares() => {
            context.send(leader, Message::HeartbeatAcknowledged { number });
            watch.heard(tunnelling.watched(), rule, context);
            match tunnelling.standing {
                Standing::Lost => Word::Register,
                Standing::Member => Word::Entered,
                Standing::Leaving | Standing::Struck => Word::Heard,
            }
        }
        Message::Heartbeat { .. } => {
            context.send(leader, Message::Moved);
            Word::Heard
        }
        // Without heartbeats it asks on, and is refused.
        Message::LoggedOut if rule.is_some() => Word::Out,
        _ => Word::Other,
    }
}

/// A query that may be put to two colonies.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Try {
    query: RequestId,
    demand: Descriptor,
    wanted: u32,
    /// The leader at the end of the tunnel.
    leader: UnitId,
    answer_by: Time,
    /// Whether it has been put to that leader.
    asked: bool,
    /// The providers that agree in its own colony, once the other colony is asked.
    found: Providers,
}

/// What is asked at the end of a tunnel.
#[derive(Debug)]
pub(super) struct Further {
    pub(super) leader: UnitId,
    pub(super) demand: Descriptor,
    pub(super) missing: u32,
    pub(super) time_left: Span,
}

/// The second membership of a unit.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Tunnelling {
    standing: Standing,
    /// Whether it has been told to do without the tunnel.
    shut: bool,
    tries: Vec<Try>,
}

impl Tunnelling {
    /// Of one that has the tunnel at first, or is told later to open it.
    pub(super) fn new(at_first: bool) -> Self {
        let mut new = Self {
            shut: !at_first,
            ..Self::default()
        };
        new.clear();
        new
    }

    /// It has crashed, and forgets all but whether it has the tunnel.
    pub(super) fn clear(&mut self) {
        self.standing = Standing::Member;
        if self.shut {
            self.strike();
        }
        self.tries.clear();
    }

    /// Whether it is to do without the tunnel.
    pub(super) fn is_shut(&self) -> bool {
        self.shut
    }

    /// It is told to do without the tunnel, or with it.
    pub(super) fn shut(&mut self, is_shut: bool) {
        self.shut = is_shut;
    }

    /// The timer by which it tries again to leave the end of the tunnel. After `CloseTunnel` it is `TunnelReturn`: the unit stays
    /// in its own colony, and `Leave` is for leaving that.
    pub(super) fn retry(&self) -> Reminder {
        if self.shut {
            Reminder::TunnelReturn
        } else {
            Reminder::Leave
        }
    }

    /// Whether it is a member, or thinks so.
    pub(super) fn is_member(&self) -> bool {
        self.standing == Standing::Member
    }

    /// Whether it wants to be a member, and does not know that it is not.
    fn wants(&self) -> bool {
        !self.shut && matches!(self.standing, Standing::Member | Standing::Lost)
    }

    /// Whether it is not a member, and wants to be one again.
    pub(super) fn is_lost(&self) -> bool {
        self.standing == Standing::Lost
    }

    /// The timer by which it waits for heartbeats, if it does so. One that is shut does not: the timer by which it leaves has the
    /// same place, and tells it as well whether anybody is there.
    pub(super) fn watched(&self) -> Option<Reminder> {
        let waits = matches!(self.standing, Standing::Member | Standing::Leaving);
        let waits = waits && !self.shut;
        waits.then_some(Reminder::TunnelSilence)
    }

    /// Whether it has asked to be let go.
    pub(super) fn is_leaving(&self) -> bool {
        self.standing == Standing::Leaving
    }

    /// Whether its leader hears of changes: it may still list it.
    pub(super) fn declares(&self) -> bool {
        self.standing != Standing::Struck
    }

    /// It registers.
    pub(super) fn enter(&mut self) {
        self.standing = Standing::Member;
    }

    /// It is no member any more. Whether it was about to leave: it had asked for that, or would have when it could.
    pub(super) fn strike(&mut self) -> bool {
        match std::mem::replace(&mut self.standing, Standing::Struck) {
            Standing::Leaving => true,
            Standing::Member => self.shut,
            Standing::Struck | Standing::Lost => false,
        }
    }

    /// It is no member any more, but wants to be one unless it had asked to be let go: whether it had. It tries again after
    /// `again`; without that it waits until it hears that it can.
    pub(super) fn lose(&mut self, again: Option<Span>, context: &mut Context<'_>) -> bool {
        match (self.standing, again) {
            (Standing::Struck, _) => return false,
            _ if self.shut || self.is_leaving() => {
                context.disarm(Reminder::TunnelSilence);
                return self.strike();
            }
            (_, Some(again)) => {
                context.arm(Reminder::TunnelReturn, again);
            }
            (_, None) => context.disarm(Reminder::TunnelReturn),
        }
        self.standing = Standing::Lost;
        false
    }

    /// It does not want to be a member any more, unless it is one.
    pub(super) fn give_up(&mut self, context: &mut Context<'_>) {
        if self.is_lost() {
            context.disarm(Reminder::TunnelReturn);
            self.standing = Standing::Struck;
        }
    }

    /// It leaves both colonies, this one first: whether it must wait until `leader` has let it go. It asks once, and where the
    /// answer may not come it does not wait for longer than units wait.
    pub(super) fn leave(
        &mut self,
        leader: UnitId,
        recovery: Option<Recovery>,
        context: &mut Context<'_>,
    ) -> bool {
        match self.standing {
            Standing::Member => {
                self.standing = Standing::Leaving;
                context.send(leader, Message::Unregister);
                self.wait_on(recovery, context);
                true
            }
            // The reminder is due. One that is shut has a reminder of its own for that.
            Standing::Leaving if recovery.is_some() && !self.shut => {
                self.standing = Standing::Struck;
                false
            }
            Standing::Leaving => true,
            Standing::Struck | Standing::Lost => {
                self.give_up(context);
                false
            }
        }
    }

    /// If it has asked to be let go, it waits for the answer from now on, where that may not come.
    pub(super) fn wait_on(&self, recovery: Option<Recovery>, context: &mut Context<'_>) {
        if let Some(Recovery { again, .. }) = recovery.filter(|_| self.is_leaving()) {
            context.arm(self.retry(), again);
        }
    }

    /// Its `leader` does not let it go yet.
    fn denied(&mut self, leader: UnitId, context: &mut Context<'_>) {
        match self.standing {
            Standing::Leaving => {
                self.standing = Standing::Member;
                context.arm(self.retry(), LEAVE_RETRY);
            }
            // It has not waited for the answer.
            Standing::Struck if self.shut => context.arm(self.retry(), LEAVE_RETRY),
            // It has been registered late, and asks again.
            Standing::Struck => context.send(leader, Message::Unregister),
            Standing::Member | Standing::Lost => {}
        }
    }

    /// Its `leader` has entered it. If word that its tunnel was closed has crossed its registration, it takes itself for no
    /// member, and asks to be let go.
    fn registered(&mut self, leader: UnitId, context: &mut Context<'_>) {
        match self.standing {
            Standing::Struck => context.send(leader, Message::Unregister),
            Standing::Lost => {
                context.disarm(Reminder::TunnelReturn);
                self.enter();
            }
            Standing::Member | Standing::Leaving => {}
        }
    }

    /// It puts `query` to its own colony, and may put it to `leader` as well until `answer_by`.
    pub(super) fn may_try(
        &mut self,
        (query, demand, wanted): (RequestId, Descriptor, u32),
        leader: UnitId,
        answer_by: Time,
    ) {
        self.tries.push(Try {
            query,
            demand,
            wanted,
            leader,
            answer_by,
            asked: false,
            found: Providers::new(),
        });
    }

    /// Too few, `found`, agree to `query`: what is asked further, if anything can be. If not, they are joined by those that
    /// were found before.
    pub(super) fn next(
        &mut self,
        query: RequestId,
        found: &mut Providers,
        now: Time,
    ) -> Option<Further> {
        let is_member = self.is_member();
        let mut tries = self.tries.iter_mut();
        let of_query = tries.find(|it| it.query == query)?;
        if of_query.asked || !is_member || of_query.answer_by <= now {
            let mut before = self.forget(query);
            before.append(found);
            *found = before;
            return None;
        }
        of_query.asked = true;
        of_query.found = std::mem::take(found);
        Some(Further {
            leader: of_query.leader,
            demand: of_query.demand,
            missing: of_query.wanted - (of_query.found.len() as u32).min(of_query.wanted),
            time_left: of_query.answer_by - now,
        })
    }

    /// How many agree to `query` in its own colony, where both are asked.
    pub(super) fn found(&self, query: RequestId) -> usize {
        let of_query = self.tries.iter().find(|it| it.query == query);
        of_query.map_or(0, |it| it.found.len())
    }

    /// `query` has ended: those who agree to it in its own colony.
    pub(super) fn forget(&mut self, query: RequestId) -> Providers {
        let place = self.tries.iter().position(|it| it.query == query);
        place.map_or_else(Providers::new, |place| self.tries.swap_remove(place).found)
    }

    /// Sets the clock back to 0 at `now`.
    pub(super) fn set_clock(&mut self, now: Time) {
        for it in &mut self.tries {
            it.answer_by = it.answer_by.from_zero(now);
        }
    }
}

#[cfg(test)]
mod tests;
