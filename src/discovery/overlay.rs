//! Who is disconnected before the experiment, by a term and rules of the colony calculus.
//!
//! It does *not* know the calculus, nor how units are told to leave.

use std::collections::BTreeSet;

use super::adequacy::name;
use super::config::Overlay;
use super::faults::Turn;
use super::scripted::{self, Scripted, Step};
use super::{GCU, World, stream, workload};
use crate::calculus::{Community, Domain, Failure, Individual, Label, Name, Rule};
use crate::error::{Error, Result};
use crate::system::Underlay;
use crate::topology::numbered_domains;
use crate::unit::UnitId;

/// Where a scenario says it.
const PLACE: &str = "/system/*/overlay";

/// What becomes of units by terms and rules.
#[derive(Debug)]
pub(super) struct ByRules {
    /// Those who are free when requests begin and are members in the complete overlay; without those that come back later.
    pub(super) disconnected: BTreeSet<UnitId>,
    /// Those that come back later.
    pub(super) absent: BTreeSet<UnitId>,
    /// What befalls units while requests run, ascending by (span, unit).
    pub(super) scripted: Vec<Scripted>,
}

/// What becomes of the units of `world` by `overlay`.
///
/// # Errors
/// If its term is not one of the units of `world`, a label cannot be applied, or somebody is elsewhere than in
/// the complete overlay when requests begin.
pub(super) fn by_rules(world: &World, underlay: &Underlay, overlay: &Overlay) -> Result<ByRules> {
    if world.gbus().is_empty() {
        let what = "without brokers there are no colonies that anybody could leave";
        return Err(Error::new(what)
            .at(PLACE)
            .help("`disconnection` disconnects units of any system"));
    }
    let complete = complete(world, underlay);
    let mut community = match &overlay.term {
        None => complete.clone(),
        Some(term) => {
            let community = Community::parse(term);
            community.map_err(|error| error.at(format_args!("{PLACE}/term")))?
        }
    };
    check_units(&complete, &community)?;
    check_places(&complete, &community, &format!("{PLACE}/term"))?;
    let steps = scripted::read(overlay)?;
    let (later, before): (Vec<_>, Vec<_>) = steps.into_iter().partition(|step| step.at.is_some());
    for Step { label, place, .. } in before {
        let changed = community.change(&label);
        changed.map_err(|failure| scripted::refused(&failure).at(place))?;
    }
    let rates = [
        (Rule::Leave, overlay.leave_rate.0, "leave_rate"),
        (
            Rule::Unregister,
            overlay.unregister_rate.0,
            "unregister_rate",
        ),
    ];
    for (rule, rate, member) in rates {
        let applied = apply_to_share(&mut community, (rule, rate), world);
        applied.map_err(|failure| {
            Error::new(failure.to_string()).at(format_args!("{PLACE}/{member}"))
        })?;
    }
    check_places(&complete, &community, PLACE)?;
    let free = freed(world, &community)?;
    let scripted = scripted::follow(later, &mut community, world)?;
    let joins = |unit: &UnitId| {
        let mut steps = scripted.iter();
        steps.any(|(_, other, turn)| other == unit && *turn == Turn::Join)
    };
    let (absent, disconnected) = free.into_iter().partition(joins);
    Ok(ByRules {
        disconnected,
        absent,
        scripted,
    })
}

/// The overlay in which everybody has a first leader, and is in the domain of its router.
fn complete(world: &World, underlay: &Underlay) -> Community {
    let domains = numbered_domains(&underlay.graph);
    let units = world.sites().map(|(unit, site)| {
        let numbers = domains.as_ref();
        let number = numbers.map(|numbers| numbers[site.router.0 as usize]);
        let individual = Individual {
            leader: world.first_leader(unit).map(name),
            domain: number.map_or_else(Domain::default, |number| {
                number.map_or_else(Domain::none, Domain::number)
            }),
            ..Individual::default()
        };
        (name(unit), individual)
    });
    Community::of(units)
}

