//! GraphML: Topology Zoo networks against their oracles, round trips, what is refused; DOT.

use arigatoni::parameters::number::LatencyMs;
use arigatoni::topology::{Domain, Graph, RouterId};
use arigatoni::topology::{ReadOptions, Routes, Routing, Statistics, dot, graphbase, graphml};
use arigatoni::topology::{read, read_with};
use proptest::prelude::*;
use serde_json::Value;

use super::{bytes, json, labels, shipped_graph, text, zoo};
use crate::review::Page;

fn parse(text: &str, options: &ReadOptions) -> Result<Graph, String> {
    graphml::parse(text.as_bytes(), options).map_err(|error| error.to_string())
}

fn refusal(text: &str) -> String {
    parse(text, &ReadOptions::default()).expect_err("the file is not usable")
}

#[test]
fn topology_zoo_networks_have_the_latencies_of_the_oracle() {
    for name in ["Abilene", "AttMpls"] {
        let path = zoo(name);
        let graph = read(&path).unwrap();
        let oracle = json(&path.with_file_name(format!("{name}.oracle.json")));
        check_links(&graph, &oracle);
        let statistics = Statistics::of(&graph).unwrap();
        let near = |ours: f64, key: &str| {
            let theirs = oracle[key].as_f64().unwrap();
            assert!((ours - theirs).abs() < 1e-9, "{key}: {ours}, not {theirs}");
        };
        near(statistics.length.unwrap().diameter, "ms_diameter");
        near(statistics.length.unwrap().mean, "mean_ms");
        near(statistics.hops.unwrap().diameter, "hop_diameter");
        near(statistics.simple_links as f64, "edges_simple");
        let routes = Routes::new(&graph, 1.0, Routing::Latency).unwrap();
        for (from, row) in oracle["all_pairs_ms"].as_object().unwrap() {
            for (to, ms) in row.as_object().unwrap() {
                let [u, v] = [from, to].map(|id| RouterId(id.parse().unwrap()));
                // A route adds up links rounded to nanoseconds.
                let error = (routes.latency(u, v).as_ms() - ms.as_f64().unwrap()).abs();
                assert!(error < 1e-5, "{from} to {to}: {error}");
            }
        }
    }
}

fn check_links(graph: &Graph, oracle: &Value) {
    let edges = oracle["edges"].as_array().unwrap();
    assert!(!edges.is_empty());
    for (id, label) in oracle["labels"].as_object().unwrap() {
        let router = &graph.routers[id.parse::<usize>().unwrap()];
        assert_eq!(&router.label, label.as_str().unwrap());
    }
    for edge in edges {
        let end = |key: &str| RouterId(edge[key].as_str().unwrap().parse().unwrap());
        let ends = [end("source"), end("target")];
        let mut same = graph
            .links
            .iter()
            .filter(|link| link.ends == ends || link.ends == [ends[1], ends[0]]);
        let length = same.next().expect("the link is there").length;
        // Links to routers without coordinates have no latency in the oracle.
        if let Some(ms) = edge["ms"].as_f64() {
            assert!((length - ms).abs() < 1e-9, "{edge}: {length}");
        }
    }
}

#[test]
fn missing_coordinates_are_named_and_can_be_made_good() {
    let path = zoo("Geant2012");
    let error = read(&path).unwrap_err().to_string();
    let error = error.split_once(": ").unwrap().1;
    let mut page = Page::new("Nodes without coordinates");
    page.entry("Geant2012", error);
    page.check("graphml-no-places");
    let options = ReadOptions {
        default_latency_ms: Some(LatencyMs(7.5)),
        ..ReadOptions::default()
    };
    let graph = read_with(&path, &options).unwrap();
    let oracle = json(&path.with_file_name("Geant2012.oracle.json"));
    check_links(&graph, &oracle);
    let unplaced = |router: RouterId| graph.routers[router.index()].position.is_none();
    let mut defaults = 0;
    for link in &graph.links {
        let default = link.ends.iter().any(|end| unplaced(*end));
        assert_eq!(default, link.length.to_bits() == 7.5_f64.to_bits());
        defaults += usize::from(default);
    }
    assert!(defaults >= 3);
    assert_eq!(
        graph.links.len(),
        oracle["edges_records"].as_u64().unwrap() as usize
    );
}

