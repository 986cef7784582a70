//! What a unit with a tunnel does, computer or broker: it hears of the tunnel, comes to its end, loses it and comes back.
//!
//! It does *not* know through whom the tunnel leads, nor what else the unit does.

use super::Context;
use super::heartbeats::Watch;
use super::membership::Membership;
use super::message::{ArigatoniProtocol, Message, Reminder};
use super::migration::{self, Moves};
use super::offers::Offers;
use super::policy::{Given, Policy, Tunnel};
use super::tunnelling::{self, Tunnelling, Word};
use crate::discovery::Observation;
use crate::time::Span;
use crate::unit::{Input, UnitId};

/// The tunnel of `me`, if it is a member at its end besides its own colony.
pub(super) fn besides<P: Policy>(given: &Given<P>, me: UnitId) -> Option<Tunnel> {
    of(given, me).filter(|it| it.besides)
}

/// The tunnel of `me`, if it has one.
fn of<P: Policy>(given: &Given<P>, me: UnitId) -> Option<Tunnel> {
    if !given.rules.borders.tunnels {
        return None;
    }
    given.policy.tunnel(me)
}

/// A unit that may have a tunnel.
pub(super) trait Guest {
    /// Its membership in its own colony; in that at the end of the tunnel, if it has no other.
    fn membership(&mut self) -> &mut Membership;

    /// Whether it looks after its leaders.
    fn watch(&self) -> Watch;

    /// Where it stands at the end of its `tunnel`, if it is a member there besides.
    fn standing(&mut self, tunnel: Tunnel) -> Option<&mut Tunnelling>;

    /// What it, or its colony, offers.
    fn declared<P: Policy>(&self, given: &Given<P>, me: UnitId) -> Offers;

    /// The leader at the end of its tunnel can be asked as a linked one from now on, or cannot.
    fn open(&mut self, leader: UnitId, is_open: bool);

    /// Nothing that it has asked `leader` is answered.
    fn give_up_on<P: Policy>(
        &mut self,
        leader: UnitId,
        given: &Given<P>,
        context: &mut Context<'_>,
    );

