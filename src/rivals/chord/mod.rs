//! Chord: computers on a ring, each with fingers to others at exponentially growing distances (Stoica,
//! Morris, Karger, Kaashoek, Balakrishnan 2001).
//!
//! The list of a service's providers lies at the successor of the service's hash and at the next ones. A
//! look-up goes to the closest preceding finger until it is at the key's predecessor, who tells the
//! requester the holders; the requester reads the list from one of them. The ring is static: it is that
//! of the computers that have not left when requests begin, nothing is repaired, and a holder is told of
//! nobody; whoever leaves later is silent until it comes back. This module does *not* know what becomes of those that are listed.

pub mod config;
pub mod message;
pub mod peer;
pub mod ring;
mod writing;

use std::sync::Arc;

use config::{Lookup as Mode, Own};
use message::{Lookup, Ringed};
use peer::{Awaited, Peer, Search, Sent, Step};
use ring::{Contact, Known, Ring, Way};

use super::check;
use super::finder::Finder;
use super::given::Given;
use super::message::{Context, Message, Reminder, Wanted};
use super::node::Node;
use super::rival::Rival;
use crate::discovery::config::{Config, DisconnectionMode};
use crate::discovery::{Descriptor, Discovery, RequestId, World, gcu};
use crate::error::Result;
use crate::parameters::number::Handful;
use crate::random::StreamId;
use crate::system::{Export, Underlay};
use crate::unit::UnitId;

/// A computer's point on the ring; by computer.
const POINT: StreamId = StreamId(147);
/// The hash of a service; by service.
const KEY: StreamId = StreamId(148);

/// Why offers cannot change.
pub(super) const STATIC: &str = "the lists of providers on a ring are as built";

/// A ring of computers.
#[derive(Debug, Clone)]
pub struct Chord {
    own: Own,
    world: Arc<World>,
    ring: Arc<Ring>,
    /// Who offers what, by service, ascending.
    providers: Arc<[Box<[u32]>]>,
}

impl Chord {
    /// The point of the service `demand`.
    fn key(&self, demand: Descriptor) -> u64 {
        self.world.streams.bits(KEY, demand.0.into(), 0)
    }

    /// The point of the computer called `id`.
    fn contact(&self, id: u32) -> Contact {
        contact(&self.world, id)
    }

    /// Who lists itself under `demand` at its holders.
    fn list(&self, demand: Descriptor) -> Box<[u32]> {
        let list = self.providers.get(demand.0 as usize);
        list.cloned().unwrap_or_default()
    }

