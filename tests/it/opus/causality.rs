//! No policy knows the future: services that agree until an instant do the same until then.

use std::fmt::Write;
use std::sync::Arc;

use arigatoni::fingerprint::{Encode, Encoder};
use arigatoni::opus::allocation::Allocation;
use arigatoni::opus::allocation::config::{Application, Demand, Policy, Trace as Told};
use arigatoni::opus::allocation::demand::Trace;
use arigatoni::opus::allocation::message::{Message, Observation, Utility};
use arigatoni::opus::config::Opus;
use arigatoni::parameters::decode;
use arigatoni::random::RandomStreams;
use arigatoni::simulation::network::Fidelity;
use arigatoni::simulation::{self, Setting};
use arigatoni::system::{Measures, Model};
use arigatoni::time::{Span, Time};
use arigatoni::unit::{Effect, Input, UnitId};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use crate::support::t100;

const NODES: u32 = 24;
const REGIONS: u32 = 3;
const EPOCH_S: u64 = 20;

/// What happened before an instant.
struct Past {
    until: Time,
    /// A chained hash of all inputs of all units.
    inputs: (u64, u64),
    /// What nodes were told to serve, and what the manager believed.
    divisions: Vec<(Time, String)>,
}

impl Measures<Utility> for Past {
    fn begin(&mut self, _: Time) {}

    fn input(&mut self, now: Time, unit: UnitId, input: &Input<Utility>) {
        if now < self.until {
            let mut encoder = Encoder::new(self.inputs.1);
            encoder.u64(now.as_ns());
            encoder.u8(unit.kind());
            encoder.u32(unit.index());
            input.encode(&mut encoder);
            self.inputs = (self.inputs.0 + 1, encoder.finish());
        }
    }

    fn unhandled(&mut self, _: Time, _: UnitId, _: &Input<Utility>) {}

    fn effect(&mut self, now: Time, _: UnitId, effect: &Effect<Utility>) {
        let said = match effect {
            Effect::Send {
                to,
                message: Message::Assign { application, .. },
                ..
            } => format!("{to:?} serves {application}"),
            Effect::Observation(observation @ Observation::Believes { .. }) => {
                format!("{observation:?}")
            }
            _ => return,
        };
        if now < self.until {
            self.divisions.push((now, said));
        }
    }
}

/// What a run of `config` does before `until`.
fn past(config: &Opus, seed: u64, until: Time) -> Past {
    let streams = RandomStreams::new(seed, 0);
    let system = Allocation::build(t100(), config, streams).unwrap();
    let mut past = Past {
        until,
        inputs: (0, 0),
        divisions: Vec::new(),
    };
    simulation::run_watched(
        system,
        Setting::of(t100(), streams, &Fidelity::Path.into()),
        &mut past,
    );
    past
}

fn demand(told: &Value) -> Demand {
    decode(told, "").unwrap()
}

/// A trace whose rows are these (time in s, region, rate).
fn traced(rows: &[(f64, u32, f64)], end_s: u64) -> Demand {
    let mut text = String::from("time_s,region,rate_per_s\n");
    for (time_s, region, rate) in rows {
        writeln!(text, "{time_s},{region},{rate}").unwrap();
    }
    writeln!(text, "{end_s},0,0").unwrap();
    Demand::Trace(Told {
        file: "trace.csv".into(),
        rates: Some(Arc::new(Trace::parse(&text).unwrap())),
    })
}

fn application(demand: Vec<Demand>, latency_ms: u64, overlay: bool) -> Application {
    let goal = overlay.then(|| json!({"updates_per_s": 0.2, "start_s": 30}));
    let application = json!({"work": 0.5, "sla": {"latency_ms": latency_ms}, "overlay": goal});
    Application {
        demand,
        ..decode(&application, "").unwrap()
    }
}

/// What a case draws: two services that agree until `until_s`.
#[derive(Debug, Clone)]
struct Twins {
    until_s: f64,
    duration_s: [u64; 2],
    /// A constant rate, and the mean, amplitude and phase of a swing.
    constant: f64,
    swing: [f64; 3],
    /// What comes later: to the second service only, in this region.
    region: u32,
    peak: f64,
    after_s: f64,
    /// Which part is not the same afterwards.
    kind: u8,
    latency_ms: u64,
    failures: bool,
    overlay: bool,
    seed: u64,
}

prop_compose! {
    fn twins()(
        until_s in 60.0..200.0_f64,
        longer_s in 0_u64..60,
        constant in 5.0..25.0_f64,
        swing in [1.0..15.0_f64, 0.0..1.0_f64, 0.0..1.0_f64],
        region in 0..REGIONS,
        peak in 10.0..80.0_f64,
        after_s in 0.0..20.0_f64,
        kind in 0_u8..4,
        latency_ms in 800_u64..6000,
        failures: bool,
        overlay: bool,
        seed: u64,
    ) -> Twins {
        let duration_s = [240, 240 + longer_s];
        Twins {
            until_s, duration_s, constant, swing, region, peak, after_s, kind, latency_ms, failures,
            overlay, seed,
        }
    }
}

