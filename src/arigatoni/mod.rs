//! Arigatoni: a tree of colonies in which computers find services through their brokers.
//!
//! The units ([`Gcu`], [`Gbu`]) speak the messages of [`message`]. They are put together from
//! the rules of the protocol, each in a module of its own: `membership`, `searching`,
//! `detection`, `heartbeats`, `migration`, `election`, `asking`, `serving`, `matching`. What the protocol leaves to a unit is its
//! [`policy`]. This module makes a discovery system of them. It does *not* know the driver, nor how
//! many runs there are.

mod asking;
mod beside;
mod colony_links;
pub mod config;
mod credentials;
mod crossings;
mod degraded;
mod detection;
mod detours;
mod domains;
mod drawn;
pub mod election;
mod gbu;
mod gcu;
mod guest;
mod heartbeats;
pub mod invariants;
mod link;
mod matching;
mod membership;
mod memberships;
mod memory;
pub mod message;
mod migration;
mod neighbours;
mod offers;
pub mod packet;
pub mod parcel;
pub mod policy;
mod pooled;
pub mod relayed;
mod riders;
mod round_trips;
mod rules;
mod searching;
mod serving;
mod sizes;
mod states;
pub mod suspicions;
mod table;
#[cfg(test)]
mod tests;
mod theory;
mod trusting;
mod tunnelling;
mod tunnels;
mod ways_back;
pub mod wire;

use std::sync::Arc;

use config::{Own, Start};
use membership::{Membership, direct};
use message::{ArigatoniProtocol, Message};
use neighbours::Neighbours;
use policy::{Given, Policy};
use table::RoutingTable;

use crate::discovery::theory::Reach;
use crate::discovery::{
    self, BrokerUnits, Brokers, Confirms, CrossingView, Crossings, Discovery, Features, InputOf,
    Mechanism, Memberships, RequestId, World, gbu, gcu,
};
use crate::error::{Error, Result};
use crate::system::{Expected, Procedure, Underlay, Violation};
use crate::time::Span;
use crate::unit::UnitId;

pub use drawn::Drawn;
pub use gbu::Gbu;
pub use gcu::Gcu;
pub use heartbeats::Heartbeats;
pub use migration::Migration;
pub use riders::Accounting;
pub use rules::Rules;

/// What a unit may see and say.
type Context<'a> = crate::unit::Context<'a, ArigatoniProtocol>;

/// The system, to be run.
pub type Arigatoni = Discovery<Colonies>;
/// Everything that a run of it needs besides the underlay, the seed and the replication.
pub type Config = discovery::Config<Own>;

/// The mechanism: brokers lead colonies of computers and of other brokers.
#[derive(Debug, Clone)]
pub struct Colonies {
    own: Own,
    given: Given<Drawn>,
}

impl Colonies {
    fn world(&self) -> &World {
        &self.given.policy.world
    }

    /// The leaders of the requester of the query `request` and of the computer `provider`.
    fn colonies(&self, request: RequestId, provider: u32) -> [u32; 2] {
        let world = self.world();
        let number = world.number_of(request) as usize;
        [world.requests[number].computer, provider].map(|id| world.colony_of(id))
    }

    fn empty_table(&self) -> RoutingTable {
        RoutingTable::of(&self.world().matching)
    }

    /// The broker called `id`, with its colony's `table`.
    fn leading(&self, id: u32, table: RoutingTable) -> Gbu {
        let policy = &self.given.policy;
        let mut broker = Gbu::new(policy.home(gbu(id)), table);
        if self.given.rules.is_graph {
            broker = broker.linked_to(policy.linked(gbu(id)));
        }
        match policy.tunnel(gbu(id)) {
            Some(tunnel) if tunnel.besides => broker.besides(tunnel.leader, tunnel.at_first),
            _ => broker,
        }
    }

    /// The leader of the computer called `id` as a run begins.
    fn leader(&self, id: u32) -> UnitId {
        let place = || gbu(self.world().colony_of(id));
        self.given.policy.home(gcu(id)).unwrap_or_else(place)
    }
}

impl Mechanism for Colonies {
    type Protocol = ArigatoniProtocol;
    type Config = Own;
    type Computer = Gcu;
    type Broker = Gbu;
    type Observed = ();

