//! Brokers driven by hand.

use super::*;
use crate::arigatoni::election::{Election, Roster};
use crate::arigatoni::heartbeats::Heartbeats;
use crate::arigatoni::link::Retransmission;
use crate::arigatoni::rules::Recovery;

/// A broker under GBU 9, with the members GCU 1, GCU 2 and GBU 5, all of them able.
fn broker(rules: Rules) -> Hand<Gbu> {
    let mut table = RoutingTable::new(8);
    for unit in [gcu(1), gcu(2), gbu(5)] {
        table.register(unit, &[DEMAND]);
    }
    Hand(Gbu::new(Some(gbu(9)), table), given(rules))
}

#[test]
fn a_leader_keeps_a_member_that_asks_or_is_asked() {
    let mut broker = broker(rules());
    let asked = broker.say(0, from(gcu(1), query(1, 0)));
    let [(provider, enquiry)] = enquiries(&asked)[..] else {
        panic!("{asked:?}")
    };
    assert_eq!(provider, gcu(2), "the requester never serves itself");
    for busy in [gcu(1), gcu(2)] {
        let said = broker.say(1, from(busy, Message::Unregister));
        assert_eq!(sent(&said), [(busy, &Message::UnregisterDenied)]);
    }
    broker.say(2, from(gcu(2), answer(enquiry.ticket, &[gcu(2)])));
    let said = broker.say(3, from(gcu(1), Message::Unregister));
    assert_eq!(sent(&said), [(gcu(1), &Message::UnregisterAcknowledged)]);
    assert!(!broker.0.table().has_member(gcu(1)));
    assert!(broker.0.table().has_member(gcu(2)));
}

#[test]
fn the_last_able_member_takes_its_service_out_of_the_summary() {
    let mut broker = broker(rules());
    for (member, last) in [(gcu(1), false), (gbu(5), false), (gcu(2), true)] {
        let said = broker.say(0, from(member, Message::Unregister));
        let update = Message::Update {
            added: [].into(),
            removed: [DEMAND].into(),
        };
        let expected: &[_] = if last {
            &[
                (member, &Message::UnregisterAcknowledged),
                (gbu(9), &update),
            ]
        } else {
            &[(member, &Message::UnregisterAcknowledged)]
        };
        assert_eq!(sent(&said), expected);
    }
}

#[test]
fn strangers_are_ignored() {
    let mut broker = broker(rules());
    let before = broker.0.table().clone();
    let update = Message::Update {
        added: [Descriptor(1)].into(),
        removed: [DEMAND].into(),
    };
    for message in [update, Message::Unregister] {
        assert!(broker.say(0, from(gcu(7), message)).is_empty());
    }
    assert_eq!(*broker.0.table(), before);
}

/// It may have left and changed its mind. A computer is answered by the table; a broker is refused, lest a
/// query goes round.
#[test]
fn who_is_not_listed_is_answered_all_the_same() {
    let mut broker = broker(rules());
    let said = broker.say(0, from(gcu(7), query(1, 0)));
    assert!(
        matches!(&sent(&said)[..], [(_, Message::Query(_))]),
        "{said:?}"
    );
    let said = broker.say(0, from(gbu(7), query(1, 0)));
    let [(unit, Message::Answer(answer))] = sent(&said)[..] else {
        panic!("{said:?}")
    };
    assert!(unit == gbu(7) && answer.providers.is_empty());
}

#[test]
fn an_answer_counts_only_from_the_unit_that_was_asked() {
    let mut broker = broker(rules());
    let asked = broker.say(0, from(gcu(1), query(1, 0)));
    let theirs = enquiries(&asked)[0].1.ticket;
    let said = broker.say(1, from(gcu(7), answer(theirs, &[gcu(7)])));
    assert_eq!(
        sent(&said),
        [(gcu(7), &Message::Release { request: REQUEST })]
    );
    let said = broker.say(2, from(gcu(2), answer(theirs, &[gcu(2)])));
    let own = ticket(0);
    assert_eq!(sent(&said), [(gcu(1), &answer(own, &[gcu(2)]))]);
}

