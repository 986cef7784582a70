//! What is the same at all points of a sweep, by the names that figures use.
//!
//! It does *not* know how it is told.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::measure::AxisName;
use crate::parameters::json;
use crate::scenario::Scenario;

/// The member that a sweep over systems varies.
const SYSTEM: &str = "/system";
/// In a pointer: of all items of a list.
const ITEMS: &str = "/*/";

/// The topology and the seed of a scenario, and the members that have `names`, but for those that are swept and
/// those that go without saying.
pub(super) fn of<'a>(
    scenario: &Scenario,
    names: impl Iterator<Item = &'a AxisName>,
) -> Map<String, Value> {
    let mut constants = Map::new();
    // One swept member of it makes another graph.
    if !scenario.axes().any(|axis| axis.starts_with("/topology")) {
        constants.insert("topology".into(), scenario.base().topology.told().into());
    }
    if let Some(seed) = scenario
        .member("/seed")
        .filter(|_| !scenario.is_swept("/seed"))
    {
        constants.insert("seed".into(), seed.clone());
    }
    let systems = swept_systems(scenario);
    let mut found: BTreeMap<&str, (&AxisName, Value)> = BTreeMap::new();
    let mut order: Vec<&str> = Vec::new();
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for name in names {
        known.insert(&name.pointer);
        if let Some(value) = value_of(scenario, &systems, name)
            && found.insert(&name.pointer, (name, value)).is_none()
        {
            order.push(&name.pointer);
        }
    }
    for pointer in &order {
        let (name, value) = &found[pointer];
        // An object is told by its members, if these have names.
        let inside = format!("{pointer}/");
        let by_members = found.keys().any(|other| other.starts_with(&inside));
        let told = match value.as_object() {
            None => Some(value.clone()),
            Some(_) if by_members => None,
            Some(members) => without_named(members, &inside, &known),
        };
        constants.extend(told.map(|told| (name.short.clone(), told)));
    }
    constants
}

/// Of the `members` of an object, whose pointers begin with `inside`, those that have no names of their own (which are
/// `known`), if there are some: what has a name and is not told goes without saying.
fn without_named(
    members: &Map<String, Value>,
    inside: &str,
    known: &BTreeSet<&str>,
) -> Option<Value> {
    let mut others = members.clone();
    others.retain(|name, _| !known.contains(&*format!("{inside}{name}")));
    (members.is_empty() || !others.is_empty()).then_some(Value::Object(others))
}

/// The value of the member that has a name, unless it is swept or goes without saying. Of the items of a list the
/// value that all have, or else the list of those that each has.
fn value_of(scenario: &Scenario, systems: &[Value], name: &AxisName) -> Option<Value> {
    let value = match behind_system(&name.pointer).split_once(ITEMS) {
        None => unswept(scenario, systems, &name.pointer)?,
        Some((list, inside)) => {
            let system = &name.pointer[..name.pointer.len() - behind_system(&name.pointer).len()];
            let items = scenario
                .member(&format!("{system}{list}"))?
                .as_array()?
                .len();
            let place = |item: usize| format!("{system}{list}/{item}/{inside}");
            if (0..items).any(|item| scenario.is_swept(&place(item))) {
                return None;
            }
            let of_item = |item| scenario.member(&place(item)).cloned().unwrap_or_default();
            let values: Vec<Value> = (0..items).map(of_item).collect();
            if values.windows(2).all(|pair| pair[0] == pair[1]) {
                values.into_iter().next()?
            } else {
                Value::Array(values)
            }
        }
    };
    let usual = name.usual.as_ref();
    let as_usual = |usual: &Value| {
        let numbers = [usual, &value].map(Value::as_f64);
        *usual == value || matches!(numbers, [Some(a), Some(b)] if a.total_cmp(&b).is_eq())
    };
    (!usual.is_some_and(as_usual)).then_some(value)
}

/// The value at a pointer, with or without `*` for the system, unless it is swept.
fn unswept(scenario: &Scenario, systems: &[Value], pointer: &str) -> Option<Value> {
    if !systems.is_empty() && json::is_within(pointer, SYSTEM) {
        return of_all_systems(scenario, systems, pointer);
    }
    without_swept(scenario, pointer, scenario.member(pointer)?)
}

/// The systems of a sweep over these, with all defaults; none if it is no such sweep.
fn swept_systems(scenario: &Scenario) -> Vec<Value> {
    if scenario.axes().all(|axis| axis != SYSTEM) {
        return Vec::new();
    }
    let systems = scenario.systems();
    systems.map(|system| system.written().clone()).collect()
}

/// The value that a member has in all `systems` of a sweep over these, if no other axis changes it.
fn of_all_systems(scenario: &Scenario, systems: &[Value], pointer: &str) -> Option<Value> {
    let inside = behind_system(pointer);
    let crosses = |axis: &str| {
        let system = axis
            .strip_prefix(SYSTEM)
            .and_then(|rest| rest.strip_prefix('/'));
        let own = system.and_then(|system| system.find('/').map(|at| &system[at..]));
        own.is_some_and(|own| json::is_within(own, inside) || json::is_within(inside, own))
    };
    if scenario.axes().any(crosses) {
        return None;
    }
    let first = systems.first()?.pointer(inside)?;
    let is_same = |system: &Value| system.pointer(inside) == Some(first);
    systems.iter().all(is_same).then(|| first.clone())
}

