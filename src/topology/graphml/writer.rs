//! From a graph to a GraphML file that brings all of it back.

use std::fmt::Write as _;

use super::names;
use crate::error::{Error, Result};
use crate::topology::graph::{Graph, Origin, Router};

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
    <graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n";

/// The graph as GraphML: every number as it is, in shortest round-trip decimal.
///
/// A character that XML cannot hold in a label or the identification is an error.
pub fn write(graph: &Graph) -> Result<String> {
    let mut out = String::from(HEAD);
    let graph_data = graph_data(graph)?;
    let [across, up] = match graph.origin {
        Origin::Other => [names::LONGITUDE, names::LATITUDE],
        Origin::Flat { .. } | Origin::TransitStub { .. } => [names::X, names::Y],
    };
    for (name, _) in &graph_data {
        key(&mut out, "graph", name, "string");
    }
    key(&mut out, "node", names::LABEL, "string");
    key(&mut out, "node", across, "double");
    key(&mut out, "node", up, "double");
    key(&mut out, "edge", names::LENGTH, "double");
    key(&mut out, "edge", names::POLICY_WEIGHT, "int");
    out.push_str("  <graph edgedefault=\"undirected\">\n");
    for (name, value) in &graph_data {
        datum(&mut out, "    ", name, value);
    }
    for (number, router) in graph.routers.iter().enumerate() {
        node(&mut out, number, router, [across, up])?;
    }
    for link in &graph.links {
        let [from, to] = link.ends.map(|end| end.0);
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(out, "    <edge source=\"{from}\" target=\"{to}\">");
        datum(&mut out, "      ", names::LENGTH, &link.length.to_string());
        datum(
            &mut out,
            "      ",
            names::POLICY_WEIGHT,
            &link.weight.to_string(),
        );
        out.push_str("    </edge>\n");
    }
    out.push_str("  </graph>\n</graphml>\n");
    Ok(out)
}

/// What is said of the graph as a whole, escaped.
fn graph_data(graph: &Graph) -> Result<Vec<(&'static str, String)>> {
    let mut data = vec![(names::ID, escaped("identification", &graph.id)?)];
    match graph.origin {
        Origin::Other => {}
        Origin::Flat { scale } => {
            data.push((names::METHOD, "geo".into()));
            data.push((names::SCALE, scale.to_string()));
        }
        Origin::TransitStub {
            scale,
            transit_diameter,
            stub_diameter,
            top_diameter,
        } => {
            data.push((names::METHOD, "ts".into()));
            data.push((names::SCALE, scale.to_string()));
            data.push((names::TRANSIT_DIAMETER, transit_diameter.to_string()));
            data.push((names::STUB_DIAMETER, stub_diameter.to_string()));
            data.push((names::TOP_DIAMETER, top_diameter.to_string()));
        }
    }
    if graph.loops_unlisted > 0 {
        data.push((names::LOOPS_UNLISTED, graph.loops_unlisted.to_string()));
    }
    Ok(data)
}

fn node(out: &mut String, number: usize, router: &Router, axes: [&str; 2]) -> Result<()> {
    let _ = writeln!(out, "    <node id=\"{number}\">");
    datum(
        out,
        "      ",
        names::LABEL,
        &escaped("label", &router.label)?,
    );
    if let Some(position) = router.position {
        for (name, value) in axes.into_iter().zip(position) {
            datum(out, "      ", name, &value.to_string());
        }
    }
    out.push_str("    </node>\n");
    Ok(())
}

fn key(out: &mut String, place: &str, name: &str, kind: &str) {
    let _ = writeln!(
        out,
        "  <key id=\"{name}\" for=\"{place}\" attr.name=\"{name}\" attr.type=\"{kind}\"/>"
    );
}

fn datum(out: &mut String, indent: &str, name: &str, value: &str) {
    let _ = writeln!(out, "{indent}<data key=\"{name}\">{value}</data>");
}

/// The text with XML's own characters replaced.
fn escaped(what: &str, text: &str) -> Result<String> {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            // A bare carriage return would come back as a line feed.
            '\r' => escaped.push_str("&#13;"),
            '\t' | '\n' => escaped.push(character),
            '\u{fffe}' | '\u{ffff}' => return Err(unfit(what, text, character)),
            _ if character < ' ' => return Err(unfit(what, text, character)),
            _ => escaped.push(character),
        }
    }
    Ok(escaped)
}

fn unfit(what: &str, text: &str, character: char) -> Error {
    Error::new(format!(
        "the {what} {text:?} holds {character:?}, which XML cannot hold"
    ))
}
