//! Rates in time: rules that are applied at the instants of a Poisson process while requests run, each time to one of those to
//! whom they can be.
//!
//! It does *not* know what becomes of the units then.

use std::collections::BTreeMap;

use super::openings::Openings;
use super::rates::Applied;
use super::unit_of;
use crate::calculus::{Community, Label, Name, Rule, State};
use crate::discovery::adequacy::name;
use crate::discovery::scripted::ScriptLine;
use crate::discovery::{GCU, World, stream};
use crate::error::{Error, Result};
use crate::time::Span;
use crate::unit::UnitId;

/// Where a scenario says it.
const PLACE: &str = "/system/*/overlay/rates_per_s";

/// The maximum number of applications of rules.
const APPLIED_MAX: f64 = 1e6;

/// The number of times that a unit is drawn before all units are looked at.
const ATTEMPTS: u32 = 64;

/// The labels by which `rates` change `community` while requests run: of each rule, how often a second.
///
/// # Errors
/// If they are too many, or a rule needs two domains and there is one.
pub(super) fn steps(
    rates: &[(Rule, f64)],
    community: &Community,
    (world, complete): (&World, &Community),
) -> Result<Vec<ScriptLine>> {
    let rates: Vec<_> = rates.iter().filter(|(_, per_s)| *per_s > 0.0).collect();
    for (rule, _) in &rates {
        super::rates::check_domains(*rule, complete, format_args!("{PLACE}/{}", rule.name()))?;
    }
    let mut applied: BTreeMap<Rule, Applied<'_>> = rates
        .iter()
        .map(|(rule, _)| (*rule, Applied::new(*rule, (world, complete), community)))
        .collect();
    let mut community = community.clone();
    let mut pools = Pools::of(&community);
    let mut openings = Openings::of(&community, complete);
    let mut steps = Vec::new();
    for ((at, rule), round) in instants(&rates, world)?.into_iter().zip(1..) {
        let drawn = applied.get_mut(&rule).expect("each rule has one");
        drawn.begin_round(round);
        let known = (&*drawn, &openings);
        let Some(label) = pools.draw((rule, round), known, (world, &community)) else {
            continue;
        };
        if community.change(&label).is_err() {
            continue;
        }
        openings.applied(&label);
        pools.changed(&label, &community);
        for rule in applied.values_mut() {
            rule.changed(&label, &community);
        }
        steps.push(ScriptLine {
            at: Some(at),
            label,
            place: PLACE.into(),
        });
    }
    Ok(steps)
}

/// When which rule is applied, in time.
fn instants(rates: &[&(Rule, f64)], world: &World) -> Result<Vec<(Span, Rule)>> {
    let end = world.last_issue();
    let end_s = end.as_ns() as f64 / 1e9;
    let expected: f64 = rates.iter().map(|(_, per_s)| per_s * end_s).sum();
    if expected > APPLIED_MAX {
        let what = format!("rules would be applied about {expected:.0} times in {end_s} s");
        let help = format!(
            "rules can be applied {APPLIED_MAX} times at most: let the rates be smaller, or the requests end earlier"
        );
        return Err(Error::new(what).at(PLACE).help(help));
    }
    let mut all = Vec::new();
    for &&(rule, per_s) in rates {
        let mut at_s = 0.0;
        for number in 0.. {
            let gap = world
                .streams
                .exponential(stream::RULE_TIME, rule as u64, number);
            at_s += gap / per_s;
            if at_s > end_s {
                break;
            }
            all.push((Span::from_ns((at_s * 1e9).round() as u64), rule));
        }
    }
    all.sort_unstable();
    Ok(all)
}

/// The units by what they are now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pool {
    FreeComputers,
    Members,
    FreeBrokers,
    Subcolonies,
    Failed,
}

/// In which pool each unit is.
struct Pools {
    all: [Vec<UnitId>; 5],
    places: BTreeMap<UnitId, (Pool, usize)>,
}

impl Pools {
    fn of(community: &Community) -> Self {
        let mut pools = Self {
            all: Default::default(),
            places: BTreeMap::new(),
        };
        for (name, _) in community.individuals() {
            pools.put(name, community);
        }
        pools
    }

