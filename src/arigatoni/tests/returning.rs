//! Brokers whose peers, or who themselves, have been away, have crashed or are about to leave.

use super::*;
use crate::arigatoni::election::{Election, Roster, Term};
use crate::arigatoni::heartbeats::Heartbeats;
use crate::arigatoni::membership::Membership;
use crate::arigatoni::migration::Migration;
use crate::arigatoni::policy::Tunnel;
use crate::arigatoni::rules::Recovery;
use crate::arigatoni::tunnels::Tunnels;

fn recovery() -> Recovery {
    let (again, slack) = (Span::from_s(20), Span::from_s(3));
    Recovery { again, slack }
}

/// GBU 0 under GBU 9 with these members, of which the `able` ones offer [`DEMAND`].
fn broker(members: &[UnitId], able: &[UnitId], rules: Rules) -> Hand<Gbu> {
    let mut table = RoutingTable::new(8);
    for member in members {
        let offers: &[Descriptor] = if able.contains(member) {
            &[DEMAND]
        } else {
            &[]
        };
        table.register(*member, offers);
    }
    Hand(Gbu::new(Some(gbu(9)), table), given(rules))
}

/// Its enquiry counts as refused, and the next one is asked: nobody would answer it.
#[test]
fn a_member_that_comes_again_has_forgotten_what_it_was_asked() {
    let members = [gcu(1), gcu(2), gbu(5)];
    let rules = Rules {
        recovery: Some(recovery()),
        ..rules()
    };
    let mut broker = broker(&members, &members, rules);
    let asked = enquiries(&broker.say(0, from(gcu(1), query(1, 0))));
    assert_eq!(asked[0].0, gcu(2));
    let offers = [DEMAND].into();
    let said = broker.say(1, from(gcu(2), Message::Register { offers }));
    let [(next, _)] = enquiries(&said)[..] else {
        panic!("{said:?}")
    };
    assert_eq!(next, gbu(5));
    // One that comes for the first time was not asked: nothing is given up.
    let offers = [].into();
    let said = broker.say(2, from(gcu(3), Message::Register { offers }));
    assert_eq!(enquiries(&said), []);
}

#[test]
fn a_broker_about_to_leave_refuses_what_its_leader_asks() {
    let members = [gcu(1), gcu(2)];
    let mut broker = broker(&members, &members, rules());
    let said = broker.say(0, Input::Command(Command::Leave));
    assert_eq!(sent(&said), [(gbu(9), &Message::Unregister)]);
    let said = broker.say(1, from(gbu(9), query(1, 0)));
    assert_eq!(sent(&said), [(gbu(9), &answer(ticket(0), &[]))]);
    assert_eq!(broker.0.searches_open(), 0);
    // Its own members it serves until it has left, and after that.
    let said = broker.say(2, from(gcu(1), query(1, 0)));
    assert_eq!(enquiries(&said).len(), 1);
}

/// A broker that moves, and has just been told that its leader is silent.
pub(super) fn orphan(rules: Rules) -> Hand<Gbu> {
    let timeout = Span::from_s(2);
    let rules = Rules {
        heartbeats: Some(Heartbeats {
            every: Span::from_s(1),
            timeout,
            misses: 1,
        }),
        recovery: Some(recovery()),
        ..rules
    };
    let mut broker = broker(&[gcu(1)], &[], rules);
    broker.say(0, Input::Command(Command::Watch));
    broker
}

/// The ticket of the question whether it may join.
fn asks_to_join(said: &[Effect<ArigatoniProtocol>]) -> Option<u32> {
    sent(said)
        .into_iter()
        .find_map(|(_, message)| match message {
            Message::MayJoin { ticket, .. } => Some(*ticket),
            _ => None,
        })
}