/// Of `value`, which stands at `pointer`, what is the same at all points. An empty object stays one.
fn without_swept(scenario: &Scenario, pointer: &str, value: &Value) -> Option<Value> {
    if scenario.is_swept(pointer) {
        return None;
    }
    let Value::Object(members) = value else {
        return Some(value.clone());
    };
    let same: Map<String, Value> = members
        .iter()
        .filter_map(|(name, value)| {
            let value = without_swept(scenario, &format!("{pointer}/{name}"), value)?;
            Some((name.clone(), value))
        })
        .collect();
    (members.is_empty() || !same.is_empty()).then_some(Value::Object(same))
}

/// A pointer without the system that it begins with.
fn behind_system(pointer: &str) -> &str {
    pointer.strip_prefix("/system/*").unwrap_or(pointer)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::experiment::Experiment;

    fn constants(scenario: &Value) -> Map<String, Value> {
        let scenario = Scenario::parse(&scenario.to_string(), "x.json", &[]).unwrap();
        Experiment::constants(&scenario)
    }

    fn scenario(system: &Value) -> Value {
        json!({"version": 1, "name": "x", "replications": 1,
               "topology": {"transit_stub": {"seed": 1}}, "system": system})
    }

    #[test]
    fn members_that_are_set_are_named_and_usual_ones_are_not() {
        let tunnels = json!({"share": 0.1, "kind": "friend", "home": false, "colonies": 0.2});
        let arigatoni = json!({"tunnels": tunnels, "firewall": true, "trust": {"forged": 0.1}});
        let set = constants(&scenario(&json!({"arigatoni": arigatoni})));
        for (name, value) in [
            ("tunnelled", json!(0.1)),
            ("tunnels through", json!("friend")),
            ("own colony too", json!(false)),
            ("tunnelled colonies", json!(0.2)),
            ("firewall", json!(true)),
            ("forged", json!(0.1)),
        ] {
            assert_eq!(set[name], value, "{name}");
        }
        assert!(!set.contains_key("tunnels") && !set.contains_key("expired"));
        let unset = constants(&scenario(&json!({"arigatoni": {}})));
        for name in [
            "firewall",
            "distinct",
            "election",
            "forged",
            "tunnels through",
        ] {
            assert!(!unset.contains_key(name), "{name}");
        }
        assert_eq!(unset["tunnels"], Value::Null);
    }

    #[test]
    fn of_an_object_what_is_swept_is_left_out() {
        let migration = json!({"to": "random", "probability": 0.5, "delay_ms": 7});
        let detection = json!({"heartbeat_ms": 1000, "timeout_ms": 1000, "misses": 2});
        let arigatoni = json!({"detection": detection, "migration": migration});
        let mut swept = scenario(&json!({"arigatoni": arigatoni}));
        swept["sweep"] = json!({"axes": {
            "/system/*/migration/probability": [0, 1],
            "/system/*/migration/to": ["random", "nearest"],
        }});
        let told = constants(&swept);
        assert_eq!(told["delay before migrating in ms"], json!(7));
        assert_eq!(told["timeout of a heartbeat in ms"], json!(1000));
        swept["system"]["arigatoni"]["migration"]["delay_ms"] = json!(0);
        let usual = constants(&swept);
        assert!(!usual.contains_key("delay before migrating in ms"));
        for told in [told, usual] {
            assert!(!told.contains_key("migration") && !told.contains_key("detection"));
        }
        let mut one = scenario(&json!({"arigatoni": {}}));
        one["network"] =
            json!({"link_failures": {"up": {"exponential": {"mean_s": 9}}, "down": 1}});
        one["sweep"] = json!({"axes": {"/network/link_failures/up": [1, 2]}});
        let told = constants(&one);
        assert!(
            told.contains_key("time down of a link") && !told.contains_key("time up of a link")
        );
    }

    #[test]
    fn what_all_systems_of_a_sweep_have_is_told() {
        let mut swept = scenario(&json!({"arigatoni": {}}));
        let system = |name: &str, alpha: f64| json!({name: {"acceptance_probability": alpha, "gcus_per_broker": 3}});
        let axes =
            |alpha: f64| json!({"/system": [system("arigatoni", 0.5), system("chord", alpha)]});
        swept["sweep"] = json!({"axes": axes(0.5)});
        let told = constants(&swept);
        assert_eq!(
            (&told["α"], &told["GCUs per broker"]),
            (&json!(0.5), &json!(3))
        );
        assert!(!told.contains_key("search"), "chord has none");
        swept["sweep"] = json!({"axes": axes(0.6)});
        let told = constants(&swept);
        assert!(!told.contains_key("α") && told.contains_key("GCUs per broker"));
        swept["sweep"]["axes"]["/system/*/gcus_per_broker"] = json!([1, 2]);
        assert!(!constants(&swept).contains_key("GCUs per broker"));
    }

    #[test]
    fn applications_are_told_together() {
        let demand = json!([{"constant": {"rate_per_s": 1}}]);
        let law = json!({"exponential": {"mean_s": 6000}});
        let with = |quorums: [Value; 2]| {
            let application = |quorum: Value| match quorum {
                Value::Null => json!({"demand": demand}),
                quorum => json!({"demand": demand, "sla": {"availability": 0.9, "quorum": quorum}}),
            };
            let opus = json!({
                "study": "allocation", "sessions": {"up": law, "down": law},
                "domain_failures": {"up": law, "down": law},
                "allocation": {"policy": "greedy-reported"},
                "applications": quorums.map(application),
            });
            constants(&scenario(&json!({"opus": opus})))
        };
        let both = with([json!(2), Value::Null]);
        assert_eq!(both["quorum"], json!([2, null]));
        assert_eq!(both["time up"], law);
        assert_eq!(both["time down of a domain"], law);
        assert_eq!(with([json!(3), json!(3)])["quorum"], json!(3));
    }
}
