//! Where a unit stands at the end of its tunnel, word by word.

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
fn where_heartbeats_tell_who_has_lost_the_end_of_its_tunnel_comes_back() {
    let tunnel = Tunnel {
        leader: gbu(4),
        friend: Some(gcu(7)),
        besides: true,
        at_first: true,
    };
    let rule = Heartbeats {
        every: Span::from_s(2),
        timeout: Span::from_s(3),
        misses: 2,
    };
    let mut tunnelling = Tunnelling::default();
    let watch = Watch::on();
    let heard = |tunnelling: &mut Tunnelling, message: &Message| {
        let known = (Membership::Member(gbu(1)), watch, Some(rule));
        let besides = (tunnel, Some(tunnelling));
        let mut word = Word::Other;
        let said = effects_of(|c| word = hear(message, besides, known, c));
        let said: Vec<Message> = sent(&said).into_iter().map(|(_, it)| it.clone()).collect();
        (word, said)
    };
    let (heartbeat, number) = (Message::Heartbeat { number: 3 }, 3);
    let acknowledged = vec![Message::HeartbeatAcknowledged { number }];
    let said = heard(&mut tunnelling, &heartbeat);
    assert_eq!(said, (Word::Entered, acknowledged.clone()));
    effects_of(|c| assert!(!tunnelling.lose(Some(Span::from_s(20)), c)));
    assert!(tunnelling.is_lost() && tunnelling.watched().is_none());
    assert_eq!(
        heard(&mut tunnelling, &heartbeat),
        (Word::Register, acknowledged)
    );
    let said = heard(&mut tunnelling, &Message::NotMember);
    assert_eq!(said, (Word::Register, vec![]), "its friend is back");
    let said = heard(&mut tunnelling, &Message::Registered);
    assert_eq!(said, (Word::Entered, vec![]));
    assert!(tunnelling.is_member());
    // One that has left says so.
    effects_of(|c| assert!(tunnelling.leave(gbu(4), None, c)));
    effects_of(|c| assert!(tunnelling.lose(None, c)));
    let said = heard(&mut tunnelling, &heartbeat);
    assert_eq!(said, (Word::Heard, vec![Message::Moved]));
    assert_eq!(
        heard(&mut tunnelling, &Message::NotMember),
        (Word::Out, vec![])
    );
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
