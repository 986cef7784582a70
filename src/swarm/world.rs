//! A world: the scenario that a seed stands for.
//!
//! Each member is drawn by itself, keyed by its pointer: another member more or less changes no other.
//! This module does *not* know what becomes of a world.

use std::rc::Rc;

use serde_json::{Map, Value, json};

use super::draw::{Draw, GraphFacts};
use super::members::{CONSTRAINTS, GRAPH, GRAPH_SIZE, GRAPH_SIZES, Member, OTHERS, SYSTEMS};
use super::themes::Theme;
use super::{crossing, healing, load, rivals, rules};
use crate::error::{Error, Result, nearest};
use crate::scenario::{Scenario, TopologySource};
use crate::topology::{Domain, Graph};

/// The scenario of the world called `seed`, in which the members at the pointers `without` (see
/// [`check_without`]), and those below them, have their defaults. With a `theme` it has this one, otherwise one that is drawn, or none.
pub fn scenario(seed: u64, without: &[&str], theme: Option<Theme>) -> Value {
    let unknown = Rc::default();
    let drawn = *Draw::new((seed, 0), "/system", &unknown).one_of(SYSTEMS);
    let system = theme.map_or(drawn, |_| Theme::SYSTEM);
    let drawing = Drawing {
        seed,
        system,
        without,
    };
    let graphs = (0..GRAPHS_MAX).map(|attempt| drawing.with_graph(attempt));
    let mut worlds = graphs.filter_map(|world| Some((graph_of(&world)?, world)));
    // A world without a graph is refused when it is run: that is seen.
    let (facts, mut world) = match worlds.next() {
        Some((graph, world)) => (Rc::new(facts(&graph)), world),
        None => (unknown, drawing.with_graph(0)),
    };
    drawing.draw(OTHERS, 0, &facts, &mut world);
    rivals::fit_to_computers(&mut world, system, &facts);
    drawing.follow(theme, &facts, &mut world);
    reconcile(&mut world, system);
    healing::reconcile(&mut world);
    load::reconcile(&mut world, system);
    crossing::reconcile(&mut world, system, &facts);
    world
}

/// Whether the member at a pointer has a value.
pub(super) fn is_given(world: &Value, pointer: &str) -> bool {
    let given = world.pointer(pointer);
    given.is_some_and(|value| !value.is_null())
}

/// Of members that exclude each other one is left, and one that needs another gets it.
fn reconcile(world: &mut Value, system: &str) {
    let of = |member: &str| format!("/system/{system}/{member}");
    let is_given = |world: &Value, member: &str| is_given(world, &of(member));
    for (given, left_out) in [
        ("services/offered_by", "services/density"),
        ("requests/interarrival", "requests/rate_per_s"),
    ] {
        if is_given(world, given) {
            set(world, &of(left_out), Some(Value::Null));
        }
    }
    if is_given(world, "services/constraints") {
        for member in ["count", "density", "offered_by"] {
            set(world, &of(&format!("services/{member}")), Some(Value::Null));
        }
        set(world, &of("services/popularity"), None);
    }
    // No more are enough than are asked for, one by default.
    let count = |member: &str| world.pointer(&of(member)).and_then(Value::as_u64);
    let asked_for = count("requests/instances").unwrap_or(1);
    if let Some(at_least) = count("requests/at_least") {
        let enough = at_least.min(asked_for);
        set(world, &of("requests/at_least"), Some(enough.into()));
    }
    reconcile_parts(world, system);
    // Units migrate where heartbeats tell, and no round trip to another broker takes longer.
    if is_given(world, "migration") || world.pointer(&of("election")) == Some(&json!(true)) {
        let every = json!({"heartbeat_ms": 5_000, "timeout_ms": 8_000, "misses": 2});
        set(world, &of("detection"), Some(every));
        set(world, &of("return_ms"), Some(json!(8_000)));
    }
    rules::reconcile(world, system);
    wait_for_the_late(world, system);
    // The root is asked first in a tree only.
    if world.pointer(&of("search")) == Some(&json!("root-first")) {
        set(world, &of("colony_links"), None);
    }
    // The rate says how long units are absent, and nothing else does.
    if world.pointer(&of("disconnection/mode")) == Some(&json!("sessions")) {
        if !is_given(world, "sessions") {
            set(world, &of("sessions"), Some(json!({"up": 1})));
        }
        for member in ["sessions/down", "sessions/units"] {
            set(world, &of(member), Some(Value::Null));
        }
        let no_computer = world.pointer(&of("disconnection/units")) == Some(&json!("gbus"));
        let classes = world.pointer_mut(&of("classes"));
        for class in classes.and_then(Value::as_array_mut).into_iter().flatten() {
            match class.get_mut("sessions") {
                Some(sessions) if no_computer => *sessions = Value::Null,
                Some(Value::Object(sessions)) => _ = sessions.insert("down".into(), Value::Null),
                _ => {}
            }
        }
    }
    rivals::reconcile(world, system);
}

