//! What a scenario writes reaches the run as it is meant.

use arigatoni::parameters::decode;
use arigatoni::parameters::law::LawSpec;
use arigatoni::parameters::number::{
    Bandwidth, Count, Enlargement, Fraction, LatencyMs, NonNegative, Positive, QueueLength,
};
use arigatoni::scenario;
use arigatoni::simulation::Ties;
use arigatoni::simulation::network::{Conditions, Failing, Fidelity, Partition, Slowdown};
use arigatoni::topology::{Format, LengthUnit, ReadOptions};
use serde_json::{Value, json};

use super::{arigatoni_of, parse};

/// A scenario in which no member that can be another is as by default.
fn all_different() -> Value {
    let mut all = json!({
        "version": 1, "name": "all", "seed": u64::MAX, "replications": 3,
        "topology": {"file": "t/a.graphml", "largest_component": true, "default_latency_ms": 2.5,
                     "rename_duplicates": true,
                     "length_from": "dist", "length_unit": "km", "place_from": ["x", "y"],
                     "format": "graphml", "rtt": true, "fill_gaps": false},
        "network": {"fidelity": "hop", "routing": "policy", "latency_ms_per_unit": 0.5, "loss": 0.1, "duplicate": 0.2,
                    "jitter_s": {"gamma": {"shape": 2, "mean_s": 0.5}},
                    "link_failures": {"up": {"weibull": {"shape": 1, "mean_s": 30}}, "down": 2, "reroute_s": 0.5},
                    "router_failures": {"up": {"exponential": {"mean_s": 60}}, "down": {"uniform_s": [1, 2]}},
                    "partitions": [{"at_s": 5, "for_s": 2.5, "domain": "S:0.1/2"}],
                    "slowdowns": [{"at_s": 6, "for_s": 3.5, "factor": 4}], "ties": "shuffled",
                    "bandwidth_mbps": 8, "queue_packets": 9},
        "system": {"arigatoni": {
            "start": "messages", "brokers": {"placement": {"tree": 3}, "root": 7, "service_s": 0.25, "queue": 6},
            "gcus_per_broker": {"poisson": 2.5}, "access_latency_ms": [0.5, 2],
            "services": {"count": 9, "density": 0.25, "popularity": {"zipf": 1.5}, "instances": 2, "change": 7},
            "acceptance_probability": 0.5, "slots": 4,
            "search": "exhaustive", "return_ms": 70,
            "detection": {"heartbeat_ms": 50, "timeout_ms": 60, "misses": 2},
            "migration": {"to": "nearest", "probability": 0.75, "delay_ms": 90}, "election": true,
            "free_riders": {"share": 0.5, "limit": 7, "grace_s": 3, "after": "elsewhere"},
            "faults": {"gcus": {"up": 8, "down": 9}, "gbus": null, "root": true,
                       "at": [{"unit": "gbu/3", "crash_s": 1, "restart_s": 2.5}]},
            "retransmission": {"timeout_ms": 40, "limit": 3},
            "colony_links": {"count": 12, "up": 13, "down": {"exponential": {"mean_s": 14}}},
            "sessions": {"up": 3, "down": {"exponential": {"mean_s": 4}}, "leave": "crash", "units": "gcus"},
            "disconnection": {"rate": 0.125, "units": "gbus", "mode": "crash", "timeout_ms": 1.5},
            "requests": {"count": 11, "rate_per_s": 3, "for_s": 60, "instances": 5, "at_least": 4, "distinct": false,
                         "deadline_ms": 60,
                         "service_time_ms": 70},
            "classes": [{"name": "all", "share": 1, "slots": null, "acceptance_probability": 0.25,
                         "access_latency_ms": [3, 4], "service_time_ms": 80,
                         "sessions": {"up": 5, "down": 6, "leave": "unregister"}}],
        }},
    });
    // More literals would be too deep for the macro.
    all["system"]["arigatoni"]["firewall"] = true.into();
    all["theory"] = true.into();
    all["system"]["arigatoni"]["trust"] = json!({"forged": 0.25, "expired": 0.125, "revoked": 0.5, "check_ms": 15, "revocation_s": 16});
    all
}

fn expected_topology() -> scenario::TopologySource {
    scenario::TopologySource::File {
        path: "t/a.graphml".into(),
        options: ReadOptions {
            largest_component: true,
            default_latency_ms: Some(LatencyMs(2.5)),
            rename_duplicates: true,
            length_from: Some("dist".into()),
            length_unit: Some(LengthUnit::Km),
            place_from: Some(["x".into(), "y".into()]),
            format: Some(Format::Graphml),
            rtt: true,
            fill_gaps: false,
        },
    }
}

