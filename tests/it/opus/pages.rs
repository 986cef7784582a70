//! The pages in `docs/opus/` name all that a scenario can say of Opus, and the pages in `docs/` all that a run measures.

use std::collections::BTreeSet;
use std::fs;

use arigatoni::arigatoni::Arigatoni;
use arigatoni::opus::allocation::Allocation;
use arigatoni::opus::overlay::Dissemination;
use arigatoni::opus::tracking::TrackingStudy;
use arigatoni::scenario::schema;
use arigatoni::system::System;
use serde_json::Value;

use crate::support::shipped;

/// The words that the `pages` set as code.
fn words(pages: &[&str]) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for page in pages {
        let text = fs::read_to_string(shipped("docs").join(page)).unwrap();
        for code in text.split('`').skip(1).step_by(2) {
            let of_a_name = |letter: char| letter.is_alphanumeric() || "_-…".contains(letter);
            words.extend(code.split(|letter| !of_a_name(letter)).map(str::to_owned));
        }
    }
    words
}

/// Whether `words` has `name`, or its beginning, as in `latency_ms_…`, and its end, as in `_mean`.
fn is_named(words: &BTreeSet<String>, name: &str) -> bool {
    let mut places = name.match_indices('_').map(|(at, _)| name.split_at(at));
    let has = |word: &str| words.contains(word);
    has(name)
        || places.any(|(begin, end)| has(&format!("{begin}_…")) && (has(end) || has(&end[1..])))
}

fn assert_named<S: System>(pages: &[&str]) {
    let words = words(pages);
    let metrics = S::METRICS.iter().map(|metric| metric.name.to_string());
    let tables = S::DETAILS.iter().flat_map(|table| {
        let columns = table.names().map(str::to_owned);
        columns.chain([table.name.to_owned()])
    });
    let figures = S::figures().into_iter().map(|figure| figure.name);
    let names = metrics.chain(tables).chain(figures);
    let unnamed: BTreeSet<String> = names.filter(|name| !is_named(&words, name)).collect();
    assert!(unnamed.is_empty(), "{pages:?} do not name {unnamed:?}");
}

#[test]
fn the_pages_name_every_column_and_figure() {
    assert_named::<Dissemination>(&["opus/README.md", "opus/overlay.md"]);
    assert_named::<TrackingStudy>(&["opus/README.md", "opus/tracking.md"]);
    assert_named::<Allocation>(&["opus/README.md", "opus/allocation.md"]);
    assert_named::<Arigatoni>(&[
        "protocol.md",
        "domains.md",
        "free-riders.md",
        "load.md",
        "constraints.md",
    ]);
}

/// The names of all members below `schema`, which is part of `whole`.
fn members(whole: &Value, schema: &Value, names: &mut BTreeSet<String>) {
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, member) in properties.into_iter().flatten() {
        names.insert(name.clone());
        members(whole, member, names);
    }
    let branches = ["oneOf", "anyOf"]
        .iter()
        .filter_map(|key| schema.get(key)?.as_array())
        .flatten();
    for branch in branches.chain(schema.get("items")) {
        members(whole, branch, names);
    }
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let pointer = reference.trim_start_matches('#');
        members(whole, whole.pointer(pointer).unwrap(), names);
    }
}

#[test]
fn the_pages_name_every_member_of_the_scenario() {
    let whole = schema();
    let mut names = BTreeSet::new();
    let systems = whole.pointer("/$defs/System/oneOf").unwrap();
    let mut systems = systems.as_array().unwrap().iter();
    let opus = systems.find_map(|system| system.pointer("/properties/opus"));
    members(&whole, opus.unwrap(), &mut names);
    assert!(names.len() > 70, "the test has lost sight of the members");
    let pages =
        ["README", "overlay", "tracking", "allocation"].map(|page| format!("opus/{page}.md"));
    let words = words(&pages.each_ref().map(String::as_str));
    for name in &names {
        assert!(words.contains(name), "no page names {name}");
    }
}
