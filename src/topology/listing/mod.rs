//! The nodes and edges that a file lists, with their data by name, and what is made of them: a graph.
//!
//! Every format whose nodes and edges have named data is read in two steps. Its reader, a small file,
//! makes a [`Listing`] of the text. The rest is the same for all formats and stands here: names tell what
//! data mean (`choice`), unless options say it; an edge without a length has the latency between the
//! places of its ends, or a default; whatever has no use is kept.
//!
//! This module does *not* know any format, nor what a length means to a simulation.

mod arcs;
mod choice;
mod columns;
mod coordinates;
mod geography;
mod keeping;
mod labels;
mod links;
mod reader;
mod tiers;
mod usual;
mod wording;
pub(super) mod written;
mod wrong;

use std::collections::BTreeSet;

pub(super) use self::columns::{ColumnId, Columns, Data, Declaration, Kind};
pub(super) use self::geography::MS_PER_KM;
pub use self::geography::latency_ms;
pub(super) use self::reader::read;
use super::graph::{LINKS_MAX, ROUTERS_MAX};
use crate::error::{Error, Result};

/// Larger files are refused: their elements would take gigabytes.
const FILE_BYTES_MAX: usize = 64 << 20;

/// A node or an edge, with its data.
pub(super) struct Element {
    /// Where it begins in the file, in bytes; [`Listing::error`] tells the line.
    pub(super) offset: usize,
    /// The id of a node, or the ids of both ends of an edge.
    pub(super) names: Vec<String>,
    /// Whether it is an arc, and not a link.
    pub(super) directed: bool,
    /// Its data by column.
    pub(super) data: Data,
}

/// The one graph of a file.
pub(super) struct Listing<'a> {
    text: &'a str,
    /// All columns.
    pub(super) columns: Columns,
    /// The data of the graph itself.
    pub(super) data: Data,
    /// The graph's own id.
    pub(super) id: Option<String>,
    /// The nodes, with their `id`.
    pub(super) nodes: Vec<Element>,
    /// The edges, with `source` and `target`.
    pub(super) edges: Vec<Element>,
    /// What the reader of the format found that should be known: sentences without a full stop.
    pub(super) notes: Vec<String>,
}

impl<'a> Listing<'a> {
    /// One of the file `text`, with nothing in it yet.
    pub(super) fn new(text: &'a str) -> Result<Self> {
        if text.len() > FILE_BYTES_MAX {
            return Err(Error::new("the file is larger than 64 MiB"));
        }
        Ok(Self {
            text,
            columns: Columns::default(),
            data: Data::default(),
            id: None,
            nodes: Vec::new(),
            edges: Vec::new(),
            notes: Vec::new(),
        })
    }

    /// An error at the line of this place in the file.
    pub(super) fn error(&self, offset: usize, what: impl Into<String>) -> Error {
        error_at(self.text, offset, what)
    }

    /// The line in which an element begins.
    pub(super) fn line(&self, offset: usize) -> usize {
        line_of(self.text, offset)
    }

    /// What the graph itself has in the column of this name, if there is one.
    pub(super) fn of_graph(&self, name: &str) -> Option<&str> {
        let column = self.columns.named(Kind::Graph, name)?;
        self.data.get(&self.columns, column)
    }

    /// Adds a node.
    pub(super) fn add_node(&mut self, offset: usize, id: impl Into<String>) -> Result<()> {
        if self.nodes.len() == ROUTERS_MAX {
            return Err(self.too_many(offset, "nodes", ROUTERS_MAX));
        }
        self.nodes.push(Element {
            offset,
            names: vec![id.into()],
            directed: false,
            data: Data::default(),
        });
        Ok(())
    }

    /// Adds an edge between two nodes, of which an arc leads one way.
    pub(super) fn add_edge(
        &mut self,
        offset: usize,
        [from, to]: [&str; 2],
        directed: bool,
    ) -> Result<()> {
        if self.edges.len() == LINKS_MAX {
            return Err(self.too_many(offset, "edges", LINKS_MAX));
        }
        self.edges.push(Element {
            offset,
            names: vec![from.into(), to.into()],
            directed,
            data: Data::default(),
        });
        Ok(())
    }

