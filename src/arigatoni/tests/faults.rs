//! Whatever a network does, and whoever lies: no unit panics, and every request ends once.

use proptest::collection::vec;
use proptest::prelude::*;

use super::world::World;
use super::*;
use crate::arigatoni::policy::Policy;
use crate::arigatoni::wire::tests::any_message;
use crate::arigatoni::wire::{decode, encode};

/// What happens next. Numbers are taken modulo what there is.
#[derive(Debug, Clone)]
enum Step {
    /// Some message arrives, before others that were sent earlier.
    Deliver(u16),
    /// One arrives twice.
    Duplicate(u16),
    /// One is lost.
    Lose(u16),
    /// The next timer fires.
    Wait,
    /// A GCU asks for this number of instances.
    Issue(u16, u32),
    /// A unit is told to leave.
    Leave(u16),
    /// One unit gets a message in the name of another.
    Forge(u16, u16, Message),
    /// A copy of a message under way arrives with another ticket or from another sender.
    Replay(u16, u16, u32),
}

fn honest() -> BoxedStrategy<Step> {
    prop_oneof![
        12 => any::<u16>().prop_map(Step::Deliver),
        1 => Just(Step::Wait),
        2 => (any::<u16>(), 0_u32..5).prop_map(|(unit, instances)| Step::Issue(unit, instances)),
    ]
    .boxed()
}

fn leaving() -> BoxedStrategy<Step> {
    prop_oneof![20 => honest(), 1 => any::<u16>().prop_map(Step::Leave)].boxed()
}

fn faulty() -> BoxedStrategy<Step> {
    let fault = prop_oneof![
        any::<u16>().prop_map(Step::Duplicate),
        any::<u16>().prop_map(Step::Lose),
    ];
    prop_oneof![8 => leaving(), 1 => fault].boxed()
}

fn hostile() -> BoxedStrategy<Step> {
    let lie = prop_oneof![
        (any::<u16>(), any::<u16>(), any_message())
            .prop_map(|(from, to, message)| Step::Forge(from, to, message)),
        (any::<u16>(), any::<u16>(), 0_u32..4)
            .prop_map(|(which, from, ticket)| Step::Replay(which, from, ticket)),
    ];
    prop_oneof![4 => faulty(), 1 => lie].boxed()
}

/// The message with another ticket, if it has one.
fn with_ticket(mut message: Message, other: Ticket) -> Message {
    match &mut message {
        Message::Query(Query { ticket, .. })
        | Message::QueryAcknowledged { ticket, .. }
        | Message::Answer(Answer { ticket, .. }) => *ticket = other,
        _ => {}
    }
    message
}

impl World {
    fn step(&mut self, given: &Given<Drawn>, step: &Step) {
        let units = self.units();
        let unit = |number: u16| units[number as usize % units.len()];
        let some = |number: u16| {
            let count = self.under_way.len();
            (count > 0).then(|| number as usize % count)
        };
        match *step {
            Step::Deliver(number) => {
                if let Some(index) = some(number) {
                    self.deliver(given, index);
                }
            }
            Step::Duplicate(number) => {
                if let Some(index) = some(number) {
                    self.under_way.push(self.under_way[index].clone());
                }
            }
            Step::Lose(number) => {
                if let Some(index) = some(number) {
                    self.under_way.remove(index);
                }
            }
            Step::Wait => {
                if let Some((owner, slot)) = self.next_timer() {
                    self.fire(given, owner, slot);
                }
            }
            Step::Issue(number, instances) => {
                let computer = u32::from(number) % self.gcus.len() as u32;
                self.issue(given, computer, instances);
            }
            Step::Leave(number) => self.hand(given, unit(number), Input::Command(Command::Leave)),
            Step::Forge(sender, to, ref message) => {
                // As it would come out of a socket.
                let message = decode(&encode(message)).unwrap();
                self.under_way.push((unit(sender), unit(to), message));
            }
            Step::Replay(number, sender, ticket) => {
                if let Some(index) = some(number) {
                    let (_, to, message) = self.under_way[index].clone();
                    let message = with_ticket(message, Ticket(ticket));
                    self.under_way.push((unit(sender), to, message));
                }
            }
        }
    }
}

fn any_given() -> impl Strategy<Value = Given<Drawn>> {
    let search = prop_oneof![Just(Search::Selective), Just(Search::Exhaustive)];
    let slots = prop::option::of(0_u32..3);
    let timeout_s = prop::option::of(prop_oneof![Just(2), Just(900)]);
    (search, slots, timeout_s).prop_map(|(search, slots, timeout_s)| {
        let rules = Rules {
            search,
            silence_timeout: timeout_s.map(|s| SilenceTimeout {
                timeout: Span::from_s(s),
            }),
            ..rules()
        };
        given_slots(slots, rules)
    })
}

/// Plays `steps` and lets the rest run to its end.
fn played(given: &Given<Drawn>, steps: &[Step]) -> World {
    let mut world = World::new(3, given);
    for step in steps {
        world.step(given, step);
    }
    world.settle(given);
    world
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whoever_lies_every_request_ends_once(
        given in any_given(),
        steps in vec(hostile(), 0..150),
    ) {
        let world = played(&given, &steps);
        prop_assert!(world.ended.iter().all(|&times| times == 1), "{:?}", world.ended);
    }

    #[test]
    fn whatever_is_lost_or_doubled_every_request_ends_once(
        given in any_given(),
        steps in vec(faulty(), 0..150),
    ) {
        let world = played(&given, &steps);
        prop_assert!(world.ended.iter().all(|&times| times == 1), "{:?}", world.ended);
    }

    /// Nothing is left: no agreement, no query, no member that still asks or is asked.
    #[test]
    fn messages_out_of_order_leave_nothing_behind(
        given in any_given(),
        steps in vec(honest(), 0..150),
    ) {
        let given = Given { rules: Rules { silence_timeout: None, ..given.rules }, ..given };
        let mut world = played(&given, &steps);
        prop_assert!(world.ended.iter().all(|&times| times == 1), "{:?}", world.ended);
        prop_assert!(world.timers.is_empty(), "{:?}", world.timers);
        // The last services have been used.
        world.now += given.policy.service_time(gcu(0));
        let fresh = World { ended: world.ended.clone(), ..World::new(3, &given) };
        prop_assert_eq!(world.canonical(), fresh);
    }
}
