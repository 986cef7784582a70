//! The wire: how long a packet takes, which links it crosses, and the routers that forward it.
//!
//! It does *not* know the event queue, nor what a message says.

mod conditions;
mod down;
mod gru;
mod outages;
mod sites;
mod slow;
mod timeline;
mod verdict;
mod wire;

pub use conditions::{Conditions, Failing, Fidelity, Partition, Slowdown};
pub(super) use down::outages;
pub use gru::{Gip, Gru, Packet};
use outages::{HopFate, Outages, PathFate};
use sites::Sites;
pub(super) use verdict::{Verdict, Verdicts, number_of};
pub use wire::HEADER_BYTES;
use wire::Wire;

use crate::event_queue::Key;
use crate::random::RandomStreams;
use crate::system::{Queueing, Site, Underlay};
use crate::time::{Span, Time};
use crate::topology::RouterId;
use crate::topology::Routes;
use crate::unit::{ByKind, Content, Context, Effect, Input, Unit, UnitId};

/// The way of a packet where links and routers fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trip {
    /// Whether it arrives; else it is lost.
    pub arrives: bool,
    /// How long it is on its way, if it arrives.
    pub lasts: Span,
    /// How many links it crosses, access links included.
    pub links: u32,
}

/// The network: routes, the units' places on it, its routers, and a count of crossed links.
#[derive(Debug)]
pub struct Network<'u, M: Content> {
    routes: &'u Routes,
    sites: ByKind<Sites>,
    routers: Vec<Gru<'u>>,
    /// What is down or slow when, if anything ever is.
    outages: Option<Box<Outages<'u>>>,
    /// Where packets wait for links, if they do.
    wire: Option<Box<Wire>>,
    /// From when on nothing is lost, late, down or slow; `None`: such an instant is not known.
    calm: Option<Time>,
    counting: bool,
    crossed: u64,
    /// What a router says while it handles a packet; empty between packets.
    effects: Vec<Effect<Gip<M>>>,
}

impl<'u, M: Content> Network<'u, M> {
    /// A network over `routes` to which no unit is attached but the routers.
    pub fn new(routes: &'u Routes) -> Self {
        let routers = (0..routes.router_count())
            .map(|id| Gru::new(RouterId(id), routes))
            .collect();
        let (sites, effects) = (ByKind::default(), Vec::new());
        Self {
            routes,
            sites,
            routers,
            outages: None,
            wire: None,
            calm: None,
            counting: false,
            crossed: 0,
            effects,
        }
    }

    /// This network under `conditions`: its links have their bandwidth, and its links and routers fail as they
    /// say from [`Self::begin_failures`] on.
    ///
    /// # Panics
    /// If the conditions have not been [checked](crate::parameters::Plain::check).
    pub fn under(
        mut self,
        conditions: &Conditions,
        underlay: &'u Underlay,
        streams: RandomStreams,
    ) -> Self {
        if conditions.change_links() {
            self.outages = Some(Box::new(Outages::new(conditions, underlay, streams)));
        }
        self.wire = Wire::new(conditions, self.routes).map(Box::new);
        self
    }

    /// Lets links and routers fail from `now` on, which is their time 0; `None`: not yet.
    pub fn begin_failures(&mut self, now: Option<Time>) {
        match (&mut self.outages, now) {
            (Some(outages), Some(now)) => outages.begin(now),
            (Some(outages), None) => outages.end(),
            (None, _) => {}
        }
    }

    /// Whether links and routers can be down by now.
    pub fn fails(&self) -> bool {
        let outages = self.outages.as_ref();
        outages.is_some_and(|outages| outages.have_begun())
    }

    /// From the instant `at` on nothing is lost, late, down or slow any more; `None`: that is not known.
    ///
    /// Links and routers that can [fail](Self::fails) must do so by now.
    pub(super) fn calm_down(&mut self, at: Option<Time>) {
        self.calm = at;
        if let Some(outages) = &mut self.outages {
            outages.calm_down(at);
        }
    }

    /// Whether nothing is lost or late any more that is sent at the instant `now`.
    pub(super) fn is_calm(&self, now: Time) -> bool {
        self.calm.is_some_and(|calm| calm <= now)
    }

