//! What the applications' overlays look like on the underlay, at the instants at which the record kept
//! them.
//!
//! This module does *not* know how they came about.

use std::collections::{BTreeMap, BTreeSet};

use super::membership::SOURCE;
use super::updates::{OverlayMembership, TREES};
use super::world::Publishing;
use crate::opus::overlay::reference;
use crate::time::Span;

/// The maximum number of pairs of nodes over which the minimum spanning trees of a run are computed. If all
/// instants would need more, only every second one is examined, or every third, and so on.
const PAIRS_MAX: u64 = 400_000_000;

/// What was seen of one overlay at one instant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    /// Cost ÷ that of the minimum spanning tree, if any node was reached and it was looked at.
    pub(super) cost: Option<f64>,
    /// Nodes that served the application.
    pub(super) serving: u64,
    /// Those of them that had a way to the publisher in every tree.
    pub(super) attached: u64,
}

/// What was seen of one overlay at all instants, the last one first.
#[derive(Debug, Clone, Default)]
pub(super) struct Shape {
    pub(super) seen: Vec<Seen>,
}

impl Shape {
    /// The costs at the instants at which there is one.
    pub(super) fn costs(&self) -> impl Iterator<Item = f64> {
        self.seen.iter().filter_map(|seen| seen.cost)
    }

    /// Nodes that had a way to the publisher in every tree, and nodes that served, over all instants.
    pub(super) fn attached(&self) -> [u64; 2] {
        let seen = self.seen.iter();
        seen.fold([0, 0], |[attached, serving], seen| {
            [attached + seen.attached, serving + seen.serving]
        })
    }
}

/// Where the way from a member upwards goes on in a tree.
#[derive(Debug, Clone, Copy)]
enum Up {
    Source,
    Member(usize),
    Nowhere,
}

/// The shapes of the overlays, where `latency` is that between two nodes.
pub(super) fn shapes<'a>(
    overlays: &[Publishing],
    samples: impl Iterator<Item = &'a [OverlayMembership]>,
    latency: impl Fn(u32, u32) -> Span,
) -> Vec<Shape> {
    let mut shapes = vec![Shape::default(); overlays.len()];
    let samples: Vec<&[OverlayMembership]> = samples.collect();
    let pairs = samples.iter().map(|places| pairs(places)).sum::<u64>();
    let step = pairs.div_ceil(PAIRS_MAX).max(1) as usize;
    for (number, places) in samples.iter().rev().enumerate() {
        for (overlay, shape) in overlays.iter().zip(&mut shapes) {
            let members = members(places, overlay.application);
            let ways = ways(places, &members, overlay.rules.redundancy.0);
            let looks = number % step == 0;
            let cost = looks.then(|| cost_ratio(overlay, &members, &ways, &latency));
            let [attached, serving] = count(places, overlay, &members, &ways);
            shape.seen.push(Seen {
                cost: cost.flatten(),
                serving,
                attached,
            });
        }
    }
    shapes
}

/// How many pairs of members there are, each of one overlay.
fn pairs(places: &[OverlayMembership]) -> u64 {
    let mut counts: BTreeMap<u16, u64> = BTreeMap::new();
    for (application, _) in places.iter().filter_map(|place| place.member) {
        *counts.entry(application).or_default() += 1;
    }
    counts.into_values().map(|count| count * count).sum()
}

/// The nodes that are members of an application's overlay, with their numbers there.
fn members(places: &[OverlayMembership], application: u16) -> Vec<(u32, u32)> {
    let own = |(node, place): (u32, &OverlayMembership)| {
        let (of, number) = place.member?;
        (of == application).then_some((node, number))
    };
    (0..).zip(places).filter_map(own).collect()
}

