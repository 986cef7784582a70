//! Rules that are applied at rates in time, while requests run.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{done, put};
use crate::rates::scenario;
use crate::support::{refuted, tried, two_sided};

/// Rules at rates give one history, and each rule is drawn by itself.
#[test]
fn rules_at_rates_in_time_do_not_depend_on_each_other() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let rows = |rates: &Value, threads: &str| {
        let mut document = scenario(&json!({"rates_per_s": rates}));
        document["system"]["arigatoni"]["requests"]["rate_per_s"] = 10.into();
        put(folder, "s.json", &document);
        done(
            folder,
            &[
                "run",
                "s.json",
                "--membership",
                "m.csv",
                "--threads",
                threads,
            ],
        );
        let rows = fs::read_to_string(folder.join("m.csv")).unwrap();
        let rows = rows.lines().map(|row| {
            let cells: Vec<&str> = row.split(',').collect();
            (
                cells[0].parse().unwrap_or(0.0) / 1e9,
                cells[1].to_owned(),
                cells[2].to_owned(),
            )
        });
        rows.collect::<Vec<(f64, String, String)>>()
    };
    let count = |rows: &[(f64, String, String)], kind: &str, event: &str| {
        let is_it =
            |row: &&(f64, String, String)| row.0 > 0.0 && row.1.starts_with(kind) && row.2 == event;
        rows.iter().filter(is_it).count()
    };
    let rates = json!({"leave": 3, "join": 3, "fail": 1, "restart": 1});
    let all = rows(&rates, "1");
    assert_eq!(all, rows(&rates, "2"));
    // Nobody is there at first to come back.
    let none = rows(&json!({"restart": 5, "unlink": 5}), "1");
    assert_eq!(count(&none, "gbu", "up"), 0);
    // Each rule is drawn by itself.
    let some = rows(&json!({"leave": 3}), "1");
    let times = |rows: &[(f64, String, String)]| {
        let all = rows.iter().filter(|row| row.0 > 0.0 && row.2 == "down");
        all.filter(|row| row.1.starts_with("gcu"))
            .map(|row| row.0)
            .collect::<Vec<_>>()
    };
    assert_eq!(times(&some)[..5], times(&all)[..5]);
}

/// What happens to units while requests run, in one run of so many seconds: at which second, to which unit, and what.
type Happened = (f64, String, String);

/// The same in a run in which `rates` apply, after others before the requests; and when the last request is issued.
fn happened(folder: &Path, overlay: &Value, seed: u32) -> (Vec<Happened>, f64) {
    let mut document = scenario(overlay);
    document["seed"] = seed.into();
    let system = &mut document["system"]["arigatoni"];
    system["brokers"] = json!({});
    system["gcus_per_broker"] = 10.into();
    system["requests"] = json!({"count": 30, "rate_per_s": 1});
    put(folder, "s.json", &document);
    let files = ["--trace", "t.csv", "--membership", "m.csv"];
    done(folder, &[&["run", "s.json"], &files[..]].concat());
    let mut all = Vec::new();
    let mut last_s: f64 = 0.0;
    let mut add = |file: &str, [unit, what]: [usize; 2]| {
        let rows = fs::read_to_string(folder.join(file)).unwrap();
        for row in rows.lines().skip(1) {
            let cells: Vec<&str> = row.split(',').collect();
            let at_s = cells[0].parse().unwrap_or(0.0) / 1e9;
            if cells[what] == "issue" {
                last_s = last_s.max(at_s);
            }
            if at_s > 0.0 {
                all.push((at_s, cells[unit].to_owned(), cells[what].to_owned()));
            }
        }
    };
    add("t.csv", [2, 5]);
    add("m.csv", [1, 2]);
    (all, last_s)
}

/// Who becomes a member while requests run is a friend as well, and who has left is none.
#[test]
fn friends_are_members_of_that_moment() {
    let folder = TempDir::new().unwrap();
    let opened = |rule: &str, first: f64| {
        let overlay =
            json!({"leave_rate": first, "rates_per_s": {"join": 10, "leave": 0.5, rule: 5}});
        let (rows, _) = happened(folder.path(), &overlay, 1);
        rows.iter().filter(|row| row.2 == "open-tunnel").count()
    };
    for first in [1.0, 0.95] {
        let [friends, clones] = ["friend", "clone"].map(|rule| opened(rule, first));
        assert!(clones > 80, "{clones}");
        // Friends have no tunnels themselves, so there are fewer.
        assert!(friends > 40, "{friends} of {clones}");
    }
}

