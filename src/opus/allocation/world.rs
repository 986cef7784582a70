//! What all units of an allocation study know from the beginning: the rules, the demand's true
//! course, who serves whom at first, and how far everybody is.
//!
//! It does *not* know anything that happens.

use std::sync::Arc;

use super::clients::{end, window};
use super::config::{Application, Goal, Policy, Service};
use super::demand::DemandCurve;
use super::divide;
use super::message::publisher;
use super::placing::Replicas;
use super::reach::{DelayFactors, Nearness};
use crate::opus::config::Opus;
use crate::opus::overlay::config::Overlay;
use crate::opus::stream;
use crate::opus::tracking::Tracker;
use crate::opus::tracking::config::Tracking;
use crate::random::RandomStreams;
use crate::time::{Span, Time};
use crate::unit::UnitId;

/// The maximum number of nodes to one of which a population reports.
const CONTACTS_MAX: usize = 64;

/// A century: no service or pause takes longer.
const SECONDS_MAX: f64 = 3.2e9;

/// A node serves what it has taken in, and what is on its way there, within the mean time of this many times as
/// many requests plus this many more, even where service times are exponential.
const SERVED_MAX: (f64, f64) = (4.0, 20.0);
/// The number of timeouts of its overlay within which an update arrives, or never does.
const ARRIVED_TIMEOUTS: u64 = 8;
/// The number of one-way trips of a request and its answer, those of a first refusal included.
const WAYS: u64 = 4;

/// An application's overlay.
#[derive(Debug)]
pub(super) struct Publishing {
    pub(super) application: u16,
    pub(super) goal: Goal,
    pub(super) rules: Arc<Overlay>,
    /// The latency between the publisher and each node.
    pub(super) latencies: Vec<Span>,
}

/// What does not change during a run. Populations are numbered by application, then region.
#[derive(Debug)]
pub(super) struct World {
    pub(super) config: Opus,
    /// The applications, by number.
    pub(super) applications: Vec<Application>,
    /// The rules of trackers, if the demand is tracked.
    tracking: Option<Arc<Tracking>>,
    /// The length of a time bin.
    pub(super) bin: Span,
    /// How many regions there are.
    pub(super) regions: u32,
    /// The demand, by population.
    pub(super) curves: Vec<DemandCurve>,
    /// The latency between each region's gateway and each node.
    latencies: Vec<Vec<Span>>,
    /// The nearest nodes of each region's gateway, ascending in latency.
    contacts: Vec<Vec<u32>>,
    /// How many requests a node takes in, by application.
    rooms: Vec<u32>,
    /// All regions and nodes, by the latency between them.
    pub(super) nearness: Nearness,
    /// What the ways leave of the requests of applications that are alike.
    pub(super) ways: Vec<DelayFactors>,
    /// Which of these are an application's.
    pub(super) kinds: Vec<usize>,
    /// Which nodes are kept as replicas of applications that are to be available by a quorum.
    pub(super) replicas: Replicas,
    /// Whom each node serves at the beginning.
    pub(super) assigned: Vec<Option<u16>>,
    /// When clients stop to issue requests.
    pub(super) end: Time,
    /// The overlays, ascending by application.
    pub(super) overlays: Vec<Publishing>,
}

impl Policy {
    /// Whether clients report their rates.
    pub fn wants_reports(self) -> bool {
        match self {
            Self::GreedyReported | Self::GreedyTracked => true,
            Self::Static | Self::Proportional | Self::Greedy | Self::Optimum => false,
        }
    }
}