impl Twins {
    /// The demand of the first application of one of the two.
    fn demand(&self, second: bool) -> Vec<Demand> {
        let end_s = self.duration_s[usize::from(second)];
        let [mean, amplitude, phase] = self.swing;
        let swing = json!({
            "mean_per_s": mean, "amplitude": amplitude, "period_s": 180, "phase": phase,
            "phase_step": 0.3,
        });
        let mut parts = vec![
            Demand::constant(self.constant),
            demand(&json!({ "diurnal": swing })),
        ];
        let later_s = self.until_s + self.after_s;
        let flash = |start_s: f64, [rise_s, hold_s, fall_s]: [f64; 3]| {
            let flash = json!({
                "peak_per_s": self.peak, "start_s": start_s, "rise_s": rise_s, "hold_s": hold_s,
                "fall_s": fall_s, "regions": [self.region],
            });
            demand(&json!({ "flash": flash }))
        };
        match self.kind {
            // A crowd that comes to the second alone.
            0 if second => parts.push(flash(later_s, [5.0, 60.0, 5.0])),
            // One that comes to both and stays longer at the second.
            1 => {
                let hold_s = if second { 500.0 } else { later_s - 40.0 };
                parts.push(flash(30.0, [10.0, hold_s, 5.0]));
            }
            // Traces with other rows.
            2 => {
                let mut rows = vec![(0.0, self.region, 6.0), (45.0, 0, 12.0), (50.0, 2, 3.0)];
                if second {
                    rows.push((later_s, self.region, self.peak));
                }
                parts.push(traced(&rows, end_s + 1));
            }
            // A swing that the second has alone ends in the other's silence.
            3 if !second => parts.push(traced(&[(later_s, self.region, self.peak)], end_s + 1)),
            _ => {}
        }
        parts
    }

    fn config(&self, policy: Policy, second: bool) -> Opus {
        let other = json!({"constant": {"rate_per_s": 15, "regions": [1]}});
        let opus = json!({
            "study": "allocation",
            "nodes": {"count": NODES},
            "disconnection": {"rate": if self.failures { 0.1 } else { 0.0 }},
            "failures": self.failures.then(|| json!({"mean_up_s": 150, "mean_down_s": 30})),
            "overlay": {"timeout_ms": 5000, "heartbeat_ms": 5000},
            "allocation": {
                "policy": policy, "regions": REGIONS,
                "duration_s": self.duration_s[usize::from(second)], "epoch_s": EPOCH_S,
                "heartbeat_s": 5, "bin_s": 20,
            },
        });
        Opus {
            applications: vec![
                application(self.demand(second), self.latency_ms, self.overlay),
                application(vec![demand(&other)], 3000, false),
            ],
            ..decode(&opus, "").unwrap()
        }
    }

    fn check(&self, policy: Policy) -> std::result::Result<(), TestCaseError> {
        let until = Time::from_ns((self.until_s * 1e9) as u64);
        // The optimum alone knows the epoch that begins: what it does in the epoch of the
        // difference, or in the one before, may differ.
        let until = match policy {
            Policy::Optimum => Time::from_ns(until.as_ns() - EPOCH_S * 1_000_000_000),
            _ => until,
        };
        let [one, other] =
            [false, true].map(|second| past(&self.config(policy, second), self.seed, until));
        prop_assert!(one.inputs.0 > 1000);
        // The static policy divides once, before anything is measured.
        prop_assert!(policy == Policy::Static || !one.divisions.is_empty());
        let differs = one.divisions.iter().zip(&other.divisions);
        let first = differs.clone().find(|(one, other)| one != other);
        prop_assert_eq!(first, None, "{:?} before {:?}", policy, until);
        prop_assert_eq!(one.divisions.len(), other.divisions.len());
        prop_assert_eq!(one.inputs, other.inputs, "{:?} before {:?}", policy, until);
        Ok(())
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn services_that_agree_until_an_instant_do_the_same_until_then() {
    let config = Config {
        cases: 8,
        failure_persistence: None,
        ..Config::default()
    };
    // The same cases each time.
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let checked = runner.run(&twins(), |twins| {
        [
            Policy::Static,
            Policy::Proportional,
            Policy::Greedy,
            Policy::GreedyReported,
            Policy::GreedyTracked,
            Policy::Optimum,
        ]
        .into_iter()
        .try_for_each(|policy| twins.check(policy))
    });
    checked.unwrap();
}

/// The test can fail: what does look ahead is seen to.
#[test]
fn the_optimum_looks_one_epoch_ahead() {
    let twins = Twins {
        until_s: 100.0,
        duration_s: [240; 2],
        constant: 8.0,
        swing: [1.0, 0.0, 0.0],
        region: 2,
        peak: 60.0,
        after_s: 0.0,
        kind: 0,
        latency_ms: 5000,
        failures: false,
        overlay: false,
        seed: 1,
    };
    let before = |policy, until_s| {
        let until = Time::ZERO + Span::from_s(until_s);
        let pasts =
            [false, true].map(|second| past(&twins.config(policy, second), twins.seed, until));
        pasts[0].divisions == pasts[1].divisions
    };
    // The division at 100 s is the first one that may know.
    assert!(before(Policy::Optimum, 100));
    assert!(!before(Policy::Optimum, 101));
    assert!(
        before(Policy::Greedy, 101),
        "it sees what is, not what comes"
    );
    assert!(!before(Policy::Greedy, 121));
}