/// Each rule is applied as often as its rate says, at the instants of a Poisson process.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
#[expect(clippy::too_many_lines, reason = "a few lines for each rule")]
fn each_rule_is_applied_as_often_as_its_rate_says() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let rule = |name: &'static str,
                per_s: f64,
                first: Value,
                (unit, what, each): (&'static str, &'static str, f64)| {
        let mut overlay = first;
        overlay["rates_per_s"] = json!({name: per_s});
        (name, per_s, overlay, unit, what, each)
    };
    // By what it shows in a trace, or in the rows of memberships; how many units it concerns.
    let rules = [
        rule("join", 15.0, json!({"leave_rate": 1}), ("gcu", "join", 1.0)),
        rule("leave", 15.0, json!({}), ("gcu", "leave", 1.0)),
        rule(
            "register",
            1.0,
            json!({"unregister_rate": 1}),
            ("gbu", "join", 1.0),
        ),
        rule("unregister", 1.0, json!({}), ("gbu", "leave", 1.0)),
        rule(
            "migrate",
            10.0,
            json!({"leave_rate": 1}),
            ("gcu", "settle", 1.0),
        ),
        rule("move", 10.0, json!({}), ("g", "settle", 1.0)),
        rule("link", 10.0, json!({}), ("gbu", "link", 2.0)),
        rule(
            "unlink",
            1.0,
            json!({"link_rate": 1}),
            ("gbu", "unlink", 2.0),
        ),
        rule("friend", 10.0, json!({}), ("gcu", "open-tunnel", 1.0)),
        rule("clone", 10.0, json!({}), ("gcu", "open-tunnel", 1.0)),
        rule(
            "close",
            10.0,
            json!({"clone_rate": 0.5}),
            ("g", "close-tunnel", 1.0),
        ),
        rule("fail", 1.0, json!({}), ("gbu", "down", 1.0)),
        rule("restart", 1.0, json!({"fail_rate": 1}), ("gbu", "up", 1.0)),
        rule("fire", 10.0, json!({}), ("gbu", "expel", 1.0)),
    ];
    let mut statements = Vec::new();
    for (name, per_s, overlay, unit, what, each) in rules {
        let (mut count, mut mean) = (0.0, 0.0);
        // Of each second, for the scatter.
        let (mut scatter, mut seconds) = (0.0, 0.0);
        let runs = tried(4, 16) * if per_s < 10.0 { 2 } else { 1 };
        for seed in 1..=runs {
            let (rows, last_s) = happened(folder, &overlay, seed);
            let is_it = |row: &&Happened| row.1.starts_with(unit) && row.2 == what;
            let times: Vec<f64> = rows.iter().filter(is_it).map(|row| row.0).collect();
            count += times.len() as f64 / each;
            mean += per_s * last_s;
            for second in 0..last_s as u32 {
                let from = f64::from(second);
                let here = times.iter().filter(|at| (from..from + 1.0).contains(*at));
                let off = here.count() as f64 / each - per_s;
                scatter += off * off / per_s;
                seconds += 1.0;
            }
        }
        // So many that a rate that is wrong by a factor of 1.5 is off by 7 standard deviations.
        assert!(mean > 200.0, "{name}: {mean}");
        let z = (count - mean) / mean.sqrt();
        statements.push((format!("{name}: {count} of {mean}"), two_sided(z)));
        // The variance of (n - m)²/m is 2 + 1/m for a Poisson count n of mean m.
        let deviation = (scatter - seconds) / (seconds * (2.0 + 1.0 / per_s)).sqrt();
        statements.push((
            format!("{name}: scatter {scatter} of {seconds}"),
            two_sided(deviation),
        ));
    }
    let refuted = refuted(&statements);
    assert!(refuted.is_empty(), "{refuted:#?}");
}
