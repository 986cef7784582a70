//! The underlay: routers and links read from files, and exact routes over them.
//!
//! In reading order: [`graph`] is the data; [`graphbase`] and [`alt`] are the formats of GT-ITM's
//! files; [`gtitm`] generates its graphs; [`routes`] answers who is how far from whom;
//! [`statistics`] sums a graph up. This room does *not* know units, scenarios or simulations.

pub mod alt;
pub mod fit;
pub mod graph;
pub mod graphbase;
pub mod gtitm;
mod parts;
pub mod routes;
pub mod statistics;

use std::path::Path;

pub use graph::{Domain, Graph, Link, LinkClass, Origin, Router, RouterId};
pub use routes::{Distances, Routes, Routing};
pub use statistics::Statistics;

use crate::error::{Error, Result};
use crate::store;

/// Reads the graph at `path` in the format that the file name's ending tells: `.gb` or `.alt`.
///
/// Errors name the file and the line.
pub fn read(path: &Path) -> Result<Graph> {
    let ending = path.extension().and_then(|ending| ending.to_str());
    let parse = match ending.unwrap_or_default() {
        "gb" => graphbase::parse,
        "alt" => alt::parse,
        _ => {
            return Err(
                Error::new("the file name's ending tells no known graph format")
                    .at(path.display())
                    .help("known endings are .gb and .alt"),
            );
        }
    };
    parse(&store::read(path)?).map_err(|error| error.at(path.display()))
}

/// Writes `graph` to the file at `path` in the format that the file name's ending tells: `.gb` or
/// `.alt`.
///
/// What the format cannot hold is an error, and nothing is written.
pub fn save(path: &Path, graph: &Graph) -> Result<()> {
    let ending = path.extension().and_then(|ending| ending.to_str());
    let write = match ending.unwrap_or_default() {
        "gb" => graphbase::write,
        "alt" => alt::write,
        _ => {
            return Err(
                Error::new("the file name's ending tells no known graph format")
                    .at(path.display())
                    .help("known endings are .gb and .alt"),
            );
        }
    };
    let text = write(graph).map_err(|error| error.at(path.display()))?;
    store::replace(path, text.as_bytes())
}
