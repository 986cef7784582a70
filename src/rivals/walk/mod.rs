//! Random walks: a few walkers go from neighbour to neighbour over a random graph of computers.
//!
//! A computer that a walker visits for the first time offers itself to the requester if it is able and
//! willing. Every few steps a walker checks back with the requester, who does not answer it any more once
//! it has enough (Lv, Cao, Cohen, Li, Shenker 2002). A walker whose time to live is over says so, with
//! the number of offers that it has caused: so a request that finds too few ends. Where computers may
//! have crashed, each step is acknowledged, and a walker that is lost takes another way. This module does
//! *not* know what becomes of offers.

pub mod message;

use std::sync::Arc;

use message::{Walked, Walker};

use super::finder::Finder;
use super::given::Given;
use super::graph::{self, Graph, OnGraph};
use super::message::{Context, Message, Reminder, Wanted};
use super::neighbours::{self, Neighbours};
use super::node::Node;
use super::rival::Rival;
use crate::discovery::config::Config;
use crate::discovery::{Discovery, RequestId, World, gcu};
use crate::error::Result;
use crate::parameters::number::{BoundedCount, SmallCount};
use crate::parameters::{Plain, members};
use crate::random::StreamId;
use crate::slab::Slab;
use crate::system::{Export, Underlay};
use crate::unit::UnitId;

/// Where a walker goes next; by request and walker, and by step.
const STEP: StreamId = StreamId(146);

members! {
    /// The parameters of random walks, beside those of all discovery systems.
    pub struct Own {
        /// How many neighbours each GCU has in the random graph.
        pub degree: BoundedCount = BoundedCount(8);
        /// How many walkers a request sends out.
        pub walkers: SmallCount = SmallCount(16);
        /// How many steps a walker makes at most.
        pub ttl: BoundedCount = BoundedCount(32);
        /// After how many steps, again and again, a walker asks the requester whether to go on.
        pub check_every: BoundedCount = BoundedCount(4);
    }
}

impl Plain for Own {}

/// Walkers on a random graph.
#[derive(Debug, Clone)]
pub struct RandomWalk {
    graph: Arc<Graph>,
    own: Own,
}

/// What a computer keeps.
#[derive(Debug, Default)]
pub struct Waypoint {
    neighbours: Neighbours,
    /// The requests of which walkers have been here, ascending.
    visited: Vec<RequestId>,
    /// Where walkers may be copied: those that have been here, by request and number, ascending, with the
    /// steps that they had made when they last came.
    walkers: Vec<(RequestId, u32, u32)>,
    /// Walkers that have been sent on and are not acknowledged, each with the neighbour.
    sent: Slab<(Walker, u32)>,
}

impl Waypoint {
    /// A walker of `request` comes; whether it is the first one.
    fn visit(&mut self, request: RequestId) -> bool {
        let place = self.visited.binary_search(&request);
        if let Err(place) = place {
            self.visited.insert(place, request);
        }
        place.is_err()
    }
}

impl Waypoint {
    /// Whether an arriving walker has not been here with this many steps or more. If it has, it is a copy: a
    /// neighbour was suspected too soon, or a packet came twice.
    fn is_news(&mut self, walker: Walker) -> bool {
        let key = (walker.request, walker.number);
        let of = |&(request, number, _): &(RequestId, u32, u32)| (request, number);
        match self.walkers.binary_search_by_key(&key, of) {
            Ok(place) => {
                let hops = &mut self.walkers[place].2;
                let is_news = *hops < walker.hops;
                *hops = walker.hops.max(*hops);
                is_news
            }
            Err(place) => {
                let entry = (walker.request, walker.number, walker.hops);
                self.walkers.insert(place, entry);
                true
            }
        }
    }
}

/// What a requester knows of its walkers.
#[derive(Debug)]
pub struct Walkers {
    /// A bit for each that is on its way.
    walking: u64,
    /// How many offers those have caused that are over.
    offers: u32,
    /// By walker, after how many steps it has last asked whether to go on.
    checked: Vec<u32>,
}

