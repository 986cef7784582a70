//! Requests that are content with fewer instances than they ask for, and computers that give several,
//! against brute force.

use std::collections::BTreeMap;

use arigatoni::arigatoni::Config;
use arigatoni::arigatoni::config::Search;
use arigatoni::discovery::config::Population;
use arigatoni::parameters::number::{BoundedCount, Count, DurationMs, Fraction};
use arigatoni::simulation::network::Fidelity;

use super::oracle::{self, Request, World};
use crate::support::{config, export, metric, run, t100};

/// A world with few offers, in which `instances` are asked for, and one computer gives up to `each`.
fn scarce(instances: u32, at_least: u32, each: u32) -> Config {
    let mut config = config();
    config.world.gcus_per_broker = Population::Fixed(BoundedCount(2));
    config.world.services.density = Some(Fraction(0.04));
    config.world.services.instances = Count(each);
    config.world.disconnection.rate = Fraction(0.1);
    config.world.acceptance_probability = Fraction(1.0);
    config.world.requests.instances = Some(Count(instances));
    config.world.requests.at_least = Some(Count(at_least));
    config.world.requests.distinct = each == 1;
    config
}

/// How often each provider of a request stands in its list.
fn times(request: &Request) -> BTreeMap<usize, usize> {
    let mut times = BTreeMap::new();
    for provider in &request.providers {
        *times.entry(*provider).or_default() += 1;
    }
    times
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn with_certain_agreement_as_many_are_found_as_brute_force_finds() {
    let mut counts = BTreeMap::new();
    for search in [Search::Selective, Search::Exhaustive] {
        for (instances, at_least, each) in [(3, 1, 1), (6, 6, 4), (5, 2, 3), (12, 8, 5)] {
            let mut config = scarce(instances, at_least, each);
            config.own.search = search;
            let run = run(t100(), &config, 5, Fidelity::Path);
            assert_eq!(metric(&run, "deadline_hits"), Some(0.0));
            let world = World::parse(&export(t100(), &run, "world"));
            let requests = oracle::requests(&export(t100(), &run, "requests"));
            for request in &requests {
                if !world.is_connected(request.gcu) {
                    assert_eq!(request.outcome, "local");
                    continue;
                }
                let able = world.able_in_tree(request);
                let there = able.len() * each as usize;
                let found = there.min(instances as usize);
                let is_accepted = found >= at_least as usize;
                let outcome = ["rejected", "accepted"][usize::from(is_accepted)];
                assert_eq!(request.outcome, outcome);
                let used = if is_accepted { found } else { 0 };
                assert_eq!(request.providers.len(), used);
                for (provider, times) in times(request) {
                    assert!(able.contains(&provider) && times <= each as usize);
                }
                let is_partial = is_accepted && found < instances as usize;
                if is_partial {
                    assert_eq!(request.level, Some(world.passes(request.gcu)));
                }
                assert_eq!(request.level.is_some(), is_accepted);
                *counts.entry((outcome, is_partial)).or_insert(0) += 1;
            }
            // All slots are free in the end, and who has served is counted.
            assert_eq!(metric(&run, "completed"), metric(&run, "accepted"));
        }
    }
    assert!(
        counts.len() == 3 && counts.values().all(|&count| count > 100),
        "{counts:?}"
    );
}

/// Whoever refuses is no reason to find less: each computer is asked for all that it may give.
#[test]
fn both_orders_of_search_find_the_same_number() {
    let found = |search| -> Vec<usize> {
        let mut config = scarce(6, 1, 4);
        config.world.acceptance_probability = Fraction(0.5);
        config.own.search = search;
        let run = run(t100(), &config, 9, Fidelity::Path);
        let requests = oracle::requests(&export(t100(), &run, "requests"));
        requests
            .iter()
            .map(|request| request.providers.len())
            .collect()
    };
    let selective = found(Search::Selective);
    assert_eq!(selective, found(Search::Exhaustive));
    let counts: BTreeMap<usize, usize> =
        selective.iter().fold(BTreeMap::new(), |mut all, found| {
            *all.entry(*found).or_default() += 1;
            all
        });
    assert!(
        [0, 4, 6].iter().all(|found| counts.get(found) > Some(&10)),
        "{counts:?}"
    );
}

/// A computer gives no more than it has slots, one for each instance.
#[test]
fn slots_limit_what_one_computer_gives() {
    let mut config = scarce(8, 1, 8);
    config.world.slots = Some(Count(3));
    config.world.requests.service_time_ms = DurationMs(0.0);
    config.world.requests.rate_per_s = Some(arigatoni::parameters::number::Positive(0.1));
    let run = run(t100(), &config, 5, Fidelity::Path);
    let requests = oracle::requests(&export(t100(), &run, "requests"));
    let most = requests
        .iter()
        .flat_map(|request| times(request).into_values())
        .max();
    assert_eq!(most, Some(3));
}

/// A request may be content with fewer; those for which all are found are as they were.
#[test]
fn who_is_content_with_fewer_changes_no_complete_request() {
    let outcomes = |at_least| {
        let run = run(t100(), &scarce(3, at_least, 1), 5, Fidelity::Path);
        oracle::requests(&export(t100(), &run, "requests"))
    };
    let (strict, content) = (outcomes(3), outcomes(1));
    let mut complete = 0;
    for (strict, content) in strict.iter().zip(&content) {
        if strict.outcome == "accepted" {
            complete += 1;
            assert_eq!(strict.providers, content.providers);
            assert_eq!(
                (strict.level, strict.latency_ns),
                (content.level, content.latency_ns)
            );
        }
    }
    assert!(complete > 50, "{complete}");
}
