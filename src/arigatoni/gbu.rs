//! The Global Broker Unit: leads one colony and routes queries.
//!
//! It only says which rule an input is for: membership as a leader ([`leader`]) and as a member
//! ([`Membership`]), and the search for providers ([`Searching`]). It does *not* know what lies below its members
//! or above its super-broker.

mod asked;
mod border;
mod election;
mod guests;
mod riding;
mod settling;
mod sides;
mod states;
mod upkeep;

use crate::arigatoni::Context;
use crate::arigatoni::guest::Guest as _;
use crate::arigatoni::heartbeats::{Beats, Watch};
use crate::arigatoni::link::{Happening, Links, Retransmission};
use crate::arigatoni::membership::{Membership, leader};
use crate::arigatoni::message::{ArigatoniProtocol, Message, Reminder};
use crate::arigatoni::migration::{Moves, Question, Settler as _};
use crate::arigatoni::policy::{Given, Policy};
use crate::arigatoni::rules::Recovery;
use crate::arigatoni::searching::{Searching, View};
use crate::arigatoni::table::RoutingTable;
use crate::discovery::{Command, Observation, gbu, gcu};
use crate::time::Span;
use crate::unit::{Input, UnitId};

use border::Border;
use election::Elections;
use guests::{Besides, has_guests_business};
pub(super) use sides::Sides;

/// A broker's state. Equal ones act alike from one instant on; those of different instants are
/// compared by [`Self::canonical`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Gbu {
    /// In its super-broker's colony.
    pub(super) membership: Membership,
    table: RoutingTable,
    searching: Searching,
    watch: Watch,
    moves: Moves,
    question: Question,
    /// While it sends heartbeats.
    beats: Option<Box<Beats>>,
    /// Where leaders are elected.
    elections: Option<Box<Elections>>,
    /// Where packets get lost, once it has heard of somebody.
    links: Option<Box<Links>>,
    /// Where colonies are linked.
    sides: Option<Box<Sides>>,
    /// Where it has a tunnel into another colony besides its own: its leader, and where it stands there.
    besides: Option<Box<Besides>>,
    /// Where there is a firewall, or credentials are checked.
    border: Option<Box<Border>>,
    /// The leader to which it has been told to go, until it is a member there.
    target: Option<UnitId>,
}

impl Gbu {
    /// A broker under `super_broker` that leads the colony of `table`.
    pub fn new(super_broker: Option<UnitId>, table: RoutingTable) -> Self {
        Self {
            membership: Membership::of(super_broker),
            table,
            searching: Searching::default(),
            watch: Watch::default(),
            moves: Moves::default(),
            question: Question::default(),
            beats: None,
            elections: None,
            links: None,
            sides: None,
            besides: None,
            border: None,
            target: None,
        }
    }

    /// This broker, with its colony linked to those of the brokers `peers` (ascending).
    #[must_use]
    pub(super) fn linked_to(mut self, peers: &[UnitId]) -> Self {
        self.sides = Some(Box::new(Sides::to(peers)));
        self
    }

    /// The brokers to which it is linked, ascending.
    pub(super) fn linked(&self) -> impl Iterator<Item = UnitId> {
        self.sides.iter().flat_map(|sides| sides.peers())
    }

    /// The colony's routing table.
    pub fn table(&self) -> &RoutingTable {
        &self.table
    }

    /// The broker to which it is registered.
    pub fn super_broker(&self) -> Option<UnitId> {
        self.membership.leader()
    }

