//! One graph out of all domains: numbers and labels of the routers, the links in the original's
//! order of creation, and the links between domains.
//!
//! It does *not* know how domains were drawn.

use super::draw::{Drawn, TransitDomain};
use super::flat::{Flat, FlatLink, distance};
use super::labels::Labels;
use super::parameters::TransitStubParameters;
use super::random::Flip;
use super::refusal::{ParameterGroup, Refusal};
use super::scales::{Scales, too_many_links};
use super::{LINKS_MAX, Variant};
use crate::topology::{Domain, Graph, Link, Origin, Router, RouterId};

/// The policy weights (arc field `a`), which keep routes of least weight hierarchical: leaving
/// and entering a domain again never pays, nor does crossing a stub domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Weights {
    transit_transit: u32,
    transit_stub: u32,
    stub_stub: u32,
}

/// The weight of a link within a domain.
const WEIGHT_INTRA: u32 = 1;

impl Weights {
    fn of(drawn: &Drawn) -> Option<Self> {
        let over_half = |x: u64| x / 2 + 1;
        let transit = u64::from(drawn.transit_diameter);
        let top = u64::from(drawn.top_diameter);
        let transit_transit = over_half(transit);
        let transit_stub = over_half(top * transit_transit) + over_half((top + 1) * transit);
        let stub_stub = u64::from(drawn.stub_diameter) + 2 * transit_stub;
        Some(Self {
            transit_transit: transit_transit.try_into().ok()?,
            transit_stub: transit_stub.try_into().ok()?,
            stub_stub: stub_stub.try_into().ok()?,
        })
    }
}

/// The graph being put together.
struct Assembly<'a> {
    routers: Vec<Router>,
    links: Vec<Link>,
    /// For each transit domain the number of its first router, and how many it has.
    domains: Vec<(usize, usize)>,
    /// The routers in the order in which the original stores their labels: each transit router
    /// followed by the routers of its stub domains.
    stored: Vec<u32>,
    weights: Weights,
    flip: &'a mut Flip,
}

/// The graph of the domains `drawn` with `parameters`.
pub(super) fn graph(
    parameters: &TransitStubParameters,
    id: String,
    scales: Scales,
    drawn: &Drawn,
    variant: Variant,
    flip: &mut Flip,
) -> Result<Graph, Refusal> {
    let weights = Weights::of(drawn).ok_or_else(|| {
        Refusal::new(
            ParameterGroup::Counts,
            "a policy weight is above 4294967295",
            "give larger probabilities of a link, so that diameters are smaller",
        )
    })?;
    let links = link_count(parameters, drawn, variant);
    if links > LINKS_MAX {
        return Err(too_many_links(ParameterGroup::Counts));
    }
    let mut assembly = Assembly {
        routers: Vec::new(),
        links: Vec::with_capacity(links),
        domains: Vec::new(),
        stored: Vec::new(),
        weights,
        flip,
    };
    for domain in &drawn.domains {
        assembly.add_transit_domain(domain);
    }
    assembly.link_transit_domains(&drawn.top, variant);
    for _ in 0..parameters.extra_transit_stub_links {
        assembly.add_extra_transit_stub_link();
    }
    if parameters.extra_stub_stub_links > 0 {
        let labels = Labels::of(&assembly.routers, &assembly.stored);
        for _ in 0..parameters.extra_stub_stub_links {
            assembly.add_extra_stub_stub_link(&labels, variant);
        }
    }
    Ok(Graph {
        id,
        origin: Origin::TransitStub {
            scale: scales.global.into(),
            transit_diameter: drawn.transit_diameter.into(),
            stub_diameter: drawn.stub_diameter.into(),
            top_diameter: drawn.top_diameter.into(),
        },
        routers: assembly.routers,
        links: assembly.links,
        loops_unlisted: 0,
        latencies: None,
    })
}

/// How many links the graph will have.
fn link_count(parameters: &TransitStubParameters, drawn: &Drawn, variant: Variant) -> usize {
    let stubs = drawn.domains.iter().flat_map(|domain| &domain.stubs);
    let between_transit_domains = match variant {
        Variant::Exact => 2 * drawn.top.links.len(),
        Variant::Documented => drawn.top.links.len(),
    };
    let extra = parameters.extra_transit_stub_links + parameters.extra_stub_stub_links;
    drawn.links_inside
        + stubs.map(Vec::len).sum::<usize>()
        + between_transit_domains
        + extra as usize
}