/// Heartbeats wait for what friends pass on, and for packets that are late by a bounded time: there are two each way, through the
/// friend of a tunnel.
fn wait_for_the_late(world: &mut Value, system: &str) {
    let of = |member: &str| format!("/system/{system}/{member}");
    let number = |world: &Value, member: &str| world.pointer(&of(member)).and_then(Value::as_f64);
    let Some(timeout) = number(world, "detection/timeout_ms") else {
        return;
    };
    let jitter = world.pointer("/network/jitter_s");
    let most_s = jitter.and_then(|law| {
        law.as_f64()
            .or_else(|| law.pointer("/uniform_s/1")?.as_f64())
    });
    let least = if crossing::may_have_friends(world, system) {
        crossing::ROUND_TRIP_BY_FRIENDS_MS
    } else {
        0.0
    };
    let longer = timeout.max(least) + 4_000.0 * most_s.unwrap_or(0.0);
    if longer > timeout {
        set(world, &of("detection/timeout_ms"), Some(longer.into()));
        let again = number(world, "return_ms").map_or(longer, |again| again.max(longer));
        set(world, &of("return_ms"), Some(again.into()));
    }
}

/// Adapts the parts of requests: they ask for services that exist, and replace other members.
fn reconcile_parts(world: &mut Value, system: &str) {
    let of = |member: &str| format!("/system/{system}/{member}");
    if !is_given(world, &of("requests/all")) {
        set(world, &of("requests/same"), None);
        return;
    }
    for member in ["requests/instances", "requests/at_least"] {
        set(world, &of(member), Some(Value::Null));
    }
    set(world, &of("services/popularity"), Some(json!("uniform")));
    let number = |world: &Value, member: &str| world.pointer(&of(member)).and_then(Value::as_u64);
    let by_constraint = is_given(world, &of("services/constraints"));
    let services = number(world, "services/count").unwrap_or(1);
    let same = world.pointer(&of("requests/same")) == Some(&json!(true));
    let each = number(world, "services/instances").unwrap_or(1);
    let parts = world.pointer_mut(&of("requests/all"));
    for part in parts.and_then(Value::as_array_mut).into_iter().flatten() {
        let number = |part: &Value, member: &str| part[member].as_u64();
        let mut instances = number(part, "instances").unwrap_or(1);
        if same {
            instances = instances.min(each);
        }
        let enough = number(part, "at_least").map(|enough| enough.min(instances));
        let drawn = number(part, "service").unwrap_or(0);
        *part = if by_constraint {
            let constraint = CONSTRAINTS[drawn as usize % CONSTRAINTS.len()];
            json!({"service": null, "constraint": constraint, "instances": instances, "at_least": enough})
        } else {
            json!({"service": drawn % services, "constraint": null, "instances": instances, "at_least": enough})
        };
    }
}

/// The maximum number of attempts to draw a graph that can be generated: some seeds place a stub domain outside the
/// graph's square.
const GRAPHS_MAX: u32 = 100;

/// What decides the draws of a world.
struct Drawing<'d> {
    seed: u64,
    system: &'static str,
    without: &'d [&'d str],
}

