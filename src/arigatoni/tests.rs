//! Units driven by hand: what one says to one input, without any driver.

use std::sync::Arc;

use super::config::Search;
use super::gbu::Gbu;
use super::gcu::{Common, Gcu};
use super::message::{
    Arigato, Command, Message, Note, Outcome, Providers, Query, Reminder, RequestId, Ticket, gbu,
    gcu,
};
use super::rules::Rules;
use super::table::{Draft, Member};
use crate::overlay::{Population, ServiceId};
use crate::random::Draws;
use crate::time::{Span, Time};
use crate::unit::{Context, Effect, Input, Unit, UnitId};

const SERVICE: ServiceId = ServiceId(3);
const REQUEST: RequestId = RequestId(9);

fn rules() -> Rules {
    Rules {
        acceptance_probability: 1.0,
        slots: None,
        search: Search::Selective,
        silence: None,
        deadline: Span::from_s(600),
        service_time: Span::from_s(1),
    }
}

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

fn computer(rules: Rules) -> Gcu {
    let mut population = Population::default();
    for _ in 0..2 {
        population.add(0, [SERVICE.0].into_iter());
    }
    let rules = Arc::new(rules);
    Gcu::new(Arc::new(Common { rules, population }), gbu(0))
}

/// What `unit` says to `input` at `ms` milliseconds.
fn say(unit: &mut impl Unit<Arigato>, ms: u64, input: Input<Arigato>) -> Vec<Effect<Arigato>> {
    let mut effects = Vec::new();
    let now = Time::from_ns(ms * 1_000_000);
    unit.handle(
        input,
        &mut Context::new(now, gcu(1), Draws::new(1, 0), &mut effects),
    );
    effects
}

fn from(from: UnitId, message: Message) -> Input<Arigato> {
    Input::Message { from, message }
}

fn query(wanted: u32, ticket: u32) -> Message {
    let ticket = Ticket {
        slot: ticket,
        generation: 0,
    };
    Message::Query(Query {
        request: REQUEST,
        service: SERVICE,
        wanted,
        sent_at: Time::ZERO,
        answer_by: Time::from_ns(600_000_000_000),
        ticket,
    })
}

fn answer(ticket: Ticket, providers: &[UnitId]) -> Message {
    Message::Answer {
        request: REQUEST,
        ticket,
        providers: providers.into(),
    }
}

/// What is sent, in order.
fn sent(effects: &[Effect<Arigato>]) -> Vec<(UnitId, &Message)> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Send { to, message, .. } => Some((*to, message)),
            _ => None,
        })
        .collect()
}

/// The receivers and tickets of the queries sent, in order.
fn enquiries(effects: &[Effect<Arigato>]) -> Vec<(UnitId, Query)> {
    sent(effects)
        .into_iter()
        .filter_map(|(to, message)| match message {
            Message::Query(query) => Some((to, *query)),
            _ => None,
        })
        .collect()
}

