//! Rules of the calculus in a scenario: at rates and in scripts, before the requests and while they run.

use std::fs;
use std::path::Path;

use arigatoni::calculus::{Community, Individual, Label, Name, Rule, State};
use arigatoni::discovery::config::RatesPerS;
use arigatoni::swarm;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{arigatoni, code, done, put, said, wrote};
use crate::review::Page;
use crate::support::{shipped, tried};

/// A small overlay of 13 domains with these rules.
pub(crate) fn scenario(overlay: &Value) -> Value {
    let topology = shipped("topologies/t100-0.gb");
    let system = json!({
        "brokers": {"placement": "domains"},
        "gcus_per_broker": 3,
        "services": {"count": 8, "density": 0.3},
        "requests": {"count": 300},
        "overlay": overlay,
    });
    json!({"version": 1, "name": "rates", "topology": {"file": topology}, "system": {"arigatoni": system}})
}

/// The overlay with which a run of it begins, as units have it: who is disconnected is free.
pub(crate) fn begun(folder: &Path, overlay: &Value) -> Community {
    put(folder, "s.json", &scenario(overlay));
    done(folder, &["run", "s.json", "--world", "w.json"]);
    Community::from_world(&fs::read_to_string(folder.join("w.json")).unwrap()).unwrap()
}

/// So many things differ from the complete overlay: members elsewhere, free ones, links, tunnels.
fn changes(complete: &Community, now: &Community) -> [usize; 4] {
    let now_and_first =
        |(name, it): (&Name, &Individual)| (it.leader.clone(), complete.leader(name).cloned());
    let leaders: Vec<_> = now.individuals().map(now_and_first).collect();
    let moved = leaders
        .iter()
        .filter(|(now, first)| now.is_some() && first != now);
    let free = leaders
        .iter()
        .filter(|(now, first)| now.is_none() && first.is_some());
    [
        moved.count(),
        free.count(),
        now.links().count(),
        now.tunnels().count(),
    ]
}

#[test]
fn each_rate_applies_its_rule_to_that_fraction() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let complete = begun(folder, &json!({}));
    // 13 brokers, of which one is the root and leads all others, and 39 computers.
    for (rates, wanted) in [
        (json!({"leave_rate": 0.5}), [0, 20, 0, 0]),
        (json!({"unregister_rate": 0.5}), [0, 6, 0, 0]),
        (
            json!({"leave_rate": 1, "unregister_rate": 1, "fire_rate": 1}),
            [0, 51, 0, 0],
        ),
        (json!({"move_rate": 0.5}), [26, 0, 0, 0]),
        (json!({"fire_rate": 0.5}), [0, 26, 0, 0]),
        (json!({"link_rate": 0.5}), [0, 0, 6, 0]),
        (json!({"link_rate": 0.5, "unlink_rate": 0.5}), [0, 0, 3, 0]),
        (json!({"friend_rate": 0.2}), [0, 0, 0, 8]),
        (json!({"clone_rate": 0.2, "close_rate": 0.5}), [0, 0, 0, 4]),
    ] {
        let now = begun(folder, &rates);
        assert_eq!(changes(&complete, &now), wanted, "{rates}: {now}");
    }
    // Who has left comes back: to its own leader, if it can.
    let script = ["leave g0 B0", "leave g1 B0", "leave g3 B1", "leave g4 B1"];
    let now = begun(folder, &json!({"script": script, "join_rate": 0.5}));
    assert_eq!(changes(&complete, &now), [0, 2, 0, 0]);
    // Subcolonies of other domains are not registered, but migrate.
    let freed = json!({"script": ["unregister B1 B0", "leave g0 B0"], "register_rate": 1, "migrate_rate": 1});
    let now = begun(folder, &freed);
    assert_eq!(changes(&complete, &now), [1, 0, 0, 0], "{now}");
}

/// Brokers fail, come back and log members out before links and tunnels are made, and in this order.
#[test]
fn rates_of_failures_come_before_those_of_links_and_tunnels() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let complete = begun(folder, &json!({}));
    for (rates, wanted) in [
        // Who has failed is not linked, and has no tunnel.
        (json!({"fail_rate": 1, "link_rate": 1}), [0, 0, 0, 0]),
        (json!({"fail_rate": 1, "clone_rate": 1}), [0, 0, 0, 0]),
        // Who has come back is linked again, and has forgotten its members.
        (
            json!({"fail_rate": 1, "restart_rate": 1, "link_rate": 0.5}),
            [0, 51, 6, 0],
        ),
        // Who has failed logs nobody out.
        (json!({"fail_rate": 1, "fire_rate": 1}), [0, 0, 0, 0]),
        // Who has been logged out is nobody's friend.
        (json!({"fire_rate": 1, "friend_rate": 1}), [0, 51, 0, 0]),
        (json!({"friend_rate": 1}), [0, 0, 0, 24]),
    ] {
        let now = begun(folder, &rates);
        assert_eq!(changes(&complete, &now), wanted, "{rates}: {now}");
    }
}

