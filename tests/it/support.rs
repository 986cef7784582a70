//! What several tests need: underlays, a base configuration, and one run of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use arigatoni::arigatoni::{Arigatoni, Config};
use arigatoni::opus::allocation::Allocation;
use arigatoni::opus::config::Opus;
use arigatoni::parameters::number::Count;
use arigatoni::random::RandomStreams;
use arigatoni::simulation::network::{Conditions, Fidelity};
use arigatoni::simulation::{self, Run, Setting};
use arigatoni::statistics::holm;
use arigatoni::system::{Observed, System, Underlay};
use arigatoni::topology::{self, Routes, Routing};

/// Whether long tests try a part only of their worlds: where the program is not optimized, unless `ARIGATONI_TEST_ALL` is set.
pub(crate) fn is_quick() -> bool {
    cfg!(debug_assertions) && std::env::var_os("ARIGATONI_TEST_ALL").is_none()
}

/// How many of a long test's worlds are tried: `some` if the tests are to be quick, else all of them. CI does both.
pub(crate) fn tried(some: u32, all: u32) -> u32 {
    if is_quick() { some } else { all }
}

/// A file of the repository.
pub(crate) fn shipped(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The text of a file.
pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
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
    let mut config = Config::default();
    config.world.requests.count = Some(Count(400));
    config
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

/// One run of the allocation of nodes, packets crossing the underlay at once.
pub(crate) fn run_allocation(config: &Opus, seed: u64) -> Run<Allocation> {
    run_of(t100(), config, seed, Fidelity::Path)
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
    simulation::run(system, Setting::of(underlay, streams, &conditions.into()))
}

/// How many metrics a run of Arigatoni has.
pub(crate) const METRICS: usize = <Arigatoni as Observed>::METRICS.len();

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

/// The probability of numbers that far from `mean`, of independent `values`.
pub(crate) fn p_of_mean(values: &[f64], mean: f64) -> f64 {
    let count = values.len() as f64;
    let found = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - found).powi(2)).sum();
    two_sided((found - mean) / (squares / (count - 1.0) / count).sqrt())
}

/// The probability of a standard normal number that is so far from 0.
pub(crate) fn two_sided(z: f64) -> f64 {
    libm::erfc(z.abs() / std::f64::consts::SQRT_2)
}

/// The chance of a false alarm of all statements of a test together.
pub(crate) const ALPHA: f64 = 0.001;

/// Which of the statements, each with its probability, are refuted.
pub(crate) fn refuted(statements: &[(String, f64)]) -> Vec<String> {
    let p: Vec<f64> = statements.iter().map(|(_, p)| *p).collect();
    let adjusted = holm(&p).into_iter().zip(statements);
    let low = adjusted.filter(|(p, _)| *p < ALPHA);
    low.map(|(p, (what, _))| format!("{what}: p = {p:.2e}"))
        .collect()
}
