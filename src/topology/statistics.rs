//! What sums up a graph: counts, degrees, domains, diameters, mean distances, clustering.
//!
//! Distances are over all pairs of different routers, in the graph's own units. This module does
//! *not* know how the numbers are shown.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use serde::Serialize;

use super::components::Components;
use super::graph::{Domain, Graph, LinkClass, RouterId};
use super::pairs::Pairs;
use super::routes::network::Network;
use super::routes::{Measure, Networks, Rows};
use crate::error::Result;

/// The numbers that sum up a graph. What there is nothing to compute from is absent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Statistics {
    /// Routers.
    pub routers: usize,
    /// Links, loops and parallels included.
    pub links: usize,
    /// Links from a router to itself.
    pub loops: usize,
    /// Links beyond the first between the same two routers.
    pub parallels: usize,
    /// Links without loops and parallels.
    pub simple_links: usize,
    /// Parts into which the graph falls; 1 if it is connected.
    pub parts: usize,
    /// The number of neighbours of a router, without loops and parallels.
    pub degree: Option<Range>,
    /// The share of routers with one neighbour.
    pub leaf_share: f64,
    /// The length of a link, loops left out.
    pub link_length: Option<Range>,
    /// The domains, if the routers' labels tell any.
    pub domains: Option<Domains>,
    /// The fewest links between two routers.
    pub hops: Option<Distance>,
    /// The least length between two routers.
    pub length: Option<Distance>,
    /// The least policy weight between two routers; absent if no link has one.
    pub policy: Option<Distance>,
    /// The least length among the routes of least policy weight.
    pub policy_length: Option<Distance>,
    /// The mean over the routers of their clustering coefficient (of all pairs of neighbours, the
    /// share that are linked; 0 for a router with less than two).
    pub clustering: f64,
    /// Of all pairs of links that meet, the share whose other ends are linked; 0 if none meet.
    pub transitivity: f64,
    /// The pairs of a matrix of latencies, which has no links.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pairs: Option<Pairs>,
}

/// The least, the mean and the greatest of some numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Range {
    /// The least.
    pub min: f64,
    /// The mean.
    pub mean: f64,
    /// The greatest.
    pub max: f64,
}

/// The distances between all pairs of routers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Distance {
    /// The greatest.
    pub diameter: f64,
    /// The mean.
    pub mean: f64,
}

/// The domains of a transit-stub graph.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Domains {
    /// Transit domains.
    pub transit_domains: usize,
    /// Routers in transit domains.
    pub transit_routers: usize,
    /// Stub domains.
    pub stub_domains: usize,
    /// Routers in stub domains.
    pub stub_routers: usize,
    /// Routers of a transit domain.
    pub transit_size: Option<Range>,
    /// Routers of a stub domain.
    pub stub_size: Option<Range>,
    /// Links by what they join, parallels included and loops left out.
    pub links: LinkCounts,
}

/// Numbers of links by what they join.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct LinkCounts {
    /// Inside transit domains.
    pub intra_transit: usize,
    /// Between transit domains.
    pub inter_transit: usize,
    /// Between a transit and a stub domain.
    pub transit_stub: usize,
    /// Inside stub domains.
    pub intra_stub: usize,
    /// Between stub domains.
    pub stub_stub: usize,
    /// To or between routers without a domain.
    pub no_domain: usize,
}

/// What is asked of a graph besides counts.
#[derive(Debug)]
pub struct Asked<'a> {
    /// Whether the lengths of all links are known, and so worth summing up.
    pub lengths: bool,
    /// Whether the distances between all pairs of routers are wanted.
    pub distances: bool,
    /// Counts the routers from which all distances have been found.
    pub done: &'a AtomicU64,
}

impl Statistics {
    /// Sums up `graph`, which need not be connected: then it has no distances.
    ///
    /// Takes a search from each router for each kind of distance, on all cores.
    pub fn of(graph: &Graph) -> Result<Self> {
        Self::asked(
            graph,
            &Asked {
                lengths: true,
                distances: true,
                done: &AtomicU64::new(0),
            },
        )
    }

