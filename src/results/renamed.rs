//! Columns that are asked for by a name that none has: what they are called now, or what is probably meant.
//!
//! It does *not* know which system reports which column: a name is offered only where it is known.

use crate::error::{Error, nearest};

/// Former names and present ones; each former name once.
const RENAMED: [(&str, &str); 26] = [
    ("adapted_cost_ratio_light", "adapted_cost_ratio_last"),
    ("adapted_delay_ratio_mean", "adapted_stretch_mean"),
    ("adapted_late_ratio", "adapted_deadline_miss_ratio"),
    ("age_s_max", "staleness_s_max"),
    ("age_s_mean", "staleness_s_mean"),
    ("copies_max", "link_stress_max"),
    ("copies_mean", "link_stress_mean"),
    ("cost_ratio_light", "cost_ratio_last"),
    ("delay_ratio", "stretch"),
    ("delay_ratio_max", "stretch_max"),
    ("delay_ratio_mean", "stretch_mean"),
    ("late_ratio", "deadline_miss_ratio"),
    ("moved", "reassignments"),
    ("moved_cost_ratio_light", "moved_cost_ratio_last"),
    ("moved_delay_ratio_mean", "moved_stretch_mean"),
    ("moved_late_ratio", "moved_deadline_miss_ratio"),
    ("reach", "delivery_ratio"),
    ("reach_adapted", "delivery_ratio_adapted"),
    ("reach_failed", "delivery_ratio_failed"),
    ("reach_intact", "delivery_ratio_intact"),
    ("reach_moved", "delivery_ratio_moved"),
    ("reach_repaired", "delivery_ratio_repaired"),
    ("successions", "failovers"),
    ("update_delay_ratio", "update_stretch"),
    ("update_late_ratio", "update_deadline_miss_ratio"),
    ("update_reach", "update_delivery_ratio"),
];

/// The present name of the column that was called `former`, if it is among the `known` ones.
pub(crate) fn present_name<'a>(
    former: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let (_, present) = RENAMED.iter().find(|(old, _)| *old == former)?;
    known.into_iter().find(|name| name == present)
}

/// The former name of the column that is called `present` now, if it is among the `known` ones.
pub(crate) fn former_name<'a>(
    present: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let (former, _) = RENAMED.iter().find(|(_, new)| *new == present)?;
    known.into_iter().find(|name| name == former)
}

/// The error that no metric is called `name`, with its present name if that is a former one, or else with the
/// nearest that is.
pub(crate) fn unknown_metric(name: &str, metrics: &[&str]) -> Error {
    let error = Error::new(format!("there is no metric `{}`", name.escape_debug()));
    if let Some(present) = present_name(name, metrics.iter().copied()) {
        return error.help(format!("it is called `{present}` now"));
    }
    if let Some((_, present)) = RENAMED.iter().find(|(former, _)| *former == name) {
        return error.help(format!(
            "it is called `{present}` now, and there is none here"
        ));
    }
    if let Some(near) = nearest(name, metrics.iter().copied()) {
        return error.help(format!("did you mean `{near}`?"));
    }
    let part = |metric: &&&str| name.len() >= PART_MIN && metric.contains(name);
    let of_part: Vec<String> = metrics
        .iter()
        .filter(part)
        .map(|m| format!("`{m}`"))
        .collect();
    match &of_part[..] {
        [] => error.help(format!("the metrics are {}", metrics.join(", "))),
        [only] => error.help(format!("did you mean {only}?")),
        [before @ .., last] => error.help(format!("did you mean {} or {last}?", before.join(", "))),
    }
}

/// A shorter word is part of too many names to tell which is meant.
const PART_MIN: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_offered_only_where_it_is_known() {
        let known = ["nodes", "link_stress_max"];
        assert_eq!(present_name("copies_max", known), Some("link_stress_max"));
        assert_eq!(present_name("copies_mean", known), None);
        assert_eq!(present_name("nodes", known), None);
        assert_eq!(
            former_name("staleness_s_max", ["age_s_max"]),
            Some("age_s_max")
        );
        assert_eq!(former_name("staleness_s_max", known), None);
    }

    #[test]
    fn no_name_is_both_former_and_present() {
        for (former, _) in RENAMED {
            assert!(
                RENAMED.iter().all(|(_, present)| *present != former),
                "{former}"
            );
        }
    }
}
