//! Units that come and go while requests run, held against theory.

mod traces;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use arigatoni::arigatoni::Config;
use arigatoni::parameters::Parameters;
use arigatoni::simulation::network::Fidelity;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{arigatoni, code, done, put, said};
use crate::review::{Page, reads, without_times};
use crate::support::{export, metric, run, shipped, t100};

/// Four computers a colony, all of which come and go.
fn coming_and_going(up: &Value, down: &Value, leave: &str) -> Config {
    let parameters = json!({
        "gcus_per_broker": 4,
        "sessions": {"up": up, "down": down, "leave": leave, "units": "gcus"},
        "disconnection": {"timeout_ms": 1000},
        "requests": {"count": 2000, "rate_per_s": 10, "deadline_ms": 5000},
    });
    Config::read(&parameters, "").unwrap()
}

fn exponential(mean_s: f64) -> Value {
    json!({"exponential": {"mean_s": mean_s}})
}

/// The rows of the membership file.
fn rows(text: &str) -> Vec<(u64, String, String)> {
    let row = |line: &str| {
        let mut cells = line.split(',');
        let mut cell = || cells.next().unwrap().to_owned();
        (cell().parse().unwrap(), cell(), cell())
    };
    text.lines().skip(1).map(row).collect()
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn tables_follow_who_is_there() {
    for leave in ["unregister", "crash"] {
        let config = coming_and_going(&exponential(60.0), &exponential(40.0), leave);
        let run = run(t100(), &config, 3, Fidelity::Path);
        let text = export(t100(), &run, "membership");
        let rows = rows(&text);
        let (mut up, mut listed) = (BTreeMap::new(), BTreeMap::new());
        let mut last = 0;
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        for (time, unit, event) in &rows {
            assert!(*time >= last, "in order");
            last = *time;
            *counts.entry(event.clone()).or_default() += 1;
            let now = match &**event {
                "up" | "registered" => true,
                "down" | "left" | "struck" => false,
                "end" => continue,
                other => panic!("{other}"),
            };
            if matches!(&**event, "up" | "down") {
                if *time == 0 {
                    listed.insert(unit.clone(), now);
                } else {
                    assert_eq!(up[unit], !now, "{unit} {time} {event}");
                }
                up.insert(unit.clone(), now);
            } else {
                listed.insert(unit.clone(), now);
            }
        }
        assert_eq!(up.len(), 400);
        assert!(
            counts["up"] > 500 && counts["registered"] > 400,
            "{counts:?}"
        );
        // Long after a change the table is true; crashes are found out only by asking.
        let unlisted = up
            .iter()
            .filter(|(unit, up)| **up && !listed[*unit])
            .count();
        let stale = up
            .iter()
            .filter(|(unit, up)| !**up && listed[*unit])
            .count();
        assert!(unlisted < 20, "{unlisted} {counts:?}");
        if leave == "unregister" {
            assert!(stale < 20, "{stale}");
        } else {
            assert!(stale > 20, "{stale}");
        }
        let availability = metric(&run, "availability").unwrap();
        assert!((availability - 0.6).abs() < 0.05, "{availability}");
        let absent = metric(&run, "enquiries_absent_ratio").unwrap();
        assert!((absent > 0.05) == (leave == "crash"), "{absent}");
        assert_eq!(metric(&run, "enquiries_wrong_ratio"), Some(absent));
    }
}

/// How many of the computers are up at some instants, in each of many worlds.
pub(crate) fn numbers_up(config: &Config, instants_s: &[u64], worlds: u64) -> Vec<Vec<f64>> {
    let mut all = vec![Vec::new(); instants_s.len()];
    for seed in 0..worlds {
        let run = run(t100(), config, seed, Fidelity::Path);
        let rows = rows(&export(t100(), &run, "membership"));
        for (numbers, instant) in all.iter_mut().zip(instants_s) {
            let mut up = 0.0;
            for (time, _, event) in &rows {
                match &**event {
                    // At 0 everybody has a row of its own; later there are changes only.
                    "up" if *time <= instant * 1_000_000_000 => up += 1.0,
                    "down" if *time > 0 && *time <= instant * 1_000_000_000 => up -= 1.0,
                    _ => {}
                }
            }
            numbers.push(up);
        }
    }
    all
}

/// Whatever the law, the number up is binomial at every instant: 400 computers, δ = 0.3.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn the_number_up_is_binomial_at_every_instant() {
    let (computers, absence) = (400.0, 0.3);
    let (mean, variance) = (
        computers * (1.0 - absence),
        computers * absence * (1.0 - absence),
    );
    for up in [
        json!({"exponential": {"mean_s": 20}}),
        json!({"weibull": {"shape": 0.5, "mean_s": 20}}),
        json!({"pareto": {"shape": 1.6, "mean_s": 20}}),
        json!(20),
    ] {
        let parameters = json!({
            "gcus_per_broker": 4,
            "disconnection": {"rate": absence, "units": "gcus", "mode": "sessions"},
            "sessions": {"up": up, "leave": "unregister"},
            "requests": {"count": 60, "rate_per_s": 1, "deadline_ms": 1000, "service_time_ms": 1},
        });
        let config = Config::read(&parameters, "").unwrap();
        let worlds = 40;
        for numbers in numbers_up(&config, &[0, 11, 35], worlds) {
            let found = numbers.iter().sum::<f64>() / worlds as f64;
            // Of 24 tests none exceeds this but in one of 1,000 cases.
            let z = (found - mean) / (variance / worlds as f64).sqrt();
            assert!(z.abs() < 4.1, "{up} {found}");
            let squares = numbers
                .iter()
                .map(|number| (number - found).powi(2))
                .sum::<f64>();
            let chi = squares / variance;
            assert!((12.0..90.0).contains(&chi), "{up} {chi}");
        }
    }
}

