//! Tolerances and directions of `check`, the intervals that belong to verdicts, and the screen of
//! `compare`.

use std::path::Path;

use arigatoni::measure::{Cell, Limit, Limits, Worse};
use arigatoni::random::{RandomStreams, StreamId};
use arigatoni::statistics::{Comparison, Paired, Row, t_upper};
use rand_distr::{Distribution as _, Normal};
use serde_json::{Value, json};

use crate::command::{arigatoni, base, code, done, said, wrote};
use crate::review::{Page, lines_with, reads};
use crate::statistics::{near, noisy_study};
use crate::support::METRICS;

/// The page of what is said of limits and comparisons, each test with a section.
const LIMITS: &str = "check-limits";

fn limit(worse: Worse, tolerance: f64) -> Limit {
    Limit { worse, tolerance }
}

#[test]
fn a_change_is_tested_against_the_limit_and_not_against_nothing() {
    let pairs = [[10.0, 10.6], [11.0, 11.4], [9.0, 9.5], [10.0, 10.3]].map(|p| p.map(Some));
    let judged = |limit: Limit| Paired::of(&pairs, &limit);
    // Beyond 2 % higher: 0.4, 0.18, 0.32 and 0.1, of mean 0.25 and squares 0.0548 about it.
    let t = 0.25 / (0.0548_f64 / 3.0 / 4.0).sqrt();
    let higher = judged(limit(Worse::Higher, 0.02));
    let one_sided = t_upper(t, 3.0).unwrap();
    assert!(near(higher.p.unwrap(), one_sided, 1e-12), "{higher:?}");
    assert!(near(higher.p_within.unwrap(), 1.0 - one_sided, 1e-12));
    let either = judged(limit(Worse::Either, 0.02));
    assert!(near(either.p.unwrap(), 2.0 * one_sided, 1e-12), "twice");
    let lower = judged(limit(Worse::Lower, 0.02));
    assert!(lower.p.unwrap() > 0.99 && lower.p_within.unwrap() < 0.01);
    // The same change is far within 10 %.
    let wide = judged(limit(Worse::Either, 0.1));
    assert!(
        wide.p.unwrap() > 0.9 && wide.p_within.unwrap() < 0.02,
        "{wide:?}"
    );

    // Differences that are one number: only what lies beyond counts, and then only the sign.
    let constant = [[100.0, 101.0], [100.0, 101.0], [101.0, 102.0]].map(|p| p.map(Some));
    let judged = |limit: Limit| Paired::of(&constant, &limit);
    assert_eq!(judged(limit(Worse::Higher, 0.02)).p, Some(1.0));
    assert_eq!(judged(limit(Worse::Higher, 0.02)).p_within, Some(0.0));
    assert_eq!(judged(limit(Worse::Lower, 0.0)).p, Some(1.0));
    assert_eq!(judged(limit(Worse::Higher, 0.0)).p, Some(0.25));
    assert_eq!(judged(limit(Worse::Higher, 0.0)).ci95, None, "no variance");
}

/// At the very limit, 4,000 samples: one-sided 5 %, and no more in either direction; beyond it on the
/// other side, none.
#[test]
fn at_the_limit_alarms_are_as_rare_as_stated() {
    let normal = Normal::new(0.0, 1.0).unwrap();
    let alarms = |worse: Worse, change: f64| {
        let limit = limit(worse, 0.02);
        let alarm = |sample: &u64| {
            let mut stream = RandomStreams::new(77, 0).stream(StreamId(250), *sample);
            let mut draw = || 100.0 + normal.sample(&mut stream);
            let pairs = [(); 5].map(|()| [Some(draw()), Some(change * draw())]);
            Paired::of(&pairs, &limit).p.unwrap() <= 0.05
        };
        (0..4000).filter(alarm).count()
    };
    // The standard deviation of the count is 14.
    for (worse, change) in [(Worse::Higher, 1.02), (Worse::Lower, 0.98)] {
        let count = alarms(worse, change);
        assert!((150..=250).contains(&count), "{worse:?}: {count}");
        assert!(alarms(worse, 2.0 - change) < 5, "the better side");
    }
    assert!(alarms(Worse::Either, 1.02) <= 150, "half of 5 %");
}

/// Studies with and without a change: an interval leaves 0 out where a difference is told, and only
/// there; and together they miss as seldom as stated.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn intervals_agree_with_verdicts_and_hold_together() {
    const SHIFT: f64 = 0.6;
    let headline = ["normal".to_owned()];
    let (mut missed, mut told) = (0, 0);
    for pair in 0..300 {
        let (one, mut other) = (noisy_study(2 * pair), noisy_study(2 * pair + 1));
        let column = other.runs.column("normal").unwrap();
        for cells in &mut other.runs.rows {
            cells[column] = Cell::Real(cells[column].number().unwrap() + SHIFT);
        }
        let none = Limits::default();
        let comparison = Comparison::of(&one, &other, &[], &headline, &none).unwrap();
        let mut miss = false;
        for row in &comparison.rows {
            let Some([low, high]) = row.interval(0.05) else {
                continue;
            };
            let leaves_out = low >= 0.0 || high <= 0.0;
            assert_eq!(leaves_out, row.changed(0.05), "{row:?}: {low} … {high}");
            told += u32::from(row.changed(0.05));
            let truth = if row.metric == "normal" { SHIFT } else { 0.0 };
            miss |= truth < low || high < truth;
        }
        missed += u32::from(miss);
    }
    assert!(missed <= 15, "{missed} of 300");
    assert!(told > 30, "{told}: changes are told, or this tests nothing");
}

