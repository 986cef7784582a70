//! Brokers that come back to life, or are told to go elsewhere, above the broker that they ask to join: all come to rest, and in
//! the end there is one tree.

use std::iter;

use super::*;
use crate::calculus::Community;
use crate::discovery::{self, Mechanism as _, gbu};
use crate::simulation::{self, Rest, Setting, network::Fidelity};
use crate::unit::UnitId;

/// Who leads each of three brokers at first under each other, by its own word, after this `script`.
fn leaders(other: &Value, script: &[&str]) -> Vec<Option<UnitId>> {
    let mut members = json!({
        "requests": {"count": 2, "interarrival": 600},
        "overlay": {"script": script},
        "return_ms": 30_000,
    });
    for (member, value) in other.as_object().unwrap() {
        members[member] = value.clone();
    }
    let streams = RandomStreams::new(1, 0);
    let underlay = underlay("line");
    let system = Arigatoni::build(&underlay, &configured(&members), streams).unwrap();
    let mut watcher = discovery::watcher(&system, Community::change).unwrap();
    let whole = Fidelity::Path.into();
    let setting = Setting::of(&underlay, streams, &whole);
    let (run, Rest { dead, unrest }) =
        simulation::run_to_rest(system, setting, 100_000, |_| &mut *watcher);
    assert_eq!(unrest, None, "{other} {script:?}");
    let strays = watcher.strays(&run.system, &|unit| !dead.contains(&unit));
    assert_eq!(strays, None, "{other} {script:?}");
    let system = &run.system;
    let memberships = system.mechanism().membership(system.gcus(), system.gbus());
    let believed = memberships.unwrap().believed;
    let leaders = (0..3).map(|id| believed[&gbu(id)]).collect();
    assert_is_tree(&leaders, &format!("{other} {script:?}"));
    leaders
}

/// That all brokers are below one of them.
fn assert_is_tree(leaders: &Vec<Option<UnitId>>, what: &str) {
    let leader = |unit: &UnitId| leaders[unit.index() as usize];
    for id in 0..3 {
        let above = iter::successors(Some(gbu(id)), leader).take(4).count();
        assert!(above <= 3, "{what}: {leaders:?}");
    }
    let roots = leaders.iter().filter(|leader| leader.is_none());
    assert_eq!(roots.count(), 1, "{what}: {leaders:?}");
}

/// What units do about failures.
fn upkeeps() -> Vec<Value> {
    let heartbeats = json!({"heartbeat_ms": 30_000, "timeout_ms": 30_000, "misses": 1});
    let with = |member: &str, value: Value| json!({"detection": heartbeats, member: value});
    vec![
        json!({}),
        json!({"detection": heartbeats}),
        with("election", true.into()),
        with("migration", json!({"to": "none"})),
        with("migration", json!({"to": "grandparent"})),
        with("migration", json!({"to": "nearest"})),
    ]
}

#[test]
fn a_broker_that_comes_back_above_its_first_leader_joins_one_above_that() {
    let script = [
        "1s move B2 B1 B0",
        "2s move B1 B0 B2",
        "200s fail B2",
        "201s restart B2",
    ];
    for other in upkeeps() {
        let leaders = leaders(&other, &script);
        assert_eq!(leaders[2], Some(gbu(0)), "{other}");
    }
}

/// It asks as long as units look after each other.
#[test]
fn a_broker_that_comes_back_above_the_first_root_is_a_root() {
    let script = [
        "1s unregister B1 B0",
        "2s register B0 B1",
        "200s fail B1",
        "201s restart B1",
    ];
    for other in upkeeps() {
        leaders(&other, &script);
    }
    assert_eq!(leaders(&json!({}), &script)[1], None);
}

/// By the script they are free. In truth the one still takes the other for its leader.
#[test]
fn a_broker_that_is_told_to_go_below_itself_does_not() {
    let script = ["1s fail B1", "2s restart B1", "200s register B1 B2"];
    for other in upkeeps() {
        let leaders = leaders(&other, &script);
        assert_eq!(leaders[0], None, "{other}");
    }
}
