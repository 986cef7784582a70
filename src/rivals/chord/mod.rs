//! Chord: computers on a ring, each with fingers to others at exponentially growing distances (Stoica,
//! Morris, Karger, Kaashoek, Balakrishnan 2001).
//!
//! The list of a service's providers lies at the successor of the service's hash and at the next ones. A
//! look-up goes to the closest preceding finger until it is at the key's predecessor, who tells the
//! requester the holders; the requester reads the list from one of them.
//!
//! Without maintenance the ring is that of the computers that have not left when requests begin, and nothing is
//! repaired; whoever leaves later is silent until it comes back. This module
//! does *not* know what becomes of those that are listed.

mod building;
pub mod config;
mod joining;
pub mod listing;
mod maintenance;
pub mod message;
pub mod peer;
mod publishing;
pub mod ring;
mod routing;
pub mod telling;
mod theory;
mod upkeep;
mod writing;

use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) use building::{lists, members};
use config::Own;
use message::Ringed;
use peer::{Attempt, Awaited, Peer, Search, Sent};
use ring::Ring;

use super::check;
use super::finder::Finder;
use super::given::Given;
use super::message::{Context, Message, Wanted};
use super::node::Node;
use super::rival::Rival;
use super::sought::Sought;
use crate::discovery::config::Config;
use crate::discovery::theory::{Reach, beyond_loss};
use crate::discovery::{Descriptor, Discovery, Finds, World};
use crate::error::Result;
use crate::parameters::number::SmallCount;
use crate::system::{Export, Underlay};
use crate::time::Span;
use crate::unit::UnitId;

/// A ring of computers.
#[derive(Debug, Clone)]
pub struct Chord {
    own: Own,
    world: Arc<World>,
    ring: Arc<Ring>,
    /// The computers that offer each service, ascending.
    providers: Arc<[Box<[u32]>]>,
    /// Which services' lists each computer holds as the ring is built, where it is maintained.
    held: Arc<BTreeMap<u32, Vec<Descriptor>>>,
}

impl Finder for Chord {
    type Said = Ringed;
    type Config = Own;
    type Computer = Peer;
    type Broker = ();
    type Search = Search;

    const NAME: &'static str = "chord";
    const TELLS: bool = false;
    const CONSTRAINTS: Finds = Finds::Equal;
    const ABOUT: &'static str = "Chord: a ring of computers (GCUs) that holds the list of a service's providers at its hash.";

    fn exports() -> Vec<Export<Discovery<Rival<Self>>>> {
        writing::exports()
    }

    fn check(underlay: &Underlay, config: &Config<Own>) -> Result<()> {
        let SmallCount(replicas) = config.own.replicas;
        check::at_most_all(underlay, &config.world, ("replicas", replicas))
    }

    fn memory(config: &Config<Own>, computers: f64) -> Vec<(&'static str, f64)> {
        let services = &config.world.services;
        let offers = computers * services.offers_each(computers);
        // Fingers grow with the logarithm; a list is in memory once, whoever holds it.
        let known = libm::log2(computers.max(2.0)) + f64::from(config.own.successors.0);
        vec![
            ("gcus_per_broker", computers * known * 16.0),
            (services.offering_member(), offers * 4.0),
        ]
    }

    fn new(world: &Arc<World>, own: &Own) -> Self {
        Self::build(world, own)
    }

    fn computer(&self, id: u32) -> Peer {
        self.peer_as_built(id)
    }

    fn forgotten(&self, id: u32) -> Peer {
        self.peer_without_memory(id)
    }

    fn seek(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        wanted: Wanted,
        context: &mut Context<'_, Ringed>,
    ) {
        let lookup = Sought {
            request: wanted.request,
            demand: wanted.demand,
            requester: context.me().index(),
            hops: 0,
        };
        node.asking.open(wanted, Search::default(), given, context);
        self.route(given, node, lookup, context);
    }

