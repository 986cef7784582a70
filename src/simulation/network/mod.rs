//! The wire: how long a packet takes, which links it crosses, and the routers that forward it.
//!
//! It does *not* know the agenda, nor what a message says.

mod gru;

use std::fmt::Debug;
use std::num::NonZeroU64;

pub use gru::{Gip, Gru, Packet};

use crate::fingerprint::Encode;
use crate::random::Draws;
use crate::system::Site;
use crate::time::{Span, Time};
use crate::topology::RouterId;
use crate::topology::routes::Routes;
use crate::unit::{Context, Effect, Input, Unit, UnitId};

/// How closely the way of a packet is simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fidelity {
    /// One event a packet, after the path's total latency.
    Path,
    /// Every router on the path receives and forwards it.
    Hop,
}

/// The places of all units of a kind.
///
/// Looked up for both ends of every message, so kept small: once for all as long as all are alike;
/// access latencies only where there are any, and each in the eight bytes of an optional non-zero
/// number (its nanoseconds plus one).
#[derive(Debug, Default)]
struct Sites {
    len: usize,
    /// Where the first unit sits.
    first: Option<Site>,
    /// Empty as long as all sites are as the first one.
    routers: Vec<RouterId>,
    /// As long as `routers`, or empty if no unit so far has an access link.
    access: Vec<Option<NonZeroU64>>,
}

impl Sites {
    fn push(&mut self, site: Site) {
        let first = *self.first.get_or_insert(site);
        if self.routers.is_empty() && site != first {
            (0..self.len).for_each(|index| self.put(index, first));
        }
        if site != first || !self.routers.is_empty() {
            self.put(self.len, site);
        }
        self.len += 1;
    }

    /// Puts down the site of unit number `index`, those of all before it being there.
    fn put(&mut self, index: usize, site: Site) {
        if let Some(access) = site.access {
            self.access.resize(index, None);
            self.access
                .push(NonZeroU64::MIN.checked_add(access.as_ns()));
        } else if !self.access.is_empty() {
            self.access.push(None);
        }
        self.routers.push(site.router);
    }

    #[inline]
    fn of(&self, index: usize) -> Site {
        match (self.routers.get(index), self.first) {
            (Some(&router), _) => {
                let access = self.access.get(index).copied().flatten();
                Site {
                    router,
                    access: access.map(|ns| Span::from_ns(ns.get() - 1)),
                }
            }
            (None, Some(first)) => first,
            (None, None) => unreachable!("every unit that sends or is sent to has a site"),
        }
    }
}

/// The network: routes, the units' places on it, its routers, and a count of crossed links.
#[derive(Debug)]
pub struct Network<'u, M: Encode + Debug + Send> {
    routes: &'u Routes,
    sites: [Sites; UnitId::KINDS],
    routers: Vec<Gru<'u>>,
    counting: bool,
    crossed: u64,
    /// What a router says while it handles a packet; empty between packets.
    effects: Vec<Effect<Gip<M>>>,
}

impl<'u, M: Encode + Debug + Send> Network<'u, M> {
    /// A network over `routes` to which no unit is attached but the routers.
    pub fn new(routes: &'u Routes) -> Self {
        let routers = (0..routes.router_count())
            .map(|id| Gru::new(RouterId(id), routes))
            .collect();
        let (sites, effects) = (Default::default(), Vec::new());
        Self {
            routes,
            sites,
            routers,
            counting: false,
            crossed: 0,
            effects,
        }
    }

    /// Attaches the next unit of its kind.
    pub fn attach(&mut self, unit: UnitId, site: Site) {
        self.sites[unit.kind() as usize].push(site);
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
        let (source, target) = (self.site(from), self.site(to));
        let (latency, links) = self.routes.latency_and_links(source.router, target.router);
        self.cross(links + u32::from(source.access.is_some()) + u32::from(target.access.is_some()));
        latency + source.access.unwrap_or_default() + target.access.unwrap_or_default()
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

    /// Lets the router `at` handle `packet`: to whom it sends it, and how long that takes.
    ///
    /// # Panics
    /// If the routes lead to a router that is no neighbour, which exact routes never do.
    pub fn forward(
        &mut self,
        at: RouterId,
        now: Time,
        draws: Draws,
        packet: Packet<M>,
    ) -> (UnitId, Span, Packet<M>) {
        let input = Input::Message {
            from: packet.from,
            message: packet,
        };
        let mut context = Context::new(now, Gru::id(at), draws, &mut self.effects);
        self.routers[at.index()].handle(input, &mut context);
        let Some(Effect::Send { to, message, .. }) = self.effects.pop() else {
            unreachable!("a router sends on every packet that it receives")
        };
        let after = if to.kind() == UnitId::ROUTER {
            self.cross(1);
            let latency = self.routes.link_latency(at, RouterId(to.index()));
            latency.expect("a next hop is a neighbour")
        } else {
            self.over_access(self.site(to))
        };
        (to, after, message)
    }

    fn over_access(&mut self, site: Site) -> Span {
        self.cross(u32::from(site.access.is_some()));
        site.access.unwrap_or_default()
    }

    #[inline]
    fn cross(&mut self, links: u32) {
        if self.counting {
            self.crossed += u64::from(links);
        }
    }

    #[inline]
    fn site(&self, unit: UnitId) -> Site {
        self.sites[unit.kind() as usize].of(unit.index() as usize)
    }
}
