//! Brokers that find the one that they ask to join below themselves.

use super::returning::orphan;
use super::*;
use crate::arigatoni::election::{Election, Roster};
use crate::arigatoni::membership::Membership;
use crate::arigatoni::migration::Migration;
use crate::arigatoni::neighbours::Neighbours;
use crate::discovery::Brokers;
use crate::topology::RouterId;

/// GBU 0 under GBU 1, that under GBU 2, and that under GBU 3: as it comes back, where nobody goes elsewhere by itself.
fn restarted() -> Hand<Gbu> {
    let mut broker = orphan(Rules {
        settling: Settling {
            any: true,
            brokers: true,
        },
        ..rules()
    });
    let parents = [Some(1), Some(2), Some(3), None];
    let placed = (0..).map(RouterId).zip(parents);
    let world = Arc::get_mut(&mut broker.1.policy.world).expect("one has it");
    world.brokers = Brokers::from_parents(&placed.collect::<Vec<_>>());
    broker.0.restart(Membership::Orphan(gbu(1)), &[]);
    broker
}

/// Whom it asks whether it may join, and with what ticket.
fn asked(said: &[Effect<ArigatoniProtocol>]) -> (UnitId, u32) {
    let sent = sent(said).into_iter();
    let mut asked = sent.filter_map(|(to, message)| match message {
        Message::MayJoin { mover, ticket } if *mover == gbu(0) => Some((to, *ticket)),
        _ => None,
    });
    asked.next().unwrap_or_else(|| panic!("{said:?}"))
}

/// Its own question.
fn comes_back(ticket: u32) -> Input<ArigatoniProtocol> {
    let mover = gbu(0);
    from(gbu(7), Message::MayJoin { mover, ticket })
}

#[test]
fn one_whose_first_leader_is_below_it_asks_those_above_that() {
    let mut broker = restarted();
    let mut said = broker.say(0, Input::Start);
    let mut now = 0;
    for (place, to) in [1, 2, 3, 1].into_iter().enumerate() {
        let (target, ticket) = asked(&said);
        assert_eq!(target, gbu(to), "{place}");
        // Those above give no answer: it goes on all the same.
        if to == 1 {
            let said = broker.say(now + 1, comes_back(ticket));
            assert_eq!(sent(&said), [(gbu(to), &Message::Moved)]);
        }
        if place == 3 {
            break;
        }
        now += 100_000;
        said = broker.say(now, Input::Timer(Reminder::Return));
    }
    // Then it begins anew.
    said = broker.say(now + 1, Input::Timer(Reminder::Return));
    let (target, ticket) = asked(&said);
    assert_eq!(target, gbu(2));
    let granted = broker.say(now + 2, from(gbu(9), Message::JoinGranted { ticket }));
    assert!(
        matches!(sent(&granted)[..], [(to, Message::Register { .. })] if to == gbu(2)),
        "{granted:?}"
    );
}

#[test]
fn one_that_has_the_first_root_below_it_is_a_root_where_nobody_looks_after_others() {
    for watches in [false, true] {
        let mut broker = restarted();
        let mut said = broker.say(0, Input::Start);
        if watches {
            broker.say(0, Input::Command(Command::Watch));
        }
        for round in 1..=3 {
            let (_, ticket) = asked(&said);
            broker.say(round * 100_000 + 1, comes_back(ticket));
            said = broker.say((round + 1) * 100_000, Input::Timer(Reminder::Return));
        }
        if watches {
            assert_eq!(asked(&said).0, gbu(1));
        } else {
            assert_eq!(sent(&said), []);
            assert!(broker.0.membership.is_away() && !broker.0.membership.is_orphan());
        }
    }
}

