//! Units that fail while requests run, and heartbeats that find it out.

use std::collections::BTreeMap;

use arigatoni::arigatoni::{Arigatoni, Config};
use arigatoni::discovery::{gbu, gcu};
use arigatoni::parameters::Parameters;
use arigatoni::random::{RandomStreams, StreamId};
use arigatoni::simulation::Run;
use arigatoni::simulation::network::Fidelity;
use arigatoni::system::Model;
use arigatoni::time::Span;
use arigatoni::unit::UnitId;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{arigatoni as program, code, put, said};
use crate::review::{Page, of_any_build, reads};
use crate::support::{export, metric, run, shipped, t100};

mod measured;
mod moving;
mod suspected;
mod trees;

const SEED: u64 = 5;
/// When a leader sends its first heartbeat.
const FIRST_HEARTBEAT: StreamId = StreamId(35);

fn failing(faults: &Value, detection: &Value) -> Config {
    let parameters = json!({
        "gcus_per_broker": 2,
        "return_ms": 3000,
        "faults": faults,
        "detection": detection,
        "requests": {"count": 600, "rate_per_s": 10, "deadline_ms": 5000},
    });
    Config::read(&parameters, "").unwrap()
}

/// When the super-broker and the members of the broker `dead` find out that it has crashed at `crash`.
fn found_out(config: &Config, dead: u32, crash: Span) -> BTreeMap<UnitId, Span> {
    let system = Arigatoni::build(t100(), config, RandomStreams::new(SEED, 0)).unwrap();
    let world = system.world();
    let detection = config.own.detection.as_ref().unwrap();
    let (every, timeout) = (detection.heartbeat_ms.span(), detection.timeout_ms.span());
    let others = Span::from_ns(every.as_ns() * u64::from(detection.misses.0 - 1));
    let silence = others + timeout;
    let list = world.brokers.list();
    let way = |a: u32, b: u32| {
        let [a, b] = [a, b].map(|id| list[id as usize].router);
        t100().routes.latency(a, b)
    };
    let heartbeats = |leader: u32| {
        let range = [Span::ZERO, every];
        let first = RandomStreams::new(SEED, 0).span(FIRST_HEARTBEAT, leader.into(), 0, range);
        (0..).map(move |number| first + Span::from_ns(every.as_ns() * number))
    };
    let mut found = BTreeMap::new();
    let above = list[dead as usize].parent.unwrap();
    // The first heartbeat that nobody acknowledges.
    let first = heartbeats(above).find(|sent| *sent + way(above, dead) >= crash);
    found.insert(gbu(above), first.unwrap() + silence);
    // The last heartbeat that comes from it.
    let last = heartbeats(dead).take_while(|sent| *sent < crash).last();
    let last = last.unwrap();
    for (broker, id) in list.iter().zip(0..) {
        if broker.parent == Some(dead) {
            found.insert(gbu(id), last + way(dead, id) + silence);
        }
    }
    for id in world.population.colony(dead) {
        let access = world.access(world.population.computer(id));
        found.insert(gcu(id), last + access + silence);
    }
    found
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_crash_is_found_out_after_exactly_so_long() {
    for (heartbeat_ms, timeout_ms, misses) in [(1000, 1000, 1), (700, 1900, 1), (1000, 1500, 3)] {
        let detection = json!(
            {"heartbeat_ms": heartbeat_ms, "timeout_ms": timeout_ms, "misses": misses}
        );
        for (dead, crash_ms) in [(3, 20_000), (18, 17_777), (1, 31_415)] {
            let unit = format!("gbu/{dead}");
            let faults = json!({"at": [{"unit": unit, "crash_s": f64::from(crash_ms) / 1e3}]});
            let config = failing(&faults, &detection);
            let crash = Span::from_ns(crash_ms as u64 * 1_000_000);
            let system = Arigatoni::build(t100(), &config, RandomStreams::new(SEED, 0)).unwrap();
            if system.world().brokers.list()[dead as usize]
                .parent
                .is_none()
            {
                continue;
            }
            let found = found_out(&config, dead, crash);
            let run = run(t100(), &config, SEED, Fidelity::Path);
            let membership = export(t100(), &run, "membership");
            let above = system.world().brokers.list()[dead as usize].parent.unwrap();
            let struck = format!("{},{unit},struck\n", found[&gbu(above)].as_ns());
            assert!(membership.contains(&struck), "{struck} in\n{membership}");
            let times: Vec<f64> = found.values().map(|at| (*at - crash).as_ms()).collect();
            let mean = times.iter().sum::<f64>() / times.len() as f64;
            let max = times.iter().copied().fold(0.0, f64::max);
            let near = |column: &str, expected: f64| {
                let measured = metric(&run, column).unwrap();
                assert!(
                    (measured - expected).abs() < 1e-6,
                    "{column}: {measured}, not {expected}"
                );
            };
            near("detect_ms_mean", mean);
            near("detect_ms_max", max);
            near("suspicions", times.len() as f64);
            near("suspicions_wrong", 0.0);
        }
    }
}

/// After the last failure everybody is a member again, and the tables are those of the beginning.
#[test]
fn the_overlay_heals() {
    let detection = json!({"heartbeat_ms": 500, "timeout_ms": 800, "misses": 2});
    let at: Vec<Value> = [0, 1, 2, 3, 7, 18, 40]
        .into_iter()
        .map(|id| {
            let crash_s = 5.0 + f64::from(id) / 10.0;
            json!({"unit": format!("gbu/{id}"), "crash_s": crash_s, "restart_s": crash_s + 7.0})
        })
        .chain([json!({"unit": "gcu/9", "crash_s": 12, "restart_s": 12.1})])
        .collect();
    let config = failing(&json!({"at": at, "root": true}), &detection);
    let build = || Arigatoni::build(t100(), &config, RandomStreams::new(SEED, 0)).unwrap();
    let run = run(t100(), &config, SEED, Fidelity::Path);
    for (healed, direct) in run.system.gbus().iter().zip(build().gbus()) {
        assert_eq!(healed.table(), direct.table());
        assert_eq!(healed.super_broker(), direct.super_broker());
    }
    assert!(metric(&run, "repair_ms_max").unwrap() < 15_000.0);
    assert_eq!(metric(&run, "suspicions_wrong"), Some(0.0));
    assert_eq!(metric(&run, "acceptance_after"), Some(1.0));
    assert_eq!(metric(&run, "acceptance_before"), Some(1.0));
    assert!(metric(&run, "acceptance_during").unwrap() < 1.0);
}

/// Ten brokers, the root among them, crash for good, one after the other: the others find new leaders, and
/// no broker is ever below itself.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn colonies_move_to_other_brokers() {
    let detection = json!({"heartbeat_ms": 500, "timeout_ms": 1000, "misses": 2});
    let at: Vec<Value> = [0, 1, 2, 3, 7, 12, 17, 18, 40, 53]
        .into_iter()
        .zip(0..)
        .map(|(id, place)| {
            let crash_s = 5.0 + f64::from(place) / 10.0;
            json!({"unit": format!("gbu/{id}"), "crash_s": crash_s})
        })
        .collect();
    for to in ["random", "nearest"] {
        let mut config = failing(&json!({"at": at, "root": true}), &detection);
        config.own.migration = serde_json::from_value(json!({"to": to})).unwrap();
        let run = run(t100(), &config, SEED, Fidelity::Path);
        let brokers = run.system.gbus();
        let above = |id: u32| brokers[id as usize].super_broker().map(UnitId::index);
        let mut roots = std::collections::BTreeSet::new();
        for id in
            (0..brokers.len() as u32).filter(|id| ![0, 1, 2, 3, 7, 12, 17, 18, 40, 53].contains(id))
        {
            let way: Vec<u32> = std::iter::successors(Some(id), |&id| above(id))
                .take(101)
                .collect();
            assert!(way.len() <= 100, "{to}: gbu/{id} is below itself");
            roots.insert(*way.last().unwrap());
        }
        // The last tree has a root that finds nobody who is not below it.
        assert!(roots.len() <= 3, "{to}: {roots:?}");
        let orphans = run
            .system
            .gcus()
            .iter()
            .filter(|gcu| gcu.leader().is_none());
        let dead_or_lost = orphans.count();
        assert!(dead_or_lost < 10, "{to}: {dead_or_lost}");
        assert!(metric(&run, "acceptance_during").unwrap() > 0.5);
    }
}

