//! The tracker of one node: what it is told, what it tells, and what it believes.
//!
//! This module does *not* know what the quantities mean, nor what else the node does.

use std::sync::Arc;

use super::aggregation::Aggregation;
use super::config::{Method, Tracking};
use super::delta_filter::DeltaFilter;
use super::hierarchy::{Hierarchy, Role};
use super::message::{Estimate, Message, SentEstimates, Timer};
use super::steady::Steady;
use super::update_scheduling::Audience;
use crate::random::RandomStreams;
use crate::time::{Span, Time};

/// The server of the central method and the rendezvous of the hierarchy.
pub(super) const SERVER: u32 = 0;

/// What the node around a tracker does for it.
pub trait Port {
    /// The present instant.
    fn now(&self) -> Time;
    /// Randomness, by key.
    fn streams(&self) -> RandomStreams;
    /// Sends `message` to the tracker of node `to`, which is another one.
    fn send(&mut self, to: u32, message: Message);
    /// Sets `timer` to be due `after` a span from now, replacing an earlier setting.
    fn arm(&mut self, timer: Timer, after: Span);
    /// Unsets `timer`.
    fn disarm(&mut self, timer: Timer);
}

/// What is tracked: quantities, at nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// How many nodes there are, numbered from 0. Node 0 is the server of the central method and the
    /// rendezvous of the hierarchy.
    pub nodes: u32,
    /// How many quantities each has, numbered from 0.
    pub quantities: u16,
}

/// The tracker of one node.
#[derive(Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each tells of something else"
)]
pub struct Tracker {
    pub(super) rules: Arc<Tracking>,
    pub(super) scope: Scope,
    pub(super) me: u32,
    /// When it was last told anything.
    pub(super) clock: Time,
    /// The node's own value of each quantity, once it is known.
    own: Vec<Option<f64>>,
    /// What others have told: the members of clusters, or all nodes.
    pub(super) heard: Aggregation,
    /// What it has told.
    pub(super) delta_filter: DeltaFilter,
    /// As the root: what it believes while nodes move.
    pub(super) steady: Steady,
    /// What it was told of all nodes.
    pub(super) believed: Vec<Estimate>,
    pub(super) hierarchy: Hierarchy,
    /// When it last looked whether something has moved.
    pub(super) looked: Option<Time>,
    /// Whether it is to look again.
    pub(super) flush_armed: bool,
    /// When it is to look whether something is due again.
    pub(super) refresh_at: Option<Time>,
    /// Whether it has told anything since it came to life.
    pub(super) introduced: bool,
    /// Whether the head was told something since the last beat.
    pub(super) told_up: bool,
    /// Whether all listeners were.
    pub(super) told_down: bool,
    /// How often it has taken the place of a lost head.
    pub(super) failovers: u32,
}

impl Tracker {
    /// The tracker of node `me`.
    pub fn new(rules: Arc<Tracking>, scope: Scope, me: u32) -> Self {
        let quantities = scope.quantities;
        Self {
            me,
            clock: Time::ZERO,
            own: vec![None; usize::from(quantities)],
            heard: Aggregation::new(quantities),
            delta_filter: DeltaFilter::new(quantities),
            steady: Steady::default(),
            believed: vec![Estimate::default(); usize::from(quantities)],
            hierarchy: Hierarchy::outside(),
            looked: None,
            flush_armed: false,
            refresh_at: None,
            introduced: false,
            told_up: false,
            told_down: false,
            failovers: 0,
            rules,
            scope,
        }
    }

    /// The node comes to life, for the first time or again: whom and what the tracker knew of other
    /// nodes is forgotten, and it looks for them.
    pub fn start(&mut self, port: &mut impl Port) {
        for timer in Timer::ALL {
            port.disarm(timer);
        }
        let (rules, own) = (Arc::clone(&self.rules), std::mem::take(&mut self.own));
        *self = Self {
            own,
            clock: port.now(),
            ..Self::new(rules, self.scope, self.me)
        };
        match self.rules.method {
            Method::Hierarchy => self.enter(port),
            Method::AllToAll => {
                for other in (0..self.scope.nodes).filter(|&other| other != self.me) {
                    self.heard.insert(other, self.clock);
                }
                self.join(port);
            }
            Method::Central => self.join(port),
        }
    }

    /// Takes part where there are no clusters.
    fn join(&mut self, port: &mut impl Port) {
        self.hierarchy.role = Role::Root;
        if self.rules.method == Method::AllToAll || self.me == SERVER {
            port.arm(Timer::Beat, self.rules.heartbeat_ms.span());
        }
        self.look(port);
    }

    /// The node's own value of `quantity` is `value` from now on. The relative bounds of
    /// `docs/opus/tracking.md` are for values that are not negative.
    ///
    /// # Panics
    /// If there is no such quantity.
    pub fn observe(&mut self, quantity: u16, value: f64, port: &mut impl Port) {
        self.clock = port.now();
        self.own[usize::from(quantity)] = Some(value);
        self.changed(port);
    }

