//! The swarm: a thousand random worlds, or the first eight of them, in which nothing is left over and every run is repeatable.

use std::collections::BTreeSet;
use std::sync::Mutex;

use arigatoni::scenario;
use arigatoni::study::{Control, work};
use arigatoni::swarm::{self, Findings};
use serde_json::Value;

use crate::command::{arigatoni, code, said, wrote};
use crate::review::Page;
use crate::support::{shipped, tried};

/// What makes a world take five times as long, since much is sent again: one in three has it.
const SLOW: [&str; 7] = [
    "/network/loss",
    "/network/duplicate",
    "/network/jitter_s",
    "/network/link_failures",
    "/network/router_failures",
    "/network/partitions",
    "/network/slowdowns",
];

/// Worlds in which something was violated once, as small as they could be made; a line each.
const KEPT: &str = include_str!("../data/swarm.jsonl");

#[test]
fn nothing_is_violated_in_random_worlds() {
    let worlds = u64::from(tried(6, 1000));
    let seeds: Vec<u64> = (0..worlds).collect();
    let found: Mutex<Findings> = Mutex::default();
    let without = |seed: u64| match seed % 3 {
        0 => &[][..],
        _ => &SLOW[..],
    };
    let make = |&seed: &u64| Ok(swarm::examine(&swarm::scenario(seed, without(seed), None)));
    let keep = |seed: &u64, made: Result<Findings, String>| {
        let findings = made.unwrap_or_else(|panic| panic!("world {seed} cannot be drawn: {panic}"));
        if !findings.violations.is_empty() {
            println!("world {seed}: {:?}", findings.violations);
        }
        found.lock().unwrap().add(findings);
        Ok(())
    };
    work(&seeds, None, &Control::default(), make, keep).unwrap();
    let Findings {
        runs,
        requests,
        events,
        asked,
        violations,
    } = found.into_inner().unwrap();
    assert_eq!(violations, []);
    // The worlds are worth it: there are requests in them, and runs of each kind.
    let enough = runs > 4 * worlds && requests > 80 * worlds && events > 500 * worlds;
    assert!(enough, "{runs} {requests} {events}");
    // What is asked under some conditions only is asked often enough.
    if worlds == 1000 {
        for (name, least) in ASKED {
            let worlds = asked.get(name).copied().unwrap_or_default();
            assert!(worlds >= least, "{name}: {worlds} worlds");
        }
    }
}

/// In how many of a thousand worlds at least is put to the test what must hold under some conditions only.
const ASKED: [(&str, u64); 9] = [
    ("adequate", 400),
    ("divided", 700),
    ("fidelity", 700),
    ("healed", 50),
    ("healed-in-time", 35),
    ("healed-in-time, packets lost", 6),
    ("one-leader", 3),
    // It is in 22 of them.
    ("search", 13),
    ("summary", 15),
];

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn what_was_violated_once_is_not_any_more() {
    for line in KEPT.lines() {
        let world: Value = serde_json::from_str(line).unwrap();
        let Findings {
            runs, violations, ..
        } = swarm::examine(&world);
        assert_eq!(violations, [], "{world}");
        assert!(runs > 0, "{world}");
    }
}

/// Members of a scenario that the swarm does not draw, and why.
const NOT_DRAWN: [(&str, &str); 25] = [
    ("/$schema", "the simulator ignores it"),
    ("/version", "there is one"),
    ("/name", "it tells the seed"),
    ("/replications", "a world is one run"),
    ("/precision", "a world is one run"),
    ("/sweep", "a world is one run"),
    ("/check", "no run depends on it"),
    ("/figures", "no run depends on it"),
    ("/omit_figures", "no run depends on it"),
    ("/theory", "no run depends on it"),
    ("/topology/file", "a world has no files"),
    ("/topology/largest_component", "a world has no files"),
    ("/topology/default_latency_ms", "a world has no files"),
    ("/topology/rename_duplicates", "a world has no files"),
    ("/topology/length", "a world has no files"),
    ("/topology/place_from", "a world has no files"),
    ("/topology/format", "a world has no files"),
    ("/topology/rtt", "a world has no files"),
    ("/topology/fill_gaps", "a world has no files"),
    ("/system/*/brokers/placement/file", "a world has no files"),
    ("/system/*/overlay/term", "it names all units"),
    ("/system/*/overlay/script", "it names units"),
    ("/system/*/sessions/trace", "a world has no files"),
    ("/system/*/sessions/up = null", "a world has no files"),
    ("/system/*/requests/count = null", "a world is small"),
];

/// Members of the distribution of a time that no world has: what was measured takes hours.
const MEASURED: [&str; 3] = ["/family", "/measured", "/time"];

/// The members that a schema knows, and the words, truth values and nulls that each may be.
fn of_schema(root: &Value, schema: &Value, pointer: &str, all: &mut BTreeSet<String>) {
    if let Some(reference) = schema.get("$ref") {
        let target = reference.as_str().unwrap().trim_start_matches('#');
        of_schema(root, root.pointer(target).unwrap(), pointer, all);
    }
    for branch in ["oneOf", "anyOf"]
        .iter()
        .filter_map(|name| schema.get(name)?.as_array())
    {
        for schema in branch {
            of_schema(root, schema, pointer, all);
        }
    }
    for (name, schema) in schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let pointer = format!("{pointer}/{name}");
        all.insert(pointer.clone());
        of_schema(root, schema, &pointer, all);
    }
    if let Some(items) = schema.get("items") {
        of_schema(root, items, &format!("{pointer}/*"), all);
    }
    let words = schema.get("enum").and_then(Value::as_array);
    for word in words.into_iter().flatten().chain(schema.get("const")) {
        all.insert(format!("{pointer} = {word}"));
    }
    let types = schema.get("type");
    let listed = types.and_then(Value::as_array).into_iter().flatten();
    for name in listed.chain(types).filter_map(Value::as_str) {
        match name {
            "null" => _ = all.insert(format!("{pointer} = null")),
            "boolean" => all.extend(["true", "false"].map(|word| format!("{pointer} = {word}"))),
            _ => {}
        }
    }
}

