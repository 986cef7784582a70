//! The Global Computer Unit: asks its leader for services, and serves.
//!
//! It does *not* know the overlay beyond its leader, nor who asks it on whose behalf.

use std::sync::Arc;

use crate::arigatoni::message::{
    Arigato, Command, Message, Note, Outcome, Providers, Query, Reminder, RequestId, Ticket,
};
use crate::arigatoni::rules::{LEAVE_RETRY, Rules, purpose};
use crate::arigatoni::slab::Slab;
use crate::overlay::{Population, ServiceId};
use crate::time::{Span, Time};
use crate::unit::{Input, Unit, UnitId};

type Context<'a> = crate::unit::Context<'a, Arigato>;

/// What all computers of a run have in common.
#[derive(Debug)]
pub struct Common {
    /// The parameters of the protocol.
    pub rules: Arc<Rules>,
    /// Who they are, and what they offer.
    pub population: Population,
}

impl Common {
    /// What draws about the computer `me` are keyed by.
    #[inline]
    fn entity(&self, me: UnitId) -> u64 {
        self.population.computer(me.index()).entity()
    }
}

/// A computer: 64 bytes, for there may be millions of them.
#[derive(Debug, Clone)]
pub struct Gcu {
    common: Arc<Common>,
    mode: Mode,
    /// Until when it uses what others serve it.
    using_until: Time,
    /// Its own requests that are not yet answered.
    asking: Slab<Asking>,
    /// What it has agreed to serve.
    held: Slab<RequestId>,
}

/// Whether it belongs to a colony.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Global mode, under this leader.
    Global(UnitId),
    /// Global mode, about to leave this leader: neither asks nor agrees any more.
    Leaving(UnitId),
    /// Its leader has fallen silent.
    Orphan,
    /// Local mode: it has left.
    Local,
}

/// One of its requests that is on its way.
#[derive(Debug, Clone, Copy)]
struct Asking {
    request: RequestId,
    wanted: u32,
    /// The leader that was asked.
    asked: UnitId,
    /// Whether the leader has shown that it is there.
    acknowledged: bool,
    /// Whether the request is over: only the leader's silence is still of interest.
    ended: bool,
}

impl Gcu {
    /// A computer of the population under `leader`; its number there is its unit's.
    pub fn new(common: Arc<Common>, leader: UnitId) -> Self {
        Self {
            common,
            mode: Mode::Global(leader),
            using_until: Time::ZERO,
            asking: Slab::default(),
            held: Slab::default(),
        }
    }

    /// Its leader, as long as it belongs to a colony.
    pub fn leader(&self) -> Option<UnitId> {
        match self.mode {
            Mode::Global(leader) | Mode::Leaving(leader) => Some(leader),
            Mode::Orphan | Mode::Local => None,
        }
    }

    fn command(&mut self, command: Command, context: &mut Context<'_>) {
        match command {
            Command::Issue {
                request,
                service,
                instances,
            } => match self.mode {
                Mode::Global(leader) => self.ask(leader, request, service, instances, context),
                Mode::Orphan => end(request, Outcome::Rejected, context),
                Mode::Leaving(_) | Mode::Local => end(request, Outcome::Local, context),
            },
            Command::Leave => {
                if let Mode::Global(leader) = self.mode {
                    self.mode = Mode::Leaving(leader);
                    self.try_to_leave(context);
                }
            }
        }
    }

    fn ask(
        &mut self,
        leader: UnitId,
        request: RequestId,
        service: ServiceId,
        wanted: u32,
        context: &mut Context<'_>,
    ) {
        let now = context.now();
        let ticket = self.asking.insert(Asking {
            request,
            wanted,
            asked: leader,
            acknowledged: false,
            ended: false,
        });
        let answer_by = now + self.common.rules.deadline;
        let query = Query {
            request,
            service,
            wanted,
            sent_at: now,
            answer_by,
            ticket,
        };
        context.send(leader, Message::Query(query));
        context.arm(
            Reminder::Deadline { slot: ticket.slot },
            self.common.rules.deadline,
        );
        if let Some(silence) = self.common.rules.silence {
            context.arm(Reminder::Silence { slot: ticket.slot }, silence);
        }
    }

    fn message(&mut self, from: UnitId, message: Message, context: &mut Context<'_>) {
        match message {
            Message::Query(query) => self.answer(from, &query, context),
            Message::Answer {
                request,
                ticket,
                providers,
            } => {
                self.take_answer(from, request, ticket, providers, context);
            }
            Message::Begin { request } => {
                if let Some(slot) = self.held_slot(request) {
                    context.arm(Reminder::Served { slot }, self.common.rules.service_time);
                }
            }
            Message::Release { request } => {
                if let Some(slot) = self.held_slot(request) {
                    self.held.remove(slot);
                    context.disarm(Reminder::Served { slot });
                }
            }
            Message::Received { ticket } => {
                let asked = self.asking.get(ticket).copied();
                if let Some(asking) = asked.filter(|asking| asking.asked == from) {
                    self.acknowledge(ticket.slot, asking, context);
                }
            }
            Message::Stay => {
                if self.mode == Mode::Leaving(from) {
                    context.arm(Reminder::Leave, LEAVE_RETRY);
                }
            }
            Message::Left => {
                if self.mode == Mode::Leaving(from) {
                    self.mode = Mode::Local;
                }
            }
            // It leads nobody, and has taken its leader's word for its membership beforehand.
            Message::Registered
            | Message::Register { .. }
            | Message::Update { .. }
            | Message::Unregister => {}
        }
    }