    /// Like [`Self::of`], no more than is asked.
    pub fn asked(graph: &Graph, asked: &Asked<'_>) -> Result<Self> {
        if let Some(latencies) = &graph.latencies {
            return Ok(Self::measured(graph, latencies));
        }
        let networks = Networks::new(graph)?;
        let simple = networks.simple();
        let listed_loops = graph
            .links
            .iter()
            .filter(|link| link.ends[0] == link.ends[1])
            .count();
        let loops = listed_loops + graph.loops_unlisted as usize;
        let links = graph.links.len() + graph.loops_unlisted as usize;
        let degrees: Vec<usize> = (0..graph.routers.len())
            .map(|router| simple.arcs_from(router).len())
            .collect();
        let simple_links = degrees.iter().sum::<usize>() / 2;
        let parts = Components::of(graph).sizes.len();
        let has_distances = parts == 1 && asked.distances;
        let totals = has_distances.then(|| totals(&networks, graph, asked));
        let totals = totals.unwrap_or_default();
        let pairs = graph.routers.len() * graph.routers.len().saturating_sub(1);
        let lengths = |total: Option<Total>| {
            let distance = total?.distance(pairs)?;
            Some(Distance {
                diameter: networks.in_units(distance.diameter),
                mean: networks.in_units(distance.mean),
            })
        };
        let (clustering, transitivity) = clustering(simple, &degrees);
        Ok(Self {
            routers: graph.routers.len(),
            links,
            loops,
            parallels: links - loops - simple_links,
            simple_links,
            parts,
            degree: spread(degrees.iter().map(|degree| *degree as f64)),
            leaf_share: share(
                degrees.iter().filter(|degree| **degree == 1).count(),
                degrees.len(),
            ),
            link_length: asked.lengths.then(|| link_lengths(graph)).flatten(),
            domains: domains(graph),
            hops: totals.hops.and_then(|total| total.distance(pairs)),
            length: lengths(totals.length),
            policy: totals.policy.and_then(|total| total.distance(pairs)),
            policy_length: lengths(totals.policy_length),
            clustering,
            transitivity,
            pairs: None,
        })
    }
}