/// δ = 0 is an overlay without absences, and at δ = 1 everything is local.
#[test]
fn nobody_or_everybody_can_be_absent() {
    let of = |rate: f64, leave: &str| {
        let parameters = json!({
            "gcus_per_broker": 4,
            "disconnection": {"rate": rate, "units": "gcus", "mode": "sessions"},
            "sessions": {"up": {"exponential": {"mean_s": 5}}, "leave": leave},
            "requests": {"count": 400, "rate_per_s": 20, "deadline_ms": 5000},
        });
        let config = Config::read(&parameters, "").unwrap();
        run(t100(), &config, 1, Fidelity::Path)
    };
    let parameters = json!({
        "gcus_per_broker": 4,
        "requests": {"count": 400, "rate_per_s": 20, "deadline_ms": 5000},
    });
    let still = run(
        t100(),
        &Config::read(&parameters, "").unwrap(),
        1,
        Fidelity::Path,
    );
    for leave in ["unregister", "crash"] {
        let (all, none) = (of(0.0, leave), of(1.0, leave));
        assert_eq!(metric(&all, "accepted"), metric(&still, "accepted"));
        assert_eq!(metric(&all, "availability"), Some(1.0));
        assert_eq!(metric(&none, "issued_connected"), Some(0.0));
        assert_eq!(metric(&none, "availability"), Some(0.0));
    }
}

/// Of the computers of each class: how many come and go, which fraction of the time they are up, how often one
/// comes up, and what their leaders learn.
struct Comings {
    units: usize,
    up_ratio: f64,
    ups: f64,
    events: BTreeSet<String>,
}

/// For how many nanoseconds a computer was up, since when it is up again, and how often it came up.
type Times = (u64, Option<u64>, u32);

fn by_class(parameters: &Value) -> BTreeMap<String, Comings> {
    let config = Config::read(parameters, "").unwrap();
    config.check("").unwrap();
    let run = run(t100(), &config, 3, Fidelity::Path);
    let world: Value = serde_json::from_str(&export(t100(), &run, "world")).unwrap();
    let rows = rows(&export(t100(), &run, "membership"));
    let (end, ..) = rows.last().unwrap();
    let mut units: BTreeMap<String, BTreeMap<String, Times>> = BTreeMap::new();
    let mut events: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (time, unit, event) in &rows[..rows.len() - 1] {
        let id: usize = unit.strip_prefix("gcu/").unwrap().parse().unwrap();
        let class = world["gcus"][id]["class"].as_str().unwrap();
        let of_class = units.entry(class.into()).or_default();
        let (up_ns, since, ups) = of_class.entry(unit.clone()).or_default();
        match &**event {
            "up" => {
                *since = Some(*time);
                *ups += u32::from(*time > 0);
            }
            "down" => *up_ns += since.take().map_or(0, |since| time - since),
            other => _ = events.entry(class.into()).or_default().insert(other.into()),
        }
    }
    let comings = |(class, units): (String, BTreeMap<String, Times>)| {
        let up_ns = |(up_ns, since, _): &(u64, Option<u64>, u32)| {
            up_ns + since.map_or(0, |since| end - since)
        };
        let count = units.len() as f64;
        let comings = Comings {
            units: units.len(),
            up_ratio: units.values().map(up_ns).sum::<u64>() as f64 / (count * *end as f64),
            ups: units.values().map(|(.., ups)| f64::from(*ups)).sum::<f64>() / count,
            events: events.remove(&class).unwrap_or_default(),
        };
        (class, comings)
    };
    units.into_iter().map(comings).collect()
}

