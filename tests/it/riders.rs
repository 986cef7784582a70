//! Free riders, and leaders that log out members which take more than they give.

use std::collections::BTreeMap;

use arigatoni::arigatoni::Config;
use arigatoni::arigatoni::config::Search;
use arigatoni::parameters::Parameters;
use arigatoni::simulation::network::Fidelity;
use arigatoni::statistics::holm;
use serde_json::{Value, json};

use crate::command::{arigatoni, code, said};
use crate::load::line::row;
use crate::review::Page;
use crate::support::{ALPHA, export, metric, p_of_mean, run, shipped, t100};

/// Requests that come one after the other, with free riders by this rule.
fn one_by_one(riders: &Value, each: u32, services: &Value, count: u32) -> Config {
    let written = json!({
        "gcus_per_broker": each,
        "access_latency_ms": [1, 1],
        "services": services,
        "free_riders": riders,
        "requests": {"count": count, "interarrival": 20, "service_time_ms": 1},
    });
    Config::read(&written, "").unwrap()
}

/// Without the rule honest computers and riders find the same: of h honest computers each other one offers with
/// probability ρ and agrees with α, so a request is accepted with 1 − (1 − αρ)ʰ.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn without_the_rule_all_are_accepted_alike() {
    let services = json!({"count": 16, "density": 0.01});
    let (mut names, mut p, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
    for share in [0.0, 0.3, 0.6] {
        let riders = json!({"share": share, "limit": null});
        let config = one_by_one(&riders, 2, &services, 300);
        let mut accepted = [Vec::new(), Vec::new()];
        for seed in 0..80 {
            let run = run(t100(), &config, seed, Fidelity::Path);
            let number = |name| metric(&run, name);
            accepted[0].extend(number("honest_acceptance_ratio"));
            accepted[1].extend(number("riding_acceptance_ratio"));
            assert_eq!(number("riding_gcus"), Some(200.0 * share));
            assert_eq!(number("honest_logged_out_ratio"), Some(0.0));
        }
        let honest = 200.0 * (1.0 - share);
        for (kind, values) in accepted.iter().enumerate() {
            if share == 0.0 && kind == 1 {
                assert!(values.is_empty(), "there are none");
                continue;
            }
            // The requester does not serve itself.
            let others = honest - if kind == 0 { 1.0 } else { 0.0 };
            let theory = |factor: f64| 1.0 - (1.0 - factor * 0.75 * 0.01_f64).powf(others);
            names.push((share, kind));
            p.push(p_of_mean(values, theory(1.0)));
            wrong.push(p_of_mean(values, theory(1.15)));
        }
    }
    let refuted = |p: &[f64]| holm(p).into_iter().filter(|p| *p < ALPHA).count();
    assert_eq!(refuted(&p), 0, "{names:?}: {p:?}");
    assert!(refuted(&wrong) >= 3, "{wrong:?}");
}

/// The rows of the requests: time in s, computer, outcome, providers.
fn requests(text: &str) -> Vec<(f64, u32, String, Vec<u32>)> {
    let row = |row: &str| {
        let cells: Vec<&str> = row.split(',').collect();
        let providers = cells[6].split(';').filter_map(|id| id.parse().ok());
        let time_s = cells[1].parse::<f64>().unwrap() / 1e9;
        (
            time_s,
            cells[2].parse().unwrap(),
            cells[5].to_owned(),
            providers.collect(),
        )
    };
    text.lines().skip(1).map(row).collect()
}

/// Where requests come one after the other, accounts by hand say who is logged out, and when. One broker that asks all at once
/// counts those only that it passes on.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn accounts_by_hand_say_who_is_logged_out() {
    let services = json!({"count": 4, "density": 0.3});
    let alone = row(1);
    for (exhaustive, limit, grace_s) in [
        (false, 0, 0.0),
        (false, 2, 0.0),
        (false, 1, 10_010.0),
        (true, 2, 0.0),
        (true, 1, 10_010.0),
    ] {
        let riders = json!({"share": 0.4, "limit": limit, "grace_s": grace_s, "after": "barred"});
        let (underlay, each) = if exhaustive {
            (&alone, 200)
        } else {
            (t100(), 2)
        };
        let mut config = one_by_one(&riders, each, &services, 2500);
        if exhaustive {
            config.own.search = Search::Exhaustive;
            config.world.brokers = serde_json::from_value(json!({"root": 0})).unwrap();
        }
        let run = run(underlay, &config, 11, Fidelity::Path);
        let text = export(underlay, &run, "requests");
        // What each has given without what it has taken; when its account was opened; whether it is closed.
        let mut accounts: BTreeMap<u32, (i64, f64, bool)> = BTreeMap::new();
        let mut logged_out = 0;
        let is_over =
            |balance: i64, since: f64, time_s: f64| balance < -limit && time_s >= since + grace_s;
        for (time_s, computer, outcome, providers) in requests(&text) {
            let (balance, since, closed) = accounts.entry(computer).or_insert((0, time_s, false));
            if *closed {
                assert_eq!(outcome, "local", "gcu/{computer} at {time_s} s");
                continue;
            }
            // Its grace has ended since it was answered last.
            if is_over(*balance, *since, time_s) {
                assert_eq!(outcome, "rejected", "gcu/{computer} at {time_s} s");
                *closed = true;
                logged_out += 1;
                continue;
            }
            assert_ne!(outcome, "local", "gcu/{computer} at {time_s} s");
            *balance -= i64::try_from(providers.len()).unwrap();
            if is_over(*balance, *since, time_s) {
                *closed = true;
                logged_out += 1;
            }
            for provider in providers {
                let account = accounts.entry(provider).or_insert((0, time_s, false));
                assert!(!account.2, "gcu/{provider} serves, and has been logged out");
                account.0 += 1;
            }
        }
        assert!(logged_out > 20, "{logged_out}");
        let [honest, riding] = ["honest", "riding"]
            .map(|kind| metric(&run, &format!("{kind}_logged_out_ratio")).unwrap());
        let told = honest * 120.0 + riding * 80.0;
        assert_eq!(told.round() as i32, logged_out, "limit {limit}");
    }
}