impl Walkers {
    /// Whether a walker that asks may go on: of several copies, where a neighbour was taken for gone too
    /// soon or a packet came twice, only the first one.
    fn goes_on(&mut self, walker: Walker) -> bool {
        match self.checked.get_mut(walker.number as usize) {
            Some(hops) if *hops < walker.hops => {
                *hops = walker.hops;
                true
            }
            _ => false,
        }
    }
}

impl OnGraph for RandomWalk {
    fn graph(&self) -> &Graph {
        &self.graph
    }
}

/// What one who leaves, or has left, tells a neighbour.
fn gone() -> Message<Walked> {
    Message::Own(Walked::Neighbour(neighbours::Notice::Gone))
}

impl RandomWalk {
    /// Sends a walker to a random neighbour; without any it is over.
    fn step(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        walker: Walker,
        context: &mut Context<'_, Walked>,
    ) {
        let neighbours = &mut node.own.neighbours;
        let entity = u64::from(walker.request.0) << 32 | u64::from(walker.number);
        let streams = context.streams();
        let count = neighbours.count(context.now()) as u64;
        let place = streams.below(STEP, entity, walker.hops, count) as usize;
        let Some(neighbour) = neighbours.at(place) else {
            self.over(node, walker, context);
            return;
        };
        let next = Walker {
            hops: walker.hops + 1,
            ..walker
        };
        context.send(gcu(neighbour), Message::Own(Walked::Step(next)));
        if let Some(silence) = given.silence_timeout {
            let slot = node.own.sent.insert((walker, neighbour));
            context.arm(Reminder::StepTimeout { slot }, silence.timeout);
        }
    }

    /// A walker has come to this computer.
    fn arrive(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        mut walker: Walker,
        context: &mut Context<'_, Walked>,
    ) {
        let home = gcu(walker.requester) == context.me();
        if home && node.asked(walker.request).is_none() {
            return;
        }
        if !home && node.own.visit(walker.request) {
            let Walker {
                request,
                demand,
                requester,
                hops,
                ..
            } = walker;
            let query = (request, demand, hops);
            let offers = node.offer(given, gcu(requester), query, context);
            walker.offers += offers;
        }
        if walker.hops >= self.own.ttl.0 {
            self.over(node, walker, context);
        } else if walker.hops.is_multiple_of(self.own.check_every.0) && !home {
            let check = Message::Own(Walked::Check(walker));
            context.send(gcu(walker.requester), check);
        } else {
            self.step(given, node, walker, context);
        }
    }

    /// A walker is over, here: tells its requester.
    fn over(&self, node: &mut Node<Self>, walker: Walker, context: &mut Context<'_, Walked>) {
        let requester = gcu(walker.requester);
        if requester == context.me() {
            self.count(node, walker, context);
        } else {
            context.send(requester, Message::Own(Walked::Over(walker)));
        }
    }

    /// A requester hears that a walker is over.
    fn count(&self, node: &mut Node<Self>, walker: Walker, context: &mut Context<'_, Walked>) {
        let Walker {
            request, offers, ..
        } = walker;
        if let Some(asked) = node.asked(request) {
            let bit = 1_u64.checked_shl(walker.number).unwrap_or(0);
            if asked.own.walking & bit != 0 {
                asked.own.walking &= !bit;
                asked.own.offers += offers;
                self.offered(node, request, context);
            }
        }
    }
}

impl Finder for RandomWalk {
    type Said = Walked;
    type Config = Own;
    type Computer = Waypoint;
    type Broker = ();
    type Search = Walkers;

    const NAME: &'static str = "random-walk";
    const ABOUT: &'static str =
        "Random walks: walkers go over a random graph of computers (GCUs) until enough are found.";

    fn exports() -> Vec<Export<Discovery<Rival<Self>>>> {
        vec![graph::export()]
    }

    fn check(underlay: &Underlay, config: &Config<Own>) -> Result<()> {
        graph::check_degree(underlay, &config.world, config.own.degree)
    }

    fn memory(config: &Config<Own>, computers: f64) -> Vec<(&'static str, f64)> {
        let Own {
            degree,
            walkers,
            ttl,
            ..
        } = &config.own;
        let requests = config.world.requests.queries_expected();
        let steps = f64::from(walkers.0) * f64::from(ttl.0);
        let degree = f64::from(degree.0).min(computers);
        vec![
            ("requests/count", requests * steps.min(computers) * 4.0),
            ("degree", computers * degree * 8.0),
        ]
    }

