//! A node's position in the hierarchy: the clusters that it leads, and the one to which it belongs.
//!
//! A node of height h leads one cluster in each of the layers 1 to h, and belongs to one of layer
//! h + 1 unless it is the root. The members of a cluster of layer l, its head excepted, have the
//! height l − 1. This module does *not* know how a place is found or lost.

use super::message::Roster;
use crate::time::{Span, Time};

/// A member of a cluster that this node leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Child {
    pub(super) node: u32,
    /// The layer of the cluster.
    pub(super) layer: u8,
    /// The latency of the route to it; `None`: not known yet.
    pub(super) latency: Option<Span>,
    /// The size of the highest cluster that it leads itself; zero: not known yet.
    pub(super) size: u8,
}

/// The head of the cluster to which this node belongs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Head {
    pub(super) node: u32,
    /// The latency of the route to it; `None`: not known yet.
    pub(super) latency: Option<Span>,
    /// When it was last heard of.
    pub(super) heard: Time,
    /// The members of the cluster as it last told them: itself, then its successors in order.
    pub(super) roster: Roster,
    /// The node that leads the cluster above if it falls silent.
    pub(super) above: Option<u32>,
}

/// A step of the search for a cluster.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum SearchStage {
    /// The rendezvous has been asked for the root.
    Asking,
    /// It will be asked in a while.
    Waiting,
    /// The head has fallen silent; those before this node in the order of succession have the
    /// first try.
    Electing { lost: Head },
    /// `head` has been asked for the members of its cluster.
    Listing { head: u32, sent: Time },
    /// The members of a cluster of `layer` have been probed.
    Probing {
        layer: u8,
        sent: Time,
        missing: u8,
        best: Option<(Span, u32)>,
    },
    /// `head` has been asked for adoption.
    Adopting { head: u32, latency: Option<Span> },
}

/// Where a node stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Role {
    /// It has not come to life.
    Outside,
    /// It belongs to no cluster of a higher layer.
    Root,
    /// It belongs to a cluster.
    Member(Head),
    /// It looks for one.
    Seeking(SearchStage),
}

/// How far a member has come in finding a nearer head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Handover {
    /// It is not trying.
    #[default]
    None,
    /// It has asked its head for other heads.
    Listing,
    /// It has probed one.
    Probing(u32),
    /// This head is nearer, and has been asked.
    Asking(u32, Span),
}

/// What the rendezvous knows of the root.
#[derive(Debug, Clone, Copy)]
pub(super) struct RootRecord {
    pub(super) node: u32,
    pub(super) height: u8,
    pub(super) heard: Time,
}

impl RootRecord {
    /// Whether a root of `height` is to yield to this one: it has more below it, or as much and
    /// the lower number.
    pub(super) fn beats(&self, node: u32, height: u8) -> bool {
        (self.height, std::cmp::Reverse(self.node)) > (height, std::cmp::Reverse(node))
    }
}

/// A node's place.
#[derive(Debug)]
pub(super) struct Hierarchy {
    /// The layer of the highest cluster that it leads; 0: none.
    pub(super) height: u8,
    pub(super) role: Role,
    /// The last cluster to which it belonged, as its head told, while it has none.
    pub(super) former: Roster,
    /// The members of the clusters that it leads, ascending by number.
    pub(super) children: Vec<Child>,
    pub(super) handover: Handover,
    /// When it came so far.
    pub(super) tried: Time,
    /// At the rendezvous: who is the root.
    pub(super) root_record: Option<RootRecord>,
    /// Whether its clusters have changed since they were told.
    pub(super) news: bool,
    /// Whether the head is to be told that this node lives, whatever it was told since.
    pub(super) beat_due: bool,
    /// The size of its highest cluster, as it told the head.
    pub(super) size_told: u8,
    /// How many times in a row no nearer head was found.
    pub(super) idle: u8,
    /// How often it has changed to one.
    pub(super) moves: u8,
    /// How often it has looked for one.
    pub(super) rounds: u32,
}