/// The probability that a symmetric random walk of a binomial number of steps comes to `goal` (by reflection).
fn comes_to(goal: u64, steps: u64, probability: f64) -> f64 {
    let mut of_steps = 0.0;
    let mut weight = (1.0 - probability).powi(steps as i32);
    for count in 0..=steps.min(400) {
        // P(S ≥ goal) + P(S > goal) for a sum S of so many steps.
        let mut mass = 0.5_f64.powi(count as i32);
        let mut passes = 0.0;
        for up in 0..=count {
            let least = count - up + goal;
            passes += mass * f64::from(u8::from(up >= least) + u8::from(up > least));
            mass *= (count - up) as f64 / (up + 1) as f64;
        }
        of_steps += weight * passes;
        weight *= (steps - count) as f64 / (count + 1) as f64 * probability / (1.0 - probability);
    }
    of_steps
}

/// Where all are honest and serve each other, an account is a symmetric random walk: a member asks as often as it
/// gives. It is logged out when it is below −limit: when the walk comes to −(limit + 1).
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn honest_computers_are_logged_out_as_their_random_walk_says() {
    let (limit, each, count) = (8, 10, 10_000);
    let riders = json!({"share": 0, "limit": limit});
    let config = Config::read(
        &json!({
            "gcus_per_broker": each,
            "access_latency_ms": [1, 1],
            "services": {"count": 1, "density": 1},
            "acceptance_probability": 1,
            "free_riders": riders,
            "requests": {"count": count, "rate_per_s": 1, "service_time_ms": 1},
        }),
        "",
    )
    .unwrap();
    let shares: Vec<f64> = (0..25)
        .map(|seed| {
            let run = run(t100(), &config, seed, Fidelity::Path);
            metric(&run, "honest_logged_out_ratio").unwrap()
        })
        .collect();
    let computers = 100.0 * f64::from(each);
    let theory = comes_to(limit + 1, count, 2.0 / computers);
    assert!((0.003..0.1).contains(&theory), "{theory}");
    let p = p_of_mean(&shares, theory);
    let mean = shares.iter().sum::<f64>() / shares.len() as f64;
    assert!(p > ALPHA, "{mean} and not {theory}: p = {p}");
    assert!(
        p_of_mean(&shares, 1.5 * theory) < ALPHA,
        "{mean} is not 1.5 × {theory}"
    );
}

/// The probability that an honest computer is logged out by so many requests in a colony of so many honest and riding
/// computers, each of which asks as often. Honest ones give to each other what they take, and to riders what these take until they have
/// been logged out.
fn logged_out(limit: usize, requests: u32, [honest, riding]: [f64; 2]) -> f64 {
    let each = 1.0 / (honest + riding);
    // How many instances a rider has taken; the last: it has been logged out.
    let mut taken = vec![0.0; limit + 2];
    taken[0] = 1.0;
    // How far an account is above -limit; what has left below is out.
    let mut account = vec![0.0; limit + 200];
    account[limit] = 1.0;
    let mut out = 0.0;
    for _ in 0..requests {
        let up = each * (1.0 + riding / honest * (1.0 - taken[limit + 1]));
        out += account[0] * each;
        let before = account.clone();
        for (place, mass) in account.iter_mut().enumerate() {
            *mass -= before[place] * (up + each);
            *mass += before.get(place + 1).map_or(0.0, |above| above * each);
            *mass += place.checked_sub(1).map_or(0.0, |below| before[below] * up);
        }
        for place in (0..=limit).rev() {
            taken[place + 1] += taken[place] * each;
            taken[place] -= taken[place] * each;
        }
    }
    out
}