#[test]
fn classes_come_and_go_by_laws_of_their_own() {
    let found = by_class(&json!({
        "gcus_per_broker": 4,
        "disconnection": {"timeout_ms": 1000},
        "sessions": {"up": exponential(60.0), "down": exponential(40.0), "units": "gcus"},
        "classes": [
            {"name": "phone", "share": 0.4, "sessions":
                {"up": exponential(10.0), "down": exponential(30.0), "leave": "crash"}},
            {"name": "laptop", "share": 0.3},
            {"name": "cluster", "share": 0.3, "sessions": null},
        ],
        "requests": {"count": 3000, "rate_per_s": 10, "deadline_ms": 5000},
    }));
    assert!(!found.contains_key("cluster"), "it is always there");
    let (phone, laptop) = (&found["phone"], &found["laptop"]);
    assert!((120..200).contains(&phone.units) && (80..160).contains(&laptop.units));
    assert!((phone.up_ratio - 0.25).abs() < 0.04, "{}", phone.up_ratio);
    assert!((laptop.up_ratio - 0.6).abs() < 0.06, "{}", laptop.up_ratio);
    // In 300 s.
    assert!((6.5..8.5).contains(&phone.ups), "{}", phone.ups);
    assert!((2.4..3.6).contains(&laptop.ups), "{}", laptop.ups);
    let events = |comings: &Comings| comings.events.iter().cloned().collect::<Vec<_>>();
    assert_eq!(events(phone), ["registered", "struck"]);
    assert_eq!(events(laptop), ["left", "registered"]);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_rate_stretches_the_sessions_of_each_class() {
    let found = by_class(&json!({
        "gcus_per_broker": 4,
        "disconnection": {"rate": 0.4, "mode": "sessions", "units": "gcus"},
        "sessions": {"up": exponential(60.0)},
        "classes": [
            {"name": "short", "share": 0.5, "sessions": {"up": exponential(6.0)}},
            {"name": "long", "share": 0.5},
        ],
        "requests": {"count": 3000, "rate_per_s": 10, "deadline_ms": 5000},
    }));
    // In 300 s, of which a period up and a period down take 10 s and 100 s.
    for (class, ups) in [("short", 30.0), ("long", 3.0)] {
        let Comings {
            up_ratio,
            ups: found,
            ..
        } = found[class];
        assert!((up_ratio - 0.6).abs() < 0.06, "{class} {up_ratio}");
        assert!((found / ups - 1.0).abs() < 0.15, "{class} {found}");
    }
}

/// A table of details is there if there is something in it, and what is not there is not missed.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn acceptance_over_time_is_written_where_units_come_and_go() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let mut scenario = json!({
        "version": 1, "name": "s", "replications": 3,
        "topology": {"file": shipped("topologies/t100-0.gb")},
        "system": {"arigatoni": {"requests": {"count": 40, "rate_per_s": 10, "deadline_ms": 1000}}},
        "sweep": {"axes": {"/system/*/disconnection/rate": [0, 0.5]}},
    });
    put(path, "s.json", &scenario);
    done(path, &["sweep", "s.json", "-o", "still"]);
    let there = |name: &str| path.join(name).exists();
    assert!(there("still/depths.csv"));
    for name in [
        "still/over_time.csv",
        "still/classes.csv",
        "still/figures/classes.svg",
    ] {
        assert!(!there(name), "{name}");
    }
    let again = done(path, &["sweep", "s.json", "-o", "still"]);
    let drawn = done(path, &["figures", "still"]);
    assert_eq!(drawn, "", "nobody misses a figure of classes");

    scenario["sweep"]["axes"]["/system/*/sessions"] = json!([null, {"up": 5, "down": 5}]);
    scenario["system"]["arigatoni"]["classes"] =
        json!([{"name": "a", "share": 0.5}, {"name": "b", "share": 0.5, "slots": 1}]);
    put(path, "s.json", &scenario);
    let sweep = ["sweep", "s.json", "-o", "out", "--chunk-runs=1"];
    done(path, &sweep);
    let rows = |name: &str| {
        std::fs::read_to_string(path.join(name))
            .unwrap()
            .lines()
            .count()
    };
    // Six runs with sessions take some seconds each; every run has two classes.
    assert!((13..50).contains(&rows("out/over_time.csv")));
    assert_eq!(rows("out/classes.csv"), 1 + 2 * 12);
    assert!(there("out/figures/classes.svg") && there("out/figures/classes-latency.png"));
    // A table that was there is missed, and made again.
    let before = std::fs::read(path.join("out/over_time.csv")).unwrap();
    std::fs::remove_file(path.join("out/over_time.csv")).unwrap();
    let missed = done(path, &sweep);
    reads(
        "sessions-tables",
        "A sweep that is done again",
        &[
            ("without sessions", &without_times(&again)),
            ("after over_time.csv was removed", &without_times(&missed)),
        ],
    );
    assert_eq!(
        std::fs::read(path.join("out/over_time.csv")).unwrap(),
        before
    );
}