    fn new(world: &Arc<World>, own: &Own) -> Self {
        Self {
            graph: Arc::new(Graph::of(world, own.degree)),
            own: own.clone(),
        }
    }

    fn computer(&self, id: u32) -> Waypoint {
        Waypoint {
            neighbours: Neighbours::of(&self.graph, id),
            ..Waypoint::default()
        }
    }

    fn seek(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        wanted: Wanted,
        context: &mut Context<'_, Walked>,
    ) {
        let Wanted {
            request, demand, ..
        } = wanted;
        let walkers = self.own.walkers.0;
        let own = Walkers {
            walking: u64::MAX >> (u64::BITS - walkers),
            offers: 0,
            checked: vec![0; walkers as usize],
        };
        node.asking.open(wanted, own, given, context);
        for number in 0..walkers {
            let walker = Walker {
                request,
                demand,
                requester: context.me().index(),
                number,
                hops: 0,
                offers: 0,
            };
            self.step(given, node, walker, context);
        }
    }

    fn hear(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        (from, said): (UnitId, Walked),
        context: &mut Context<'_, Walked>,
    ) {
        match said {
            Walked::Step(walker) => {
                if !node.connected {
                    // The neighbour does not know yet; the walker goes on all the same.
                    context.send(from, gone());
                }
                if given.silence_timeout.is_some() {
                    context.send(from, Message::Own(Walked::Taken(walker)));
                    node.own.neighbours.hear(from);
                    if !node.own.is_news(walker) {
                        return;
                    }
                }
                self.arrive(given, node, walker, context);
            }
            Walked::Taken(taken) => {
                let sent = &mut node.own.sent;
                let mut open = sent.iter();
                let taken = open.find(|(_, (walker, neighbour))| {
                    let hops = walker.hops + 1;
                    Walker { hops, ..*walker } == taken && gcu(*neighbour) == from
                });
                if let Some((slot, _)) = taken {
                    drop(open);
                    sent.remove(slot);
                    context.disarm(Reminder::StepTimeout { slot });
                }
            }
            Walked::Check(walker) => {
                let asked = node.asked(walker.request);
                if asked.is_some_and(|asked| asked.own.goes_on(walker)) {
                    context.send(from, Message::Own(Walked::GoOn(walker)));
                }
            }
            Walked::GoOn(walker) => self.step(given, node, walker, context),
            Walked::Over(walker) => self.count(node, walker, context),
            Walked::Neighbour(notice) => {
                node.own.neighbours.take(from, notice);
                if notice == neighbours::Notice::Back && !node.connected {
                    context.send(from, gone());
                }
            }
        }
    }

    fn silence(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        slot: u32,
        context: &mut Context<'_, Walked>,
    ) {
        if let Some((walker, neighbour)) = node.own.sent.remove(slot) {
            node.own.neighbours.strike(neighbour, context.now());
            self.step(given, node, walker, context);
        }
    }

    fn awaited(waypoint: &Waypoint) -> usize {
        waypoint.sent.len()
    }

    /// When all walkers are over and all offers have come, nobody else will be found.
    fn offered(
        &self,
        node: &mut Node<Self>,
        request: RequestId,
        context: &mut Context<'_, Walked>,
    ) {
        if let Some(asked) = node.asked(request)
            && asked.own.walking == 0
            && asked.agreed.len() >= asked.own.offers as usize
        {
            node.asking.settle(request, context);
        }
    }

    fn join(&self, _: &Given, node: &mut Node<Self>, context: &mut Context<'_, Walked>) {
        node.own.neighbours = Neighbours::of(&self.graph, context.me().index());
        let back = Message::Own(Walked::Neighbour(neighbours::Notice::Back));
        node.own.neighbours.tell(&back, context);
    }

    fn leave(&self, _: &Given, node: &mut Node<Self>, context: &mut Context<'_, Walked>) {
        node.own.neighbours.tell(&gone(), context);
    }
}