impl World {
    /// The world of `config`, where latencies to nodes are from the gateway of each region and from
    /// the publisher of each overlay.
    pub(super) fn new(
        config: Opus,
        [latencies, publishers]: [Vec<Vec<Span>>; 2],
        replicas: Replicas,
    ) -> Self {
        let regions = latencies.len() as u32;
        let all = config.all_applications();
        let curves = all.flat_map(|(one, shift_s)| DemandCurve::of(one, shift_s, regions));
        let curves: Vec<DemandCurve> = curves.collect();
        let applications: Vec<Application> = config
            .all_applications()
            .map(|(one, _)| one.clone())
            .collect();
        let (allocation, capacity) = (&config.allocation, config.nodes.capacity.0);
        let nearness = Nearness::of(&latencies);
        let (ways, kinds) = ways(&applications, capacity, &nearness);
        let publishing = |((application, goal), latencies): ((u16, &Goal), _)| Publishing {
            application,
            rules: Arc::new(goal.rules(&config.overlay)),
            goal: goal.clone(),
            latencies,
        };
        Self {
            nearness,
            ways,
            kinds,
            rooms: applications.iter().map(|one| one.room(capacity)).collect(),
            curves,
            overlays: config.goals().zip(publishers).map(publishing).collect(),
            assigned: dealt(applications.len(), config.nodes.count.0, &replicas),
            replicas,
            tracking: allocation
                .tracks()
                .then(|| Arc::new(config.tracking.clone())),
            bin: allocation.bin_s.span(),
            end: end(allocation.duration_s.span()),
            contacts: latencies.iter().map(|nodes| nearest(nodes)).collect(),
            regions,
            latencies,
            applications,
            config,
        }
    }

    /// The overlay of an application, if it has one.
    pub(super) fn overlay(&self, application: u16) -> Option<&Publishing> {
        let place = self.overlay_place(application)?;
        Some(&self.overlays[place])
    }

    /// The publisher of an application, if it has an overlay.
    pub(super) fn publisher(&self, application: u16) -> Option<UnitId> {
        let place = self.overlay_place(application)?;
        Some(publisher(place as u32))
    }

    /// Where among the overlays that of an application is.
    pub(super) fn overlay_place(&self, application: u16) -> Option<usize> {
        let overlays = &self.overlays;
        overlays
            .binary_search_by_key(&application, |overlay| overlay.application)
            .ok()
    }

    /// How much work a node does in a second.
    pub(super) fn capacity(&self) -> f64 {
        self.config.nodes.capacity.0
    }

    /// The population of an application's clients in a region.
    pub(super) fn population(&self, application: u16, region: u32) -> u32 {
        u32::from(application) * self.regions + region
    }

    /// The application of a population.
    pub(super) fn application_of(&self, population: u32) -> u16 {
        (population / self.regions) as u16
    }

    /// The region of a population.
    pub(super) fn region_of(&self, population: u32) -> u32 {
        population % self.regions
    }

    /// The key of what is drawn for a population; the number of regions does not change it.
    pub(super) fn key(&self, population: u32) -> u64 {
        let application = u64::from(self.application_of(population));
        application << 32 | u64::from(self.region_of(population))
    }

    /// How many requests a node takes in.
    pub(super) fn room(&self, application: u16) -> u32 {
        self.rooms[usize::from(application)]
    }

    /// How long nodes serve `requests` requests, on average.
    pub(super) fn serving(&self, application: u16, requests: f64) -> Span {
        let work = self.applications[usize::from(application)].work.0;
        Self::span(requests * work / self.capacity())
    }

    /// How long a node serves the request with this number of a population.
    pub(super) fn service(&self, population: u32, number: u32, streams: RandomStreams) -> Span {
        let application = &self.applications[usize::from(self.application_of(population))];
        let share = match application.service {
            Service::Deterministic => 1.0,
            Service::Exponential => streams.exponential(stream::WORK, self.key(population), number),
        };
        Self::span(application.work.0 * share / self.capacity())
    }

    /// The span of `seconds`; of a century, if that is shorter, so that it can be added to any
    /// instant of a run.
    pub(super) fn span(seconds: f64) -> Span {
        Span::from_ns((seconds.min(SECONDS_MAX) * 1e9) as u64)
    }

    /// A tracker of the demand for node `me`, if the demand is tracked.
    pub(super) fn tracker(&self, me: u32) -> Option<Box<Tracker>> {
        let rules = Arc::clone(self.tracking.as_ref()?);
        let scope = self.config.demand_scope();
        Some(Box::new(Tracker::new(rules, scope, me)))
    }

    /// The nodes to which a population may report, the nearest first; at least one.
    pub(super) fn contacts(&self, population: u32) -> &[u32] {
        &self.contacts[self.region_of(population) as usize]
    }

    /// The latency between a region's gateway and a node.
    pub(super) fn latency(&self, region: u32, node: u32) -> Span {
        self.latencies[region as usize][node as usize]
    }

