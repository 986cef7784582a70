//! What a format does not hold of a graph, so that it is told before it is missed.
//!
//! This module does *not* write any format. What stands in a format in another way (an error, or another name) is
//! told there.

use std::path::Path;

use super::format::endings;
use super::reading::Reading;
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
            columns
                .iter()
                .any(|(column, _)| kept.is_told(place, *column))
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