/// A run in which leaders are elected.
fn elected(at: &[Value], migration: &Value) -> Run<Arigatoni> {
    elected_for(600, at, migration)
}

/// The same with so many requests.
fn elected_for(requests: u32, at: &[Value], migration: &Value) -> Run<Arigatoni> {
    let detection = json!({"heartbeat_ms": 500, "timeout_ms": 1000, "misses": 2});
    let mut config = failing(&json!({"at": at, "root": true}), &detection);
    config.own.election = true;
    config.world.requests.count = serde_json::from_value(json!(requests)).unwrap();
    config.own.migration = serde_json::from_value(migration.clone()).unwrap();
    run(t100(), &config, SEED, Fidelity::Path)
}

/// The broker without a super-broker.
fn t100_root() -> u32 {
    let config = failing(&Value::Null, &Value::Null);
    let system = Arigatoni::build(t100(), &config, RandomStreams::new(SEED, 0)).unwrap();
    system.world().brokers.root()
}

fn crash(id: u32, crash_s: f64, restart_s: Option<f64>) -> Value {
    json!({"unit": format!("gbu/{id}"), "crash_s": crash_s, "restart_s": restart_s})
}

/// The members of a dead root elect one of them, which is the root until the old one is back.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_colony_elects_a_leader_in_the_place_of_its_root() {
    let root = t100_root();
    for (restart_s, roots) in [(None, 1), (Some(25.0), 1)] {
        let run = elected(&[crash(root, 5.0, restart_s)], &Value::Null);
        assert_eq!(metric(&run, "elections_won"), Some(1.0));
        assert_eq!(metric(&run, "suspicions_wrong"), Some(0.0));
        // Found out after 1.5 s, and asked within some timeouts.
        let after = metric(&run, "election_ms_mean").unwrap();
        assert!((1_500.0..12_000.0).contains(&after), "{after}");
        let brokers = run.system.gbus();
        let above = |id: u32| brokers[id as usize].super_broker().map(UnitId::index);
        let living = (0..brokers.len() as u32).filter(|id| *id != root || restart_s.is_some());
        let found: Vec<u32> = living.filter(|id| above(*id).is_none()).collect();
        assert_eq!(found.len(), roots, "{found:?}");
        assert_eq!(found[0] == root, restart_s.is_some());
        let lost = run
            .system
            .gcus()
            .iter()
            .filter(|gcu| gcu.leader().is_none());
        assert_eq!(lost.count(), 0, "a computer without a leader");
        assert_eq!(metric(&run, "acceptance_after"), Some(1.0));
        let repaired = metric(&run, "repair_ms_max").unwrap();
        assert!(repaired < 25_000.0, "{repaired}");
    }
}

