//! Faults planted in the code of units: each is found, by a shortest history.

use std::cell::{Cell, RefCell};

use serde_json::{Value, json};

use super::*;
use crate::arigatoni::message::{ArigatoniProtocol, Message, Reminder};
use crate::discovery::{GBU, GCU, Observation, RequestOutcome, gbu};
use crate::simulation::stepping::Stepper;
use crate::system::{History, Observed};
use crate::unit::{Context, Effect, Input, UnitId};

type In = Input<ArigatoniProtocol>;
type Out = Effect<ArigatoniProtocol>;
type Says<'a> = Context<'a, ArigatoniProtocol>;

/// Lets the unit handle `input`, and replaces each thing that it says.
fn altered(
    system: &mut Arigatoni,
    unit: UnitId,
    input: In,
    context: &mut Says<'_>,
    alter: impl Fn(Out) -> Vec<Out>,
) {
    let mut effects = Vec::new();
    let own = &mut Context::new(context.now(), unit, context.streams(), &mut effects);
    system.handle(unit, input, own);
    for effect in effects.into_iter().flat_map(alter) {
        match effect {
            Effect::Send { to, message, after } => context.send_after(after, to, message),
            Effect::Arm { timer, after } => context.arm(timer, after),
            Effect::Disarm { timer } => context.disarm(timer),
            Effect::Observation(said) => context.emit(said),
        }
    }
}

/// Everything but what `is` holds of.
fn without(is: impl Fn(&Out) -> bool) -> impl Fn(Out) -> Vec<Out> {
    move |effect| {
        if is(&effect) {
            Vec::new()
        } else {
            vec![effect]
        }
    }
}

fn update_not_sent(system: &mut Arigatoni, unit: UnitId, input: In, context: &mut Says<'_>) {
    let is = |effect: &Out| {
        matches!(
            effect,
            Effect::Send {
                message: Message::Update { .. },
                ..
            }
        )
    };
    altered(system, unit, input, context, without(is));
}

fn release_forgotten(system: &mut Arigatoni, unit: UnitId, input: In, context: &mut Says<'_>) {
    let is = |effect: &Out| {
        matches!(
            effect,
            Effect::Send {
                message: Message::Release { .. },
                ..
            }
        )
    };
    altered(system, unit, input, context, without(is));
}

fn answer_forgotten(system: &mut Arigatoni, unit: UnitId, input: In, context: &mut Says<'_>) {
    let is = |effect: &Out| {
        matches!(
            effect,
            Effect::Send {
                message: Message::Answer(_),
                ..
            }
        )
    };
    if unit.kind() == GCU {
        altered(system, unit, input, context, without(is));
    } else {
        system.handle(unit, input, context);
    }
}

fn acknowledged_before_the_change(
    system: &mut Arigatoni,
    unit: UnitId,
    input: In,
    context: &mut Says<'_>,
) {
    if let Input::Message {
        from,
        message: Message::Unregister,
    } = input
    {
        context.send(from, Message::UnregisterAcknowledged);
    } else {
        system.handle(unit, input, context);
    }
}

/// A computer serves again that is told twice to start.
fn duplicate_not_recognised(
    system: &mut Arigatoni,
    unit: UnitId,
    input: In,
    context: &mut Says<'_>,
) {
    let started = match &input {
        Input::Message {
            message: Message::Packet(packet),
            ..
        } => match packet.message {
            Message::Start { request } => Some(request),
            _ => None,
        },
        _ => None,
    };
    let is_new = Cell::new(false);
    altered(system, unit, input, context, |effect| {
        is_new.set(is_new.get() || matches!(effect, Effect::Arm { .. }));
        vec![effect]
    });
    if let Some(request) = started.filter(|_| !is_new.get()) {
        for _ in 0..2 {
            context.emit(Observation::Served { request });
        }
    }
}

fn timer_not_disarmed(system: &mut Arigatoni, unit: UnitId, input: In, context: &mut Says<'_>) {
    let is = |effect: &Out| {
        matches!(
            effect,
            Effect::Disarm {
                timer: Reminder::Deadline { .. }
            }
        )
    };
    altered(system, unit, input, context, without(is));
}

fn timer_not_armed(system: &mut Arigatoni, unit: UnitId, input: In, context: &mut Says<'_>) {
    let is = |effect: &Out| {
        matches!(
            effect,
            Effect::Arm {
                timer: Reminder::Served { .. },
                ..
            }
        )
    };
    altered(system, unit, input, context, without(is));
}

