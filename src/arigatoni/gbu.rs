//! The Global Broker Unit: leads one colony, keeps its routing table, routes queries (RDP), lets
//! members come and go (VIP).
//!
//! It does *not* know what lies below its members or above its super-broker.

use std::sync::Arc;

use crate::arigatoni::config::Search;
use crate::arigatoni::gcu::{left_until, release};
use crate::arigatoni::message::{
    Arigato, Command, GCU, Message, Note, Providers, Query, Reminder, RequestId, Ticket,
};
use crate::arigatoni::query::{Enquiry, OpenQuery, Phase};
use crate::arigatoni::rules::{LEAVE_RETRY, Rules, purpose};
use crate::arigatoni::slab::Slab;
use crate::arigatoni::table::{Able, Member, RoutingTable, SummaryChange};
use crate::unit::{Input, Unit, UnitId};

type Context<'a> = crate::unit::Context<'a, Arigato>;

/// A broker.
#[derive(Debug, Clone)]
pub struct Gbu {
    rules: Arc<Rules>,
    entity: u64,
    super_broker: Option<UnitId>,
    /// Whether it is about to leave its super-broker.
    leaving: bool,
    table: RoutingTable,
    queries: Slab<OpenQuery>,
    enquiries: Slab<Enquiry>,
    /// Lists of candidates of past queries, kept for their capacity.
    spare: Vec<Vec<UnitId>>,
    /// Room to sort candidates in, by their places among the members and then by the draws; empty
    /// between uses.
    order: Vec<(u64, UnitId)>,
}

impl Gbu {
    /// A broker under `super_broker` that leads the colony of `table`. Draws about it are keyed by
    /// `entity`.
    pub fn new(
        rules: Arc<Rules>,
        entity: u64,
        super_broker: Option<UnitId>,
        table: RoutingTable,
    ) -> Self {
        Self {
            rules,
            entity,
            super_broker,
            leaving: false,
            table,
            queries: Slab::default(),
            enquiries: Slab::default(),
            spare: Vec::new(),
            order: Vec::new(),
        }
    }

    /// The colony's routing table.
    pub fn table(&self) -> &RoutingTable {
        &self.table
    }

    /// The broker to which it is registered.
    pub fn super_broker(&self) -> Option<UnitId> {
        self.super_broker
    }

    fn message(&mut self, from: UnitId, message: Message, context: &mut Context<'_>) {
        match message {
            Message::Query(query) => self.open(from, &query, context),
            Message::Answer {
                request,
                ticket,
                providers,
            } => {
                self.take_answer(from, request, ticket, &providers, context);
            }
            Message::Received { ticket } => {
                if self
                    .enquiries
                    .get(ticket)
                    .is_some_and(|enquiry| enquiry.peer == from)
                {
                    context.disarm(Reminder::Silence { slot: ticket.slot });
                }
            }
            Message::Register { services, entity } => {
                let change = self
                    .table
                    .register(Member { unit: from, entity }, &services);
                context.send(from, Message::Registered);
                self.report(change, context);
            }
            Message::Update { added, removed } => {
                if self.table.member(from).is_some() {
                    let change = self.table.update(from, &added, &removed);
                    self.report(change, context);
                }
            }
            Message::Unregister => self.let_go(from, context),
            Message::Stay => {
                if self.leaving && self.super_broker == Some(from) {
                    context.arm(Reminder::Leave, LEAVE_RETRY);
                }
            }
            Message::Left => {
                if self.leaving && self.super_broker == Some(from) {
                    self.become_root();
                }
            }
            // It offers no service itself, and has taken its super-broker's word beforehand.
            Message::Registered | Message::Release { .. } | Message::Begin { .. } => {}
        }
    }

    fn remind(&mut self, reminder: Reminder, context: &mut Context<'_>) {
        match reminder {
            Reminder::Leave => self.try_to_leave(context),
            Reminder::Deadline { slot } => {
                if let Some(query) = self.queries.at(slot) {
                    context.note(Note::DeadlineHit {
                        request: query.request,
                    });
                    self.answer(slot, context);
                    self.close_if_over(slot);
                }
            }
            Reminder::Silence { slot } => self.give_up(slot, context),
            // It holds no agreements.
            Reminder::Served { .. } => {}
        }
    }

    // ---- Resource discovery -------------------------------------------------------------------