impl Hierarchy {
    /// Outside.
    pub(super) fn outside() -> Self {
        Self {
            height: 0,
            role: Role::Outside,
            former: Roster::default(),
            children: Vec::new(),
            handover: Handover::None,
            tried: Time::ZERO,
            root_record: None,
            news: false,
            beat_due: false,
            size_told: 0,
            idle: 0,
            moves: 0,
            rounds: 0,
        }
    }

    /// The head, of a member.
    pub(super) fn head(&self) -> Option<&Head> {
        match &self.role {
            Role::Member(head) => Some(head),
            Role::Outside | Role::Root | Role::Seeking(_) => None,
        }
    }

    /// The head to be changed, if it is `node`.
    pub(super) fn head_if(&mut self, node: u32) -> Option<&mut Head> {
        match &mut self.role {
            Role::Member(head) if head.node == node => Some(head),
            Role::Outside | Role::Root | Role::Member(_) | Role::Seeking(_) => None,
        }
    }

    /// Whether `node` may become the head of the cluster to which it belongs, or belonged before it began to look for one:
    /// as a successor, or since it was given a part of the cluster.
    pub(super) fn may_lead(&self, node: u32) -> bool {
        let roster = self.head().map_or(&self.former, |head| &head.roster);
        roster.as_slice().contains(&node)
    }

    /// The child to be changed.
    pub(super) fn child(&mut self, node: u32) -> Option<&mut Child> {
        let at = self
            .children
            .binary_search_by_key(&node, |child| child.node);
        at.ok().map(|at| &mut self.children[at])
    }

    /// Adds or replaces a child.
    pub(super) fn adopt(&mut self, child: Child) {
        match self
            .children
            .binary_search_by_key(&child.node, |known| known.node)
        {
            Ok(at) => self.children[at] = child,
            Err(at) => self.children.insert(at, child),
        }
        self.news = true;
    }

    /// Removes a child.
    pub(super) fn drop_child(&mut self, node: u32) {
        if let Ok(at) = self
            .children
            .binary_search_by_key(&node, |child| child.node)
        {
            self.children.remove(at);
            self.news = true;
        }
    }

    /// How many members the cluster of `layer` has besides its head.
    pub(super) fn count(&self, layer: u8) -> usize {
        self.children
            .iter()
            .filter(|child| child.layer == layer)
            .count()
    }

    /// The size of the highest cluster that it leads, itself included.
    pub(super) fn size(&self) -> u8 {
        u8::try_from(self.count(self.height) + 1).unwrap_or(u8::MAX)
    }

    /// The members of the cluster of `layer` besides its head, the nearest first, before them those of
    /// whom that is not known yet: so they succeed it, ties by number.
    pub(super) fn successors(&self, layer: u8) -> Vec<Child> {
        let of_layer = |child: &&Child| child.layer == layer;
        let mut members: Vec<Child> = self.children.iter().filter(of_layer).copied().collect();
        members.sort_unstable_by_key(|child| (child.latency, child.node));
        members
    }

    /// The cluster of `layer`, led by this node, which is `me`.
    pub(super) fn roster(&self, me: u32, layer: u8) -> Roster {
        let members = self.successors(layer).into_iter().map(|child| child.node);
        Roster::first(std::iter::once(me).chain(members))
    }

    /// The node that leads the cluster above that of `layer`, if this node falls silent.
    pub(super) fn above(&self, layer: u8) -> Option<u32> {
        let heir = |layer| {
            let members = self
                .children
                .iter()
                .filter(move |child| child.layer == layer);
            members.min_by_key(|child| (child.latency, child.node))
        };
        let heir = (layer + 1..=self.height).find_map(heir);
        heir.map(|child| child.node)
            .or_else(|| self.head().map(|head| head.node))
    }
}
