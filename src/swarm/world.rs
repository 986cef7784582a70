//! A world: the scenario that a seed stands for.
//!
//! Each member is drawn by itself, keyed by its pointer: another member more or less changes no other.
//! This module does *not* know what becomes of a world.

use std::rc::Rc;

use serde_json::{Map, Value, json};
use xxhash_rust::xxh3::xxh3_64;

use super::draw::{Draw, GraphFacts};
use super::members::{EXTRA_LINKS, GRAPH, Member, OTHERS, SYSTEMS};
use crate::scenario::{Scenario, TopologySource};
use crate::topology::{Domain, Graph};

/// The scenario of the world called `seed`, in which the members at the pointers `without`, and those
/// below them, have their defaults. As in axes, the segment `*` stands for the system.
pub fn scenario(seed: u64, without: &[&str]) -> Value {
    let unknown = Rc::default();
    let system = *Draw::new(seed, xxh3_64(b"/system"), &unknown).one_of(&SYSTEMS);
    let mut world = json!({"version": 1, "name": format!("swarm-{seed}")});
    let draw = |members: &[Member], graph: &Rc<GraphFacts>, world: &mut Value| {
        let drawn = members.iter().filter(|it| !is_below(it.pointer, without));
        for member in drawn {
            let Some(pointer) = member.pointer_in(system) else {
                continue;
            };
            let mut draw = Draw::new(seed, xxh3_64(member.pointer.as_bytes()), graph);
            set(world, &pointer, Some((member.draw)(&mut draw)));
        }
    };
    draw(&GRAPH, &unknown, &mut world);
    let plain = world.clone();
    draw(&EXTRA_LINKS, &unknown, &mut world);
    let graph = graph_of(&world).or_else(|| {
        world = plain;
        graph_of(&world)
    });
    let facts = graph.map(|graph| Rc::new(facts(&graph)));
    let facts = facts.unwrap_or_default();
    draw(&OTHERS, &facts, &mut world);
    reconcile(&mut world, system);
    world
}

/// Where the rate says how long units are absent, nothing else does; and where there are no sessions, it
/// cannot.
fn reconcile(world: &mut Value, system: &str) {
    let of = |member: &str| format!("/system/{system}/{member}");
    let mode = world.pointer(&of("disconnection/mode"));
    if mode != Some(&json!("sessions")) {
        return;
    }
    if world.pointer(&of("sessions")).is_none_or(Value::is_null) {
        set(world, &of("sessions"), Some(json!({"up": 1})));
    }
    for member in ["sessions/down", "sessions/units"] {
        set(world, &of(member), None);
    }
}

impl Member {
    /// Where it is in a world of `system`, if such a world has it.
    pub(super) fn pointer_in(&self, system: &str) -> Option<String> {
        let Some(rest) = self.pointer.strip_prefix("/system/") else {
            return Some(self.pointer.into());
        };
        let (whose, rest) = rest.split_once('/')?;
        (whose == "*" || whose == system).then(|| format!("/system/{system}/{rest}"))
    }
}

/// Whether `pointer` is one of `others`, or lies below one.
fn is_below(pointer: &str, others: &[&str]) -> bool {
    others.iter().any(|other| {
        let below = pointer.strip_prefix(other);
        below.is_some_and(|below| below.is_empty() || below.starts_with('/'))
    })
}

/// Puts `value` at `pointer`, in objects that are made on the way; `None`: removes the member there.
pub(super) fn set(document: &mut Value, pointer: &str, value: Option<Value>) {
    let Value::Object(members) = document else {
        return;
    };
    let (name, rest) = pointer[1..].split_once('/').unwrap_or((&pointer[1..], ""));
    if rest.is_empty() {
        match value {
            Some(value) => _ = members.insert(name.into(), value),
            None => _ = members.shift_remove(name),
        }
        return;
    }
    let inner = members.entry(name).or_insert_with(|| Map::new().into());
    set(inner, &format!("/{rest}"), value);
}

/// The graph of a world of which nothing else is drawn yet, if it can be generated.
fn graph_of(world: &Value) -> Option<Graph> {
    let scenario = Scenario::parse(&world.to_string(), "a world", &[]).ok()?;
    match &scenario.base().topology {
        TopologySource::TransitStub(generated) => generated.graph(0).ok(),
        TopologySource::File { .. } => None,
    }
}

fn facts(graph: &Graph) -> GraphFacts {
    GraphFacts {
        routers: graph.routers.len() as u32,
        domains: graph
            .domains()
            .into_iter()
            .filter_map(Domain::name)
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_that_is_not_drawn_changes_no_other() {
        let mut whole = scenario(7, &[]);
        let less = scenario(7, &["/network/loss", "/system/*/requests"]);
        assert!(less.pointer("/network/loss").is_none());
        assert!(less.pointer("/system/arigatoni/requests").is_none());
        set(&mut whole, "/network/loss", None);
        set(&mut whole, "/system/arigatoni/requests", None);
        assert_eq!(whole, less);
    }

    #[test]
    fn members_are_set_where_nothing_was() {
        let mut document = json!({"a": {"b": 1}});
        set(&mut document, "/a/c/d", Some(2.into()));
        set(&mut document, "/a/b", None);
        assert_eq!(document, json!({"a": {"c": {"d": 2}}}));
    }
}