    /// A message of the tracker of node `from` has arrived.
    pub fn message(&mut self, from: u32, message: Message, port: &mut impl Port) {
        self.clock = port.now();
        if self.hierarchy.role == Role::Outside {
            return;
        }
        match (self.rules.method, message) {
            (Method::Hierarchy, Message::Update(parts)) => {
                if self.heard.take(from, &parts, self.clock) {
                    self.changed(port);
                } else {
                    // Else it would take this node for silent, and be elected in its place.
                    port.send(from, Message::Refused);
                }
            }
            (Method::Hierarchy, Message::Summary(parts)) => {
                let now = self.clock;
                if let Some(head) = self.hierarchy.head_if(from) {
                    head.heard = now;
                    self.believe(&parts);
                    self.tell(Audience::Listeners, parts, port);
                }
            }
            (Method::Hierarchy, other) => self.organise(from, other, port),
            // Only the server collects what others know, and only it sums up.
            (Method::Central, Message::Summary(parts)) if from == SERVER => self.believe(&parts),
            (Method::Central, Message::Update(_) | Message::Hello(_)) if self.me != SERVER => {}
            (_, Message::Update(parts)) => self.updated(from, &parts, false, port),
            (_, Message::Hello(parts)) => self.updated(from, &parts, true, port),
            // A node without clusters is not asked about them.
            (_, _) => {}
        }
    }

    /// An update where there are no clusters. Who is `new` is told at once what it has missed.
    fn updated(&mut self, from: u32, parts: &SentEstimates, new: bool, port: &mut impl Port) {
        self.heard.insert(from, self.clock);
        self.heard.take(from, parts, self.clock);
        if new {
            self.introduce(from, port);
        }
        if self.rules.method == Method::Central {
            self.changed(port);
        }
    }

    /// A timer that it armed is due.
    pub fn timer(&mut self, timer: Timer, port: &mut impl Port) {
        self.clock = port.now();
        match timer {
            Timer::Flush => {
                self.flush_armed = false;
                self.look(port);
            }
            Timer::Refresh => {
                self.refresh_at = None;
                self.refresh(port);
            }
            Timer::Beat if self.rules.method == Method::Hierarchy => self.beat(port),
            Timer::Beat => self.forget_silent(port),
            Timer::Search => self.give_up(port),
            Timer::Improve => self.improve(port),
        }
    }

    /// What this node believes of `quantity`: the sum over all nodes, how many are in it, and when
    /// the oldest value in it was that of its node. Without any node in it there is no estimate
    /// yet.
    ///
    /// # Panics
    /// If there is no such quantity.
    pub fn total(&self, quantity: u16) -> Estimate {
        match self.audience() {
            Audience::Listeners => self.steady.believed(quantity, self.live(quantity)),
            Audience::Everyone => self.live(quantity),
            Audience::Nobody | Audience::Upper(_) => self.believed[usize::from(quantity)],
        }
    }

    /// The head of the cluster to which the node belongs, or the server that it tells; `None` at the
    /// root, and while it looks for a head.
    pub fn head(&self) -> Option<u32> {
        match self.audience() {
            Audience::Upper(upper) => Some(upper),
            Audience::Nobody | Audience::Listeners | Audience::Everyone => None,
        }
    }

    /// Whether the node knows of all others by itself: as the root of the hierarchy, as the server,
    /// or because all tell all.
    pub fn is_root(&self) -> bool {
        matches!(self.audience(), Audience::Listeners | Audience::Everyone)
    }

    /// How often the node has taken the place of a lost head since it came to life.
    pub fn failovers(&self) -> u32 {
        self.failovers
    }

    /// The latency of the route to the head of the cluster, once measured.
    pub fn head_latency(&self) -> Option<Span> {
        self.hierarchy.head()?.latency
    }

    /// The layer of the highest cluster that the node leads; 0: none.
    pub fn height(&self) -> u8 {
        self.hierarchy.height
    }

    /// How many members the cluster of `layer` that the node leads has, itself included; `None` if
    /// it leads none.
    pub fn cluster(&self, layer: u8) -> Option<usize> {
        let leads = (1..=self.hierarchy.height).contains(&layer);
        leads.then(|| self.hierarchy.count(layer) + 1)
    }

    /// What is known here of `quantity`: the node's own value and what it was told.
    pub(super) fn live(&self, quantity: u16) -> Estimate {
        self.heard.sum(quantity, self.own(quantity))
    }

    pub(super) fn own(&self, quantity: u16) -> Estimate {
        let own = self.own[usize::from(quantity)];
        own.map_or(Estimate::default(), |value| {
            Estimate::of_one(value, self.clock).of_node(self.me)
        })
    }

    fn believe(&mut self, parts: &SentEstimates) {
        for part in parts.as_slice() {
            if let Some(believed) = self.believed.get_mut(usize::from(part.quantity())) {
                *believed = part.estimate();
            }
        }
    }

    /// Where there are no clusters: who has told nothing for T and the timeout is gone.
    fn forget_silent(&mut self, port: &mut impl Port) {
        let limit = self.rules.refresh_ms.span() + self.rules.timeout_ms.span();
        let silent: Vec<u32> = self
            .heard
            .silent(self.clock.saturating_sub(limit))
            .collect();
        for node in silent {
            if self.rules.method == Method::AllToAll {
                self.heard.clear(node);
            } else {
                self.heard.remove(node);
            }
        }
        port.arm(Timer::Beat, self.rules.heartbeat_ms.span());
        self.changed(port);
    }

    pub(super) fn now(&self) -> Time {
        self.clock
    }
}
