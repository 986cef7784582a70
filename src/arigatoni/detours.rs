//! Detours: what goes by another way than straight to its receiver. What is said at one end of a tunnel through a friend
//! goes through that friend.
//!
//! It does *not* know what messages mean, nor who is a member of whom.

use super::Context;
use super::message::Message;
use super::policy::{Given, Policy};
use super::relayed::Relayed;
use crate::discovery::Observation;
use crate::unit::{Effect, UnitId};

/// Sends what has been said since `begun` by the way that it must take.
pub(super) fn send_on<P: Policy>(begun: usize, given: &Given<P>, context: &mut Context<'_>) {
    let me = context.me();
    context.revise(begun, |effect| {
        let Effect::Send { to, message, .. } = effect else {
            return;
        };
        if let Some(friend) = friend((me, *to), &given.policy)
            && !is_between_peers(message)
        {
            let carried = std::mem::replace(message, Message::Registered);
            let relayed = Relayed {
                peer: *to,
                message: carried,
            };
            *message = Message::Tunnelled(relayed.into());
            *to = friend;
        }
    });
}

/// The friend through whom two speak, of which one has a tunnel to the other.
fn friend<P: Policy>((one, other): (UnitId, UnitId), policy: &P) -> Option<UnitId> {
    let of = |unit, leader| {
        let tunnel = policy.tunnel(unit);
        tunnel.filter(|it| it.leader == leader)?.friend
    };
    of(one, other).or_else(|| of(other, one))
}

/// Whether computers say it to each other, or brokers to computers that others have found: no tunnel is needed for it.
fn is_between_peers(message: &Message) -> bool {
    matches!(message, Message::Start { .. } | Message::Release { .. })
}

/// `message`, which has come through a friend, has reached its receiver: a query counts from here on.
pub(super) fn arrived(message: &Message, context: &mut Context<'_>) {
    if matches!(message, Message::Query(_)) {
        let (unit, reached) = (context.me(), true);
        context.emit(Observation::Asked { unit, reached });
    }
}
