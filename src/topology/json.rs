//! JSON of nodes and links (`.json`): what networkx calls node-link data, and what topohub writes. Two
//! numbers in `pos` are longitude and latitude; other lists and objects inside a node or an edge are not
//! data.
//!
//! This module does *not* know what data mean ([`super::listing`]).

use serde_json::{Map, Value, json};

use super::graph::Origin;
use super::listing::{Kind, Listing, error_at, names, written};
use super::reading::Reading;
use crate::error::{Error, Result, json_fault};

/// The nodes and edges of a file.
pub(super) fn list(text: &str) -> Result<Listing<'_>> {
    let mut listing = Listing::new(text)?;
    let root: Value = serde_json::from_str(text).map_err(|error| {
        let what = json_fault(&error);
        let error_line =
            Error::new(format!("this is not sound JSON: {what}")).at(error.line().max(1));
        if error.is_eof() {
            error_line.help("the file is cut off: fetch it again")
        } else if is_no_number(text, &error) {
            error_line.help("JSON has no NaN and no Infinity: write null, or leave the value out")
        } else {
            error_line
        }
    })?;
    let Value::Object(root) = &root else {
        return Err(Error::new("the file is a JSON text, but no object with `nodes`").at(1));
    };
    let directed = root.get("directed") == Some(&Value::Bool(true));
    if let Some(Value::Object(data)) = root.get("graph") {
        for (name, value) in data {
            let name = if name == "name" { names::ID } else { name };
            if let Some(text) = datum(value) {
                listing.tell(Kind::Graph, name, text);
            }
        }
    }
    let offsets = elements_of(text, "nodes");
    for (number, node) in array(text, root, &["nodes"])?.iter().enumerate() {
        let offset = offsets.get(number).copied().unwrap_or(0);
        let node = object(text, offset, node, "node")?;
        // Without ids nodes are known by their numbers.
        let id = node.get("id").and_then(datum);
        listing.add_node(offset, id.unwrap_or_else(|| number.to_string()))?;
        tell(&mut listing, Kind::Node, node, &["id"]);
    }
    let name = if root.contains_key("edges") {
        "edges"
    } else {
        "links"
    };
    let offsets = elements_of(text, name);
    for (number, edge) in array(text, root, &["edges", "links"])?.iter().enumerate() {
        let offset = offsets.get(number).copied().unwrap_or(0);
        let edge = object(text, offset, edge, "edge")?;
        let end = |name: &str| {
            let id = edge.get(name).and_then(datum);
            id.ok_or_else(|| error_at(text, offset, format!("this edge has no `{name}`")))
        };
        let [source, target] = [end("source")?, end("target")?];
        listing.add_edge(offset, [&source, &target], directed)?;
        tell(&mut listing, Kind::Edge, edge, &["source", "target"]);
    }
    Ok(listing)
}

/// Whether the error stands at what Python writes for a number that is none.
fn is_no_number(text: &str, error: &serde_json::Error) -> bool {
    let line = text.lines().nth(error.line().saturating_sub(1));
    let rest = line.and_then(|line| line.get(error.column().saturating_sub(1)..));
    let words = ["NaN", "Infinity"];
    rest.is_some_and(|rest| words.iter().any(|word| rest.starts_with(word)))
}

/// The first list of one of these names.
fn array<'v>(text: &str, root: &'v Map<String, Value>, wanted: &[&str]) -> Result<&'v Vec<Value>> {
    let Some((name, value)) = wanted
        .iter()
        .find_map(|name| Some((name, root.get(*name)?)))
    else {
        let wanted: Vec<String> = wanted.iter().map(|name| format!("`{name}`")).collect();
        let what = format!("the file has no list {}", wanted.join(" or "));
        return Err(Error::new(what)
            .at(1)
            .help("write it as networkx.node_link_data does"));
    };
    value
        .as_array()
        .ok_or_else(|| error_at(text, 0, format!("`{name}` is not a list")))
}

fn object<'v>(
    text: &str,
    offset: usize,
    value: &'v Value,
    what: &str,
) -> Result<&'v Map<String, Value>> {
    value
        .as_object()
        .ok_or_else(|| error_at(text, offset, format!("this {what} is not an object")))
}

