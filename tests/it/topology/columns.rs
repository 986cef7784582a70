//! GraphML as others write it: which columns are used, what is said of the others, and that
//! nothing is lost. The files are in `tests/data/graphml`.

use std::path::{Path, PathBuf};

use arigatoni::parameters::number::LatencyMs;
use arigatoni::topology::{
    LengthUnit, Purpose, ReadOptions, Reading, RouterId, load, read, read_with,
};

use super::command::{arigatoni, error, stdout};
use super::labels;
use crate::review::{Page, lines_with, reads};

/// The page of what is said of columns, each test with a section.
const COLUMNS: &str = "graphml-columns";

/// A file of the kinds that others write.
fn case(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/graphml")).join(name)
}

fn lengths(reading: &Reading) -> Vec<f64> {
    reading.graph.links.iter().map(|link| link.length).collect()
}

fn used(name: &str) -> Reading {
    load(&case(name), &ReadOptions::default(), Purpose::Routes).unwrap()
}

/// What is said of each file, whether it can be read or not.
#[test]
fn what_is_said_of_each_file() {
    let folder = case("");
    let files = std::fs::read_dir(&folder).unwrap();
    let mut files: Vec<PathBuf> = files.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| {
        path.extension()
            .is_some_and(|it| it.eq_ignore_ascii_case("graphml"))
    });
    files.sort();
    assert!(files.len() > 10, "{files:?}");
    let mut page = Page::new("GraphML as others write it, read for routes");
    for path in files {
        let name = path.file_name().unwrap().display().to_string();
        let said = match load(&path, &ReadOptions::default(), Purpose::Routes) {
            Ok(reading) => reading.account.notes.join("\n"),
            Err(error) => without_folder(&path, &error.to_string()),
        };
        page.entry(&name, said);
    }
    page.check("graphml-of-others");
}

#[test]
fn latencies_that_edges_tell_are_used_whatever_their_usual_name() {
    let reading = used("latency-ignored.graphml");
    assert_eq!(lengths(&reading), [80.0, 95.0, 60.0]);
    let reading = used("latency-no-coordinates.graphml");
    assert_eq!(lengths(&reading), [5.0, 42.5, 17.0]);
    // A default is for links that have none.
    let default = ReadOptions {
        default_latency_ms: Some(LatencyMs(1.0)),
        ..ReadOptions::default()
    };
    let graph = read_with(&case("latency-no-coordinates.graphml"), &default).unwrap();
    let lengths: Vec<f64> = graph.links.iter().map(|link| link.length).collect();
    assert_eq!(lengths, [5.0, 42.5, 17.0]);
}

#[test]
fn ways_in_kilometres_become_the_time_of_light() {
    let reading = used("lat-lon-dist.graphml");
    for (length, km) in lengths(&reading).into_iter().zip([602.1, 1045.3, 834.9]) {
        assert!((length - km * 0.005).abs() < 1e-12, "{length}");
    }
    assert_eq!(reading.graph.routers[1].position, Some([-4.5, 48.4]));
    assert_eq!(reading.graph.routers[1].label, "Brest");
    let told: Vec<_> = reading
        .account
        .nodes
        .iter()
        .map(|column| (column.name.as_str(), column.used_as.as_deref()))
        .collect();
    assert_eq!(
        told,
        [
            ("lat", Some("place: latitude")),
            ("lon", Some("place: longitude")),
            ("name", Some("label"))
        ]
    );
}

#[test]
fn defaults_of_keys_count() {
    let reading = used("key-default-length.graphml");
    assert_eq!(lengths(&reading), [40.0, 95.0, 40.0]);
}

