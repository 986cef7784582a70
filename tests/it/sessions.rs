//! Units that come and go while requests run, held against theory.

use std::collections::BTreeMap;

use arigatoni::arigatoni::Config;
use arigatoni::parameters::Parameters;
use arigatoni::simulation::network::Fidelity;
use serde_json::{Value, json};

use crate::support::{export, metric, run, t100};

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
