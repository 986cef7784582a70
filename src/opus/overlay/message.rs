//! What the nodes of a dissemination overlay say: closed enumerations, with a fixed encoding for
//! fingerprints.
//!
//! The codes below are part of every fingerprint: never renumber them, give a new kind a new one.

use std::sync::Arc;

use serde::Serialize;
use smallvec::SmallVec;

use super::config::Overlay;
use crate::fingerprint::{Encode, Encoder};
use crate::prefetch::prefetch;
use crate::time::Span;
use crate::unit::{Class, Protocol, Timer, UnitId};

/// The kind of nodes in a [`UnitId`].
pub const NODE: u8 = 0;
/// The source of what is disseminated.
pub const SOURCE: u32 = 0;

/// The node with number `index`.
pub const fn node(index: u32) -> UnitId {
    UnitId::new(NODE, index)
}

/// Where a node stands in a tree.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct PathState {
    /// Its delay from the source.
    pub delay: Span,
    /// The nodes between the source and itself, itself included; not kept where there is one
    /// tree only. Shared by all that know of it.
    pub path: Option<Arc<[u32]>>,
    /// In which of the worlds that members think of packets reach it, as bits; not kept where there is no reach
    /// goal, nor by the source, which they reach in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worlds: Option<Arc<[u64]>>,
    /// Whether it misses its delay goal, or a node above it does; only where there is a degree limit.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub late: bool,
}

impl PathState {
    /// The nodes between the source and itself, as far as they are kept.
    #[inline]
    pub fn path(&self) -> &[u32] {
        self.path.as_deref().unwrap_or_default()
    }
}

/// A node's path state in each tree; `None` where it has no parent. In place for up to two trees: a node
/// looks through those of all whom it knows whenever it thinks about its parents.
pub type PathStates = SmallVec<[Option<PathState>; 2]>;

/// What a node tells who probes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Status {
    /// The latency of its route to the source.
    pub shortest: Span,
    /// Its path state in each tree.
    pub path_states: PathStates,
    /// Nodes that it knows, with the latencies of its routes to them.
    pub near: Arc<[(u32, Span)]>,
}

/// The parent request to become a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ParentRequest {
    /// In which tree.
    pub tree: u8,
    /// The latency of the asking node's route to the source.
    pub shortest: Span,
    /// The parent must have at most this delay.
    pub delay_max: Span,
    /// Whether a child that comes after it may be sent away for it.
    pub urgent: bool,
    /// What it says of its delay goal; `None` where there is no degree limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
}

/// Whether a child holds its place, so that only nodes nearer to the source may take it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Priority {
    /// It does below a parent that is not late and has at most this delay; `None`: below none.
    pub delay_max: Option<Span>,
    /// It does below any: everybody else has refused it.
    pub must: bool,
}

/// What nodes send each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Message {
    /// To the source: I am new.
    Join,
    /// From the source: these were here before you.
    Introduction {
        /// Some members.
        members: Box<[u32]>,
    },
    /// Who are you, and how far away?
    Probe {
        /// The latency of the asking node's route to the source.
        shortest: Span,
    },
    /// The answer.
    Status(Box<Status>),
    /// Be my parent.
    Adopt(ParentRequest),
    /// You are my child.
    Adopted {
        /// In which tree.
        tree: u8,
        /// Where the parent stands.
        path_state: PathState,
    },
    /// You are not: no room, or too much delay.
    Refused {
        /// In which tree.
        tree: u8,
        /// Its children, who might have room.
        children: Box<[u32]>,
    },
    /// To a child: find another parent.
    Evicted {
        /// In which tree.
        tree: u8,
        /// Who has taken the place.
        successor: u32,
    },
    /// To a parent: I am your child no longer.
    Leave {
        /// In which tree.
        tree: u8,
    },
    /// To a child: I stand elsewhere now.
    Moved {
        /// In which tree.
        tree: u8,
        /// Where.
        path_state: PathState,
    },
    /// To parents and children: do you live?
    Ping,
    /// I do.
    Pong,
    /// A copy of a packet.
    Packet {
        /// Its number.
        number: u32,
    },
    /// I am a member no longer.
    Gone,
    /// To a child: I go farther from the source than you are, so leave me, and say so.
    Release {
        /// In which tree.
        tree: u8,
    },
    /// To a parent: I am farther from the source than when I asked you.
    Risen {
        /// In which tree.
        tree: u8,
        /// The latency of the route to the source.
        shortest: Span,
    },
}

