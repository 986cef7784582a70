//! Routes in a graph that cannot be taken apart: the cost between each two routers once, packed
//! into at most 32 bits. Costs are the same both ways, as links are, so half a square of them is enough;
//! the next router is the lowest neighbour that lies on a route of that cost.
//!
//! It does *not* know when it is worth its memory.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::Route;
use super::network::{Cost, Found, Network};

/// Larger tables are not made.
const BYTES_MAX: usize = 256 << 20;

/// A search keeps a queue for each cost between its nearest and its farthest open place; with more
/// of them it would mostly look at empty ones.
const QUEUES_MAX: u32 = 1 << 14;

/// How a cost is packed: weight, length and number of links, from the highest bit on. The highest
/// bit of each field stays free, so that an overflow shows before it reaches another field.
#[derive(Debug, Clone, Copy)]
struct Packing {
    /// Every length is a multiple of this.
    unit: u64,
    /// Where the length begins.
    length_shift: u32,
    /// Where the weight begins; 32 if there is none.
    weight_shift: u32,
}

impl Packing {
    /// The packing for a network, if its links fit.
    fn of(network: &Network) -> Option<Self> {
        let arcs = || (0..network.size()).flat_map(|place| network.arcs_from(place));
        let unit = arcs().fold(0, |unit, arc| gcd(unit, arc.cost.length()));
        let [length_shift, weight_shift] = if network.is_weighted() {
            [7, 25]
        } else {
            [10, 32]
        };
        let packing = Self {
            unit: unit.max(1),
            length_shift,
            weight_shift,
        };
        arcs()
            .all(|arc| packing.packed(arc.cost).is_some())
            .then_some(packing)
    }

    /// The highest bit of each field.
    fn guards(self) -> u32 {
        let weight = u32::from(self.weight_shift < 32) << 31;
        weight | 1 << (self.weight_shift - 1) | 1 << (self.length_shift - 1)
    }

    fn packed(self, cost: Cost) -> Option<u32> {
        let length = cost.length() / self.unit;
        let fields = [
            (u64::from(cost.links()), 0, self.length_shift),
            (length, self.length_shift, self.weight_shift),
            (u64::from(cost.weight()), self.weight_shift, 32),
        ];
        fields
            .into_iter()
            .try_fold(0_u32, |packed, (value, from, to)| {
                let room = 1_u64 << (to - from).saturating_sub(1);
                (value < room || value == 0).then(|| packed | (value << from) as u32)
            })
    }

    fn unpacked(self, packed: u32) -> Cost {
        let field = |from: u32, to: u32| {
            let above = u64::from(packed) & ((1_u64 << to) - 1);
            above >> from
        };
        Cost::of(
            field(self.weight_shift, 32) as u32,
            field(self.length_shift, self.weight_shift) * self.unit,
            field(0, self.length_shift) as u32,
        )
    }

    /// What a search goes by: the weight if there is one, else the length. The rest of the cost
    /// only grows along a route.
    fn key(self, packed: u32) -> u32 {
        if self.weight_shift < 32 {
            packed >> self.weight_shift
        } else {
            packed >> self.length_shift
        }
    }
}

fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// A link in one direction.
#[derive(Debug, Clone, Copy)]
struct DirectedLink {
    to: u32,
    cost: u32,
}

/// The packed costs from one router to all lower ones.
#[derive(Debug, Clone)]
enum Row {
    /// All of them below 256, as where only links are counted.
    Bytes(Box<[u8]>),
    Words(Box<[u32]>),
}

impl Row {
    fn of(costs: &[u32]) -> Self {
        let bytes = costs.iter().map(|cost| u8::try_from(*cost).ok());
        match bytes.collect::<Option<Box<[u8]>>>() {
            Some(bytes) => Self::Bytes(bytes),
            None => Self::Words(costs.into()),
        }
    }