/// Where there are riders as well, honest computers give more than they take, until the riders have been logged out: the
/// walk is drawn upwards for so long.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn riders_draw_the_random_walk_of_honest_computers_upwards() {
    let (limit, count) = (8, 3000);
    let riders = json!({"share": 0.2, "limit": limit});
    let config = json!({
        "brokers": {"root": 0},
        "gcus_per_broker": 200,
        "access_latency_ms": [1, 1],
        "services": {"count": 1, "density": 1},
        "acceptance_probability": 1,
        "free_riders": riders,
        "requests": {"count": count, "rate_per_s": 1, "service_time_ms": 1},
    });
    let config = Config::read(&config, "").unwrap();
    let alone = row(1);
    let shares: Vec<f64> = (0..25)
        .map(|seed| {
            let run = run(&alone, &config, seed, Fidelity::Path);
            assert!(metric(&run, "riding_logged_out_ratio") > Some(0.8));
            metric(&run, "honest_logged_out_ratio").unwrap()
        })
        .collect();
    let theory = logged_out(limit, count, [160.0, 40.0]);
    let mean = shares.iter().sum::<f64>() / shares.len() as f64;
    let p = p_of_mean(&shares, theory);
    assert!(p > ALPHA, "{mean} and not {theory}: p = {p}");
    // As if there were none, or as if they were never found out.
    let steps = comes_to(limit as u64 + 1, count.into(), 2.0 / 200.0);
    let none = logged_out(limit, count, [200.0, 0.0]);
    assert!((steps - none).abs() < 0.001, "{steps} {none}");
    assert!(p_of_mean(&shares, none) < ALPHA, "{mean} is not {none}");
}

/// With a second chance a rider is logged out by another leader as well, later than by the first one.
#[test]
fn a_second_chance_is_one() {
    let services = json!({"count": 4, "density": 0.3});
    let riders = |after: &str| json!({"share": 0.4, "limit": 1, "after": after});
    let local = |after: &str| {
        let config = one_by_one(&riders(after), 2, &services, 2500);
        let run = run(t100(), &config, 3, Fidelity::Path);
        let all = requests(&export(t100(), &run, "requests"));
        let mut rejected: BTreeMap<u32, u32> = BTreeMap::new();
        for (_, computer, outcome, _) in &all {
            *rejected.entry(*computer).or_default() += u32::from(outcome == "rejected");
        }
        // Requests are rejected as nobody is found; those of one that is barred are not issued to anybody.
        let local = all.iter().filter(|request| request.2 == "local").count();
        (local, metric(&run, "riding_logged_out_ratio").unwrap())
    };
    let (barred, elsewhere) = (local("barred"), local("elsewhere"));
    assert!(
        barred.0 > elsewhere.0 && elsewhere.0 > 0,
        "{barred:?}, {elsewhere:?}"
    );
    assert!(
        barred.1 > 0.9 && elsewhere.1 > 0.9,
        "{barred:?}, {elsewhere:?}"
    );
}

/// `world.json` says who rides: as many as are counted, and none of them provides anything.
#[test]
fn the_world_says_who_rides() {
    let services = json!({"count": 4, "density": 0.3});
    let riders = json!({"share": 0.3, "limit": null});
    let run = run(
        t100(),
        &one_by_one(&riders, 2, &services, 500),
        4,
        Fidelity::Path,
    );
    let world: Value = serde_json::from_str(&export(t100(), &run, "world")).unwrap();
    let computers = world["gcus"].as_array().unwrap();
    let rides: Vec<bool> = computers
        .iter()
        .map(|computer| computer.get("rides").is_some_and(|rides| rides == true))
        .collect();
    assert_eq!(rides.iter().filter(|rides| **rides).count(), 60);
    assert!(
        computers
            .iter()
            .all(|it| it.get("rides") != Some(&json!(false)))
    );
    let all = requests(&export(t100(), &run, "requests"));
    let providers: Vec<u32> = all.into_iter().flat_map(|request| request.3).collect();
    assert!(providers.len() > 100, "{}", providers.len());
    assert!(providers.iter().all(|id| !rides[*id as usize]));
}

#[test]
fn riders_that_cannot_be_are_refused() {
    let mut page = Page::new("Free riders that cannot be");
    for riders in [
        r#"{"share": 1.5}"#,
        r#"{"share": -0.1}"#,
        r#"{"limit": 3}"#,
        r#"{"share": 0.1, "limit": -1}"#,
        r#"{"share": 0.1, "limit": 0.5}"#,
        r#"{"share": 0.1, "limit": 3, "grace_s": -1}"#,
        r#"{"share": 0.1, "limit": 3, "after": "fired"}"#,
    ] {
        let set = format!("/system/*/free_riders={riders}");
        let arguments = ["run", "scenarios/ci/selective.json", "--set", &set];
        let output = arigatoni(&shipped(""), &arguments);
        assert_eq!(code(&output), Some(2), "{riders}");
        page.entry(&set, said(&output));
    }
    page.check("riders");
}
