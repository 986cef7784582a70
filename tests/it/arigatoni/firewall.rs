//! A firewall, packet by packet: what is sent from one domain to another goes between units that its page names.

use std::collections::{BTreeMap, BTreeSet};

use arigatoni::arigatoni::message::{ArigatoniProtocol, Message};
use arigatoni::arigatoni::{Arigatoni, Config};
use arigatoni::discovery::{gbu, gcu};
use arigatoni::parameters::Parameters;
use arigatoni::random::RandomStreams;
use arigatoni::simulation::network::{Conditions, Fidelity};
use arigatoni::simulation::{self, Setting};
use arigatoni::system::{Measures, Model};
use arigatoni::time::Time;
use arigatoni::unit::{Effect, UnitId};
use serde_json::{Value, json};

use super::agreeing;
use super::oracle::{self, World};
use crate::support::{export, metric, run, t100};
use arigatoni::discovery::config::Units;

/// All that units have sent: from, to, what.
#[derive(Default)]
struct Sent(Vec<(UnitId, UnitId, Message)>);

impl Measures<ArigatoniProtocol> for Sent {
    fn effect(&mut self, _: Time, unit: UnitId, effect: &Effect<ArigatoniProtocol>) {
        if let Effect::Send { to, message, .. } = effect {
            self.0.push((unit, *to, message.clone()));
        }
    }
}

/// The domain of each unit, and the pairs between which packets pass: edges of the tree at first, links, tunnels.
struct Map {
    domains: BTreeMap<UnitId, u64>,
    edges: BTreeSet<(UnitId, UnitId)>,
}

fn ordered(one: UnitId, other: UnitId) -> (UnitId, UnitId) {
    (one.min(other), one.max(other))
}

impl Map {
    fn of(world: &Value) -> Self {
        let rows = |name: &str| world[name].as_array().cloned().unwrap_or_default();
        let number = |value: &Value| value.as_u64().unwrap() as u32;
        let domains = rows("domains");
        let domain = |row: &Value| domains[number(&row["router"]) as usize].as_u64().unwrap();
        let mut map = Self {
            domains: BTreeMap::new(),
            edges: BTreeSet::new(),
        };
        for row in rows("gbus") {
            let id = gbu(number(&row["id"]));
            map.domains.insert(id, domain(&row));
            if !row["parent"].is_null() {
                map.edges.insert(ordered(id, gbu(number(&row["parent"]))));
            }
        }
        let mut tunnelled = BTreeSet::new();
        for (name, member, leader, unit) in [
            ("tunnels", "gcu", "gbu", gcu as fn(u32) -> UnitId),
            ("colony_tunnels", "gbu", "super_broker", gbu),
        ] {
            for row in rows(name) {
                let (unit, leader) = (unit(number(&row[member])), gbu(number(&row[leader])));
                tunnelled.insert(ordered(unit, leader));
                if row["friend"].is_null() {
                    map.edges.insert(ordered(unit, leader));
                } else {
                    let friend = gcu(number(&row["friend"]));
                    map.edges.insert(ordered(unit, friend));
                    map.edges.insert(ordered(friend, leader));
                }
            }
        }
        for row in rows("gcus") {
            let id = gcu(number(&row["id"]));
            map.domains.insert(id, domain(&row));
            let edge = ordered(id, gbu(number(&row["gbu"])));
            // With a tunnel in place of its home that is the leader at the end of the tunnel.
            if !tunnelled.contains(&edge) {
                map.edges.insert(edge);
            }
        }
        for pair in rows("colony_links") {
            map.edges
                .insert(ordered(gbu(number(&pair[0])), gbu(number(&pair[1]))));
        }
        map
    }

    /// Whether a packet between two domains goes between units of which no edge, link or tunnel is known.
    fn is_stranger(&self, one: UnitId, other: UnitId) -> bool {
        self.domains[&one] != self.domains[&other] && !self.edges.contains(&ordered(one, other))
    }
}

