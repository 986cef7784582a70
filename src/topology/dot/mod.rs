//! DOT files (`.dot`, `.gv`) for Graphviz.
//!
//! Routers are named by their numbers; domains are clusters. A graph that is read again has no places in
//! degrees, but on a plane, and nothing of GT-ITM but the domains in its labels.

mod reader;
mod tokens;

use std::collections::BTreeMap;
use std::fmt::Write as _;

pub(super) use self::reader::list;
use super::graph::{Domain, Graph, Router};
use super::reading::Reading;

/// The graph in DOT: `write_reading` with all lengths known.
pub fn write(graph: &Graph) -> String {
    write_reading(&graph.clone().into())
}

/// The graph in DOT. Positions are given as `pos`, in the graph's unit (`neato -n` keeps them);
/// `length` and `policy` are attributes of our own, which Graphviz leaves alone; a link whose length
/// is not known has none.
pub(super) fn write_reading(reading: &Reading) -> String {
    let graph = &reading.graph;
    let mut out = format!("graph {} {{\n  node [shape=circle];\n", quoted(&graph.id));
    let mut domains: BTreeMap<Domain, Vec<usize>> = BTreeMap::new();
    for (number, router) in graph.routers.iter().enumerate() {
        domains.entry(router.domain).or_default().push(number);
    }
    for (domain, routers) in domains {
        let (indent, cluster) = match domain {
            Domain::None => ("  ", None),
            Domain::Transit(transit) => ("    ", Some(format!("T:{transit}"))),
            Domain::Stub {
                transit,
                node,
                stub,
            } => ("    ", Some(format!("S:{transit}.{node}/{stub}"))),
        };
        if let Some(name) = &cluster {
            // Writing to a string cannot fail, here and below.
            let _ = writeln!(
                out,
                "  subgraph \"cluster_{name}\" {{\n    label=\"{name}\";"
            );
        }
        for number in routers {
            let router = &graph.routers[number];
            let on_plane = reading.on_plane().get(number).copied().flatten();
            let attributes = attributes(router, router.position.or(on_plane));
            let _ = writeln!(out, "{indent}{number} [{attributes}];");
        }
        if cluster.is_some() {
            out.push_str("  }\n");
        }
    }
    for (number, link) in graph.links.iter().enumerate() {
        let [from, to] = link.ends.map(|end| end.0);
        let length = if reading.has_length(number) {
            format!("length={}, ", link.length)
        } else {
            String::new()
        };
        let _ = writeln!(out, "  {from} -- {to} [{length}policy={}];", link.weight);
    }
    out.push_str("}\n");
    out
}

fn attributes(router: &Router, place: Option<[f64; 2]>) -> String {
    let mut text = format!("label={}", quoted(&router.label));
    if let Some([x, y]) = place {
        let _ = write!(text, ", pos=\"{x},{y}\"");
    }
    if matches!(router.domain, Domain::Transit(_)) {
        text.push_str(", shape=box");
    }
    text
}

/// A DOT string. The only escape that DOT itself knows is that of the quote; a backslash doubled
/// keeps it from starting one of Graphviz's escapes in a label.
fn quoted(text: &str) -> String {
    let escaped = text
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n");
    format!("\"{escaped}\"")
}
