//! Detours: what goes by another way than straight to its receiver. What is said at one end of a tunnel through a friend
//! goes through that friend; behind a firewall, what is said to a provider of another domain goes back by the way by which
//! it was found.
//!
//! It does *not* know what messages mean, nor who is a member of whom.

use super::Context;
use super::message::{ArigatoniProtocol, Message};
use super::policy::{Given, Policy};
use super::relayed::Relayed;
use super::ways_back::WaysBack;
use crate::discovery::Observation;
use crate::time::Span;
use crate::unit::{Effect, Input, UnitId};

/// What a unit knows of the ways out of it.
pub(super) struct Ways<'a> {
    /// By whom it has been told of providers, where there is a firewall.
    pub(super) back: Option<&'a mut WaysBack>,
    /// How much later than it says it what it says leaves it.
    pub(super) later: Span,
}

/// Sends what has been said since `begun` by the way that it must take. `speaks_to` says with whom the unit speaks
/// directly, firewall or not: its members.
pub(super) fn send_on<P: Policy>(
    begun: usize,
    mut ways: Ways<'_>,
    speaks_to: impl Fn(UnitId) -> bool,
    given: &Given<P>,
    context: &mut Context<'_>,
) {
    let (me, policy) = (context.me(), &given.policy);
    context.revise(begun, |effect| {
        let Effect::Send { to, message, after } = effect else {
            return true;
        };
        *after = after.saturating_add(ways.later);
        if is_between_peers(message) {
            let Some(back) = &mut ways.back else {
                return true;
            };
            let peer = back.take(*to, message);
            if policy.domain(me) == policy.domain(*to) {
                return true;
            }
            match peer {
                Some(peer) => {
                    *message = Message::Onward(relayed(*to, message));
                    *to = peer;
                }
                None if speaks_to(*to) => {}
                // The firewall stops it.
                None => return false,
            }
        }
        if let Some(friend) = friend((me, *to), policy) {
            *message = Message::Tunnelled(relayed(*to, message));
            *to = friend;
        }
        true
    });
}

/// `message`, taken out of its place, for `peer`.
fn relayed(peer: UnitId, message: &mut Message) -> super::parcel::Parcel<Relayed> {
    let message = std::mem::replace(message, Message::Registered);
    Relayed { peer, message }.into()
}

/// The friend through whom two speak, of which one has a tunnel to the other.
fn friend<P: Policy>((one, other): (UnitId, UnitId), policy: &P) -> Option<UnitId> {
    let of = |unit, leader| {
        let tunnel = policy.tunnel(unit);
        tunnel.filter(|it| it.leader == leader)?.friend
    };
    of(one, other).or_else(|| of(other, one))
}

/// Whether computers say it to each other, or brokers to computers that others have found. Without a firewall it goes
/// straight.
fn is_between_peers(message: &Message) -> bool {
    matches!(message, Message::Start { .. } | Message::Release { .. })
}

/// What has come through a friend, as an input of its receiver: a query counts from here on.
pub(super) fn arrived(relayed: Relayed, context: &mut Context<'_>) -> Input<ArigatoniProtocol> {
    let Relayed { peer, message } = relayed;
    if let Message::Query(query) = &message {
        context.emit(Observation::Asked {
            request: query.request,
            unit: context.me(),
            reached: true,
        });
    }
    Input::Message {
        from: peer,
        message,
    }
}
