//! A discovery protocol of one's own, with the whole command line: a requester polls random computers.
//!
//! `docs/protocols.md` explains it; the numbers there are those of the comments. Try
//! `cargo run --example poll -- run scenario.json` with `"system": {"poll": {"polled": 8}}`.

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::Arc;

use arigatoni::cli;
use arigatoni::discovery::{Descriptor, RequestId, World, gcu};
use arigatoni::fingerprint::{Encode, Encoder};
use arigatoni::parameters::{Plain, members, number::BoundedCount};
use arigatoni::random::StreamId;
use arigatoni::rivals::given::Given;
use arigatoni::rivals::message::{Context, Message, OWN, Said, Wanted};
use arigatoni::rivals::{Finder, Node, System};
use arigatoni::systems;
use arigatoni::unit::UnitId;
use serde::Serialize;

/// Whom a requester polls; by request, and by number. Streams 192 to 239 are free for other programs.
const POLLED: StreamId = StreamId(193);

members! {
    /// Its own parameters, besides those of all discovery systems [1].
    struct Own {
        /// How many computers a requester draws; one that is drawn twice is polled once.
        polled: BoundedCount = BoundedCount(10);
    }
}

impl Plain for Own {}

/// What computers say to find providers [2]: do you serve this?
#[derive(Debug, Clone, Copy, Serialize)]
struct Poll {
    request: RequestId,
    demand: Descriptor,
}

impl Said for Poll {
    fn request(&self) -> Option<RequestId> {
        Some(self.request)
    }

    fn is_sent_once(&self) -> bool {
        true
    }

    fn is_query(&self) -> bool {
        true
    }
}

impl Encode for Poll {
    fn encode(&self, to: &mut Encoder) {
        to.u8(OWN);
        to.u32(self.request.0);
        to.u32(self.demand.0);
    }
}

/// The protocol [3].
#[derive(Debug, Clone)]
struct Polling {
    world: Arc<World>,
    polled: u32,
}

impl Finder for Polling {
    type Said = Poll;
    type Config = Own;
    /// The requests for which it has been polled: a network may deliver a packet twice.
    type Computer = BTreeSet<RequestId>;
    type Broker = ();
    type Search = ();

    const NAME: &'static str = "poll";
    const ABOUT: &'static str = "A requester polls random computers (GCUs).";

    fn new(world: &Arc<World>, own: &Own) -> Self {
        Self {
            world: Arc::clone(world),
            polled: own.polled.0,
        }
    }

    fn computer(&self, _: u32) -> BTreeSet<RequestId> {
        BTreeSet::new()
    }

    /// Begins to look for what is wanted [4].
    fn seek(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        wanted: Wanted,
        context: &mut Context<'_, Poll>,
    ) {
        let Wanted {
            request, demand, ..
        } = wanted;
        node.asking.open(wanted, (), given, context);
        let computers = self.world.population.len().into();
        let mut others = BTreeSet::from([context.me()]);
        for number in 0..self.polled {
            let streams = context.streams();
            let other = gcu(streams.below(POLLED, request.0.into(), number, computers) as u32);
            if others.insert(other) {
                context.send(other, Message::Own(Poll { request, demand }));
            }
        }
    }

    /// A computer is polled, and offers itself if it can and will serve, once for each request [5].
    fn hear(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        (from, Poll { request, demand }): (UnitId, Poll),
        context: &mut Context<'_, Poll>,
    ) {
        if node.own.insert(request) {
            node.offer(given, from, (request, demand, 1), context);
        }
    }
}

fn main() -> ExitCode {
    systems::register::<System<Polling>>();
    cli::main()
}