#[test]
fn a_script_with_times_moves_links_and_logs_out() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let complete = begun(folder, &json!({}));
    let home = complete.leader(&Name::computer(3)).unwrap().clone();
    let other = if home == Name::broker(2) { 4 } else { 2 };
    let script = [
        "leave g0 B0".to_owned(),
        format!("0.5s move g3 {home} B{other}"),
        "1s migrate g0 B5".to_owned(),
        "1.5s fire g1 B0".to_owned(),
        "2s migrate g1 B6".to_owned(),
    ];
    put(folder, "s.json", &scenario(&json!({"script": script})));
    done(folder, &["run", "s.json", "--membership", "m.csv"]);
    let rows = fs::read_to_string(folder.join("m.csv")).unwrap();
    let told = |unit: &str| -> Vec<String> {
        let rows = rows.lines().map(|row| row.split(',').collect::<Vec<_>>());
        let rows = rows.filter(|row| row[1] == unit && row[0] != "0");
        rows.map(|row| format!("{} {}", row[2], row[3]).trim().to_owned())
            .collect()
    };
    let number = home.as_str()[1..].to_owned();
    let (left, there) = (
        format!("left gbu/{number}"),
        format!("registered gbu/{other}"),
    );
    assert_eq!(told("gcu/3"), [left, there]);
    assert_eq!(told("gcu/0"), ["up", "registered gbu/5"]);
    assert_eq!(told("gcu/1"), ["struck gbu/0", "up", "registered gbu/6"]);
}

/// A script with times, drawn step by step by the rules themselves.
fn drawn(complete: &Community, seed: u64) -> Vec<String> {
    let mut rules = RatesPerS::rules().to_vec();
    rules.retain(|rule| !matches!(rule, Rule::Friend | Rule::Clone | Rule::Close));
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut draw = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as usize % below
    };
    let mut community = complete.clone();
    let mut script = Vec::new();
    for step in 0..12 {
        // Each rule is as likely as another.
        let rule = rules[draw(rules.len())];
        let fits = |label: &Label| {
            let (x, to) = (&label.names()[0], &label.names()[label.names().len() - 1]);
            let leads = |one: &Name, other: &Name| community.leader(other) == Some(one);
            let mut links = community.links();
            let linked = links.any(|(a, b)| [(a, b), (b, a)].contains(&(x, to)));
            let has_failed = |name: &Name| community.get(name).unwrap().state == State::Faulty;
            match rule {
                Rule::Link => {
                    let [one, other] = [x, to].map(|it| &complete.get(it).unwrap().domain);
                    !leads(x, to) && !leads(to, x) && one != other
                }
                // The dead are told nothing.
                Rule::Register | Rule::Migrate | Rule::Move => !linked && !has_failed(x),
                _ => true,
            }
        };
        let mut all = community.transitions(&[rule]);
        all.retain(|(label, _)| fits(label));
        if all.is_empty() {
            continue;
        }
        let (label, next) = all.swap_remove(draw(all.len()));
        script.push(format!("{}s {label}", f64::from(step) * 0.25 + 0.01));
        community = next;
    }
    script
}

/// In all of them what units do is what the rules give for it, and nothing else is violated.
#[test]
fn scripts_that_the_rules_draw_keep_what_must_hold() {
    let folder = TempDir::new().unwrap();
    let graph = json!({"transit_stub": {
        "transit_domains": 1, "transit_routers": 2, "stubs_per_transit_router": 2, "stub_routers": 3,
    }});
    for seed in 0..u64::from(tried(3, 30)) {
        let mut document = scenario(&json!({}));
        document["seed"] = seed.into();
        document["topology"] = graph.clone();
        document["system"]["arigatoni"]["requests"]["count"] = 60.into();
        if seed % 3 == 0 {
            document["system"]["arigatoni"]["brokers"] = json!({"placement": "every-router"});
        }
        put(folder.path(), "s.json", &document);
        done(folder.path(), &["run", "s.json", "--world", "w.json"]);
        let world = fs::read_to_string(folder.path().join("w.json")).unwrap();
        let script = drawn(&Community::from_world(&world).unwrap(), seed);
        document["system"]["arigatoni"]["overlay"] = json!({"script": script});
        let found = swarm::examine(&document);
        assert_eq!(found.violations, [], "{seed}: {script:?}");
    }
}

