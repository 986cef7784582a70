//! The policy of simulated units: all that they decide by themselves is drawn.
//!
//! It does *not* know the protocol.

use std::collections::{BTreeMap, BTreeSet};
use std::iter;
use std::sync::Arc;

use crate::arigatoni::beside::Beside;
use crate::arigatoni::colony_links::Links;
use crate::arigatoni::config::Own;
use crate::arigatoni::credentials::Credentials;
use crate::arigatoni::domains::Domains;
use crate::arigatoni::election::Term;
use crate::arigatoni::message::Query;
use crate::arigatoni::neighbours::{self, Neighbours};
use crate::arigatoni::policy::{Policy, Tunnel};
use crate::arigatoni::tunnels::Tunnels;
use crate::discovery::{
    CredentialStatus, Descriptor, GCU, Matching, RequestId, TunnelOf, World, gcu,
};
use crate::random::StreamId;
use crate::time::Span;
use crate::unit::UnitId;

/// A subcolony's place in its super-broker's order of enquiry; by GBU and request.
const SUBCOLONY_ORDER: StreamId = StreamId(34);

/// When a leader sends its first heartbeat; by GBU.
const FIRST_HEARTBEAT: StreamId = StreamId(35);

/// How long a candidate waits before it asks for votes; by candidate and leader, and by the term.
const CANDIDACY: StreamId = StreamId(38);

/// A computer's place in the order in which computers are free riders; by GCU.
const RIDER: StreamId = StreamId(50);

/// Whether each computer is a free rider, if there can be any.
pub(super) fn riders(world: &World, own: &Own) -> Option<Arc<[bool]>> {
    let share = own.free_riders.as_ref()?.share.0;
    Some(Arc::from(world.draw_share(RIDER, share)))
}

/// Decisions that are pure functions of what is decided.
#[derive(Debug, Clone)]
pub struct Drawn {
    /// The population, and which computers agree.
    pub world: Arc<World>,
    /// Where units go that have lost their leader, if they go anywhere.
    pub(super) neighbours: Option<Arc<Neighbours>>,
    /// Whether brokers get other super-brokers than they had at first.
    pub(super) brokers_move: bool,
    /// Which colonies are linked, if any are.
    pub(super) links: Option<Arc<Links>>,
    /// Whom brokers ask besides, in a graph.
    pub(super) beside: Option<Arc<Beside>>,
    /// In which domain brokers are, where something crosses domains.
    pub(super) domains: Option<Arc<Domains>>,
    /// The computers' credentials, where they are checked.
    pub(super) trust: Option<Arc<Credentials>>,
    /// The tunnels, if there are any.
    pub(super) tunnels: Option<Arc<Tunnels>>,
    /// Whether each computer is a free rider, if there can be any.
    pub(super) riders: Option<Arc<[bool]>>,
    /// The longest round trip between a member and its leader, where there are heartbeats.
    pub(super) longest: Span,
}

impl Drawn {
    /// Whether the computer `me`, which is able and has room, is willing to serve `request`.
    #[inline]
    pub(super) fn is_willing(&self, me: UnitId, request: RequestId) -> bool {
        let rides = |riders: &Arc<[bool]>| riders[me.index() as usize];
        !self.riders.as_ref().is_some_and(rides) && self.world.agrees(me.index(), request)
    }

    /// How long after the beginning of the request phase `unit` begins to watch others, if heartbeats are sent
    /// once in `every`. Leaders do not all send theirs at once.
    pub(super) fn watches_from(&self, unit: UnitId, every: Span) -> Span {
        if unit.kind() == GCU {
            return Span::ZERO;
        }
        let range = [Span::ZERO, every];
        let entity = unit.index().into();
        self.world.streams.span(FIRST_HEARTBEAT, entity, 0, range)
    }

    /// The tunnel of `unit`, if it has one.
    pub(super) fn tunnel_of(&self, unit: UnitId) -> Option<TunnelOf> {
        let Tunnel {
            leader,
            friend,
            besides,
            at_first,
        } = self.tunnel(unit)?;
        Some(TunnelOf {
            leader,
            friend,
            besides,
            at_first,
        })
    }

    /// Whether `unit` is a member of the colony of `leader` besides its own: it does not become one in two ways.
    pub(super) fn is_besides(&self, unit: UnitId, leader: UnitId) -> bool {
        let tunnel = self.tunnel(unit);
        tunnel.is_some_and(|it| it.besides && it.leader == leader)
    }
}

impl Policy for Drawn {
    type Matcher = Matching;

    #[inline]
    fn matcher(&self) -> &Matching {
        &self.world.matching
    }

    fn offers(&self, me: UnitId, changes: u32) -> impl Iterator<Item = Descriptor> {
        self.world.offers_after(me.index(), changes)
    }

    #[inline]
    fn slots(&self, me: UnitId) -> Option<u32> {
        self.world.slots_of(me.index())
    }

