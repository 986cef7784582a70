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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arigatoni::message::Answer;
    use crate::arigatoni::policy::Tunnel;
    use crate::arigatoni::rules::Borders;
    use crate::arigatoni::tests::two_domains::{TwoDomains, across};
    use crate::arigatoni::tests::{REQUEST, effects_at, sent, ticket};
    use crate::discovery::{gbu, gcu};

    const START: Message = Message::Start { request: REQUEST };

    /// What leaves `me` when it says `message` to each of `to`, and how much later.
    fn leaves(
        me: UnitId,
        (to, message): (&[UnitId], &Message),
        (back, speaks_to): (Option<&mut WaysBack>, Option<UnitId>),
        given: &Given<TwoDomains>,
    ) -> Vec<(UnitId, Message)> {
        let later = Span::from_ns(7);
        let effects = effects_at(0, me, |context| {
            // What was said before is not touched.
            context.send(gcu(8), Message::Moved);
            let begun = context.said();
            for &to in to {
                context.send(to, message.clone());
            }
            let ways = Ways { back, later };
            send_on(begun, ways, |unit| speaks_to == Some(unit), given, context);
        });
        let delays = effects.iter().filter_map(|effect| match effect {
            Effect::Send { after, .. } => Some(*after),
            _ => None,
        });
        let delays: Vec<Span> = delays.collect();
        assert_eq!(delays[0], Span::ZERO);
        assert!(delays[1..].iter().all(|after| *after == later));
        let sent = sent(&effects).into_iter().skip(1);
        sent.map(|(to, message)| (to, message.clone())).collect()
    }

    fn relayed(peer: UnitId, message: Message) -> super::super::parcel::Parcel<Relayed> {
        Relayed { peer, message }.into()
    }

    #[test]
    fn both_ends_of_a_tunnel_speak_through_the_friend() {
        let mut given = across(Borders::default());
        let tunnel = |leader, friend| Tunnel {
            leader,
            friend,
            besides: true,
            at_first: true,
        };
        given.policy.tunnels = [
            (gcu(1), tunnel(gbu(0), Some(gcu(4)))),
            (gcu(3), tunnel(gbu(0), None)),
        ]
        .into();
        let said = &Message::Registered;
        let to = |unit: UnitId| (gcu(4), Message::Tunnelled(relayed(unit, said.clone())));
        let straight = |unit: UnitId| (unit, said.clone());
        let none = || (None, None);
        let left = leaves(gcu(1), (&[gbu(0), gbu(2)], said), none(), &given);
        assert_eq!(left, [to(gbu(0)), straight(gbu(2))]);
        // A clone speaks for itself.
        let left = leaves(gbu(0), (&[gcu(1), gcu(3)], said), none(), &given);
        assert_eq!(left, [to(gcu(1)), straight(gcu(3))]);
    }

    #[test]
    fn a_firewall_lets_out_what_goes_back_along_a_way() {
        let given = across(Borders {
            firewall: true,
            ..Borders::default()
        });
        let mut back = WaysBack::default();
        // GCU 6 is of another domain than GCU 1, and GCU 3 of the same.
        let answer = Answer {
            request: REQUEST,
            ticket: ticket(0),
            providers: [gcu(6), gcu(3)].as_slice().into(),
        };
        back.learn(gbu(2), &answer);
        let mut say = |message: &Message, speaks_to| {
            let both = (&[gcu(6), gcu(3)][..], message);
            leaves(gcu(1), both, (Some(&mut back), speaks_to), &given)
        };
        let straight = |unit: UnitId, message: &Message| (unit, message.clone());
        // Only what starts or releases a provider is stopped at all.
        let said = Message::Registered;
        let all = [straight(gcu(6), &said), straight(gcu(3), &said)];
        assert_eq!(say(&said, None), all);
        let onward = (gbu(2), Message::Onward(relayed(gcu(6), START)));
        assert_eq!(say(&START, None), [onward, straight(gcu(3), &START)]);
        // The way was for one agreement.
        assert_eq!(say(&START, None), [straight(gcu(3), &START)]);
        let all = [straight(gcu(6), &START), straight(gcu(3), &START)];
        assert_eq!(say(&START, Some(gcu(6))), all);
    }
}