/// One that is elected in the place of another broker joins the super-broker of that one.
#[test]
fn the_elected_leader_joins_the_super_broker_of_the_one_before() {
    let system = Arigatoni::build(
        t100(),
        &failing(&Value::Null, &Value::Null),
        RandomStreams::new(SEED, 0),
    )
    .unwrap();
    let list = system.world().brokers.list();
    let below = |id: u32| list.iter().filter(|it| it.parent == Some(id)).count();
    let ids = (0..list.len() as u32).filter(|id| list[*id as usize].parent.is_some());
    let dead = ids.max_by_key(|id| below(*id)).unwrap();
    let above = list[dead as usize].parent;
    let run = elected(&[crash(dead, 5.0, None)], &Value::Null);
    assert_eq!(metric(&run, "elections_won"), Some(1.0));
    let brokers = run.system.gbus();
    let leader = |id: u32| brokers[id as usize].super_broker().map(UnitId::index);
    let orphans = (0..list.len() as u32).filter(|id| list[*id as usize].parent == Some(dead));
    let (joined, led): (Vec<u32>, Vec<u32>) = orphans.partition(|id| leader(*id) == above);
    let [elected] = joined[..] else {
        panic!("{joined:?} have joined gbu/{above:?}")
    };
    assert!(led.iter().all(|id| leader(*id) == Some(elected)), "{led:?}");
    let computers = run
        .system
        .gcus()
        .iter()
        .zip(system.world().population.computers());
    let of_it = computers.filter(|(_, computer)| computer.broker == dead);
    for (gcu, _) in of_it {
        assert_eq!(gcu.leader(), Some(gbu(elected)));
    }
}

