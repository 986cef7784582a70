//! Faults planted in the code of units: each is found, by a shortest history.

mod faults;

use serde_json::{Value, json};

use super::*;
use crate::simulation::stepping::Stepper;
use crate::system::{History, Observed};
use faults::*;

/// A planted fault, the world in which it is found, what is violated and after how many steps.
struct Planted {
    handle: Handle<Arigatoni>,
    network: &'static str,
    other: Value,
    faults: Faults,
    broken: &'static str,
    length: usize,
}

fn heartbeats() -> Value {
    json!({
        "detection": {"heartbeat_ms": 2000, "timeout_ms": 2000, "misses": 1},
        "return_ms": 3000,
    })
}

fn elections() -> Value {
    let mut other = heartbeats();
    other["election"] = true.into();
    other
}

fn failing() -> Value {
    json!({"faults": {"at": [{"unit": "gbu/1", "crash_s": 100, "restart_s": 200}]}})
}

#[expect(clippy::too_many_lines, reason = "a few lines for each fault")]
fn all() -> Vec<Planted> {
    let none = Faults::default();
    let leave = Faults { leaves: 1, ..none };
    let pair = |handle, other, faults, broken, length| Planted {
        handle,
        network: "pair",
        other,
        faults,
        broken,
        length,
    };
    let exhaustive = || json!({"gcus_per_broker": 2, "search": "exhaustive"});
    vec![
        pair(update_not_sent, json!({}), leave, "tables", 8),
        pair(release_forgotten, exhaustive(), none, "slots", 12),
        pair(answer_forgotten, json!({}), none, "slots", 4),
        pair(
            acknowledged_before_the_change,
            json!({}),
            leave,
            "members-believe",
            4,
        ),
        pair(
            duplicate_not_recognised,
            json!({}),
            Faults {
                duplicates: 1,
                ..none
            },
            "served-once",
            12,
        ),
        pair(
            timer_not_disarmed,
            json!({}),
            Faults { timers: 1, ..none },
            "timers",
            6,
        ),
        pair(timer_not_armed, json!({}), none, "slots", 8),
        pair(
            stale_answer_taken,
            json!({}),
            Faults { timers: 1, ..none },
            "ends-once",
            8,
        ),
        pair(
            leave_granted_while_a_query_is_open,
            json!({}),
            leave,
            "members-believe",
            8,
        ),
        Planted {
            handle: split_vote,
            network: "star",
            other: elections(),
            faults: Faults { timers: 5, ..none },
            broken: "one-leader-a-term",
            length: 8,
        },
        pair(
            registration_not_confirmed,
            failing(),
            Faults {
                crashes: 1,
                restarts: 1,
                ..none
            },
            "rest",
            2,
        ),
        pair(
            member_not_entered,
            json!({}),
            Faults { joins: 1, ..leave },
            "members-listed",
            7,
        ),
        pair(ended_twice, json!({}), none, "ends-once", 7),
        pair(
            served_twice,
            json!({}),
            Faults { timers: 1, ..none },
            "served-once",
            9,
        ),
        pair(panics_at_a_release, exhaustive(), none, "no-panic", 8),
    ]
}

/// Plays the schedule of what was found again: the names of what does not hold at rest.
fn replayed(planted: &Planted, found: &CounterExample) -> Vec<&'static str> {
    let losses = bounds(planted.faults).is_lossy();
    let history = History::read(&found.schedule(losses).write()).unwrap();
    let mut system = built(planted.network, &planted.other);
    if history.losses {
        system.expect_losses();
    }
    let how = how();
    let streams = RandomStreams::new(1, 0);
    let mut stepper = Stepper::new(&mut system, &how, planted.handle, streams);
    for (step, line) in history.steps.iter().zip(&found.lines) {
        if step == history.steps.last().unwrap() && found.broken.name == NO_PANIC.0 {
            return Vec::new();
        }
        let told = stepper.step(step).unwrap();
        assert_eq!(told, line.told, "{step:?}");
    }
    let at_rest = stepper.is_at_rest();
    let (measures, _, dead) = stepper.finish();
    let broken = system.violations(&measures, &|unit| !dead.contains(&unit));
    let broken = broken.into_iter().filter(|_| at_rest);
    broken.map(|violation| violation.name).collect()
}

#[test]
fn every_planted_fault_is_found_by_a_shortest_history() {
    let mut wrong = Vec::new();
    for (number, planted) in all().into_iter().enumerate() {
        let system = built(planted.network, &planted.other);
        let whole = explored(
            built(planted.network, &planted.other),
            Arigatoni::handle,
            &Bounds {
                memory: 20_000_000,
                ..bounds(planted.faults)
            },
        );
        if let Some(found) = whole.found {
            wrong.push(format!("{number}: found without a fault: {found:#?}"));
        }
        let explored = explored(system, planted.handle, &bounds(planted.faults));
        let found = explored.found;
        if let Some(found) = &found {
            let broken = replayed(&planted, found);
            let [_, at_rest] = (how().properties)();
            let shows = at_rest.iter().any(|(name, _)| *name == found.broken.name);
            if shows && !broken.contains(&found.broken.name) {
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
