//! Rules that are applied at rates in time, while requests run.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{arigatoni, code, done, put, said};
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

/// A rule, its rate per second, the rates of others that come before, and by what it shows in a trace or in the rows
/// of memberships: the beginning of the unit's name, what happens to it, and to how many units it does.
type RuleInTime = (&'static str, f64, Value, (&'static str, &'static str, f64));

fn rules_in_time() -> [RuleInTime; 14] {
    let none = || json!({});
    let left = || json!({"leave_rate": 1});
    [
        ("join", 15.0, left(), ("gcu", "join", 1.0)),
        ("leave", 15.0, none(), ("gcu", "leave", 1.0)),
        (
            "register",
            1.0,
            json!({"unregister_rate": 1}),
            ("gbu", "join", 1.0),
        ),
        ("unregister", 1.0, none(), ("gbu", "leave", 1.0)),
        ("migrate", 10.0, left(), ("gcu", "settle", 1.0)),
        ("move", 10.0, none(), ("g", "settle", 1.0)),
        ("link", 10.0, none(), ("gbu", "link", 2.0)),
        (
            "unlink",
            1.0,
            json!({"link_rate": 1}),
            ("gbu", "unlink", 2.0),
        ),
        ("friend", 10.0, none(), ("gcu", "open-tunnel", 1.0)),
        ("clone", 10.0, none(), ("gcu", "open-tunnel", 1.0)),
        (
            "close",
            10.0,
            json!({"clone_rate": 0.5}),
            ("g", "close-tunnel", 1.0),
        ),
        ("fail", 1.0, none(), ("gbu", "down", 1.0)),
        ("restart", 1.0, json!({"fail_rate": 1}), ("gbu", "up", 1.0)),
        ("fire", 10.0, none(), ("gbu", "expel", 1.0)),
    ]
}

/// How often a rule was applied, how often it should have been, and its scatter over so many seconds.
#[derive(Default)]
struct Applied {
    count: f64,
    mean: f64,
    scatter: f64,
    seconds: f64,
}

impl Applied {
    /// Adds a run of `last_s` seconds with `per_s` applications expected in each, at these times.
    fn add(&mut self, times: &[f64], each: f64, per_s: f64, last_s: f64) {
        self.count += times.len() as f64 / each;
        self.mean += per_s * last_s;
        for second in 0..last_s as u32 {
            let from = f64::from(second);
            let here = times.iter().filter(|at| (from..from + 1.0).contains(*at));
            let off = here.count() as f64 / each - per_s;
            self.scatter += off * off / per_s;
            self.seconds += 1.0;
        }
    }
}

/// Each rule is applied as often as its rate says, at the instants of a Poisson process.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn each_rule_is_applied_as_often_as_its_rate_says() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let mut statements = Vec::new();
    for (name, per_s, mut overlay, (unit, what, each)) in rules_in_time() {
        overlay["rates_per_s"] = json!({name: per_s});
        let mut all = Applied::default();
        let runs = tried(4, 16) * if per_s < 10.0 { 2 } else { 1 };
        for seed in 1..=runs {
            let (rows, last_s) = happened(folder, &overlay, seed);
            let is_it = |row: &&Happened| row.1.starts_with(unit) && row.2 == what;
            let times: Vec<f64> = rows.iter().filter(is_it).map(|row| row.0).collect();
            all.add(&times, each, per_s, last_s);
        }
        let Applied {
            count,
            mean,
            scatter,
            seconds,
        } = all;
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

/// A broker whose leader has logged it out may begin under a root that is none of its own: the two are not linked.
#[test]
fn what_is_drawn_at_rates_can_be_run() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    for seed in 0..tried(6, 40) {
        let rates = json!({
            "move_rate": 1, "unregister_rate": 0.5, "fire_rate": 0.5, "link_rate": 1, "clone_rate": 1,
        });
        let mut document = scenario(&rates);
        document["seed"] = seed.into();
        document["system"]["arigatoni"]["brokers"] = json!({"placement": {"tree": 2}});
        document["system"]["arigatoni"]["gcus_per_broker"] = 1.into();
        document["system"]["arigatoni"]["requests"]["count"] = 1.into();
        put(folder, "s.json", &document);
        let output = arigatoni(folder, &["run", "s.json"]);
        assert_eq!(code(&output), Some(0), "{seed}: {}", said(&output));
    }
}
