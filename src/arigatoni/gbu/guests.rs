//! What a broker does at either end of a tunnel: as the leader of members of other domains, and as a member of another
//! colony besides its own.
//!
//! It does *not* know how services are found.

use super::{Gbu, Sides};
use crate::arigatoni::Context;
use crate::arigatoni::detours::{self, Ways};
use crate::arigatoni::guest::Guest;
use crate::arigatoni::heartbeats::Watch;
use crate::arigatoni::membership::{Membership, leader};
use crate::arigatoni::message::{ArigatoniProtocol, Message};
use crate::arigatoni::migration::Moves;
use crate::arigatoni::offers::Offers;
use crate::arigatoni::policy::{Given, Policy, Tunnel};
use crate::arigatoni::rules::{LEAVE_RETRY, Recovery};
use crate::arigatoni::searching::Searching;
use crate::arigatoni::table::SummaryChange;
use crate::arigatoni::tunnelling::Tunnelling;
use crate::time::Span;
use crate::unit::{Input, UnitId};

/// The second membership of a broker.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Besides {
    leader: UnitId,
    tunnelling: Tunnelling,
}

impl Besides {
    /// It is a member there, or will be as soon as it has registered, unless it does without it: then it does not ask there.
    pub(super) fn restart(&mut self, sides: &mut Option<Box<Sides>>) {
        self.tunnelling.clear();
        if let Some(sides) = sides.as_mut().filter(|_| self.tunnelling.is_shut()) {
            sides.unlink(self.leader);
        }
    }
}

/// Whether a query of, or an enquiry to, somebody is open whose friend is `friend`.
pub(super) fn has_guests_business<P: Policy>(
    searching: &Searching,
    friend: UnitId,
    given: &Given<P>,
) -> bool {
    given.rules.borders.tunnels
        && given
            .policy
            .relayed(friend)
            .iter()
            .any(|guest| searching.has_business_with(*guest))
}

impl Gbu {
    /// This broker, as a member of the colony of `leader` as well, through a tunnel that is open `at_first` or
    /// is opened later.
    #[must_use]
    pub(in crate::arigatoni) fn besides(mut self, leader: UnitId, at_first: bool) -> Self {
        let tunnelling = Tunnelling::new(at_first);
        self.besides = Some(Box::new(Besides { leader, tunnelling }));
        self
    }

    /// Whether it does without its tunnel.
    pub(in crate::arigatoni) fn is_shut(&self) -> bool {
        let besides = self.besides.as_ref();
        besides.is_some_and(|it| it.tunnelling.is_shut())
    }

