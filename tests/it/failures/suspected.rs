//! How often living units are taken for gone where packets get lost, against what is computed exactly.

use arigatoni::arigatoni::suspicions::{Patience, Suspicions};
use arigatoni::parameters::number::Fraction;
use arigatoni::simulation::network::Conditions;
use arigatoni::system::Observed as _;

use super::*;
use crate::support::{refuted, tried, two_sided};

/// Heartbeats of a leader.
const HEARTBEATS: usize = 40;
const EVERY_MS: u64 = 2000;
const AGAIN_MS: u64 = 8000;

/// Suspicions of one pair, if those of the leader and those of the member were independent of each other.
fn of_two(p: f64, misses: u32, timeout_ms: u64) -> f64 {
    let rate = |q: f64, in_a_row: f64| (1.0 - q) / (libm::pow(q, -in_a_row) - 1.0);
    let fit = f64::from(misses) - 1.0 + (timeout_ms / EVERY_MS) as f64;
    let both = rate(1.0 - (1.0 - p) * (1.0 - p), f64::from(misses)) + rate(p, fit);
    both * HEARTBEATS as f64
}

/// What is counted in a run is what the chain of a leader and a member gives: by a test of 99.9 % for all cases together, with
/// the deviation that the chain gives as well. That both suspect each other independently is refuted.
#[test]
fn living_units_are_suspected_as_often_as_the_chain_says() {
    let cases = [
        (0.02, 1, 2000),
        (0.05, 1, 3000),
        (0.1, 1, 4000),
        (0.1, 2, 6000),
        (0.05, 2, 2000),
        (0.1, 2, 3000),
        (0.15, 3, 2000),
        (0.15, 3, 4000),
    ];
    let cases = cases.into_iter().take(tried(4, 8) as usize);
    let (mut right, mut wrong) = (Vec::new(), Vec::new());
    for (p, misses, timeout_ms) in cases {
        let for_s = HEARTBEATS as u64 * EVERY_MS / 1000;
        let parameters = json!({
            "gcus_per_broker": 1,
            "return_ms": AGAIN_MS,
            "detection": {"heartbeat_ms": EVERY_MS, "timeout_ms": timeout_ms, "misses": misses},
            "retransmission": {"timeout_ms": 30, "limit": 7},
            "requests": {"for_s": for_s, "rate_per_s": 0.1, "deadline_ms": 5000},
        });
        let config = Config::read(&parameters, "").unwrap();
        let conditions = Conditions {
            loss: Fraction(p),
            ..Conditions::from(Fidelity::Path)
        };
        let run = run(t100(), &config, SEED, conditions);
        let found = metric(&run, "suspicions_wrong").unwrap();
        let cells = run.outcome().metrics;
        let all = run.system.theory(&run.measures, &cells, p);
        let known = all.iter().find(|it| it.quantity == "suspicions_wrong");
        let expected = known.expect("the chain is exact here").expected;
        let patience = Patience {
            every: Span::from_ns(EVERY_MS * 1_000_000),
            timeout: Span::from_ns(timeout_ms * 1_000_000),
            misses,
            again: Span::from_ns(AGAIN_MS * 1_000_000),
        };
        // How much it strays hardly depends on when a leader begins.
        let last = Suspicions::of(p, patience).by_heartbeat(HEARTBEATS)[HEARTBEATS];
        let sd = (expected * last.variance / last.mean).sqrt();
        let pairs = expected / last.mean;
        let name = format!("{p} {misses} {timeout_ms}: {found}, {expected}, {sd}");
        right.push((name.clone(), two_sided((found - expected) / sd)));
        let expected = pairs * of_two(p, misses, timeout_ms);
        wrong.push((name, two_sided((found - expected) / sd)));
    }
    assert_eq!(refuted(&right), [""; 0]);
    assert!(refuted(&wrong).len() >= 3, "{wrong:?}");
}

/// The lines beside the curves of `heartbeats.json`: what the chain says of the 200 computers and the 99 brokers below others if
/// nobody fails.
#[test]
fn the_lines_beside_the_curves_are_the_chains() {
    const PAIRS: f64 = 299.0;
    const FOR_MS: u64 = 300_000;
    let text = std::fs::read_to_string(shipped("scenarios").join("heartbeats.json")).unwrap();
    let scenario: Value = serde_json::from_str(&text).unwrap();
    let own = Config::read(&scenario["system"]["arigatoni"], "")
        .unwrap()
        .own;
    let lines = scenario["figures"][0]["references"].as_array().unwrap();
    assert_eq!(lines.len(), 2);
    let mut wrong = Vec::new();
    for (line, p) in lines.iter().zip([0.02, 0.1]) {
        let label = line["label"].as_str().unwrap();
        assert!(label.contains(&format!("{} %", p * 100.0)), "{label}");
        let points = line["points"].as_array().unwrap();
        assert_eq!(points.len(), 5, "{label}");
        for point in points {
            let every_ms = point[0].as_u64().unwrap();
            let every = Span::from_ns(every_ms * 1_000_000);
            let patience = Patience {
                every,
                timeout: every,
                misses: 2,
                again: own.returns_with_losses(),
            };
            let heartbeats = (FOR_MS / every_ms) as usize;
            let counts = Suspicions::of(p, patience).by_heartbeat(heartbeats);
            let expected = PAIRS * counts[heartbeats].mean;
            let told = point[1].as_f64().unwrap();
            if (told / expected - 1.0).abs() > 1e-3 {
                wrong.push(format!("{label}, {every_ms}: {told}, {expected:.2}"));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}

/// What stands in the way of the chain is named, one member for each.
#[test]
fn what_the_chain_does_not_hold_for_is_named() {
    let with = |member: &str, value: Value| {
        let mut parameters = json!({
            "return_ms": 8000,
            "detection": {"heartbeat_ms": 2000, "timeout_ms": 2000, "misses": 2},
            "retransmission": {"timeout_ms": 30, "limit": 7},
            "requests": {"for_s": 80, "rate_per_s": 0.1},
        });
        parameters[member] = value;
        Config::read(&parameters, "").unwrap()
    };
    let beyond = |config: &Config, loss| Arigatoni::beyond_theory(config, loss).unwrap();
    let up = json!({"exponential": {"mean_s": 100}});
    let cases = [
        ("/network/loss", "detection", Value::Null),
        (
            "retransmission/limit",
            "retransmission",
            json!({"timeout_ms": 30, "limit": 3}),
        ),
        (
            "retransmission/timeout_ms",
            "retransmission",
            json!({"timeout_ms": 300, "limit": 7}),
        ),
        ("sessions", "sessions", json!({"up": up, "down": up})),
        ("faults", "faults", json!({"gbus": {"up": up, "down": up}})),
        ("disconnection/rate", "disconnection", json!({"rate": 0.1})),
        ("brokers", "brokers", json!({"service_s": 0.001})),
        ("migration", "migration", json!({"to": "random"})),
        ("election", "election", json!(true)),
        (
            "free_riders",
            "free_riders",
            json!({"share": 0.1, "limit": 3}),
        ),
        // Nothing but the times of heartbeats.
        ("detection", "slots", json!(1)),
    ];
    for (named, member, value) in cases {
        assert_eq!(beyond(&with(member, value), 0.1), [named], "{member}");
    }
    assert_eq!(beyond(&with("slots", Value::Null), 0.3), ["/network/loss"]);
    // Where no packet gets lost, that does not matter, and something else does.
    assert_eq!(beyond(&with("election", json!(true)), 0.0), [""; 0]);
    assert_eq!(beyond(&with("slots", json!(1)), 0.0), ["slots"]);
}
