//! Where the members of a name are in the scenario file, from its schema.
//!
//! It does *not* know any member by name.

use std::collections::BTreeSet;

use serde_json::Value;

use super::explained::{all_inside, explain, has_items, names, shapes};
use super::json;

/// The maximum depth to which members are searched for.
const DEPTH_MAX: usize = 6;
/// Where the systems are.
const SYSTEMS: &str = "/system";

/// The pointers of the members that are called `name` in the file that `schema` describes, the outer ones first. `*`
/// stands for the systems where the member is the same in several, and for any item of a list.
pub fn members_named(schema: &Value, name: &str) -> Vec<String> {
    let mut found = Vec::new();
    walk(schema, &mut |pointer, own| {
        if own == name && !found.iter().any(|known| known == pointer) {
            found.push(pointer.to_owned());
        }
    });
    found.sort_by_key(|pointer| pointer.matches('/').count());
    joined(schema, &found)
}

/// The names of all members, each once.
pub fn member_names(schema: &Value) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    walk(schema, &mut |_, name| {
        all.insert(name.to_owned());
    });
    all
}

/// Tells each member, by its pointer and its name.
fn walk(schema: &Value, tell: &mut impl FnMut(&str, &str)) {
    let mut level: Vec<(String, Vec<&Value>)> = vec![(String::new(), vec![schema])];
    for _ in 0..=DEPTH_MAX {
        let mut next = Vec::new();
        for (pointer, here) in level {
            let shapes = shapes(schema, &here);
            let own: BTreeSet<&str> = shapes.iter().flat_map(|shape| names(shape)).collect();
            for name in own {
                let inside = format!("{pointer}/{}", json::escape(name));
                tell(&inside, name);
                next.push((inside, all_inside(&shapes, name)));
            }
            if has_items(&shapes) {
                let items = shapes.iter().filter_map(|shape| shape.get("items"));
                next.push((format!("{pointer}/*"), items.collect()));
            }
        }
        level = next;
    }
}

/// `pointers` with one in the place of those that differ in the system alone, and mean the same.
fn joined(schema: &Value, pointers: &[String]) -> Vec<String> {
    let mut joined: Vec<String> = Vec::new();
    let inside = |pointer: &str| -> Option<String> {
        let system = pointer.strip_prefix(SYSTEMS)?.strip_prefix('/')?;
        Some(system.split_once('/')?.1.to_owned())
    };
    for pointer in pointers {
        let alike = |other: &&String| {
            inside(other).is_some()
                && inside(other) == inside(pointer)
                && explain(schema, other).ok() == explain(schema, pointer).ok()
        };
        let pointer = match (pointers.iter().filter(alike).count(), inside(pointer)) {
            (2.., Some(inside)) => format!("{SYSTEMS}/*/{inside}"),
            _ => pointer.clone(),
        };
        if !joined.contains(&pointer) {
            joined.push(pointer);
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::super::schema;
    use super::*;

    #[test]
    fn members_are_found_by_their_names() {
        let found = |name: &str| members_named(&schema(), name);
        assert_eq!(found("rate_per_s"), ["/system/*/requests/rate_per_s"]);
        assert_eq!(found("seed"), ["/seed", "/topology/transit_stub/seed"]);
        assert_eq!(found("metric").first().unwrap(), "/precision/metric");
        assert!(found("metric").contains(&"/figures/*/metric".to_owned()));
        assert_eq!(found("nothing"), [""; 0]);
        assert!(member_names(&schema()).contains("density"));
    }
}
