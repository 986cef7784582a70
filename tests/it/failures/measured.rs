//! What is measured where units fail, against what must come out.

use arigatoni::parameters::number::{Fraction, NonNegative};
use arigatoni::simulation::network::{Conditions, Partition};

use super::*;

/// The chance that of `trials` that fail with the chance `q` each, `misses` in a row do.
fn chance_of_a_run(q: f64, misses: usize, trials: u64) -> f64 {
    // By how many of the last ones have failed.
    let mut chances = vec![0.0; misses + 1];
    chances[0] = 1.0;
    for _ in 0..trials {
        let mut next = vec![0.0; misses + 1];
        next[misses] = chances[misses];
        for (failed, chance) in chances[..misses].iter().enumerate() {
            next[failed + 1] += chance * q;
            next[0] += chance * (1.0 - q);
        }
        chances = next;
    }
    chances[misses]
}

/// A heartbeat or its acknowledgement is lost with the probability p each. So an exchange fails with
/// q = 1 − (1 − p)², and a leader strikes each computer within n heartbeats with the chance that m exchanges in a row
/// fail, independently of all others.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn computers_are_struck_as_often_as_heartbeats_get_lost() {
    const UNTIL: Span = Span::from_s(20);
    /// Seven cases, two-sided, 99.9 % for all of them: Φ⁻¹(1 − 0.001 ÷ 14).
    const DEVIATIONS: f64 = 3.81;
    let prompt = [
        (0.02, 1, 1000),
        (0.1, 2, 1000),
        (0.2, 3, 1000),
        (0.3, 4, 1000),
    ];
    // A member that hears nothing for so long registers anew, and is forgiven; here hardly ever.
    let patient = [(0.02, 1, 2500), (0.05, 2, 2500), (0.1, 3, 4700)];
    for (p, misses, timeout_ms) in prompt.into_iter().chain(patient) {
        let parameters = json!({
            "gcus_per_broker": 8,
            "return_ms": 3000,
            "faults": {"at": [{"unit": "gcu/0", "crash_s": 30}]},
            "detection": {"heartbeat_ms": 1000, "timeout_ms": timeout_ms, "misses": misses},
            "requests": {"count": 2, "interarrival": 25, "deadline_ms": 5000},
        });
        let config = Config::read(&parameters, "").unwrap();
        let conditions = Conditions {
            loss: Fraction(p),
            ..Conditions::from(Fidelity::Path)
        };
        let run = run(t100(), &config, SEED, conditions);
        let membership = export(t100(), &run, "membership");
        let struck = membership.lines().skip(1).filter_map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let at = Span::from_ns(cells[0].parse().unwrap());
            (cells[2] == "struck" && cells[1].starts_with("gcu/") && at <= UNTIL)
                .then(|| cells[1].to_owned())
        });
        let struck = struck.collect::<std::collections::BTreeSet<String>>().len() as f64;
        let q = 1.0 - (1.0 - p) * (1.0 - p);
        let second = Span::from_s(1);
        let population = &run.system.world().population;
        let chances = population.computers().map(|computer| {
            let leader = u64::from(computer.broker);
            let first =
                RandomStreams::new(SEED, 0).span(FIRST_HEARTBEAT, leader, 0, [Span::ZERO, second]);
            // Those of which the acknowledgement is due in time.
            let timeout = Span::from_ns(timeout_ms * 1_000_000);
            let heartbeats = (UNTIL - first - timeout).as_ns() / second.as_ns() + 1;
            chance_of_a_run(q, misses, heartbeats)
        });
        let chances: Vec<f64> = chances.collect();
        let expected: f64 = chances.iter().sum();
        let variance: f64 = chances.iter().map(|chance| chance * (1.0 - chance)).sum();
        let apart = (struck - expected).abs();
        assert!(
            apart < DEVIATIONS * variance.sqrt(),
            "{p} {misses} {timeout_ms}: {struck}, not {expected}"
        );
        let counts = ["suspicions", "suspicions_wrong"];
        let [all, wrong] = counts.map(|column| metric(&run, column).unwrap());
        assert!(all - wrong <= 1.0, "one leader is right, in the end");
    }
}

