//! A ring that is maintained: after a quiet time it is what it should be, as far as a run exports it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use serde_json::json;
use tempfile::TempDir;

use crate::command::{done, put};
use crate::support::shipped;

const COMPUTERS: u64 = 200;

/// Who is up at the end: in the first ten minutes most computers go and come back, some of them at once, some are
/// not there at first, and some do not come back.
fn trace() -> (String, BTreeSet<u64>) {
    let mut text = String::new();
    let mut up: BTreeSet<u64> = (0..COMPUTERS).collect();
    for unit in 0..COMPUTERS {
        let (at, back) = (unit * 7919 % 500, [1, 8, 45, 90][unit as usize / 10 % 4]);
        match unit % 10 {
            0 => writeln!(text, "{unit},{at}.5,up").unwrap(),
            1 => {
                up.remove(&unit);
                writeln!(text, "{unit},{at}.5,down").unwrap();
            }
            2..=4 => writeln!(text, "{unit},0,up").unwrap(),
            _ => {
                let back = at + back;
                writeln!(text, "{unit},{at}.5,down\n{unit},{back}.5,up").unwrap();
            }
        }
    }
    (text, up)
}

/// The rows of a file, without their heading.
fn rows(folder: &Path, name: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(folder.join(name)).unwrap();
    let row = |line: &str| line.split(',').map(str::to_owned).collect();
    text.lines().skip(1).map(row).collect()
}

fn numbers(list: &str) -> Vec<u64> {
    let words = list.split(';').filter(|word| !word.is_empty());
    words.map(|word| word.parse().unwrap()).collect()
}

/// The computers in the order in which they come at or after `point`.
fn after(ring: &BTreeMap<u64, u64>, point: u64) -> impl Iterator<Item = u64> {
    ring.range(point..)
        .chain(ring.range(..point))
        .map(|(_, id)| *id)
}

/// The first `count` of them, without `me`.
fn next(ring: &BTreeMap<u64, u64>, point: u64, me: u64, count: usize) -> Vec<u64> {
    after(ring, point)
        .filter(|&id| id != me)
        .take(count)
        .collect()
}

fn a_ring_is_whole_again(leave: &str) {
    let folder = TempDir::new().unwrap();
    let (text, up) = trace();
    std::fs::write(folder.path().join("trace.csv"), text).unwrap();
    let scenario = json!({
        "version": 1, "name": "maintained",
        "topology": {"file": shipped("topologies/t100-0.gb")},
        "system": {"chord": {
            "gcus_per_broker": 2,
            "services": {"count": 60},
            "disconnection": {"units": "gcus", "timeout_ms": 1000},
            "sessions": {
                "trace": {"file": "trace.csv", "format": "csv"}, "leave": leave, "units": "gcus",
            },
            "requests": {"count": 120, "rate_per_s": 0.1, "deadline_ms": 10000},
            "maintenance": {"stabilise_s": 5, "fix_finger_s": 5, "check_predecessor_s": 5},
        }},
    });
    put(folder.path(), "s.json", &scenario);
    let files = ["--ring", "ring.csv", "--keys", "keys.csv"];
    done(folder.path(), &[&["run", "s.json"][..], &files].concat());
    let rows = |name| rows(folder.path(), name);
    let members = rows("ring.csv");
    let number = |word: &String| word.parse::<u64>().unwrap();
    let ring: BTreeMap<u64, u64> = members
        .iter()
        .map(|row| (number(&row[1]), number(&row[0])))
        .collect();
    assert_eq!(
        ring.values().copied().collect::<BTreeSet<_>>(),
        up,
        "{leave}"
    );
    for row in &members {
        let (me, point) = (number(&row[0]), number(&row[1]));
        let starts = (0..64).map(|power| point.wrapping_add(1 << power));
        let mut fingers: Vec<u64> = starts
            .filter_map(|start| after(&ring, start).next())
            .collect();
        fingers.dedup();
        fingers.retain(|&id| id != me);
        assert_eq!(numbers(&row[2]), fingers, "{leave}: fingers of {me}");
        let successors = next(&ring, point, me, 4);
        assert_eq!(numbers(&row[3]), successors, "{leave}: successors of {me}");
    }
    for row in rows("keys.csv") {
        let holders: Vec<u64> = after(&ring, number(&row[1])).take(4).collect();
        assert_eq!(numbers(&row[2]), holders, "{leave}: the list of {}", row[0]);
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn after_a_quiet_time_every_successor_finger_and_list_is_right() {
    for leave in ["crash", "unregister"] {
        a_ring_is_whole_again(leave);
    }
}