    /// Takes in a query from a member or from the super-broker; ignores all others.
    fn open(&mut self, from: UnitId, query: &Query, context: &mut Context<'_>) {
        let from_member = self.table.member(from).is_some();
        if !from_member && self.super_broker != Some(from) {
            return;
        }
        if self.rules.silence.is_some() {
            context.send(
                from,
                Message::Received {
                    ticket: query.ticket,
                },
            );
        }
        let transit = context.now() - query.sent_at;
        let slot = self
            .queries
            .insert(OpenQuery {
                request: query.request,
                service: query.service,
                wanted: query.wanted,
                asker: from,
                ticket: query.ticket,
                from_member,
                answer_by: query.answer_by.saturating_sub(transit),
                answered: false,
                phase: match self.rules.search {
                    Search::Selective => Phase::Computers,
                    Search::Exhaustive => Phase::Colony,
                },
                candidates: self.spare.pop().unwrap_or_default(),
                outstanding: 0,
                found: Providers::new(),
            })
            .slot;
        // A leaver does not agree any more, on behalf of its colony.
        if self.leaving && !from_member {
            self.queries
                .at_mut(slot)
                .expect("it has just been opened")
                .phase = Phase::Over;
        } else {
            self.line_up(slot, context);
        }
        if self.search(slot, context) {
            let answer_by = self.queries.at(slot).expect("the search goes on").answer_by;
            context.arm(Reminder::Deadline { slot }, left_until(answer_by, context));
        }
    }

    /// Goes on with an unanswered query as far as it can without waiting. Answers it when enough
    /// have agreed or everybody has been asked; `true` if it must wait.
    fn search(&mut self, slot: u32, context: &mut Context<'_>) -> bool {
        loop {
            let query = self.queries.at_mut(slot).expect("the query is open");
            if query.missing() == 0 || query.phase == Phase::Over {
                self.answer(slot, context);
                self.close_if_over(slot);
                return false;
            }
            if query.enquiries_due() > 0
                && let Some(peer) = query.candidates.pop()
            {
                // It may have gone since the phase began.
                if query.phase == Phase::SuperBroker || self.table.serves(peer, query.service) {
                    self.enquire(slot, peer, context);
                }
                continue;
            }
            if query.outstanding > 0 {
                return true;
            }
            query.phase = match query.phase {
                Phase::Computers => Phase::Subcolonies,
                Phase::Subcolonies | Phase::Colony => Phase::SuperBroker,
                Phase::SuperBroker | Phase::Over => Phase::Over,
            };
            self.line_up(slot, context);
        }
    }

    /// Lists the candidates of the query's phase, the first one last.
    fn line_up(&mut self, slot: u32, context: &Context<'_>) {
        let query = self.queries.at_mut(slot).expect("the query is open");
        query.candidates.clear();
        let (request, service, asker) = (query.request.0, query.service, query.asker);
        let others = |peer: &Able| peer.unit != asker;
        let candidate = |peer: Able| (u64::from(peer.place), peer.unit);
        let order = match query.phase {
            Phase::Computers => {
                let able = self.table.able_computers(service).filter(others);
                self.order.extend(able.map(candidate));
                purpose::COMPUTER_ORDER
            }
            Phase::Subcolonies => {
                let able = self.table.able_subcolonies(service).filter(others);
                self.order.extend(able.map(candidate));
                purpose::SUBCOLONY_ORDER
            }
            Phase::Colony => {
                let able = self.table.able(service).rev().filter(others);
                query.candidates.extend(able.map(|peer| peer.unit));
                return;
            }
            Phase::SuperBroker => {
                let above = self
                    .super_broker
                    .filter(|_| query.from_member && !self.leaving);
                query.candidates.extend(above);
                return;
            }
            Phase::Over => return,
        };
        // One alone needs no draw, and nobody has to wait for its entity.
        if self.order.len() > 1 {
            for (key, _) in &mut self.order {
                let entity = self.table.entity(*key as u32);
                *key = context.draws().bits(order, entity, request);
            }
            self.order.sort_unstable_by(|a, b| b.cmp(a));
        }
        query
            .candidates
            .extend(self.order.drain(..).map(|(_, peer)| peer));
    }

    /// Asks `peer` for a query: a GCU for itself, a broker for all that is missing.
    fn enquire(&mut self, slot: u32, peer: UnitId, context: &mut Context<'_>) {
        let query = self.queries.at_mut(slot).expect("the query is open");
        query.outstanding += 1;
        let wanted = if peer.kind() == GCU {
            1
        } else {
            query.missing()
        };
        let ticket = self.enquiries.insert(Enquiry { query: slot, peer });
        context.send(
            peer,
            Message::Query(Query {
                request: query.request,
                service: query.service,
                wanted,
                sent_at: context.now(),
                answer_by: query.answer_by,
                ticket,
            }),
        );
        if let Some(silence) = self.rules.silence {
            context.arm(Reminder::Silence { slot: ticket.slot }, silence);
        }
    }

    /// Takes an answer to one of its enquiries. Agreements that nobody waits for are released.
    fn take_answer(
        &mut self,
        from: UnitId,
        request: RequestId,
        ticket: Ticket,
        providers: &[UnitId],
        context: &mut Context<'_>,
    ) {
        let Some(slot) = self.end_enquiry(from, ticket, context) else {
            release(request, providers, context);
            return;
        };
        let query = self
            .queries
            .at_mut(slot)
            .expect("a query outlives its enquiries");
        if query.answered {
            release(request, providers, context);
            self.close_if_over(slot);
        } else {
            release(request, query.take(providers), context);
            self.search(slot, context);
        }
    }

