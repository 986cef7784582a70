//! Files as public collections have them: maps that are cut at a radius, long comments, lists of a kind of their own; and
//! what is told of that which another format does not hold.

use std::fmt::Write as _;

use arigatoni::topology::{Purpose, ReadOptions, Reading, left_out, load, load_bytes, write_as};

use super::command::{arigatoni, error, stdout};
use super::readers::case;
use crate::review::{Page, reads};

/// The page of what is told of collected files.
const TEXTS: &str = "topology-texts";

fn look(name: &str) -> Reading {
    load(&case(name), &ReadOptions::default(), Purpose::Look).unwrap()
}

fn read(text: &str) -> arigatoni::error::Result<Reading> {
    load_bytes(text.into(), &ReadOptions::default(), Purpose::Look)
}

fn notes(reading: &Reading) -> String {
    reading.account.notes.join("\n")
}

/// Rocketfuel counts the neighbours in the whole map, and leaves out those beyond the radius.
#[test]
fn maps_that_are_cut_at_a_radius_are_read() {
    let map = look("cut.r0.cch");
    assert_eq!((map.graph.routers.len(), map.graph.links.len()), (4, 3));
    let mut page = Page::new("Maps that are cut at a radius");
    page.entry("cut.r0.cch", notes(&map));
    page.entry("small.cch", notes(&look("small.cch")));
    let text = std::fs::read_to_string(case("cut.r0.cch")).unwrap();
    for (from, to) in [
        (
            "(4) &2 -> <12> <13>  =r11.oslo.example r0",
            "(4) &2 -> <12> <13>",
        ),
        ("<13>  =r11.oslo.example r0", "<13>  =r11.oslo.example"),
        ("(4) &2", "(1) &2"),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text);
        page.entry(&format!("{to} for {from}"), read(&changed).unwrap_err());
    }
    page.check_section(TEXTS);
}

/// CAIDA's files begin with a comment for each collector, and are called `….as-rel.txt`.
#[test]
fn relations_behind_long_comments_are_read() {
    let mut text = String::new();
    for day in 0..200 {
        writeln!(text, "# source:topology|BGP|202401{day:03}|routeviews|rv2").unwrap();
    }
    text += "64500|64501|-1|bgp\n64500|64502|0|mlp\n";
    assert_eq!(read(&text).unwrap().graph.links.len(), 2);
    let folder = tempfile::tempdir().unwrap();
    let mut page = Page::new("Relations between systems that are none");
    for name in ["20240101.as-rel.txt", "20240101.as-rel2.txt"] {
        let path = folder.path().join(name);
        std::fs::write(&path, &text).unwrap();
        let told = load(&path, &ReadOptions::default(), Purpose::Look).unwrap();
        assert_eq!(told.graph.routers.len(), 3);
        // The name alone decides what is wrong with a file that is another.
        std::fs::write(&path, "1 2\n").unwrap();
        let error = load(&path, &ReadOptions::default(), Purpose::Look).unwrap_err();
        let here = format!("{}/", folder.path().display());
        page.entry(name, error.to_string().replace(&here, ""));
    }
    page.check_section(TEXTS);
}

#[test]
fn lists_that_are_no_lists_of_links_are_refused_or_noted() {
    let path = case("two-marks.csv");
    let refused = load(&path, &ReadOptions::default(), Purpose::Look)
        .unwrap_err()
        .to_string();
    assert!(refused.contains("two-marks.csv:2: "), "{refused}");
    let here = format!("{}/", path.parent().unwrap().display());
    let mut page = Page::new("Lists that are no lists of links");
    page.entry("two-marks.csv", refused.replace(&here, ""));
    // Names may end in numbers.
    for text in [
        "Area 1,Area 2\nArea 2,Area 3\n",
        "a,\"b 1\"\nb,\"c 2\"\n",
        "a,b 1\nb,c\n",
    ] {
        assert_eq!(read(text).unwrap().graph.links.len(), 2, "{text}");
    }
    page.entry("first-names.csv", notes(&look("first-names.csv")));
    for text in [
        "Ulm,Bonn,2\nBonn,Kiel,3\n",
        "Ulm,Bonn\nBonn,Kiel\n",
        "source,target,x\nUlm,Bonn,3\n",
    ] {
        page.entry(&format!("{text:?}"), notes(&read(text).unwrap()));
    }
    page.check_section(TEXTS);
}

#[test]
fn what_only_begins_like_a_matrix_is_none() {
    let reading = read("router,city\nA,Ulm\nB,Bonn\n").unwrap();
    assert_eq!(reading.graph.latencies, None);
    assert!(read("router\n#name\tcity\nA\tUlm\t48.4\nB\tBonn\t50.7\n").is_err());
    let names = "a,b\n0,1,2\n1,0,3\n2,3,0\n";
    let options = ReadOptions {
        format: Some(arigatoni::topology::Format::Matrix),
        ..ReadOptions::default()
    };
    let error = load_bytes(names.into(), &options, Purpose::Look).unwrap_err();
    let error = error.to_string();
    reads(
        TEXTS,
        "A matrix whose names are too few",
        &[(names, &error)],
    );
}