fn expected_network() -> Conditions {
    let law = |written: Value| decode::<LawSpec>(&written, "").unwrap();
    Conditions {
        fidelity: Fidelity::Hop,
        routing: arigatoni::topology::Routing::Policy,
        latency_ms_per_unit: Positive(0.5),
        loss: Fraction(0.1),
        duplicate: Fraction(0.2),
        jitter_s: law(json!({"gamma": {"shape": 2, "mean_s": 0.5}})),
        link_failures: Some(Failing {
            up: law(json!({"weibull": {"shape": 1, "mean_s": 30}})),
            down: law(json!(2)),
            reroute_s: NonNegative(0.5),
        }),
        router_failures: Some(Failing {
            up: law(json!({"exponential": {"mean_s": 60}})),
            down: law(json!({"uniform_s": [1, 2]})),
            reroute_s: NonNegative(1.0),
        }),
        partitions: vec![Partition {
            at_s: NonNegative(5.0),
            for_s: NonNegative(2.5),
            domain: "S:0.1/2".into(),
        }],
        slowdowns: vec![Slowdown {
            at_s: NonNegative(6.0),
            for_s: NonNegative(3.5),
            factor: Enlargement(4.0),
            domain: None,
        }],
        ties: Ties::Shuffled,
        bandwidth_mbps: Some(Bandwidth(8.0)),
        queue_packets: Some(QueueLength(9)),
    }
}

fn expected_own() -> arigatoni::arigatoni::config::Own {
    use arigatoni::arigatoni::config::{
        After, ColonyLinks, Detection, FreeRiders, Migrate, Own, Retransmission, Search, Start, To,
        Trust,
    };
    use arigatoni::parameters::number::{
        DurationMs, Fraction, NonNegative, PauseMs, PeriodMs, Repeats, Sites, SmallCount,
    };

    Own {
        return_ms: PauseMs(70.0),
        detection: Some(Detection {
            heartbeat_ms: PauseMs(50.0),
            timeout_ms: PauseMs(60.0),
            misses: SmallCount(2),
        }),
        migration: Some(Migrate {
            to: To::Nearest,
            probability: Fraction(0.75),
            delay_ms: DurationMs(90.0),
        }),
        election: true,
        free_riders: Some(FreeRiders {
            share: Fraction(0.5),
            limit: Some(Sites(7)),
            grace_s: NonNegative(3.0),
            after: After::Elsewhere,
        }),
        retransmission: Retransmission {
            timeout_ms: PeriodMs(40.0),
            limit: Repeats(3),
        },
        start: Start::Messages,
        search: Search::Exhaustive,
        colony_links: Some(ColonyLinks {
            count: Sites(12),
            up: Some(LawSpec::Constant(NonNegative(13.0))),
            down: Some(decode(&json!({"exponential": {"mean_s": 14}}), "").unwrap()),
        }),
        // Heartbeats exclude them; the next test reads some.
        tunnels: None,
        firewall: true,
        trust: Some(Trust {
            forged: Fraction(0.25),
            expired: Fraction(0.125),
            revoked: Fraction(0.5),
            check_ms: DurationMs(15.0),
            revocation_s: NonNegative(16.0),
        }),
    }
}

fn expected_faults() -> arigatoni::discovery::config::Faults {
    use arigatoni::discovery::config::{Failing, FaultAt, Faults, UnitName};
    use arigatoni::parameters::law::LawSpec;
    use arigatoni::parameters::number::NonNegative;

    Faults {
        gcus: Some(Failing {
            up: LawSpec::Constant(NonNegative(8.0)),
            down: LawSpec::Constant(NonNegative(9.0)),
        }),
        gbus: None,
        at: vec![FaultAt {
            unit: UnitName(arigatoni::discovery::gbu(3)),
            crash_s: NonNegative(1.0),
            restart_s: Some(NonNegative(2.5)),
        }],
        root: true,
    }
}

fn expected_class() -> arigatoni::discovery::config::Class {
    use arigatoni::discovery::config::{Class, ClassSessions, Leave};
    use arigatoni::parameters::law::LawSpec;
    use arigatoni::parameters::number::{DurationMs, Fraction, LatencyMs, Name, NonNegative};

    Class {
        name: Name("all".into()),
        share: Fraction(1.0),
        slots: Some(None),
        acceptance_probability: Some(Fraction(0.25)),
        access_latency_ms: Some([LatencyMs(3.0), LatencyMs(4.0)]),
        sessions: Some(Some(ClassSessions {
            up: LawSpec::Constant(NonNegative(5.0)),
            down: Some(LawSpec::Constant(NonNegative(6.0))),
            leave: Some(Leave::Unregister),
        })),
        service_time_ms: Some(DurationMs(80.0)),
    }
}