    const NAME: &'static str = "arigatoni";
    const ABOUT: &'static str =
        "The Arigatoni overlay network: colonies of computers (GCUs) led by brokers (GBUs).";
    const BROKERS: BrokerUnits = BrokerUnits::Every;
    const CONJUNCTIONS: bool = true;
    const MESSAGES: &'static str = "queries, answers, releases, starts";
    const PROCEDURE: Procedure = Procedure {
        from: "a complete overlay in which every unit is registered; then units that are disconnected, or \
        down at first, leave it at one instant",
        ..discovery::PROCEDURE
    };

    fn memory(underlay: &Underlay, config: &Config, brokers: &Brokers) -> Vec<(&'static str, f64)> {
        memory::of(underlay, config, brokers)
    }

    fn new(world: &Arc<World>, own: &Own) -> Self {
        let rules = Rules::new(world, own);
        let policy = Drawn {
            world: Arc::clone(world),
            brokers_move: rules.moves(),
            neighbours: own
                .migration
                .as_ref()
                .map(|migrate| Arc::new(Neighbours::new(migrate))),
            links: None,
            beside: None,
            tunnels: None,
            domains: None,
            trust: None,
            riders: drawn::riders(world, own),
            longest: Span::ZERO,
        };
        Self {
            own: own.clone(),
            given: Given { rules, policy },
        }
    }

    fn notes(config: &Config) -> Vec<String> {
        config::effects::notes(&config.own, &config.world)
    }

    fn remarks(&self) -> Vec<String> {
        config::effects::remarks(&self.own, &self.given.rules, self.world())
    }

    fn computer(&self, id: u32) -> Gcu {
        Gcu::new(self.leader(id)).with(self.given.policy.tunnel(gcu(id)))
    }

    fn broker(&self, id: u32) -> Gbu {
        self.leading(id, self.empty_table())
    }

    fn forget_computer(&self, id: u32, computer: &mut Gcu) {
        computer.restart(self.leader(id));
    }

    fn forget_broker(&self, id: u32, broker: &mut Gbu) {
        let membership = match self.given.policy.home(gbu(id)) {
            Some(home) if self.given.rules.moves() => Membership::Orphan(home),
            home => Membership::of(home),
        };
        broker.restart(membership, self.given.policy.linked(gbu(id)));
    }

    fn expect(&mut self, network: &Expected) {
        if network.losses {
            self.given.rules.make_reliable(&self.own);
        }
        self.given.rules.delays |= network.delays;
        self.given.rules.calms |= network.calm.is_some();
    }

    fn patience(&self) -> Option<Span> {
        self.given.rules.patience()
    }

    fn watches(&self) -> Option<Span> {
        self.given.rules.healing()
    }

    fn quiet(&self) -> Option<Span> {
        self.given.rules.quiet()
    }

    fn watches_from(&self, unit: UnitId) -> Span {
        let every = self.given.rules.heartbeats.map(|it| it.every);
        every.map_or(Span::ZERO, |every| {
            self.given.policy.watches_from(unit, every)
        })
    }

    fn check(underlay: &Underlay, config: &Config) -> Result<()> {
        crossings::check_scenario(underlay, config)
    }

    fn fit(&mut self, underlay: &Underlay) -> Result<()> {
        let world = Arc::clone(&self.given.policy.world);
        if self.own.crosses_domains() || world.crossings != Crossings::default() {
            self.cross_domains(&world, underlay)?;
        }
        self.fit_late(underlay, Span::ZERO)?;
        self.given.policy.longest = round_trips::longest_of_members(&self.given, underlay);
        let neighbours = self.given.policy.neighbours.as_mut();
        neighbours.map_or(Ok(()), |all| Arc::make_mut(all).look(&world, underlay))
    }

    fn fit_late(&self, underlay: &Underlay, late: Span) -> Result<()> {
        round_trips::check(&self.given, late, underlay)
    }

