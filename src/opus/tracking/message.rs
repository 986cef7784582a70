//! What trackers say to each other, and what they are reminded of: closed enumerations of fixed
//! size, with a fixed encoding for fingerprints.
//!
//! The codes below are part of every fingerprint: never renumber them, give a new kind a new one.

use serde::{Serialize, Serializer};

use crate::fingerprint::{Encode, Encoder};
use crate::time::{Span, Time};

/// The maximum number of quantities in one message.
pub const BATCH: usize = 4;
/// The maximum number of nodes in a cluster, its head included.
pub const CLUSTER_MAX: usize = 16;

/// What is known of a quantity over some nodes.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Estimate {
    /// The sum of their values.
    pub sum: f64,
    /// How many nodes are in it.
    pub nodes: u32,
    /// When the oldest value in it was that of its node; of no meaning without nodes.
    pub since: Time,
    /// The sum of these nodes' marks, which tells them from others ([`Self::of_node`]).
    pub members: u64,
}

impl Estimate {
    /// The value of one node.
    pub const fn of_one(value: f64, now: Time) -> Self {
        Self {
            sum: value,
            nodes: 1,
            since: now,
            members: 0,
        }
    }

    /// This value with the mark of its node: the finalizer of SplitMix64 (Steele, Lea, Flood 2014) applied to
    /// its number.
    #[must_use]
    pub fn of_node(self, node: u32) -> Self {
        let mut mark = (u64::from(node) + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        mark = (mark ^ mark >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mark = (mark ^ mark >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        Self {
            members: mark ^ mark >> 31,
            ..self
        }
    }

    /// The age of its oldest part; none without nodes.
    pub fn age(&self, now: Time) -> Option<Span> {
        (self.nodes > 0).then(|| now.saturating_since(self.since))
    }

    /// Takes in what is known of other nodes.
    pub fn add(&mut self, other: Self) {
        if other.nodes == 0 {
            return;
        }
        self.since = if self.nodes == 0 {
            other.since
        } else {
            self.since.min(other.since)
        };
        self.sum += other.sum;
        self.nodes += other.nodes;
        self.members = self.members.wrapping_add(other.members);
    }
}

/// An [`Estimate`] of one quantity, as it is told.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct SentEstimate {
    sum: f64,
    since: Time,
    members: u64,
    nodes: u32,
    quantity: u16,
}

impl SentEstimate {
    /// What is told of `quantity`.
    pub const fn new(quantity: u16, estimate: Estimate) -> Self {
        Self {
            sum: estimate.sum,
            since: estimate.since,
            members: estimate.members,
            nodes: estimate.nodes,
            quantity,
        }
    }

    /// Of which quantity.
    pub const fn quantity(&self) -> u16 {
        self.quantity
    }

    /// What is told.
    pub const fn estimate(&self) -> Estimate {
        Estimate {
            sum: self.sum,
            nodes: self.nodes,
            since: self.since,
            members: self.members,
        }
    }
}

/// Up to `N` items, in place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Few<T, const N: usize> {
    len: u8,
    items: [T; N],
}

impl<T: Serialize + Copy + Default, const N: usize> Serialize for Few<T, N> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.as_slice().serialize(to)
    }
}

impl<T: Copy + Default, const N: usize> Default for Few<T, N> {
    fn default() -> Self {
        Self {
            len: 0,
            items: [T::default(); N],
        }
    }
}

impl<T: Copy + Default, const N: usize> Few<T, N> {
    /// The first `N` of `items`.
    pub fn first(items: impl IntoIterator<Item = T>) -> Self {
        let mut few = Self::default();
        for item in items.into_iter().take(N) {
            few.items[usize::from(few.len)] = item;
            few.len += 1;
        }
        few
    }

    /// Appends `item`; `false` if there is no room.
    pub fn push(&mut self, item: T) -> bool {
        let room = usize::from(self.len) < N;
        if room {
            self.items[usize::from(self.len)] = item;
            self.len += 1;
        }
        room
    }

    /// The items.
    pub fn as_slice(&self) -> &[T] {
        &self.items[..usize::from(self.len)]
    }
}

/// What is told of up to [`BATCH`] quantities.
pub type SentEstimates = Few<SentEstimate, BATCH>;
/// The members of a cluster, its head included.
pub type Roster = Few<u32, CLUSTER_MAX>;

