//! Distances in a graph's own units: by links, by length, by policy weight.
//!
//! Lengths are added up as integers, in the graph's unit if all are whole and else in a decimal
//! fraction of it, so sums are exact and do not depend on the order of adding. This module does
//! *not* know latencies.

use super::direct::Direct;
use super::index::Index;
use super::network::{Arc, Cost, LENGTH_SUM_MAX, Network};
use super::{check_connected, check_weights, not_measured};
use crate::error::{Error, Result};
use crate::topology::{Domain, Graph, Latencies, Link, RouterId};

/// The maximum number of decimals to which lengths that are not whole are rounded.
const DECIMALS_MAX: u32 = 12;

/// Sums of lengths stay below this, in the unit in which they are added up.
const SUM_MAX: f64 = LENGTH_SUM_MAX as f64;

/// The usable links of a graph, once for each of the three measures. Loops carry nothing; of
/// parallel links the best for the measure counts.
#[derive(Debug)]
pub(in crate::topology) struct Networks {
    hops: Network,
    length: Network,
    /// Policy weight, then length; `None` if no link has a weight: routes then go by length.
    policy: Option<Network>,
    /// The number of decimals: lengths are counted in 10 to the minus `decimals` of the graph's unit.
    decimals: u32,
}

impl Networks {
    /// The networks of `graph`, connected or not.
    pub(in crate::topology) fn new(graph: &Graph) -> Result<Self> {
        let decimals = decimals(&graph.links.iter().map(|link| link.length))?;
        let scale = libm::pow(10.0, f64::from(decimals));
        let length = |length: f64| (length * scale).round() as u64;
        let weights = graph.links.iter().map(|link| link.weight);
        let weight_sum = weights.fold(0, |sum: u64, weight| sum + u64::from(weight));
        check_weights(weight_sum)?;
        let policy = || network(graph, |link| Cost::link(link.weight, length(link.length)));
        Ok(Self {
            hops: simple_network(graph),
            length: network(graph, |link| Cost::link(0, length(link.length))),
            policy: (weight_sum > 0).then(policy),
            decimals,
        })
    }

    /// The network in which the fewest links are the best.
    pub(in crate::topology) fn simple(&self) -> &Network {
        &self.hops
    }

    /// A length as a number in the graph's unit.
    pub(in crate::topology) fn in_units(&self, length: f64) -> f64 {
        length / libm::pow(10.0, f64::from(self.decimals))
    }
}

/// The network in which the fewest links are the best, alone.
pub(in crate::topology) fn simple_network(graph: &Graph) -> Network {
    network(graph, |_| Cost::link(0, 0))
}

fn network(graph: &Graph, cost: impl Fn(&Link) -> Cost) -> Network {
    let usable = graph
        .links
        .iter()
        .filter(|link| link.ends[0] != link.ends[1]);
    let arcs = usable.flat_map(|link| {
        let [a, b] = link.ends.map(|end| end.0);
        Arc::both_ways(a, b, cost(link))
    });
    Network::new(graph.routers.len(), arcs.collect())
}

/// What is least on a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::topology) enum Measure {
    /// The number of links.
    Hops,
    /// The length.
    Length,
    /// The policy weight, then the length.
    Policy,
}

/// How many decimals of the lengths are kept: none if all are whole, else as many as fit.
fn decimals(lengths: &(impl Iterator<Item = f64> + Clone)) -> Result<u32> {
    let sum: f64 = lengths.clone().sum();
    let valid = |length: f64| length >= 0.0 && length.is_finite();
    if !lengths.clone().all(valid) || sum >= SUM_MAX {
        return Err(Error::new(
            "the links' lengths are not all numbers from 0 whose sum is below 2^62",
        ));
    }
    if lengths.clone().all(|length| length.fract() == 0.0) {
        return Ok(0);
    }
    let fits = |decimals: &u32| sum * libm::pow(10.0, f64::from(*decimals)) < SUM_MAX;
    Ok((0..=DECIMALS_MAX).rev().find(fits).unwrap_or(0))
}

/// The exact distances between all pairs of routers of a connected graph, in its own units.
#[derive(Debug)]
pub struct Distances {
    /// None if the routes of least length have the fewest links.
    hops: Option<Index>,
    length: Index,
    policy: Option<Index>,
    decimals: u32,
}

