//! Flooding: a query goes along every edge of a random graph of computers, as far as its time to live
//! allows.
//!
//! A computer handles a query once: it offers itself to the requester if it is able and willing, and
//! passes the query on in any case. Nobody learns when a flood is over, so a request that finds too few
//! ends at its deadline. This module does *not* know what becomes of offers.

use std::sync::Arc;

use serde::Serialize;

use super::finder::Finder;
use super::given::Given;
use super::graph::{self, Graph, OnGraph};
use super::message::{Context, Message, OWN, Said, Wanted};
use super::neighbours::{self, Neighbours};
use super::node::Node;
use super::rival::Rival;
use super::within::Within;
use crate::discovery::config::Config;
use crate::discovery::theory::{Reach, beyond_loss};
use crate::discovery::{Descriptor, Discovery, RequestId, World, gcu};
use crate::error::Result;
use crate::fingerprint::{Encode, Encoder};
use crate::parameters::number::{BoundedCount, SmallCount};
use crate::parameters::{Plain, members};
use crate::system::{Export, Underlay};
use crate::unit::UnitId;

members! {
    /// The parameters of flooding, beside those of all discovery systems.
    pub struct Own {
        /// How many neighbours each GCU has in the random graph.
        pub degree: BoundedCount = BoundedCount(8);
        /// How many edges a query may cross; null: any number.
        pub ttl: Option<SmallCount> = Some(SmallCount(7));
    }
}

impl Plain for Own {}

/// What computers say.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flooded {
    /// Who serves this?
    Query {
        /// The request.
        request: RequestId,
        /// What is asked for.
        demand: Descriptor,
        /// The number of the computer that wants it.
        requester: u32,
        /// The edges that it has crossed.
        hops: u32,
    },
    /// To a neighbour: I leave, or am there again.
    Neighbour(neighbours::Notice),
}

impl Said for Flooded {
    #[inline]
    fn request(&self) -> Option<RequestId> {
        match self {
            Self::Query { request, .. } => Some(*request),
            Self::Neighbour(_) => None,
        }
    }

    fn is_sent_once(&self) -> bool {
        matches!(self, Self::Query { .. })
    }

    fn is_query(&self) -> bool {
        matches!(self, Self::Query { .. })
    }
}

impl Encode for Flooded {
    fn encode(&self, to: &mut Encoder) {
        match self {
            Self::Query {
                request,
                demand,
                requester,
                hops,
            } => {
                to.u8(OWN);
                to.u32(request.0);
                to.u32(demand.0);
                to.u32(*requester);
                to.u32(*hops);
            }
            Self::Neighbour(notice) => {
                to.u8(OWN + 1);
                notice.encode(to);
            }
        }
    }
}

/// A query on every edge.
#[derive(Debug, Clone)]
pub struct Flooding {
    world: Arc<World>,
    graph: Arc<Graph>,
    ttl: Option<u32>,
}

/// What a computer keeps.
#[derive(Debug, Default)]
pub struct Flooder {
    neighbours: Neighbours,
    handled: Handled,
}

/// The number of floods that are usually under way at once.
const RECENT: usize = 4;

/// Over how many edges the queries have come that a computer has handled: a mark for each, 0 if it has not come, else
/// one more than its edges, as far as a byte counts.
#[derive(Debug, Default)]
struct Handled {
    /// By request.
    reached: Vec<u8>,
    /// The numbers of the requests that came last, and their marks once more: the copies of a query come close together, and most of
    /// them are told here, in the memory of the unit itself.
    recent: [u32; RECENT],
    marks: [u8; RECENT],
    /// Which of these is the oldest.
    oldest: u8,
}

/// What is new of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Arrival {
    First,
    /// It was here, but by a longer way.
    Nearer,
    Again,
}

impl Handled {
    #[inline]
    fn arrives(&mut self, request: RequestId, hops: u32) -> Arrival {
        let mark = hops.saturating_add(1).min(u8::MAX.into()) as u8;
        let place = self.place(request);
        let arrival = match self.marks[place] {
            0 => Arrival::First,
            known if mark < known => Arrival::Nearer,
            _ => return Arrival::Again,
        };
        self.marks[place] = mark;
        self.reached[request.0 as usize] = mark;
        arrival
    }

    /// The place of a request among the recent ones; it becomes one of them.
    #[inline]
    fn place(&mut self, request: RequestId) -> usize {
        let mut recent = self.recent.iter().zip(&self.marks);
        let known = recent.position(|(&recent, &mark)| mark != 0 && recent == request.0);
        known.unwrap_or_else(|| self.recall(request))
    }

    fn recall(&mut self, request: RequestId) -> usize {
        let at = request.0 as usize;
        if at >= self.reached.len() {
            self.reached.resize(at + 1, 0);
        }
        let place = self.oldest as usize;
        self.oldest = (self.oldest + 1) % RECENT as u8;
        (self.recent[place], self.marks[place]) = (request.0, self.reached[at]);
        place
    }
}

impl OnGraph for Flooding {
    fn graph(&self) -> &Graph {
        &self.graph
    }
}

/// What one who leaves, or has left, tells a neighbour.
fn gone() -> Message<Flooded> {
    Message::Own(Flooded::Neighbour(neighbours::Notice::Gone))
}

impl Flooding {
    /// Sends a query that has crossed `hops` edges over every edge but the one that it came by.
    fn pass_on(
        &self,
        neighbours: &Neighbours,
        (from, query): (Option<UnitId>, Flooded),
        context: &mut Context<'_, Flooded>,
    ) {
        let Flooded::Query { hops, .. } = query else {
            return;
        };
        if self.ttl.is_some_and(|ttl| hops > ttl) {
            return;
        }
        for neighbour in neighbours.all().map(gcu) {
            if Some(neighbour) != from {
                context.send(neighbour, Message::Own(query));
            }
        }
    }
}