fn issue() -> Input<Arigato> {
    Input::Command(Command::Issue {
        request: REQUEST,
        service: SERVICE,
        instances: 2,
    })
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

#[test]
fn a_gcu_agrees_while_it_has_a_free_slot() {
    let mut gcu_one = computer(Rules {
        slots: Some(1),
        ..rules()
    });
    let agreed = |effects: &[Effect<Arigato>]| match sent(effects)[..] {
        [(_, Message::Answer { providers, .. })] => !providers.is_empty(),
        _ => panic!("one answer: {effects:?}"),
    };
    assert!(agreed(&say(&mut gcu_one, 0, from(gbu(0), query(1, 0)))));
    assert!(!agreed(&say(&mut gcu_one, 1, from(gbu(0), query(1, 1)))));
    say(
        &mut gcu_one,
        2,
        from(gbu(0), Message::Release { request: REQUEST }),
    );
    assert!(agreed(&say(&mut gcu_one, 3, from(gbu(0), query(1, 2)))));
    let said = say(
        &mut gcu_one,
        4,
        from(gcu(8), Message::Begin { request: REQUEST }),
    );
    let [Effect::Arm { timer, after }] = said[..] else {
        panic!("{said:?}")
    };
    assert_eq!(after, Span::from_s(1));
    assert!(!agreed(&say(&mut gcu_one, 5, from(gbu(0), query(1, 3)))));
    say(&mut gcu_one, 1004, Input::Timer(timer));
    assert!(agreed(&say(&mut gcu_one, 1005, from(gbu(0), query(1, 4)))));
}

#[test]
fn a_partial_answer_is_rejected_and_released() {
    let mut requester = computer(rules());
    let ticket = enquiries(&say(&mut requester, 0, issue()))[0].1.ticket;
    let said = say(&mut requester, 9, from(gbu(0), answer(ticket, &[gcu(5)])));
    assert_eq!(
        sent(&said),
        [(gcu(5), &Message::Release { request: REQUEST })]
    );
    let rejected = Note::Ended {
        request: REQUEST,
        outcome: Outcome::Rejected,
        providers: Providers::new(),
    };
    assert!(
        said.iter()
            .any(|effect| matches!(effect, Effect::Note(note) if *note == rejected))
    );
}

#[test]
fn an_answer_after_the_deadline_is_released() {
    let mut requester = computer(rules());
    let ticket = enquiries(&say(&mut requester, 0, issue()))[0].1.ticket;
    say(
        &mut requester,
        600_000,
        Input::Timer(Reminder::Deadline { slot: ticket.slot }),
    );
    let said = say(
        &mut requester,
        600_001,
        from(gbu(0), answer(ticket, &[gcu(5), gcu(6)])),
    );
    let release = Message::Release { request: REQUEST };
    assert_eq!(sent(&said), [(gcu(5), &release), (gcu(6), &release)]);
    assert!(!said.iter().any(|effect| matches!(effect, Effect::Note(_))));
}

#[test]
fn a_leaver_finishes_first_tries_again_and_is_local_at_last() {
    let mut leaver = computer(rules());
    say(&mut leaver, 0, from(gbu(0), query(1, 0)));
    let said = say(&mut leaver, 1, Input::Command(Command::Leave));
    let [
        Effect::Arm {
            timer: Reminder::Leave,
            after,
        },
    ] = said[..]
    else {
        panic!("{said:?}")
    };
    assert_eq!(after, Span::from_s(1));
    say(
        &mut leaver,
        2,
        from(gbu(0), Message::Release { request: REQUEST }),
    );
    let said = say(&mut leaver, 1001, Input::Timer(Reminder::Leave));
    assert_eq!(sent(&said), [(gbu(0), &Message::Unregister)]);
    let said = say(&mut leaver, 1002, from(gbu(0), Message::Stay));
    assert!(matches!(
        said[..],
        [Effect::Arm {
            timer: Reminder::Leave,
            ..
        }]
    ));
    // It agrees to nothing while it waits.
    let said = say(&mut leaver, 1003, from(gbu(0), query(1, 5)));
    assert!(
        matches!(sent(&said)[..], [(_, Message::Answer { providers, .. })] if providers.is_empty())
    );
    say(&mut leaver, 2003, from(gbu(0), Message::Left));
    assert_eq!(leaver.leader(), None);
    let said = say(&mut leaver, 2004, issue());
    assert!(matches!(
        &said[..],
        [Effect::Note(Note::Ended {
            outcome: Outcome::Local,
            ..
        })]
    ));
}

#[test]
fn a_leader_that_is_silent_beyond_the_deadline_is_forgotten_too() {
    let mut orphan = computer(Rules {
        silence: Some(Span::from_s(2)),
        deadline: Span::from_s(1),
        ..rules()
    });
    let ended = |effects: &[Effect<Arigato>]| {
        let ended = |effect: &&Effect<Arigato>| matches!(effect, Effect::Note(Note::Ended { .. }));
        effects.iter().filter(ended).count()
    };
    say(&mut orphan, 0, issue());
    let said = say(
        &mut orphan,
        1000,
        Input::Timer(Reminder::Deadline { slot: 0 }),
    );
    assert_eq!(ended(&said), 1);
    assert!(orphan.leader().is_some());
    let said = say(
        &mut orphan,
        2000,
        Input::Timer(Reminder::Silence { slot: 0 }),
    );
    assert_eq!(ended(&said), 0, "it has ended already");
    assert!(orphan.leader().is_none());
}

#[test]
fn a_gcu_without_its_leader_has_its_requests_rejected() {
    let mut orphan = computer(Rules {
        silence: Some(Span::from_s(2)),
        ..rules()
    });
    say(&mut orphan, 0, issue());
    let said = say(
        &mut orphan,
        2000,
        Input::Timer(Reminder::Silence { slot: 0 }),
    );
    let rejected = |effects: &[Effect<Arigato>]| {
        effects.iter().any(|effect| {
            matches!(
                effect,
                Effect::Note(Note::Ended {
                    outcome: Outcome::Rejected,
                    ..
                })
            )
        })
    };
    assert!(rejected(&said));
    let said = say(&mut orphan, 2001, issue());
    assert!(rejected(&said) && sent(&said).is_empty());
}

#[test]
fn a_computer_fills_one_cache_line() {
    assert_eq!(size_of::<Gcu>(), 64);
}
