//! Exact routes in large graphs of small regions: transit-stub graphs above all.
//!
//! The routers are taken apart into a core and regions ([`Partition`]). Every route between two
//! routers either stays inside one region, or it has a first and a last router of the core: from
//! the source inside its region to an exit, from there by the core's own table of exact distances
//! to an exit of the other region, and inside that region to the target. The least over all pairs
//! of exits is the exact distance, whatever the core; and as the three pieces are found with the
//! same rule for ties, so is the next router.

use rayon::prelude::*;

use super::network::{Arc, Cost, Found, Network, Search};
use super::partition::{Partition, Seat};
use super::table::Table;

/// The way between a router and an exit of its region, through that region alone.
#[derive(Debug, Clone, Copy)]
struct Leg {
    cost: Cost,
    /// The exit, as a slot of the core; for a router of the core, itself.
    exit: u32,
    /// The first router after this one towards the exit; none for a router of the core.
    out: u32,
    /// The first router after the exit towards this one; none for a router of the core.
    back: u32,
}

/// Routes by core and regions.
#[derive(Debug)]
pub(super) struct Hierarchy {
    seats: Vec<Seat>,
    core: Table,
    /// Routes that do not leave their region.
    inside: Vec<Table>,
    legs: Vec<Leg>,
    /// Where each router's legs begin, and where the last ones end.
    leg_starts: Vec<u32>,
}

/// What is found out about one region.
struct Region {
    inside: Table,
    /// The legs of each router, all with the same exits.
    legs: Vec<Leg>,
    exits: usize,
    /// The ways from exit to exit through the region.
    detours: Vec<Arc>,
}

impl Hierarchy {
    /// The routes of a connected network, taken apart like this.
    pub(super) fn new(network: &Network, partition: &Partition) -> Self {
        let regions: Vec<Region> = (0..partition.regions.len())
            .into_par_iter()
            .map_init(Search::default, |search, region| {
                explore(network, partition, region, search)
            })
            .collect();
        let mut arcs = core_links(network, partition);
        arcs.extend(regions.iter().flat_map(|region| &region.detours));
        let core = Table::of_all(&Network::new(partition.core.len(), arcs));
        let mut legs = Vec::new();
        let mut leg_starts = vec![0];
        for seat in &partition.seats {
            if seat.region == Seat::CORE {
                legs.push(Leg {
                    cost: Cost::ZERO,
                    exit: seat.slot,
                    out: Found::NONE,
                    back: Found::NONE,
                });
            } else {
                let region = &regions[seat.region as usize];
                let start = seat.slot as usize * region.exits;
                let own = &region.legs[start..start + region.exits];
                legs.extend(own.iter().filter(|leg| !is_detour(leg, own, &core)));
            }
            leg_starts.push(legs.len() as u32);
        }
        Self {
            seats: partition.seats.clone(),
            core,
            inside: regions.into_iter().map(|region| region.inside).collect(),
            legs,
            leg_starts,
        }
    }

    fn legs(&self, router: usize) -> &[Leg] {
        &self.legs[self.leg_starts[router] as usize..self.leg_starts[router + 1] as usize]
    }

    /// The table of the region in which both routers are, if there is one, and their slots in it.
    fn common_region(&self, from: usize, to: usize) -> Option<(&Table, [usize; 2])> {
        let (a, b) = (self.seats[from], self.seats[to]);
        (a.region == b.region && a.region != Seat::CORE).then(|| {
            (
                &self.inside[a.region as usize],
                [a.slot as usize, b.slot as usize],
            )
        })
    }

    /// The route between two routers. Its first router is [`Found::NONE`] if they are the same.
    pub(super) fn found(&self, from: usize, to: usize) -> Found {
        let mut best = match self.common_region(from, to) {
            Some((inside, [a, b])) => inside.found(a, b),
            None => Found::NOTHING,
        };
        for a in self.legs(from) {
            for b in self.legs(to) {
                let middle = self.core.found(a.exit as usize, b.exit as usize);
                let first = if a.out != Found::NONE {
                    a.out
                } else if a.exit != b.exit {
                    middle.first
                } else {
                    b.back
                };
                let cost = a.cost + middle.cost + b.cost;
                best = best.min(Found { cost, first });
            }
        }
        best
    }

    /// Calls `each` with the least cost from `from` to every router, in ascending order.
    pub(super) fn costs_from(&self, from: usize, mut each: impl FnMut(Cost)) {
        let core_cost = |slot: usize| {
            let legs = self.legs(from).iter();
            legs.map(|leg| leg.cost + self.core.found(leg.exit as usize, slot).cost)
                .min()
        };
        let size = self.core.columns();
        // Every router has a leg: the graph is connected.
        let to_core: Vec<Cost> = (0..size)
            .map(|slot| core_cost(slot).unwrap_or(Cost::MAX))
            .collect();
        for to in 0..self.seats.len() {
            let legs = self.legs(to).iter();
            let over_core = legs.map(|leg| to_core[leg.exit as usize] + leg.cost).min();
            let inside = self
                .common_region(from, to)
                .map(|(inside, [a, b])| inside.found(a, b).cost);
            each(
                over_core
                    .into_iter()
                    .chain(inside)
                    .min()
                    .unwrap_or(Cost::MAX),
            );
        }
    }
}

