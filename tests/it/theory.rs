//! The search held against theory: in how many passes upwards a request is answered.
//!
//! With colonies of a Poisson number of members, m on average, of which each can and will serve with the
//! probability q, those that are found at or below level j are a Poisson number of mean q R_j, where R_j
//! is m times the number of brokers below the ancestor of the requester's leader at that level (Nain,
//! Casetti, Liquori). So P(level ≤ j) is 1 − e^(−q R_j) for one instance, and P(Poisson(q R_j) ≥ k) for k.

use arigatoni::arigatoni::{Arigatoni, Config};
use arigatoni::parameters::Parameters;
use arigatoni::simulation::Run;
use arigatoni::simulation::network::Fidelity;
use serde_json::{Value, json};

use crate::sessions::numbers_up;
use crate::support::{export, p_of_mean, refuted, run, t100, two_sided};

/// What is wrong by so much must be seen.
const WRONG: f64 = 1.1;
/// Levels that nearly all, or hardly any, requests reach tell nothing.
const TELLING: std::ops::Range<f64> = 0.03..0.97;
const WORLDS: u64 = 250;

/// A set of parameters, and what theory needs of them.
struct Case {
    name: String,
    config: Config,
    members: f64,
    serves: f64,
    instances: u32,
}

/// `members` a colony on average, of which each offers, is there and agrees with these probabilities.
fn case(
    name: &str,
    members: f64,
    [offers, present, agrees]: [f64; 3],
    instances: u32,
    other: &Value,
) -> Case {
    let mut written = json!({
        "gcus_per_broker": {"poisson": members},
        "brokers": {"placement": {"tree": 3}},
        "services": {"count": 32, "density": offers},
        "acceptance_probability": agrees,
        "slots": null,
        "disconnection": {"rate": 1.0 - present, "units": "gcus", "mode": "unregister"},
        "requests": {
            "count": 30, "rate_per_s": 20, "instances": instances, "deadline_ms": 100_000,
            "service_time_ms": 1,
        },
    });
    for (name, value) in other.as_object().unwrap() {
        match (&mut written[name], value) {
            (Value::Object(known), Value::Object(new)) => known.extend(new.clone()),
            (member, _) => *member = value.clone(),
        }
    }
    Case {
        name: name.to_owned(),
        config: Config::read(&written, "").unwrap(),
        members,
        serves: offers * present * agrees,
        instances,
    }
}

fn cases() -> Vec<Case> {
    let none = json!({});
    let mut cases = vec![
        case("one", 2.0, [0.02, 1.0, 1.0], 1, &none),
        case("one that may refuse", 3.0, [0.05, 1.0, 0.4], 1, &none),
        case("three", 3.0, [0.05, 1.0, 0.7], 3, &none),
        case("δ at once", 3.0, [0.02, 0.6, 1.0], 1, &none),
        case("two, δ at once", 4.0, [0.02, 0.7, 0.8], 2, &none),
        case(
            "brokers on every router",
            3.0,
            [0.02, 1.0, 0.8],
            1,
            &json!({"brokers": {"placement": "every-router"}}),
        ),
        case(
            "all are asked at once",
            3.0,
            [0.02, 0.8, 0.8],
            2,
            &json!({"search": "exhaustive"}),
        ),
    ];
    for (name, up) in [
        ("exponential", json!({"exponential": {"mean_s": 2000}})),
        (
            "Weibull",
            json!({"weibull": {"shape": 0.5, "mean_s": 2000}}),
        ),
        ("Pareto", json!({"pareto": {"shape": 1.6, "mean_s": 2000}})),
        ("constant", json!(2000)),
    ] {
        let instances = if name == "Weibull" { 2 } else { 1 };
        let other = json!({
            "disconnection": {"mode": "sessions"},
            "sessions": {"up": up, "leave": "unregister"},
        });
        let name = format!("{name} sessions");
        cases.push(case(&name, 3.0, [0.03, 0.6, 0.8], instances, &other));
    }
    cases
}

/// P(a Poisson number of this mean ≥ `count`).
fn at_least(count: u32, mean: f64) -> f64 {
    let mut term = libm::exp(-mean);
    let mut below = 0.0;
    for number in 0..count {
        below += term;
        term *= mean / f64::from(number + 1);
    }
    1.0 - below
}

/// For each broker and each number of passes upwards, how many brokers are below the ancestor there.
fn reached(parents: &[Option<u32>]) -> Vec<Vec<u32>> {
    let ancestors = |broker: usize| -> Vec<usize> {
        let up = |&at: &usize| parents[at].map(|parent| parent as usize);
        std::iter::successors(Some(broker), up).collect()
    };
    let lines: Vec<Vec<usize>> = (0..parents.len()).map(ancestors).collect();
    let mut below = vec![0; parents.len()];
    for &ancestor in lines.iter().flatten() {
        below[ancestor] += 1;
    }
    let counts = |line: &Vec<usize>| line.iter().map(|&ancestor| below[ancestor]).collect();
    lines.iter().map(counts).collect()
}

