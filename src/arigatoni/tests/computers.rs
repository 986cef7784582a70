//! Computers driven by hand.

use super::*;
use crate::arigatoni::offers::Offers;
use crate::arigatoni::policy::Policy;
use crate::discovery::Request;

fn computer(rules: Rules) -> Hand<Gcu> {
    Hand(Gcu::new(gbu(0)), given(rules))
}

fn issue() -> Input<ArigatoniProtocol> {
    Input::Command(Command::Issue {
        request: REQUEST,
        demand: DEMAND,
        instances: 2,
    })
}

#[test]
fn a_gcu_agrees_while_it_has_a_free_slot() {
    let mut gcu_one = Hand(Gcu::new(gbu(0)), given_slots(Some(1), rules()));
    let agreed = |effects: &[Effect<ArigatoniProtocol>]| match sent(effects)[..] {
        [(_, Message::Answer(answer))] => !answer.providers.is_empty(),
        _ => panic!("one answer: {effects:?}"),
    };
    assert!(agreed(&gcu_one.say(0, from(gbu(0), query(1, 0)))));
    assert!(!agreed(&gcu_one.say(1, from(gbu(0), query(1, 1)))));
    gcu_one.say(2, from(gbu(0), Message::Release { request: REQUEST }));
    assert!(agreed(&gcu_one.say(3, from(gbu(0), query(1, 2)))));
    let said = gcu_one.say(4, from(gcu(8), Message::Start { request: REQUEST }));
    let [
        Effect::Arm { timer, after },
        Effect::Observation(Observation::Started { request }),
    ] = said[..]
    else {
        panic!("{said:?}")
    };
    assert_eq!((request, after), (REQUEST, Span::from_s(1)));
    assert!(!agreed(&gcu_one.say(5, from(gbu(0), query(1, 3)))));
    gcu_one.say(1004, Input::Timer(timer));
    assert!(agreed(&gcu_one.say(1005, from(gbu(0), query(1, 4)))));
}

#[test]
fn a_change_of_what_is_offered_is_told_while_it_is_there() {
    let mut unit = computer(rules());
    let policy = unit.1.policy.clone();
    let offers = |number| policy.offers(gcu(1), number).collect::<Offers>();
    let is_other = |number: &u32| !offers(*number).is_empty() && !offers(*number).contains(&DEMAND);
    let numbers: Vec<u32> = (1..).filter(is_other).take(2).collect();
    let change = |index: usize| {
        Input::Command(Command::Change {
            number: numbers[index],
        })
    };

    let said = unit.say(0, change(0));
    let (added, removed) = (offers(numbers[0]), Offers::from([DEMAND]));
    assert_eq!(sent(&said), [(gbu(0), &Message::Update { added, removed })]);
    // An enquiry that has crossed it is in vain.
    let said = unit.say(1, from(gbu(0), query(1, 0)));
    assert_eq!(sent(&said), [(gbu(0), &answer(ticket(0), &[]))]);

    unit.say(2, Input::Command(Command::Leave));
    unit.say(3, from(gbu(0), Message::UnregisterAcknowledged));
    assert_eq!(sent(&unit.say(4, change(1))), []);
    let said = unit.say(5, Input::Command(Command::Join));
    let offers = offers(numbers[1]);
    assert_eq!(sent(&said), [(gbu(0), &Message::Register { offers })]);
}

#[test]
fn a_partial_answer_is_rejected_and_released() {
    let mut requester = computer(rules());
    let ticket = enquiries(&requester.say(0, issue()))[0].1.ticket;
    let said = requester.say(9, from(gbu(0), answer(ticket, &[gcu(5)])));
    assert_eq!(
        sent(&said),
        [(gcu(5), &Message::Release { request: REQUEST })]
    );
    let rejected = Observation::Ended {
        request: REQUEST,
        outcome: RequestOutcome::Rejected,
        providers: Providers::new(),
    };
    assert!(said.iter().any(
        |effect| matches!(effect, Effect::Observation(observation) if *observation == rejected)
    ));
}

