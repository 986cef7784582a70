//! Tunnels into colonies of other domains, against brute force: who has one is reached, and reaches others, by two ways.

use std::collections::BTreeSet;

use arigatoni::arigatoni::Config;
use arigatoni::discovery::config::{DisconnectionMode, Units};
use arigatoni::parameters::Parameters;
use arigatoni::simulation::network::Fidelity;
use serde_json::{Value, json};

use super::agreeing;
use super::oracle::{self, World};
use crate::support::{export, metric, run, t100};

/// All agree, and a fraction of the units is disconnected.
fn with(own: &Value, disconnected: (f64, Units), instances: u32) -> Config {
    agreeing(own, 0.02, disconnected, instances)
}

fn tunnels(share: f64, kind: &str, home: bool, colonies: f64) -> Value {
    json!({"share": share, "kind": kind, "home": home, "colonies": colonies})
}

/// Tunnels, links, who is disconnected, how many are asked for, and the search.
type Case = (Value, Option<u32>, (f64, Units), u32, &'static str);

fn cases() -> [Case; 10] {
    let (friend, clone) = ("friend", "clone");
    let (one, all) = ("selective", "exhaustive");
    let (gbus, units) = (Units::Gbus, Units::All);
    [
        (tunnels(0.2, friend, true, 0.0), None, (0.4, gbus), 1, one),
        (tunnels(0.5, friend, true, 0.0), None, (0.3, units), 3, all),
        (
            tunnels(0.3, clone, true, 0.0),
            Some(20),
            (0.6, gbus),
            2,
            one,
        ),
        (tunnels(0.4, friend, false, 0.0), None, (0.2, units), 1, one),
        (
            tunnels(0.3, clone, false, 0.0),
            None,
            (0.5, gbus),
            2,
            "root-first",
        ),
        (
            tunnels(0.2, friend, true, 0.0),
            None,
            (0.3, gbus),
            2,
            "root-first",
        ),
        (tunnels(0.1, friend, true, 0.4), None, (0.5, units), 1, one),
        (
            tunnels(0.0, clone, true, 1.0),
            Some(10),
            (0.7, gbus),
            2,
            all,
        ),
        (tunnels(0.2, clone, false, 0.5), None, (0.3, units), 1, one),
        (
            tunnels(0.2, friend, false, 0.5),
            Some(5),
            (0.3, units),
            3,
            one,
        ),
    ]
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn with_certain_agreement_a_request_is_accepted_if_enough_are_reached() {
    let (mut rescued, mut through) = (0, 0.0);
    for (tunnels, links, disconnected, instances, search) in cases() {
        let links = links.map(|count: u32| json!({"count": count}));
        let own = json!({"tunnels": tunnels, "colony_links": links, "search": search});
        let config = with(&own, disconnected, instances);
        let run = run(t100(), &config, 5, Fidelity::Path);
        assert_eq!(metric(&run, "deadline_hits"), Some(0.0), "{own}");
        let mut world = World::parse(&export(t100(), &run, "world"));
        world.home = tunnels["home"] == true;
        for request in oracle::requests(&export(t100(), &run, "requests")) {
            let able = world.offering_through_tunnels(request.gcu, request.service);
            let expected = expected(&world, request.gcu, able.len(), instances);
            assert_eq!(request.outcome, expected, "gcu/{} {own}", request.gcu);
            let distinct: BTreeSet<_> = request.providers.iter().collect();
            let count = request.providers.len();
            assert_eq!(distinct.len(), count, "nobody is reserved twice");
            let mut providers = request.providers.iter();
            assert!(providers.all(|provider| able.contains(provider)));
            let in_graph = world.offering_in_graph(request.gcu, &[request.service]);
            rescued += usize::from(expected == "accepted" && in_graph.len() < instances as usize);
        }
        through += metric(&run, "tunnelled_ratio").unwrap_or(0.0);
    }
    assert!(rescued > 20 && through > 1.0, "{rescued} {through}");
}

/// What becomes of a request of `gcu` for so many instances that reaches so many able ones.
fn expected(world: &World, gcu: usize, able: usize, instances: u32) -> &'static str {
    match () {
        () if !world.is_connected(gcu) => "local",
        () if able >= instances as usize => "accepted",
        () => "rejected",
    }
}

/// Friends that crash are found to be gone, and what they would pass on is not waited for in vain for ever.
#[test]
fn a_tunnel_leads_nowhere_without_its_friend() {
    for home in [true, false] {
        let own = json!({"tunnels": tunnels(0.4, "friend", home, 0.0)});
        let mut config = with(&own, (0.4, Units::Gcus), 2);
        config.world.disconnection.mode = DisconnectionMode::Crash;
        let run = run(t100(), &config, 6, Fidelity::Path);
        let mut world = World::parse(&export(t100(), &run, "world"));
        world.home = home;
        let mut without = 0;
        for request in oracle::requests(&export(t100(), &run, "requests")) {
            let able = world.offering_through_tunnels(request.gcu, request.service);
            let expected = expected(&world, request.gcu, able.len(), 2);
            assert_eq!(request.outcome, expected, "gcu/{}", request.gcu);
            let friend = world.tunnels.get(&request.gcu).and_then(|it| it.1);
            without += usize::from(friend.is_some_and(|it| !world.is_connected(it)));
        }
        assert!(without > 10, "{without}");
    }
}

#[test]
fn tunnels_lead_into_other_domains_and_those_of_a_smaller_share_are_among_those_of_a_larger_one() {
    let world = |share, colonies, home| {
        let own = json!({"tunnels": tunnels(share, "friend", home, colonies)});
        let run = run(t100(), &with(&own, (0.0, Units::All), 1), 5, Fidelity::Path);
        World::parse(&export(t100(), &run, "world"))
    };
    let [few, many] = [(0.1, 0.2), (0.31, 0.6)].map(|(share, of)| world(share, of, true));
    assert_eq!((few.tunnels.len(), many.tunnels.len()), (20, 62), "of 200");
    let homes = many.homes();
    for (&gcu, &(end, friend)) in &many.tunnels {
        assert_ne!(many.domain(homes[gcu]), many.domain(end));
        let friend = friend.unwrap();
        assert!(homes[friend] == end && !many.tunnels.contains_key(&friend));
    }
    assert!(few.tunnels.keys().all(|gcu| many.tunnels.contains_key(gcu)));
    assert!(
        few.colony_tunnels
            .keys()
            .all(|gbu| many.colony_tunnels.contains_key(gbu))
    );
    for (&gbu, &(end, _)) in &many.colony_tunnels {
        assert_ne!(many.domain(gbu), many.domain(end));
    }
    let instead = world(0.2, 0.0, false);
    let homes = instead.homes();
    assert!(
        instead
            .tunnels
            .iter()
            .all(|(gcu, (end, _))| homes[*gcu] == *end)
    );
}

/// Whose friend is down when the requests begin does not turn to it again and again before, and so for ever; it comes back
/// with its friend.
#[test]
fn who_has_no_leader_without_its_friend_waits_for_it() {
    let with = |colonies: f64| {
        let exponential = |mean_s: f64| json!({"exponential": {"mean_s": mean_s}});
        let parameters = json!({
            "gcus_per_broker": 2,
            "acceptance_probability": 1,
            "services": {"density": 0.03},
            "disconnection": {"rate": 0},
            "tunnels": tunnels(0.2, "friend", false, colonies),
            "requests": {"count": 200, "instances": 1, "rate_per_s": 5, "deadline_ms": 5000},
            "sessions": {
                "up": exponential(20.0), "down": exponential(10.0), "leave": "crash", "units": "gcus",
            },
        });
        Config::read(&parameters, "").unwrap()
    };
    for (colonies, seed) in [(0.0, 1), (0.3, 2), (0.3, 3)] {
        let run = run(t100(), &with(colonies), seed, Fidelity::Path);
        let accepted = metric(&run, "accepted").unwrap();
        let by_guests = {
            let world = World::parse(&export(t100(), &run, "world"));
            let requests = oracle::requests(&export(t100(), &run, "requests"));
            let accepted = requests.iter().filter(|it| it.outcome == "accepted");
            accepted
                .filter(|it| world.tunnels.contains_key(&it.gcu))
                .count()
        };
        assert!(accepted > 60.0 && by_guests > 8, "{accepted} {by_guests}");
    }
}

/// Heartbeats go through tunnels: friends and leaders that crash are found out without a request, and whoever had a tunnel
/// by them comes back with them. With migration nobody without a home waits for its friend.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn who_has_a_tunnel_watches_both_leaders() {
    let exponential = |mean_s: f64| json!({"exponential": {"mean_s": mean_s}});
    let with = |more: &Value| {
        let mut parameters = json!({
            "gcus_per_broker": 2,
            "acceptance_probability": 1,
            "services": {"density": 0.03},
            "disconnection": {"rate": 0},
            "detection": {"heartbeat_ms": 1000, "timeout_ms": 1000, "misses": 2},
            "return_ms": 2000,
            "requests": {"count": 200, "instances": 1, "rate_per_s": 2, "deadline_ms": 5000},
            "sessions": {
                "up": exponential(40.0), "down": exponential(10.0), "leave": "crash", "units": "all",
            },
        });
        let members = parameters.as_object_mut().unwrap();
        members.extend(more.as_object().unwrap().clone());
        Config::read(&parameters, "").unwrap()
    };
    let cases = [
        json!({"tunnels": tunnels(0.3, "friend", true, 0.3)}),
        json!({"tunnels": tunnels(0.3, "clone", true, 0.3)}),
        json!({"tunnels": tunnels(0.3, "friend", false, 0.0), "migration": {"to": "random"}}),
        json!({"tunnels": tunnels(0.3, "clone", false, 0.3), "election": true}),
    ];
    for (case, more) in cases.into_iter().enumerate() {
        let config = with(&more);
        let [first, hop] = [Fidelity::Path, Fidelity::Hop].map(|it| run(t100(), &config, 3, it));
        assert_eq!(first.totals, hop.totals, "{more}");
        let world = World::parse(&export(t100(), &first, "world"));
        let trace = export(t100(), &first, "membership");
        // By unit and leader: how often each was entered through its tunnel, and struck.
        let rows = trace.lines().map(|row| row.split(',').collect::<Vec<_>>());
        let of_tunnels = rows.filter(|row| {
            let gcu = row[1].strip_prefix("gcu/").and_then(|it| it.parse().ok());
            let end = gcu.and_then(|it: usize| world.tunnels.get(&it));
            end.is_some_and(|(end, _)| row.get(3) == Some(&&*format!("gbu/{end}")))
        });
        let of_tunnels: Vec<&str> = of_tunnels.map(|row| row[2]).collect();
        let count = |event| of_tunnels.iter().filter(|it| **it == event).count();
        let (entered, struck) = (count("registered"), count("struck"));
        assert!(entered > 30 && struck > 30, "{case}: {entered} {struck}");
        let accepted = metric(&first, "accepted").unwrap();
        assert!(accepted > 60.0, "{case}: {accepted}");
    }
}

