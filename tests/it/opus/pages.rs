//! The pages in `docs/opus/` name all that a scenario can say of Opus, the pages in `docs/` all that a run measures, and all tables of
//! members the defaults of the schema.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use arigatoni::arigatoni::Arigatoni;
use arigatoni::opus::allocation::Allocation;
use arigatoni::opus::overlay::Dissemination;
use arigatoni::opus::tracking::TrackingStudy;
use arigatoni::scenario::{explain, schema};
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

/// The tables of members with a column `default`: for each page, in order, below which member of a scenario.
const TABLES: [(&str, &[&str]); 9] = [
    ("docs/protocol.md", &["/system/arigatoni"]),
    (
        "docs/domains.md",
        &["/system/arigatoni/tunnels", "/system/arigatoni/trust"],
    ),
    (
        "docs/constraints.md",
        &[
            "/system/arigatoni/services/constraints",
            "/system/arigatoni/services/constraints/offers/random",
        ],
    ),
    ("docs/free-riders.md", &["/system/arigatoni/free_riders"]),
    ("docs/opus/README.md", &["/system/opus"]),
    ("docs/opus/tracking.md", &["/system/opus/tracking"]),
    ("docs/opus/overlay.md", &["/system/opus/overlay"]),
    (
        "docs/opus/allocation.md",
        &[
            "/system/opus/allocation",
            "/system/opus/applications/0",
            "/system/opus/failures",
            "/system/opus/sessions",
        ],
    ),
    ("scenarios/README.md", &["/network", "/network", "/network"]),
];

/// Rows that tell the default of a member of what they are about.
const OF_ANOTHER: [(&str, &str); 3] = [
    ("offers", "offers/0/density"),
    ("requests", "requests/0/weight"),
    ("…/reroute_s", "link_failures/reroute_s"),
];

/// The default that is told in prose.
const PROSE: &str = "constant, 10 a second";

/// Members whose defaults another page tells.
const ELSEWHERE: [&str; 7] = [
    "/system/opus/overlay",
    "/system/opus/tracking",
    "/system/opus/allocation",
    "/system/opus/applications",
    "/system/opus/failures",
    "/system/opus/sessions",
    "/system/opus/domain_failures",
];

/// The rows of the tables of a page that have a column `default`: what is in this and in the first one.
fn default_tables(page: &str) -> Vec<Vec<[String; 2]>> {
    let text = fs::read_to_string(shipped(page)).unwrap();
    let mut tables: Vec<Vec<[String; 2]>> = Vec::new();
    let mut column = None;
    for line in text.lines() {
        // A `|` inside code is no border.
        let line = line.replace("\\|", "or");
        let Some(row) = line.strip_prefix('|') else {
            column = None;
            continue;
        };
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        if let Some(at) = cells.iter().position(|cell| *cell == "default") {
            column = Some(at);
            tables.push(Vec::new());
        } else if let Some(at) = column.filter(|_| !cells[0].starts_with("---")) {
            let row = [cells[0], cells[at]].map(str::to_owned);
            tables.last_mut().unwrap().push(row);
        }
    }
    tables
}

/// The members of a row, and what it says of each.
fn defaults([names, defaults]: &[String; 2]) -> Vec<(String, String)> {
    let mut members: Vec<String> = Vec::new();
    for name in names.split('`').skip(1).step_by(2) {
        // `.limit` is beside the member before it.
        let beside = name
            .strip_prefix('.')
            .and_then(|last| Some((members.last()?.rsplit_once('/')?.0, last)));
        let name = match beside {
            Some((parent, last)) => format!("{parent}/{last}"),
            None => name.replace('.', "/"),
        };
        members.push(name);
    }
    let mut values: Vec<&str> = match members.len() {
        1 => vec![defaults],
        _ if defaults.contains(';') => defaults.split("; ").collect(),
        _ => defaults.split(", ").collect(),
    };
    if values.len() == 1 {
        values = vec![values[0]; members.len()];
    }
    assert_eq!(members.len(), values.len(), "{names} | {defaults}");
    let values = values.into_iter().map(str::to_owned);
    members.into_iter().zip(values).collect()
}

/// A default as a page says it: JSON, with commas between thousands.
fn value(text: &str) -> Option<Value> {
    let text = text.trim_matches('`');
    let plain = text.replace(',', "");
    let number = plain.parse::<f64>().ok().map(Value::from);
    number.or_else(|| serde_json::from_str(text).ok())
}

#[test]
fn the_pages_tell_the_defaults_of_the_schema() {
    let schema = schema();
    let mut compared = 0;
    for (page, places) in TABLES {
        let tables = default_tables(page);
        assert_eq!(tables.len(), places.len(), "tables of {page}");
        for (rows, place) in tables.iter().zip(places) {
            assert!(!rows.is_empty(), "{page}: {place}");
            for (name, told) in rows.iter().flat_map(defaults) {
                let of_another = OF_ANOTHER
                    .iter()
                    .find(|(row, _)| *row == name && *place != "/system/opus");
                let name = of_another.map_or(&*name, |(_, member)| member);
                let pointer = format!("{place}/{name}");
                let found = explain(&schema, &pointer).unwrap_or_else(|e| panic!("{page}: {e}"));
                let Some(told) = value(&told) else {
                    let known = match &*told {
                        "" if ELSEWHERE.contains(&&*pointer) => true,
                        "" | "required" => found.default.is_none(),
                        "none" => found.default.as_deref().is_none_or(|own| own == "null"),
                        _ => told == PROSE,
                    };
                    let own = found.default;
                    assert!(known, "{page}: {pointer}: {told}, but {own:?}");
                    continue;
                };
                let default = found.default.as_deref();
                let default = default.and_then(value);
                assert_eq!(default, Some(told), "{page}: {pointer}");
                compared += 1;
            }
        }
    }
    assert!(compared > 120, "{compared} defaults are compared");
}

/// No page has a table of defaults that nobody compares.
#[test]
fn every_table_of_defaults_is_compared() {
    for folder in ["docs", "docs/opus", "scenarios", "."] {
        for entry in fs::read_dir(shipped(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if Path::new(&name)
                .extension()
                .is_none_or(|ending| ending != "md")
            {
                continue;
            }
            let page = format!("{folder}/{name}");
            let page = page.trim_start_matches("./");
            let is_known = TABLES.iter().any(|(known, _)| *known == page);
            assert_eq!(!default_tables(page).is_empty(), is_known, "{page}");
        }
    }
}
