//! GraphML whose data are not what their names promise: refused where a result would depend on it, told
//! where the graph is only looked at.

use std::fmt::Write;
use std::path::PathBuf;

use arigatoni::topology::{LengthUnit, Purpose, ReadOptions, Reading, load, load_bytes};

/// Three nodes at places in France, and edges with these data.
fn triangle(columns: &[(&str, [&str; 3])]) -> Vec<u8> {
    file(
        columns,
        [("3.1", "50.6"), ("-4.5", "48.4"), ("7.0", "43.6")],
    )
}

fn file(columns: &[(&str, [&str; 3])], places: [(&str, &str); 3]) -> Vec<u8> {
    let mut text = String::from(
        "<graphml><key id=\"lo\" for=\"node\" attr.name=\"Longitude\"/>\
         <key id=\"la\" for=\"node\" attr.name=\"Latitude\"/>",
    );
    for (number, (name, _)) in columns.iter().enumerate() {
        write!(
            text,
            "<key id=\"e{number}\" for=\"edge\" attr.name=\"{name}\"/>"
        )
        .unwrap();
    }
    text.push_str("<graph edgedefault=\"undirected\">\n");
    for (id, (east, north)) in ["a", "b", "c"].iter().zip(places) {
        write!(text, "<node id=\"{id}\">").unwrap();
        if !east.is_empty() {
            write!(
                text,
                "<data key=\"lo\">{east}</data><data key=\"la\">{north}</data>"
            )
            .unwrap();
        }
        text.push_str("</node>\n");
    }
    for (number, [from, to]) in [["a", "b"], ["b", "c"], ["a", "c"]].iter().enumerate() {
        write!(text, "<edge source=\"{from}\" target=\"{to}\">").unwrap();
        for (column, (_, values)) in columns.iter().enumerate() {
            write!(text, "<data key=\"e{column}\">{}</data>", values[number]).unwrap();
        }
        text.push_str("</edge>\n");
    }
    (text + "</graph></graphml>").into_bytes()
}

fn routed(bytes: &[u8]) -> arigatoni::error::Result<Reading> {
    load_bytes(bytes.to_vec(), &ReadOptions::default(), Purpose::Routes)
}

fn looked_at(bytes: &[u8]) -> Reading {
    load_bytes(bytes.to_vec(), &ReadOptions::default(), Purpose::Look).unwrap()
}

fn refusal(bytes: &[u8]) -> String {
    routed(bytes).unwrap_err().to_string()
}

fn notes(bytes: &[u8]) -> String {
    routed(bytes).unwrap().account.notes.join("\n")
}

#[test]
fn a_latency_that_is_no_number_is_never_replaced_silently() {
    for odd in [
        "n/a",
        "80,5",
        "1,045",
        "~80",
        "<1".replace('<', "&lt;").as_str(),
        "0x50",
        "95 furlongs",
        "-1",
    ] {
        let bytes = triangle(&[("latency", ["80", odd, "60"])]);
        let error = refusal(&bytes);
        assert!(error.starts_with("6: `latency` is "), "{odd}: {error}");
        for choice in ["--length-from places", "--length-from NAME"] {
            assert!(error.contains(choice), "{odd}: {error}");
        }
        let note = looked_at(&bytes).account.notes.join("\n");
        assert!(
            note.contains("`latency` is") && note.contains("(line 6)"),
            "{odd}: {note}"
        );
    }
    let all = refusal(&triangle(&[("latency", ["unknown", "unknown", "unknown"])]));
    assert!(
        all.contains("not a number, and 2 more are no such numbers"),
        "{all}"
    );
    // Another column does not step in.
    let both = refusal(&triangle(&[
        ("latency", ["80", "n/a", "60"]),
        ("weight", ["600", "700", "1000"]),
    ]));
    assert!(both.contains("`latency` is `n/a`"), "{both}");
    // Without places the way out is not a default alone.
    let nowhere = refusal(&file(&[("latency", ["80", "n/a", "60"])], [("", ""); 3]));
    assert!(
        nowhere.contains("`latency` is `n/a`, not a number (line 6)"),
        "{nowhere}"
    );
    assert!(nowhere.contains("--length-from NAME"), "{nowhere}");
}

