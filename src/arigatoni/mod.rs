//! Arigatoni: a tree of colonies in which computers find services through their brokers.
//!
//! The units ([`mod@gcu`], [`mod@gbu`]) speak the messages of [`message`]. They are put together from
//! the rules of the protocol, each in a module of its own: `membership`, `discovery`,
//! `detection`, `asking`, `serving`, `matching`. What the protocol leaves to a unit is its
//! `policy`. This module builds units from an overlay and gives them their workload. It does *not*
//! know the driver, nor how many runs there are.

mod asking;
pub mod config;
mod detection;
mod discovery;
pub mod drawn;
mod export;
mod figures;
pub mod gbu;
pub mod gcu;
pub mod matching;
pub mod membership;
mod memory;
pub mod message;
pub mod policy;
mod record;
mod report;
pub mod rules;
mod serving;
mod slab;
pub mod table;
#[cfg(test)]
mod tests;
pub mod wire;

use std::collections::BTreeSet;
use std::sync::Arc;

use config::{Config, Mode, Start};
use drawn::Drawn;
use gbu::Gbu;
use gcu::Gcu;
use matching::{Descriptor, SameService};
use membership::direct;
use message::{Arigato, Command, GBU, GCU, RequestId, gbu, gcu};
use policy::Given;
pub use record::RunRecord;
use rules::Rules;
use table::RoutingTable;

use crate::error::Result;
use crate::measure::{Detail, FigureSpec, Metric};
use crate::overlay::{self, Brokers, Computer, Population, Request};
use crate::prefetch::{prefetch, prefetch_all};
use crate::random::Draws;
use crate::system::{
    Act, Divisible, Environment, Export, Inputs, Memory, Procedure, Report, Site, Stage, System,
    Totals, Underlay,
};
use crate::time::Span;
use crate::unit::{Input, UnitId};

/// What a unit may see and say.
type Context<'a> = crate::unit::Context<'a, Arigato>;

/// The units of one replication, with the overlay and the workload from which they were made.
#[derive(Debug)]
pub struct Arigatoni {
    config: Config,
    brokers: Brokers,
    given: Arc<Given<Drawn>>,
    requests: Arc<[Request]>,
    /// Units that are taken off before the requests.
    disconnected: BTreeSet<UnitId>,
    gcus: Vec<Gcu>,
    gbus: Vec<Gbu>,
}

impl Arigatoni {
    /// The brokers, by number, as they are now.
    pub fn gbus(&self) -> &[Gbu] {
        &self.gbus
    }

    /// The computers, by number, as they are now.
    pub fn gcus(&self) -> &[Gcu] {
        &self.gcus
    }

    /// The computers as they were drawn.
    fn population(&self) -> &Population {
        &self.given.policy.population
    }

    /// The latency of `computer`'s access link. Drawn whenever it is asked for: only the network
    /// needs it at hand.
    fn access(&self, computer: Computer) -> Span {
        overlay::access(&self.config.overlay, computer, self.given.policy.draws)
    }

    /// Every unit of the overlay: computers, then brokers.
    fn units(&self) -> impl Iterator<Item = UnitId> + use<> {
        let gcus = (0..self.gcus.len() as u32).map(gcu);
        gcus.chain((0..self.gbus.len() as u32).map(gbu))
    }

    /// The same overlay and workload, with units that know nothing.
    fn stand_in(&self) -> Self {
        let gbu = |_| Gbu::new(None, RoutingTable::new(0));
        Self {
            config: self.config.clone(),
            brokers: self.brokers.clone(),
            given: Arc::clone(&self.given),
            requests: Arc::clone(&self.requests),
            disconnected: self.disconnected.clone(),
            gcus: vec![Gcu::new(message::gbu(0)); self.gcus.len()],
            gbus: (0..self.gbus.len()).map(gbu).collect(),
        }
    }

