//! Arigatoni: a tree of colonies in which computers find services through their brokers.
//!
//! The units ([`mod@gcu`], [`mod@gbu`]) speak the messages of [`message`]; this module builds them from an
//! overlay and gives them their workload. It does *not* know the driver, nor how many runs there
//! are.

pub mod config;
mod export;
mod figures;
pub mod gbu;
pub mod gcu;
pub mod message;
mod query;
mod record;
mod report;
pub mod rules;
mod slab;
pub mod table;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use config::{Config, Mode, Start};
use gbu::Gbu;
use gcu::Gcu;
use message::{Arigato, Command, GBU, GCU, RequestId, gbu, gcu};
pub use record::RunRecord;
use rules::Rules;
use table::{Member, RoutingTable};

use crate::error::Result;
use crate::measure::{Detail, FigureSpec, Metric};
use crate::overlay::{self, Brokers, Population, Request, ServiceId};
use crate::random::Draws;
use crate::system::{Report, Site, Stage, System, Totals, Underlay};
use crate::time::Span;
use crate::unit::{Context, Input, Unit, UnitId};

/// The units of one replication, with the overlay and the workload from which they were made.
#[derive(Debug)]
pub struct Arigatoni {
    config: Config,
    brokers: Brokers,
    population: Population,
    requests: Vec<Request>,
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

    /// Every unit of the overlay: computers, then brokers.
    fn units(&self) -> impl Iterator<Item = UnitId> {
        let gcus = (0..self.gcus.len() as u32).map(gcu);
        gcus.chain((0..self.gbus.len() as u32).map(gbu))
    }

    /// A stage that tells `units` the same thing at its beginning.
    fn at_once(
        units: impl Iterator<Item = UnitId>,
        input: impl Fn() -> Input<Arigato>,
        clock_restarts: bool,
    ) -> Stage<Arigato> {
        Stage {
            inputs: units.map(|unit| (Span::ZERO, unit, input())).collect(),
            silenced: Vec::new(),
            clock_restarts,
            measured: false,
        }
    }

    /// The requests, each an input of its computer.
    fn issues(&self) -> Vec<(Span, UnitId, Input<Arigato>)> {
        let instances = self.config.requests.instances;
        let mut inputs: Vec<_> = self
            .requests
            .iter()
            .zip(0..)
            .map(|(issued, id)| {
                let (request, service) = (RequestId(id), issued.service);
                let command = Command::Issue {
                    request,
                    service,
                    instances,
                };
                (issued.after, gcu(issued.computer), Input::Command(command))
            })
            .collect();
        inputs.sort_by_key(|&(after, unit, _)| (after, unit));
        inputs
    }
}

impl System for Arigatoni {
    type Protocol = Arigato;
    type Config = Config;
    type Measures = RunRecord;

