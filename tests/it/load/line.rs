//! A source and a server, a link apart: the least that can be a queue.

use arigatoni::error::Result;
use arigatoni::fingerprint::{Encode, Encoder};
use arigatoni::measure::{Cell, Metric};
use arigatoni::random::law::Law;
use arigatoni::random::{RandomStreams, StreamId};
use arigatoni::system::{
    Model, Observed, Procedure, Report, Serving, Site, Stage, System, Totals, Underlay,
};
use arigatoni::time::Span;
use arigatoni::topology::{Domain, Graph, Link, Origin, Router};
use arigatoni::topology::{RouterId, Routes, Routing};
use arigatoni::unit::{Context, Input, Never, Protocol, UnitId};
use serde::Serialize;

const GAP: StreamId = StreamId(250);
const SIZE: StreamId = StreamId(251);

/// A message of so many bytes.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Bytes(u32);

impl Encode for Bytes {
    fn encode(&self, to: &mut Encoder) {
        to.u32(self.0);
    }
}

#[derive(Debug)]
pub(super) struct OneWay;

impl Protocol for OneWay {
    type Message = Bytes;
    type Timer = Never;
    type Command = Bytes;
    type Observation = Never;

    const HAS_SIZES: bool = true;

    fn size(message: &Bytes) -> Option<u32> {
        Some(message.0)
    }
}

const SOURCE: UnitId = UnitId::new(0, 0);
const SERVER: UnitId = UnitId::new(1, 0);

/// A source that sends a server messages, in Poisson intervals.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// How long the server takes, if it takes time.
    pub(super) law: Option<Law>,
    pub(super) queue: Option<u32>,
    /// The mean interval.
    pub(super) gap_s: f64,
    pub(super) count: u32,
    /// The mean size of a message; their sizes are exponential.
    pub(super) bytes: Option<f64>,
    pub(super) streams: RandomStreams,
}

impl Model for Line {
    type Protocol = OneWay;
    type Config = Self;

    const KINDS: &'static [&'static str] = &["source", "server"];

    fn build(_: &Underlay, config: &Self, streams: RandomStreams) -> Result<Self> {
        Ok(Self {
            streams,
            ..config.clone()
        })
    }

    fn sites(&self) -> impl Iterator<Item = (UnitId, Site)> {
        [(SOURCE, RouterId(0).into()), (SERVER, RouterId(1).into())].into_iter()
    }

    fn stages(&self) -> Vec<Stage<OneWay>> {
        let gap = Law::Exponential { mean_s: self.gap_s };
        let mut at = Span::ZERO;
        let sent = (0..self.count).map(|number| {
            at = at.saturating_add(gap.span(&mut self.streams.stream(GAP, number.into())));
            let size = self.bytes.map_or(0.0, |mean_s| {
                let law = Law::Exponential { mean_s };
                law.sample(&mut self.streams.stream(SIZE, number.into()))
            });
            let command = Input::Command(Bytes(size.round() as u32));
            (at, SOURCE, command)
        });
        vec![Stage::of(sent.collect::<Vec<_>>())]
    }

    fn handle(&mut self, _: UnitId, input: Input<OneWay>, context: &mut Context<'_, OneWay>) {
        if let Input::Command(bytes) = input {
            context.send(SERVER, bytes);
        }
    }

    fn forget(&mut self, _: UnitId) {}

    fn serving(&self) -> Option<Serving> {
        let (kind, queue) = (SERVER.kind(), self.queue);
        self.law.map(|law| Serving { kind, law, queue })
    }
}

impl Observed for Line {
    type Measures = ();

    const METRICS: &'static [Metric] = &[Metric::new("events", "inputs")];

    fn measures(&self) {}

    fn report(&self, (): &(), totals: Totals) -> Report {
        vec![Cell::Count(totals.events)].into()
    }
}

impl System for Line {
    const NAME: &'static str = "line";
    const PROCEDURE: Procedure = Procedure {
        from: "nobody waits",
        until: "every message is handled",
        transient: "none is removed",
    };
}

/// Routers in a row, 10 ms apart.
pub(crate) fn row(routers: u32) -> Underlay {
    let router = |number: u32| Router {
        label: number.to_string(),
        position: None,
        domain: Domain::None,
    };
    let link = |number| Link {
        ends: [RouterId(number), RouterId(number + 1)],
        length: 10.0,
        weight: 0,
    };
    let graph = Graph {
        id: "row".into(),
        origin: Origin::Other,
        routers: (0..routers).map(router).collect(),
        links: (0..routers - 1).map(link).collect(),
        loops_unlisted: 0,
        latencies: None,
    };
    let routes = Routes::new(&graph, 1.0, Routing::Latency).unwrap();
    Underlay { graph, routes }
}
