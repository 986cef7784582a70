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

/// What a person should know of them, if there are any.
pub(super) fn notes(config: &Opus) -> Vec<String> {
    others(config).into_iter().chain(targets(config)).collect()
}

/// Targets of availability where nodes fail and nothing is kept for them.
fn targets(config: &Opus) -> Option<String> {
    let fails =
        config.failures.is_some() || config.sessions.is_some() || config.domain_failures.is_some();
    if config.study != Study::Allocation || !fails || config.allocation.isolation {
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
