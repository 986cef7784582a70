//! How often `check` is wrong: scenarios compared with themselves under other seeds, and small
//! changes that it must see.
//!
//! The seeds were drawn for these tests and served no other purpose: the shares of the rate of
//! false alarms were chosen on others. The long measurement is
//!
//!     cargo test --release --test it alarms -- --ignored --nocapture

use arigatoni::experiment::Experiment;
use arigatoni::measure::Limits;
use arigatoni::results::SweepResults;
use arigatoni::scenario::{Assignment, Scenario};
use arigatoni::statistics::Comparison;
use arigatoni::study::{Control, Execution, Folder, Prepared, Rerun};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{arigatoni, code, done, many_short_runs, said, wrote};
use crate::support::shipped;

/// What `check` promises and tolerates by default.
const RATE: f64 = 0.05;
const TOLERANCE: f64 = 0.001;

/// A scenario of the repository, or of one of these tests.
fn parse(document: &Value, changes: &[(&str, Value)]) -> Scenario {
    let changes: Vec<Assignment> = changes
        .iter()
        .map(|(pointer, value)| Assignment {
            pointer: (*pointer).into(),
            value: value.clone(),
        })
        .collect();
    Scenario::parse(&document.to_string(), "x.json", &changes).unwrap()
}

/// All runs of a scenario, made as `check` makes them.
fn study_of(scenario: Scenario) -> SweepResults {
    let selection = scenario.select(&[]).unwrap();
    let prepared = Prepared {
        experiment: Experiment::prepare(scenario, &selection, &shipped("scenarios")).unwrap(),
        selection,
        filters: Vec::new(),
        folder: Folder::new("no/folder/is/touched".into()),
        chunk_runs: None,
    };
    let mut execution = Execution {
        threads: None,
        control: &Control::default(),
        watch: &mut (),
    };
    let mut rerun = Rerun::of(&prepared).unwrap();
    rerun.make(&mut execution).unwrap();
    assert!(rerun.finished());
    rerun.study().clone()
}

/// Of `pairs` comparisons of a scenario with itself under two seeds each, from `seed` on: in how
/// many something was called changed, with the tolerance of `check` and with none.
fn alarms(document: &Value, seed: u64, pairs: u64) -> [u32; 2] {
    let mut alarms = [0, 0];
    for pair in 0..pairs {
        let [one, other] = [0, 1].map(|i| {
            let scenario = parse(document, &[("/seed", json!(seed + 2 * pair + i))]);
            study_of(scenario)
        });
        let headline = Experiment::headline(&parse(document, &[]));
        for (count, tolerance) in alarms.iter_mut().zip([TOLERANCE, 0.0]) {
            let limits = Limits::tolerance(tolerance);
            let comparison = Comparison::of(&one, &other, &[], &headline, &limits).unwrap();
            *count += u32::from(comparison.changed(RATE).next().is_some());
        }
    }
    alarms
}

/// The sweep of 21 points whose few requests make counts small and ratios coarse: the worst case
/// for a test that takes means to be normal.
fn coarse_sweep() -> Value {
    let mut scenario = many_short_runs();
    scenario["replications"] = 5.into();
    scenario
}

/// One point in ten replications, as `.ci/baselines` checks it.
fn ci_point() -> Value {
    let text = std::fs::read_to_string(shipped("scenarios/ci/selective.json")).unwrap();
    let mut scenario: Value = serde_json::from_str(&text).unwrap();
    scenario["topology"]["file"] = json!(shipped("topologies/t100-0.gb"));
    scenario["replications"] = 10.into();
    scenario
}

fn paper_quick() -> Value {
    let text = std::fs::read_to_string(shipped("scenarios/paper-quick.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn false_alarms_are_no_more_than_stated() {
    let [alarms, without_tolerance] = alarms(&ci_point(), 730_000, 40);
    let most = (40.0 * RATE) as u32;
    assert!(
        alarms <= most && without_tolerance <= most,
        "{alarms} and {without_tolerance} of 40, where {most} are stated"
    );
}

/// A change of the acceptance probability by 0.01 is a change of a few requests in a thousand.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_change_of_alpha_by_a_hundredth_is_found_in_paper_quick() {
    let folder = TempDir::new().unwrap();
    let scenario = shipped("scenarios/paper-quick.json");
    let scenario = scenario.to_str().unwrap();
    done(folder.path(), &["sweep", scenario, "-obase"]);
    for alpha in ["0.74", "0.76"] {
        let change = format!("--set=/system/*/acceptance_probability={alpha}");
        let output = arigatoni(
            folder.path(),
            &["check", scenario, "--baseline=base", &change],
        );
        assert_eq!(code(&output), Some(1), "{}", said(&output));
        let text = wrote(&output);
        assert!(
            text.contains("\n| acceptance_ratio | all | all | "),
            "{text}"
        );
    }
}

#[test]
#[ignore = "takes minutes; makes the numbers of docs/sweeps.md: cargo test --release --test it alarms -- --ignored --nocapture"]
fn measured_rates() {
    for (name, document, seed) in [
        ("coarse sweep, 21 points x 5", coarse_sweep(), 910_000),
        ("one point x 10", ci_point(), 920_000),
    ] {
        let found = alarms(&document, seed, 1000);
        println!(
            "{name}: {} false alarms in 1000, {} without tolerance",
            found[0], found[1]
        );
        assert!(found.iter().all(|&found| found <= 50), "{name}: {found:?}");
    }
    let document = paper_quick();
    let headline = Experiment::headline(&parse(&document, &[]));
    let limits = Limits::tolerance(TOLERANCE);
    let (mut seen, mut of) = (0, 0);
    for seed in 940_000..940_050 {
        let at = |alpha: f64| {
            let alpha = ("/system/*/acceptance_probability", json!(alpha));
            study_of(parse(&document, &[("/seed", json!(seed)), alpha]))
        };
        let base = at(0.75);
        for alpha in [0.74, 0.76] {
            let comparison = Comparison::of(&base, &at(alpha), &[], &headline, &limits).unwrap();
            seen += u32::from(comparison.changed(RATE).next().is_some());
            of += 1;
        }
    }
    println!("paper-quick, acceptance probability ± 0.01: seen in {seen} of {of}");
    assert!(seen >= of * 95 / 100, "{seen} of {of}");
}
