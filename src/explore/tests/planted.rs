//! Faults planted in the code of units: each is found, by a shortest history.

#[macro_use]
pub(super) mod faults;
pub(super) mod crossing;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;
use crate::simulation::stepping::Stepper;
use crate::system::History;
use faults::*;

/// A planted fault, the world in which it is found, what is violated and after how many steps.
struct Planted {
    handle: Handle<Arigatoni>,
    network: &'static str,
    other: Value,
    faults: Faults,
    /// Whether the network is lossy, also where no fault says so.
    is_lossy: bool,
    broken: &'static str,
    length: usize,
}

impl Planted {
    /// What the replay of what was found in it breaks.
    fn replayed(&self, found: &CounterExample) -> Vec<&'static str> {
        replayed((self.network, &self.other), self.handle, found)
    }

    /// What comes of exploring its world, in which units act by `handle`.
    fn explored(&self, handle: Handle<Arigatoni>, bounds: &Bounds) -> Explored {
        let is_lossy = self.is_lossy || bounds.is_lossy();
        explored_on(is_lossy, built(self.network, &self.other), handle, bounds)
    }
}

pub(super) fn heartbeats() -> Value {
    json!({
        "detection": {"heartbeat_ms": 2000, "timeout_ms": 2000, "misses": 1},
        "return_ms": 3000,
    })
}

pub(super) fn elections() -> Value {
    let mut other = heartbeats();
    other["election"] = true.into();
    other
}

fn migrating() -> Value {
    let mut other = heartbeats();
    other["migration"] = json!({"to": "grandparent"});
    other
}

fn failing() -> Value {
    json!({"faults": {"at": [{"unit": "gbu/1", "crash_s": 100, "restart_s": 200}]}})
}

