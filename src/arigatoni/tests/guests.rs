//! Units with tunnels: what they do when they are told that these are closed, and when they are told to close or open them, or to
//! leave.

use super::*;
use crate::arigatoni::heartbeats::Heartbeats;
use crate::arigatoni::policy::Tunnel;
use crate::arigatoni::relayed::Relayed;
use crate::arigatoni::rules::Recovery;
use crate::arigatoni::tunnels::Tunnels;

const AGAIN: Span = Span::from_s(20);

/// GCU 1 under GBU 9, with a tunnel through GCU 7 into the colony of GBU 4, besides its own colony or instead of it.
fn guest(besides: bool) -> Hand<Gcu> {
    guest_with(Tunnel {
        leader: gbu(4),
        friend: Some(gcu(7)),
        besides,
        at_first: true,
    })
}

/// GCU 1 under GBU 9, with this tunnel besides its own colony or instead of it.
fn guest_with(tunnel: Tunnel) -> Hand<Gcu> {
    let mut given = given(rules_of_guests());
    given.policy.tunnels = Some(Arc::new(Tunnels::of_one(gcu(1), tunnel)));
    let leader = if tunnel.besides { gbu(9) } else { gbu(4) };
    Hand(Gcu::new(leader).with(Some(tunnel)), given)
}

/// GBU 0 under GBU 9, with a tunnel by a clone into the colony of GBU 4; GCU 1 is a member of its own.
fn guest_broker() -> Hand<Gbu> {
    let tunnel = Tunnel {
        leader: gbu(4),
        friend: None,
        besides: true,
        at_first: true,
    };
    let mut given = given(rules_of_guests());
    given.policy.tunnels = Some(Arc::new(Tunnels::of_one(gbu(0), tunnel)));
    let mut table = RoutingTable::new(8);
    table.register(gcu(1), &[DEMAND]);
    let broker = Gbu::new(Some(gbu(9)), table);
    Hand(broker.besides(gbu(4), true), given)
}

