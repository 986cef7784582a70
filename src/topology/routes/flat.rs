//! Routes one by one in a large graph that cannot be taken apart: a search from both ends at once, bounded
//! by what some landmarks know.
//!
//! The costs from each landmark to every router are found once. A route over a landmark is then two
//! additions, so the search looks only for cheaper routes that pass none, and it leaves out every
//! router that is too far from either end to lie on one (the bounds of ALT: Goldberg and Harrelson, SODA 2005;
//! routers of high degree as landmarks that a search need not pass: Akiba, Iwata and Yoshida, SIGMOD 2013).
//! The cost is the least one whichever landmarks there are. What was found is kept for the next who asks.
//!
//! It does *not* know when a table of all costs is worth more.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};

use rayon::prelude::*;

use super::Route;
use super::network::{Arc, Cost, Found, Network, Search};

/// Landmarks that are chosen for their degree: many routes of a scale-free graph pass one.
const HUBS: usize = 16;

/// Landmarks that are chosen for lying far from all others: they bound a route in a graph with a geometry.
const CORNERS: usize = 16;

/// Costs that are kept, at most; 32 bytes each.
const KEPT_MAX: usize = 1 << 20;

/// Parts of what is kept, each with a lock of its own.
const PARTS: usize = 64;

/// Routes that are searched one by one.
#[derive(Debug)]
pub(super) struct Flat {
    network: Network,
    /// What landmarks know, once somebody asks for a route.
    bounds: OnceLock<Bounds>,
    kept: Vec<Mutex<Kept>>,
    /// The memory of searches that nobody makes just now.
    resting: Mutex<Vec<Meeting>>,
    /// How many searches have been made.
    searches: AtomicU64,
}

impl Flat {
    /// The routes of a connected network.
    pub(super) fn new(network: Network) -> Self {
        let places = (network.size() * 16).clamp(PARTS, KEPT_MAX);
        let places = places.next_power_of_two() / PARTS;
        Self {
            network,
            bounds: OnceLock::new(),
            kept: (0..PARTS).map(|_| Mutex::new(Kept::new(places))).collect(),
            resting: Mutex::default(),
            searches: AtomicU64::new(0),
        }
    }

    /// The network whose routes they are.
    pub(super) fn network(&self) -> &Network {
        &self.network
    }

    /// How many searches have been made for questions.
    pub(super) fn searches(&self) -> u64 {
        self.searches.load(Ordering::Relaxed)
    }

    fn bounds(&self) -> &Bounds {
        self.bounds.get_or_init(|| Bounds::new(&self.network))
    }

    /// The least cost of a route between two routers.
    pub(super) fn cost(&self, from: usize, to: usize) -> Cost {
        if from == to {
            return Cost::ZERO;
        }
        let bounds = self.bounds();
        if let Some(cost) = bounds.of_landmark(from, to) {
            return cost;
        }
        // Links cost the same both ways.
        let key = pair(from.min(to), from.max(to));
        let part = &self.kept[part_of(key)];
        // Nothing panics while it holds the lock: what is kept is whole.
        let known = part.lock().ok().and_then(|part| part.get(key));
        known.unwrap_or_else(|| {
            let cost = self.search(bounds, [from as u32, to as u32]);
            if let Ok(mut part) = part.lock() {
                part.put(key, cost);
            }
            cost
        })
    }

    /// The route between two routers: of all neighbours on a route of least cost the lowest comes next.
    pub(super) fn route(&self, from: usize, to: usize) -> Route {
        let whole = self.cost(from, to);
        let bounds = self.bounds();
        let on_route = |arc: &&Arc| {
            let there = arc.to as usize;
            arc.cost + bounds.at_least(there, to) <= whole
                && arc.cost + self.cost(there, to) == whole
        };
        let mut arcs = self.network.arcs_from(from).iter();
        let first = arcs.find(on_route).filter(|_| from != to);
        Route::from(Found {
            cost: whole,
            first: first.map_or(Found::NONE, |arc| arc.to),
        })
    }

    fn search(&self, bounds: &Bounds, ends: [u32; 2]) -> Cost {
        self.searches.fetch_add(1, Ordering::Relaxed);
        let resting = self.resting.lock().ok().and_then(|mut all| all.pop());
        let mut meeting = resting.unwrap_or_else(|| Meeting::new(self.network.size()));
        let cost = meeting.run(&self.network, bounds, ends);
        if let Ok(mut all) = self.resting.lock() {
            all.push(meeting);
        }
        cost
    }
}

