//! The elements of a GraphML file, with their data by attribute name. No meaning yet.
//!
//! The file is read as a stream of tags: no depth, number of attributes or namespaces in it can
//! make that take more than time in proportion to its length.

use std::fmt::Display;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use crate::error::{Error, Result};
use crate::topology::listing::{ColumnId, Data, Declaration, Element, Kind, Listing};
use crate::topology::xml::{Entities, cut_off, resolved, unsound};

/// Takes the file apart.
pub(super) fn parse(text: &str) -> Result<Listing<'_>> {
    let mut builder = Builder::new(text)?;
    builder.read_all()?;
    builder.finish()
}

/// Whether XML 1.0 allows the character in a document.
pub(super) const fn is_xml(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

/// What an open tag means, by where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OpenTag {
    Graphml,
    Graph,
    Node,
    Edge,
    /// `<data>` of the element around it.
    Data,
    /// A label inside a drawing of yEd.
    Label,
    /// A `<key>`, whose default may follow.
    Key,
    Default,
    Other,
}

/// A listing under construction.
struct Builder<'a> {
    text: &'a str,
    listing: Listing<'a>,
    /// The open tags.
    open: Vec<OpenTag>,
    graphs: usize,
    roots: usize,
    entities: Entities,
    /// Whether edges are arcs that do not say otherwise.
    directed: bool,
    /// The columns of the open `<key>`.
    key: Vec<ColumnId>,
    datum: Datum,
    /// Where the tag or text at hand begins.
    offset: usize,
}

/// The open `<data>` or `<default>`.
#[derive(Default)]
struct Datum {
    open: bool,
    column: ColumnId,
    text: String,
    /// The first label inside, if it is a drawing of yEd.
    label: Option<String>,
}

impl Datum {
    fn close(&mut self) -> String {
        let Self { text, label, .. } = std::mem::take(self);
        label.map_or(text, |label| label.trim().into())
    }
}

impl<'a> Builder<'a> {
    fn new(text: &'a str) -> Result<Self> {
        Ok(Self {
            text,
            listing: Listing::new(text)?,
            open: Vec::new(),
            graphs: 0,
            roots: 0,
            entities: Entities::default(),
            directed: false,
            key: Vec::new(),
            datum: Datum::default(),
            offset: 0,
        })
    }

    fn read_all(&mut self) -> Result<()> {
        let text = self.text;
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        loop {
            self.offset = reader.buffer_position() as usize;
            let event = reader
                .read_event()
                .map_err(|error| unsound(text, reader.error_position() as usize, error))?;
            match event {
                Event::Start(tag) => self.start(&tag)?,
                Event::End(_) => self.end(),
                Event::Text(text) => self.text(&text.xml10_content())?,
                Event::CData(text) => self.text(&text.xml10_content())?,
                Event::GeneralRef(reference) => self.reference(&reference)?,
                Event::Eof => return Ok(()),
                // The rest of what a document type declares is not needed to read a graph.
                Event::DocType(doctype) => self.entities.declare(&doctype),
                Event::Empty(_) | Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
            }
        }
    }

    fn error(&self, what: impl Into<String>) -> Error {
        self.listing.error(self.offset, what)
    }

    fn unsound(&self, problem: impl Display) -> Error {
        unsound(self.text, self.offset, problem)
    }

    fn start(&mut self, tag: &BytesStart<'_>) -> Result<()> {
        let name = tag.local_name();
        let place = match (self.open.last(), name.into_inner()) {
            (None, "graphml") if self.roots == 0 => OpenTag::Graphml,
            (None, name) if self.roots == 0 => {
                let what = format!("the outermost element is <{name}>, not <graphml>");
                return Err(self
                    .error(what)
                    .help("name the GraphML file of the graph itself"));
            }
            (None, _) => return Err(self.unsound("a second root element")),
            (Some(OpenTag::Graphml), "key") => self.key(tag)?,
            (Some(OpenTag::Key), "default") => self.default_of_key(),
            (Some(OpenTag::Graphml), "graph") if self.graphs == 0 => self.graph(tag)?,
            (Some(OpenTag::Graphml), "graph") => {
                return Err(self
                    .error("the file has a second <graph>")
                    .help("leave one graph in the file"));
            }
            (Some(OpenTag::Graph), "node") => {
                let node = self.element(tag, "node", &["id"])?;
                self.listing.nodes.push(node);
                OpenTag::Node
            }
            (Some(OpenTag::Graph), "edge") => {
                let edge = self.element(tag, "edge", &["source", "target"])?;
                self.listing.edges.push(edge);
                OpenTag::Edge
            }
            (Some(OpenTag::Graph), "hyperedge") => {
                return Err(self
                    .error("a <hyperedge> joins more than two nodes, which no link does")
                    .help("put a node in its place, joined to each of its ends by an edge"));
            }
            (Some(OpenTag::Node | OpenTag::Edge), "node" | "edge") => {
                return Err(self.error("a node or an edge stands inside another one"));
            }
            (Some(OpenTag::Node), "graph") => {
                return Err(self.error("a node has a graph inside it").help(
                    "dissolve groups of nodes (in yEd: Grouping > Ungroup) and write it again",
                ));
            }
            (Some(OpenTag::Graph), "data") => self.data(tag, Kind::Graph)?,
            (Some(OpenTag::Node), "data") => self.data(tag, Kind::Node)?,
            (Some(OpenTag::Edge), "data") => self.data(tag, Kind::Edge)?,
            (_, name) => self.inside(name),
        };
        self.roots += usize::from(place == OpenTag::Graphml);
        self.graphs += usize::from(place == OpenTag::Graph);
        self.open.push(place);
        Ok(())
    }

