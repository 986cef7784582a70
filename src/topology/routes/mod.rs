//! Exact routes over an underlay: who is how far from whom, over how many links, and which router
//! comes next.
//!
//! Self-loops carry no traffic; of parallel links the one with the least (policy weight, latency)
//! counts. Ties between routes: fewer links, then the lower number of the next router. This
//! module does *not* know packets, nor what sits on a router.

mod direct;
mod distances;
#[cfg(test)]
mod drawn;
mod flat;
mod hierarchy;
mod index;
pub(super) mod network;
mod partition;
mod remaining;
mod table;
mod triangle;

pub use self::distances::{Between, Distances};
pub(super) use self::distances::{Measure, Networks, Rows, simple_network};
pub use self::remaining::Remaining;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::direct::Direct;
use self::index::Index;
use self::network::{Arc, Cost, Found, LENGTH_SUM_MAX, Network, WEIGHT_SUM_MAX};
use super::components::Components;
use super::graph::{Domain, Graph, Link, RouterId};
use super::latencies::Latencies;
use crate::error::{Error, Result};
use crate::time::Span;

/// The route of a packet between two routers.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Routing {
    /// The route of least latency.
    #[default]
    Latency,
    /// The route of least sum of GT-ITM's policy weights, then of least latency.
    Policy,
}

/// One route, except for its policy weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Route {
    /// The sum of the links' lengths.
    length: u64,
    /// How many links there are.
    links: u32,
    /// The router after the source; [`Found::NONE`] on the route to itself.
    first: u32,
}

impl Route {
    /// The route from a router to itself.
    const NOWHERE: Self = Self {
        length: 0,
        links: 0,
        first: Found::NONE,
    };
}

impl From<Found> for Route {
    #[inline]
    fn from(found: Found) -> Self {
        Self {
            length: found.cost.length(),
            links: found.cost.links(),
            first: found.first,
        }
    }
}

/// The routes between all routers of a connected graph. Built once, then shared by threads.
///
/// Routers are those of the graph; asking about another one panics.
#[derive(Debug)]
pub struct Routes {
    /// The usable links, lower router first, ascending.
    links: Vec<(RouterId, RouterId, Span)>,
    network: Network,
    index: Index,
    /// Whether a detour can be quicker than the route: policy weights decide, or latencies are measured.
    detours_are_quicker: bool,
}

impl Routes {
    /// Finds all routes of `graph` under `routing`.
    ///
    /// A link's latency is its length × `latency_ms_per_unit` ms, rounded to the nearest
    /// nanosecond. A graph that is not connected, a latency that is negative, not a number or
    /// beyond 31 years, latencies that add up to 146 years and weights that add up to 2³⁰ are
    /// errors.
    pub fn new(graph: &Graph, latency_ms_per_unit: f64, routing: Routing) -> Result<Self> {
        if let Some(latencies) = &graph.latencies {
            return Self::measured(graph, latencies, latency_ms_per_unit);
        }
        check_connected(graph)?;
        let usable = usable_links(graph, latency_ms_per_unit)?;
        let arcs = usable.iter().flat_map(|link| {
            let weight = match routing {
                Routing::Latency => 0,
                Routing::Policy => link.weight,
            };
            let [a, b] = link.ends.map(|end| end.0);
            Arc::both_ways(a, b, Cost::link(weight, link.latency.as_ns()))
        });
        let network = Network::new(graph.routers.len(), arcs.collect());
        let domains: Vec<Domain> = graph.routers.iter().map(|router| router.domain).collect();
        Ok(Self {
            index: Index::new(&network, &domains),
            network,
            detours_are_quicker: routing == Routing::Policy
                && usable.iter().any(|link| link.weight > 0),
            links: usable
                .into_iter()
                .map(|link| (link.ends[0], link.ends[1], link.latency))
                .collect(),
        })
    }