/// Whether the leg's exit is nearer over another exit: then no least route takes the leg.
fn is_detour(leg: &Leg, own: &[Leg], core: &Table) -> bool {
    let over = |other: &Leg| other.cost + core.found(other.exit as usize, leg.exit as usize).cost;
    own.iter().any(|other| over(other) < leg.cost)
}

/// The links between routers of the core, as arcs between their slots.
fn core_links(network: &Network, partition: &Partition) -> Vec<Arc> {
    let mut links = Vec::new();
    for (slot, router) in partition.core.iter().enumerate() {
        for arc in network.arcs_from(*router as usize) {
            let seat = partition.seats[arc.to as usize];
            if seat.region == Seat::CORE {
                links.push(Arc {
                    from: slot as u32,
                    to: seat.slot,
                    ..*arc
                });
            }
        }
    }
    links
}

/// Searches a region from each of its routers and exits. Its exits come after its routers in the
/// network of its own, and no route passes them.
fn explore(network: &Network, partition: &Partition, region: usize, search: &mut Search) -> Region {
    let routers = &partition.regions[region];
    let exits = partition.exits(network, region);
    let own = own_network(network, partition, region, &exits);
    let weighted = own.is_weighted();
    let size = routers.len();
    let mut inside = Table::empty(size, weighted);
    let mut legs = Vec::with_capacity(size * exits.len());
    for slot in 0..size {
        let found = search.run_inside(&own, slot as u32, size);
        inside.push_row(&found[..size], weighted);
        legs.extend(found[size..].iter().zip(&exits).map(|(found, exit)| Leg {
            cost: found.cost,
            exit: *exit,
            out: found.first,
            back: Found::NONE,
        }));
    }
    let mut detours = Vec::new();
    for (number, exit) in exits.iter().enumerate() {
        let found = search.run_inside(&own, (size + number) as u32, size);
        for (slot, found) in found[..size].iter().enumerate() {
            legs[slot * exits.len() + number].back = found.first;
        }
        for (other, found) in exits.iter().zip(&found[size..]) {
            if other != exit {
                detours.push(Arc {
                    from: *exit,
                    to: *other,
                    cost: found.cost,
                    first: found.first,
                });
            }
        }
    }
    Region {
        inside,
        legs,
        exits: exits.len(),
        detours,
    }
}

fn own_network(network: &Network, partition: &Partition, region: usize, exits: &[u32]) -> Network {
    let routers = &partition.regions[region];
    let mut arcs = Vec::new();
    for (slot, router) in routers.iter().enumerate() {
        for arc in network.arcs_from(*router as usize) {
            let seat = partition.seats[arc.to as usize];
            let there = if seat.region == Seat::CORE {
                let number = exits.partition_point(|exit| *exit < seat.slot);
                (routers.len() + number) as u32
            } else {
                seat.slot
            };
            arcs.push(Arc {
                from: slot as u32,
                to: there,
                ..*arc
            });
            if seat.region == Seat::CORE {
                arcs.push(Arc {
                    from: there,
                    to: slot as u32,
                    cost: arc.cost,
                    first: *router,
                });
            }
        }
    }
    Network::new(routers.len() + exits.len(), arcs)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::drawn;
    use super::super::triangle::Triangle;
    use super::*;

    /// A connected network of 2 to 13 routers, and any choice of core.
    fn network_and_core() -> impl Strategy<Value = (Network, Vec<bool>)> {
        drawn::network(2..14, 4).prop_flat_map(|network| {
            let core = proptest::collection::vec(any::<bool>(), network.size());
            (Just(network), core)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 2000,
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn whatever_the_core_all_routes_are_those_of_the_table((network, core) in network_and_core()) {
            let table = Table::of_all(&network);
            let hierarchy = Hierarchy::new(&network, &Partition::with_core(&network, &core));
            let triangle = Triangle::new(&network, 2).unwrap();
            for from in 0..network.size() {
                let mut costs = Vec::new();
                hierarchy.costs_from(from, |cost| costs.push(cost));
                prop_assert_eq!(costs.len(), network.size());
                for (to, cost) in costs.into_iter().enumerate() {
                    let expected = table.found(from, to);
                    prop_assert_eq!(hierarchy.found(from, to), expected);
                    prop_assert_eq!(cost, expected.cost);
                    prop_assert_eq!(triangle.cost(from, to), expected.cost);
                    prop_assert_eq!(triangle.route(from, to), expected.into());
                }
            }
        }
    }
}