/// A computer takes an answer to a request that has ended.
fn stale_answer_taken(system: &mut Arigatoni, unit: UnitId, input: In, context: &mut Says<'_>) {
    let is_answer = matches!(
        input,
        Input::Message {
            message: Message::Answer(_),
            ..
        }
    );
    if !is_answer || unit.kind() != GCU {
        return system.handle(unit, input, context);
    }
    altered(system, unit, input, context, |effect| match effect {
        Effect::Send {
            to,
            message: Message::Release { request },
            after,
        } => {
            let message = Message::Start { request };
            let taken = Observation::Ended {
                request,
                outcome: RequestOutcome::Accepted,
                providers: [to].as_slice().into(),
            };
            vec![
                Effect::Send { to, message, after },
                Effect::Observation(taken),
            ]
        }
        effect => vec![effect],
    });
}

fn leave_granted_while_a_query_is_open(
    system: &mut Arigatoni,
    unit: UnitId,
    input: In,
    context: &mut Says<'_>,
) {
    altered(system, unit, input, context, |effect| match effect {
        Effect::Send {
            to,
            message: Message::UnregisterDenied,
            after,
        } => {
            let message = Message::UnregisterAcknowledged;
            vec![Effect::Send { to, message, after }]
        }
        effect => vec![effect],
    });
}

/// A candidate counts votes as soon as it asks for them. Timers that have nothing to do with it are not set, so that
/// the world is small.
fn split_vote(system: &mut Arigatoni, unit: UnitId, input: In, context: &mut Says<'_>) {
    let asked = RefCell::new(Vec::new());
    altered(system, unit, input, context, |effect| {
        if let Effect::Send {
            to,
            message: Message::VoteWanted(term),
            ..
        } = effect
        {
            asked.borrow_mut().push((to, term));
        }
        let is_needed = match &effect {
            Effect::Arm { timer, .. } => match timer {
                Reminder::Heartbeat => unit == gbu(0),
                Reminder::HeartbeatDue => false,
                _ => unit.kind() == GBU,
            },
            _ => true,
        };
        Some(effect).filter(|_| is_needed).into_iter().collect()
    });
    for (from, term) in asked.into_inner() {
        let message = Message::Vote(term);
        system.handle(unit, Input::Message { from, message }, context);
    }
}

fn registration_not_confirmed(
    system: &mut Arigatoni,
    unit: UnitId,
    input: In,
    context: &mut Says<'_>,
) {
    let is = |effect: &Out| {
        matches!(
            effect,
            Effect::Send {
                message: Message::Registered,
                ..
            }
        )
    };
    altered(system, unit, input, context, without(is));
}

fn member_not_entered(system: &mut Arigatoni, unit: UnitId, input: In, context: &mut Says<'_>) {
    if let Input::Message {
        from,
        message: Message::Register { .. },
    } = input
    {
        context.send(from, Message::Registered);
    } else {
        system.handle(unit, input, context);
    }
}

fn ended_twice(system: &mut Arigatoni, unit: UnitId, input: In, context: &mut Says<'_>) {
    altered(system, unit, input, context, |effect| match effect {
        Effect::Observation(said @ Observation::Ended { .. }) => {
            vec![Effect::Observation(said.clone()), Effect::Observation(said)]
        }
        effect => vec![effect],
    });
}

fn served_twice(system: &mut Arigatoni, unit: UnitId, input: In, context: &mut Says<'_>) {
    altered(system, unit, input, context, |effect| match effect {
        Effect::Observation(said @ Observation::Served { .. }) => {
            vec![Effect::Observation(said.clone()), Effect::Observation(said)]
        }
        effect => vec![effect],
    });
}

fn panics_at_a_release(system: &mut Arigatoni, unit: UnitId, input: In, context: &mut Says<'_>) {
    let released = matches!(
        input,
        Input::Message {
            message: Message::Release { .. },
            ..
        }
    );
    assert!(!released, "a planted panic");
    system.handle(unit, input, context);
}

/// A planted fault, the world in which it is found, what is violated and after how many steps.
struct Planted {
    handle: Handle<Arigatoni>,
    network: &'static str,
    other: Value,
    faults: Faults,
    broken: &'static str,
    length: usize,
}

fn heartbeats() -> Value {
    json!({
        "detection": {"heartbeat_ms": 2000, "timeout_ms": 2000, "misses": 1},
        "return_ms": 3000,
    })
}

fn elections() -> Value {
    let mut other = heartbeats();
    other["election"] = true.into();
    other
}

fn failing() -> Value {
    json!({"faults": {"at": [{"unit": "gbu/1", "crash_s": 100, "restart_s": 200}]}})
}