    /// Attaches the next unit of its kind.
    pub fn attach(&mut self, unit: UnitId, site: Site) {
        self.sites.of_mut(unit).push(site);
    }

    /// Puts `unit`, which is attached, somewhere else.
    ///
    /// # Panics
    /// If it is not attached.
    pub fn relocate(&mut self, unit: UnitId, site: Site) {
        self.sites.of_mut(unit).change(unit.index() as usize, site);
    }

    /// Sets whether crossed links count from now on.
    pub fn count(&mut self, counting: bool) {
        self.counting = counting;
    }

    /// Links crossed while counting, access links included.
    pub fn crossed(&self) -> u64 {
        self.crossed
    }

    /// How long the whole way from one unit to another takes. Counts its links.
    #[inline]
    pub fn path(&mut self, from: UnitId, to: UnitId) -> Span {
        let (latency, links) = self.way(from, to);
        self.cross(links);
        latency
    }

    /// How long the whole way from one unit to another takes.
    pub fn latency(&self, from: UnitId, to: UnitId) -> Span {
        self.way(from, to).0
    }

    /// The latency and the links of the way from one unit to another, access links included.
    #[expect(
        clippy::inline_always,
        reason = "called instead, it saves and restores registers for each message: a hundredth of a run"
    )]
    #[inline(always)]
    fn way(&self, from: UnitId, to: UnitId) -> (Span, u32) {
        let (source, target) = (self.site(from), self.site(to));
        let (latency, links) = if source.router == target.router {
            (Span::ZERO, 0)
        } else {
            self.routes.latency_and_links(source.router, target.router)
        };
        (
            latency + source.access.unwrap_or_default() + target.access.unwrap_or_default(),
            links + u32::from(source.access.is_some()) + u32::from(target.access.is_some()),
        )
    }

    /// The way of a packet that is sent from one unit to another at the instant `at`, where links and
    /// routers fail. Nobody asks for what is before `now` any more.
    ///
    /// # Panics
    /// If links and routers do not [fail](Self::fails) yet.
    pub fn trip(&mut self, (from, to): (UnitId, UnitId), at: Time, now: Time) -> Trip {
        let (source, target) = (self.site(from), self.site(to));
        let entered = at + source.access.unwrap_or_default();
        let way = self.walk((source.router, entered), target.router, now);
        let mut links = way.links + u32::from(source.access.is_some());
        let mut end = way.at;
        if way.arrives {
            links += u32::from(target.access.is_some());
            end += target.access.unwrap_or_default();
        }
        Trip {
            arrives: way.arrives,
            lasts: end.saturating_since(at),
            links,
        }
    }

    fn walk(&mut self, from: (RouterId, Time), target: RouterId, now: Time) -> PathFate {
        let outages = self.outages.as_mut().expect("links and routers fail");
        outages.walk(from, target, now)
    }

    /// Counts the links of a trip.
    pub fn take(&mut self, trip: Trip) {
        self.cross(trip.links);
    }

    /// Gives up on a packet that would come to the router `at` at the instant `then`, at `now`. Counts
    /// the links that it has not crossed yet: those of a whole path count when it is sent.
    pub fn give_up(&mut self, (at, then): (RouterId, Time), to: UnitId, now: Time) {
        let target = self.site(to);
        if self.fails() {
            let way = self.walk((at, then), target.router, now);
            let access = way.arrives && target.access.is_some();
            self.cross(way.links + u32::from(access));
            return;
        }
        let links = if at == target.router {
            0
        } else {
            self.routes.latency_and_links(at, target.router).1
        };
        self.cross(links + u32::from(target.access.is_some()));
    }

    /// Hands a message from a unit to its router: which one, and after how long.
    pub fn enter(&mut self, from: UnitId) -> (RouterId, Span) {
        let source = self.site(from);
        (source.router, self.over_access(source))
    }

    /// A message on its way, as its routers see it.
    pub fn packet(&self, from: UnitId, to: UnitId, message: M) -> Packet<M> {
        Packet {
            from,
            to,
            target: self.site(to).router,
            message,
        }
    }

    /// Lets the router `at` handle `packet`. Returns where the router sends it, and how long that takes. A link
    /// to another router is crossed only if the packet is not dropped before it.
    ///
    /// # Panics
    /// If the routes lead to a router that is no neighbour, which exact routes never do.
    pub fn forward(
        &mut self,
        at: RouterId,
        now: Time,
        streams: RandomStreams,
        packet: Packet<M>,
    ) -> (UnitId, Span, Packet<M>) {
        let input = Input::Message {
            from: packet.from,
            message: packet,
        };
        let mut context = Context::new(now, Gru::id(at), streams, &mut self.effects);
        self.routers[at.index()].handle(input, &mut context);
        let Some(Effect::Send { to, message, .. }) = self.effects.pop() else {
            unreachable!("a router sends on every packet that it receives")
        };
        let after = if to.is_router() {
            let latency = self.routes.link_latency(at, RouterId(to.index()));
            latency.expect("a next hop is a neighbour")
        } else {
            self.over_access(self.site(to))
        };
        (to, after, message)
    }

    /// Where a packet for `to` goes from the router `at`, at which it is at `now`, and how long that takes,
    /// where links and routers fail; `None`: it is lost.
    ///
    /// # Panics
    /// If links and routers do not [fail](Self::fails) yet.
    pub fn forward_if_up(&mut self, at: RouterId, now: Time, to: UnitId) -> Option<(UnitId, Span)> {
        let target = self.site(to);
        let outages = self.outages.as_mut().expect("links and routers fail");
        match outages.step((at, now), target.router, now) {
            HopFate::There => Some((to, self.over_access(target))),
            HopFate::On(next, after) => Some((Gru::id(next), after)),
            HopFate::Lost => None,
        }
    }

    fn over_access(&mut self, site: Site) -> Span {
        self.cross(u32::from(site.access.is_some()));
        site.access.unwrap_or_default()
    }

    /// Whether packets wait for links.
    #[inline]
    pub(super) fn has_queues(&self) -> bool {
        self.wire.is_some()
    }

    /// A packet that carries `bytes` is to cross the link between two neighbours at `key.time`: for how long it waits
    /// and is sent; `None`: it is dropped, as too many wait already.
    pub(super) fn queue(
        &mut self,
        key: Key,
        (at, next): (RouterId, RouterId),
        bytes: u32,
    ) -> Option<Span> {
        let Some(wire) = &mut self.wire else {
            return Some(Span::ZERO);
        };
        // Without links none has a bandwidth.
        let Some((link, _)) = self.routes.link(at, next) else {
            return Some(Span::ZERO);
        };
        wire.enter(key, (link, at > next), bytes)
    }

    /// A stage begins at `now`, when no packet waits; what counts of them.
    pub(super) fn begin_queueing(&mut self, now: Time, busy_within: Option<(Time, Time)>) {
        if let Some(wire) = &mut self.wire {
            wire.begin(now, busy_within);
        }
    }

    /// What has been counted of packets that wait for links, if they do.
    pub(super) fn queueing(&self) -> Option<Queueing> {
        self.wire.as_ref().map(|wire| wire.totals())
    }

    /// What has been counted of packets that wait for each link, from a router to the next.
    pub(super) fn queued(&self) -> impl Iterator<Item = ((RouterId, RouterId), Queueing)> {
        let links = self.routes.simple_links();
        let both = links.flat_map(|(one, other, _)| [(one, other), (other, one)]);
        let wire = self.wire.iter();
        both.zip(wire.flat_map(|wire| wire.each()))
    }

    /// Counts crossed links.
    #[inline]
    pub(super) fn cross(&mut self, links: u32) {
        if self.counting {
            self.crossed += u64::from(links);
        }
    }

    #[expect(
        clippy::inline_always,
        reason = "called instead, it hands over a place in memory twice for each message: a hundredth of a run"
    )]
    #[inline(always)]
    fn site(&self, unit: UnitId) -> Site {
        self.sites.of(unit).of(unit.index() as usize)
    }
}