fn expected_services() -> arigatoni::discovery::config::Services {
    use arigatoni::discovery::config::{Popularity, Services};
    use arigatoni::parameters::number::BoundedCount;

    Services {
        count: Some(BoundedCount(9)),
        density: Some(Fraction(0.25)),
        offered_by: None,
        popularity: Popularity::Zipf(NonNegative(1.5)),
        instances: Count(2),
        change: Some(LawSpec::Constant(NonNegative(7.0))),
        constraints: None,
    }
}

fn expected_system() -> arigatoni::arigatoni::Config {
    use arigatoni::arigatoni::Config;
    use arigatoni::discovery::config::{
        Brokers, Disconnection, DisconnectionMode, Leave, Placement, Poisson, Population, Requests,
        Sessions, Units, World,
    };
    use arigatoni::parameters::law::LawSpec;
    use arigatoni::parameters::number::{
        BoundedCount, DurationMs, DurationS, Fraction, LatencyMs, Mean, NonNegative, RouterNumber,
    };

    let world = World {
        brokers: Brokers {
            placement: Placement::Tree(BoundedCount(3)),
            root: Some(RouterNumber(7)),
            service_s: LawSpec::Constant(NonNegative(0.25)),
            queue: Some(QueueLength(6)),
        },
        gcus_per_broker: Population::Poisson(Poisson { poisson: Mean(2.5) }),
        access_latency_ms: [LatencyMs(0.5), LatencyMs(2.0)],
        services: expected_services(),
        acceptance_probability: Fraction(0.5),
        slots: Some(Count(4)),
        disconnection: Disconnection {
            rate: Fraction(0.125),
            units: Units::Gbus,
            mode: DisconnectionMode::Crash,
            timeout_ms: DurationMs(1.5),
        },
        overlay: None,
        sessions: Some(Sessions {
            up: Some(LawSpec::Constant(NonNegative(3.0))),
            trace: None,
            down: Some(serde_json::from_value(json!({"exponential": {"mean_s": 4}})).unwrap()),
            leave: Leave::Crash,
            units: Some(Units::Gcus),
        }),
        requests: Requests {
            count: Some(Count(11)),
            rate_per_s: Some(Positive(3.0)),
            interarrival: None,
            for_s: Some(DurationS(60.0)),
            instances: Some(Count(5)),
            at_least: Some(Count(4)),
            all: None,
            same: false,
            distinct: false,
            deadline_ms: DurationMs(60.0),
            service_time_ms: DurationMs(70.0),
        },
        faults: Some(expected_faults()),
        classes: vec![expected_class()],
    };
    let own = expected_own();
    Config { world, own }
}

#[test]
fn every_member_reaches_the_validated_configuration() {
    let scenario = parse(&all_different()).unwrap();
    assert_eq!(scenario.name(), "all");
    assert_eq!(scenario.replications(), 3);
    assert!(scenario.wants_theory());
    let run = scenario.base();
    assert_eq!(run.seed, u64::MAX);
    assert_eq!(run.topology, expected_topology());
    assert_eq!(run.network, expected_network());
    assert_eq!(arigatoni_of(run), expected_system());
}

#[test]
fn tunnels_are_read() {
    use arigatoni::arigatoni::Config;
    use arigatoni::arigatoni::config::{TunnelKind, Tunnels};
    use arigatoni::parameters::Parameters;
    use arigatoni::parameters::number::Fraction;

    let read = |tunnels| {
        Config::read(&json!({"tunnels": tunnels}), "")
            .unwrap()
            .own
            .tunnels
    };
    let tunnels = |kind, home, colonies| Tunnels {
        share: Fraction(0.5),
        kind,
        home,
        colonies: Fraction(colonies),
    };
    let least = read(json!({"share": 0.5, "kind": "friend"}));
    assert_eq!(least, Some(tunnels(TunnelKind::Friend, true, 0.0)));
    let all = read(json!({"share": 0.5, "kind": "clone", "home": false, "colonies": 0.25}));
    assert_eq!(all, Some(tunnels(TunnelKind::Clone, false, 0.25)));
}
