//! Units driven by hand: what one says to one input, without any driver.

mod below;
mod brokers;
mod computers;
mod faults;
mod guests;
mod rest;
mod returning;
mod states;
pub(super) mod two_domains;
mod world;

use std::sync::Arc;

use super::config::Search;
use super::drawn::Drawn;
use super::gbu::Gbu;
use super::gcu::Gcu;
use super::message::{Answer, ArigatoniProtocol, Message, Query, Reminder, Ticket};
use super::policy::Given;
use super::rules::{Borders, Rules, Settling};
use super::table::RoutingTable;
use crate::discovery::config::{self, SilenceTimeout};
use crate::discovery::{
    BrokerUnits, Command, Descriptor, GBU, GCU, Observation, Population, Providers, RequestId,
    RequestOutcome, World, gbu, gcu,
};
use crate::parameters::number::{BoundedCount, Count, Fraction};
use crate::random::RandomStreams;
use crate::time::{Span, Time};
use crate::unit::{Context, Effect, Input, UnitId};

pub(super) const DEMAND: Descriptor = Descriptor(3);
pub(super) const REQUEST: RequestId = RequestId(9);

pub(super) fn rules() -> Rules {
    Rules {
        search: Search::Selective,
        silence_timeout: None,
        heartbeats: None,
        migration: None,
        election: None,
        accounting: None,
        recovery: None,
        retransmission: None,
        is_graph: false,
        borders: Borders::default(),
        settling: Settling::default(),
        delays: false,
        calms: false,
        levels: 1,
        deadline: Span::from_s(600),
        at_least: None,
        instances_each: 1,
        parts: Arc::default(),
        also: Arc::default(),
    }
}

/// Ten computers that offer [`DEMAND`], always agree and have any number of slots.
pub(super) fn given(rules: Rules) -> Given<Drawn> {
    given_slots(None, rules)
}

/// Ten computers that offer [`DEMAND`], always agree and have `slots` slots each.
fn given_slots(slots: Option<u32>, rules: Rules) -> Given<Drawn> {
    let mut population = Population::default();
    for _ in 0..10 {
        population.add(0, [DEMAND.0].into_iter());
    }
    let mut config = config::World {
        gcus_per_broker: config::Population::Fixed(BoundedCount(10)),
        acceptance_probability: Fraction(1.0),
        slots: slots.map(Count),
        ..config::World::default()
    };
    config.services.count = Some(BoundedCount(8));
    let streams = RandomStreams::new(1, 0);
    let world = World::of_one_broker(config, BrokerUnits::Every, population, streams);
    let policy = Drawn {
        world: Arc::new(world),
        neighbours: None,
        brokers_move: false,
        links: None,
        beside: None,
        tunnels: None,
        domains: None,
        trust: None,
        riders: None,
        longest: crate::time::Span::ZERO,
    };
    Given { rules, policy }
}

/// What a unit says at 0.
pub(super) fn effects_of(
    act: impl FnOnce(&mut Context<'_, ArigatoniProtocol>),
) -> Vec<Effect<ArigatoniProtocol>> {
    effects_at(0, gbu(0), act)
}

/// What `me` says at `ms` milliseconds.
pub(super) fn effects_at(
    ms: u64,
    me: UnitId,
    act: impl FnOnce(&mut Context<'_, ArigatoniProtocol>),
) -> Vec<Effect<ArigatoniProtocol>> {
    let mut effects = Vec::new();
    let now = Time::from_ns(ms * 1_000_000);
    act(&mut Context::new(
        now,
        me,
        RandomStreams::new(1, 0),
        &mut effects,
    ));
    effects
}

/// GCU 1 or GBU 0, with what it is given.
struct Hand<U>(U, Given<Drawn>);

impl Hand<Gcu> {
    /// What it says to `input` at `ms` milliseconds.
    fn say(&mut self, ms: u64, input: Input<ArigatoniProtocol>) -> Vec<Effect<ArigatoniProtocol>> {
        effects_at(ms, gcu(1), |context| self.0.handle(&self.1, input, context))
    }
}

impl Hand<Gbu> {
    /// What it says to `input` at `ms` milliseconds.
    fn say(&mut self, ms: u64, input: Input<ArigatoniProtocol>) -> Vec<Effect<ArigatoniProtocol>> {
        effects_at(ms, gbu(0), |context| self.0.handle(&self.1, input, context))
    }
}

fn from(from: UnitId, message: Message) -> Input<ArigatoniProtocol> {
    Input::Message { from, message }
}

pub(super) fn ticket(slot: u32) -> Ticket {
    Ticket(slot)
}

/// A query for `wanted` instances.
pub(super) fn question(wanted: u32, slot: u32) -> Query {
    Query {
        request: REQUEST,
        demand: DEMAND,
        wanted,
        time_left: Span::from_s(600),
        ticket: ticket(slot),
    }
}

fn query(wanted: u32, slot: u32) -> Message {
    Message::Query(question(wanted, slot))
}

fn answer(ticket: Ticket, providers: &[UnitId]) -> Message {
    Message::Answer(Answer {
        request: REQUEST,
        ticket,
        providers: providers.into(),
    })
}

/// What is sent, in order.
pub(super) fn sent(effects: &[Effect<ArigatoniProtocol>]) -> Vec<(UnitId, &Message)> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Send { to, message, .. } => Some((*to, message)),
            _ => None,
        })
        .collect()
}

/// The receivers and tickets of the queries sent, in order.
fn enquiries(effects: &[Effect<ArigatoniProtocol>]) -> Vec<(UnitId, Query)> {
    sent(effects)
        .into_iter()
        .filter_map(|(to, message)| match message {
            Message::Query(query) => Some((to, *query)),
            _ => None,
        })
        .collect()
}