    /// Whether it is a member at the end of its tunnel besides, or thinks so.
    pub(in crate::arigatoni) fn is_besides(&self) -> bool {
        self.besides
            .as_ref()
            .is_some_and(|it| it.tunnelling.is_member())
    }

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
            let (input, friend) = opened(input, context);
            if it.hears(&input, tunnel, given, context) || it.turns_away(&input, friend, context) {
                return Span::ZERO;
            }
            let (input, later) = it.crossed(input, given, context);
            let Some(input) = input else {
                return later;
            };
            let came_again = it.came_again(&input);
            let comes = registers(&input);
            it.act(given, input, context);
            if let Some(friend) = came_again {
                it.close_tunnels(|it| it == friend, given, context);
            }
            if let Some(friend) = comes {
                it.open_tunnels(friend, given, context);
            }
            later
        });
    }

    /// Lets it `act`, and closes the tunnels whose friends are no members any more. What it says leaves it by the way that it
    /// must take, as much later as `act` tells.
    pub(super) fn detoured<P: Policy>(
        &mut self,
        given: &Given<P>,
        context: &mut Context<'_>,
        act: impl FnOnce(&mut Self, &mut Context<'_>) -> Span,
    ) {
        let (begun, mut members) = (context.said(), self.table.members().len());
        let later = act(self, context);
        // Answers to the last queries of those who have gone may be too much for those who get them.
        self.log_out_overdrawn(context);
        while given.rules.borders.tunnels && self.table.members().len() < members {
            let listed = self.table.members().to_vec();
            members = listed.len();
            let is_gone = |friend| listed.binary_search(&friend).is_err();
            self.close_tunnels(is_gone, given, context);
            self.log_out_overdrawn(context);
        }
        let Self { border, table, .. } = self;
        let border = border.as_mut().filter(|_| given.rules.borders.firewall);
        let ways = Ways {
            // Without any it knows none.
            back: border.map(|it| &mut it.ways),
            later,
        };
        detours::send_on(begun, ways, |unit| table.has_member(unit), given, context);
    }

    /// A member that registers again, and may have been gone.
    fn came_again(&self, input: &Input<ArigatoniProtocol>) -> Option<UnitId> {
        registers(input).filter(|it| self.table.has_member(*it))
    }

    /// Whether a guest wants to register, by `input`, through a `friend` that is no member. It is told.
    fn turns_away(
        &self,
        input: &Input<ArigatoniProtocol>,
        friend: Option<UnitId>,
        context: &mut Context<'_>,
    ) -> bool {
        let is_stranger = friend.is_some_and(|it| !self.table.has_member(it));
        let guest = registers(input).filter(|_| is_stranger);
        if let Some(guest) = guest {
            context.send(guest, Message::TunnelClosed);
        }
        guest.is_some()
    }

    /// Strikes the guests whose friends are `gone`, and tells them so.
    fn close_tunnels<P: Policy>(
        &mut self,
        gone: impl Fn(UnitId) -> bool,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        for &guest in given.policy.guests(context.me()) {
            let friend = given.policy.tunnel(guest).and_then(|it| it.friend);
            if !friend.is_some_and(&gone) || !self.table.has_member(guest) {
                continue;
            }
            let change = leader::strike(&mut self.table, guest, None, context);
            self.tell_change(change, context);
            let (searching, view) = self.split(given);
            searching.give_up_all(guest, view, context);
            context.send(guest, Message::TunnelClosed);
        }
    }

    /// `friend` is a member, perhaps again: tells so those guests that wait for that, where units come back.
    fn open_tunnels<P: Policy>(&self, friend: UnitId, given: &Given<P>, context: &mut Context<'_>) {
        if given.rules.recovery.is_none() || !self.table.has_member(friend) {
            return;
        }
        for &guest in given.policy.guests(context.me()) {
            let tunnel = given.policy.tunnel(guest);
            // Where heartbeats tell, others wait for that as well.
            let waits = |it: &Tunnel| !it.besides || given.rules.heartbeats.is_some();
            let leads = tunnel.is_some_and(|it| waits(&it) && it.friend == Some(friend));
            if leads && !self.table.has_member(guest) {
                context.send(guest, Message::NotMember);
            }
        }
    }

    fn sides_mut(&mut self) -> &mut Sides {
        self.sides.get_or_insert_default()
    }

    /// Leaves the end of its tunnel first: whether it must wait for that.
    pub(super) fn leaves_besides(
        &mut self,
        recovery: Option<Recovery>,
        context: &mut Context<'_>,
    ) -> bool {
        let Some(besides) = &mut self.besides else {
            return false;
        };
        let leader = besides.leader;
        if besides.tunnelling.is_member() && self.searching.has_business_with(leader) {
            context.arm(besides.tunnelling.retry(), LEAVE_RETRY);
            return true;
        }
        besides.tunnelling.leave(leader, recovery, context)
    }

    /// Tells its leaders of a change of its colony's summary.
    #[inline]
    pub(super) fn tell_change(&mut self, change: SummaryChange, context: &mut Context<'_>) {
        if let Some(besides) = &self.besides
            && besides.tunnelling.declares()
            && !change.is_empty()
        {
            let SummaryChange { added, removed } = change.clone();
            context.send(besides.leader, Message::Update { added, removed });
        }
        self.membership.update(change, context);
    }

    /// `peer` is silent: if that is its friend, its tunnel leads nowhere any more.
    pub(super) fn lose_friend<P: Policy>(
        &mut self,
        peer: UnitId,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        self.lose_tunnel(|it| it.friend == Some(peer), given, context);
    }

    /// Whether it has lost the end of its tunnel, and wants to be a member there.
    pub(in crate::arigatoni) fn has_lost_tunnel(&self) -> bool {
        let besides = self.besides.as_ref();
        besides.is_some_and(|it| it.tunnelling.is_lost())
    }
}

impl Guest for Gbu {
    fn membership(&mut self) -> &mut Membership {
        &mut self.membership
    }

    fn watch(&self) -> Watch {
        self.watch
    }

    fn standing(&mut self, _: Tunnel) -> Option<&mut Tunnelling> {
        self.besides.as_mut().map(|it| &mut it.tunnelling)
    }

    fn declared<P: Policy>(&self, _: &Given<P>, _: UnitId) -> Offers {
        self.table.summary().collect()
    }

    fn open(&mut self, leader: UnitId, is_open: bool) {
        if self.besides.is_none() {
            return;
        }
        let sides = self.sides_mut();
        if is_open {
            sides.link(leader);
        } else {
            sides.unlink(leader);
        }
    }

    fn give_up_on<P: Policy>(
        &mut self,
        leader: UnitId,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        let (searching, view) = self.split(given);
        searching.give_up_all(leader, view, context);
    }

    fn go_on_leaving<P: Policy>(&mut self, given: &Given<P>, context: &mut Context<'_>) {
        self.try_to_leave(given.rules.recovery, context);
    }

    fn come_back<P: Policy>(&mut self, given: &Given<P>, context: &mut Context<'_>) {
        self.rejoin(given, context);
    }

    fn moves(&mut self) -> (&mut Moves, Membership) {
        (&mut self.moves, self.membership)
    }
}

/// Who wants to be a member, if that is what `input` says.
fn registers(input: &Input<ArigatoniProtocol>) -> Option<UnitId> {
    match input {
        Input::Message {
            from,
            message: Message::Register { .. },
        } => Some(*from),
        _ => None,
    }
}

/// What `input` is to a broker, and the friend through whom it has come.
fn opened(
    input: Input<ArigatoniProtocol>,
    context: &mut Context<'_>,
) -> (Input<ArigatoniProtocol>, Option<UnitId>) {
    let (friend, relayed) = match input {
        Input::Message {
            from,
            message: Message::Tunnelled(relayed),
        } => (from, relayed.open()),
        input => return (input, None),
    };
    (detours::arrived(relayed, context), Some(friend))
}
