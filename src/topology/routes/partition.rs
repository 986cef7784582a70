//! A graph taken apart: a core of routers, and the regions into which the rest falls without it.
//!
//! Any choice of core makes routes exact (see [`super::hierarchy`]); a good one is small and
//! leaves small regions that few core routers touch. GT-ITM's labels tell a good one: the transit
//! routers, and one end of each link between stub domains. Without labels, routers that few routes
//! pass are gathered into regions as long as these stay small, and the others are the core.

use super::network::{Cost, Network, Search};
use crate::topology::Domain;

/// A partition is used if the tables that it needs take no more memory than this.
const TABLE_BYTES_MAX: u64 = 256 << 20;

/// With more legs a router than this, a table is better where it fits.
const LEGS_MEAN_MAX: u64 = 6;

/// Graphs that cannot be taken apart well get a table up to this size, of a quarter of a gigabyte.
pub(super) const TABLE_ROUTERS_MAX: usize = 4000;

/// Bytes of a route in a table (policy weight included), and of a leg.
const ROUTE_BYTES: u64 = 20;
const LEG_BYTES: u64 = 32;

/// The maximum sizes of regions, in routers, that are tried in this order where there are no labels.
const REGION_SIZES: [usize; 3] = [64, 256, 1024];

/// The number of routers whose routes are counted, to find the routers that many routes pass.
const SAMPLES: usize = 48;

/// The core and the regions. Everything is in ascending order of routers.
#[derive(Debug)]
pub(super) struct Partition {
    /// The routers of the core.
    pub(super) core: Vec<u32>,
    /// The routers of each region.
    pub(super) regions: Vec<Vec<u32>>,
    /// The place of each router.
    pub(super) seats: Vec<Seat>,
}

/// Where a router is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seat {
    /// The number of its region, or [`Seat::CORE`].
    pub(super) region: u32,
    /// Its number there.
    pub(super) slot: u32,
}

impl Seat {
    pub(super) const CORE: u32 = u32::MAX;
}

impl Partition {
    /// A partition whose tables fit into memory, if one is found: the one by labels if it is good, else the
    /// one with the smallest tables; and how many arcs the searches for its tables look at.
    pub(super) fn find(network: &Network, domains: &[Domain]) -> Option<(Self, u64)> {
        let by_labels = Self::with_core(network, &core_by_labels(network, domains));
        let by_labels = by_labels.with_need(network);
        if let Some((partition, need)) = &by_labels
            && need.is_light(partition.seats.len())
        {
            let work = need.work;
            return by_labels.map(|(partition, _)| (partition, work));
        }
        let order = by_passing_routes(network);
        let around = REGION_SIZES.into_iter().filter_map(|size_max| {
            Self::with_core(network, &core_around(network, &order, size_max)).with_need(network)
        });
        let all = by_labels.into_iter().chain(around);
        let (partition, need) = all.min_by_key(|(_, need)| need.bytes)?;
        let size = partition.seats.len();
        (need.is_light(size) || size > TABLE_ROUTERS_MAX).then_some((partition, need.work))
    }

    /// The partition with this core.
    pub(super) fn with_core(network: &Network, is_core: &[bool]) -> Self {
        let unseated = Seat {
            region: Seat::CORE,
            slot: u32::MAX,
        };
        let mut partition = Self {
            core: Vec::new(),
            regions: Vec::new(),
            seats: vec![unseated; is_core.len()],
        };
        for router in 0..is_core.len() {
            if is_core[router] {
                partition.seats[router].slot = partition.core.len() as u32;
                partition.core.push(router as u32);
            } else if partition.seats[router] == unseated {
                partition.add_region(network, is_core, router as u32);
            }
        }
        partition
    }

    /// The region around `start`: what can be reached without the core.
    fn add_region(&mut self, network: &Network, is_core: &[bool], start: u32) {
        let region = self.regions.len() as u32;
        let mut members = vec![start];
        self.seats[start as usize].region = region;
        let mut next = 0;
        while let Some(router) = members.get(next) {
            next += 1;
            for arc in network.arcs_from(*router as usize) {
                let seat = &mut self.seats[arc.to as usize];
                if !is_core[arc.to as usize] && seat.region != region {
                    seat.region = region;
                    members.push(arc.to);
                }
            }
        }
        members.sort_unstable();
        for (slot, router) in members.iter().enumerate() {
            self.seats[*router as usize].slot = slot as u32;
        }
        self.regions.push(members);
    }

    /// The core routers that touch a region, as slots of the core.
    pub(super) fn exits(&self, network: &Network, region: usize) -> Vec<u32> {
        let arcs = self.regions[region]
            .iter()
            .flat_map(|r| network.arcs_from(*r as usize));
        let seats = arcs.map(|arc| self.seats[arc.to as usize]);
        let mut exits: Vec<u32> = seats
            .filter(|seat| seat.region == Seat::CORE)
            .map(|seat| seat.slot)
            .collect();
        exits.sort_unstable();
        exits.dedup();
        exits
    }

