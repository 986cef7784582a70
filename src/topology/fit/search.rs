//! The search for the candidate whose graphs come nearest to a target.
//!
//! 1. Enumerate numbers of domains and routers whose product is near the target's size, and keep
//!    those that promise most by a rough estimate of degree and clustering.
//! 2. For each, bisect the probability of a link in stub domains until one graph has the target's
//!    mean degree; keep those whose graph is nearest to the target.
//! 3. From the best few, descend: change one parameter at a time, take the change that brings the
//!    mean of several graphs nearest, make smaller changes when none does.
//!
//! The result is the best that was looked at; nobody knows that there is no better one.

use rayon::prelude::*;

use super::Shape;
use super::candidate::{Candidate, distance, mean};
use crate::parameters::Plain;

/// The seeds of the graphs that the search looks at; the report uses others.
const SEEDS: std::ops::Range<i64> = 1001..1009;

/// A candidate and how far from the target its graphs are.
type Scored = (f64, Candidate);

/// The best candidates for `target`, the nearest first; may be empty.
pub(super) fn best(target: &Shape) -> Vec<Candidate> {
    // What one graph costs grows with its size, so that the whole takes about the same time.
    let graphs = (4_000_000.0 / target.routers).clamp(800.0, 16_000.0) as usize;
    let promising = promising(target, graphs / 12);
    let mut scored: Vec<Scored> = promising
        .into_par_iter()
        .filter_map(|candidate| with_degree(candidate, target))
        .collect();
    sort(&mut scored);
    scored.truncate((graphs / 8 / SEEDS.count()).max(8));
    let mut scored = score(scored.into_iter().map(|(_, candidate)| candidate), target);
    sort(&mut scored);
    scored.truncate(3);
    let budget = graphs / 2 / SEEDS.count() / scored.len().max(1);
    let mut found: Vec<Scored> = (scored.into_iter())
        .map(|start| descend(start, target, budget))
        .collect();
    sort(&mut found);
    found.dedup();
    found.into_iter().map(|(_, candidate)| candidate).collect()
}

fn sort(scored: &mut [Scored]) {
    scored.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
}

fn score(candidates: impl Iterator<Item = Candidate>, target: &Shape) -> Vec<Scored> {
    let candidates: Vec<_> = candidates.collect();
    candidates
        .into_par_iter()
        .filter_map(|candidate| {
            let shapes = candidate.shapes(SEEDS)?;
            Some((distance(&mean(&shapes), target), candidate))
        })
        .collect()
}

/// Small numbers one by one, then larger ones in steps of about an eighth, up to `max`.
fn grid(max: u32) -> impl Iterator<Item = u32> {
    std::iter::successors(Some(1_u32), |&n| n.checked_add((n / 8).max(1)))
        .take_while(move |&n| n <= max)
}

/// Up to `count` candidates of about the target's size, by what they promise.
fn promising(target: &Shape, count: usize) -> Vec<Candidate> {
    let routers = target.routers as u32;
    let mut scored = Vec::new();
    // The tighter tolerance of size is given up only if nothing fits it.
    for tolerance in [0.05, 0.2, f64::INFINITY] {
        for transit_domains in grid(routers.min(100)) {
            for stubs in 0..=12 {
                for stub_routers in grid(if stubs == 0 { 1 } else { routers }) {
                    let domain = transit_domains * (1 + stubs * stub_routers);
                    let exact = target.routers / f64::from(domain);
                    let candidate = Candidate {
                        transit_domains,
                        transit_routers: (exact.round() as u32).max(1),
                        stubs,
                        stub_routers,
                        top_alpha: if transit_domains < 5 { 1000 } else { 600 },
                        transit_alpha: 600,
                        stub_alpha: 0,
                        extra_links: 0,
                    };
                    let size = candidate.routers() as f64;
                    if (size - target.routers).abs() <= tolerance * target.routers {
                        scored.extend(estimate(candidate, target));
                    }
                    if domain > 4 * routers.max(10) {
                        break;
                    }
                }
            }
        }
        if !scored.is_empty() {
            break;
        }
    }
    sort(&mut scored);
    scored.truncate(count);
    scored.into_iter().map(|(_, candidate)| candidate).collect()
}

/// The size of the domains that the stub law links.
fn linked_size(candidate: &Candidate) -> f64 {
    f64::from(if candidate.stubs == 0 {
        candidate.transit_routers
    } else {
        candidate.stub_routers
    })
}

/// Below this, in thousandths, random graphs of the candidate's domains are hardly ever connected.
fn stub_alpha_min(candidate: &Candidate) -> u32 {
    let size = linked_size(candidate).max(2.0);
    (600.0 * libm::log(size) / size).ceil().clamp(20.0, 1000.0) as u32
}