#[test]
fn lengths_of_no_certain_unit_are_not_mixed_with_computed_ones() {
    let path = case("length-of-some.graphml");
    let mut page = Page::new("length-of-some.graphml");
    let mut entry = |input: &str, message: &str| page.entry(input, without_folder(&path, message));
    entry("(no option)", &read(&path).unwrap_err().to_string());
    let mut options = ReadOptions {
        length_unit: Some(LengthUnit::Km),
        ..ReadOptions::default()
    };
    let reading = load(&path, &options, Purpose::Routes).unwrap();
    assert!((lengths(&reading)[0] - 3.01).abs() < 1e-12);
    entry("--length-unit km", &reading.account.notes.join("\n"));
    options.length_unit = None;
    options.length_from = Some("places".into());
    let graph = read_with(&path, &options).unwrap();
    assert!(
        (graph.links[0].length - 3.0026).abs() < 0.001,
        "{}",
        graph.links[0].length
    );
    options.length_from = Some("weigth".into());
    let error = read_with(&path, &options).unwrap_err();
    entry("--length-from weigth", &error.to_string());
    page.check("graphml-length-of-some");
}

#[test]
fn two_arcs_are_one_link_and_unequal_ones_are_told() {
    assert_eq!(lengths(&used("both-ways-unequal.graphml")), [1.0]);
    // A third arc has no mate and is a link of its own.
    let arcs =
        "<edge source='a' target='b'/><edge source='b' target='a'/><edge source='a' target='b'/>";
    let text = format!(
        "<graphml><graph edgedefault='directed'><node id='a'/><node id='b'/>{arcs}</graph></graphml>"
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.graphml");
    std::fs::write(&path, text).unwrap();
    let reading = load(&path, &ReadOptions::default(), Purpose::Look).unwrap();
    assert_eq!(reading.graph.links.len(), 2);
}

#[test]
fn files_are_read_as_they_come() {
    for name in ["doctype.graphml", "UPPER.GRAPHML"] {
        assert_eq!(read(&case(name)).unwrap().links.len(), 2, "{name}");
    }
    let text = std::fs::read_to_string(case("doctype.graphml")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let whole = read(&case("doctype.graphml")).unwrap();
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let path = folder.path().join("wide.GraphML");
    std::fs::write(&path, [&[0xff, 0xfe], wide.as_slice()].concat()).unwrap();
    assert_eq!(read(&path).unwrap(), whole);
    // What `convert` packs is read again, also from standard input.
    let packed = folder.path().join("x.graphml.gz");
    let [from, to] =
        [&case("doctype.graphml"), &packed].map(|path| path.to_str().unwrap().to_owned());
    stdout(&arigatoni(&["convert", &from, &to], ""));
    assert_eq!(read(&packed).unwrap(), whole);
    let told = stdout(&arigatoni(&["info", "-"], &text));
    assert!(told.contains("routers                     3"), "{told}");
}

#[test]
fn what_is_no_graph_is_named() {
    let mut page = Page::new("Files that are no graphs, or graphs of another format");
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.gb");
    std::fs::write(&empty, "").unwrap();
    let others = ["event_trace.tab", "gephi.gexf", "oversim.trace"];
    let others = others.map(|name| case("../formats").join(name));
    for path in [empty, case("not-found.graphml")].iter().chain(&others) {
        let error = read(path).unwrap_err();
        let name = path.file_name().unwrap().display().to_string();
        page.entry(&name, without_folder(path, &error.to_string()));
    }
    page.check("topology-formats");
}

/// A message in which the file has no folder.
fn without_folder(path: &Path, message: &str) -> String {
    let folder = path.parent().unwrap();
    message.replace(&format!("{}/", folder.display()), "")
}

#[test]
fn counting_and_drawing_need_neither_latencies_nor_places() {
    let path = case("nan-place.graphml");
    let message = read(&path).unwrap_err().to_string();
    let path = path.to_str().unwrap();
    let output = arigatoni(&["info", path], "");
    let length = lines_with(&stdout(&output), &["link length"]);
    let notes = String::from_utf8_lossy(&output.stderr);
    reads(
        COLUMNS,
        "A graph of which a place is not known",
        &[
            ("what `info` counts", &length),
            ("what it says", &without_folder(Path::new(path), &notes)),
        ],
    );
    let folder = tempfile::tempdir().unwrap();
    let written = folder.path().join("y.graphml");
    stdout(&arigatoni(
        &["convert", path, written.to_str().unwrap()],
        "",
    ));
    // What is not known is not written as 0.
    assert_eq!(
        read(&written)
            .unwrap_err()
            .to_string()
            .replace("y.graphml", ""),
        message.replace(path, &format!("{}/", folder.path().display()))
    );
}

#[test]
fn distances_take_numbers_ids_and_labels() {
    let path = case("ids-from-1.graphml");
    let path = path.to_str().unwrap();
    let asked = |arguments: &[&str], line: &str| {
        arigatoni(
            &[&["distances", path], arguments].concat(),
            &format!("{line}\n"),
        )
    };
    for (arguments, line, answer) in [
        (&[][..], "Ulm,Bonn", "Ulm,Bonn,1,10,,"),
        (&[], "#1,\"Kiel\"", "#1,\"Kiel\",1,100,,"),
        (&[], "4,Kiel", "4,Kiel,1,1000,,"),
        (&["--by", "id"], "1,2", "1,2,1,10,,"),
        (&["--by", "number"], "1,2", "1,2,1,100,,"),
    ] {
        let told = stdout(&asked(arguments, line));
        assert_eq!(told.lines().nth(1), Some(answer), "{line}");
    }
    reads(
        COLUMNS,
        "Routers that a word does not name",
        &[
            ("1,Ulm", &error(&asked(&[], "1,Ulm"))),
            (
                "1,Ulm --by label",
                &error(&asked(&["--by", "label"], "1,Ulm")),
            ),
        ],
    );
    let told = stdout(&arigatoni(&["info", "--routers", path], ""));
    assert!(
        told.starts_with("number,id,label,x,y\n0,1,Ulm,,\n"),
        "{told}"
    );
}

#[test]
fn converting_keeps_ids_and_data_that_it_does_not_need() {
    let folder = tempfile::tempdir().unwrap();
    let text = "<graphml><key id='s' for='edge' attr.name='LinkSpeed' attr.type='int'><default>10</default></key>\
        <key id='c' for='node' attr.name='Country'/><key id='g' for='graph' attr.name='Creator'/>\
        <key id='l' for='edge' attr.name='length'/><key id='d' for='edge' attr.name='delay'/>\
        <graph><data key='g'>me &amp; you</data><node id='n \"1\"'><data key='c'>FR</data><data key='u'>?</data></node>\
        <node id='n2'/><edge source='n \"1\"' target='n2'><data key='s'>40</data><data key='d'>2</data>\
        <data key='l'>400</data></edge></graph></graphml>";
    let path = folder.path().join("x.graphml");
    std::fs::write(&path, text).unwrap();
    let first = load(&path, &ReadOptions::default(), Purpose::Routes).unwrap();
    assert_eq!(lengths(&first), [2.0], "the latency goes before the length");
    let notes = first.account.notes.join("\n");
    reads(
        COLUMNS,
        "Edges with a delay and a length",
        &[("notes", &notes)],
    );
    let written = folder.path().join("y.graphml");
    arigatoni::topology::save(&written, &first).unwrap();
    let text = std::fs::read_to_string(&written).unwrap();
    for part in [
        "id=\"n &quot;1&quot;\"",
        ">FR<",
        ">me &amp; you<",
        ">?<",
        "attr.name=\"LinkSpeed\" attr.type=\"int\"><default>10<",
        "attr.name=\"length_given\"",
        ">400<",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let second = load(&written, &ReadOptions::default(), Purpose::Routes).unwrap();
    assert_eq!(second.graph, first.graph);
    assert_eq!(second.id(RouterId(0)), "n \"1\"");
    // Once written, it stays as it is.
    let again = folder.path().join("z.graphml");
    arigatoni::topology::save(&again, &second).unwrap();
    assert_eq!(std::fs::read_to_string(&again).unwrap(), text);
}

#[test]
fn data_with_the_name_of_a_key_do_not_stand_in_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let text = |id: &str| {
        format!(
            "<graphml><graph><node id='0'><data key='id'>0</data></node><node id='1'><data key='id'>{id}</data></node>\
             <edge source='0' target='1'><data key='target'>east</data><data key='a b'>x</data>\
             <data key='a_b'>y</data></edge></graph></graphml>"
        )
    };
    for (id, file, parts) in [
        (
            "1",
            "y.gml",
            "target_given \"east\"|a_b \"x\"|a_b_given \"y\"",
        ),
        ("7", "y.gml", "id 1\n|id_given 7"),
        (
            "1",
            "y.json",
            "\"target_given\": \"east\"|\"a b\": \"x\"|\"target\": \"1\"",
        ),
        ("7", "y.json", "\"id\": \"1\"|\"id_given\": 7"),
        (
            "1",
            "y.csv",
            "source,target,latency_ms,target_given,a b,a_b",
        ),
    ] {
        let [from, to] = ["x.graphml", file].map(|name| folder.path().join(name));
        std::fs::write(&from, text(id)).unwrap();
        let reading = load(&from, &ReadOptions::default(), Purpose::Look).unwrap();
        arigatoni::topology::save(&to, &reading).unwrap();
        let written = std::fs::read_to_string(&to).unwrap();
        for part in parts.split('|') {
            assert!(written.contains(part), "{file}: {part}: {written}");
        }
        assert_eq!(written.contains("id_given"), id == "7", "{file}: {written}");
        let again = load(&to, &ReadOptions::default(), Purpose::Look).unwrap();
        assert_eq!(again.graph.links.len(), 1, "{file}");
    }
}

#[test]
fn the_labels_of_yed_are_labels() {
    let text = r#"<graphml xmlns:y="http://www.yworks.com/xml/graphml">
        <key for="node" id="d6" yfiles.type="nodegraphics"/><key for="edge" id="d9" yfiles.type="edgegraphics"/>
        <graph edgedefault="directed"><node id="n0"><data key="d6"><y:ShapeNode><y:Geometry x="3"/>
        <y:NodeLabel>core 1<y:LabelModel/></y:NodeLabel></y:ShapeNode></data></node><node id="n1"/>
        <edge source="n0" target="n1"><data key="d9"><y:EdgeLabel>7</y:EdgeLabel></data></edge></graph></graphml>"#;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.graphml");
    std::fs::write(&path, text).unwrap();
    let reading = load(&path, &ReadOptions::default(), Purpose::Look).unwrap();
    assert_eq!(labels(&reading.graph), ["core 1", "n1"]);
    let told = &reading.account.edges[0];
    assert_eq!((told.name.as_str(), &told.used_as), ("edgegraphics", &None));
}

#[test]
fn places_that_are_no_degrees_are_not_used_unless_asked_for() {
    let file = |x: &str, names: [&str; 2]| {
        format!(
            "<graphml><key id='x' for='node' attr.name='{}'/><key id='y' for='node' attr.name='{}'/><graph>\
             <node id='a'><data key='x'>{x}</data><data key='y'>48</data></node>\
             <node id='b'><data key='x'>7</data><data key='y'>44</data></node>\
             <edge source='a' target='b'/></graph></graphml>",
            names[0], names[1]
        )
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.graphml");
    let mut options = ReadOptions::default();
    std::fs::write(&path, file("3", ["x", "y"])).unwrap();
    let told = |message: &str| without_folder(&path, message);
    let unnamed = told(&read(&path).unwrap_err().to_string());
    options.place_from = Some(["x".into(), "y".into()]);
    let graph = read_with(&path, &options).unwrap();
    assert_eq!(graph.routers[0].position, Some([3.0, 48.0]));
    std::fs::write(&path, file("454.9", ["x", "y"])).unwrap();
    let outside = told(&read_with(&path, &options).unwrap_err().to_string());
    std::fs::write(&path, file("454.9", ["lon", "lat"])).unwrap();
    let reading = load(&path, &ReadOptions::default(), Purpose::Look).unwrap();
    assert!(
        reading
            .graph
            .routers
            .iter()
            .all(|router| router.position.is_none())
    );
    let notes = told(&reading.account.notes.join("\n"));
    reads(
        COLUMNS,
        "Places that may be no degrees",
        &[
            ("columns x and y", &unnamed),
            ("columns x and y, asked for, with 454.9", &outside),
            ("columns lon and lat, with 454.9", &notes),
        ],
    );
    // Named in the other order, they are what their names say.
    std::fs::write(&path, file("3", ["lat", "lon"])).unwrap();
    options.place_from = Some(["lat".into(), "lon".into()]);
    assert_eq!(
        read_with(&path, &options).unwrap().routers[0].position,
        Some([48.0, 3.0])
    );
}
