//! A run whose network is taken apart, its parts played side by side on threads, is the run of one
//! piece: totals, fingerprint, report, exports, and how every unit ends.

use std::panic::{AssertUnwindSafe, catch_unwind};

use arigatoni::arigatoni::Gcu;
use arigatoni::arigatoni::config::{Search, Start};
use arigatoni::arigatoni::{Arigatoni, Config};
use arigatoni::discovery::config::Population;
use arigatoni::parameters::number::{BoundedCount, Count, DurationMs, Fraction};
use arigatoni::random::RandomStreams;
use arigatoni::simulation::network::{Conditions, Fidelity};
use arigatoni::simulation::{self, Decomposition, Run, Setting};
use arigatoni::system::{Divisible, Model, Observed, System, Underlay};
use arigatoni::time::Span;
use arigatoni::topology::Routing;
use proptest::prelude::*;

use super::fidelity::{conditions, configs, short};
use crate::support::{config, export, metric, run, t100, tried, underlay};

/// One run over `underlay`, taken apart; and into how many parts.
pub(super) fn run_apart(
    underlay: &Underlay,
    config: &Config,
    seed: u64,
    conditions: impl Into<Conditions>,
    parts: usize,
) -> (Run<Arigatoni>, usize) {
    let streams = RandomStreams::new(seed, 0);
    let system = Arigatoni::build(underlay, config, streams).unwrap();
    let decomposition = Decomposition::of(&system, underlay, parts).unwrap();
    let divisible = Arigatoni::divisible().unwrap();
    let conditions = conditions.into();
    let setting = Setting::of(underlay, streams, &conditions);
    let run = simulation::run_divided(system, setting, &decomposition, &divisible).unwrap();
    (run, decomposition.parts())
}

/// Everything that can be told of a run.
fn told(underlay: &Underlay, run: &Run<Arigatoni>) -> impl PartialEq + std::fmt::Debug + use<> {
    let system = &run.system;
    let leaders: Vec<_> = system.gcus().iter().map(Gcu::leader).collect();
    let colonies = system
        .gbus()
        .iter()
        .map(|gbu| (gbu.super_broker(), gbu.table().clone()));
    (
        run.totals,
        system.report(&run.measures, run.totals),
        system.series(&run.measures),
        ["world", "requests", "brokers"].map(|name| export(underlay, run, name)),
        leaders,
        colonies.collect::<Vec<_>>(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(tried(3, 60)))]

    #[test]
    fn parts_side_by_side_do_what_one_piece_does(
        mut config in configs(),
        by_messages: bool,
        conditions in conditions(),
        parts in 2_usize..6,
        seed: u64,
        routing in prop_oneof![Just(Routing::Latency), Just(Routing::Policy)],
    ) {
        let underlay = short(routing);
        config.own.start = if by_messages { Start::Messages } else { Start::Direct };
        let whole = run(&underlay, &config, seed, &conditions);
        let (apart, divided) = run_apart(&underlay, &config, seed, conditions, parts);
        prop_assert_eq!(divided, parts);
        prop_assert!(told(&underlay, &whole) == told(&underlay, &apart));
    }
}

/// Brokers wait at other ends of the network for what its requester gives up: their deadline hits
/// count only while the request is open, and only its own part knows until when that was.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn deadlines_are_hit_alike() {
    let underlay = underlay("ts600-0");
    let mut hits = 0.0;
    let searches = [Search::Selective, Search::Exhaustive];
    for (seed, deadline_ms) in [(1, 40), (2, 90), (3, 200), (4, 400)] {
        let mut config = config();
        config.own.search = searches[seed as usize % 2];
        config.world.services.density = Some(Fraction(0.002));
        config.world.requests.instances = Some(Count(2));
        config.world.requests.deadline_ms = DurationMs(f64::from(deadline_ms));
        let whole = run(&underlay, &config, seed, Fidelity::Path);
        hits += metric(&whole, "deadline_hits").unwrap();
        for parts in [2, 4] {
            let (apart, _) = run_apart(&underlay, &config, seed, Fidelity::Path, parts);
            assert!(told(&underlay, &whole) == told(&underlay, &apart));
        }
    }
    assert!(hits > 100.0, "{hits}");
}

/// The parts of a transit-stub graph lie far from each other: each thread has long to go by itself.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn transit_domains_are_cut_apart() {
    let underlay = underlay("ts1000-0");
    let system = Arigatoni::build(&underlay, &config(), RandomStreams::new(1, 0)).unwrap();
    let decomposition = Decomposition::of(&system, &underlay, 2).unwrap();
    let links: Vec<_> = underlay.routes.simple_links().collect();
    let cut = links
        .iter()
        .filter(|(u, v, _)| decomposition.part_of(*u) != decomposition.part_of(*v));
    let lookahead = cut.map(|link| link.2).min().unwrap();
    assert_eq!(decomposition.lookahead(), lookahead);
    let mut latencies: Vec<Span> = links.iter().map(|link| link.2).collect();
    latencies.sort_unstable();
    assert!(lookahead > latencies[latencies.len() / 2]);
    let first = |part: &&u32| **part == 0;
    let share = decomposition
        .parts_of_routers()
        .iter()
        .filter(first)
        .count();
    assert!((480..=520).contains(&share), "{share} of 1000");
}

#[test]
fn a_panic_in_one_part_ends_them_all() {
    let streams = RandomStreams::new(1, 0);
    let system = Arigatoni::build(t100(), &config(), streams).unwrap();
    let decomposition = Decomposition::of(&system, t100(), 3).unwrap();
    // Stand-ins that lack most of the units.
    let divisible = Divisible {
        placeholder: |_| {
            let mut config = config();
            config.world.gcus_per_broker = Population::Fixed(BoundedCount(0));
            Arigatoni::build(t100(), &config, RandomStreams::new(1, 0)).unwrap()
        },
        swap: |_, _, _| {},
        ..Arigatoni::divisible().unwrap()
    };
    let conditions = Fidelity::Path.into();
    let setting = Setting::of(t100(), streams, &conditions);
    let run = || simulation::run_divided(system, setting, &decomposition, &divisible).map(|_| ());
    assert!(catch_unwind(AssertUnwindSafe(run)).is_err());
}
