//! What nodes, clients and the manager say: closed enumerations, with a fixed encoding for
//! fingerprints.
//!
//! The codes below are part of every fingerprint: never renumber them, give a new kind a new one.

use serde::Serialize;

use super::membership::SOURCE;
use crate::fingerprint::{Encode, Encoder};
use crate::opus::{overlay, tracking};
use crate::time::Time;
use crate::unit::{Class, Never, Protocol, Timer, UnitId};

/// The kind of nodes in a [`UnitId`].
pub const NODE: u8 = 0;
/// The kind of client populations.
pub const CLIENTS: u8 = 1;
/// The kind of the service's own units, which do not fail: the manager and the publishers.
pub const SERVICE: u8 = 2;
/// The one manager.
pub const MANAGER: UnitId = UnitId::new(SERVICE, 0);

/// The node with number `index`.
pub const fn node(index: u32) -> UnitId {
    UnitId::new(NODE, index)
}

/// The population with number `index`.
pub const fn clients(index: u32) -> UnitId {
    UnitId::new(CLIENTS, index)
}

/// The publisher with number `index`: that of the application that is the `index`-th, from 0, of those
/// that have an overlay.
pub const fn publisher(index: u32) -> UnitId {
    UnitId::new(SERVICE, 1 + index)
}

/// What members of overlays say to each other. Members have numbers of their own, see
/// `membership`: a message that comes too late meets nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Envelope {
    /// Which member says it.
    pub from: u32,
    /// To which.
    pub to: u32,
    /// What.
    pub message: overlay::message::Message,
}

/// A client's request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Request {
    /// When the client issued it.
    pub issued: Time,
    /// Its number in its population.
    pub number: u32,
    /// The application that it is for.
    pub application: u16,
    /// Where its population keeps the node that it is sent to.
    pub slot: u16,
}

/// What units send each other.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Message {
    /// From clients to a node: serve this.
    Request {
        /// What.
        request: Request,
        /// How many nodes have refused it because they were full.
        refusals: u8,
    },
    /// From a node to clients: served.
    Answer {
        /// When the request was issued.
        issued: Time,
        /// As in the request.
        slot: u16,
    },
    /// From a node to clients: not served.
    Refused {
        /// What.
        request: Request,
        /// Whether the node serves another application, or none; else it is full.
        gone: bool,
        /// How many nodes have refused it because they were full, this one included; nothing if the
        /// node hands back what it had taken in.
        refusals: u8,
    },
    /// From the manager to a node: serve this application from now on.
    Assign {
        /// Which.
        application: u16,
        /// Whether no state needs to be transferred first.
        at_once: bool,
        /// How often the node has recovered, as far as the manager knows: it is not for a later life.
        life: u32,
    },
    /// From a node to the manager: the state is here.
    Ready {
        /// Of which application.
        application: u16,
    },
    /// From a node to the manager: I live.
    Alive {
        /// How often it has recovered.
        life: u32,
        /// Which application it serves, or transfers the state of.
        application: Option<u16>,
        /// Whether it serves.
        ready: bool,
    },
    /// From the manager to clients: these nodes serve you.
    Add {
        /// Which.
        nodes: Box<[u32]>,
    },
    /// From the manager to clients, where messages may be lost: these nodes serve you, as you may have been told before.
    Serving {
        /// Which.
        nodes: Box<[u32]>,
    },
    /// From the manager to clients and to the publisher: these nodes serve you no longer.
    Remove {
        /// Which.
        nodes: Box<[u32]>,
    },
    /// From clients to the manager, or to a node that tracks the demand: how many requests a second were issued
    /// lately.
    Rate {
        /// How many.
        rate: f64,
    },
    /// From a node that tracks the demand to clients: I have heard your rate.
    Heard,
    /// From the manager to a node: what do you believe the demand to be?
    Ask,
    /// The answer.
    Demand {
        /// In requests a second, by application.
        rates: Box<[f64]>,
    },
    /// Between the trackers of two nodes. Boxed: it is larger and rarer than a request.
    Track(Box<tracking::Message>),
    /// Between two members of an overlay.
    Overlay(Box<Envelope>),
}

impl Message {
    /// Whether `from` may say this, where there are `nodes` nodes: orders come from the manager, requests and rates from
    /// clients, and members of overlays speak for themselves only. Who is told by somebody else does not act on it.
    #[inline]
    pub(super) fn may_come_from(&self, from: UnitId, nodes: u32) -> bool {
        match self {
            Self::Assign { .. }
            | Self::Add { .. }
            | Self::Serving { .. }
            | Self::Remove { .. }
            | Self::Ask => from == MANAGER,
            Self::Request { .. } | Self::Rate { .. } => from.kind() == CLIENTS,
            Self::Answer { .. }
            | Self::Refused { .. }
            | Self::Ready { .. }
            | Self::Alive { .. }
            | Self::Heard
            | Self::Track(_) => from.kind() == NODE,
            Self::Demand { .. } => from == node(0),
            Self::Overlay(envelope) if envelope.from == SOURCE => {
                from.kind() == SERVICE && from != MANAGER
            }
            Self::Overlay(envelope) => from == node(envelope.from % nodes),
        }
    }

    /// Fetches what it keeps elsewhere, see [`crate::prefetch`]; trackers' messages are rare.
    #[inline]
    pub(super) fn fetch(&self) {
        if let Self::Overlay(envelope) = self {
            envelope.message.fetch();
        }
    }
}