fn rules_of_guests() -> Rules {
    Rules {
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
    }
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

fn stops(said: &[Effect<ArigatoniProtocol>], reminder: Reminder) -> bool {
    said.iter()
        .any(|effect| matches!(effect, Effect::Disarm { timer } if *timer == reminder))
}

fn asks_its_own(said: &[Effect<ArigatoniProtocol>]) -> bool {
    sent(said).contains(&(gbu(9), &Message::Unregister))
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
            assert!(stops(&said, reminder), "{said:?}");
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
    assert!(guest.0.membership.is_orphan() && guest.0.is_besides());
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

const RETRY: Span = Span::from_s(1);

fn told(command: Command) -> Input<ArigatoniProtocol> {
    Input::Command(command)
}

/// Whoever it serves is served to the end first, and its leader there may keep it for a while. Its own leader keeps it.
#[test]
fn who_is_told_to_close_its_tunnel_leaves_the_end_of_it_once_it_can() {
    let mut guest = guest(true);
    guest.say(0, through_friend(query(1, 0)));
    let said = guest.say(1_000, told(Command::CloseTunnel));
    assert!(to_the_end(&said).is_empty() && waits_for(&said, Reminder::TunnelReturn, RETRY));
    let said = guest.say(2_000, Input::Timer(Reminder::TunnelReturn));
    assert!(to_the_end(&said).is_empty() && waits_for(&said, Reminder::TunnelReturn, RETRY));
    guest.say(2_500, from(gcu(3), Message::Release { request: REQUEST }));
    let said = guest.say(3_000, Input::Timer(Reminder::TunnelReturn));
    assert_eq!(to_the_end(&said), [Message::Unregister]);
    assert!(waits_for(&said, Reminder::TunnelReturn, AGAIN), "{said:?}");
    let said = guest.say(3_001, through_friend(Message::UnregisterDenied));
    assert!(waits_for(&said, Reminder::TunnelReturn, RETRY), "{said:?}");
    assert!(guest.0.is_besides() && guest.0.is_shut());
    let said = guest.say(4_001, Input::Timer(Reminder::TunnelReturn));
    assert_eq!(to_the_end(&said), [Message::Unregister]);
    let said = guest.say(4_002, through_friend(Message::UnregisterAcknowledged));
    assert!(stops(&said, Reminder::TunnelReturn) && !guest.0.is_besides());
    assert!(!asks_its_own(&said) && guest.0.leader() == Some(gbu(9)));
    let said = guest.say(5_000, told(Command::OpenTunnel));
    let asked = to_the_end(&said);
    assert!(matches!(asked[..], [Message::Register { .. }]), "{said:?}");
    assert!(guest.0.is_besides() && !guest.0.is_shut());
}

/// A broker closes its tunnel in the same way, and sends no more enquiries through it.
#[test]
fn a_broker_that_is_told_to_close_its_tunnel_leaves_the_end_of_it_once_it_can() {
    let mut broker = guest_broker();
    broker.say(0, Input::Start);
    assert!(broker.0.linked().any(|it| it == gbu(4)));
    let asked = enquiries(&broker.say(0, from(gbu(4), query(1, 0))));
    let [(provider, enquiry)] = asked[..] else {
        panic!("{asked:?}")
    };
    let said = broker.say(1_000, told(Command::CloseTunnel));
    assert!(sent(&said).is_empty() && waits_for(&said, Reminder::TunnelReturn, RETRY));
    broker.say(1_500, from(provider, answer(enquiry.ticket, &[provider])));
    let unregisters = [(gbu(4), &Message::Unregister)];
    let said = broker.say(2_000, Input::Timer(Reminder::TunnelReturn));
    assert_eq!(sent(&said), unregisters);
    let said = broker.say(2_001, from(gbu(4), Message::UnregisterDenied));
    assert!(sent(&said).is_empty() && waits_for(&said, Reminder::TunnelReturn, RETRY));
    let said = broker.say(3_001, Input::Timer(Reminder::TunnelReturn));
    assert_eq!(sent(&said), unregisters);
    let said = broker.say(3_002, from(gbu(4), Message::UnregisterAcknowledged));
    assert!(sent(&said).is_empty() && stops(&said, Reminder::TunnelReturn));
    assert!(!broker.0.is_besides() && !broker.0.linked().any(|it| it == gbu(4)));
}

/// Else nothing would ever remind it to leave its own colony.
#[test]
fn who_is_told_to_close_to_go_elsewhere_and_to_open_before_it_can_leaves_all_the_same() {
    let elsewhere = Command::Settle { leader: 2 };
    let mut guest = guest(true);
    guest.say(0, through_friend(query(1, 0)));
    guest.say(1_000, told(Command::CloseTunnel));
    let said = guest.say(1_100, told(elsewhere));
    assert!(guest.0.membership.is_leaving() && waits_for(&said, Reminder::TunnelReturn, RETRY));
    let said = guest.say(1_200, told(Command::OpenTunnel));
    assert!(stops(&said, Reminder::TunnelReturn) && waits_for(&said, Reminder::Leave, RETRY));
    guest.say(1_500, from(gcu(3), Message::Release { request: REQUEST }));
    let said = guest.say(2_200, Input::Timer(Reminder::Leave));
    assert_eq!(to_the_end(&said), [Message::Unregister]);
    let said = guest.say(2_201, through_friend(Message::UnregisterAcknowledged));
    assert!(asks_its_own(&said), "{said:?}");

    let mut broker = guest_broker();
    broker.say(0, Input::Start);
    broker.say(0, from(gbu(4), query(1, 0)));
    let said = broker.say(1_000, told(Command::CloseTunnel));
    assert!(waits_for(&said, Reminder::TunnelReturn, RETRY), "{said:?}");
    broker.say(1_100, told(elsewhere));
    let said = broker.say(1_200, told(Command::OpenTunnel));
    let waits = waits_for(&said, Reminder::Leave, RETRY);
    assert!(stops(&said, Reminder::TunnelReturn) && waits, "{said:?}");
}

/// It waits for the answer to what it has asked, by the timer of the order that stands.
#[test]
fn who_has_asked_to_be_let_go_waits_for_that_when_it_is_told_otherwise() {
    // First to close, then to leave, then to open.
    let mut one = guest(true);
    let said = one.say(0, told(Command::CloseTunnel));
    assert_eq!(to_the_end(&said), [Message::Unregister]);
    let said = one.say(100, told(Command::Leave));
    assert!(sent(&said).is_empty(), "{said:?}");
    let said = one.say(200, told(Command::OpenTunnel));
    assert!(sent(&said).is_empty() && waits_for(&said, Reminder::Leave, AGAIN));
    let said = one.say(300, through_friend(Message::UnregisterAcknowledged));
    assert!(asks_its_own(&said), "{said:?}");
    // First to leave, then to close.
    let mut other = guest(true);
    let said = other.say(0, told(Command::Leave));
    assert!(waits_for(&said, Reminder::Leave, AGAIN), "{said:?}");
    let said = other.say(100, told(Command::CloseTunnel));
    assert!(sent(&said).is_empty() && waits_for(&said, Reminder::TunnelReturn, AGAIN));
    let said = other.say(20_000, Input::Timer(Reminder::Leave));
    assert!(sent(&said).is_empty(), "{said:?}");
    let said = other.say(20_100, Input::Timer(Reminder::TunnelReturn));
    assert!(
        to_the_end(&said).is_empty() && asks_its_own(&said),
        "{said:?}"
    );
}

/// It does not wait for an answer for ever. If that comes late and is a no, it asks again, but not at once.
#[test]
fn who_is_told_to_close_and_to_leave_asks_its_leaders_one_after_the_other() {
    let mut guest = guest(true);
    guest.say(0, told(Command::CloseTunnel));
    let said = guest.say(100, told(Command::Leave));
    assert!(sent(&said).is_empty(), "{said:?}");
    let said = guest.say(20_000, Input::Timer(Reminder::TunnelReturn));
    assert!(
        to_the_end(&said).is_empty() && asks_its_own(&said),
        "{said:?}"
    );
    assert!(waits_for(&said, Reminder::Leave, AGAIN) && !guest.0.is_besides());
    let said = guest.say(20_001, through_friend(Message::UnregisterDenied));
    assert!(sent(&said).is_empty() && waits_for(&said, Reminder::TunnelReturn, RETRY));
    let said = guest.say(21_001, Input::Timer(Reminder::TunnelReturn));
    assert_eq!(to_the_end(&said), [Message::Unregister]);
    assert!(!asks_its_own(&said), "{said:?}");
}

/// Whoever is at the end of the tunnel has struck it meanwhile: it goes on to leave its own colony.
#[test]
fn who_is_struck_before_it_can_close_its_tunnel_leaves_its_own_colony_next() {
    let mut guest = guest(true);
    guest.say(0, through_friend(query(1, 0)));
    guest.say(1_000, told(Command::CloseTunnel));
    guest.say(1_100, told(Command::Leave));
    let said = guest.say(1_200, through_friend(Message::NotMember));
    assert!(stops(&said, Reminder::TunnelReturn) && !guest.0.is_besides());
    assert!(waits_for(&said, Reminder::Leave, RETRY), "{said:?}");
}

#[test]
fn who_has_its_tunnel_later_registers_when_it_is_told_to_open_it() {
    let mut guest = guest_with(Tunnel {
        leader: gbu(4),
        friend: Some(gcu(7)),
        besides: true,
        at_first: false,
    });
    let said = guest.say(0, Input::Start);
    assert!(to_the_end(&said).is_empty() && !guest.0.is_besides());
    let said = guest.say(1_000, told(Command::OpenTunnel));
    let asked = to_the_end(&said);
    assert!(matches!(asked[..], [Message::Register { .. }]), "{said:?}");
    assert!(guest.0.is_besides());
}

/// The timer of heartbeats has the same place as that by which it leaves.
#[test]
fn who_is_told_to_close_its_tunnel_waits_for_no_heartbeats_until_it_opens_that() {
    let is_armed = |said: &[Effect<ArigatoniProtocol>]| {
        let silence = |effect: &Effect<ArigatoniProtocol>| matches!(effect, Effect::Arm { timer, .. } if *timer == Reminder::TunnelSilence);
        said.iter().any(silence)
    };
    let heartbeat = |number| through_friend(Message::Heartbeat { number });
    let mut guest = guest(true);
    let said = guest.say(0, told(Command::Watch));
    assert!(is_armed(&said), "{said:?}");
    guest.say(0, through_friend(query(1, 0)));
    guest.say(500, told(Command::CloseTunnel));
    let said = guest.say(600, heartbeat(1));
    let acknowledged = [Message::HeartbeatAcknowledged { number: 1 }];
    assert_eq!(to_the_end(&said), acknowledged, "it is a member still");
    assert!(!is_armed(&said), "{said:?}");
    let said = guest.say(700, told(Command::OpenTunnel));
    assert!(is_armed(&said) && to_the_end(&said).is_empty(), "{said:?}");
    assert!(is_armed(&guest.say(800, heartbeat(2))));
    guest.say(900, told(Command::CloseTunnel));
    let said = guest.say(1_000, told(Command::Unwatch));
    assert!(!stops(&said, Reminder::TunnelSilence), "{said:?}");
}
