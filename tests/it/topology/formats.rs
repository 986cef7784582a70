//! GraphBase and `.alt` files: verdicts, round trips, bad input.

use std::path::Path;

use arigatoni::error::Result;
use arigatoni::topology::{Domain, Graph, Link, Origin, Router};
use arigatoni::topology::{alt, graphbase, read};

use super::{bytes, json, original, shipped_graph, text};
use crate::review::Page;

const SHIPPED: [&str; 4] = ["t100-0", "ts108x-0", "ts600-0", "ts1000-0"];

#[test]
fn shipped_graphs_survive_every_round_trip() {
    for name in SHIPPED {
        let gb = text(&shipped_graph(&format!("{name}.gb")));
        let alt_text = text(&shipped_graph(&format!("{name}.alt")));
        check_round_trips(&gb, &alt_text);
    }
}

#[test]
fn third_party_graphs_survive_every_round_trip() {
    for name in [
        "t100-1",
        "golden/r10-0",
        "golden/r10-1",
        "golden/r10-2",
        "golden/ts20-bsdrandom-seed47",
        "golden/ts20-glibcrandom-seed47",
    ] {
        let gb = original(&format!("{name}.gb"));
        check_round_trips(&text(&gb), &text(&gb.with_extension("alt")));
    }
}

fn check_round_trips(gb: &str, alt_text: &str) {
    let graph = graphbase::parse(gb.as_bytes()).unwrap();
    assert_eq!(graphbase::write(&graph).unwrap(), gb);
    assert_eq!(alt::write(&graph).unwrap(), alt_text);
    let from_alt = alt::parse(alt_text.as_bytes()).unwrap();
    assert_eq!(alt::write(&from_alt).unwrap(), alt_text);
    assert_eq!(from_alt.routers, graph.routers);
    let through_gb = graphbase::parse(graphbase::write(&from_alt).unwrap().as_bytes()).unwrap();
    assert_eq!(through_gb.links, from_alt.links);
}

#[test]
fn loops_are_listed_in_gb_and_counted_in_alt() {
    let is_loop = |link: &&Link| link.ends[0] == link.ends[1];
    let from_gb = read(&shipped_graph("ts108x-0.gb")).unwrap();
    assert_eq!(from_gb.links.iter().filter(is_loop).count(), 3);
    assert_eq!(from_gb.loops_unlisted, 0);
    let from_alt = read(&shipped_graph("ts108x-0.alt")).unwrap();
    assert_eq!(from_alt.links.iter().filter(is_loop).count(), 0);
    assert_eq!(from_alt.loops_unlisted, 3);
}

#[test]
fn a_graph_of_one_router_is_written_as_the_original_does() {
    // GTITM.md, section 9: `geo 1 3 / 1 5 3 0.5` has the checksum 135670768; its only router is
    // somewhere on a 5 × 5 grid.
    let fits = |cell: &u32| {
        let graph = Graph {
            id: "geo(0,{1,5,3,0.500,0.000,0.000})".into(),
            origin: Origin::Flat { scale: 5 },
            routers: vec![Router {
                label: "0".into(),
                position: Some([f64::from(cell / 5), f64::from(cell % 5)]),
                domain: Domain::None,
            }],
            links: Vec::new(),
            loops_unlisted: 0,
            latencies: None,
        };
        graphbase::write(&graph)
            .unwrap()
            .ends_with("* Checksum 135670768\n")
    };
    assert!((0..25).any(|cell| fits(&cell)));
}

#[test]
fn verdicts_are_those_of_the_original() {
    let verdicts = original("verdicts/verdicts.json");
    let case = |name: &str| bytes(&verdicts.with_file_name(format!("{name}.gb")));
    let reference = alt::write(&graphbase::parse(&case("ok")).unwrap()).unwrap();
    let verdicts = json(&verdicts);
    let verdicts = verdicts.as_object().unwrap();
    assert_eq!(verdicts.len(), 25);
    for (name, verdict) in verdicts {
        let refused_by_us = ["wrong_n_in_record", "wrong_m_in_record"].contains(&name.as_str());
        // The original refuses files that were on Windows; they say the same, and are read.
        let crlf = name == "crlf";
        let accepted = verdict["original_accepts"].as_bool().unwrap() && !refused_by_us || crlf;
        match graphbase::parse(&case(name)) {
            Ok(graph) => {
                assert!(accepted, "{name} was accepted");
                let same = alt::write(&graph).unwrap() == reference;
                assert_eq!(
                    same,
                    crlf || verdict["alt_equals_ok_alt"].as_bool().unwrap(),
                    "{name}"
                );
            }
            Err(error) => {
                assert!(!accepted, "{name}: {error}");
                let error = error.to_string();
                assert!(
                    error.starts_with(|c: char| c.is_ascii_digit()),
                    "{name}: {error}"
                );
            }
        }
    }
}