#[test]
fn an_answer_after_the_deadline_is_released() {
    let mut requester = computer(rules());
    let ticket = enquiries(&requester.say(0, issue()))[0].1.ticket;
    requester.say(600_000, Input::Timer(Reminder::Deadline { slot: ticket.0 }));
    let said = requester.say(600_001, from(gbu(0), answer(ticket, &[gcu(5), gcu(6)])));
    let release = Message::Release { request: REQUEST };
    assert_eq!(sent(&said), [(gcu(5), &release), (gcu(6), &release)]);
    assert!(
        !said
            .iter()
            .any(|effect| matches!(effect, Effect::Observation(_)))
    );
}

#[test]
fn a_leaver_finishes_first_tries_again_and_is_local_at_last() {
    let mut leaver = computer(rules());
    leaver.say(0, from(gbu(0), query(1, 0)));
    let said = leaver.say(1, Input::Command(Command::Leave));
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
    leaver.say(2, from(gbu(0), Message::Release { request: REQUEST }));
    let said = leaver.say(1001, Input::Timer(Reminder::Leave));
    assert_eq!(sent(&said), [(gbu(0), &Message::Unregister)]);
    let said = leaver.say(1002, from(gbu(0), Message::UnregisterDenied));
    assert!(matches!(
        said[..],
        [Effect::Arm {
            timer: Reminder::Leave,
            ..
        }]
    ));
    // It agrees to nothing while it waits.
    let said = leaver.say(1003, from(gbu(0), query(1, 5)));
    assert!(
        matches!(sent(&said)[..], [(_, Message::Answer(answer))] if answer.providers.is_empty())
    );
    leaver.say(2003, from(gbu(0), Message::UnregisterAcknowledged));
    assert_eq!(leaver.0.leader(), None);
    let said = leaver.say(2004, issue());
    assert!(matches!(
        &said[..],
        [Effect::Observation(Observation::Ended {
            outcome: RequestOutcome::Local,
            ..
        })]
    ));
}

#[test]
fn a_leader_that_is_silent_beyond_the_deadline_is_forgotten_too() {
    let mut orphan = computer(Rules {
        silence_timeout: Some(SilenceTimeout {
            timeout: Span::from_s(2),
        }),
        deadline: Span::from_s(1),
        ..rules()
    });
    let ended = |effects: &[Effect<ArigatoniProtocol>]| {
        let ended = |effect: &&Effect<ArigatoniProtocol>| {
            matches!(effect, Effect::Observation(Observation::Ended { .. }))
        };
        effects.iter().filter(ended).count()
    };
    orphan.say(0, issue());
    let said = orphan.say(1000, Input::Timer(Reminder::Deadline { slot: 0 }));
    assert_eq!(ended(&said), 1);
    assert!(orphan.0.leader().is_some());
    let said = orphan.say(2000, Input::Timer(Reminder::AnswerTimeout { slot: 0 }));
    assert_eq!(ended(&said), 0, "it has ended already");
    assert!(orphan.0.leader().is_none());
}

#[test]
fn a_gcu_without_its_leader_has_its_requests_rejected() {
    let mut orphan = computer(Rules {
        silence_timeout: Some(SilenceTimeout {
            timeout: Span::from_s(2),
        }),
        ..rules()
    });
    orphan.say(0, issue());
    let said = orphan.say(2000, Input::Timer(Reminder::AnswerTimeout { slot: 0 }));
    let rejected = |effects: &[Effect<ArigatoniProtocol>]| {
        effects.iter().any(|effect| {
            matches!(
                effect,
                Effect::Observation(Observation::Ended {
                    outcome: RequestOutcome::Rejected,
                    ..
                })
            )
        })
    };
    assert!(rejected(&said));
    let said = orphan.say(2001, issue());
    assert!(rejected(&said) && sent(&said).is_empty());
}

#[test]
fn a_computer_fills_one_cache_line() {
    assert_eq!(size_of::<Gcu>(), 64);
}

#[test]
#[cfg_attr(not(target_pointer_width = "64"), ignore = "sizes of 64 bits")]
fn sizes_are_those_of_the_page() {
    let page = include_str!("../../../docs/performance.md");
    for row in [
        format!("| GCUs: unit {},", size_of::<Gcu>()),
        format!("| brokers: the unit | {} |", size_of::<Gbu>()),
        format!("| requests: when, who, what | {} |", size_of::<Request>()),
    ] {
        assert!(page.contains(&row), "{row}");
    }
    assert_eq!(size_of::<Message>(), 40);
}
