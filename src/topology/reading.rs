//! What reading a file gives besides the graph: the nodes' ids, the data that the graph has no
//! place for, and an account of what was used and what was not.
//!
//! This module does *not* know any format.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::Serialize;

use super::components::{Components, keep};
use super::graph::{Graph, RouterId};
use crate::error::Result;

/// A graph as a file tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The graph.
    pub graph: Graph,
    /// What the graph has no place for.
    pub kept: Kept,
    /// What was used.
    pub account: Account,
}

/// What was used of a file and what was not.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Account {
    /// The columns of the nodes; none for formats that have a fixed set.
    pub nodes: Vec<Column>,
    /// The columns of the edges.
    pub edges: Vec<Column>,
    /// What should be known before the graph is trusted: choices that were made, data that look
    /// useful and were left out. Sentences without a full stop.
    pub notes: Vec<String>,
}

/// One kind of datum that nodes or edges have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// How many nodes or edges have it.
    pub values: usize,
    /// As what it was used, if it was.
    pub used_as: Option<String>,
}

/// What a graph has no place for, so that it can be written again.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Kept {
    /// The graph's own id in the file; not what its data say ([`Graph::id`]).
    pub(super) graph_id: Option<String>,
    /// The id of each router in the file; none if routers are known by their numbers.
    pub(super) ids: Vec<String>,
    /// Whether each link has no known length (it is 0 in the graph); none if all have.
    pub(super) unmeasured: Vec<bool>,
    /// The columns that the data below belong to.
    pub(super) columns: Vec<KeptColumn>,
    /// Data of the graph: column and text.
    pub(super) graph: Vec<(u32, String)>,
    /// Data of each router, likewise; none if there are none.
    pub(super) nodes: Vec<Vec<(u32, String)>>,
    /// Data of each link, likewise; none if there are none.
    pub(super) edges: Vec<Vec<(u32, String)>>,
    /// Where each router is on a plane that is not the earth, if nothing tells its place there; none if nothing tells
    /// that of any.
    pub(super) on_plane: Vec<Option<[f64; 2]>>,
}

/// A column whose data are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeptColumn {
    /// `graph`, `node` or `edge`.
    pub(super) place: &'static str,
    pub(super) name: String,
    /// The type that the file declares.
    pub(super) kind: String,
    /// What elements have that say nothing.
    pub(super) default: Option<String>,
}

impl From<Graph> for Reading {
    fn from(graph: Graph) -> Self {
        Self {
            graph,
            kept: Kept::default(),
            account: Account::default(),
        }
    }
}

impl Reading {
    /// The file's id of a router: its number if the file has no ids.
    pub fn id(&self, router: RouterId) -> Cow<'_, str> {
        match self.kept.ids.get(router.index()) {
            Some(id) => Cow::Borrowed(id),
            None => Cow::Owned(router.0.to_string()),
        }
    }

    /// Where the routers are on a plane of the file's own (`x` and `y`), each by its number; empty if they are on the
    /// earth or nowhere.
    pub fn on_plane(&self) -> &[Option<[f64; 2]>] {
        &self.kept.on_plane
    }

    /// Whether the length of a link, by its number in the graph, is known.
    pub fn has_length(&self, link: usize) -> bool {
        !self.kept.unmeasured.get(link).is_some_and(|none| *none)
    }

    /// How many links have no known length.
    pub fn unmeasured(&self) -> usize {
        self.kept.unmeasured.iter().filter(|none| **none).count()
    }

    /// What is left if only the largest component is kept.
    pub(super) fn largest(self) -> Self {
        let kept = Components::of(&self.graph).in_largest();
        self.retain(&kept)
    }

    /// What is left of all if only the routers are kept that `kept` says.
    pub(super) fn retain(mut self, kept: &[bool]) -> Self {
        let links: Vec<bool> = self
            .graph
            .links
            .iter()
            .map(|link| link.ends.iter().all(|end| kept[end.index()]))
            .collect();
        filter(&mut self.kept.ids, kept);
        filter(&mut self.kept.nodes, kept);
        filter(&mut self.kept.on_plane, kept);
        filter(&mut self.kept.unmeasured, &links);
        filter(&mut self.kept.edges, &links);
        if !self.kept.unmeasured.contains(&true) {
            self.kept.unmeasured.clear();
        }
        Self {
            graph: keep(self.graph, kept),
            ..self
        }
    }
}

impl Kept {
    /// The columns of a kind of element (`node`, `edge`) whose data are kept, with names as the format spells them, each
    /// different from the others and from the format's own `keys`. A node's datum `id` that repeats its id is left out.
    pub(super) fn columns_of(
        &self,
        place: &str,
        keys: &[&str],
        spelled: impl Fn(&str) -> Result<String>,
    ) -> Result<Vec<(u32, String)>> {
        let mut taken: BTreeSet<String> = keys.iter().copied().map(String::from).collect();
        let columns = (0..).zip(&self.columns);
        let columns =
            columns.filter(|(number, column)| column.place == place && !self.repeats_ids(*number));
        let named = columns.map(|(number, column)| {
            let mut name = spelled(&column.name)?;
            while !taken.insert(name.clone()) {
                name += "_given";
            }
            Ok((number, name))
        });
        named.collect()
    }

    fn repeats_ids(&self, column: u32) -> bool {
        let KeptColumn { place, name, .. } = &self.columns[column as usize];
        let mut ids = self.ids.iter().enumerate();
        *place == "node"
            && name == "id"
            && !self.ids.is_empty()
            && ids.all(|(router, id)| self.of_node(router, column) == Some(id))
    }

    /// What the graph has in a column, or by default.
    pub(super) fn of_graph(&self, column: u32) -> Option<&str> {
        self.own_or_default(&self.graph, column)
    }

    /// What a router has in a column, or by default.
    pub(super) fn of_node(&self, router: usize, column: u32) -> Option<&str> {
        self.own_or_default(self.nodes.get(router)?, column)
    }

    /// What a link has in a column, or by default.
    pub(super) fn of_edge(&self, link: usize, column: u32) -> Option<&str> {
        self.own_or_default(self.edges.get(link)?, column)
    }

    /// Whether any element of a kind (`graph`, `node`, `edge`) has something in a column.
    pub(super) fn is_told(&self, place: &str, column: u32) -> bool {
        let any = |of: &[Vec<(u32, String)>]| {
            of.iter()
                .any(|data| self.own_or_default(data, column).is_some())
        };
        match place {
            "graph" => self.of_graph(column).is_some(),
            "node" => any(&self.nodes),
            _ => any(&self.edges),
        }
    }

    fn own_or_default<'k>(&'k self, data: &'k [(u32, String)], column: u32) -> Option<&'k str> {
        let default = || self.columns[column as usize].default.as_deref();
        datum(data, column).or_else(default)
    }
}

fn datum(data: &[(u32, String)], column: u32) -> Option<&str> {
    let found = data.iter().find(|(number, _)| *number == column);
    found.map(|(_, text)| text.as_str())
}

/// Keeps the items that `kept` says, if there are any items.
fn filter<T>(items: &mut Vec<T>, kept: &[bool]) {
    let mut kept = kept.iter();
    items.retain(|_| kept.next().is_some_and(|kept| *kept));
}
