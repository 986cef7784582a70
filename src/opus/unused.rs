//! Members of a scenario that are given for another study than the one that is run.
//!
//! It does *not* know what they mean.

use serde_json::Value;

use super::config::{Opus, Study};

/// What a person should know of them, if there are any.
pub(super) fn notes(config: &Opus) -> Vec<String> {
    let (study, others): (&str, &[&str]) = match config.study {
        Study::Overlay => (
            "overlay",
            &[
                "allocation",
                "applications",
                "failures",
                "sessions",
                "domain_failures",
                "tracking",
            ],
        ),
        Study::Allocation => ("allocation", &["moving"]),
        Study::Tracking => (
            "tracking",
            &[
                "moving",
                "overlay",
                "allocation",
                "applications",
                "failures",
                "sessions",
                "domain_failures",
            ],
        ),
    };
    let members = |config: &Opus| serde_json::to_value(config).unwrap_or_default();
    let (given, default) = (members(config), members(&Opus::default()));
    let is_given = |name: &&&str| given.get(**name) != default.get(**name);
    let given: Vec<String> = others
        .iter()
        .filter(is_given)
        .map(|name| format!("`{name}`"))
        .collect();
    if given.is_empty() || default == Value::Null {
        return Vec::new();
    }
    let given = given.join(", ");
    vec![format!(
        "the study `{study}` of opus does not use what is given for other studies: {given}"
    )]
}
