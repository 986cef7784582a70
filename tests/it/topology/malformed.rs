//! GraphML whose data are not what their names promise: refused where a result would depend on it, told
//! where the graph is only looked at. The wording is in `tests/messages/`.

use std::fmt::Write;
use std::path::PathBuf;

use arigatoni::error::Error;
use arigatoni::topology::{LengthUnit, Purpose, ReadOptions, Reading, load, load_bytes};

use crate::review::{Page, reads};

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

fn refusal(bytes: &[u8]) -> Error {
    routed(bytes).unwrap_err()
}

/// That `error` is about this line.
fn assert_line(error: &Error, line: u32) {
    let (place, _, _) = error.clone().into_parts();
    assert_eq!(place, Some(line.to_string()), "{error}");
}

/// The line of the first edge; the nodes have the three before it.
const FIRST_EDGE: u32 = 5;

fn notes(bytes: &[u8]) -> String {
    routed(bytes).unwrap().account.notes.join("\n")
}

#[test]
fn a_latency_that_is_no_number_is_never_replaced_silently() {
    let mut page = Page::new("Latencies of an edge, 80, ODD and 60, of which one is no number");
    for odd in [
        "n/a",
        "80,5",
        "1,045",
        "~80",
        "&lt;1",
        "0x50",
        "95 furlongs",
        "-1",
    ] {
        let bytes = triangle(&[("latency", ["80", odd, "60"])]);
        let error = refusal(&bytes);
        assert_line(&error, FIRST_EDGE + 1);
        page.entry(odd, error);
        let note = looked_at(&bytes).account.notes.join("\n");
        page.entry(&format!("{odd}, and the graph is only looked at"), note);
    }
    let all = triangle(&[("latency", ["unknown", "unknown", "unknown"])]);
    page.entry("all three are `unknown`", refusal(&all));
    let both = triangle(&[
        ("latency", ["80", "n/a", "60"]),
        ("weight", ["600", "700", "1000"]),
    ]);
    page.entry("another column does not step in", refusal(&both));
    // Without places the way out is not a default alone.
    let nowhere = file(&[("latency", ["80", "n/a", "60"])], [("", ""); 3]);
    page.entry("n/a, and no node has a place", refusal(&nowhere));
    page.check("graphml-latencies");
}

#[test]
fn numbers_that_could_be_lengths_and_are_not_used_are_told() {
    let mut page = Page::new("Edges with numbers of a name that may tell lengths");
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
        page.entry(name, notes(&triangle(&[(name, ["1", "2", "3"])])));
        let nowhere = refusal(&file(&[(name, ["1", "2", "3"])], [("", ""); 3]));
        page.entry(&format!("{name}, and no node has a place"), nowhere);
    }
    page.check("graphml-other-lengths");
    assert_eq!(notes(&triangle(&[("LinkSpeed", ["10", "2", "3"])])), "");
}

#[test]
fn units_are_told() {
    let kilometres = ReadOptions {
        length_unit: Some(LengthUnit::Km),
        ..ReadOptions::default()
    };
    let mut page = Page::new("Units of lengths");
    let mut told = |name: &str, values: [&str; 3], options: &ReadOptions| {
        let bytes = triangle(&[(name, values)]);
        let reading = load_bytes(bytes, options, Purpose::Routes).unwrap();
        let options = options.length_unit.map_or("", |_| "--length-unit km, ");
        let input = format!("{options}{name} {}", values.join(", "));
        page.entry(&input, reading.account.notes.join("\n"));
    };
    // A unit that has no effect.
    told("LinkSpeed", ["10", "2", "3"], &kilometres);
    told("latency", ["10 ms", "2 ms", "3 ms"], &kilometres);
    // Data that tell their own.
    told(
        "latency",
        ["80 km", "95 km", "60 km"],
        &ReadOptions::default(),
    );
    told("latency", ["80", "95 us", "60 s"], &ReadOptions::default());
    page.check("graphml-units");
    let used: Vec<_> = looked_at(&triangle(&[("latency", ["80 km", "95 km", "60 km"])]))
        .account
        .edges
        .into_iter()
        .filter_map(|column| column.used_as)
        .collect();
    assert_eq!(used, ["length, in the unit that it tells"]);
}