    /// Routes of one hop, as measured.
    fn measured(graph: &Graph, latencies: &Latencies, ms_per_unit: f64) -> Result<Self> {
        let size = latencies.size();
        if size == 0 {
            return Err(no_routers());
        }
        let mut lengths = vec![0; size * size];
        for (from, to, latency) in latencies.pairs() {
            let ends = [from, to].map(|end| &graph.routers[end].label);
            let latency = latency.ok_or_else(|| not_measured(ends))?;
            lengths[from * size + to] = span_of(latency, ms_per_unit, ends)?.as_ns();
        }
        Ok(Self {
            links: Vec::new(),
            network: Network::new(size, Vec::new()),
            index: Index::Direct(Direct::new(size, lengths)),
            detours_are_quicker: true,
        })
    }

    /// Whether there are no links: each route is one hop from router to router.
    pub fn are_direct(&self) -> bool {
        matches!(self.index, Index::Direct(_))
    }

    /// Whether routes are searched for one by one at first, because there are too many for a table
    /// and the graph has no parts to take off: then much that asks for routes takes long.
    pub fn are_searched(&self) -> bool {
        matches!(self.index, Index::Lazy(_))
    }

    /// How many routers there are.
    pub fn router_count(&self) -> u32 {
        self.network.size() as u32
    }

    /// The latency of the route from `u` to `v`.
    #[inline]
    pub fn latency(&self, u: RouterId, v: RouterId) -> Span {
        self.latency_and_links(u, v).0
    }

    /// Both [`Self::latency`] and [`Self::links`], for the price of one.
    #[inline]
    pub fn latency_and_links(&self, u: RouterId, v: RouterId) -> (Span, u32) {
        let (length, links) = self.index.length_and_links(u.index(), v.index());
        (Span::from_ns(length), links)
    }

    /// How many links the route from `u` to `v` has; 0 if they are the same.
    #[inline]
    pub fn links(&self, u: RouterId, v: RouterId) -> u32 {
        self.latency_and_links(u, v).1
    }

    /// The router after `u` on the route to `v`; `u` itself if they are the same.
    #[inline]
    pub fn next_hop(&self, u: RouterId, v: RouterId) -> RouterId {
        match self.route(u, v).first {
            Found::NONE => u,
            first => RouterId(first),
        }
    }

    /// The usable link between `u` and `v`, if they are neighbours: its place in the order of
    /// [`Self::simple_links`], and its latency.
    pub fn link(&self, u: RouterId, v: RouterId) -> Option<(usize, Span)> {
        let ends = (u.min(v), u.max(v));
        let found = self.links.binary_search_by_key(&ends, |&(a, b, _)| (a, b));
        found.ok().map(|number| (number, self.links[number].2))
    }

    /// The latency of the usable link from `u` to `v`, if they are neighbours; without links all routers
    /// are.
    pub fn link_latency(&self, u: RouterId, v: RouterId) -> Option<Span> {
        if let Index::Direct(direct) = &self.index {
            return (u != v).then(|| Span::from_ns(direct.length(u.index(), v.index())));
        }
        let row = self.network.arcs_from(u.index());
        let found = row.binary_search_by_key(&v.0, |arc| arc.to);
        found
            .ok()
            .map(|index| Span::from_ns(row[index].cost.length()))
    }

    /// The usable links: without loops and worse parallels, each once, its lower router first,
    /// in ascending order.
    pub fn simple_links(&self) -> impl Iterator<Item = (RouterId, RouterId, Span)> + '_ {
        self.links.iter().copied()
    }

    /// The neighbours, each pair once, its lower router first, and the lesser of the latencies of both
    /// directions: [`Self::simple_links`], or without links all pairs.
    pub fn neighbours(&self) -> Vec<(RouterId, RouterId, Span)> {
        let Index::Direct(direct) = &self.index else {
            return self.links.clone();
        };
        let size = direct.size();
        let pairs = (0..size).flat_map(|from| (from + 1..size).map(move |to| (from, to)));
        pairs
            .map(|(from, to)| {
                let length = direct.length(from, to).min(direct.length(to, from));
                let [from, to] = [from, to].map(|end| RouterId(end as u32));
                (from, to, Span::from_ns(length))
            })
            .collect()
    }

    /// What no route from one of `hosts` takes longer than: twice the eccentricity of the first, if no
    /// detour is quicker than the route; else the latency of the longest route itself, for which all have
    /// to be looked at.
    pub fn bound(&self, hosts: &[RouterId]) -> Span {
        let mut longest = hosts.iter().map(|&host| self.eccentricity(host));
        if self.detours_are_quicker {
            longest.max().unwrap_or_default()
        } else {
            longest.next().map_or(Span::ZERO, |half| half + half)
        }
    }

    /// The latency of the longest route from `u`.
    pub fn eccentricity(&self, u: RouterId) -> Span {
        let mut farthest = 0;
        self.index
            .costs_from(u.index(), |cost| farthest = farthest.max(cost.length()));
        Span::from_ns(farthest)
    }

    #[inline]
    fn route(&self, u: RouterId, v: RouterId) -> Route {
        self.index.route(u.index(), v.index())
    }
}

