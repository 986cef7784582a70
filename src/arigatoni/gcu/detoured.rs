//! How messages come to a computer and leave it where some take another way than straight to their receivers: it may have a
//! tunnel, be the friend of others that have one, or stand behind a firewall.
//!
//! It does *not* know what they ask of it.

use super::Gcu;
use crate::arigatoni::Context;
use crate::arigatoni::detours::{self, Ways};
use crate::arigatoni::guest::Guest as _;
use crate::arigatoni::message::{ArigatoniProtocol, Message};
use crate::arigatoni::policy::{Given, Policy, Tunnel};
use crate::arigatoni::relayed::Relayed;
use crate::time::Span;
use crate::unit::{Input, UnitId};

impl Gcu {
    /// Does what [`Self::act`] does, in a world in which units have tunnels.
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
            if !it.hears(&input, tunnel, given, context) {
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
            return Some(self.led_back(detours::arrived(relayed, context), given));
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
}
