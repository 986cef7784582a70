//! Where a unit stands with the colony at the end of its tunnel, of which it is a member besides its own; and the queries
//! that a computer puts to that colony when its own has not found enough.
//!
//! It does *not* know through whom the tunnel leads.

use crate::arigatoni::Context;
use crate::arigatoni::message::{Message, Reminder};
use crate::arigatoni::rules::{LEAVE_RETRY, Recovery};
use crate::discovery::{Descriptor, Providers, RequestId};
use crate::time::{Span, Time};
use crate::unit::UnitId;

/// Whether a unit is a member at the end of its tunnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
enum Standing {
    /// It is.
    #[default]
    Member,
    /// It has asked to be let go.
    Leaving,
    /// It has been let go, or struck.
    Struck,
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
    /// Who agrees in its own colony, once the other one is asked.
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
    tries: Vec<Try>,
}

impl Tunnelling {
    /// It has crashed, and forgets all.
    pub(super) fn clear(&mut self) {
        self.standing = Standing::Member;
        self.tries.clear();
    }

    /// Whether it is a member, or thinks so.
    pub(super) fn is_member(&self) -> bool {
        self.standing == Standing::Member
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

    /// It is no member any more. Whether it had asked for that.
    pub(super) fn strike(&mut self) -> bool {
        std::mem::replace(&mut self.standing, Standing::Struck) == Standing::Leaving
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
                if let Some(Recovery { again, .. }) = recovery {
                    context.arm(Reminder::Leave, again);
                }
                true
            }
            // The reminder is due.
            Standing::Leaving if recovery.is_some() => {
                self.standing = Standing::Struck;
                false
            }
            Standing::Leaving => true,
            Standing::Struck => false,
        }
    }

    /// Its `leader` does not let it go yet.
    pub(super) fn denied(&mut self, leader: UnitId, context: &mut Context<'_>) {
        match self.standing {
            Standing::Leaving => {
                self.standing = Standing::Member;
                context.arm(Reminder::Leave, LEAVE_RETRY);
            }
            // It has been registered late, and asks again.
            Standing::Struck => context.send(leader, Message::Unregister),
            Standing::Member => {}
        }
    }

    /// Its `leader` has entered it. If word that its tunnel was closed has crossed its registration, it takes itself for no
    /// member, and asks to be let go.
    pub(super) fn registered(&self, leader: UnitId, context: &mut Context<'_>) {
        if self.standing == Standing::Struck {
            context.send(leader, Message::Unregister);
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
mod tests {
    use super::*;
    use crate::arigatoni::tests::{DEMAND, REQUEST, effects_of, sent};
    use crate::discovery::{gbu, gcu};

    #[test]
    fn what_is_missing_is_asked_further_once_and_in_time() {
        let mut tunnelling = Tunnelling::default();
        let end = Time::ZERO + Span::from_s(9);
        tunnelling.may_try((REQUEST, DEMAND, 3), gbu(4), end);
        let mut found: Providers = [gcu(1)].into_iter().collect();
        let now = Time::ZERO + Span::from_s(2);
        let further = tunnelling.next(REQUEST, &mut found, now).unwrap();
        assert_eq!((further.leader, further.missing), (gbu(4), 2));
        assert_eq!(further.time_left, Span::from_s(7));
        assert!(found.is_empty() && tunnelling.found(REQUEST) == 1);
        found.push(gcu(2));
        assert!(tunnelling.next(REQUEST, &mut found, now).is_none());
        assert_eq!(found[..], [gcu(1), gcu(2)]);
        assert_eq!(tunnelling, Tunnelling::default());
        tunnelling.may_try((REQUEST, DEMAND, 3), gbu(4), end);
        assert!(tunnelling.next(REQUEST, &mut found, end).is_none(), "late");
    }

    #[test]
    fn who_leaves_waits_for_its_leaders_word() {
        let mut tunnelling = Tunnelling::default();
        let said = effects_of(|c| assert!(tunnelling.leave(gbu(4), None, c)));
        assert_eq!(sent(&said), [(gbu(4), &Message::Unregister)]);
        let said = effects_of(|c| assert!(tunnelling.leave(gbu(4), None, c)));
        assert!(said.is_empty() && !tunnelling.is_member() && tunnelling.declares());
        effects_of(|c| tunnelling.denied(gbu(4), c));
        assert!(tunnelling.is_member());
        effects_of(|c| assert!(tunnelling.leave(gbu(4), None, c)));
        assert!(tunnelling.strike() && !tunnelling.declares());
        effects_of(|c| assert!(!tunnelling.leave(gbu(4), None, c)));
    }

    #[test]
    fn who_is_registered_after_its_tunnel_was_closed_asks_to_be_let_go() {
        let mut tunnelling = Tunnelling::default();
        let said = effects_of(|c| tunnelling.registered(gbu(4), c));
        assert!(said.is_empty());
        tunnelling.strike();
        let said = effects_of(|c| tunnelling.registered(gbu(4), c));
        assert_eq!(sent(&said), [(gbu(4), &Message::Unregister)]);
        let said = effects_of(|c| tunnelling.denied(gbu(4), c));
        assert_eq!(sent(&said), [(gbu(4), &Message::Unregister)]);
        assert!(!tunnelling.is_member());
    }
}