    /// An element that means nothing, unless it is a label in a drawing of yEd.
    fn inside(&mut self, name: &str) -> OpenTag {
        if !self.datum.open {
            return OpenTag::Other;
        }
        let column = self.listing.columns.get_mut(self.datum.column);
        column.structured = true;
        let label = ["NodeLabel", "EdgeLabel"].contains(&name);
        if column.drawing && label && self.datum.label.is_none() {
            self.datum.label = Some(String::new());
            return OpenTag::Label;
        }
        OpenTag::Other
    }

    fn end(&mut self) {
        match self.open.pop() {
            Some(OpenTag::Data) => {
                let column = self.datum.column;
                let text = self.datum.close();
                let data = match self.open.last() {
                    Some(OpenTag::Node) => self.listing.nodes.last_mut().map(|node| &mut node.data),
                    Some(OpenTag::Edge) => self.listing.edges.last_mut().map(|edge| &mut edge.data),
                    _ => Some(&mut self.listing.data),
                };
                // Of several with one key, the first counts.
                let is_blank = text.trim().is_empty();
                if data.is_some_and(|data| data.insert(column, text)) {
                    let told = self.listing.columns.get_mut(column);
                    told.values += usize::from(told.structured || !is_blank);
                }
            }
            Some(OpenTag::Default) => {
                let text = self.datum.close();
                for column in &self.key {
                    let default = &mut self.listing.columns.get_mut(*column).default;
                    if default.is_none() && !text.trim().is_empty() {
                        *default = Some(text.clone());
                    }
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) -> Result<()> {
        if let Some(character) = text.chars().find(|character| !is_xml(*character)) {
            return Err(self.unsound(format!("it holds {character:?}")));
        }
        if self.open.is_empty() && !text.trim().is_empty() {
            return Err(self.unsound("text outside the root element"));
        }
        match (self.open.last(), &mut self.datum) {
            (
                Some(OpenTag::Label),
                Datum {
                    label: Some(label), ..
                },
            ) => label.push_str(text),
            (
                _,
                Datum {
                    open: true,
                    text: whole,
                    ..
                },
            ) => whole.push_str(text),
            _ => {}
        }
        Ok(())
    }

    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<()> {
        let text = resolved(reference, &self.entities, (self.text, self.offset))?;
        self.text(&text)
    }

    /// Takes note of a `<key>`.
    fn key(&mut self, tag: &BytesStart<'_>) -> Result<OpenTag> {
        let place = self.attribute(tag, "for")?.unwrap_or_else(|| "all".into());
        let drawing = self.attribute(tag, "yfiles.type")?;
        let Some(id) = self.attribute(tag, "id")? else {
            return Ok(OpenTag::Other);
        };
        let name = self
            .attribute(tag, "attr.name")?
            .or_else(|| drawing.clone());
        let column = Declaration {
            name: name.unwrap_or_else(|| id.clone()),
            value_type: self
                .attribute(tag, "attr.type")?
                .unwrap_or_else(|| "string".into()),
            drawing: drawing.is_some_and(|kind| kind.ends_with("graphics")),
        };
        self.key = self.listing.columns.declare(&place, &id, &column);
        Ok(OpenTag::Key)
    }

    fn default_of_key(&mut self) -> OpenTag {
        let Some(column) = self.key.first() else {
            return OpenTag::Other;
        };
        self.datum = Datum {
            open: true,
            column: *column,
            ..Datum::default()
        };
        OpenTag::Default
    }

    fn graph(&mut self, tag: &BytesStart<'_>) -> Result<OpenTag> {
        let default = self.attribute(tag, "edgedefault")?;
        self.directed = default.as_deref() == Some("directed");
        self.listing.id = self.attribute(tag, "id")?;
        Ok(OpenTag::Graph)
    }

    fn data(&mut self, tag: &BytesStart<'_>, kind: Kind) -> Result<OpenTag> {
        let key = self.attribute(tag, "key")?.unwrap_or_default();
        self.datum = Datum {
            open: true,
            column: self.listing.columns.of_key(kind, &key),
            ..Datum::default()
        };
        Ok(OpenTag::Data)
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
        let directed = match self.attribute(tag, "directed")?.as_deref() {
            Some("true" | "1") => true,
            Some("false" | "0") => false,
            _ => self.directed,
        };
        Ok(Element {
            offset: self.offset,
            names,
            directed,
            data: Data::default(),
        })
    }

    /// The first attribute of this name.
    fn attribute(&self, tag: &BytesStart<'_>, name: &str) -> Result<Option<String>> {
        // Looking for repeated names would take quadratic time.
        for attribute in tag.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| self.unsound(error))?;
            if attribute.key.into_inner() == name {
                let value = attribute.normalized_value_with(
                    quick_xml::XmlVersion::Implicit1_0,
                    1,
                    |entity| self.entities.resolve(entity),
                );
                return Ok(Some(
                    value.map_err(|error| self.unsound(error))?.into_owned(),
                ));
            }
        }
        Ok(None)
    }

    fn finish(self) -> Result<Listing<'a>> {
        if !self.open.is_empty() || self.roots == 0 {
            return Err(cut_off(self.text, self.offset));
        }
        if self.graphs == 0 {
            return Err(Error::new("the file has no <graph>").at(1));
        }
        Ok(self.listing)
    }
}
