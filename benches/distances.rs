//! How fast a graph of 10,000 routers is read and made ready to route, and how fast it answers; and two of the
//! Internet's size: 100,000 routers in domains, and 75,000 that cannot be taken apart.
//!
//! `cargo bench --bench distances`. The graphs are GT-ITM's: `small stubs` has 1,200 stub domains
//! of 8 routers, `large stubs` 120 of 83 with 20 and 40 extra links between domains. `flat` has no
//! domains and 75,000 links, `one stub` a single stub domain of 9,999 routers: of these all costs
//! are found after some 80,000 questions, which the first sample shows. `internet` is like the graph of
//! `scenarios/internet.json`. `scale-free` is a graph of Barabási and
//! Albert (Science 286, 1999) with two links for each further router, as large as the Internet's domains: its
//! costs do not fit into a table.

use std::hint::black_box;

use arigatoni::topology::gtitm::{Placement, PlacementRandom, Spec, Variant};
use arigatoni::topology::{
    Domain, Graph, Link, Origin, Router, RouterId, Routes, Routing, graphbase,
};
use divan::{Bencher, counter::ItemsCount};

const SPECS: [(&str, &str); 5] = [
    (
        "small stubs",
        "ts 1 1\n3 0 0\n10 20 3 1.0\n40 20 3 0.6\n8 10 3 0.42\n",
    ),
    (
        "large stubs",
        "ts 1 2\n3 20 40\n4 20 3 1.0\n10 20 3 0.6\n83 10 3 0.42\n",
    ),
    ("flat", "geo 1 3\n10000 1000 3 0.0015\n"),
    (
        "one stub",
        "ts 1 5\n1 0 0\n1 20 3 1\n1 20 3 1\n9999 20 3 0.0015\n",
    ),
    (
        "internet",
        "ts 1 100000\n7 0 0\n100 20 3 1.0\n20 20 3 0.6\n7 10 3 0.42\n",
    ),
];

/// Questions asked in one go.
const QUESTIONS: u64 = 100_000;

/// The graph that no spec makes.
const SCALE_FREE: &str = "scale-free";

/// How many routers it has.
const SCALE_FREE_ROUTERS: u32 = 75_000;

fn main() {
    divan::main();
}

fn graph(name: &str) -> Graph {
    if name == SCALE_FREE {
        return scale_free();
    }
    let (_, spec) = SPECS
        .iter()
        .find(|(known, _)| *known == name)
        .expect("a graph of this bench");
    let spec = Spec::parse(spec.as_bytes()).expect("a sound spec");
    let mut random = PlacementRandom::new(Placement::Glibc);
    let mut graphs = spec.graphs(Variant::Exact, &mut random);
    graphs
        .next()
        .expect("one graph")
        .expect("a graph that can be made")
}

/// Each further router gets two links, to ends of links that are there: so a router is chosen as often as it
/// has links.
fn scale_free() -> Graph {
    let mut draw = numbers();
    let mut ends = vec![0, 1];
    for router in 2..SCALE_FREE_ROUTERS {
        let one = ends[draw() as usize % ends.len()];
        let mut other = one;
        while other == one {
            other = ends[draw() as usize % ends.len()];
        }
        ends.extend([router, one, router, other]);
    }
    let links = ends.chunks(2).map(|link| Link {
        ends: [RouterId(link[0]), RouterId(link[1])],
        length: f64::from(draw() % 50 + 1),
        weight: 0,
    });
    let router = |number: u32| Router {
        label: number.to_string(),
        position: None,
        domain: Domain::None,
    };
    Graph {
        id: SCALE_FREE.into(),
        origin: Origin::Other,
        links: links.collect(),
        routers: (0..SCALE_FREE_ROUTERS).map(router).collect(),
        loops_unlisted: 0,
        latencies: None,
    }
}

fn names() -> impl Iterator<Item = &'static str> {
    SPECS.iter().map(|(name, _)| *name)
}

fn all_names() -> impl Iterator<Item = &'static str> {
    names().chain([SCALE_FREE])
}

/// Numbers of 31 bits from a linear congruential generator.
fn numbers() -> impl FnMut() -> u32 {
    let mut state = 1_u64;
    move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as u32
    }
}

/// Pairs of routers.
fn pairs(routers: u32) -> impl Iterator<Item = [RouterId; 2]> {
    let mut draw = numbers();
    let mut router = move || RouterId(draw() % routers);
    std::iter::repeat_with(move || [router(), router()])
}

#[divan::bench(args = names(), sample_count = 10)]
fn read_gb(bencher: Bencher<'_, '_>, name: &str) {
    let file = graphbase::write(&graph(name)).expect("GT-ITM's own format");
    bencher.bench_local(|| graphbase::parse(file.as_bytes()).expect("a sound file"));
}

#[divan::bench(args = all_names(), sample_count = 10)]
fn make_ready(bencher: Bencher<'_, '_>, name: &str) {
    let graph = graph(name);
    bencher.bench_local(|| Routes::new(&graph, 1.0, Routing::Latency).expect("connected"));
}

#[divan::bench(args = all_names(), sample_count = 20)]
fn distances(bencher: Bencher<'_, '_>, name: &str) {
    let routes = Routes::new(&graph(name), 1.0, Routing::Latency).expect("connected");
    let count = routes.router_count();
    bencher.counter(ItemsCount::new(QUESTIONS)).bench_local(|| {
        for [u, v] in pairs(count).take(QUESTIONS as usize) {
            black_box(routes.latency(u, v));
        }
    });
}

#[divan::bench(args = names(), sample_count = 20)]
fn next_hops(bencher: Bencher<'_, '_>, name: &str) {
    let routes = Routes::new(&graph(name), 1.0, Routing::Policy).expect("connected");
    let count = routes.router_count();
    bencher.counter(ItemsCount::new(QUESTIONS)).bench_local(|| {
        for [u, v] in pairs(count).take(QUESTIONS as usize) {
            black_box(routes.next_hop(u, v));
        }
    });
}
