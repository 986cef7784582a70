//! Whole runs of shipped scenarios, their start-up alone, and routes over a large graph.

use std::path::Path;

use arigatoni::experiment::Underlays;
use arigatoni::random::{RandomStreams, StreamId};
use arigatoni::scenario::{Assignment, RunConfig, Scenario};
use arigatoni::system::Underlay;
use arigatoni::systems::{Asked, Setting};
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

    fn setting(&self) -> Setting<'_> {
        Setting {
            underlay: &self.underlay,
            streams: self.streams(),
            conditions: &self.run.network,
        }
    }

    /// Makes a run; the events that it handled.
    fn run(&self) -> u64 {
        let done = self.run.system.run_for(self.setting(), &Asked::default());
        done.expect("the system fits").events
    }

    /// Builds the units of a run.
    fn build(&self) {
        self.run
            .system
            .set_up(self.setting())
            .expect("the system fits");
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
    let events = base.run();
    bencher
        .counter(ItemsCount::new(events))
        .bench_local(|| base.run());
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
        .bench_local(|| base.build());
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
