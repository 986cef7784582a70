//! Who is disconnected before the experiment, by a term and rules of the colony calculus.
//!
//! It does *not* know the calculus, nor how units are told to leave.

use std::collections::BTreeSet;

use super::adequacy::name;
use super::config::Overlay;
use super::{GCU, World, stream, workload};
use crate::calculus::{Community, Individual, Label, Name, Rule};
use crate::error::{Error, Result};
use crate::unit::UnitId;

/// Where a scenario says it.
const PLACE: &str = "/system/*/overlay";

/// Those who are free by `overlay` and are members in the complete overlay of `world`.
///
/// # Errors
/// If its term is not one of the units of `world`, a label cannot be applied, or somebody is then elsewhere than in
/// the complete overlay.
pub(super) fn disconnected(world: &World, overlay: &Overlay) -> Result<BTreeSet<UnitId>> {
    if world.gbus().is_empty() {
        let what = "without brokers there are no colonies that anybody could leave";
        return Err(Error::new(what)
            .at(PLACE)
            .help("`disconnection` disconnects units of any system"));
    }
    let complete = complete(world);
    let mut community = match &overlay.term {
        None => complete.clone(),
        Some(term) => {
            let community = Community::parse(term);
            community.map_err(|error| error.at(format_args!("{PLACE}/term")))?
        }
    };
    check_units(&complete, &community)?;
    for (number, text) in overlay.script.iter().enumerate() {
        let place = format!("{PLACE}/script/{number}");
        let label = Label::parse(text).map_err(|error| error.at(&place))?;
        community.change(&label).map_err(|failure| {
            Error::new(failure.to_string())
                .at(&place)
                .help("its premises are those of docs/calculus.md")
        })?;
    }
    let rates = [
        (Rule::Leave, overlay.leave_rate.0),
        (Rule::Unregister, overlay.unregister_rate.0),
    ];
    for (rule, rate) in rates {
        apply_to_share(&mut community, rule, rate, world)?;
    }
    freed(world, &community)
}

/// The overlay in which everybody has a first leader.
fn complete(world: &World) -> Community {
    let units = world.units().map(|unit| {
        let leader = world.first_leader(unit).map(name);
        let individual = Individual {
            leader,
            ..Individual::default()
        };
        (name(unit), individual)
    });
    Community::of(units)
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
fn apply_to_share(community: &mut Community, rule: Rule, rate: f64, world: &World) -> Result<()> {
    if rate <= 0.0 {
        return Ok(());
    }
    let mut candidates: Vec<(u64, Name, Name)> = Vec::new();
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
        if let Some(leader) = community.leader(&member).filter(|_| own == rule) {
            candidates.push((draw, member.clone(), leader.clone()));
        }
    }
    let taken = workload::share(rate, candidates.len());
    candidates.sort_unstable();
    for (_, member, leader) in &candidates[..taken] {
        let label = Label::new(rule, &[member, leader]);
        community
            .change(&label)
            .map_err(|failure| Error::new(failure.to_string()).at(PLACE))?;
    }
    Ok(())
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