/// The distances from one router to all others, for one router after another: nothing is kept that
/// takes as much memory as there are pairs, unless the graph is small.
#[derive(Debug)]
pub(in crate::topology) struct Rows {
    hops: Index,
    length: Option<Index>,
    policy: Option<Index>,
}

impl Rows {
    /// Those in the networks of `graph`, which is connected; by length only if lengths are known.
    pub(in crate::topology) fn new(networks: &Networks, graph: &Graph, lengths: bool) -> Self {
        let domains: Vec<Domain> = graph.routers.iter().map(|router| router.domain).collect();
        let index = |network: &Network| Index::for_rows(network, &domains);
        Self {
            hops: index(&networks.hops),
            length: lengths.then(|| index(&networks.length)),
            policy: networks.policy.as_ref().map(index),
        }
    }

    /// Calls `each` with the least costs from `source` to every router, by links, by length, and
    /// by policy weight if any link has one.
    pub(in crate::topology) fn each_from(
        &self,
        source: RouterId,
        mut each: impl FnMut(Measure, Cost),
    ) {
        let indices = [
            (Measure::Hops, Some(&self.hops)),
            (Measure::Length, self.length.as_ref()),
            (Measure::Policy, self.policy.as_ref()),
        ];
        for (measure, index) in indices {
            if let Some(index) = index {
                index.costs_from(source.index(), |cost| each(measure, cost));
            }
        }
    }
}

/// How far one router is from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Between {
    /// The fewest links of any route.
    pub hops: u32,
    /// The least length of any route, as a decimal number.
    pub length: String,
    /// The least sum of policy weights of any route; absent if no link has one.
    pub policy: Option<u32>,
    /// The least length among the routes of least policy weight, as a decimal number; absent likewise.
    pub policy_length: Option<String>,
}

impl Distances {
    /// Finds the distances in `graph`, which must be connected.
    pub fn new(graph: &Graph) -> Result<Self> {
        if let Some(latencies) = &graph.latencies {
            return Self::measured(graph, latencies);
        }
        check_connected(graph)?;
        Ok(Self::of(&Networks::new(graph)?, graph))
    }

    /// The latencies that were measured.
    fn measured(graph: &Graph, latencies: &Latencies) -> Result<Self> {
        let size = latencies.size();
        if let Some((from, to)) = latencies.gaps().first() {
            return Err(not_measured(
                [from, to].map(|end| &graph.routers[*end].label),
            ));
        }
        let decimals = decimals(&latencies.pairs().filter_map(|(_, _, latency)| latency))?;
        let scale = libm::pow(10.0, f64::from(decimals));
        let mut lengths = vec![0; size * size];
        for (from, to, latency) in latencies.pairs() {
            lengths[from * size + to] = (latency.unwrap_or_default() * scale).round() as u64;
        }
        Ok(Self {
            hops: None,
            length: Index::Direct(Direct::new(size, lengths)),
            policy: None,
            decimals,
        })
    }

    /// The distances in the networks of `graph`, which is connected.
    pub(in crate::topology) fn of(networks: &Networks, graph: &Graph) -> Self {
        let domains: Vec<Domain> = graph.routers.iter().map(|router| router.domain).collect();
        Self {
            hops: Some(Index::new(&networks.hops, &domains)),
            length: Index::new(&networks.length, &domains),
            policy: networks
                .policy
                .as_ref()
                .map(|policy| Index::new(policy, &domains)),
            decimals: networks.decimals,
        }
    }

    /// How far `u` and `v` are from each other. Asking about a router that is not in the graph
    /// panics.
    pub fn between(&self, u: RouterId, v: RouterId) -> Between {
        let [u, v] = [u, v].map(RouterId::index);
        let length = self.length.length_and_links(u, v).0;
        let hops = self.hops.as_ref().unwrap_or(&self.length);
        let by_policy = self.policy.as_ref().map(|policy| policy.cost(u, v));
        Between {
            hops: hops.length_and_links(u, v).1,
            length: self.decimal(length),
            policy: by_policy.map(Cost::weight),
            policy_length: by_policy.map(|cost| self.decimal(cost.length())),
        }
    }

    /// A length in the graph's unit, without needless zeros.
    fn decimal(&self, length: u64) -> String {
        let unit = 10_u64.pow(self.decimals);
        let (whole, fraction) = (length / unit, length % unit);
        if fraction == 0 {
            return whole.to_string();
        }
        let digits = format!("{fraction:0width$}", width = self.decimals as usize);
        format!("{whole}.{}", digits.trim_end_matches('0'))
    }
}