impl Message {
    /// The chance that the network loses it: of copies of packets, as the `rules` say.
    #[inline]
    pub fn loss(&self, rules: &Overlay) -> f64 {
        match self {
            Self::Packet { .. } => rules.loss.0,
            _ => 0.0,
        }
    }

    /// Fetches what it keeps elsewhere, see [`crate::prefetch`]: statuses are large, and most of what
    /// is said.
    #[inline]
    pub fn fetch(&self) {
        if let Self::Status(status) = self
            && let Some(first) = status.near.first()
        {
            prefetch(first);
        }
    }

    /// Whether its sender takes the receiver for a member, and should be told if it is none; a mere
    /// answer and a farewell do not ask for that.
    pub fn supposes_a_member(&self) -> bool {
        match self {
            Self::Join
            | Self::Introduction { .. }
            | Self::Probe { .. }
            | Self::Adopt(_)
            | Self::Adopted { .. }
            | Self::Moved { .. }
            | Self::Ping
            | Self::Release { .. }
            | Self::Risen { .. }
            | Self::Packet { .. } => true,
            Self::Status(_)
            | Self::Refused { .. }
            | Self::Evicted { .. }
            | Self::Leave { .. }
            | Self::Pong
            | Self::Gone => false,
        }
    }
}

/// What a node is reminded of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reminder {
    /// To begin a round of probes.
    Round,
    /// A candidate has not answered a parent request.
    ParentRequest {
        /// In which tree.
        tree: u8,
    },
    /// A parent has not answered a ping.
    Silence {
        /// In which tree.
        tree: u8,
    },
    /// Children that have not answered a ping are to be struck off.
    Prune,
    /// To look after its place.
    Beat,
    /// Children that were to leave and have not are to be struck off.
    Settle,
}

impl Reminder {
    /// All that a member of `trees` trees may have armed.
    pub fn all(trees: u8) -> impl Iterator<Item = Self> {
        let each =
            (0..trees).flat_map(|tree| [Self::ParentRequest { tree }, Self::Silence { tree }]);
        [Self::Round, Self::Prune, Self::Beat, Self::Settle]
            .into_iter()
            .chain(each)
    }
}

/// What the world asks of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    /// Join the overlay.
    Join,
    /// Make sure that the parents live.
    Check,
    /// Send a packet to all.
    Publish {
        /// Its number.
        number: u32,
    },
}

/// What a node reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Observation {
    /// It has another parent, or none.
    Parent {
        /// In which tree.
        tree: u8,
        /// Who.
        parent: Option<u32>,
    },
    /// A packet has arrived for the first time.
    Received {
        /// Its number.
        number: u32,
    },
    /// Whether it cannot meet its delay goal, for want of room, has changed.
    Goal {
        /// In which tree.
        tree: u8,
        /// Everybody through whom it knows that it would meet the goal has refused.
        infeasible: bool,
    },
}

/// The protocol of dissemination overlays.
#[derive(Debug)]
pub struct Dissemination;

impl Protocol for Dissemination {
    type Message = Message;
    type Timer = Reminder;
    type Command = Command;
    type Observation = Observation;
}

impl Timer for Reminder {
    fn slot(self) -> u32 {
        match self {
            Self::Round => 0,
            Self::Prune => 1,
            Self::ParentRequest { tree } => 2 + 2 * u32::from(tree),
            Self::Silence { tree } => 3 + 2 * u32::from(tree),
            // Behind those of three trees.
            Self::Beat => 8,
            Self::Settle => 9,
        }
    }

