//! Links and routers that fail, domains that are cut off, and the ways around them.

use arigatoni::arigatoni::config::Start;
use arigatoni::fingerprint::{Encode, Encoder};
use arigatoni::parameters::number::{Enlargement, NonNegative};
use arigatoni::random::RandomStreams;
use arigatoni::random::law::Law;
use arigatoni::simulation::network::{
    Conditions, Failing, Fidelity, Network, Partition, Slowdown, Trip,
};
use arigatoni::system::{Site, Underlay};
use arigatoni::time::Time;
use arigatoni::topology::{Domain, Graph, Link, Origin, Router};
use arigatoni::topology::{RouterId, Routes, Routing};
use arigatoni::unit::UnitId;
use serde::Serialize;
use serde_json::json;

use crate::command::{arigatoni, code, put, said};
use crate::review::Page;
use crate::support::{config, export, metric, run, shipped, t100};

/// What packets carry does not matter here.
#[derive(Debug, Clone, Serialize)]
struct Nothing;

impl Encode for Nothing {
    fn encode(&self, _: &mut Encoder) {}
}

type Wire<'u> = Network<'u, Nothing>;

fn unit(index: u32) -> UnitId {
    UnitId::new(0, index)
}

fn at(ms: u64) -> Time {
    Time::from_ns(ms * 1_000_000)
}

/// Routers with these labels, and links with their latencies in milliseconds.
fn underlay(labels: &[&str], links: &[(u32, u32, f64)]) -> Underlay {
    let router = |label: &&str| Router {
        label: (*label).into(),
        position: None,
        domain: Domain::from_label(label),
    };
    let link = |&(a, b, length): &(u32, u32, f64)| Link {
        ends: [a, b].map(RouterId),
        length,
        weight: 0,
    };
    let graph = Graph {
        id: "small".into(),
        origin: Origin::Other,
        routers: labels.iter().map(router).collect(),
        links: links.iter().map(link).collect(),
        loops_unlisted: 0,
        latencies: None,
    };
    let routes = Routes::new(&graph, 1.0, Routing::Latency).unwrap();
    Underlay { graph, routes }
}

/// The network with a unit on each router, which fails from time 0 on.
fn network<'u>(underlay: &'u Underlay, failures: &Conditions, seed: u64) -> Wire<'u> {
    let network = Network::new(&underlay.routes);
    let mut network = network.under(failures, underlay, RandomStreams::new(seed, 0));
    for router in 0..underlay.routes.router_count() {
        let router = RouterId(router);
        let access = None;
        network.attach(unit(router.0), Site { router, access });
    }
    network.begin_failures(Some(Time::ZERO));
    network
}

/// What becomes of a packet that is sent at `time`.
fn trip(network: &mut Wire<'_>, from: u32, to: u32, time: Time) -> Trip {
    network.trip((unit(from), unit(to)), time, time)
}

fn partition(domain: &str, at_ms: u32, for_ms: u32) -> Conditions {
    let [at_s, for_s] = [at_ms, for_ms].map(|ms| NonNegative(f64::from(ms) / 1e3));
    Conditions {
        partitions: vec![Partition {
            at_s,
            for_s,
            domain: domain.into(),
        }],
        ..Conditions::default()
    }
}

fn slowdown(domain: Option<&str>, at_ms: u32, for_ms: u32, factor: f64) -> Slowdown {
    let [at_s, for_s] = [at_ms, for_ms].map(|ms| NonNegative(f64::from(ms) / 1e3));
    Slowdown {
        at_s,
        for_s,
        factor: Enlargement(factor),
        domain: domain.map(str::to_owned),
    }
}

fn exponential(mean_s: f64) -> Law {
    Law::Exponential { mean_s }
}

/// Routes know of each change at once.
fn alternation(up: Law, down: Law) -> Failing {
    Failing {
        up: up.into(),
        down: down.into(),
        reroute_s: NonNegative(0.0),
    }
}

#[test]
fn a_link_loses_the_share_of_packets_that_theory_tells() {
    let two = underlay(&["a", "b"], &[(0, 1, 100.0)]);
    let (up_s, down_s, count) = (1.5, 0.5, 20_000);
    let alternation = || Some(alternation(exponential(up_s), exponential(down_s)));
    // A packet gets through if the link is up and does not fail while it is crossed.
    let through = up_s / (up_s + down_s) * (-0.1 / up_s).exp();
    // Or if both routers are up when it leaves (else there is no way), and the second one, which may be
    // down meanwhile, is when it gets there.
    let share = up_s / (up_s + down_s);
    let again = share + (1.0 - share) * (-0.1 * (1.0 / up_s + 1.0 / down_s)).exp();
    let both = share * share * again;
    for (failures, wanted) in [
        (
            Conditions {
                link_failures: alternation(),
                ..Conditions::default()
            },
            through,
        ),
        (
            Conditions {
                router_failures: alternation(),
                ..Conditions::default()
            },
            both,
        ),
    ] {
        let mut network = network(&two, &failures, 5);
        // Far enough from each other to be independent.
        let arrives = (0..count).filter(|n| trip(&mut network, 0, 1, at(n * 5000)).arrives);
        let arrived = arrives.count() as f64 / count as f64;
        assert!((arrived - wanted).abs() < 0.012, "{arrived} {wanted}");
    }
    // In the beginning it is as at any other time.
    let begun = (0..2000).filter(|seed| {
        let failures = Conditions {
            link_failures: alternation(),
            ..Conditions::default()
        };
        trip(&mut network(&two, &failures, *seed), 0, 1, Time::ZERO).arrives
    });
    let begun = begun.count() as f64 / 2000.0;
    assert!((begun - through).abs() < 0.04, "{begun} {through}");
}

