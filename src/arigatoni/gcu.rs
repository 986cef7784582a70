//! The Global Computer Unit: asks its leader for services, and serves.
//!
//! It only says which rule an input is for: [`Membership`], [`Asking`] or [`HeldSlots`]. It does *not*
//! know the overlay beyond its leader, nor who asks it on whose behalf.

mod detoured;
mod packets;
mod riding;
mod settling;
mod tunnel;
mod upkeep;

use std::iter;

use crate::arigatoni::Context;
use crate::arigatoni::asking::{self, Asking};
use crate::arigatoni::config::Search;
use crate::arigatoni::guest::Guest as _;
use crate::arigatoni::heartbeats::Watch;
use crate::arigatoni::membership::Membership;
use crate::arigatoni::message::{Answer, ArigatoniProtocol, Message, Query, Reminder};
use crate::arigatoni::migration::{Moves, Settler as _};
use crate::arigatoni::offers::Offers;
use crate::arigatoni::policy::{Given, Policy};
use crate::arigatoni::table::SummaryChange;
use crate::discovery::{Command, Descriptor, HeldSlots, Matcher, Observation, Providers, gbu};
use crate::time::Time;
use crate::unit::{Input, UnitId};

pub(super) use upkeep::Rare;

/// A computer's state: one cache line, for there may be millions of them. Equal ones act alike from
/// one instant on; those of different instants are compared by [`Self::canonical`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[repr(align(64))]
pub struct Gcu {
    pub(super) membership: Membership,
    asking: Asking,
    serving: HeldSlots,
    /// How often what it offers has changed.
    changes: u32,
    watch: Watch,
    moves: Moves,
    /// Where packets get lost, leaders are elected or requests have several parts, once it needs it.
    rare: Option<Box<Rare>>,
}

impl Gcu {
    /// A computer under `leader`.
    pub fn new(leader: UnitId) -> Self {
        Self {
            membership: Membership::Member(leader),
            asking: Asking::default(),
            serving: HeldSlots::default(),
            changes: 0,
            watch: Watch::default(),
            moves: Moves::default(),
            rare: None,
        }
    }

    /// How often what it offers has changed.
    pub fn changes(&self) -> u32 {
        self.changes
    }

    /// Its leader, as long as it belongs to a colony.
    pub fn leader(&self) -> Option<UnitId> {
        self.membership.leader()
    }

    /// The brokers that it has tried by now, if it has lost its leader long ago (see [`Moves::tries`]).
    pub(super) fn tries<P: Policy>(&self, policy: &P, me: UnitId) -> Vec<UnitId> {
        self.moves.tries(policy, me).collect()
    }

    /// How many of its own requests are open.
    pub fn requests_open(&self) -> usize {
        self.asking.requests_open()
    }

    /// How many slots it holds for others.
    pub fn slots_held(&self) -> usize {
        self.serving.count()
    }

    /// This state with the clock set to 0 at `now`. States that differ only in when they arose become equal.
    pub fn canonical(&self, now: Time) -> Self {
        let mut state = self.clone();
        state.asking.set_clock(now);
        if let Some(rare) = &mut state.rare {
            rare.links.set_clock(now);
            rare.tunnelling.set_clock(now);
        }
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
        match given.rules.retransmission {
            None if given.rules.has_detours() => self.act_with_detours(given, input, context),
            None => self.act(given, input, context),
            Some(rules) => self.handle_packets(rules, given, input, context),
        }
    }

    /// Makes it as it is after a crash: nothing but the number of its restarts, its last vote, what it offers, and how often it
    /// has looked for a leader, is left, and memory to use again.
    pub(super) fn restart(&mut self, leader: UnitId) {
        let Self {
            membership,
            asking,
            serving,
            changes: _,
            watch,
            moves,
            rare,
        } = self;
        *membership = Membership::Member(leader);
        asking.clear();
        serving.clear();
        *watch = Watch::default();
        moves.reset();
        if let Some(rare) = rare {
            rare.together.clear();
            rare.links.restart();
            rare.electing.forget();
            (rare.logged_out, rare.target) = (false, None);
            rare.tunnelling.clear();
            rare.ways.clear();
        }
    }