fn link_lengths(graph: &Graph) -> Option<Range> {
    let links = graph
        .links
        .iter()
        .filter(|link| link.ends[0] != link.ends[1]);
    spread(links.map(|link| link.length))
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

pub(super) fn spread(numbers: impl Iterator<Item = f64>) -> Option<Range> {
    let (mut count, mut sum) = (0_usize, 0.0);
    let (mut min, mut max) = (f64::INFINITY, f64::NEG_INFINITY);
    for number in numbers {
        count += 1;
        sum += number;
        min = min.min(number);
        max = max.max(number);
    }
    (count > 0).then(|| Range {
        min,
        mean: sum / count as f64,
        max,
    })
}

/// The greatest and the sum of some distances.
#[derive(Debug, Clone, Copy, Default)]
struct Total {
    max: u64,
    sum: u128,
}

impl Total {
    fn add(total: &mut Option<Self>, distance: u64) {
        let total = total.get_or_insert_default();
        total.max = total.max.max(distance);
        total.sum += u128::from(distance);
    }

    fn and(self, other: Self) -> Self {
        Self {
            max: self.max.max(other.max),
            sum: self.sum + other.sum,
        }
    }

    fn distance(self, pairs: usize) -> Option<Distance> {
        (pairs > 0).then(|| Distance {
            diameter: self.max as f64,
            mean: self.sum as f64 / pairs as f64,
        })
    }
}

/// What all searches found together; integers, so that the order of adding does not matter.
#[derive(Debug, Clone, Copy, Default)]
struct Totals {
    hops: Option<Total>,
    length: Option<Total>,
    policy: Option<Total>,
    policy_length: Option<Total>,
}

impl Totals {
    fn and(self, other: Self) -> Self {
        let both = |a: Option<Total>, b: Option<Total>| match (a, b) {
            (Some(a), Some(b)) => Some(a.and(b)),
            (a, b) => a.or(b),
        };
        Self {
            hops: both(self.hops, other.hops),
            length: both(self.length, other.length),
            policy: both(self.policy, other.policy),
            policy_length: both(self.policy_length, other.policy_length),
        }
    }
}

fn totals(networks: &Networks, graph: &Graph, asked: &Asked<'_>) -> Totals {
    let distances = Rows::new(networks, graph, asked.lengths);
    (0..graph.routers.len() as u32)
        .into_par_iter()
        .map(|source| {
            let totals = totals_from(&distances, RouterId(source));
            asked.done.fetch_add(1, Ordering::Relaxed);
            totals
        })
        .reduce(Totals::default, Totals::and)
}

fn totals_from(distances: &Rows, source: RouterId) -> Totals {
    let mut totals = Totals::default();
    distances.each_from(source, |measure, cost| match measure {
        Measure::Hops => Total::add(&mut totals.hops, u64::from(cost.links())),
        Measure::Length => Total::add(&mut totals.length, cost.length()),
        Measure::Policy => {
            Total::add(&mut totals.policy, u64::from(cost.weight()));
            Total::add(&mut totals.policy_length, cost.length());
        }
    });
    totals
}

/// The mean clustering coefficient and the transitivity.
///
/// Links are followed from the lower to the higher (degree, number), so a router with very many
/// neighbours costs no more than others: O(links^1.5) in all (Chiba and Nishizeki, SIAM J.
/// Comput. 14(1), 1985).
pub(super) fn clustering(simple: &Network, degrees: &[usize]) -> (f64, f64) {
    let rank = |router: u32| (degrees[router as usize], router);
    let upward: Vec<Vec<u32>> = (0..degrees.len() as u32)
        .map(|router| {
            let neighbours = simple.arcs_from(router as usize).iter().map(|arc| arc.to);
            neighbours
                .filter(|other| rank(*other) > rank(router))
                .collect()
        })
        .collect();
    let mut triangles = vec![0_u64; degrees.len()];
    for (lowest, above) in upward.iter().enumerate() {
        for middle in above {
            for highest in common(above, &upward[*middle as usize]) {
                for corner in [lowest, *middle as usize, highest as usize] {
                    triangles[corner] += 1;
                }
            }
        }
    }
    let pairs = |degree: usize| (degree * degree.saturating_sub(1) / 2) as u64;
    let (mut coefficients, mut closed, mut meeting) = (0.0, 0, 0);
    for (triangles, degree) in triangles.iter().zip(degrees) {
        if *degree > 1 {
            coefficients += *triangles as f64 / pairs(*degree) as f64;
        }
        closed += triangles;
        meeting += pairs(*degree);
    }
    let transitivity = if meeting == 0 {
        0.0
    } else {
        closed as f64 / meeting as f64
    };
    (coefficients / degrees.len().max(1) as f64, transitivity)
}

/// What two ascending lists have in common.
fn common<'a>(a: &'a [u32], b: &'a [u32]) -> impl Iterator<Item = u32> + 'a {
    let mut b = b.iter().copied().peekable();
    a.iter().copied().filter(move |wanted| {
        while b.next_if(|candidate| candidate < wanted).is_some() {}
        b.peek() == Some(wanted)
    })
}

pub(super) fn domains(graph: &Graph) -> Option<Domains> {
    let mut sizes: BTreeMap<Domain, usize> = BTreeMap::new();
    for router in &graph.routers {
        *sizes.entry(router.domain).or_default() += 1;
    }
    sizes.remove(&Domain::None);
    if sizes.is_empty() {
        return None;
    }
    let is_transit = |domain: &Domain| matches!(domain, Domain::Transit(_));
    let (transit, stub): (Vec<_>, Vec<_>) = sizes
        .into_iter()
        .partition(|(domain, _)| is_transit(domain));
    let routers = |domains: &[(Domain, usize)]| domains.iter().map(|(_, size)| size).sum();
    let size = |domains: &[(Domain, usize)]| spread(domains.iter().map(|(_, size)| *size as f64));
    let mut links = LinkCounts::default();
    for link in graph
        .links
        .iter()
        .filter(|link| link.ends[0] != link.ends[1])
    {
        *match graph.class_of(link) {
            LinkClass::IntraTransit => &mut links.intra_transit,
            LinkClass::InterTransit => &mut links.inter_transit,
            LinkClass::TransitStub => &mut links.transit_stub,
            LinkClass::IntraStub => &mut links.intra_stub,
            LinkClass::StubStub => &mut links.stub_stub,
            LinkClass::NoDomain => &mut links.no_domain,
        } += 1;
    }
    Some(Domains {
        transit_domains: transit.len(),
        transit_routers: routers(&transit),
        stub_domains: stub.len(),
        stub_routers: routers(&stub),
        transit_size: size(&transit),
        stub_size: size(&stub),
        links,
    })
}