    #[inline]
    fn cost(&self, to: usize) -> u32 {
        match self {
            Self::Bytes(costs) => costs[to].into(),
            Self::Words(costs) => costs[to],
        }
    }
}

/// Some rows of the table, with the numbers of their routers.
type Rows = Vec<(usize, Row)>;

/// The costs between all pairs.
#[derive(Debug)]
pub(super) struct Triangle {
    packing: Packing,
    /// Where each router's steps begin, and where the last ones end.
    starts: Vec<u32>,
    steps: Vec<DirectedLink>,
    /// One for each router.
    rows: Vec<Row>,
}

impl Triangle {
    /// The costs in a connected network, searched by as many threads; `None` if they do not fit.
    pub(super) fn new(network: &Network, threads: usize) -> Option<Self> {
        let size = network.size();
        if size * size / 2 * size_of::<u32>() > BYTES_MAX {
            return None;
        }
        let packing = Packing::of(network)?;
        let mut starts = vec![0];
        let mut steps = Vec::new();
        for place in 0..size {
            for arc in network.arcs_from(place) {
                let cost = packing.packed(arc.cost)?;
                steps.push(DirectedLink { to: arc.to, cost });
            }
            starts.push(steps.len() as u32);
        }
        let mut triangle = Self {
            packing,
            starts,
            steps,
            rows: Vec::new(),
        };
        triangle.rows = triangle.all_rows(threads)?;
        Some(triangle)
    }

    fn size(&self) -> usize {
        self.starts.len() - 1
    }

    fn steps_from(&self, place: usize) -> &[DirectedLink] {
        &self.steps[self.starts[place] as usize..self.starts[place + 1] as usize]
    }

    /// The rows, in any order among the threads. Those are not of the pool for parallel runs: a
    /// run that waits for the rows must not be given to a thread that makes them.
    fn all_rows(&self, threads: usize) -> Option<Vec<Row>> {
        let longest = self.steps.iter().map(|step| self.packing.key(step.cost));
        let queues = longest.max().unwrap_or(0) + 1;
        if queues > QUEUES_MAX {
            return None;
        }
        let next = AtomicUsize::new(0);
        let work = || {
            let mut search = Search::new(self, queues);
            let mut rows = Rows::new();
            loop {
                let source = next.fetch_add(1, Ordering::Relaxed);
                if source >= self.size() {
                    return Some(rows);
                }
                let costs = search.run(source)?;
                rows.push((source, Row::of(&costs[..source])));
            }
        };
        let parts: Option<Vec<Rows>> = std::thread::scope(|scope| {
            // Where the system refuses threads, the others do their work.
            let start = |_| std::thread::Builder::new().spawn_scoped(scope, work).ok();
            let workers: Vec<_> = (1..threads).map_while(start).collect();
            let own = work();
            let others = workers
                .into_iter()
                .map(|worker| worker.join().ok().flatten());
            std::iter::once(own).chain(others).collect()
        });
        let mut rows = vec![Row::Bytes(Box::default()); self.size()];
        for (source, row) in parts?.into_iter().flatten() {
            rows[source] = row;
        }
        Some(rows)
    }

    #[inline]
    fn packed(&self, from: usize, to: usize) -> u32 {
        match from.cmp(&to) {
            std::cmp::Ordering::Greater => self.rows[from].cost(to),
            std::cmp::Ordering::Less => self.rows[to].cost(from),
            std::cmp::Ordering::Equal => 0,
        }
    }

    /// The cost of the route between two routers.
    #[inline]
    pub(super) fn cost(&self, from: usize, to: usize) -> Cost {
        self.packing.unpacked(self.packed(from, to))
    }

    /// The route between two routers.
    pub(super) fn route(&self, from: usize, to: usize) -> Route {
        let whole = self.packed(from, to);
        let on_route = |step: &&DirectedLink| {
            step.cost.checked_add(self.packed(step.to as usize, to)) == Some(whole)
        };
        let first = self.steps_from(from).iter().find(on_route);
        Route::from(Found {
            cost: self.packing.unpacked(whole),
            first: first
                .filter(|_| from != to)
                .map_or(Found::NONE, |step| step.to),
        })
    }
}

