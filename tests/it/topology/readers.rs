//! Every format that is read: what a small file of it tells, how its name and its text are weighed, and what
//! comes back through the formats that are written.

use std::path::{Path, PathBuf};

use arigatoni::error::Result;
use arigatoni::parameters::number::LatencyMs;
use arigatoni::topology::{
    Distances, Routes, Routing, Statistics, load, load_bytes, save, write_as,
};
use arigatoni::topology::{Domain, Format, LengthUnit, Purpose, ReadOptions, Reading, RouterId};

use super::command::{arigatoni, error, stdout};
use super::labels;
use crate::review::{Page, reads};

pub(super) fn case(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/formats")).join(name)
}

/// A file, and what it tells: format, routers, links, the sum of the links' lengths if all are known.
const CASES: &[(&str, Format, usize, usize, Option<f64>)] = &[
    ("as-rel.txt", Format::AsRel, 3, 3, None),
    ("edges.csv", Format::Edges, 3, 3, Some(7.3)),
    ("edges.txt", Format::Edges, 3, 3, Some(7.5)),
    ("king.txt", Format::King, 3, 0, Some(0.0)),
    ("latencies.intra", Format::Rocketfuel, 3, 2, Some(5.0)),
    ("matrix.tsv", Format::Matrix, 3, 0, Some(0.0)),
    ("network.xml", Format::Sndlib, 3, 2, Some(3.896)),
    ("ring.dot", Format::Dot, 3, 3, Some(7.5)),
    ("ring.gml", Format::Gml, 3, 4, None),
    ("small.brite", Format::Brite, 4, 4, Some(0.829)),
    ("small.cch", Format::Cch, 3, 3, None),
    ("small.inet", Format::Inet, 4, 4, Some(248.0)),
    ("small.sndlib", Format::Sndlib, 3, 2, Some(3.896)),
    ("topohub.json", Format::Json, 2, 1, Some(1.656)),
];

fn look(path: &Path) -> Reading {
    load(path, &ReadOptions::default(), Purpose::Look).unwrap()
}

#[test]
fn small_files_tell_what_they_hold() {
    for (name, format, routers, links, lengths) in CASES {
        let reading = look(&case(name));
        let graph = &reading.graph;
        assert_eq!(
            (graph.routers.len(), graph.links.len()),
            (*routers, *links),
            "{name}"
        );
        if let Some(lengths) = lengths {
            assert_eq!(reading.unmeasured(), 0, "{name}");
            let sum: f64 = graph.links.iter().map(|link| link.length).sum();
            assert!((sum - lengths).abs() < 0.001, "{name}: {sum}");
        }
        // Its text alone tells the format, and so does an option, whatever the name.
        let bytes = std::fs::read(case(name)).unwrap();
        let alone = load_bytes(bytes.clone(), &ReadOptions::default(), Purpose::Look).unwrap();
        assert_eq!(alone.graph, reading.graph, "{name}");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("named.gb");
        std::fs::write(&path, &bytes).unwrap();
        let options = ReadOptions {
            format: Some(*format),
            ..ReadOptions::default()
        };
        let told = load(&path, &options, Purpose::Look).unwrap();
        assert_eq!(told.graph, reading.graph, "{name}");
    }
}

/// Whatever is read is summed up, and drawn and written if it has links.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn every_command_works_on_every_format() {
    let folder = tempfile::tempdir().unwrap();
    let here = case("").display().to_string();
    let mut page = Page::new("Networks that cannot be drawn");
    for (name, _, routers, links, _) in CASES {
        let path = case(name);
        let file = path.to_str().unwrap();
        let told = stdout(&arigatoni(&["info", file], ""));
        let is_count = |line: &str| {
            line.split_whitespace()
                .eq(["routers", &routers.to_string()])
        };
        assert!(told.lines().any(is_count), "{told}");
        let default = [
            "--default-latency",
            "7",
            "--length-unit",
            "ms",
            "--rename-duplicates",
        ];
        let options = if *links == 0 {
            &default[..4]
        } else {
            &default[..]
        };
        let distances = [&["distances", file][..], options].concat();
        let told = stdout(&arigatoni(&distances, "#0,#1\n"));
        assert_eq!(told.lines().count(), 2, "{name}: {told}");
        let picture = folder.path().join("x.svg");
        let drawn = arigatoni(&["draw", file, "-o", picture.to_str().unwrap()], "");
        if *links == 0 {
            page.entry(name, error(&drawn).replace(&here, ""));
        } else {
            stdout(&drawn);
        }
    }
    page.check_section("topology-texts");
}

