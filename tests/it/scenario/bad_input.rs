//! Whatever is wrong in a scenario is said in one clear message, with its place, and nothing panics.
//! The wording is in `tests/messages/`.

mod hostile;
mod parts;
mod service;

use arigatoni::error::{Error, Kind};

use super::*;
use crate::review::Page;

/// What is wrong with `document`.
fn wrong(document: &Value) -> Error {
    let error = parse(document).expect_err(&format!("{document:#}"));
    assert_eq!(error.kind(), Kind::BadInput);
    error
}

/// Where an error says that it is.
fn place(error: &Error) -> String {
    let (place, _, _) = error.clone().into_parts();
    place.unwrap_or_else(|| panic!("no place: {error}"))
}

/// What an error says besides its place.
fn words(error: &Error) -> (String, Option<String>) {
    let (_, what, help) = error.clone().into_parts();
    (what, help)
}

/// The line on which a member of `document` stands, as it is written for these tests.
fn line_of(document: &Value, pointer: &str) -> usize {
    // A word that nothing else in the document has.
    let mut marked = document.clone();
    *marked.pointer_mut(pointer).expect(pointer) = json!("here, and nowhere else");
    let text = format!("{marked:#}");
    let line = text
        .lines()
        .position(|line| line.contains("here, and nowhere else"));
    line.unwrap() + 1
}

/// Every member with a bad value.
const BAD_VALUES: &str = include_str!("bad_values.txt");

/// The rows of a table: pointer and value.
fn rows(table: &str) -> impl Iterator<Item = (&str, &str)> {
    table.trim().lines().map(|row| row.split_once(' ').unwrap())
}

/// That `error` is about what stands at `pointer` of `document`, or about something in it.
fn assert_about(error: &Error, document: &Value, pointer: &str) {
    let place = place(error);
    let (line, at) = place
        .strip_prefix("x.json:")
        .and_then(|rest| rest.split_once(": "))
        .unwrap_or_else(|| panic!("{error}"));
    assert!(at.starts_with(pointer), "{pointer}: {error}");
    assert_eq!(line, line_of(document, at).to_string(), "{error}");
}

#[test]
fn bad_values_are_named_with_file_line_and_pointer() {
    let mut page = Page::new("Bad values in a scenario");
    for (pointer, value) in rows(BAD_VALUES) {
        let mut document = complete();
        *document.pointer_mut(pointer).expect(pointer) = serde_json::from_str(value).unwrap();
        let error = wrong(&document);
        assert_about(&error, &document, pointer);
        page.entry(&format!("{pointer} {value}"), error);
    }
    page.check("scenario-values");
}

/// An argument is told as the place where a file is told with its line, and in the same words.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn bad_values_of_overrides_are_named_with_the_argument() {
    for (pointer, value) in rows(BAD_VALUES) {
        let argument = format!("{pointer}={value}");
        let error = parse_with(&complete(), &[&argument]).expect_err(&argument);
        let mut document = complete();
        *document.pointer_mut(pointer).unwrap() = serde_json::from_str(value).unwrap();
        assert!(
            place(&error).starts_with(&format!("--set {pointer}=")),
            "{error}"
        );
        assert_eq!(words(&error), words(&wrong(&document)));
    }
}

/// What is wrong in the file and overridden does not matter; what else is wrong there does, and so does an override.
#[test]
fn an_override_replaces_what_is_wrong_in_the_file() {
    let mut document = complete();
    document["seed"] = json!("1");
    document["system"]["arigatoni"]["services"]["density"] = json!("0.1");
    let (seed, density) = ("/seed=3", "/system/*/services/density=0.2");
    for overrides in [&[density][..], &[density, "/replications=2"]] {
        let error = parse_with(&document, overrides).unwrap_err();
        assert_about(&error, &document, "/seed");
    }
    let around = r#"/system/*/services={"density": 0.2}"#;
    for overrides in [[density, seed], [seed, around]] {
        let scenario = parse_with(&document, &overrides).unwrap();
        assert_eq!(scenario.effective()["seed"], 3);
        let density = scenario
            .effective()
            .pointer("/system/arigatoni/services/density");
        assert_eq!(density, Some(&json!(0.2)));
    }
    let wrong = "/system/*/services/density=2";
    let error = parse_with(&document, &[seed, wrong]).unwrap_err();
    assert!(
        place(&error).starts_with(&format!("--set {wrong}")),
        "{error}"
    );
}

#[test]
fn every_object_refuses_an_unknown_member() {
    let mut document = complete();
    document["system"]["arigatoni"]["gcus_per_broker"] = json!({"poisson": 2});
    document["sweep"]["axes"]["/seed"] = json!({"from": 1, "to": 2, "step": 1});
    document["figures"] = json!([{"name": "f", "metric": "m"}]);
    let mut page = Page::new("An unknown member in each object of a scenario");
    let mut objects = 0;
    for pointer in every_pointer(&document) {
        let mut edited = document.clone();
        let Some(object) = edited.pointer_mut(&pointer).and_then(Value::as_object_mut) else {
            continue;
        };
        object.insert("qqq".into(), json!(1));
        objects += 1;
        let error = wrong(&edited);
        // Which of the members of `system` is the wrong one cannot be known.
        if pointer == "/system" {
            assert_about(&error, &edited, &pointer);
        } else {
            assert_about(&error, &edited, &format!("{pointer}/qqq"));
        }
        page.entry(&format!("{pointer}/qqq 1"), error);
    }
    assert_eq!(objects, 17, "the walk reaches every object");
    page.check("scenario-unknown-members");
}