    /// Leaves its colony, as soon as it can.
    fn go_on_leaving<P: Policy>(&mut self, given: &Given<P>, context: &mut Context<'_>);

    /// Becomes a member again of the colony that it has lost.
    fn come_back<P: Policy>(&mut self, given: &Given<P>, context: &mut Context<'_>);

    /// How it looks for another leader, and its membership.
    fn moves(&mut self) -> (&mut Moves, Membership);

    /// It has no leader: whether it goes elsewhere than to `lost`. Then it does so after a while.
    fn begin_move<P: Policy>(
        &mut self,
        lost: UnitId,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) -> bool {
        let (moves, membership) = self.moves();
        migration::begin(moves, (membership, lost), given, context)
    }

    /// Whether `input` comes from the leader at the end of its `tunnel`, if it has one, and is about that and nothing else.
    fn hears<P: Policy>(
        &mut self,
        input: &Input<ArigatoniProtocol>,
        tunnel: Option<Tunnel>,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) -> bool {
        match (input, tunnel) {
            (Input::Message { from, message }, Some(tunnel)) if *from == tunnel.leader => {
                self.hears_of_tunnel(message, tunnel, given, context)
            }
            _ => false,
        }
    }

    /// The leader at the end of its tunnel says `message`: whether it is about the tunnel, and nothing else.
    fn hears_of_tunnel<P: Policy>(
        &mut self,
        message: &Message,
        tunnel: Tunnel,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) -> bool {
        let known = (*self.membership(), self.watch(), given.rules.heartbeats);
        let besides = self.standing(tunnel);
        match tunnelling::hear(message, (tunnel, besides), known, context) {
            Word::Closed => self.told_closed(tunnel, given, context),
            Word::OpenAgain => self.come_back(given, context),
            Word::Register => self.register_besides(tunnel, given, context),
            Word::Entered => self.open(tunnel.leader, true),
            Word::Out => {
                let has_left = self.standing(tunnel).is_some_and(Tunnelling::strike);
                self.is_out(tunnel, has_left, given, context);
            }
            Word::Heard => {}
            Word::Other => return false,
        }
        true
    }

    /// It is told that its tunnel leads nowhere any more. A unit that belongs to no other colony goes
    /// elsewhere, if units do. Others wait for the message that the tunnel is open again. That message may be
    /// lost, so they also try again, as long as they watch their leaders.
    fn told_closed<P: Policy>(
        &mut self,
        tunnel: Tunnel,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        let leader = tunnel.leader;
        let recovery = given.rules.recovery;
        let again = recovery.map(|it| it.again);
        let tries = again.filter(|_| self.watch().is_on());
        let is_new = self.tunnel_closed(tunnel, tries, given, context);
        if !given.policy.migrates() || given.rules.migration.is_none() {
            if again.is_some() {
                self.membership().waits(leader, tries, context);
            }
        } else if is_new && !tunnel.besides {
            self.begin_move(leader, given, context);
        }
    }

    /// Its tunnel leads nowhere any more. Where heartbeats tell it tries again after `again`. Whether it was a member by it.
    fn tunnel_closed<P: Policy>(
        &mut self,
        tunnel: Tunnel,
        again: Option<Span>,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) -> bool {
        let (leader, recovery) = (tunnel.leader, given.rules.recovery);
        if let Some(tunnelling) = self.standing(tunnel) {
            let has_left = if given.rules.heartbeats.is_some() {
                tunnelling.lose(again, context)
            } else {
                tunnelling.strike()
            };
            self.is_out(tunnel, has_left, given, context);
        } else if self.membership().is_leaving() {
            *self.membership() = Membership::Away(leader);
            context.disarm(Reminder::Leave);
        } else if !self.membership().lose(leader, recovery, context) {
            return false;
        }
        self.give_up_on(leader, given, context);
        true
    }

    /// It is no member at the end of its tunnel any more. If it has left that, it goes on to leave its own colony.
    fn is_out<P: Policy>(
        &mut self,
        tunnel: Tunnel,
        has_left: bool,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        self.open(tunnel.leader, false);
        if has_left {
            let retry = self
                .standing(tunnel)
                .map_or(Reminder::Leave, |it| it.retry());
            context.disarm(retry);
            self.go_on_leaving(given, context);
        }
    }

    /// Is told to do without its tunnel: it leaves the end of it, as soon as it can.
    #[cold]
    fn closes_tunnel<P: Policy>(&mut self, given: &Given<P>, context: &mut Context<'_>) {
        let tunnel = besides(given, context.me());
        let Some(tunnelling) = tunnel.and_then(|it| self.standing(it)) else {
            return;
        };
        tunnelling.shut(true);
        tunnelling.give_up(context);
        if tunnelling.is_member() {
            self.go_on_leaving(given, context);
        } else {
            // The reminder is another one from now on.
            tunnelling.wait_on(given.rules.recovery, context);
        }
    }

    /// Is told to open its tunnel: it registers at the end of it, or once it has come back if it is away. If it has not left that
    /// end yet, and is about to leave its own colony, it still leaves both.
    #[cold]
    fn opens_tunnel<P: Policy>(&mut self, given: &Given<P>, context: &mut Context<'_>) {
        let tunnel = besides(given, context.me());
        let (membership, watch) = (*self.membership(), self.watch());
        let Some(tunnelling) = tunnel.and_then(|it| self.standing(it)) else {
            return;
        };
        context.disarm(Reminder::TunnelReturn);
        tunnelling.shut(false);
        watch.begin(tunnelling.watched(), given.rules.heartbeats, context);
        if !membership.is_leaving() && !membership.is_away() {
            self.enter_besides(true, given, context);
        } else if tunnelling.is_member() {
            self.go_on_leaving(given, context);
        } else {
            tunnelling.wait_on(given.rules.recovery, context);
        }
    }

    /// The reminder is due by which it leaves the end of its `tunnel`, without which it is told to do. For an answer it does not
    /// wait longer.
    fn leaves_shut<P: Policy>(
        &mut self,
        tunnel: Tunnel,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        let Some(tunnelling) = self.standing(tunnel) else {
            return;
        };
        if tunnelling.is_leaving() && given.rules.recovery.is_some() {
            let has_left = tunnelling.strike();
            self.is_out(tunnel, has_left, given, context);
        } else if tunnelling.declares() {
            self.go_on_leaving(given, context);
        } else {
            context.send(tunnel.leader, Message::Unregister);
        }
    }

    /// Begins or comes back: it registers at the end of its tunnel as well, unless it is a member there.
    fn enter_besides<P: Policy>(
        &mut self,
        is_known: bool,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        let Some(tunnel) = besides(given, context.me()) else {
            return;
        };
        let is_member = self.standing(tunnel).is_none_or(|it| it.is_member());
        if !(is_known && is_member) {
            self.register_besides(tunnel, given, context);
        }
    }

    /// Registers at the end of its tunnel, and is a member there from now on.
    fn register_besides<P: Policy>(
        &mut self,
        tunnel: Tunnel,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        let watch = self.watch();
        let Some(tunnelling) = self.standing(tunnel).filter(|it| !it.is_shut()) else {
            return;
        };
        tunnelling.enter();
        watch.begin(tunnelling.watched(), given.rules.heartbeats, context);
        self.declare_besides(tunnel, given, context);
        self.open(tunnel.leader, true);
    }

    /// Registers at the end of its tunnel, and is a member there once it hears so.
    fn declare_besides<P: Policy>(
        &self,
        tunnel: Tunnel,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        let offers = self.declared(given, context.me());
        context.send(tunnel.leader, Message::Register { offers });
    }

    /// The timer by which it waits for heartbeats from the end of its tunnel, if it does so.
    fn watched_besides<P: Policy>(&mut self, given: &Given<P>, me: UnitId) -> Option<Reminder> {
        let tunnel = besides(given, me)?;
        self.standing(tunnel)?.watched()
    }

    /// It has heard nothing from the end of its tunnel for too long, or has tried in vain to come back.
    fn misses_tunnel<P: Policy>(
        &mut self,
        is_silent: bool,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        let again = given.rules.recovery.map(|it| it.again);
        let tunnel = besides(given, context.me());
        let Some((tunnel, tunnelling)) = tunnel.and_then(|it| Some((it, self.standing(it)?)))
        else {
            return;
        };
        if is_silent && tunnelling.watched().is_some() {
            let unit = tunnel.leader;
            context.emit(Observation::Suspected { unit });
            self.tunnel_closed(tunnel, again, given, context);
        } else if !is_silent && tunnelling.is_shut() {
            self.leaves_shut(tunnel, given, context);
        } else if !is_silent && tunnelling.is_lost() {
            tunnelling.lose(again, context);
            self.declare_besides(tunnel, given, context);
        }
    }

    /// It is told to leave, and has no colony of its own: it does not come back to the other one either, and leaves it if it is
    /// a member there.
    fn gives_tunnel_up<P: Policy>(&mut self, given: &Given<P>, context: &mut Context<'_>) {
        let tunnel = besides(given, context.me());
        let Some(tunnelling) = tunnel.and_then(|it| self.standing(it)) else {
            return;
        };
        tunnelling.give_up(context);
        if tunnelling.is_member() {
            self.go_on_leaving(given, context);
        }
    }

    /// A peer is silent: if it `carries` the tunnel, that leads nowhere any more.
    fn lose_tunnel<P: Policy>(
        &mut self,
        carries: impl FnOnce(Tunnel) -> bool,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        let tunnel = of(given, context.me());
        if let Some(tunnel) = tunnel.filter(|it| carries(*it)) {
            let again = given.rules.recovery.map(|it| it.again);
            self.tunnel_closed(tunnel, again, given, context);
        }
    }
}