/// What trackers send each other.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Message {
    /// What the sender and all below it know; from everyone to everyone, where all tell all.
    Update(SentEstimates),
    /// The first update since the sender came to life, where there are no clusters: it has missed
    /// all that was told before, whether others have noticed its absence or not.
    Hello(SentEstimates),
    /// What the root, or the server, knows of all nodes.
    Summary(SentEstimates),
    /// To the rendezvous, from a node without a head: who is the root?
    Where {
        /// The layer of the highest cluster that the sender leads; 0: none.
        height: u8,
    },
    /// From the rendezvous: it is this node.
    Root {
        /// Who.
        root: u32,
    },
    /// To the rendezvous, from a root: I am one.
    RootRecord {
        /// The layer of its highest cluster.
        height: u8,
    },
    /// Who is in the cluster of this layer that you lead or belong to?
    Seek {
        /// The layer.
        layer: u8,
    },
    /// These are.
    Found {
        /// The layer: the one asked for, or the highest one below it that the sender knows.
        layer: u8,
        /// Its members, the head first.
        roster: Roster,
    },
    /// How far away are you?
    Probe {
        /// When it was sent, by the sender's clock.
        sent: Time,
    },
    /// The answer.
    Echo {
        /// As in the probe.
        sent: Time,
    },
    /// Be my head.
    Adopt {
        /// The layer of the highest cluster that the sender leads; 0: none.
        height: u8,
        /// The latency of the route between both; `None`: not known yet.
        latency: Option<Span>,
        /// Whether the sender has another head, and stays there rather than overfill a cluster.
        choosy: bool,
    },
    /// To a node that acts as if it belonged to the sender's cluster: I am not your head.
    Refused,
    /// The answer to the wish to be adopted: no.
    Declined,
    /// To the head: I am in your cluster no longer.
    Leave,
    /// To the head: I live.
    Beat {
        /// As in the wish to be adopted.
        height: u8,
        /// Likewise.
        latency: Option<Span>,
        /// The size of that cluster, its head included.
        size: u8,
    },
    /// To the members of a cluster, from its head: I live, and this is our cluster.
    Cluster {
        /// The layer.
        layer: u8,
        /// Its members, the head first, the others in the order in which they succeed it.
        roster: Roster,
        /// Who leads the cluster above, should the head fall silent; the head is the root
        /// otherwise.
        above: Option<u32>,
    },
    /// I am the head of your cluster now.
    Lead {
        /// The layer.
        layer: u8,
    },
    /// To a member: lead these members of our cluster, which is too large.
    Split {
        /// The layer.
        layer: u8,
        /// Whom.
        roster: Roster,
        /// Who leads the cluster above.
        above: u32,
    },
    /// To a member: this cluster ends, ask that head.
    Go {
        /// Whom.
        to: u32,
    },
    /// To a member that leads a cluster itself: end it, and let all of it go to that head.
    Merge {
        /// Whom.
        into: u32,
    },
}

/// What a tracker is reminded of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Timer {
    /// To show that it lives, and to see who does.
    Beat,
    /// To tell what has not been told for long.
    Refresh,
    /// To look whether what it knows has moved, after a pause.
    Flush,
    /// To end a step of the search for a cluster.
    Search,
    /// To look for a nearer head.
    Improve,
}

impl Timer {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Beat,
        Self::Refresh,
        Self::Flush,
        Self::Search,
        Self::Improve,
    ];
    /// How many slots they take.
    pub const SLOTS: u32 = Self::ALL.len() as u32;
}

impl crate::unit::Timer for Timer {
    fn slot(self) -> u32 {
        match self {
            Self::Beat => 0,
            Self::Refresh => 1,
            Self::Flush => 2,
            Self::Search => 3,
            Self::Improve => 4,
        }
    }
}

impl Encode for Timer {
    fn encode(&self, to: &mut Encoder) {
        to.u8(match self {
            Self::Beat => 1,
            Self::Refresh => 2,
            Self::Flush => 3,
            Self::Search => 4,
            Self::Improve => 5,
        });
    }
}

impl Encode for SentEstimates {
    fn encode(&self, to: &mut Encoder) {
        to.u8(self.len);
        for part in self.as_slice() {
            to.u32(u32::from(part.quantity));
            to.u64(part.sum.to_bits());
            to.u32(part.nodes);
            to.u64(part.since.as_ns());
        }
    }
}

impl Encode for Roster {
    fn encode(&self, to: &mut Encoder) {
        to.list(self.as_slice().iter().copied());
    }
}

/// Zero stands for a latency that is not known; no latency is as long as what stands for zero.
fn encode_latency(latency: Option<Span>, to: &mut Encoder) {
    to.u64(match latency {
        None => 0,
        Some(Span::ZERO) => u64::MAX,
        Some(latency) => latency.as_ns(),
    });
}

impl Encode for Message {
    fn encode(&self, to: &mut Encoder) {
        to.u8(self.code());
        match self {
            Self::Update(parts) | Self::Hello(parts) | Self::Summary(parts) => parts.encode(to),
            Self::Refused | Self::Declined | Self::Leave => {}
            Self::Root { root } => to.u32(*root),
            Self::Where { height } | Self::RootRecord { height } => to.u8(*height),
            Self::Seek { layer } | Self::Lead { layer } => to.u8(*layer),
            Self::Found { layer, roster } => {
                to.u8(*layer);
                roster.encode(to);
            }
            Self::Probe { sent } | Self::Echo { sent } => to.u64(sent.as_ns()),
            Self::Adopt {
                height,
                latency,
                choosy,
            } => {
                to.u8(*height);
                encode_latency(*latency, to);
                to.u8(u8::from(*choosy));
            }
            Self::Beat {
                height,
                latency,
                size,
            } => {
                to.u8(*height);
                encode_latency(*latency, to);
                to.u8(*size);
            }
            Self::Cluster {
                layer,
                roster,
                above,
            } => {
                to.u8(*layer);
                roster.encode(to);
                to.u8(u8::from(above.is_some()));
                to.u32(above.unwrap_or(0));
            }
            Self::Split {
                layer,
                roster,
                above,
            } => {
                to.u8(*layer);
                roster.encode(to);
                to.u32(*above);
            }
            Self::Go { to: node } | Self::Merge { into: node } => to.u32(*node),
        }
    }
}

impl Message {
    /// The fixed code of its kind.
    fn code(&self) -> u8 {
        match self {
            Self::Update(_) => 1,
            Self::Summary(_) => 2,
            Self::Where { .. } => 3,
            Self::Root { .. } => 4,
            Self::RootRecord { .. } => 5,
            Self::Seek { .. } => 6,
            Self::Found { .. } => 7,
            Self::Probe { .. } => 8,
            Self::Echo { .. } => 9,
            Self::Adopt { .. } => 10,
            Self::Refused => 11,
            Self::Leave => 12,
            Self::Beat { .. } => 13,
            Self::Cluster { .. } => 14,
            Self::Lead { .. } => 15,
            Self::Split { .. } => 16,
            Self::Go { .. } => 17,
            Self::Merge { .. } => 18,
            Self::Hello(_) => 19,
            Self::Declined => 20,
        }
    }
}