/// A domain is cut off for a while: that is observed as failures are, without any heartbeat.
#[test]
fn a_partition_is_something_that_heals() {
    let mut config = failing(&Value::Null, &Value::Null);
    config.own.return_ms = serde_json::from_value(json!(3000)).unwrap();
    let whole = run(t100(), &config, SEED, Fidelity::Path);
    assert_eq!(metric(&whole, "orphans_ratio"), None);
    let conditions = Conditions {
        partitions: vec![Partition {
            at_s: NonNegative(10.0),
            for_s: NonNegative(20.0),
            domain: "S:0.0/1".into(),
        }],
        ..Conditions::from(Fidelity::Path)
    };
    let cut = run(t100(), &config, SEED, conditions);
    assert!(metric(&cut, "orphans_ratio").is_some());
    assert!(metric(&cut, "upkeep_per_unit_s").unwrap() > 0.0);
    assert_eq!(metric(&cut, "detect_ms_mean"), None, "nobody crashes");
    // Those issued before it count as before, those of the 20 s and until all is repaired as during it.
    let text = export(t100(), &cut, "requests");
    let share = |from: u64, to: u64| {
        let rows = text.lines().skip(1);
        let rows = rows.filter(|row| {
            let time: u64 = row.split(',').nth(1).unwrap().parse().unwrap();
            (from * 1_000_000_000..to * 1_000_000_000).contains(&time)
        });
        let accepted = rows
            .clone()
            .filter(|row| row.contains(",accepted,"))
            .count();
        accepted as f64 / rows.count() as f64
    };
    let column = |name| metric(&cut, name).unwrap();
    let [before, during, after] =
        ["acceptance_before", "acceptance_during", "acceptance_after"].map(column);
    assert!((before - share(0, 10)).abs() < 1e-9, "{before}");
    assert!((during - share(10, 30)).abs() < 0.05, "{during}");
    assert!(
        during < before && during < after,
        "{before} {during} {after}"
    );
}

/// The cells of `requests.csv`: the time, the requester, the first provider, the hops, the level.
fn ways(run: &Run<Arigatoni>) -> Vec<(u64, u32, u32, u32, u32)> {
    let text = export(t100(), run, "requests");
    let accepted = text.lines().filter(|line| line.contains(",accepted,"));
    let ways = accepted.map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |cell: &str| cell.parse().unwrap();
        let first = cells[6].split(';').next().unwrap();
        let time = cells[1].parse().unwrap();
        (
            time,
            number(cells[2]),
            number(first),
            number(cells[9]),
            number(cells[10]),
        )
    });
    ways.collect()
}

/// Where nothing fails, nobody moves: what brokers tell of a query's way is what the tree tells.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn hops_and_levels_are_told_as_the_tree_tells_them() {
    let detection = json!({"heartbeat_ms": 500, "timeout_ms": 1000, "misses": 2});
    let mut config = failing(&Value::Null, &detection);
    config.world.requests.instances = serde_json::from_value(json!(3)).unwrap();
    let still = run(t100(), &config, SEED, Fidelity::Path);
    config.own.migration = serde_json::from_value(json!({"to": "random"})).unwrap();
    let moving = run(t100(), &config, SEED, Fidelity::Path);
    let text = |run| export(t100(), run, "requests");
    assert_eq!(text(&still), text(&moving));
    assert_eq!(metric(&still, "hops_mean"), metric(&moving, "hops_mean"));
}

/// Some brokers crash for good, the root among them; whoever is below them finds other leaders. Requests that come when
/// all have settled go the way that the last tree tells, which is not the first one.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn hops_and_levels_are_those_of_the_tree_at_the_time() {
    let dead = [t100_root(), 0, 7, 18, 40];
    let at: Vec<Value> = dead.iter().map(|&id| crash(id, 5.0, None)).collect();
    let run = elected_for(1200, &at, &json!({"to": "random"}));
    let membership = export(t100(), &run, "membership");
    let times = membership
        .lines()
        .skip(1)
        .filter(|line| !line.contains(",end,"));
    let last = times
        .filter_map(|line| line.split(',').next()?.parse::<u64>().ok())
        .max();
    let brokers = run.system.gbus();
    let world = run.system.world();
    let above = |id: u32| brokers[id as usize].super_broker().map(UnitId::index);
    let up = |id: u32| std::iter::successors(Some(id), |&id| above(id)).collect::<Vec<u32>>();
    let (mut compared, mut moved) = (0, 0);
    for (time, requester, provider, hops, level) in ways(&run) {
        if time <= last.unwrap() {
            continue;
        }
        let leaders = [requester, provider].map(|gcu| run.system.gcus()[gcu as usize].leader());
        let [own, other] = leaders.map(|leader| up(leader.unwrap().index()));
        let meet = own.iter().position(|id| other.contains(id)).unwrap();
        let down = other.iter().position(|id| *id == own[meet]).unwrap();
        assert_eq!(
            (hops as usize, level as usize),
            (2 + meet + down, meet),
            "at {time}"
        );
        let homes = [requester, provider].map(|gcu| world.population.computer(gcu).broker);
        compared += 1;
        moved += u32::from(world.brokers.distance(homes[0], homes[1]) + 2 != hops);
    }
    assert!(compared > 100 && moved > 20, "{compared} {moved}");
}