/// A least-cost search by queues of places of the same key (Dial, CACM 12(11), 1969).
struct Search<'a> {
    triangle: &'a Triangle,
    guards: u32,
    costs: Vec<u32>,
    /// Places with their costs; the queue of a key is that of its remainder.
    queues: Vec<Vec<(u32, u32)>>,
}

impl<'a> Search<'a> {
    fn new(triangle: &'a Triangle, queues: u32) -> Self {
        Self {
            triangle,
            guards: triangle.packing.guards(),
            costs: Vec::new(),
            queues: vec![Vec::new(); queues as usize],
        }
    }

    /// The costs from `source` to all places; `None` if one does not fit.
    fn run(&mut self, source: usize) -> Option<&[u32]> {
        let packing = self.triangle.packing;
        let count = self.queues.len();
        self.costs.clear();
        self.costs.resize(self.triangle.size(), u32::MAX);
        self.costs[source] = 0;
        self.queues[0].push((source as u32, 0));
        let mut open = 1;
        let mut key = 0_u32;
        while open > 0 {
            let mut queue = std::mem::take(&mut self.queues[key as usize % count]);
            let mut done = 0;
            // Links of key 0 lengthen the queue, and may make a place in it cheaper.
            while let Some(&(place, cost)) = queue.get(done) {
                done += 1;
                if self.costs[place as usize] != cost {
                    continue;
                }
                for step in self.triangle.steps_from(place as usize) {
                    let reached = cost + step.cost;
                    let known = &mut self.costs[step.to as usize];
                    if reached >= *known {
                        continue;
                    }
                    if reached & self.guards != 0 {
                        return None;
                    }
                    *known = reached;
                    open += 1;
                    let reached_key = packing.key(reached);
                    if reached_key == key {
                        queue.push((step.to, reached));
                    } else {
                        self.queues[reached_key as usize % count].push((step.to, reached));
                    }
                }
            }
            open -= queue.len();
            queue.clear();
            self.queues[key as usize % count] = queue;
            key += 1;
        }
        Some(&self.costs)
    }
}

#[cfg(test)]
mod tests {
    use super::super::network::Arc;
    use super::*;

    fn chain(links: &[(u32, u64)]) -> Network {
        let links = (0..).zip(links);
        let arcs = links.flat_map(|(a, (weight, length))| {
            Arc::both_ways(a, a + 1, Cost::link(*weight, *length))
        });
        let arcs: Vec<Arc> = arcs.collect();
        Network::new(arcs.len() / 2 + 1, arcs)
    }

    #[test]
    fn costs_that_do_not_fit_make_no_table() {
        let fits = |links: &[(u32, u64)]| Triangle::new(&chain(links), 2).is_some();
        // Nanoseconds are no trouble if all are multiples of many.
        assert!(fits(&[(0, 7_000_000_000), (0, 16_000_000_000)]));
        // Too many different lengths for queues, too long a length, too long a route.
        assert!(!fits(&[(0, 7_000_000_001), (0, 16_000_000_000)]));
        assert!(!fits(&[(0, 1), (0, 20_000)]));
        assert!(fits(&[(0, 1), (0, 15_000)]));
        assert!(fits(&[(0, 0); 511]));
        assert!(!fits(&[(0, 0); 512]));
        // Weights have limits of their own.
        assert!(fits(&[(30, 1), (33, 1)]));
        assert!(!fits(&[(30, 1), (34, 1)]));
        assert!(!fits(&[(64, 1), (1, 1)]));
        assert!(!fits(&[(1, 131_071), (1, 131_070)]));
        assert!(fits(&[(1, 65_536), (1, 65_535)]));
    }
}
