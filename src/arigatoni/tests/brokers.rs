//! Brokers driven by hand.

use super::*;

/// GBU 0 under GBU 9, with the members GCU 1, GCU 2 and GBU 5, all of them able.
fn broker(rules: Rules) -> Gbu {
    let members = [gcu(1), gcu(2), gbu(5)];
    let mut draft = Draft::new(members.len());
    for unit in members {
        let entity = u64::from(unit.as_bits());
        draft.add(Member { unit, entity }, [SERVICE].into_iter());
    }
    let table = draft.table(8);
    Gbu::new(Arc::new(rules), 0, Some(gbu(9)), table)
}

#[test]
fn a_leader_keeps_a_member_that_asks_or_is_asked() {
    let mut broker = broker(rules());
    let asked = say(&mut broker, 0, from(gcu(1), query(1, 0)));
    let [(provider, enquiry)] = enquiries(&asked)[..] else {
        panic!("{asked:?}")
    };
    assert_eq!(provider, gcu(2), "the requester never serves itself");
    for busy in [gcu(1), gcu(2)] {
        let said = say(&mut broker, 1, from(busy, Message::Unregister));
        assert_eq!(sent(&said), [(busy, &Message::Stay)]);
    }
    say(
        &mut broker,
        2,
        from(gcu(2), answer(enquiry.ticket, &[gcu(2)])),
    );
    let said = say(&mut broker, 3, from(gcu(1), Message::Unregister));
    assert_eq!(sent(&said), [(gcu(1), &Message::Left)]);
    assert!(broker.table().member(gcu(1)).is_none());
    assert!(broker.table().member(gcu(2)).is_some());
}

#[test]
fn the_last_able_member_takes_its_service_out_of_the_summary() {
    let mut broker = broker(rules());
    for (member, last) in [(gcu(1), false), (gbu(5), false), (gcu(2), true)] {
        let said = say(&mut broker, 0, from(member, Message::Unregister));
        let update = Message::Update {
            added: Box::new([]),
            removed: Box::new([SERVICE]),
        };
        let expected: &[_] = if last {
            &[(member, &Message::Left), (gbu(9), &update)]
        } else {
            &[(member, &Message::Left)]
        };
        assert_eq!(sent(&said), expected);
    }
}

#[test]
fn strangers_are_ignored() {
    let mut broker = broker(rules());
    let before = broker.table().clone();
    let update = Message::Update {
        added: Box::new([ServiceId(1)]),
        removed: Box::new([SERVICE]),
    };
    for message in [query(1, 0), update, Message::Unregister] {
        assert!(say(&mut broker, 0, from(gcu(7), message)).is_empty());
    }
    assert_eq!(*broker.table(), before);
}

#[test]
fn an_answer_counts_only_from_the_unit_that_was_asked() {
    let mut broker = broker(rules());
    let asked = say(&mut broker, 0, from(gcu(1), query(1, 0)));
    let ticket = enquiries(&asked)[0].1.ticket;
    let said = say(&mut broker, 1, from(gcu(7), answer(ticket, &[gcu(7)])));
    assert_eq!(
        sent(&said),
        [(gcu(7), &Message::Release { request: REQUEST })]
    );
    let said = say(&mut broker, 2, from(gcu(2), answer(ticket, &[gcu(2)])));
    let own = Ticket {
        slot: 0,
        generation: 0,
    };
    assert_eq!(sent(&said), [(gcu(1), &answer(own, &[gcu(2)]))]);
}

#[test]
fn a_selective_search_asks_no_more_gcus_than_it_needs_and_then_goes_on() {
    let mut broker = broker(rules());
    // From the super-broker: nothing is delegated upwards.
    let said = say(&mut broker, 0, from(gbu(9), query(1, 0)));
    let [(first, enquiry)] = enquiries(&said)[..] else {
        panic!("{said:?}")
    };
    let said = say(&mut broker, 1, from(first, answer(enquiry.ticket, &[])));
    let [(second, enquiry)] = enquiries(&said)[..] else {
        panic!("{said:?}")
    };
    assert!([first, second].contains(&gcu(1)) && [first, second].contains(&gcu(2)));
    let said = say(&mut broker, 2, from(second, answer(enquiry.ticket, &[])));
    let [(third, enquiry)] = enquiries(&said)[..] else {
        panic!("{said:?}")
    };
    assert_eq!(third, gbu(5));
    let said = say(&mut broker, 3, from(third, answer(enquiry.ticket, &[])));
    assert_eq!(
        sent(&said),
        [(
            gbu(9),
            &answer(
                Ticket {
                    slot: 0,
                    generation: 0
                },
                &[]
            )
        )]
    );
}