impl Finder for Flooding {
    type Said = Flooded;
    type Config = Own;
    type Computer = Flooder;
    type Broker = ();
    type Search = ();

    const NAME: &'static str = "flooding";
    const ABOUT: &'static str =
        "Flooding: queries go over all edges of a random graph of computers (GCUs).";

    fn exports() -> Vec<Export<Discovery<Rival<Self>>>> {
        vec![graph::export()]
    }

    fn check(underlay: &Underlay, config: &Config<Own>) -> Result<()> {
        graph::check_degree(underlay, &config.world, config.own.degree)
    }

    fn memory(config: &Config<Own>, computers: f64) -> Vec<(&'static str, f64)> {
        let requests = config.world.requests.queries_expected();
        let degree = f64::from(config.own.degree.0).min(computers);
        vec![
            ("requests/count", computers * requests),
            // A neighbour in the graph and with its computer, and as a pending packet.
            ("degree", computers * degree * 100.0),
        ]
    }

    fn new(world: &Arc<World>, own: &Own) -> Self {
        Self {
            world: Arc::clone(world),
            graph: Arc::new(Graph::of(world, own.degree)),
            ttl: own.ttl.map(|ttl| ttl.0),
        }
    }

    fn computer(&self, id: u32) -> Flooder {
        Flooder {
            neighbours: Neighbours::of(&self.graph, id),
            handled: Handled::default(),
        }
    }

    fn beyond_theory(_: &Own, loss: f64) -> Option<Vec<&'static str>> {
        Some(beyond_loss(loss > 0.0))
    }

    fn theory(&self, loss: f64) -> Option<Box<dyn Reach + '_>> {
        (loss == 0.0).then(|| {
            let away = |id: u32| self.world.disconnected.contains(&gcu(id));
            let there = (0..self.world.population.len())
                .map(|id| !away(id))
                .collect();
            Box::new(Within::new(&self.graph, self.ttl, there)) as Box<dyn Reach>
        })
    }

    fn seek(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        wanted: Wanted,
        context: &mut Context<'_, Flooded>,
    ) {
        let Wanted {
            request, demand, ..
        } = wanted;
        node.asking.open(wanted, (), given, context);
        node.own.handled.arrives(request, 0);
        let query = Flooded::Query {
            request,
            demand,
            requester: context.me().index(),
            hops: 1,
        };
        self.pass_on(&node.own.neighbours, (None, query), context);
    }

    fn hear(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        (from, said): (UnitId, Flooded),
        context: &mut Context<'_, Flooded>,
    ) {
        let (request, demand, requester, hops) = match said {
            Flooded::Query {
                request,
                demand,
                requester,
                hops,
            } => (request, demand, requester, hops),
            Flooded::Neighbour(notice) => {
                node.own.neighbours.take(from, notice);
                if notice == neighbours::Notice::Back && !node.connected {
                    context.send(from, gone());
                }
                return;
            }
        };
        if !node.connected {
            // The neighbour does not know yet.
            context.send(from, gone());
            return;
        }
        if given.silence_timeout.is_some() {
            node.own.neighbours.hear(from);
        }
        let arrival = node.own.handled.arrives(request, hops);
        if arrival == Arrival::First {
            node.offer(given, gcu(requester), (request, demand, hops), context);
        }
        // By a shorter way it reaches further; without a limit it has been everywhere anyway.
        if arrival == Arrival::First || arrival == Arrival::Nearer && self.ttl.is_some() {
            let query = Flooded::Query {
                request,
                demand,
                requester,
                hops: hops + 1,
            };
            self.pass_on(&node.own.neighbours, (Some(from), query), context);
        }
    }

    fn join(&self, _: &Given, node: &mut Node<Self>, context: &mut Context<'_, Flooded>) {
        node.own.neighbours = Neighbours::of(&self.graph, context.me().index());
        let back = Message::Own(Flooded::Neighbour(neighbours::Notice::Back));
        node.own.neighbours.tell(&back, context);
    }

    fn leave(&self, _: &Given, node: &mut Node<Self>, context: &mut Context<'_, Flooded>) {
        node.own.neighbours.tell(&gone(), context);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_new_once_and_nearer_by_a_shorter_way() {
        let mut handled = Handled::default();
        let (one, other) = (RequestId(3), RequestId(9));
        assert_eq!(handled.arrives(one, 5), Arrival::First);
        assert_eq!(handled.arrives(one, 5), Arrival::Again);
        assert_eq!(handled.arrives(one, 6), Arrival::Again);
        assert_eq!(handled.arrives(one, 4), Arrival::Nearer);
        assert_eq!(handled.arrives(one, 4), Arrival::Again);
        assert_eq!(handled.arrives(other, 0), Arrival::First);
        assert_eq!(handled.arrives(other, 1), Arrival::Again);
        assert_eq!(handled.arrives(RequestId(0), u32::MAX), Arrival::First);
        assert_eq!(handled.arrives(RequestId(0), 300), Arrival::Again);
    }

    #[test]
    fn a_query_that_came_long_ago_is_still_known() {
        let mut handled = Handled::default();
        let all = (0..3 * RECENT as u32).map(RequestId);
        for request in all.clone() {
            assert_eq!(handled.arrives(request, 5), Arrival::First);
        }
        for request in all.clone().chain(all.rev()) {
            assert_eq!(handled.arrives(request, 5), Arrival::Again);
        }
        for hops in [4, 3] {
            for request in (0..3 * RECENT as u32).map(RequestId) {
                assert_eq!(handled.arrives(request, hops), Arrival::Nearer);
            }
        }
    }
}
