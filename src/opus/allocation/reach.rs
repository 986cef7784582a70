//! How far an application's requests travel to its nodes, and which share of them is therefore
//! answered in time.
//!
//! Requests go to the nearest node that is not busy, so a region's requests fill the nearest nodes
//! first, and where two regions want the same node, the nearer one has it. With the nodes of
//! an application spread evenly among all, that filling depends only on which share of their
//! capacity is used: it is tabulated for the shares that the regions have of the requests at one time.
//! This module does *not* know how long nodes work on requests, nor how many are turned away, nor
//! what the shares will be.

use crate::time::Span;

/// The number of entries of the tables, besides that of 0.
const STEPS: usize = 64;
/// About how many pairs of a region and a node are considered; of more nodes, a sample that is spread evenly among
/// their numbers.
const PAIRS: usize = 1024;
/// The minimum number of nodes in that sample.
const NODES: usize = 64;

/// Shares of the requests are rounded to multiples of 1 / `PARTS`, so that a rounding error does not make a new
/// table.
const PARTS: f64 = 4096.0;

/// All regions and nodes, by the latency between them.
#[derive(Debug)]
pub(super) struct Nearness {
    regions: usize,
    nodes: usize,
    /// (latency, region, node), ascending.
    pairs: Vec<(Span, usize, usize)>,
}

/// What the ways between regions and nodes leave of the requests of applications that are alike,
/// whatever share each region has of them.
#[derive(Debug)]
pub(super) struct DelayFactors {
    /// The share that is answered in time, for each pair of [`Nearness`].
    values: Vec<f64>,
    /// By region, answers in time ÷ capacity if it had the nearest nodes for itself, by the
    /// share of the capacity that is used.
    alone: Vec<Vec<f64>>,
}

/// What becomes of an application's requests because of the way to its nodes.
#[derive(Debug, Clone, PartialEq)]
pub struct Reach {
    /// Answers in time ÷ capacity, by the share of the capacity that is used; concave.
    used: Vec<f64>,
    /// Answers in time ÷ capacity if every region had the nearest nodes for itself, however many requests it
    /// sends.
    alone: Vec<f64>,
}

/// Which share of an application's requests each region sends, in parts of [`PARTS`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Shares(Vec<u16>);

impl Shares {
    /// From the rates of the `regions` regions; alike, if nothing is known of them or they send nothing.
    pub(super) fn of(rates: &[f64], regions: u32) -> Self {
        let sum: f64 = rates.iter().sum();
        let parts = rates.iter().map(|rate| (rate / sum * PARTS).round() as u16);
        let parts: Vec<u16> = parts.collect();
        // A quotient that is no number is 0 parts.
        if parts.iter().all(|parts| *parts == 0) {
            return Self(vec![1; regions as usize]);
        }
        Self(parts)
    }

    /// As numbers that add up to 1.
    fn numbers(&self) -> Vec<f64> {
        let sum: f64 = self.0.iter().map(|parts| f64::from(*parts)).sum();
        let each = self.0.iter();
        each.map(|parts| f64::from(*parts) / sum).collect()
    }
}

/// A table of what `of` gives at each share.
fn table(of: impl Fn(f64) -> f64) -> Vec<f64> {
    let steps = (0..=STEPS).map(|step| step as f64 / STEPS as f64);
    steps.map(of).collect()
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

    /// The ways of applications of which `in_time` is the share that is answered in time over a
    /// round trip.
    pub(super) fn ways(&self, in_time: impl Fn(Span) -> f64) -> DelayFactors {
        let each = self.pairs.iter();
        let values: Vec<f64> = each.map(|(way, ..)| in_time(*way + *way)).collect();
        let alone = |region| table(|used| self.fill_alone(region, used, &values));
        DelayFactors {
            alone: (0..self.regions).map(alone).collect(),
            values,
        }
    }

    /// The reach of an application of whose requests the regions send these shares.
    pub(super) fn reach(&self, ways: &DelayFactors, shares: &Shares) -> Reach {
        let shares = shares.numbers();
        let mean = |step: usize| {
            let each = shares.iter().zip(&ways.alone);
            each.map(|(share, alone)| share * alone[step]).sum()
        };
        Reach {
            used: hull(&table(|used| self.fill(&shares, used, &ways.values))),
            alone: (0..=STEPS).map(mean).collect(),
        }
    }

    /// What is answered in time ÷ the capacity of all nodes, if a share `used` of it is filled
    /// from the nearest pair on.
    fn fill(&self, shares: &[f64], used: f64, values: &[f64]) -> f64 {
        let nodes = self.nodes as f64;
        let mut wanted: Vec<f64> = shares.iter().map(|share| share * used * nodes).collect();
        let mut regions = wanted.iter().filter(|wanted| **wanted > 0.0).count();
        let mut rooms = vec![1.0; self.nodes];
        let mut sum = 0.0;
        for ((_, region, node), value) in self.pairs.iter().zip(values) {
            let (own, room) = (&mut wanted[*region], &mut rooms[*node]);
            if *own <= 0.0 {
                continue;
            }
            let taken = own.min(*room);
            *own -= taken;
            *room -= taken;
            sum += taken * value;
            regions -= usize::from(*own <= 0.0);
            if regions == 0 {
                break;
            }
        }
        sum / nodes
    }

    /// What is answered in time ÷ the capacity of all nodes, if one region fills a share `used` of all nodes.
    fn fill_alone(&self, region: usize, used: f64, values: &[f64]) -> f64 {
        let nodes = self.nodes as f64;
        let mut wanted = used * nodes;
        let mut sum = 0.0;
        let own = self.pairs.iter().zip(values);
        for (_, value) in own.filter(|((_, of, _), _)| *of == region) {
            let taken = wanted.min(1.0);
            wanted -= taken;
            sum += taken * value;
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

    /// The reach where all round trips of up to `limit_s` are in time, and no other.
    fn within(nearness: &Nearness, rates: &[f64], limit_s: u64) -> Reach {
        let ways = nearness.ways(|trip| f64::from(u8::from(trip <= Span::from_s(limit_s))));
        nearness.reach(&ways, &Shares::of(rates, rates.len() as u32))
    }

    #[test]
    fn regions_fill_the_nearest_nodes_first() {
        let nearness = Nearness::of(&latencies());
        // Round trips of up to 18 s: the ten nearest nodes of each end.
        let reach = within(&nearness, &[1.0, 1.0], 18);
        assert!((reach.in_time(40.0, 10.0) - 1.0).abs() < 1e-9);
        assert!((reach.in_time(40.0, 20.0) - 1.0).abs() < 1e-9);
        assert!((reach.in_time(40.0, 40.0) - 0.5).abs() < 1e-9, "half");
        assert!((reach.in_time(1.0, 0.1) - 0.25).abs() < 1e-9, "anywhere");
        // All requests from one end: its own ten, then ever farther ones.
        let reach = within(&nearness, &[1.0, 0.0], 18);
        assert!((reach.in_time(40.0, 20.0) - 0.5).abs() < 1e-9);
        assert!((reach.best() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn answers_in_time_are_concave_in_the_nodes_that_are_busy() {
        let nearness = Nearness::of(&latencies());
        for limit_s in [4, 18, 40, 70] {
            let reach = within(&nearness, &[3.0, 1.0], limit_s);
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
        let reach = within(&nearness, &[1.0], 99);
        assert!((reach.in_time(1e5, 1e5) - 0.5).abs() < 0.05);
        let even = Reach::even(0.25);
        assert!((even.in_time(7.0, 3.0) - 0.25).abs() < 1e-9);
        assert!((even.best() - 0.25).abs() < 1e-9);
    }
}
