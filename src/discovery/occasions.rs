//! Changes from outside that may happen to a small world while requests run: offers change, colonies are linked and
//! unlinked, credentials are revoked.
//!
//! It does *not* know how histories are visited, nor what units make of it.

use std::collections::BTreeMap;

use super::{Command, Discovery, Mechanism, gbu, gcu};
use crate::error::{Error, Result};
use crate::system::{About, Occasion, Task};
use crate::unit::{Input, UnitId};

/// How many times a computer changes what it offers in a history.
const CHANGES_EACH: u32 = 2;

/// All of them; when they come in a run does not matter.
pub(super) fn all<M: Mechanism>(system: &Discovery<M>) -> Vec<Occasion<M::Protocol>> {
    let mut all = offers(system);
    all.extend(links(system));
    all.extend(revocations(system));
    all
}

/// Whether there are any about this.
///
/// # Errors
/// If there are none.
pub(super) fn can_be_told<M: Mechanism>(system: &Discovery<M>, about: About) -> Result<()> {
    if all(system).iter().any(|it| it.about == about) {
        return Ok(());
    }
    let (what, place, member) = match about {
        About::Offers => (
            "the computers of this scenario do not change what they offer",
            "/system/*/services/change",
            "`change`",
        ),
        About::Links => (
            "no colonies of this scenario are linked",
            "/system/*/colony_links",
            "`colony_links`",
        ),
        About::Credentials => (
            "no credential of this scenario is revoked",
            "/system/*/trust/revoked",
            "a `revoked` share that is not less than a computer",
        ),
    };
    let help = format!("write {member}; when that happens does not matter here");
    Err(Error::new(what).at(place).help(help))
}

/// Whether the broker `unit` has heard that the credential of `computer` is revoked, if it lived all the time and these
/// occasions have come.
pub(super) fn has_heard_of<M: Mechanism>(
    system: &Discovery<M>,
    (unit, computer): (UnitId, UnitId),
    come: u32,
) -> bool {
    let is_it = |(to, input): &Task<M::Protocol>| {
        let revoked = match input {
            Input::Command(Command::Revoke { computer }) => Some(gcu(*computer)),
            _ => None,
        };
        *to == unit && revoked == Some(computer)
    };
    let heard = all(system).into_iter().enumerate();
    let mut heard = heard.filter(|(number, _)| come >> number & 1 == 1);
    heard.any(|(_, it)| it.told.iter().any(is_it))
}

/// The pairs of brokers that can be linked, and whether they are once these occasions have come.
pub(super) fn linked<M: Mechanism>(system: &Discovery<M>, come: u32) -> Vec<([UnitId; 2], bool)> {
    let pairs = system.mechanism.crossings().linked_pairs().into_iter();
    let occasions = all(system).into_iter().enumerate();
    let about_links = occasions.filter(|(_, it)| it.about == About::Links);
    let numbered = pairs.zip(about_links);
    let linked = numbered.map(|((pair, is_at_first), (number, _))| {
        let has_come = come >> number & 1 == 1;
        (pair.map(gbu), is_at_first != has_come)
    });
    linked.collect()
}

fn told<M: Mechanism>(unit: UnitId, command: Command) -> Task<M::Protocol> {
    (unit, Input::Command(command))
}

/// Each computer draws its offers anew, and then again.
fn offers<M: Mechanism>(system: &Discovery<M>) -> Vec<Occasion<M::Protocol>> {
    let mut all = Vec::new();
    if system.world.config.renewal().is_none() {
        return all;
    }
    for computer in 0..system.world.population.len() {
        for number in 1..=CHANGES_EACH {
            all.push(Occasion {
                about: About::Offers,
                told: vec![told::<M>(gcu(computer), Command::Change { number })],
                back: Vec::new(),
                after: all.len().checked_sub(1).filter(|_| number > 1),
                again: true,
            });
        }
    }
    all
}

/// Each pair is linked and unlinked.
fn links<M: Mechanism>(system: &Discovery<M>) -> Vec<Occasion<M::Protocol>> {
    let pairs = system.mechanism.crossings().linked_pairs().into_iter();
    pairs
        .map(|([one, other], is_linked)| {
            let both = [(one, other), (other, one)];
            let link = both.map(|(it, peer)| told::<M>(gbu(it), Command::Link { peer }));
            let unlink = both.map(|(it, peer)| told::<M>(gbu(it), Command::Unlink { peer }));
            let (told, back) = if is_linked {
                (unlink, link)
            } else {
                (link, unlink)
            };
            Occasion {
                about: About::Links,
                told: told.into(),
                back: back.into(),
                after: None,
                again: true,
            }
        })
        .collect()
}

/// Each domain hears of each revocation, its brokers all at once. One that is dead does not.
fn revocations<M: Mechanism>(system: &Discovery<M>) -> Vec<Occasion<M::Protocol>> {
    let crossings = system.mechanism.crossings();
    let mut domains: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for broker in 0..system.gbus.len() as u32 {
        if let Some(domain) = crossings.domain_of(broker) {
            domains.entry(domain).or_default().push(broker);
        }
    }
    let computers = 0..system.world.population.len();
    let revoked = computers.filter(|computer| crossings.revoked_at(*computer).is_some());
    let occasion = |computer: u32, brokers: &Vec<u32>| {
        let hear = |broker: &u32| told::<M>(gbu(*broker), Command::Revoke { computer });
        Occasion {
            about: About::Credentials,
            told: brokers.iter().map(hear).collect(),
            back: Vec::new(),
            after: None,
            again: false,
        }
    };
    revoked
        .flat_map(|computer| {
            domains
                .values()
                .map(move |brokers| occasion(computer, brokers))
        })
        .collect()
}
