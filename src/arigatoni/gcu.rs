//! The Global Computer Unit: asks its leader for services, and serves.
//!
//! It only says which rule an input is for: [`Membership`], [`Asking`] or [`Serving`]. It does *not*
//! know the overlay beyond its leader, nor who asks it on whose behalf.

use crate::arigatoni::Context;
use crate::arigatoni::asking::{self, Asking};
use crate::arigatoni::membership::Membership;
use crate::arigatoni::message::{Answer, ArigatoniProtocol, Message, Query, Reminder};
use crate::arigatoni::policy::{Given, Policy};
use crate::arigatoni::serving::Serving;
use crate::discovery::{Command, Providers, RequestOutcome};
use crate::time::Time;
use crate::unit::{Input, UnitId};

/// A computer's state: one cache line, for there may be millions of them. Equal ones act alike from
/// one instant on; those of different instants are compared by [`Self::canonical`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[repr(align(64))]
pub struct Gcu {
    membership: Membership,
    asking: Asking,
    serving: Serving,
}

impl Gcu {
    /// A computer under `leader`.
    pub fn new(leader: UnitId) -> Self {
        Self {
            membership: Membership::Member(leader),
            asking: Asking::default(),
            serving: Serving::default(),
        }
    }

    /// Its leader, as long as it belongs to a colony.
    pub fn leader(&self) -> Option<UnitId> {
        self.membership.leader()
    }

    /// The same with the clock set to 0 at `now`: states that differ only by when they came about are
    /// equal then.
    pub fn canonical(&self, now: Time) -> Self {
        let mut state = self.clone();
        state.asking.set_clock(now);
        state
    }

    /// Takes an input and says through `context` what is to be done.
    #[inline]
    pub fn handle<P: Policy>(
        &mut self,
        given: &Given<P>,
        input: Input<ArigatoniProtocol>,
        context: &mut Context<'_>,
    ) {
        match input {
            Input::Start => {
                let offers = given.policy.offers(context.me());
                self.membership.register(offers, context);
            }
            Input::Command(command) => self.command(command, given, context),
            Input::Message { from, message } => self.message(from, message, given, context),
            Input::Timer(reminder) => self.remind(reminder, given, context),
        }
    }

    fn command<P>(&mut self, command: Command, given: &Given<P>, context: &mut Context<'_>) {
        match command {
            Command::Issue {
                request,
                demand,
                instances,
            } => match self.membership {
                Membership::Member(leader) => {
                    let asked = (request, demand, instances);
                    self.asking.ask(leader, asked, &given.rules, context);
                }
                Membership::Orphan => asking::end(request, RequestOutcome::Rejected, context),
                Membership::Leaving(_) | Membership::Alone => {
                    asking::end(request, RequestOutcome::Local, context);
                }
            },
            Command::Leave => {
                if self.membership.leave() {
                    self.try_to_leave(context);
                }
            }
        }
    }

    fn message<P: Policy>(
        &mut self,
        from: UnitId,
        message: Message,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        let rules = &given.rules;
        match message {
            Message::Query(query) => self.answer(from, &query, given, context),
            Message::Answer(answer) => self.asking.take_answer(from, answer, given, context),
            Message::QueryAcknowledged { request, ticket } => {
                let taken = (request, ticket);
                self.asking
                    .take_acknowledgement(from, taken, rules, context);
            }
            Message::Start { request } => {
                let lasts = given.policy.service_time(context.me());
                self.serving.begin(request, lasts, context);
            }
            Message::Release { request } => self.serving.release(request, context),
            Message::UnregisterDenied => self.membership.unregister_denied(from, context),
            Message::UnregisterAcknowledged => self.membership.unregistered(from),
            // It leads nobody, and has taken its leader's word for its membership beforehand.
            Message::Registered
            | Message::Register { .. }
            | Message::Update { .. }
            | Message::Unregister => {}
        }
    }

    fn remind<P>(&mut self, reminder: Reminder, given: &Given<P>, context: &mut Context<'_>) {
        let rules = &given.rules;
        match reminder {
            Reminder::Leave => self.try_to_leave(context),
            Reminder::Deadline { slot } => self.asking.deadline(slot, rules, context),
            Reminder::AnswerTimeout { slot } => {
                if let Some(leader) = self.asking.give_up(slot, rules, context) {
                    self.membership.lose(leader);
                }
            }
            Reminder::Served { slot } => self.serving.served(slot),
        }
    }

    /// Answers an enquiry: agrees if it has a free slot and is willing. A leaver never is.
    fn answer<P: Policy>(
        &mut self,
        from: UnitId,
        query: &Query,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        let Query {
            request, ticket, ..
        } = *query;
        let mut providers = Providers::new();
        if self.serving.has_room(given.policy.slots(context.me()))
            && self.membership.asks().is_some()
            && given.policy.agrees(context.me(), query)
        {
            self.serving.agree(request);
            providers.push(context.me());
        }
        let answer = Answer {
            request,
            ticket,
            providers,
        };
        context.send(from, Message::Answer(answer));
    }

    /// Asks to be let go once it neither asks, serves nor uses anything.
    fn try_to_leave(&mut self, context: &mut Context<'_>) {
        let idle = self.asking.is_idle(context.now()) && self.serving.is_idle();
        self.membership.try_to_leave(!idle, context);
    }
}