/// Checks with fewer agreements, and this `/check`; returns the exit code and what was said.
fn check(folder: &Path, limits: &Value, words: &[&str]) -> (Option<i32>, String) {
    let limits = format!("--set=/check={limits}");
    let fewer = "--set=/system/*/acceptance_probability=0.6";
    let words = [
        &["check", "s.json", "--baseline=base", &limits, fewer],
        words,
    ]
    .concat();
    let output = arigatoni(folder, &words);
    (code(&output), wrote(&output) + &said(&output))
}

/// A limit of the acceptance ratio.
fn of(limit: &Value) -> Value {
    json!({"metrics": {"acceptance_ratio": limit}})
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn limits_in_the_scenario_say_what_counts() {
    let folder = base();
    let path = folder.path();
    let one = ["--metric=acceptance_ratio"];
    let mut page = Page::new("Limits of one metric, which becomes lower");
    for (limit, expected) in [
        (json!({"worse": "lower", "tolerance": 0.02}), 1),
        (json!({"worse": "lower", "tolerance": 0.5}), 0),
        (json!({"worse": "higher"}), 0),
        (json!({"tolerance": 0.5}), 0),
        (json!({}), 1),
    ] {
        let (code, text) = check(path, &of(&limit), &one);
        assert_eq!(code, Some(expected), "{limit}: {text}");
        page.entry(
            &limit.to_string(),
            lines_with(&text, &["###", " rows ", " allowed"]),
        );
    }
    page.check_section(LIMITS);
    check_a_limit_of_one_among_all(path);
    check_limits_of_nothing(path);
}

fn check_a_limit_of_one_among_all(path: &Path) {
    // Other metrics have changed too, and have no limit of their own.
    let (code, text) = check(
        path,
        &of(&json!({"worse": "higher"})),
        &["--junit=c.xml", "--json=c.json"],
    );
    assert_eq!(code, Some(1), "{text}");
    let rows = text.lines().filter(|line| line.starts_with("| "));
    let metrics: Vec<&str> = rows.filter_map(|row| row.split(" | ").next()).collect();
    assert!(metrics.len() > 2, "the heads and changes: {text}");
    assert!(!metrics.contains(&"| acceptance_ratio"), "{text}");
    let json: Value = serde_json::from_slice(&std::fs::read(path.join("c.json")).unwrap()).unwrap();
    assert_eq!(json["columns"], json!(["density", "delta"]));
    let rows = json["rows"].as_array().unwrap();
    let row = rows
        .iter()
        .find(|row| row["metric"] == "acceptance_ratio")
        .unwrap();
    assert_eq!(
        (&row["verdict"], &row["worse"]),
        (&json!("kept"), &json!("higher"))
    );
}

fn check_limits_of_nothing(path: &Path) {
    let (code, text) = check(path, &json!({"metrics": {"acceptance_ration": {}}}), &[]);
    assert_eq!(code, Some(2), "{text}");
    let (bigger, direction) = check(path, &of(&json!({"worse": "bigger"})), &[]);
    let (none, metric) = check(path, &of(&json!({})), &["--metric=x"]);
    assert_eq!((bigger, none), (Some(2), Some(2)));
    reads(
        LIMITS,
        "Limits of what there is not",
        &[
            ("/check/metrics/acceptance_ration", &text),
            ("\"worse\": \"bigger\"", &direction),
            ("--metric=x", &lines_with(&metric, &["error: "])),
        ],
    );
}

/// What a comparison says, without the numbers of its rows and the widths of their columns; numbers of
/// rows are told as multiples of the number of metrics.
fn screen(text: &str) -> String {
    let is_row = |line: &&str| {
        let verdicts = [" same", "higher", "lower"];
        line.contains("  ") && verdicts.iter().any(|it| line.ends_with(it))
    };
    let lines = text.lines().filter(|line| !is_row(line));
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut text = lines.map(words).collect::<Vec<_>>().join("\n");
    for points in [14, 15, 21, 22] {
        let rows = format!(" {} rows", METRICS * points);
        text = text.replace(&rows, &format!(" ({points} × metrics) rows"));
    }
    text.replace(&format!(" {} rows", METRICS - 3), " (metrics − 3) rows")
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_comparison_fits_on_a_screen_and_names_what_differs() {
    let folder = base();
    let path = folder.path();
    let less = "--set=/sweep/axes/~1system~1*~1services~1density=[0.02, 0.1]";
    let words = [
        "sweep",
        "s.json",
        "-oless",
        "--set=/system/*/search=exhaustive",
        less,
    ];
    done(path, &words);
    let text = wrote(&arigatoni(path, &["compare", "base", "less"]));
    let lines = text.lines().count();
    assert!(lines <= 50, "{lines}: {text}");
    let all = wrote(&arigatoni(path, &["compare", "base", "less", "--all"]));
    assert!(all.lines().count() > 400, "{all}");
    let same = wrote(&arigatoni(path, &["compare", "base", "base"]));
    reads(
        LIMITS,
        "Comparisons on a screen",
        &[
            ("arigatoni compare base less", &screen(&text)),
            ("arigatoni compare base base", &screen(&same)),
        ],
    );
}

/// A row over the whole sweep and rows at points are told apart by how many there are.
#[test]
fn the_rows_over_the_whole_sweep_come_first() {
    let (one, other) = (noisy_study(1), noisy_study(2));
    let none = Limits::default();
    let comparison = Comparison::of(&one, &other, &[], &[], &none).unwrap();
    let (whole, points) = comparison.rows.split_at(comparison.whole);
    assert!(whole.len() == 7 && points.len() == 84);
    let is_whole = |row: &Row| row.point.is_none();
    assert!(whole.iter().all(is_whole) && !points.iter().any(is_whole));
}