    /// How many queries and enquiries are open.
    pub fn searches_open(&self) -> usize {
        self.searching.len()
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

    /// Handles an input where packets get lost. Out of line, since it would only slow down runs in which none
    /// are.
    #[cold]
    fn handle_packets<P: Policy>(
        &mut self,
        rules: Retransmission,
        given: &Given<P>,
        input: Input<ArigatoniProtocol>,
        context: &mut Context<'_>,
    ) {
        let mut links = self.links.take().unwrap_or_default();
        links.handle(
            input,
            rules,
            context,
            |happening, context| match happening {
                Happening::Input(input) if given.rules.has_detours() => {
                    self.act_with_detours(given, input, context);
                }
                Happening::Input(input) => self.act(given, input, context),
                Happening::Silent(peer) => self.detoured(given, context, |it, context| {
                    it.lose_friend(peer, given, context);
                    it.lose_for_good(peer, given, context);
                    Span::ZERO
                }),
                Happening::Restarted(peer) => {
                    if self.membership.declares_to(peer) {
                        self.register(given.rules.recovery, context);
                    }
                }
            },
        );
        self.links = Some(links);
    }

    /// Makes it as it is after a crash: nothing but the numbers of its restarts, its last vote and its last list of
    /// members is left, and memory to use again.
    pub(super) fn restart(&mut self, home: Membership, linked: &[UnitId]) {
        let Self {
            membership,
            table,
            searching,
            watch,
            moves: _,
            question,
            beats,
            elections,
            links,
            sides,
            besides,
            border,
            target,
        } = self;
        (*membership, *target) = (home, None);
        question.forget();
        if let Some(border) = border {
            border.restart();
        }
        if let Some(sides) = sides {
            **sides = Sides::to(linked);
        }
        if let Some(besides) = besides {
            besides.restart(sides);
        }
        table.clear();
        searching.clear();
        (*watch, *beats) = (Watch::default(), None);
        if let Some(elections) = elections {
            elections.forget();
        }
        if let Some(links) = links {
            links.restart();
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
        let recovery = given.rules.recovery;
        match input {
            Input::Start => {
                self.rejoin(given, context);
                self.enter_besides(false, given, context);
                self.tell_linked(given, context);
            }
            Input::Command(Command::Leave) => {
                self.target = None;
                if given.rules.moves() {
                    // It leaves as others do, or there would be a cycle: its leader lists it, and it lets that one join it.
                    self.membership.count_as_entered();
                }
                if self.membership.leave(context) {
                    self.try_to_leave(recovery, context);
                } else {
                    self.gives_tunnel_up(given, context);
                }
            }
            Input::Command(Command::Join) => {
                if given.rules.moves()
                    && let Some(leader) = self.membership.come_back()
                {
                    if !self.begin_move(leader, given, context) {
                        self.rejoin(given, context);
                    }
                } else if self.membership.join(context) {
                    self.register(recovery, context);
                } else {
                    self.begin_watch(given, context);
                }
                self.enter_besides(true, given, context);
            }
            Input::Command(Command::Watch) => self.begin_beats(given, context),
            Input::Command(Command::Unwatch) => self.end_beats(given, context),
            Input::Command(Command::Link { peer }) => self.link(gbu(peer), context),
            Input::Command(Command::Unlink { peer }) => self.unlink(gbu(peer)),
            Input::Command(Command::Revoke { computer }) => self.revoke(gcu(computer)),
            Input::Command(Command::Settle { leader }) => self.settle(gbu(leader), given, context),
            Input::Command(Command::Expel { member }) => self.expel(member, given, context),
            Input::Command(Command::OpenTunnel) => self.opens_tunnel(given, context),
            Input::Command(Command::CloseTunnel) => self.closes_tunnel(given, context),
            // Brokers ask on behalf of others only, and offer what their colonies do.
            Input::Command(
                Command::Issue { .. } | Command::IssueAll { .. } | Command::Change { .. },
            ) => {}
            Input::Message { from, message } => self.message(from, message, given, context),
            Input::Timer(reminder) => self.remind(reminder, given, context),
        }
        if self.searching.accounts.has_overdrawn() {
            self.log_out_overdrawn(context);
        }
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
        let recovery = given.rules.recovery;
        match message {
            Message::Query(query) => self.asked(from, &query, given, context),
            Message::Answer(answer) => {
                let (searching, view) = self.split(given);
                searching.take_answer(from, &answer, view, context);
            }
            Message::Distrusted { request, ticket } => {
                let (searching, view) = self.split(given);
                searching.take_distrust(from, (request, ticket), view, context);
            }
            Message::QueryAcknowledged { request, ticket } => {
                let (rules, taken) = (&given.rules, (request, ticket));
                self.searching
                    .take_acknowledgement(from, taken, rules, context);
            }
            Message::Register { offers } => {
                if !self.bars(from, context) {
                    self.enter(from, &offers, given, context);
                }
            }
            Message::Update { added, removed } => {
                if leader::is_stranger(&self.table, from, recovery, context) {
                    return;
                }
                let change = self.table.update(from, &added, &removed);
                self.tell_change(change, context);
            }
            Message::Unregister => {
                let busy = || {
                    let searching = &self.searching;
                    searching.has_business_with(from) || has_guests_business(searching, from, given)
                };
                let change = leader::unregister(&mut self.table, from, busy, recovery, context);
                self.tell_change(change, context);
            }
            Message::UnregisterDenied => self.membership.unregister_denied(from, context),
            Message::Registered => {
                if !self.membership.registered(from, context) {
                    return;
                }
                self.question.forget();
                let (watched, rule) = (self.membership.watched(), given.rules.heartbeats);
                self.watch.heard(watched, rule, context);
                if self.target == Some(from) {
                    self.target = None;
                }
                self.settle_in_place(context);
            }
            Message::UnregisterAcknowledged | Message::NotMember => {
                self.is_no_member(from, given, context);
            }
            message => self.keep_up(from, &message, given, context),
        }
    }

    fn remind<P: Policy>(
        &mut self,
        reminder: Reminder,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        match reminder {
            Reminder::Leave => self.try_to_leave(given.rules.recovery, context),
            Reminder::Return => self.try_to_return(given, context),
            Reminder::Deadline { slot } => self.searching.deadline(slot, &given.rules, context),
            Reminder::AnswerTimeout { slot } => {
                let Some(peer) = self.searching.silent_peer(slot) else {
                    return;
                };
                if self.is_linked_aside(peer) {
                    self.lose_linked(peer, context);
                } else if given.rules.heartbeats.is_none() {
                    // Heartbeats tell better.
                    self.lose(peer, given.rules.recovery, context);
                }
                let (searching, view) = self.split(given);
                searching.give_up(slot, view, context);
            }
            Reminder::Silence => {
                if let Some(leader) = self.membership.leader() {
                    self.lose_for_good(leader, given, context);
                }
            }
            Reminder::TunnelSilence => self.misses_tunnel(true, given, context),
            Reminder::TunnelReturn => self.misses_tunnel(false, given, context),
            Reminder::Heartbeat => self.beat(given, context),
            Reminder::HeartbeatDue => {
                let due = self.beats.as_mut().zip(given.rules.heartbeats);
                let gone = due.map(|(beats, rule)| beats.take_due(rule, context));
                for member in gone.into_iter().flatten() {
                    if self.table.has_member(member) {
                        self.lose_for_good(member, given, context);
                    }
                }
            }
            // Its links have seen to it; and it holds no agreements.
            Reminder::Retransmit | Reminder::Served { .. } => {}
        }
    }

    /// Registers with its super-broker, and declares what its colony offers.
    fn register(&mut self, recovery: Option<Recovery>, context: &mut Context<'_>) {
        self.membership
            .register(self.table.summary(), recovery, context);
    }

    /// A peer has fallen silent: its super-broker is gone, or a member is struck. Whether it was its super-broker.
    fn lose(
        &mut self,
        peer: UnitId,
        recovery: Option<Recovery>,
        context: &mut Context<'_>,
    ) -> bool {
        let is_leader = self.membership.lose(peer, recovery, context);
        if is_leader || self.table.has_member(peer) {
            context.emit(Observation::Suspected { unit: peer });
        }
        if !is_leader {
            let change = leader::strike(&mut self.table, peer, recovery, context);
            self.tell_change(change, context);
        }
        is_leader
    }

    /// Its queries, and what a search sees of the rest.
    #[inline]
    fn split<'a, P>(&'a mut self, given: &'a Given<P>) -> (&'a mut Searching, View<'a, P>) {
        let view = View {
            given,
            table: &self.table,
            membership: self.membership,
            sides: self.sides.as_deref(),
        };
        (&mut self.searching, view)
    }
}