#[test]
fn a_selective_search_asks_no_more_gcus_than_it_needs_and_then_goes_on() {
    let mut broker = broker(rules());
    // From the super-broker: nothing is delegated upwards.
    let said = broker.say(0, from(gbu(9), query(1, 0)));
    let [(first, enquiry)] = enquiries(&said)[..] else {
        panic!("{said:?}")
    };
    let said = broker.say(1, from(first, answer(enquiry.ticket, &[])));
    let [(second, enquiry)] = enquiries(&said)[..] else {
        panic!("{said:?}")
    };
    assert!([first, second].contains(&gcu(1)) && [first, second].contains(&gcu(2)));
    let said = broker.say(2, from(second, answer(enquiry.ticket, &[])));
    let [(third, enquiry)] = enquiries(&said)[..] else {
        panic!("{said:?}")
    };
    assert_eq!(third, gbu(5));
    let said = broker.say(3, from(third, answer(enquiry.ticket, &[])));
    assert_eq!(sent(&said), [(gbu(9), &answer(ticket(0), &[]))]);
}

#[test]
fn an_exhaustive_search_asks_all_and_releases_the_surplus_and_the_late() {
    let mut broker = broker(Rules {
        search: Search::Exhaustive,
        ..rules()
    });
    let said = broker.say(0, from(gbu(9), query(2, 0)));
    let asked = enquiries(&said);
    assert_eq!(
        asked
            .iter()
            .map(|(to, query)| (*to, query.wanted))
            .collect::<Vec<_>>(),
        [(gcu(1), 1), (gcu(2), 1), (gbu(5), 2)]
    );
    let theirs = |at: usize| asked[at].1.ticket;
    assert!(sent(&broker.say(1, from(gcu(1), answer(theirs(0), &[gcu(1)])))).is_empty());
    let said = broker.say(2, from(gbu(5), answer(theirs(2), &[gcu(20), gcu(21)])));
    let own = ticket(0);
    assert_eq!(
        sent(&said),
        [
            (gcu(21), &Message::Release { request: REQUEST }),
            (gbu(9), &answer(own, &[gcu(1), gcu(20)]))
        ]
    );
    let said = broker.say(3, from(gcu(2), answer(theirs(1), &[gcu(2)])));
    assert_eq!(
        sent(&said),
        [(gcu(2), &Message::Release { request: REQUEST })]
    );
}

#[test]
fn a_broker_answers_at_its_deadline_with_what_it_has() {
    let mut broker = broker(Rules {
        search: Search::Exhaustive,
        ..rules()
    });
    // 600 s are left from its arrival at 5 ms on.
    let said = broker.say(5, from(gcu(1), query(3, 0)));
    let armed = said.iter().find_map(|effect| match effect {
        Effect::Arm {
            timer: timer @ Reminder::Deadline { .. },
            after,
        } => Some((*timer, *after)),
        _ => None,
    });
    let (timer, after) = armed.expect("a query that must wait has a deadline");
    assert_eq!(after, Span::from_s(600));
    let asked = enquiries(&said);
    assert_eq!(asked[0].1.time_left, Span::from_s(600), "put at once");
    broker.say(6, from(gcu(2), answer(asked[0].1.ticket, &[gcu(2)])));
    let said = broker.say(600_005, Input::Timer(timer));
    assert!(matches!(
        said[0],
        Effect::Observation(Observation::DeadlineHit { request: REQUEST })
    ));
    let own = ticket(0);
    assert_eq!(sent(&said), [(gcu(1), &answer(own, &[gcu(2)]))]);
    let said = broker.say(600_010, from(gbu(5), answer(asked[1].1.ticket, &[gcu(4)])));
    assert_eq!(
        sent(&said),
        [(gcu(4), &Message::Release { request: REQUEST })]
    );
}

#[test]
fn a_silent_member_is_struck_and_a_silent_super_broker_forgotten() {
    let silence_timeout = Some(SilenceTimeout {
        timeout: Span::from_s(2),
    });
    let mut broker = broker(Rules {
        silence_timeout,
        search: Search::Exhaustive,
        ..rules()
    });
    let said = broker.say(0, from(gcu(1), query(1, 0)));
    let own = ticket(0);
    assert_eq!(
        sent(&said)[0],
        (
            gcu(1),
            &Message::QueryAcknowledged {
                request: REQUEST,
                ticket: own
            }
        ),
        "acknowledged at once"
    );
    let asked = enquiries(&said);
    assert_eq!(asked.len(), 2);
    for (peer, enquiry) in asked {
        broker.say(
            2000,
            Input::Timer(Reminder::AnswerTimeout {
                slot: enquiry.ticket.0,
            }),
        );
        assert!(!broker.0.table().has_member(peer));
    }
    // Nobody is left but the requester: the super-broker has been asked, and is silent too.
    let said = broker.say(4000, Input::Timer(Reminder::AnswerTimeout { slot: 0 }));
    let said_too = broker.say(4000, Input::Timer(Reminder::AnswerTimeout { slot: 1 }));
    assert!(broker.0.super_broker().is_none());
    let answers: Vec<_> = sent(&said).into_iter().chain(sent(&said_too)).collect();
    assert_eq!(answers, [(gcu(1), &answer(own, &[]))]);
}

