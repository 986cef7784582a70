//! What crosses administrative domains: what is refused, and what an export says of it.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{arigatoni as program, code, put, said};
use crate::review::Page;
use crate::support::shipped;

#[test]
fn crossings_that_cannot_be_are_refused() {
    let folder = TempDir::new().unwrap();
    let graph = r#"<graphml><graph edgedefault="undirected"><node id="a"/><node id="b"/><node id="c"/>
        <edge source="a" target="b"/><edge source="b" target="c"/></graph></graphml>"#;
    std::fs::write(folder.path().join("none.graphml"), graph).unwrap();
    let system = json!({"brokers": {"root": 0}});
    let scenario = json!({"version": 1, "name": "none", "system": {"arigatoni": system},
                          "topology": {"file": "none.graphml", "default_latency_ms": 1}});
    put(folder.path(), "none.json", &scenario);
    let domains = shipped("scenarios/ci/domains.json");
    let mut page = Page::new("What crosses domains and cannot be");
    let mut refuse = |scenario: &str, sets: &[&str]| {
        let mut arguments = vec!["check", scenario];
        arguments.extend(sets.iter().flat_map(|set| ["--set", set]));
        let output = program(folder.path(), &arguments);
        assert_eq!(code(&output), Some(2), "{sets:?}");
        let message = said(&output).replace(domains.to_str().unwrap(), "domains.json");
        page.entry(&sets.join(" "), message);
    };
    refuse("none.json", &["/system/*/colony_links={\"count\": 1}"]);
    for links in [
        r#"{"count": 1000}"#,
        r#"{"count": -1}"#,
        r#"{"up": 1, "down": 1}"#,
        r#"{"count": 1, "up": 1}"#,
        r#"{"count": 1, "down": 1}"#,
        r#"{"count": 1, "up": 0, "down": 0}"#,
        r#"{"count": 1, "up": 1e-9, "down": 1e-9}"#,
        r#"{"count": 1, "up": {"pareto": {"shape": 1, "scale_s": 1}}, "down": 1}"#,
    ] {
        let set = format!("/system/*/colony_links={links}");
        refuse(domains.to_str().unwrap(), &[&set]);
    }
    let tunnels = r#"/system/*/tunnels={"share": 0.1, "kind": "friend"}"#;
    refuse("none.json", &[tunnels]);
    refuse("none.json", &["/system/*/firewall=true"]);
    refuse("none.json", &["/system/*/trust={}"]);
    for trust in [
        r#"{"forged": 1.5}"#,
        r#"{"expired": -0.5}"#,
        r#"{"check_ms": -1}"#,
        r#"{"revocation_s": -1}"#,
        r#"{"stolen": 0.5}"#,
    ] {
        let set = format!("/system/*/trust={trust}");
        refuse(domains.to_str().unwrap(), &[&set]);
    }
    for tunnels in [
        r#"{"share": 1.5, "kind": "friend"}"#,
        r#"{"share": -0.1, "kind": "clone"}"#,
        r#"{"share": 0.1}"#,
        r#"{"share": 0.1, "kind": "ssh"}"#,
        r#"{"kind": "clone"}"#,
        r#"{"share": 0.1, "kind": "clone", "home": 1}"#,
        r#"{"share": 0.1, "kind": "clone", "colonies": 2}"#,
    ] {
        let set = format!("/system/*/tunnels={tunnels}");
        refuse(domains.to_str().unwrap(), &[&set]);
    }
    let heartbeats =
        "/system/*/detection={\"heartbeat_ms\": 1000, \"timeout_ms\": 1000, \"misses\": 2}";
    let colonies = r#"/system/*/tunnels={"share": 0, "kind": "clone", "colonies": 0.5}"#;
    for moves in [
        r#"/system/*/migration={"to": "random"}"#,
        "/system/*/election=true",
    ] {
        refuse(domains.to_str().unwrap(), &[colonies, heartbeats, moves]);
    }
    refuse(
        domains.to_str().unwrap(),
        &[colonies, "/system/*/search=root-first"],
    );
    let links = "/system/*/colony_links={\"count\": 1}";
    let root_first = "/system/*/search=root-first";
    refuse(domains.to_str().unwrap(), &[links, root_first]);
    page.check("domains");
    let none = "/system/*/colony_links={\"count\": 0}";
    let arguments = [
        "run",
        domains.to_str().unwrap(),
        "--set",
        none,
        "--set",
        root_first,
    ];
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
    let message = said(&output);
    assert!(
        message.contains("in no other domain there is a computer without one"),
        "{message}"
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