impl Drawing<'_> {
    /// A world of which only the graph is drawn.
    fn with_graph(&self, attempt: u32) -> Value {
        let unknown = Rc::default();
        let mut world = json!({"version": 1, "name": format!("swarm-{}", self.seed)});
        let key = (self.seed, attempt);
        let size = *Draw::new(key, "/topology/transit_stub", &unknown).one_of(GRAPH_SIZES);
        set_graph_size(&mut world, size);
        self.draw(GRAPH, attempt, &unknown, &mut world);
        world
    }

    /// Draws some members.
    fn draw(&self, members: &[Member], attempt: u32, graph: &Rc<GraphFacts>, world: &mut Value) {
        for member in members {
            let Some(pointer) = member.pointer_in(self.system) else {
                continue;
            };
            if self.may_have(member.pointer) {
                let mut draw = Draw::new((self.seed, attempt), member.pointer, graph);
                set(world, &pointer, Some((member.draw)(&mut draw)));
            }
        }
    }

    /// Whether the member at a pointer is drawn.
    fn may_have(&self, pointer: &str) -> bool {
        let mut without = self.without.iter();
        !without.any(|other| is_below(pointer, other))
    }

    /// Lets a world have a `theme`; without one perhaps the first that is drawn.
    fn follow(&self, theme: Option<Theme>, graph: &Rc<GraphFacts>, world: &mut Value) {
        if self.system != Theme::SYSTEM {
            return;
        }
        for other in Theme::ALL {
            let mut draw = Draw::new((self.seed, 0), other.pointer(), graph);
            let is_drawn = draw.chance(other.share());
            let has = theme.map_or(is_drawn, |theme| theme == other);
            if has && self.may_have(other.needs()) {
                return other.ask(world, &mut draw, &|pointer| self.may_have(pointer));
            }
        }
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

/// Whether `pointer` is `other`, or lies below it. `*` in one of them stands for each segment of the other.
fn is_below(pointer: &str, other: &str) -> bool {
    let mut segments = pointer.split('/');
    let mut same = other.split('/').map(|segment| {
        let own = segments.next();
        own.is_some_and(|own| own == segment || own == "*" || segment == "*")
    });
    same.all(|same| same)
}

/// Whether worlds can go without what is at `pointer`.
///
/// # Errors
/// If nothing is drawn there, or its default is too large for a small world.
pub fn check_without(pointer: &str) -> Result<()> {
    let all = || GRAPH.iter().chain(OTHERS);
    let sizes = all()
        .filter(|member| member.is_size)
        .map(|member| member.pointer);
    if sizes.chain(GRAPH_SIZE).any(|size| is_below(size, pointer)) {
        return Err(Error::new(format!("worlds do not go without `{pointer}`"))
            .help("its default is large, and worlds are small: name other members"));
    }
    if all().any(|member| is_below(member.pointer, pointer)) {
        return Ok(());
    }
    let close = nearest(pointer, all().map(|member| member.pointer));
    let help = close.map(|close| format!("did you mean {close}?"));
    let help = help.unwrap_or_else(|| "`*` stands for the system: /system/*/slots".into());
    Err(Error::new(format!("nothing is drawn at `{pointer}`")).help(help))
}

/// Whether worlds can have a `theme` in which the members at `without` have their defaults.
///
/// # Errors
/// If the theme needs one of them.
pub fn check_theme(theme: Theme, without: &[&str]) -> Result<()> {
    let needs = theme.needs();
    if without.iter().any(|other| is_below(needs, other)) {
        let what = format!("no world has this theme without `{needs}`");
        return Err(Error::new(what).help("leave out one of the two"));
    }
    Ok(())
}

/// Puts `value` at `pointer`, in objects that are made on the way; `None`: removes the member there, and
/// objects of which nothing is left.
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
    if inner.as_object().is_some_and(Map::is_empty) {
        members.shift_remove(name);
    }
}

/// Lets the graph have one of [`GRAPH_SIZES`].
pub(super) fn set_graph_size(world: &mut Value, size: [u32; 4]) {
    for (pointer, number) in GRAPH_SIZE.iter().zip(size) {
        set(world, pointer, Some(number.into()));
    }
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
        let mut whole = scenario(7, &[], None);
        let less = scenario(7, &["/network/loss", "/system/*/brokers"], None);
        assert!(less.pointer("/network/loss").is_none());
        set(&mut whole, "/network/loss", None);
        set(&mut whole, "/system/arigatoni/brokers", None);
        assert_eq!(whole, less);
    }

    #[test]
    fn members_are_set_where_nothing_was() {
        let mut document = json!({"a": {"b": 1}});
        set(&mut document, "/a/c/d", Some(2.into()));
        set(&mut document, "/a/b", None);
        assert_eq!(document, json!({"a": {"c": {"d": 2}}}));
        set(&mut document, "/a/c/d", None);
        assert_eq!(document, json!({}));
    }

    #[test]
    fn worlds_go_without_what_is_drawn_and_not_large() {
        for pointer in ["/network", "/network/loss", "/system/*/disconnection"] {
            assert!(check_without(pointer).is_ok(), "{pointer}");
        }
        for pointer in [
            "",
            "/system",
            "/system/*/requests",
            "/network/los",
            "/nowhere",
        ] {
            assert!(check_without(pointer).is_err(), "{pointer}");
        }
    }
}