/// A fault in the world of two brokers.
fn pair(
    handle: Handle<Arigatoni>,
    other: Value,
    faults: Faults,
    (broken, length): (&'static str, usize),
) -> Planted {
    Planted {
        handle,
        network: "pair",
        other,
        faults,
        is_lossy: false,
        broken,
        length,
    }
}

/// A fault in a world in which brokers heal the overlay.
fn healing(
    handle: Handle<Arigatoni>,
    (network, other): (&'static str, Value),
    faults: Faults,
    (broken, length): (&'static str, usize),
) -> Planted {
    Planted {
        network,
        ..pair(handle, other, faults, (broken, length))
    }
}

/// All of them. The last one goes round for ever.
fn all() -> Vec<Planted> {
    let none = Faults::default();
    let leave = Faults { leaves: 1, ..none };
    let sent_back = pair(update_sent_back, json!({}), leave, ("rest", 9));
    let all = [
        asked(),
        told(),
        crashed(),
        with_an_election(),
        vec![sent_back],
    ];
    all.into_iter().flatten().collect()
}

/// In asking, answering and serving.
fn asked() -> Vec<Planted> {
    let none = Faults::default();
    let late = Faults { timers: 1, ..none };
    let twice = Faults {
        duplicates: 1,
        ..none
    };
    let plain = || json!({});
    let exhaustive = || json!({"gcus_per_broker": 2, "search": "exhaustive"});
    vec![
        pair(release_forgotten, exhaustive(), none, ("slots", 12)),
        pair(answer_forgotten, plain(), none, ("slots", 4)),
        pair(
            duplicate_not_recognised,
            plain(),
            twice,
            ("served-once", 12),
        ),
        pair(timer_not_disarmed, plain(), late, ("timers", 6)),
        pair(timer_not_armed, plain(), none, ("slots", 8)),
        pair(stale_answer_taken, plain(), late, ("ends-once", 8)),
        pair(ended_twice, plain(), none, ("ends-once", 7)),
        pair(start_taken_for_a_release, plain(), none, ("serves", 8)),
        pair(never_agrees, plain(), none, ("just", 7)),
        pair(served_twice, plain(), late, ("served-once", 9)),
        pair(panics_at_a_release, exhaustive(), none, ("no-panic", 8)),
        // Only while a world is left alone: no other timer fires.
        pair(panics_at_a_timer, plain(), none, ("no-panic", 8)),
    ]
}

/// In what members tell their leaders.
fn told() -> Vec<Planted> {
    let leave = Faults {
        leaves: 1,
        ..Faults::default()
    };
    let join = Faults { joins: 1, ..leave };
    let believe = "members-believe";
    let plain = || json!({});
    vec![
        pair(update_not_sent, plain(), leave, ("tables", 8)),
        pair(acknowledged_before_the_change, plain(), leave, (believe, 4)),
        pair(
            leave_granted_while_a_query_is_open,
            plain(),
            leave,
            (believe, 8),
        ),
        pair(member_not_entered, plain(), join, ("members-listed", 7)),
    ]
}

/// In what is done when a broker has crashed.
fn crashed() -> Vec<Planted> {
    let crash = Faults {
        crashes: 1,
        ..Faults::default()
    };
    let restart = Faults {
        restarts: 1,
        ..crash
    };
    vec![
        pair(registration_not_confirmed, failing(), restart, ("rest", 2)),
        // What is on its way to the dead is dropped by the search, and arrives in vain in the replay.
        pair(registration_not_confirmed, failing(), crash, ("rest", 2)),
        pair(
            reservation_kept_after_a_crash,
            failing(),
            crash,
            ("slots", 7),
        ),
    ]
}

/// Where brokers find a new leader.
fn with_an_election() -> Vec<Planted> {
    let none = Faults::default();
    let crash = Faults { crashes: 1, ..none };
    let timers = |timers| Faults { timers, ..none };
    let star = || ("star", elections());
    let line = ("line", migrating());
    vec![
        healing(split_vote, star(), timers(5), ("one-leader-a-term", 8)),
        healing(vote_not_sent, star(), crash, ("elected", 12)),
        healing(
            member_kept_in_two_tables,
            line,
            timers(1),
            ("members-believe", 19),
        ),
        healing(election_never_ends, star(), crash, ("rest", 12)),
    ]
}

/// Plays the schedule of what was found again: the names of what does not hold.
pub(super) fn replayed(
    (network, other): (&'static str, &Value),
    handle: Handle<Arigatoni>,
    found: &CounterExample,
) -> Vec<&'static str> {
    let history = History::read(&found.schedule().write()).unwrap();
    let mut system = built(network, other);
    if history.losses {
        system.expect(&losses());
    }
    let Acting {
        streams, following, ..
    } = acting();
    let mut follower = (following.unwrap().follower)();
    let mut stepper = Stepper::new(&mut system, handle, streams);
    stepper.follow_all(&mut *follower);
    if !history.losses {
        stepper.keep_order();
    }
    let mut checked = Checked::default();
    for (step, line) in history.steps.iter().zip(&found.lines) {
        let told = checked.step(&mut stepper, step).unwrap();
        assert_eq!(told, line.told, "{step:?}");
    }
    let broken = checked.end(&stepper).into_iter();
    broken.map(|violation| violation.name).collect()
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn every_planted_fault_is_found_by_a_shortest_history() {
    let mut wrong = Vec::new();
    for (number, planted) in all().into_iter().enumerate() {
        let explored = planted.explored(planted.handle, &bounds(planted.faults));
        let found = explored.found;
        if let Some(found) = &found {
            let broken = planted.replayed(found);
            // Whether a world comes to rest can be told by its search only.
            if found.broken.name != REST.0 && !broken.contains(&found.broken.name) {
                wrong.push(format!("{number}: the replay breaks {broken:?}"));
            }
        }
        let found = found.map(|found| (found.broken.name, found.length));
        if found != Some((planted.broken, planted.length)) {
            let covered = explored.covered;
            wrong.push(format!(
                "{number} {}: {found:?} {covered:?}",
                planted.broken
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// In the same worlds, or the first part of what can happen in them: `.ci/explore` visits all of it.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn without_a_planted_fault_nothing_is_found() {
    let mut seen = BTreeSet::new();
    for (number, planted) in all().into_iter().enumerate() {
        let Planted {
            network,
            other,
            faults,
            is_lossy,
            ..
        } = &planted;
        // Several faults are planted in one world.
        if !seen.insert(format!("{network} {other} {faults:?} {is_lossy}")) {
            continue;
        }
        let within = Bounds {
            memory: 20_000_000,
            ..bounds(planted.faults)
        };
        let whole = planted.explored(Arigatoni::handle, &within);
        assert_eq!(whole.found, None, "{number}");
    }
    assert!(seen.len() > 10, "{seen:?}");
}

/// An update that overtakes an older one, on a network on which messages do.
#[test]
fn an_update_that_is_overtaken_is_found() {
    let faults = Faults {
        leaves: 1,
        joins: 1,
        ..Faults::default()
    };
    let planted = Planted {
        handle: update_overtaken_by_an_older_one,
        network: "pair",
        other: json!({}),
        faults,
        is_lossy: true,
        broken: "tables",
        // Of no matter here.
        length: 0,
    };
    let explored = planted.explored(planted.handle, &bounds(faults));
    let found = explored.found.expect("the table is wrong in the end");
    assert_eq!(found.broken.name, planted.broken);
    // A direct start has another table.
    assert_eq!(planted.replayed(&found), [planted.broken, "direct"]);
}

/// A broker that does not go to another one has its first leader again in the end: that it had none before shows only while that
/// one is dead.
#[test]
fn a_broker_that_goes_nowhere_is_found() {
    let bounds = Bounds {
        properties: Some(vec!["resettled".into()]),
        ..bounds(Faults {
            crashes: 1,
            ..Faults::default()
        })
    };
    let explored = explored(built("line", &migrating()), goes_nowhere, &bounds);
    let found = explored.found.expect("its leader is dead");
    assert_eq!(found.broken.name, "resettled");
}

/// Messages that go round are found without anybody waiting for an end, and the replay goes round as well.
#[test]
fn messages_that_go_round_for_ever_are_found() {
    let all = all();
    let planted = all.last().unwrap();
    let bounds = Bounds {
        properties: Some(vec!["livelock".into()]),
        ..bounds(planted.faults)
    };
    let explored = planted.explored(planted.handle, &bounds);
    let found = explored.found.unwrap();
    assert_eq!(found.broken.name, "livelock");
    // The leave, its way to the leader, and the update there and back.
    assert_eq!(found.length, 5, "{found:?}");
    assert_eq!(planted.replayed(&found), ["livelock"]);
}

/// A search for one property finds it, even where another one is broken as well.
#[test]
fn a_broken_property_does_not_hide_another() {
    let bounds = Bounds {
        properties: Some(vec!["served-once".into()]),
        ..bounds(Faults {
            timers: 1,
            ..Faults::default()
        })
    };
    let explored = explored(built("pair", &json!({})), says_all_twice, &bounds);
    assert_eq!(explored.found.unwrap().broken.name, "served-once");
}