#[test]
fn packets_go_another_way_after_the_rerouting_time_and_come_back() {
    // The short way over the domain that is cut off, and a long one.
    let links = [(0, 1, 10.0), (1, 2, 10.0), (0, 3, 30.0), (3, 2, 30.0)];
    let ring = underlay(&["a", "T:0.0", "b", "c"], &links);
    let mut network = network(&ring, &partition("T:0", 10_000, 5000), 1);
    let short = (true, 20, 2);
    let long = (true, 60, 2);
    for (time, wanted) in [
        (0, short),
        (9979, short),
        // It is done with the last link when that fails.
        (9980, short),
        // It is on the second link then.
        (9981, (false, 0, 1)),
        // On the first.
        (9995, (false, 0, 0)),
        (10_999, (false, 0, 0)),
        (11_000, long),
        (15_999, long),
        (16_000, short),
    ] {
        let trip = trip(&mut network, 0, 2, at(time));
        let lasts = if trip.arrives {
            trip.lasts.as_ns() / 1_000_000
        } else {
            0
        };
        assert_eq!((trip.arrives, lasts, trip.links), wanted, "{time}");
    }
    let isolated = trip(&mut network, 0, 1, at(12_000));
    assert!(!isolated.arrives, "there is no way to what is cut off");
}

#[test]
fn slow_links_take_longer_and_packets_go_round_them_after_the_rerouting_time() {
    let links = [(0, 1, 10.0), (1, 2, 10.0), (0, 3, 30.0), (3, 2, 30.0)];
    let ring = underlay(&["a", "T:0.0", "b", "c"], &links);
    let short = |ms| (true, ms, 2);
    let long = (true, 60, 2);
    let times = [
        0, 9989, 9990, 9999, 10_000, 10_999, 11_000, 14_999, 15_999, 16_000,
    ];
    let of_domain = vec![slowdown(Some("T:0"), 10_000, 5000, 4.0)];
    // What concerns a link less than another slowdown adds nothing; a factor of 1 changes nothing.
    let mut with_less = of_domain.clone();
    with_less.push(slowdown(None, 12_000, 1000, 1.0));
    let of_all = vec![slowdown(None, 10_000, 5000, 4.0)];
    let round = [20, 20, 50, 50, 80, 80, 60, 60, 60, 20];
    let straight = [20, 20, 50, 50, 80, 80, 80, 50, 20, 20];
    for (slowdowns, wanted) in [(of_domain, round), (with_less, round), (of_all, straight)] {
        let conditions = Conditions {
            slowdowns,
            ..Conditions::default()
        };
        let mut network = network(&ring, &conditions, 1);
        for (time, ms) in times.into_iter().zip(wanted) {
            let wanted = if ms == 60 { long } else { short(ms) };
            let trip = trip(&mut network, 0, 2, at(time));
            let found = (trip.arrives, trip.lasts.as_ns() / 1_000_000, trip.links);
            assert_eq!(found, wanted, "{time}");
        }
    }
}

/// Which routers each router reaches over the links that have both ends, or neither, in `domain`.
fn reach(graph: &Graph, domain: Domain) -> Vec<Vec<bool>> {
    let inside = |router: RouterId| graph.routers[router.index()].domain == domain;
    let count = graph.routers.len();
    let from = |start: usize| {
        let mut seen = vec![false; count];
        seen[start] = true;
        loop {
            let before = seen.clone();
            for link in &graph.links {
                let [a, b] = link.ends;
                if inside(a) == inside(b) && (seen[a.index()] || seen[b.index()]) {
                    seen[a.index()] = true;
                    seen[b.index()] = true;
                }
            }
            if seen == before {
                return seen;
            }
        }
    };
    (0..count).map(from).collect()
}

