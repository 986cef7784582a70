//! GraphML files (`.graphml`), above all those of the Internet Topology Zoo.
//!
//! Attributes have keys (`d29`) whose numbers differ from file to file; the `<key>` elements tell
//! their names. A Topology Zoo network has no latencies: they follow from the coordinates. Files that
//! this program writes carry more (lengths, policy weights, GT-ITM's numbers), so that a graph comes
//! back as it was, and the data that it has no use for.
//!
//! This module does *not* know files, nor what the data mean (`listing` does).

mod tree;
mod writer;

use super::components::{Components, keep};
use super::decoding;
use super::faults::Faults;
use super::listing;
pub use super::listing::latency_ms;
use super::{Graph, ReadOptions, Reading};
use crate::error::Result;

pub use writer::write;
pub(super) use writer::write_reading;

/// Reads a GraphML file with one graph. Errors name the line or the nodes.
///
/// Edges are links whether the file calls them directed or not; two arcs there and back are one.
/// A link's length is what its edge tells ([`ReadOptions::length_from`], or a column with a usual
/// name); without it, its latency in milliseconds from the coordinates of its ends
/// ([`latency_ms`]). Nodes without coordinates, nodes that stand for hyperedges and labels
/// that occur twice are errors unless `options` says what to do. A graph that is not connected is
/// none.
pub fn parse(bytes: &[u8], options: &ReadOptions) -> Result<Graph> {
    let (Reading { graph, .. }, faults) = read(bytes, options)?;
    faults.check()?;
    Ok(if options.largest_component {
        let kept = Components::of(&graph).in_largest();
        keep(graph, &kept)
    } else {
        graph
    })
}

/// Reads a graph, and what is wrong with it that an option would make good.
pub(super) fn read(bytes: &[u8], options: &ReadOptions) -> Result<(Reading, Faults)> {
    let text = decoding::xml_text(bytes)?;
    listing::read(&tree::parse(&text)?, options)
}
