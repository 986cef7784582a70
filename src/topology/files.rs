//! Graphs in files: the format by the file name's ending, and what to do with graphs that cannot
//! be used as they are.

use std::path::Path;

use super::graph::{Graph, Router, RouterId};
use super::parts::Parts;
use super::{alt, dot, graphbase, graphml};
use crate::error::{Error, Result};
use crate::store;
use crate::time::Span;

/// So many routers are named in an error; of more, the rest is counted.
const NAMED_MAX: usize = 10;

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
    if options
        .default_latency_ms
        .is_some_and(|ms| Span::from_ms(ms).is_none())
    {
        return Err(Error::new("the default latency is not in 0 … 10^12 ms"));
    }
    let parse = |bytes: &[u8]| match ending(path) {
        "gb" => graphbase::parse(bytes),
        "alt" => alt::parse(bytes),
        "graphml" => graphml::parse(bytes, options),
        _ => Err(
            Error::new("the file name's ending tells no graph format that can be read")
                .help("known endings are .gb, .alt and .graphml"),
        ),
    };
    // The ending is judged before the file is read.
    if !["gb", "alt", "graphml"].contains(&ending(path)) {
        return parse(&[]).map_err(|error| error.at(path.display()));
    }
    let graph = parse(&store::read(path)?).and_then(|graph| connected(graph, options));
    graph.map_err(|error| error.at(path.display()))
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

/// The graph if it is connected, or its largest part if the options say so.
fn connected(mut graph: Graph, options: &ReadOptions) -> Result<Graph> {
    let parts = Parts::of(&graph);
    if parts.sizes.len() <= 1 {
        return Ok(graph);
    }
    let sizes = || parts.sizes.iter().enumerate();
    let largest = sizes()
        .rev()
        .max_by_key(|(_, size)| **size)
        .map_or(0, |(part, _)| part as u32);
    let outside = || {
        (0..)
            .zip(&parts.part_of)
            .filter(|(_, part)| **part != largest)
    };
    if !options.largest_component {
        let others: Vec<u32> = outside().map(|(router, _)| router).collect();
        return Err(Error::new(format!(
            "the graph falls into {} parts; outside the largest, of {} routers, are {}",
            parts.sizes.len(),
            parts.sizes[largest as usize],
            listed(&others, &graph.routers)
        ))
        .help("keep the largest part alone with --largest-component (largest_component)"));
    }
    let mut number = 0;
    let numbers: Vec<Option<RouterId>> = parts
        .part_of
        .iter()
        .map(|part| {
            (*part == largest).then(|| {
                number += 1;
                RouterId(number - 1)
            })
        })
        .collect();
    let mut kept = numbers.iter();
    graph
        .routers
        .retain(|_| kept.next().is_some_and(Option::is_some));
    graph.links.retain_mut(|link| {
        let [from, to] = link.ends.map(|end| numbers[end.index()]);
        from.zip(to)
            .map(|(from, to)| link.ends = [from, to])
            .is_some()
    });
    Ok(graph)
}

/// Routers by number and label, the first few of many: `3 (Graz), 5 (Linz) and 7 more`.
pub(super) fn listed(numbers: &[u32], routers: &[Router]) -> String {
    let named = numbers.iter().take(NAMED_MAX);
    let names: Vec<String> = named
        .map(|number| {
            let label: String = routers[*number as usize].label.chars().take(40).collect();
            format!("{number} ({label})")
        })
        .collect();
    let more = numbers.len().saturating_sub(NAMED_MAX);
    let names = names.join(", ");
    if more == 0 {
        names
    } else {
        format!("{names} and {more} more")
    }
}