/// Whether units say it in order to have a leader where they have lost one.
fn mends_the_tree(message: &Message) -> bool {
    match message {
        Message::Packet(packet) => mends_the_tree(&packet.message),
        Message::PacketAcknowledged { .. }
        | Message::Register { .. }
        | Message::Registered
        | Message::MayJoin { .. }
        | Message::JoinGranted { .. }
        | Message::JoinRefused { .. }
        | Message::Moved
        | Message::NotMember
        | Message::VoteWanted(_)
        | Message::Vote(_)
        | Message::Elected(_) => true,
        _ => false,
    }
}

fn registers(message: &Message) -> bool {
    match message {
        Message::Packet(packet) => registers(&packet.message),
        message => matches!(message, Message::Register { .. } | Message::Registered),
    }
}

/// How many packets cross domains, and how many of these mend the tree, in a run behind a firewall with these members. All
/// others go along edges, links and tunnels.
fn crossings(own: Value, loss: f64) -> (usize, usize) {
    let mut parameters = json!({
        "gcus_per_broker": 2,
        "firewall": true,
        "services": {"count": 20, "density": 0.05, "change": {"exponential": {"mean_s": 20}}},
        "disconnection": {"mode": "crash"},
        "faults": {
            "gbus": {"up": {"exponential": {"mean_s": 40}}, "down": {"exponential": {"mean_s": 10}}},
            "gcus": {"up": {"exponential": {"mean_s": 40}}, "down": {"exponential": {"mean_s": 10}}},
        },
        "requests": {"count": 300, "rate_per_s": 10, "instances": 2},
    });
    let Value::Object(own) = own else {
        panic!("members")
    };
    parameters.as_object_mut().unwrap().extend(own);
    let config = Config::read(&parameters, "").unwrap();
    let streams = RandomStreams::new(7, 0);
    let system = Arigatoni::build(t100(), &config, streams).unwrap();
    let conditions: Conditions = serde_json::from_value(json!({"loss": loss})).unwrap();
    let mut sent = Sent::default();
    let run = simulation::run_watched(system, Setting::of(t100(), streams, &conditions), &mut sent);
    let world: Value = serde_json::from_str(&export(t100(), &run, "world")).unwrap();
    let mut map = Map::of(&world);
    let (mut crossed, mut mending) = (0, 0);
    for (from, to, message) in &sent.0 {
        crossed += usize::from(map.domains[from] != map.domains[to]);
        if map.is_stranger(*from, *to) {
            assert!(
                mends_the_tree(message) && parameters.get("migration").is_some(),
                "{from:?} says to {to:?}: {message:?}"
            );
            mending += 1;
            // An edge of the tree from now on: what changes is told also before it is confirmed.
            if registers(message) {
                map.edges.insert(ordered(*from, *to));
            }
        }
    }
    (crossed, mending)
}

const WATCHED: &str = r#"{"heartbeat_ms": 2000, "timeout_ms": 2000, "misses": 2}"#;

/// Nobody speaks to another domain but along the tree, links and tunnels; whoever is logged out stays in its own one.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn behind_a_firewall_packets_pass_along_the_tree_links_and_tunnels_only() {
    let riders = json!({"share": 0.5, "limit": 1, "after": "elsewhere"});
    let watched: Value = serde_json::from_str(WATCHED).unwrap();
    for kind in ["friend", "clone"] {
        for (home, colonies) in [(true, 0.3), (false, 0.0)] {
            for (detection, loss) in [
                (Value::Null, 0.0),
                (watched.clone(), 0.0),
                (Value::Null, 0.02),
            ] {
                let own = json!({
                    "free_riders": riders,
                    "detection": detection,
                    "tunnels": {"share": 0.2, "kind": kind, "home": home, "colonies": colonies},
                    "colony_links": {"count": 20, "up": 20, "down": 5},
                    "trust": {"forged": 0.1, "revoked": 0.2},
                });
                let (crossed, mending) = crossings(own, loss);
                assert!(crossed > 1000 && mending == 0, "{crossed} {mending}");
            }
        }
    }
}