/// A leader with a broker below it crashes for good. In the end its colony has a living leader, and one tree is left.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn every_colony_that_can_has_a_leader_in_the_end() {
    let config = failing(&Value::Null, &Value::Null);
    let system = Arigatoni::build(t100(), &config, RandomStreams::new(SEED, 0)).unwrap();
    let list = system.world().brokers.list();
    let leads = |id: &u32| list.iter().any(|it| it.parent == Some(*id));
    let leaders: Vec<u32> = (0..list.len() as u32).filter(leads).collect();
    assert!(leaders.len() > 8, "{leaders:?}");
    for &dead in leaders.iter().step_by(5).chain([&t100_root()]) {
        let run = elected(&[crash(dead, 5.0, None)], &Value::Null);
        assert_eq!(metric(&run, "elections_won"), Some(1.0), "gbu/{dead}");
        let led = run
            .system
            .gcus()
            .iter()
            .map(arigatoni::arigatoni::Gcu::leader);
        let lost = led.filter(|leader| leader.is_none_or(|leader| leader == gbu(dead)));
        assert_eq!(
            lost.count(),
            0,
            "gbu/{dead}: a computer without a living leader"
        );
        let brokers = run
            .system
            .gbus()
            .iter()
            .zip(0..)
            .filter(|(_, id)| *id != dead);
        let roots = brokers.filter(|(broker, _)| broker.super_broker().is_none());
        assert_eq!(roots.count(), 1, "gbu/{dead}");
    }
}

/// Where packets get lost as units register, some are with other leaders when requests begin, and their first leaders list them
/// still. That is broken from the beginning on, until these find it out; but whoever is where it believes to be is no orphan.
#[test]
fn who_has_gone_elsewhere_before_the_requests_is_no_orphan() {
    let parameters = json!({
        "start": "messages",
        "gcus_per_broker": 2,
        "return_ms": 5000,
        "detection": {"heartbeat_ms": 1000, "timeout_ms": 1000, "misses": 20},
        "migration": {"to": "random", "delay_ms": 1},
        // They end before anybody takes its leader for gone again.
        "requests": {"for_s": 12, "rate_per_s": 5, "deadline_ms": 1500},
    });
    let config = Config::read(&parameters, "").unwrap();
    let conditions = arigatoni::simulation::network::Conditions {
        loss: arigatoni::parameters::number::Fraction(0.3),
        ..Fidelity::Path.into()
    };
    let run = run(t100(), &config, 1, conditions);
    let world = run.system.world();
    let first = |id: u32| Some(gbu(world.population.computer(id).broker));
    let computers = run.system.gcus().iter().zip(0..);
    let moved = computers.filter(|(computer, id)| computer.leader() != first(*id));
    assert!(moved.count() > 5);
    let of_run = |name| metric(&run, name);
    assert_eq!(of_run("suspicions"), Some(0.0));
    assert_eq!(of_run("orphans_ratio"), Some(0.0));
    assert!(of_run("repair_ms_max").is_some_and(|ms| ms > 1000.0));
}

/// Who is logged out by a script works by itself from then on: it is nobody's orphan, and nobody takes it for gone.
#[test]
fn who_is_logged_out_by_a_script_is_nobodys_orphan() {
    let orphans = |label: &str| {
        let parameters = json!({
            "gcus_per_broker": 2,
            "return_ms": 3000,
            "detection": {"heartbeat_ms": 1000, "timeout_ms": 1000, "misses": 2},
            "overlay": {"script": [label]},
            "requests": {"count": 100, "rate_per_s": 10, "deadline_ms": 5000},
        });
        let config = Config::read(&parameters, "").unwrap();
        let run = run(t100(), &config, SEED, Fidelity::Path);
        assert_eq!(metric(&run, "suspicions_wrong"), Some(0.0), "{label}");
        metric(&run, "orphans_ratio").unwrap()
    };
    assert!(orphans("5s fire g0 B0").abs() < 1e-12);
    assert!(orphans("5s fail B0") > 0.0, "its members are orphans");
}

/// Brokers that a cut has separated from leaders that live elect nobody, and return soon after its end: a candidate asks its
/// leader as well. Without that they wait until eight votes are lost.
#[test]
fn who_elects_nobody_returns_soon_after_a_cut() {
    const END: Span = Span::from_s(70);
    let parameters = json!({
        "brokers": {"placement": {"tree": 3}},
        "gcus_per_broker": 2,
        "return_ms": 5000,
        "detection": {"heartbeat_ms": 2000, "timeout_ms": 2000, "misses": 2},
        "election": true,
        "requests": {"for_s": 112, "rate_per_s": 1, "deadline_ms": 5000},
    });
    let config = Config::read(&parameters, "").unwrap();
    let conditions = Conditions {
        partitions: vec![Partition {
            at_s: NonNegative(10.0),
            for_s: NonNegative(60.0),
            domain: "T:0".into(),
        }],
        ..Conditions::from(Fidelity::Path)
    };
    let run = run(t100(), &config, SEED, conditions);
    let membership = export(t100(), &run, "membership");
    let times = |event: &str| {
        let rows = membership.lines().filter(|line| line.contains(event));
        let times = rows.map(|line| line.split(',').next().unwrap().parse().unwrap());
        times.map(Span::from_ns).collect::<Vec<_>>()
    };
    let (struck, back) = (times(",struck,"), times(",registered,"));
    assert!(struck.len() > 50, "{} are struck", struck.len());
    let soon = back.iter().filter(|at| **at < END + Span::from_s(40));
    assert!(soon.count() >= struck.len(), "{back:?}");
}