/// A link that carries traffic, its lower router first.
struct UsableLink {
    ends: [RouterId; 2],
    weight: u32,
    latency: Span,
}

/// The links without loops and worse parallels, in ascending order.
fn usable_links(graph: &Graph, latency_ms_per_unit: f64) -> Result<Vec<UsableLink>> {
    let mut usable = Vec::with_capacity(graph.links.len());
    for link in graph
        .links
        .iter()
        .filter(|link| link.ends[0] != link.ends[1])
    {
        let [a, b] = link.ends;
        usable.push(UsableLink {
            ends: [a.min(b), a.max(b)],
            weight: link.weight,
            latency: latency_of(graph, link, latency_ms_per_unit)?,
        });
    }
    usable.sort_by_key(|link| (link.ends, link.weight, link.latency));
    usable.dedup_by_key(|link| link.ends);
    let mut latencies = usable.iter().map(|link| link.latency.as_ns());
    let latency_sum = latencies.try_fold(0, u64::checked_add);
    if latency_sum.is_none_or(|sum| sum >= LENGTH_SUM_MAX) {
        return Err(
            Error::new("the links' latencies add up to 146 years or more")
                .help("choose a smaller latency per unit of length"),
        );
    }
    let weight_sum: u64 = usable.iter().map(|link| u64::from(link.weight)).sum();
    check_weights(weight_sum)?;
    Ok(usable)
}

fn check_weights(sum: u64) -> Result<()> {
    if sum >= WEIGHT_SUM_MAX {
        return Err(Error::new(
            "the links' policy weights add up to 2^30 or more",
        ));
    }
    Ok(())
}

fn latency_of(graph: &Graph, link: &Link, latency_ms_per_unit: f64) -> Result<Span> {
    let ends = link.ends.map(|router| &graph.routers[router.index()].label);
    span_of(link.length, latency_ms_per_unit, ends)
}

/// The latency of a `length` in the graph's unit between two routers, which messages name by their labels.
fn span_of(length: f64, ms_per_unit: f64, [a, b]: [&String; 2]) -> Result<Span> {
    let ms = length * ms_per_unit;
    Span::from_ms(ms).ok_or_else(|| {
        Error::new(format!(
            "the link between {a} and {b} would have a latency of {ms} ms ({length} × {ms_per_unit})"
        ))
        .help("a latency is at least 0 ms and at most 10^12 ms")
    })
}

fn not_measured([a, b]: [&String; 2]) -> Error {
    Error::new(format!("the latency from {a} to {b} is not known"))
        .help("fill the gaps of the matrix, or leave such routers out")
}

fn no_routers() -> Error {
    Error::new("the graph has no routers")
}

/// Every router must reach every other one.
fn check_connected(graph: &Graph) -> Result<()> {
    let parts = Components::of(graph);
    if parts.sizes.is_empty() {
        return Err(no_routers());
    }
    let Some(unreachable) = parts.part_of.iter().position(|part| *part != 0) else {
        return Ok(());
    };
    Err(Error::new(format!(
        "the graph falls into {} parts: no route leads from router 0 ({}) to router {unreachable} \
         ({})",
        parts.sizes.len(),
        graph.routers[0].label,
        graph.routers[unreachable].label
    ))
    .help("every router must be reachable: add the missing links, or keep only one part"))
}
