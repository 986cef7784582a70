//! Searching (RDP), at a broker: a query is taken in, put to others, and answered once.
//!
//! [`phase`] says whom to ask first and how many at a time, [`order`] who they are, [`reservation`]
//! what becomes of agreements. An open query stays until its last enquiry has ended; an answer that
//! comes after its own is not taken, and who agreed is released. It does *not* know how members come
//! and go, nor how a silent peer is found out.

mod order;
mod phase;
mod refusal;
pub(super) mod reservation;

use crate::arigatoni::gbu::Sides;
use crate::arigatoni::membership::Membership;
use crate::arigatoni::message::{Answer, Message, Query, Reminder, Ticket};
use crate::arigatoni::policy::{Given, Policy};
use crate::arigatoni::riders::Accounts;
use crate::arigatoni::rules::{Recovery, Rules};
use crate::arigatoni::table::RoutingTable;
use crate::arigatoni::{Context, detection, matching};
use crate::discovery::{Descriptor, GCU, Matcher, Observation, RequestId, RequestSet};
use crate::slab::{Room, Slab};
use crate::time::Time;
use crate::unit::UnitId;

use phase::Phase;
pub(super) use refusal::refuse;
use reservation::{Reservation, release};

/// What a search sees of its broker.
#[derive(Debug)]
pub(super) struct View<'a, P> {
    pub(super) given: &'a Given<P>,
    pub(super) table: &'a RoutingTable,
    pub(super) membership: Membership,
    /// Its links to other colonies, where colonies are linked.
    pub(super) sides: Option<&'a Sides>,
}

impl<P> Clone for View<'_, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for View<'_, P> {}

impl<P> View<'_, P> {
    /// Whether `peer` is a member or a linked broker.
    fn has_beyond(&self, peer: UnitId) -> bool {
        self.table.has_member(peer) || self.sides.is_some_and(|sides| sides.has(peer))
    }
}

/// A query that is not yet over.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct OpenQuery {
    request: RequestId,
    demand: Descriptor,
    asker: UnitId,
    /// What the asker's answer carries.
    ticket: Ticket,
    /// Whether the super-broker may be asked: somebody else has asked.
    goes_up: bool,
    answer_by: Time,
    answered: bool,
    phase: Phase,
    /// Whom to ask in this phase, the first one last.
    candidates: Vec<UnitId>,
    /// Enquiries that have not ended.
    outstanding: u32,
    reservation: Reservation,
}

impl OpenQuery {
    /// A query of an asker, for which the super-broker may be asked or not.
    fn new(query: &Query, (asker, goes_up): (UnitId, bool), phase: Phase, answer_by: Time) -> Self {
        Self {
            request: query.request,
            demand: query.demand,
            asker,
            ticket: query.ticket,
            goes_up,
            answer_by,
            answered: false,
            phase,
            candidates: Vec::new(),
            outstanding: 0,
            reservation: Reservation::new(query.wanted),
        }
    }
}

/// A question that has been put to a peer for an open query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Enquiry {
    /// The slot of the open query.
    query: u32,
    /// The unit that was asked.
    peer: UnitId,
}

const OPEN: &str = "the query is open";
const OUTLIVES: &str = "a query outlives its enquiries";

/// The open queries of a broker.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Searching {
    queries: Slab<OpenQuery>,
    enquiries: Slab<Enquiry>,
    /// Where a query may come by two ways, the requests that have come here, whether they are still open or not.
    handled: RequestSet,
    /// Lists of candidates of past queries, kept for their capacity.
    spare: Room<Vec<Vec<UnitId>>>,
    /// What its members have given and taken, where that is counted.
    pub(super) accounts: Accounts,
    /// Room to sort candidates in; empty between uses.
    ranks: Room<Vec<(u64, UnitId)>>,
}

