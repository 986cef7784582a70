//! The rivals of Arigatoni: the same world, and answers that can be worked out by other means.

mod fate;
mod graphs;
mod maintained;
mod published;
mod refused;
mod rings;
mod synapses;
mod world;

use arigatoni::discovery::config::{Config, Disconnection, DisconnectionMode, Population, Units};
use arigatoni::discovery::{Observation, RequestId, gcu};
use arigatoni::parameters::number::{BoundedCount, Count, DurationMs, Fraction};
use arigatoni::random::RandomStreams;
use arigatoni::rivals::message::{RivalProtocol, Said};
use arigatoni::rivals::{Finder, System};
use arigatoni::simulation::network::Conditions;
use arigatoni::simulation::{self, Run, Setting};
use arigatoni::system::{self as systems, Measures, Model};
use arigatoni::time::Time;
use arigatoni::unit::{Effect, UnitId};

use crate::support::{config, export, t100};

/// Two hundred computers on the graph of the published study's size, of which a share leaves or crashes.
fn parameters<F: Finder>(rate: f64, instances: u32, mode: DisconnectionMode) -> Config<F::Config> {
    let mut world = config().world;
    world.disconnection = Disconnection {
        rate: Fraction(rate),
        units: Units::Gcus,
        mode,
        timeout_ms: DurationMs(500.0),
    };
    world.gcus_per_broker = Population::Fixed(BoundedCount(2));
    world.services.density = Some(Fraction(0.02));
    world.requests.instances = Some(Count(instances));
    world.requests.deadline_ms = DurationMs(20_000.0);
    Config {
        world,
        own: F::Config::default(),
    }
}

/// How often each request has ended.
#[derive(Default)]
struct Ends(Vec<u32>);

impl<S: Said> Measures<RivalProtocol<S>> for Ends {
    fn effect(&mut self, _: Time, _: UnitId, effect: &Effect<RivalProtocol<S>>) {
        if let Effect::Observation(Observation::Ended { request, .. }) = effect {
            let ends = &mut self.0;
            ends.resize(ends.len().max(request.0 as usize + 1), 0);
            ends[request.0 as usize] += 1;
        }
    }
}

/// A run, in which no request ends twice; that each one ends is asserted by the report.
fn run<F: Finder>(config: &Config<F::Config>, conditions: impl Into<Conditions>) -> Run<System<F>> {
    let streams = RandomStreams::new(7, 0);
    let system = System::<F>::build(t100(), config, streams).unwrap();
    let mut ends = Ends::default();
    let run = simulation::run_watched(
        system,
        Setting::of(t100(), streams, &conditions.into()),
        &mut ends,
    );
    let twice = ends.0.iter().position(|&times| times > 1);
    assert_eq!(twice, None, "{}: a request has ended twice", F::NAME);
    run
}

/// Who is able and willing to serve a request, of the computers that are there, its requester excepted.
fn offers<F: Finder>(run: &Run<System<F>>, request: RequestId) -> usize {
    let world = run.system.world();
    let asked = &world.requests[request.0 as usize];
    let others = (0..world.population.len()).filter(|&id| id != asked.computer);
    let there = others.filter(|&id| !world.disconnected.contains(&gcu(id)));
    let able = there.filter(|&id| {
        let mut offers = world.population.offers(id);
        offers.any(|offer| offer == asked.service)
    });
    able.filter(|&id| world.agrees(id, request)).count()
}

/// Some columns of `requests.csv`.
fn requests<S: systems::System>(run: &Run<S>, columns: &[usize]) -> Vec<Vec<String>> {
    let text = export(t100(), run, "requests");
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        columns.iter().map(|&at| cells[at].to_owned()).collect()
    };
    text.lines().skip(1).map(row).collect()
}