    /// The way of a look-up from a computer.
    fn way<'k>(&self, known: &'k Known, demand: Descriptor) -> Way<'k> {
        known.way(self.key(demand), self.own.successors.0)
    }

    /// Takes a step: sends it to the first one of those who can be tried. Without any the key's holders
    /// are left, if they are known, and else nothing.
    fn send(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        mut step: Step,
        context: &mut Context<'_, Ringed>,
    ) {
        let Some(to) = step.spare.pop() else {
            match step.what {
                Awaited::Read(request, _) => node.asking.settle(request, context),
                // It may have arrived, and its acknowledgement be lost.
                Awaited::Lookup(_) if given.is_lossy && step.beyond.is_empty() => {}
                Awaited::Lookup(lookup) if step.beyond.is_empty() => {
                    Self::fail(node, lookup, context);
                }
                Awaited::Lookup(lookup) => self.tell(given, node, (lookup, step.beyond), context),
            }
            return;
        };
        let said = match step.what {
            Awaited::Read(request, demand) => Ringed::Read { request, demand },
            Awaited::Lookup(lookup) => {
                let hops = lookup.hops + 1;
                let next = Lookup { hops, ..lookup };
                match self.own.lookup {
                    Mode::Recursive => Ringed::Forward(next),
                    Mode::Iterative => Ringed::Step(next),
                }
            }
        };
        context.send(gcu(to), Message::Own(said));
        if let Some(detection) = given.detection {
            let slot = node.own.sent.insert(Sent { to, step });
            context.arm(Reminder::StepTimeout { slot }, detection.timeout);
        }
    }

    /// Tells the requester of a look-up who holds the key.
    fn tell(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        (lookup, holders): (Lookup, Box<[u32]>),
        context: &mut Context<'_, Ringed>,
    ) {
        if gcu(lookup.requester) == context.me() {
            self.found(given, node, (lookup.request, holders), context);
        } else {
            let found = Ringed::Found { lookup, holders };
            context.send(gcu(lookup.requester), Message::Own(found));
        }
    }

    /// The computer `from` has answered what it was sent.
    fn answered(
        node: &mut Node<Self>,
        from: UnitId,
        answers: impl Fn(&Awaited) -> bool,
        context: &mut Context<'_, Ringed>,
    ) {
        let sent = &mut node.own.sent;
        let is = |sent: &Sent| gcu(sent.to) == from && answers(&sent.step.what);
        let found = sent.iter().find(|(_, sent)| is(sent)).map(|(slot, _)| slot);
        if let Some(slot) = found {
            sent.remove(slot);
            context.disarm(Reminder::StepTimeout { slot });
        }
    }

    /// Takes a look-up one step further from here: answers it, or passes it on.
    fn route(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        lookup: Lookup,
        context: &mut Context<'_, Ringed>,
    ) {
        match self.way(&node.own.known, lookup.demand) {
            Way::Here(holders) => {
                let holders = holders.into();
                self.tell(given, node, (lookup, holders), context);
            }
            Way::On { next, beyond } => {
                let step = Step::new(Awaited::Lookup(lookup), next, beyond);
                self.send(given, node, step, context);
            }
        }
    }

    /// The requester learns who holds the key. A second copy changes nothing.
    fn found(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        (request, holders): (RequestId, Box<[u32]>),
        context: &mut Context<'_, Ringed>,
    ) {
        let Some(asked) = node.asked(request).filter(|asked| !asked.own.found) else {
            return;
        };
        asked.own.found = true;
        let demand = asked.wanted.demand;
        if holders.contains(&context.me().index()) {
            let list = self.list(demand).into_iter();
            node.asking.list(request, list, given, context);
            return;
        }
        let read = Awaited::Read(request, demand);
        let step = Step::new(read, holders.into_vec(), Box::default());
        self.send(given, node, step, context);
    }

    /// The answer to a requester that asks one computer after another.
    fn nearer(&self, known: &Known, lookup: Lookup) -> Ringed {
        match self.way(known, lookup.demand) {
            Way::Here(holders) => {
                let holders = holders.into();
                Ringed::Found { lookup, holders }
            }
            Way::On { next, beyond } => Ringed::Nearer {
                lookup,
                computers: next.into(),
                beyond,
            },
        }
    }

    /// Whether a requester does not know yet who holds what it looks for.
    fn is_looking(node: &mut Node<Self>, request: RequestId) -> bool {
        node.asked(request).is_some_and(|asked| !asked.own.found)
    }

    /// A look-up cannot go on from here.
    fn fail(node: &mut Node<Self>, lookup: Lookup, context: &mut Context<'_, Ringed>) {
        let requester = gcu(lookup.requester);
        if requester != context.me() {
            context.send(requester, Message::Own(Ringed::Failed(lookup)));
        } else if Self::is_looking(node, lookup.request) {
            node.asking.settle(lookup.request, context);
        }
    }
}

/// The computer called `id` on the ring.
fn contact(world: &World, id: u32) -> Contact {
    let entity = world.population.computer(id).entity();
    Contact {
        point: world.streams.bits(POINT, entity, 0),
        computer: id,
    }
}

/// Who offers each service, ascending, of the computers that are on the ring.
pub(super) fn lists(world: &World) -> Arc<[Box<[u32]>]> {
    let services = world.config.services.count.0 as usize;
    let mut lists: Vec<Vec<u32>> = vec![Vec::new(); services];
    for id in members(world) {
        for offer in world.population.offers(id) {
            lists[offer.0 as usize].push(id);
        }
    }
    lists.into_iter().map(Vec::into_boxed_slice).collect()
}