#[test]
fn graphs_come_back_from_our_own_graphml() {
    let check = |graph: &Graph| {
        let written = graphml::write(graph).unwrap();
        let back = graphml::parse(written.as_bytes(), &ReadOptions::default()).unwrap();
        assert!(&back == graph, "{} came back otherwise", graph.id);
    };
    for name in ["t100-0.gb", "ts108x-0.gb", "ts108x-0.alt", "ts600-0.gb"] {
        let graph = read(&shipped_graph(name)).unwrap();
        check(&graph);
        if name.ends_with("gb") {
            let written = graphml::write(&graph).unwrap();
            let back = graphml::parse(written.as_bytes(), &ReadOptions::default()).unwrap();
            assert_eq!(graphbase::write(&back).unwrap(), text(&shipped_graph(name)));
        }
    }
    let options = ReadOptions {
        default_latency_ms: Some(LatencyMs(0.1)),
        ..ReadOptions::default()
    };
    for name in ["Abilene", "AttMpls", "Geant2012"] {
        check(&read_with(&zoo(name), &options).unwrap());
    }
    let mut odd = read(&shipped_graph("t100-0.gb")).unwrap();
    odd.routers[3].domain = Domain::None;
    odd.routers[3].label = " <Zürich & \"Genf\">\r\n".into();
    check(&odd);
    odd.routers[3].label = "\u{1}".into();
    assert!(graphml::write(&odd).is_err(), "XML cannot hold it");
}

/// A file with these nodes and edges and keys in an unusual order.
fn file(body: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<graphml>\n\
         <key id=\"d7\" for=\"node\" attr.name=\"Longitude\"/>\n\
         <key id=\"d7\" for=\"edge\" attr.name=\"LinkLabel\"/>\n\
         <key id=\"d0\" for=\"node\" attr.name=\"label\"/>\n\
         <key id=\"d9\" for=\"all\" attr.name=\"Latitude\"/>\n\
         <key id=\"h\" for=\"node\" attr.name=\"hyperedge\"/>\n\
         <key id=\"l\" for=\"edge\" attr.name=\"length\"/>\n\
         <graph edgedefault=\"undirected\">\n{body}</graph>\n</graphml>\n"
    )
}

fn node(id: &str, label: &str) -> String {
    format!(
        "<node id=\"{id}\"><data key=\"d9\">47.0</data><data key=\"d0\">{label}</data>\
         <data key=\"d7\">8.5</data></node>\n"
    )
}

#[test]
fn keys_are_resolved_for_their_own_kind_of_element() {
    let body = node("n7", "Basel")
        + &node("x", "")
        + "<edge source=\"x\" target=\"n7\"><data key=\"d7\">99</data></edge>\n\
           <edge source=\"x\" target=\"x\"/>\n";
    let graph = parse(&file(&body), &ReadOptions::default()).unwrap();
    assert_eq!(graph.routers[0].position, Some([8.5, 47.0]));
    assert_eq!(graph.routers[1].label, "x", "the id stands in for a label");
    assert_eq!(graph.links[0].ends, [RouterId(1), RouterId(0)]);
    assert!(graph.links.iter().all(|link| link.length == 0.0));
}

/// A page with what is said of files, which must be refused with the place; `whole` makes a file of what is
/// put in.
fn check_refused(
    page: &str,
    heading: &str,
    whole: impl Fn(&str) -> String,
    cases: &[(String, &str)],
) {
    let mut text = Page::new(heading);
    for (input, place) in cases {
        let error = refusal(&whole(input));
        text.entry(input.replace("</data><", "</data>\n<").trim_end(), &error);
        assert!(error.starts_with(place), "{input}: {error}");
    }
    text.check(page);
}

