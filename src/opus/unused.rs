//! Members of a scenario that are given for another study than the one that is run, and targets that decide nothing.
//!
//! It does *not* know what they mean.

use super::allocation::config::Sla;
use super::config::{Opus, Study};

/// Which studies use a member; a member that all of them use is not listed.
const USED_BY: [(&str, &[Study]); 8] = [
    ("allocation", &[Study::Allocation]),
    ("applications", &[Study::Allocation]),
    ("domain_failures", &[Study::Allocation]),
    ("failures", &[Study::Allocation]),
    ("moving", &[Study::Overlay]),
    ("overlay", &[Study::Overlay, Study::Allocation]),
    ("sessions", &[Study::Allocation]),
    ("tracking", &[Study::Tracking, Study::Allocation]),
];

/// Members of `overlay` that are for the study `overlay` only: in the study `allocation` each application has its own.
const OF_ONE_OVERLAY: [&str; 6] = [
    "degree_limit",
    "delay_factor",
    "joins_per_s",
    "packets",
    "reach",
    "redundancy",
];

/// What a person should know of them, if there are any.
pub(super) fn notes(config: &Opus) -> Vec<String> {
    let notes = others(config).into_iter().chain(of_one_overlay(config));
    notes
        .chain(targets(config))
        .chain(isolated(config))
        .collect()
}

/// Members of `overlay` that are given for another study.
fn of_one_overlay(config: &Opus) -> Option<String> {
    if config.study != Study::Allocation {
        return None;
    }
    let members = |config: &Opus| serde_json::to_value(&config.overlay).unwrap_or_default();
    let (given, default) = (members(config), members(&Opus::default()));
    let unused = OF_ONE_OVERLAY
        .iter()
        .filter(|name| given.get(name) != default.get(name));
    let unused: Vec<String> = unused.map(|name| format!("`/overlay/{name}`")).collect();
    (!unused.is_empty()).then(|| {
        format!(
            "the study `allocation` of opus does not use {}: the overlays of applications have their goals in \
            `/applications/*/overlay`, and no reach goal",
            unused.join(", ")
        )
    })
}

/// An isolation that the policy does not look at.
fn isolated(config: &Opus) -> Option<String> {
    let allocation = &config.allocation;
    let is_ignored = allocation.isolation && !allocation.isolates();
    (is_ignored && config.study == Study::Allocation).then(|| {
        "`/allocation/isolation` has no effect: the policies `static` and `proportional` do not look at what an application \
        needs"
            .to_owned()
    })
}

/// Targets of availability where nodes fail and nothing is kept for them.
fn targets(config: &Opus) -> Option<String> {
    let fails =
        config.failures.is_some() || config.sessions.is_some() || config.domain_failures.is_some();
    if config.study != Study::Allocation || !fails || config.allocation.isolates() {
        return None;
    }
    let is_nominal =
        |sla: &Sla| sla.quorum.is_none() && sla.availability != Sla::default().availability;
    let all = config.applications.iter().enumerate();
    let named: Vec<String> = all
        .filter(|(_, application)| is_nominal(&application.sla))
        .map(|(number, _)| format!("`/applications/{number}/sla/availability`"))
        .collect();
    (!named.is_empty()).then(|| {
        format!(
            "nodes fail, but without a `quorum` or `isolation` a target decides nothing and is only measured: {}",
            named.join(", ")
        )
    })
}

fn others(config: &Opus) -> Vec<String> {
    let members = |config: &Opus| serde_json::to_value(config).unwrap_or_default();
    let (given, default) = (members(config), members(&Opus::default()));
    let unused: Vec<String> = USED_BY
        .iter()
        .filter(|(name, studies)| {
            !studies.contains(&config.study) && given.get(name) != default.get(name)
        })
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    if unused.is_empty() {
        return Vec::new();
    }
    vec![format!(
        "the study `{}` of opus does not use what is given for other studies: {}",
        given["study"].as_str().unwrap_or_default(),
        unused.join(", ")
    )]
}