impl Searching {
    /// Takes in a query from a computer, a member, the super-broker or a linked broker; answers that of another
    /// broker with a refusal, and one that it has handled already where it may come by two ways.
    pub(super) fn open<P: Policy>(
        &mut self,
        asker: UnitId,
        query: &Query,
        view: View<'_, P>,
        context: &mut Context<'_>,
    ) {
        let Rules {
            search,
            silence_timeout,
            ..
        } = view.given.rules;
        // A computer that is not listed, since it has left and changed its mind, say, asks all the same.
        let from_member = asker.kind() == GCU || view.table.has_member(asker);
        let from_above = !from_member && view.membership.leader() == Some(asker);
        let from_beside = view.sides.is_some_and(|sides| sides.has(asker));
        // A leaver does not agree any more, on behalf of its colony.
        let refuses = view.membership.is_leaving() && from_above;
        let is_asked = from_member || from_above || from_beside;
        let has_two_ways = view.given.rules.has_two_ways();
        if !is_asked || has_two_ways && !refuses && !self.handled.insert(query.request) {
            refuse(asker, query, context);
            return;
        }
        detection::acknowledge(silence_timeout, asker, query, context);
        let Given { rules, policy } = view.given;
        let known = (view.table, policy.matcher(), &*rules.also);
        if from_above && known.1.constraints().is_some() {
            let found = matching::finds_any(known, query.demand);
            context.emit(Observation::Enquired { found });
        }
        // Nobody waits longer for an answer than for a request's.
        let time_left = query.time_left.min(view.given.rules.deadline);
        let answer_by = context.now() + time_left;
        let phase = if refuses {
            Phase::Over
        } else {
            Phase::first(search)
        };
        let mut open = OpenQuery::new(query, (asker, !from_above), phase, answer_by);
        open.candidates = self.spare.0.pop().unwrap_or_default();
        order::line_up(&mut open, view, &mut self.ranks.0);
        let slot = self.queries.insert(open);
        if self.search(slot, view, context) {
            context.arm(Reminder::Deadline { slot }, time_left);
        }
    }

    /// Goes on with an unanswered query as far as it can without waiting. Answers it when enough
    /// have agreed or everybody has been asked; `true` if it must wait.
    fn search<P: Policy>(
        &mut self,
        slot: u32,
        view: View<'_, P>,
        context: &mut Context<'_>,
    ) -> bool {
        loop {
            let query = self.queries.at_mut(slot).expect(OPEN);
            let missing = query.reservation.missing();
            if missing == 0 || query.phase == Phase::Over {
                self.answer(slot, &view.given.rules, context);
                self.close_if_over(slot);
                return false;
            }
            let each = view.given.rules.instances_each;
            if query.phase.may_ask(missing, each, query.outstanding)
                && let Some(peer) = query.candidates.pop()
            {
                // It may have gone since the phase began.
                let Given { rules, policy } = view.given;
                let known = (view.table, policy.matcher(), &*rules.also);
                let is_there = match query.phase {
                    phase if phase.is_upwards() => true,
                    phase if phase.is_beyond() => view.has_beyond(peer),
                    _ => matching::is_able(known, peer, query.demand),
                };
                if is_there {
                    self.enquire(slot, peer, &view.given.rules, context);
                }
                continue;
            }
            if query.outstanding > 0 {
                return true;
            }
            let Rules {
                search, is_graph, ..
            } = view.given.rules;
            query.phase = query.phase.next(search, is_graph);
            order::line_up(query, view, &mut self.ranks.0);
        }
    }

