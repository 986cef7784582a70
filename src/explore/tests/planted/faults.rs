//! The faults: what a unit does otherwise than the program's own code.

use std::cell::{Cell, RefCell};

use crate::arigatoni::Arigatoni;
use crate::arigatoni::message::{ArigatoniProtocol, Message, Reminder};
use crate::discovery::{GBU, GCU, Observation, RequestOutcome, gbu};
use crate::system::Model;
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

pub(super) fn update_not_sent(
    system: &mut Arigatoni,
    unit: UnitId,
    input: In,
    context: &mut Says<'_>,
) {
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

pub(super) fn release_forgotten(
    system: &mut Arigatoni,
    unit: UnitId,
    input: In,
    context: &mut Says<'_>,
) {
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

pub(super) fn answer_forgotten(
    system: &mut Arigatoni,
    unit: UnitId,
    input: In,
    context: &mut Says<'_>,
) {
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

pub(in crate::explore::tests) fn acknowledged_before_the_change(
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
pub(super) fn duplicate_not_recognised(
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

pub(super) fn timer_not_disarmed(
    system: &mut Arigatoni,
    unit: UnitId,
    input: In,
    context: &mut Says<'_>,
) {
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

pub(super) fn timer_not_armed(
    system: &mut Arigatoni,
    unit: UnitId,
    input: In,
    context: &mut Says<'_>,
) {
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
pub(super) fn stale_answer_taken(
    system: &mut Arigatoni,
    unit: UnitId,
    input: In,
    context: &mut Says<'_>,
) {
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

pub(in crate::explore::tests) fn leave_granted_while_a_query_is_open(
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
pub(super) fn split_vote(system: &mut Arigatoni, unit: UnitId, input: In, context: &mut Says<'_>) {
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

pub(super) fn registration_not_confirmed(
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

pub(in crate::explore::tests) fn member_not_entered(
    system: &mut Arigatoni,
    unit: UnitId,
    input: In,
    context: &mut Says<'_>,
) {
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

pub(super) fn ended_twice(system: &mut Arigatoni, unit: UnitId, input: In, context: &mut Says<'_>) {
    altered(system, unit, input, context, |effect| match effect {
        Effect::Observation(said @ Observation::Ended { .. }) => {
            vec![Effect::Observation(said.clone()), Effect::Observation(said)]
        }
        effect => vec![effect],
    });
}

pub(super) fn served_twice(
    system: &mut Arigatoni,
    unit: UnitId,
    input: In,
    context: &mut Says<'_>,
) {
    altered(system, unit, input, context, |effect| match effect {
        Effect::Observation(said @ Observation::Served { .. }) => {
            vec![Effect::Observation(said.clone()), Effect::Observation(said)]
        }
        effect => vec![effect],
    });
}

pub(super) fn panics_at_a_release(
    system: &mut Arigatoni,
    unit: UnitId,
    input: In,
    context: &mut Says<'_>,
) {
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

pub(super) fn says_all_twice(
    system: &mut Arigatoni,
    unit: UnitId,
    input: In,
    context: &mut Says<'_>,
) {
    altered(system, unit, input, context, |effect| match effect {
        Effect::Observation(said) => {
            vec![Effect::Observation(said.clone()), Effect::Observation(said)]
        }
        effect => vec![effect],
    });
}

pub(super) fn panics_at_a_timer(
    system: &mut Arigatoni,
    unit: UnitId,
    input: In,
    context: &mut Says<'_>,
) {
    assert!(!matches!(input, Input::Timer(_)), "a planted panic");
    system.handle(unit, input, context);
}