#[expect(clippy::too_many_lines, reason = "a few lines for each fault")]
fn all() -> Vec<Planted> {
    let none = Faults::default();
    let leave = Faults { leaves: 1, ..none };
    let pair = |handle, other, faults, broken, length| Planted {
        handle,
        network: "pair",
        other,
        faults,
        broken,
        length,
    };
    let exhaustive = || json!({"gcus_per_broker": 2, "search": "exhaustive"});
    vec![
        pair(update_not_sent, json!({}), leave, "tables", 8),
        pair(release_forgotten, exhaustive(), none, "slots", 12),
        pair(answer_forgotten, json!({}), none, "slots", 4),
        pair(
            acknowledged_before_the_change,
            json!({}),
            leave,
            "members-believe",
            4,
        ),
        pair(
            duplicate_not_recognised,
            json!({}),
            Faults {
                duplicates: 1,
                ..none
            },
            "served-once",
            12,
        ),
        pair(
            timer_not_disarmed,
            json!({}),
            Faults { timers: 1, ..none },
            "timers",
            6,
        ),
        pair(timer_not_armed, json!({}), none, "slots", 8),
        pair(
            stale_answer_taken,
            json!({}),
            Faults { timers: 1, ..none },
            "ends-once",
            8,
        ),
        pair(
            leave_granted_while_a_query_is_open,
            json!({}),
            leave,
            "members-believe",
            8,
        ),
        Planted {
            handle: split_vote,
            network: "star",
            other: elections(),
            faults: Faults { timers: 5, ..none },
            broken: "one-leader-a-term",
            length: 8,
        },
        pair(
            registration_not_confirmed,
            failing(),
            Faults {
                crashes: 1,
                restarts: 1,
                ..none
            },
            "rest",
            2,
        ),
        pair(
            member_not_entered,
            json!({}),
            Faults { joins: 1, ..leave },
            "members-listed",
            7,
        ),
        pair(ended_twice, json!({}), none, "ends-once", 7),
        pair(
            served_twice,
            json!({}),
            Faults { timers: 1, ..none },
            "served-once",
            9,
        ),
        pair(panics_at_a_release, exhaustive(), none, "no-panic", 8),
    ]
}

/// Plays the schedule of what was found again: the names of what does not hold at rest.
fn replayed(planted: &Planted, found: &CounterExample) -> Vec<&'static str> {
    let losses = bounds(planted.faults).is_lossy();
    let history = History::read(&found.schedule(losses).write()).unwrap();
    let mut system = built(planted.network, &planted.other);
    if history.losses {
        system.expect_losses();
    }
    let how = how();
    let streams = RandomStreams::new(1, 0);
    let mut stepper = Stepper::new(&mut system, &how, planted.handle, streams);
    for (step, line) in history.steps.iter().zip(&found.lines) {
        if step == history.steps.last().unwrap() && found.broken.name == NO_PANIC.0 {
            return Vec::new();
        }
        let told = stepper.step(step).unwrap();
        assert_eq!(told, line.told, "{step:?}");
    }
    let at_rest = stepper.is_at_rest();
    let (measures, _, dead) = stepper.finish();
    let broken = system.violations(&measures, &|unit| !dead.contains(&unit));
    let broken = broken.into_iter().filter(|_| at_rest);
    broken.map(|violation| violation.name).collect()
}

#[test]
fn every_planted_fault_is_found_by_a_shortest_history() {
    let mut wrong = Vec::new();
    for (number, planted) in all().into_iter().enumerate() {
        let system = built(planted.network, &planted.other);
        let whole = explored(
            built(planted.network, &planted.other),
            Arigatoni::handle,
            &Bounds {
                memory: 20_000_000,
                ..bounds(planted.faults)
            },
        );
        if let Some(found) = whole.found {
            wrong.push(format!("{number}: found without a fault: {found:#?}"));
        }
        let explored = explored(system, planted.handle, &bounds(planted.faults));
        let found = explored.found;
        if let Some(found) = &found {
            let broken = replayed(&planted, found);
            let [_, at_rest] = (how().properties)();
            let shows = at_rest.iter().any(|(name, _)| *name == found.broken.name);
            if shows && !broken.contains(&found.broken.name) {
                wrong.push(format!("{number}: the replay breaks {broken:?}"));
            }
        }
        let found = found.map(|found| (found.broken.name, found.length));
        if found != Some((planted.broken, planted.length)) {
            let covered = explored.covered;
            wrong.push(format!(
                "{number} {}: {found:?} {covered:?}",
                planted.broken
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
