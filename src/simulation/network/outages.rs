//! Which links and routers are up, how long links take, and which way packets take meanwhile.
//!
//! All of it is a pure function of the draws: each link and each router alternates by itself, from time 0 on. So
//! what becomes of a packet is known when it is sent, whatever the fidelity, and each part of a divided run
//! finds the same. This module does *not* know units, nor what a packet carries.
//!
//! Routes lag behind: those of an instant are those over what was up a rerouting time ago, or at 0 if that is later,
//! with the latencies of then.
//! Between two changes of what they know, an *epoch*, they stay; they are searched when first asked
//! for, and forgotten with their epoch.

use std::collections::BTreeMap;

use super::slow::Slow;
use super::timeline::{Source, Timeline};
use super::{Conditions, Failing, Partition};
use crate::random::alternation::Alternation;
use crate::random::{RandomStreams, StreamId};
use crate::system::Underlay;
use crate::time::{Span, Time};
use crate::topology::{Domain, Graph, RouterId};
use crate::topology::{Remaining, Routes};

/// The periods of a link, by its place among the usable links; of a router, by its number.
pub(super) const LINK: StreamId = StreamId(131);
pub(super) const ROUTER: StreamId = StreamId(132);

/// What may be drawn ahead of what is asked for: as much as has passed, but no less and no more than this.
const AHEAD: [Span; 2] = [Span::from_s(1), Span::from_s(600)];

/// Routes are forgotten when they take this many bytes, even within their epoch.
const ROUTES_BYTES_MAX: usize = 64 << 20;

/// What is down when, from an instant of the driver's clock on.
#[derive(Debug)]
pub(super) struct Outages<'u> {
    routes: &'u Routes,
    graph: &'u Graph,
    links: Group,
    routers: Group,
    partitions: Vec<Cut>,
    slow: Slow,
    partition_reroute: Span,
    /// The instant that is time 0 here, if it has come.
    zero: Option<Time>,
    /// From when on nothing is down or slow any more, if that is known.
    calm: Option<Time>,
    /// Up to when everything is drawn, if anything is.
    drawn_to: Option<Time>,
    epochs: Epochs,
}

/// Links or routers. Without a law none fails, and there are no timelines.
#[derive(Debug)]
struct Group {
    law: Option<Alternation>,
    /// How long the routes go on as if nothing had changed.
    reroute: Span,
    stream: StreamId,
    streams: RandomStreams,
    count: usize,
    timelines: Vec<Timeline>,
}

/// A domain that is cut off for a while.
#[derive(Debug)]
struct Cut {
    domain: Domain,
    timeline: Timeline,
}

/// What becomes of a packet at a router.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HopFate {
    /// It is on the router to which it is sent.
    There,
    /// It goes to that neighbour, and arrives after that span.
    On(RouterId, Span),
    /// It is lost here or on the next link.
    Lost,
}

/// How far a packet gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PathFate {
    /// Whether it gets to its last router.
    pub(super) arrives: bool,
    /// When it gets to the last router that it gets to.
    pub(super) at: Time,
    /// How many links it crosses.
    pub(super) links: u32,
}

impl<'u> Outages<'u> {
    /// Of an underlay on which time 0 has not come.
    pub(super) fn new(
        conditions: &Conditions,
        underlay: &'u Underlay,
        streams: RandomStreams,
    ) -> Self {
        let Underlay { graph, routes } = underlay;
        let group = |failing: Option<&Failing>, stream, count| Group {
            law: failing.map(Failing::checked_alternation),
            reroute: failing.map_or(Span::ZERO, Failing::reroute),
            stream,
            streams,
            count,
            timelines: Vec::new(),
        };
        let cut = |partition: &Partition| Cut {
            domain: Domain::from_name(&partition.domain),
            timeline: Timeline::down_once(partition.period()),
        };
        let (links, routers) = (&conditions.link_failures, &conditions.router_failures);
        Self {
            routes,
            graph,
            links: group(links.as_ref(), LINK, routes.simple_links().count()),
            routers: group(routers.as_ref(), ROUTER, graph.routers.len()),
            partitions: conditions.partitions.iter().map(cut).collect(),
            slow: Slow::of(conditions),
            partition_reroute: conditions.partition_reroute(),
            zero: None,
            calm: None,
            drawn_to: None,
            epochs: Epochs::default(),
        }
    }

    /// Sets time 0 of the outages to the instant `now`.
    pub(super) fn begin(&mut self, now: Time) {
        self.zero = Some(now);
        self.drawn_to = None;
        self.links.begin();
        self.routers.begin();
        self.epochs = Epochs::default();
        for cut in &self.partitions {
            let changes = cut.timeline.changes(Time::ZERO, Time::MAX);
            self.epochs.learn(changes, self.partition_reroute);
        }
        self.epochs
            .learn(&self.slow.changes(), self.partition_reroute);
        self.look_ahead(Time::ZERO, Time::ZERO);
    }