#[test]
fn an_enquiry_hands_on_the_time_that_is_left() {
    let mut broker = broker(rules());
    let said = broker.say(5, from(gbu(9), query(1, 0)));
    let (first, enquiry) = enquiries(&said)[0];
    let said = broker.say(1_005, from(first, answer(enquiry.ticket, &[])));
    assert_eq!(enquiries(&said)[0].1.time_left, Span::from_s(599));
    // However long the asker would wait, nobody waits longer than for a request.
    let endless = Query {
        time_left: Span::from_ns(u64::MAX),
        ..question(1, 1)
    };
    let said = broker.say(1_005, from(gbu(9), Message::Query(endless)));
    assert_eq!(enquiries(&said)[0].1.time_left, Span::from_s(600));
}

/// How long a broker that stands for a root waits until it asks again.
const AGAIN: Span = Span::from_s(20);

/// A broker that is about to be elected in the place of the root GBU 9: at 4 s its time has come.
fn about_to_stand_for_a_root(retransmission: Option<Retransmission>) -> Hand<Gbu> {
    let timeout = Span::from_s(2);
    let (table, slack) = (RoutingTable::new(8), Span::ZERO);
    let rules = Rules {
        heartbeats: Some(Heartbeats {
            every: Span::from_s(1),
            timeout,
            misses: 1,
        }),
        election: Some(Election { timeout }),
        recovery: Some(Recovery {
            again: AGAIN,
            slack,
        }),
        retransmission,
        ..rules()
    };
    let mut broker = Hand(Gbu::new(Some(gbu(9)), table), given(rules));
    let roster = Roster {
        number: 1,
        members: vec![gbu(0)],
        ..Roster::default()
    };
    broker.say(0, Input::Command(Command::Watch));
    broker.say(0, from(gbu(9), Message::Roster(roster.into())));
    broker.say(2_000, Input::Timer(Reminder::Silence));
    broker
}

/// Whether the broker will ask again.
fn returns(said: &[Effect<ArigatoniProtocol>]) -> bool {
    said.iter().any(
        |effect| matches!(effect, Effect::Arm { timer: Reminder::Return, after } if *after == AGAIN),
    )
}

/// That would put off the question, so that a root that is back would be found later.
#[test]
fn a_question_to_a_root_that_is_given_up_does_not_put_off_the_next_one() {
    let retransmission = Retransmission {
        timeout: Span::from_s(5),
        limit: 0,
    };
    let mut broker = about_to_stand_for_a_root(Some(retransmission));
    let is_packet = |said: &[Effect<ArigatoniProtocol>]| matches!(sent(said)[..], [.., (to, Message::Packet(_))] if to == gbu(9));
    for at in [4_000, 24_000] {
        let said = broker.say(at, Input::Timer(Reminder::Return));
        assert!(is_packet(&said) && returns(&said), "{said:?}");
        let said = broker.say(at + 5_000, Input::Timer(Reminder::Retransmit));
        assert!(sent(&said).is_empty() && !returns(&said), "{said:?}");
        assert!(broker.0.stands_for_a_root());
    }
}

#[test]
fn a_root_asks_for_those_before_it_until_they_are_all_below_it() {
    let mut broker = about_to_stand_for_a_root(None);
    let asks = |said: &[Effect<ArigatoniProtocol>]| matches!(sent(said)[..], [.., (to, Message::Elected(_))] if to == gbu(9));
    let said = broker.say(4_000, Input::Timer(Reminder::Return));
    assert!(asks(&said) && returns(&said), "it is elected: {said:?}");
    let said = broker.say(24_000, Input::Timer(Reminder::Return));
    assert!(asks(&said) && returns(&said), "{said:?}");
    // That one joins it meanwhile: nobody is left to ask. It looks for a leader.
    let offers = [].into();
    broker.say(25_000, from(gbu(9), Message::Register { offers }));
    assert!(broker.0.stands_for_a_root());
    let said = broker.say(44_000, Input::Timer(Reminder::Return));
    assert!(
        matches!(sent(&said)[..], [(to, Message::MayJoin { .. })] if to == gbu(9)),
        "{said:?}"
    );
    assert!(!broker.0.stands_for_a_root() && returns(&said), "{said:?}");
}