    /// Answers an enquiry: agrees as the draw says, while there is a free slot.
    fn answer(&mut self, from: UnitId, query: &Query, context: &mut Context<'_>) {
        let free = self
            .common
            .rules
            .slots
            .is_none_or(|slots| self.held.len() < slots as usize);
        let willing = || {
            let draw = context.draws().unit(
                purpose::AGREE,
                self.common.entity(context.me()),
                query.request.0,
            );
            draw < self.common.rules.acceptance_probability
        };
        let mut providers = Providers::new();
        if free && matches!(self.mode, Mode::Global(_)) && willing() {
            self.held.insert(query.request);
            providers.push(context.me());
        }
        let Query {
            request, ticket, ..
        } = *query;
        context.send(
            from,
            Message::Answer {
                request,
                ticket,
                providers,
            },
        );
    }

    /// Takes the answer to one of its own requests. One that comes too late finds nothing open,
    /// and who agreed is released.
    fn take_answer(
        &mut self,
        from: UnitId,
        request: RequestId,
        ticket: Ticket,
        providers: Providers,
        context: &mut Context<'_>,
    ) {
        let open = self.asking.get(ticket).copied();
        let Some(asking) = open.filter(|asking| asking.asked == from) else {
            release(request, &providers, context);
            return;
        };
        self.close(ticket.slot, context);
        if asking.ended {
            release(request, &providers, context);
            return;
        }
        if providers.len() < asking.wanted as usize {
            release(request, &providers, context);
            end(request, Outcome::Rejected, context);
            return;
        }
        for &provider in &providers {
            context.send(provider, Message::Begin { request });
        }
        self.using_until = self
            .using_until
            .max(context.now() + self.common.rules.service_time);
        context.note(Note::Ended {
            request,
            outcome: Outcome::Accepted,
            providers,
        });
    }

    fn remind(&mut self, reminder: Reminder, context: &mut Context<'_>) {
        match reminder {
            Reminder::Leave => self.try_to_leave(context),
            Reminder::Deadline { slot } => self.give_up(slot, context),
            Reminder::Silence { slot } => {
                if let Mode::Global(_) | Mode::Leaving(_) = self.mode {
                    self.mode = Mode::Orphan;
                }
                let asking = self.close(slot, context);
                if let Some(asking) = asking.filter(|asking| !asking.ended) {
                    end(asking.request, Outcome::Rejected, context);
                }
            }
            Reminder::Served { slot } => {
                self.held.remove(slot);
            }
        }
    }

    /// Asks to be let go once it neither serves nor uses anything.
    fn try_to_leave(&mut self, context: &mut Context<'_>) {
        let Mode::Leaving(leader) = self.mode else {
            return;
        };
        if self.asking.len() + self.held.len() == 0 && self.using_until <= context.now() {
            context.send(leader, Message::Unregister);
        } else {
            context.arm(Reminder::Leave, LEAVE_RETRY);
        }
    }

    /// The leader of one of its requests is there.
    fn acknowledge(&mut self, slot: u32, asking: Asking, context: &mut Context<'_>) {
        context.disarm(Reminder::Silence { slot });
        if asking.ended {
            self.close(slot, context);
        } else if let Some(asking) = self.asking.at_mut(slot) {
            asking.acknowledged = true;
        }
    }

    /// The deadline of one of its requests has come. If its leader has not shown itself either, it
    /// may yet turn out to be gone.
    fn give_up(&mut self, slot: u32, context: &mut Context<'_>) {
        let Some(asking) = self.asking.at_mut(slot).filter(|asking| !asking.ended) else {
            return;
        };
        asking.ended = true;
        let request = asking.request;
        if asking.acknowledged || self.common.rules.silence.is_none() {
            self.close(slot, context);
        }
        context.note(Note::DeadlineHit { request });
        end(request, Outcome::Rejected, context);
    }

    /// Ends the business in `slot` of its own requests.
    fn close(&mut self, slot: u32, context: &mut Context<'_>) -> Option<Asking> {
        let asking = self.asking.remove(slot)?;
        context.disarm(Reminder::Deadline { slot });
        if self.common.rules.silence.is_some() {
            context.disarm(Reminder::Silence { slot });
        }
        Some(asking)
    }

    fn held_slot(&self, request: RequestId) -> Option<u32> {
        self.held
            .iter()
            .find(|(_, held)| **held == request)
            .map(|(slot, _)| slot)
    }
}

impl Unit<Arigato> for Gcu {
    fn handle(&mut self, input: Input<Arigato>, context: &mut Context<'_>) {
        match input {
            Input::Start => {
                if let Mode::Global(leader) = self.mode {
                    let me = context.me();
                    let services = self.common.population.offers(me.index()).collect();
                    let entity = self.common.entity(me);
                    context.send(leader, Message::Register { services, entity });
                }
            }
            Input::Command(command) => self.command(command, context),
            Input::Message { from, message } => self.message(from, message, context),
            Input::Timer(reminder) => self.remind(reminder, context),
        }
    }
}

/// Tells providers that they are not needed.
pub(super) fn release(request: RequestId, providers: &[UnitId], context: &mut Context<'_>) {
    for &provider in providers {
        context.send(provider, Message::Release { request });
    }
}

fn end(request: RequestId, outcome: Outcome, context: &mut Context<'_>) {
    context.note(Note::Ended {
        request,
        outcome,
        providers: Providers::new(),
    });
}

/// What is left until `deadline`, nothing if it is past.
pub(super) fn left_until(deadline: Time, context: &Context<'_>) -> Span {
    deadline.saturating_since(context.now())
}
