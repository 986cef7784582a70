//! What is said on stderr of members of a scenario that are not wrong and have no effect.

use tempfile::TempDir;

use crate::command::{arigatoni as program, code, said};
use crate::review::{Page, of_any_build};
use crate::support::shipped;

/// The notes on a run of a shipped scenario in which these members are set.
fn notes(scenario: &str, sets: &[&str]) -> Vec<String> {
    let folder = TempDir::new().unwrap();
    let scenario = shipped(scenario);
    let mut arguments = vec!["run", scenario.to_str().unwrap()];
    arguments.extend(sets.iter().flat_map(|set| ["--set", set]));
    let output = program(folder.path(), &arguments);
    assert_eq!(code(&output), Some(0), "{sets:?}: {}", said(&output));
    let said = said(&output);
    let notes = said.lines().filter_map(|line| line.strip_prefix("note: "));
    notes.map(String::from).collect()
}

#[test]
fn members_without_effect_are_named() {
    let domains = "scenarios/ci/domains.json";
    assert_eq!(notes(domains, &[]), Vec::<String>::new());
    let sets = [
        r#"/system/*/tunnels={"share": 0, "kind": "clone", "home": false}"#,
        r#"/system/*/trust={"check_ms": 1000000, "revocation_s": 3}"#,
        r#"/system/*/colony_links={"count": 0, "up": 1, "down": 1}"#,
        r#"/system/*/free_riders={"share": 0, "grace_s": 9}"#,
        r#"/system/*/brokers={"queue": 7}"#,
        r#"/network={"fidelity": "hop", "queue_packets": 7}"#,
    ];
    let said = notes(domains, &sets);
    let named = [
        "tunnels",
        "check_ms",
        "revocation_s",
        "colony_links",
        "free_riders",
        "service_s",
        "queue_packets",
    ];
    assert_eq!(said.len(), named.len(), "{said:#?}");
    for (note, name) in said.iter().zip(named) {
        assert!(note.contains(name), "{note}");
    }
}