/// A leave to join from before a crash is none for what it asks after it.
#[test]
fn what_was_granted_before_a_crash_is_not_taken_after_it() {
    let mut broker = orphan(Rules {
        migration: Some(Migration {
            delay: Span::from_s(1),
        }),
        ..rules()
    });
    broker.say(2_000, Input::Timer(Reminder::Silence));
    let said = broker.say(3_000, Input::Timer(Reminder::Return));
    let before = asks_to_join(&said).expect("it asks");
    broker.0.restart(Membership::of(Some(gbu(9))), &[]);
    broker.say(4_000, Input::Start);
    broker.say(4_000, Input::Command(Command::Watch));
    broker.say(8_000, Input::Timer(Reminder::Silence));
    let said = broker.say(9_000, Input::Timer(Reminder::Return));
    let after = asks_to_join(&said).expect("it asks again");
    assert_ne!(before, after);
    let granted = |ticket| from(gbu(9), Message::JoinGranted { ticket });
    assert_eq!(sent(&broker.say(9_001, granted(before))), []);
    let said = broker.say(9_002, granted(after));
    assert!(
        matches!(sent(&said)[..], [(_, Message::Register { .. })]),
        "{said:?}"
    );
}

/// A vote in the colony of GBU 9.
fn term(round: u32) -> Term {
    Term {
        leader: gbu(9),
        roster: 1,
        round,
    }
}

/// Whether it asks everybody for votes in this one.
fn stands(said: &[Effect<ArigatoniProtocol>], round: u32) -> bool {
    let wanted = Message::VoteWanted(term(round));
    sent(said) == [gcu(1), gbu(1), gbu(9)].map(|unit| (unit, &wanted))
}

/// A broker that misses GBU 9, at 4 s, and stands for its place, if `stands`. Nobody goes elsewhere.
fn candidate() -> Hand<Gbu> {
    let mut broker = orphan(electing());
    broker.say(0, from(gbu(9), listed()));
    broker.say(2_000, Input::Timer(Reminder::Silence));
    let said = broker.say(4_000, Input::Timer(Reminder::Return));
    assert!(stands(&said, 1), "{said:?}");
    broker
}

fn electing() -> Rules {
    let timeout = Span::from_s(2);
    Rules {
        election: Some(Election { timeout }),
        ..rules()
    }
}

/// The list of the members of GBU 9.
fn listed() -> Message {
    let roster = Roster {
        number: 1,
        members: vec![gcu(1), gbu(0), gbu(1)],
        ..Roster::default()
    };
    Message::Roster(roster.into())
}

/// GBU 0 is where it belonged at first.
#[test]
fn a_computer_that_has_given_up_waiting_votes_and_follows_all_the_same() {
    let rules = orphan(electing()).1.rules;
    let mut computer = Hand(Gcu::new(gbu(9)), given(rules));
    computer.say(0, Input::Command(Command::Watch));
    computer.say(0, from(gbu(9), listed()));
    computer.say(2_000, Input::Timer(Reminder::Silence));
    let registers = |said: &[Effect<ArigatoniProtocol>]| match sent(said)[..] {
        [(to, Message::Register { .. })] => to,
        _ => panic!("{said:?}"),
    };
    let said = computer.say(40_000, Input::Timer(Reminder::Return));
    assert_eq!(registers(&said), gbu(0));
    let said = computer.say(40_001, from(gbu(1), Message::VoteWanted(term(1))));
    assert_eq!(sent(&said), [(gbu(1), &Message::Vote(term(1)))]);
    let said = computer.say(40_002, from(gbu(1), Message::Elected(term(1))));
    assert_eq!(registers(&said), gbu(1));
}

/// Its leader has been restarted, or has struck it wrongly.
#[test]
fn a_computer_that_hears_that_it_is_no_member_registers_again() {
    let rules = Rules {
        recovery: Some(recovery()),
        ..rules()
    };
    let mut computer = Hand(Gcu::new(gbu(9)), given(rules));
    let said = computer.say(0, from(gbu(9), Message::NotMember));
    let [(to, Message::Register { .. })] = sent(&said)[..] else {
        panic!("{said:?}")
    };
    assert_eq!(to, gbu(9));
    assert_eq!(sent(&computer.say(1, from(gbu(8), Message::NotMember))), []);
}