impl Assembly<'_> {
    /// Adds the routers and links of one flat graph; gives the number of its first router.
    fn add_flat(&mut self, flat: &Flat, domain: Domain, label: impl Fn(usize) -> String) -> usize {
        let first = self.routers.len();
        for (number, position) in flat.positions.iter().enumerate() {
            self.routers.push(Router {
                label: label(number),
                position: Some(position.map(f64::from)),
                domain,
            });
        }
        // The original copies each router's links to higher routers, newest first.
        for links in flat.links.chunk_by(|a, b| a.ends[0] == b.ends[0]) {
            for &FlatLink { ends, length } in links.iter().rev() {
                self.links.push(Link {
                    ends: ends.map(|end| RouterId(first as u32 + end)),
                    length,
                    weight: WEIGHT_INTRA,
                });
            }
        }
        first
    }

    /// Adds a link between domains, as long as its routers are apart.
    fn add_link(&mut self, a: usize, b: usize, weight: u32) {
        let position = |router: usize| {
            let placed = self.routers[router].position;
            placed.expect("the generator gives every router a position")
        };
        self.links.push(Link {
            ends: [a.min(b), a.max(b)].map(|end| RouterId(end as u32)),
            length: distance(position(a), position(b)).round_ties_even(),
            weight,
        });
    }

    /// Adds a transit domain and its stub domains, each with its one link to its transit router.
    fn add_transit_domain(&mut self, domain: &TransitDomain) {
        let transit = self.domains.len() as u32;
        let first = self.add_flat(&domain.flat, Domain::Transit(transit), |number| {
            format!("T:{transit}.{number}")
        });
        self.domains.push((first, domain.stubs.len()));
        for (node, stubs) in domain.stubs.iter().enumerate() {
            self.stored.push((first + node) as u32);
            for (stub, flat) in stubs.iter().enumerate() {
                let number = Domain::Stub {
                    transit,
                    node: node as u32,
                    stub: stub as u32,
                };
                let stub_first = self.add_flat(flat, number, |number| {
                    format!("S:{transit}.{node}/{stub}.{number}")
                });
                self.stored
                    .extend(stub_first as u32..self.routers.len() as u32);
                let end = stub_first + self.flip.below(flat.positions.len());
                self.add_link(first + node, end, self.weights.transit_stub);
            }
        }
    }

    /// Links neighbouring transit domains. The original meets each link of the top graph from both
    /// of its ends, and so makes two.
    fn link_transit_domains(&mut self, top: &Flat, variant: Variant) {
        for (domain, neighbours) in top.neighbours().iter().enumerate() {
            for &other in neighbours.iter().rev() {
                let other = other as usize;
                if variant == Variant::Documented && other < domain {
                    continue;
                }
                let [u, v] = [domain, other].map(|domain| {
                    let (first, size) = self.domains[domain];
                    first + self.flip.below(size)
                });
                self.add_link(u, v, self.weights.transit_transit);
            }
        }
    }

    /// Links a random transit router with a random router of another transit router's stubs.
    fn add_extra_transit_stub_link(&mut self) {
        let (first, size) = self.domains[self.flip.below(self.domains.len())];
        let number = self.flip.below(size);
        let transit_router = first + number;
        let Domain::Transit(own) = self.routers[transit_router].domain else {
            unreachable!("the first routers of a transit domain are its transit routers");
        };
        let stub_router = loop {
            let candidate = self.flip.below(self.routers.len());
            if let Domain::Stub { transit, node, .. } = self.routers[candidate].domain
                && (transit, node) != (own, number as u32)
            {
                break candidate;
            }
        };
        self.add_link(transit_router, stub_router, self.weights.transit_stub);
    }

    /// Links two random routers of different stub domains, or what the original takes for such.
    fn add_extra_stub_stub_link(&mut self, labels: &Labels, variant: Variant) {
        let (a, b) = loop {
            let (a, b) = (
                self.flip.below(self.routers.len()),
                self.flip.below(self.routers.len()),
            );
            let in_stub =
                |router: usize| matches!(self.routers[router].domain, Domain::Stub { .. });
            if in_stub(a) && in_stub(b) && labels.differ(&self.routers, a, b) {
                break (a, b);
            }
        };
        // The original's exchange of two numbers loses one of them.
        let a = if b < a && variant == Variant::Exact {
            b
        } else {
            a
        };
        self.add_link(a, b, self.weights.stub_stub);
    }
}