/// A GraphBase file of three routers and two links, 0-1 (length 5) and 1-2 (length 6), with an unchecked
/// checksum.
const SMALL_GB: &str = "* GraphBase graph (util_types ZZZIIZIZIZZZZZ,4V,4A)\n\"geo\",3,4,9\n* Vertices\n\
     \"a\",A0,0,0\n\"b\",A2,1,0\n\"c\",A3,2,0\n\"\",0,0,0\n\
     * Arcs\nV1,0,5,0\nV0,0,5,0\nV2,A1,6,0\nV1,0,6,0\n* Checksum -1\n";

/// What of it is replaced by what, and the line that is to blame.
#[rustfmt::skip]
const BAD_GB: &[(&str, &str, u32)] = &[
    // The record.
    ("\"geo\",3,4", "\"geo\",0,4", 2),
    ("\"geo\",3,4", "\"geo\",-3,4", 2),
    ("\"geo\",3,4", "\"geo\",5,4", 2),
    ("\"geo\",3,4", "\"geo\",2,4", 6),
    ("\"geo\",3,4", "\"geo\",3,6", 2),
    ("\"c\",A3", "\"c\",0", 2),
    // The arcs.
    ("V2,A1", "V2,A2", 11),
    ("V2,A1", "V2,A0", 9),
    ("V2,A1", "V3,A1", 11),
    ("V2,A1", "0,A1", 11),
    ("V0,0,5", "V0,0,7", 9),
    ("V2,A1,6", "V1,A1,6", 11),
    (",5,", ",-5,", 9),
    ("6,0", "6,-1", 11),
    (",5,", ",9007199254740993,", 9),
    // The first line.
    ("4V", "1000100V", 8),
    ("4V", "4000000000V", 1),
    ("4A", "4294967295A", 1),
    ("4V", "99999999999V", 1),
    ("ZZZIIZIZIZZZZZ", "IZZIIZIZIZZZZZ", 1),
];

/// A page with what is said of the file `good` where some of it is replaced, which must be refused with the
/// line.
fn check_refused(
    page: &str,
    heading: &str,
    good: &str,
    changes: &[(&str, &str, u32)],
    parse: impl Fn(&str) -> Result<Graph>,
) {
    parse(good).unwrap();
    let mut text = Page::new(heading);
    for (from, to, line) in changes {
        assert!(good.contains(from), "{from}");
        let error = parse(&good.replace(from, to)).unwrap_err().to_string();
        text.entry(&format!("{from} → {to}").replace('\n', "⏎"), &error);
        assert!(
            error.starts_with(&format!("{line}:")),
            "{from} → {to}: {error}"
        );
    }
    text.check(page);
}

#[test]
fn graphbase_files_that_lie_are_refused_with_their_line() {
    let parse = |gb: &str| graphbase::parse(gb.as_bytes());
    check_refused(
        "gb-lines",
        "GraphBase files that lie",
        SMALL_GB,
        BAD_GB,
        parse,
    );
    for nothing in ["", "\n"] {
        let error = parse(nothing).unwrap_err().to_string();
        assert!(error.starts_with("1:"), "{error}");
    }
}

