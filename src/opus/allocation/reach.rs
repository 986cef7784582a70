//! How far an application's requests travel to its nodes, and which share of them is therefore
//! answered in time.
//!
//! Requests go to the nearest node that is not busy, so a region's requests fill the nearest nodes
//! first, and where two regions want the same node, the nearer one has it. With the nodes of
//! an application spread evenly among all, that filling depends only on which share of their
//! capacity is used: it is tabulated once. This module does *not* know how long nodes work on
//! requests, nor how many are turned away.

use crate::time::Span;

/// So many entries the tables have, besides that of 0.
const STEPS: usize = 64;
/// About so many pairs of a region and a node are looked at: of more nodes, some that are spread
/// evenly among their numbers,
const PAIRS: usize = 1024;
/// but so many at least.
const NODES: usize = 64;

/// All regions and nodes, by the latency between them.
#[derive(Debug)]
pub(super) struct Nearness {
    regions: usize,
    nodes: usize,
    /// (latency, region, node), ascending.
    pairs: Vec<(Span, usize, usize)>,
}

/// What becomes of an application's requests because of the way to its nodes.
#[derive(Debug, Clone, PartialEq)]
pub struct Reach {
    /// Answers in time ÷ capacity, by the share of the capacity that is used; concave.
    used: Vec<f64>,
    /// The same if every region had the nearest nodes for itself, however many requests it sends.
    alone: Vec<f64>,
}

impl Nearness {
    /// From the latencies between each region and each node.
    pub(super) fn of(latencies: &[Vec<Span>]) -> Self {
        let nodes = latencies.first().map_or(0, Vec::len);
        let most = (PAIRS / latencies.len().max(1)).max(NODES);
        let stride = nodes.div_ceil(most).max(1);
        let mut pairs = Vec::new();
        for (region, latencies) in latencies.iter().enumerate() {
            let some = latencies.iter().step_by(stride).enumerate();
            pairs.extend(some.map(|(node, &latency)| (latency, region, node)));
        }
        pairs.sort_unstable();
        Self {
            regions: latencies.len(),
            nodes: nodes.div_ceil(stride),
            pairs,
        }
    }

    /// The reach of an application of whose requests the regions send these shares (alike, if they
    /// send none), where `in_time` is the share that is answered in time over a round trip.
    pub(super) fn reach(&self, shares: &[f64], in_time: impl Fn(Span) -> f64) -> Reach {
        let sum: f64 = shares.iter().sum();
        let share = |region: usize| {
            if sum > 0.0 {
                shares[region] / sum
            } else {
                1.0 / self.regions as f64
            }
        };
        let shares: Vec<f64> = (0..self.regions).map(share).collect();
        let each = self.pairs.iter();
        let values: Vec<f64> = each.map(|(way, ..)| in_time(*way + *way)).collect();
        let table = |of: &dyn Fn(f64) -> f64| -> Vec<f64> {
            let steps = (0..=STEPS).map(|step| step as f64 / STEPS as f64);
            steps.map(of).collect()
        };
        Reach {
            used: hull(&table(&|used| self.fill(&shares, used, &values))),
            alone: table(&|used| self.fill_alone(&shares, used, &values)),
        }
    }

    /// What is answered in time ÷ the capacity of all nodes, if a share `used` of it is filled
    /// from the nearest pair on.
    fn fill(&self, shares: &[f64], used: f64, values: &[f64]) -> f64 {
        let nodes = self.nodes as f64;
        let mut wanted: Vec<f64> = shares.iter().map(|share| share * used * nodes).collect();
        let mut rooms = vec![1.0; self.nodes];
        let mut sum = 0.0;
        for ((_, region, node), value) in self.pairs.iter().zip(values) {
            let taken = wanted[*region].min(rooms[*node]);
            wanted[*region] -= taken;
            rooms[*node] -= taken;
            sum += taken * value;
        }
        sum / nodes
    }

    /// The same if each region fills a share `used` of all nodes, and counts by its share of the
    /// requests.
    fn fill_alone(&self, shares: &[f64], used: f64, values: &[f64]) -> f64 {
        let nodes = self.nodes as f64;
        let mut wanted = vec![used * nodes; self.regions];
        let mut sum = 0.0;
        for ((_, region, _), value) in self.pairs.iter().zip(values) {
            let taken = wanted[*region].min(1.0);
            wanted[*region] -= taken;
            sum += shares[*region] * taken * value;
        }
        sum / nodes
    }
}

