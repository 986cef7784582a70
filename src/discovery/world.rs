//! The world of one replication: who is there and what they offer, who asks for what and when, who
//! is disconnected, and who agrees.
//!
//! All of it is drawn by key, so two mechanisms meet the same world. It does *not* know how a request
//! is answered.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use super::config;
use super::matching::{Descriptor, Matching, SameService};
use super::overlay::Crossings;
use super::parts::{self, Part};
use super::request::{GCU, RequestId, gbu, gcu};
use super::scripted::{self, Scripted};
use super::workload::{self, Popular, Request};
use super::{
    Broker, BrokerUnits, Brokers, Catalogue, Computer, Population, faults, overlay, sessions,
    stream,
};
use crate::error::{Error, Result};
use crate::parameters::Problem;
use crate::random::{RandomStreams, StreamId};
use crate::system::{Site, Underlay};
use crate::time::Span;
use crate::unit::UnitId;

use smallvec::SmallVec;

/// What all mechanisms have in common in one replication.
#[derive(Debug)]
pub struct World {
    /// The parameters from which it was made.
    pub config: config::World,
    /// Where computers are: each one belongs to a broker, and sits near the broker's router.
    pub brokers: Brokers,
    /// Which of the brokers are units.
    pub broker_units: BrokerUnits,
    /// The computers, and what each offers.
    pub population: Population,
    /// Which offers can serve which requests.
    pub matching: Matching,
    /// The requests, by number.
    pub requests: Box<[Request]>,
    /// The parts of every request, if it has several that are searched side by side; else none.
    pub parts: Arc<[Part]>,
    /// What a computer must serve besides what a request asks for, if one computer must serve all parts.
    pub also: Arc<[Descriptor]>,
    /// Units that `disconnection` takes off at time 0 of the request phase, or before, for good.
    pub disconnected: BTreeSet<UnitId>,
    /// Units with sessions or failures, or of a script, that are down at time 0 of the request phase; they come later.
    /// Ascending; none of them is in `disconnected`.
    pub absent: Vec<UnitId>,
    /// What a script of rules does to units in the request phase, ascending by (span, unit).
    pub(crate) scripted: Arc<[Scripted]>,
    /// The computers that begin with another leader than that of their place, by rules.
    pub(crate) settled: BTreeMap<UnitId, UnitId>,
    /// What is beside the tree by rules.
    pub(crate) crossings: Crossings,
    /// The draws of the run.
    pub streams: RandomStreams,
    /// Units that begin with another leader than that of their place, once the mechanism has said so.
    pub moved: OnceLock<BTreeMap<UnitId, UnitId>>,
}

/// What "able" means where these services are offered and asked for.
fn matching(config: &config::World, streams: RandomStreams) -> Result<Matching> {
    let Some(constraints) = &config.services.constraints else {
        let services = config.services.kinds();
        return Ok(Matching::Services(SameService { services }));
    };
    let parts = config.constraints_of_parts().map_err(Problem::error)?;
    let catalogue = Catalogue::new(constraints, parts, streams);
    let catalogue = catalogue.map_err(Problem::error)?;
    Ok(Matching::Constraints(Arc::new(catalogue)))
}

impl World {
    /// Draws it.
    ///
    /// # Errors
    /// If the brokers do not fit `underlay`, or `config` is not valid.
    pub fn draw(
        underlay: &Underlay,
        config: &config::World,
        broker_units: BrokerUnits,
        streams: RandomStreams,
    ) -> Result<Self> {
        let brokers = Brokers::place(underlay, &config.brokers)?;
        let matching = matching(config, streams)?;
        let count = brokers.list().len() as u32;
        let population = Population::draw(config, &matching, count, streams);
        let arrivals = config.requests.arrivals("/system/*/requests");
        let arrivals = arrivals.map_err(|problem| Error::new(problem.what).at(problem.pointer))?;
        let demands = config.demands(&matching).map_err(Problem::error)?;
        let popular = match demands.first() {
            Some(demand) => Popular::Always(*demand),
            None => Popular::new((&config.services, &matching)),
        };
        let requests = workload::requests(&arrivals, &population, &popular, streams);
        let also = demands.get(1..).filter(|_| config.requests.same);
        let mut world = Self {
            requests: requests.into(),
            parts: parts::of(&config.requests, &demands).into(),
            also: also.unwrap_or_default().into(),
            ..Self::calm(
                config.clone(),
                (brokers, broker_units),
                (population, matching),
                streams,
            )
        };
        let mut absent = BTreeSet::new();
        if let Some(overlay) = &config.overlay {
            let by_rules = overlay::by_rules(&world, underlay, overlay)?;
            (world.disconnected, absent) = (by_rules.disconnected, by_rules.absent);
            world.scripted = by_rules.scripted.into();
            let arrangement = by_rules.arrangement;
            (world.settled, world.crossings) = (arrangement.settled, arrangement.crossings);
            world.brokers = arrangement.brokers.unwrap_or(world.brokers);
        } else {
            world.disconnected = world.draw_disconnected();
        }
        sessions::check_trace(&world)?;
        faults::check(&world)?;
        absent.extend(faults::down_at_start(&world));
        absent.extend(sessions::absent_at_start(&world));
        world.absent = absent.into_iter().collect();
        Ok(world)
    }

