//! The allocation study: applications whose demand changes share the nodes of one utility, which are
//! divided among them by what their service level agreements are worth.
//!
//! In reading order: [`config`] is what can be set, [`demand`] and `trace` how many requests come,
//! `arrivals` when each comes, [`model`] what an application is worth with n nodes and [`reach`] what
//! the way to them leaves of it (`worth` puts these together),
//! `divide` how nodes are divided and `moves` which of them are moved (a `decision` has both); `replicas` how many an application needs to be
//! available and `placing` which nodes these are; `failing` when nodes fail; `world` is what all units
//! know, [`message`] what they say; `node`, `clients`, `manager` and `publisher`
//! are the units, `membership` a node's place in an application's overlay; `record`, `crowd`, `uptime` and
//! `report` measure, and `updates`, `shape` and `overlays` do so for overlays; `export` writes down what `kept` has kept. It does *not* know the
//! driver, nor how many runs there are.

mod arrivals;
mod clients;
pub mod config;
mod crowd;
mod deadlines;
mod decision;
pub mod demand;
mod divide;
mod export;
mod failing;
mod figures;
mod fitting;
mod instances;
mod kept;
mod manager;
mod margin;
mod membership;
pub mod message;
pub mod model;
mod moves;
mod node;
mod overlays;
mod placing;
mod publisher;
pub mod reach;
mod record;
mod regions;
mod replicas;
mod report;
mod shape;
mod trace;
mod updates;
mod uptime;
mod world;
mod worth;

use std::sync::Arc;

use clients::Clients;
use config::Application;
use manager::Manager;
pub use membership::SOURCE;
use message::{CLIENTS, MANAGER, NODE, clients, node, publisher};
use node::Node;
use placing::Replicas;
use publisher::Publisher;
pub use record::AllocationRecord;
use shape::Shape as OverlayShape;
use world::World;

use super::config::Opus;
use super::nodes::{self, Attachments};
use super::overlay;
use super::stream;
use crate::error::Result;
use crate::measure::{Detail, FigureSpec, Metric};
use crate::opus;
use crate::parameters::ReadFile;
use crate::random::RandomStreams;
use crate::system::{
    Act, Expected, Export, Model, Observed, Procedure, Report, Site, Stage, System, Totals,
    Underlay,
};
use crate::time::{Span, Time};
use crate::topology::RouterId;
use crate::unit::{Context, Input, Unit, UnitId};

/// The nodes, clients and manager of one replication.
#[derive(Debug)]
pub struct Allocation {
    world: Arc<World>,
    places: Attachments,
    /// The router of each region at which its clients enter.
    gateways: Vec<RouterId>,
    /// The nodes that fail at the beginning, for ever.
    failing: Vec<u32>,
    /// When each node fails and recovers, ascending: fails first.
    changes: Vec<Vec<Time>>,
    nodes: Vec<Node>,
    populations: Vec<Clients>,
    manager: Manager,
    publishers: Vec<Publisher>,
    /// The router of each publisher.
    publishing: Vec<RouterId>,
    /// What the overlays looked like, once the run is over.
    shapes: Vec<OverlayShape>,
    streams: RandomStreams,
    /// Whether each request, division and update is kept.
    keeps: bool,
}

impl Allocation {
    /// The nodes, by number, as they are now.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The publishers of the applications that have an overlay, ascending.
    pub fn publishers(&self) -> &[Publisher] {
        &self.publishers
    }

    /// The events that happen to units: nodes crash and come back; when clients have issued their last request,
    /// the manager goes, so that what is under way comes to its end among the nodes as they are.
    fn environment(&self) -> Vec<(Span, UnitId, Act<message::Utility>)> {
        let mut acts: Vec<_> = self
            .failing
            .iter()
            .map(|&at| (Span::ZERO, node(at), Act::Crash))
            .collect();
        for (at, changes) in (0..).zip(&self.changes) {
            let fallen = self.failing.binary_search(&at).is_ok();
            for (number, change) in changes.iter().enumerate().filter(|_| !fallen) {
                let act = if number % 2 == 0 {
                    Act::Crash
                } else {
                    Act::Restart
                };
                acts.push((*change - Time::ZERO, node(at), act));
            }
        }
        acts.push((
            self.world.config.allocation.duration_s.span(),
            MANAGER,
            Act::Crash,
        ));
        acts.sort_by_key(|&(after, unit, _)| (after, unit));
        acts
    }

    /// How many nodes are up at an instant.
    fn nodes_up(&self, at: Time) -> u32 {
        let up = |node: &u32| {
            let changes = &self.changes[*node as usize];
            let fallen = self.failing.binary_search(node).is_ok();
            !fallen && changes.partition_point(|change| *change <= at) % 2 == 0
        };
        (0..self.world.config.nodes.count.0).filter(up).count() as u32
    }
}