/// Rules that units cannot keep.
fn bad_overlays() -> Vec<Value> {
    vec![
        json!({"script": ["link B0 B1"]}),
        json!({"script": ["begin g0"]}),
        json!({"script": ["clone g0 B5", "clone g0 B6"]}),
        json!({"script": ["clone g0 B5", "friend g15 B0 g0"]}),
        json!({"script": ["clone B1 B0"]}),
        json!({"script": ["1s begin g0"]}),
        json!({"script": ["1s elect B1 B0"]}),
        json!({"script": ["1s clone g0 B5", "2s close g0 B5", "3s clone g0 B6"]}),
        json!({"script": ["1s clone g0 B5", "2s close g0 B5", "3s move g0 B0 B5"]}),
        json!({"script": ["leave g0 B0", "1s clone g0 B5"]}),
        json!({"script": ["1s close g0 B5"]}),
        json!({"script": ["1s clone B1 B5", "2s fail B1", "3s close B1 B5"]}),
        json!({"script": ["1s fail B1", "2s move B1 B0 B5"]}),
        json!({"script": ["1s unregister B1 B0", "2s fail B1", "3s migrate B1 B0"]}),
        json!({"script": ["1s friend g0 B5 g15", "2s clone g15 B0"]}),
        json!({"script": ["1s strike B1 B0"]}),
        json!({"script": ["1s cut g0 B1"]}),
        json!({"script": ["1s link B0 B1"]}),
        json!({"script": ["1s link B0 B0"]}),
        json!({"script": ["1s move g0 B0 B0"]}),
        json!({"script": ["1s fire g0 B1"]}),
        json!({"elect_rate": 0.5}),
        json!({"link_rate": 1.5}),
        json!({"rates_per_s": {"elect": 1}}),
        json!({"rates_per_s": {"leave": -1}}),
        json!({"rates_per_s": {"leave": 1e9}}),
        json!({"rates_per_s": {"leave": 1}, "script": ["1s leave g0 B0"]}),
    ]
}

/// Rules, and members that do not go with them.
fn bad_beside() -> [(Value, Value); 9] {
    [
        (
            json!({"link_rate": 0.5}),
            json!({"colony_links": {"count": 3}}),
        ),
        (
            json!({"clone_rate": 0.5}),
            json!({"tunnels": {"share": 0.1, "kind": "clone"}}),
        ),
        (
            json!({"script": ["1s unlink B1 B2"]}),
            json!({"colony_links": {"count": 3}}),
        ),
        (
            json!({"unlink_rate": 1}),
            json!({"colony_links": {"count": 3}}),
        ),
        (
            json!({"rates_per_s": {"close": 1}}),
            json!({"tunnels": {"share": 0.1, "kind": "clone"}}),
        ),
        (
            json!({"script": ["cut g0 B5"]}),
            json!({"tunnels": {"share": 0.1, "kind": "friend"}}),
        ),
        (json!({"link_rate": 0.5}), json!({"search": "root-first"})),
        (json!({"fail_rate": 0.5}), json!({"faults": {}})),
        (json!({"rates_per_s": {"leave": 1}}), json!({"faults": {}})),
    ]
}

#[test]
fn what_units_cannot_do_is_refused() {
    let mut page = Page::new("Rules that units cannot keep, and members that do not go with them");
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let mut refuse = |input: &str, document: &Value| {
        put(folder, "scenario.json", document);
        let output = arigatoni(folder, &["run", "scenario.json"]);
        assert_eq!(code(&output), Some(2), "{input}: {}", wrote(&output));
        let said = said(&output);
        page.entry(
            input,
            said.lines()
                .filter(|line| !line.contains("note:"))
                .collect::<Vec<_>>()
                .join("\n"),
        );
    };
    for overlay in bad_overlays() {
        refuse(&format!("\"overlay\": {overlay}"), &scenario(&overlay));
    }
    for (overlay, members) in bad_beside() {
        let mut document = scenario(&overlay);
        for (member, value) in members.as_object().unwrap() {
            document["system"]["arigatoni"][member] = value.clone();
        }
        refuse(&format!("\"overlay\": {overlay}, {members}"), &document);
    }
    let mut document = scenario(&json!({"link_rate": 0.5}));
    let pair = shipped("scenarios/explore/pair.csv");
    fs::copy(pair, folder.join("pair.csv")).unwrap();
    document["topology"] = json!({"file": "pair.csv"});
    document["system"]["arigatoni"]["brokers"] = json!({"root": 0});
    refuse("one domain: \"overlay\": {\"link_rate\":0.5}", &document);
    let mut document = scenario(&json!({"script": ["1s fire g0 B0"]}));
    let system = document["system"]["arigatoni"].take();
    document["system"] = json!({"central": system});
    refuse(
        "central: \"overlay\": {\"script\":[\"1s fire g0 B0\"]}",
        &document,
    );
    page.check("rates");
}