    /// Where nobody asks for anything, or comes or goes.
    fn calm(
        config: config::World,
        (brokers, broker_units): (Brokers, BrokerUnits),
        (population, matching): (Population, Matching),
        streams: RandomStreams,
    ) -> Self {
        Self {
            config,
            brokers,
            broker_units,
            population,
            matching,
            requests: Box::default(),
            parts: Arc::default(),
            also: Arc::default(),
            disconnected: BTreeSet::new(),
            absent: Vec::new(),
            scripted: Arc::default(),
            settled: BTreeMap::new(),
            crossings: Crossings::default(),
            streams,
            moved: OnceLock::new(),
        }
    }

    /// The brokers that are units, by number.
    pub fn gbus(&self) -> &[Broker] {
        self.broker_units.of(&self.brokers)
    }

    /// Every unit: computers, then brokers.
    pub fn units(&self) -> impl Iterator<Item = UnitId> + use<> {
        let gcus = (0..self.population.len()).map(gcu);
        gcus.chain((0..self.gbus().len() as u32).map(gbu))
    }

    /// The leader of `unit` in the complete overlay, if it has one.
    pub(super) fn first_leader(&self, unit: UnitId) -> Option<UnitId> {
        if let Some(leader) = self.moved.get().and_then(|moved| moved.get(&unit)) {
            return Some(*leader);
        }
        if let Some(leader) = self.settled.get(&unit) {
            return Some(*leader);
        }
        let leader = if unit.kind() == GCU {
            self.population.computer(unit.index()).broker
        } else {
            self.gbus()[unit.index() as usize].parent?
        };
        match self.broker_units {
            BrokerUnits::Every => Some(gbu(leader)),
            BrokerUnits::Root => Some(gbu(0)),
            BrokerUnits::None => None,
        }
    }

    /// The number of the leader of the computer called `id` as a run begins, if nothing but rules lets it begin elsewhere than at
    /// its place.
    pub(crate) fn colony_of(&self, id: u32) -> u32 {
        let settled = self.settled.get(&gcu(id));
        settled.map_or_else(|| self.population.computer(id).broker, |it| it.index())
    }

    /// Whether computers, and whether brokers, are told to go to other leaders while requests run.
    pub(crate) fn settles(&self) -> [bool; 2] {
        scripted::settles(&self.scripted)
    }

    /// Whether a script has `unit` logged out by force while requests run.
    pub(crate) fn is_expelled(&self, unit: UnitId) -> bool {
        scripted::is_expelled(&self.scripted, unit)
    }

    /// These units begin with other leaders than those of their places. To be said once, before anything is asked.
    pub(crate) fn move_to(&self, leaders: BTreeMap<UnitId, UnitId>) {
        self.moved.get_or_init(|| leaders);
    }

    /// Every unit with its place on the underlay.
    pub fn sites(&self) -> impl Iterator<Item = (UnitId, Site)> {
        let computers = self.population.computers().zip(0..);
        let gcus = computers.map(|(computer, id)| {
            let router = self.brokers.list()[computer.broker as usize].router;
            let access = Some(self.access(computer));
            (gcu(id), Site { router, access })
        });
        let gbus = self.gbus().iter().zip(0..).map(|(broker, id)| {
            let (router, access) = (broker.router, None);
            (gbu(id), Site { router, access })
        });
        gcus.chain(gbus)
    }

    /// When the last request is issued, from the beginning of the request phase.
    pub fn last_issue(&self) -> Span {
        let issued = self.requests.iter().map(|request| request.after).max();
        issued.unwrap_or_default()
    }

    /// Until when a request can be open or served, from the beginning of the request phase.
    pub fn last(&self) -> Span {
        self.last_issue().saturating_add(self.config.after_issue())
    }

    /// The latency of `computer`'s access link. Drawn whenever it is asked for: only the network
    /// needs it at hand.
    pub fn access(&self, computer: Computer) -> Span {
        let range = self.config.access(self.class(computer));
        self.streams
            .span(stream::ACCESS, computer.entity(), 0, range)
    }

    /// The class of `computer`, if there are any.
    #[inline]
    pub fn class(&self, computer: Computer) -> Option<&config::Class> {
        let number = self.class_number(computer)?;
        Some(&self.config.classes[number])
    }

