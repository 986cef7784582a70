//! Brokers that take time over messages and links of limited bandwidth, held against queueing theory.
//!
//! With Poisson arrivals a server is an M/M/1, M/D/1 or M/M/1/K queue: the mean wait and the share that is lost are
//! known (Kleinrock, *Queueing Systems*, volume 1, 1975).

mod each;
pub(crate) mod line;
mod refused;

use arigatoni::arigatoni::{Arigatoni, Config};
use arigatoni::measure::Cell;
use arigatoni::parameters::Parameters;
use arigatoni::parameters::number::{Bandwidth, QueueLength};
use arigatoni::random::RandomStreams;
use arigatoni::random::law::Law;
use arigatoni::simulation::network::{Conditions, Fidelity, HEADER_BYTES};
use arigatoni::simulation::{self, Setting};
use arigatoni::system::{Model, Observed, Queueing, Totals};
use serde_json::json;

use line::{Line, row};

use crate::support::{ALPHA, config, export, metric, p_of_mean, refuted, run, t100};

/// What is wrong by so much must be seen.
const WRONG: f64 = 1.1;

/// What theory says of a queue with arrivals and services at these rates per second, and `K` places if it is finite.
#[derive(Debug, Clone, Copy)]
struct Theory {
    wait_s: f64,
    lost: f64,
}

/// M/M/1; the mean wait is ρ ÷ (µ − λ).
fn mm1(arrivals: f64, services: f64) -> Theory {
    Theory {
        wait_s: arrivals / services / (services - arrivals),
        lost: 0.0,
    }
}

/// M/D/1; the mean wait is half of that.
fn md1(arrivals: f64, services: f64) -> Theory {
    let Theory { wait_s, lost } = mm1(arrivals, services);
    Theory {
        wait_s: wait_s / 2.0,
        lost,
    }
}

/// M/M/1/K, where `waiting` wait at most, and one is served. Those that are not lost wait for all that they find.
fn mm1k(arrivals: f64, services: f64, waiting: u32) -> Theory {
    let weights: Vec<f64> = (0..=waiting + 1)
        .map(|found| libm::pow(arrivals / services, found.into()))
        .collect();
    let total: f64 = weights.iter().sum();
    let (full, others) = weights.split_last().unwrap();
    let found: f64 = (0..)
        .zip(others)
        .map(|(found, weight)| f64::from(found) * weight)
        .sum();
    Theory {
        wait_s: found / others.iter().sum::<f64>() / services,
        lost: full / total,
    }
}

/// A queue, what is counted of it, and what theory says.
struct Case {
    name: String,
    line: Line,
    conditions: Conditions,
    counted: fn(&Totals) -> Queueing,
    theory: Theory,
}

const COUNT: u32 = 4_000;
const RUNS: u32 = 60;

fn line(arrivals: f64) -> Line {
    Line {
        law: None,
        queue: None,
        gap_s: 1.0 / arrivals,
        count: COUNT,
        bytes: None,
        streams: RandomStreams::new(0, 0),
    }
}

/// The server is the queue.
fn at_server(arrivals: f64, law: Law, queue: Option<u32>, theory: Theory) -> Case {
    Case {
        name: format!("{arrivals} a second, {law:?}, {queue:?} wait"),
        line: Line {
            law: Some(law),
            queue,
            ..line(arrivals)
        },
        conditions: Conditions::default(),
        counted: |totals| totals.units.unwrap(),
        theory,
    }
}

/// The link is the queue: messages of 1 MB on average, so that headers do not matter, or headers only.
fn at_link(
    arrivals: f64,
    services: f64,
    bytes: Option<f64>,
    queue: Option<u32>,
    theory: Theory,
) -> Case {
    let bits = 8.0 * bytes.unwrap_or(f64::from(HEADER_BYTES));
    Case {
        name: format!(
            "{arrivals} packets a second, {services} of {bytes:?} are sent, {queue:?} wait"
        ),
        line: Line {
            bytes,
            ..line(arrivals)
        },
        conditions: Conditions {
            fidelity: Fidelity::Hop,
            bandwidth_mbps: Some(Bandwidth(bits * services / 1e6)),
            queue_packets: queue.map(QueueLength),
            ..Conditions::default()
        },
        counted: |totals| totals.links.unwrap(),
        theory,
    }
}