#[test]
fn links_come_in_order_of_creation_whatever_the_numbers_of_the_arcs() {
    let gb = text(&shipped_graph("ts108x-0.gb"));
    let graph = graphbase::parse(gb.as_bytes()).unwrap();
    let reference = alt::write(&graph).unwrap();
    let arcs = graph.links.len() * 2;
    // Arc A becomes arc (arcs - 1 - A): the lists stay, the numbers run against creation.
    let renumber = |field: &str| match field.strip_prefix('A') {
        Some(number) => format!("A{}", arcs - 1 - number.parse::<usize>().unwrap()),
        None => field.to_string(),
    };
    let renumbered_line = |line: &str| {
        let fields: Vec<String> = line.split(',').map(renumber).collect();
        fields.join(",")
    };
    let lines: Vec<&str> = gb.lines().collect();
    let arcs_title = lines.iter().position(|line| *line == "* Arcs").unwrap();
    let mut changed: Vec<String> = lines[..4].iter().map(ToString::to_string).collect();
    changed.extend(
        lines[4..arcs_title]
            .iter()
            .map(|line| renumbered_line(line)),
    );
    changed.push("* Arcs".into());
    let used = &lines[arcs_title + 1..=arcs_title + arcs];
    changed.extend(used.iter().rev().map(|line| renumbered_line(line)));
    let padding = &lines[arcs_title + 1 + arcs..lines.len() - 1];
    changed.extend(padding.iter().map(ToString::to_string));
    changed.push("* Checksum -1".into());
    let again = graphbase::parse(changed.join("\n").as_bytes()).unwrap();
    assert_ne!(
        again.links, graph.links,
        "several orders make the same lists"
    );
    assert_eq!(alt::write(&again).unwrap(), reference);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn long_identifications_are_broken_over_lines_and_cut() {
    let mut graph = read(&shipped_graph("t100-0.gb")).unwrap();
    for length in 1..400 {
        graph.id = (0..length)
            .map(|k| char::from(b'a' + (k % 26) as u8))
            .collect();
        let gb = graphbase::write(&graph).unwrap();
        assert!(gb.lines().all(|line| line.len() <= 79));
        let shown = graphbase::parse(gb.as_bytes()).unwrap().id;
        assert_eq!(shown, graph.id[..length.min(154)]);
    }
}

#[test]
fn an_identification_may_be_broken_before_an_asterisk() {
    // Readers leave a line that begins so out of the checksum.
    let mut graph = read(&shipped_graph("t100-0.gb")).unwrap();
    graph.id = "*".repeat(150);
    let gb = graphbase::write(&graph).unwrap();
    assert_eq!(
        gb.lines().filter(|line| line.starts_with("**")).count(),
        1,
        "the identification goes on in a line of asterisks"
    );
    assert_eq!(graphbase::parse(gb.as_bytes()).unwrap(), graph);
}

#[test]
fn what_the_formats_cannot_hold_is_refused() {
    type Change = fn(&mut Graph);
    let changes: [(&str, Change); 6] = [
        ("a length of 1.5", |graph| graph.links[0].length = 1.5),
        ("a length of 1e300", |graph| graph.links[0].length = 1e300),
        ("a position of 0.25", |graph| {
            graph.routers[0].position = Some([1.0, 0.25]);
        }),
        ("the label Zürich", |graph| {
            graph.routers[0].label = "Zürich".into();
        }),
        ("an identification with quotes", |graph| {
            graph.id = "a\"b".into();
        }),
        ("a graph of another origin", |graph| {
            graph.origin = Origin::Other;
        }),
    ];
    let mut page = Page::new("Graphs that GraphBase and .alt files cannot hold");
    for (name, change) in changes {
        let mut graph = read(&shipped_graph("t100-0.gb")).unwrap();
        change(&mut graph);
        let error = graphbase::write(&graph).unwrap_err();
        page.entry(name, &error);
        // The label is a word, which is all that an .alt file asks of it.
        if !graph.routers[0].label.contains('ü') {
            assert_eq!(alt::write(&graph).unwrap_err(), error);
        }
    }
    let mut graph = read(&shipped_graph("t100-0.gb")).unwrap();
    graph.routers[0].label = "New York".into();
    graphbase::write(&graph).unwrap();
    page.entry("the label New York (.alt)", alt::write(&graph).unwrap_err());
    page.check("formats-writing");
}

/// What of `t100-0.alt` is replaced by what, and the line that is to blame.
#[rustfmt::skip]
const BAD_ALT: &[(&str, &str, u32)] = &[
    ("GRAPH (#nodes", "GRAPH #nodes", 1),
    ("100 374 ", "101 374 ", 106),
    ("100 374 ", "99 374 ", 104),
    ("100 374 ", "0 374 ", 2),
    ("100 374 ", "100 375 ", 2),
    ("100 374 ", "100 372 ", 2),
    ("100 374 ", "99999999999 374 ", 2),
    ("100 374 ", "1000001 374 ", 2),
    ("100 374 ", "100 374000000 ", 2),
    (" 89 2 5 0 ", " 89 2 5 ", 2),
    ("\n1 T:0.1", "\n2 T:0.1", 6),
    ("T:0.0 53 0", "T:0.0 53 zero", 5),
    ("\n0 29 30 3", "\n0 290 30 3", 107),
    ("\n0 29 30 3", "\n0 29 -30 3", 107),
    ("\n0 29 30 3", "\n0 29 30", 107),
    ("\n0 29 30 3", "\n29 29 30 3", 107),
    ("\n0 29 30 3", "\n0 29 30 -3", 107),
    ("EDGES (from", "LINKS (from", 106),
];

#[test]
fn bad_alt_files_are_refused_with_their_line() {
    let good = text(&shipped_graph("t100-0.alt"));
    let parse = |text: &str| alt::parse(text.as_bytes());
    check_refused("alt-lines", "Files .alt that lie", &good, BAD_ALT, parse);
    // Of a line that is cut off its beginning may be a whole line; what is missing then is the next one.
    for end in 1000..1100 {
        let cut = &good[..end];
        let line = cut.lines().count();
        let error = parse(cut).unwrap_err().to_string();
        let places = [format!("{line}:"), format!("{}:", line + 1)];
        assert!(
            places.iter().any(|place| error.starts_with(place)),
            "{error}"
        );
    }
}

#[test]
fn errors_of_files_name_the_file() {
    let (place, ..) = read(Path::new("nowhere/x.gb")).unwrap_err().into_parts();
    assert_eq!(place.as_deref(), Some("nowhere/x.gb"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.gb");
    std::fs::write(&path, &bytes(&shipped_graph("t100-0.gb"))[..1000]).unwrap();
    let error = read(&path).unwrap_err().to_string();
    assert!(error.contains("cut.gb:42: "), "{error}");
}
