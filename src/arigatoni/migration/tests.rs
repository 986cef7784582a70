//! Questions, and attempts, one by one.

use std::iter;
use std::sync::Arc;

use super::*;
use crate::arigatoni::neighbours::Neighbours;
use crate::arigatoni::tests::{effects_of, given, rules, sent};
use crate::discovery::{Brokers, gbu};
use crate::topology::RouterId;

fn question(ticket: u8) -> Question {
    Question {
        ticket,
        is_refused: false,
        is_below: false,
        climbs: false,
    }
}

/// What GBU 0 says to the question of `mover`, and what it is then.
fn said_to(mover: u32, mut membership: Membership) -> (Vec<(UnitId, Message)>, Membership) {
    let mut question = question(3);
    let said = effects_of(|context| {
        take_question(
            &mut membership,
            &mut question,
            (gbu(mover), 7),
            None,
            context,
        );
    });
    let said = sent(&said).into_iter();
    let said = said.map(|(to, message)| (to, message.clone()));
    (said.collect(), membership)
}

#[test]
fn a_question_goes_up_to_the_root_which_answers() {
    let ticket = 7;
    let mover = gbu(5);
    for member in [Membership::Member(gbu(1)), Membership::Leaving(gbu(1))] {
        let passed = (gbu(1), Message::MayJoin { mover, ticket });
        assert_eq!(said_to(5, member), (vec![passed], member));
    }
    for root in [
        Membership::Alone,
        Membership::Orphan(gbu(1)),
        Membership::Away(gbu(1)),
    ] {
        let granted = (mover, Message::JoinGranted { ticket });
        assert_eq!(said_to(5, root), (vec![granted], root));
    }
    for moving in [Membership::Asking(gbu(1)), Membership::Returning(gbu(1))] {
        let refused = (mover, Message::JoinRefused { ticket });
        assert_eq!(said_to(5, moving), (vec![refused], moving));
    }
}

#[test]
fn nobody_gets_below_itself() {
    let mut membership = Membership::Asking(gbu(9));
    let mut question = question(7);
    let said = effects_of(|context| {
        take_question(&mut membership, &mut question, (gbu(0), 6), None, context);
    });
    assert!(said.is_empty(), "it has asked again since");
    let said = effects_of(|context| {
        take_question(&mut membership, &mut question, (gbu(0), 7), None, context);
    });
    assert_eq!(
        sent(&said),
        [(gbu(9), &Message::Moved)],
        "that is below it, and must not list it"
    );
    assert_eq!(membership, Membership::Orphan(gbu(9)));
    assert!(question.is_refused());
    assert_eq!(
        granted(&mut membership, question, 7),
        None,
        "that is refused"
    );
    let target = (gbu(9), &mut question);
    effects_of(|context| ask(&mut membership, target, None, context));
    assert!(!question.is_refused(), "this is another question");
}

#[test]
fn of_two_that_ask_each_other_one_gives_way() {
    let mut membership = Membership::Asking(gbu(9));
    let mut question = question(7);
    let said = effects_at_five(|context| {
        take_question(&mut membership, &mut question, (gbu(2), 1), None, context);
    });
    assert_eq!(sent(&said), [(gbu(2), &Message::JoinGranted { ticket: 1 })]);
    assert_eq!(
        granted(&mut membership, question, 7),
        None,
        "it has given its question up"
    );
}

fn effects_at_five(
    act: impl FnOnce(&mut Context<'_>),
) -> Vec<crate::unit::Effect<crate::arigatoni::ArigatoniProtocol>> {
    let mut effects = Vec::new();
    let streams = crate::random::RandomStreams::new(1, 0);
    let now = crate::time::Time::ZERO;
    act(&mut Context::new(now, gbu(5), streams, &mut effects));
    effects
}

/// There are overlays of a hundred thousand brokers.
#[test]
fn each_of_many_brokers_has_its_attempt() {
    const BROKERS: u32 = 130_000;
    let mut moves = Moves::default();
    let mut places = 0;
    for attempt in 0..FAILED_MAX + 2 * BROKERS {
        assert_eq!(moves.numbers(), (attempt % ATTEMPTS, attempt));
        if attempt >= FAILED_MAX {
            assert_eq!(moves.place(), Some(places / 2));
            places += 1;
        }
        moves = Moves::of(moves.numbers().0 + 1, moves.numbers().1 + 1);
    }
    moves.reset();
    assert_eq!((moves.numbers().1, moves.place()), (0, None));
    let last = Moves::of(0, DRAWN - 1);
    let next = Moves::of(1, last.numbers().1 + 1);
    assert_eq!(
        next.numbers(),
        (1, FAILED_MAX + 1),
        "odd and even alternate"
    );
}

#[test]
fn what_is_drawn_holds_until_the_attempt_is_made() {
    let drawn = Moves::of(7, 0).drawn();
    assert_eq!(drawn.numbers(), (7, 0));
    let mut failed = drawn;
    failed.fail();
    assert!(!failed.has_drawn());
    assert_eq!(
        failed.numbers(),
        (8, 1),
        "what was drawn does not come again"
    );
    let mut joined = drawn;
    joined.reset();
    assert_eq!(joined, drawn, "it has joined without an attempt of its own");
    joined.go_on();
    assert_eq!(joined, Moves::of(7, 0), "the same is drawn again");
    assert!(!Moves::of(ATTEMPTS - 1, DRAWN - 1).has_drawn());
    assert!(!Moves::of(ATTEMPTS - 1, DRAWN).has_drawn());
    assert_eq!(Moves::of(ATTEMPTS, 0), Moves::of(0, 0));
}

#[test]
fn only_the_last_question_counts() {
    let mut membership = Membership::Asking(gbu(9));
    let mut question = question(7);
    assert_eq!(granted(&mut membership, question, 6), None);
    effects_of(|context| refused(&mut membership, &mut question, 6, None, context));
    assert_eq!(membership, Membership::Asking(gbu(9)));
    assert_eq!(granted(&mut membership, question, 7), Some(gbu(9)));
    assert_eq!(granted(&mut membership, question, 7), None, "it is taken");
}

/// However many brokers are below the one that asks: in a chain all but the first root can be.
#[test]
fn the_first_root_is_asked_in_time() {
    for levels in [3, 4, 40] {
        let mut given = given(rules());
        let migrate = serde_json::from_str(r#"{"to": "grandparent"}"#).expect("it goes upwards");
        given.policy.neighbours = Some(Arc::new(Neighbours::new(&migrate)));
        let parents = iter::once(None).chain((0..levels).map(Some));
        let placed = (0..).map(RouterId).zip(parents);
        let world = Arc::get_mut(&mut given.policy.world).expect("one has it");
        world.brokers = Brokers::from_parents(&placed.collect::<Vec<_>>());
        assert_eq!(world.brokers.levels(), levels);
        let (me, mut tried) = (gbu(levels), gbu(levels - 1));
        let mut moves = Moves::default();
        let mut attempts = 1..=2 * u64::from(levels);
        let is_early = attempts.any(|_| {
            tried = moves.next(tried, (None, false), &given.policy, me);
            tried == gbu(0)
        });
        assert!(!is_early, "{levels}");
        tried = moves.next(tried, (None, false), &given.policy, me);
        assert_eq!(tried, gbu(0), "{levels}");
        assert!(attempts_to_heal(levels) > 2 * u64::from(levels));
    }
}