/// Nobody moves, or nobody can be elected.
#[test]
fn healing_without_effect_is_told() {
    let healing = "scenarios/ci/healing.json";
    let migration = |to: &str| format!(r"/system/*/migration={{{to}}}");
    let few = "/system/*/requests/count=20";
    let mut page = Page::new("Healing that has no effect");
    let mut tell = |sets: &[&str]| page.entry(&sets.join(" "), notes(healing, sets).join("\n"));
    let slowly = migration(r#""to": "none", "probability": 0.3, "delay_ms": 50"#);
    let never = migration(r#""to": "none""#);
    for sets in [&[few][..], &[few, &never], &[few, &slowly]] {
        tell(sets);
    }
    let one = r#"/topology={"file": "one.graphml"}"#;
    let folder = TempDir::new().unwrap();
    let graph = r#"<graphml><graph edgedefault="undirected"><node id="a"/></graph></graphml>"#;
    std::fs::write(folder.path().join("one.graphml"), graph).unwrap();
    let scenario = std::fs::read_to_string(shipped(healing)).unwrap();
    std::fs::write(folder.path().join("one.json"), scenario).unwrap();
    let sets = [
        few,
        &never,
        one,
        "/system/*/faults=null",
        "/system/*/brokers={\"root\": 0}",
    ];
    let mut arguments = vec!["run", "one.json"];
    arguments.extend(sets.iter().flat_map(|set| ["--set", set]));
    let output = program(folder.path(), &arguments);
    assert_eq!(code(&output), Some(0), "{}", said(&output));
    page.entry("one broker", of_any_build(&said(&output)));
    page.check_section("notes");
}

/// What would follow from a failure comes when all is over, or something else comes first.
#[test]
fn healing_that_comes_too_late_is_told() {
    let few = "/system/*/requests/count=20";
    let mut page = Page::new("Healing that comes too late");
    let mut tell = |sets: &[&str]| {
        let said = notes("scenarios/ci/healing.json", sets);
        page.entry(&sets.join(" "), said.join("\n"));
    };
    let migration =
        |ms: u32| format!(r#"/system/*/migration={{"to": "random", "delay_ms": {ms}}}"#);
    for migration in [1_000_000, 1000].map(migration) {
        tell(&[few, &migration]);
    }
    let detection = |ms: u32, misses: u32| {
        format!(
            r#"/system/*/detection={{"heartbeat_ms": {ms}, "timeout_ms": {ms}, "misses": {misses}}}"#
        )
    };
    let none = ["/system/*/migration=null", "/system/*/election=false"];
    let [waits, long] = [detection(500_000, 2), detection(2000, 10)];
    tell(&[none[0], none[1], few, &waits]);
    tell(&[none[0], none[1], &long]);
    let arrives = ["/network/loss=0", "/system/*/faults=null"];
    tell(&[none[0], none[1], &long, arrives[0], arrives[1]]);
    tell(&[]);
    page.check_section("notes");
}

/// What would come later than requests do, or where there is nothing, is told as well.
#[test]
fn members_that_come_too_late_are_named() {
    let domains = "scenarios/ci/domains.json";
    let sets = [
        r#"/system/*/trust={"revoked": 0.1, "revocation_s": 100}"#,
        r#"/system/*/free_riders={"share": 1, "limit": 3, "grace_s": 100, "after": "elsewhere"}"#,
        "/system/*/firewall=true",
    ];
    let said = notes(domains, &sets);
    let named = ["`revocation_s`", "`grace_s`", "`share`", "`after`"];
    assert_eq!(said.len(), named.len(), "{said:#?}");
    for (note, name) in said.iter().zip(named) {
        assert!(note.contains(name), "{note}");
    }
    let sets = [
        r#"/system/*/trust={"revoked": 0.1, "revocation_s": 1}"#,
        r#"/system/*/free_riders={"share": 0.9, "limit": 3, "grace_s": 1, "after": "elsewhere"}"#,
    ];
    assert_eq!(notes(domains, &sets), Vec::<String>::new());
}

/// Nothing takes time in a history, so what would wait has no effect.
#[test]
fn what_takes_time_in_a_run_only_is_told() {
    let notes = |sets: &[&str]| {
        let mut all = vec!["explore", "scenarios/explore/request.json", "--timers", "0"];
        all.extend(sets.iter().flat_map(|set| ["--set", set]));
        let output = program(&shipped(""), &all);
        assert_eq!(code(&output), Some(0), "{}", said(&output));
        let said = said(&output);
        let notes = said
            .lines()
            .filter(|line| line.starts_with("note: ") && line.contains(" here"));
        notes.map(str::to_owned).collect::<Vec<_>>()
    };
    let none: [&str; 0] = [];
    assert_eq!(notes(&[]), none);
    let service = "/system/*/brokers/service_s=1";
    let wired = r#"/network={"fidelity": "hop", "bandwidth_mbps": 1}"#;
    for (sets, names) in [
        (vec![service], vec!["`service_s`"]),
        (vec![service, "/system/*/brokers/queue=0"], vec!["`queue`"]),
        (
            vec![service, wired],
            vec!["`service_s`", "`bandwidth_mbps`"],
        ),
    ] {
        let said = notes(&sets);
        assert_eq!(said.len(), names.len(), "{said:#?}");
        assert!(
            said.iter()
                .zip(names)
                .all(|(note, name)| note.contains(name)),
            "{said:#?}"
        );
    }
}

/// A bounded jitter is compared with the round trips; any other is told.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn jitter_without_a_bound_is_told_where_heartbeats_are_waited_for() {
    let late = r#"/network/jitter_s={"exponential": {"mean_s": 0.01}}"#;
    let said = notes("scenarios/ci/healing.json", &[late]);
    assert!(
        matches!(&said[..], [note, ..] if note.contains("`jitter_s`")),
        "{said:?}"
    );
    // With either the overlay is still broken at the end: that is told as well.
    let about_jitter = |sets: &[&str]| {
        let said = notes("scenarios/ci/healing.json", sets).into_iter();
        said.filter(|note| note.contains("`jitter_s`")).count()
    };
    let bounded = r#"/network/jitter_s={"uniform_s": [0, 0.01]}"#;
    assert_eq!(about_jitter(&[bounded]), 0);
    let blind = [late, "/system/*/detection=null"];
    let alone = ["/system/*/migration=null", "/system/*/election=false"];
    let sets = [blind, alone].concat();
    assert_eq!(about_jitter(&sets), 0);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn members_of_another_study_are_named() {
    for scenario in ["overlay", "tracking", "allocation", "service"] {
        let scenario = format!("scenarios/ci/{scenario}.json");
        assert_eq!(notes(&scenario, &[]), Vec::<String>::new(), "{scenario}");
    }
    let moving = ["/system/*/moving/rate=0.5"];
    let said = notes("scenarios/ci/tracking.json", &moving);
    assert!(
        matches!(&said[..], [note] if note.ends_with("`moving`")),
        "{said:?}"
    );
    let tracking = [
        "/system/*/tracking/epsilon=0.1",
        "/system/*/nodes/capacity=2",
    ];
    let said = notes("scenarios/ci/overlay.json", &tracking);
    assert!(
        matches!(&said[..], [note] if note.ends_with("`tracking`")),
        "{said:?}"
    );
}

/// A change of the network after the overlay stands and all packets have arrived changes nothing.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn slowdowns_after_the_end_of_an_overlay_study_are_told() {
    let slow =
        |at_s: u32| format!(r#"/network/slowdowns=[{{"at_s": {at_s}, "for_s": 9, "factor": 2}}]"#);
    let mut page = Page::new("Slowdowns, one of them after the end of an overlay study");
    for slow in [slow(1), slow(1_000_000)] {
        let said = notes("scenarios/ci/overlay.json", &[&slow]);
        page.entry(&slow, said.join("\n"));
    }
    page.check_section("notes");
}

/// Units whose sessions never end, or never begin.
#[test]
fn units_that_never_come_or_go_are_told() {
    let mut page = Page::new("Units that never come or never go");
    let sessions = |[up, down]: [u32; 2], units: &str| {
        format!(r#"/system/*/sessions={{"up": {up}, "down": {down}{units}}}"#)
    };
    for sessions in [
        sessions([0, 5], ""),
        sessions([5, 0], ""),
        sessions([5, 0], r#", "units": "gcus""#),
        sessions([0, 5], r#", "units": "gbus""#),
        sessions([5, 5], ""),
    ] {
        let said = notes("scenarios/ci/domains.json", &[&sessions]);
        page.entry(&sessions, said.join("\n"));
    }
    page.check_section("notes");
}