#[test]
fn written_files_bring_back_what_both_formats_hold() {
    let folder = tempfile::tempdir().unwrap();
    for (name, _, _, links, _) in CASES {
        let reading = look(&case(name));
        let endings: &[&str] = match links {
            0 => &["tsv", "csv", "matrix"],
            _ => &[
                "graphml", "gml", "json", "csv", "tsv", "edges", "edgelist", "dot", "gv", "gml.gz",
            ],
        };
        for ending in endings {
            let path = folder.path().join(format!("copy.{ending}"));
            save(&path, &reading).unwrap();
            let back = look(&path);
            let (old, new) = (&reading.graph, &back.graph);
            assert_eq!(new.latencies, old.latencies, "{name} → {ending}");
            let lengths = |reading: &Reading| -> Vec<Option<f64>> {
                let links = reading.graph.links.iter().enumerate();
                links
                    .map(|(number, link)| reading.has_length(number).then_some(link.length))
                    .collect()
            };
            assert_eq!(
                lengths(&back).len(),
                lengths(&reading).len(),
                "{name} → {ending}"
            );
            if reading.unmeasured() == 0 {
                assert_eq!(lengths(&back), lengths(&reading), "{name} → {ending}");
            }
            let is_list = ["csv", "tsv", "edges", "edgelist"].contains(ending) && *links > 0;
            if ["graphml", "gml", "json", "gml.gz"].contains(ending) {
                assert_eq!(new.routers, old.routers, "{name} → {ending}");
                assert_eq!(new.links, old.links, "{name} → {ending}");
            } else if !is_list {
                assert_eq!(labels(new), labels(old), "{name} → {ending}");
            }
        }
    }
}

/// What is written as nothing is refused, and what is written is named.
#[test]
fn endings_that_are_not_written_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let here = format!("{}/", folder.path().display());
    let mut page = Page::new("Endings that are not written");
    for (name, ending) in [
        ("edges.csv", "matrix"),
        ("edges.csv", "brite"),
        ("matrix.tsv", "gml"),
    ] {
        let path = folder.path().join(format!("copy.{ending}"));
        let error = save(&path, &look(&case(name))).unwrap_err().to_string();
        page.entry(&format!("{name} → {ending}"), error.replace(&here, ""));
        assert!(!path.exists());
    }
    page.check_section("topology-texts");
}

/// Names that could be comments, or that are nothing, come back.
#[test]
fn odd_names_come_back_through_tables() {
    let read = |text: &str, format| {
        let options = ReadOptions {
            format: Some(format),
            ..ReadOptions::default()
        };
        load_bytes(text.as_bytes().to_vec(), &options, Purpose::Look).unwrap()
    };
    let matrix = read("\"#a\",%b,\n0,1,2\n3,0,4\n5,6,0\n", Format::Matrix);
    for ending in ["csv", "tsv"] {
        let text = write_as(ending, &matrix).unwrap();
        assert_eq!(read(&text, Format::Matrix).graph, matrix.graph, "{text}");
    }
    let links = read("\"#a\",%b,3\nc,%b,4\n", Format::Edges);
    for ending in ["csv", "edges"] {
        let text = write_as(ending, &links).unwrap();
        assert_eq!(read(&text, Format::Edges).graph, links.graph, "{text}");
    }
}

/// Computers around the world are not a millisecond apart.
#[test]
fn a_matrix_that_may_be_in_seconds_is_noted() {
    let text = b"0 0.08 0.2\n0.09 0 1.5\n0.2 1.4 0\n";
    let noted = |options: &ReadOptions| {
        let reading = load_bytes(text.to_vec(), options, Purpose::Routes).unwrap();
        let mut notes = reading.account.notes.into_iter();
        notes.any(|note| note.contains("--length-unit s"))
    };
    assert!(noted(&ReadOptions::default()));
    let told = ReadOptions {
        length_unit: Some(LengthUnit::S),
        ..ReadOptions::default()
    };
    assert!(!noted(&told));
}

/// A graph of GT-ITM comes back through every format whose data have names.
#[test]
fn graphs_of_gt_itm_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let reading = look(&super::shipped_graph("t100-0.gb"));
    for ending in ["graphml", "gml", "json"] {
        let path = folder.path().join(format!("copy.{ending}"));
        save(&path, &reading).unwrap();
        assert_eq!(look(&path).graph, reading.graph, "{ending}");
    }
    // Its lengths are exact: one that is no number is refused, also to be looked at. It was read, and what was written
    // of it was not (found by the fuzzer).
    let damaged = folder.path().join("damaged.gml");
    let text = std::fs::read_to_string(folder.path().join("copy.gml")).unwrap();
    std::fs::write(&damaged, text.replacen("    length ", "    length x", 1)).unwrap();
    let error = load(&damaged, &ReadOptions::default(), Purpose::Look).unwrap_err();
    let place = format!("{}:", damaged.display());
    let text = error.to_string();
    let what = text.strip_prefix(&place).expect("it begins with the file");
    let said = [("length x…", what)];
    reads(
        "topology-texts",
        "Lengths of a graph of GT-ITM that are no numbers",
        &said,
    );
}

