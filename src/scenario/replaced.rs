//! What gives way where a member is given: the members that have their defaults only without it, such as
//! `requests.instances` without `requests.all`.
//!
//! A scenario is kept with all its defaults. So one that an axis or an assignment gives, in the place of null, would
//! contradict a default that nobody has written. Which members these are the schema says. This module does *not* know
//! any of them by name.

use serde_json::Value;

use super::assignment::resolve;
use super::explained::shapes_at;

/// Where the schema says in the place of which members one has no default.
const UNLESS: &str = "x-unless";

/// A member that gives way, and the value at which it does.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Replaced {
    name: String,
    default: Value,
}

/// Those in the object around the member at `pointer`, perhaps with `*`, where `document` does not give that one.
pub(super) fn by(pointer: &str, document: &Value) -> Vec<Replaced> {
    let given = document.pointer(&resolve(pointer, document));
    let is_given = given.is_some_and(|value| !value.is_null());
    let Some((around, name)) = pointer.rsplit_once('/').filter(|_| !is_given) else {
        return Vec::new();
    };
    let schema = super::schema();
    let mut found: Vec<Replaced> = Vec::new();
    for shape in shapes_at(&schema, around) {
        let members = shape.get("properties").and_then(Value::as_object);
        for (other, member) in members.into_iter().flatten() {
            let unless = member.get(UNLESS).and_then(Value::as_array);
            let gives_way = unless.is_some_and(|all| all.iter().any(|it| *it == *name));
            let default = member.get("default").filter(|_| gives_way);
            if let Some(default) = default.filter(|_| found.iter().all(|it| it.name != *other)) {
                found.push(Replaced {
                    name: other.clone(),
                    default: default.clone(),
                });
            }
        }
    }
    found
}

/// The member at `pointer` of `document` gets `value`: `replaced` become null that have their defaults, if it is not null.
pub(super) fn give_way(replaced: &[Replaced], pointer: &str, value: &Value, document: &mut Value) {
    if value.is_null() || replaced.is_empty() {
        return;
    }
    let around = pointer.rsplit_once('/').map_or("", |(around, _)| around);
    let Some(members) = document.pointer_mut(around).and_then(Value::as_object_mut) else {
        return;
    };
    for Replaced { name, default } in replaced {
        if let Some(member) = members.get_mut(name).filter(|member| *member == default) {
            *member = Value::Null;
        }
    }
}