    /// What befalls each unit that is taken off.
    fn befallen(&self, act: fn() -> Act<Arigato>) -> Environment<Arigato> {
        let units = self.disconnected.clone().into_iter();
        Environment::made(units.map(move |unit| (Span::ZERO, unit, act())))
    }

    /// The requests, each an input of its computer.
    fn issues(&self) -> Inputs<Arigato> {
        let instances = self.config.requests.instances;
        let requests = Arc::clone(&self.requests);
        let mut order: Vec<u32> = (0..requests.len() as u32).collect();
        // They come in the order of their times; the sort sees to those of one instant.
        order.sort_by_key(|&id| {
            let issued = &requests[id as usize];
            (issued.after, issued.computer)
        });
        Inputs::made(order.into_iter().map(move |id| {
            let issued = &requests[id as usize];
            let command = Command::Issue {
                request: RequestId(id),
                demand: Descriptor(issued.service.0),
                instances,
            };
            (issued.after, gcu(issued.computer), Input::Command(command))
        }))
    }
}

impl System for Arigatoni {
    type Protocol = Arigato;
    type Config = Config;
    type Measures = RunRecord;

    const KINDS: &'static [&'static str] = &["gcu", "gbu"];
    const METRICS: &'static [Metric] = report::METRICS;
    const DETAILS: &'static [Detail] = report::DETAILS;
    const PROCEDURE: Procedure = Procedure {
        from: "a whole overlay, in which every unit is registered; then units are disconnected, all at once",
        until: "every request has ended and nothing is pending",
        transient: "none is removed: all requests count, from the first one on; \
                    registering and leaving come before them and do not count",
    };

    fn exports() -> Vec<Export<Self>> {
        export::exports()
    }

    fn figures() -> Vec<FigureSpec> {
        figures::standard()
    }

    fn check(underlay: &Underlay, config: &Config) -> Result<()> {
        let overlay = &config.overlay;
        let brokers = Brokers::place(underlay, overlay.placement, overlay.root)?;
        Population::check(overlay, brokers.list().len() as u32)?;
        memory::check(underlay, config, &brokers)
    }

    fn memory(underlay: &Underlay, config: &Config) -> Option<Memory> {
        let overlay = &config.overlay;
        let brokers = Brokers::place(underlay, overlay.placement, overlay.root).ok()?;
        Some(memory::of(underlay, config, &brokers))
    }

    fn build(underlay: &Underlay, config: &Config, draws: Draws) -> Result<Self> {
        let overlay = &config.overlay;
        let brokers = Brokers::place(underlay, overlay.placement, overlay.root)?;
        let count = brokers.list().len() as u32;
        let population = Population::draw(overlay, count, draws);
        let requests = overlay::requests(&config.requests, &population, overlay.services, draws);
        // A root has nobody to unregister from, but it can crash.
        let spared = (config.mode == Mode::Unregister).then_some(brokers.root());
        let disconnected =
            overlay::disconnected(&config.disconnection, &population, count, spared, draws)
                .into_iter()
                .map(|member| match member {
                    overlay::Member::Computer(id) => gcu(id),
                    overlay::Member::Broker(id) => gbu(id),
                })
                .collect();
        let services = SameService {
            services: overlay.services,
        };
        let given = Given {
            rules: Rules::from(config),
            policy: Drawn {
                population,
                services,
                acceptance_probability: config.acceptance_probability,
                draws,
            },
        };
        let population = &given.policy.population;
        let tables = match config.start {
            Start::Direct => direct::tables(&brokers, population, &given.policy),
            Start::Messages => vec![RoutingTable::new(overlay.services); count as usize],
        };
        let computers = population.computers();
        let gcus = computers.map(|computer| Gcu::new(gbu(computer.broker)));
        let gbus = brokers.list().iter().zip(tables);
        let gbus = gbus.map(|(broker, table)| Gbu::new(broker.parent.map(gbu), table));
        Ok(Self {
            config: config.clone(),
            gcus: gcus.collect(),
            gbus: gbus.collect(),
            brokers,
            given: Arc::new(given),
            requests: requests.into(),
            disconnected,
        })
    }

    fn sites(&self) -> impl Iterator<Item = (UnitId, Site)> {
        let gcus = self
            .population()
            .computers()
            .zip(0..)
            .map(|(computer, id)| {
                let router = self.brokers.list()[computer.broker as usize].router;
                let access = Some(self.access(computer));
                (gcu(id), Site { router, access })
            });
        let gbus = self.brokers.list().iter().zip(0..).map(|(broker, id)| {
            (
                gbu(id),
                Site {
                    router: broker.router,
                    access: None,
                },
            )
        });
        gcus.chain(gbus)
    }

    fn stages(&self) -> Vec<Stage<Arigato>> {
        let mut stages = Vec::new();
        if self.config.start == Start::Messages {
            let all = self.units().map(|unit| (Span::ZERO, unit, Input::Start));
            stages.push(Stage {
                measured: false,
                ..Stage::of(Inputs::made(all))
            });
        }
        let issues = Stage::of(self.issues());
        match self.config.mode {
            Mode::Unregister => {
                stages.push(Stage {
                    environment: self.befallen(|| Act::Command(Command::Leave)),
                    clock_restarts: true,
                    measured: false,
                    ..Stage::of(Vec::new())
                });
                stages.push(issues);
            }
            Mode::Crash => stages.push(Stage {
                environment: self.befallen(|| Act::Crash),
                clock_restarts: true,
                ..issues
            }),
        }
        stages
    }

    fn handle(&mut self, unit: UnitId, input: Input<Arigato>, context: &mut Context<'_>) {
        let index = unit.index() as usize;
        match unit.kind() {
            GCU => self.gcus[index].handle(&self.given, input, context),
            GBU => self.gbus[index].handle(&self.given, input, context),
            _ => unreachable!("Arigatoni has GCUs and GBUs only"),
        }
    }

    fn forget(&mut self, unit: UnitId) {
        let index = unit.index() as usize;
        if unit.kind() == GCU {
            let home = self.population().computer(unit.index()).broker;
            self.gcus[index] = Gcu::new(gbu(home));
        } else {
            let parent = self.brokers.list()[index].parent;
            let table = RoutingTable::new(self.config.overlay.services);
            self.gbus[index] = Gbu::new(parent.map(gbu), table);
        }
    }

    #[inline]
    fn fetch(&self, unit: UnitId) {
        let index = unit.index() as usize;
        match unit.kind() {
            GCU => prefetch(&self.gcus[index]),
            // Its open queries lie in it, several lines on.
            _ => prefetch_all(&self.gbus[index]),
        }
    }

    fn divisible() -> Option<Divisible<Self>> {
        Some(Divisible {
            stand_in: Self::stand_in,
            swap: |system, other, unit| {
                let index = unit.index() as usize;
                match unit.kind() {
                    GCU => std::mem::swap(&mut system.gcus[index], &mut other.gcus[index]),
                    _ => std::mem::swap(&mut system.gbus[index], &mut other.gbus[index]),
                }
            },
            unite: RunRecord::unite,
        })
    }

    fn subject(input: &Input<Arigato>) -> Option<u64> {
        let request = match input {
            Input::Command(Command::Issue { request, .. }) => Some(*request),
            Input::Message { message, .. } => message.request(),
            Input::Command(Command::Leave) | Input::Start | Input::Timer(_) => None,
        };
        request.map(|RequestId(number)| number.into())
    }

    fn measures(&self) -> RunRecord {
        RunRecord::new(self.requests.len(), self.gbus.len())
    }

    fn report(&self, record: &RunRecord, totals: Totals) -> Report {
        report::report(self, record, totals)
    }

    fn series(&self, record: &RunRecord) -> Vec<(&'static str, Vec<f64>)> {
        report::series(record)
    }
}
