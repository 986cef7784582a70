//! The elements of a GraphML file, with their data by attribute name. No meaning yet.
//!
//! The file is read as a stream of tags: no depth, number of attributes or namespaces in it can
//! make that take more than time in proportion to its length.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use crate::error::{Error, Result};

/// Larger files are refused: their elements would take gigabytes.
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

    /// Replaces keys by the names that they stand for; data of unknown keys are left out.
    fn resolve(&mut self, kind: &str, keys: &Keys) {
        let mut named = BTreeMap::new();
        for (key, text) in std::mem::take(&mut self.0) {
            let name = [kind, "all"]
                .into_iter()
                .find_map(|place| keys.get(&(place.to_string(), key.clone())));
            if let Some(name) = name {
                named.entry(name.clone()).or_insert(text);
            }
        }
        self.0 = named;
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
            let before = &bytes[..error.valid_up_to()];
            let line = before.split(|byte| *byte == b'\n').count();
            Error::new("the file is not UTF-8 text").at(line)
        })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut builder = Builder::new(text);
        builder.read_all()?;
        builder.finish()
    }

    /// An error at the line of this place in the file.
    pub(super) fn error(&self, offset: usize, what: impl Into<String>) -> Error {
        error_at(self.text, offset, what)
    }
}

fn error_at(text: &str, offset: usize, what: impl Into<String>) -> Error {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    Error::new(what).at(before.split(|byte| *byte == b'\n').count())
}

/// Whether XML 1.0 allows the character in a document.
pub(super) const fn is_xml(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

/// What an open tag means, by where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Graphml,
    Graph,
    Node,
    Edge,
    /// `<data>` of the element around it.
    Data,
    Other,
}

/// A tree under construction.
struct Builder<'a> {
    tree: Tree<'a>,
    keys: Keys,
    /// The open tags.
    open: Vec<Place>,
    graphs: usize,
    roots: usize,
    /// The key and the text of the open `<data>`.
    datum: (String, String),
    /// Whether text belongs to a datum.
    in_data: bool,
    /// Where the tag or text at hand begins.
    offset: usize,
}