/// Who has lost its leader looks for another one anywhere: what this takes passes, and nothing else.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn behind_a_firewall_the_tree_is_mended() {
    let watched: Value = serde_json::from_str(WATCHED).unwrap();
    // Who has no home, and whose tunnel is closed at the beginning, has moved before anything is observed.
    for (to, election, loss, kind) in [
        ("random", false, 0.0, "friend"),
        ("nearest", true, 0.0, "clone"),
        ("grandparent", true, 0.02, "friend"),
        ("none", true, 0.0, "clone"),
    ] {
        let tunnels = json!({"share": 0.2, "kind": kind});
        let own = json!({
            "detection": watched,
            "migration": {"to": to},
            "election": election,
            "tunnels": tunnels,
            "colony_links": {"count": 10},
            "free_riders": {"share": 0.5, "limit": 1, "after": "elsewhere"},
        });
        let (crossed, mending) = crossings(own, loss);
        assert!(crossed > 1000 && mending > 20, "{to}: {crossed} {mending}");
    }
}

/// Without a firewall the start message takes the shortest way to the provider; with it the way over the tree, up to the first broker
/// in the provider's domain.
#[test]
fn a_service_begins_when_the_start_message_has_come() {
    let of = |firewall: bool| {
        let own = json!({"firewall": firewall});
        let config = agreeing(&own, 0.03, (0.2, Units::All), 1);
        let run = run(t100(), &config, 5, Fidelity::Path);
        let world = World::parse(&export(t100(), &run, "world"));
        let (distances, homes) = (world.distances(), world.homes());
        let way = |requester: usize, provider: usize| {
            let [own, other] = [requester, provider].map(|gcu| homes[gcu]);
            let brokers = world.tree_way(own, other);
            let end = world.domain(other);
            let needed = firewall && world.domain(own) != end;
            let through = if needed { &brokers[..] } else { &[] };
            let near = through.iter().position(|gbu| world.domain(*gbu) == end);
            let through = &through[..near.map_or(0, |near| near + 1)];
            let all: Vec<usize> = [&[own], through, &[other]].concat();
            let ways = all
                .windows(2)
                .map(|pair| distances[world.router(pair[0])][world.router(pair[1])]);
            world.access_ns(requester) + ways.sum::<u64>() + world.access_ns(provider)
        };
        let requests = oracle::requests(&export(t100(), &run, "requests")).into_iter();
        let accepted = requests.filter(|request| request.outcome == "accepted");
        let begun: Vec<f64> = accepted
            .map(|it| (it.latency_ns.unwrap() + way(it.gcu, it.providers[0])) as f64 / 1e6)
            .collect();
        assert_eq!(Some(begun.len() as f64), metric(&run, "accepted"));
        let expected = begun.iter().sum::<f64>() / begun.len() as f64;
        let told = metric(&run, "start_ms_mean").unwrap();
        assert!(
            (told - expected).abs() < 1e-6 * expected,
            "{told} {expected}"
        );
        assert!(Some(told) > metric(&run, "latency_ms_mean"));
        told
    };
    let [open, closed] = [false, true].map(of);
    assert!(closed > open, "{closed} {open}");
    let nobody = agreeing(&json!({}), 0.03, (1.0, Units::Gcus), 1);
    let nobody = run(t100(), &nobody, 5, Fidelity::Path);
    assert_eq!(metric(&nobody, "start_ms_mean"), None);
}

/// Where a domain has one broker there is no other one in it: who is logged out is barred.
#[test]
fn whoever_is_logged_out_stays_in_its_domain() {
    let out = |firewall: bool, after: &str, placement: &str| {
        let own = json!({
            "firewall": firewall,
            "free_riders": {"share": 0.5, "limit": 0, "after": after},
        });
        let mut config = agreeing(&own, 0.2, (0.0, Units::Gcus), 1);
        config.world.brokers = serde_json::from_value(json!({"placement": placement})).unwrap();
        let run = run(t100(), &config, 3, Fidelity::Path);
        metric(&run, "accepted")
    };
    for (placement, same) in [("domains", true), ("every-router", false)] {
        let [barred, elsewhere] = ["barred", "elsewhere"].map(|it| out(true, it, placement));
        assert_eq!(
            barred == elsewhere,
            same,
            "{placement}: {barred:?} {elsewhere:?}"
        );
        assert!(out(false, "elsewhere", placement) > barred, "{placement}");
    }
}