/// The router of the publisher of each application that has an overlay, drawn uniformly from those
/// that carry nodes.
fn publishing(underlay: &Underlay, config: &Opus, streams: RandomStreams) -> Vec<RouterId> {
    let hosts = nodes::hosts(underlay);
    let drawn = |(application, _): (u16, _)| {
        let count = hosts.len() as u64;
        hosts[streams.below(stream::PUBLISHER, u64::from(application), 0, count) as usize]
    };
    config.goals().map(drawn).collect()
}

/// A router of each region, drawn uniformly.
fn gateways(regions: &[Vec<RouterId>], streams: RandomStreams) -> Vec<RouterId> {
    let drawn = |(region, routers): (u64, &Vec<RouterId>)| {
        let count = routers.len() as u64;
        routers[streams.below(stream::GATEWAY, region, 0, count) as usize]
    };
    (0..).zip(regions).map(drawn).collect()
}

/// The latencies from each of `routers` to all nodes.
fn ways(underlay: &Underlay, places: &Attachments, routers: &[RouterId]) -> Vec<Vec<Span>> {
    let latency = |from: RouterId, node: u32| {
        let site = places.site(node);
        underlay.routes.latency(from, site.router) + site.access.unwrap_or_default()
    };
    let to_all = |&from: &RouterId| {
        let nodes = 0..places.len() as u32;
        nodes.map(|node| latency(from, node)).collect()
    };
    routers.iter().map(to_all).collect()
}

/// The replicas of all applications with a quorum, where the nodes are in these `domains`, and `ways` from the regions.
fn placed(
    underlay: &Underlay,
    config: &Opus,
    ways: &[Vec<Span>],
    domains: &[Option<u32>],
) -> Replicas {
    let distance = |node: u32| {
        let ways = ways.iter().map(|nodes| nodes[node as usize]);
        ways.map(|way| way.as_ns() as f64).sum()
    };
    let fails = config.domain_failures.is_some();
    let matters: Vec<_> = domains.iter().map(|own| own.filter(|_| fails)).collect();
    placing::place(&fitting::needs(underlay, config), &matters, distance)
}

impl Model for Allocation {
    type Protocol = message::Utility;
    type Config = Opus;