/// networkx reads GML with parallel links only if it says so, and takes what stands in quotes for text.
#[test]
fn gml_says_that_links_are_parallel_and_keeps_numbers() {
    let reading = look("alone.graphml");
    let text = write_as("gml", &reading).unwrap();
    for line in [
        "  multigraph 1",
        "    dist 305.5",
        "    country \"Norway\"",
        "  Source \"made up\"",
    ] {
        assert!(text.lines().any(|it| it == line), "{line}: {text}");
    }
    let again = read(&text).unwrap();
    assert_eq!(again.graph.routers, reading.graph.routers);
    assert_eq!(write_as("gml", &again).unwrap(), text);
    let simple = write_as("gml", &look("edges.csv")).unwrap();
    assert!(!simple.contains("multigraph"));
    let json = write_as("json", &reading).unwrap();
    assert!(
        json.contains("\"Source\": \"made up\"") && json.contains("\"country\": \"Norway\""),
        "{json}"
    );
}

/// What is lost in another format is refused or told.
#[test]
fn converting_tells_what_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let given = case("alone.graphml");
    let given = given.to_str().unwrap();
    let refused = error(&arigatoni(&["convert", given, &path("x.csv")], ""));
    let mut page = Page::new("What another format does not hold");
    let here = format!("{}/", folder.path().display());
    let cases = format!("{}/", case("").display()).replace("//", "/");
    let bare = |text: &str| text.replace(&here, "").replace(&cases, "");
    page.entry("x.csv", bare(&refused));
    assert!(!folder.path().join("x.csv").exists());
    for words in [
        &["x.csv", "--largest-component"][..],
        &["x.dot"],
        &["x.graphml"],
        &["x.gml"],
        &["x.json"],
        &["x.gml.gz"],
    ] {
        let to = path(words[0]);
        let output = arigatoni(&[&["convert", given, &to], &words[1..]].concat(), "");
        stdout(&output);
        let told = String::from_utf8(output.stderr).unwrap();
        page.entry(&words.join(" "), bare(&told));
    }
    let list = look("edges.csv");
    page.entry(
        "x.gv of edges.csv",
        left_out("x.gv".as_ref(), &list).unwrap(),
    );
    page.check_section(TEXTS);
    assert_eq!(left_out("x.csv".as_ref(), &list), None);
    assert_eq!(left_out("x.tsv".as_ref(), &look("matrix.tsv")), None);
    let alone = look("alone.graphml");
    for name in ["x.graphml", "x.gml", "x.json", "x.gml.gz"] {
        assert_eq!(left_out(name.as_ref(), &alone), None, "{name}");
    }
    // What DOT has comes back: places on a plane, lengths, the boxes of transit routers.
    let shipped = load(
        &super::shipped_graph("t100-0.gb"),
        &ReadOptions::default(),
        Purpose::Look,
    )
    .unwrap();
    for reading in [&shipped, &look("ring.gml")] {
        let text = write_as("dot", reading).unwrap();
        let again = read(&text).unwrap();
        assert_eq!(write_as("dot", &again).unwrap(), text);
        assert_eq!(left_out("x.dot".as_ref(), &again), None, "{text}");
    }
    assert_eq!(left_out("x.alt".as_ref(), &shipped), None);
}

/// Routers of BRITE, Inet and DOT are drawn where they lie on their plane.
#[test]
fn planes_are_drawn_as_they_are() {
    let dot = "graph { a [pos=\"0,0\"]; b [pos=\"300,0\"]; c [pos=\"0,400\"]; d; a -- b; b -- c; c -- d }";
    let brite = look("small.brite");
    assert_eq!(brite.on_plane()[1], Some([40.0, 10.0]));
    assert_eq!(look("small.inet").on_plane().len(), 4);
    assert!(
        look("small.sndlib").on_plane().is_empty(),
        "these are degrees"
    );
    // topohub's synthetic graphs lie on a plane, by the same `pos` as its real ones.
    let synthetic = r#"{"nodes": [{"id": 0, "pos": [139.29, 165.87]}, {"id": 1, "pos": [20, 250.5]}],
                        "edges": [{"source": 0, "target": 1, "dist": 145.9}]}"#;
    let synthetic = read(synthetic).unwrap();
    assert_eq!(synthetic.on_plane()[1], Some([20.0, 250.5]));
    let real = look("topohub.json");
    for (reading, pos) in [(&synthetic, [139.29, 165.87]), (&real, [10.0, 48.4])] {
        let text = write_as("json", reading).unwrap();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["nodes"][0]["pos"], serde_json::json!(pos));
        assert_eq!(value["nodes"][0].get("pos.lon"), None, "{text}");
        assert_eq!(read(&text).unwrap().on_plane(), reading.on_plane());
    }
    let reading = read(dot).unwrap();
    assert_eq!(reading.on_plane()[3], None);
    let svg = arigatoni::figures::draw_topology(&reading, "x").svg();
    assert!(svg.contains("of unknown place: 1 router"), "{svg}");
    let drawn = |reading: &Reading| arigatoni::figures::draw_topology(reading, "x").svg();
    let ring = drawn(&brite.graph.clone().into());
    assert_ne!(drawn(&brite), ring);
    let again = read(&write_as("dot", &brite).unwrap()).unwrap();
    assert_eq!(again.on_plane(), brite.on_plane());
    // Moved as a whole, the picture is the same.
    let text = std::fs::read_to_string(case("small.brite")).unwrap();
    let moved = text
        .replace("\t90.0", "\t190.0")
        .replace("\t66.0", "\t166.0");
    let moved = moved
        .replace("\t40.0", "\t140.0")
        .replace("\t12.0", "\t112.0");
    assert_ne!(moved, text);
    assert_eq!(drawn(&read(&moved).unwrap()), drawn(&brite));
}