    /// A node as an instance for a population: its latency, and how many outstanding requests
    /// keep it busy.
    pub(super) fn instance(&self, population: u32, node: u32) -> (u32, Span, u16) {
        let application = self.application_of(population);
        let latency = self.latency(self.region_of(population), node);
        let work = self.applications[usize::from(application)].work.0;
        let rate = self.capacity() / work;
        (node, latency, window(self.room(application), latency, rate))
    }

    /// The rate of each application, from the rate of each population.
    pub(super) fn by_application(&self, rates: &[f64]) -> Vec<f64> {
        let each = rates.chunks(self.regions as usize);
        each.map(|regions| regions.iter().sum()).collect()
    }

    /// How long after the end of the demand a request may still be answered, and an update still
    /// arrive.
    pub(super) fn rest(&self) -> Span {
        let applications = 0..self.applications.len() as u16;
        let answered = applications.map(|application| self.served_within(application));
        let timeouts = self
            .overlays
            .iter()
            .map(|overlay| overlay.rules.timeout_ms.span());
        let arrived = timeouts.map(|timeout| Span::from_ns(timeout.as_ns() * ARRIVED_TIMEOUTS));
        let rest = answered.chain(arrived).max().unwrap_or_default();
        rest + self.ways_there_and_back()
    }

    /// How long a node takes at most to answer a request, besides the trips there and back.
    fn served_within(&self, application: u16) -> Span {
        let one = &self.applications[usize::from(application)];
        let works = SERVED_MAX.0 * f64::from(self.room(application)) + SERVED_MAX.1;
        let served = Self::span(works * one.work.0 / self.capacity());
        one.sla.latency() + served
    }

    fn ways_there_and_back(&self) -> Span {
        let ways = self.latencies.iter().flatten().copied().max();
        Span::from_ns(ways.unwrap_or_default().as_ns() * WAYS)
    }

    /// How long after it was sent the answer to a request of an application is too late wherever it comes from.
    pub(super) fn worthless_after(&self, application: u16) -> Span {
        let one = &self.applications[usize::from(application)];
        one.sla.latency() + self.ways_there_and_back()
    }

    /// How long after its issue a request of an application has been answered at the latest, or is lost.
    pub(super) fn answered_within(&self, application: u16) -> Span {
        self.served_within(application) + self.ways_there_and_back()
    }
}

/// The numbers of the nearest nodes, by (latency, number).
fn nearest(latencies: &[Span]) -> Vec<u32> {
    let mut nodes: Vec<u32> = (0..latencies.len() as u32).collect();
    nodes.sort_by_key(|&node| latencies[node as usize]);
    nodes.truncate(CONTACTS_MAX);
    nodes
}

/// Whom each node serves at the beginning: replicas their application, the others equal shares, dealt like cards, so that
/// each application has nodes everywhere.
fn dealt(applications: usize, nodes: u32, replicas: &Replicas) -> Vec<Option<u16>> {
    let others = (0..nodes).filter(|node| replicas.of(*node).is_none());
    let mut left = divide::equal(applications, others.count() as u32);
    let mut next = 0;
    let mut deal = || {
        let given = (0..applications).map(|i| (next + i) % applications);
        let given = given
            .into_iter()
            .find(|&application| left[application] > 0)?;
        left[given] -= 1;
        next = given + 1;
        Some(given as u16)
    };
    (0..nodes)
        .map(|node| replicas.of(node).or_else(&mut deal))
        .collect()
}

/// The ways of each kind of applications, and of which kind each application is.
fn ways(
    applications: &[Application],
    capacity: f64,
    nearness: &Nearness,
) -> (Vec<DelayFactors>, Vec<usize>) {
    let kind = |one: &Application| (one.work.0.to_bits(), one.service, one.sla.latency());
    let mut first: Vec<&Application> = Vec::new();
    let mut kinds = Vec::new();
    for one in applications {
        let known = first.iter().position(|other| kind(other) == kind(one));
        kinds.push(known.unwrap_or(first.len()));
        if known.is_none() {
            first.push(one);
        }
    }
    let each = first.iter();
    let ways = each.map(|one| nearness.ways(|trip| one.in_time(capacity, trip)));
    (ways.collect(), kinds)
}
