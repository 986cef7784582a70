//! Which share of the requests is accepted, over all and level by level of the overlay.
//!
//! Each computer that a request comes to, that can serve it and is there, agrees with its probability α by itself. So a
//! request for k instances is accepted with the probability that at least k of independent events happen, and
//! requests are independent of each other. It does *not* know how they come there.

use super::chances::at_least;
use super::{Reach, beyond};
use crate::discovery::{Mechanism, Record, RequestOutcome, World, gcu};
use crate::measure::{Prediction, Spread};

/// More levels are not told.
const LEVELS_MAX: u32 = 8;

/// A request: the chance that it is accepted, over all and within each level; and at which level it was.
struct Fate {
    connected: bool,
    chance: f64,
    within: Vec<f64>,
    /// The level at which enough were found, if they were.
    level: Option<u32>,
}

/// Whether a request is accepted exactly if enough computers agree that it comes to.
fn applies(world: &World) -> bool {
    beyond(&world.config).is_empty()
}

/// What is expected of the requests of a run.
pub(super) fn of<M: Mechanism>(
    (world, mechanism): (&World, &M),
    record: &Record<M>,
    by_name: &dyn Fn(&str) -> Option<f64>,
    loss: f64,
) -> Vec<Prediction> {
    let Some(mut reach) = mechanism.theory(loss).filter(|_| applies(world)) else {
        return Vec::new();
    };
    let fates = fates((world, mechanism), record, &mut *reach);
    let mut all = ratios(world, &fates, by_name);
    all.extend(levels(&fates));
    all.extend(hops((world, mechanism), record, &mut *reach, by_name));
    all
}

/// The computers that are there, by what they offer.
fn offering(world: &World) -> Vec<Vec<u32>> {
    let mut offering = vec![Vec::new(); world.matching.len() as usize];
    let there = |id: &u32| !world.disconnected.contains(&gcu(*id));
    for id in (0..world.population.len()).filter(there) {
        for offer in world.population.offers(id) {
            offering[offer.0 as usize].push(id);
        }
    }
    offering
}

/// Of each request, in the order of their numbers.
fn fates<M: Mechanism>(
    (world, mechanism): (&World, &M),
    record: &Record<M>,
    reach: &mut dyn Reach,
) -> Vec<Fate> {
    let offering = offering(world);
    let requests = &world.config.requests;
    let wanted = requests.instances.map_or(1, |count| count.0);
    let needed = requests.at_least.map_or(wanted, |count| count.0);
    // What is known of one requester serves all its requests.
    let mut order: Vec<u32> = (0..world.requests.len() as u32).collect();
    order.sort_by_key(|&number| world.requests[number as usize].computer);
    let mut fates: Vec<(u32, Fate)> = Vec::with_capacity(order.len());
    let has_levels = reach.has_levels() && needed == wanted;
    for number in order {
        let request = &world.requests[number as usize];
        let observed = &record.requests()[number as usize];
        let accepted = observed.end().0 == RequestOutcome::Accepted;
        let mut fate = Fate {
            connected: !world.disconnected.contains(&gcu(request.computer)),
            chance: 0.0,
            within: Vec::new(),
            level: None,
        };
        if fate.connected {
            let others = offering[request.service.0 as usize].iter();
            let others = others.filter(|&&other| other != request.computer);
            let reached: Vec<(u32, f64)> = others
                .filter_map(|&other| {
                    let level = reach.level(request.computer, other)?;
                    let class = world.class(world.population.computer(other));
                    Some((level, world.config.acceptance_probability(class)))
                })
                .collect();
            let arrives = reach.arrives(request.computer, request.service);
            fate.chance = arrives * enough(needed, &reached, u32::MAX);
            if has_levels {
                let within = |below| arrives * enough(needed, &reached, below);
                fate.within = (1..=LEVELS_MAX).map(within).collect();
            }
        }
        if accepted && has_levels {
            let query = world.query_of(number);
            let providers = observed.providers.iter().map(|provider| provider.index());
            let levels = providers.map(|provider| mechanism.level(query, provider));
            fate.level = levels.max().flatten();
        }
        fates.push((number, fate));
    }
    fates.sort_by_key(|(number, _)| *number);
    fates.into_iter().map(|(_, fate)| fate).collect()
}

