//! Which GT-ITM parameters give graphs like a given one?
//!
//! Nearness is judged by size, mean degree, hop diameter and clustering ([`Shape`]); `search`
//! says how the parameters are looked for. This module does *not* know files, and it does not
//! look at lengths: GT-ITM's grid has no unit.

mod candidate;
mod search;
mod shape;

pub use shape::{MEASURES, Shape};

use self::candidate::{Candidate, mean};
use super::graph::Graph;
use super::gtitm::TransitStubParameters;
use crate::error::{Error, Result};

/// Larger graphs are not fitted: each step of the search generates several of their size.
const ROUTERS_MAX: usize = 20_000;

/// The seeds of the graphs that a fit is reported with; the search has looked at others.
pub const REPORT_SEEDS: std::ops::Range<i64> = 1..21;

/// The parameters that were found, and how their graphs compare with the target.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// The parameters, for [`super::gtitm::Variant::Exact`].
    pub parameters: TransitStubParameters,
    /// The shape of the given graph.
    pub target: Shape,
    /// The mean shape of the graphs generated with [`REPORT_SEEDS`].
    pub mean: Shape,
    /// The sample standard deviations of their numbers.
    pub deviation: Shape,
}

/// Looks for the parameters whose graphs come nearest to `graph`. The same graph always gives the
/// same parameters. Takes seconds.
pub fn fit(graph: &Graph) -> Result<Fit> {
    if graph.routers.len() > ROUTERS_MAX {
        return Err(Error::new(format!(
            "the graph has {} routers, more than the {ROUTERS_MAX} that can be fitted",
            graph.routers.len()
        ))
        .help("fit a part of the graph"));
    }
    let target = Shape::of(graph)?;
    search::best(&target)
        .into_iter()
        .find_map(|candidate| report(&candidate, target))
        .ok_or_else(|| {
            Error::new("no transit-stub graph of about this size was found")
                .help("GT-ITM's transit-stub graphs have at least 10 routers")
        })
}

/// The report on a candidate; `None` if one of the seeds has no graph.
fn report(candidate: &Candidate, target: Shape) -> Option<Fit> {
    let shapes = candidate.shapes(REPORT_SEEDS)?;
    let mean = mean(&shapes);
    let deviation = [0, 1, 2, 3].map(|i| {
        let centre = mean.numbers()[i];
        let squares = shapes.iter().map(|shape| {
            let off = shape.numbers()[i] - centre;
            off * off
        });
        (squares.sum::<f64>() / (shapes.len() - 1) as f64).sqrt()
    });
    Some(Fit {
        parameters: candidate.parameters(),
        target,
        mean,
        deviation: Shape::from_numbers(deviation),
    })
}
