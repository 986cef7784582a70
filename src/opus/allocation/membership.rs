//! A node's place in the overlay of the application that it serves.
//!
//! A member's number is that of the node, and `n` (the number of nodes) more with every membership. So
//! no two memberships of a run have the same number, in whatever overlay, and what is said to a
//! former member meets nobody: who said it is told, and acts as if that member had left. This module
//! does *not* know how members build an overlay, nor why a node joins or leaves.

use std::sync::Arc;

use super::message::{Envelope, Message, Observation, Reminder, Utility, node};
use super::world::World;
use crate::opus::overlay::message as overlay;
use crate::opus::overlay::{OverlayMember, Port};
use crate::opus::stream;
use crate::prefetch::prefetch_all;
use crate::random::RandomStreams;
use crate::time::{Span, Time};
use crate::unit::UnitId;

type Context<'a> = crate::unit::Context<'a, Utility>;

/// The number of every publisher among the members of its overlay.
pub const SOURCE: u32 = u32::MAX;

/// What the unit around a member does for it.
pub(super) struct Around<'a, 'b> {
    pub(super) context: &'a mut Context<'b>,
    pub(super) world: &'a World,
    pub(super) application: u16,
    /// The number of the member.
    pub(super) me: u32,
}

impl Port for Around<'_, '_> {
    fn now(&self) -> Time {
        self.context.now()
    }

    fn streams(&self) -> RandomStreams {
        self.context.streams()
    }

    fn send(&mut self, to: u32, message: overlay::Message) {
        let unit = if to == SOURCE {
            self.world.publisher(self.application)
        } else {
            Some(node(to % self.world.config.nodes.count.0))
        };
        let from = self.me;
        if let Some(unit) = unit {
            let envelope = Envelope { from, to, message };
            self.context
                .send(unit, Message::Overlay(Box::new(envelope)));
        }
    }

    fn arm(&mut self, reminder: overlay::Reminder, after: Span) {
        self.context.arm(Reminder::Overlay(reminder), after);
    }

    fn disarm(&mut self, reminder: overlay::Reminder) {
        self.context.disarm(Reminder::Overlay(reminder));
    }

    fn emit(&mut self, observation: overlay::Observation) {
        let application = self.application;
        self.context.emit(Observation::Overlay {
            application,
            observation,
        });
    }
}

/// A node's membership.
#[derive(Debug)]
pub(super) struct Membership {
    application: u16,
    number: u32,
    member: OverlayMember,
}

impl Membership {
    /// The membership of node `me` in the overlay of `application`, if that has one, after `former` earlier
    /// memberships.
    fn new(world: &World, me: u32, former: u32, application: u16) -> Option<Box<Self>> {
        let overlay = world.overlay(application)?;
        let nodes = world.config.nodes.count.0;
        let number = former % (u32::MAX / nodes) * nodes + me;
        Some(Box::new(Self {
            application,
            number,
            member: OverlayMember::new(Arc::clone(&overlay.rules), SOURCE, number),
        }))
    }

    fn with<'b>(
        &mut self,
        world: &World,
        context: &mut Context<'b>,
        act: impl FnOnce(&mut OverlayMember, &mut Around<'_, 'b>),
    ) {
        let (application, me) = (self.application, self.number);
        let port = &mut Around {
            context,
            world,
            application,
            me,
        };
        act(&mut self.member, port);
    }
}

/// The memberships of a node, of which the last one may still hold.
#[derive(Debug, Default)]
pub(super) struct Memberships {
    present: Option<Box<Membership>>,
    /// How many there were, the present one included.
    count: u32,
}

impl Memberships {
    /// The present member.
    pub(super) fn member(&self) -> Option<(u16, u32, &OverlayMember)> {
        let present = self.present.as_ref()?;
        Some((present.application, present.number, &present.member))
    }

    /// Fetches the present membership, see [`crate::prefetch`].
    #[inline]
    pub(super) fn fetch(&self) {
        if let Some(present) = &self.present {
            prefetch_all(&**present);
        }
    }

    /// Node `me` serves `application` from the beginning: joins its overlay at a moment of its own
    /// in the first heartbeat.
    pub(super) fn start(
        &mut self,
        world: &World,
        me: u32,
        application: Option<u16>,
        context: &mut Context<'_>,
    ) {
        let Some(overlay) = application.and_then(|application| world.overlay(application)) else {
            return;
        };
        let range = [Span::ZERO, overlay.rules.heartbeat_ms.span()];
        let phase = context
            .streams()
            .span(stream::PHASE, u64::from(me), u32::MAX, range);
        self.enter(world, me, application, context, |_, port| {
            port.arm(overlay::Reminder::Beat, phase);
        });
    }

    /// Node `me` is given to `application`: leaves its overlay and joins the new one.
    pub(super) fn change(
        &mut self,
        world: &World,
        me: u32,
        application: u16,
        context: &mut Context<'_>,
    ) {
        if let Some(mut former) = self.present.take() {
            former.with(world, context, |member, port| member.leave(port));
            context.emit(Observation::Leaves);
        }
        self.enter(world, me, Some(application), context, |member, port| {
            member.beat(port);
        });
    }

    fn enter<'b>(
        &mut self,
        world: &World,
        me: u32,
        application: Option<u16>,
        context: &mut Context<'b>,
        begin: impl FnOnce(&mut OverlayMember, &mut Around<'_, 'b>),
    ) {
        let new =
            application.and_then(|application| Membership::new(world, me, self.count, application));
        let Some(mut new) = new else { return };
        self.count += 1;
        context.emit(Observation::Joins {
            application: new.application,
            member: new.number,
        });
        new.with(world, context, begin);
        self.present = Some(new);
    }

    /// The node has crashed: its membership is forgotten without a word.
    pub(super) fn forget(&mut self) {
        self.present = None;
    }

    /// Another member has said something to a member that this node is or was.
    pub(super) fn message(
        &mut self,
        world: &World,
        from: UnitId,
        envelope: Envelope,
        context: &mut Context<'_>,
    ) {
        let addressed = |present: &&mut Box<Membership>| present.number == envelope.to;
        if let Some(present) = self.present.as_mut().filter(addressed) {
            // A publisher speaks to the overlay of its own application only.
            if envelope.from == SOURCE && world.publisher(present.application) != Some(from) {
                return;
            }
            present.with(world, context, |member, port| {
                member.message(envelope.from, envelope.message, port);
            });
        } else if envelope.message.supposes_a_member() {
            let answer = Envelope {
                from: envelope.to,
                to: envelope.from,
                message: overlay::Message::Gone,
            };
            context.send(from, Message::Overlay(Box::new(answer)));
        }
    }

    /// A reminder of the present member is due.
    pub(super) fn remind(
        &mut self,
        world: &World,
        reminder: overlay::Reminder,
        context: &mut Context<'_>,
    ) {
        if let Some(present) = &mut self.present {
            present.with(world, context, |member, port| member.remind(reminder, port));
        }
    }
}