    /// Puts a unit where it belongs now.
    fn put(&mut self, name: &Name, community: &Community) {
        let (Some(unit), Some(individual)) = (unit_of(name), community.get(name)) else {
            return;
        };
        if let Some((pool, place)) = self.places.remove(&unit) {
            let units = &mut self.all[pool as usize];
            units.swap_remove(place);
            if let Some(moved) = units.get(place) {
                self.places.insert(*moved, (pool, place));
            }
        }
        let is_free = individual.leader.is_none();
        let pool = match (unit.kind() == GCU, individual.state == State::Faulty) {
            (_, true) => Pool::Failed,
            (true, _) if is_free => Pool::FreeComputers,
            (true, _) => Pool::Members,
            (false, _) if is_free => Pool::FreeBrokers,
            (false, _) => Pool::Subcolonies,
        };
        let units = &mut self.all[pool as usize];
        self.places.insert(unit, (pool, units.len()));
        units.push(unit);
    }

    /// A label has changed `community`.
    fn changed(&mut self, label: &Label, community: &Community) {
        for name in label.names() {
            self.put(name, community);
        }
        // A broker that comes back has forgotten its members.
        if label.rule() == Rule::Restart {
            let all = community.individuals();
            let free = all.filter(|(_, it)| it.leader.is_none());
            for (name, _) in free {
                self.put(name, community);
            }
        }
    }

    /// The units to which a rule may be applied.
    fn of_rule(&self, rule: Rule) -> [&[UnitId]; 2] {
        let [free_computers, members, free_brokers, subcolonies, failed] =
            [0, 1, 2, 3, 4].map(|pool: usize| self.all[pool].as_slice());
        match rule {
            Rule::Join => [free_computers, &[]],
            // Tunnels of colonies would have to lead towards the root.
            Rule::Leave | Rule::Friend | Rule::Clone => [members, &[]],
            Rule::Register => [free_brokers, &[]],
            Rule::Unregister => [subcolonies, &[]],
            Rule::Migrate => [free_computers, free_brokers],
            Rule::Move | Rule::Fire => [members, subcolonies],
            Rule::Restart => [failed, &[]],
            _ => [free_brokers, subcolonies],
        }
    }

    /// What the rule does to one of those to whom it can be applied, all alike.
    fn draw(
        &self,
        (rule, round): (Rule, u32),
        (applied, openings): (&Applied<'_>, &Openings),
        (world, community): (&World, &Community),
    ) -> Option<Label> {
        let below = |attempt, count: usize| {
            let of = (stream::RULE_SUBJECT, u64::from(round), attempt);
            world.streams.below(of.0, of.1, of.2, count as u64) as usize
        };
        if matches!(rule, Rule::Unlink | Rule::Close) {
            let links = community.links().filter(|_| rule == Rule::Unlink);
            let tunnels = community.tunnels().filter(|_| rule == Rule::Close);
            let edges = links.chain(tunnels.map(|(ends, _)| ends));
            let all = edges.map(|(one, other)| Label::new(rule, &[one, other]));
            let mut all: Vec<Label> = all.filter(|it| openings.allow(it, community)).collect();
            let place = below(0, all.len().max(1));
            return (place < all.len()).then(|| all.swap_remove(place));
        }
        let [some, others] = self.of_rule(rule);
        let count = some.len() + others.len();
        let unit = |place: usize| some.get(place).or_else(|| others.get(place - some.len()));
        let opens = matches!(rule, Rule::Friend | Rule::Clone);
        let label = |unit: &UnitId| {
            let x = name(*unit);
            if opens && openings.has(&x) {
                let again = openings.again(&x, rule);
                return again.filter(|it| community.check(it).is_ok()).cloned();
            }
            applied.label_of(*unit, community, openings)
        };
        let drawn =
            (0..ATTEMPTS.min(count as u32)).find_map(|attempt| label(unit(below(attempt, count))?));
        drawn.or_else(|| {
            let all = some.iter().chain(others);
            let mut all: Vec<Label> = all.filter_map(label).collect();
            let place = below(ATTEMPTS, all.len().max(1));
            (place < all.len()).then(|| all.swap_remove(place))
        })
    }
}
