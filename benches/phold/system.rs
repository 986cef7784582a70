//! PHOLD as a simulated system: units that pass jobs around, through the public interface.
//!
//! Handling a job, a unit updates its state, draws an exponential delay of mean 1 s and a uniform
//! destination (both halves of one keyed draw), and sends a job there. All units sit on one
//! router, so a job takes exactly the time for which it is held back.

use arigatoni::error::Result;
use arigatoni::fingerprint::{Encode, Encoder};
use arigatoni::measure::Metric;
use arigatoni::prefetch::prefetch;
use arigatoni::random::{RandomStreams, StreamId, unit_from_bits};
use arigatoni::simulation::network::Fidelity;
use arigatoni::simulation::{self, Run, Setting};
use arigatoni::system::{
    Inputs, Measures, Model, Observed, Procedure, Report, Site, Stage, System, Totals, Underlay,
};
use arigatoni::time::{Span, Time};
use arigatoni::topology::{Domain, Graph, Origin, Router};
use arigatoni::topology::{RouterId, Routes, Routing};
use arigatoni::unit::{Context, Effect, Input, Never, Protocol, UnitId};
use serde::Serialize;

const WORKER: u8 = 0;
/// The delay (first half) and the destination (second half) of a job; by unit and its job count.
const NEXT: StreamId = StreamId(240);

/// What is to be run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Config {
    /// How many units there are.
    pub(crate) units: u32,
    /// How many jobs each one starts with.
    pub(crate) jobs: u32,
    /// After how many handled jobs no more are sent.
    pub(crate) limit: u64,
}

#[derive(Debug)]
pub(crate) struct Phold;

/// A job, with the number of times it was handled.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Job(u32);

impl Protocol for Phold {
    type Message = Job;
    type Timer = Never;
    type Command = Never;
    type Observation = Never;
}

impl Encode for Job {
    #[inline]
    fn encode(&self, to: &mut Encoder) {
        to.u8(1);
        to.u32(self.0);
    }
}

/// One cache line of state, as large as the bound's.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(64))]
struct Worker {
    handled: u64,
    digest: u64,
    last: Time,
    /// The draw for the job that it will send next, made one job ahead: a draw is a pure function
    /// of its key, and nobody has to wait for this one.
    next: Draw,
    /// What the one after that will be made of.
    seed: Uniform,
}

/// How long a job is held back, in seconds, and for whom it is.
#[derive(Debug, Clone, Copy, Default)]
struct Draw {
    seconds: f64,
    to: u32,
}

impl Draw {
    fn after(self) -> Span {
        Span::from_ns((self.seconds * 1e9) as u64)
    }
}

/// Two uniform draws: from (0, 1], and of 64 bits.
#[derive(Debug, Clone, Copy, Default)]
struct Uniform(f64, u64);

/// The units of PHOLD, and a clock that is called at two moments of the run.
pub(crate) struct Workers<C> {
    config: Config,
    all: Vec<Worker>,
    handled: u64,
    warm: u64,
    clock: C,
}

impl<C: FnMut()> Workers<C> {
    fn new(config: Config, clock: C) -> Self {
        Self {
            all: vec![Worker::default(); config.units as usize],
            handled: 0,
            warm: u64::from(config.units) * u64::from(config.jobs),
            config,
            clock,
        }
    }
}

/// For the job that the unit of `context` sends as its `count`-th.
#[inline]
fn uniform(count: u64, context: &Context<'_, Phold>) -> Uniform {
    let me = context.me().index();
    let [delay, to] = context.streams().pair(NEXT, u64::from(me), count as u32);
    Uniform(1.0 - unit_from_bits(delay), to)
}

/// A delay of mean 1 s, exponentially distributed, and one of `units`.
#[inline]
fn draw(Uniform(delay, to): Uniform, units: u32) -> Draw {
    Draw {
        seconds: -libm::log(delay),
        to: ((u128::from(to) * u128::from(units)) >> 64) as u32,
    }
}

/// PHOLD observes nothing.
#[derive(Debug)]
pub(crate) struct Nothing;