/// The computers that are on the ring: those that leave in good order do so before requests begin.
pub(super) fn members(world: &World) -> impl Iterator<Item = u32> {
    let unregister = world.config.disconnection.mode == DisconnectionMode::Unregister;
    let all = 0..world.population.len();
    all.filter(move |&id| !unregister || !world.disconnected.contains(&gcu(id)))
}

impl Finder for Chord {
    type Said = Ringed;
    type Config = Own;
    type Computer = Peer;
    type Broker = ();
    type Search = Search;

    const NAME: &'static str = "chord";
    const TELLS: bool = false;
    const ABOUT: &'static str = "Chord: a ring of computers (GCUs) that holds the list of a service's providers at its hash.";

    fn exports() -> Vec<Export<Discovery<Rival<Self>>>> {
        writing::exports()
    }

    fn check(underlay: &Underlay, config: &Config<Own>) -> Result<()> {
        check::offers_stay(&config.world, STATIC)?;
        let Handful(replicas) = config.own.replicas;
        check::at_most_all(underlay, &config.world, ("replicas", replicas))
    }

    fn memory(config: &Config<Own>, computers: f64) -> Vec<(&'static str, f64)> {
        let services = &config.world.services;
        let offers = computers * f64::from(services.count.0) * services.offering(computers);
        // Fingers grow with the logarithm; a list is in memory once, whoever holds it.
        let known = libm::log2(computers.max(2.0)) + f64::from(config.own.successors.0);
        vec![
            ("gcus_per_broker", computers * known * 16.0),
            (services.offering_member(), offers * 4.0),
        ]
    }

    fn new(world: &Arc<World>, own: &Own) -> Self {
        let contacts = members(world).map(|id| contact(world, id));
        Self {
            own: own.clone(),
            ring: Arc::new(Ring::of(contacts)),
            providers: lists(world),
            world: Arc::clone(world),
        }
    }

    fn computer(&self, id: u32) -> Peer {
        let me = self.contact(id);
        let Own {
            successors,
            replicas,
            ..
        } = &self.own;
        Peer {
            known: Known::on(&self.ring, me, successors.0, replicas.0),
            ..Peer::default()
        }
    }

    fn seek(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        wanted: Wanted,
        context: &mut Context<'_, Ringed>,
    ) {
        let lookup = Lookup {
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
        let is = |taken: Lookup| {
            move |sent: &Awaited| {
                matches!(*sent, Awaited::Lookup(lookup)
                    if Lookup { hops: lookup.hops + 1, ..lookup } == taken)
            }
        };
        let asks = matches!(
            said,
            Ringed::Forward(_) | Ringed::Step(_) | Ringed::Read { .. }
        );
        if asks && !node.connected {
            return;
        }
        match said {
            Ringed::Forward(lookup) => {
                if given.detection.is_some() {
                    context.send(from, Message::Own(Ringed::Forwarded(lookup)));
                    if !node.own.pass(lookup.request) {
                        return;
                    }
                }
                self.route(given, node, lookup, context);
            }
            Ringed::Forwarded(lookup) => Self::answered(node, from, is(lookup), context),
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
                    let step = Step::new(what, computers.into_vec(), beyond);
                    self.send(given, node, step, context);
                }
            }
            Ringed::Found { lookup, holders } => {
                Self::answered(node, from, is(lookup), context);
                self.found(given, node, (lookup.request, holders), context);
            }
            Ringed::Failed(lookup) => Self::fail(node, lookup, context),
            Ringed::Read { request, demand } => {
                let computers = self.list(demand);
                let list = Ringed::List { request, computers };
                context.send(from, Message::Own(list));
            }
            Ringed::List { request, computers } => {
                let is =
                    |sent: &Awaited| matches!(*sent, Awaited::Read(read, _) if read == request);
                Self::answered(node, from, is, context);
                let computers = computers.into_iter();
                node.asking.list(request, computers, given, context);
            }
        }
    }

    fn awaited(peer: &Peer) -> usize {
        peer.sent.len()
    }

    fn silence(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        slot: u32,
        context: &mut Context<'_, Ringed>,
    ) {
        if let Some(Sent { step, .. }) = node.own.sent.remove(slot) {
            self.send(given, node, step, context);
        }
    }
}
