//! The four numbers by which a fit compares graphs.
//!
//! They are among those of [`crate::topology::Statistics`], found without a search from every
//! router, since a fit looks at thousands of graphs.

use crate::error::{Error, Result};
use crate::topology::Graph;
use crate::topology::components::Components;
use crate::topology::routes::network::Network;
use crate::topology::routes::simple_network;
use crate::topology::statistics::clustering;

/// The shape of a graph, or the mean shape of several.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Shape {
    /// The number of routers.
    pub routers: f64,
    /// The mean number of neighbours, without loops and parallels.
    pub mean_degree: f64,
    /// The fewest links between the two routers that are farthest apart.
    pub hop_diameter: f64,
    /// The mean clustering coefficient (0 for a router with less than two neighbours).
    pub clustering: f64,
}

impl Shape {
    /// The shape of `graph`, which must be connected and have a link.
    pub fn of(graph: &Graph) -> Result<Self> {
        if graph.latencies.is_some() {
            return Err(Error::new("a matrix of latencies has no links to fit")
                .help("give a graph of links"));
        }
        let parts = Components::of(graph).sizes.len();
        if parts > 1 {
            return Err(Error::new(format!(
                "the graph falls into {parts} parts, so it has no diameter to fit"
            ))
            .help("fit its largest part"));
        }
        let network = simple_network(graph);
        let degrees: Vec<usize> = (0..network.size())
            .map(|router| network.arcs_from(router).len())
            .collect();
        let ends: usize = degrees.iter().sum();
        if ends == 0 {
            return Err(Error::new("the graph has no link between two routers")
                .help("give a graph of at least two routers"));
        }
        Ok(Self {
            routers: degrees.len() as f64,
            mean_degree: ends as f64 / degrees.len() as f64,
            hop_diameter: f64::from(diameter(&network)),
            clustering: clustering(&network, &degrees).0,
        })
    }

    /// The four numbers, in the order of [`MEASURES`].
    pub fn numbers(&self) -> [f64; 4] {
        [
            self.routers,
            self.mean_degree,
            self.hop_diameter,
            self.clustering,
        ]
    }

    /// The shape with these numbers, in the order of [`MEASURES`].
    pub fn from_numbers([routers, mean_degree, hop_diameter, clustering]: [f64; 4]) -> Self {
        Self {
            routers,
            mean_degree,
            hop_diameter,
            clustering,
        }
    }
}

/// The names of a shape's numbers.
pub const MEASURES: [&str; 4] = ["routers", "mean degree", "diameter (hops)", "clustering"];

/// The hop diameter of a connected network.
///
/// The routers are examined from the farthest from a central one inwards, until none that are
/// left can be farther apart than what was found (iFUB: Crescenzi, Grossi, Habib, Lanzi, Marino,
/// *On computing the diameter of real-world undirected graphs*, 2013).
fn diameter(network: &Network) -> u32 {
    let mut sweep = Sweep::new(network);
    let far = sweep.farthest_from(0);
    let farther = sweep.farthest_from(far);
    let mut centre = farther;
    let mut found = sweep.depths[farther as usize];
    for _ in 0..found / 2 {
        centre = sweep.towards_source(centre);
    }
    sweep.farthest_from(centre);
    let depths = sweep.depths.clone();
    let order = sweep.order.clone();
    for router in order.into_iter().rev() {
        if found >= 2 * depths[router as usize] {
            break;
        }
        let farthest = sweep.farthest_from(router);
        found = found.max(sweep.depths[farthest as usize]);
    }
    found
}

/// A breadth-first search whose memory serves many sources.
struct Sweep<'a> {
    network: &'a Network,
    /// The number of links from the source, for each router.
    depths: Vec<u32>,
    /// The routers by ascending depth.
    order: Vec<u32>,
}

impl<'a> Sweep<'a> {
    fn new(network: &'a Network) -> Self {
        Self {
            network,
            depths: Vec::new(),
            order: Vec::new(),
        }
    }

    /// Searches from `source`; gives the last router found, which is one of the farthest.
    fn farthest_from(&mut self, source: u32) -> u32 {
        self.depths.clear();
        self.depths.resize(self.network.size(), u32::MAX);
        self.depths[source as usize] = 0;
        self.order.clear();
        self.order.push(source);
        let mut done = 0;
        let mut last = source;
        while let Some(&router) = self.order.get(done) {
            done += 1;
            last = router;
            let depth = self.depths[router as usize] + 1;
            for next in self.network.arcs_from(router as usize) {
                let known = &mut self.depths[next.to as usize];
                if *known == u32::MAX {
                    *known = depth;
                    self.order.push(next.to);
                }
            }
        }
        last
    }

    /// A neighbour of `router` that is nearer to the source; `router` is not the source.
    fn towards_source(&self, router: u32) -> u32 {
        let depth = self.depths[router as usize];
        let neighbours = self.network.arcs_from(router as usize).iter();
        neighbours
            .map(|next| next.to)
            .find(|&next| self.depths[next as usize] < depth)
            .unwrap_or(router)
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use proptest::prelude::*;

    use super::*;
    use crate::topology::Statistics;
    use crate::topology::{Domain, Link, Origin, Router, RouterId};

    fn graph(routers: u32, ends: impl IntoIterator<Item = (u32, u32)>) -> Graph {
        let router = |number: u32| Router {
            label: number.to_string(),
            position: None,
            domain: Domain::None,
        };
        let link = |(u, v)| Link {
            ends: [RouterId(u), RouterId(v)],
            length: 1.0,
            weight: 0,
        };
        Graph {
            id: String::new(),
            origin: Origin::Other,
            routers: (0..routers).map(router).collect(),
            links: ends.into_iter().map(link).collect(),
            loops_unlisted: 0,
            latencies: None,
        }
    }

    proptest! {
        #[test]
        fn a_shape_says_what_the_statistics_say(
            tree in prop::collection::vec(any::<prop::sample::Index>(), 1..30),
            more in prop::collection::vec(any::<[prop::sample::Index; 2]>(), 0..30),
        ) {
            let routers = tree.len() + 1;
            let tree = tree.iter().enumerate().map(|(i, up)| (up.index(i + 1) as u32, i as u32 + 1));
            let more = more.iter().map(|ends| (ends[0].index(routers), ends[1].index(routers)));
            let more = more.map(|(u, v)| (u as u32, v as u32));
            let graph = graph(routers as u32, tree.chain(more));
            let statistics = Statistics::of(&graph).unwrap();
            let expected = Shape {
                routers: routers as f64,
                mean_degree: statistics.degree.unwrap().mean,
                hop_diameter: statistics.hops.unwrap().diameter,
                clustering: statistics.clustering,
            };
            prop_assert_eq!(Shape::of(&graph).unwrap(), expected);
        }
    }

    #[test]
    fn graphs_without_a_shape_are_refused() {
        let parts = Shape::of(&graph(3, [(0, 1)])).unwrap_err();
        let lone = Shape::of(&graph(1, [(0, 0)])).unwrap_err();
        expect![[r#"
            the graph falls into 2 parts, so it has no diameter to fit
              help: fit its largest part
            the graph has no link between two routers
              help: give a graph of at least two routers"#]]
        .assert_eq(&format!("{parts}\n{lone}"));
        assert!(Shape::of(&graph(0, [])).is_err());
    }
}