fn every_pointer(value: &Value) -> Vec<String> {
    let mut found = vec![String::new()];
    let children: Vec<(String, &Value)> = match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.replace('~', "~0").replace('/', "~1"), value))
            .collect(),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .map(|(index, value)| (index.to_string(), value))
            .collect(),
        _ => Vec::new(),
    };
    for (name, child) in children {
        found.extend(
            every_pointer(child)
                .iter()
                .map(|rest| format!("/{name}{rest}")),
        );
    }
    found
}

#[test]
fn a_misspelt_member_is_told_the_nearest_one() {
    let mut page = Page::new("Misspelt members of a scenario");
    for (from, to) in [
        ("seed", "sed"),
        ("replications", "replicatons"),
        ("acceptance_probability", "acceptance-probability"),
        ("gcus_per_broker", "gcu_per_broker"),
        ("disconnection", "disconection"),
        ("rate_per_s", "rate_per_sec"),
        ("arigatoni", "arigato"),
        ("file", "fil"),
    ] {
        let text = format!("{:#}", complete());
        let name = format!("\"{from}\"");
        let edited = text.replacen(&name, &format!("\"{to}\""), 1);
        let error = Scenario::parse(&edited, "x.json", &[]).unwrap_err();
        let line = 1 + text[..text.find(&name).unwrap()].matches('\n').count();
        assert!(
            place(&error).starts_with(&format!("x.json:{line}: /")),
            "{error}"
        );
        assert!(
            words(&error).1.is_some_and(|help| help.contains(from)),
            "{error}"
        );
        page.entry(to, error);
    }
    page.check("scenario-misspelt");
}

#[test]
fn what_must_be_given_must_be_given() {
    let mut page = Page::new("Members that a scenario must have");
    for name in ["version", "name", "topology"] {
        let mut document = complete();
        document.as_object_mut().unwrap().remove(name);
        let error = wrong(&document);
        assert!(place(&error).starts_with("x.json"), "{error}");
        page.entry(&format!("without {name}"), error);
    }
    page.check("scenario-required");
}

#[test]
fn text_that_is_not_json_is_told_its_line() {
    let mut page = Page::new("Files that are no JSON, or no scenario");
    for (text, line) in [
        ("", 1),
        ("{\n\"version\": 1,\n", 3),
        ("{\"version\": 1,\n \"seed\": NaN}", 2),
        ("{\"seed\": Infinity}", 1),
        ("{\"seed\":\n1e999}", 2),
        ("{} x", 1),
        ("{}\n{}", 2),
        ("{\"seed\": 1,\n\"seed\": 2}", 2),
        ("{\"a\": {\"b\": 1, \"b\": 1}}", 1),
        ("{\"seed\": 1,}", 1),
        ("// a\n{}", 1),
        ("[]", 1),
        ("null", 1),
    ] {
        let error = Scenario::parse(text, "x.json", &[]).expect_err(text);
        assert!(
            place(&error).starts_with(&format!("x.json:{line}")),
            "{error}"
        );
        page.entry(&format!("{text:?}"), error);
    }
    let deep = "[".repeat(100_000);
    let error = Scenario::parse(&deep, "x.json", &[]).unwrap_err();
    page.entry("100,000 times [", error);
    page.check("scenario-json");
}

#[test]
fn a_file_of_another_version_is_told_so_whatever_else_it_has() {
    let mut page = Page::new("A scenario of another version");
    let other = json!({"version": 3, "graph": "new"});
    let error = wrong(&other);
    assert_about(&error, &other, "/version");
    page.entry(&other.to_string(), error);
    page.check("scenario-version");
}

#[test]
fn more_time_than_can_be_simulated_is_refused() {
    let mut page = Page::new("A scenario that takes too long");
    let mut document = complete();
    document["system"]["arigatoni"]["requests"]["rate_per_s"] = json!(1e-5);
    let error = wrong(&document);
    assert_about(&error, &document, "/system/arigatoni/requests");
    page.entry("50,000 requests at 0.00001 a second", error);
    document["system"]["arigatoni"]["requests"]["rate_per_s"] = json!(5e-4);
    parse(&document).expect("10^8 s are allowed");
    page.check("scenario-times");
}

#[test]
fn an_override_of_nothing_is_told_the_nearest_member() {
    let mut page = Page::new("Overrides of members that are not there");
    for (argument, meant) in [
        (
            "/system/*/disconnection/rat=1",
            "/system/arigatoni/disconnection/rate",
        ),
        (
            "/disconnection/rate=1",
            "/system/arigatoni/disconnection/rate",
        ),
        ("/seeds=1", "/seed"),
        ("/system/opus/slots=1", "/system/arigatoni/slots"),
        ("/sed/x=1", "/seed"),
    ] {
        let error = parse_with(&complete(), &[argument]).expect_err(argument);
        assert!(place(&error).starts_with("--set "), "{error}");
        assert!(
            words(&error).1.is_some_and(|help| help.contains(meant)),
            "{error}"
        );
        page.entry(&format!("--set {argument}"), error);
    }
    for argument in ["/=1", "/seed/=1", "/system/*/*/x=1", "/access/7=2"] {
        let error = parse_with(&complete(), &[argument]).expect_err(argument);
        page.entry(&format!("--set {argument}"), error);
    }
    page.check("scenario-overrides");
}

/// The nearest number is taken, not one beside it: a scenario that is written out comes back as it
/// was.
#[test]
fn decimals_are_read_exactly() {
    let density = 0.998_534_154_255_909_6;
    let document = json!({
        "version": 1,
        "name": "x",
        "topology": {"file": "a.gb"},
        "system": {"arigatoni": {"services": {"density": density}}},
    });
    let scenario = parse(&document).expect("it is valid");
    let read = scenario
        .effective()
        .pointer("/system/arigatoni/services/density");
    assert_eq!(read, Some(&json!(density)));
}
