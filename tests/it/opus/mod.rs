//! The utility service: central trees against petgraph, the protocols against the central trees,
//! the division of nodes against its model, trackers against their bounds.

mod allocation;
mod allocation_input;
mod availability;
mod availability_input;
mod causality;
mod changing;
mod crossing;
mod exports;
mod goals;
mod isolation;
mod moving;
mod overlay;
mod pages;
mod places;
mod reach;
mod service;
mod timeouts;
mod trackers;
mod tracking;

use arigatoni::opus::config::Opus;
use arigatoni::random::RandomStreams;
use arigatoni::simulation::network::Fidelity;
use arigatoni::simulation::{self, Setting};
use arigatoni::system::{Report, System, Totals};

use crate::support::t100;

/// What comes out of a run by path, and of the same by hop.
fn by_fidelity<S: System<Config = Opus>>(config: &Opus) -> [(Totals, Report); 2] {
    let streams = RandomStreams::new(9, 1);
    [Fidelity::Path, Fidelity::Hop].map(|fidelity| {
        let system = S::build(t100(), config, streams).unwrap();
        let run = simulation::run(system, Setting::of(t100(), streams, &fidelity.into()));
        (run.totals, run.system.report(&run.measures, run.totals))
    })
}