/// Tunnels are the same in both fidelities, and by messages as well as directly.
#[test]
fn tunnels_have_one_fingerprint() {
    for (kind, home, colonies) in [
        ("friend", true, 0.3),
        ("clone", false, 0.3),
        ("friend", false, 0.0),
    ] {
        let totals = |start, fidelity| {
            let own = json!({"tunnels": tunnels(0.3, kind, home, colonies), "start": start});
            run(t100(), &with(&own, (0.3, Units::All), 2), 8, fidelity).totals
        };
        let first = totals("direct", Fidelity::Path);
        assert_eq!(first, totals("direct", Fidelity::Hop));
        assert_eq!(first, totals("messages", Fidelity::Path), "{kind} {home}");
    }
}

/// The more tunnels, the more requests are accepted where the tree is cut; a friend costs more messages than a clone.
#[test]
fn tunnels_serve_more_and_cost_messages() {
    let of = |share, kind| {
        let own = json!({"tunnels": tunnels(share, kind, true, 0.0)});
        let run = run(
            t100(),
            &with(&own, (0.6, Units::Gbus), 1),
            3,
            Fidelity::Path,
        );
        ["accepted", "messages_per_request"].map(|name| metric(&run, name).unwrap())
    };
    let [none, some, many] = [0.0, 0.2, 0.6].map(|share| of(share, "friend"));
    assert!(
        none[0] < some[0] && some[0] < many[0],
        "{none:?} {some:?} {many:?}"
    );
    let clones = of(0.6, "clone");
    assert!(none[1] < clones[1] && clones[1] < many[1], "{clones:?}");
}