    /// From the instant `at` of the driver's clock on nothing is down or slow any more.
    pub(super) fn calm_down(&mut self, at: Option<Time>) {
        self.calm = at;
    }

    /// Time 0 is still to come: everything is up.
    pub(super) fn end(&mut self) {
        self.zero = None;
    }

    /// Whether time 0 has come.
    pub(super) fn have_begun(&self) -> bool {
        self.zero.is_some()
    }

    /// How far a packet for the router `target` gets that comes to the router `from` at the instant
    /// `at`. Nobody asks for what is before `now` any more.
    pub(super) fn walk(
        &mut self,
        (from, at): (RouterId, Time),
        target: RouterId,
        now: Time,
    ) -> PathFate {
        let (mut router, mut way) = (from, PathFate::begun(at));
        loop {
            match self.step((router, way.at), target, now) {
                HopFate::On(next, after) => {
                    router = next;
                    way.at += after;
                    way.links += 1;
                }
                HopFate::There => {
                    return PathFate {
                        arrives: true,
                        ..way
                    };
                }
                HopFate::Lost => return way,
            }
        }
    }

    /// What becomes of a packet for the router `target` that comes to the router `router` at the
    /// instant `at`, where nobody asks for what is before `now` any more.
    pub(super) fn step(
        &mut self,
        (router, at): (RouterId, Time),
        target: RouterId,
        now: Time,
    ) -> HopFate {
        if self.calm.is_some_and(|calm| calm <= at) {
            return self.usual_step(router, target);
        }
        let zero = self.zero.unwrap_or(Time::ZERO);
        let [at, now] = [at, now].map(|time| time.from_zero(zero));
        self.look_ahead(at, now);
        if !self.routers.is_up(router.index(), at) {
            return HopFate::Lost;
        }
        if router == target {
            return HopFate::There;
        }
        let next = self.next_hop(router, target, (at, now));
        let hop = next.and_then(|next| Some((next, self.routes.link_latency(router, next)?)));
        let Some((next, latency)) = hop else {
            return HopFate::Lost;
        };
        let ends = (router, next);
        let latency = self.slow.latency(self.graph, ends, latency, at);
        // Without links none fails.
        let link = self.routes.link(router, next);
        self.look_ahead(at.saturating_add(latency), now);
        let cut = |cut: &Cut| {
            cut.parts(self.graph, router, next) && !cut.timeline.is_up_through(at, latency)
        };
        let is_up = link.is_none_or(|(number, _)| self.links.is_up_through(number, at, latency));
        if is_up && !self.partitions.iter().any(cut) {
            HopFate::On(next, latency)
        } else {
            HopFate::Lost
        }
    }

    /// The next step of a packet when nothing is down or slow.
    fn usual_step(&self, router: RouterId, target: RouterId) -> HopFate {
        if router == target {
            return HopFate::There;
        }
        let next = self.routes.next_hop(router, target);
        let latency = self.routes.link_latency(router, next);
        latency.map_or(HopFate::Lost, |latency| HopFate::On(next, latency))
    }

    /// The router after `router` on the way to `target` by the routes of the instant `at`.
    fn next_hop(
        &mut self,
        router: RouterId,
        target: RouterId,
        (at, now): (Time, Time),
    ) -> Option<RouterId> {
        let number = self.epochs.number(at);
        self.epochs.make_room(self.graph.routers.len());
        if !self.epochs.searched.contains_key(&number) {
            let left = self.links_left(at);
            let slow_at = at.saturating_sub(self.partition_reroute);
            let latencies = self.slow.latencies(self.routes, self.graph, slow_at);
            let are_others = left.contains(&false) || latencies.is_some();
            let of = |(number, (_, _, always)): (usize, (RouterId, RouterId, Span))| {
                let latency = latencies.as_ref().map_or(always, |all| all[number]);
                left[number].then_some(latency)
            };
            let remaining = are_others.then(|| {
                let links = self.routes.simple_links().enumerate().map(of);
                self.routes.remaining(&links.collect::<Vec<_>>())
            });
            self.epochs.add(number, remaining, now);
        }
        match self.epochs.searched.get_mut(&number)? {
            None => Some(self.routes.next_hop(router, target)),
            Some(remaining) => {
                let before = remaining.targets();
                let next = remaining.next_hop(router, target);
                self.epochs.targets += remaining.targets() - before;
                next
            }
        }
    }

    /// Over which links routes lead at the instant `at`.
    fn links_left(&self, at: Time) -> Vec<bool> {
        let partitions_at = at.saturating_sub(self.partition_reroute);
        let cuts = self.partitions.iter();
        let cuts = cuts.filter(|cut| !cut.timeline.is_up(partitions_at));
        let cuts: Vec<&Cut> = cuts.collect();
        let is_left = |(number, (a, b, _)): (usize, (RouterId, RouterId, Span))| {
            self.links.is_known_up(number, at)
                && self.routers.is_known_up(a.index(), at)
                && self.routers.is_known_up(b.index(), at)
                && !cuts.iter().any(|cut| cut.parts(self.graph, a, b))
        };
        self.routes
            .simple_links()
            .enumerate()
            .map(is_left)
            .collect()
    }

