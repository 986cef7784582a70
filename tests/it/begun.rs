//! The overlays with which runs begin, by terms and rules of the calculus, and the terms of runs.

use std::fs;

use arigatoni::calculus::{Community, Label, Name};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::calculus::{printed, ran, ran_whole};
use crate::command::{arigatoni, code, done, put, said, wrote};
use crate::rates::{begun, scenario};

/// The text without domains: routers stay where they are, and individuals take that of their leader.
fn plain(community: &Community) -> String {
    let text = community.to_string();
    let words = text.split_inclusive(['!', '*', '[', ' ']);
    let plain = words.map(|word| match word.split_once('@') {
        None => word.to_owned(),
        Some((name, domain)) => {
            let sign = domain.trim_start_matches(|char: char| char.is_ascii_alphanumeric());
            name.to_owned() + sign
        }
    });
    plain.collect()
}

/// What `labels` make of `community`.
fn after(community: &Community, labels: &[&str]) -> Community {
    labels.iter().fold(community.clone(), |community, label| {
        community.apply(&Label::parse(label).unwrap()).unwrap()
    })
}

/// Scripts about three subcolonies and a computer of each.
fn scripts([one, other, third]: [&Name; 3], [g, h, k]: [&Name; 3]) -> Vec<Vec<String>> {
    [
        format!("move {g} {one} {other}"),
        format!("move {one} B0 {other}, leave {k} {third}"),
        format!("unregister {one} B0, migrate {one} {other}"),
        format!("fire {g} {one}, fire {other} B0"),
        format!("link {one} {other}, link {other} {third}"),
        format!("friend {g} {other} {h}, clone {k} B0, close {k} B0"),
        format!("unregister {one} B0, clone {one} {other}, close {one} {other}"),
        format!("leave {g} {one}, clone {g} {other}"),
        // The root is elected away: its place is taken by the leader of a subcolony.
        format!("fail B0, elect {one} B0, restart B0"),
        format!("fail {one}, desert {g} {one}, strike {one} B0, restart {one}"),
    ]
    .map(|script| script.split(", ").map(str::to_owned).collect())
    .into()
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn units_begin_with_the_overlay_that_a_script_gives() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let complete = begun(folder, &json!({}));
    let broker = |number: u32| Name::broker(number);
    let subcolonies: Vec<Name> = (0..13)
        .map(broker)
        .filter(|it| complete.leader(it) == Some(&broker(0)))
        .collect();
    let [one, other, third] = &subcolonies[..3] else {
        panic!("{complete}")
    };
    let first = |leader: &Name| {
        let mut all = complete.individuals();
        let found = all.find(|(name, it)| !name.is_broker() && it.leader.as_ref() == Some(leader));
        found.unwrap().0
    };
    let brokers = [one, other, third];
    for script in scripts(brokers, brokers.map(first)) {
        let labels: Vec<&str> = script.iter().map(String::as_str).collect();
        let wanted = after(&complete, &labels);
        let is = begun(folder, &json!({"script": script}));
        assert_eq!(plain(&is), plain(&wanted), "{script:?}");
        let by_term = begun(folder, &json!({"term": wanted.to_string()}));
        assert_eq!(by_term, is, "{script:?}");
    }
}

