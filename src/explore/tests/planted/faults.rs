//! The faults: what a unit does otherwise than the program's own code.

use std::cell::{Cell, RefCell};

use crate::arigatoni::Arigatoni;
use crate::arigatoni::message::{Answer, ArigatoniProtocol, Message, Reminder};
use crate::discovery::{Command, GBU, GCU, Observation, Providers, RequestId, RequestOutcome, gbu};
use crate::system::Model;
use crate::time::Span;
use crate::unit::{Context, Effect, Input, UnitId};

pub(super) type In = Input<ArigatoniProtocol>;
pub(super) type Out = Effect<ArigatoniProtocol>;
pub(super) type Says<'a> = Context<'a, ArigatoniProtocol>;

/// Lets the unit handle `input`, and replaces each thing that it says.
pub(super) fn altered(
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

/// A fault with this name: what a unit does with an input.
macro_rules! fault {
    ($name:ident($system:ident, $unit:ident, $input:ident, $context:ident) $body:block) => {
        pub(in crate::explore::tests) fn $name(
            $system: &mut Arigatoni,
            $unit: UnitId,
            $input: In,
            $context: &mut Says<'_>,
        ) {
            $body
        }
    };
}

/// A fault with this name: everything is said but what looks like the pattern.
macro_rules! leaves_out {
    ($($name:ident: $pattern:pat,)*) => {
        $(
            fault!($name(system, unit, input, context) {
                altered(system, unit, input, context, |effect| match effect {
                    $pattern => Vec::new(),
                    effect => vec![effect],
                });
            });
        )*
    };
}

leaves_out! {
    update_not_sent: Effect::Send { message: Message::Update { .. }, .. },
    release_forgotten: Effect::Send { message: Message::Release { .. }, .. },
    timer_not_disarmed: Effect::Disarm { timer: Reminder::Deadline { .. } },
    timer_not_armed: Effect::Arm { timer: Reminder::Served { .. }, .. },
    registration_not_confirmed: Effect::Send { message: Message::Registered, .. },
    log_out_not_told: Effect::Send { message: Message::LoggedOut, .. },
    not_passed_onward: Effect::Send { message: Message::Onward(_), .. },
    heartbeat_not_acknowledged: Effect::Send { message: Message::HeartbeatAcknowledged { .. }, .. },
    vote_not_sent: Effect::Send { message: Message::Vote(_), .. },
}

/// A fault with this name: what looks like the pattern is said twice.
macro_rules! says_twice {
    ($($name:ident: $pattern:pat,)*) => {
        $(
            fault!($name(system, unit, input, context) {
                altered(system, unit, input, context, |effect| match effect {
                    Effect::Observation(said @ $pattern) => {
                        vec![Effect::Observation(said.clone()), Effect::Observation(said)]
                    }
                    effect => vec![effect],
                });
            });
        )*
    };
}

says_twice! {
    ended_twice: Observation::Ended { .. },
    served_twice: Observation::Served { .. },
}

fault!(says_all_twice(system, unit, input, context) {
    altered(system, unit, input, context, |effect| match effect {
        Effect::Observation(said) => {
            vec![Effect::Observation(said.clone()), Effect::Observation(said)]
        }
        effect => vec![effect],
    });
});

fault!(answer_forgotten(system, unit, input, context) {
    altered(system, unit, input, context, |effect| match effect {
        Effect::Send {
            message: Message::Answer(_),
            ..
        } if unit.kind() == GCU => Vec::new(),
        effect => vec![effect],
    });
});

// A computer that is told to start lets go of its slot instead.
fault!(start_taken_for_a_release(system, unit, input, context) {
    let input = match input {
        Input::Message {
            from,
            message: Message::Start { request },
        } => Input::Message {
            from,
            message: Message::Release { request },
        },
        input => input,
    };
    system.handle(unit, input, context);
});

// A computer refuses whatever it is asked.
fault!(never_agrees(system, unit, input, context) {
    match &input {
        Input::Message {
            from,
            message: Message::Query(query),
        } if unit.kind() == GCU => {
            let refusal = Answer {
                request: query.request,
                ticket: query.ticket,
                providers: Providers::new(),
            };
            context.send(*from, Message::Answer(refusal));
        }
        _ => system.handle(unit, input, context),
    }
});

// A broker never asks the grandparent whether it may join it.
fault!(goes_nowhere(system, unit, input, context) {
    altered(system, unit, input, context, |effect| match effect {
        Effect::Send {
            to,
            message: Message::MayJoin { .. },
            ..
        } if unit == gbu(2) && to == gbu(0) => Vec::new(),
        effect => vec![effect],
    });
});

fault!(acknowledged_before_the_change(system, unit, input, context) {
    if let Input::Message {
        from,
        message: Message::Unregister,
    } = input
    {
        context.send(from, Message::UnregisterAcknowledged);
    } else {
        system.handle(unit, input, context);
    }
});

// A computer serves again that is told twice to start.
fault!(duplicate_not_recognised(system, unit, input, context) {
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
});

// A computer takes an answer to a request that has ended.
fault!(stale_answer_taken(system, unit, input, context) {
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
});

fault!(leave_granted_while_a_query_is_open(system, unit, input, context) {
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
});

// A candidate counts votes as soon as it asks for them. Timers that have nothing to do with it are not set, so that
// the world is small.
fault!(split_vote(system, unit, input, context) {
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
});

// No fault of the code: the root is silent from the beginning, but for the list of its members, and nobody else finds
// out anything. So the world in which its members elect another is small.
fault!(root_is_silent(system, unit, input, context) {
    let is_heard = match &input {
        Input::Command(command) => matches!(command, Command::Watch),
        _ => unit != gbu(0),
    };
    if !is_heard {
        return;
    }
    altered(system, unit, input, context, |effect| {
        let is_left = match &effect {
            Effect::Send { to, message, .. } => {
                *to != gbu(0) && !matches!(message, Message::Heartbeat { .. })
            }
            // Who has lost a vote, or waits for the root, waits for longer.
            Effect::Arm { timer, after } => {
                let is_soon = *after <= Span::from_s(5);
                *timer == Reminder::Silence || *timer == Reminder::Return && is_soon
            }
            _ => true,
        };
        Some(effect).filter(|_| is_left).into_iter().collect()
    });
});

fault!(member_not_entered(system, unit, input, context) {
    if let Input::Message {
        from,
        message: Message::Register { .. },
    } = input
    {
        context.send(from, Message::Registered);
    } else {
        system.handle(unit, input, context);
    }
});

fault!(panics_at_a_release(system, unit, input, context) {
    let released = matches!(
        input,
        Input::Message {
            message: Message::Release { .. },
            ..
        }
    );
    assert!(!released, "a planted panic");
    system.handle(unit, input, context);
});

fault!(panics_at_a_timer(system, unit, input, context) {
    assert!(!matches!(input, Input::Timer(_)), "a planted panic");
    system.handle(unit, input, context);
});

// A computer that has agreed holds its slot for as long as nobody tells it anything.
fault!(reservation_kept_after_a_crash(system, unit, input, context) {
    let is_asked = matches!(
        input,
        Input::Message {
            message: Message::Query(_),
            ..
        }
    );
    altered(system, unit, input, context, |effect| match effect {
        Effect::Arm {
            timer: Reminder::Served { .. },
            ..
        } if is_asked => Vec::new(),
        effect => vec![effect],
    });
});

// A broker changes its table as soon as an update comes, also if one that was sent before it has not come yet. Nothing gets
// lost, so that nothing is acknowledged or sent again, and the world is small.
fault!(update_overtaken_by_an_older_one(system, unit, input, context) {
    let (early, input) = match input {
        Input::Message {
            from,
            message: Message::Packet(mut parcel),
        } if matches!(parcel.message, Message::Update { .. }) => {
            // The packet itself goes the way of all packets, with something that a broker takes no notice of.
            let request = RequestId(0);
            let message = std::mem::replace(&mut parcel.message, Message::Release { request });
            let packet = Message::Packet(parcel);
            let input = |message| Input::Message { from, message };
            (Some(input(message)), input(packet))
        }
        input => (None, input),
    };
    for input in early.into_iter().chain([input]) {
        altered(system, unit, input, context, |effect| match effect {
            Effect::Send {
                message: Message::PacketAcknowledged { .. },
                ..
            }
            | Effect::Arm {
                timer: Reminder::Retransmit,
                ..
            } => Vec::new(),
            effect => vec![effect],
        });
    }
});

// A computer lets the leader believe that it has left that it is a member still.
fault!(member_kept_in_two_tables(system, unit, input, context) {
    let number = match &input {
        Input::Message {
            message: Message::Heartbeat { number },
            ..
        } => *number,
        _ => 0,
    };
    altered(system, unit, input, context, |effect| match effect {
        Effect::Send {
            to,
            message: Message::Moved,
            after,
        } => {
            let message = Message::HeartbeatAcknowledged { number };
            vec![Effect::Send { to, message, after }]
        }
        effect => vec![effect],
    });
});

// A broker without a leader waits for the end of an election, and waits.
fault!(election_never_ends(system, unit, input, context) {
    if unit.kind() == GBU && matches!(input, Input::Timer(Reminder::Return)) {
        context.arm(Reminder::Return, Span::from_s(1));
    } else {
        system.handle(unit, input, context);
    }
});

// A broker sends each update back to where it comes from.
fault!(update_sent_back(system, unit, input, context) {
    if let Input::Message {
        from,
        message: message @ Message::Update { .. },
    } = &input
    {
        context.send(*from, message.clone());
    }
    system.handle(unit, input, context);
});