/// A value as a datum; lists, objects and null are none.
fn datum(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn tell(listing: &mut Listing<'_>, kind: Kind, data: &Map<String, Value>, but: &[&str]) {
    for (name, value) in data
        .iter()
        .filter(|(name, _)| !but.contains(&name.as_str()))
    {
        if let (Kind::Node, "pos", Some([east, north])) = (kind, name.as_str(), place(value)) {
            listing.tell(kind, names::POSITION[0], east.to_string());
            listing.tell(kind, names::POSITION[1], north.to_string());
        } else if let Some(text) = datum(value) {
            listing.tell(kind, name, text);
        }
    }
}

/// Two numbers in a list.
fn place(value: &Value) -> Option<[f64; 2]> {
    match value.as_array()?.as_slice() {
        [east, north] => Some([east.as_f64()?, north.as_f64()?]),
        _ => None,
    }
}

/// What is said of the graph as a whole.
fn about(reading: &Reading) -> Result<Map<String, Value>> {
    let mut about = Map::new();
    for (name, value) in written::graph_data(&reading.graph) {
        let name = if name == names::ID { "name" } else { name };
        about.insert(name.into(), json!(value));
    }
    let kept = &reading.kept;
    for (column, name) in kept.columns_of("graph", &["name"], |name| Ok(name.into()))? {
        if let Some(text) = kept.of_graph(column) {
            about.insert(name, value_of(text));
        }
    }
    Ok(about)
}

/// A router with the data of `columns`.
fn node(reading: &Reading, number: usize, columns: &[(u32, String)]) -> Value {
    let Reading { graph, kept, .. } = reading;
    let router = &graph.routers[number];
    let mut node = Map::new();
    let id = kept.ids.get(number);
    node.insert("id".into(), id.map_or(json!(number), |id| json!(id)));
    node.insert(names::LABEL.into(), json!(router.label));
    let on_plane = reading.on_plane().get(number).copied().flatten();
    // A place on a plane that other data tell is not told twice.
    let by_pos = |place: &[f64; 2]| {
        let told = columns.iter().filter(|(column, name)| {
            let text = kept.of_node(number, *column);
            text.is_some_and(|text| is_told(name, text, Some(*place)))
        });
        told.count() == names::POSITION.len()
    };
    let place = router.position.or(on_plane.filter(by_pos));
    let is_pos = graph.origin == Origin::Other;
    if let Some(place) = place {
        if is_pos {
            node.insert("pos".into(), json!(place));
        } else {
            for (name, value) in written::axes(graph.origin).iter().zip(place) {
                node.insert((*name).into(), json!(value));
            }
        }
    }
    for (column, name) in columns {
        let Some(text) = kept.of_node(number, *column) else {
            continue;
        };
        if !(is_pos && is_told(name, text, place)) {
            node.insert(name.clone(), value_of(text));
        }
    }
    Value::Object(node)
}

/// The graph as JSON of nodes and links, as topohub has it: `pos` is the place, `dist` is left to the data
/// that are kept.
pub(super) fn write(reading: &Reading) -> Result<String> {
    let graph = &reading.graph;
    let kept = &reading.kept;
    let spelled = |name: &str| Ok(String::from(name));
    let columns = kept.columns_of("node", &["id", "pos"], spelled)?;
    let nodes = (0..graph.routers.len()).map(|number| node(reading, number, &columns));
    let nodes: Vec<Value> = nodes.collect();
    let columns = kept.columns_of("edge", &["source", "target"], spelled)?;
    let edges = graph.links.iter().enumerate().map(|(number, link)| {
        let mut edge = Map::new();
        for (name, end) in ["source", "target"].iter().zip(link.ends) {
            edge.insert((*name).into(), nodes[end.index()]["id"].clone());
        }
        if reading.has_length(number) {
            edge.insert(names::LENGTH.into(), json!(link.length));
        }
        if link.weight > 0 {
            edge.insert(names::POLICY_WEIGHT.into(), json!(link.weight));
        }
        for (column, name) in &columns {
            if let Some(text) = kept.of_edge(number, *column) {
                edge.insert(name.clone(), value_of(text));
            }
        }
        Value::Object(edge)
    });
    let edges: Vec<Value> = edges.collect();
    let whole = json!({"directed": false, "multigraph": true, "graph": about(reading)?, "nodes": nodes, "edges": edges});
    let text = serde_json::to_string_pretty(&whole)
        .map_err(|error| Error::new(format!("the graph cannot be written: {error}")))?;
    Ok(text + "\n")
}

/// Whether `pos` tells a datum of a node already.
fn is_told(name: &str, text: &str, position: Option<[f64; 2]>) -> bool {
    let axis = names::POSITION.iter().position(|axis| *axis == name);
    let told = axis.zip(position).map(|(axis, place)| place[axis]);
    told.is_some_and(|told| text.parse() == Ok(told))
}

/// Whether a value is written like this.
fn is_written(value: &Value, text: &str) -> bool {
    let written: String = value.to_string();
    written == text
}

/// Whether a text is a number as JSON writes it.
pub(super) fn is_number(text: &str) -> bool {
    value_of(text).is_number()
}

/// A datum as a value: a number if it is written as JSON writes it.
fn value_of(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(value @ (Value::Number(_) | Value::Bool(_))) if is_written(&value, text) => value,
        _ => json!(text),
    }
}