#[test]
fn a_partition_cuts_what_lies_between_the_domain_and_the_others_and_nothing_else() {
    let underlay = t100();
    for name in ["T:0", "S:0.1/0"] {
        let domain = Domain::from_name(name);
        assert_eq!(domain.name().as_deref(), Some(name));
        assert!(underlay.graph.domains().contains(&domain));
        let reach = reach(&underlay.graph, domain);
        let mut network = network(underlay, &partition(name, 1000, 4000), 1);
        let (mut cut, mut whole) = (0, 0);
        for from in (0..100).step_by(3) {
            for to in 0..100 {
                let meanwhile = trip(&mut network, from, to, at(2500));
                let reached = reach[from as usize][to as usize];
                assert_eq!(meanwhile.arrives, reached, "{name}: {from} to {to}");
                if reached {
                    whole += 1;
                } else {
                    cut += 1;
                }
            }
        }
        assert!(cut > 100 && whole > 100, "{cut} {whole}");
        for time in [0, 6000] {
            let mut network = self::network(underlay, &partition(name, 1000, 4000), 1);
            for to in 0..100 {
                let ideal = underlay.routes.latency(RouterId(7), RouterId(to));
                let trip = trip(&mut network, 7, to, at(time));
                assert_eq!(
                    (trip.arrives, trip.lasts),
                    (true, ideal),
                    "{name}: {to} at {time}"
                );
            }
        }
    }
}

#[test]
fn routes_are_the_best_over_what_is_up() {
    // Without rerouting time and with periods much longer than a way, what arrives took the best way.
    let underlay = t100();
    let alternation = || Some(alternation(exponential(4e6), exponential(1e5)));
    let failures = Conditions {
        link_failures: alternation(),
        router_failures: alternation(),
        ..Conditions::default()
    };
    let mut network = network(underlay, &failures, 3);
    let (mut same, mut longer, mut lost) = (0, 0, 0);
    for time in (0..400).map(|n| at(n * 20_000_000)) {
        for (from, to) in [(0, 99), (17, 60), (42, 5)] {
            let there = trip(&mut network, from, to, time);
            let back = trip(&mut network, to, from, time);
            let ideal = underlay.routes.latency(RouterId(from), RouterId(to));
            if !there.arrives || !back.arrives {
                lost += 1;
            } else if there.lasts == ideal {
                same += 1;
            } else {
                assert!(there.lasts > ideal);
                assert_eq!(there.lasts, back.lasts);
                longer += 1;
            }
        }
    }
    assert!(
        same > 50 && longer > 50 && lost > 50,
        "{same} {longer} {lost}"
    );
}

#[test]
fn nothing_fails_before_the_measured_phase() {
    let mut config = config();
    config.own.start = Start::Messages;
    let never_up = alternation(Law::Constant(0.0), Law::Constant(1.0));
    let conditions = Conditions {
        router_failures: Some(never_up),
        ..Conditions::default()
    };
    let ideal = run(t100(), &config, 1, Fidelity::Path);
    let down = run(t100(), &config, 1, conditions);
    let tables = |run: &arigatoni::simulation::Run<_>| export(t100(), run, "world");
    assert_eq!(tables(&ideal), tables(&down));
    let colonies = |run: &arigatoni::simulation::Run<arigatoni::arigatoni::Arigatoni>| {
        let gbus = run.system.gbus().iter();
        gbus.map(|gbu| gbu.table().clone()).collect::<Vec<_>>()
    };
    assert!(colonies(&ideal) == colonies(&down));
    assert_eq!(metric(&down, "acceptance_ratio"), Some(0.0));
    assert!(metric(&ideal, "acceptance_ratio") > Some(0.5));
}

#[test]
fn what_does_not_fit_the_graph_is_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let at = |domain: &str| json!({"at_s": 1, "for_s": 1, "domain": domain});
    let vanishing = json!({"lognormal": {"mu": -300, "sigma": 1}});
    let mut page = Page::new("Outages that do not fit the graph");
    for (network, place) in [
        (
            json!({"partitions": [at("T:0"), at("T:7")]}),
            "/network/partitions/1/domain",
        ),
        (
            json!({"slowdowns": [{"at_s": 1, "for_s": 1, "factor": 2, "domain": "T:9"}]}),
            "/network/slowdowns/0/domain",
        ),
        (
            json!({"slowdowns": [{"at_s": 1, "for_s": 1, "factor": 1e9}]}),
            "/network/slowdowns/0/factor",
        ),
        (
            json!({"link_failures": {"up": 0.1, "down": 0.01}}),
            "/network/link_failures",
        ),
        (
            json!({"router_failures": {"up": vanishing, "down": 0}}),
            "/network/router_failures",
        ),
    ] {
        let topology = json!({"file": shipped("topologies/t100-0.gb")});
        let scenario = json!({"version": 1, "name": "x", "topology": topology, "network": network});
        put(folder.path(), "x.json", &scenario);
        let output = arigatoni(folder.path(), &["run", "x.json"]);
        let error = said(&output);
        assert_eq!(code(&output), Some(2), "{error}");
        assert!(error.contains(place), "{error}");
        page.entry(&network.to_string(), error);
    }
    page.check_section("systems-refused");
}