    fn class(self) -> Class {
        match self {
            Self::Round | Self::Beat => Class::Ordinary,
            Self::ParentRequest { .. } | Self::Silence { .. } | Self::Prune | Self::Settle => {
                Class::Deadline
            }
        }
    }
}

impl Encode for PathState {
    fn encode(&self, to: &mut Encoder) {
        to.u64(self.delay.as_ns());
        to.list(self.path().iter().copied());
        for word in self.worlds.iter().flat_map(|worlds| worlds.iter()) {
            to.u64(*word);
        }
        if self.late {
            to.u8(1);
        }
    }
}

impl Encode for Status {
    fn encode(&self, to: &mut Encoder) {
        to.u64(self.shortest.as_ns());
        for path_state in &self.path_states {
            to.u8(u8::from(path_state.is_some()));
            if let Some(path_state) = path_state {
                path_state.encode(to);
            }
        }
        to.u32(self.near.len() as u32);
        for (node, latency) in self.near.iter() {
            to.u32(*node);
            to.u64(latency.as_ns());
        }
    }
}

impl Encode for Message {
    fn encode(&self, to: &mut Encoder) {
        match self {
            Self::Join => to.u8(1),
            Self::Introduction { members } => {
                to.u8(2);
                to.list(members.iter().copied());
            }
            Self::Probe { shortest } => {
                to.u8(3);
                to.u64(shortest.as_ns());
            }
            Self::Status(status) => {
                to.u8(4);
                status.encode(to);
            }
            Self::Adopt(request) => {
                to.u8(5);
                to.u8(request.tree);
                to.u64(request.shortest.as_ns());
                to.u64(request.delay_max.as_ns());
                to.u8(u8::from(request.urgent));
                if let Some(priority) = request.priority {
                    to.u64(priority.delay_max.map_or(u64::MAX, Span::as_ns));
                    to.u8(u8::from(priority.must));
                }
            }
            Self::Adopted { tree, path_state } => {
                in_tree(to, 6, *tree);
                path_state.encode(to);
            }
            Self::Refused { tree, children } => {
                in_tree(to, 7, *tree);
                to.list(children.iter().copied());
            }
            Self::Evicted { tree, successor } => {
                in_tree(to, 8, *tree);
                to.u32(*successor);
            }
            Self::Leave { tree } => in_tree(to, 9, *tree),
            Self::Moved { tree, path_state } => {
                in_tree(to, 10, *tree);
                path_state.encode(to);
            }
            Self::Ping => to.u8(11),
            Self::Pong => to.u8(12),
            Self::Packet { number } => {
                to.u8(13);
                to.u32(*number);
            }
            Self::Gone => to.u8(14),
            Self::Release { tree } => in_tree(to, 15, *tree),
            Self::Risen { tree, shortest } => {
                in_tree(to, 16, *tree);
                to.u64(shortest.as_ns());
            }
        }
    }
}

/// The kind of a message that is about one tree, and which.
#[inline]
fn in_tree(to: &mut Encoder, kind: u8, tree: u8) {
    to.u8(kind);
    to.u8(tree);
}

impl Encode for Reminder {
    fn encode(&self, to: &mut Encoder) {
        match self {
            Self::Round => to.u8(1),
            Self::ParentRequest { tree } => {
                to.u8(2);
                to.u8(*tree);
            }
            Self::Silence { tree } => {
                to.u8(3);
                to.u8(*tree);
            }
            Self::Prune => to.u8(4),
            Self::Beat => to.u8(5),
            Self::Settle => to.u8(6),
        }
    }
}

impl Encode for Command {
    fn encode(&self, to: &mut Encoder) {
        match self {
            Self::Join => to.u8(1),
            Self::Check => to.u8(2),
            Self::Publish { number } => {
                to.u8(3);
                to.u32(*number);
            }
        }
    }
}