/// For each member the parents, by tree, over which there is a way from the publisher; [`SOURCE`]
/// or the parent's node.
fn ways(
    places: &[OverlayMembership],
    members: &[(u32, u32)],
    trees: u8,
) -> Vec<[Option<u32>; TREES]> {
    let places_of: BTreeMap<u32, usize> = (0..)
        .zip(members)
        .map(|(at, &(_, number))| (number, at))
        .collect();
    let of_tree = |tree: usize| -> Vec<Option<u32>> {
        let up = |&(node, _): &(u32, u32)| match places[node as usize].parents[tree] {
            Some(SOURCE) => Up::Source,
            Some(parent) => places_of
                .get(&parent)
                .map_or(Up::Nowhere, |at| Up::Member(*at)),
            None => Up::Nowhere,
        };
        let ups: Vec<Up> = members.iter().map(up).collect();
        let way = |(up, reached)| match up {
            Up::Source => Some(SOURCE),
            Up::Member(parent) if reached => Some(members[parent].0),
            Up::Member(_) | Up::Nowhere => None,
        };
        let reached = reached(&ups);
        ups.into_iter().zip(reached).map(way).collect()
    };
    let trees: Vec<_> = (0..usize::from(trees)).map(of_tree).collect();
    let all = |at: usize| {
        let mut ways = [None; TREES];
        for (way, tree) in ways.iter_mut().zip(&trees) {
            *way = tree[at];
        }
        ways
    };
    (0..members.len()).map(all).collect()
}

/// Which members have a way up to the source.
fn reached(ups: &[Up]) -> Vec<bool> {
    let mut known: Vec<Option<bool>> = vec![None; ups.len()];
    let mut way = Vec::new();
    for start in 0..ups.len() {
        let mut at = start;
        let ends_well = loop {
            if let Some(known) = known[at] {
                break known;
            }
            way.push(at);
            match ups[at] {
                // Parents never form a loop; if they did, nobody there would be reached.
                Up::Member(parent) if way.len() <= ups.len() => at = parent,
                Up::Source => break true,
                Up::Member(_) | Up::Nowhere => break false,
            }
        };
        for at in way.drain(..) {
            known[at] = Some(ends_well);
        }
    }
    known.into_iter().map(|known| known == Some(true)).collect()
}

/// Nodes that have a way to the publisher in every tree, and nodes that serve.
fn count(
    places: &[OverlayMembership],
    overlay: &Publishing,
    members: &[(u32, u32)],
    ways: &[[Option<u32>; TREES]],
) -> [u64; 2] {
    let serves = |node: u32| places[node as usize].serves == Some(overlay.application);
    let trees = usize::from(overlay.rules.redundancy.0);
    let has_ways = |ways: &[Option<u32>; TREES]| ways[..trees].iter().all(Option::is_some);
    let attached = members.iter().zip(ways);
    let attached = attached.filter(|((node, _), ways)| serves(*node) && has_ways(ways));
    let serving = (0..places.len() as u32).filter(|&node| serves(node));
    [attached.count() as u64, serving.count() as u64]
}

/// The cost of all links over which updates come ÷ that of the minimum spanning tree over the
/// publisher and the nodes that they reach; nothing if they reach nobody.
fn cost_ratio(
    overlay: &Publishing,
    members: &[(u32, u32)],
    ways: &[[Option<u32>; TREES]],
    latency: impl Fn(u32, u32) -> Span,
) -> Option<f64> {
    let between = |a: u32, b: u32| match (a, b) {
        (SOURCE, SOURCE) => Span::ZERO,
        (SOURCE, node) | (node, SOURCE) => overlay.latencies[node as usize],
        (a, b) => latency(a, b),
    };
    let mut links: BTreeSet<(u32, u32)> = BTreeSet::new();
    let mut reached = vec![SOURCE];
    for (&(node, _), ways) in members.iter().zip(ways) {
        let parents = ways.iter().flatten();
        links.extend(parents.map(|&parent| (parent, node)));
        if ways.iter().any(Option::is_some) {
            reached.push(node);
        }
    }
    let cost: Span = links.iter().map(|&(a, b)| between(a, b)).sum();
    let place = |at: u32| reached[at as usize];
    let minimum =
        reference::minimum_spanning(reached.len() as u32, |a, b| between(place(a), place(b)));
    let minimum = minimum.cost.as_ns();
    (minimum > 0).then(|| cost.as_ns() as f64 / minimum as f64)
}
