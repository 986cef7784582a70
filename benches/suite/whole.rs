//! Whole runs of shipped scenarios, their start-up alone, and routes over a large graph.

use std::path::Path;

use arigatoni::experiment::Underlays;
use arigatoni::random::{RandomStreams, StreamId};
use arigatoni::scenario::{Assignment, RunConfig, Scenario};
use arigatoni::simulation;
use arigatoni::system::{System, Underlay, Visitor};
use arigatoni::topology::RouterId;
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};

/// A scenario's base values, and the underlay of replication 0.
struct Base {
    run: RunConfig,
    underlay: std::sync::Arc<Underlay>,
}

impl Base {
    /// The shipped scenario `name`, with changes.
    fn new(name: &str, changes: &[(&str, f64)]) -> Self {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios"));
        #[allow(
            clippy::disallowed_methods,
            reason = "a bench reads a file of the repository"
        )]
        let text = std::fs::read_to_string(folder.join(name)).expect("the scenario is shipped");
        let change = |&(pointer, value): &(&str, f64)| Assignment {
            pointer: pointer.into(),
            value: if value.fract() == 0.0 {
                (value as u64).into()
            } else {
                value.into()
            },
        };
        let changes: Vec<Assignment> = changes.iter().map(change).collect();
        let scenario = Scenario::parse(&text, name, &changes).expect("it is a good scenario");
        let run = scenario.base().clone();
        let mut underlays = Underlays::new(folder);
        underlays
            .prepare(&run, &mut |_| ())
            .expect("its topology is there");
        let underlay = underlays.of(&run, 0).expect("it has been prepared");
        Self { run, underlay }
    }

    fn streams(&self) -> RandomStreams {
        RandomStreams::new(self.run.seed, 0)
    }
}

/// Makes a run; the events that it handled.
struct Run<'b>(&'b Base);

impl Visitor for Run<'_> {
    type Output = u64;
    fn visit<S: System>(self, config: &S::Config) -> u64 {
        let Base { run, underlay } = self.0;
        let streams = self.0.streams();
        let system = S::build(underlay, config, streams).expect("the system fits");
        let run = simulation::run(system, underlay, streams, &run.network.conditions);
        black_box(run.outcome());
        run.totals.events
    }
}

/// Builds the units of a run.
struct Build<'b>(&'b Base);

impl Visitor for Build<'_> {
    type Output = ();
    fn visit<S: System>(self, config: &S::Config) {
        let built = S::build(&self.0.underlay, config, self.0.streams());
        black_box(built.expect("the system fits").stages());
    }
}

/// One run of the paper's setting, some of its units disconnected.
#[divan::bench(sample_count = 10)]
fn paper(bencher: Bencher) {
    let base = Base::new(
        "paper.json",
        &[
            ("/system/*/services/density", 0.05),
            ("/system/*/disconnection/rate", 0.3),
        ],
    );
    let events = base.run.system.visit(Run(&base));
    bencher
        .counter(ItemsCount::new(events))
        .bench_local(|| base.run.system.visit(Run(&base)));
}

/// The units of the million computers' scenario, or of as many a broker as make up fewer: drawn,
/// registered, and their requests with them.
#[divan::bench(args = [10_000, 1_000_000], sample_count = 1, sample_size = 1)]
fn start_up(bencher: Bencher, gcus: u32) {
    let base = Base::new(
        "million.json",
        &[
            ("/system/*/gcus_per_broker", f64::from(gcus / 10_000)),
            ("/system/*/requests/count", 1.0),
        ],
    );
    bencher
        .counter(ItemsCount::new(gcus))
        .bench_local(|| base.run.system.visit(Build(&base)));
}

/// Distances between random routers of a graph of about 10,000.
#[divan::bench]
fn distances(bencher: Bencher) {
    const PAIRS: u32 = 10_000;
    let base = Base::new("million.json", &[]);
    let routes = &base.underlay.routes;
    let (streams, routers) = (base.streams(), u64::from(routes.router_count()));
    let router = |end, pair| RouterId(streams.below(StreamId(243), end, pair, routers) as u32);
    let pairs: Vec<[RouterId; 2]> = (0..PAIRS)
        .map(|pair| [router(0, pair), router(1, pair)])
        .collect();
    bencher.counter(ItemsCount::new(PAIRS)).bench_local(|| {
        let latencies = pairs.iter().map(|&[u, v]| routes.latency(u, v).as_ns());
        black_box(latencies.fold(0, u64::wrapping_add))
    });
}