#[test]
fn what_is_no_sound_graphml_is_refused_by_line() {
    let cases = [
        ("<gpx/>", "1:"),
        ("<graphml/>", "1:"),
        ("<graphml/>\nx", "1:"),
        ("<graphml/>\n<x/>", "2:"),
        ("<graphml>\n<graph></graphml>", "2:"),
        ("<graphml>&x;</graphml>", "1:"),
        ("<graphml>&#1;</graphml>", "1:"),
        ("<graphml><graph><node id=\"&x;\"/></graph></graphml>", "1:"),
        ("<graphml>\n<graph/>\n<graph/></graphml>", "3:"),
        ("<!DOCTYPE x [<!ENTITY e \"e\">]><graphml/>", "1:"),
    ];
    let cases = cases.map(|(text, place)| (text.to_owned(), place));
    let heading = "Files that are no sound GraphML";
    check_refused("graphml-unsound", heading, str::to_owned, &cases);
    assert!(refusal("").starts_with("1:"));
}

/// A link from the node `a` to the node `b`.
const LINK: &str = "<edge source=\"a\" target=\"b\"/>\n";

#[test]
fn elements_that_cannot_be_used_are_refused_by_line() {
    let a = node("a", "A");
    let cases = [
        (String::new(), "1:"),
        (a.clone() + &a, "11:"),
        ("<node/>".into(), "10:"),
        (a.clone() + "<edge source=\"a\"/>", "11:"),
        (a.clone() + LINK, "11:"),
        ("<node id=\"a\"><graph/></node>".into(), "10:"),
        (a.clone() + "<hyperedge/>", "11:"),
        (a.replace("47.0", "north") + &node("b", "B") + LINK, "10:"),
    ];
    let heading = "Elements that cannot be used";
    check_refused("graphml-elements", heading, file, &cases);
}

#[test]
fn nodes_and_links_that_cannot_be_used_are_refused_by_name() {
    let (a, b) = (node("a", "A"), node("b", "B"));
    let below_0 = "<edge source=\"a\" target=\"b\"><data key=\"l\">-2</data></edge>";
    let hyper = b.replace("<node id=\"b\">", "<node id=\"b\"><data key=\"h\">1</data>");
    let cases = [
        (a.clone() + &b.replace("47.0", "inf") + LINK, ""),
        (a.clone() + &b.replace("47.0", "97") + LINK, ""),
        (a.clone() + &b.replace(">47.0<", "><") + LINK, ""),
        (a.clone() + &b + below_0, "12:"),
        (a.clone() + &hyper, ""),
        (a.clone() + &node("b", "A") + LINK, ""),
    ];
    let heading = "Nodes and links that cannot be used";
    check_refused("graphml-nodes", heading, file, &cases);
}

#[test]
fn text_is_put_together_from_its_pieces() {
    let body = node(
        "a",
        "Z&#252;rich &lt;<![CDATA[<&]]>&amp;<b>!</b><!-- no --> ",
    );
    let graph = parse(&file(&body), &ReadOptions::default()).unwrap();
    assert_eq!(graph.routers[0].label, "Zürich <<&&! ");
    let marked = format!("\u{feff}{}", file(&body));
    assert_eq!(parse(&marked, &ReadOptions::default()).unwrap(), graph);
}

#[test]
fn options_say_what_to_do() {
    let body = node("a", "A")
        + &node("b", "A")
        + &node("c", "C").replace("47.0", "")
        + &node("d", "D")
        + &node("e", "E")
        + "<edge source=\"a\" target=\"b\"/><edge source=\"b\" target=\"c\"/>\
           <edge source=\"d\" target=\"e\"/>";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.graphml");
    std::fs::write(&path, file(&body)).unwrap();
    let mut options = ReadOptions {
        rename_duplicates: true,
        ..ReadOptions::default()
    };
    let mut page = Page::new("Graphs that options make usable");
    let mut refused = |options: &ReadOptions, name: &str| {
        let error = read_with(&path, options).unwrap_err().to_string();
        page.entry(name, error.split_once(": ").unwrap().1);
    };
    refused(&options, "a link without a length");
    options.default_latency_ms = Some(LatencyMs(3.0));
    refused(&options, "two parts");
    page.check("graphml-options");
    options.largest_component = true;
    let graph = read_with(&path, &options).unwrap();
    assert_eq!(labels(&graph), ["A (a)", "A (b)", "C"]);
    let links: Vec<_> = graph
        .links
        .iter()
        .map(|link| (link.ends, link.length))
        .collect();
    let [a, b, c] = [0, 1, 2].map(RouterId);
    assert_eq!(links, [([a, b], 0.0), ([b, c], 3.0)]);
}