impl Reach {
    /// A reach in which this share is in time, wherever the nodes are.
    pub fn even(in_time: f64) -> Self {
        let table: Vec<f64> = (0..=STEPS)
            .map(|step| in_time * step as f64 / STEPS as f64)
            .collect();
        Self {
            used: table.clone(),
            alone: table,
        }
    }

    /// The share of the requests that is answered in time by `nodes` nodes (above 0) that are as
    /// busy as `busy` nodes that always work: a region's nearest node is one of `nodes`, and no
    /// nearer than that.
    pub fn in_time(&self, nodes: f64, busy: f64) -> f64 {
        let used = (busy / nodes).clamp(1e-9, 1.0);
        let alone = (1.0 / nodes).min(1.0);
        (at(&self.used, used) / used).min(at(&self.alone, alone) / alone)
    }

    /// The greatest share, with any number of nodes.
    pub fn best(&self) -> f64 {
        (self.used[1] * STEPS as f64).min(self.alone[1] * STEPS as f64)
    }
}

/// The value of a table at a share, straight between its entries.
fn at(table: &[f64], share: f64) -> f64 {
    let place = share * STEPS as f64;
    let below = (place as usize).min(STEPS - 1);
    table[below] + (table[below + 1] - table[below]) * (place - below as f64)
}

/// The least concave table that is nowhere below `table`.
fn hull(table: &[f64]) -> Vec<f64> {
    let slope = |a: usize, b: usize| (table[b] - table[a]) / (b - a) as f64;
    let mut corners: Vec<usize> = Vec::new();
    for entry in 0..table.len() {
        while let [.., a, b] = corners[..] {
            if slope(a, b) >= slope(b, entry) {
                break;
            }
            corners.pop();
        }
        corners.push(entry);
    }
    let mut all = vec![table[0]];
    for pair in corners.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        all.extend((a + 1..=b).map(|entry| table[a] + slope(a, b) * (entry - a) as f64));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn latencies() -> Vec<Vec<Span>> {
        // Two regions at the ends of a line of 40 nodes.
        let way = |from: u64| (0..40_u64).map(move |node| Span::from_s(from.abs_diff(node)));
        [0, 39].map(|from| way(from).collect()).into()
    }

    fn in_time_within(limit_s: u64) -> impl Fn(Span) -> f64 {
        move |trip| f64::from(u8::from(trip <= Span::from_s(limit_s)))
    }

    #[test]
    fn regions_fill_the_nearest_nodes_first() {
        let nearness = Nearness::of(&latencies());
        // Round trips of up to 18 s: the ten nearest nodes of each end.
        let reach = nearness.reach(&[1.0, 1.0], in_time_within(18));
        assert!((reach.in_time(40.0, 10.0) - 1.0).abs() < 1e-9);
        assert!((reach.in_time(40.0, 20.0) - 1.0).abs() < 1e-9);
        assert!((reach.in_time(40.0, 40.0) - 0.5).abs() < 1e-9, "half");
        assert!((reach.in_time(1.0, 0.1) - 0.25).abs() < 1e-9, "anywhere");
        // All requests from one end: its own ten, then ever farther ones.
        let reach = nearness.reach(&[1.0, 0.0], in_time_within(18));
        assert!((reach.in_time(40.0, 20.0) - 0.5).abs() < 1e-9);
        assert!((reach.best() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn answers_in_time_are_concave_in_the_nodes_that_are_busy() {
        let nearness = Nearness::of(&latencies());
        for limit_s in [4, 18, 40, 70] {
            let reach = nearness.reach(&[3.0, 1.0], in_time_within(limit_s));
            let gains: Vec<f64> = reach
                .used
                .windows(2)
                .map(|pair| pair[1] - pair[0])
                .collect();
            assert!(gains.windows(2).all(|pair| pair[1] <= pair[0] + 1e-12));
            assert!(gains.iter().all(|gain| *gain >= -1e-12));
        }
    }

    #[test]
    fn of_many_nodes_some_stand_for_all() {
        let many: Vec<Span> = (0..99_991)
            .map(|node| Span::from_s(node * 7919 % 100))
            .collect();
        let nearness = Nearness::of(&[many]);
        assert!((PAIRS / 2..=PAIRS).contains(&nearness.pairs.len()));
        let reach = nearness.reach(&[1.0], in_time_within(99));
        assert!((reach.in_time(1e5, 1e5) - 0.5).abs() < 0.05);
        let even = Reach::even(0.25);
        assert!((even.in_time(7.0, 3.0) - 0.25).abs() < 1e-9);
        assert!((even.best() - 0.25).abs() < 1e-9);
    }
}