fn cases() -> Vec<Case> {
    let exponential = Law::Exponential { mean_s: 0.01 };
    let constant = Law::Constant(0.01);
    vec![
        at_server(30.0, exponential, None, mm1(30.0, 100.0)),
        at_server(60.0, exponential, None, mm1(60.0, 100.0)),
        at_server(30.0, constant, None, md1(30.0, 100.0)),
        at_server(60.0, constant, None, md1(60.0, 100.0)),
        at_server(50.0, exponential, Some(0), mm1k(50.0, 100.0, 0)),
        at_server(90.0, exponential, Some(4), mm1k(90.0, 100.0, 4)),
        at_server(150.0, exponential, Some(9), mm1k(150.0, 100.0, 9)),
        at_link(60.0, 100.0, None, None, md1(60.0, 100.0)),
        at_link(50.0, 100.0, Some(1e6), None, mm1(50.0, 100.0)),
        at_link(90.0, 100.0, Some(1e6), Some(4), mm1k(90.0, 100.0, 4)),
    ]
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn queues_wait_and_lose_as_theory_says() {
    let underlay = row(2);
    let (mut right, mut wrong) = (Vec::new(), Vec::new());
    for case in cases() {
        let (mut waits, mut lost) = (Vec::new(), Vec::new());
        for replication in 0..RUNS {
            let streams = RandomStreams::new(7, replication);
            let system = Line::build(&underlay, &case.line, streams).unwrap();
            let run = simulation::run(system, Setting::of(&underlay, streams, &case.conditions));
            let Queueing {
                taken,
                dropped,
                waited_ns,
                ..
            } = (case.counted)(&run.totals);
            assert_eq!(taken + dropped, u64::from(COUNT), "{}", case.name);
            waits.push(waited_ns as f64 / 1e9 / taken as f64);
            lost.push(dropped as f64 / f64::from(COUNT));
        }
        let Theory {
            wait_s,
            lost: share,
        } = case.theory;
        for (values, theory, what) in [(waits, wait_s, "wait"), (lost, share, "loss")] {
            if theory == 0.0 {
                assert!(values.iter().all(|value| *value == 0.0), "{}", case.name);
                continue;
            }
            let name = format!("{}: {what}", case.name);
            right.push((name.clone(), p_of_mean(&values, theory)));
            wrong.push((name, p_of_mean(&values, WRONG * theory)));
        }
    }
    assert_eq!(refuted(&right), [""; 0]);
    let seen = refuted(&wrong).len();
    assert!(seen * 4 > right.len() * 3, "{seen} of {}", right.len());
}

/// One broker that knows nobody who serves: requests are all that reaches it.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_broker_alone_is_an_mm1_queue() {
    let underlay = row(1);
    let written = json!({
        "gcus_per_broker": 5,
        "brokers": {"root": 0, "service_s": {"exponential": {"mean_s": 0.01}}},
        "services": {"density": 0},
        "requests": {"count": COUNT, "rate_per_s": 60},
    });
    let config = Config::read(&written, "").unwrap();
    let (mut waits, mut busy) = (Vec::new(), Vec::new());
    for seed in 0..u64::from(RUNS) {
        let run = run(&underlay, &config, seed, Fidelity::Path);
        waits.push(metric(&run, "broker_wait_ms_mean").unwrap());
        busy.push(metric(&run, "broker_busy_max").unwrap());
        assert_eq!(metric(&run, "broker_drops"), Some(0.0));
        assert_eq!(
            metric(&run, "link_wait_ms_mean"),
            None,
            "links are not asked for"
        );
    }
    let wait_ms = 1e3 * mm1(60.0, 100.0).wait_s;
    let statements = [
        ("wait".to_owned(), p_of_mean(&waits, wait_ms)),
        ("busy".to_owned(), p_of_mean(&busy, 0.6)),
    ];
    assert_eq!(refuted(&statements), [""; 0]);
    assert!(p_of_mean(&waits, WRONG * wait_ms) < ALPHA);
}

/// A broker with a queue loses requests as M/M/1/K does, where nobody repeats them: what acknowledges its packets takes no time
/// and no place. Each computer asks about once: one whose request is lost takes its broker for gone, and asks nobody after that.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_broker_with_a_queue_is_an_mm1k_queue() {
    let underlay = row(1);
    let (count, mut right, mut wrong) = (1000_u32, Vec::new(), Vec::new());
    for (rate, queue) in [(50.0, 0), (90.0, 4)] {
        let written = json!({
            "gcus_per_broker": 5_000,
            "access_latency_ms": [1, 1],
            "brokers": {"root": 0, "service_s": {"exponential": {"mean_s": 0.01}}, "queue": queue},
            "services": {"count": 1, "density": 0},
            "requests": {"count": count, "rate_per_s": rate, "deadline_ms": 60_000},
            // Nobody comes back while it lasts.
            "retransmission": {"timeout_ms": 20_000, "limit": 0},
            "return_ms": 100_000_000,
        });
        let config = Config::read(&written, "").unwrap();
        let (mut waits, mut lost, mut asked) = (Vec::new(), Vec::new(), 0.0);
        for seed in 0..40 {
            let run = run(&underlay, &config, seed, Fidelity::Path);
            waits.push(metric(&run, "broker_wait_ms_mean").unwrap());
            lost.push(metric(&run, "broker_drop_ratio").unwrap());
            // A few have no broker to ask any more.
            let reached = metric(&run, "broker_drops").unwrap() / lost[lost.len() - 1];
            asked += reached / f64::from(count) / 40.0;
        }
        assert!(asked > 0.9, "{asked}");
        let theory = mm1k(rate * asked, 100.0, queue);
        let name = |what| format!("{rate} a second, {queue} wait: {what}");
        let mut state = |what, values: &[f64], theory: f64| {
            right.push((name(what), p_of_mean(values, theory)));
            wrong.push((name(what), p_of_mean(values, WRONG * theory)));
        };
        state("loss", &lost, theory.lost);
        if queue > 0 {
            state("wait", &waits, 1e3 * theory.wait_s);
        }
    }
    assert_eq!(refuted(&right), [""; 0]);
    assert!(refuted(&wrong).len() >= 2, "{wrong:?}");
}