    fn hear(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        (from, said): (UnitId, Ringed),
        context: &mut Context<'_, Ringed>,
    ) {
        // What was sent had crossed one edge less.
        let is = |taken: Sought| {
            move |sent: &Awaited| {
                matches!(*sent, Awaited::Lookup(lookup)
                    if Sought { hops: lookup.hops + 1, ..lookup } == taken)
            }
        };
        let asks = match &said {
            Ringed::Forward(_) | Ringed::Step(_) | Ringed::Read { .. } => true,
            Ringed::Ring(telling) => telling.asks(),
            _ => false,
        };
        if asks && !Self::takes_part(node) {
            return;
        }
        match said {
            Ringed::Forward(lookup) => {
                if given.silence_timeout.is_some() {
                    context.send(from, Message::Own(Ringed::Forwarded(lookup)));
                    if !node.own.pass(lookup.request) {
                        return;
                    }
                }
                self.route(given, node, lookup, context);
            }
            Ringed::Forwarded(lookup) => _ = Self::answered(node, from, is(lookup), context),
            Ringed::Step(lookup) => {
                let nearer = self.nearer(&node.own.known, lookup);
                context.send(from, Message::Own(nearer));
            }
            Ringed::Nearer {
                lookup,
                computers,
                beyond,
            } => {
                Self::answered(node, from, is(lookup), context);
                let asked = node.asked(lookup.request);
                if asked.is_some_and(|asked| asked.own.comes_nearer(lookup.hops)) {
                    let what = Awaited::Lookup(lookup);
                    let step = Attempt::new(what, computers.into_vec(), beyond);
                    self.send(given, node, step, context);
                }
            }
            Ringed::Found { lookup, holders } => {
                Self::answered(node, from, is(lookup), context);
                self.found(given, node, (lookup.request, holders), context);
            }
            Ringed::Failed(lookup) => Self::fail(node, lookup, context),
            Ringed::Read { request, demand } => {
                let computers = self.list(&node.own, demand);
                let list = Ringed::List { request, computers };
                context.send(from, Message::Own(list));
            }
            Ringed::List { request, computers } => {
                self.listed(given, node, (from, request, computers), context);
            }
            Ringed::Ring(telling) => self.hear_of_ring(given, node, (from, telling), context),
        }
    }

    fn awaited(peer: &Peer) -> usize {
        peer.sent.len()
    }

    fn has_place(peer: &Peer) -> bool {
        let upkeep = peer.upkeep.as_ref();
        upkeep.is_none_or(|upkeep| upkeep.joined)
    }

    fn silence(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        slot: u32,
        context: &mut Context<'_, Ringed>,
    ) {
        if let Some(Sent { to, step }) = node.own.sent.remove(slot) {
            self.silent(given, node, (to, step), context);
        }
    }

    fn beyond_theory(own: &Own, loss: f64) -> Option<Vec<&'static str>> {
        let mut members = beyond_loss(loss > 0.0 && !theory::knows_loss(own, loss));
        members.extend(own.maintenance.iter().map(|_| "maintenance"));
        Some(members)
    }

    fn theory(&self, loss: f64) -> Option<Box<dyn Reach + '_>> {
        let still = self.own.maintenance.is_none() && self.world.config.silence_timeout().is_none();
        let known = loss == 0.0 || theory::knows_loss(&self.own, loss);
        (still && known).then(|| Box::new(theory::LookUps::new(self, loss)) as Box<dyn Reach>)
    }

    fn watches(&self) -> Option<Span> {
        self.own.maintenance.map(|_| self.until_joined())
    }

    fn watch(&self, given: &Given, node: &mut Node<Self>, context: &mut Context<'_, Ringed>) {
        self.begin(given, node, context);
    }

    fn unwatch(&self, _: &Given, node: &mut Node<Self>, context: &mut Context<'_, Ringed>) {
        Self::end(node, context);
    }

    fn round(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        round: u32,
        context: &mut Context<'_, Ringed>,
    ) {
        self.go_round(given, node, round, context);
    }

    fn join(&self, given: &Given, node: &mut Node<Self>, context: &mut Context<'_, Ringed>) {
        self.begin(given, node, context);
        self.enter(given, node, context);
        self.publish(given, node, context);
    }

    fn change(&self, given: &Given, node: &mut Node<Self>, context: &mut Context<'_, Ringed>) {
        self.publish(given, node, context);
    }

    fn leave(&self, _: &Given, node: &mut Node<Self>, context: &mut Context<'_, Ringed>) {
        self.depart(node, context);
    }
}