/// The same of a document.
fn of_document(value: &Value, pointer: &str, all: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let pointer = format!("{pointer}/{name}");
                all.insert(pointer.clone());
                of_document(value, &pointer, all);
            }
        }
        Value::Array(list) => {
            let pointer = format!("{pointer}/*");
            for value in list {
                of_document(value, &pointer, all);
            }
        }
        Value::Null | Value::Bool(_) | Value::String(_) => {
            all.insert(format!("{pointer} = {value}"));
        }
        Value::Number(_) => {}
    }
}

/// The system that a member belongs to, and the rest of it: with the segment `*` if all `systems` have it.
fn shared(member: &str, systems: &[&str], known: &BTreeSet<String>) -> String {
    let rest = member.strip_prefix("/system/");
    let Some(at) = rest.and_then(|rest| rest.find('/')) else {
        return member.into();
    };
    let rest = &member["/system/".len() + at..];
    let has = |system: &&str| known.contains(&format!("/system/{system}{rest}"));
    if systems.iter().all(has) {
        format!("/system/*{rest}")
    } else {
        member.into()
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn every_member_of_a_scenario_is_drawn_with_every_word_that_it_may_be() {
    let schema = scenario::schema();
    let (mut known, mut drawn) = (BTreeSet::new(), BTreeSet::new());
    of_schema(&schema, &schema, "", &mut known);
    (0..1000).for_each(|seed| of_document(&swarm::scenario(seed, &[], None), "", &mut drawn));
    // A system joins as a whole.
    let joins = |member: &String| {
        let system = member
            .strip_prefix("/system/")
            .and_then(|rest| rest.split(['/', ' ']).next());
        system.is_none_or(|system| drawn.contains(&format!("/system/{system}")))
    };
    let names = drawn
        .iter()
        .filter_map(|member| member.strip_prefix("/system/"));
    let systems: Vec<&str> = names.filter(|name| !name.contains(['/', ' '])).collect();
    assert_eq!(
        systems,
        [
            "arigatoni",
            "central",
            "chord",
            "flooding",
            "random-walk",
            "synapse"
        ]
    );
    let excused = |member: &String| {
        NOT_DRAWN
            .iter()
            .any(|(prefix, _)| member.starts_with(prefix))
            || MEASURED.iter().any(|name| {
                let member = member.split(' ').next().unwrap_or(member);
                member.ends_with(name)
            })
    };
    let general = |all: &BTreeSet<String>| -> BTreeSet<String> {
        let joining = all.iter().filter(|member| joins(member));
        joining
            .map(|member| shared(member, &systems, &known))
            .collect()
    };
    let (known, drawn) = (general(&known), general(&drawn));
    let missing = known.difference(&drawn).filter(|member| !excused(member));
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<&String>::new());
    for (prefix, _) in NOT_DRAWN {
        let is_known = known.iter().any(|member| member.starts_with(prefix));
        assert!(is_known, "no member is called {prefix} any more");
        // What is written in every world in the same way is not drawn.
        let varies = drawn
            .iter()
            .filter(|member| member.starts_with(&format!("{prefix} ")));
        assert!(
            varies.count() <= 1 || prefix == "/name",
            "{prefix} is drawn"
        );
    }
}

#[test]
fn every_world_is_a_valid_scenario() {
    for seed in 0..u64::from(tried(50, 1000)) {
        let world = swarm::scenario(seed, &[], None);
        let read = scenario::Scenario::parse(&world.to_string(), "world", &[]);
        let read = read.unwrap_or_else(|error| panic!("world {seed}: {error}\n{world}"));
        let scenario::TopologySource::TransitStub(source) = &read.base().topology else {
            panic!("world {seed} has a file")
        };
        assert!(source.graph(0).is_ok(), "world {seed}: {world}");
        assert_eq!(
            world,
            swarm::scenario(seed, &[], None),
            "a seed stands for one world"
        );
    }
}

/// What `arigatoni swarm` prints, and its exit code.
fn command(words: &str) -> (String, Option<i32>) {
    let mut all = vec!["swarm"];
    all.extend(words.split(' '));
    let output = arigatoni(&shipped(""), &all);
    (wrote(&output), code(&output))
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn the_command_prints_the_same_whatever_the_number_of_threads() {
    let (one, code) = command("--worlds 12 --seed 5 --threads 1");
    assert_eq!(code, Some(0), "{one}");
    // The numbers between these words are not kept: each change of a protocol would change them.
    assert!(
        one.starts_with("12 worlds, ") && one.contains(": nothing is violated\nput to the test"),
        "{one}"
    );
    assert_eq!(command("--worlds 12 --seed 5 --threads 2"), (one, code));
}

#[test]
fn the_command_refuses_what_no_world_has() {
    let mut page = Page::new("Worlds that cannot be drawn");
    let mut refuse = |words: &str| {
        let words: Vec<&str> = words.split(' ').collect();
        let output = arigatoni(&shipped(""), &[&["swarm"], &words[..]].concat());
        assert_eq!(code(&output), Some(2), "{}", said(&output));
        page.entry(&words.join(" "), said(&output));
    };
    for (theme, needs) in [("healing", "detection"), ("search", "search")] {
        refuse(&format!(
            "--theme {theme} --without /system/arigatoni/{needs}"
        ));
    }
    refuse("--without /network/los");
    page.check_section("command-texts");
}