    /// The number of the class of `computer`, if there are any. Drawn whenever it is asked for: it takes no
    /// memory.
    #[inline]
    pub(super) fn class_number(&self, computer: Computer) -> Option<usize> {
        if self.config.classes.is_empty() {
            return None;
        }
        let draw = self.streams.unit(stream::CLASS, computer.entity(), 0);
        self.config.drawn_class(draw)
    }

    /// The class of the computer called `id`.
    #[inline]
    fn class_of(&self, id: u32) -> Option<&config::Class> {
        if self.config.classes.is_empty() {
            return None;
        }
        self.class(self.population.computer(id))
    }

    /// How many agreements the computer called `id` holds at once; `None`: any number.
    #[inline]
    pub fn slots_of(&self, id: u32) -> Option<u32> {
        let slots = self.config.slots(self.class_of(id));
        slots.map(|slots| slots / self.config.requests.slots_each())
    }

    /// The number of the request to which `query` belongs.
    #[inline]
    pub fn number_of(&self, query: RequestId) -> u32 {
        parts::number_of(query, &self.parts)
    }

    /// The first query of the request with this number.
    #[inline]
    pub fn query_of(&self, number: u32) -> RequestId {
        RequestId(number * self.parts.len().max(1) as u32)
    }

    /// What the parts of a request ask for, if it is `issued`: one thing, if nothing is said of parts.
    pub fn demands_of(&self, issued: &Request) -> SmallVec<[Descriptor; 4]> {
        let first = std::iter::once(issued.service);
        let others = self.parts.iter().skip(1).map(|part| part.demand);
        first
            .chain(others)
            .chain(self.also.iter().copied())
            .collect()
    }

    /// How long the computer called `id` serves a request, from the arrival of the start message.
    pub fn service_time_of(&self, id: u32) -> Span {
        self.config.service_time(self.class_of(id))
    }

    /// Whether the computer called `id`, which is able and has room, is willing to serve `request`.
    #[inline]
    pub fn agrees(&self, id: u32, request: RequestId) -> bool {
        let computer = self.population.computer(id);
        let draw = self
            .streams
            .unit(stream::AGREE, computer.entity(), request.0);
        draw < self.config.acceptance_probability(self.class(computer))
    }

    /// The place of the computer called `id` in the random order in which computers are asked for
    /// `request`: the lowest first, equals by their ids.
    #[inline]
    pub fn rank(&self, id: u32, request: RequestId) -> u64 {
        let entity = self.population.computer(id).entity();
        self.streams.bits(stream::COMPUTER_ORDER, entity, request.0)
    }

    /// So large a share of `n`, rounded, half away from zero.
    pub(crate) fn share(share: f64, n: usize) -> usize {
        workload::share(share, n)
    }

    /// Whether each computer is among so large a share of all (rounded, half away from zero), in the order of one
    /// draw for each: those of a smaller share are among those of a larger one.
    pub fn draw_share(&self, stream: StreamId, share: f64) -> Vec<bool> {
        let computers = self.population.computers().zip(0..);
        let mut order: Vec<(u64, usize)> = computers
            .map(|(computer, id)| (self.streams.bits(stream, computer.entity(), 0), id))
            .collect();
        order.sort_unstable();
        let mut among = vec![false; order.len()];
        for (_, id) in &order[..Self::share(share, order.len())] {
            among[*id] = true;
        }
        among
    }

    fn draw_disconnected(&self) -> BTreeSet<UnitId> {
        let gbus = self.gbus();
        let brokers = gbus.len() as u32;
        if self.config.disconnection.mode == config::DisconnectionMode::Sessions {
            return BTreeSet::new();
        }
        // A root has nobody to unregister from, but it can crash.
        let unregister = self.config.disconnection.mode == config::DisconnectionMode::Unregister;
        let root = gbus.iter().position(|broker| broker.parent.is_none());
        let spared = root.filter(|_| unregister).map(|root| root as u32);
        let (disconnection, population) = (&self.config.disconnection, &self.population);
        workload::disconnected(disconnection, population, brokers, spared, self.streams)
    }
}

#[cfg(test)]
impl World {
    /// The world of `population`, which belongs to one broker, without any requests.
    pub(crate) fn of_one_broker(
        config: config::World,
        broker_units: BrokerUnits,
        population: Population,
        streams: RandomStreams,
    ) -> Self {
        let services = config.services.kinds();
        let matching = Matching::Services(SameService { services });
        let brokers = Brokers::from_parents(&[(crate::topology::RouterId(0), None)]);
        let (brokers, offers) = ((brokers, broker_units), (population, matching));
        Self::calm(config, brokers, offers, streams)
    }
}