#[test]
fn one_that_has_left_neither_votes_nor_stands() {
    let mut broker = orphan(electing());
    broker.say(0, from(gbu(9), listed()));
    broker.say(1, Input::Command(Command::Leave));
    broker.say(2, from(gbu(9), Message::UnregisterAcknowledged));
    let said = broker.say(3, Input::Command(Command::Join));
    assert!(asks_to_join(&said).is_some(), "{said:?}");
    let said = broker.say(4, from(gbu(1), Message::VoteWanted(term(1))));
    assert_eq!(sent(&said), []);
    let said = broker.say(40_000, Input::Timer(Reminder::Return));
    assert!(asks_to_join(&said).is_some(), "{said:?}");
}

/// It goes to GBU 8, and loses that one before it has a list from it.
#[test]
fn a_computer_that_has_left_neither_votes_nor_follows() {
    let rules = orphan(electing()).1.rules;
    let mut computer = Hand(Gcu::new(gbu(9)), given(rules));
    computer.say(0, Input::Command(Command::Watch));
    computer.say(0, from(gbu(9), listed()));
    let said = computer.say(1, Input::Command(Command::Settle { leader: 8 }));
    assert_eq!(sent(&said), [(gbu(9), &Message::Unregister)]);
    let said = computer.say(2, from(gbu(9), Message::UnregisterAcknowledged));
    assert!(
        matches!(sent(&said)[..], [(to, Message::Register { .. })] if to == gbu(8)),
        "{said:?}"
    );
    computer.say(3, from(gbu(8), Message::Registered));
    computer.say(2_000, Input::Timer(Reminder::Silence));
    assert!(computer.0.membership.is_orphan());
    for message in [Message::VoteWanted(term(1)), Message::Elected(term(1))] {
        let said = computer.say(2_001, from(gbu(1), message));
        assert_eq!(sent(&said), []);
    }
}

/// It has heard who leads the colony before it has found out that the leader has gone.
#[test]
fn one_whose_successor_dies_as_well_stands_for_election() {
    let mut broker = orphan(electing());
    broker.say(0, from(gbu(9), listed()));
    broker.say(1_000, from(gbu(1), Message::Elected(term(1))));
    let asks = |said: &[Effect<ArigatoniProtocol>]| {
        let sent = sent(said).into_iter();
        let asked = sent.filter(|(_, it)| matches!(it, Message::MayJoin { .. }));
        asked.map(|(to, _)| to).collect::<Vec<_>>()
    };
    let said = broker.say(2_000, Input::Timer(Reminder::Silence));
    assert_eq!(asks(&said), [gbu(1)]);
    let said = broker.say(22_000, Input::Timer(Reminder::Return));
    assert_eq!(sent(&said), [], "it waits for others");
    let said = broker.say(30_000, Input::Timer(Reminder::Return));
    assert!(stands(&said, 1), "{said:?}");
}

/// The leader that it misses lives: it asks it to be a member, and the leader dies before it answers.
#[test]
fn one_whose_leader_dies_after_all_votes_and_stands_again() {
    let mut broker = candidate();
    let said = broker.say(4_001, from(gbu(9), Message::NotMember));
    assert!(asks_to_join(&said).is_some(), "{said:?}");
    let said = broker.say(4_002, from(gbu(1), Message::VoteWanted(term(2))));
    assert_eq!(sent(&said), [(gbu(1), &Message::Vote(term(2)))]);
    // It still waits for its answer.
    let ticket = 1;
    let said = broker.say(4_003, from(gbu(9), Message::JoinRefused { ticket }));
    assert_eq!(sent(&said), []);
    let said = broker.say(24_003, Input::Timer(Reminder::Return));
    assert!(asks_to_join(&said).is_some(), "{said:?}");
    let said = broker.say(64_003, Input::Timer(Reminder::Return));
    assert_eq!(sent(&said), [], "it waits for others");
    let said = broker.say(80_000, Input::Timer(Reminder::Return));
    assert!(stands(&said, 3), "{said:?}");
}

