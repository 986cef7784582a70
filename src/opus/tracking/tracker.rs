//! The tracker of one node: what it is told, what it tells, and what it believes.
//!
//! This module does *not* know what the quantities mean, nor what else the node does.

use std::sync::Arc;

use super::gather::Gather;
use super::message::{Estimate, Message, Part, Parts, Timer};
use super::outlet::Outlet;
use super::place::{Place, Role};
use crate::opus::config::{Tracking, TrackingMethod};
use crate::random::Draws;
use crate::time::{Span, Time};

/// The server of the central method and the rendezvous of the hierarchy.
pub(super) const SERVER: u32 = 0;

/// What the node around a tracker does for it.
pub trait Port {
    /// The present instant.
    fn now(&self) -> Time;
    /// Randomness, by key.
    fn draws(&self) -> Draws;
    /// Sends `message` to the tracker of node `to`, which is another one.
    fn send(&mut self, to: u32, message: Message);
    /// Sets `timer` to be due `after` a span from now, replacing an earlier setting.
    fn arm(&mut self, timer: Timer, after: Span);
    /// Unsets `timer`.
    fn disarm(&mut self, timer: Timer);
}

/// The tracker of one node.
#[derive(Debug)]
pub struct Tracker {
    pub(super) rules: Arc<Tracking>,
    pub(super) me: u32,
    /// When it was last told anything.
    clock: Time,
    /// The node's own value of each quantity, once it is known.
    own: Vec<Option<f64>>,
    /// What others have told: the members of clusters, or all nodes.
    pub(super) heard: Gather,
    /// What it has told.
    pub(super) outlet: Outlet,
    /// What it was told of all nodes.
    believed: Vec<Estimate>,
    pub(super) place: Place,
    /// When it last looked whether something has moved.
    looked: Option<Time>,
    /// Whether it is to look again.
    flush_armed: bool,
    /// When it is to look whether something is due again.
    refresh_at: Option<Time>,
    /// Whether the head was told something since the last beat.
    pub(super) told_up: bool,
    /// Whether all listeners were.
    pub(super) told_down: bool,
    /// How often it has taken the place of a lost head.
    pub(super) successions: u32,
}

/// To whom a tracker tells what it knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Audience {
    Nobody,
    /// A server or head: an update.
    Upper(u32),
    /// Those who are listened to: a summary.
    Listeners,
    /// All nodes: an update.
    Everyone,
}

impl Tracker {
    /// The tracker of node `me`.
    pub fn new(rules: Arc<Tracking>, me: u32) -> Self {
        let quantities = rules.quantities;
        Self {
            me,
            clock: Time::ZERO,
            own: vec![None; usize::from(quantities)],
            heard: Gather::new(quantities),
            outlet: Outlet::new(quantities),
            believed: vec![Estimate::default(); usize::from(quantities)],
            place: Place::outside(),
            looked: None,
            flush_armed: false,
            refresh_at: None,
            told_up: false,
            told_down: false,
            successions: 0,
            rules,
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
            ..Self::new(rules, self.me)
        };
        match self.rules.method {
            TrackingMethod::Hierarchy => self.enter(port),
            TrackingMethod::AllToAll => {
                for other in (0..self.rules.nodes).filter(|&other| other != self.me) {
                    self.heard.insert(other, self.clock);
                }
                self.join(port);
            }
            TrackingMethod::Central => self.join(port),
        }
    }

    /// Takes part where there are no clusters.
    fn join(&mut self, port: &mut impl Port) {
        self.place.role = Role::Root;
        if self.rules.method == TrackingMethod::AllToAll || self.me == SERVER {
            port.arm(Timer::Beat, self.rules.heartbeat);
        }
        self.look(port);
    }

