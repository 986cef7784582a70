//! The JSON Schema says what the parser does.

use super::*;

/// The schemas for the value at `segments` of a document under `schema`: all branches that fit.
fn at<'a>(root: &'a Value, schema: &'a Value, segments: &[&str]) -> Vec<&'a Value> {
    let branches = ["oneOf", "anyOf"]
        .iter()
        .filter_map(|name| schema.get(name)?.as_array())
        .flatten();
    let referred = schema.get("$ref").map(|reference| {
        let pointer = reference.as_str().unwrap().trim_start_matches('#');
        root.pointer(pointer).unwrap()
    });
    let mut found: Vec<&Value> = branches
        .chain(referred)
        .flat_map(|schema| at(root, schema, segments))
        .collect();
    let Some((first, rest)) = segments.split_first() else {
        found.push(schema);
        return found;
    };
    let member = schema
        .get("properties")
        .and_then(|properties| properties.get(first))
        .or_else(|| schema.get("patternProperties")?.get("^/"))
        .or_else(|| schema.get("items"))
        // Where users choose the names.
        .or_else(|| schema.get("additionalProperties"));
    found.extend(member.into_iter().flat_map(|schema| at(root, schema, rest)));
    found
}

/// Every member of `document` is in the schema.
fn assert_covered(schema: &Value, document: &Value) {
    fn walk<'a>(schema: &Value, value: &'a Value, path: &mut Vec<&'a str>) {
        assert!(
            !at(schema, schema, path).is_empty(),
            "the schema does not know /{}",
            path.join("/")
        );
        // Their members are named by other places.
        if path == &["sweep", "axes"] || path == &["sweep", "labels"] {
            return;
        }
        for (name, member) in value.as_object().into_iter().flatten() {
            path.push(name);
            walk(schema, member, path);
            path.pop();
        }
    }
    walk(schema, document, &mut Vec::new());
}

#[test]
fn every_object_of_the_schema_is_closed_and_described() {
    fn walk(schema: &Value, objects: &mut u32) {
        if let Some(members) = schema.as_object() {
            if members.get("type") == Some(&json!("object")) {
                *objects += 1;
                let others = members.get("additionalProperties");
                // Where users choose the names, it says what all members are.
                let is_map = !members.contains_key("properties");
                let is_closed =
                    others == Some(&json!(false)) || is_map && others.is_some_and(Value::is_object);
                assert!(is_closed, "{schema:#}");
                for (name, member) in members
                    .get("properties")
                    .and_then(Value::as_object)
                    .into_iter()
                    .flatten()
                {
                    let described =
                        member.get("description").is_some() || schema.get("description").is_some();
                    assert!(described, "{name} has no description");
                }
            }
            members.values().for_each(|member| walk(member, objects));
        } else if let Some(list) = schema.as_array() {
            for item in list {
                walk(item, objects);
            }
        }
    }
    let schema = scenario::schema();
    let dialect = "https://json-schema.org/draft/2020-12/schema";
    assert_eq!(schema["$schema"], dialect);
    let mut objects = 0;
    walk(&schema, &mut objects);
    // Tests beside this one add systems of their own to the whole program.
    assert!(objects >= 97, "{objects}");
}

#[test]
fn the_schema_covers_every_member_and_knows_its_default() {
    let schema = scenario::schema();
    let document = complete();
    assert_covered(&schema, &document);
    for pointer in [
        "/seed",
        "/replications",
        "/topology/largest_component",
        "/topology/default_latency_ms",
        "/precision",
        "/theory",
        "/network/routing",
        "/system/arigatoni/slots",
        "/system/arigatoni/services/density",
        "/system/arigatoni/disconnection/timeout_ms",
        "/system/arigatoni/requests/deadline_ms",
        "/system/arigatoni/access_latency_ms",
        "/system/arigatoni/brokers/root",
        "/sweep/zip",
        "/figures",
    ] {
        let segments: Vec<&str> = pointer.split('/').skip(1).collect();
        let stated = at(&schema, &schema, &segments)
            .iter()
            .find_map(|schema| schema.get("default"));
        assert!(stated.is_some(), "{pointer} has no default");
        assert_eq!(stated, document.pointer(pointer), "{pointer}");
    }
}

#[test]
fn the_limits_of_the_schema_are_those_of_the_parser() {
    let schema = scenario::schema();
    let mut document = complete();
    // Other values that are numbers, and a rate at which any count fits.
    document["topology"] = json!({"file": "a.graphml", "default_latency_ms": 1});
    document["system"]["arigatoni"]["slots"] = json!(1);
    document["system"]["arigatoni"]["brokers"]["root"] = json!(1);
    document["system"]["arigatoni"]["requests"]["rate_per_s"] = json!(100_000);
    let mut checked = 0;
    let try_at = |pointer: &str, value: Value| {
        let mut edited = document.clone();
        *edited.pointer_mut(pointer).unwrap() = value;
        parse(&edited).map(drop).map_err(|error| error.to_string())
    };
    let mut pointers = Vec::new();
    numbers(&document, "", &mut pointers);
    for pointer in pointers {
        let segments: Vec<&str> = pointer.split('/').skip(1).collect();
        let found = at(&schema, &schema, &segments);
        let limit = |name: &str| found.iter().find_map(|schema| schema.get(name));
        let maximum = limit("maximum").expect(&pointer);
        // Of the access range, only the upper end may rise alone.
        if pointer != "/system/arigatoni/access_latency_ms/0" {
            assert_eq!(try_at(&pointer, maximum.clone()), Ok(()), "{pointer}");
        }
        let above = maximum.as_f64().unwrap() * 1.01 + 1.0;
        try_at(&pointer, json!(above)).expect_err(&pointer);
        if let Some(bound) = limit("exclusiveMinimum") {
            try_at(&pointer, bound.clone()).expect_err(&pointer);
        } else {
            let minimum = limit("minimum").expect(&pointer);
            if pointer != "/system/arigatoni/access_latency_ms/1" {
                assert_eq!(try_at(&pointer, minimum.clone()), Ok(()), "{pointer}");
            }
            let below = minimum.as_f64().unwrap() - 1.0;
            try_at(&pointer, json!(below)).expect_err(&pointer);
        }
        checked += 1;
    }
    assert!(checked >= 29, "every number of the document: {checked}");
}

fn numbers(value: &Value, here: &str, found: &mut Vec<String>) {
    match value {
        Value::Number(_) => found.push(here.into()),
        Value::Object(members) => members
            .iter()
            .for_each(|(name, value)| numbers(value, &format!("{here}/{name}"), found)),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .for_each(|(index, value)| numbers(value, &format!("{here}/{index}"), found)),
        _ => {}
    }
}

#[test]
fn the_schema_covers_the_shipped_scenarios() {
    let schema = scenario::schema();
    for (_, text) in shipped::all() {
        assert_covered(&schema, &serde_json::from_str(&text).unwrap());
    }
}