#[test]
fn numbers_that_could_be_lengths_and_are_not_used_are_told() {
    for name in [
        "igp",
        "igp_metric",
        "ospf_cost",
        "te_metric",
        "link_weight",
        "travel_time",
        "dly",
        "w",
        "value",
    ] {
        let told = notes(&triangle(&[(name, ["1", "2", "3"])]));
        assert!(
            told.contains(&format!("`{name}` may tell lengths and are not used")),
            "{told}"
        );
        let nowhere = refusal(&file(&[(name, ["1", "2", "3"])], [("", ""); 3]));
        assert!(nowhere.contains("--length-from NAME"), "{nowhere}");
    }
    assert_eq!(notes(&triangle(&[("LinkSpeed", ["10", "2", "3"])])), "");
}

#[test]
fn a_unit_without_effect_is_told() {
    let options = ReadOptions {
        length_unit: Some(LengthUnit::Km),
        ..ReadOptions::default()
    };
    let bytes = triangle(&[("LinkSpeed", ["10", "2", "3"])]);
    let notes = load_bytes(bytes, &options, Purpose::Routes)
        .unwrap()
        .account
        .notes
        .join("\n");
    assert!(
        notes.contains("the unit of lengths, km, has no effect"),
        "{notes}"
    );
}

#[test]
fn data_that_tell_their_own_unit_are_said_to() {
    let own = triangle(&[("latency", ["80 km", "95 km", "60 km"])]);
    let told = notes(&own);
    assert!(told.contains("each in the unit that it tells"), "{told}");
    let used: Vec<_> = looked_at(&own)
        .account
        .edges
        .into_iter()
        .filter_map(|column| column.used_as)
        .collect();
    assert_eq!(used, ["length, in the unit that it tells"]);
    let some = notes(&triangle(&[("latency", ["80", "95 us", "60 s"])]));
    assert!(
        some.contains("taken for ms, but for those that tell their own unit"),
        "{some}"
    );
}

#[test]
fn places_are_needed_where_lengths_follow_from_them() {
    let places = [("3,1", "50,6"), ("-4.5", "48.4"), ("7.0", "43.6")];
    let error = refusal(&file(&[], places));
    assert!(
        error.contains("`Longitude` is `3,1`, not a number, and 1 more"),
        "{error}"
    );
    assert!(error.contains("--place-from"), "{error}");
    assert_eq!(looked_at(&file(&[], places)).graph.routers.len(), 3);
    let told = notes(&file(&[("latency", ["1", "2", "3"])], places));
    assert!(told.contains("such nodes have no place"), "{told}");
    // Numbers that are no degrees are not used, and not said to be.
    let grid = file(&[], [("310", "5060"), ("45", "4840"), ("70", "4360")]);
    let error = refusal(&grid);
    assert!(error.contains("are not degrees"), "{error}");
    let used = looked_at(&grid).account.nodes;
    assert!(
        used.iter().all(|column| column.used_as.is_none()),
        "{used:?}"
    );
}

#[test]
fn arcs_of_one_length_belong_together() {
    let edge = |from: &str, to: &str, length: u32| {
        format!("<edge source=\"{from}\" target=\"{to}\"><data key=\"l\">{length}</data></edge>")
    };
    let orders: [[(&str, &str, u32); 4]; 2] = [
        [("a", "b", 1), ("a", "b", 3), ("b", "a", 3), ("b", "a", 1)],
        [("a", "b", 1), ("b", "a", 3), ("a", "b", 3), ("b", "a", 1)],
    ];
    for order in orders {
        let edges: String = order
            .iter()
            .map(|(from, to, length)| edge(from, to, *length))
            .collect();
        let text = format!(
            "<graphml><key id=\"l\" for=\"edge\" attr.name=\"latency\"/><graph edgedefault=\"directed\">\
             <node id=\"a\"/><node id=\"b\"/>{edges}</graph></graphml>"
        );
        let reading = routed(text.as_bytes()).unwrap();
        let lengths: Vec<f64> = reading.graph.links.iter().map(|link| link.length).collect();
        assert_eq!(lengths, [1.0, 3.0], "{order:?}");
        let told = reading.account.notes.join("\n");
        assert!(!told.contains("by direction"), "{told}");
    }
}

/// What this program wrote asks for no choice when it reads it.
#[test]
fn its_own_files_are_read_without_questions() {
    let folder = tempfile::tempdir().unwrap();
    let case = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/data/graphml/lat-lon-dist.graphml"
    ));
    let reading = load(&case, &ReadOptions::default(), Purpose::Look).unwrap();
    let copy = folder.path().join("copy.graphml");
    arigatoni::topology::save(&copy, &reading).unwrap();
    let again = load(&copy, &ReadOptions::default(), Purpose::Routes).unwrap();
    assert_eq!(again.account.notes, [""; 0]);
    assert_eq!(again.graph.links, reading.graph.links);
}