    /// The node's own value of `quantity` is `value` from now on. The relative bounds of
    /// `docs/opus.md` are for values that are not negative.
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
        if self.place.role == Role::Outside {
            return;
        }
        match (self.rules.method, message) {
            (TrackingMethod::Hierarchy, Message::Update(parts)) => {
                if self.heard.take(from, &parts, self.clock) {
                    self.changed(port);
                } else {
                    // Else it would take this node for silent, and be elected in its place.
                    port.send(from, Message::Refused);
                }
            }
            (TrackingMethod::Hierarchy, Message::Summary(parts)) => {
                let now = self.clock;
                if let Some(head) = self.place.head_if(from) {
                    head.heard = now;
                    self.believe(&parts);
                    self.tell(Audience::Listeners, parts, port);
                }
            }
            (TrackingMethod::Hierarchy, other) => self.organise(from, other, port),
            (_, Message::Update(parts)) => self.updated(from, &parts, port),
            (_, Message::Summary(parts)) => self.believe(&parts),
            // Who has no clusters is not asked about them.
            (_, _) => {}
        }
    }

    /// An update where there are no clusters. Who is heard of for the first time is told at once
    /// what it has missed.
    fn updated(&mut self, from: u32, parts: &Parts, port: &mut impl Port) {
        let new = !self.heard.knows(from);
        self.heard.insert(from, self.clock);
        self.heard.take(from, parts, self.clock);
        if new {
            self.introduce(from, port);
        }
        if self.rules.method == TrackingMethod::Central {
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
            Timer::Beat if self.rules.method == TrackingMethod::Hierarchy => self.beat(port),
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
            Audience::Listeners | Audience::Everyone => self.live(quantity),
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
    pub fn successions(&self) -> u32 {
        self.successions
    }

    /// The latency of the route to the head of the cluster, once measured.
    pub fn head_latency(&self) -> Option<Span> {
        let latency = self.place.head().map(|head| head.latency);
        latency.filter(|&latency| latency > Span::ZERO)
    }

    /// The layer of the highest cluster that the node leads; 0: none.
    pub fn height(&self) -> u8 {
        self.place.height
    }

    /// How many members the cluster of `layer` that the node leads has, itself included; `None` if
    /// it leads none.
    pub fn cluster(&self, layer: u8) -> Option<usize> {
        let leads = (1..=self.place.height).contains(&layer);
        leads.then(|| self.place.count(layer) + 1)
    }

    /// What is known here of `quantity`: the node's own value and what it was told.
    fn live(&self, quantity: u16) -> Estimate {
        self.heard.sum(quantity, self.own(quantity))
    }

    /// What is told of `quantity`: all that is known here, but where all tell all the node's own
    /// value only.
    fn tellable(&self, quantity: u16) -> Estimate {
        match self.rules.method {
            TrackingMethod::Hierarchy | TrackingMethod::Central => self.live(quantity),
            TrackingMethod::AllToAll => self.own(quantity),
        }
    }

    fn own(&self, quantity: u16) -> Estimate {
        let own = self.own[usize::from(quantity)];
        own.map_or(Estimate::default(), |value| {
            Estimate::of_one(value, self.clock)
        })
    }

    fn audience(&self) -> Audience {
        match (self.rules.method, &self.place.role) {
            (_, Role::Outside) | (TrackingMethod::Hierarchy, Role::Seeking(_)) => Audience::Nobody,
            (TrackingMethod::AllToAll, _) => Audience::Everyone,
            (TrackingMethod::Central, _) if self.me == SERVER => Audience::Listeners,
            (TrackingMethod::Central, _) => Audience::Upper(SERVER),
            (TrackingMethod::Hierarchy, Role::Root) => Audience::Listeners,
            (TrackingMethod::Hierarchy, Role::Member(head)) => Audience::Upper(head.node),
        }
    }

    /// What is known here may have moved: looks, now or after the pause.
    pub(super) fn changed(&mut self, port: &mut impl Port) {
        let next = self
            .looked
            .map_or(self.clock, |last| last + self.rules.hold);
        if next <= self.clock {
            self.look(port);
        } else if !self.flush_armed {
            self.flush_armed = true;
            port.arm(Timer::Flush, next - self.clock);
        }
    }

    /// Tells what has moved.
    ///
    /// How many nodes there are is told upwards exactly: who moves between clusters leaves one
    /// branch and enters another, and if only one of them were beyond ε, its value would be missing
    /// or counted twice until T has passed.
    pub(super) fn look(&mut self, port: &mut impl Port) {
        let counts = match self.audience() {
            Audience::Upper(_) => 0.0,
            Audience::Nobody | Audience::Listeners | Audience::Everyone => self.rules.epsilon,
        };
        self.look_within(counts, port);
    }

    /// As the root, now and then: tells also what has moved within ε if the number of nodes has.
    /// What it told while somebody was between two clusters does not stand until T has passed.
    pub(super) fn recount(&mut self, port: &mut impl Port) {
        self.look_within(0.0, port);
    }

    /// Tells what has moved: sums by more than ε, numbers of nodes by more than `counts`.
    fn look_within(&mut self, counts: f64, port: &mut impl Port) {
        self.looked = Some(self.clock);
        let limits = [self.rules.epsilon, counts];
        self.tell_some(port, |outlet, quantity, told, now| {
            outlet.moved(quantity, told, now, limits)
        });
    }

    /// Tells what was not told for long. What is due soon goes along, in the same messages.
    fn refresh(&mut self, port: &mut impl Port) {
        let period = self.rules.refresh;
        if self.outlet.due(period).is_some_and(|due| due <= self.clock) {
            let before = self.clock.saturating_sub(Span::from_ns(period.as_ns() / 2));
            self.tell_some(port, |outlet, quantity, told, now| {
                outlet.old(quantity, told, now, before)
            });
        } else {
            self.await_refresh(port);
        }
    }

    /// Tells the quantities that `choose` chooses.
    fn tell_some<P: Port>(
        &mut self,
        port: &mut P,
        choose: impl Fn(&mut Outlet, u16, Estimate, Time) -> bool,
    ) {
        let audience = self.audience();
        if audience == Audience::Nobody {
            return;
        }
        let mut parts = Parts::default();
        for quantity in 0..self.rules.quantities {
            let told = self.tellable(quantity);
            if choose(&mut self.outlet, quantity, told, self.clock) {
                let part = Part::new(quantity, told);
                if !parts.push(part) {
                    self.tell(audience, std::mem::take(&mut parts), port);
                    parts.push(part);
                }
            }
        }
        if !parts.as_slice().is_empty() {
            self.tell(audience, parts, port);
        }
        self.await_refresh(port);
    }

    fn await_refresh(&mut self, port: &mut impl Port) {
        if self.refresh_at.is_some() {
            return;
        }
        self.refresh_at = self.outlet.due(self.rules.refresh);
        if let Some(due) = self.refresh_at {
            port.arm(Timer::Refresh, due.saturating_since(self.clock));
        }
    }

    fn tell(&mut self, audience: Audience, parts: Parts, port: &mut impl Port) {
        match audience {
            Audience::Nobody => {}
            Audience::Upper(upper) => {
                self.told_up = true;
                port.send(upper, Message::Update(parts));
            }
            Audience::Listeners => {
                self.told_down = true;
                for node in self.heard.nodes() {
                    port.send(node, Message::Summary(parts));
                }
            }
            Audience::Everyone => {
                for node in (0..self.rules.nodes).filter(|&node| node != self.me) {
                    port.send(node, Message::Update(parts));
                }
            }
        }
    }

    /// Tells a newcomer what the others were told last: if it were told more, what is told next
    /// could be farther from the truth than the others' estimates may be.
    pub(super) fn introduce(&mut self, newcomer: u32, port: &mut impl Port) {
        let message = match self.audience() {
            Audience::Everyone => Message::Update,
            Audience::Nobody | Audience::Upper(_) | Audience::Listeners => Message::Summary,
        };
        let mut parts = Parts::default();
        for quantity in 0..self.rules.quantities {
            let told = match self.audience() {
                Audience::Nobody | Audience::Upper(_) => Some(self.believed[usize::from(quantity)]),
                Audience::Listeners | Audience::Everyone => self.outlet.last(quantity),
            };
            let Some(told) = told.filter(|told| told.nodes > 0) else {
                continue;
            };
            let part = Part::new(quantity, told);
            if !parts.push(part) {
                port.send(newcomer, message(std::mem::take(&mut parts)));
                parts.push(part);
            }
        }
        if !parts.as_slice().is_empty() {
            port.send(newcomer, message(parts));
        }
    }

    fn believe(&mut self, parts: &Parts) {
        for part in parts.as_slice() {
            if let Some(believed) = self.believed.get_mut(usize::from(part.quantity())) {
                *believed = part.estimate();
            }
        }
    }

    /// Where there are no clusters: who has told nothing for T and the timeout is gone.
    fn forget_silent(&mut self, port: &mut impl Port) {
        let limit = self.rules.refresh + self.rules.timeout;
        let silent: Vec<u32> = self
            .heard
            .silent(self.clock.saturating_sub(limit))
            .collect();
        for node in silent {
            if self.rules.method == TrackingMethod::AllToAll {
                self.heard.clear(node);
            } else {
                self.heard.remove(node);
            }
        }
        port.arm(Timer::Beat, self.rules.heartbeat);
        self.changed(port);
    }

    pub(super) fn now(&self) -> Time {
        self.clock
    }
}