    const METRICS: &'static [Metric] = report::METRICS;
    const DETAILS: &'static [Detail] = report::DETAILS;
    const EXPORTS: &'static [&'static str] = export::NAMES;

    fn figures() -> Vec<FigureSpec> {
        figures::standard()
    }

    fn check(underlay: &Underlay, config: &Config) -> Result<()> {
        let overlay = &config.overlay;
        let brokers = Brokers::place(underlay, overlay.placement, overlay.root)?;
        Population::check(overlay, brokers.list().len() as u32)
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
        let rules = Arc::new(Rules::from(config));
        let gcus = (0..).zip(population.computers()).map(|(id, computer)| {
            let offers = population.offers(id).into();
            Gcu::new(
                Arc::clone(&rules),
                computer.entity(),
                offers,
                gbu(computer.broker),
            )
        });
        let tables = match config.start {
            Start::Direct => full_tables(&brokers, &population, overlay.services),
            Start::Messages => vec![RoutingTable::new(overlay.services); count as usize],
        };
        let gbus = brokers
            .list()
            .iter()
            .zip(tables)
            .zip(0..)
            .map(|((broker, table), id)| {
                Gbu::new(Arc::clone(&rules), id, broker.parent.map(gbu), table)
            });
        Ok(Self {
            config: config.clone(),
            gcus: gcus.collect(),
            gbus: gbus.collect(),
            brokers,
            population,
            requests,
            disconnected,
        })
    }

    fn sites(&self) -> impl Iterator<Item = (UnitId, Site)> {
        let gcus = self
            .population
            .computers()
            .iter()
            .zip(0..)
            .map(|(computer, id)| {
                let router = self.brokers.list()[computer.broker as usize].router;
                (
                    gcu(id),
                    Site {
                        router,
                        access: Some(computer.access),
                    },
                )
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
            stages.push(Self::at_once(self.units(), || Input::Start, false));
        }
        let gone = self.disconnected.iter().copied();
        let crash = match self.config.mode {
            Mode::Unregister => {
                stages.push(Self::at_once(
                    gone.clone(),
                    || Input::Command(Command::Leave),
                    true,
                ));
                false
            }
            Mode::Crash { .. } => true,
        };
        stages.push(Stage {
            inputs: self.issues(),
            silenced: gone.filter(|_| crash).collect(),
            clock_restarts: crash,
            measured: true,
        });
        stages
    }

    fn handle(&mut self, unit: UnitId, input: Input<Arigato>, context: &mut Context<'_, Arigato>) {
        let index = unit.index() as usize;
        match unit.kind() {
            GCU => self.gcus[index].handle(input, context),
            GBU => self.gbus[index].handle(input, context),
            _ => unreachable!("Arigatoni has GCUs and GBUs only"),
        }
    }

    fn subject(input: &Input<Arigato>) -> Option<u64> {
        let request = match input {
            Input::Command(Command::Issue { request, .. }) => Some(*request),
            Input::Message { message, .. } => message.request(),
            Input::Command(Command::Leave) | Input::Start | Input::Timer(_) => None,
        };
        request.map(|RequestId(number)| number.into())
    }

    fn kind_name(kind: u8) -> &'static str {
        match kind {
            GCU => "GCU",
            _ => "GBU",
        }
    }

    fn measures(&self) -> RunRecord {
        RunRecord::new(self.requests.len(), self.gbus.len())
    }

    fn report(&self, record: &RunRecord, totals: Totals) -> Report {
        report::report(self, record, totals)
    }

    fn export(&self, name: &str, underlay: &Underlay, record: &RunRecord) -> Vec<u8> {
        export::export(self, name, underlay, record)
    }
}

/// The routing tables of the fully connected overlay, by broker: what exchanging the registration
/// messages ends in.
fn full_tables(brokers: &Brokers, population: &Population, services: u32) -> Vec<RoutingTable> {
    let count = brokers.list().len();
    let mut members: Vec<Vec<Member>> = vec![Vec::new(); count];
    let mut entries: Vec<Vec<(ServiceId, UnitId)>> = vec![Vec::new(); count];
    for (computer, id) in population.computers().iter().zip(0..) {
        let broker = computer.broker as usize;
        members[broker].push(Member {
            unit: gcu(id),
            entity: computer.entity(),
        });
        entries[broker].extend(
            population
                .offers(id)
                .iter()
                .map(|&service| (service, gcu(id))),
        );
    }
    for (broker, id) in brokers.list().iter().zip(0..) {
        if let Some(parent) = broker.parent {
            members[parent as usize].push(Member {
                unit: gbu(id),
                entity: u64::from(id),
            });
        }
    }
    let mut tables = vec![RoutingTable::new(services); count];
    for &id in brokers.top_down().iter().rev() {
        let index = id as usize;
        let (members, entries_here) = (
            std::mem::take(&mut members[index]),
            std::mem::take(&mut entries[index]),
        );
        tables[index] = RoutingTable::from_entries(services, members, entries_here);
        if let Some(parent) = brokers.list()[index].parent {
            let summary = tables[index].summary();
            entries[parent as usize].extend(summary.iter().map(|&service| (service, gbu(id))));
        }
    }
    tables
}