    /// Draws what happens up to the instant `to` at least, and forgets what does not matter from `now`
    /// on.
    fn look_ahead(&mut self, to: Time, now: Time) {
        if self.drawn_to.is_some_and(|drawn_to| to <= drawn_to) {
            return;
        }
        let passed = to.saturating_since(Time::ZERO);
        let end = to.saturating_add(passed.max(AHEAD[0]).min(AHEAD[1]));
        let from = self.drawn_to.replace(end).unwrap_or(Time::ZERO);
        self.epochs.forget_before(now);
        for group in [&mut self.links, &mut self.routers] {
            group.draw((from, end), now, &mut self.epochs);
        }
    }
}

impl PathFate {
    fn begun(at: Time) -> Self {
        Self {
            arrives: false,
            at,
            links: 0,
        }
    }
}

impl Cut {
    /// Whether the link between two routers is among those that it cuts.
    fn parts(&self, graph: &Graph, a: RouterId, b: RouterId) -> bool {
        let [a, b] = [a, b].map(|end| graph.routers[end.index()].domain == self.domain);
        a != b
    }
}

impl Group {
    fn begin(&mut self) {
        let count = self.law.map_or(0, |_| self.count);
        self.timelines = (0..count).map(|_| Timeline::new()).collect();
    }

    /// Draws all periods up to the instant `to`, where those up to `from` are drawn, tells `epochs` of
    /// their changes, and forgets what does not matter from `now` on.
    fn draw(&mut self, (from, to): (Time, Time), now: Time, epochs: &mut Epochs) {
        let Some(law) = self.law else { return };
        for (timeline, number) in self.timelines.iter_mut().zip(0..) {
            let source = Source {
                law,
                streams: self.streams,
                stream: self.stream,
                number,
            };
            timeline.draw_beyond(to, source);
            epochs.learn(timeline.changes(from, to), self.reroute);
            // Not before that: what lies behind may have been drawn and not told.
            timeline.forget_before(now.saturating_sub(self.reroute));
        }
    }

    fn is_up(&self, number: usize, at: Time) -> bool {
        let timeline = self.timelines.get(number);
        timeline.is_none_or(|timeline| timeline.is_up(at))
    }

    fn is_up_through(&self, number: usize, at: Time, lasts: Span) -> bool {
        let timeline = self.timelines.get(number);
        timeline.is_none_or(|timeline| timeline.is_up_through(at, lasts))
    }

    /// Whether it is up as far as routes know at the instant `at`.
    fn is_known_up(&self, number: usize, at: Time) -> bool {
        self.is_up(number, at.saturating_sub(self.reroute))
    }
}

/// The times between two changes of what routes know, numbered from 0, and the routes of some of them.
#[derive(Debug, Default)]
struct Epochs {
    /// When they begin that are not forgotten; the first one begins at 0 and is not listed.
    known: Vec<Time>,
    /// How many are forgotten.
    forgotten: usize,
    sorted: bool,
    /// `None`: nothing is known to be down.
    searched: BTreeMap<usize, Option<Remaining>>,
    /// How many targets they were searched for.
    targets: usize,
}

impl Epochs {
    /// Takes in changes that routes know `reroute` later. None comes before those that were asked for.
    fn learn(&mut self, changes: &[Time], reroute: Span) {
        let known = changes.iter().map(|change| change.saturating_add(reroute));
        self.known.extend(known);
        self.sorted = false;
    }

    /// The number of the epoch to which the instant `at` belongs.
    fn number(&mut self, at: Time) -> usize {
        if !self.sorted {
            self.known.sort_unstable();
            self.sorted = true;
        }
        self.forgotten + self.known.partition_point(|change| *change <= at)
    }

    /// Forgets those that are over at `now`.
    fn forget_before(&mut self, now: Time) {
        let current = self.number(now);
        self.known.drain(..current - self.forgotten);
        self.forgotten = current;
    }

    /// Adds the routes of an epoch, and forgets those of epochs that are over at `now`.
    fn add(&mut self, number: usize, routes: Option<Remaining>, now: Time) {
        let current = self.number(now);
        self.searched = self.searched.split_off(&current);
        let searched = self.searched.values().flatten();
        self.targets = searched.map(Remaining::targets).sum();
        self.searched.insert(number, routes);
    }

    /// Forgets all routes if they take too much memory.
    fn make_room(&mut self, routers: usize) {
        let targets_max = (ROUTES_BYTES_MAX / size_of::<u32>() / routers).max(1);
        if self.targets >= targets_max {
            self.searched.clear();
            self.targets = 0;
        }
    }
}
