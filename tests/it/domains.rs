//! What crosses administrative domains: what is refused, and what an export says of it.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{arigatoni as program, code, put, said};
use crate::review::{Page, reads};
use crate::support::shipped;

/// A network without domains, in `folder`.
fn put_without_domains(folder: &Path) {
    let graph = r#"<graphml><graph edgedefault="undirected"><node id="a"/><node id="b"/><node id="c"/>
        <edge source="a" target="b"/><edge source="b" target="c"/></graph></graphml>"#;
    std::fs::write(folder.join("none.graphml"), graph).unwrap();
    let system = json!({"brokers": {"root": 0}});
    let scenario = json!({"version": 1, "name": "none", "system": {"arigatoni": system},
                          "topology": {"file": "none.graphml", "default_latency_ms": 1}});
    put(folder, "none.json", &scenario);
}

/// Values that members of a system with domains cannot have.
const VALUES: [&str; 20] = [
    r#"colony_links={"count": 1000}"#,
    r#"colony_links={"count": -1}"#,
    r#"colony_links={"up": 1, "down": 1}"#,
    r#"colony_links={"count": 1, "up": 1}"#,
    r#"colony_links={"count": 1, "down": 1}"#,
    r#"colony_links={"count": 1, "up": 0, "down": 0}"#,
    r#"colony_links={"count": 1, "up": 1e-9, "down": 1e-9}"#,
    r#"colony_links={"count": 1, "up": {"pareto": {"shape": 1, "scale_s": 1}}, "down": 1}"#,
    r#"trust={"forged": 1.5}"#,
    r#"trust={"expired": -0.5}"#,
    r#"trust={"check_ms": -1}"#,
    r#"trust={"revocation_s": -1}"#,
    r#"trust={"stolen": 0.5}"#,
    r#"tunnels={"share": 1.5, "kind": "friend"}"#,
    r#"tunnels={"share": -0.1, "kind": "clone"}"#,
    r#"tunnels={"share": 0.1}"#,
    r#"tunnels={"share": 0.1, "kind": "ssh"}"#,
    r#"tunnels={"kind": "clone"}"#,
    r#"tunnels={"share": 0.1, "kind": "clone", "home": 1}"#,
    r#"tunnels={"share": 0.1, "kind": "clone", "colonies": 2}"#,
];

const LINKS: &str = r#"colony_links={"count": 1}"#;
const COLONIES: &str = r#"tunnels={"share": 0, "kind": "clone", "colonies": 0.5}"#;
const HEARTBEATS: &str = r#"detection={"heartbeat_ms": 1000, "timeout_ms": 1000, "misses": 2}"#;

/// Members that do not go together.
const TOGETHER: [&[&str]; 4] = [
    &[COLONIES, HEARTBEATS, r#"migration={"to": "random"}"#],
    &[COLONIES, HEARTBEATS, "election=true"],
    &[COLONIES, "search=root-first"],
    &[LINKS, "search=root-first"],
];

#[test]
fn crossings_that_cannot_be_are_refused() {
    let folder = TempDir::new().unwrap();
    put_without_domains(folder.path());
    let domains = shipped("scenarios/ci/domains.json");
    let domains = domains.to_str().unwrap();
    let mut page = Page::new("What crosses domains and cannot be");
    let mut refuse = |scenario: &str, members: &[&str]| {
        let sets: Vec<String> = members.iter().map(|it| format!("/system/*/{it}")).collect();
        let mut arguments = vec!["check", scenario];
        arguments.extend(sets.iter().flat_map(|set| ["--set", set.as_str()]));
        let output = program(folder.path(), &arguments);
        assert_eq!(code(&output), Some(2), "{sets:?}");
        page.entry(
            &sets.join(" "),
            said(&output).replace(domains, "domains.json"),
        );
    };
    for member in [
        LINKS,
        r#"tunnels={"share": 0.1, "kind": "friend"}"#,
        "firewall=true",
        "trust={}",
    ] {
        refuse("none.json", &[member]);
    }
    for value in VALUES {
        refuse(domains, &[value]);
    }
    for members in TOGETHER {
        refuse(domains, members);
    }
    page.check("domains");
}

/// No link at all is as good as none.
#[test]
fn no_links_go_with_every_search() {
    let domains = shipped("scenarios/ci/domains.json");
    let sets = [
        r#"--set=/system/*/colony_links={"count": 0}"#,
        "--set=/system/*/search=root-first",
    ];
    let arguments = ["run", domains.to_str().unwrap(), sets[0], sets[1]];
    let folder = TempDir::new().unwrap();
    assert_eq!(code(&program(folder.path(), &arguments)), Some(0));
}

/// With a share of 1 everybody has a tunnel, and nobody is left to be a friend.
#[test]
fn a_friend_must_be_there() {
    let folder = TempDir::new().unwrap();
    let scenario = shipped("scenarios/ci/domains.json");
    let tunnels = r#"/system/*/tunnels={"share": 1, "kind": "friend"}"#;
    let arguments = ["run", scenario.to_str().unwrap(), "--set", tunnels];
    let output = program(folder.path(), &arguments);
    assert_eq!(code(&output), Some(2));
    reads(
        "systems-refused",
        "Tunnels to friends where nobody is left",
        &[(tunnels, &said(&output))],
    );
}

/// The world of a run of `scenario` with these members of its system.
fn world(scenario: &str, sets: &[&str]) -> Value {
    let folder = TempDir::new().unwrap();
    let scenario = shipped(scenario);
    let mut arguments = vec!["run", scenario.to_str().unwrap(), "--world", "world.json"];
    arguments.extend(sets.iter().flat_map(|set| ["--set", set]));
    let output = program(folder.path(), &arguments);
    assert_eq!(code(&output), Some(0), "{}", said(&output));
    let text = std::fs::read_to_string(folder.path().join("world.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn an_export_says_which_colonies_are_linked() {
    let plain = world("scenarios/ci/domains.json", &[]);
    assert!(plain.get("colony_links").is_none());
    let domains = plain["domains"].as_array().unwrap();
    assert_eq!(Some(domains.len() as u64), plain["routers"].as_u64());
    let linked = world(
        "scenarios/ci/domains.json",
        &["/system/*/colony_links={\"count\": 5}"],
    );
    assert_eq!(linked["colony_links"].as_array().unwrap().len(), 5);
    assert_eq!(linked["domains"], plain["domains"]);
    assert!(linked.get("tunnels").is_none());
    let tunnels = r#"/system/*/tunnels={"share": 0.25, "kind": "friend", "colonies": 0.5}"#;
    let tunnelled = world("scenarios/ci/domains.json", &[tunnels]);
    let all = tunnelled["tunnels"].as_array().unwrap();
    let gcus = tunnelled["gcus"].as_array().unwrap().len();
    assert_eq!(all.len(), (gcus + 2) / 4, "rounded, half away from zero");
    assert!(
        all.iter()
            .all(|it| it["kind"] == "friend" && it["friend"].is_u64())
    );
    // There each broker but the root is below it.
    assert!(tunnelled["colony_tunnels"].as_array().unwrap().is_empty());
}