#[test]
fn relations_of_systems_tell_domains() {
    let graph = look(&case("as-rel.txt")).graph;
    let domains: Vec<Domain> = graph.routers.iter().map(|router| router.domain).collect();
    let stub = |stub| Domain::Stub {
        transit: 0,
        node: 0,
        stub,
    };
    assert_eq!(domains, [Domain::Transit(0), stub(0), stub(1)]);
}

/// 209 and 4 have neither customers nor providers: they are under their first peer or sibling that has customers.
/// So has 5, which nobody with customers is beside, no one above it.
#[test]
fn systems_with_peers_alone_have_domains() {
    let text = "174|209|0\n209|2914|0\n174|1|-1\n2914|1|-1\n4|5|2\n2914|4|2\n";
    let text = text.as_bytes().to_vec();
    let reading = load_bytes(text, &ReadOptions::default(), Purpose::Look).unwrap();
    let routers = &reading.graph.routers;
    let named = |router: &arigatoni::topology::Router| {
        format!(
            "{} {}",
            router.label,
            router.domain.name().unwrap_or_default()
        )
    };
    let told: Vec<String> = routers.iter().map(named).collect();
    assert_eq!(
        told,
        [
            "174 T:0",
            "209 S:0.0/0",
            "2914 T:1",
            "1 S:0.0/1",
            "4 S:1.0/0",
            "5 T:2"
        ]
    );
    let domains = Statistics::of(&reading.graph).unwrap().domains.unwrap();
    assert_eq!(domains.links.no_domain, 0);
}

fn matrix(text: &str, options: &ReadOptions) -> Result<Reading> {
    load_bytes(text.as_bytes().to_vec(), options, Purpose::Routes)
}

#[test]
fn a_matrix_is_an_underlay_without_links() {
    // From a to c it is quicker over b: that is no route.
    let text = ",a,b,c\na,0,1,9\nb,2,0,1.5\nc,4,5,0\n";
    let graph = matrix(text, &ReadOptions::default()).unwrap().graph;
    let routes = Routes::new(&graph, 1.0, Routing::Latency).unwrap();
    let [a, b, c] = [0, 1, 2].map(RouterId);
    assert_eq!(routes.latency(a, c).as_ns(), 9_000_000);
    assert_eq!(routes.latency(b, a).as_ns(), 2_000_000);
    assert_eq!(routes.latency(a, b).as_ns(), 1_000_000);
    assert_eq!((routes.links(a, c), routes.next_hop(a, c)), (1, c));
    assert_eq!(routes.simple_links().count(), 0);
    let neighbours = routes.neighbours();
    assert_eq!(neighbours.len(), 3);
    assert_eq!(
        neighbours[1].2.as_ns(),
        4_000_000,
        "the lesser of both directions"
    );
    assert_eq!(routes.bound(&[a, b, c]).as_ns(), 9_000_000);
    let distances = Distances::new(&graph).unwrap();
    assert_eq!(distances.between(b, c).length, "1.5");
    assert_eq!(distances.between(b, c).hops, 1);
    let statistics = Statistics::of(&graph).unwrap();
    let pairs = statistics.pairs.unwrap();
    assert_eq!((pairs.all, pairs.unknown, pairs.unequal), (6, 0, 6));
    assert_eq!(statistics.length.unwrap().diameter.to_string(), "9");
}

#[test]
fn gaps_round_trips_and_units_of_matrices_are_what_options_say() {
    let text = "0 10 nan\n-1 0 4\n6 4 0\n";
    assert!(matrix(text, &ReadOptions::default()).is_err());
    let filled = ReadOptions {
        fill_gaps: true,
        rtt: true,
        length_unit: Some(LengthUnit::Us),
        ..ReadOptions::default()
    };
    let reading = matrix(text, &filled).unwrap();
    let latencies = reading.graph.latencies.unwrap();
    assert_eq!(
        latencies.get(1, 0),
        Some(0.005),
        "as in the opposite direction"
    );
    assert_eq!(latencies.get(0, 2), Some(0.003), "likewise");
    let default = ReadOptions {
        default_latency_ms: Some(LatencyMs(3.0)),
        ..ReadOptions::default()
    };
    let latencies = matrix(text, &default).unwrap().graph.latencies.unwrap();
    assert_eq!(latencies.get(0, 2), Some(3.0));
    // Half a latency of links as well.
    let rtt = ReadOptions {
        rtt: true,
        ..ReadOptions::default()
    };
    let links = load(&case("edges.csv"), &rtt, Purpose::Routes)
        .unwrap()
        .graph
        .links;
    assert!((links[0].length - 0.85).abs() < 1e-12);
}
