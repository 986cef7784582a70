//! What several tests need: underlays, a base configuration, and one run of it.

use std::path::PathBuf;
use std::sync::OnceLock;

use arigatoni::arigatoni::config::{Own, Search, Start};
use arigatoni::arigatoni::{Arigatoni, Config};
use arigatoni::discovery::config::{
    Disconnection, DisconnectionMode, Overlay, Placement, Population, Requests, Units, World,
};
use arigatoni::random::RandomStreams;
use arigatoni::simulation::network::Conditions;
use arigatoni::simulation::{self, Run};
use arigatoni::system::{System, Underlay};
use arigatoni::time::Span;
use arigatoni::topology::{self, Routes, Routing};

/// A file of the repository.
pub(crate) fn shipped(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The underlay of a shipped topology.
pub(crate) fn underlay(name: &str) -> Underlay {
    let graph = topology::read(&shipped(&format!("topologies/{name}.gb"))).unwrap();
    let routes = Routes::new(&graph, 1.0, Routing::Latency).unwrap();
    Underlay { graph, routes }
}

/// The underlay of the graph of the published study's size.
pub(crate) fn t100() -> &'static Underlay {
    static T100: OnceLock<Underlay> = OnceLock::new();
    T100.get_or_init(|| underlay("t100-0"))
}

/// The defaults of the scenario file, with few requests.
pub(crate) fn config() -> Config {
    let world = World {
        overlay: Overlay {
            placement: Placement::EveryRouter,
            root: None,
            population: Population::Fixed(1),
            access: [
                Span::from_s(0) + Span::from_ns(1_000_000),
                Span::from_ns(5_000_000),
            ],
            services: 128,
            density: 0.1,
        },
        acceptance_probability: 0.75,
        slots: None,
        disconnection: Disconnection {
            rate: 0.0,
            units: Units::All,
        },
        mode: DisconnectionMode::Unregister,
        detection: None,
        requests: Requests {
            count: 400,
            rate_per_s: 100.0,
            instances: 1,
        },
        deadline: Span::from_s(600),
        service_time: Span::from_s(1),
    };
    let own = Own {
        start: Start::Direct,
        search: Search::Selective,
    };
    Config { world, own }
}

/// One run over `underlay`.
pub(crate) fn run(
    underlay: &Underlay,
    config: &Config,
    seed: u64,
    conditions: impl Into<Conditions>,
) -> Run<Arigatoni> {
    run_of(underlay, config, seed, conditions)
}

/// One run of the system `S`.
pub(crate) fn run_of<S: System>(
    underlay: &Underlay,
    config: &S::Config,
    seed: u64,
    conditions: impl Into<Conditions>,
) -> Run<S> {
    let streams = RandomStreams::new(seed, 0);
    let system = S::build(underlay, config, streams).unwrap();
    simulation::run(system, underlay, streams, conditions)
}

/// The number in the column `name` of a run's report.
pub(crate) fn metric<S: System>(run: &Run<S>, name: &str) -> Option<f64> {
    let column = S::METRICS
        .iter()
        .position(|metric| metric.name == name)
        .unwrap();
    run.system.report(&run.measures, run.totals).cells[column].number()
}

/// An export of a run, as text.
pub(crate) fn export<S: System>(underlay: &Underlay, run: &Run<S>, name: &str) -> String {
    let exports = S::exports();
    let export = exports.iter().find(|export| export.name == name).unwrap();
    String::from_utf8((export.write)(&run.system, underlay, &run.measures)).unwrap()
}
