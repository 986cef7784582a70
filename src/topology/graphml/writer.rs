//! From a graph to a GraphML file that brings all of it back.

use std::fmt::Write as _;

use super::tree::is_xml;
use crate::error::{Error, Result};
use crate::topology::listing::{names, written};
use crate::topology::reading::{Kept, KeptColumn, Reading};
use crate::topology::{Graph, Router, RouterId};

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
    <graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n";

/// The graph as GraphML: every number as it is, in shortest round-trip decimal.
///
/// A character that XML cannot hold in a label or the identification is an error.
pub fn write(graph: &Graph) -> Result<String> {
    write_reading(&graph.clone().into())
}

/// Like [`write`], with the nodes' ids and all data that were read and are not part of the graph.
pub(in crate::topology) fn write_reading(reading: &Reading) -> Result<String> {
    let Reading { graph, kept, .. } = reading;
    let mut out = String::from(HEAD);
    let graph_data = written::graph_data(graph);
    let axes = written::axes(graph.origin);
    for (name, _) in &graph_data {
        key(&mut out, "graph", name, "string");
    }
    key(&mut out, "node", names::LABEL, "string");
    key(&mut out, "node", axes[0], "double");
    key(&mut out, "node", axes[1], "double");
    key(&mut out, "edge", names::LENGTH, "double");
    key(&mut out, "edge", names::POLICY_WEIGHT, "int");
    kept_keys(&mut out, kept)?;
    out.push_str("  <graph");
    if let Some(id) = &kept.graph_id {
        let _ = write!(out, " id=\"{}\"", escaped("id", id)?);
    }
    out.push_str(" edgedefault=\"undirected\">\n");
    for (name, value) in &graph_data {
        datum(&mut out, "    ", name, &escaped("identification", value)?);
    }
    kept_data(&mut out, "    ", Some(&kept.graph))?;
    let mut ids = Vec::with_capacity(graph.routers.len());
    for number in 0..graph.routers.len() as u32 {
        ids.push(escaped("id", &reading.id(RouterId(number)))?);
    }
    for (number, router) in graph.routers.iter().enumerate() {
        node(&mut out, &ids[number], router, axes)?;
        kept_data(&mut out, "      ", kept.nodes.get(number))?;
        out.push_str("    </node>\n");
    }
    for (number, link) in graph.links.iter().enumerate() {
        let [from, to] = link.ends.map(|end| &ids[end.index()]);
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(out, "    <edge source=\"{from}\" target=\"{to}\">");
        if reading.has_length(number) {
            datum(&mut out, "      ", names::LENGTH, &link.length.to_string());
        }
        let weight = link.weight.to_string();
        datum(&mut out, "      ", names::POLICY_WEIGHT, &weight);
        kept_data(&mut out, "      ", kept.edges.get(number))?;
        out.push_str("    </edge>\n");
    }
    out.push_str("  </graph>\n</graphml>\n");
    Ok(out)
}

/// The keys of data that are kept: `d0`, `d1`, …
fn kept_keys(out: &mut String, kept: &Kept) -> Result<()> {
    for (number, column) in kept.columns.iter().enumerate() {
        let KeptColumn { place, .. } = column;
        let [name, kind] =
            [&column.name, &column.kind].map(|text| escaped("name of a datum", text));
        let _ = write!(
            out,
            "  <key id=\"d{number}\" for=\"{place}\" attr.name=\"{}\" attr.type=\"{}\"",
            name?, kind?
        );
        let _ = match &column.default {
            None => writeln!(out, "/>"),
            Some(text) => {
                let default = escaped("default", text)?;
                writeln!(out, "><default>{default}</default></key>")
            }
        };
    }
    Ok(())
}

fn kept_data(out: &mut String, indent: &str, data: Option<&Vec<(u32, String)>>) -> Result<()> {
    for (column, text) in data.into_iter().flatten() {
        let value = escaped("datum", text)?;
        let _ = writeln!(out, "{indent}<data key=\"d{column}\">{value}</data>");
    }
    Ok(())
}

/// A node, left open.
fn node(out: &mut String, id: &str, router: &Router, axes: [&str; 2]) -> Result<()> {
    let _ = writeln!(out, "    <node id=\"{id}\">");
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
            '"' => escaped.push_str("&quot;"),
            // Bare ones would come back as others.
            '\r' => escaped.push_str("&#13;"),
            '\n' => escaped.push_str("&#10;"),
            '\t' => escaped.push_str("&#9;"),
            _ if !is_xml(character) => return Err(unfit(what, text, character)),
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
