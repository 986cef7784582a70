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
