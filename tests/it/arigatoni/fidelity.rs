//! A packet that is followed hop by hop arrives in the nanosecond that its path says, and everything is
//! handled in the same order.

use arigatoni::arigatoni::Config;
use arigatoni::arigatoni::config::{Search, Start};
use arigatoni::discovery::config::{
    Disconnection, DisconnectionMode, Placement, Population, Requests, Units, World,
};
use arigatoni::parameters::number::{
    BoundedCount, Count, DurationMs, Enlargement, Fraction, LatencyMs, NonNegative, Positive,
};
use arigatoni::random::law::Law;
use arigatoni::simulation::Ties;
use arigatoni::simulation::network::{Conditions, Failing, Fidelity, Partition, Slowdown};
use arigatoni::system::Underlay;
use arigatoni::topology::{Routes, Routing};
use proptest::prelude::*;

use crate::support::{config, export, run, t100, tried};

/// The graph of the study with its lengths scaled down, so that many links have length 0.
pub(super) fn short(routing: Routing) -> Underlay {
    let mut graph = t100().graph.clone();
    for link in &mut graph.links {
        link.length = (link.length / 12.0).floor();
    }
    let routes = Routes::new(&graph, 1.0, routing).unwrap();
    Underlay { graph, routes }
}

prop_compose! {
    /// Links or routers that change several times in a run.
    fn alternation()(
        up_s in 0.05..20.0,
        down_s in prop_oneof![Just(0.0), 0.01..2.0],
        shape in 0.5..3.0,
        reroute_ms in prop_oneof![Just(0_u32), 1_u32..2000],
    ) -> Failing {
        let down = if down_s > 0.0 { Law::Exponential { mean_s: down_s } } else { Law::Constant(0.0) };
        Failing {
            up: Law::Weibull { shape, scale_s: up_s }.into(),
            down: down.into(),
            reroute_s: seconds(reroute_ms),
        }
    }
}

fn seconds(ms: u32) -> NonNegative {
    NonNegative(f64::from(ms) / 1e3)
}

prop_compose! {
    fn partition()(at_ms in 0_u32..600, for_ms in 0_u32..600, domain in 0_usize..4) -> Partition {
        Partition {
            at_s: seconds(at_ms),
            for_s: seconds(for_ms),
            domain: ["T:0", "S:0.0/0", "S:0.1/1", "S:0.2/0"][domain].into(),
        }
    }
}

prop_compose! {
    fn slowdown()(
        at_ms in 0_u32..600,
        for_ms in 0_u32..600,
        factor in 1.0..5.0,
        domain in prop::option::of(Just("T:0")),
    ) -> Slowdown {
        Slowdown {
            at_s: seconds(at_ms),
            for_s: seconds(for_ms),
            factor: Enlargement(factor),
            domain: domain.map(str::to_owned),
        }
    }
}

prop_compose! {
    /// Links, routers and domains that fail, and links that are slow.
    fn failures()(
        link_failures in prop::option::of(alternation()),
        router_failures in prop::option::of(alternation()),
        partitions in prop::collection::vec(partition(), 0..3),
        slowdowns in prop::collection::vec(slowdown(), 0..3),
    ) -> Conditions {
        Conditions { link_failures, router_failures, partitions, slowdowns, ..Conditions::default() }
    }
}

prop_compose! {
    /// What becomes of packets.
    pub(super) fn conditions()(
        hops: bool,
        shuffled: bool,
        loss in prop_oneof![Just(0.0), 0.0..0.5],
        duplicate in prop_oneof![Just(0.0), 0.0..0.5],
        mean_s in prop::option::of(1e-4..0.1),
        failures in prop_oneof![Just(Conditions::default()), failures()],
    ) -> Conditions {
        Conditions {
            fidelity: if hops { Fidelity::Hop } else { Fidelity::Path },
            loss: Fraction(loss),
            duplicate: Fraction(duplicate),
            jitter_s: mean_s.map_or(Law::Constant(0.0), |mean_s| Law::Exponential { mean_s }).into(),
            ties: if shuffled { Ties::Shuffled } else { Ties::Canonical },
            ..failures
        }
    }
}

prop_compose! {
    pub(super) fn configs()(
        search in prop_oneof![Just(Search::Selective), Just(Search::Exhaustive)],
        placement in prop_oneof![Just(Placement::EveryRouter), Just(Placement::Domains)],
        units in prop_oneof![Just(Units::Gcus), Just(Units::Gbus), Just(Units::All)],
        crash_ms in prop::option::of(1_u64..3000),
        (rate, alpha) in (0.0..1.0, 0.2..1.0),
        (gcus, instances) in (1_u32..4, 1_u32..5),
        access_ms_max in 0_u64..6,
        deadline_ms in 1_u64..2000,
        slots in prop::option::of(1_u32..3),
    ) -> Config {
        let Config { world, mut own } = config();
        own.search = search;
        let mut world = World {
            disconnection: Disconnection {
                rate: Fraction(rate),
                units,
                mode: match crash_ms {
                    None => DisconnectionMode::Unregister,
                    Some(_) => DisconnectionMode::Crash,
                },
                timeout_ms: DurationMs(crash_ms.unwrap_or(1) as f64),
            },
            acceptance_probability: Fraction(alpha),
            slots: slots.map(Count),
            requests: Requests {
                count: Some(Count(120)),
                rate_per_s: Some(Positive(200.0)),
                instances: Some(Count(instances)),
                deadline_ms: DurationMs(deadline_ms as f64),
                ..world.requests.clone()
            },
            ..world
        };
        world.brokers.placement = placement;
        world.gcus_per_broker = Population::Fixed(BoundedCount(gcus));
        world.access_latency_ms = [LatencyMs(0.0), LatencyMs(access_ms_max as f64)];
        Config { world, own }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(tried(3, 60)))]

    #[test]
    fn both_fidelities_deliver_at_the_same_nanosecond(
        mut config in configs(),
        conditions in conditions(),
        by_messages: bool,
        seed: u64,
        routing in prop_oneof![Just(Routing::Latency), Just(Routing::Policy)],
    ) {
        let underlay = short(routing);
        config.own.start = if by_messages { Start::Messages } else { Start::Direct };
        let [path, hop] = [Fidelity::Path, Fidelity::Hop].map(|fidelity| {
            run(&underlay, &config, seed, Conditions { fidelity, ..conditions.clone() })
        });
        prop_assert_eq!(path.totals, hop.totals);
        for name in ["requests", "brokers"] {
            prop_assert_eq!(export(&underlay, &path, name), export(&underlay, &hop, name));
        }
    }
}
