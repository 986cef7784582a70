//! Units with tunnels: what they do when they are told that these are closed, and when they are told to leave.

use super::*;
use crate::arigatoni::heartbeats::Heartbeats;
use crate::arigatoni::policy::Tunnel;
use crate::arigatoni::relayed::Relayed;
use crate::arigatoni::rules::Recovery;
use crate::arigatoni::tunnels::Tunnels;

const AGAIN: Span = Span::from_s(20);

/// GCU 1 under GBU 9, with a tunnel through GCU 7 into the colony of GBU 4, besides its own colony or instead of it.
fn guest(besides: bool) -> Hand<Gcu> {
    let tunnel = Tunnel {
        leader: gbu(4),
        friend: Some(gcu(7)),
        besides,
        at_first: true,
    };
    let mut given = given(Rules {
        heartbeats: Some(Heartbeats {
            every: Span::from_s(1),
            timeout: Span::from_s(2),
            misses: 1,
        }),
        recovery: Some(Recovery {
            again: AGAIN,
            slack: Span::ZERO,
        }),
        borders: Borders {
            tunnels: true,
            ..Borders::default()
        },
        ..rules()
    });
    given.policy.tunnels = Some(Arc::new(Tunnels::of_one(gcu(1), tunnel)));
    Hand(Gcu::new(if besides { gbu(9) } else { gbu(4) }), given)
}

/// What GBU 4 says, as GCU 7 passes it on.
fn through_friend(message: Message) -> Input<ArigatoniProtocol> {
    let relayed = Relayed {
        peer: gbu(4),
        message,
    };
    from(gcu(7), Message::Tunnelled(relayed.into()))
}

/// What is said to GBU 4 through GCU 7, in order.
fn to_the_end(said: &[Effect<ArigatoniProtocol>]) -> Vec<Message> {
    let sent = sent(said).into_iter();
    let relayed = sent.filter_map(|(to, message)| match message {
        Message::Tunnelled(relayed) if to == gcu(7) => Some(relayed.clone().open()),
        _ => None,
    });
    let relayed = relayed.filter(|relayed| relayed.peer == gbu(4));
    relayed.map(|relayed| relayed.message).collect()
}

fn waits_for(said: &[Effect<ArigatoniProtocol>], reminder: Reminder, time: Span) -> bool {
    said.iter().any(
        |effect| matches!(effect, Effect::Arm { timer, after } if *timer == reminder && *after == time),
    )
}

/// The word that the tunnel is open again may be lost: nobody would hear of it else.
#[test]
fn who_is_told_that_its_tunnel_is_closed_tries_again_as_long_as_it_looks_after_its_leaders() {
    for (besides, reminder) in [(true, Reminder::TunnelReturn), (false, Reminder::Return)] {
        let mut guest = guest(besides);
        guest.say(0, Input::Command(Command::Watch));
        let said = guest.say(1, through_friend(Message::TunnelClosed));
        assert!(waits_for(&said, reminder, AGAIN), "{besides}: {said:?}");
        for ms in [20_001, 40_001] {
            let said = guest.say(ms, Input::Timer(reminder));
            let asked = to_the_end(&said);
            assert!(
                matches!(asked[..], [Message::Register { .. }]),
                "{besides}: {said:?}"
            );
            assert!(waits_for(&said, reminder, AGAIN), "{besides}: {said:?}");
            guest.say(ms + 1, through_friend(Message::TunnelClosed));
        }
        guest.say(50_000, Input::Command(Command::Unwatch));
        let said = guest.say(60_002, through_friend(Message::TunnelClosed));
        assert!(!waits_for(&said, reminder, AGAIN), "{besides}: {said:?}");
        if !besides {
            let stops = |effect: &Effect<ArigatoniProtocol>| matches!(effect, Effect::Disarm { timer } if *timer == reminder);
            assert!(said.iter().any(stops), "{said:?}");
        }
    }
}

#[test]
fn who_is_told_that_its_tunnel_is_open_again_registers_at_once() {
    for besides in [true, false] {
        let mut guest = guest(besides);
        guest.say(0, Input::Command(Command::Watch));
        guest.say(1, through_friend(Message::TunnelClosed));
        let said = guest.say(2, through_friend(Message::NotMember));
        let asked = to_the_end(&said);
        assert!(
            matches!(asked[..], [Message::Register { .. }]),
            "{besides}: {said:?}"
        );
    }
}

/// It has no leader of its own to wait for, but one at the end of its tunnel that lists it.
#[test]
fn an_orphan_that_is_told_to_leave_leaves_the_end_of_its_tunnel() {
    let mut guest = guest(true);
    guest.say(0, Input::Command(Command::Watch));
    guest.say(2_000, Input::Timer(Reminder::Silence));
    assert!(guest.0.is_orphan() && guest.0.is_besides());
    let said = guest.say(3_000, Input::Command(Command::Leave));
    assert_eq!(to_the_end(&said), [Message::Unregister]);
    let said = guest.say(3_001, through_friend(Message::UnregisterDenied));
    assert!(waits_for(&said, Reminder::Leave, Span::from_s(1)));
    let said = guest.say(4_001, Input::Timer(Reminder::Leave));
    assert_eq!(to_the_end(&said), [Message::Unregister]);
    let said = guest.say(4_002, through_friend(Message::UnregisterAcknowledged));
    assert!(to_the_end(&said).is_empty() && !guest.0.is_besides());
    let said = guest.say(5_000, Input::Command(Command::Join));
    let asked = to_the_end(&said);
    assert!(matches!(asked[..], [Message::Register { .. }]), "{said:?}");
}

/// Whoever it serves is served to the end first.
#[test]
fn an_orphan_that_serves_leaves_the_end_of_its_tunnel_later() {
    let mut guest = guest(true);
    guest.say(0, through_friend(query(1, 0)));
    assert_eq!(guest.0.slots_held(), 1);
    guest.say(0, Input::Command(Command::Watch));
    guest.say(2_000, Input::Timer(Reminder::Silence));
    let said = guest.say(3_000, Input::Command(Command::Leave));
    assert!(to_the_end(&said).is_empty(), "{said:?}");
    assert!(waits_for(&said, Reminder::Leave, Span::from_s(1)));
    guest.say(3_500, from(gcu(3), Message::Release { request: REQUEST }));
    let said = guest.say(4_000, Input::Timer(Reminder::Leave));
    assert_eq!(to_the_end(&said), [Message::Unregister]);
}
