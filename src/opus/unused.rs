//! Members of a scenario that are given for another study than the one that is run.
//!
//! It does *not* know what they mean.

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
