//! The overlay when requests begin, by a term and rules of the colony calculus; and what its script does later.
//!
//! It does *not* know the calculus, nor how units are told to leave.

mod arranged;
mod openings;
mod processes;
mod rates;

use std::collections::BTreeSet;

use super::adequacy::name;
use super::config::Overlay;
use super::scripted::{self, ScriptLine, Scripted};
use super::{World, gbu, gcu};
use crate::calculus::{Community, Domain, Individual, Name};
use crate::error::{Error, Result};
use crate::system::Underlay;
use crate::topology::numbered_domains;
use crate::unit::UnitId;

pub(super) use arranged::{Arrangement, along_the_tree, lies_elsewhere, on_routers_of_one};
pub(crate) use arranged::{Crossings, MadeLink, MadeTunnel};

/// Where a scenario says it.
const PLACE: &str = "/system/*/overlay";

/// What becomes of units by terms and rules.
#[derive(Debug)]
pub(super) struct ByRules {
    /// Those who are free when requests begin and have a first leader; without those that come back later.
    pub(super) disconnected: BTreeSet<UnitId>,
    /// Those that come back later.
    pub(super) absent: BTreeSet<UnitId>,
    /// The events that happen to units while requests run, ascending by (span, unit).
    pub(super) scripted: Vec<Scripted>,
    /// With whom they begin.
    pub(super) arrangement: Arrangement,
}

/// What becomes of the units of `world` by `overlay`.
///
/// # Errors
/// If its term is not one of the units of `world`, a label cannot be applied, or units cannot do what it says.
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
            let community = community.map_err(|error| error.at(format_args!("{PLACE}/term")))?;
            check_units(&complete, &community)?;
            check_domains(&complete, &community)?;
            community
        }
    };
    let steps = scripted::read(overlay)?;
    let (later, before): (Vec<_>, Vec<_>) = steps.into_iter().partition(|step| step.at.is_some());
    for ScriptLine { label, place, .. } in before {
        let changed = community.change(&label);
        changed.map_err(|failure| scripted::refused(&failure, &community).at(place))?;
    }
    for rate in overlay.rates() {
        rates::apply(&mut community, rate, (world, &complete))?;
    }
    let mut arrangement = arranged::arrange(world, &complete, &community)?;
    let rates = overlay.rates_per_s.each();
    let later = if rates.iter().any(|(_, per_s)| *per_s > 0.0) {
        processes::steps(&rates, &community, (world, &complete))?
    } else {
        later
    };
    let known = (world, &complete, &mut arrangement);
    let scripted = scripted::follow(later, &mut community, known)?;
    let (absent, disconnected) = std::mem::take(&mut arrangement.disconnected)
        .into_iter()
        .partition(|unit| scripted::comes(&scripted, *unit));
    Ok(ByRules {
        disconnected,
        absent,
        scripted,
        arrangement,
    })
}

/// The unit that the calculus calls so; `None`: there can be none.
pub(super) fn unit_of(name: &Name) -> Option<UnitId> {
    let number: u32 = name.as_str()[1..].parse().ok()?;
    Some(if name.is_broker() {
        gbu(number)
    } else {
        gcu(number)
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

/// Checks that everybody is in the domain of its router, or who is elsewhere than in the complete overlay in that
/// of its leader.
fn check_domains(complete: &Community, community: &Community) -> Result<()> {
    for (name, individual) in community.individuals() {
        let Some(first) = complete.get(name) else {
            continue;
        };
        let leader = individual
            .leader
            .as_ref()
            .filter(|_| individual.leader != first.leader);
        let leader = leader.and_then(|it| community.get(it));
        let is_guest = leader.is_some_and(|it| it.domain == individual.domain);
        if first.domain != individual.domain && !is_guest {
            let what = format!(
                "`{name}` is in the domain `{}`, and its router is in `{}`",
                individual.domain, first.domain
            );
            let help = "the topology says which domains there are; `arigatoni run … --world FILE` and `arigatoni calculus from-world FILE` print them";
            return Err(Error::new(what).at(format_args!("{PLACE}/term")).help(help));
        }
    }
    Ok(())
}

/// Checks that a community has the units of the complete one.
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
