//! What holds of every graph, whatever its parameters.

use arigatoni::topology::gtitm::{
    EdgeLaw, EdgeMethod, Method, Placement, Spec, TransitStubParameters, Variant,
};
use arigatoni::topology::{Domain, Graph, RouterId, graphbase};
use petgraph::unionfind::UnionFind;
use proptest::prelude::*;

use super::gb;

fn law() -> impl Strategy<Value = EdgeLaw> {
    (0..6_usize, 0.3..=1.0, 0.05..2.0, 0.0..9.0).prop_map(|(method, alpha, beta, gamma)| EdgeLaw {
        method: EdgeMethod::ALL[method],
        alpha,
        beta,
        gamma,
    })
}

fn parameters() -> impl Strategy<Value = TransitStubParameters> {
    let sizes = (1..4_u64, 1..6_u64, 0..5_u64, 1..12_u64);
    let extras = (0..5_u64, 0..9_u64);
    (sizes, extras, law(), law(), law()).prop_map(|(sizes, extras, top, transit, stub)| {
        TransitStubParameters {
            transit_domains: sizes.0,
            transit_routers: sizes.1,
            stubs_per_transit_router: sizes.2,
            stub_routers: sizes.3,
            extra_transit_stub_links: extras.0,
            extra_stub_stub_links: extras.1,
            top,
            transit,
            stub,
        }
    })
}

/// The number of connected components when only some links count.
fn components(graph: &Graph, counts: impl Fn(Domain, Domain) -> bool) -> usize {
    let mut union = UnionFind::<u32>::new(graph.routers.len());
    let domain = |end: RouterId| graph.routers[end.index()].domain;
    let joined = graph.links.iter().filter(|link| {
        counts(domain(link.ends[0]), domain(link.ends[1]))
            && union.union(link.ends[0].0, link.ends[1].0)
    });
    graph.routers.len() - joined.count()
}

fn check(graph: &Graph, p: &TransitStubParameters, variant: Variant) {
    let transit = p.transit_domains * p.transit_routers;
    let routers = transit * (1 + p.stubs_per_transit_router * p.stub_routers);
    assert_eq!(graph.routers.len() as u64, routers);
    assert_eq!(components(graph, |_, _| true), 1);
    // Each domain holds together by its own links, and they have weight 1.
    let domains = p.transit_domains + transit * p.stubs_per_transit_router;
    assert_eq!(components(graph, |a, b| a == b) as u64, domains);
    let mut extra = 0;
    for link in &graph.links {
        let [a, b] = link.ends.map(|end| graph.routers[end.index()].domain);
        let is_loop = link.ends[0] == link.ends[1];
        assert!(link.ends[0] <= link.ends[1]);
        assert!(!is_loop || variant == Variant::Exact && link.length == 0.0);
        assert!(link.weight == 1 || a != b || is_loop, "{link:?}");
        let stub = |domain| matches!(domain, Domain::Stub { .. });
        extra += u64::from(is_loop || stub(a) && stub(b) && a != b);
    }
    assert_eq!(extra, p.extra_stub_stub_links);
    let labels: Vec<_> = graph
        .routers
        .iter()
        .map(|router| Domain::from_label(&router.label))
        .collect();
    let domains: Vec<_> = graph.routers.iter().map(|router| router.domain).collect();
    assert_eq!(labels, domains);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    #[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
    fn any_graph_that_is_generated_holds_together(
        p in parameters(),
        documented: bool,
        bsd: bool,
        seed: i64,
    ) {
        let variant = if documented { Variant::Documented } else { Variant::Exact };
        let placement = if bsd { Placement::Bsd } else { Placement::Glibc };
        let graph = p.generate(variant, placement, seed);
        prop_assume!(graph.is_ok());
        let graph = graph.unwrap();
        check(&graph, &p, variant);
        let spec = Spec::parse(p.spec(3, 9).as_bytes()).unwrap();
        prop_assert_eq!((spec.method, spec.count, spec.seed), (Method::TransitStub(p), 3, 9));
        prop_assert_eq!(graphbase::parse(gb(&graph).as_bytes()).unwrap(), graph);
    }
}