/// What is known beforehand: the costs from some landmarks to every router.
#[derive(Debug)]
struct Bounds {
    /// For each router its number among the landmarks, or [`Found::NONE`].
    landmarks: Vec<u32>,
    /// For each router the costs to all landmarks.
    costs: Vec<Cost>,
    /// How many landmarks there are.
    width: usize,
}

impl Bounds {
    fn new(network: &Network) -> Self {
        let size = network.size();
        let chosen = landmarks(network);
        let rows: Vec<Vec<Cost>> = chosen
            .par_iter()
            .map_init(Search::default, |search, &landmark| {
                let found = search.run(network, landmark);
                found.iter().map(|found| found.cost).collect()
            })
            .collect();
        let mut landmarks = vec![Found::NONE; size];
        for (number, &landmark) in chosen.iter().enumerate() {
            landmarks[landmark as usize] = number as u32;
        }
        let costs = (0..size).flat_map(|router| rows.iter().map(move |row| row[router]));
        Self {
            landmarks,
            costs: costs.collect(),
            width: chosen.len(),
        }
    }

    fn row(&self, router: usize) -> &[Cost] {
        &self.costs[router * self.width..(router + 1) * self.width]
    }

    fn is_landmark(&self, router: u32) -> bool {
        self.landmarks[router as usize] != Found::NONE
    }

    /// The least cost between two routers one of which is a landmark.
    fn of_landmark(&self, from: usize, to: usize) -> Option<Cost> {
        let known = |one: usize, other: usize| {
            let number = self.landmarks[one];
            (number != Found::NONE).then(|| self.row(other)[number as usize])
        };
        known(from, to).or_else(|| known(to, from))
    }

    /// What no route between two routers costs less than.
    fn at_least(&self, from: usize, to: usize) -> Cost {
        let both = self.row(from).iter().zip(self.row(to));
        let least = both.map(|(one, other)| one.difference(*other)).max();
        least.unwrap_or(Cost::ZERO)
    }

    /// The least cost of a route over a landmark.
    fn over_landmarks(&self, [from, to]: [u32; 2]) -> Cost {
        let both = self.row(from as usize).iter().zip(self.row(to as usize));
        let least = both.map(|(one, other)| *one + *other).min();
        least.unwrap_or(Cost::MAX)
    }
}

/// Two routers as one number.
fn pair(low: usize, high: usize) -> u64 {
    (low as u64) << 32 | high as u64
}