/// What a world says of a level: by how much more requests were answered there than theory says, if each
/// computer serves with the probability `serves`; and how many should have been.
///
/// Requesters are drawn among all computers of a world. Among those of all worlds together, where a world
/// counts by its computers, each sees the others as Poisson.
fn excess(run: &Run<Arigatoni>, case: &Case, serves: f64, levels: usize) -> Vec<[f64; 2]> {
    let world = run.system.world();
    let parents: Vec<Option<u32>> = world.brokers.list().iter().map(|b| b.parent).collect();
    let reached = reached(&parents);
    let mean = case.members * parents.len() as f64;
    let text = export(t100(), run, "requests");
    let rows: Vec<Vec<&str>> = text
        .lines()
        .skip(1)
        .map(|row| row.split(',').collect())
        .collect();
    let weight = f64::from(world.population.len()) / mean / rows.len() as f64;
    let mut sums = vec![[0.0; 2]; levels];
    for row in rows.iter().filter(|row| row[5] != "local") {
        let computer = world.population.computer(row[2].parse().unwrap());
        let own = &reached[computer.broker as usize];
        let found: Option<usize> = row[10].parse().ok();
        for (level, sum) in sums.iter_mut().enumerate() {
            let brokers = own.get(level).or(own.last()).unwrap();
            let expected = at_least(case.instances, serves * case.members * f64::from(*brokers));
            let is_found = found.is_some_and(|found| found <= level);
            sum[0] += weight * (f64::from(u8::from(is_found)) - expected);
            sum[1] += weight * expected;
        }
    }
    sums
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn levels_are_as_theory_says() {
    let (mut right, mut wrong) = (Vec::new(), Vec::new());
    for case in cases() {
        let levels = 5;
        let mut by_level = vec![[const { Vec::new() }; 2]; levels];
        let mut expected = vec![0.0; levels];
        for seed in 0..WORLDS {
            let run = run(t100(), &case.config, seed, Fidelity::Path);
            let both = [1.0, WRONG].map(|by| excess(&run, &case, by * case.serves, levels));
            for level in 0..levels {
                expected[level] += both[0][level][1] / WORLDS as f64;
                for (values, sums) in by_level[level].iter_mut().zip(&both) {
                    values.push(sums[level][0]);
                }
            }
        }
        // Of requesters who are there.
        let present = 1.0 - case.config.world.disconnection.rate.0;
        let mut telling = 0;
        for (level, values) in by_level.iter().enumerate() {
            if TELLING.contains(&(expected[level] / present)) {
                telling += 1;
                let name = format!("{}, level {level}", case.name);
                right.push((name.clone(), p_of_mean(&values[0], 0.0)));
                wrong.push((name, p_of_mean(&values[1], 0.0)));
            }
        }
        assert!(telling >= 3, "{}: {expected:?}", case.name);
    }
    assert_eq!(refuted(&right), [""; 0]);
    let seen = refuted(&wrong).len();
    assert!(
        seen > right.len() / 4,
        "{seen} of {} statements",
        right.len()
    );
}

/// Where a colony has a Poisson number of members, a Poisson number of them is up at any instant.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn the_number_up_of_poisson_colonies_is_poisson() {
    let (members, present, worlds) = (4.0, 0.7, 60);
    let mean = 100.0 * members * present;
    let mut statements = Vec::new();
    for up in [
        json!({"exponential": {"mean_s": 20}}),
        json!({"weibull": {"shape": 0.5, "mean_s": 20}}),
        json!({"pareto": {"shape": 1.6, "mean_s": 20}}),
        json!(20),
    ] {
        let written = json!({
            "gcus_per_broker": {"poisson": members},
            "disconnection": {"rate": 1.0 - present, "units": "gcus", "mode": "sessions"},
            "sessions": {"up": up, "leave": "unregister"},
            "requests": {"count": 40, "rate_per_s": 1, "deadline_ms": 1000, "service_time_ms": 1},
        });
        let config = Config::read(&written, "").unwrap();
        let instants_s = [0, 9, 31];
        let all = numbers_up(&config, &instants_s, worlds);
        for (numbers, instant_s) in all.iter().zip(instants_s) {
            let count = worlds as f64;
            let found = numbers.iter().sum::<f64>() / count;
            let z = (found - mean) / (mean / count).sqrt();
            statements.push((format!("{up} at {instant_s} s: mean {found}"), two_sided(z)));
            let squares: f64 = numbers.iter().map(|number| (number - found).powi(2)).sum();
            let z = standard_of_chi_squared(squares / mean, count - 1.0);
            statements.push((format!("{up} at {instant_s} s: variance"), two_sided(z)));
        }
    }
    assert_eq!(refuted(&statements), [""; 0]);
}

/// About which standard normal number belongs to a χ² one (Wilson, Hilferty, PNAS 17(12), 1931).
fn standard_of_chi_squared(chi_squared: f64, freedom: f64) -> f64 {
    let variance = 2.0 / (9.0 * freedom);
    (libm::cbrt(chi_squared / freedom) - (1.0 - variance)) / variance.sqrt()
}