    #[expect(
        clippy::inline_always,
        reason = "most events pass here, and two callers forbid it else"
    )]
    #[inline(always)]
    fn act<P: Policy>(
        &mut self,
        given: &Given<P>,
        input: Input<ArigatoniProtocol>,
        context: &mut Context<'_>,
    ) {
        match input {
            Input::Start => {
                self.register(given, context);
                self.enter_besides(false, given, context);
            }
            Input::Command(command) => self.command(command, given, context),
            Input::Message { from, message } => self.message(from, message, given, context),
            Input::Timer(reminder) => self.remind(reminder, given, context),
        }
    }

    fn command<P: Policy>(
        &mut self,
        command: Command,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        match command {
            Command::Issue {
                request,
                demand,
                instances,
            } => {
                let asked = (request, demand, instances);
                match self.asked_leader(asked, given, context) {
                    Ok(leader) => self.asking.ask(leader, asked, &given.rules, context),
                    Err(outcome) => asking::end(request, outcome, context),
                }
            }
            Command::IssueAll { request } => match self.asked_leader(
                // The parts are known.
                (request, Descriptor(0), 0),
                given,
                context,
            ) {
                Ok(leader) => {
                    let (rules, kept) = (&given.rules, &mut self.rare);
                    self.asking.ask_all((leader, request), rules, kept, context);
                }
                Err(outcome) => asking::end(request, outcome, context),
            },
            Command::Leave => {
                self.stays_where_it_is();
                if self.membership.leave(context) {
                    self.try_to_leave(given, context);
                } else {
                    self.gives_tunnel_up(given, context);
                }
            }
            Command::Join => self.join(given, context),
            Command::Watch => {
                self.watch = Watch::on();
                self.begin_watch(given, context);
            }
            Command::Unwatch => {
                let besides = self.watched_besides(given, context.me());
                self.watch
                    .end([self.membership.watched(), besides], context);
            }
            Command::Change { number } => {
                let offers = |changes| given.policy.offers(context.me(), changes).collect();
                let (before, after): (Offers, Offers) = (offers(self.changes), offers(number));
                self.changes = number;
                let change = SummaryChange::between(&before, &after);
                self.update_besides(&change, given, context);
                self.membership.update(change, context);
            }
            Command::Settle { leader } => self.settle(gbu(leader), given, context),
            Command::OpenTunnel => self.opens_tunnel(given, context),
            Command::CloseTunnel => self.closes_tunnel(given, context),
            // It leads no colony.
            Command::Link { .. }
            | Command::Unlink { .. }
            | Command::Revoke { .. }
            | Command::Expel { .. } => {}
        }
    }

    /// Is told to come back.
    fn join<P: Policy>(&mut self, given: &Given<P>, context: &mut Context<'_>) {
        if self.goes_elsewhere(given, context) {
            // Its colony comes later.
        } else if self.membership.join(context) {
            self.register(given, context);
        } else {
            self.begin_watch(given, context);
        }
        self.enter_besides(true, given, context);
    }

    /// Registers with its leader, and declares what it offers.
    fn register<P: Policy>(&mut self, given: &Given<P>, context: &mut Context<'_>) {
        let offers = given.policy.offers(context.me(), self.changes);
        let recovery = given.rules.recovery;
        self.membership.register(offers, recovery, context);
    }

    #[expect(clippy::inline_always, reason = "as for `act`")]
    #[inline(always)]
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
            Message::Answer(answer) => {
                let known = (given, &mut self.rare);
                self.asking.take_answer(from, answer, known, context);
            }
            Message::QueryAcknowledged { request, ticket } => {
                let taken = (request, ticket);
                self.asking
                    .take_acknowledgement(from, taken, rules, context);
            }
            Message::Start { request } => {
                let lasts = given.policy.service_time(context.me());
                let slot = self.serving.waiting_or_serving(request);
                self.serving.begin(slot, lasts, context);
            }
            Message::Release { request } => {
                let slot = self.serving.waiting_or_serving(request);
                self.serving.release(slot, context);
            }
            Message::UnregisterDenied => self.membership.unregister_denied(from, context),
            Message::Registered => {
                if !self.membership.registered(from, context) {
                    return;
                }
                let watched = self.membership.watched();
                self.watch.heard(watched, rules.heartbeats, context);
            }
            Message::LoggedOut => self.logged_out(from, given, context),
            Message::Heartbeat { number } => self.heartbeat(from, number, given, context),
            Message::UnregisterAcknowledged | Message::NotMember => {
                self.is_no_member(from, given, context);
            }
            // It leads nobody, and its links have opened all packets.
            Message::Register { .. }
            | Message::Update { .. }
            | Message::Unregister
            | Message::HeartbeatAcknowledged { .. }
            | Message::Moved
            | Message::MayJoin { .. }
            | Message::JoinGranted { .. }
            | Message::JoinRefused { .. }
            | Message::Packet(_)
            | Message::PacketAcknowledged { .. }
            | Message::Linked
            // Only those with a tunnel are told, and they have heard it.
            | Message::TunnelClosed
            | Message::Distrusted { .. }
            | Message::Tunnelled(_)
            | Message::Onward(_) => {}
            message => self.keep_up(from, message, given, context),
        }
    }

    fn remind<P: Policy>(
        &mut self,
        reminder: Reminder,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        let rules = &given.rules;
        match reminder {
            Reminder::Leave => self.try_to_leave(given, context),
            Reminder::Return => self.try_to_return(given, context),
            Reminder::Silence => {
                if let Some(leader) = self.membership.leader() {
                    self.lose(leader, given, context);
                }
            }
            Reminder::TunnelSilence => self.misses_tunnel(true, given, context),
            Reminder::TunnelReturn => self.misses_tunnel(false, given, context),
            // Its links have seen to it, and it leads nobody.
            Reminder::Retransmit | Reminder::Heartbeat | Reminder::HeartbeatDue => {}
            Reminder::Deadline { slot } => {
                self.asking.deadline(slot, (rules, &mut self.rare), context);
            }
            Reminder::AnswerTimeout { slot } => {
                let kept = &mut self.rare;
                let leader = self.asking.give_up(slot, (rules, kept), context);
                // Heartbeats tell better.
                if let Some(leader) = leader.filter(|_| rules.heartbeats.is_none()) {
                    self.lose_carrier(leader, given, context);
                    self.lose(leader, given, context);
                }
            }
            Reminder::Served { slot } => self.serving.served(slot, context),
        }
    }

    /// Answers an enquiry: agrees if it has a free slot and is willing, once for each instance that it gives.
    /// A leaver never does.
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
        let room = self.serving.room(given.policy.slots(context.me()));
        let is_found_again = given.rules.finds_again() && self.serving.holds(request);
        let found = self.still_offers(query.demand, given, context.me());
        if given.policy.matcher().constraints().is_some() {
            context.emit(Observation::Enquired { found });
        }
        // A computer that asks the root first, or has a tunnel, may find itself.
        let finds_itself = given.rules.search == Search::RootFirst || given.rules.borders.tunnels;
        let is_own = finds_itself && self.asking.has_asked(request);
        if !found {
            context.emit(Observation::NotOffered);
        } else if room > 0
            && !is_found_again
            && !is_own
            && (self.membership.leader_to_ask().is_some()
                || self.serves_besides(from, given, context.me()))
            && given.policy.agrees(context.me(), query)
        {
            let most = given.rules.instances_each.min(room);
            let at_most = given.rules.holds_for(query);
            for _ in 0..query.wanted.min(most) {
                self.serving.hold(request, at_most, context);
                providers.push(context.me());
            }
        }
        let answer = Answer {
            request,
            ticket,
            providers,
        };
        context.send(from, Message::Answer(answer));
    }

    /// Whether it can serve `demand`, and what goes with it. Its leader's table says so, but may not know of the
    /// last change yet.
    fn still_offers<P: Policy>(&self, demand: Descriptor, given: &Given<P>, me: UnitId) -> bool {
        let serves = |demand| {
            let mut offers = given.policy.offers(me, self.changes);
            offers.any(|offer| given.policy.matcher().serves(offer, demand))
        };
        let also = given.rules.also.iter().copied();
        self.changes == 0 || iter::once(demand).chain(also).all(serves)
    }

    /// Asks to be let go once it neither asks, serves nor uses anything.
    fn try_to_leave<P: Policy>(&mut self, given: &Given<P>, context: &mut Context<'_>) {
        let idle = self.asking.is_idle(context.now()) && self.serving.count() == 0;
        let leaves = self.membership.is_leaving() || self.membership.is_away();
        if (leaves || self.is_shut()) && self.leaves_besides(idle, given, context) {
            return;
        }
        let recovery = given.rules.recovery;
        self.membership.try_to_leave(!idle, recovery, context);
    }
}
