//! How fast a graph of 10,000 routers is read and made ready to route, and how fast it answers.
//!
//! `cargo bench --bench distances`. The graphs are GT-ITM's: `small stubs` has 1,200 stub domains
//! of 8 routers, `large stubs` 120 of 83 with 20 and 40 extra links between domains. `flat` has no
//! domains and 75,000 links, `one stub` a single stub domain of 9,999 routers: of these all costs
//! are found after some 1,250 questions, which the first sample shows.

use std::hint::black_box;

use arigatoni::topology::gtitm::{Placement, PlacementRandom, Spec, Variant};
use arigatoni::topology::{Graph, RouterId, Routes, Routing, graphbase};
use divan::{Bencher, counter::ItemsCount};

const SPECS: [(&str, &str); 4] = [
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
];

/// Questions asked in one go.
const QUESTIONS: u64 = 100_000;

fn main() {
    divan::main();
}

fn graph(name: &str) -> Graph {
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

fn names() -> impl Iterator<Item = &'static str> {
    SPECS.iter().map(|(name, _)| *name)
}

/// Pairs of routers from a linear congruential generator.
fn pairs(routers: u32) -> impl Iterator<Item = [RouterId; 2]> {
    let mut state = 1_u64;
    let mut router = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        RouterId((state >> 33) as u32 % routers)
    };
    std::iter::repeat_with(move || [router(), router()])
}

#[divan::bench(args = names(), sample_count = 10)]
fn read_gb(bencher: Bencher<'_, '_>, name: &str) {
    let file = graphbase::write(&graph(name)).expect("GT-ITM's own format");
    bencher.bench_local(|| graphbase::parse(file.as_bytes()).expect("a sound file"));
}

#[divan::bench(args = names(), sample_count = 10)]
fn make_ready(bencher: Bencher<'_, '_>, name: &str) {
    let graph = graph(name);
    bencher.bench_local(|| Routes::new(&graph, 1.0, Routing::Latency).expect("connected"));
}

#[divan::bench(args = names(), sample_count = 20)]
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