    /// Asks `peer` for a query: a GCU for what it may give, a broker for all that is missing.
    fn enquire(&mut self, slot: u32, peer: UnitId, rules: &Rules, context: &mut Context<'_>) {
        let query = self.queries.at_mut(slot).expect(OPEN);
        query.outstanding += 1;
        let mut wanted = query.reservation.missing();
        if peer.kind() == GCU {
            wanted = wanted.min(rules.instances_each);
        }
        if query.phase.is_upwards() && rules.tells_passes() {
            let request = query.request;
            context.emit(Observation::PassedUp { request });
        }
        let ticket = self.enquiries.insert(Enquiry { query: slot, peer });
        let enquiry = Query {
            request: query.request,
            demand: query.demand,
            wanted,
            time_left: query.answer_by.saturating_since(context.now()),
            ticket: Ticket(ticket),
        };
        context.send(peer, Message::Query(enquiry));
        detection::watch(rules.silence_timeout, ticket, context);
    }

    /// Takes an answer to one of its enquiries. Agreements that nobody waits for are released.
    pub(super) fn take_answer<P: Policy>(
        &mut self,
        from: UnitId,
        answer: &Answer,
        view: View<'_, P>,
        context: &mut Context<'_>,
    ) {
        let Answer {
            request,
            ticket,
            ref providers,
        } = *answer;
        let Some(enquiry) = self.enquiry(from, request, ticket) else {
            release(request, providers, context);
            return;
        };
        self.enquiries.remove(ticket.0);
        detection::heard(view.given.rules.silence_timeout, ticket.0, context);
        let query = self.queries.at_mut(enquiry.query).expect(OUTLIVES);
        let surplus = if query.answered {
            providers
        } else {
            if view.given.rules.tells_ways() && query.reservation.is_begun_by(providers) {
                let peer = from;
                context.emit(Observation::FoundBy { request, peer });
            }
            query.phase = query.phase.answered();
            query.reservation.take(providers)
        };
        if let Some(rule) = view.given.rules.accounting.filter(|_| from.kind() == GCU) {
            let given = (providers.len() - surplus.len()) as u32;
            self.accounts.give(from, given, rule, context.now());
        }
        release(request, surplus, context);
        self.enquiry_ended(enquiry, view, context);
    }

    /// A peer has taken in an enquiry.
    pub(super) fn take_acknowledgement(
        &self,
        from: UnitId,
        (request, ticket): (RequestId, Ticket),
        rules: &Rules,
        context: &mut Context<'_>,
    ) {
        if self.enquiry(from, request, ticket).is_none() {
            return;
        }
        match rules.recovery {
            None => detection::heard(rules.silence_timeout, ticket.0, context),
            // It may be gone before it answers.
            Some(Recovery { slack, .. }) => {
                let slot = ticket.0;
                context.arm(Reminder::AnswerTimeout { slot }, rules.deadline + slack);
            }
        }
    }

    /// The peer that was asked in the slot `enquiry` has been silent for too long; who it is.
    pub(super) fn silent_peer(&self, enquiry: u32) -> Option<UnitId> {
        self.enquiries.at(enquiry).map(|enquiry| enquiry.peer)
    }

    /// The enquiry in a slot counts as refused.
    pub(super) fn give_up<P: Policy>(
        &mut self,
        enquiry: u32,
        view: View<'_, P>,
        context: &mut Context<'_>,
    ) {
        if let Some(enquiry) = self.enquiries.remove(enquiry) {
            self.enquiry_ended(enquiry, view, context);
        }
    }

    /// All enquiries to `peer` count as refused.
    pub(super) fn give_up_all<P: Policy>(
        &mut self,
        peer: UnitId,
        view: View<'_, P>,
        context: &mut Context<'_>,
    ) {
        let of_peer = |enquiries: &Slab<Enquiry>| {
            let mut enquiries = enquiries.iter();
            enquiries.find_map(|(slot, enquiry)| (enquiry.peer == peer).then_some(slot))
        };
        while let Some(slot) = of_peer(&self.enquiries) {
            detection::heard(view.given.rules.silence_timeout, slot, context);
            self.give_up(slot, view, context);
        }
    }

