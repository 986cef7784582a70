//! Graphs in files: the format by the file name's ending, and what to do with graphs that cannot
//! be used as they are.

use std::path::Path;

use super::faults::{Faults, Remedy, listed};
use super::graph::Graph;
use super::parts::{Parts, keep};
use super::{alt, dot, graphbase, graphml};
use crate::error::{Error, Result};
use crate::store;
use crate::time::Span;

/// What to do with graphs that cannot be used as they are. By default, nothing: they are errors.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ReadOptions {
    /// Of a graph that is not connected, keep the part with the most routers (of equal ones, that
    /// of the lowest router) and number its routers anew.
    pub largest_component: bool,
    /// The latency, in milliseconds, of links whose ends are not both at known places (GraphML).
    pub default_latency_ms: Option<f64>,
    /// Add a node's id to its label if another node has the same label (GraphML).
    pub rename_duplicates: bool,
}

/// Reads the graph at `path`, which must be usable as it is: [`read_with`] with no options.
pub fn read(path: &Path) -> Result<Graph> {
    read_with(path, &ReadOptions::default())
}

/// Reads the connected graph at `path` in the format that the file name's ending tells: `.gb`,
/// `.alt` or `.graphml`.
///
/// Errors name the file, and the line or the routers.
pub fn read_with(path: &Path, options: &ReadOptions) -> Result<Graph> {
    // The ending and the options are judged before the file is read.
    let format = Format::of(path).map_err(|error| error.at(path.display()))?;
    options
        .check(path)
        .map_err(|error| error.at(path.display()))?;
    let bytes = store::read(path)?;
    let graph = match format {
        Format::GraphBase => graphbase::parse(&bytes).map(|graph| (graph, Faults::default())),
        Format::Alt => alt::parse(&bytes).map(|graph| (graph, Faults::default())),
        Format::GraphMl => graphml::read(&bytes, options),
    };
    graph
        .and_then(|(graph, faults)| usable(graph, faults, options))
        .map_err(|error| error.at(path.display()))
}

/// The formats that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    GraphBase,
    Alt,
    GraphMl,
}

impl Format {
    fn of(path: &Path) -> Result<Self> {
        match ending(path) {
            "gb" => Ok(Self::GraphBase),
            "alt" => Ok(Self::Alt),
            "graphml" => Ok(Self::GraphMl),
            _ => Err(
                Error::new("the file name's ending tells no graph format that can be read")
                    .help("known endings are .gb, .alt and .graphml"),
            ),
        }
    }
}

impl ReadOptions {
    /// Whether the options can hold for the file at `path`, as far as its name tells: an error if
    /// one is out of its range, or for GraphML and the ending is that of another format.
    pub fn check(&self, path: &Path) -> Result<()> {
        let in_range = |ms| Span::from_ms(ms).is_some();
        if self.default_latency_ms.is_some_and(|ms| !in_range(ms)) {
            return Err(Error::new("the default latency is not in 0 … 10^12 ms"));
        }
        let name = match Format::of(path) {
            Ok(Format::GraphBase) => ".gb",
            Ok(Format::Alt) => ".alt",
            Ok(Format::GraphMl) | Err(_) => return Ok(()),
        };
        let what = if self.default_latency_ms.is_some() {
            format!("a default latency is for .graphml files: {name} files tell every length")
        } else if self.rename_duplicates {
            format!("renaming is for .graphml files: labels of {name} files may be alike")
        } else {
            return Ok(());
        };
        Err(Error::new(what).help("leave the option out"))
    }
}

/// Writes `graph` to the file at `path` in the format that the file name's ending tells: `.gb`,
/// `.alt`, `.graphml`, `.dot` or `.gv`.
///
/// What the format cannot hold is an error, and nothing is written.
pub fn save(path: &Path, graph: &Graph) -> Result<()> {
    let text = match ending(path) {
        "gb" => graphbase::write(graph),
        "alt" => alt::write(graph),
        "graphml" => graphml::write(graph),
        "dot" | "gv" => Ok(dot::write(graph)),
        _ => Err(
            Error::new("the file name's ending tells no graph format that can be written")
                .help("known endings are .gb, .alt, .graphml and .dot"),
        ),
    };
    store::replace(
        path,
        text.map_err(|error| error.at(path.display()))?.as_bytes(),
    )
}

fn ending(path: &Path) -> &str {
    path.extension()
        .and_then(|ending| ending.to_str())
        .unwrap_or_default()
}

/// The graph if nothing is wrong with it that the options do not make good, or its largest part
/// if they say so.
fn usable(graph: Graph, mut faults: Faults, options: &ReadOptions) -> Result<Graph> {
    let parts = Parts::of(&graph);
    let whole = parts.sizes.len() <= 1;
    if !whole && !options.largest_component {
        let largest = parts.largest();
        let others = (0..)
            .zip(&parts.part_of)
            .filter(|(_, part)| **part != largest);
        let others: Vec<u32> = others.map(|(router, _)| router).collect();
        faults.add(
            format!(
                "the graph falls into {} parts; outside the largest, of {}, are {}",
                parts.sizes.len(),
                match parts.sizes[largest as usize] {
                    1 => "1 router".into(),
                    size => format!("{size} routers"),
                },
                listed(&others, &graph.routers)
            ),
            Remedy::LargestComponent,
        );
    }
    faults.check()?;
    Ok(if whole {
        graph
    } else {
        keep(graph, &parts.in_largest())
    })
}