    fn service_time(&self, computer: UnitId) -> Span {
        self.world.service_time_of(computer.index())
    }

    #[inline]
    fn agrees(&self, me: UnitId, query: &Query) -> bool {
        self.is_willing(me, query.request)
    }

    fn home(&self, me: UnitId) -> Option<UnitId> {
        match self.tunnel(me) {
            Some(tunnel) if !tunnel.besides => Some(tunnel.leader),
            _ => neighbours::home(&self.world, me),
        }
    }

    fn elsewhere(&self, units: (UnitId, UnitId), attempt: u32) -> Option<UnitId> {
        let neighbours = self.neighbours.as_ref()?;
        let other = neighbours.of(&self.world, units, attempt);
        other.filter(|other| !self.is_besides(units.0, *other))
    }

    fn migrates(&self) -> bool {
        let neighbours = self.neighbours.as_ref();
        neighbours.is_some_and(|neighbours| neighbours.lead_anywhere())
    }

    fn any(&self, me: UnitId, place: u32) -> Option<UnitId> {
        let other = neighbours::any(&self.world, me, place);
        other.filter(|other| !self.is_besides(me, *other))
    }

    fn first_above(&self, me: UnitId) -> impl Iterator<Item = UnitId> {
        let parent = |&broker: &UnitId| neighbours::home(&self.world, broker);
        iter::successors(self.home(me), parent)
    }

    fn another(&self, units: (UnitId, UnitId), within_domain: bool) -> Option<UnitId> {
        let other = if within_domain {
            let own = self.domain(units.0);
            let domains = self.domains.as_ref()?;
            let near = || domains.members_of(own);
            let at = |place: u32| near().nth(place as usize).expect("so many are near");
            neighbours::anyone(&self.world, units, 0, (near().count() as u32, at))
        } else {
            let count = self.world.brokers.list().len() as u32;
            neighbours::anyone(&self.world, units, 0, (count, |place| place))
        };
        other.filter(|other| !self.is_besides(units.0, *other))
    }

    fn linked(&self, me: UnitId) -> &[UnitId] {
        let beside = self.beside.as_ref();
        beside.map_or(&[], |beside| beside.at_first(me))
    }

    fn leads_on(&self, broker: UnitId) -> bool {
        // Where brokers move, who is below whom is not known.
        self.beside
            .as_ref()
            .is_some_and(|beside| self.brokers_move || beside.leads_on(broker))
    }

    fn tunnel(&self, unit: UnitId) -> Option<Tunnel> {
        self.tunnels.as_ref()?.of(unit)
    }

    fn guests(&self, leader: UnitId) -> &[UnitId] {
        let tunnels = self.tunnels.as_ref();
        tunnels.map_or(&[], |tunnels| tunnels.guests(leader))
    }

    fn settlers(&self) -> BTreeMap<UnitId, Vec<UnitId>> {
        let mut settlers: BTreeMap<UnitId, Vec<UnitId>> = BTreeMap::new();
        for (unit, leader) in &self.world.settled {
            settlers.entry(*leader).or_default().push(*unit);
        }
        settlers
    }

    fn is_settled(&self, unit: UnitId) -> bool {
        self.world.settled.contains_key(&unit)
    }

    fn relayed(&self, friend: UnitId) -> &[UnitId] {
        let tunnels = self.tunnels.as_ref();
        tunnels.map_or(&[], |tunnels| tunnels.relayed(friend))
    }

    fn domain(&self, unit: UnitId) -> Option<u32> {
        let broker = if unit.kind() == GCU {
            self.world.population.computer(unit.index()).broker
        } else {
            unit.index()
        };
        self.domains.as_ref()?.of_broker(broker)
    }

    fn requester(&self, request: RequestId) -> UnitId {
        let number = self.world.number_of(request);
        gcu(self.world.requests[number as usize].computer)
    }

    fn credential(&self, computer: UnitId, revoked: &BTreeSet<UnitId>) -> CredentialStatus {
        let trust = self.trust.as_ref();
        trust.map_or(CredentialStatus::Valid, |all| {
            all.status(computer.index(), || revoked.contains(&computer))
        })
    }

    fn candidacy(&self, me: UnitId, term: Term, range: [Span; 2]) -> Span {
        let entity = u64::from(me.as_bits()) << 32 | u64::from(term.leader.as_bits());
        // A list is voted by some ten times at most.
        let index = term.roster.wrapping_mul(64).wrapping_add(term.round);
        self.world.streams.span(CANDIDACY, entity, index, range)
    }

    #[inline]
    fn rank(&self, peer: UnitId, request: RequestId) -> u64 {
        if peer.kind() == GCU {
            self.world.rank(peer.index(), request)
        } else {
            let entity = peer.index().into();
            self.world.streams.bits(SUBCOLONY_ORDER, entity, request.0)
        }
    }
}
