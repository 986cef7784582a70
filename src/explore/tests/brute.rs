//! Tiny worlds counted by brute force: units are driven one by one, states are compared whole, and nothing is
//! looked up.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use serde_json::{Value, json};

use super::*;
use crate::arigatoni::message::{Message, Reminder};
use crate::arigatoni::{Gbu, Gcu};
use crate::discovery::{Command, GCU, Mechanism, Observation, RequestId, RequestOutcome};
use crate::time::{Span, Time};
use crate::unit::{Context, Effect, Input, Protocol, Timer, UnitId};

/// A state: everything on which the future depends.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct World {
    gcus: Vec<Gcu>,
    gbus: Vec<Gbu>,
    /// In the order of channels.
    channels: BTreeMap<(UnitId, UnitId), Vec<Message>>,
    timers: BTreeMap<(UnitId, u32), (Reminder, Span)>,
    /// The requests that are not issued yet.
    waiting: Vec<usize>,
    away: Vec<UnitId>,
    /// What was said of requests, sorted: who, which, and how they ended with whom.
    said: Vec<Said>,
    timers_left: u8,
    leaves_left: u8,
    joins_left: u8,
}

/// Who has said it, of which request, and if it has ended how and with whom.
type Said = (UnitId, u32, Option<(u8, Vec<UnitId>)>);

struct Brute<'a> {
    system: &'a Arigatoni,
    requests: Vec<(UnitId, Command)>,
    deadline: Span,
}

impl Brute<'_> {
    fn hand(&self, world: &mut World, unit: UnitId, after: Span, input: Input<ProtocolOf>) {
        let mut effects = Vec::new();
        let now = Time::ZERO + after;
        let context = &mut Context::new(now, unit, RandomStreams::new(1, 0), &mut effects);
        let index = unit.index() as usize;
        let mechanism = self.system.mechanism();
        if unit.kind() == GCU {
            let computer = &mut world.gcus[index];
            mechanism.computer_handles(computer, input, context);
            *computer = computer.canonical(now);
        } else {
            let broker = &mut world.gbus[index];
            mechanism.broker_handles(broker, input, context);
            *broker = broker.timeless(now, self.deadline);
        }
        for effect in effects {
            match effect {
                Effect::Send {
                    to, mut message, ..
                } => {
                    if let Some(left) = ProtocolOf::time_left(&mut message) {
                        *left = self.deadline;
                    }
                    world.channels.entry((unit, to)).or_default().push(message);
                }
                Effect::Arm { timer, after } => {
                    world.timers.insert((unit, timer.slot()), (timer, after));
                }
                Effect::Disarm { timer } => _ = world.timers.remove(&(unit, timer.slot())),
                Effect::Observation(Observation::Ended {
                    request: RequestId(request),
                    outcome,
                    providers,
                }) => {
                    let outcome = match outcome {
                        RequestOutcome::Accepted => 0,
                        RequestOutcome::Rejected => 1,
                        RequestOutcome::Local => 2,
                    };
                    let how = Some((outcome, providers.to_vec()));
                    world.said.push((unit, request, how));
                }
                Effect::Observation(Observation::Served { request }) => {
                    world.said.push((unit, request.0, None));
                }
                Effect::Observation(_) => {}
            }
        }
        world.said.sort();
        world.channels.retain(|_, messages| !messages.is_empty());
    }

    /// All states that come next.
    fn next(&self, world: &World) -> Vec<World> {
        let mut all = Vec::new();
        for (&(from, to), messages) in &world.channels {
            let mut next = world.clone();
            next.channels.get_mut(&(from, to)).unwrap().remove(0);
            let message = messages[0].clone();
            self.hand(&mut next, to, Span::ZERO, Input::Message { from, message });
            all.push(next);
        }
        for (place, &request) in world.waiting.iter().enumerate() {
            let mut next = world.clone();
            next.waiting.remove(place);
            let (unit, command) = self.requests[request];
            self.hand(&mut next, unit, Span::ZERO, Input::Command(command));
            all.push(next);
        }
        for (&(unit, slot), &(timer, after)) in &world.timers {
            let Some(left) = world.timers_left.checked_sub(1) else {
                break;
            };
            let mut next = world.clone();
            next.timers_left = left;
            next.timers.remove(&(unit, slot));
            self.hand(&mut next, unit, after, Input::Timer(timer));
            all.push(next);
        }
        let units = (0..world.gcus.len() as u32).map(crate::discovery::gcu);
        let units = units.chain((0..world.gbus.len() as u32).map(crate::discovery::gbu));
        for unit in units.clone().filter(|unit| !world.away.contains(unit)) {
            let Some(left) = world.leaves_left.checked_sub(1) else {
                break;
            };
            let mut next = world.clone();
            next.leaves_left = left;
            next.away.push(unit);
            self.hand(&mut next, unit, Span::ZERO, Input::Command(Command::Leave));
            next.away.sort();
            all.push(next);
        }
        for unit in units.filter(|unit| world.away.contains(unit)) {
            let Some(left) = world.joins_left.checked_sub(1) else {
                break;
            };
            let mut next = world.clone();
            next.joins_left = left;
            next.away.retain(|other| *other != unit);
            self.hand(&mut next, unit, Span::ZERO, Input::Command(Command::Join));
            all.push(next);
        }
        all
    }

    /// How many states there are, and how many steps between them.
    fn count(&self, first: World) -> (u64, u64) {
        let mut seen: BTreeMap<u64, Vec<World>> = BTreeMap::new();
        let (mut todo, mut states, mut steps) = (vec![first], 0, 0);
        while let Some(world) = todo.pop() {
            let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(&world);
            let alike = seen.entry(hash).or_default();
            if alike.contains(&world) {
                continue;
            }
            alike.push(world.clone());
            states += 1;
            let next = self.next(&world);
            steps += next.len() as u64;
            todo.extend(next);
        }
        (states, steps)
    }
}