/// Who was below it may not be any more.
#[test]
fn a_root_that_comes_back_asks_again() {
    let delay = Span::from_s(1);
    let mut broker = orphan(Rules {
        migration: Some(Migration { delay }),
        ..rules()
    });
    let migrate = serde_json::from_str(r#"{"to": "random"}"#).expect("it goes anywhere");
    let policy = &mut broker.1.policy;
    policy.neighbours = Some(Arc::new(Neighbours::new(&migrate)));
    let placed = (0..).map(RouterId).zip([None, Some(0), Some(0)]);
    let world = Arc::get_mut(&mut policy.world).expect("one has it");
    world.brokers = Brokers::from_parents(&placed.collect::<Vec<_>>());
    broker.0.restart(Membership::Orphan(gbu(1)), &[]);
    let said = broker.say(0, Input::Start);
    let (_, ticket) = asked(&said);
    broker.say(1, comes_back(ticket));
    broker.say(100_000, Input::Timer(Reminder::Return));
    assert!(broker.0.membership.is_away());
    broker.say(100_001, Input::Command(Command::Join));
    let said = broker.say(200_000, Input::Timer(Reminder::Return));
    asked(&said);
}

#[test]
fn one_that_is_told_to_go_below_itself_goes_to_its_first_leader() {
    let mut broker = restarted();
    let said = broker.say(0, Input::Start);
    let granted = from(
        gbu(3),
        Message::JoinGranted {
            ticket: asked(&said).1,
        },
    );
    broker.say(1, granted);
    broker.say(2, from(gbu(1), Message::Registered));
    broker.say(3, Input::Command(Command::Settle { leader: 7 }));
    let said = broker.say(4, from(gbu(1), Message::UnregisterAcknowledged));
    let (target, ticket) = asked(&said);
    assert_eq!(target, gbu(7));
    // While it has no answer it asks again.
    let said = broker.say(100_000, Input::Timer(Reminder::Return));
    assert_eq!(asked(&said), (gbu(7), ticket + 1));
    broker.say(100_001, comes_back(ticket + 1));
    let said = broker.say(200_000, Input::Timer(Reminder::Return));
    assert_eq!(asked(&said).0, gbu(1));
}

/// Its leader lists it, or will: if it let that one join somebody below it, there would be a cycle.
#[test]
fn one_that_is_told_to_go_while_it_is_entered_leaves_by_its_leaders_word() {
    for command in [Command::Leave, Command::Settle { leader: 7 }] {
        let mut broker = restarted();
        let said = broker.say(0, Input::Start);
        let (_, ticket) = asked(&said);
        let said = broker.say(1, from(gbu(9), Message::JoinGranted { ticket }));
        assert!(
            matches!(sent(&said)[..], [(to, Message::Register { .. })] if to == gbu(1)),
            "{said:?}"
        );
        let said = broker.say(2, Input::Command(command));
        assert_eq!(sent(&said), [(gbu(1), &Message::Unregister)]);
        let (mover, ticket) = (gbu(1), 4);
        let question = Message::MayJoin { mover, ticket };
        let said = broker.say(3, from(gbu(5), question.clone()));
        assert_eq!(sent(&said), [(gbu(1), &question)]);
        broker.say(4, from(gbu(1), Message::Registered));
        let said = broker.say(5, from(gbu(1), Message::UnregisterAcknowledged));
        if command == Command::Leave {
            assert!(broker.0.membership.is_away());
        } else {
            assert_eq!(asked(&said).0, gbu(7));
        }
    }
}

/// GBU 0, which has elected itself in the place of GBU 1 and after the roots `former`, at 4 s.
fn elected(former: &[UnitId]) -> Hand<Gbu> {
    let mut broker = restarted();
    let timeout = Span::from_s(2);
    broker.1.rules.election = Some(Election { timeout });
    broker.0.restart(Membership::of(Some(gbu(1))), &[]);
    broker.say(0, Input::Command(Command::Watch));
    let roster = Roster {
        number: 1,
        former: former.to_vec(),
        members: vec![gbu(0)],
        ..Roster::default()
    };
    broker.say(0, from(gbu(1), Message::Roster(roster.into())));
    broker.say(2_000, Input::Timer(Reminder::Silence));
    broker.say(4_000, Input::Timer(Reminder::Return));
    assert!(broker.0.stands_for_a_root());
    broker
}

/// GBU 1 was no root for good: it had left GBU 2 for a while, and is back. GBU 0 must not wait for it as a root for ever.
#[test]
fn one_that_stands_for_a_leader_below_it_looks_for_another_one() {
    // It has joined GBU 0.
    let mut broker = elected(&[]);
    let offers = [].into();
    broker.say(5_000, from(gbu(1), Message::Register { offers }));
    let said = broker.say(24_000, Input::Timer(Reminder::Return));
    assert!(!broker.0.stands_for_a_root());
    let (target, ticket) = asked(&said);
    assert_eq!(target, gbu(1));
    broker.say(24_001, comes_back(ticket));
    let said = broker.say(44_000, Input::Timer(Reminder::Return));
    assert_eq!(asked(&said).0, gbu(2));
    // It has joined somebody below GBU 0.
    let mut broker = elected(&[]);
    let said = broker.say(5_000, from(gbu(1), Message::NotMember));
    let (target, ticket) = asked(&said);
    assert_eq!(target, gbu(1));
    broker.say(5_001, comes_back(ticket));
    let said = broker.say(25_000, Input::Timer(Reminder::Return));
    assert!(!broker.0.stands_for_a_root());
    assert_eq!(asked(&said).0, gbu(2));
    // Nobody answers: it goes on, and stands for nobody's place.
    let said = broker.say(99_000, Input::Timer(Reminder::Return));
    assert_eq!(asked(&said).0, gbu(3));
}

#[test]
fn one_that_stands_for_several_waits_for_those_that_are_not_below_it() {
    let mut broker = elected(&[gbu(3)]);
    let said = broker.say(5_000, from(gbu(1), Message::NotMember));
    broker.say(5_001, comes_back(asked(&said).1));
    let said = broker.say(25_000, Input::Timer(Reminder::Return));
    assert!(broker.0.stands_for_a_root());
    let [(to, Message::Elected(_))] = sent(&said)[..] else {
        panic!("{said:?}")
    };
    assert_eq!(to, gbu(3));
    // That one is the first root: it is there again.
    let said = broker.say(26_000, from(gbu(3), Message::NotMember));
    assert_eq!(asked(&said).0, gbu(3));
}
