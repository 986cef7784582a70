//! What a format does not hold of a graph, so that it is told before it is missed.
//!
//! This module does *not* write any format. What stands in a format in another way (an error, or another name) is
//! told there.

use std::path::Path;

use super::format::endings;
use super::graph::{Domain, Router};
use super::listing::names;
use super::reading::{Column, Reading};
use crate::words::enumerated;

/// Formats that leave something out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Poor {
    /// One link in a line.
    Links,
    /// Graphviz's language.
    Dot,
    /// GT-ITM's formats.
    GtItm,
}

impl Poor {
    fn of(ending: &str) -> Option<Self> {
        match ending {
            "csv" | "tsv" | "edges" | "edgelist" => Some(Self::Links),
            "dot" | "gv" => Some(Self::Dot),
            "gb" | "alt" => Some(Self::GtItm),
            _ => None,
        }
    }

    const fn what(self) -> &'static str {
        match self {
            Self::Links => "a list of links",
            Self::Dot => "a DOT file",
            Self::GtItm => "GT-ITM's format",
        }
    }

    /// Whether a file has a column that is kept, although under another name.
    fn writes(self, reading: &Reading, place: &str, column: u32, name: &str) -> bool {
        let is_used = |columns: &[Column]| {
            let mut columns = columns.iter();
            columns.any(|column| column.name == name && column.used_as.is_some())
        };
        match (self, place) {
            (Self::Dot | Self::GtItm, "edge") if is_used(&reading.account.edges) => true,
            // Labels and places; no format but those with data marks hyperedges.
            (Self::Dot | Self::GtItm, "node")
                if name != names::HYPEREDGE && is_used(&reading.account.nodes) =>
            {
                true
            }
            (Self::Dot, "node") => {
                let mut routers = 0..reading.graph.routers.len();
                routers.all(|router| {
                    let text = reading.kept.of_node(router, column);
                    text.is_none_or(|text| is_in_dot(reading, router, name, text))
                })
            }
            _ => false,
        }
    }
}

/// Whether a datum of a router follows from its `pos` in DOT, or from the shape as which it is drawn.
fn is_in_dot(reading: &Reading, router: usize, name: &str, text: &str) -> bool {
    let Router {
        position, domain, ..
    } = &reading.graph.routers[router];
    let axis = match name {
        "x" | "X" | "pos.lon" => 0,
        "y" | "Y" | "pos.lat" => 1,
        "shape" => return text == "box" && matches!(domain, Domain::Transit(_)),
        _ => return false,
    };
    let on_plane = reading.on_plane().get(router).copied().flatten();
    let place = position.or(on_plane);
    place.is_some_and(|place| text.parse() == Ok(place[axis]))
}

/// What a file of this name does not hold of `reading`, as a sentence without a full stop; `None` if it holds all.
///
/// GraphML, GML and JSON hold all that was read.
pub fn left_out(path: &Path, reading: &Reading) -> Option<String> {
    let format = Poor::of(&endings(path).0)?;
    let Reading { graph, kept, .. } = reading;
    if graph.latencies.is_some() {
        return None;
    }
    let is_links = format == Poor::Links;
    let labelled = graph.routers.iter().enumerate().any(|(number, router)| {
        kept.ids
            .get(number)
            .map_or(router.label != number.to_string(), |id| router.label != *id)
    });
    let placed = graph.routers.iter().any(|router| router.position.is_some());
    let numbered = (0..)
        .zip(&kept.ids)
        .all(|(number, id): (u32, _)| *id == number.to_string());
    let has_data = |place| {
        let columns = kept.columns_of(place, &[], |name| Ok(name.into()));
        columns.is_ok_and(|columns| {
            columns.iter().any(|(column, name)| {
                kept.is_told(place, *column) && !format.writes(reading, place, *column, name)
            })
        })
    };
    let left_out = [
        ("the routers' labels", is_links && labelled),
        ("their places", is_links && placed),
        ("the routers' ids", !is_links && !numbered),
        ("other data of routers", has_data("node")),
        ("other data of links", !is_links && has_data("edge")),
        ("what the graph is called", is_links && !graph.id.is_empty()),
        ("other data of the graph", has_data("graph")),
    ];
    let left_out: Vec<&str> = left_out
        .into_iter()
        .filter_map(|(what, is_left_out)| is_left_out.then_some(what))
        .collect();
    (!left_out.is_empty()).then(|| {
        format!(
            "{} does not hold {}: .graphml, .gml and .json do",
            format.what(),
            enumerated(&left_out)
        )
    })
}