/// Where the elements of the list `name` of the outermost object begin. The text is sound JSON.
fn elements_of(text: &str, name: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let (mut at, mut depth, mut key) = (0, 0, "");
    let mut is_inside = false;
    // Whether an element may begin: behind a bracket or a comma.
    let mut is_due = false;
    while at < bytes.len() {
        let byte = bytes[at];
        if is_inside && is_due && depth == 2 && !byte.is_ascii_whitespace() && byte != b']' {
            found.push(at);
            is_due = false;
        }
        match byte {
            b'"' => {
                let start = at + 1;
                at = start;
                while at < bytes.len() && bytes[at] != b'"' {
                    at += 1 + usize::from(bytes[at] == b'\\');
                }
                if depth == 1 {
                    key = text.get(start..at).unwrap_or_default();
                }
            }
            b'[' | b'{' => {
                depth += 1;
                if depth == 2 && byte == b'[' {
                    (is_inside, is_due) = (key == name, true);
                }
            }
            b']' | b'}' => {
                depth -= 1;
                is_inside &= depth > 1;
            }
            b',' if depth == 2 => is_due = true,
            _ => {}
        }
        at += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::topology::{Format, Purpose, ReadOptions, load_bytes};

    #[test]
    fn elements_are_found_where_they_begin() {
        let text = "{\"x\": [{}], \"nodes\": [{\"a\": [1, \"]\\\"\"]}, 2,\n {}], \"links\": []}";
        let found = elements_of(text, "nodes");
        let starts: Vec<&str> = found.iter().map(|at| &text[*at..=*at]).collect();
        assert_eq!(starts, ["{", "2", "{"]);
        assert!(elements_of(text, "links").is_empty());
    }

    #[test]
    fn bad_files_are_refused_with_their_line() {
        let refused = [
            "{\"nodes\": [\n{\"id\": 1}",
            "{\"nodes\": [], \"links\": 3}",
            "{\"nodes\": [1]}",
            "{\"nodes\": [],\n\"links\": [\n{\"source\": 1}]}",
            "{\"nodes\": []}",
            "[]",
        ]
        .map(|text| list(text).map(drop).unwrap_err().to_string());
        expect![[r#"
            2: this is not sound JSON: EOF while parsing a list
              help: the file is cut off: fetch it again
            1: `links` is not a list
            1: this node is not an object
            3: this edge has no `target`
            1: the file has no list `edges` or `links`
              help: write it as networkx.node_link_data does
            1: the file is a JSON text, but no object with `nodes`"#]]
        .assert_eq(&refused.join("\n"));
    }

    /// A second pair of columns with places stays data, also where the first one tells no place (found by the fuzzer).
    #[test]
    fn places_come_back_beside_others() {
        let text = r#"{"nodes": [
            {"id": 0, "pos_lon": 1, "pos_lat": 2},
            {"id": 1, "pos": [4, 50], "pos_lon": 3, "pos_lat": 4}
        ], "links": [{"source": 0, "target": 1}]}"#;
        let options = ReadOptions {
            format: Some(Format::Json),
            ..ReadOptions::default()
        };
        let read = |text: &str| load_bytes(text.into(), &options, Purpose::Look).unwrap();
        let reading = read(text);
        let positions = |reading: &Reading| {
            let routers = reading.graph.routers.iter();
            routers.map(|router| router.position).collect::<Vec<_>>()
        };
        assert_eq!(positions(&reading), [None, Some([4.0, 50.0])]);
        let back = read(&write(&reading).unwrap());
        assert_eq!(positions(&back), positions(&reading));
        assert_eq!(back.kept.nodes, reading.kept.nodes);
    }
}
