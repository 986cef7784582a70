//! The generator against the original, and what must hold of any graph.

mod bytes;
mod command;
mod properties;
mod refusals;
mod spec;
mod statistics;

use arigatoni::error::{Error, Result};
use arigatoni::topology::gtitm::{Placement, PlacementRandom, Spec, Variant};
use arigatoni::topology::{Graph, graphbase};

/// The graphs of a spec whose lines are written on one line, separated by ` / `.
fn graphs(lines: &str, variant: Variant, placement: Placement) -> Result<Vec<Graph>> {
    let spec = Spec::parse(lines.replace(" / ", "\n").as_bytes())?;
    spec.graphs(variant, &mut PlacementRandom::new(placement))
        .collect()
}

fn exact(lines: &str) -> Result<Vec<Graph>> {
    graphs(lines, Variant::Exact, Placement::Glibc)
}

/// How a spec is refused.
fn refusal(lines: &str) -> Error {
    match exact(lines) {
        Ok(graphs) => panic!("{lines} gave {} graphs", graphs.len()),
        Err(error) => error,
    }
}

fn gb(graph: &Graph) -> String {
    graphbase::write(graph).unwrap()
}
