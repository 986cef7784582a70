//! GT-ITM's spec files, and what they ask for if that is small: nothing panics, and every graph
//! can be written, read again and routed on.
#![no_main]

use arigatoni::topology::gtitm::{Method, Placement, PlacementRandom, Spec, Variant};
use arigatoni::topology::{Routes, Routing, alt, graphbase};
use libfuzzer_sys::fuzz_target;

/// Larger graphs are not generated: redrawing their domains takes too long for a fuzzer.
const ROUTERS_MAX: u64 = 60;

fuzz_target!(|bytes: &[u8]| {
    let Ok(spec) = Spec::parse(bytes) else {
        return;
    };
    let routers = match &spec.method {
        Method::Flat(flat) => flat.routers,
        Method::TransitStub(parameters) => {
            parameters.router_count().map_or(u64::MAX, |count| count as u64)
        }
    };
    if routers > ROUTERS_MAX || extra_links(&spec.method) > 1000 {
        return;
    }
    for (variant, placement) in [
        (Variant::Exact, Placement::Glibc),
        (Variant::Documented, Placement::Bsd),
    ] {
        let mut random = PlacementRandom::new(placement);
        for graph in spec.graphs(variant, &mut random).take(2) {
            let Ok(graph) = graph else {
                return;
            };
            let written = graphbase::write(&graph).expect("what was generated can be written");
            let again = graphbase::parse(written.as_bytes()).expect("and read");
            assert_eq!((&again.routers, &again.links), (&graph.routers, &graph.links));
            alt::write(&graph).expect("what was generated can be written");
            Routes::new(&graph, 1.0, Routing::Policy).expect("what was generated is connected");
        }
    }
});

fn extra_links(method: &Method) -> u64 {
    match method {
        Method::Flat(_) => 0,
        Method::TransitStub(parameters) => parameters
            .extra_transit_stub_links
            .saturating_add(parameters.extra_stub_stub_links),
    }
}