/// Roughly, how far from the target the candidate's graphs will be; `None` if it has none.
fn estimate(candidate: Candidate, target: &Shape) -> Option<Scored> {
    // Nothing is drawn where the sizes alone forbid it.
    let parameters = Candidate {
        stub_alpha: 1000,
        ..candidate
    }
    .parameters();
    Plain::check(&parameters, "").ok()?;
    let size = linked_size(&candidate);
    let pairs = ((size - 1.0) / 2.0).max(0.0);
    // Links for each router that are not drawn by the stub law: hardly more than a tree's.
    let links = (target.mean_degree / 2.0 - 1.0 / size).max(0.0);
    let alpha = if pairs > 0.0 { links / pairs } else { 1.0 };
    let alpha = alpha.clamp(f64::from(stub_alpha_min(&candidate)) / 1000.0, 1.0);
    let shape = Shape {
        routers: candidate.routers() as f64,
        mean_degree: 2.0 * (alpha * pairs + 1.0 / size),
        hop_diameter: target.hop_diameter,
        clustering: if size > 2.5 { alpha } else { 0.0 },
    };
    Some((distance(&shape, target), candidate))
}

/// The candidate with the stub law that gives one graph the target's mean degree.
fn with_degree(candidate: Candidate, target: &Shape) -> Option<Scored> {
    let seed = SEEDS.start;
    let at = |stub_alpha: u32| {
        let transit_alpha = if candidate.stubs == 0 {
            stub_alpha
        } else {
            candidate.transit_alpha
        };
        Candidate {
            transit_alpha,
            stub_alpha,
            ..candidate
        }
    };
    let (mut low, mut high) = (stub_alpha_min(&candidate), 1000);
    while high - low > 15 {
        let middle = low.midpoint(high);
        // Where domains cannot be connected, links are too improbable.
        if at(middle)
            .degree(seed)
            .is_none_or(|degree| degree < target.mean_degree)
        {
            low = middle;
        } else {
            high = middle;
        }
    }
    let candidate = at(high);
    let shapes = candidate.shapes(seed..seed + 1)?;
    Some((distance(&shapes[0], target), candidate))
}

/// Changes one parameter at a time while that brings the candidate nearer, and looks at `budget`
/// candidates or a few more.
fn descend(start: Scored, target: &Shape, budget: usize) -> Scored {
    let mut best = start;
    let mut looked_at = 0;
    let mut step = 0.25;
    while looked_at < budget && step > 0.02 {
        let changes = changes(&best.1, target, step);
        looked_at += changes.len();
        let mut scored = score(changes.into_iter(), target);
        sort(&mut scored);
        match scored.first() {
            Some(&nearer) if nearer.0 < best.0 => best = nearer,
            _ => step /= 2.0,
        }
    }
    best
}

/// The candidate with one parameter changed: probabilities by a relative `step`, numbers of
/// domains and routers by one with the rest made to fit, extra links by a share of the routers.
fn changes(from: &Candidate, target: &Shape, step: f64) -> Vec<Candidate> {
    let mut changed = Vec::new();
    for factor in [1.0 + step, 1.0 / (1.0 + step)] {
        let scaled = |alpha: u32| (f64::from(alpha) * factor).round().clamp(20.0, 1000.0) as u32;
        changed.push(Candidate {
            stub_alpha: scaled(from.stub_alpha).max(stub_alpha_min(from)),
            ..*from
        });
        changed.push(Candidate {
            transit_alpha: scaled(from.transit_alpha),
            ..*from
        });
        changed.push(Candidate {
            top_alpha: scaled(from.top_alpha),
            ..*from
        });
    }
    let more = ((target.routers * step / 8.0) as u32).max(1);
    for extra_links in [
        from.extra_links + more,
        from.extra_links.saturating_sub(more),
    ] {
        changed.push(Candidate {
            extra_links,
            ..*from
        });
    }
    for by in [-1_i32, 1] {
        let next = |number: u32| number.saturating_add_signed(by).max(1);
        for mut candidate in [
            Candidate {
                transit_domains: next(from.transit_domains),
                ..*from
            },
            Candidate {
                stubs: next(from.stubs),
                ..*from
            },
            Candidate {
                stub_routers: next(from.stub_routers),
                ..*from
            },
        ] {
            changed.push(candidate);
            candidate.transit_routers = 1;
            let exact = target.routers / candidate.routers() as f64;
            candidate.transit_routers = (exact.round() as u32).max(1);
            changed.push(candidate);
        }
        changed.push(Candidate {
            transit_routers: next(from.transit_routers),
            ..*from
        });
    }
    changed.retain(|candidate| {
        candidate != from && candidate.routers() as f64 <= 2.0 * target.routers + 20.0
    });
    changed.sort_unstable();
    changed.dedup();
    changed
}
