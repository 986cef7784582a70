//! The router unit (GRU) and the packet protocol under every system (GIP).
//!
//! Bandwidth is infinite and forwarding takes no time, so a router's queue never holds more than
//! the packet at hand. It does *not* know what a packet carries.

use std::fmt::Debug;
use std::marker::PhantomData;

use serde::Serialize;

use crate::fingerprint::{Encode, Encoder};
use crate::topology::RouterId;
use crate::topology::Routes;
use crate::unit::{Content, Context, Input, Never, Protocol, Unit, UnitId};

/// A message on its way.
#[derive(Debug, Clone, Serialize)]
pub struct Packet<M> {
    /// The unit that sent it.
    pub from: UnitId,
    /// The unit that it is for.
    pub to: UnitId,
    /// The router of that unit.
    pub target: RouterId,
    /// What it carries.
    pub message: M,
}

/// The packet protocol: routers send packets to routers, and to the units attached to them.
#[derive(Debug)]
pub struct Gip<M>(PhantomData<M>);

impl<M: Content> Protocol for Gip<M> {
    type Message = Packet<M>;
    type Timer = Never;
    type Command = Never;
    type Observation = Never;
}

/// A Global Router Unit: forwards packets along the exact routes.
#[derive(Debug)]
pub struct Gru<'u> {
    router: RouterId,
    routes: &'u Routes,
}

impl<'u> Gru<'u> {
    /// The unit on `router`.
    pub fn new(router: RouterId, routes: &'u Routes) -> Self {
        Self { router, routes }
    }

    /// The name of the unit on `router`.
    pub const fn id(router: RouterId) -> UnitId {
        UnitId::new(UnitId::ROUTER, router.0)
    }
}

impl<M: Content> Unit<Gip<M>> for Gru<'_> {
    fn handle(&mut self, input: Input<Gip<M>>, context: &mut Context<'_, Gip<M>>) {
        match input {
            Input::Start => {}
            Input::Message {
                from: _,
                message: packet,
            } => {
                let to = if packet.target == self.router {
                    packet.to
                } else {
                    Self::id(self.routes.next_hop(self.router, packet.target))
                };
                context.send(to, packet);
            }
        }
    }
}

impl<M: Content> Encode for Packet<M> {
    fn encode(&self, to: &mut Encoder) {
        to.u32(self.from.as_bits());
        to.u32(self.to.as_bits());
        to.u32(self.target.0);
        self.message.encode(to);
    }
}