/// While packets cannot pass it is not elected, however often it stands; later it is.
#[test]
fn one_that_has_lost_many_votes_stands_again() {
    let mut broker = candidate();
    let mut returns =
        (0..60).map(|round| broker.say(10_000 + 1_000 * round, Input::Timer(Reminder::Return)));
    let gives_up = |said: &Vec<_>| asks_to_join(said).is_some();
    returns.find(gives_up).expect("it asks its leader again");
    let asks = |said: &Vec<_>| {
        let sent = sent(said).into_iter();
        sent.filter(|(_, it)| matches!(it, Message::VoteWanted(_)))
            .count()
            > 0
    };
    assert!(returns.any(|said| asks(&said)));
}

/// Two would lead the colony else, in two terms.
#[test]
fn one_that_has_been_elected_does_not_vote_in_the_same_colony() {
    let mut broker = candidate();
    let said = broker.say(4_001, from(gcu(1), Message::Vote(term(1))));
    let is_elected = |effect: &Effect<ArigatoniProtocol>| {
        matches!(effect, Effect::Observation(Observation::Elected { .. }))
    };
    assert!(said.iter().any(is_elected), "{said:?}");
    let said = broker.say(4_002, from(gbu(1), Message::VoteWanted(term(2))));
    assert_eq!(sent(&said), []);
}

/// GCU 2 passes on what GCU 7 says: it must not go before what that has asked has ended.
#[test]
fn a_friend_is_not_let_go_while_a_query_of_its_guest_is_open() {
    let mut broker = broker(&[gcu(1), gcu(2), gcu(7)], &[gcu(1)], rules());
    broker.1.rules.borders.tunnels = true;
    let tunnel = Tunnel {
        leader: gbu(0),
        friend: Some(gcu(2)),
        besides: false,
        at_first: true,
    };
    broker.1.policy.tunnels = Some(Arc::new(Tunnels::of_one(gcu(7), tunnel)));
    let asked = enquiries(&broker.say(0, from(gcu(7), query(1, 0))));
    let [(provider, enquiry)] = asked[..] else {
        panic!("{asked:?}")
    };
    assert_eq!(provider, gcu(1));
    let said = broker.say(1, from(gcu(2), Message::Unregister));
    assert_eq!(sent(&said), [(gcu(2), &Message::UnregisterDenied)]);
    broker.say(2, from(gcu(1), answer(enquiry.ticket, &[gcu(1)])));
    let said = broker.say(3, from(gcu(2), Message::Unregister));
    assert!(
        sent(&said).contains(&(gcu(2), &Message::UnregisterAcknowledged)),
        "{said:?}"
    );
}

/// It was refused when it asked as an orphan. As a root in that one's place it hears it, and asks it anew.
#[test]
fn one_that_stands_for_a_root_that_has_refused_it_hears_that_it_is_back() {
    let timeout = Span::from_s(2);
    let mut broker = orphan(Rules {
        election: Some(Election { timeout }),
        ..rules()
    });
    let roster = Roster {
        number: 1,
        members: vec![gbu(0)],
        ..Roster::default()
    };
    broker.say(0, from(gbu(9), Message::Roster(roster.into())));
    broker.say(2_000, Input::Timer(Reminder::Silence));
    let heartbeat = |number| from(gbu(9), Message::Heartbeat { number });
    let said = broker.say(2_100, heartbeat(7));
    let ticket = asks_to_join(&said).expect("it asks");
    broker.say(2_200, from(gbu(9), Message::JoinRefused { ticket }));
    assert_eq!(asks_to_join(&broker.say(2_300, heartbeat(8))), None);
    broker.say(4_000, Input::Timer(Reminder::Return));
    assert!(broker.0.stands_for_a_root());
    let said = broker.say(5_000, heartbeat(9));
    assert!(asks_to_join(&said).is_some(), "{said:?}");
}