#[test]
fn the_largest_part_keeps_the_order_of_routers_and_links() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.alt");
    let alt = "GRAPH (#nodes #edges id uu vv ww xx yy zz):\n6 8 geo 9 \n\n\
        VERTICES (index name u v w x y z):\n0 a 0 0 \n1 b 0 0 \n2 c 0 0 \n3 d 0 0 \n4 e 0 0 \n\
        5 f 0 0 \n\nEDGES (from-node to-node length a b):\n0 2 1 0 \n1 3 2 0 \n1 5 3 0 \n3 5 4 0 \n";
    std::fs::write(&path, alt).unwrap();
    assert!(read(&path).is_err(), "it falls into two parts");
    let options = ReadOptions {
        largest_component: true,
        ..ReadOptions::default()
    };
    let graph = read_with(&path, &options).unwrap();
    assert_eq!(labels(&graph), ["b", "d", "f"]);
    let mut lengths: Vec<f64> = graph.links.iter().map(|link| link.length).collect();
    lengths.sort_by(f64::total_cmp);
    assert_eq!(lengths, [2.0, 3.0, 4.0]);
}

#[test]
fn dot_holds_every_router_and_link() {
    let mut graph = read(&shipped_graph("t100-0.gb")).unwrap();
    graph.routers[0].label = "a \"b\" \\c".into();
    let text = dot::write(&graph);
    assert_eq!(text.matches(" -- ").count(), 187);
    assert_eq!(text.matches("[label=").count(), 100);
    assert_eq!(text.matches("subgraph ").count(), 13);
    assert!(
        text.contains("label=\"a \\\"b\\\" \\\\c\""),
        "{}",
        &text[..400]
    );
    assert!(text.contains("  0 -- 3 [length=25, policy=1];\n"), "{text}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.gv");
    arigatoni::topology::save(&path, &graph.into()).unwrap();
    assert_eq!(super::text(&path), text);
    let back = read(&path).unwrap();
    assert_eq!(back.routers.len(), 100);
    assert_eq!(back.domains().len(), 13);
}

#[test]
fn deep_and_wide_files_are_no_trouble() {
    let deep = "<graphml>".to_string() + &"<a>".repeat(100_000);
    assert!(refusal(&deep).starts_with("1:"));
    let closed = deep + &"</a>".repeat(100_000) + "</graphml>";
    assert!(refusal(&closed).starts_with("1:"));
    let attributes: Vec<String> = (0..50_000).map(|k| format!(" a{k}=\"\"")).collect();
    let spaces: Vec<String> = (0..5_000)
        .map(|k| format!("<a xmlns:b{k}=\"b\">"))
        .collect();
    let wide = file(&format!(
        "<node{} id=\"a\">{}{}</node>",
        attributes.concat(),
        spaces.concat(),
        "</a>".repeat(5_000)
    ));
    assert_eq!(
        parse(&wide, &ReadOptions::default()).unwrap().routers.len(),
        1
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_and_damaged_files_never_panic(
        noise in "[<>/=\"& a-z0-9]{0,200}",
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let _ = parse(&noise, &ReadOptions::default());
        let _ = parse(&file(&noise), &ReadOptions::default());
        let body = node("a", "A") + &node("b", "B") + "<edge source=\"a\" target=\"b\"/>";
        let mut bytes = file(&body).into_bytes();
        for (place, byte) in cuts {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if let Ok(graph) = graphml::parse(&bytes, &ReadOptions::default()) {
            graphml::write(&graph).unwrap();
        }
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_third_party_file_survives_any_single_change() {
    let whole = bytes(&zoo("Abilene"));
    let (mut read, mut refused) = (0, 0);
    let mut count = |file: &[u8]| match graphml::parse(file, &ReadOptions::default()) {
        Ok(_) => read += 1,
        Err(_) => refused += 1,
    };
    for place in (0..whole.len()).step_by(37) {
        for byte in [b'<', b'"', b'9', 0xff] {
            let mut damaged = whole.clone();
            damaged[place] = byte;
            count(&damaged);
        }
        count(&whole[..place]);
    }
    // Most changes are in names and numbers that nothing depends on; every cut is seen.
    assert!(
        read > 100 && refused > whole.len() / 37,
        "{read} read, {refused} refused"
    );
}