    /// The partition and what it needs, if it takes the graph apart at all and its tables fit into
    /// memory.
    fn with_need(self, network: &Network) -> Option<(Self, Need)> {
        let square = |routers: usize| (routers as u64).saturating_mul(routers as u64);
        let links = |router: &u32| network.arcs_from(*router as usize).len() as u64;
        let mut arcs: u64 = self.core.iter().map(links).sum();
        let mut need = Need {
            bytes: square(self.core.len()).saturating_mul(ROUTE_BYTES),
            legs: self.core.len() as u64,
            work: 0,
        };
        for (region, routers) in self.regions.iter().enumerate() {
            let exits = self.exits(network, region).len();
            let legs = exits as u64 * routers.len() as u64;
            // Detours from exit to exit become arcs of the core.
            let rows = square(exits).saturating_add(legs).saturating_mul(LEG_BYTES);
            let inside = square(routers.len()).saturating_mul(ROUTE_BYTES);
            need.bytes = need.bytes.saturating_add(rows).saturating_add(inside);
            need.legs += legs;
            arcs = arcs.saturating_add(square(exits));
        }
        need.work = arcs.saturating_mul(self.core.len() as u64);
        let apart = 2 * self.core.len() <= self.seats.len();
        (apart && need.bytes <= TABLE_BYTES_MAX).then_some((self, need))
    }
}

/// What a partition costs.
struct Need {
    /// The memory of its tables.
    bytes: u64,
    /// How many legs all routers have together. A question takes a look at each pair of legs.
    legs: u64,
    /// How many arcs the searches through the core look at, from each of its routers.
    work: u64,
}

impl Need {
    /// Whether questions are answered about as fast as by a table.
    fn is_light(&self, routers: usize) -> bool {
        self.legs <= LEGS_MEAN_MAX * routers as u64
    }
}

/// All routers but those of stub domains; of each link between two stub domains, the end with
/// more such links.
fn core_by_labels(network: &Network, domains: &[Domain]) -> Vec<bool> {
    let is_stub = |router: usize| matches!(domains[router], Domain::Stub { .. });
    let mut is_core: Vec<bool> = (0..domains.len()).map(|router| !is_stub(router)).collect();
    let leaves =
        |from: usize, to: usize| is_stub(from) && is_stub(to) && domains[from] != domains[to];
    let ways_out = |router: usize| {
        let arcs = network.arcs_from(router).iter();
        arcs.filter(|arc| leaves(router, arc.to as usize)).count()
    };
    for router in 0..domains.len() {
        for arc in network.arcs_from(router) {
            let other = arc.to as usize;
            if router < other && leaves(router, other) && !is_core[router] && !is_core[other] {
                let chosen = if ways_out(other) > ways_out(router) {
                    other
                } else {
                    router
                };
                is_core[chosen] = true;
            }
        }
    }
    is_core
}

/// Routers in this order join regions of at most `size_max`; those that would make one larger are
/// the core.
fn core_around(network: &Network, order: &[u32], size_max: usize) -> Vec<bool> {
    let mut is_core = vec![true; order.len()];
    // The regions so far: each member's way to its region's first member, and the size there.
    let mut parent: Vec<u32> = (0..order.len() as u32).collect();
    let mut size = vec![1_usize; order.len()];
    for &router in order {
        let neighbours = network.arcs_from(router as usize).iter().map(|arc| arc.to);
        let mut roots: Vec<u32> = neighbours
            .filter(|other| !is_core[*other as usize])
            .map(|other| root(&mut parent, other))
            .collect();
        roots.sort_unstable();
        roots.dedup();
        let joined = 1 + roots.iter().map(|root| size[*root as usize]).sum::<usize>();
        if joined <= size_max {
            is_core[router as usize] = false;
            size[router as usize] = joined;
            for root in roots {
                parent[root as usize] = router;
            }
        }
    }
    is_core
}

fn root(parent: &mut [u32], mut router: u32) -> u32 {
    while parent[router as usize] != router {
        // Halving the way keeps it short.
        parent[router as usize] = parent[parent[router as usize] as usize];
        router = parent[router as usize];
    }
    router
}

/// The routers by how many routes pass them, the fewest first, as far as a sample of sources tells.
fn by_passing_routes(network: &Network) -> Vec<u32> {
    let size = network.size();
    let mut passing = vec![0_u64; size];
    let mut search = Search::default();
    for sample in 0..SAMPLES.min(size) {
        let source = (sample * size / SAMPLES.min(size)) as u32;
        let found = search.run(network, source);
        let mut farthest_first: Vec<u32> = (0..size as u32).collect();
        farthest_first.sort_unstable_by_key(|router| std::cmp::Reverse(found[*router as usize]));
        let mut behind = vec![1_u64; size];
        for router in farthest_first {
            let cost = found[router as usize].cost;
            let before = network.arcs_from(router as usize).iter().find(|arc| {
                let there = found[arc.to as usize].cost;
                there < Cost::MAX && there + arc.cost == cost
            });
            if let Some(arc) = before {
                behind[arc.to as usize] += behind[router as usize];
            }
        }
        for (sum, routes) in passing.iter_mut().zip(behind) {
            *sum += routes;
        }
    }
    let mut order: Vec<u32> = (0..size as u32).collect();
    order.sort_by_key(|router| passing[*router as usize]);
    order
}
