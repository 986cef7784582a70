//! The elements of a GraphML file, with their data by attribute name. No meaning yet.

use std::collections::BTreeMap;

use roxmltree::{Document, Node, ParsingOptions};

use crate::error::{Error, Result};

/// Larger files are refused: their tree would take gigabytes.
const FILE_BYTES_MAX: usize = 64 << 20;

/// An element with the data inside it.
pub(super) struct Element {
    /// Where it begins in the file, in bytes; [`Tree::error`] tells the line.
    pub(super) offset: usize,
    /// Its XML attributes `id`, or `source` and `target`.
    pub(super) names: Vec<String>,
    /// Its data by the name of their attribute.
    pub(super) data: Data,
}

/// The one graph of a file.
pub(super) struct Tree<'a> {
    text: &'a str,
    /// The data of the graph itself.
    pub(super) data: Data,
    /// The nodes, with their `id`.
    pub(super) nodes: Vec<Element>,
    /// The edges, with `source` and `target`.
    pub(super) edges: Vec<Element>,
}

/// Data by the name of their attribute, whatever its case.
#[derive(Default)]
pub(super) struct Data(BTreeMap<String, String>);

impl Data {
    /// The datum called `name`, blanks around it left out; `None` also for a blank one.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let text = self.0.get(&name.to_ascii_lowercase())?.trim();
        (!text.is_empty()).then_some(text)
    }

    /// The datum called `name`, blanks and all.
    pub(super) fn get_whole(&self, name: &str) -> Option<&str> {
        self.0.get(&name.to_ascii_lowercase()).map(String::as_str)
    }
}

/// What the `<key>` elements say: (`for`, `id`) → lower-case `attr.name`.
type Keys = BTreeMap<(String, String), String>;

impl<'a> Tree<'a> {
    /// Takes the file apart.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self> {
        if bytes.len() > FILE_BYTES_MAX {
            return Err(Error::new("the file is larger than 64 MiB"));
        }
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let line = bytes[..error.valid_up_to()]
                .split(|byte| *byte == b'\n')
                .count();
            Error::new("the file is not UTF-8 text").at(line)
        })?;
        let options = ParsingOptions {
            allow_dtd: false,
            ..ParsingOptions::default()
        };
        let document = Document::parse_with_options(text, options).map_err(|error| {
            Error::new(format!("this is not sound XML: {error}")).at(error.pos().row)
        })?;
        let mut tree = Self {
            text,
            data: Data::default(),
            nodes: Vec::new(),
            edges: Vec::new(),
        };
        let root = document.root_element();
        if root.tag_name().name() != "graphml" {
            return Err(tree.error(root.range().start, "the outermost element is not <graphml>"));
        }
        let keys = keys(&root);
        let mut graphs = elements(&root).filter(|element| is(element, "graph"));
        let graph = graphs
            .next()
            .ok_or_else(|| Error::new("the file has no <graph>").at(1))?;
        if let Some(second) = graphs.next() {
            return Err(tree.error(second.range().start, "the file has a second <graph>"));
        }
        tree.data = data(&graph, "graph", &keys);
        for element in elements(&graph) {
            tree.take(&element, &keys)?;
        }
        Ok(tree)
    }

    fn take(&mut self, element: &Node<'_, '_>, keys: &Keys) -> Result<()> {
        let start = element.range().start;
        match element.tag_name().name() {
            "node" => {
                if elements(element).any(|inner| is(&inner, "graph")) {
                    return Err(self.error(start, "a node has a graph inside it"));
                }
                let node = self.element(element, "node", &["id"], keys)?;
                self.nodes.push(node);
            }
            "edge" => {
                let edge = self.element(element, "edge", &["source", "target"], keys)?;
                self.edges.push(edge);
            }
            "hyperedge" => {
                return Err(self
                    .error(
                        start,
                        "a <hyperedge> joins more than two nodes, which no link does",
                    )
                    .help("put a node in its place, joined to each of its ends by an edge"));
            }
            _ => {}
        }
        Ok(())
    }

    fn element(
        &self,
        element: &Node<'_, '_>,
        kind: &str,
        attributes: &[&str],
        keys: &Keys,
    ) -> Result<Element> {
        let start = element.range().start;
        let mut names = Vec::with_capacity(attributes.len());
        for attribute in attributes {
            let value = element.attribute(*attribute).ok_or_else(|| {
                self.error(start, format!("a <{kind}> has no attribute `{attribute}`"))
            })?;
            names.push(value.to_string());
        }
        Ok(Element {
            offset: start,
            names,
            data: data(element, kind, keys),
        })
    }

    /// An error at the line of this place in the file.
    pub(super) fn error(&self, offset: usize, what: impl Into<String>) -> Error {
        let before = self.text.as_bytes().get(..offset).unwrap_or_default();
        Error::new(what).at(before.split(|byte| *byte == b'\n').count())
    }
}

fn is(element: &Node<'_, '_>, name: &str) -> bool {
    element.tag_name().name() == name
}

fn elements<'a, 'i>(of: &Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    of.children().filter(Node::is_element)
}

fn keys(root: &Node<'_, '_>) -> Keys {
    let keys = elements(root).filter(|element| is(element, "key"));
    keys.filter_map(|key| {
        let place = key.attribute("for").unwrap_or("all").to_string();
        let name = key.attribute("attr.name")?.to_ascii_lowercase();
        Some(((place, key.attribute("id")?.to_string()), name))
    })
    .collect()
}

/// The data directly inside an element; of several with one name, the first.
fn data(of: &Node<'_, '_>, kind: &str, keys: &Keys) -> Data {
    let mut data = BTreeMap::new();
    for element in elements(of).filter(|element| is(element, "data")) {
        let Some(key) = element.attribute("key") else {
            continue;
        };
        let known = [kind, "all"]
            .into_iter()
            .find_map(|place| keys.get(&(place.to_string(), key.to_string())));
        if let Some(name) = known {
            let texts = element.descendants().filter(Node::is_text);
            let text: String = texts.filter_map(|text| text.text()).collect();
            data.entry(name.clone()).or_insert(text);
        }
    }
    Data(data)
}
