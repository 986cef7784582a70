//! A protocol of one's own, in one file: computers call a server, which sends each call back.
//!
//! With its parameters, a metric and a figure it has the whole command line:
//!
//! ```text
//! cargo run --release --example echo -- run examples/echo.json
//! cargo run --release --example echo -- sweep examples/echo.json
//! ```
//!
//! The numbers in brackets are those of ARCHITECTURE.md, "Adding a system".

use std::process::ExitCode;

use arigatoni::cli;
use arigatoni::error::Result;
use arigatoni::fingerprint::{Encode, Encoder};
use arigatoni::measure::{Cell, Content, FigureSpec, Metric};
use arigatoni::parameters::number::{BoundedCount, LatencyMs};
use arigatoni::parameters::{Plain, members};
use arigatoni::random::{RandomStreams, StreamId};
use arigatoni::system::{
    Measures, Model, Observed, Procedure, Report, Site, Stage, System, Totals, Underlay,
};
use arigatoni::systems;
use arigatoni::time::{Span, Time};
use arigatoni::topology::RouterId;
use arigatoni::unit::{Context, Effect, Input, Never, Protocol, UnitId};
use serde::Serialize;

members! {
    /// The parameters: what a scenario writes under `/system/echo` [1].
    struct Parameters {
        /// How many computers call.
        callers: BoundedCount = BoundedCount(100);
        /// How long the server thinks before it answers, in milliseconds.
        thinking_ms: LatencyMs = LatencyMs(0.0);
    }
}

impl Plain for Parameters {}

/// What units say [2], to each other and to themselves. Traces show the variant's name.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Message {
    Call = 1,
    Echo = 2,
}

impl Encode for Message {
    fn encode(&self, to: &mut Encoder) {
        to.u8(*self as u8);
    }
}

#[derive(Debug)]
struct Talk;

impl Protocol for Talk {
    type Message = Message;
    type Timer = Never;
    type Command = Message;
    /// How long a call took to come back.
    type Observation = Span;
}

/// The kinds of units [3].
const CALLER: u8 = 0;
const SERVER: UnitId = UnitId::new(1, 0);
/// On which router a caller sits; by caller.
const ROUTER: StreamId = StreamId(192);

/// The system: the units of one run.
struct Echo {
    /// When each caller has called.
    called: Vec<Time>,
    routers: Vec<RouterId>,
    thinking: Span,
}

/// What is observed: the round trips, in ms [4].
#[derive(Default)]
struct RoundTrips(Vec<f64>);

impl Measures<Talk> for RoundTrips {
    fn effect(&mut self, _: Time, _: UnitId, effect: &Effect<Talk>) {
        if let Effect::Observation(took) = effect {
            self.0.push(took.as_ms());
        }
    }
}

impl Model for Echo {
    type Protocol = Talk;
    type Config = Parameters;

    const KINDS: &'static [&'static str] = &["caller", "server"];

    fn build(underlay: &Underlay, parameters: &Parameters, streams: RandomStreams) -> Result<Self> {
        let routers = u64::from(underlay.routes.router_count());
        let router = |caller| RouterId(streams.below(ROUTER, caller, 0, routers) as u32);
        let callers = u64::from(parameters.callers.0);
        Ok(Self {
            called: vec![Time::ZERO; callers as usize],
            routers: (0..callers).map(router).collect(),
            thinking: parameters.thinking_ms.span(),
        })
    }

    fn sites(&self) -> impl Iterator<Item = (UnitId, Site)> {
        let callers = self.routers.iter().zip(0..);
        let callers = callers.map(|(&router, id)| (UnitId::new(CALLER, id), router.into()));
        callers.chain([(SERVER, RouterId(0).into())])
    }

    /// Everybody calls at the beginning [5].
    fn stages(&self) -> Vec<Stage<Talk>> {
        let callers = (0..self.routers.len() as u32).map(|id| UnitId::new(CALLER, id));
        let call = |caller| (Span::ZERO, caller, Input::Command(Message::Call));
        vec![Stage::of(callers.map(call).collect::<Vec<_>>())]
    }

    /// What a unit does with an input [6].
    fn handle(&mut self, unit: UnitId, input: Input<Talk>, context: &mut Context<'_, Talk>) {
        let called = self.called.get_mut(unit.index() as usize);
        match input {
            Input::Command(_) => {
                *called.expect("callers only are told to call") = context.now();
                context.send(SERVER, Message::Call);
            }
            Input::Message { from, .. } if unit == SERVER => {
                context.send_after(self.thinking, from, Message::Echo);
            }
            Input::Message { .. } => {
                let called = called.expect("the server answers callers");
                context.emit(context.now() - *called);
            }
            Input::Start | Input::Timer(_) => {}
        }
    }

    fn forget(&mut self, unit: UnitId) {
        if let Some(called) = self.called.get_mut(unit.index() as usize) {
            *called = Time::ZERO;
        }
    }
}

impl Observed for Echo {
    type Measures = RoundTrips;

    const METRICS: &'static [Metric] = &[Metric::new("round_trip_ms", "mean time to the echo")];

    fn measures(&self) -> RoundTrips {
        RoundTrips::default()
    }

    fn report(&self, RoundTrips(trips): &RoundTrips, _: Totals) -> Report {
        let mean = trips.iter().sum::<f64>() / trips.len() as f64;
        vec![Cell::from((!trips.is_empty()).then_some(mean))].into()
    }
}

/// How it is presented [7].
impl System for Echo {
    const NAME: &'static str = "echo";
    const ABOUT: &'static str = "Computers call a server, which sends each call back.";
    const PROCEDURE: Procedure = Procedure {
        from: "nobody has called",
        until: "every call has come back",
        transient: "none is removed",
    };

    fn figures() -> Vec<FigureSpec> {
        let words = ["round-trip", "Time to the echo", "mean time (ms)"];
        let metric = "round_trip_ms".into();
        let curves = Content::Curves { metric };
        vec![FigureSpec::new(words, "/system/*/thinking_ms", curves)]
    }
}

fn main() -> ExitCode {
    systems::register::<Echo>();
    cli::main()
}