/// That a community with the units of the complete one has no links and tunnels, and nobody is in another domain: of
/// these nothing would become of the run.
fn check_places(complete: &Community, community: &Community, place: &str) -> Result<()> {
    let error = |what: String, help: &str| Err(Error::new(what).at(place).help(help));
    if let Some((one, other)) = community.links().next() {
        return error(
            format!("`{one} ~ {other}`: an overlay by terms and rules has no links"),
            "`colony_links` links colonies; leave links out here",
        );
    }
    if let Some(((from, to), _)) = community.tunnels().next() {
        return error(
            format!("`{from} => {to}`: an overlay by terms and rules has no tunnels"),
            "`tunnels` draws tunnels; leave them out here",
        );
    }
    for (name, individual) in community.individuals() {
        let Some(own) = complete.get(name).map(|it| &it.domain) else {
            continue;
        };
        if *own != individual.domain {
            return error(
                format!(
                    "`{name}` is in the domain `{}`, and its router is in `{own}`",
                    individual.domain
                ),
                "the topology says which domains there are; `arigatoni run … --world FILE` and `arigatoni calculus from-world FILE` print them",
            );
        }
    }
    Ok(())
}

/// That a community has the units of the complete one.
fn check_units(complete: &Community, community: &Community) -> Result<()> {
    let differs = |one: &Community, other: &Community| {
        let mut names = one.individuals().map(|(name, _)| name);
        names.find(|name| other.get(name).is_none()).cloned()
    };
    let error = |what: String| {
        Error::new(what)
            .at(format_args!("{PLACE}/term"))
            .help("`arigatoni run … --world FILE` and `arigatoni calculus from-world FILE` print the term of a scenario")
    };
    if let Some(name) = differs(complete, community) {
        return Err(error(format!(
            "`{name}` is missing: the term has all brokers and GCUs"
        )));
    }
    if let Some(name) = differs(community, complete) {
        return Err(error(format!("there is no unit `{name}`")));
    }
    Ok(())
}

/// Applies `rule` to a fraction of those to which it can be: those whose draws are the least.
fn apply_to_share(
    community: &mut Community,
    (rule, rate): (Rule, f64),
    world: &World,
) -> Result<(), Failure> {
    if rate <= 0.0 {
        return Ok(());
    }
    let mut candidates: Vec<(u64, Label)> = Vec::new();
    for unit in world.units() {
        let member = name(unit);
        let (own, draw) = if unit.kind() == GCU {
            let entity = world.population.computer(unit.index()).entity();
            (
                Rule::Leave,
                world.streams.bits(stream::DISCONNECT_COMPUTER, entity, 0),
            )
        } else {
            let entity = u64::from(unit.index());
            (
                Rule::Unregister,
                world.streams.bits(stream::DISCONNECT_BROKER, entity, 0),
            )
        };
        let Some(leader) = community.leader(&member).filter(|_| own == rule) else {
            continue;
        };
        let label = Label::new(rule, &[&member, leader]);
        if community.check(&label).is_ok() {
            candidates.push((draw, label));
        }
    }
    let taken = workload::share(rate, candidates.len());
    candidates.sort_unstable();
    let taken = &candidates[..taken];
    taken
        .iter()
        .try_for_each(|(_, label)| community.change(label))
}

/// Those who are free in `community` and have a leader in the complete overlay.
fn freed(world: &World, community: &Community) -> Result<BTreeSet<UnitId>> {
    let mut freed = BTreeSet::new();
    for unit in world.units() {
        let own = name(unit);
        let home = world.first_leader(unit).map(name);
        let Some(home) = home else {
            if let Some(leader) = community.leader(&own) {
                return Err(elsewhere(&own, leader, None));
            }
            continue;
        };
        match community.leader(&own) {
            None => _ = freed.insert(unit),
            Some(leader) if *leader == home => {}
            Some(leader) => return Err(elsewhere(&own, leader, Some(&home))),
        }
    }
    let mut failed = community.individuals();
    if let Some((name, _)) = failed.find(|(_, it)| it.state != crate::calculus::State::Idle) {
        let what = format!("`{name}` has failed or is busy as requests begin");
        return Err(Error::new(what)
            .at(PLACE)
            .help("`faults` lets units fail while requests run"));
    }
    Ok(freed)
}

/// Somebody belongs to another leader than in the complete overlay.
fn elsewhere(name: &Name, leader: &Name, home: Option<&Name>) -> Error {
    let home = home.map_or_else(|| "nobody".into(), |home| format!("`{home}`"));
    let what = format!(
        "`{name}` belongs to `{leader}` when requests begin, and to {home} in the complete overlay"
    );
    Error::new(what)
        .at(PLACE)
        .help("units leave before requests begin, and do not move; `migration` lets them move while requests run")
}