    /// Ends the enquiry under `ticket` if `peer` was asked; the slot of its query.
    fn end_enquiry(
        &mut self,
        peer: UnitId,
        ticket: Ticket,
        context: &mut Context<'_>,
    ) -> Option<u32> {
        let enquiry = *self
            .enquiries
            .get(ticket)
            .filter(|enquiry| enquiry.peer == peer)?;
        self.enquiries.remove(ticket.slot);
        if self.rules.silence.is_some() {
            context.disarm(Reminder::Silence { slot: ticket.slot });
        }
        self.queries
            .at_mut(enquiry.query)
            .expect("a query outlives its enquiries")
            .outstanding -= 1;
        Some(enquiry.query)
    }

    /// Answers a query with what it has.
    fn answer(&mut self, slot: u32, context: &mut Context<'_>) {
        let query = self.queries.at_mut(slot).expect("the query is open");
        query.answered = true;
        query.candidates.clear();
        let providers = std::mem::take(&mut query.found);
        let (request, ticket) = (query.request, query.ticket);
        context.send(
            query.asker,
            Message::Answer {
                request,
                ticket,
                providers,
            },
        );
        context.disarm(Reminder::Deadline { slot });
    }

    /// Forgets an answered query once its last enquiry has ended.
    fn close_if_over(&mut self, slot: u32) {
        if self
            .queries
            .at(slot)
            .is_some_and(|query| query.answered && query.outstanding == 0)
        {
            let query = self.queries.remove(slot).expect("it is there");
            self.spare.push(query.candidates);
        }
    }

    /// A peer has been silent: it counts as refusing, and is forgotten.
    fn give_up(&mut self, enquiry: u32, context: &mut Context<'_>) {
        let Some(Enquiry { query: slot, peer }) = self.enquiries.remove(enquiry) else {
            return;
        };
        if self.super_broker == Some(peer) {
            self.become_root();
        } else {
            let change = self.table.strike(peer);
            self.report(change, context);
        }
        let query = self
            .queries
            .at_mut(slot)
            .expect("a query outlives its enquiries");
        query.outstanding -= 1;
        if query.answered {
            self.close_if_over(slot);
        } else {
            self.search(slot, context);
        }
    }

    // ---- Virtual intermittence ----------------------------------------------------------------

    /// Sends a change of the colony's summary up.
    fn report(&mut self, change: SummaryChange, context: &mut Context<'_>) {
        if let Some(super_broker) = self.super_broker.filter(|_| !change.is_empty()) {
            let (added, removed) = (change.added.into(), change.removed.into());
            context.send(super_broker, Message::Update { added, removed });
        }
    }

    /// Lets a member go, unless it asks or is being asked.
    fn let_go(&mut self, member: UnitId, context: &mut Context<'_>) {
        if self.table.member(member).is_none() {
            return;
        }
        if self.has_business_with(member) {
            context.send(member, Message::Stay);
        } else {
            let change = self.table.strike(member);
            context.send(member, Message::Left);
            self.report(change, context);
        }
    }

    /// Asks to be let go once nothing is open between it and its super-broker.
    fn try_to_leave(&mut self, context: &mut Context<'_>) {
        let Some(super_broker) = self.super_broker.filter(|_| self.leaving) else {
            return;
        };
        if self.has_business_with(super_broker) {
            context.arm(Reminder::Leave, LEAVE_RETRY);
        } else {
            context.send(super_broker, Message::Unregister);
        }
    }

    /// Whether a query from, or an enquiry to, `peer` is open.
    fn has_business_with(&self, peer: UnitId) -> bool {
        self.queries
            .iter()
            .any(|(_, query)| query.asker == peer && !query.answered)
            || self
                .enquiries
                .iter()
                .any(|(_, enquiry)| enquiry.peer == peer)
    }

    fn become_root(&mut self) {
        self.super_broker = None;
        self.leaving = false;
    }
}

impl Unit<Arigato> for Gbu {
    fn handle(&mut self, input: Input<Arigato>, context: &mut Context<'_>) {
        match input {
            Input::Start => {
                if let Some(super_broker) = self.super_broker {
                    let (services, entity) = (self.table.summary().collect(), self.entity);
                    context.send(super_broker, Message::Register { services, entity });
                }
            }
            Input::Command(Command::Leave) => {
                self.leaving = self.super_broker.is_some();
                self.try_to_leave(context);
            }
            // Brokers ask on behalf of others only.
            Input::Command(Command::Issue { .. }) => {}
            Input::Message { from, message } => self.message(from, message, context),
            Input::Timer(reminder) => self.remind(reminder, context),
        }
    }
}