/// The root crashes for good and nobody is elected: the broker below which all others are in the end is the root of what is
/// left, and the overlay is whole.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn an_overlay_without_its_root_is_whole_again() {
    let detection = json!({"heartbeat_ms": 1000, "timeout_ms": 1000, "misses": 2});
    let faults = json!({"at": [crash(t100_root(), 5.0, None)], "root": true});
    let mut config = failing(&faults, &detection);
    config.own.migration = serde_json::from_value(json!({"to": "random"})).unwrap();
    let run = run(t100(), &config, SEED, Fidelity::Path);
    let brokers = run.system.gbus();
    let above = |id: u32| brokers[id as usize].super_broker();
    let living = (0..brokers.len() as u32).filter(|id| *id != t100_root());
    let roots: Vec<u32> = living.filter(|id| above(*id).is_none()).collect();
    assert_eq!(roots.len(), 1, "{roots:?}");
    let repaired = metric(&run, "repair_ms_max").unwrap();
    assert!((2_000.0..40_000.0).contains(&repaired), "{repaired}");
    assert_eq!(metric(&run, "acceptance_after"), Some(1.0));
    let orphans = metric(&run, "orphans_ratio").unwrap();
    assert!(orphans < 0.1, "{orphans}");
}

/// Ten brokers, the root among them, crash for good, one after the other.
#[test]
fn colonies_elect_leaders_and_move() {
    let dead = [0, 1, 2, 3, 7, 12, 17, 18, 40, 53];
    let at: Vec<Value> = dead
        .into_iter()
        .zip(0..)
        .map(|(id, place)| crash(id, 5.0 + f64::from(place) / 10.0, None))
        .collect();
    let run = elected(&at, &json!({"to": "grandparent"}));
    assert!(metric(&run, "elections_won").unwrap() > 3.0);
    let brokers = run.system.gbus();
    let above = |id: u32| brokers[id as usize].super_broker().map(UnitId::index);
    for id in (0..brokers.len() as u32).filter(|id| !dead.contains(id)) {
        let way = std::iter::successors(Some(id), |&id| above(id));
        assert!(way.take(101).count() <= 100, "gbu/{id} is below itself");
    }
    assert!(metric(&run, "acceptance_during").unwrap() > 0.5);
}

/// The leaders of all that come and go are in the list of comings and goings where they can change.
#[test]
fn the_membership_names_leaders_where_they_change() {
    let run = elected(&[crash(3, 5.0, Some(20.0))], &Value::Null);
    let membership = export(t100(), &run, "membership");
    assert!(membership.starts_with("time_ns,unit,event,leader\n0,gbu/3,up,\n"));
    assert!(membership.contains(",gbu/3,struck,gbu/"), "{membership}");
    assert!(membership.ends_with(",,end,\n"));
}

#[test]
fn a_unit_that_fails_by_a_law_is_up_as_long_as_the_law_says() {
    let law = |mean_s: f64| json!({"exponential": {"mean_s": mean_s}});
    let alternation = json!({"up": law(9.0), "down": law(1.0)});
    let config = failing(
        &json!({"gcus": alternation, "gbus": alternation}),
        &Value::Null,
    );
    let run = run(t100(), &config, SEED, Fidelity::Path);
    let availability = metric(&run, "availability").unwrap();
    assert!((availability - 0.9).abs() < 0.02, "{availability}");
    // Each message of a unit that lives counts, and each failure that somebody notices.
    assert!(metric(&run, "suspicions").unwrap() > 100.0);
    assert!(metric(&run, "upkeep_per_unit_s").unwrap() > 0.1);
}