/// The probability that at least `needed` of those `reached` below a level agree; each is given by its level and
/// its probability.
fn enough(needed: u32, reached: &[(u32, f64)], below: u32) -> f64 {
    let near = reached.iter().filter(|(level, _)| *level < below);
    at_least(needed, near.map(|(_, agrees)| *agrees))
}

/// What is expected of a weighted sum over requests.
fn sum(quantity: &str, observed: f64, terms: impl Iterator<Item = (f64, f64)>) -> Prediction {
    let (mut expected, mut variance, mut step) = (0.0, 0.0, 0.0_f64);
    for (weight, chance) in terms {
        expected += weight * chance;
        variance += weight * weight * chance * (1.0 - chance);
        step = step.max(weight);
    }
    Prediction {
        quantity: quantity.to_owned(),
        observed,
        expected,
        spread: Some(Spread {
            sd: variance.sqrt(),
            step,
        }),
    }
}

/// The metrics that are sums over requests.
fn ratios(world: &World, fates: &[Fate], by_name: &dyn Fn(&str) -> Option<f64>) -> Vec<Prediction> {
    let issued = fates.len() as f64;
    let connected = fates.iter().filter(|fate| fate.connected).count() as f64;
    let services = world.requests.iter().map(|request| request.service.0);
    let colony = |computer| world.population.computer(computer).broker;
    let colonies = world
        .requests
        .iter()
        .map(|request| colony(request.computer));
    let weights: [(&str, Vec<f64>); 5] = [
        ("accepted", vec![1.0; fates.len()]),
        ("acceptance_ratio", vec![1.0 / issued; fates.len()]),
        (
            "acceptance_ratio_connected",
            vec![1.0 / connected; fates.len()],
        ),
        (
            "service_ratio_mean",
            mean_of_means(&services.collect::<Vec<_>>()),
        ),
        (
            "colony_ratio_mean",
            mean_of_means(&colonies.collect::<Vec<_>>()),
        ),
    ];
    let one = |(name, weights): (&str, Vec<f64>)| {
        let terms = weights.into_iter().zip(fates);
        let terms = terms.map(|(weight, fate)| (weight, fate.chance));
        Some(sum(name, by_name(name)?, terms))
    };
    weights.into_iter().filter_map(one).collect()
}

/// The weight of each request in the mean over groups of the mean over each group's requests.
fn mean_of_means(groups: &[u32]) -> Vec<f64> {
    let mut counts = vec![0_u32; groups.iter().max().map_or(0, |most| *most as usize + 1)];
    for &group in groups {
        counts[group as usize] += 1;
    }
    let known = counts.iter().filter(|&&count| count > 0).count() as f64;
    let weight = |&group: &u32| 1.0 / known / f64::from(counts[group as usize]);
    groups.iter().map(weight).collect()
}

/// Of the requests of computers that are there, the share that is answered within each level below the highest.
fn levels(fates: &[Fate]) -> Vec<Prediction> {
    let connected = || fates.iter().filter(|fate| fate.connected);
    let count = connected().count() as f64;
    let mut all = Vec::new();
    for level in 0..LEVELS_MAX {
        let of = |fate: &Fate, level: u32| fate.within.get(level as usize).copied();
        let is_last = connected().all(|fate| of(fate, level).is_none_or(|it| it >= fate.chance));
        if is_last {
            break;
        }
        let found = connected().filter(|fate| fate.level.is_some_and(|it| it <= level));
        let terms = connected().map(|fate| (1.0 / count, of(fate, level).unwrap_or_default()));
        let name = format!("accepted_within_level_{level}");
        all.push(sum(&name, found.count() as f64 / count, terms));
    }
    all
}

/// The mean number of edges to the first provider, given which requests were accepted.
fn hops<M: Mechanism>(
    (world, _): (&World, &M),
    record: &Record<M>,
    reach: &mut dyn Reach,
    by_name: &dyn Fn(&str) -> Option<f64>,
) -> Option<Prediction> {
    let observed = by_name("hops_mean")?;
    let (mut sum, mut count) = (0.0, 0.0);
    for (request, seen) in world.requests.iter().zip(record.requests()) {
        if seen.end().0 == RequestOutcome::Accepted {
            sum += f64::from(reach.hops(request.computer, request.service)?);
            count += 1.0;
        }
    }
    Some(Prediction {
        quantity: "hops_mean".into(),
        observed,
        expected: sum / count,
        spread: Some(Spread { sd: 0.0, step: 0.0 }),
    })
}
