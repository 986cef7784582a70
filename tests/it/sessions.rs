//! Units that come and go while requests run, held against theory.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use arigatoni::arigatoni::Config;
use arigatoni::parameters::Parameters;
use arigatoni::simulation::network::Fidelity;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{arigatoni, code, put, said};
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
    }
}

/// How many of the computers are up at some instants, in each of many worlds.
fn numbers_up(config: &Config, instants_s: &[u64], worlds: u64) -> Vec<Vec<f64>> {
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

/// The membership of a run whose sessions are `sessions`, in a folder with the file `trace`; else what is said.
fn traced(trace: &str, sessions: &Value) -> Result<String, String> {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("t"), trace).unwrap();
    let scenario = json!({
        "version": 1, "name": "traced",
        "topology": {"file": shipped("topologies/t100-0.gb")},
        "system": {"arigatoni": {
            "sessions": sessions,
            "requests": {"count": 50, "rate_per_s": 5, "deadline_ms": 1000},
        }},
    });
    put(folder.path(), "s.json", &scenario);
    let output = arigatoni(folder.path(), &["run", "s.json", "--membership", "m.csv"]);
    match code(&output) {
        Some(0) => Ok(std::fs::read_to_string(folder.path().join("m.csv")).unwrap()),
        Some(2) => Err(said(&output)),
        other => panic!("{other:?}: {}", said(&output)),
    }
}

/// In each format: who is up when is what the file says.
#[test]
fn a_trace_says_who_comes_and_goes() {
    let mut csv = String::new();
    let mut fta = String::new();
    for unit in 0..100 {
        let (down, up) = (unit % 3, unit % 3 + 1);
        writeln!(csv, "{unit},{down}.5,down\n{unit},{up}.25,up").unwrap();
        let (start, stop) = (1000, 1001 + unit % 3);
        writeln!(
            fta,
            "{unit}\t1\t{unit}\t1\tn{unit}\t1\t{start}\t{stop}\tNULL"
        )
        .unwrap();
    }
    let mut changes: Vec<(u32, u32, &str)> = Vec::new();
    for unit in 0..100 {
        changes.push((0, unit, "JOIN"));
        changes.push((unit % 3 + 1, unit, "LEAVE"));
    }
    changes.sort_unstable();
    let line = |(time, unit, what): &(u32, u32, &str)| format!("{time} {unit} {what}\n");
    let oversim: String = changes.iter().map(line).collect();
    for (text, format) in [(csv, "csv"), (oversim, "oversim"), (fta, "fta")] {
        let sessions = json!({"trace": {"file": "t", "format": format}, "units": "gcus"});
        let rows = rows(&traced(&text, &sessions).unwrap());
        let times = |event: &str| -> Vec<u64> {
            let of = rows
                .iter()
                .filter(|(_, unit, what)| unit == "gcu/4" && what == event);
            of.map(|(time, ..)| *time).collect()
        };
        // Unit 4 is of those with 4 mod 3 = 1.
        let (up, down) = match format {
            "csv" => (vec![0, 2_250_000_000], vec![1_500_000_000]),
            _ => (vec![0], vec![2_000_000_000]),
        };
        assert_eq!((times("up"), times("down")), (up, down), "{format}");
    }
}

#[test]
fn a_trace_that_does_not_fit_is_refused_with_its_line() {
    let of = |format: &str| json!({"trace": {"file": "t", "format": format}, "units": "gcus"});
    let few = traced("0,1,down\n1,2,down\n", &of("csv")).unwrap_err();
    assert!(few.contains("has 2 nodes, but 100 units"), "{few}");
    let order = traced("5 0 JOIN\n4 0 LEAVE\n", &of("oversim")).unwrap_err();
    assert!(order.contains("t:2"), "{order}");
    let command = traced("5 0 JION\n", &of("oversim")).unwrap_err();
    assert!(
        command.contains("t:1") && command.contains("JION"),
        "{command}"
    );
}
