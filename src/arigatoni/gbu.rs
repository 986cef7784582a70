//! The Global Broker Unit: leads one colony and routes queries.
//!
//! It only says which rule an input is for: membership as a leader ([`leader`]) and as a member
//! ([`Membership`]), and the search for providers ([`Searching`]). It does *not* know what lies below its members
//! or above its super-broker.

use crate::arigatoni::Context;
use crate::arigatoni::membership::{Membership, leader};
use crate::arigatoni::message::{ArigatoniProtocol, Message, Reminder};
use crate::arigatoni::policy::{Given, Policy};
use crate::arigatoni::searching::{Searching, View};
use crate::arigatoni::table::RoutingTable;
use crate::discovery::Command;
use crate::time::Time;
use crate::unit::{Input, UnitId};

/// A broker's state. Equal ones act alike from one instant on; those of different instants are
/// compared by [`Self::canonical`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Gbu {
    /// In its super-broker's colony.
    membership: Membership,
    table: RoutingTable,
    searching: Searching,
}

impl Gbu {
    /// A broker under `super_broker` that leads the colony of `table`.
    pub fn new(super_broker: Option<UnitId>, table: RoutingTable) -> Self {
        Self {
            membership: Membership::of(super_broker),
            table,
            searching: Searching::default(),
        }
    }

    /// The colony's routing table.
    pub fn table(&self) -> &RoutingTable {
        &self.table
    }

    /// The broker to which it is registered.
    pub fn super_broker(&self) -> Option<UnitId> {
        self.membership.leader()
    }

    /// Whether it is about to leave its super-broker.
    pub fn is_leaving(&self) -> bool {
        self.membership.is_leaving()
    }

    /// How many queries and enquiries are open.
    pub fn searches_open(&self) -> usize {
        self.searching.len()
    }

    /// The same with the clock set to 0 at `now`: states that differ only by when they came about are
    /// equal then.
    pub fn canonical(&self, now: Time) -> Self {
        let mut state = self.clone();
        state.searching.set_clock(now);
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
            Input::Start => self.membership.register(self.table.summary(), context),
            Input::Command(Command::Leave) => {
                if self.membership.leave() {
                    self.try_to_leave(context);
                }
            }
            // Brokers ask on behalf of others only.
            Input::Command(Command::Issue { .. }) => {}
            Input::Message { from, message } => self.message(from, message, given, context),
            Input::Timer(reminder) => self.remind(reminder, given, context),
        }
    }

    fn message<P: Policy>(
        &mut self,
        from: UnitId,
        message: Message,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        match message {
            Message::Query(query) => {
                let (searching, view) = self.split(given);
                searching.open(from, &query, view, context);
            }
            Message::Answer(answer) => {
                let (searching, view) = self.split(given);
                searching.take_answer(from, &answer, view, context);
            }
            Message::QueryAcknowledged { request, ticket } => {
                let (detection, taken) = (given.rules.detection, (request, ticket));
                let searching = &self.searching;
                searching.take_acknowledgement(from, taken, detection, context);
            }
            Message::Register { offers } => {
                // Nobody leads itself, nor its own leader.
                if from != context.me() && self.membership.leader() != Some(from) {
                    let change = leader::register(&mut self.table, from, &offers, context);
                    self.membership.update(change, context);
                }
            }
            Message::Update { added, removed } => {
                let change = self.table.update(from, &added, &removed);
                self.membership.update(change, context);
            }
            Message::Unregister => {
                let busy = || self.searching.has_business_with(from);
                let change = leader::unregister(&mut self.table, from, busy, context);
                self.membership.update(change, context);
            }
            Message::UnregisterDenied => self.membership.unregister_denied(from, context),
            Message::UnregisterAcknowledged => self.membership.unregistered(from),
            // It offers no service itself, and has taken its super-broker's word beforehand.
            Message::Registered | Message::Release { .. } | Message::Start { .. } => {}
        }
    }

    fn remind<P: Policy>(
        &mut self,
        reminder: Reminder,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        match reminder {
            Reminder::Leave => self.try_to_leave(context),
            Reminder::Deadline { slot } => self.searching.deadline(slot, context),
            Reminder::AnswerTimeout { slot } => {
                let Some(peer) = self.searching.silent_peer(slot) else {
                    return;
                };
                if !self.membership.lose(peer) {
                    let change = self.table.strike(peer);
                    self.membership.update(change, context);
                }
                let (searching, view) = self.split(given);
                searching.give_up(slot, view, context);
            }
            // It holds no agreements.
            Reminder::Served { .. } => {}
        }
    }

    /// Asks to be let go once nothing is open between it and its super-broker.
    fn try_to_leave(&mut self, context: &mut Context<'_>) {
        let busy = |leader| self.searching.has_business_with(leader);
        let busy = self.membership.leader().is_some_and(busy);
        self.membership.try_to_leave(busy, context);
    }

    /// Its queries, and what a search sees of the rest.
    #[inline]
    fn split<'a, P>(&'a mut self, given: &'a Given<P>) -> (&'a mut Searching, View<'a, P>) {
        let view = View {
            given,
            table: &self.table,
            membership: self.membership,
        };
        (&mut self.searching, view)
    }
}
