//! A discovery protocol of one's own, with the whole command line: a requester polls random computers.
//!
//! `docs/protocols.md` explains it; the numbers there are those of the comments. Try
//! `cargo run --example poll -- run scenario.json` with `"system": {"poll": {"polled": 8}}`.

use std::process::ExitCode;
use std::sync::Arc;

use arigatoni::cli;
use arigatoni::discovery::{Descriptor, RequestId, World, gcu};
use arigatoni::fingerprint::{Encode, Encoder};
use arigatoni::parameters::{Plain, number::BoundedCount};
use arigatoni::random::StreamId;
use arigatoni::rivals::given::Given;
use arigatoni::rivals::message::{Context, Message, OWN, Said, Wanted};
use arigatoni::rivals::{Finder, Node, System};
use arigatoni::systems;
use arigatoni::unit::UnitId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whom a requester polls; by request, and by number. Streams 192 to 239 are free for other programs.
const POLLED: StreamId = StreamId(193);

/// Its own parameters, besides those of all discovery systems [1].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Own {
    /// How many random computers a requester polls.
    polled: BoundedCount,
}

impl Default for Own {
    fn default() -> Self {
        Self {
            polled: BoundedCount(10),
        }
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
    type Computer = ();
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

    fn computer(&self, _: u32) {}

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
        for number in 0..self.polled {
            let streams = context.streams();
            let other = streams.below(POLLED, request.0.into(), number, computers) as u32;
            if gcu(other) != context.me() {
                context.send(gcu(other), Message::Own(Poll { request, demand }));
            }
        }
    }

    /// A computer is polled, and offers itself if it can and will serve [5].
    fn hear(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        (from, Poll { request, demand }): (UnitId, Poll),
        context: &mut Context<'_, Poll>,
    ) {
        node.offer(given, from, (request, demand, 1), context);
    }
}

fn main() -> ExitCode {
    systems::register::<System<Polling>>();
    cli::main()
}