/// What a unit is reminded of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reminder {
    /// A node: the request in service is done.
    Served,
    /// A node: the state is transferred.
    Transferred,
    /// A node: say that you live.
    Heartbeat,
    /// Clients: the next request is issued.
    Arrival,
    /// Clients: report the rate.
    Report,
    /// The manager: divide the nodes anew.
    Epoch,
    /// The manager: look for silent nodes.
    Silence,
    /// A node: what its tracker wants.
    Track(tracking::Timer),
    /// A publisher: the next update is published.
    Publish,
    /// A node or a publisher: what its member of an overlay wants.
    Overlay(overlay::message::Reminder),
}

/// What a unit reports.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Observation {
    /// A node serves an application from now on, or none.
    Serves {
        /// Which.
        application: Option<u16>,
    },
    /// The manager divides the nodes and believes in this demand.
    Believes {
        /// Of which application.
        application: u16,
        /// In requests a second.
        rate: f64,
    },
    /// The manager has divided the nodes.
    Decides {
        /// Of which application.
        application: u16,
        /// How many nodes had it, as far as the manager knew, how many it should have, and how many it has after the
        /// moves that pay.
        nodes: [u32; 3],
    },
    /// A node becomes a member of an application's overlay.
    Joins {
        /// Of which application.
        application: u16,
        /// Which number it has there.
        member: u32,
    },
    /// A node is no longer a member of any overlay.
    Leaves,
    /// What a member of an overlay reports.
    Overlay {
        /// Of which application.
        application: u16,
        /// What.
        observation: overlay::message::Observation,
    },
}

/// The protocol of the allocation study.
#[derive(Debug)]
pub struct Utility;

impl Protocol for Utility {
    type Message = Message;
    type Timer = Reminder;
    type Command = Never;
    type Observation = Observation;
}

impl Timer for Reminder {
    fn slot(self) -> u32 {
        match self {
            Self::Served | Self::Arrival | Self::Epoch | Self::Publish => 0,
            Self::Transferred | Self::Report | Self::Silence => 1,
            Self::Heartbeat => 2,
            Self::Track(timer) => 3 + timer.slot(),
            Self::Overlay(reminder) => 3 + tracking::Timer::ALL.len() as u32 + reminder.slot(),
        }
    }

    fn class(self) -> Class {
        match self {
            Self::Overlay(reminder) => reminder.class(),
            Self::Served
            | Self::Transferred
            | Self::Heartbeat
            | Self::Arrival
            | Self::Report
            | Self::Epoch
            | Self::Silence
            | Self::Track(_)
            | Self::Publish => Class::Ordinary,
        }
    }
}

impl Encode for Request {
    #[inline]
    fn encode(&self, to: &mut Encoder) {
        to.u64(self.issued.as_ns());
        to.u32(self.number);
        to.u32(self.application.into());
    }
}

impl Encode for Message {
    #[inline]
    fn encode(&self, to: &mut Encoder) {
        match self {
            Self::Request { request, refusals } => {
                to.u8(1);
                request.encode(to);
                to.u8(*refusals);
            }
            Self::Answer { issued, .. } => {
                to.u8(2);
                to.u64(issued.as_ns());
            }
            Self::Refused {
                request,
                gone,
                refusals,
            } => {
                to.u8(3);
                request.encode(to);
                to.u8(u8::from(*gone));
                to.u8(*refusals);
            }
            Self::Assign {
                application,
                at_once,
                life,
            } => {
                to.u8(15);
                to.u32((*application).into());
                to.u8(u8::from(*at_once));
                to.u32(*life);
            }
            Self::Ready { application } => number(to, 5, (*application).into()),
            Self::Alive {
                life,
                application,
                ready,
            } => alive(to, *life, (*application, *ready)),
            Self::Add { nodes } => numbers(to, 7, nodes),
            Self::Serving { nodes } => numbers(to, 17, nodes),
            Self::Remove { nodes } => numbers(to, 8, nodes),
            Self::Rate { rate } => {
                to.u8(9);
                to.u64(rate.to_bits());
            }
            Self::Heard => to.u8(10),
            Self::Ask => to.u8(11),
            Self::Demand { rates } => demand(to, rates),
            Self::Track(message) => {
                to.u8(13);
                message.encode(to);
            }
            Self::Overlay(envelope) => {
                to.u8(14);
                to.u32(envelope.from);
                to.u32(envelope.to);
                envelope.message.encode(to);
            }
        }
    }
}

/// The believed demand.
#[inline]
fn demand(to: &mut Encoder, rates: &[f64]) {
    to.u8(12);
    to.u32(rates.len() as u32);
    for rate in rates {
        to.u64(rate.to_bits());
    }
}

/// A heartbeat of a node.
#[inline]
fn alive(to: &mut Encoder, life: u32, (application, ready): (Option<u16>, bool)) {
    number(to, 16, life);
    to.u32(application.map_or(u32::MAX, u32::from));
    to.u8(u8::from(ready));
}

/// A kind of message that holds one number.
#[inline]
fn number(to: &mut Encoder, kind: u8, number: u32) {
    to.u8(kind);
    to.u32(number);
}

/// A kind of message that holds a list of nodes.
#[inline]
fn numbers(to: &mut Encoder, kind: u8, nodes: &[u32]) {
    to.u8(kind);
    to.list(nodes.iter().copied());
}

impl Encode for Reminder {
    #[inline]
    fn encode(&self, to: &mut Encoder) {
        to.u8(match self {
            Self::Served => 1,
            Self::Transferred => 2,
            Self::Heartbeat => 3,
            Self::Arrival => 4,
            Self::Report => 5,
            Self::Epoch => 6,
            Self::Silence => 7,
            Self::Track(timer) => {
                to.u8(8);
                return timer.encode(to);
            }
            Self::Publish => 9,
            Self::Overlay(reminder) => {
                to.u8(10);
                return reminder.encode(to);
            }
        });
    }
}