    fn too_many(&self, offset: usize, what: &str, max: usize) -> Error {
        let what = format!("the file has more than {max} {what}, which do not fit in memory");
        self.error(offset, what).help("take a part of the graph")
    }

    /// Tells a datum of the last node, of the last edge, or of the graph; of several with one name the
    /// first counts.
    pub(super) fn tell(&mut self, kind: Kind, name: &str, text: impl Into<String>) {
        let column = self.columns.of_key(kind, name);
        let data = match kind {
            Kind::Graph => Some(&mut self.data),
            Kind::Node => self.nodes.last_mut().map(|node| &mut node.data),
            Kind::Edge => self.edges.last_mut().map(|edge| &mut edge.data),
        };
        let text = text.into();
        let is_told = !text.trim().is_empty();
        if data.is_some_and(|data| data.insert(column, text)) {
            self.columns.get_mut(column).values += usize::from(is_told);
        }
    }
}

/// The nodes of a format that lists edges alone: each is added when an edge first names it.
#[derive(Default)]
pub(super) struct Mentioned(BTreeSet<String>);

impl Mentioned {
    /// Adds the node of this name to `listing` if none has been added.
    pub(super) fn add(
        &mut self,
        listing: &mut Listing<'_>,
        offset: usize,
        name: &str,
    ) -> Result<()> {
        if self.0.contains(name) {
            return Ok(());
        }
        self.0.insert(name.into());
        listing.add_node(offset, name)
    }
}

/// An error at the line of this place in a text.
pub(super) fn error_at(text: &str, offset: usize, what: impl Into<String>) -> Error {
    Error::new(what).at(line_of(text, offset))
}

fn line_of(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    before.split(|byte| *byte == b'\n').count()
}

/// Names of data that have a meaning of their own; case does not matter.
pub(super) mod names {
    /// A router's name.
    pub(in crate::topology) const LABEL: &str = "label";
    /// A router's name, in files that call nothing a label.
    pub(in crate::topology) const NAME: &str = "name";
    /// Degrees east of Greenwich.
    pub(in crate::topology) const LONGITUDE: &str = "Longitude";
    /// Degrees north of the equator.
    pub(in crate::topology) const LATITUDE: &str = "Latitude";
    /// The two columns that a place in `pos` of JSON becomes.
    pub(in crate::topology) const POSITION: [&str; 2] = ["pos.lon", "pos.lat"];
    /// The place on GT-ITM's grid.
    pub(in crate::topology) const X: &str = "x";
    /// The place on GT-ITM's grid.
    pub(in crate::topology) const Y: &str = "y";
    /// 1 if the node stands for a link of more than two ends (Topology Zoo).
    pub(in crate::topology) const HYPEREDGE: &str = "hyperedge";
    /// A link's length.
    pub(in crate::topology) const LENGTH: &str = "length";
    /// The unit of `length`, in files that this program wrote.
    pub(in crate::topology) const LENGTH_UNIT: &str = "length_unit";
    /// A link's policy weight.
    pub(in crate::topology) const POLICY_WEIGHT: &str = "policy_weight";
    /// The identification that the generating tool wrote.
    pub(in crate::topology) const ID: &str = "graph_id";
    /// The Topology Zoo's name of a network.
    pub(in crate::topology) const NETWORK: &str = "Network";
    /// `ts` or `geo`.
    pub(in crate::topology) const METHOD: &str = "gtitm_method";
    /// The side of GT-ITM's grid.
    pub(in crate::topology) const SCALE: &str = "scale";
    /// Largest hop diameter of a transit domain.
    pub(in crate::topology) const TRANSIT_DIAMETER: &str = "transit_diameter";
    /// Largest hop diameter of a stub domain.
    pub(in crate::topology) const STUB_DIAMETER: &str = "stub_diameter";
    /// Hop diameter of the graph of transit domains.
    pub(in crate::topology) const TOP_DIAMETER: &str = "top_diameter";
    /// Self-loops at unknown routers.
    pub(in crate::topology) const LOOPS_UNLISTED: &str = "loops_unlisted";
    /// What an AS is to the next one: -1 for its provider, 0 for its peer.
    pub(in crate::topology) const RELATIONSHIP: &str = "relationship";
}
