//! The search for parameters: near where it can be, honest where it cannot, the same every time.

use arigatoni::topology::fit::{Fit, REPORT_SEEDS, Shape, fit};
use arigatoni::topology::gtitm::{Placement, Variant};
use arigatoni::topology::{Domain, Graph, Link, Origin, Router, RouterId, read};

use super::shipped_graph;
use crate::review::Page;

fn assert_near(found: &Fit, errors_max: [f64; 4]) {
    let (target, mean) = (found.target.numbers(), found.mean.numbers());
    for i in 0..4 {
        let error = (mean[i] - target[i]) / if i == 3 { 1.0 } else { target[i] };
        assert!(error.abs() <= errors_max[i], "measure {i}: {found:?}");
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_transit_stub_graph_is_fitted_closely_and_always_alike() {
    let graph = read(&shipped_graph("t100-0.gb")).unwrap();
    let found = fit(&graph).unwrap();
    assert_near(&found, [0.03, 0.02, 0.05, 0.04]);
    assert_eq!(fit(&graph).unwrap(), found);
    // The report tells of the very graphs that the parameters give.
    let shapes = REPORT_SEEDS.map(|seed| {
        let graph = (found.parameters).generate(Variant::Exact, Placement::Glibc, seed);
        Shape::of(&graph.unwrap()).unwrap().mean_degree
    });
    let degrees: Vec<f64> = shapes.collect();
    let mean = degrees.iter().sum::<f64>() / 20.0;
    let squares: f64 = degrees.iter().map(|d| (d - mean) * (d - mean)).sum();
    assert!((mean - found.mean.mean_degree).abs() < 1e-12);
    assert!(((squares / 19.0).sqrt() - found.deviation.mean_degree).abs() < 1e-12);
}

fn graph(routers: u32, ends: impl Iterator<Item = (u32, u32)>) -> Graph {
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
        id: "test".into(),
        origin: Origin::Other,
        routers: (0..routers).map(router).collect(),
        links: ends.map(link).collect(),
        loops_unlisted: 0,
        latencies: None,
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn unlike_graphs_get_the_nearest_there_is() {
    let complete = graph(30, (0..30).flat_map(|u| (0..u).map(move |v| (v, u))));
    assert_near(&fit(&complete).unwrap(), [0.2, 0.3, 2.0, 0.4]);
    let star = graph(40, (1..40).map(|leaf| (0, leaf)));
    assert_near(&fit(&star).unwrap(), [0.2, 0.3, 3.0, 0.4]);
    let path = graph(60, (1..60).map(|next| (next - 1, next)));
    assert_near(&fit(&path).unwrap(), [0.3, 0.4, 0.9, 0.4]);
    // Smaller than any transit-stub graph.
    let pair = fit(&graph(2, [(0, 1)].into_iter())).unwrap();
    assert!(pair.mean.routers >= 10.0);
}

#[test]
fn graphs_that_cannot_be_fitted_are_refused() {
    let mut page = Page::new("Graphs that cannot be fitted");
    let mut refuse = |what: &str, graph: Graph| page.entry(what, fit(&graph).unwrap_err());
    let star = graph(20_001, (1..20_001).map(|i| (0, i)));
    refuse("a star of 20001 routers", star);
    let parts = graph(4, [(0, 1), (2, 3)].into_iter());
    refuse("two pairs of routers", parts);
    refuse("no router", graph(0, std::iter::empty()));
    page.check_section("topology-texts");
}
