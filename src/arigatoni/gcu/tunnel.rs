//! What a computer does that has a tunnel into another colony, and one that is the friend of such computers.
//!
//! It does *not* know how that colony finds providers.

use super::Gcu;
use crate::arigatoni::Context;
use crate::arigatoni::detours::{self, Ways};
use crate::arigatoni::membership::Membership;
use crate::arigatoni::message::{ArigatoniProtocol, Message, Reminder};
use crate::arigatoni::policy::{Given, Policy, Tunnel};
use crate::arigatoni::relayed::Relayed;
use crate::arigatoni::table::SummaryChange;
use crate::arigatoni::tunnelling::Tunnelling;
use crate::discovery::parts::queries;
use crate::discovery::{Descriptor, RequestId, RequestOutcome};
use crate::time::Span;
use crate::unit::{Input, UnitId};

impl Gcu {
    /// The same as [`Self::act`] where units have tunnels.
    #[cold]
    pub(super) fn act_with_detours<P: Policy>(
        &mut self,
        given: &Given<P>,
        input: Input<ArigatoniProtocol>,
        context: &mut Context<'_>,
    ) {
        let tunnel = given.policy.tunnel(context.me());
        self.detoured(given, context, |it, context| {
            let Some(input) = it.opened(input, tunnel, given, context) else {
                return;
            };
            let is_heard = match (&input, tunnel) {
                (Input::Message { from, message }, Some(tunnel)) if *from == tunnel.leader => {
                    it.hears_of_tunnel(message, tunnel, given, context)
                }
                _ => false,
            };
            if !is_heard {
                it.act(given, input, context);
            }
        });
    }