/// Links and brokers that are so fast that nobody waits change nothing but by that.
#[test]
fn what_takes_no_time_changes_nothing() {
    let mut config = config();
    let path = run(t100(), &config, 3, Fidelity::Path);
    let hop = Conditions {
        fidelity: Fidelity::Hop,
        queue_packets: Some(QueueLength(0)),
        ..Conditions::default()
    };
    let hop = run(t100(), &config, 3, hop);
    assert_eq!(path.totals, hop.totals);
    // Each request ends at the same nanosecond.
    let rows = |run: &simulation::Run<Arigatoni>| export(t100(), run, "requests");
    assert_eq!(rows(&path), rows(&hop));
    let queue = json!({"queue": 0, "service_s": {"uniform_s": [0, 0]}});
    config.world.brokers = serde_json::from_value(queue).unwrap();
    for fidelity in [Fidelity::Path, Fidelity::Hop] {
        let same = run(t100(), &config, 3, fidelity);
        assert_eq!(path.totals, same.totals);
        assert_eq!(rows(&path), rows(&same));
    }
    let outcome = path.outcome();
    let by_name = |name: &str| {
        let column = Arigatoni::METRICS
            .iter()
            .position(|metric| metric.name == name);
        outcome.metrics[column.unwrap()].clone()
    };
    for kind in ["broker", "link"] {
        for what in [
            "wait_ms_mean",
            "wait_ms_max",
            "drops",
            "drop_ratio",
            "busy_max",
        ] {
            assert_eq!(by_name(&format!("{kind}_{what}")), Cell::Absent);
        }
    }
}

/// The time that brokers take is a part of the latency, in both fidelities alike, and on a fast link a packet takes
/// what its bits take on each link.
#[test]
fn the_time_that_is_taken_adds_up() {
    let underlay = row(3);
    let written = json!({
        "brokers": {"root": 0},
        "access_latency_ms": [1, 1],
        "services": {"count": 1, "density": 1},
        "acceptance_probability": 1,
        "requests": {"count": 60, "interarrival": 1, "service_time_ms": 0},
    });
    let mut config = Config::read(&written, "").unwrap();
    let latencies = |config: &Config, conditions: Conditions| {
        let run = run(&underlay, config, 5, conditions);
        let text = export(&underlay, &run, "requests");
        let all = text.lines().skip(1);
        let latency_ns = |row: &str| row.split(',').nth(7).unwrap().parse().unwrap();
        all.map(latency_ns).collect::<Vec<u64>>()
    };
    let none = latencies(&config, Conditions::default());
    let hop = Conditions {
        fidelity: Fidelity::Hop,
        ..Conditions::default()
    };
    let wired = Conditions {
        bandwidth_mbps: Some(Bandwidth(1.0)),
        ..hop.clone()
    };
    // Each colony has one computer, so the first question goes to another broker and back: a query of 25 bytes and an
    // answer of 17 cross as many links each.
    let per_link = u64::from(2 * HEADER_BYTES + 25 + 17) * 8_000;
    for (before, after) in none.iter().zip(latencies(&config, wired)) {
        let links = (before - 4_000_000) / 20_000_000;
        assert_eq!(after - before, links * per_link);
    }
    let brokers = json!({"root": 0, "service_s": 0.002});
    config.world.brokers = serde_json::from_value(brokers).unwrap();
    let served = latencies(&config, Conditions::default());
    assert_eq!(served, latencies(&config, hop));
    for (before, after) in none.iter().zip(served) {
        // The leader handles the request and an answer, and each broker on the way a query and an answer.
        let brokers = 1 + (before - 4_000_000) / 20_000_000;
        assert_eq!(after - before, 2 * brokers * 2_000_000);
    }
}