#[test]
fn places_are_needed_where_lengths_follow_from_them() {
    let mut page = Page::new("Places of nodes");
    let places = [("3,1", "50,6"), ("-4.5", "48.4"), ("7.0", "43.6")];
    let error = refusal(&file(&[], places));
    assert_line(&error, 2);
    page.entry("3,1 and 50,6", error);
    assert_eq!(looked_at(&file(&[], places)).graph.routers.len(), 3);
    let told = notes(&file(&[("latency", ["1", "2", "3"])], places));
    page.entry("3,1 and 50,6, but the edges have latencies", told);
    // Numbers that are no degrees are not used, and not said to be.
    let grid = file(&[], [("310", "5060"), ("45", "4840"), ("70", "4360")]);
    page.entry("310 and 5060", refusal(&grid));
    page.check("graphml-places");
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
    let mut notes = Vec::new();
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
        notes.push(reading.account.notes.join("\n"));
    }
    // No link is told to differ by direction.
    reads(
        "graphml-arcs",
        "Arcs of one length, in two orders",
        &[("1, 3, 3, 1", &notes[0]), ("1, 3, 3, 1 in turn", &notes[1])],
    );
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

/// A wrong latency stays unknown, also in what is written, and the datum is kept.
#[test]
fn what_is_no_length_is_not_written_as_one() {
    let bytes = triangle(&[("latency", ["80", "n/a", "60"])]);
    let reading = looked_at(&bytes);
    assert_eq!(
        [0, 1, 2].map(|link| reading.has_length(link)),
        [true, false, true]
    );
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.graphml");
    arigatoni::topology::save(&copy, &reading).unwrap();
    let text = std::fs::read_to_string(&copy).unwrap();
    assert_eq!(text.matches("<data key=\"length\">").count(), 2, "{text}");
    assert!(text.contains(">n/a</data>"), "{text}");
}

#[test]
fn places_under_other_names_are_pointed_at() {
    let file = |columns: &[(&str, [&str; 2])]| {
        let keys = (0..).zip(columns).map(|(number, (name, _))| {
            format!("<key id='k{number}' for='node' attr.name='{name}'/>")
        });
        let node = |id: &str, which: usize| {
            let data = (0..).zip(columns).map(|(number, (_, values))| {
                format!("<data key='k{number}'>{}</data>", values[which])
            });
            format!("<node id='{id}'>{}</node>", data.collect::<String>())
        };
        format!(
            "<graphml>{}<graph>{}{}<edge source='a' target='b'/></graph></graphml>",
            keys.collect::<String>(),
            node("a", 0),
            node("b", 1)
        )
    };
    let mut page = Page::new("Nodes whose places have other names");
    let error = refusal(file(&[("pos_y", ["50", "48"]), ("pos_x", ["3", "-4"])]).as_bytes());
    page.entry("pos_y and pos_x", error);
    for name in ["pos", "coordinates", "lat_lon"] {
        let error = refusal(file(&[(name, ["3.1,50.6", "(-4.5, 48.4)"])]).as_bytes());
        page.entry(name, error);
    }
    page.check("graphml-other-places");
}

#[test]
fn entities_of_the_document_type_are_read() {
    let text = "<?xml version='1.0'?><!DOCTYPE graphml [ <!ENTITY city \"Lille\"> ]><graphml>\
                <key id='l' for='node' attr.name='label'/><graph id='G &amp; &city;'>\
                <node id='&city;'><data key='l'>&city; 2</data></node></graph></graphml>";
    let reading = looked_at(text.as_bytes());
    assert_eq!(reading.graph.routers[0].label, "Lille 2");
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.graphml");
    arigatoni::topology::save(&copy, &reading).unwrap();
    let text = std::fs::read_to_string(&copy).unwrap();
    assert!(text.contains("<graph id=\"G &amp; Lille\" "), "{text}");
    assert!(text.contains("<node id=\"Lille\">"), "{text}");
}