/// Mixes a pair's bits (the finalizer of SplitMix64).
fn mixed(key: u64) -> u64 {
    let mut bits = key.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

fn part_of(key: u64) -> usize {
    (mixed(key) >> 58) as usize % PARTS
}

/// The landmarks: the routers of highest degree, then one after another the router that is farthest
/// from all that were chosen; of equals the lowest.
fn landmarks(network: &Network) -> Vec<u32> {
    let size = network.size();
    let mut order: Vec<u32> = (0..size as u32).collect();
    order.sort_by_key(|&router| Reverse(network.arcs_from(router as usize).len()));
    order.truncate(HUBS);
    let mut search = Search::default();
    let mut nearest = vec![Cost::MAX; size];
    let mut note = |landmark: u32, nearest: &mut Vec<Cost>| {
        for (known, found) in nearest.iter_mut().zip(search.run(network, landmark)) {
            *known = found.cost.min(*known);
        }
    };
    if let Some(&hub) = order.first() {
        note(hub, &mut nearest);
    }
    while order.len() < (HUBS + CORNERS).min(size) {
        let farthest = (0..size).max_by_key(|&router| (nearest[router], Reverse(router)));
        let Some(farthest) = farthest.filter(|&router| nearest[router] > Cost::ZERO) else {
            break;
        };
        note(farthest as u32, &mut nearest);
        if !order.contains(&(farthest as u32)) {
            order.push(farthest as u32);
        }
    }
    order
}

/// Costs by pair; a new one takes the place of another one of the same place.
#[derive(Debug)]
struct Kept {
    places: usize,
    /// Empty until something is kept.
    costs: Vec<(u64, Cost)>,
}

impl Kept {
    /// No pair: no router has this number.
    const FREE: (u64, Cost) = (u64::MAX, Cost::ZERO);

    fn new(places: usize) -> Self {
        Self {
            places,
            costs: Vec::new(),
        }
    }

    fn place(&self, key: u64) -> usize {
        mixed(key) as usize & (self.places - 1)
    }

    fn get(&self, key: u64) -> Option<Cost> {
        let found = self.costs.get(self.place(key))?;
        (found.0 == key).then_some(found.1)
    }

    fn put(&mut self, key: u64, cost: Cost) {
        if self.costs.is_empty() {
            self.costs = vec![Self::FREE; self.places];
        }
        let place = self.place(key);
        self.costs[place] = (key, cost);
    }
}

/// A search from both ends, whose memory serves many.
#[derive(Debug)]
struct Meeting {
    sides: [Side; 2],
    /// The number of the search: what another one has found counts as not found.
    number: u32,
}

/// What was found from one end.
#[derive(Debug)]
struct Side {
    /// For each router the number of the search and the cost that was found.
    found: Vec<(u32, Cost)>,
    heap: BinaryHeap<Reverse<(Cost, u32)>>,
}

impl Side {
    fn new(size: usize) -> Self {
        Self {
            found: vec![(0, Cost::MAX); size],
            heap: BinaryHeap::new(),
        }
    }

    fn begin(&mut self, number: u32, end: u32) {
        self.heap.clear();
        self.found[end as usize] = (number, Cost::ZERO);
        self.heap.push(Reverse((Cost::ZERO, end)));
    }

    fn cost(&self, number: u32, router: u32) -> Cost {
        let (whose, cost) = self.found[router as usize];
        if whose == number { cost } else { Cost::MAX }
    }

    /// The cost of what comes next.
    fn next(&self) -> Cost {
        self.heap.peek().map_or(Cost::MAX, |next| next.0.0)
    }
}

impl Meeting {
    fn new(size: usize) -> Self {
        Self {
            sides: [Side::new(size), Side::new(size)],
            number: 0,
        }
    }

    /// The least cost of a route between two ends, neither of which is a landmark.
    fn run(&mut self, network: &Network, bounds: &Bounds, ends: [u32; 2]) -> Cost {
        self.number = self.number.wrapping_add(1);
        if self.number == 0 {
            *self = Self::new(network.size());
            self.number = 1;
        }
        for (side, end) in self.sides.iter_mut().zip(ends) {
            side.begin(self.number, end);
        }
        let mut best = bounds.over_landmarks(ends);
        loop {
            let next = self.sides.each_ref().map(Side::next);
            if next.contains(&Cost::MAX) || next[0] + next[1] >= best {
                return best;
            }
            let side = usize::from(next[1] < next[0]);
            best = self.step(network, bounds, (side, ends[1 - side]), best);
        }
    }

    /// Settles the next router of one side, whose goal is the end of the other, where a route that costs
    /// `best` is known. Returns the least cost that is known then.
    fn step(
        &mut self,
        network: &Network,
        bounds: &Bounds,
        (side, goal): (usize, u32),
        mut best: Cost,
    ) -> Cost {
        let number = self.number;
        let [mut near, mut far] = self.sides.each_mut();
        if side == 1 {
            std::mem::swap(&mut near, &mut far);
        }
        let Some(Reverse((cost, router))) = near.heap.pop() else {
            return best;
        };
        if cost > near.cost(number, router)
            || cost + bounds.at_least(router as usize, goal as usize) >= best
        {
            return best;
        }
        let arcs = network.arcs_from(router as usize).iter();
        for arc in arcs.filter(|arc| !bounds.is_landmark(arc.to)) {
            let reached = cost + arc.cost;
            if reached >= near.cost(number, arc.to) {
                continue;
            }
            near.found[arc.to as usize] = (number, reached);
            let there = far.cost(number, arc.to);
            if there < Cost::MAX {
                best = (reached + there).min(best);
            }
            near.heap.push(Reverse((reached, arc.to)));
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::drawn;
    use super::super::table::Table;
    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 100,
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn all_routes_are_those_of_the_table(
            // Larger than the number of landmarks.
            network in drawn::network(40..90, 9),
        ) {
            let table = Table::of_all(&network);
            let flat = Flat::new(network);
            for from in 0..flat.network.size() {
                for to in 0..flat.network.size() {
                    let expected = table.found(from, to);
                    prop_assert_eq!(flat.cost(from, to), expected.cost);
                    prop_assert_eq!(flat.route(from, to), expected.into());
                }
            }
            prop_assert!(flat.searches() > 0);
        }
    }
}