    /// Lets it `act`, and sends what it says by the way that it must take.
    pub(super) fn detoured<P: Policy>(
        &mut self,
        given: &Given<P>,
        context: &mut Context<'_>,
        act: impl FnOnce(&mut Self, &mut Context<'_>),
    ) {
        let begun = context.said();
        act(self, context);
        let rare = self.rare.as_mut();
        let ways = Ways {
            back: rare
                .map(|it| &mut it.ways)
                .filter(|_| given.rules.borders.firewall),
            later: Span::ZERO,
        };
        detours::send_on(begun, ways, |_| false, given, context);
    }

    /// What `input` is to it; nothing, if it is for another and is passed on.
    fn opened<P: Policy>(
        &mut self,
        input: Input<ArigatoniProtocol>,
        tunnel: Option<Tunnel>,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) -> Option<Input<ArigatoniProtocol>> {
        let (from, relayed) = match input {
            Input::Message {
                from,
                message: Message::Tunnelled(relayed),
            } => (from, relayed.open()),
            input => return Some(self.led_back(input, given)),
        };
        if tunnel.is_some_and(|it| it.leader == relayed.peer && it.friend == Some(from)) {
            let Relayed { peer, message } = relayed;
            detours::arrived(&message, context);
            let from = peer;
            return Some(self.led_back(Input::Message { from, message }, given));
        }
        self.pass_on(from, relayed, given, context);
        None
    }

    /// Behind a firewall, learns the way to providers, and takes what has come to it by such a way.
    fn led_back<P: Policy>(
        &mut self,
        input: Input<ArigatoniProtocol>,
        given: &Given<P>,
    ) -> Input<ArigatoniProtocol> {
        match input {
            Input::Message {
                from,
                message: Message::Onward(relayed),
            } => {
                let message = relayed.open().message;
                Input::Message { from, message }
            }
            Input::Message {
                from,
                message: Message::Answer(answer),
            } if given.rules.borders.firewall => {
                self.rare().ways.learn(from, &answer);
                let message = Message::Answer(answer);
                Input::Message { from, message }
            }
            input => input,
        }
    }

    /// Passes on, as a friend, what comes from `from`. To its leader it does so as long as it is a member; what its leader
    /// says it passes on always.
    fn pass_on<P: Policy>(
        &self,
        from: UnitId,
        relayed: Relayed,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        let Relayed { peer, message } = relayed;
        let leads = |unit, leader| {
            let tunnel = given.policy.tunnel(unit);
            tunnel.is_some_and(|it| it.leader == leader && it.friend == Some(context.me()))
        };
        let (to, peer, message) = if leads(peer, from) {
            (peer, from, message)
        } else if !leads(from, peer) {
            return;
        } else if self.membership.leader() == Some(peer) {
            (peer, from, message)
        } else {
            (from, peer, Message::TunnelClosed)
        };
        let relayed = Relayed { peer, message };
        context.send(to, Message::Tunnelled(relayed.into()));
    }

    /// Whether it is a member at the end of its tunnel besides, or thinks so.
    pub(in crate::arigatoni) fn is_besides(&self) -> bool {
        self.rare
            .as_ref()
            .is_none_or(|it| it.tunnelling.is_member())
    }

    /// Where it stands at the end of its tunnel.
    fn tunnelling(&mut self) -> &mut Tunnelling {
        &mut self.rare().tunnelling
    }

    /// The leader at the end of its tunnel says `message`: whether it is about the tunnel, and nothing else.
    fn hears_of_tunnel<P: Policy>(
        &mut self,
        message: &Message,
        tunnel: Tunnel,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) -> bool {
        match message {
            Message::TunnelClosed => {
                self.tunnel_closed(tunnel, given, context);
                self.membership
                    .waits(tunnel.leader, given.rules.recovery, context);
            }
            // Its friend is a member again.
            Message::NotMember if self.membership.has_missed(tunnel.leader) => {
                self.register(given, context);
            }
            _ if !tunnel.besides => return false,
            // Who has come back meanwhile is entered again next.
            Message::UnregisterAcknowledged if self.tunnelling().is_leaving() => {
                self.let_go(given, context);
            }
            Message::UnregisterAcknowledged => {}
            Message::UnregisterDenied => self.tunnelling().denied(tunnel.leader, context),
            Message::Registered => self.tunnelling().registered(tunnel.leader, context),
            Message::NotMember if self.tunnelling().is_member() => {
                self.register_besides(tunnel, given, context);
            }
            Message::NotMember => self.let_go(given, context),
            _ => return false,
        }
        true
    }

    /// Its tunnel leads nowhere any more.
    pub(super) fn tunnel_closed<P: Policy>(
        &mut self,
        tunnel: Tunnel,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        let leader = tunnel.leader;
        if tunnel.besides {
            self.let_go(given, context);
        } else if self.membership.is_leaving() {
            self.membership = Membership::Away(leader);
            context.disarm(Reminder::Leave);
        } else if !self.membership.lose(leader, given.rules.recovery, context) {
            return;
        }
        let known = (&given.rules, &mut self.rare);
        self.asking.give_up_all(leader, known, context);
    }

    /// It is no member at the end of its tunnel any more. If it has asked for that, it goes on to leave its own colony.
    fn let_go<P: Policy>(&mut self, given: &Given<P>, context: &mut Context<'_>) {
        if self.tunnelling().strike() {
            context.disarm(Reminder::Leave);
            self.try_to_leave(given, context);
        }
    }

    /// Registers at the end of its tunnel.
    fn register_besides<P: Policy>(
        &mut self,
        tunnel: Tunnel,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        self.tunnelling().enter();
        let offers = given.policy.offers(context.me(), self.changes).collect();
        context.send(tunnel.leader, Message::Register { offers });
    }

    /// Its tunnel, if it is a member besides.
    fn besides<P: Policy>(given: &Given<P>, me: UnitId) -> Option<Tunnel> {
        if !given.rules.borders.tunnels {
            return None;
        }
        given.policy.tunnel(me).filter(|it| it.besides)
    }

    /// Begins or comes back: it registers at the end of its tunnel as well, unless it is a member there.
    pub(super) fn enter_besides<P: Policy>(
        &mut self,
        is_known: bool,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        if let Some(tunnel) = Self::besides(given, context.me())
            && !(is_known && self.tunnelling().is_member())
        {
            self.register_besides(tunnel, given, context);
        }
    }

    /// Leaves the end of its tunnel first: whether it must wait for that.
    pub(super) fn leaves_besides<P: Policy>(
        &mut self,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) -> bool {
        let Some(tunnel) = Self::besides(given, context.me()) else {
            return false;
        };
        let recovery = given.rules.recovery;
        self.tunnelling().leave(tunnel.leader, recovery, context)
    }

    /// What it offers has changed.
    pub(super) fn update_besides<P: Policy>(
        &mut self,
        change: &SummaryChange,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        let Some(tunnel) = Self::besides(given, context.me()) else {
            return;
        };
        if self.tunnelling().declares() && !change.is_empty() {
            let SummaryChange { added, removed } = change.clone();
            context.send(tunnel.leader, Message::Update { added, removed });
        }
    }

    /// Whether it agrees when `leader` asks: also without a leader of its own, at the end of its tunnel.
    pub(super) fn serves_besides<P: Policy>(
        &self,
        leader: UnitId,
        given: &Given<P>,
        me: UnitId,
    ) -> bool {
        let tunnel = Self::besides(given, me);
        self.membership.is_orphan() && tunnel.is_some_and(|it| it.leader == leader)
    }

    /// It is about to ask for `what`: the leader to ask in place of its own, if it has lost that one. One that has its own may
    /// ask at the end of its tunnel afterwards. Where units come back, it first tries whether it can be a member there again.
    fn leader_besides<P: Policy>(
        &mut self,
        what: (RequestId, Descriptor, u32),
        given: &Given<P>,
        context: &mut Context<'_>,
    ) -> Option<UnitId> {
        let tunnel = Self::besides(given, context.me())?;
        let is_orphan = self.membership.is_orphan();
        if !is_orphan && self.membership.leader_to_ask().is_none() {
            return None;
        }
        if !self.tunnelling().declares() && given.rules.recovery.is_some() {
            self.register_besides(tunnel, given, context);
        }
        if !self.tunnelling().is_member() {
            return None;
        }
        if is_orphan {
            return Some(tunnel.leader);
        }
        let answer_by = context.now() + given.rules.deadline;
        let (request, demand, instances) = what;
        if given.rules.parts.is_empty() {
            let what = (request, demand, instances);
            self.tunnelling().may_try(what, tunnel.leader, answer_by);
        }
        for (query, part) in queries(request, &*given.rules.parts) {
            let what = (query, part.demand, part.instances);
            self.tunnelling().may_try(what, tunnel.leader, answer_by);
        }
        None
    }

    /// It is about to ask, and may be without a leader since its tunnel has been closed: it tries whether that is open again.
    fn returns_by_tunnel<P: Policy>(&mut self, given: &Given<P>, context: &mut Context<'_>) {
        if !given.rules.borders.tunnels || given.rules.recovery.is_none() {
            return;
        }
        let tunnel = given.policy.tunnel(context.me());
        let leads = tunnel.is_some_and(|it| {
            !it.besides && it.friend.is_some() && self.membership.has_missed(it.leader)
        });
        if leads {
            self.register(given, context);
        }
    }

    /// The leader to which the request for `what` goes, or how the request ends at once.
    pub(super) fn asked_leader<P: Policy>(
        &mut self,
        what: (RequestId, Descriptor, u32),
        given: &Given<P>,
        context: &mut Context<'_>,
    ) -> Result<UnitId, RequestOutcome> {
        if let Some(leader) = self.leader_besides(what, given, context) {
            return Ok(leader);
        }
        self.returns_by_tunnel(given, context);
        match self.membership {
            Membership::Member(leader) | Membership::Joining(leader) => Ok(leader),
            Membership::Orphan(_) | Membership::Returning(_) | Membership::Asking(_) => {
                Err(RequestOutcome::Rejected)
            }
            Membership::Leaving(_) | Membership::Away(_) | Membership::Alone => {
                Err(RequestOutcome::Local)
            }
        }
    }

    /// `peer` is silent: if that is its friend, or the leader of a clone, its tunnel leads nowhere any more.
    pub(super) fn lose_tunnel<P: Policy>(
        &mut self,
        peer: UnitId,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        if !given.rules.borders.tunnels {
            return;
        }
        let Some(tunnel) = given.policy.tunnel(context.me()) else {
            return;
        };
        let is_end = tunnel.besides && tunnel.leader == peer;
        if is_end || tunnel.friend == Some(peer) {
            self.tunnel_closed(tunnel, given, context);
        }
    }
}
