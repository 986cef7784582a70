//! GraphBase and `.alt` files: verdicts, round trips, bad input.

use std::path::Path;

use arigatoni::topology::{Domain, Graph, Link, Origin, Router};
use arigatoni::topology::{alt, graphbase, read};

use super::{bytes, json, original, shipped, text};

const SHIPPED: [&str; 4] = ["t100-0", "ts108x-0", "ts600-0", "ts1000-0"];

#[test]
fn shipped_graphs_survive_every_round_trip() {
    for name in SHIPPED {
        let gb = text(&shipped(&format!("{name}.gb")));
        let alt_text = text(&shipped(&format!("{name}.alt")));
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
    let from_gb = read(&shipped("ts108x-0.gb")).unwrap();
    assert_eq!(from_gb.links.iter().filter(is_loop).count(), 3);
    assert_eq!(from_gb.loops_unlisted, 0);
    let from_alt = read(&shipped("ts108x-0.alt")).unwrap();
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

/// A GraphBase file of three routers with an unchecked checksum and the given arcs.
fn small_gb(record: &str, first: [&str; 3], arcs: &str) -> String {
    let [a, b, c] = first;
    format!(
        "* GraphBase graph (util_types ZZZIIZIZIZZZZZ,4V,{}A)\n\"geo\",{record},9\n* Vertices\n\
         \"a\",{a},0,0\n\"b\",{b},1,0\n\"c\",{c},2,0\n\"\",0,0,0\n* Arcs\n{arcs}* Checksum -1\n",
        arcs.lines().count()
    )
}

/// Links 0-1 (length 5) and 1-2 (length 6).
const ARCS: &str = "V1,0,5,0\nV0,0,5,0\nV2,A1,6,0\nV1,0,6,0\n";

/// The arc with which the list of each router begins.
const LISTS: [&str; 3] = ["A0", "A2", "A3"];

fn assert_refused(cases: &[(String, &str)]) {
    graphbase::parse(small_gb("3,4", LISTS, ARCS).as_bytes()).unwrap();
    for (gb, message) in cases {
        let error = graphbase::parse(gb.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(message), "{message:?} is not in {error:?}");
    }
}

#[test]
fn a_record_that_lies_is_refused_with_its_line() {
    assert_refused(&[
        (
            small_gb("0,4", LISTS, ARCS),
            "2: the graph's record says 0 vertices",
        ),
        (
            small_gb("-3,4", LISTS, ARCS),
            "2: the graph's record says -3 vertices",
        ),
        (
            small_gb("5,4", LISTS, ARCS),
            "2: the graph's record says 5 vertices",
        ),
        (
            small_gb("2,4", LISTS, ARCS),
            "6: the graph's record says 2 vertices, but this spare",
        ),
        (
            small_gb("3,6", LISTS, ARCS),
            "2: the graph's record says 6 arcs",
        ),
        (
            small_gb("3,4", ["A0", "A2", "0"], ARCS),
            "2: the graph's record says 4 arcs",
        ),
    ]);
}

#[test]
fn arcs_that_lie_are_refused_with_their_line() {
    assert_refused(&[
        (
            small_gb("3,4", LISTS, &ARCS.replace("V2,A1", "V2,A2")),
            "11: the arc list of vertex 1",
        ),
        (
            small_gb("3,4", LISTS, &ARCS.replace("V2,A1", "V2,A0")),
            "9: the arc list of vertex 1",
        ),
        (
            small_gb("3,4", LISTS, &ARCS.replace("V2,A1", "V3,A1")),
            "11: arc A2 leads to vertex V3",
        ),
        (
            small_gb("3,4", LISTS, &ARCS.replace("V2,A1", "0,A1")),
            "11: arc A2 is in a list but",
        ),
        (
            small_gb("3,4", LISTS, &ARCS.replace("V0,0,5", "V0,0,7")),
            "has no mate",
        ),
        (
            small_gb("3,4", LISTS, &ARCS.replace("V2,A1,6", "V1,A1,6")),
            "has no mate",
        ),
        (
            small_gb("3,4", LISTS, &ARCS.replace(",5,", ",-5,")),
            "9: arc A0 has the negative length",
        ),
        (
            small_gb("3,4", LISTS, &ARCS.replace("6,0", "6,-1")),
            "11: arc A2 has the policy weight -1",
        ),
        (
            small_gb("3,4", LISTS, &ARCS.replace(",5,", ",9007199254740993,")),
            "larger than 2^53",
        ),
    ]);
}

#[test]
fn a_first_line_that_lies_is_refused() {
    assert_refused(&[
        (
            small_gb("3,4", LISTS, ARCS).replace("4V", "1000100V"),
            "8: the first line announces 1000100 vertex records, but there are only 4",
        ),
        (
            small_gb("3,4", LISTS, ARCS).replace("4V", "4000000000V"),
            "1: the file announces 3999999898 routers, more than the 1000000 that fit",
        ),
        (
            small_gb("3,4", LISTS, ARCS).replace("4A", "4294967295A"),
            "1: the file announces 2147483596 links, more than the 16777216 that fit",
        ),
        (
            small_gb("3,4", LISTS, ARCS).replace("4V", "99999999999V"),
            "1: this is not a GraphBase file",
        ),
        (
            small_gb("3,4", LISTS, ARCS).replace("ZZZIIZIZIZZZZZ", "IZZIIZIZIZZZZZ"),
            "1: the GraphBase",
        ),
        ("\n".into(), "1: this is not a GraphBase file"),
        (String::new(), "1: the file ends before its first line"),
    ]);
}

#[test]
fn links_come_in_order_of_creation_whatever_the_numbers_of_the_arcs() {
    let gb = text(&shipped("ts108x-0.gb"));
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
fn long_identifications_are_broken_over_lines_and_cut() {
    let mut graph = read(&shipped("t100-0.gb")).unwrap();
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
    let mut graph = read(&shipped("t100-0.gb")).unwrap();
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
    let changes: [(Change, &str); 6] = [
        (|graph| graph.links[0].length = 1.5, "the length 1.5"),
        (|graph| graph.links[0].length = 1e300, "the length 1000"),
        (
            |graph| graph.routers[0].position = Some([1.0, 0.25]),
            "only integer positions",
        ),
        (|graph| graph.routers[0].label = "Zürich".into(), "'ü'"),
        (|graph| graph.id = "a\"b".into(), "'\"'"),
        (
            |graph| graph.origin = Origin::Other,
            "only graphs made by GT-ITM",
        ),
    ];
    for (change, message) in changes {
        let mut graph = read(&shipped("t100-0.gb")).unwrap();
        change(&mut graph);
        let error = graphbase::write(&graph).unwrap_err().to_string();
        assert!(error.contains(message), "{message:?} is not in {error:?}");
        if !graph.routers[0].label.contains('ü') {
            assert_eq!(alt::write(&graph).unwrap_err().to_string(), error);
        }
    }
    let mut graph = read(&shipped("t100-0.gb")).unwrap();
    graph.routers[0].label = "New York".into();
    graphbase::write(&graph).unwrap();
    assert!(
        alt::write(&graph)
            .unwrap_err()
            .to_string()
            .contains("not one word")
    );
}

/// What of `t100-0.alt` is replaced by what, and how the message begins.
#[rustfmt::skip]
const BAD_ALT: &[(&str, &str, &str)] = &[
    ("GRAPH (#nodes", "GRAPH #nodes", "1: the title"),
    ("100 374 ", "101 374 ", "106: node 100 is expected here"),
    ("100 374 ", "99 374 ", "104: the title"),
    ("100 374 ", "0 374 ", "2: the graph has no routers"),
    ("100 374 ", "100 375 ", "2: the graph's record says 375 arcs"),
    ("100 374 ", "100 372 ", "2: the graph's record says 372 arcs, but 187 links"),
    ("100 374 ", "99999999999 374 ", "2: the number of nodes is `99999999999`"),
    ("100 374 ", "1000001 374 ", "2: the file announces 1000001 routers, more than the 1000000 that fit in memory"),
    ("100 374 ", "100 374000000 ", "2: the file announces 187000000 links, more than the 16777216 that fit in memory"),
    (" 89 2 5 0 ", " 89 2 5 ", "2: 3 numbers follow"),
    ("\n1 T:0.1", "\n2 T:0.1", "6: node 2 stands where node 1 should"),
    ("T:0.0 53 0", "T:0.0 53 zero", "5: the y coordinate is `zero`"),
    ("\n0 29 30 3", "\n0 290 30 3", "107: the link leads to node 290"),
    ("\n0 29 30 3", "\n0 29 -30 3", "107: the link has the negative length -30"),
    ("\n0 29 30 3", "\n0 29 30", "107: a link is expected here"),
    ("\n0 29 30 3", "\n29 29 30 3", "107: node 29 is linked to itself"),
    ("\n0 29 30 3", "\n0 29 30 -3", "107: the policy weight is `-3`"),
    ("EDGES (from", "LINKS (from", "106: the title"),
];

#[test]
fn bad_alt_files_are_refused_with_their_line() {
    let good = text(&shipped("t100-0.alt"));
    for (from, to, message) in BAD_ALT {
        assert!(good.contains(from), "{from}");
        let bad = good.replacen(from, to, 1);
        let error = alt::parse(bad.as_bytes()).unwrap_err().to_string();
        assert!(
            error.starts_with(message),
            "{message:?} does not begin {error:?}"
        );
    }
    let cut = &good.as_bytes()[..1000];
    let error = alt::parse(cut).unwrap_err().to_string();
    assert!(
        error.contains("is expected here") || error.contains("ends before"),
        "{error}"
    );
}

#[test]
fn errors_of_files_name_the_file() {
    let error = read(Path::new("nowhere/x.gb")).unwrap_err().to_string();
    assert_eq!(error, "nowhere/x.gb: there is no such file");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.gb");
    std::fs::write(&path, &bytes(&shipped("t100-0.gb"))[..1000]).unwrap();
    let error = read(&path).unwrap_err().to_string();
    assert!(error.contains("cut.gb:42: "), "{error}");
    assert!(error.contains("the end of the file"), "{error}");
}
