//! The formats of graph files: their names, and the endings of their files.
//!
//! This module does *not* read any of them, nor look into files ([`super::kinds`]).

use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A format in which graphs are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "GraphFormat", description = "The format of a graph file.")]
pub enum Format {
    /// The Stanford GraphBase's, which GT-ITM writes.
    Gb,
    /// What GT-ITM's `sgb2alt` makes of it.
    Alt,
    /// GraphML.
    Graphml,
    /// GML.
    Gml,
    /// JSON of nodes and links, as networkx and topohub write it.
    Json,
    /// What BRITE writes.
    Brite,
    /// What Inet writes.
    Inet,
    /// Rocketfuel's maps of routers.
    Cch,
    /// Rocketfuel's latencies or weights of links.
    Rocketfuel,
    /// CAIDA's relations between autonomous systems.
    AsRel,
    /// SNDlib's networks, native or XML.
    Sndlib,
    /// Graphviz's language.
    Dot,
    /// One link in a line.
    Edges,
    /// A square matrix of latencies.
    Matrix,
    /// One pair in a line, with its latency in microseconds.
    King,
}

/// What a file of some format tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tells {
    /// All that a graph has, in a fixed way.
    All,
    /// Nodes and edges, with data that have names.
    Data,
    /// The latencies of pairs.
    Pairs,
}

impl Format {
    /// All of them, in the order of the enumeration: each with its name in options, and the end of a sentence
    /// that begins with "the file is".
    const TABLE: [(Self, &str, &str); 15] = [
        (Self::Gb, "gb", "GraphBase (.gb)"),
        (Self::Alt, "alt", "GT-ITM's .alt"),
        (Self::Graphml, "graphml", "GraphML"),
        (Self::Gml, "gml", "GML"),
        (
            Self::Json,
            "json",
            "JSON of nodes and links (networkx, topohub)",
        ),
        (Self::Brite, "brite", "BRITE"),
        (Self::Inet, "inet", "Inet"),
        (Self::Cch, "cch", "a map of Rocketfuel"),
        (
            Self::Rocketfuel,
            "rocketfuel",
            "Rocketfuel's latencies or weights",
        ),
        (Self::AsRel, "as-rel", "CAIDA's AS relationships"),
        (Self::Sndlib, "sndlib", "a network of SNDlib"),
        (Self::Dot, "dot", "DOT (Graphviz)"),
        (Self::Edges, "edges", "a list of links"),
        (Self::Matrix, "matrix", "a matrix of numbers"),
        (
            Self::King,
            "king",
            "a list of pairs with their latencies (King)",
        ),
    ];

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::TABLE.into_iter().map(|(format, ..)| format)
    }

    /// Its name in options.
    pub const fn name(self) -> &'static str {
        Self::TABLE[self as usize].1
    }

    /// The end of a sentence that begins with "the file is".
    pub(super) const fn what(self) -> &'static str {
        Self::TABLE[self as usize].2
    }

    /// What its files tell.
    pub(super) const fn tells(self) -> Tells {
        match self {
            Self::Gb | Self::Alt => Tells::All,
            Self::Matrix | Self::King => Tells::Pairs,
            _ => Tells::Data,
        }
    }

    /// Whether its files are lines of fields and nothing else.
    pub(super) const fn is_table(self) -> bool {
        matches!(
            self,
            Self::Inet | Self::Rocketfuel | Self::Edges | Self::Matrix | Self::King
        )
    }

    /// The format of the file name's ending, if files with this ending have one format.
    pub(super) fn of(path: &Path) -> Option<Self> {
        Some(match endings(path).0.as_str() {
            "gb" => Self::Gb,
            "alt" => Self::Alt,
            "graphml" => Self::Graphml,
            "gml" => Self::Gml,
            "json" => Self::Json,
            "brite" => Self::Brite,
            "inet" => Self::Inet,
            "cch" => Self::Cch,
            "intra" => Self::Rocketfuel,
            "as-rel" | "as-rel2" => Self::AsRel,
            // As CAIDA calls them: `20240101.as-rel2.txt`.
            "txt" if is_relations(path) => Self::AsRel,
            "sndlib" => Self::Sndlib,
            "dot" | "gv" => Self::Dot,
            "edges" | "edgelist" => Self::Edges,
            "matrix" => Self::Matrix,
            "king" => Self::King,
            _ => return None,
        })
    }
}

/// Whether a file is called `….as-rel.txt` or `….as-rel2.txt`, packed or not.
fn is_relations(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.unwrap_or_default().to_ascii_lowercase();
    let plain = name.strip_suffix(".gz").unwrap_or(&name);
    [".as-rel.txt", ".as-rel2.txt"]
        .iter()
        .any(|ending| plain.ends_with(ending))
}

/// The ending that tells the format, in small letters, and whether `.gz` follows it.
pub(super) fn endings(path: &Path) -> (String, bool) {
    let ending = |path: &Path| {
        let ending = path.extension().and_then(|ending| ending.to_str());
        ending.unwrap_or_default().to_ascii_lowercase()
    };
    match ending(path).as_str() {
        "gz" => (
            ending(Path::new(path.file_stem().unwrap_or_default())),
            true,
        ),
        plain => (plain.into(), false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_enumeration() {
        for (place, format) in Format::all().enumerate() {
            assert_eq!(format as usize, place, "{format:?}");
            assert_eq!(serde_json::to_value(format).unwrap(), format.name());
        }
    }
}
