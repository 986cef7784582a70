//! Synapse: computers on several rings, joined by those that are on more than one (Liquori, Tedeschi, Vanni,
//! Bongiovanni, Ciancaglini, Marinković 2010).
//!
//! Each ring is a Chord of its own, with points and hashes of its own. The list of a service's providers is
//! stored once, on one ring. A query goes towards the key on each ring of each computer that it meets, which
//! handles it once. At the key's predecessor on a ring the next computer is asked whether it has the list;
//! the one that has it sends it to the requester. Nobody learns when a query is over, so one that finds
//! nothing ends at its deadline. The rings are static: nothing is repaired. This module does *not* know what
//! becomes of those that are listed.

pub mod config;
pub mod message;
mod rings;
mod writing;

use std::sync::Arc;

use config::Own;
use message::Synaptic;
use rings::Rings;

use super::check;
use super::chord::ring::{Known, NextHop};
use super::chord::{lists, members};
use super::finder::Finder;
use super::given::Given;
use super::message::{Context, Message, Wanted};
use super::node::Node;
use super::rival::Rival;
use super::sought::Sought;
use crate::discovery::config::Config;
use crate::discovery::{Descriptor, Discovery, Finds, RequestId, World, gcu};
use crate::error::Result;
use crate::parameters::number::SmallCount;
use crate::system::{Export, Underlay};
use crate::unit::UnitId;

/// Why offers cannot change.
const ONE_RING: &str = "the list of a service lies on one ring, and a computer that is not on it has no sure way there";

/// Several rings.
#[derive(Debug, Clone)]
pub struct Synapse {
    own: Own,
    world: Arc<World>,
    rings: Arc<Rings>,
    /// The computers that offer each service, ascending.
    providers: Arc<[Box<[u32]>]>,
}

/// What a computer keeps.
#[derive(Debug, Default)]
pub struct Neuron {
    /// Whom it knows on each of its rings.
    known: Vec<(u32, Known)>,
    /// The requests of which queries have been here, ascending.
    tags: Vec<RequestId>,
}

impl Neuron {
    /// A query of `request` comes; whether it is the first one.
    fn tag(&mut self, request: RequestId) -> bool {
        let place = self.tags.binary_search(&request);
        if let Err(place) = place {
            self.tags.insert(place, request);
        }
        place.is_err()
    }
}

impl Synapse {
    /// The computers that list themselves under `demand` at its holder.
    fn list(&self, demand: Descriptor) -> Box<[u32]> {
        let list = self.providers.get(demand.0 as usize);
        list.cloned().unwrap_or_default()
    }

    /// A query goes on from here, on all rings.
    fn pass_on(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        query: Sought,
        context: &mut Context<'_, Synaptic>,
    ) {
        let hops = query.hops + 1;
        let is_over = self.own.ttl.is_some_and(|SmallCount(ttl)| hops > ttl);
        let mut here = None;
        for (ring, known) in &node.own.known {
            match known.way(self.rings.key(query.demand, *ring), 1) {
                NextHop::Here(holders) => {
                    let Some(&holder) = holders.first() else {
                        continue;
                    };
                    if gcu(holder) == context.me() {
                        here = here.or(Some(*ring).filter(|&ring| self.has_list(query, ring)));
                    } else {
                        let ring = *ring;
                        let read = Synaptic::Read { query, ring };
                        context.send(gcu(holder), Message::Own(read));
                    }
                }
                NextHop::On { next, .. } if !is_over => {
                    let on = Synaptic::Query(Sought { hops, ..query });
                    context.send(gcu(next[0]), Message::Own(on));
                }
                NextHop::On { .. } => {}
            }
        }
        if here.is_some() {
            self.answer(given, node, query, context);
        }
    }

    /// Whether the list is stored on this ring.
    fn has_list(&self, query: Sought, ring: u32) -> bool {
        self.rings.stored(query.demand) == ring
    }

    /// The holder of the list sends it to the requester.
    fn answer(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        query: Sought,
        context: &mut Context<'_, Synaptic>,
    ) {
        let computers = self.list(query.demand);
        let requester = gcu(query.requester);
        if requester == context.me() {
            let computers = computers.into_iter();
            node.asking.list(query.request, computers, given, context);
        } else {
            let list = Synaptic::List { query, computers };
            context.send(requester, Message::Own(list));
        }
    }
}

impl Finder for Synapse {
    type Said = Synaptic;
    type Config = Own;
    type Computer = Neuron;
    type Broker = ();
    type Search = ();

    const NAME: &'static str = "synapse";
    const ABOUT: &'static str =
        "Synapse: several rings of computers (GCUs), joined by those that are on more than one.";
    const TELLS: bool = false;
    const CONSTRAINTS: Finds = Finds::Equal;

    fn exports() -> Vec<Export<Discovery<Rival<Self>>>> {
        writing::exports()
    }

    fn check(underlay: &Underlay, config: &Config<Own>) -> Result<()> {
        check::offers_stay(&config.world, ONE_RING)?;
        let SmallCount(rings) = config.own.rings;
        check::at_most_all(underlay, &config.world, ("rings", rings))
    }

    fn memory(config: &Config<Own>, computers: f64) -> Vec<(&'static str, f64)> {
        let services = &config.world.services;
        let offers = computers * services.offers_each(computers);
        let own = &config.own;
        let further = own.synapses.0 * (own.synapse_degree.0 - 1.0);
        let known = libm::log2(computers.max(2.0)) * (1.0 + further);
        let tags = computers * config.world.requests.queries_expected() * 4.0;
        vec![
            ("gcus_per_broker", computers * known * 16.0),
            (services.offering_member(), offers * 4.0),
            ("requests/count", tags),
        ]
    }

    fn new(world: &Arc<World>, own: &Own) -> Self {
        Self {
            own: own.clone(),
            rings: Arc::new(Rings::draw(world, own, members(world))),
            providers: lists(world),
            world: Arc::clone(world),
        }
    }

    fn computer(&self, id: u32) -> Neuron {
        let entity = self.world.population.computer(id).entity();
        let known = |&number: &u32| {
            let me = self.rings.contact((id, entity), number);
            let ring = &self.rings.all()[number as usize];
            (number, Known::on(ring, me, 1, 1))
        };
        Neuron {
            known: self.rings.of(id).iter().map(known).collect(),
            tags: Vec::new(),
        }
    }

    fn seek(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        wanted: Wanted,
        context: &mut Context<'_, Synaptic>,
    ) {
        let Wanted {
            request, demand, ..
        } = wanted;
        node.asking.open(wanted, (), given, context);
        node.own.tag(request);
        let query = Sought {
            request,
            demand,
            requester: context.me().index(),
            hops: 0,
        };
        self.pass_on(given, node, query, context);
    }

    fn hear(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        (_, said): (UnitId, Synaptic),
        context: &mut Context<'_, Synaptic>,
    ) {
        match said {
            Synaptic::Query(query) => {
                if node.connected && node.own.tag(query.request) {
                    self.pass_on(given, node, query, context);
                }
            }
            Synaptic::Read { query, ring } => {
                if node.connected && self.has_list(query, ring) {
                    self.answer(given, node, query, context);
                }
            }
            Synaptic::List { query, computers } => {
                let computers = computers.into_iter();
                node.asking.list(query.request, computers, given, context);
            }
        }
    }
}