impl<'a> Builder<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            tree: Tree {
                text,
                data: Data::default(),
                nodes: Vec::new(),
                edges: Vec::new(),
            },
            keys: Keys::new(),
            open: Vec::new(),
            graphs: 0,
            roots: 0,
            datum: Default::default(),
            in_data: false,
            offset: 0,
        }
    }

    fn read_all(&mut self) -> Result<()> {
        let text = self.tree.text;
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        loop {
            self.offset = reader.buffer_position() as usize;
            let event = reader.read_event().map_err(|error| {
                let offset = reader.error_position() as usize;
                error_at(text, offset, format!("this is not sound XML: {error}"))
            })?;
            match event {
                Event::Start(tag) => self.start(&tag)?,
                Event::End(_) => self.end(),
                Event::Text(text) => self.text(&text.xml10_content())?,
                Event::CData(text) => self.text(&text.xml10_content())?,
                Event::GeneralRef(reference) => self.reference(&reference)?,
                Event::DocType(_) => {
                    return Err(self
                        .error("a document type is not read")
                        .help("leave it out"));
                }
                Event::Eof => return Ok(()),
                Event::Empty(_) | Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
            }
        }
    }

    fn error(&self, what: impl Into<String>) -> Error {
        self.tree.error(self.offset, what)
    }

    fn start(&mut self, tag: &BytesStart<'_>) -> Result<()> {
        let name = tag.local_name();
        let place = match (self.open.last(), name.into_inner()) {
            (None, "graphml") if self.roots == 0 => Place::Graphml,
            (None, _) if self.roots == 0 => {
                return Err(self.error("the outermost element is not <graphml>"));
            }
            (None, _) => return Err(self.error("this is not sound XML: a second root element")),
            (Some(Place::Graphml), "key") => self.key(tag)?,
            (Some(Place::Graphml), "graph") if self.graphs == 0 => Place::Graph,
            (Some(Place::Graphml), "graph") => {
                return Err(self.error("the file has a second <graph>"));
            }
            (Some(Place::Graph), "node") => {
                let node = self.element(tag, "node", &["id"])?;
                self.tree.nodes.push(node);
                Place::Node
            }
            (Some(Place::Graph), "edge") => {
                let edge = self.element(tag, "edge", &["source", "target"])?;
                self.tree.edges.push(edge);
                Place::Edge
            }
            (Some(Place::Graph), "hyperedge") => {
                return Err(self
                    .error("a <hyperedge> joins more than two nodes, which no link does")
                    .help("put a node in its place, joined to each of its ends by an edge"));
            }
            (Some(Place::Node), "graph") => {
                return Err(self.error("a node has a graph inside it"));
            }
            (Some(Place::Graph | Place::Node | Place::Edge), "data") => {
                let key = self.attribute(tag, "key")?;
                self.datum = (key.unwrap_or_default(), String::new());
                self.in_data = true;
                Place::Data
            }
            _ => Place::Other,
        };
        self.roots += usize::from(place == Place::Graphml);
        self.graphs += usize::from(place == Place::Graph);
        self.open.push(place);
        Ok(())
    }

    fn end(&mut self) {
        if self.open.pop() == Some(Place::Data) {
            self.in_data = false;
            let (key, text) = std::mem::take(&mut self.datum);
            let data = match self.open.last() {
                Some(Place::Node) => self.tree.nodes.last_mut().map(|node| &mut node.data),
                Some(Place::Edge) => self.tree.edges.last_mut().map(|edge| &mut edge.data),
                _ => Some(&mut self.tree.data),
            };
            // Of several with one key, the first counts.
            if let Some(data) = data {
                data.0.entry(key).or_insert(text);
            }
        }
    }

    fn text(&mut self, text: &str) -> Result<()> {
        if let Some(character) = text.chars().find(|character| !is_xml(*character)) {
            return Err(self.error(format!("this is not sound XML: it holds {character:?}")));
        }
        if self.open.is_empty() && !text.trim().is_empty() {
            return Err(self.error("this is not sound XML: text outside the root element"));
        }
        if self.in_data {
            self.datum.1.push_str(text);
        }
        Ok(())
    }

    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<()> {
        let name = reference.xml10_content();
        let character = reference
            .resolve_char_ref()
            .ok()
            .flatten()
            .map(String::from);
        let known = quick_xml::escape::resolve_predefined_entity(&name).map(String::from);
        let text = character.or(known).ok_or_else(|| {
            self.error(format!(
                "this is not sound XML: there is no entity `&{name};`"
            ))
        })?;
        self.text(&text)
    }

    /// Takes note of a `<key>`.
    fn key(&mut self, tag: &BytesStart<'_>) -> Result<Place> {
        let place = self.attribute(tag, "for")?.unwrap_or_else(|| "all".into());
        let named = self
            .attribute(tag, "id")?
            .zip(self.attribute(tag, "attr.name")?);
        if let Some((id, name)) = named {
            self.keys.insert((place, id), name.to_ascii_lowercase());
        }
        Ok(Place::Other)
    }

    fn element(&self, tag: &BytesStart<'_>, kind: &str, attributes: &[&str]) -> Result<Element> {
        let mut names = Vec::with_capacity(attributes.len());
        for attribute in attributes {
            names.push(
                self.attribute(tag, attribute)?.ok_or_else(|| {
                    self.error(format!("a <{kind}> has no attribute `{attribute}`"))
                })?,
            );
        }
        Ok(Element {
            offset: self.offset,
            names,
            data: Data::default(),
        })
    }

    /// The first attribute of this name.
    fn attribute(&self, tag: &BytesStart<'_>, name: &str) -> Result<Option<String>> {
        let unsound =
            |error: &dyn std::fmt::Display| self.error(format!("this is not sound XML: {error}"));
        // Looking for repeated names would take quadratic time.
        for attribute in tag.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| unsound(&error))?;
            if attribute.key.into_inner() == name {
                let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0);
                return Ok(Some(value.map_err(|error| unsound(&error))?.into_owned()));
            }
        }
        Ok(None)
    }

    fn finish(mut self) -> Result<Tree<'a>> {
        if !self.open.is_empty() || self.roots == 0 {
            let what = "this is not sound XML: the file ends before its last element does";
            return Err(self.error(what).help("the file is cut off: fetch it again"));
        }
        if self.graphs == 0 {
            return Err(Error::new("the file has no <graph>").at(1));
        }
        self.tree.data.resolve("graph", &self.keys);
        for node in &mut self.tree.nodes {
            node.data.resolve("node", &self.keys);
        }
        for edge in &mut self.tree.edges {
            edge.data.resolve("edge", &self.keys);
        }
        Ok(self.tree)
    }
}