type ProtocolOf = crate::arigatoni::message::ArigatoniProtocol;

fn counted(network: &str, other: &Value, faults: Faults) -> (u64, u64) {
    let system = built(network, other);
    let mut requests: Vec<(UnitId, Command)> = Vec::new();
    for (number, request) in system.world().requests.iter().enumerate() {
        let command = Command::Issue {
            request: RequestId(number as u32),
            demand: request.service,
            instances: system.world().config.requests.wanted(0),
        };
        requests.push((crate::discovery::gcu(request.computer), command));
    }
    let deadline = system.world().config.deadline();
    let first = World {
        gcus: system
            .gcus()
            .iter()
            .map(|gcu| gcu.canonical(Time::ZERO))
            .collect(),
        gbus: system
            .gbus()
            .iter()
            .map(|gbu| gbu.timeless(Time::ZERO, deadline))
            .collect(),
        channels: BTreeMap::new(),
        timers: BTreeMap::new(),
        waiting: (0..requests.len()).collect(),
        away: Vec::new(),
        said: Vec::new(),
        timers_left: faults.timers,
        leaves_left: faults.leaves,
        joins_left: faults.joins,
    };
    let brute = Brute {
        system: &system,
        requests,
        deadline,
    };
    brute.count(first)
}

#[test]
fn the_search_finds_as_many_states_as_brute_force() {
    let timers = |timers| Faults {
        timers,
        ..Faults::default()
    };
    let worlds = [
        (
            "pair",
            json!({"gcus_per_broker": 2, "search": "exhaustive"}),
            timers(2),
        ),
        (
            "line",
            json!({"slots": 1, "requests": {"count": 2, "instances": 1}}),
            timers(1),
        ),
        (
            "pair",
            json!({"gcus_per_broker": 1}),
            Faults {
                leaves: 2,
                ..timers(2)
            },
        ),
        // Siblings in the same state: what each does depends on which it is.
        (
            "pair",
            json!({"gcus_per_broker": 2, "acceptance_probability": 0.5}),
            Faults {
                leaves: 1,
                joins: 1,
                ..timers(0)
            },
        ),
    ];
    let mut counts = Vec::new();
    for (network, other, faults) in worlds {
        let found = explored(built(network, &other), Arigatoni::handle, &bounds(faults));
        assert!(
            found.found.is_none() && found.stopped.is_none(),
            "{found:?}"
        );
        let Covered {
            states,
            transitions,
            ..
        } = found.covered;
        let brute = counted(network, &other, faults);
        assert_eq!((states, transitions), brute, "{other}");
        counts.push(brute);
    }
    assert_eq!(counts, COUNTS);
}

/// The states and steps of the worlds.
const COUNTS: [(u64, u64); 4] = [(1411, 4439), (1384, 3402), (4635, 14379), (534, 1139)];