#[test]
fn an_exhaustive_search_asks_all_and_releases_the_surplus_and_the_late() {
    let mut broker = broker(Rules {
        search: Search::Exhaustive,
        ..rules()
    });
    let said = say(&mut broker, 0, from(gbu(9), query(2, 0)));
    let asked = enquiries(&said);
    assert_eq!(
        asked
            .iter()
            .map(|(to, query)| (*to, query.wanted))
            .collect::<Vec<_>>(),
        [(gcu(1), 1), (gcu(2), 1), (gbu(5), 2)]
    );
    let ticket = |at: usize| asked[at].1.ticket;
    assert!(
        sent(&say(
            &mut broker,
            1,
            from(gcu(1), answer(ticket(0), &[gcu(1)]))
        ))
        .is_empty()
    );
    let said = say(
        &mut broker,
        2,
        from(gbu(5), answer(ticket(2), &[gcu(20), gcu(21)])),
    );
    let own = Ticket {
        slot: 0,
        generation: 0,
    };
    assert_eq!(
        sent(&said),
        [
            (gcu(21), &Message::Release { request: REQUEST }),
            (gbu(9), &answer(own, &[gcu(1), gcu(20)]))
        ]
    );
    let said = say(&mut broker, 3, from(gcu(2), answer(ticket(1), &[gcu(2)])));
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
    // Sent at 0, received at 5 ms: answered by 600 s − 5 ms, so that the answer is there in time.
    let said = say(&mut broker, 5, from(gcu(1), query(3, 0)));
    let armed = said.iter().find_map(|effect| match effect {
        Effect::Arm {
            timer: timer @ Reminder::Deadline { .. },
            after,
        } => Some((*timer, *after)),
        _ => None,
    });
    let (timer, after) = armed.expect("a query that must wait has a deadline");
    assert_eq!(after, Span::from_ns(600_000_000_000 - 10_000_000));
    let asked = enquiries(&said);
    assert_eq!(
        asked[0].1.answer_by,
        Time::from_ns(600_000_000_000 - 5_000_000)
    );
    say(
        &mut broker,
        6,
        from(gcu(2), answer(asked[0].1.ticket, &[gcu(2)])),
    );
    let said = say(&mut broker, 599_995, Input::Timer(timer));
    assert!(matches!(
        said[0],
        Effect::Note(Note::DeadlineHit { request: REQUEST })
    ));
    let own = Ticket {
        slot: 0,
        generation: 0,
    };
    assert_eq!(sent(&said), [(gcu(1), &answer(own, &[gcu(2)]))]);
    let said = say(
        &mut broker,
        600_000,
        from(gbu(5), answer(asked[1].1.ticket, &[gcu(4)])),
    );
    assert_eq!(
        sent(&said),
        [(gcu(4), &Message::Release { request: REQUEST })]
    );
}

#[test]
fn a_silent_member_is_struck_and_a_silent_super_broker_forgotten() {
    let silence = Some(Span::from_s(2));
    let mut broker = broker(Rules {
        silence,
        search: Search::Exhaustive,
        ..rules()
    });
    let said = say(&mut broker, 0, from(gcu(1), query(1, 0)));
    let ticket = Ticket {
        slot: 0,
        generation: 0,
    };
    assert_eq!(
        sent(&said)[0],
        (gcu(1), &Message::Received { ticket }),
        "acknowledged at once"
    );
    let asked = enquiries(&said);
    assert_eq!(asked.len(), 2);
    for (peer, enquiry) in asked {
        say(
            &mut broker,
            2000,
            Input::Timer(Reminder::Silence {
                slot: enquiry.ticket.slot,
            }),
        );
        assert!(broker.table().member(peer).is_none());
    }
    // Nobody is left but the requester: the super-broker has been asked, and is silent too.
    let said = say(
        &mut broker,
        4000,
        Input::Timer(Reminder::Silence { slot: 0 }),
    );
    let said_too = say(
        &mut broker,
        4000,
        Input::Timer(Reminder::Silence { slot: 1 }),
    );
    assert!(broker.super_broker().is_none());
    let answers: Vec<_> = sent(&said).into_iter().chain(sent(&said_too)).collect();
    assert_eq!(answers, [(gcu(1), &answer(ticket, &[]))]);
}