/// What cannot be, in one message each.
#[test]
fn failures_that_cannot_be_are_refused() {
    let mut page = Page::new("Failures, heartbeats, migration and elections that cannot be");
    let mut refuse = |sets: &[&str]| {
        let mut arguments = vec!["run", "scenarios/ci/healing.json"];
        arguments.extend(sets.iter().flat_map(|set| ["--set", set]));
        let output = program(&shipped(""), &arguments);
        assert_eq!(code(&output), Some(2), "{sets:?}");
        page.entry(&sets.join(" "), said(&output));
    };
    let nothing = "/system/*/detection=null";
    refuse(&["/system/*/detection/timeout_ms=1000"]);
    refuse(&[
        "/system/*/detection/heartbeat_ms=1",
        "/system/*/detection/timeout_ms=2",
    ]);
    // Each packet of a round trip may be late.
    let late = r#"/network/jitter_s={"uniform_s": [0, 1.5]}"#;
    refuse(&[late]);
    refuse(&[late, "/system/*/migration=null", "/system/*/election=false"]);
    refuse(&["/system/*/detection/misses=0"]);
    refuse(&["/system/*/return_ms=1000"]);
    refuse(&[nothing]);
    refuse(&[nothing, "/system/*/migration=null"]);
    for at in [
        r#"{"unit": "gbu/0", "crash_s": 1000000}"#,
        r#"{"unit": "gbu/0", "crash_s": 10, "restart_s": 5}"#,
        r#"{"unit": "gbu/0", "crash_s": 10, "restart_s": 10}"#,
        r#"{"unit": "gbu/1000", "crash_s": 10}"#,
        r#"{"unit": "gru/1", "crash_s": 10}"#,
        r#"{"unit": "gbu/01", "crash_s": 10}"#,
        r#"{"unit": "gbu/1", "crash_s": 10, "restart_s": 20}, {"unit": "gbu/1", "crash_s": 15}"#,
    ] {
        refuse(&[&format!("/system/*/faults/at=[{at}]")]);
    }
    page.check("failures");
}

/// What comes to nothing is said.
#[test]
fn failures_without_effect_are_told() {
    let mut page = Page::new("Failures that have no effect");
    let mut tell = |sets: &[&str]| {
        let mut arguments = vec!["run", "scenarios/ci/healing.json"];
        arguments.extend(sets.iter().flat_map(|set| ["--set", set]));
        let output = program(&shipped(""), &arguments);
        assert_eq!(code(&output), Some(0), "{sets:?}");
        page.entry(&sets.join(" "), of_any_build(&said(&output)));
    };
    let late = r#"/system/*/faults={"at": [{"unit": "gcu/5", "crash_s": 65}]}"#;
    let cut = r#"/network/partitions=[{"at_s": 1000, "for_s": 5, "domain": "T:0"}]"#;
    tell(&[late, cut]);
    tell(&["/system/*/faults={}"]);
    for [up, down] in [[0, 5], [5, 0]] {
        let law = format!(r#"/system/*/faults={{"gcus": {{"up": {up}, "down": {down}}}}}"#);
        tell(&[&law]);
    }
    tell(&[r#"/system/*/faults={"gcus": {"up": 5, "down": 0}, "gbus": {"up": 5, "down": 0}}"#]);
    page.check_section("notes");
}

#[test]
fn nobody_migrates_where_there_is_one_broker() {
    let folder = TempDir::new().unwrap();
    let graph = r#"<graphml><graph edgedefault="undirected"><node id="a"/></graph></graphml>"#;
    std::fs::write(folder.path().join("one.graphml"), graph).unwrap();
    let detection = json!({"heartbeat_ms": 2000, "timeout_ms": 2000, "misses": 2});
    let system =
        json!({"brokers": {"root": 0}, "migration": {"to": "nearest"}, "detection": detection});
    let scenario = json!({"version": 1, "name": "one", "topology": {"file": "one.graphml"},
                          "system": {"arigatoni": system}});
    put(folder.path(), "one.json", &scenario);
    let output = program(folder.path(), &["run", "one.json"]);
    assert_eq!(code(&output), Some(2));
    let said = said(&output);
    assert!(said.contains("/migration/to: "), "{said}");
    reads(
        "systems-refused",
        "A migration where there is one broker",
        &[("run one.json", &said)],
    );
}