    const KINDS: &'static [&'static str] = &["node", "clients", "service"];

    fn notes(config: &Opus) -> Vec<String> {
        crate::opus::unused::notes(config)
    }

    fn outage_note(config: &Opus) -> Option<&'static str> {
        let replicates = config.quorums().next().is_some();
        replicates.then_some(
            "the network has partitions, or links or routers that fail: a replica that is cut off from the manager counts \
            as failed, and the laws by which the numbers of replicas are chosen leave that out, so a target of availability \
            may be missed",
        )
    }

    fn supplied(config: &Self::Config, read: ReadFile<'_>) -> Result<Option<Self::Config>> {
        let mut config = config.clone();
        Ok(fitting::supply(&mut config, read)?.then_some(config))
    }

    fn check(underlay: &Underlay, config: &Opus) -> Result<()> {
        let regions = regions::regions(underlay, config.allocation.regions())?;
        fitting::check_demands(config, regions.len() as u32)?;
        fitting::check_heartbeat(underlay, config)?;
        if config.allocation.tracks() {
            fitting::check_tracking(underlay, config)?;
        }
        fitting::check_replicas(underlay, config)?;
        if config.goals().next().is_some() {
            overlay::fits(underlay, config.nodes.access()[1], &config.overlay)?;
        }
        Ok(())
    }

    fn depends_on_draws(config: &Opus) -> bool {
        config.quorums().next().is_some()
    }

    fn check_draws(underlay: &Underlay, config: &Opus, streams: RandomStreams) -> Result<()> {
        let regions = regions::regions(underlay, config.allocation.regions())?;
        let places = Attachments::draw(underlay, &config.nodes, streams);
        let ways = ways(underlay, &places, &gateways(&regions, streams));
        let domains = failing::domains(underlay, &places);
        fitting::check_placed(config, &placed(underlay, config, &ways, &domains))
    }

    fn build(underlay: &Underlay, config: &Opus, streams: RandomStreams) -> Result<Self> {
        Self::check(underlay, config)?;
        let regions = regions::regions(underlay, config.allocation.regions())?;
        let places = Attachments::draw(underlay, &config.nodes, streams);
        let gateways = gateways(&regions, streams);
        let count = config.nodes.count.0;
        let publishing = publishing(underlay, config, streams);
        let from = |routers: &[RouterId]| ways(underlay, &places, routers);
        let latencies = [from(&gateways), from(&publishing)];
        let domains = failing::domains(underlay, &places);
        let replicas = placed(underlay, config, &latencies[0], &domains);
        fitting::check_placed(config, &replicas)?;
        let world = Arc::new(World::new(config.clone(), latencies, replicas));
        let populations = world.curves.len() as u32;
        Ok(Self {
            failing: nodes::disconnected(config, streams),
            changes: failing::changes(config, &domains, streams, world.end),
            nodes: (0..count)
                .map(|node| Node::new(Arc::clone(&world), node, world.assigned[node as usize]))
                .collect(),
            populations: (0..populations)
                .map(|population| Clients::new(Arc::clone(&world), population))
                .collect(),
            manager: Manager::new(Arc::clone(&world)),
            publishers: world
                .overlays
                .iter()
                .map(|overlay| Publisher::new(&world, overlay))
                .collect(),
            publishing,
            shapes: Vec::new(),
            streams,
            keeps: false,
            places,
            gateways,
            world,
        })
    }

    fn sites(&self) -> impl Iterator<Item = (UnitId, Site)> {
        let nodes = (0..self.places.len() as u32).map(|at| (node(at), self.places.site(at)));
        let on = |router: RouterId| Site {
            router,
            access: None,
        };
        let populations = (0..self.populations.len() as u32).map(move |population| {
            let router = self.gateways[self.world.region_of(population) as usize];
            (clients(population), on(router))
        });
        let publishing = (0..).zip(&self.publishing);
        nodes
            .chain(populations)
            .chain([(MANAGER, self.places.site(0))])
            .chain(publishing.map(move |(number, &router)| (publisher(number), on(router))))
    }

    fn stages(&self) -> Vec<Stage<message::Utility>> {
        let all = self.sites();
        let starts = all.map(|(unit, _)| (Span::ZERO, unit, Input::Start));
        vec![Stage {
            environment: self.environment().into(),
            until: Some(self.world.config.allocation.duration_s.span() + self.world.rest()),
            ..Stage::of(starts.collect::<Vec<_>>())
        }]
    }

    fn forget(&mut self, unit: UnitId) {
        if unit.kind() == NODE {
            self.nodes[unit.index() as usize].forget();
        }
    }

    fn expect(&mut self, network: &Expected) {
        if network.losses {
            let populations = self.populations.iter_mut();
            populations.for_each(Clients::expect_losses);
            self.manager.expect_losses();
        }
    }

    #[inline]
    fn loss(&self, message: &message::Message) -> f64 {
        let message::Message::Overlay(envelope) = message else {
            return 0.0;
        };
        // It is the same in all overlays.
        let overlay = self.world.overlays.first();
        overlay.map_or(0.0, |overlay| envelope.message.loss(&overlay.rules))
    }

    fn handle(
        &mut self,
        unit: UnitId,
        input: Input<message::Utility>,
        context: &mut Context<'_, message::Utility>,
    ) {
        if let Input::Message { from, message } = &input
            && !message.may_come_from(*from, self.world.config.nodes.count.0)
        {
            return;
        }
        match unit.kind() {
            NODE => self.nodes[unit.index() as usize].handle(input, context),
            CLIENTS => self.populations[unit.index() as usize].handle(input, context),
            _ if unit == MANAGER => self.manager.handle(input, context),
            _ => self.publishers[unit.index() as usize - 1].handle(input, context),
        }
    }

    #[inline]
    fn fetch(&self, unit: UnitId) {
        // Populations and services are few.
        if unit.kind() == NODE {
            self.nodes[unit.index() as usize].fetch();
        }
    }

    #[inline]
    fn fetch_message(message: &message::Message) {
        message.fetch();
    }
}

impl Observed for Allocation {
    type Measures = AllocationRecord;

    const METRICS: &'static [Metric] = report::METRICS;
    const DETAILS: &'static [Detail] = report::DETAILS;

    fn measures(&self) -> AllocationRecord {
        let mut serves = self.world.assigned.clone();
        for &node in &self.failing {
            serves[node as usize] = None;
        }
        let mut record = AllocationRecord::new(Arc::clone(&self.world), serves);
        if self.keeps {
            record.keep();
        }
        record
    }

    fn conclude(&mut self, underlay: &Underlay, record: &AllocationRecord) {
        let latency = |a, b| self.places.latency(&underlay.routes, a, b);
        let samples = record.updates.samples();
        self.shapes = shape::shapes(&self.world.overlays, samples, latency);
    }

    fn ended(&self, _: &AllocationRecord) -> Option<Span> {
        Some(self.world.config.allocation.duration_s.span())
    }

    fn report(&self, measures: &AllocationRecord, totals: Totals) -> Report {
        report::report(self, measures, totals)
    }
}

impl System for Allocation {
    const NAME: &'static str = opus::NAME;
    const ABOUT: &'static str = opus::ABOUT;
    const PROCEDURE: Procedure = Procedure {
        from: "empty queues; nodes belong to no application before the first allocation",
        until: "the duration (allocation/duration_s) has passed",
        transient: "none is removed: all requests count, from the first one on",
    };

    fn figures() -> Vec<FigureSpec> {
        figures::standard()
    }

    fn exports() -> Vec<Export<Self>> {
        export::exports()
    }

    fn expect_exports(&mut self, names: &[&str]) {
        self.keeps = !names.is_empty();
    }
}
