//! Making a world that violates something as small as it can: member by member, as long as the same is
//! still violated.
//!
//! It does *not* know what is violated.

use std::collections::BTreeSet;

use serde_json::Value;

use super::examining::examine;
use super::members::{GRAPH, GRAPH_SIZES, Member, OTHERS};
use super::world::{set, set_graph_size};
use crate::system::Violation;

/// The world of the scenario `document` in which the invariant `violated` does not hold, with as few
/// members as possible that are not defaults, and sizes as small as possible: greedily, so that not every
/// smaller world is tried; no further one once `goes_on` says no.
pub fn smallest(document: &Value, violated: &str, goes_on: &dyn Fn() -> bool) -> Value {
    let kinds = |world: &Value| {
        let all = examine(world).violations.into_iter();
        let all = all.filter(|violation| violation.name == violated);
        all.map(|violation| kind(&violation)).collect()
    };
    let wanted: BTreeSet<String> = kinds(document);
    smallest_by(document, |smaller| {
        goes_on() && !wanted.is_disjoint(&kinds(smaller))
    })
}

/// What tells one violation of an invariant from another. A world may be refused, or panic, in many ways: what is said of it without
/// its numbers.
fn kind(violation: &Violation) -> String {
    let is_said = matches!(violation.name, "valid" | "no-panic");
    let said = violation.cases.iter().filter(|_| is_said);
    let words = said.flat_map(|case| case.chars().filter(|char| !char.is_ascii_digit()));
    words.collect()
}

fn smallest_by(document: &Value, still: impl Fn(&Value) -> bool) -> Value {
    let mut smallest = document.clone();
    let system = document.get("system").and_then(Value::as_object);
    let system = system.and_then(|system| system.keys().next().cloned());
    let system = system.unwrap_or_default();
    loop {
        let before = smallest.clone();
        // What others depend on comes last.
        for member in OTHERS.iter().chain(GRAPH) {
            if let Some(pointer) = member.pointer_in(&system) {
                smaller_at(&mut smallest, (member, &pointer), &still);
            }
        }
        smaller_graph(&mut smallest, &still);
        if smallest == before {
            return smallest;
        }
    }
}

/// Gives a world the smallest graph with which it is `still` as wanted.
fn smaller_graph(world: &mut Value, still: &impl Fn(&Value) -> bool) {
    for &size in GRAPH_SIZES {
        let mut smaller = world.clone();
        set_graph_size(&mut smaller, size);
        if smaller == *world {
            return;
        }
        if still(&smaller) {
            *world = smaller;
            return;
        }
    }
}

/// Makes one member of a world smaller, while it is `still` as wanted.
fn smaller_at(
    world: &mut Value,
    (member, pointer): (&Member, &str),
    still: &impl Fn(&Value) -> bool,
) {
    while let Some(value) = world.pointer(pointer) {
        let tries = if member.is_size {
            smaller_sizes(value)
        } else {
            vec![None]
        };
        let worlds = tries.into_iter().map(|value| {
            let mut smaller = world.clone();
            set(&mut smaller, pointer, value);
            smaller
        });
        let Some(smaller) = worlds.into_iter().find(|smaller| still(smaller)) else {
            return;
        };
        *world = smaller;
    }
}

/// Smaller values of a size, the smallest first: a distribution of sizes becomes a number.
fn smaller_sizes(value: &Value) -> Vec<Option<Value>> {
    let smaller = match value.as_u64() {
        None => vec![1, 2],
        Some(0 | 1) => Vec::new(),
        Some(2) => vec![1],
        Some(size) => vec![1, size / 2, size - 1],
    };
    smaller.into_iter().map(|size| Some(size.into())).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::swarm::scenario;

    #[test]
    fn what_does_not_matter_goes_and_sizes_shrink() {
        let world = scenario(3, &[], None);
        let count = |world: &Value| world.pointer("/system/arigatoni/requests/count")?.as_u64();
        let smallest = smallest_by(&world, |world| count(world).is_some_and(|count| count >= 7));
        let expected = json!({
            "version": 1,
            "name": "swarm-3",
            "topology": {"transit_stub": {
                "transit_domains": 1,
                "transit_routers": 1,
                "stubs_per_transit_router": 1,
                "stub_routers": 9,
            }},
        });
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(smallest.get(name), Some(value), "{name}");
        }
        assert_eq!(count(&smallest), Some(7));
    }

    #[test]
    fn worlds_that_are_refused_for_different_reasons_fail_differently() {
        let kind = |name: &'static str, case: &str| {
            let (sentence, cases) = ("", vec![case.to_owned()]);
            kind(&Violation {
                name,
                sentence,
                cases,
            })
        };
        let valid = |case| kind("valid", case);
        assert_eq!(
            valid("`B1 ~ B13` is along the tree"),
            valid("`B2 ~ B3` is along the tree")
        );
        assert_ne!(
            valid("`B1 ~ B13` is along the tree"),
            valid("5 routers do not fit")
        );
        assert_eq!(
            kind("adequate", "`g3` belongs"),
            kind("adequate", "`B3` lives")
        );
    }
}
