//! The parameters among which a fit chooses, and how graphs with them compare to the target.
//!
//! Every law is pure random (method 3). Probabilities are counted in thousandths, which is what
//! a graph's identification shows of them.

use super::Shape;
use crate::topology::gtitm::{EdgeLaw, Placement, TransitStubParameters, Variant};

/// The parameters of a transit-stub graph, as far as a fit varies them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    pub(super) transit_domains: u32,
    pub(super) transit_routers: u32,
    pub(super) stubs: u32,
    pub(super) stub_routers: u32,
    /// In thousandths, like the next two.
    pub(super) top_alpha: u32,
    pub(super) transit_alpha: u32,
    pub(super) stub_alpha: u32,
    pub(super) extra_links: u32,
}

impl Candidate {
    pub(super) fn parameters(&self) -> TransitStubParameters {
        let law = |thousandths: u32| EdgeLaw::random(f64::from(thousandths) / 1000.0);
        TransitStubParameters {
            transit_domains: self.transit_domains.into(),
            transit_routers: self.transit_routers.into(),
            stubs_per_transit_router: self.stubs.into(),
            stub_routers: self.stub_routers.into(),
            extra_transit_stub_links: self.extra_links.into(),
            extra_stub_stub_links: 0,
            top: law(self.top_alpha),
            transit: law(self.transit_alpha),
            stub: law(self.stub_alpha),
        }
    }

    /// The number of routers of its graphs.
    pub(super) fn routers(&self) -> u64 {
        let [t, n, k, s] = [
            self.transit_domains,
            self.transit_routers,
            self.stubs,
            self.stub_routers,
        ]
        .map(u64::from);
        t * n * (1 + k * s)
    }

    /// The shapes of its graphs with the given `seeds`; `None` if one of them has no graph.
    pub(super) fn shapes(&self, seeds: std::ops::Range<i64>) -> Option<Vec<Shape>> {
        let parameters = self.parameters();
        seeds
            .map(|seed| {
                let graph = parameters.generate(Variant::Exact, Placement::Glibc, seed);
                Shape::of(&graph.ok()?).ok()
            })
            .collect()
    }

    /// The mean degree of its graph with one seed, parallels counted; `None` if there is no graph.
    pub(super) fn degree(&self, seed: i64) -> Option<f64> {
        let parameters = self.parameters();
        let graph = parameters.generate(Variant::Exact, Placement::Glibc, seed);
        let graph = graph.ok()?;
        Some(2.0 * graph.links.len() as f64 / graph.routers.len() as f64)
    }
}

/// The distance of two shapes: the root of the mean square of the relative errors in size, mean
/// degree and diameter and of the difference in clustering.
pub(super) fn distance(shape: &Shape, target: &Shape) -> f64 {
    let relative = |value: f64, target: f64| (value - target) / target;
    let errors = [
        relative(shape.routers, target.routers),
        relative(shape.mean_degree, target.mean_degree),
        relative(shape.hop_diameter, target.hop_diameter),
        shape.clustering - target.clustering,
    ];
    (errors.iter().map(|error| error * error).sum::<f64>() / 4.0).sqrt()
}

/// The mean of at least one shape.
pub(super) fn mean(shapes: &[Shape]) -> Shape {
    let sum = shapes.iter().fold([0.0; 4], |sum, shape| {
        let numbers = shape.numbers();
        [0, 1, 2, 3].map(|i| sum[i] + numbers[i])
    });
    Shape::from_numbers(sum.map(|sum| sum / shapes.len() as f64))
}
