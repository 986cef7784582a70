//! Arigatoni where packets get lost, doubled, late and out of order.

use arigatoni::arigatoni::{Arigatoni, Config};
use arigatoni::parameters::Parameters;
use arigatoni::parameters::number::Fraction;
use arigatoni::random::law::Law;
use arigatoni::simulation::Run;
use arigatoni::simulation::network::{Conditions, Fidelity};
use serde_json::{Value, json};

use crate::review::{Page, of_any_build};
use crate::support::{metric, run, t100};

fn config(more: &Value) -> Config {
    let mut parameters = json!({
        "gcus_per_broker": 4,
        "start": "messages",
        "slots": 2,
        "requests": {"count": 600, "rate_per_s": 20, "deadline_ms": 60_000, "instances": 2},
    });
    let (members, more) = (
        parameters.as_object_mut().unwrap(),
        more.as_object().unwrap(),
    );
    members.extend(more.clone());
    Config::read(&parameters, "").unwrap()
}

fn harsh(loss: f64) -> Conditions {
    Conditions {
        loss: Fraction(loss),
        duplicate: Fraction(0.2),
        jitter_s: Law::Exponential { mean_s: 0.1 }.into(),
        ..Conditions::default()
    }
}

/// Everybody registers, nothing is lost for good, and only a little later than otherwise.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_lossy_network_finds_what_a_good_one_finds() {
    let config = config(&json!({}));
    let good = run(t100(), &config, 5, Fidelity::Path);
    let accepted = |run: &Run<Arigatoni>| metric(run, "acceptance_ratio").unwrap();
    for loss in [0.0, 0.15] {
        let bad = run(t100(), &config, 5, harsh(loss));
        let members = |run: &Run<Arigatoni>| {
            let tables = run.system.gbus().iter();
            tables.map(|gbu| gbu.table().members().len()).sum::<usize>()
        };
        assert_eq!(members(&bad), members(&good), "{loss}");
        let [good, found] = [accepted(&good), accepted(&bad)];
        assert!((good - found).abs() < 0.03, "{loss}: {good} {found}");
        let completed = metric(&bad, "completed");
        assert_eq!(completed, metric(&bad, "accepted"), "{loss}");
    }
}

/// Whoever comes and goes meanwhile, every request ends, and many are accepted. (What is left over the swarm
/// sees.)
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn requests_end_and_are_accepted_while_computers_come_and_go() {
    for leave in ["unregister", "crash"] {
        let sessions = json!({"sessions": {
            "up": {"exponential": {"mean_s": 30}}, "down": {"exponential": {"mean_s": 15}},
            "leave": leave, "units": "gcus",
        }});
        let config = config(&sessions);
        for seed in 0..3 {
            let run = run(t100(), &config, seed, harsh(0.1));
            assert_eq!(metric(&run, "issued"), Some(600.0));
            let ratio = metric(&run, "acceptance_ratio").unwrap();
            assert!(ratio > 0.1, "{leave} {ratio}");
        }
    }
}

/// The rule is one of simulated time: any number of threads comes to the same.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn an_overlay_that_does_not_come_about_is_refused() {
    let folder = tempfile::TempDir::new().unwrap();
    let mut scenario = crate::command::many_short_runs();
    scenario["sweep"] = serde_json::json!({});
    crate::command::put(folder.path(), "s.json", &scenario);
    let refused = |words: &[&str]| {
        let start = ["run", "s.json", "--set=/system/*/start=messages"];
        let output = crate::command::arigatoni(folder.path(), &[&start[..], words].concat());
        let text = crate::command::said(&output);
        assert_eq!(crate::command::code(&output), Some(2), "{words:?}: {text}");
        of_any_build(&text)
    };
    let mut page = Page::new("Overlays that do not come about");
    for network in [
        "--set=/network/loss=1",
        "--set=/network/loss=0.99",
        "--set=/network/jitter_s=1000",
    ] {
        let alone = refused(&[network]);
        assert!(alone.contains("/retransmission: "), "{alone}");
        assert_eq!(alone, refused(&[network, "--threads=2"]));
        page.entry(network, alone);
    }
    page.check_section("systems-refused");
}
