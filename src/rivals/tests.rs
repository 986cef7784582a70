//! Computers driven by hand: what one says to one input, without any driver.

use std::sync::Arc;

use super::central::{Central, Directed};
use super::message::{Message, Reminder, RivalProtocol};
use super::{Node, Rival};
use crate::discovery::config;
use crate::discovery::{
    BrokerUnits, Command, Descriptor, Mechanism, Observation, Population, RequestId,
    RequestOutcome, World, gbu, gcu,
};
use crate::parameters::NoMembers;
use crate::parameters::number::{BoundedCount, Count, Fraction};
use crate::random::RandomStreams;
use crate::time::Time;
use crate::unit::{Context, Effect, Input, UnitId};

type Said = Message<Directed>;

const DEMAND: Descriptor = Descriptor(3);
const REQUEST: RequestId = RequestId(9);

/// GCU 1 of ten that offer [`DEMAND`] and always agree.
struct Hand {
    rival: Rival<Central>,
    node: Node<Central>,
    world: Arc<World>,
}

impl Hand {
    /// In a world in which requests ask for five instances, of which one computer gives three at most, and
    /// `change` has changed the parameters.
    fn new(change: impl Fn(&mut config::World)) -> Self {
        let mut population = Population::default();
        (0..10).for_each(|_| population.add(0, [DEMAND.0].into_iter()));
        let mut config = config::World {
            acceptance_probability: Fraction(1.0),
            ..config::World::default()
        };
        config.services.count = Some(BoundedCount(8));
        config.services.instances = Count(3);
        config.requests.instances = Some(Count(5));
        config.requests.distinct = false;
        change(&mut config);
        let streams = RandomStreams::new(1, 0);
        let world = World::of_one_broker(config, BrokerUnits::Root, population, streams);
        let world = Arc::new(world);
        let rival = Rival::<Central>::new(&world, &NoMembers {});
        let node = rival.computer(1);
        Self { rival, node, world }
    }

    /// What it says to `input`.
    fn say(
        &mut self,
        input: Input<RivalProtocol<Directed>>,
    ) -> Vec<Effect<RivalProtocol<Directed>>> {
        let mut effects = Vec::new();
        let streams = RandomStreams::new(1, 0);
        let context = &mut Context::new(Time::ZERO, gcu(1), streams, &mut effects);
        self.rival.computer_handles(&mut self.node, input, context);
        effects
    }

    /// What it says when `from` says something.
    fn hear(&mut self, from: UnitId, message: Said) -> Vec<Effect<RivalProtocol<Directed>>> {
        self.say(Input::Message { from, message })
    }

    /// Lets it ask for five instances, and its directory list GCU 4 and 6: for how many each of these is
    /// asked, in the order in which they are asked.
    fn ask(&mut self) -> Vec<(UnitId, u32)> {
        self.say(Input::Command(Command::Issue {
            request: REQUEST,
            demand: DEMAND,
            instances: 5,
        }));
        let list = Directed::List {
            request: REQUEST,
            computers: [4, 6].into(),
        };
        let said = self.hear(gbu(0), Message::Own(list));
        let enquiries = sent(&said).into_iter().map(|(to, message)| match message {
            Message::Enquiry { wanted, .. } => (to, *wanted),
            other => panic!("{other:?}"),
        });
        enquiries.collect()
    }
}

fn sent(effects: &[Effect<RivalProtocol<Directed>>]) -> Vec<(UnitId, &Said)> {
    let sent = effects.iter().filter_map(|effect| match effect {
        Effect::Send { to, message, .. } => Some((*to, message)),
        _ => None,
    });
    sent.collect()
}

/// How the request has ended, if it has, with how many starts and releases.
fn end(effects: &[Effect<RivalProtocol<Directed>>]) -> (Option<RequestOutcome>, usize, usize) {
    let outcome = effects.iter().find_map(|effect| match effect {
        Effect::Observation(Observation::Ended { outcome, .. }) => Some(*outcome),
        _ => None,
    });
    let sent = sent(effects);
    let count = |is: fn(&Said) -> bool| sent.iter().filter(|(_, message)| is(message)).count();
    let starts = count(|message| matches!(message, Message::Start { .. }));
    let releases = count(|message| matches!(message, Message::Release { .. }));
    (outcome, starts, releases)
}

fn answer(instances: u32) -> Said {
    Message::Answer {
        request: REQUEST,
        instances,
    }
}

#[test]
fn computers_are_asked_for_what_is_missing() {
    let mut hand = Hand::new(|_| ());
    let asked = hand.ask();
    let [(first, 3), (second, 2)] = asked[..] else {
        panic!("{asked:?}")
    };
    assert_eq!(end(&hand.hear(first, answer(3))), (None, 0, 0));
    let all = (Some(RequestOutcome::Accepted), 5, 0);
    assert_eq!(end(&hand.hear(second, answer(2))), all);
}