    /// The deadline of the query in a slot has come: it is answered with what there is.
    pub(super) fn deadline(&mut self, slot: u32, rules: &Rules, context: &mut Context<'_>) {
        if let Some(query) = self.queries.at(slot).filter(|query| !query.answered) {
            let request = query.request;
            context.emit(Observation::DeadlineHit { request });
            self.answer(slot, rules, context);
            self.close_if_over(slot);
        }
    }

    /// Whether a query from, or an enquiry to, `peer` is open.
    pub(super) fn has_business_with(&self, peer: UnitId) -> bool {
        let asks = |query: &OpenQuery| query.asker == peer && !query.answered;
        self.queries.iter().any(|(_, query)| asks(query))
            || self
                .enquiries
                .iter()
                .any(|(_, enquiry)| enquiry.peer == peer)
    }

    /// Forgets all queries.
    pub(super) fn clear(&mut self) {
        for query in self.queries.values_mut() {
            self.spare.0.push(std::mem::take(&mut query.candidates));
        }
        self.queries.clear();
        self.enquiries.clear();
        self.handled.clear();
        self.accounts = Accounts::default();
    }

    /// How many queries and enquiries are open.
    pub(super) fn len(&self) -> usize {
        self.queries.len() + self.enquiries.len()
    }

    /// Sets the clock back to 0 at `now`.
    pub(super) fn set_clock(&mut self, now: Time) {
        for query in self.queries.values_mut() {
            query.answer_by = query.answer_by.from_zero(now);
        }
        self.accounts.set_clock(now);
    }

    /// Lets each query be answered by `answer_by`.
    pub(super) fn give_time(&mut self, answer_by: Time) {
        for query in self.queries.values_mut() {
            query.answer_by = answer_by;
        }
    }

    /// The enquiry under `ticket`, if it was put to `peer` for `request`.
    fn enquiry(&self, peer: UnitId, request: RequestId, ticket: Ticket) -> Option<Enquiry> {
        let enquiry = self.enquiries.at(ticket.0).copied()?;
        let query = self.queries.at(enquiry.query).expect(OUTLIVES);
        (enquiry.peer == peer && query.request == request).then_some(enquiry)
    }

    /// Goes on with the query of an enquiry that has just been removed.
    fn enquiry_ended<P: Policy>(
        &mut self,
        enquiry: Enquiry,
        view: View<'_, P>,
        context: &mut Context<'_>,
    ) {
        let query = self.queries.at_mut(enquiry.query).expect(OUTLIVES);
        query.outstanding -= 1;
        if query.answered {
            self.close_if_over(enquiry.query);
        } else {
            self.search(enquiry.query, view, context);
        }
    }

    /// Answers a query with what it has.
    fn answer(&mut self, slot: u32, rules: &Rules, context: &mut Context<'_>) {
        let query = self.queries.at_mut(slot).expect(OPEN);
        query.answered = true;
        // It only waits for its enquiries: nothing else is to tell it from others that do.
        query.candidates.clear();
        (query.phase, query.answer_by) = (Phase::Over, Time::ZERO);
        let answer = Answer {
            request: query.request,
            ticket: query.ticket,
            providers: query.reservation.hand_over(),
        };
        if let Some(rule) = rules.accounting.filter(|_| query.asker.kind() == GCU) {
            let enough = rules.enough(query.request, query.reservation.wanted());
            let count = answer.providers.len() as u32;
            // Fewer are released by the member.
            if count >= enough {
                let now = context.now();
                self.accounts.take(query.asker, count, rule, now);
            }
        }
        context.send(query.asker, Message::Answer(answer));
        context.disarm(Reminder::Deadline { slot });
    }

    /// Forgets an answered query once its last enquiry has ended.
    fn close_if_over(&mut self, slot: u32) {
        let over = |query: &OpenQuery| query.answered && query.outstanding == 0;
        if self.queries.at(slot).is_some_and(over) {
            let query = self.queries.remove(slot).expect(OPEN);
            self.spare.0.push(query.candidates);
        }
    }
}