impl Measures<Phold> for Nothing {
    fn begin(&mut self, _: Time) {}
    fn input(&mut self, _: Time, _: UnitId, _: &Input<Phold>) {}
    fn unhandled(&mut self, _: Time, _: UnitId, _: &Input<Phold>) {}
    fn effect(&mut self, _: Time, _: UnitId, _: &Effect<Phold>) {}
}

impl<C: FnMut() + Send> Model for Workers<C> {
    type Protocol = Phold;
    type Config = Config;

    const KINDS: &'static [&'static str] = &["worker"];

    fn build(_: &Underlay, _: &Config, _: RandomStreams) -> Result<Self> {
        unreachable!("a bench builds it with its clock")
    }

    fn sites(&self) -> impl Iterator<Item = (UnitId, Site)> {
        let site = Site {
            router: RouterId(0),
            access: None,
        };
        (0..self.config.units).map(move |unit| (UnitId::new(WORKER, unit), site))
    }

    fn stages(&self) -> Vec<Stage<Phold>> {
        let start = |unit| (Span::ZERO, UnitId::new(WORKER, unit), Input::Start);
        vec![Stage::of(Inputs::made((0..self.config.units).map(start)))]
    }

    #[inline]
    fn handle(&mut self, unit: UnitId, input: Input<Phold>, context: &mut Context<'_, Phold>) {
        let worker = &mut self.all[unit.index() as usize];
        match input {
            Input::Start => {
                for job in 0..self.config.jobs {
                    let first = draw(uniform(u64::from(job), context), self.config.units);
                    let to = UnitId::new(WORKER, first.to);
                    context.send_after(first.after(), to, Job(job));
                }
                let jobs = u64::from(self.config.jobs);
                worker.next = draw(uniform(jobs, context), self.config.units);
                worker.seed = uniform(jobs + 1, context);
            }
            Input::Message { message, .. } => {
                worker.handled += 1;
                worker.digest = worker
                    .digest
                    .wrapping_mul(31)
                    .wrapping_add(u64::from(message.0));
                worker.last = context.now();
                let count = u64::from(self.config.jobs) + worker.handled;
                if self.handled == self.warm || self.handled == self.config.limit {
                    (self.clock)();
                }
                self.handled += 1;
                if self.handled <= self.config.limit {
                    let to = UnitId::new(WORKER, worker.next.to);
                    let job = Job(message.0.wrapping_add(1));
                    context.send_after(worker.next.after(), to, job);
                    worker.next = draw(worker.seed, self.config.units);
                    worker.seed = uniform(count + 1, context);
                }
            }
        }
    }

    #[inline]
    fn fetch(&self, unit: UnitId) {
        prefetch(&self.all[unit.index() as usize]);
    }

    fn forget(&mut self, _: UnitId) {}
}

impl<C: FnMut() + Send> Observed for Workers<C> {
    type Measures = Nothing;

    const METRICS: &'static [Metric] = &[];

    fn measures(&self) -> Nothing {
        Nothing
    }

    fn report(&self, _: &Nothing, _: Totals) -> Report {
        Report {
            cells: Vec::new(),
            details: Vec::new(),
        }
    }
}

impl<C: FnMut() + Send> System for Workers<C> {
    const NAME: &'static str = "phold";
    const PROCEDURE: Procedure = Procedure {
        from: "each worker has its jobs",
        until: "the horizon is reached",
        transient: "none is removed",
    };
}

/// An underlay of one router.
pub(crate) fn underlay() -> Underlay {
    let graph = Graph {
        id: "one router".into(),
        origin: Origin::Other,
        routers: vec![Router {
            label: "0".into(),
            position: None,
            domain: Domain::None,
        }],
        links: Vec::new(),
        loops_unlisted: 0,
        latencies: None,
    };
    let routes = Routes::new(&graph, 1.0, Routing::Latency).expect("one router is connected");
    Underlay { graph, routes }
}

/// Runs PHOLD; `clock` is called after one turnover of the pending jobs, and at the limit.
pub(crate) fn run(underlay: &Underlay, config: Config, clock: impl FnMut() + Send) -> u64 {
    let workers = Workers::new(config, clock);
    let Run { totals, .. } = simulation::run(
        workers,
        Setting::of(underlay, RandomStreams::new(42, 0), &Fidelity::Path.into()),
    );
    totals.fingerprint
}
