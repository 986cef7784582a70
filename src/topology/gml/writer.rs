//! From a graph to a GML file.

use std::fmt::Write as _;

use crate::error::{Error, Result};
use crate::topology::json;
use crate::topology::listing::{names, written};
use crate::topology::reading::Reading;

/// The beginning of a file: what is said of the graph as a whole.
fn heading(reading: &Reading) -> Result<String> {
    let Reading { graph, kept, .. } = reading;
    let mut out = String::from("graph [\n  directed 0\n");
    if graph.has_parallels() {
        // Without it networkx refuses the file.
        out.push_str("  multigraph 1\n");
    }
    for (name, value) in written::graph_data(graph) {
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(out, "  {name} {}", quoted(&value));
    }
    let own = ["directed", "multigraph", "node", "edge", "name"];
    for (column, name) in kept.columns_of("graph", &own, key_of)? {
        datum(&mut out, "  ", &name, kept.of_graph(column));
    }
    Ok(out)
}

/// The graph as GML. Ids that are no numbers are data called `file_id`, and the routers' numbers stand in
/// their place; data that are kept are as they were.
pub(in crate::topology) fn write(reading: &Reading) -> Result<String> {
    let graph = &reading.graph;
    let mut out = heading(reading)?;
    let kept = &reading.kept;
    let is_number = |id: &String| {
        id.parse::<u32>()
            .is_ok_and(|number| number.to_string() == *id)
    };
    let are_numbers = kept.ids.iter().all(is_number);
    let keys: &[&str] = if are_numbers {
        &["id"]
    } else {
        &["id", "file_id"]
    };
    let nodes = kept.columns_of("node", keys, key_of)?;
    let id = |number: usize| match kept.ids.get(number) {
        Some(id) if are_numbers => id.clone(),
        _ => number.to_string(),
    };
    let axes = written::axes(graph.origin);
    for (number, router) in graph.routers.iter().enumerate() {
        let _ = writeln!(
            out,
            "  node [\n    id {}\n    label {}",
            id(number),
            quoted(&router.label)
        );
        for (name, value) in axes.iter().zip(router.position.iter().flatten()) {
            let _ = writeln!(out, "    {name} {value}");
        }
        if let Some(id) = kept.ids.get(number).filter(|_| !are_numbers) {
            let _ = writeln!(out, "    file_id {}", quoted(id));
        }
        for (column, name) in &nodes {
            datum(&mut out, "    ", name, kept.of_node(number, *column));
        }
        out.push_str("  ]\n");
    }
    let edges = kept.columns_of("edge", &["source", "target"], key_of)?;
    for (number, link) in graph.links.iter().enumerate() {
        let [from, to] = link.ends.map(|end| id(end.index()));
        let _ = writeln!(out, "  edge [\n    source {from}\n    target {to}");
        if reading.has_length(number) {
            let _ = writeln!(out, "    {} {}", names::LENGTH, link.length);
        }
        if link.weight > 0 {
            let _ = writeln!(out, "    {} {}", names::POLICY_WEIGHT, link.weight);
        }
        for (column, name) in &edges {
            datum(&mut out, "    ", name, kept.of_edge(number, *column));
        }
        out.push_str("  ]\n");
    }
    out.push_str("]\n");
    Ok(out)
}

fn datum(out: &mut String, indent: &str, key: &str, text: Option<&str>) {
    let Some(text) = text else { return };
    let _ = if is_number(text) {
        writeln!(out, "{indent}{key} {text}")
    } else {
        writeln!(out, "{indent}{key} {}", quoted(text))
    };
}

/// Whether a text is a number of GML: an integer of 32 bits, or a decimal with a point, as JSON writes it.
fn is_number(text: &str) -> bool {
    json::is_number(text) && (text.contains('.') || text.parse::<i32>().is_ok())
}

/// The name of a datum as a key: letters, digits and underscores.
fn key_of(name: &str) -> Result<String> {
    let key: String = name
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() || letter == '_' {
                letter
            } else {
                '_'
            }
        })
        .collect();
    if !key.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
        let what = format!("a datum is called `{name}`, which is no key of GML");
        return Err(Error::new(what).help("write .graphml or .json instead"));
    }
    Ok(key)
}

/// A text in quotes, with entities for what may not stand there.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            _ if letter.is_ascii() && !letter.is_control() => out.push(letter),
            _ => {
                let _ = write!(out, "&#{};", u32::from(letter));
            }
        }
    }
    out + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_gml_are_those_that_its_readers_know() {
        for text in ["132.4", "-1", "0", "1.5e-7"] {
            assert!(is_number(text), "{text}");
        }
        for text in [
            "1e-7",
            "3000000000",
            "007",
            "+1",
            ".5",
            "1.",
            "nan",
            "",
            "1 2",
        ] {
            assert!(!is_number(text), "{text}");
        }
    }
}