    fn late_note(own: &Own) -> Option<&'static str> {
        own.detection.as_ref().map(|_| round_trips::LATE_NOTE)
    }

    fn entries(&self, broker: &Gbu) -> Option<u64> {
        Some(broker.table().len() as u64)
    }

    fn overdue(&self, gcus: &[Gcu], gbus: &[Gbu]) -> Error {
        let registered = gcus
            .iter()
            .filter(|gcu| gcu.membership.is_settled())
            .count()
            + gbus
                .iter()
                .filter(|gbu| gbu.membership.is_settled())
                .count();
        // The root is nobody's member.
        let all = gcus.len() + gbus.len() - 1;
        rules::overdue(self.patience().unwrap_or_default(), registered, all)
    }

    fn brokers(&self, world: &World) -> Vec<Gbu> {
        let tables = match self.own.start {
            Start::Direct => direct::tables(&world.brokers, &world.population, &self.given.policy),
            Start::Messages => vec![self.empty_table(); world.brokers.list().len()],
        };
        let all = (0..).zip(tables);
        all.map(|(id, table)| self.leading(id, table)).collect()
    }

    fn registers(&self) -> bool {
        self.own.start == Start::Messages
    }

    #[inline]
    fn computer_handles(
        &self,
        computer: &mut Gcu,
        input: InputOf<Self>,
        context: &mut Context<'_>,
    ) {
        computer.handle(&self.given, input, context);
    }

    #[inline]
    fn broker_handles(&self, broker: &mut Gbu, input: InputOf<Self>, context: &mut Context<'_>) {
        broker.handle(&self.given, input, context);
    }

    #[inline]
    fn request_of(message: &Message) -> Option<RequestId> {
        message.request()
    }

    #[inline]
    fn is_query(message: &Message) -> bool {
        matches!(message, Message::Query(_))
    }

    fn is_update(message: &Message) -> bool {
        match message {
            Message::Packet(packet) => !packet.again && Self::is_update(&packet.message),
            Message::Tunnelled(relayed) => Self::is_update(&relayed.message),
            message => matches!(message, Message::Update { .. }),
        }
    }

    fn is_of_election(message: &Message) -> bool {
        message.is_of_election()
    }

    fn confirms(message: &Message) -> Confirms {
        message.confirms()
    }

    fn features(&self) -> Features {
        let Given { rules, policy } = &self.given;
        let borders = &rules.borders;
        Features {
            changes_leaders: rules.changes_leaders() || borders.tunnels,
            tells_ways: rules.tells_ways(),
            elects: rules.election.is_some(),
            heals: rules.heals(),
            // The observer cannot follow tunnels, nor units that are logged out.
            is_seen_to_heal: !borders.tunnels && self.own.free_riders.is_none(),
            trusts: borders.check.is_some(),
            knows_domains: policy.domains.is_some(),
            links: policy.links.is_some(),
            tunnels: policy.tunnels.is_some(),
        }
    }

    fn crossings(&self) -> &dyn CrossingView {
        self
    }

    fn rides(&self, computer: u32) -> Option<bool> {
        Some(self.given.policy.riders.as_ref()?[computer as usize])
    }

    fn describe(&self) -> Vec<(&'static str, serde_json::Value)> {
        self.described_crossings()
    }

    fn colony_of(&self, computer: u32) -> Option<u32> {
        Some(self.leader(computer).index())
    }

    fn hops(&self, (): &(), request: RequestId, provider: u32) -> Option<u32> {
        let [requester, provider] = self.colonies(request, provider);
        // Both GCU–leader edges, and the way between the leaders.
        Some(2 + self.world().brokers.distance(requester, provider))
    }

    fn level(&self, request: RequestId, provider: u32) -> Option<u32> {
        let [one, other] = self.colonies(request, provider);
        Some(self.world().brokers.levels_up(one, other))
    }

    fn membership(&self, gcus: &[Gcu], gbus: &[Gbu]) -> Option<Memberships> {
        Some(memberships::of(gcus, gbus, !self.given.rules.suspects()))
    }

    fn theory(&self, loss: f64) -> Option<Box<dyn Reach + '_>> {
        theory::of(self, loss)
    }

    fn expects(&self, end: Span, loss: f64) -> Vec<(&'static str, f64)> {
        theory::suspicions(self, end, loss).into_iter().collect()
    }

    fn beyond_theory(config: &Config, loss: f64) -> Option<Vec<&'static str>> {
        Some(theory::beyond(config, loss))
    }

    fn violations(
        &self,
        gcus: &[Gcu],
        gbus: &[Gbu],
        lives: &dyn Fn(UnitId) -> bool,
    ) -> Vec<Violation> {
        invariants::violated(&self.given, (gcus, gbus), lives)
    }
}