#[test]
fn fewer_are_enough_once_everybody_has_answered() {
    for (at_least, expected) in [
        (None, (Some(RequestOutcome::Rejected), 0, 3)),
        (Some(4), (Some(RequestOutcome::Rejected), 0, 3)),
        (Some(3), (Some(RequestOutcome::Accepted), 3, 0)),
        (Some(1), (Some(RequestOutcome::Accepted), 3, 0)),
    ] {
        let mut hand = Hand::new(|config| config.requests.at_least = at_least.map(Count));
        let asked = hand.ask();
        assert_eq!(end(&hand.hear(asked[0].0, answer(3))), (None, 0, 0));
        assert_eq!(end(&hand.hear(asked[1].0, answer(0))), expected);
    }
}

#[test]
fn fewer_are_enough_at_the_deadline() {
    for (at_least, expected) in [
        (3, (Some(RequestOutcome::Rejected), 0, 2)),
        (2, (Some(RequestOutcome::Accepted), 2, 0)),
    ] {
        let mut hand = Hand::new(|config| config.requests.at_least = Some(Count(at_least)));
        let asked = hand.ask();
        hand.hear(asked[1].0, answer(2));
        let said = hand.say(Input::Timer(Reminder::Deadline { slot: 0 }));
        assert_eq!(end(&said), expected);
        // What comes later is released.
        assert_eq!(end(&hand.hear(asked[0].0, answer(3))), (None, 0, 3));
    }
}

#[test]
fn of_an_offer_that_is_too_large_the_rest_is_released() {
    let mut hand = Hand::new(|_| ());
    hand.ask();
    let offer = |instances| Message::Offer {
        request: REQUEST,
        instances,
        hops: 2,
    };
    assert_eq!(end(&hand.hear(gcu(7), offer(3))), (None, 0, 0));
    assert_eq!(end(&hand.hear(gcu(7), offer(3))), (None, 0, 0), "a copy");
    let full = (Some(RequestOutcome::Accepted), 5, 1);
    assert_eq!(end(&hand.hear(gcu(8), offer(3))), full);
}

#[test]
fn a_computer_agrees_as_often_as_it_has_slots_and_serves_each_instance() {
    let mut hand = Hand::new(|config| config.slots = Some(Count(2)));
    let enquiry = Message::Enquiry {
        request: REQUEST,
        demand: DEMAND,
        wanted: 3,
    };
    let said = hand.hear(gcu(5), enquiry.clone());
    assert!(matches!(
        sent(&said)[..],
        [(_, Message::Answer { instances: 2, .. })]
    ));
    assert!(
        sent(&hand.hear(gcu(5), enquiry)).is_empty(),
        "it has said so"
    );
    assert_eq!(hand.node.serving.count(), 2);
    hand.hear(gcu(5), Message::Start { request: REQUEST });
    hand.hear(gcu(5), Message::Release { request: REQUEST });
    assert_eq!(hand.node.serving.count(), 1, "one has started");
    hand.hear(gcu(5), Message::Release { request: REQUEST });
    assert_eq!(hand.node.serving.count(), 1, "it goes on");
    let said = hand.say(Input::Timer(Reminder::Served { slot: 0 }));
    let served = |effect: &Effect<RivalProtocol<Directed>>| {
        matches!(effect, Effect::Observation(Observation::Served { .. }))
    };
    assert_eq!(said.iter().filter(|effect| served(effect)).count(), 1);
    assert_eq!(hand.node.serving.count(), 0);
}

#[test]
fn a_computer_serves_what_it_offers_now() {
    let mut hand = Hand::new(|_| ());
    let offered = |number: &u32| hand.world.is_offered(DEMAND, 1, *number);
    let [yes, no] = [true, false].map(|is| (1..1000).find(|it| offered(it) == is).unwrap());
    for (number, instances) in [(no, 0), (yes, 3)] {
        let said = hand.say(Input::Command(Command::Change { number }));
        let expected: Vec<Descriptor> = hand.world.offers_after(1, number).collect();
        let [(_, Message::Own(Directed::Update { offers, .. }))] = sent(&said)[..] else {
            panic!("{said:?}")
        };
        assert_eq!(**offers, expected);
        // It has crashed.
        hand.rival.forget_computer(1, &mut hand.node);
        let enquiry = Message::Enquiry {
            request: REQUEST,
            demand: DEMAND,
            wanted: 3,
        };
        let said = hand.hear(gcu(5), enquiry);
        let [
            (
                _,
                Message::Answer {
                    instances: agreed, ..
                },
            ),
        ] = sent(&said)[..]
        else {
            panic!("{said:?}")
        };
        assert_eq!(*agreed, instances);
    }
    hand.say(Input::Command(Command::Leave));
    let said = hand.say(Input::Command(Command::Change { number: 1 }));
    assert!(said.is_empty(), "one that is away tells nobody");
}
