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
    dead: Vec<UnitId>,
    /// What was said of requests, sorted: who, which, and how they ended with whom.
    said: Vec<Said>,
    left: Faults,
}

/// Who has said it, of which request, and if it has ended how and with whom.
type Said = (UnitId, u32, Option<(u8, Vec<UnitId>)>);

struct Brute<'a> {
    system: &'a Arigatoni,
    requests: Vec<(UnitId, Command)>,
    deadline: Span,
    /// Whether messages from one unit to another arrive in the order in which they are sent.
    in_order: bool,
}

impl Brute<'_> {
    fn hand(&self, world: &mut World, unit: UnitId, after: Span, input: Input<ProtocolOf>) {
        if world.dead.contains(&unit) {
            return;
        }
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
                    let channel = world.channels.entry((unit, to)).or_default();
                    channel.push(message);
                    self.arrange(channel);
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

    /// Where messages overtake each other their order is no matter.
    fn arrange(&self, channel: &mut [Message]) {
        if !self.in_order {
            channel.sort_by_key(|message| format!("{message:?}"));
        }
    }

    /// All states that come next.
    fn next(&self, world: &World) -> Vec<World> {
        let mut all = Vec::new();
        self.arrivals(world, &mut all);
        for (place, &request) in world.waiting.iter().enumerate() {
            let mut next = world.clone();
            next.waiting.remove(place);
            let (unit, command) = self.requests[request];
            self.hand(&mut next, unit, Span::ZERO, Input::Command(command));
            if world.dead.contains(&unit) {
                self.give_up(&mut next, unit);
            }
            all.push(next);
        }
        for (&(unit, slot), &(timer, after)) in &world.timers {
            let Some(left) = world.left.timers.checked_sub(1) else {
                break;
            };
            let mut next = world.clone();
            next.left.timers = left;
            next.timers.remove(&(unit, slot));
            self.hand(&mut next, unit, after, Input::Timer(timer));
            all.push(next);
        }
        self.told(world, &mut all);
        self.crashed(world, &mut all);
        if world.left.restarts == 0 {
            // What is on its way to those that stay dead makes no difference.
            for next in &mut all {
                let World { channels, dead, .. } = next;
                channels.retain(|(_, to), _| !dead.contains(to));
            }
        }
        all
    }

    /// Those in which a message arrives, is lost or doubled.
    fn arrivals(&self, world: &World, all: &mut Vec<World>) {
        for (&(from, to), messages) in &world.channels {
            for (place, message) in messages.iter().enumerate() {
                let again = place > 0 && (self.in_order || messages[place - 1] == *message);
                if again {
                    continue;
                }
                let mut gone = world.clone();
                gone.channels.get_mut(&(from, to)).unwrap().remove(place);
                gone.channels.retain(|_, messages| !messages.is_empty());
                if let Some(left) = world.left.losses.checked_sub(1) {
                    let mut next = gone.clone();
                    next.left.losses = left;
                    all.push(next);
                }
                if let Some(left) = world.left.duplicates.checked_sub(1) {
                    let mut next = world.clone();
                    next.left.duplicates = left;
                    let channel = next.channels.get_mut(&(from, to)).unwrap();
                    channel.push(message.clone());
                    self.arrange(channel);
                    all.push(next);
                }
                let message = message.clone();
                self.hand(&mut gone, to, Span::ZERO, Input::Message { from, message });
                all.push(gone);
            }
        }
    }

    /// All units.
    fn units(&self) -> impl Iterator<Item = UnitId> + Clone {
        let gcus = (0..self.system.gcus().len() as u32).map(crate::discovery::gcu);
        gcus.chain((0..self.system.gbus().len() as u32).map(crate::discovery::gbu))
    }

    /// Those in which a unit is told to leave or to come back.
    fn told(&self, world: &World, all: &mut Vec<World>) {
        for unit in self.units().filter(|unit| !world.dead.contains(unit)) {
            let is_away = world.away.contains(&unit);
            let mut next = world.clone();
            let (left, command) = if is_away {
                next.away.retain(|other| *other != unit);
                (&mut next.left.joins, Command::Join)
            } else {
                next.away.push(unit);
                next.away.sort();
                (&mut next.left.leaves, Command::Leave)
            };
            if let Some(fewer) = left.checked_sub(1) {
                *left = fewer;
                self.hand(&mut next, unit, Span::ZERO, Input::Command(command));
                all.push(next);
            }
        }
    }

    /// Those in which a unit crashes or comes back to life.
    fn crashed(&self, world: &World, all: &mut Vec<World>) {
        for unit in self.units() {
            let mut next = world.clone();
            if world.dead.contains(&unit) {
                let Some(left) = world.left.restarts.checked_sub(1) else {
                    continue;
                };
                next.left.restarts = left;
                next.dead.retain(|other| *other != unit);
                self.hand(&mut next, unit, Span::ZERO, Input::Start);
            } else {
                let Some(left) = world.left.crashes.checked_sub(1) else {
                    continue;
                };
                next.left.crashes = left;
                next.dead.push(unit);
                next.dead.sort();
                next.away.retain(|other| *other != unit);
                next.timers.retain(|(owner, _), _| *owner != unit);
                let (mechanism, id) = (self.system.mechanism(), unit.index());
                if unit.kind() == GCU {
                    let computer = &mut next.gcus[id as usize];
                    mechanism.forget_computer(id, computer);
                    *computer = computer.canonical(Time::ZERO);
                } else {
                    let broker = &mut next.gbus[id as usize];
                    mechanism.forget_broker(id, broker);
                    *broker = broker.timeless(Time::ZERO, self.deadline);
                }
                self.give_up(&mut next, unit);
            }
            all.push(next);
        }
    }

    /// Nobody waits any more for the requests of `unit` that have been issued and have not ended.
    fn give_up(&self, world: &mut World, unit: UnitId) {
        for (number, (whose, _)) in self.requests.iter().enumerate() {
            let request = number as u32;
            let has_ended =
                |said: &Said| (said.0, said.1, said.2.is_some()) == (unit, request, true);
            if *whose == unit
                && !world.waiting.contains(&number)
                && !world.said.iter().any(has_ended)
            {
                world.said.push((unit, request, Some((1, Vec::new()))));
                world.said.sort();
            }
        }
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
    let mut system = built(network, other);
    let is_lossy = bounds(faults).is_lossy();
    if is_lossy {
        system.expect(&losses());
    }
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
        dead: Vec::new(),
        said: Vec::new(),
        left: faults,
    };
    let brute = Brute {
        system: &system,
        requests,
        deadline,
        in_order: !is_lossy,
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
    assert_eq!(counts(worlds), COUNTS);
}

/// The states and steps of the worlds, found by the search and by brute force alike.
fn counts<const N: usize>(worlds: [(&str, Value, Faults); N]) -> [(u64, u64); N] {
    worlds.map(|(network, other, faults)| {
        // By the rules of the calculus worlds differ that are alike to units: see the page.
        let all = properties::<Arigatoni>();
        let all = all.always.iter().chain(&all.at_rest);
        let names = all.map(|(name, _)| (*name).to_owned());
        let bounds = Bounds {
            properties: Some(names.filter(|name| name != "adequate").collect()),
            ..bounds(faults)
        };
        let found = explored(built(network, &other), Arigatoni::handle, &bounds);
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
        assert_eq!((states, transitions), brute, "{other} {faults:?}");
        brute
    })
}

/// The states and steps of the worlds.
const COUNTS: [(u64, u64); 4] = [(1411, 4439), (1384, 3402), (4635, 14379), (534, 1139)];

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn the_search_finds_as_many_states_with_crashes_and_losses() {
    let none = Faults::default();
    let failing = json!({
        "faults": {"at": [{"unit": "gbu/1", "crash_s": 100, "restart_s": 200}]},
    });
    let crash = Faults {
        crashes: 1,
        restarts: 1,
        timers: 1,
        ..none
    };
    // Nobody agrees: these worlds are large.
    let refused = json!({"acceptance_probability": 0});
    let lost = Faults { losses: 1, ..none };
    let worlds = [("pair", failing, crash), ("pair", refused, lost)];
    assert_eq!(counts(worlds), [(6219, 18167), (4862, 22197)]);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn the_search_finds_as_many_states_with_duplicates() {
    let refused = json!({"acceptance_probability": 0});
    let doubled = Faults {
        duplicates: 1,
        ..Faults::default()
    };
    let worlds = [("pair", refused, doubled)];
    assert_eq!(counts(worlds), [(14739, 75386)]);
}