/// A free colony with a tunnel, and brokers that have failed, begin as the script says; and the term says the same.
#[test]
fn who_works_by_a_tunnel_alone_or_has_failed_begins_so() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let begun = |overlay: &Value| {
        let mut document = scenario(overlay);
        document["system"]["arigatoni"]["brokers"]["placement"] = json!({"tree": 2});
        document["system"]["arigatoni"]["gcus_per_broker"] = 1.into();
        document["system"]["arigatoni"]["requests"]["count"] = 5.into();
        put(folder, "s.json", &document);
        done(folder, &["run", "s.json", "--world", "w.json"]);
        Community::from_world(&fs::read_to_string(folder.join("w.json")).unwrap()).unwrap()
    };
    let complete = begun(&json!({}));
    let mut brokers = complete.individuals().filter(|(name, _)| name.is_broker());
    let (root, _) = brokers.find(|(_, it)| it.leader.is_none()).unwrap();
    let mut brokers = complete.individuals().filter(|(name, _)| name.is_broker());
    // One that is in another domain than the root, and is not led by it.
    let (low, it) = brokers
        .find(|(name, it)| {
            let is_elsewhere = complete.get(root).unwrap().domain != it.domain;
            is_elsewhere && *name != root && it.leader.as_ref() != Some(root)
        })
        .unwrap();
    let leader = it.leader.clone().unwrap();
    for script in [
        vec![
            format!("unregister {low} {leader}"),
            format!("clone {low} {root}"),
        ],
        vec![format!("fail {low}")],
        vec![format!("fail {low}"), format!("strike {low} {leader}")],
        vec![format!("fail {root}")],
    ] {
        let labels: Vec<&str> = script.iter().map(String::as_str).collect();
        let wanted = after(&complete, &labels);
        let is = begun(&json!({"script": script}));
        assert_eq!(is.to_string(), wanted.to_string(), "{script:?}");
        let by_term = begun(&json!({"term": wanted.to_string()}));
        assert_eq!(by_term, is, "{script:?}");
    }
}

/// What `from-world` prints, put back as the term, gives the same run.
#[test]
fn the_term_of_a_run_gives_that_run() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let term = || {
        let world = folder.join("w.json");
        let term = printed(&["from-world", world.to_str().unwrap()]);
        json!({"term": term.trim()})
    };
    let mut seen = String::new();
    for overlay in [
        json!({"leave_rate": 0.3, "clone_rate": 0.3}),
        json!({"leave_rate": 0.2, "move_rate": 0.2, "friend_rate": 0.1, "fail_rate": 0.1}),
    ] {
        let drawn = ran(folder, &json!({"overlay": overlay}));
        let term = term();
        seen += &term.to_string();
        assert_eq!(ran(folder, &json!({"overlay": term})), drawn, "{overlay}");
    }
    for sign in ["=>", "via", "!"] {
        assert!(seen.contains(sign), "{sign}");
    }
    // Tunnels that are drawn are those of the term as well.
    let tunnels = json!({"share": 0.2, "kind": "clone", "home": false});
    let drawn = ran(folder, &json!({"tunnels": tunnels}));
    assert_eq!(ran(folder, &json!({"overlay": term()})), drawn);
    // One broker leads all.
    let central = |overlay: &Value| {
        let mut document = crate::calculus::scenario(&json!({"overlay": overlay}));
        document["system"] = json!({"central": document["system"]["arigatoni"]});
        ran_whole(folder, &document)
    };
    let drawn = central(&json!({"leave_rate": 0.3}));
    let term = term();
    assert!(term["term"].as_str().unwrap().contains("B0[ g"), "{term}");
    assert_eq!(central(&term), drawn);
}

/// A row of what was printed of a run.
fn metric(printed: &str, name: &str) -> f64 {
    let row = printed
        .lines()
        .find(|line| line.split_whitespace().next() == Some(name));
    let row = row.unwrap_or_else(|| panic!("{name}: {printed}"));
    row.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn brokers_that_have_failed_are_those_of_failures_at_0() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let ran = |document: &Value| {
        put(folder, "s.json", document);
        let output = arigatoni(folder, &["run", "s.json", "--requests", "r.csv"]);
        assert_eq!(code(&output), Some(0), "{}", said(&output));
        (
            wrote(&output),
            fs::read_to_string(folder.join("r.csv")).unwrap(),
        )
    };
    let by_rules = ran(&scenario(&json!({"script": ["fail B3", "fail B5"]})));
    let mut by_faults = scenario(&Value::Null);
    let at = |unit: &str| json!({"unit": unit, "crash_s": 0});
    by_faults["system"]["arigatoni"]["faults"] = json!({"at": [at("gbu/3"), at("gbu/5")]});
    assert_eq!(ran(&by_faults), by_rules);
    let (none, all) = (
        json!({"fail_rate": 0.3, "restart_rate": 1}),
        json!({"fail_rate": 1}),
    );
    let [none, all] = [none, all].map(|rates| ran(&scenario(&rates)).0);
    assert!(metric(&all, "accepted") < 1.0, "{all}");
    assert!(metric(&none, "accepted") > 100.0, "{none}");
}
