//! What a computer does that has a tunnel into another colony, besides what all such units do.
//!
//! It does *not* know how that colony finds providers.

use super::Gcu;
use crate::arigatoni::Context;
use crate::arigatoni::guest::{self, Guest};
use crate::arigatoni::heartbeats::Watch;
use crate::arigatoni::membership::Membership;
use crate::arigatoni::message::Message;
use crate::arigatoni::migration::Moves;
use crate::arigatoni::offers::Offers;
use crate::arigatoni::policy::{Given, Policy, Tunnel};
use crate::arigatoni::rules::LEAVE_RETRY;
use crate::arigatoni::table::SummaryChange;
use crate::arigatoni::tunnelling::Tunnelling;
use crate::discovery::parts::queries;
use crate::discovery::{Descriptor, RequestId, RequestOutcome};
use crate::unit::UnitId;

impl Guest for Gcu {
    fn membership(&mut self) -> &mut Membership {
        &mut self.membership
    }

    fn watch(&self) -> Watch {
        self.watch
    }

    fn standing(&mut self, tunnel: Tunnel) -> Option<&mut Tunnelling> {
        tunnel.besides.then(|| self.tunnelling())
    }

    fn declared<P: Policy>(&self, given: &Given<P>, me: UnitId) -> Offers {
        given.policy.offers(me, self.changes).collect()
    }

    // It asks there when it has to.
    fn open(&mut self, _: UnitId, _: bool) {}

    fn give_up_on<P: Policy>(
        &mut self,
        leader: UnitId,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        let known = (&given.rules, &mut self.rare);
        self.asking.give_up_all(leader, known, context);
    }

    fn go_on_leaving<P: Policy>(&mut self, given: &Given<P>, context: &mut Context<'_>) {
        self.try_to_leave(given, context);
    }

    fn come_back<P: Policy>(&mut self, given: &Given<P>, context: &mut Context<'_>) {
        self.register(given, context);
    }

    fn moves(&mut self) -> (&mut Moves, Membership) {
        (&mut self.moves, self.membership)
    }
}

impl Gcu {
    /// This computer with a tunnel. If the tunnel is not open at first, the computer opens it when it is told
    /// to.
    #[must_use]
    pub(in crate::arigatoni) fn with(mut self, tunnel: Option<Tunnel>) -> Self {
        if tunnel.is_some_and(|it| !it.at_first) {
            *self.tunnelling() = Tunnelling::new(false);
        }
        self
    }

    /// Whether it does without its tunnel.
    pub(in crate::arigatoni) fn is_shut(&self) -> bool {
        self.rare.as_ref().is_some_and(|it| it.tunnelling.is_shut())
    }

    /// Whether it is a member at the end of its tunnel besides, or thinks so.
    pub(in crate::arigatoni) fn is_besides(&self) -> bool {
        self.rare
            .as_ref()
            .is_none_or(|it| it.tunnelling.is_member())
    }

    /// Whether it has lost the end of its tunnel, and wants to be a member there.
    pub(in crate::arigatoni) fn has_lost_tunnel(&self) -> bool {
        self.rare.as_ref().is_some_and(|it| it.tunnelling.is_lost())
    }

    /// Where it stands at the end of its tunnel.
    fn tunnelling(&mut self) -> &mut Tunnelling {
        &mut self.rare().tunnelling
    }

    /// Leaves the end of its tunnel first, once it is `idle`: whether it must wait for that.
    pub(super) fn leaves_besides<P: Policy>(
        &mut self,
        idle: bool,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) -> bool {
        let Some(tunnel) = guest::besides(given, context.me()) else {
            return false;
        };
        if idle {
            let recovery = given.rules.recovery;
            return self.tunnelling().leave(tunnel.leader, recovery, context);
        }
        // It has no colony of its own for which it would wait.
        let waits = self.membership.is_away() || self.is_shut();
        let waits = waits && self.tunnelling().is_member();
        if waits {
            context.arm(self.tunnelling().retry(), LEAVE_RETRY);
        }
        waits
    }

    /// What it offers has changed.
    pub(super) fn update_besides<P: Policy>(
        &mut self,
        change: &SummaryChange,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        let Some(tunnel) = guest::besides(given, context.me()) else {
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
        let tunnel = guest::besides(given, me);
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
        let tunnel = guest::besides(given, context.me())?;
        let is_orphan = self.membership.is_orphan();
        if !is_orphan && self.membership.leader_to_ask().is_none() {
            return None;
        }
        if given.rules.recovery.is_some() {
            if !self.tunnelling().declares() {
                self.register_besides(tunnel, given, context);
            } else if self.tunnelling().is_lost() {
                self.declare_besides(tunnel, given, context);
            }
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
    pub(super) fn lose_carrier<P: Policy>(
        &mut self,
        peer: UnitId,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        let carries = |it: Tunnel| it.besides && it.leader == peer || it.friend == Some(peer);
        self.lose_tunnel(carries, given, context);
    }
}
