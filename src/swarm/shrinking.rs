//! Making a world that violates something as small as it can: member by member, as long as the same is
//! still violated.
//!
//! It does *not* know what is violated.

use serde_json::Value;

use super::examining::examine;
use super::members::{GRAPH, GRAPH_SIZES, Member, OTHERS};
use super::world::{set, set_graph_size};

/// The world of the scenario `document` in which the invariant `violated` does not hold, with as few
/// members as possible that are not defaults, and sizes as small as possible: greedily, so that not every
/// smaller world is tried; no further one once `goes_on` says no.
pub fn smallest(document: &Value, violated: &str, goes_on: &dyn Fn() -> bool) -> Value {
    smallest_by(document, |smaller| {
        if !goes_on() {
            return false;
        }
        let violations = examine(smaller).violations;
        violations
            .iter()
            .any(|violation| violation.name == violated)
    })
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
        let world = scenario(3, &[]);
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
}