/// What happens after the last request has ended counts for nothing: a longer deadline, by which no request
/// ends, only lets the units come and go for longer.
#[test]
fn comings_and_goings_are_measured_until_the_last_request_has_ended() {
    let of = |deadline_ms: u32| {
        let parameters = json!({
            "gcus_per_broker": 3,
            "sessions": {"up": exponential(20.0), "down": exponential(10.0), "units": "gcus"},
            "requests": {"count": 300, "rate_per_s": 15, "deadline_ms": deadline_ms},
        });
        let config = Config::read(&parameters, "").unwrap();
        run(t100(), &config, 1, Fidelity::Path)
    };
    let (short, long) = (of(5_000), of(100_000));
    assert_eq!(metric(&short, "deadline_hits"), Some(0.0));
    assert!(metric(&long, "events") > metric(&short, "events"));
    for name in [
        "availability",
        "enquiries_absent_ratio",
        "enquiries_wrong_ratio",
        "table_error_ratio",
        "registrations_per_unit_s",
        "updates_per_unit_s",
        "findable_ms_mean",
    ] {
        let of = [&short, &long].map(|run| metric(run, name));
        assert!(of[0].is_some() && of[0] == of[1], "{name}: {of:?}");
    }
}

#[test]
fn who_is_disconnected_for_good_is_not_among_those_that_come_and_go() {
    for mode in ["crash", "unregister"] {
        for (units, leave) in [("all", "crash"), ("all", "unregister"), ("gbus", "crash")] {
            let parameters = json!({
                "gcus_per_broker": 3,
                "disconnection": {"rate": 0.3, "units": "all", "mode": mode, "timeout_ms": 1000},
                "sessions": {
                    "up": exponential(20.0), "down": exponential(10.0), "leave": leave, "units": units,
                },
                "requests": {"count": 300, "rate_per_s": 15, "deadline_ms": 10_000},
            });
            let config = Config::read(&parameters, "").unwrap();
            let run = run(t100(), &config, 1, Fidelity::Path);
            let world: Value = serde_json::from_str(&export(t100(), &run, "world")).unwrap();
            let is_gone = |unit: &str| {
                let (kind, id) = unit.split_once('/').unwrap();
                let unit = &world[format!("{kind}s")][id.parse::<usize>().unwrap()];
                unit["disconnected"].as_bool().unwrap()
            };
            let mut known = BTreeSet::new();
            let mut strangers = 0;
            for (time, unit, event) in rows(&export(t100(), &run, "membership")) {
                if event == "end" {
                    continue;
                }
                assert!(!is_gone(&unit), "{mode} {leave}: {time},{unit},{event}");
                if matches!(&*event, "up" | "down") {
                    assert!(known.insert(unit.clone()) == (time == 0), "{unit}");
                } else {
                    strangers += u32::from(!known.contains(&unit));
                }
            }
            // Computers without sessions register again with a broker that has crashed and come back.
            assert_eq!(strangers > 0, units == "gbus", "{mode} {units} {leave}");
        }
    }
}
